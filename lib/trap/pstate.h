/* SPDX-License-Identifier: BSD-2-Clause */
/* PSTATE as SPSR_EL2 shows it, from AArch64 and from AArch32. */
#ifndef ARMVIRT_LIB_TRAP_PSTATE_H
#define ARMVIRT_LIB_TRAP_PSTATE_H

#include <libarmvirt/base.h>

#define PS_BIT(n) (UINT64_C(1) << (n))

/* both states */
#define PS_M     UINT64_C(0x1f)
#define PS_AA32  PS_BIT(4)
#define PS_F     PS_BIT(6)
#define PS_I     PS_BIT(7)
#define PS_A     PS_BIT(8)
#define PS_IL    PS_BIT(20)
#define PS_SS    PS_BIT(21)
#define PS_PAN   PS_BIT(22)
#define PS_DIT   PS_BIT(24)
#define PS_NZCV  (UINT64_C(0xf) << 28)
#define PS_PPEND PS_BIT(33)

/* from AArch64 */
#define PS_SP       PS_BIT(0)
#define PS_EL_SHIFT 2
#define PS_D        PS_BIT(9)
#define PS_BTYPE    (PS_BIT(10) | PS_BIT(11) | PS_BIT(14)) /* bit 14 is RES0 before BTYPE grew */
#define PS_SSBS     PS_BIT(12)
#define PS_ALLINT   PS_BIT(13)
#define PS_UAO      PS_BIT(23)
#define PS_TCO      PS_BIT(25)
#define PS_PM       PS_BIT(32)
#define PS_EXLOCK   PS_BIT(34)
#define PS_EL1H     UINT64_C(5)

/* from AArch32 */
#define PS_T       PS_BIT(5)
#define PS_E       PS_BIT(9)
#define PS_IT_HIGH (UINT64_C(0x3f) << 10)
#define PS_GE      (UINT64_C(0xf) << 16)
#define PS_SSBS32  PS_BIT(23)
#define PS_IT_LOW  (UINT64_C(3) << 25)
#define PS_Q       PS_BIT(27)
#define PS_IT      (PS_IT_HIGH | PS_IT_LOW)
#define PS_M_USR   0x10
#define PS_M_FIQ   0x11
#define PS_M_IRQ   0x12
#define PS_M_SVC   0x13
#define PS_M_ABT   0x17
#define PS_M_UND   0x1b

/* Exception level of a PSTATE. A reserved AArch32 mode counts as EL1. */
static inline unsigned ps_el(uint64_t pstate)
{
	if (pstate & PS_AA32)
		return (pstate & PS_M) != PS_M_USR;
	return (unsigned)(pstate >> PS_EL_SHIFT) & 3;
}

/* ITSTATE of an AArch32 PSTATE. */
static inline unsigned ps_it(uint64_t pstate)
{
	return ((unsigned)(pstate >> 10 & 0x3f) << 2) | (unsigned)(pstate >> 25 & 3);
}

#endif
