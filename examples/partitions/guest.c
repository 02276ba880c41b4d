/* SPDX-License-Identifier: BSD-2-Clause */
/* What partitions do that leads here. Nothing is emulated: what a partition has, it has; the rest
 * is a fault. */
#include "partitions.h"

#include <libarmvirt/smccc.h>

#include "../common/gic.h"
#include "linux.h"

static enum fault synchronous(struct armvirt_vcpu *v)
{
	const struct armvirt_exit_regs regs = {v->esr, v->far, v->hpfar, v->frame.pstate};
	struct armvirt_exit e;

	armvirt_exit_decode(&e, &regs);
	switch (e.kind) {
	case ARMVIRT_EXIT_DABT:
		return FAULT_MEMORY;
	case ARMVIRT_EXIT_IABT:
		return FAULT_CODE;
	case ARMVIRT_EXIT_SYSREG:
		return FAULT_REGISTER;
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SMC:
		armvirt_smccc_return(&e, &v->frame, -1); /* there are no calls: NOT_SUPPORTED */
		return FAULT_NONE;
	default:
		return FAULT_OTHER;
	}
}

static bool over_budget(unsigned p)
{
	states[p].exits++;
	states[p].exits_here++;
	return partitions[p].exit_budget && states[p].exits_here > partitions[p].exit_budget;
}

enum answer { RESUME, SLOT_ENDS, STORM };

struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	unsigned p = schedule_current();
	enum fault fault = FAULT_NONE;

	if (answer == SLOT_ENDS)
		return schedule_next();
	if (answer == STORM)
		fault = FAULT_STORM;
	else if (cause == ARMVIRT_CAUSE_SYNC)
		fault = partitions[p].kind == LINUX ? linux_exit(p, vcpu) : synchronous(vcpu);
	else
		fault = FAULT_SERROR;
	if (fault == FAULT_NONE && over_budget(p))
		fault = FAULT_STORM;
	if (fault == FAULT_NONE)
		return vcpu;
	health_fault(p, fault);
	return schedule_idle();
}

unsigned guest_irq(struct armvirt_vcpu *vcpu)
{
	uint32_t intid = gic_acknowledge();
	unsigned p = schedule_current();

	(void)vcpu;
	if (intid >= GIC_SPURIOUS)
		return RESUME;
	gic_drop(intid);
	if (intid == HTIMER_INTID) {
		__asm__ volatile("msr cnthp_ctl_el2, xzr\n\tisb");
		gic_deactivate(intid);
		return SLOT_ENDS;
	}
	if (virq_physical(&states[p].virq, intid)) {
		virq_enter(&states[p].virq);
	} else { /* maintenance */
		virq_maintain(&states[p].virq);
		gic_deactivate(intid);
	}
	return over_budget(p) ? STORM : RESUME;
}

void kernel_exception(const struct armvirt_el2_frame *f)
{
	stop("exception in the kernel: vector %lu, ESR 0x%lx, at 0x%lx, FAR 0x%lx", f->vector,
	     f->esr, f->pc, f->far);
}
