/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction at a guest's PC. */
#include <libarmvirt/guestwalk.h>

#include "lib/trap/pstate.h"

/* Where a piece of an instruction is here; it does not cross a page. */
static enum armvirt_status find(const uint8_t **at, const struct armvirt_guest_mmu *mmu,
				const struct armvirt_guest_memory *memory,
				const struct armvirt_guest_access *access, unsigned bytes)
{
	struct armvirt_guest_translation t;
	struct armvirt_ipa_range range = {0, bytes};
	enum armvirt_status status = armvirt_guest_translate(&t, mmu, memory, access);

	if (status != ARMVIRT_OK)
		return status;
	if (t.status != ARMVIRT_GUEST_NO_FAULT)
		return ARMVIRT_RETRY;
	range.base = t.ipa;
	*at = armvirt_guest_at(memory, &range);
	return *at ? ARMVIRT_OK : ARMVIRT_E_ABSENT;
}

/* Instructions are little-endian whatever the data are. */
static uint32_t halfword(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

static bool is_wide(uint32_t first)
{
	return first >= 0xe800;
}

enum armvirt_status armvirt_guest_fetch(uint32_t *word, const struct armvirt_guest_mmu *mmu,
					const struct armvirt_guest_memory *memory,
					const struct armvirt_frame *frame)
{
	bool aarch32 = frame->pstate & PS_AA32, t32 = aarch32 && frame->pstate & PS_T;
	struct armvirt_guest_access access = {
		.va = aarch32 ? (uint32_t)frame->pc : frame->pc,
		.fetch = true,
		.el0 = aarch32 ? (frame->pstate & PS_M) == PS_AA32 : !(frame->pstate >> 2 & 3),
	};
	enum armvirt_status status;
	const uint8_t *at;
	uint32_t first;

	if (access.va & (t32 ? 1 : 3))
		return ARMVIRT_E_ALIGN;
	status = find(&at, mmu, memory, &access, t32 ? 2 : 4);
	if (status != ARMVIRT_OK)
		return status;
	first = halfword(at);
	if (!t32) {
		*word = first | halfword(at + 2) << 16;
		return ARMVIRT_OK;
	}
	if (!is_wide(first)) {
		*word = first;
		return ARMVIRT_OK;
	}
	access.va = (uint32_t)(access.va + 2);
	status = find(&at, mmu, memory, &access, 2); /* it may lie in the next page */
	if (status == ARMVIRT_OK)
		*word = first << 16 | halfword(at);
	return status;
}
