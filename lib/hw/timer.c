/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's timers in this CPU. With E2H set the EL0 names mean the timers of EL2: the guest's
 * are reached by their EL02 and EL12 names.
 */
#include <libarmvirt/regs.h>
#include <libarmvirt/timer.h>

#include "seam.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#define READ(name)                                                                             \
	__extension__({                                                                        \
		uint64_t value_;                                                               \
		__asm__ volatile("mrs %0, " TEXT(ARMVIRT_SR_##name) : "=r"(value_)::"memory"); \
		value_;                                                                        \
	})
#define WRITE(name, v) \
	__asm__ volatile("msr " TEXT(ARMVIRT_SR_##name) ", %x0" ::"rZ"((uint64_t)(v)) : "memory")

#define STORED (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_IMASK)

static void load_e2h0(const struct armvirt_timer_vcpu *t, bool physical)
{
	WRITE(CNTKCTL_EL1, t->cntkctl);
	WRITE(CNTV_CVAL_EL0, t->v.cval);
	if (physical)
		WRITE(CNTP_CVAL_EL0, t->p.cval);
	armvirt_seam_isb(); /* orders offsets and compare values before the enables */
	WRITE(CNTV_CTL_EL0, t->v.ctl);
	if (physical)
		WRITE(CNTP_CTL_EL0, t->p.ctl);
}

static void load_e2h1(const struct armvirt_timer_vcpu *t, bool physical)
{
	WRITE(CNTKCTL_EL12, t->cntkctl);
	WRITE(CNTV_CVAL_EL02, t->v.cval);
	if (physical)
		WRITE(CNTP_CVAL_EL02, t->p.cval);
	armvirt_seam_isb(); /* orders offsets and compare values before the enables */
	WRITE(CNTV_CTL_EL02, t->v.ctl);
	if (physical)
		WRITE(CNTP_CTL_EL02, t->p.ctl);
}

void armvirt_hw_timer_load(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			   bool e2h)
{
	bool physical = vm->physical != ARMVIRT_TIMER_PHYSICAL_TRAPPED;

	WRITE(CNTVOFF_EL2, vm->voff);
	if (vm->physical == ARMVIRT_TIMER_PHYSICAL_OFFSET)
		WRITE(CNTPOFF_EL2, vm->poff);
	WRITE(CNTHCTL_EL2, armvirt_timer_cnthctl(vm, e2h));
	if (e2h)
		load_e2h1(t, physical);
	else
		load_e2h0(t, physical);
	t->loaded = 1;
}

void armvirt_hw_timer_put(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm, bool e2h)
{
	bool physical = vm->physical != ARMVIRT_TIMER_PHYSICAL_TRAPPED;

	if (e2h) {
		t->cntkctl = (uint32_t)READ(CNTKCTL_EL12);
		t->v = (struct armvirt_timer){READ(CNTV_CVAL_EL02),
					      (uint32_t)READ(CNTV_CTL_EL02) & STORED};
		WRITE(CNTV_CTL_EL02, 0);
		if (physical) {
			t->p = (struct armvirt_timer){READ(CNTP_CVAL_EL02),
						      (uint32_t)READ(CNTP_CTL_EL02) & STORED};
			WRITE(CNTP_CTL_EL02, 0);
		}
	} else {
		t->cntkctl = (uint32_t)READ(CNTKCTL_EL1);
		t->v = (struct armvirt_timer){READ(CNTV_CVAL_EL0),
					      (uint32_t)READ(CNTV_CTL_EL0) & STORED};
		WRITE(CNTV_CTL_EL0, 0);
		if (physical) {
			t->p = (struct armvirt_timer){READ(CNTP_CVAL_EL0),
						      (uint32_t)READ(CNTP_CTL_EL0) & STORED};
			WRITE(CNTP_CTL_EL0, 0);
		}
	}
	armvirt_seam_isb(); /* orders the disables before interrupts are looked at */
	t->loaded = 0;
}

bool armvirt_hw_timer_virtual_asserted(bool e2h)
{
	uint64_t ctl = e2h ? READ(CNTV_CTL_EL02) : READ(CNTV_CTL_EL0);

	return (ctl & 7) == (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_ISTATUS);
}

uint64_t armvirt_hw_timer_count(void)
{
	armvirt_seam_isb(); /* orders what came before the read, which would be early without */
	return READ(CNTPCT_EL0);
}
