/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The SMC calling convention: decoding of calls and a filter.
 */
#ifndef LIBARMVIRT_SMCCC_H
#define LIBARMVIRT_SMCCC_H

#include <libarmvirt/exit.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/**
 * @name Parts of a function identifier
 * @{
 */
#define ARMVIRT_SMCCC_FAST     UINT32_C(0x80000000) /**< fast call, else yielding */
#define ARMVIRT_SMCCC_64       UINT32_C(0x40000000) /**< 64-bit convention */
#define ARMVIRT_SMCCC_OWNER    UINT32_C(0x3f000000) /**< owner, mask */
#define ARMVIRT_SMCCC_RESERVED UINT32_C(0x00fe0000) /**< must be zero in a fast call, mask */
#define ARMVIRT_SMCCC_SVE_HINT UINT32_C(0x00010000) /**< fast call: no live SVE state */
#define ARMVIRT_SMCCC_NUMBER   UINT32_C(0x0000ffff) /**< number, mask */
/** @} */

/**
 * @name Results that the convention defines
 * @{
 */
#define ARMVIRT_SMCCC_SUCCESS           0    /**< done */
#define ARMVIRT_SMCCC_NOT_SUPPORTED     (-1) /**< unknown function */
#define ARMVIRT_SMCCC_NOT_REQUIRED      (-2) /**< not needed here */
#define ARMVIRT_SMCCC_INVALID_PARAMETER (-3) /**< an argument is wrong */
/** @} */

/** Owner of a function range. */
enum armvirt_smccc_owner {
	ARMVIRT_SMCCC_OWNER_ARCH = 0,         /**< Arm Architecture calls */
	ARMVIRT_SMCCC_OWNER_CPU = 1,          /**< CPU service calls */
	ARMVIRT_SMCCC_OWNER_SIP = 2,          /**< SiP service calls */
	ARMVIRT_SMCCC_OWNER_OEM = 3,          /**< OEM service calls */
	ARMVIRT_SMCCC_OWNER_STANDARD = 4,     /**< Standard Secure calls: PSCI, TRNG, FF-A */
	ARMVIRT_SMCCC_OWNER_HYP = 5,          /**< Standard Hypervisor calls */
	ARMVIRT_SMCCC_OWNER_VENDOR_HYP = 6,   /**< Vendor Specific Hypervisor calls */
	ARMVIRT_SMCCC_OWNER_TRUSTED_APP = 48, /**< first of the Trusted Application calls */
	ARMVIRT_SMCCC_OWNER_TRUSTED_OS = 50   /**< first of the Trusted OS calls */
};

/** A call, decoded. */
struct armvirt_smccc_call {
	uint32_t function; /**< function identifier without the SVE hint: compare this */
	uint16_t number;   /**< number within the owner's range */
	uint8_t owner;     /**< an @ref armvirt_smccc_owner */
	bool fast;         /**< fast call */
	bool wide;         /**< 64-bit convention */
	bool sve_hint;     /**< the caller has no live SVE state */
	bool smc;          /**< by SMC, else by HVC */
	bool valid;        /**< the convention allows this identifier from this state */
};

/** What happens to a call. The numbers from ARMVIRT_SMCCC_USER on are the caller's. */
enum armvirt_smccc_action {
	ARMVIRT_SMCCC_DENY = 0,        /**< answer NOT_SUPPORTED */
	ARMVIRT_SMCCC_ALLOW = 1,       /**< serve it here */
	ARMVIRT_SMCCC_FORWARD = 2,     /**< hand it to the firmware, or to user space */
	ARMVIRT_SMCCC_USER = 16,       /**< first of 240 actions of the caller's own */
	ARMVIRT_SMCCC_ACTION_MAX = 255 /**< last of them */
};

/** A rule of a filter: the functions first to last, both included. */
struct armvirt_smccc_rule {
	uint32_t first; /**< first function identifier, SVE hint clear */
	uint32_t last;  /**< last function identifier */
	uint8_t action; /**< an @ref armvirt_smccc_action */
};

/** A filter: rules in rising order, without overlap. What no rule names is denied. */
struct armvirt_smccc_filter {
	const struct armvirt_smccc_rule *rule; /**< the caller's constant table */
	uint32_t count;                        /**< number of rules, 0 denies all */
};

/**
 * @brief Decodes a call.
 * @param call  written whole on success
 * @param exit  an exit
 * @param frame the guest
 * @return ARMVIRT_OK; ARMVIRT_E_ARG if the exit is no HVC or SMC; ARMVIRT_E_DENIED if the immediate
 *         is not zero, so that it is no call of this convention (the architecture's answer to an
 *         HVC that nobody knows is armvirt_inject_undef()).
 *
 * valid is clear for a fast call with reserved bits set, and for the 64-bit convention from
 * AArch32: the answer is NOT_SUPPORTED. Pure. Source: SMCCC (DEN 0028).
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_smccc_decode(struct armvirt_smccc_call *call,
							   const struct armvirt_exit *exit,
							   const struct armvirt_frame *frame);

/**
 * @brief Checks the rules of a filter, once.
 * @return ARMVIRT_OK; ARMVIRT_E_RANGE if a rule ends before it begins; ARMVIRT_E_ORDER if the
 *         rules are not in rising order or overlap.
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_smccc_filter_check(const struct armvirt_smccc_filter *filter);

/**
 * @brief What a filter says about a call: the action of its rule, or ARMVIRT_SMCCC_DENY if no
 *        rule names it or the call is not valid.
 *
 * Logarithmic in the number of rules. Pure.
 */
enum armvirt_smccc_action armvirt_smccc_filter_apply(const struct armvirt_smccc_filter *filter,
						     const struct armvirt_smccc_call *call);

/**
 * @brief Answers a call with one number and steps over a trapped SMC.
 * @param exit   the exit that the call came by
 * @param frame  the guest
 * @param result for X0; sign-extended, so that the 32-bit and the 64-bit view agree
 *
 * X1 to X30 are preserved, as SMCCC 1.1 asks. Pure.
 */
void armvirt_smccc_return(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			  int64_t result);

/**
 * @brief Answers a call with four numbers, X0 to X3, and steps over a trapped SMC.
 * @param exit   the exit that the call came by
 * @param frame  the guest
 * @param result four numbers; the upper halves are dropped for an AArch32 guest
 *
 * Pure.
 */
void armvirt_smccc_return4(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			   const uint64_t *result);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
