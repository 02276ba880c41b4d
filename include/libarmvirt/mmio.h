/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Emulated loads and stores: from a data abort to the value and back.
 */
#ifndef LIBARMVIRT_MMIO_H
#define LIBARMVIRT_MMIO_H

#include <libarmvirt/exit.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/** One access of a guest to an emulated device. */
struct armvirt_mmio {
	armvirt_ipa_t ipa; /**< address of the access */
	uint64_t value;    /**< write: the value that the device receives, zero above its size */
	uint8_t bytes;     /**< 1, 2, 4 or 8 */
	uint8_t reg;       /**< transfer register, 31 is XZR */
	uint8_t insn_bytes; /**< length of the instruction, to step over it */
	bool write;        /**< the guest stores */
	bool sign_extend;  /**< load: extend the sign */
	bool wide;         /**< load: into 64 bits, else into 32 */
	bool swap;         /**< the guest accesses big-endian: bytes are swapped on the way */
	bool ordered;      /**< acquire (load) or release (store) */
};

/**
 * @brief Describes the access that caused an exit.
 * @param mmio  written whole on success
 * @param exit  an exit, of any kind
 * @param frame the guest, not changed
 * @param sctlr the guest's SCTLR_EL1 (its bits EE and E0E decide the byte order of AArch64)
 * @return ARMVIRT_OK; ARMVIRT_E_SYNDROME if the syndrome does not describe the access (no data
 *         abort, ISV clear, a stage-1 descriptor, cache maintenance, 64 bytes at once (FEAT_LS64), a
 *         combination that no instruction has): decode the instruction with armvirt_insn_decode(),
 *         or inject an abort;
 *         ARMVIRT_E_ABSENT if the address has to be translated first (ipa_source): set
 *         exit->u.abort.ipa and ipa_source and call again.
 *
 * When ordered is set and the device's state is shared between CPUs, the caller's model puts an
 * acquire fence behind the load or a release fence before the store.
 *
 * Pure. Architecture: ESR_EL2 ISS of a data abort, BigEndian().
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mmio_start(struct armvirt_mmio *mmio,
							 const struct armvirt_exit *exit,
							 const struct armvirt_frame *frame,
							 uint64_t sctlr);

/**
 * @brief The plain access in one step: armvirt_exit_decode() and armvirt_mmio_start() for hot paths.
 * @param mmio  written whole on success
 * @param regs  what the processor recorded
 * @param frame the guest, not changed
 * @param sctlr the guest's SCTLR_EL1
 * @return ARMVIRT_OK for a data abort of an AArch64 guest with a valid syndrome and a Translation
 *         fault of level 0 to 3: @p mmio is what the two calls would have given; ARMVIRT_E_SYNDROME
 *         for everything else: decode it.
 *
 * About 45 instructions. Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mmio_decode(struct armvirt_mmio *mmio,
							  const struct armvirt_exit_regs *regs,
							  const struct armvirt_frame *frame,
							  uint64_t sctlr);

/**
 * @brief Completes an access: writes the register of a load and steps over the instruction.
 * @param mmio  from armvirt_mmio_start() or armvirt_mmio_decode()
 * @param frame the guest
 * @param value load: what the device answered, bits above its size are ignored; store: ignored
 *
 * A load is swapped if the guest is big-endian, extended from its size to 32 or 64 bits, and
 * zero-extended to the whole register. Pure.
 */
void armvirt_mmio_finish(const struct armvirt_mmio *mmio, struct armvirt_frame *frame,
			 uint64_t value);

/**
 * @brief Whether a guest's data accesses are big-endian at this moment.
 * @param pstate its PSTATE
 * @param sctlr  its SCTLR_EL1
 *
 * Pure. Architecture: BigEndian(): PSTATE.E in AArch32, SCTLR_EL1.E0E at EL0, EE at EL1.
 */
bool armvirt_guest_big_endian(uint64_t pstate, uint64_t sctlr);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
