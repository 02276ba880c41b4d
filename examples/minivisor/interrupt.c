/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: what the virtual GIC wants done, and what the physical one brings. */
#include "minivisor.h"

#include "../common/console.h"
#include "../common/gic.h"

void vgic_act(struct vcpu *v, struct armvirt_vgic_actions actions)
{
	uint64_t others = actions.kick & ~(UINT64_C(1) << v->index);

	if (actions.deactivate)
		armvirt_hw_vgic_deactivate(&v->guest->vgic, &actions);
	if (others)
		vcpus_kick(v->guest, others);
}

/*
 * Reads back what the guest did to its interrupts: before any question about their state. Raising
 * and configuring them is no question.
 */
void vgic_sync(struct vcpu *v)
{
	vgic_act(v, armvirt_hw_vgic_sync(&v->guest->vgic, &v->vgic));
}

/* New interrupts into the list registers. */
void vgic_flush(struct vcpu *v)
{
	vgic_act(v, armvirt_hw_vgic_enter(&v->guest->vgic, &v->vgic));
}

static void timer_interrupt(struct vcpu *v, uint32_t intid)
{
	v->exits[CAUSE_TIMER]++;
	vgic_sync(v); /* the list register that the guest has emptied is free for this one */
	vgic_act(v, armvirt_vgic_hw_irq(&v->guest->vgic, v->index, intid));
}

/* What another CPU's vCPU left for the current one; new interrupts wait for vgic_enter(). */
static void kicked(struct vcpu *v)
{
	struct armvirt_vgic_actions owed = {0};

	v->exits[CAUSE_KICK]++;
	owed.deactivate = __atomic_exchange_n(&v->owed, 0, __ATOMIC_ACQUIRE);
	armvirt_hw_vgic_deactivate(&v->guest->vgic, &owed);
}

static void other_interrupt(struct cpu *c, uint32_t intid)
{
	struct vcpu *v = c->current;

	switch (intid) {
	case KICK_SGI:
		if (v)
			kicked(v);
		return;
	case SLICE_INTID:
		__asm__ volatile("msr cnthp_ctl_el2, xzr\n\tisb");
		return;
	case CONSOLE_INTID:
		if (v)
			v->exits[CAUSE_INTERRUPT]++;
		terminal_input();
		return;
	default: /* maintenance: its cause goes away before it is deactivated */
		if (!v)
			return;
		v->exits[CAUSE_INTERRUPT]++;
		vgic_act(v, armvirt_hw_vgic_maintain(&v->guest->vgic, &v->vgic));
	}
}

bool physical_interrupt(struct cpu *c, uint32_t intid)
{
	gic_drop(intid);
	if (c->current && (intid == VTIMER_INTID || intid == PTIMER_INTID)) {
		timer_interrupt(c->current, intid); /* active until the guest ends it */
		return false;
	}
	other_interrupt(c, intid);
	gic_deactivate(intid);
	return intid == SLICE_INTID || schedule_wanted(c);
}

unsigned guest_irq(struct armvirt_vcpu *core)
{
	struct vcpu *v = (struct vcpu *)core;
	uint32_t intid = gic_acknowledge();

	if (intid >= GIC_SPURIOUS)
		return 0;
	if (physical_interrupt(v->cpu, intid))
		return 1;
	vgic_enter(v);
	return 0;
}
