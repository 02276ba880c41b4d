/* SPDX-License-Identifier: BSD-2-Clause */
/* Routines of asm/ that the C half of the world switch calls. */
#ifndef ARMVIRT_LIB_HW_VCPU_H
#define ARMVIRT_LIB_HW_VCPU_H

#include <libarmvirt/vcpu.h>

void armvirt_hw_el1_save_e2h0(struct armvirt_el1 *el1, uint64_t has);
void armvirt_hw_el1_save_e2h1(struct armvirt_el1 *el1, uint64_t has);
void armvirt_hw_el1_restore_e2h0(const struct armvirt_el1 *el1, uint64_t has);
void armvirt_hw_el1_restore_e2h1(const struct armvirt_el1 *el1, uint64_t has);
void armvirt_hw_fp_save(struct armvirt_fp *fp);
void armvirt_hw_fp_restore(const struct armvirt_fp *fp);
uint64_t armvirt_hw_serror_sync(void);

#endif
