/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/timer.h>

/* CNTHCTL_EL2: not trapping counter and timer of EL1, by layout; CNTPOFF_EL2 enabled. */
#define E2H0_EL1PCTEN UINT64_C(0x001)
#define E2H0_EL1PCEN  UINT64_C(0x002)
#define E2H1_EL1PCTEN UINT64_C(0x400)
#define E2H1_EL1PTEN  UINT64_C(0x800)
#define ECV           UINT64_C(0x1000)

enum armvirt_status armvirt_timer_check(const struct armvirt_timer_vm *vm, bool ecv_poff)
{
	switch (vm->physical) {
	case ARMVIRT_TIMER_PHYSICAL_TRAPPED:
		return ARMVIRT_OK;
	case ARMVIRT_TIMER_PHYSICAL_DIRECT:
		return vm->poff ? ARMVIRT_E_ARG : ARMVIRT_OK;
	case ARMVIRT_TIMER_PHYSICAL_OFFSET:
		return ecv_poff ? ARMVIRT_OK : ARMVIRT_E_UNSUPPORTED;
	default:
		return ARMVIRT_E_ARG;
	}
}

uint64_t armvirt_timer_delta(const struct armvirt_timer *t, uint64_t count)
{
	if ((t->ctl & (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_IMASK)) != ARMVIRT_TIMER_ENABLE)
		return UINT64_MAX;
	return count >= t->cval ? 0 : t->cval - count;
}

static uint64_t earlier(uint64_t best, uint64_t physical, uint64_t delta)
{
	uint64_t when = delta > UINT64_MAX - physical ? UINT64_MAX : physical + delta;

	return when < best ? when : best;
}

uint64_t armvirt_timer_next(const struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			    uint64_t physical, const uint64_t *wfit)
{
	uint64_t count = physical - vm->voff, best = UINT64_MAX;

	best = earlier(best, physical, armvirt_timer_delta(&t->v, count));
	best = earlier(best, physical, armvirt_timer_delta(&t->p, physical - vm->poff));
	if (wfit)
		best = earlier(best, physical, *wfit > count ? *wfit - count : 0);
	return best;
}

uint32_t armvirt_timer_read_ctl(const struct armvirt_timer *t, uint64_t count)
{
	uint32_t ctl = t->ctl & (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_IMASK);

	return armvirt_timer_met(t, count) ? ctl | ARMVIRT_TIMER_ISTATUS : ctl;
}

uint32_t armvirt_timer_read_tval(const struct armvirt_timer *t, uint64_t count)
{
	return (uint32_t)(t->cval - count);
}

void armvirt_timer_write_ctl(struct armvirt_timer *t, uint32_t value)
{
	t->ctl = value & (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_IMASK);
}

void armvirt_timer_write_tval(struct armvirt_timer *t, uint64_t count, uint32_t value)
{
	t->cval = count + (uint64_t)(int64_t)(int32_t)value;
}

uint64_t armvirt_timer_trap_read(const struct armvirt_timer_vcpu *t,
				 const struct armvirt_timer_vm *vm, enum armvirt_timer_reg reg,
				 uint64_t physical)
{
	uint64_t count = physical - vm->poff;

	switch (reg) {
	case ARMVIRT_TIMER_REG_CNTPCT:
		return count;
	case ARMVIRT_TIMER_REG_CTL:
		return armvirt_timer_read_ctl(&t->p, count);
	case ARMVIRT_TIMER_REG_CVAL:
		return t->p.cval;
	case ARMVIRT_TIMER_REG_TVAL:
		return armvirt_timer_read_tval(&t->p, count);
	}
	return 0;
}

void armvirt_timer_trap_write(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			      enum armvirt_timer_reg reg, uint64_t physical, uint64_t value)
{
	switch (reg) {
	case ARMVIRT_TIMER_REG_CNTPCT:
		break;
	case ARMVIRT_TIMER_REG_CTL:
		armvirt_timer_write_ctl(&t->p, (uint32_t)value);
		break;
	case ARMVIRT_TIMER_REG_CVAL:
		t->p.cval = value;
		break;
	case ARMVIRT_TIMER_REG_TVAL:
		armvirt_timer_write_tval(&t->p, physical - vm->poff, (uint32_t)value);
		break;
	}
}

uint64_t armvirt_timer_cnthctl(const struct armvirt_timer_vm *vm, bool e2h)
{
	uint64_t open = e2h ? E2H1_EL1PCTEN | E2H1_EL1PTEN : E2H0_EL1PCTEN | E2H0_EL1PCEN;

	switch (vm->physical) {
	case ARMVIRT_TIMER_PHYSICAL_DIRECT:
		return open;
	case ARMVIRT_TIMER_PHYSICAL_OFFSET:
		return open | ECV;
	default:
		return 0;
	}
}
