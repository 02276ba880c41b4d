/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv2 of QEMU's virt machine, used as gic.h uses a GICv3. */
#ifndef EXAMPLES_COMMON_GIC2_H
#define EXAMPLES_COMMON_GIC2_H

#include <stdint.h>

#define GICC_BASE  0x08010000u /* CPU interface of the hypervisor */
#define GICC_BYTES 0x2000u
#define GICH_BASE  0x08030000u /* control of the virtual CPU interface */
#define GICH_BYTES 0x1000u
#define GICV_BASE  0x08040000u /* the virtual CPU interface itself: a guest's */

unsigned gic2_version(void); /* of the distributor's architecture: 2 if this is one */
unsigned gic2_cpu_count(void);
void gic2_init(void);
void gic2_cpu_init(void);
void gic2_enable(unsigned intid);
uint32_t gic2_acknowledge(void); /* INTID, and above it the sender of an SGI: for both of these */
void gic2_drop(uint32_t acknowledged);
void gic2_deactivate(uint32_t acknowledged);
void gic2_send_sgi(unsigned cpu, unsigned intid);
/* Private interrupts of this CPU: see gic_set_private_active(). */
void gic2_set_private_active(uint32_t mask, uint32_t active);

#endif
