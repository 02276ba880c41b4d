/* SPDX-License-Identifier: BSD-2-Clause */
#include "gic2.h"

#include "gic.h"

enum {
	GICD_CTLR = 0x000,
	GICD_TYPER = 0x004,
	GICD_ISENABLER = 0x100,
	GICD_ISACTIVER = 0x300,
	GICD_ICACTIVER = 0x380,
	GICD_IPRIORITYR = 0x400,
	GICD_ITARGETSR = 0x800,
	GICD_SGIR = 0xf00,
	GICD_PIDR2 = 0xfe8,
	GICC_CTLR = 0x0000,
	GICC_PMR = 0x0004,
	GICC_IAR = 0x000c,
	GICC_EOIR = 0x0010,
	GICC_DIR = 0x1000
};

static volatile uint32_t *at(uint32_t base, uint32_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(base + offset);
}

unsigned gic2_version(void)
{
	return *at(GICD_BASE, GICD_PIDR2) >> 4 & 15;
}

unsigned gic2_cpu_count(void)
{
	return (*at(GICD_BASE, GICD_TYPER) >> 5 & 7) + 1;
}

void gic2_init(void)
{
	*at(GICD_BASE, GICD_CTLR) = 1; /* the only group, or the one that EL2 sees */
}

void gic2_cpu_init(void)
{
	for (unsigned i = 0; i < 32; i += 4)
		*at(GICD_BASE, GICD_IPRIORITYR + i) = 0xa0a0a0a0;
	*at(GICC_BASE, GICC_PMR) = 0xff;
	*at(GICC_BASE, GICC_CTLR) = 1 << 9 | 1; /* EOIR drops the priority, DIR deactivates */
}

void gic2_enable(unsigned intid)
{
	volatile uint8_t *targets = (volatile uint8_t *)at(GICD_BASE, GICD_ITARGETSR);

	if (intid >= 32) {
		targets[intid] = targets[0]; /* this CPU, as its private interrupts read */
		((volatile uint8_t *)at(GICD_BASE, GICD_IPRIORITYR))[intid] = 0xa0;
	}
	*at(GICD_BASE, GICD_ISENABLER + intid / 32 * 4) = UINT32_C(1) << (intid % 32);
}

uint32_t gic2_acknowledge(void)
{
	return *at(GICC_BASE, GICC_IAR) & 0x1fff;
}

void gic2_drop(uint32_t acknowledged)
{
	*at(GICC_BASE, GICC_EOIR) = acknowledged;
}

void gic2_deactivate(uint32_t acknowledged)
{
	*at(GICC_BASE, GICC_DIR) = acknowledged;
}

void gic2_send_sgi(unsigned cpu, unsigned intid)
{
	/* orders what the other CPU shall see before the SGI */
	__asm__ volatile("dsb ish" ::: "memory");
	*at(GICD_BASE, GICD_SGIR) = UINT32_C(1) << (16 + cpu) | intid;
}

void gic2_set_private_active(uint32_t mask, uint32_t active)
{
	*at(GICD_BASE, GICD_ICACTIVER) = mask & ~active;
	*at(GICD_BASE, GICD_ISACTIVER) = mask & active;
	(void)*at(GICD_BASE, GICD_ISACTIVER); /* the writes have arrived */
}
