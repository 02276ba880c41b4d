/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cyclic executive. Each slot ends a guard time early: whatever the partition did to delay its
 * end (an exit under way, state to save) is absorbed before the next slot's nominal start,
 * so that the next partition is released exactly then, whoever ran before it.
 */
#include "partitions.h"

#include "../common/gic.h"

enum { GUARD_MICROSECONDS = 100, KEPT_MICROSECONDS = 1 };

static struct {
	unsigned slot;
	uint64_t start; /* nominal, of the current slot */
	uint64_t frame;
	uint64_t hz;
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

static void leave(unsigned p)
{
	struct partition_state *s = &states[p];

	s->timer_control = counter_read("cntv_ctl_el0");
	s->timer_deadline = counter_read("cntv_cval_el0");
	register_write("cntv_ctl_el0", 0);
	__asm__ volatile("isb"); /* orders the quiet timer before its interrupt is given away */
	virq_put(&s->virq);
	health_slot_end(p);
}

static void enter(unsigned p)
{
	struct partition_state *s = &states[p];

	if (s->stopped || s->incarnation == 0)
		health_reset(p, now.start);
	s->exits_here = 0;
	if (armvirt_hw_vcpu_load(&cpu, &s->vcpu) != ARMVIRT_OK)
		stop("%s cannot be loaded", partitions[p].name);
	virq_load(&s->virq);
	register_write("cntv_cval_el0", s->timer_deadline);
	register_write("cntv_ctl_el0", s->timer_control & 3);
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
	if (schedule_current() != KERNEL_SLOT)
		leave(schedule_current());
	for (;;) {
		advance();
		if (schedule_current() == KERNEL_SLOT) {
			wait_until(now.start);
			arm();
			report_tick(now.frame);
			wait_for_timer();
			continue;
		}
		enter(schedule_current());
		arm();
		wait_until(now.start);
		released(schedule_current());
		return &states[schedule_current()].vcpu;
	}
}

struct armvirt_vcpu *schedule_idle(void)
{
	wait_for_timer();
	return schedule_next();
}

void schedule_start(void)
{
	now.hz = counter_read("cntfrq_el0");
	now.slot = SLOTS - 1; /* a first kernel slot, which starts now */
	now.start = counter_read("cntpct_el0");
	armvirt_vcpu_resume(schedule_next());
}
