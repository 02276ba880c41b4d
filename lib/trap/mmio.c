/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mmio.h>

#include "lib/trap/pstate.h"

#define SCTLR_E0E (UINT64_C(1) << 24)
#define SCTLR_EE  (UINT64_C(1) << 25)

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

/* What no load or store has: 64 bits through a 32-bit register, XZR or 64 bits in AArch32. */
static bool impossible(const struct armvirt_abort *a, bool aarch32)
{
	bool wide = a->flags & ARMVIRT_ABORT_SF;

	return (a->bytes == 8 && !wide) || (aarch32 && (wide || a->reg == 31));
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

	mmio->ipa = a->ipa;
	mmio->bytes = a->bytes;
	mmio->reg = a->reg;
	mmio->write = (flags & ARMVIRT_ABORT_WRITE) != 0;
	mmio->sign_extend = (flags & ARMVIRT_ABORT_SSE) != 0;
	mmio->wide = (flags & ARMVIRT_ABORT_SF) != 0;
	mmio->ordered = (flags & ARMVIRT_ABORT_AR) != 0;
	mmio->swap = armvirt_guest_big_endian(frame->pstate, sctlr);
	mmio->value = 0;
	if (mmio->write && a->reg < 31) {
		uint64_t value = low_bytes(frame->x[a->reg], a->bytes);

		mmio->value = mmio->swap ? swap_bytes(value, a->bytes) : value;
	}
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

void armvirt_mmio_finish(const struct armvirt_mmio *mmio, const struct armvirt_exit *exit,
			 struct armvirt_frame *frame, uint64_t value)
{
	if (!mmio->write && mmio->reg < 31) {
		if (mmio->swap)
			value = swap_bytes(value, mmio->bytes);
		frame->x[mmio->reg] = extend(mmio, value);
	}
	armvirt_frame_skip(frame, exit->insn_bytes);
}
