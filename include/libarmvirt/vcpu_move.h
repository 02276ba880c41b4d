/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief A vCPU changes its CPU, and several of one machine share one.
 */
#ifndef LIBARMVIRT_VCPU_MOVE_H
#define LIBARMVIRT_VCPU_MOVE_H

#include <libarmvirt/base.h>
#include <libarmvirt/vcpu.h>
#include <libarmvirt/vmid.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vcpu_move Moving vCPUs
 * @brief What of a vCPU stays behind in a CPU, and who takes it out.
 *
 * On the CPU that it leaves, in this order:
 *
 * | what | by | without it |
 * | --- | --- | --- |
 * | list registers, VMCR, active priorities | armvirt_hw_vgic_put() | its interrupts stay behind |
 * | timers, unless the set TIMER has them | armvirt_hw_timer_put() | they fire for the next vCPU |
 * | EL1 set, optional sets, FP, SIMD, SVE | armvirt_hw_vcpu_put() | armvirt_hw_vcpu_load()
 * elsewhere: ARMVIRT_E_BUSY | | its cache and TLB maintenance | armvirt_hw_vcpu_put(): DSB ISH |
 * not complete when it thinks so | | the caller's release | a store-release, a lock | the other CPU
 * reads old state |
 *
 * On the CPU that takes it: the caller's acquire, the VMID (armvirt_vmid_enter()),
 * armvirt_hw_vcpu_load(), armvirt_hw_vcpu_guard(), armvirt_hw_timer_load(), armvirt_hw_vgic_load(),
 * entry. A CPU that has put nothing keeps the EL1 set and FP registers of the last vCPUs, so that
 * the same vCPU again costs next to nothing; `fp_cpu` says where FP registers must be put first.
 *
 * TLBs and instruction caches are the vCPU's own, the architecture says, and a CPU has them once.
 * Two vCPUs of one machine have one VMID but ASIDs of their own; and what a guest invalidates for
 * itself (TLBI without IS) is invalidated where it is, while HCR_EL2.FB, which `migrates` of @ref
 * armvirt_policy sets, makes that reach every CPU. armvirt_hw_vcpu_guard() knows both cases.
 * @{
 */

/** Who sits where: indices of the caller's. */
struct armvirt_vcpu_seat {
	unsigned cpu;  /**< the CPU that this runs on, an index into the guard */
	unsigned vcpu; /**< the vCPU among those of its machine, below 0xffff */
};

/**
 * @brief Takes out of this CPU's TLB and instruction cache what the vCPU must not find there.
 * @param cpu   of the CPU this runs on; the vCPU is loaded, with the VTTBR_EL2 of its machine
 * @param vcpu  about to run
 * @param guard of the machine
 * @param seat  both as indices
 * @return whether something was invalidated
 *
 * Invalidates when another vCPU of the machine ran here last, and when this one ran elsewhere since
 * without HCR_EL2.FB. At EL2; the guard's entry of this CPU and the vCPU belong to this CPU.
 * When it does: ISB (orders VTTBR_EL2 before the TLBI), DSB ISH, TLBI VMALLE1, DSB ISH, IC IALLU,
 * DSB, ISB (order the invalidation before the guest). Otherwise no barrier.
 */
bool armvirt_hw_vcpu_guard(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu,
			   struct armvirt_vmid_guard *guard, const struct armvirt_vcpu_seat *seat);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
