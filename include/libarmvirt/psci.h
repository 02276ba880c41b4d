/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief PSCI 1.1 and the versions of SMCCC, as a guest sees them.
 */
#ifndef LIBARMVIRT_PSCI_H
#define LIBARMVIRT_PSCI_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup psci Power control
 * @brief CPU_ON, CPU_OFF, system off and reset, SMCCC versions: decisions, with exact return codes.
 *
 * armvirt_psci_call() decides; what happens to vCPUs is the caller's. A vCPU that is to start is
 * ON_PENDING from the decision until its own armvirt_psci_started(); one that stops is ON until
 * armvirt_psci_stopped(), after which another CPU_ON may use it. Both states change by one atomic
 * step on the target, so that of two callers at once one wins.
 *
 * Source: PSCI (DEN 0022), SMCCC (DEN 0028).
 * @{
 */

/** @name Function identifiers; ARMVIRT_PSCI_64 more for the 64-bit form
 * @{ */
#define ARMVIRT_PSCI_64                UINT32_C(0x40000000) /**< 64-bit convention */
#define ARMVIRT_PSCI_VERSION           UINT32_C(0x84000000) /**< PSCI_VERSION */
#define ARMVIRT_PSCI_CPU_SUSPEND       UINT32_C(0x84000001) /**< CPU_SUSPEND */
#define ARMVIRT_PSCI_CPU_OFF           UINT32_C(0x84000002) /**< CPU_OFF */
#define ARMVIRT_PSCI_CPU_ON            UINT32_C(0x84000003) /**< CPU_ON */
#define ARMVIRT_PSCI_AFFINITY_INFO     UINT32_C(0x84000004) /**< AFFINITY_INFO */
#define ARMVIRT_PSCI_MIGRATE_INFO_TYPE UINT32_C(0x84000006) /**< MIGRATE_INFO_TYPE */
#define ARMVIRT_PSCI_SYSTEM_OFF        UINT32_C(0x84000008) /**< SYSTEM_OFF */
#define ARMVIRT_PSCI_SYSTEM_RESET      UINT32_C(0x84000009) /**< SYSTEM_RESET */
#define ARMVIRT_PSCI_FEATURES          UINT32_C(0x8400000a) /**< PSCI_FEATURES */
#define ARMVIRT_PSCI_SYSTEM_RESET2     UINT32_C(0x84000012) /**< SYSTEM_RESET2 */
#define ARMVIRT_SMCCC_VERSION          UINT32_C(0x80000000) /**< SMCCC_VERSION */
#define ARMVIRT_SMCCC_ARCH_FEATURES    UINT32_C(0x80000001) /**< SMCCC_ARCH_FEATURES */
/** @} */

/** @name Return codes
 * @{ */
#define ARMVIRT_PSCI_SUCCESS            0    /**< done */
#define ARMVIRT_PSCI_NOT_SUPPORTED      (-1) /**< unknown function, or not here */
#define ARMVIRT_PSCI_INVALID_PARAMETERS (-2) /**< no such CPU, reserved bits, bad level */
#define ARMVIRT_PSCI_DENIED             (-3) /**< not now, by policy */
#define ARMVIRT_PSCI_ALREADY_ON         (-4) /**< the target runs */
#define ARMVIRT_PSCI_ON_PENDING         (-5) /**< the target is being started */
#define ARMVIRT_PSCI_INTERNAL_FAILURE   (-6) /**< the machine failed */
#define ARMVIRT_PSCI_INVALID_ADDRESS    (-9) /**< the entry point is not memory, or misaligned */
/** @} */

/** State of a vCPU. The numbers are what AFFINITY_INFO returns. */
enum armvirt_psci_state {
	ARMVIRT_PSCI_STATE_ON = 0,        /**< runs */
	ARMVIRT_PSCI_STATE_OFF = 1,       /**< off */
	ARMVIRT_PSCI_STATE_ON_PENDING = 2 /**< started, not there yet */
};

/** What the caller has to do after a call. */
enum armvirt_psci_action {
	ARMVIRT_PSCI_RETURN = 0,   /**< nothing: x0 = ret, go on */
	ARMVIRT_PSCI_START,        /**< start vCPU target; x0 = ret, go on */
	ARMVIRT_PSCI_STOP,         /**< stop the calling vCPU, then armvirt_psci_stopped() */
	ARMVIRT_PSCI_WAIT,         /**< as a WFI, then x0 = ret, go on */
	ARMVIRT_PSCI_SYSTEM_STOP,  /**< stop every vCPU; the machine is off */
	ARMVIRT_PSCI_SYSTEM_RESTART, /**< stop every vCPU; the machine starts anew */
	ARMVIRT_PSCI_SYSTEM_RESTART_WARM /**< the same, SYSTEM_RESET2 warm */
};

/** One vCPU. An array of them is the caller's. */
struct armvirt_psci_cpu {
	uint64_t mpidr;   /**< Aff3 in 39:32, Aff2 to Aff0 in 23:0, all else zero */
	uint64_t entry;   /**< where it starts; valid while ON_PENDING */
	uint64_t context; /**< X0 when it starts; valid while ON_PENDING */
	uint32_t state;   /**< an @ref armvirt_psci_state; changed atomically */
	uint8_t wide;     /**< it was started from AArch64 */
	uint8_t big;      /**< its caller's data accesses were big-endian: SCTLR_EL1.EE */
	uint16_t reserved; /**< zero */
};

/** A virtual machine. */
struct armvirt_psci {
	struct armvirt_psci_cpu *cpu; /**< the vCPUs */
	uint32_t cpu_count;           /**< at least 1 */
	uint32_t flags;               /**< ARMVIRT_PSCI_FLAG_* */
	struct armvirt_ipa_range ram; /**< where an entry point may be */
};

/** CPU_OFF of the last running vCPU is DENIED (else it stops the machine's last one). */
#define ARMVIRT_PSCI_FLAG_KEEP_LAST UINT32_C(1)
/** Do not offer SYSTEM_RESET2. */
#define ARMVIRT_PSCI_FLAG_NO_RESET2 UINT32_C(2)

/** A call. */
struct armvirt_psci_request {
	uint32_t function; /**< identifier, SVE hint removed */
	uint64_t x1;       /**< first argument */
	uint64_t x2;       /**< second argument */
	uint64_t x3;       /**< third argument */
	bool aarch32;      /**< the caller is in AArch32 */
	bool big_endian;   /**< the caller's SCTLR_EL1.EE */
};

/** The answer. */
struct armvirt_psci_result {
	int64_t ret;     /**< for X0, sign-extended as SMCCC wants */
	uint32_t action; /**< an @ref armvirt_psci_action */
	uint32_t target; /**< START: which vCPU */
};

/**
 * @brief Whether a function is one that armvirt_psci_call() answers (SMCCC_VERSION and
 *        SMCCC_ARCH_FEATURES among them). Pure.
 */
bool armvirt_psci_knows(const struct armvirt_psci *vm, uint32_t function, bool aarch32);

/**
 * @brief Decides a call.
 * @param vm      the machine
 * @param self    the vCPU that calls
 * @param request what it asks
 * @return what to answer and to do; NOT_SUPPORTED for a function that is none of these
 *
 * Arguments of 32-bit functions count with their low halves only. Linear in the number of vCPUs.
 * Shared: any number of vCPUs at once.
 */
struct armvirt_psci_result armvirt_psci_call(struct armvirt_psci *vm, unsigned self,
					     const struct armvirt_psci_request *request);

/**
 * @brief The started vCPU is about to run its first instruction: ON_PENDING becomes ON.
 * @return ARMVIRT_OK; ARMVIRT_E_STATE if it was not ON_PENDING
 *
 * Read entry, context, wide and big before. Registers: X0 = context, PC = entry, PSTATE EL1h with
 * DAIF set, MMU and caches off, SCTLR_EL1.EE = big. Shared; acquires what the caller of CPU_ON wrote.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_psci_started(struct armvirt_psci *vm, unsigned cpu);

/** The vCPU could not be started: ON_PENDING becomes OFF. As armvirt_psci_started(). */
ARMVIRT_NODISCARD enum armvirt_status armvirt_psci_refused(struct armvirt_psci *vm, unsigned cpu);

/** The vCPU will not touch its state any more: ON becomes OFF. Shared; releases what it wrote.
 *  @return ARMVIRT_OK; ARMVIRT_E_STATE if it was not ON */
ARMVIRT_NODISCARD enum armvirt_status armvirt_psci_stopped(struct armvirt_psci *vm, unsigned cpu);

/** State of a vCPU that exists. */
static inline enum armvirt_psci_state armvirt_psci_get_state(const struct armvirt_psci *vm,
							     unsigned cpu)
{
	return (enum armvirt_psci_state)__atomic_load_n(&vm->cpu[cpu].state, __ATOMIC_ACQUIRE);
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
