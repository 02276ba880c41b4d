/* SPDX-License-Identifier: BSD-2-Clause */
/* Any instruction over any guest: decoded, its accesses, completed. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct armvirt_frame frame;
	uint32_t word;
	uint64_t sp;

	TAKE(word);
	TAKE(sp);
	TAKE(frame);
	emulate(word, &frame, sp, size & 1);
	return 0;
}
