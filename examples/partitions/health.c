/* SPDX-License-Identifier: BSD-2-Clause */
/* Health monitoring: a partition that faults is stopped at once and starts afresh in its next slot.
 * All of that happens in its own time. */
#include "partitions.h"

#include <libarmvirt/regs.h>

#include "guests/rt.h"

enum { PSTATE_EL1H_MASKED = 0x3c5 };

extern char stack_end[];

static const char names[FAULTS][20] = {
	"none",       "foreign memory", "foreign code", "foreign register",
	"exit storm", "silent",         "SError",       "other",
};

const char *fault_name(enum fault f)
{
	return names[f < FAULTS ? f : FAULT_OTHER];
}

static void traps_set(struct armvirt_vcpu_traps *t)
{
	uint64_t mpidr;

	__asm__("mrs %0, mpidr_el1" : "=r"(mpidr));
	__asm__("mrs %0, midr_el1" : "=r"(t->vpidr_el2));
	t->vmpidr_el2 = mpidr;
	/* Stage 1 of the guest stays off, its memory is cacheable all the same (DC). */
	t->hcr_el2 = ARMVIRT_HCR_EL2_VM | ARMVIRT_HCR_EL2_SWIO | ARMVIRT_HCR_EL2_FMO |
		     ARMVIRT_HCR_EL2_IMO | ARMVIRT_HCR_EL2_AMO | ARMVIRT_HCR_EL2_DC |
		     ARMVIRT_HCR_EL2_TID3 | ARMVIRT_HCR_EL2_TSC | ARMVIRT_HCR_EL2_TIDCP |
		     ARMVIRT_HCR_EL2_TACR | ARMVIRT_HCR_EL2_TSW | ARMVIRT_HCR_EL2_RW;
	t->cptr_el2 =
		UINT64_C(0x000037ff) & ~UINT64_C(0x800); /* nothing of FP, SVE, SME: all trapped */
	t->cptr_el2 |= UINT64_C(1) << 31 | UINT64_C(1) << 20 | UINT64_C(3) << 10;
	t->mdcr_el2 = ARMVIRT_MDCR_EL2_TPM | ARMVIRT_MDCR_EL2_TPMCR | ARMVIRT_MDCR_EL2_TDA |
		      ARMVIRT_MDCR_EL2_TDOSA | ARMVIRT_MDCR_EL2_TDRA;
	t->hstr_el2 = 0;
	t->cnthctl_el2 = 0; /* the physical timer and counter are the kernel's */
	t->cntvoff_el2 = 0;
}

void health_reset(unsigned p, uint64_t slot_start)
{
	struct partition_state *s = &states[p];
	const struct armvirt_vcpu_traps old = s->vcpu.traps;
	struct armvirt_features ignored = {0};
	uint64_t from, to;

	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(from));
	armvirt_hw_vcpu_put(&cpu, &s->vcpu);
	if (armvirt_vcpu_init(&s->vcpu, sizeof(s->vcpu), &ignored) != ARMVIRT_OK)
		stop("%s cannot be reset", partitions[p].name);
	armvirt_vcpu_set_stack(&s->vcpu, stack_end);
	s->vcpu.traps.vttbr_el2 = old.vttbr_el2;
	s->vcpu.traps.vtcr_el2 = old.vtcr_el2;
	traps_set(&s->vcpu.traps);
	memory_renew(p);
	virq_init(&s->virq, partitions[p].spi);
	s->timer_control = 0;
	s->vcpu.frame.pc = partitions[p].region[0].ipa;
	s->vcpu.frame.pstate = PSTATE_EL1H_MASKED;
	s->vcpu.frame.x[0] = s->incarnation;
	s->vcpu.frame.x[1] = schedule_frame_ticks();
	s->vcpu.frame.x[2] = slot_start;
	s->vcpu.frame.x[3] = schedule_slot_ticks(p);
	s->incarnation++;
	s->stopped = false;
	s->silent = 0;
	s->heartbeat = 0;
	__asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(to));
	if (to - from > s->restart_worst)
		s->restart_worst = to - from;
}

void health_fault(unsigned p, enum fault why)
{
	struct partition_state *s = &states[p];

	s->faults[why]++;
	s->last_fault = (uint8_t)why;
	s->stopped = true;
}

void health_slot_end(unsigned p)
{
	struct partition_state *s = &states[p];
	const struct region *ram = &partitions[p].region[0];
	const volatile struct rt_report *r =
		(const void *)(uintptr_t)(ram->pa + (RT_REPORT_IPA - RT_RAM_IPA));
	uint64_t heartbeat = r->heartbeat;

	s->silent = heartbeat == s->heartbeat ? (uint8_t)(s->silent + 1) : 0;
	s->heartbeat = heartbeat;
	if (!s->stopped && s->silent > partitions[p].silent_limit)
		health_fault(p, FAULT_SILENT);
}
