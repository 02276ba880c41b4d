/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mmio.h>

#include "lib/trap/pstate.h"

#define SCTLR_E0E (UINT64_C(1) << 24)
#define SCTLR_EE  (UINT64_C(1) << 25)
#define LST       (UINT64_C(3) << 11)

bool armvirt_guest_big_endian(uint64_t pstate, uint64_t sctlr)
{
	if (pstate & PS_AA32)
		return (pstate & PS_E) != 0;
	return (sctlr & (ps_el(pstate) == 0 ? SCTLR_E0E : SCTLR_EE)) != 0;
}

static uint64_t swap_bytes(uint64_t value, unsigned bytes)
{
	return __builtin_bswap64(value) >> (64 - 8 * bytes);
}

static uint64_t low_bytes(uint64_t value, unsigned bytes)
{
	unsigned unused = 64 - 8 * bytes;

	return value << unused >> unused;
}

/*
 * What no load or store has: 64 bits through a 32-bit register, XZR or 64 bits in AArch32.
 * And 64 bytes, which struct armvirt_mmio cannot carry.
 */
static bool impossible(const struct armvirt_abort *a, bool aarch32)
{
	bool wide = a->flags & ARMVIRT_ABORT_SF;

	return a->bytes > 8 || (a->bytes == 8 && !wide) || (aarch32 && (wide || a->reg == 31));
}

static inline void take_stored(struct armvirt_mmio *mmio, const struct armvirt_frame *frame)
{
	uint64_t value;

	if (!mmio->write || mmio->reg == 31)
		return;
	value = low_bytes(frame->x[mmio->reg], mmio->bytes);
	mmio->value = mmio->swap ? swap_bytes(value, mmio->bytes) : value;
}

enum armvirt_status armvirt_mmio_start(struct armvirt_mmio *mmio, const struct armvirt_exit *exit,
				       const struct armvirt_frame *frame, uint64_t sctlr)
{
	const struct armvirt_abort *a = &exit->u.abort;
	uint64_t flags = a->flags;

	if (exit->kind != ARMVIRT_EXIT_DABT)
		return ARMVIRT_E_SYNDROME;
	if ((flags & (ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_CM | ARMVIRT_ABORT_S1PTW)) !=
	    ARMVIRT_ABORT_ISV)
		return ARMVIRT_E_SYNDROME;
	if (impossible(a, exit->aarch32))
		return ARMVIRT_E_SYNDROME;
	if (a->ipa_source != ARMVIRT_IPA_EXACT)
		return ARMVIRT_E_ABSENT;

	*mmio = (struct armvirt_mmio){
		.ipa = a->ipa,
		.bytes = a->bytes,
		.reg = a->reg,
		.insn_bytes = exit->insn_bytes,
		.write = (flags & ARMVIRT_ABORT_WRITE) != 0,
		.sign_extend = (flags & ARMVIRT_ABORT_SSE) != 0,
		.wide = (flags & ARMVIRT_ABORT_SF) != 0,
		.swap = armvirt_guest_big_endian(frame->pstate, sctlr),
		.ordered = (flags & ARMVIRT_ABORT_AR) != 0,
	};
	take_stored(mmio, frame);
	return ARMVIRT_OK;
}

/*
 * The plain access: a data abort of AArch64, ISV set, no cache maintenance, no descriptor, no
 * VNCR page, no GCS, no 64 bytes, Translation fault of level 0 to 3, for which HPFAR_EL2 is valid.
 */
#define PLAIN_MASK                                                                          \
	(UINT64_C(0x3f) << 26 | ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_VNCR | ARMVIRT_ABORT_CM | \
	 ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_GCS | LST | 0x3c)
#define PLAIN (UINT64_C(0x24) << 26 | ARMVIRT_ABORT_ISV | 0x04)

enum armvirt_status armvirt_mmio_decode(struct armvirt_mmio *mmio,
					const struct armvirt_exit_regs *regs,
					const struct armvirt_frame *frame, uint64_t sctlr)
{
	uint64_t esr = regs->esr;
	unsigned size = esr >> 22 & 3;

	if ((esr & PLAIN_MASK) != PLAIN || (regs->pstate & PS_AA32))
		return ARMVIRT_E_SYNDROME;
	if (size == 3 && !(esr & ARMVIRT_ABORT_SF))
		return ARMVIRT_E_SYNDROME;
	*mmio = (struct armvirt_mmio){
		.ipa = (regs->hpfar & UINT64_C(0x0000fffffffffff0)) << 8 | (regs->far & 0xfff),
		.bytes = (uint8_t)(1u << size),
		.reg = esr >> 16 & 31,
		.insn_bytes = 4,
		.write = (esr & ARMVIRT_ABORT_WRITE) != 0,
		.sign_extend = (esr & ARMVIRT_ABORT_SSE) != 0,
		.wide = (esr & ARMVIRT_ABORT_SF) != 0,
		.swap = armvirt_guest_big_endian(regs->pstate, sctlr),
		.ordered = (esr & ARMVIRT_ABORT_AR) != 0,
	};
	take_stored(mmio, frame);
	return ARMVIRT_OK;
}

static uint64_t extend(const struct armvirt_mmio *mmio, uint64_t value)
{
	unsigned unused = 64 - 8u * mmio->bytes;

	value <<= unused;
	value = mmio->sign_extend ? (uint64_t)((int64_t)value >> unused) : value >> unused;
	/* A W register: what sign extension put above bit 31 is not there. */
	return mmio->wide ? value : (uint32_t)value;
}

void armvirt_mmio_finish(const struct armvirt_mmio *mmio, struct armvirt_frame *frame,
			 uint64_t value)
{
	if (!mmio->write && mmio->reg < 31) {
		if (mmio->swap)
			value = swap_bytes(value, mmio->bytes);
		frame->x[mmio->reg] = extend(mmio, value);
	}
	armvirt_frame_skip(frame, mmio->insn_bytes);
}
