/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The commonest emulated access, inline: for the hottest path of a hypervisor.
 */
#ifndef LIBARMVIRT_MMIO_INLINE_H
#define LIBARMVIRT_MMIO_INLINE_H

#include <libarmvirt/mmio.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/**
 * @brief armvirt_mmio_decode() of a little-endian guest's access, inline.
 * @param mmio  written whole if the result is true
 * @param regs  what the processor recorded
 * @param frame the guest, not changed
 * @param sctlr the guest's SCTLR_EL1
 * @return true: @p mmio is what armvirt_mmio_decode() would have given, and
 *         armvirt_mmio_inline_finish() may end the access. False: it is something else, or the
 * guest is big-endian now: call armvirt_mmio_decode().
 *
 * As the compiler sees both ends of @p mmio, only what the device asks for is computed. Pure.
 * Architecture: ESR_EL2 ISS of a data abort.
 */
static inline bool armvirt_mmio_inline_decode(struct armvirt_mmio *mmio,
					      const struct armvirt_exit_regs *regs,
					      const struct armvirt_frame *frame, uint64_t sctlr)
{
	/* EC, ISV, GCS, VNCR, LST, CM, S1PTW, and a Translation fault of level 0 to 3 */
	const uint64_t mask = UINT64_C(0x3f) << 26 | ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_VNCR |
			      ARMVIRT_ABORT_CM | ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_GCS |
			      UINT64_C(3) << 11 | 0x3c;
	const uint64_t plain = UINT64_C(0x24) << 26 | ARMVIRT_ABORT_ISV | 0x04;
	uint64_t esr = regs->esr;
	unsigned size = (unsigned)(esr >> 22 & 3), reg = (unsigned)(esr >> 16 & 31);

	/* AArch32, or SCTLR_EL1.EE or E0E */
	if ((esr & mask) != plain || (regs->pstate & 0x10) || (sctlr & UINT64_C(3) << 24))
		return false;
	if (size == 3 && !(esr & ARMVIRT_ABORT_SF))
		return false;
	mmio->ipa = (regs->hpfar & UINT64_C(0x0000fffffffffff0)) << 8 | (regs->far & 0xfff);
	mmio->bytes = (uint8_t)(1u << size);
	mmio->reg = (uint8_t)reg;
	mmio->insn_bytes = 4;
	mmio->write = (esr & ARMVIRT_ABORT_WRITE) != 0;
	mmio->sign_extend = (esr & ARMVIRT_ABORT_SSE) != 0;
	mmio->wide = (esr & ARMVIRT_ABORT_SF) != 0;
	mmio->swap = false;
	mmio->ordered = (esr & ARMVIRT_ABORT_AR) != 0;
	mmio->value = 0;
	if (mmio->write && reg < 31)
		mmio->value = frame->x[reg] & ~UINT64_C(0) >> (64 - (8u << size));
	return true;
}

/**
 * @brief armvirt_mmio_finish() of an access that armvirt_mmio_inline_decode() accepted.
 * @param mmio  from there
 * @param frame the guest
 * @param value load: what the device answered, bits above its size are ignored; store: ignored
 *
 * Pure.
 */
static inline void armvirt_mmio_inline_finish(const struct armvirt_mmio *mmio,
					      struct armvirt_frame *frame, uint64_t value)
{
	unsigned unused = 64 - 8u * mmio->bytes;

	if (!mmio->write && mmio->reg < 31) {
		value <<= unused;
		value = mmio->sign_extend ? (uint64_t)((int64_t)value >> unused) : value >> unused;
		/* A W register: what sign extension put above bit 31 is not there. */
		frame->x[mmio->reg] = mmio->wide ? value : (uint32_t)value;
	}
	frame->pc += 4;
	/* BTYPE, SS, PPEND: as after the instruction */
	frame->pstate &= ~(UINT64_C(0x4c00) | UINT64_C(1) << 21 | UINT64_C(1) << 33);
}

/** @} */

#ifdef __cplusplus
}
#endif

#endif
