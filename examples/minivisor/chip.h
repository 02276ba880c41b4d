/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's interrupt controller, whichever it has. */
#ifndef MINIVISOR_CHIP_H
#define MINIVISOR_CHIP_H

#include "../common/gic.h"
#include "../common/gic2.h"
#include "minivisor.h"

static inline void chip_cpu_init(unsigned cpu)
{
	if (machine.v2)
		gic2_cpu_init();
	else
		gic_cpu_init(cpu);
}

static inline void chip_enable(unsigned cpu, unsigned intid)
{
	if (machine.v2)
		gic2_enable(intid);
	else
		gic_enable(cpu, intid);
}

/* An INTID in the low ten bits, GIC_SPURIOUS or more if there was none; as it is for the next two.
 */
static inline uint32_t chip_acknowledge(void)
{
	return machine.v2 ? gic2_acknowledge() : gic_acknowledge();
}

static inline uint32_t chip_intid(uint32_t acknowledged)
{
	return acknowledged & 0x3ff;
}

static inline void chip_drop(uint32_t acknowledged)
{
	if (machine.v2)
		gic2_drop(acknowledged);
	else
		gic_drop(acknowledged);
}

static inline void chip_deactivate(uint32_t acknowledged)
{
	if (machine.v2)
		gic2_deactivate(acknowledged);
	else
		gic_deactivate(acknowledged);
}

static inline void chip_send_sgi(const struct cpu *c, unsigned intid)
{
	if (machine.v2)
		gic2_send_sgi(c->index, intid);
	else
		gic_send_sgi(c->mpidr, intid);
}

static inline void chip_set_private_active(const struct cpu *c, uint32_t mask, uint32_t active)
{
	if (machine.v2)
		gic2_set_private_active(mask, active);
	else
		gic_set_private_active(c->index, mask, active);
}

#endif
