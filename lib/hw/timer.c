/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's timers in this CPU. With E2H set the EL0 names mean the timers of EL2: the guest's
 * are reached by their EL02 and EL12 names.
 */
#include <libarmvirt/timer.h>

#include "seam.h"

#define READ(enc)                                                          \
	__extension__({                                                    \
		uint64_t value_;                                           \
		__asm__ volatile("mrs %0, " enc : "=r"(value_)::"memory"); \
		value_;                                                    \
	})
#define WRITE(enc, v) __asm__ volatile("msr " enc ", %x0" ::"rZ"((uint64_t)(v)) : "memory")

#define CNTPCT    "s3_3_c14_c0_1"
#define CNTVOFF   "s3_4_c14_c0_3"
#define CNTPOFF   "s3_4_c14_c0_6"
#define CNTHCTL   "s3_4_c14_c1_0"
#define CNTKCTL   "s3_0_c14_c1_0"
#define CNTKCTL12 "s3_5_c14_c1_0"
#define P_CTL     "s3_3_c14_c2_1"
#define P_CVAL    "s3_3_c14_c2_2"
#define V_CTL     "s3_3_c14_c3_1"
#define V_CVAL    "s3_3_c14_c3_2"
#define P_CTL02   "s3_5_c14_c2_1"
#define P_CVAL02  "s3_5_c14_c2_2"
#define V_CTL02   "s3_5_c14_c3_1"
#define V_CVAL02  "s3_5_c14_c3_2"

#define STORED (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_IMASK)

static void load_e2h0(const struct armvirt_timer_vcpu *t, bool physical)
{
	WRITE(CNTKCTL, t->cntkctl);
	WRITE(V_CVAL, t->v.cval);
	if (physical)
		WRITE(P_CVAL, t->p.cval);
	armvirt_seam_isb(); /* orders offsets and compare values before the enables */
	WRITE(V_CTL, t->v.ctl);
	if (physical)
		WRITE(P_CTL, t->p.ctl);
}

static void load_e2h1(const struct armvirt_timer_vcpu *t, bool physical)
{
	WRITE(CNTKCTL12, t->cntkctl);
	WRITE(V_CVAL02, t->v.cval);
	if (physical)
		WRITE(P_CVAL02, t->p.cval);
	armvirt_seam_isb(); /* orders offsets and compare values before the enables */
	WRITE(V_CTL02, t->v.ctl);
	if (physical)
		WRITE(P_CTL02, t->p.ctl);
}

void armvirt_hw_timer_load(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			   bool e2h)
{
	bool physical = vm->physical != ARMVIRT_TIMER_PHYSICAL_TRAPPED;

	WRITE(CNTVOFF, vm->voff);
	if (vm->physical == ARMVIRT_TIMER_PHYSICAL_OFFSET)
		WRITE(CNTPOFF, vm->poff);
	WRITE(CNTHCTL, armvirt_timer_cnthctl(vm, e2h));
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
		t->cntkctl = (uint32_t)READ(CNTKCTL12);
		t->v = (struct armvirt_timer){READ(V_CVAL02), (uint32_t)READ(V_CTL02) & STORED};
		WRITE(V_CTL02, 0);
		if (physical) {
			t->p = (struct armvirt_timer){READ(P_CVAL02),
						      (uint32_t)READ(P_CTL02) & STORED};
			WRITE(P_CTL02, 0);
		}
	} else {
		t->cntkctl = (uint32_t)READ(CNTKCTL);
		t->v = (struct armvirt_timer){READ(V_CVAL), (uint32_t)READ(V_CTL) & STORED};
		WRITE(V_CTL, 0);
		if (physical) {
			t->p = (struct armvirt_timer){READ(P_CVAL), (uint32_t)READ(P_CTL) & STORED};
			WRITE(P_CTL, 0);
		}
	}
	armvirt_seam_isb(); /* orders the disables before interrupts are looked at */
	t->loaded = 0;
}

bool armvirt_hw_timer_virtual_asserted(bool e2h)
{
	uint64_t ctl = e2h ? READ(V_CTL02) : READ(V_CTL);

	return (ctl & 7) == (ARMVIRT_TIMER_ENABLE | ARMVIRT_TIMER_ISTATUS);
}

uint64_t armvirt_hw_timer_count(void)
{
	armvirt_seam_isb(); /* orders what came before the read, which would be early without */
	return READ(CNTPCT);
}
