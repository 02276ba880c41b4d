/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the world switch that its files share. */
#ifndef ARMVIRT_LIB_HW_VCPU_H
#define ARMVIRT_LIB_HW_VCPU_H

#include <libarmvirt/vcpu.h>

void armvirt_hw_fp_save(struct armvirt_fp *fp);
void armvirt_hw_fp_restore(const struct armvirt_fp *fp);
uint64_t armvirt_hw_serror_sync(void);

void armvirt_hw_sets_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_sets_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_fp_sets_save(struct armvirt_vcpu *vcpu);
void armvirt_hw_fp_sets_restore(struct armvirt_vcpu *vcpu);
void armvirt_hw_impdef_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);
void armvirt_hw_impdef_restore(const struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu);

#endif
