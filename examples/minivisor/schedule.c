/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs. A vCPU stays on one CPU; those of one CPU run by turns. While a vCPU is away, its
 * timers are in memory and the CPU's own timer stands in for them.
 */
#include "minivisor.h"

#include "chip.h"

enum { SLICES_PER_SECOND = 200 };

#define write_timer(name, v) __asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(v)) : "memory")

static void leave(struct cpu *c)
{
	struct vcpu *v = c->current;

	if (!v)
		return;
	armvirt_hw_timer_put(&v->timer, &machine.timers, false);
	vgic_put(v);
	c->current = NULL;
}

static void enter(struct cpu *c, struct vcpu *v)
{
	must(armvirt_hw_vcpu_load(&c->core, &v->core), "virtual CPU");
	/* The timers' interrupts are one of each a CPU: their active state is this vCPU's. */
	__atomic_store_n(&v->owed, 0, __ATOMIC_RELAXED);
	chip_set_private_active(c, GUEST_TIMERS, armvirt_vgic_ppi_active(&v->vgic));
	vgic_load(v);
	vgic_flush(v);
	armvirt_hw_timer_load(&v->timer, &machine.timers, false);
	c->current = v;
}

/* PSCI CPU_ON came for a vCPU of this CPU. */
static void start(struct vcpu *v)
{
	struct guest *g = v->guest;
	struct armvirt_psci_cpu *p = &g->psci_cpu[v->index];

	vgic_act(v, armvirt_vgic_vcpu_reset(&g->vgic, v->index));
	vcpu_reset(v, p->entry, p->context);
	must(armvirt_psci_started(&g->psci, v->index), "CPU_ON");
	v->state = VCPU_READY;
}

static bool ended(const struct guest *g)
{
	return __atomic_load_n(&g->ended, __ATOMIC_ACQUIRE) != NULL;
}

/* Whether a vCPU that is not current has something to do. */
static bool due(const struct vcpu *v, uint64_t now)
{
	const struct guest *g = v->guest;

	if (ended(g))
		return false;
	switch (v->state) {
	case VCPU_READY:
		return true;
	case VCPU_WAITING:
		return now >= v->wake || armvirt_vgic_deliverable(&g->vgic, &v->vgic);
	default:
		return armvirt_psci_get_state(&g->psci, v->index) == ARMVIRT_PSCI_STATE_ON_PENDING;
	}
}

static struct vcpu *pick(struct cpu *c, uint64_t now)
{
	for (unsigned i = 0; i < c->vcpu_count; i++) {
		struct vcpu *v;

		c->turn = c->turn + 1 < c->vcpu_count ? c->turn + 1 : 0;
		v = c->vcpu[c->turn];
		if (due(v, now))
			return v;
	}
	return NULL;
}

/* The CPU's own timer: the end of a slice if another one is ready, and whom time will wake. */
static void arm(const struct cpu *c, const struct vcpu *next, uint64_t now)
{
	uint64_t when = UINT64_MAX, frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	for (unsigned i = 0; i < c->vcpu_count; i++) {
		const struct vcpu *v = c->vcpu[i];
		uint64_t at = v->wake;

		if (v == next || v->state == VCPU_OFF || ended(v->guest))
			continue;
		if (v->state == VCPU_READY)
			at = now + frequency / SLICES_PER_SECOND;
		when = at < when ? at : when;
	}
	write_timer("cnthp_cval_el2", when);
	write_timer("cnthp_ctl_el2", when != UINT64_MAX);
}

/* Until an interrupt comes. They are masked, so none is lost between the look and the wait. */
static void idle(struct cpu *c)
{
	uint32_t acknowledged;

	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
	while (chip_intid(acknowledged = chip_acknowledge()) < GIC_SPURIOUS)
		(void)physical_interrupt(c, acknowledged);
}

static bool all_ended(const struct cpu *c)
{
	for (unsigned i = 0; i < c->vcpu_count; i++)
		if (!ended(c->vcpu[i]->guest))
			return false;
	return true;
}

/* Nothing will ever run here again; the last such CPU reports. */
__attribute__((noreturn)) static void retire(struct cpu *c)
{
	if (c->vcpu_count && __atomic_sub_fetch(&machine.cpus_busy, 1, __ATOMIC_ACQ_REL) == 0)
		finish();
	for (;;)
		idle(c);
}

struct vcpu *schedule(struct cpu *c)
{
	leave(c);
	for (;;) {
		uint64_t now = armvirt_hw_timer_count();
		struct vcpu *next = pick(c, now);

		c->woken = false;
		if (!next && all_ended(c))
			retire(c);
		if (next && next->state == VCPU_OFF)
			start(next);
		if (next)
			next->state = VCPU_READY;
		if (machine.shared)
			arm(c, next, now);
		if (next) {
			enter(c, next);
			return next;
		}
		idle(c);
	}
}

void schedule_wait(struct vcpu *v)
{
	leave(v->cpu);
	v->wake = armvirt_timer_next(&v->timer, &machine.timers, armvirt_hw_timer_count(), NULL);
	v->cpu->woken = true;
	v->state = VCPU_WAITING;
}

void schedule_off(struct vcpu *v)
{
	struct guest *g = v->guest;

	leave(v->cpu);
	armvirt_hw_vcpu_put(&v->cpu->core, &v->core);
	v->cpu->woken = true;
	v->state = VCPU_OFF;
	must(armvirt_psci_stopped(&g->psci, v->index), "CPU_OFF");
	for (unsigned i = 0; i < guest_vcpus(g); i++)
		if (armvirt_psci_get_state(&g->psci, i) != ARMVIRT_PSCI_STATE_OFF)
			return;
	guest_end(g, "switched its last CPU off");
}

bool schedule_wanted(struct cpu *c)
{
	uint64_t now;

	if (c->current && ended(c->current->guest))
		return true;
	if (c->vcpu_count == 1)
		return false;
	now = armvirt_hw_timer_count();
	for (unsigned i = 0; i < c->vcpu_count; i++)
		if (c->vcpu[i] != c->current && c->vcpu[i]->state != VCPU_READY &&
		    due(c->vcpu[i], now))
			return true;
	return false;
}

void vcpus_kick(struct guest *g, uint64_t vcpus)
{
	struct cpu *here = this_cpu();

	for (; vcpus; vcpus &= vcpus - 1) {
		struct vcpu *v = &g->vcpu[__builtin_ctzll(vcpus)];

		if (v->cpu != here)
			chip_send_sgi(v->cpu, KICK_SGI);
		else if (v != here->current)
			here->woken = true;
	}
}

void guest_end(struct guest *g, const char *how)
{
	const char *running = NULL;

	if (!__atomic_compare_exchange_n(&g->ended, &running, how, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return;
	terminal_close(g);
	this_cpu()->woken = true;
	vcpus_kick(g, (UINT64_C(1) << guest_vcpus(g)) - 1);
}
