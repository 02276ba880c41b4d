/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The state of a vCPU as bytes, by register number.
 */
#ifndef LIBARMVIRT_VCPU_STATE_H
#define LIBARMVIRT_VCPU_STATE_H

#include <libarmvirt/base.h>
#include <libarmvirt/vcpu.h>
#include <libarmvirt/vcpu_regs.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vcpu_state State of a vCPU
 * @brief Saving and restoring a vCPU in a format that outlives a version of the library.
 *
 * Little-endian. A header: magic (8 bytes), version (4), number of records (4), two words of 0.
 * Then the records in ascending order of their numbers: number (4 bytes), 0 (4), value (8).
 * The numbers are those of @ref vcpu_regs.
 *
 * What is not in it: traps, identity, stage 2, timers and GIC, unless a set of the vCPU holds them.
 * @{
 */

#define ARMVIRT_STATE_MAGIC        UINT64_C(0x5550435654525641) /**< "AVRTVCPU" */
#define ARMVIRT_STATE_VERSION      1  /**< what this library writes, and the highest it reads */
#define ARMVIRT_STATE_HEADER_BYTES 32 /**< size of the header */
#define ARMVIRT_STATE_RECORD_BYTES 16 /**< size of a record */

/** Bytes that armvirt_vcpu_state_save() writes for this vCPU. Pure. */
size_t armvirt_vcpu_state_bytes(const struct armvirt_vcpu *vcpu);

/**
 * @brief Writes the state of a vCPU.
 * @param vcpu   held by no CPU: armvirt_hw_vcpu_put()
 * @param buffer of any alignment
 * @param bytes  its size: armvirt_vcpu_state_bytes() at least
 *
 * Pure. ARMVIRT_E_STATE: a CPU holds state of it; ARMVIRT_E_SIZE: the buffer is too
 * small. Nothing is written after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_state_save(const struct armvirt_vcpu *vcpu,
							      void *buffer, size_t bytes);

/**
 * @brief Restores a vCPU from bytes that nobody has to trust.
 * @param vcpu   prepared with the sets that it needs, held by no CPU
 * @param buffer what armvirt_vcpu_state_save() wrote, of any alignment
 * @param bytes  its exact size
 *
 * Registers that the buffer does not name stay as they are. Pure.
 * ARMVIRT_E_STATE: a CPU holds state of it; ARMVIRT_E_SIZE: bytes do not fit the header;
 * ARMVIRT_E_UNSUPPORTED: a later version, a register that the vCPU has not, or another vector
 * length; ARMVIRT_E_ORDER: records not ascending; ARMVIRT_E_CORRUPT: no header of this format, no
 * PC or PSTATE, bits that must be 0, or a PSTATE that this guest cannot have. The vCPU is as before
 * after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_state_restore(struct armvirt_vcpu *vcpu,
								 const void *buffer, size_t bytes);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
