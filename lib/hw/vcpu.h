/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the world switch that its files share. */
#ifndef ARMVIRT_LIB_HW_VCPU_H
#define ARMVIRT_LIB_HW_VCPU_H

#include <libarmvirt/vcpu.h>

void armvirt_hw_fp_save(struct armvirt_fp *fp);
void armvirt_hw_fp_restore(const struct armvirt_fp *fp);
void armvirt_hw_sve_save(void *area, struct armvirt_fp *fp);
void armvirt_hw_sve_restore(const void *area, const struct armvirt_fp *fp);
uint64_t armvirt_hw_serror_sync(void);

void armvirt_hw_keys_save(struct armvirt_ctx_pauth *p);
void armvirt_hw_keys_restore(const struct armvirt_ctx_pauth *p);

/* CPTR_EL2 as this vCPU, which is loaded, runs with. */
void armvirt_hw_fp_traps(struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu);
/* The registers become those of a vCPU; of the owner's they go to memory, or just a copy does. */
void armvirt_hw_fp_give(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_fp_take(struct armvirt_cpu *cpu);
void armvirt_hw_fp_copy_out(struct armvirt_cpu *cpu);
void armvirt_hw_fp_copy_in(struct armvirt_cpu *cpu);

uint64_t armvirt_hw_ctx_read(unsigned id, uint64_t unused, unsigned e2h);
void armvirt_hw_ctx_write(unsigned id, uint64_t value, unsigned e2h);

void armvirt_hw_sets_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_sets_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_fp_sets_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_fp_sets_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_impdef_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_impdef_restore(const struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu);

#endif
