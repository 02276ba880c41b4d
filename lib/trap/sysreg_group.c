/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg.h>

struct fields {
	unsigned op0, op1, crn, crm, op2;
};

static struct fields split(armvirt_sysreg_key_t key)
{
	struct fields f = {key >> 14 & 3, key >> 11 & 7, key >> 7 & 15, key >> 3 & 15, key & 7};

	return f;
}

/* op0 = 2: debug, trace, and the performance monitors that came late. */
static enum armvirt_sysreg_group group_op2(const struct fields *f)
{
	if (f->op1 == 1)
		return ARMVIRT_SYSREG_TRACE;
	if (f->crn == 9 || f->crn == 14)
		return ARMVIRT_SYSREG_PMU;
	return ARMVIRT_SYSREG_DEBUG;
}

static enum armvirt_sysreg_group group_el1(const struct fields *f)
{
	switch (f->crn) {
	case 0:
		return f->crm >= 1 && f->crm <= 7 ? ARMVIRT_SYSREG_ID : ARMVIRT_SYSREG_OTHER;
	case 1: /* TRFCR_EL1 */
		return f->crm == 2 && f->op2 == 1 ? ARMVIRT_SYSREG_TRACE : ARMVIRT_SYSREG_OTHER;
	case 4: /* ICC_PMR_EL1 */
		return f->crm == 6 && f->op2 == 0 ? ARMVIRT_SYSREG_GIC : ARMVIRT_SYSREG_OTHER;
	case 9: /* TRBE at 11; SPE and PMU around it */
		return f->crm == 11 ? ARMVIRT_SYSREG_TRACE : ARMVIRT_SYSREG_PMU;
	case 12:
		return f->crm >= 8 ? ARMVIRT_SYSREG_GIC : ARMVIRT_SYSREG_OTHER;
	case 14: /* CNTKCTL_EL1 */
		return f->crm == 1 && f->op2 == 0 ? ARMVIRT_SYSREG_TIMER : ARMVIRT_SYSREG_OTHER;
	default:
		return ARMVIRT_SYSREG_OTHER;
	}
}

static enum armvirt_sysreg_group group_el0(const struct fields *f)
{
	switch (f->crn) {
	case 9:
		return ARMVIRT_SYSREG_PMU;
	case 13: /* the activity monitors; CRm 0 are the thread IDs */
		return f->crm >= 2 ? ARMVIRT_SYSREG_PMU : ARMVIRT_SYSREG_OTHER;
	case 14:
		return f->crm >= 8 ? ARMVIRT_SYSREG_PMU : ARMVIRT_SYSREG_TIMER;
	default:
		return ARMVIRT_SYSREG_OTHER;
	}
}

static enum armvirt_sysreg_group group_a64(armvirt_sysreg_key_t key)
{
	struct fields f = split(key);

	if (f.op0 == 2)
		return group_op2(&f);
	if (f.op0 & 1 && (f.crn == 11 || f.crn == 15))
		return ARMVIRT_SYSREG_IMPDEF;
	if (f.op0 == 1)
		return ARMVIRT_SYSREG_SYS;
	if (f.op0 == 3 && f.op1 == 0)
		return group_el1(&f);
	if (f.op0 == 3 && f.op1 == 3)
		return group_el0(&f);
	return ARMVIRT_SYSREG_OTHER;
}

/* CP15: IMPLEMENTATION DEFINED space is what HCR_EL2.TIDCP traps. */
static bool impdef_cp15(const struct fields *f)
{
	switch (f->crn) {
	case 9:
		return UINT32_C(0x01e7) >> f->crm & 1; /* c0-c2, c5-c8 */
	case 10:
		return UINT32_C(0x0113) >> f->crm & 1; /* c0, c1, c4, c8 */
	case 11:
		return UINT32_C(0x81ff) >> f->crm & 1; /* c0-c8, c15 */
	default:
		return f->crn == 15;
	}
}

static enum armvirt_sysreg_group group_cp15(armvirt_sysreg_key_t key)
{
	struct fields f = split(key);

	if (impdef_cp15(&f))
		return ARMVIRT_SYSREG_IMPDEF;
	if (f.op1 != 0)
		return ARMVIRT_SYSREG_OTHER;
	switch (f.crn) {
	case 0:
		return f.crm >= 1 && f.crm <= 7 ? ARMVIRT_SYSREG_ID : ARMVIRT_SYSREG_OTHER;
	case 1: /* TRFCR */
		return f.crm == 2 && f.op2 == 1 ? ARMVIRT_SYSREG_TRACE : ARMVIRT_SYSREG_OTHER;
	case 4: /* ICC_PMR */
		return f.crm == 6 && f.op2 == 0 ? ARMVIRT_SYSREG_GIC : ARMVIRT_SYSREG_OTHER;
	case 7:
	case 8: /* cache and TLB maintenance; PAR is the exception */
		return f.crn == 7 && f.crm == 4 ? ARMVIRT_SYSREG_OTHER : ARMVIRT_SYSREG_SYS;
	case 9:
		return f.crm >= 12 && f.crm <= 14 ? ARMVIRT_SYSREG_PMU : ARMVIRT_SYSREG_OTHER;
	case 12:
		return f.crm >= 8 ? ARMVIRT_SYSREG_GIC : ARMVIRT_SYSREG_OTHER;
	case 13: /* the activity monitors */
		return f.crm >= 2 ? ARMVIRT_SYSREG_PMU : ARMVIRT_SYSREG_OTHER;
	case 14:
		return f.crm >= 8 ? ARMVIRT_SYSREG_PMU : ARMVIRT_SYSREG_TIMER;
	default:
		return ARMVIRT_SYSREG_OTHER;
	}
}

static enum armvirt_sysreg_group group_cp15_64(armvirt_sysreg_key_t key)
{
	switch (key >> 3 & 15) {
	case 0: /* AMEVCNTR0<n> */
	case 1:
	case 4:
	case 5:
	case 9: /* PMCCNTR */
		return ARMVIRT_SYSREG_PMU;
	case 12:
		return ARMVIRT_SYSREG_GIC;
	case 14:
		return ARMVIRT_SYSREG_TIMER;
	case 15:
		return ARMVIRT_SYSREG_IMPDEF;
	default:
		return ARMVIRT_SYSREG_OTHER;
	}
}

enum armvirt_sysreg_group armvirt_sysreg_group(armvirt_sysreg_key_t key)
{
	switch (key & UINT32_C(0xf0000)) {
	case ARMVIRT_SYSREG_A64:
	case ARMVIRT_SYSREG_A64_128:
		return group_a64(key);
	case ARMVIRT_SYSREG_CP15:
		return group_cp15(key);
	case ARMVIRT_SYSREG_CP15_64:
		return group_cp15_64(key);
	case ARMVIRT_SYSREG_CP14:
		if ((key >> 11 & 7) == 1)
			return ARMVIRT_SYSREG_TRACE;
		return (key >> 11 & 7) == 0 ? ARMVIRT_SYSREG_DEBUG : ARMVIRT_SYSREG_OTHER;
	case ARMVIRT_SYSREG_CP14_64:
		return ARMVIRT_SYSREG_DEBUG;
	default:
		return ARMVIRT_SYSREG_OTHER;
	}
}

bool armvirt_sysreg_is_id(armvirt_sysreg_key_t key)
{
	uint32_t space = key & UINT32_C(0xf0000);

	if (space != ARMVIRT_SYSREG_A64 && space != ARMVIRT_SYSREG_CP15)
		return false;
	return armvirt_sysreg_group(key) == ARMVIRT_SYSREG_ID;
}
