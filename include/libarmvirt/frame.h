/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The general registers of a guest, as the world switch stores them.
 */
#ifndef LIBARMVIRT_FRAME_H
#define LIBARMVIRT_FRAME_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup base
 * @{
 */

/**
 * General registers, program counter and PSTATE of a guest that is not running.
 * The first member of `struct armvirt_vcpu`; the pure modules take a pointer to
 * it, so that they work on a frame of any origin.
 */
struct armvirt_frame {
	uint64_t x[31];  /**< X0 to X30 (AArch32: banked registers by the architecture's mapping) */
	uint64_t pc;     /**< where the guest goes on: ELR_EL2 */
	uint64_t pstate; /**< with which PSTATE, in the layout of SPSR_EL2 */
};

/** @} */

#ifdef __cplusplus
}
#endif

#endif
