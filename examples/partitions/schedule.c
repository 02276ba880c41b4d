/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cyclic executive. Each slot ends a guard time early: whatever the partition did to delay its
 * end (an exit under way, state to save) is absorbed before the next slot's nominal start,
 * so that the next partition is released exactly then, whoever ran before it.
 */
#include "partitions.h"

#include "../common/gic.h"
#include "shares.h"

enum { GUARD_MICROSECONDS = 100, KEPT_MICROSECONDS = 1, START_MICROSECONDS = 20000 };

static struct {
	unsigned slot;
	uint64_t start; /* nominal, of the current slot */
	uint64_t frame;
	uint64_t hz;
	bool inside; /* the slot's partition is in the CPU */
} now;

#define counter_read(name)                                                     \
	__extension__({                                                        \
		uint64_t v_;                                                   \
		__asm__ volatile("isb\n\tmrs %0, " name : "=r"(v_)::"memory"); \
		v_;                                                            \
	})
#define register_write(name, v) __asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(v)) : "memory")

uint64_t clock_hz(void)
{
	return now.hz;
}

static uint64_t ticks(uint64_t microseconds)
{
	return microseconds * now.hz / 1000000;
}

uint64_t schedule_frame_ticks(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		sum += ticks(slots[i].microseconds);
	return sum;
}

uint64_t schedule_slot_ticks(unsigned partition)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (slots[i].partition == partition)
			return ticks(slots[i].microseconds);
	}
	return 0;
}

unsigned schedule_current(void)
{
	return slots[now.slot].partition;
}

static void leave(void)
{
	unsigned p = schedule_current();

	if (!now.inside)
		return;
	now.inside = false;
	virq_put(&states[p].virq);
	health_slot_end(p);
}

/* False: it has nothing to do in this slot. */
static bool enter(unsigned p)
{
	struct partition_state *s = &states[p];

	if (s->ended)
		return false;
	if (s->stopped)
		health_reset(p, now.start);
	s->exits_here = 0;
	if (armvirt_hw_vcpu_load(&the_cpu, &s->vcpu) != ARMVIRT_OK)
		stop("%s cannot be loaded", partitions[p].name);
	shares_load(p);
	virq_load(&s->virq);
	now.inside = true;
	return true;
}

static void released(unsigned p)
{
	struct partition_state *s = &states[p];
	uint64_t late = counter_read("cntpct_el0") - now.start;

	s->slots++;
	s->kept += late <= ticks(KEPT_MICROSECONDS);
	if (late > s->release_worst)
		s->release_worst = late;
}

/* Waits in the kernel until the slot's timer fires, and takes its interrupt. */
static void wait_for_timer(void)
{
	uint32_t intid;

	do {
		__asm__ volatile("wfi"); /* wakes though interrupts are masked */
		intid = gic_acknowledge();
		if (intid < GIC_SPURIOUS) {
			gic_drop(intid);
			gic_deactivate(intid);
		}
	} while (intid != HTIMER_INTID);
}

static void wait_until(uint64_t when)
{
	while ((int64_t)(counter_read("cntpct_el0") - when) < 0)
		;
}

/* Arms the end of the current slot, a guard before the next one's nominal start. */
static void arm(void)
{
	uint64_t end = now.start + ticks(slots[now.slot].microseconds);

	register_write("cnthp_cval_el2", end - ticks(GUARD_MICROSECONDS));
	register_write("cnthp_ctl_el2", 1);
}

static void advance(void)
{
	now.start += ticks(slots[now.slot].microseconds);
	if (++now.slot == SLOTS) {
		now.slot = 0;
		now.frame++;
	}
}

struct armvirt_vcpu *schedule_next(void)
{
	leave();
	for (;;) {
		unsigned p;

		advance();
		p = schedule_current();
		if (p != KERNEL_SLOT && enter(p)) {
			arm();
			wait_until(now.start);
			released(p);
			return &states[p].vcpu;
		}
		wait_until(now.start);
		arm();
		if (p == KERNEL_SLOT)
			report_tick(now.frame);
		wait_for_timer();
	}
}

struct armvirt_vcpu *schedule_idle(void)
{
	leave();
	wait_for_timer();
	return schedule_next();
}

/* Everybody is made before time begins: no first slot is late. */
void schedule_start(void)
{
	uint64_t start;

	now.hz = counter_read("cntfrq_el0");
	start = counter_read("cntpct_el0") + ticks(START_MICROSECONDS);
	now.slot = SLOTS - 1;
	now.start = start - ticks(slots[SLOTS - 1].microseconds);
	for (unsigned i = 0; i < SLOTS; i++) {
		unsigned p = slots[i].partition;

		if (p != KERNEL_SLOT && states[p].incarnation == 0 && !states[p].ended)
			health_reset(p, start);
		start += ticks(slots[i].microseconds);
	}
	armvirt_vcpu_resume(schedule_next());
}
