/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_move.h>

#include "lib/hw/seam.h"

#define HCR_FB (UINT64_C(1) << 9)

bool armvirt_hw_vcpu_guard(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu,
			   struct armvirt_vmid_guard *guard, const struct armvirt_vcpu_seat *seat)
{
	const struct armvirt_tlb_target here = {vcpu->traps.vttbr_el2, vcpu->traps.vtcr_el2,
						ARMVIRT_TLB_LOADED};
	bool was_away = vcpu->ran_on && vcpu->ran_on != cpu && !(vcpu->traps.hcr_el2 & HCR_FB);
	bool before = guard->last[seat->cpu] != 0xffff;
	struct armvirt_tlb_plan plan;

	vcpu->ran_on = cpu;
	armvirt_vmid_guard_check(guard, seat->cpu, seat->vcpu, &plan);
	if (was_away && before && !plan.count) {
		plan.kind[plan.count++] = ARMVIRT_TLB_VMID_LOCAL;
		plan.flags |= ARMVIRT_TLB_ICACHE_LOCAL;
	}
	if (!plan.count)
		return false;
	armvirt_seam_isb(); /* orders VTTBR_EL2 before the invalidation of its VMID */
	armvirt_hw_tlb_execute(&plan, &here);
	return true;
}
