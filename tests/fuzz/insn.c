/* SPDX-License-Identifier: BSD-2-Clause */
/* Any instruction over any guest: decoded, its accesses, completed; and any stage 1, walked. */
#include <libarmvirt/guestwalk.h>
#include <libarmvirt/insn.h>

#include "fuzz.h"

static void emulate(uint32_t word, struct armvirt_frame *frame, uint64_t sp, bool swap)
{
	const struct armvirt_insn_regs regs = {frame, &sp, 4, swap};
	const uint64_t value[2] = {sp, ~sp};
	struct armvirt_memop op[2];
	struct armvirt_insn insn;
	const struct armvirt_insn32 narrow = {word, frame->pstate};
	enum armvirt_insn_class c = frame->pstate & 16 ? armvirt_insn32_decode(&insn, &narrow)
						       : armvirt_insn_decode(&insn, word);

	if (c != ARMVIRT_INSN_ACCESS && c != ARMVIRT_INSN_ZERO)
		return;
	REQUIRE(insn.count == 1 || insn.count == 2);
	armvirt_insn_accesses(&insn, &regs, op);
	for (unsigned i = 0; i < insn.count; i++)
		REQUIRE(op[i].bytes >= 1 && op[i].reg <= 31);
	armvirt_insn_finish(&insn, &regs, value);
}

static void walk(const uint8_t *data, size_t size)
{
	static _Alignas(4096) uint64_t memory[1024];
	struct armvirt_guest_mmu mmu;
	struct armvirt_guest_access access;
	struct armvirt_guest_translation t;
	const struct armvirt_guest_span span = {0x40000000, sizeof(memory), memory};
	const struct armvirt_guest_memory guest = {&span, 1};
	uint8_t flags, pa_bits;
	uint32_t word;

	TAKE(flags);
	TAKE(pa_bits);
	TAKE(mmu.sctlr);
	TAKE(mmu.tcr);
	TAKE(mmu.tcr2);
	TAKE(mmu.ttbr0);
	TAKE(mmu.ttbr1);
	TAKE(mmu.mair);
	TAKE(access.va);
	TAKE(memory);
	mmu.pa_bits = 32 + pa_bits % 21;
	mmu.lva = flags & 1;
	mmu.lpa2 = flags & 2;
	access.write = flags & 4;
	access.fetch = flags & 8;
	access.el0 = flags & 16;
	access.pan = flags & 32;
	if (armvirt_guest_translate(&t, &mmu, &guest, &access) == ARMVIRT_OK)
		REQUIRE(t.status != ARMVIRT_GUEST_NO_FAULT || t.ipa >> mmu.pa_bits == 0);
	(void)!armvirt_guest_fetch(&word, &mmu, &guest, &access);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct armvirt_frame frame;
	uint32_t word;
	uint64_t sp;

	TAKE(word);
	TAKE(sp);
	TAKE(frame);
	emulate(word, &frame, sp, size & 1);
	walk(data, size);
	return 0;
}
