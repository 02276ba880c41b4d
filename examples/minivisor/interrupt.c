/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts: what the virtual GIC wants done, and what the physical one brings. */
#include "minivisor.h"

#include "../common/console.h"
#include "chip.h"

void vgic_carry_out(struct vcpu *v, struct armvirt_vgic_actions actions)
{
	struct armvirt_vgic *gic = &v->guest->vgic;

	for (uint32_t left = actions.deactivate; left; left &= left - 1)
		chip_deactivate(
			armvirt_vgic_pintid(gic, actions.base + (uint32_t)__builtin_ctz(left)));
	vcpus_kick(v->guest, actions.kick & ~(UINT64_C(1) << v->index));
}

/* Of a GICv2 the library leaves deactivations to us, and there may be more than it can tell at
 * once. */
typedef struct armvirt_vgic_actions vgic2_step(struct armvirt_vgic *, struct armvirt_vgic_vcpu *,
					       uintptr_t);

static void vgic2(struct vcpu *v, vgic2_step *step)
{
	struct armvirt_vgic_actions a;

	do {
		a = step(&v->guest->vgic, &v->vgic, GICH_BASE);
		vgic_act(v, a);
	} while (a.flags & ARMVIRT_VGIC_MORE);
}

void vgic_load(struct vcpu *v)
{
	if (machine.v2)
		armvirt_hw_vgic2_load(&v->guest->vgic, &v->vgic, GICH_BASE);
	else
		armvirt_hw_vgic_load(&v->guest->vgic, &v->vgic);
}

void vgic_put(struct vcpu *v)
{
	if (machine.v2)
		vgic2(v, armvirt_hw_vgic2_put);
	else
		vgic_act(v, armvirt_hw_vgic_put(&v->guest->vgic, &v->vgic));
}

/*
 * Reads back what the guest did to its interrupts: before any question about their state. Raising
 * and configuring them is no question.
 */
void vgic_sync(struct vcpu *v)
{
	if (machine.v2)
		vgic2(v, armvirt_hw_vgic2_sync);
	else
		vgic_act(v, armvirt_hw_vgic_sync(&v->guest->vgic, &v->vgic));
}

/* New interrupts into the list registers. */
void vgic_flush(struct vcpu *v)
{
	if (machine.v2)
		vgic2(v, armvirt_hw_vgic2_enter);
	else
		vgic_act(v, armvirt_hw_vgic_enter(&v->guest->vgic, &v->vgic));
}

static void vgic_maintain(struct vcpu *v)
{
	if (machine.v2)
		vgic2(v, armvirt_hw_vgic2_maintain);
	else
		vgic_act(v, armvirt_hw_vgic_maintain(&v->guest->vgic, &v->vgic));
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
	v->exits[CAUSE_KICK]++;
	if (__atomic_load_n(&v->owed, __ATOMIC_RELAXED))
		vgic_act(v, (struct armvirt_vgic_actions){.deactivate = __atomic_exchange_n(
								  &v->owed, 0, __ATOMIC_ACQUIRE)});
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
		vgic_maintain(v);
	}
}

bool physical_interrupt(struct cpu *c, uint32_t acknowledged)
{
	uint32_t intid = chip_intid(acknowledged);

	chip_drop(acknowledged);
	if (c->current && (intid == VTIMER_INTID || intid == PTIMER_INTID)) {
		timer_interrupt(c->current, intid); /* active until the guest ends it */
		return false;
	}
	other_interrupt(c, intid);
	chip_deactivate(acknowledged);
	return intid == SLICE_INTID || schedule_wanted(c);
}

unsigned guest_irq(struct armvirt_vcpu *core)
{
	struct vcpu *v = (struct vcpu *)core;
	uint32_t acknowledged = chip_acknowledge();

	if (chip_intid(acknowledged) >= GIC_SPURIOUS)
		return 0;
	if (physical_interrupt(v->cpu, acknowledged))
		return 1;
	vgic_enter(v);
	return 0;
}
