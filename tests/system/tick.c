/* SPDX-License-Identifier: BSD-2-Clause */
#include "system.h"

enum { GICD = 0x08000000, GICR = 0x080a0000, GICR_STRIDE = 0x20000, SGI_FRAME = 0x10000 };
enum { CTLR = 0x000, WAKER = 0x014, IGROUPR = 0x080, ISENABLER = 0x100, IPRIORITYR = 0x400 };
enum { PPI = 26 };

static volatile uint32_t *reg(uint64_t base, unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(base + offset);
}

void tick_init(unsigned cpu)
{
	uint64_t rd = GICR + (uint64_t)cpu * GICR_STRIDE;

	if (cpu == 0)
		*reg(GICD, CTLR) = 1 << 4 | 1 << 1; /* affinity routing, Group 1 */
	*reg(rd, WAKER) &= ~UINT32_C(2);
	while (*reg(rd, WAKER) & 4)
		;
	*reg(rd + SGI_FRAME, IGROUPR) = 0xffffffff;
	*reg(rd + SGI_FRAME, IPRIORITYR + (PPI & ~3u)) = 0xa0a0a0a0;
	*reg(rd + SGI_FRAME, ISENABLER) = UINT32_C(1) << PPI;
	write_sysreg("s3_0_c4_c6_0", 0xff); /* ICC_PMR_EL1 */
	write_sysreg("s3_0_c12_c12_4", 0);  /* ICC_CTLR_EL1 */
	write_sysreg("s3_0_c12_c12_7", 1);  /* ICC_IGRPEN1_EL1 */
	__asm__ volatile("isb");
}

void tick_after(uint64_t ticks)
{
	write_sysreg("s3_4_c14_c2_0", ticks); /* CNTHP_TVAL_EL2 */
	write_sysreg("s3_4_c14_c2_1", 1);     /* CNTHP_CTL_EL2: enable */
}

bool tick_taken(void)
{
	uint64_t intid = read_sysreg("s3_0_c12_c12_0"); /* ICC_IAR1_EL1 */

	if (intid >= 1020)
		return false;
	write_sysreg("s3_4_c14_c2_1", 0);
	__asm__ volatile("isb");
	write_sysreg("s3_0_c12_c12_1", intid); /* ICC_EOIR1_EL1 */
	return intid == PPI;
}
