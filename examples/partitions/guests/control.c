/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The well-behaved guest: a control loop. Its timer fires once in each of its
 * slots; it measures how late the handler ran, computes, and measures how long it was ever
 * interrupted while it computed. It also owns a device, the real-time clock, whose interrupt
 * comes straight to it.
 */
#include "rt.h"

#define RTC UINT64_C(0x09010000)
enum { RTC_DR = 0x00, RTC_MR = 0x04, RTC_IMSC = 0x10, RTC_ICR = 0x1c, RTC_INTID = 34 };

static uint64_t frame, deadline;
static volatile unsigned served;

static volatile uint32_t *rtc(unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(RTC + offset);
}

static void arm_timer(void)
{
	sysreg_write("cntv_cval_el0", deadline);
	sysreg_write("cntv_ctl_el0", 1);
}

static void arm_rtc(void)
{
	*rtc(RTC_ICR) = 1;
	*rtc(RTC_MR) = *rtc(RTC_DR) + 1;
	*rtc(RTC_IMSC) = 1;
}

void rt_irq(void)
{
	uint64_t late = rt_now() - deadline;
	uint32_t intid = rt_acknowledge();
	volatile struct rt_report *r = rt_report();

	if (intid == RT_TIMER_INTID) {
		r->activations++;
		r->latency_sum += late;
		if (late > r->latency_max)
			r->latency_max = late;
		deadline += frame;
		arm_timer();
		served++;
	} else if (intid == RTC_INTID) {
		arm_rtc();
		r->device++;
	}
	if (intid < 1020)
		rt_finish(intid);
}

void rt_fault(void)
{
	for (;;) /* no heartbeat: the kernel notices */
		;
}

/* Reads the clock as fast as it can until @until: whatever is missing was taken away. */
static void compute(uint64_t until)
{
	volatile struct rt_report *r = rt_report();
	uint64_t last = rt_now(), now = last;

	while (now < until) {
		now = rt_now();
		if (now - last > r->gap_max)
			r->gap_max = now - last;
		last = now;
	}
}

void rt_main(uint64_t incarnation, uint64_t major, uint64_t start, uint64_t slot)
{
	unsigned seen = 0;

	(void)incarnation;
	frame = major;
	deadline = start + major + slot / 8;
	arm_timer();
	arm_rtc();
	rt_interrupts_on();
	for (;;) {
		while (served == seen)
			__asm__ volatile("wfi");
		seen = served;
		rt_report()->heartbeat++;
		compute(deadline - frame + slot / 2);
	}
}
