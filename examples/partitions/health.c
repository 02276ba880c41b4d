/* SPDX-License-Identifier: BSD-2-Clause */
/* Health monitoring: a partition that faults is stopped at once and starts afresh in its next slot.
 * All of that happens in its own time. */
#include "partitions.h"

#include <libarmvirt/regs.h>

#include "guests/rt.h"
#include "linux.h"

enum { PSTATE_EL1H_MASKED = 0x3c5 };

extern char stack_end[];

static const char names[FAULTS][24] = {
	[FAULT_NONE] = "none",
	[FAULT_MEMORY] = "foreign memory",
	[FAULT_CODE] = "foreign code",
	[FAULT_REGISTER] = "foreign register",
	[FAULT_STORM] = "exit storm",
	[FAULT_SILENT] = "silent",
	[FAULT_SERROR] = "SError",
	[FAULT_OTHER] = "other",
	[FAULT_ENDED] = "switched itself off",
};

const char *fault_name(enum fault f)
{
	return names[f < FAULTS ? f : FAULT_OTHER];
}

static void traps_set(unsigned p)
{
	struct armvirt_vcpu *v = &states[p].vcpu;
	struct armvirt_vcpu_traps *t = &v->traps;
	enum armvirt_status s = armvirt_vcpu_set_traps(v, &traps[partitions[p].kind], false);

	if (s != ARMVIRT_OK)
		stop("traps of %s: %s", partitions[p].name, armvirt_strstatus(s));
	__asm__("mrs %0, midr_el1" : "=r"(t->vpidr_el2));
	t->vmpidr_el2 = UINT64_C(1) << 31; /* one CPU, number 0 */
	t->vttbr_el2 = armvirt_s2_vttbr(&states[p].s2, (uint16_t)(p + 1));
	t->vtcr_el2 = states[p].s2.g.vtcr;
	if (states[p].s2.g.fwb)
		t->hcr_el2 |= ARMVIRT_HCR_EL2_FWB;
	/* Stage 1 of a real-time guest stays off, its memory is cacheable all the same. */
	if (partitions[p].kind == REAL_TIME)
		t->hcr_el2 |= ARMVIRT_HCR_EL2_DC;
}

static void real_time_reset(unsigned p, uint64_t slot_start)
{
	struct armvirt_frame *f = &states[p].vcpu.frame;

	memory_renew(p);
	f->pc = partitions[p].region[0].ipa;
	f->x[0] = states[p].incarnation;
	f->x[1] = schedule_frame_ticks();
	f->x[2] = slot_start;
	f->x[3] = schedule_slot_ticks(p);
}

static uint64_t count(void)
{
	uint64_t v;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(v));
	return v;
}

void health_reset(unsigned p, uint64_t slot_start)
{
	struct partition_state *s = &states[p];
	uint64_t from = count();

	armvirt_hw_vcpu_put(&the_cpu, &s->vcpu);
	if (armvirt_vcpu_init(&s->vcpu, sizeof(s->vcpu), &guest_features) != ARMVIRT_OK)
		stop("%s cannot be reset", partitions[p].name);
	armvirt_vcpu_set_stack(&s->vcpu, stack_end);
	traps_set(p);
	s->vcpu.frame.pstate = PSTATE_EL1H_MASKED;
	virq_init(&s->virq, partitions[p].spi, partitions[p].kind == REAL_TIME);
	if (partitions[p].kind == REAL_TIME)
		real_time_reset(p, slot_start);
	else
		linux_reset(p);
	s->incarnation++;
	s->stopped = false;
	s->silent = 0;
	s->heartbeat = 0;
	from = count() - from;
	if (from > s->restart_worst)
		s->restart_worst = from;
}

void health_fault(unsigned p, enum fault why)
{
	struct partition_state *s = &states[p];

	s->faults[why]++;
	s->last_fault = (uint8_t)why;
	s->stopped = true;
	/* What cannot be loaded again is not started again. */
	s->ended = partitions[p].kind == LINUX;
}

void health_slot_end(unsigned p)
{
	struct partition_state *s = &states[p];
	const struct region *ram = &partitions[p].region[0];
	const volatile struct rt_report *r =
		(const void *)(uintptr_t)(ram->pa + (RT_REPORT_IPA - RT_RAM_IPA));
	uint64_t heartbeat;

	if (partitions[p].silent_limit == 0)
		return;
	heartbeat = r->heartbeat;
	s->silent = heartbeat == s->heartbeat ? (uint8_t)(s->silent + 1) : 0;
	s->heartbeat = heartbeat;
	if (!s->stopped && s->silent > partitions[p].silent_limit)
		health_fault(p, FAULT_SILENT);
}
