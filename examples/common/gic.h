/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv3 as a type-I hypervisor uses it: EOImode 1, all in Group 1. */
#ifndef EXAMPLES_COMMON_GIC_H
#define EXAMPLES_COMMON_GIC_H

#include <stdint.h>

#define GICD_BASE   0x08000000u
#define GICD_BYTES  0x10000u
#define GICR_BASE   0x080a0000u
#define GICR_STRIDE 0x20000u

enum { GIC_SPURIOUS = 1020 }; /* acknowledged numbers from here on are none */

void gic_init(void);             /* distributor, once */
void gic_cpu_init(unsigned cpu); /* redistributor and CPU interface, on each CPU */
void gic_enable(unsigned cpu, unsigned intid);
unsigned gic_cpu_count(void); /* CPUs that the machine has */
uint64_t gic_cpu_mpidr(unsigned cpu);
/* Of the private interrupts in mask those in active become active, the others inactive. */
void gic_set_private_active(unsigned cpu, uint32_t mask, uint32_t active);
uint32_t gic_acknowledge(void);
void gic_drop(uint32_t intid);       /* priority drop: others may come, this one not */
void gic_deactivate(uint32_t intid); /* this one may come again */
void gic_send_sgi(uint64_t mpidr, unsigned intid);

#endif
