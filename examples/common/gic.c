/* SPDX-License-Identifier: BSD-2-Clause */
#include "gic.h"

enum {
	GICD_CTLR = 0x0000,
	GICD_IGROUPR = 0x0080,
	GICD_ISENABLER = 0x0100,
	GICD_ISACTIVER = 0x0300,
	GICD_ICACTIVER = 0x0380,
	GICD_IPRIORITYR = 0x0400,
	GICD_IROUTER = 0x6000,
	GICR_TYPER = 0x0008,
	GICR_WAKER = 0x0014,
	GICR_SGI_BASE = 0x10000, /* the second frame has the layout of the distributor */
};

/* By encoding: assemblers of any age take them. */
#define ICC_IAR1_EL1       "s3_0_c12_c12_0"
#define ICC_EOIR1_EL1      "s3_0_c12_c12_1"
#define ICC_DIR_EL1        "s3_0_c12_c11_1"
#define ICC_SGI1R_EL1      "s3_0_c12_c11_5"
#define ICC_PMR_EL1        "s3_0_c4_c6_0"
#define ICC_CTLR_EL1       "s3_0_c12_c12_4"
#define ICC_IGRPEN1_EL1    "s3_0_c12_c12_7"
#define write_icc(name, v) __asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(v)) : "memory")

static volatile uint32_t *at(uint64_t base, unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static void wait_for_writes(void)
{
	while (*at(GICD_BASE, GICD_CTLR) & UINT32_C(1) << 31)
		;
}

void gic_init(void)
{
	*at(GICD_BASE, GICD_CTLR) = 0;
	wait_for_writes();
	*at(GICD_BASE, GICD_CTLR) = 1 << 4 | 1 << 1; /* affinity routing, Group 1 */
	wait_for_writes();
}

static uint64_t redistributor_type(unsigned cpu)
{
	return *(volatile uint64_t *)at(GICR_BASE + (uint64_t)cpu * GICR_STRIDE, GICR_TYPER);
}

unsigned gic_cpu_count(void)
{
	unsigned cpu = 0;

	while (!(redistributor_type(cpu) >> 4 & 1)) /* Last */
		cpu++;
	return cpu + 1;
}

uint64_t gic_cpu_mpidr(unsigned cpu)
{
	uint64_t affinity = redistributor_type(cpu) >> 32;

	return (affinity & 0xff000000) << 8 | (affinity & 0xffffff);
}

void gic_cpu_init(unsigned cpu)
{
	uint64_t rd = GICR_BASE + (uint64_t)cpu * GICR_STRIDE;

	*at(rd, GICR_WAKER) &= ~UINT32_C(2);
	while (*at(rd, GICR_WAKER) & 4)
		;
	*at(rd + GICR_SGI_BASE, GICD_IGROUPR) = 0xffffffff;
	for (unsigned i = 0; i < 8; i++)
		*at(rd + GICR_SGI_BASE, GICD_IPRIORITYR + 4 * i) = 0xa0a0a0a0;
	write_icc(ICC_PMR_EL1, 0xff);
	write_icc(ICC_CTLR_EL1, 1 << 1); /* EOImode: EOIR drops the priority, DIR deactivates */
	write_icc(ICC_IGRPEN1_EL1, 1);
	__asm__ volatile("isb");
}

void gic_enable(unsigned cpu, unsigned intid)
{
	uint64_t rd = GICR_BASE + (uint64_t)cpu * GICR_STRIDE + GICR_SGI_BASE;
	uint64_t base = intid < 32 ? rd : GICD_BASE;
	volatile uint8_t *priority = (volatile uint8_t *)at(base, GICD_IPRIORITYR);
	uint64_t mpidr;

	if (intid >= 32) {
		__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
		*at(base, GICD_IGROUPR + intid / 32 * 4) |= UINT32_C(1) << (intid % 32);
		priority[intid] = 0xa0;
		*(volatile uint64_t *)at(base, GICD_IROUTER + 8 * intid) = mpidr & 0xff00ffffff;
	}
	*at(base, GICD_ISENABLER + intid / 32 * 4) = UINT32_C(1) << (intid % 32);
}

void gic_set_private_active(unsigned cpu, uint32_t mask, uint32_t active)
{
	uint64_t sgi = GICR_BASE + (uint64_t)cpu * GICR_STRIDE + GICR_SGI_BASE;

	*at(sgi, GICD_ICACTIVER) = mask & ~active;
	*at(sgi, GICD_ISACTIVER) = mask & active;
	(void)*at(sgi, GICD_ISACTIVER); /* the writes have arrived */
}

uint32_t gic_acknowledge(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, " ICC_IAR1_EL1 : "=r"(v)::"memory");
	__asm__ volatile("dsb sy" ::: "memory"); /* orders the acknowledge before device accesses */
	return (uint32_t)v & 0xffffff;
}

void gic_drop(uint32_t intid)
{
	write_icc(ICC_EOIR1_EL1, intid);
}

void gic_deactivate(uint32_t intid)
{
	write_icc(ICC_DIR_EL1, intid);
}

void gic_send_sgi(uint64_t mpidr, unsigned intid)
{
	uint64_t aff1 = mpidr >> 8 & 0xff, aff2 = mpidr >> 16 & 0xff, aff3 = mpidr >> 32 & 0xff;

	__asm__ volatile(
		"dsb ish" ::
			: "memory"); /* orders what the other CPU shall see before the SGI */
	write_icc(ICC_SGI1R_EL1, aff3 << 48 | (mpidr >> 4 & 15) << 44 | aff2 << 32 |
					 (uint64_t)intid << 24 | aff1 << 16 |
					 UINT64_C(1) << (mpidr & 15));
	__asm__ volatile("isb");
}
