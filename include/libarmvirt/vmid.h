/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief VMIDs: more virtual machines than identifiers, without flushing at each switch.
 */
#ifndef LIBARMVIRT_VMID_H
#define LIBARMVIRT_VMID_H

#include <libarmvirt/base.h>
#include <libarmvirt/s2.h>
#include <libarmvirt/tlb.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vmid VMIDs
 * @brief Identifiers by generation: an identifier is good while its generation is current.
 *
 * When identifiers run out a new generation begins: all TLBs are invalidated once,
 * and what runs on a CPU at that moment keeps its identifier. Entering a virtual
 * machine of the current generation takes no lock. VMID 0 is never given out.
 * @{
 */

/** Bytes of caller memory for VMIDs of @p bits bits (8 or 16) and @p cpus CPUs. */
#define ARMVIRT_VMIDS_BYTES(bits, cpus) (((size_t)1 << (bits)) / 8 + 16 * (size_t)(cpus))

/** The identifiers of one system. The caller owns the memory; opaque. */
struct armvirt_vmids {
	uint64_t generation; /**< private: current generation, in bits 63:16 */
	uint64_t *active;    /**< private: by CPU, what runs there */
	uint64_t *reserved;  /**< private: by CPU, what ran there at the last rollover */
	uint64_t *used;      /**< private: bitmap of identifiers */
	uint32_t next;       /**< private: where the search goes on */
	uint16_t cpus;       /**< private: number of CPUs */
	uint8_t bits;        /**< 8 or 16 */
};

/** The identifier of one virtual machine; zeroed memory is "none yet". */
struct armvirt_vmid {
	uint64_t value; /**< private: generation in 63:16, identifier in 15:0 */
};

/** Memory for @ref armvirt_vmids_init. */
struct armvirt_vmids_memory {
	void *start;   /**< aligned to 8 bytes */
	size_t bytes;  /**< at least ARMVIRT_VMIDS_BYTES */
	uint16_t cpus; /**< CPUs that will enter virtual machines */
};

/**
 * @brief Makes an allocator whose width is that of VTCR_EL2.VS in the geometry.
 * @retval ARMVIRT_E_ARG   no CPU, or as many CPUs as identifiers
 * @retval ARMVIRT_E_ALIGN misaligned memory
 * @retval ARMVIRT_E_SIZE  too little memory
 *
 * Every virtual machine of the system must use geometries of one width. Per object.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vmids_init(struct armvirt_vmids *v,
							 const struct armvirt_s2_geometry *g,
							 const struct armvirt_vmids_memory *m);

/**
 * @brief Enters a virtual machine on a CPU: the fast path.
 * @param v    the allocator
 * @param vmid the virtual machine's identifier
 * @param cpu  the calling CPU, below the number given at init
 * @return true: @ref armvirt_vmid_number is good until @ref armvirt_vmid_leave or the next enter
 *         on this CPU; false: call @ref armvirt_vmid_enter_slow
 *
 * Shared, lock-free. The caller stays on the CPU. No barrier.
 */
static inline bool armvirt_vmid_enter(struct armvirt_vmids *v, const struct armvirt_vmid *vmid,
				      unsigned cpu)
{
	/* Acquire: orders a number of the new generation before this CPU's entry, 0 since then. */
	uint64_t value = __atomic_load_n(&vmid->value, __ATOMIC_ACQUIRE);
	uint64_t old = __atomic_load_n(&v->active[cpu], __ATOMIC_RELAXED);

	/* 0 in active: a rollover took notice of this CPU, its result must be seen first. */
	return old && !((value ^ __atomic_load_n(&v->generation, __ATOMIC_RELAXED)) >> 16) &&
	       __atomic_compare_exchange_n(&v->active[cpu], &old, value, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}

/**
 * @brief Enters a virtual machine whose identifier is of an old generation, or none.
 * @param v    the allocator
 * @param vmid the virtual machine's identifier
 * @param cpu  the calling CPU
 * @param plan written whole; if it has an operation, execute it before the lock is released
 *
 * Exclusive: under a lock of the caller's that all CPUs share. Takes time in proportion to the
 * identifiers in the worst case.
 */
void armvirt_vmid_enter_slow(struct armvirt_vmids *v, struct armvirt_vmid *vmid, unsigned cpu,
			     struct armvirt_tlb_plan *plan);

/** The CPU leaves what it ran and is idle: its identifier may be taken. Shared, lock-free. */
static inline void armvirt_vmid_leave(struct armvirt_vmids *v, unsigned cpu)
{
	uint64_t old = __atomic_load_n(&v->active[cpu], __ATOMIC_RELAXED);

	/* 0 stays: the next entry waits for the rollover. 1 is of no generation. */
	if (old)
		(void)__atomic_compare_exchange_n(&v->active[cpu], &old, UINT64_C(1), false,
						  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/** The identifier itself, for VTTBR_EL2. Shared. */
static inline uint16_t armvirt_vmid_number(const struct armvirt_vmid *vmid)
{
	return (uint16_t)__atomic_load_n(&vmid->value, __ATOMIC_RELAXED);
}

/** Which vCPU of a virtual machine ran last on each CPU. The caller owns the memory. */
struct armvirt_vmid_guard {
	uint16_t *last; /**< one for each CPU, 0xffff at first */
};

/**
 * @brief Tells whether a CPU must invalidate before it runs a vCPU.
 * @param guard of the virtual machine
 * @param cpu   the calling CPU
 * @param vcpu  index of the vCPU, below 0xffff
 * @param plan  written whole; execute it at EL2 on this CPU with the machine's VTTBR_EL2 loaded,
 *              if it has an operation
 *
 * Two vCPUs of one machine have one VMID but ASIDs of their own: what one left in the TLB of a
 * core the other must not use. Per CPU: no other CPU touches the entry.
 */
void armvirt_vmid_guard_check(struct armvirt_vmid_guard *guard, unsigned cpu, unsigned vcpu,
			      struct armvirt_tlb_plan *plan);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
