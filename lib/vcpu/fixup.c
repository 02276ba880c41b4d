/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/fixup.h>

#define PSTATE_BTYPE (UINT64_C(3) << 10)

bool armvirt_fixup_find(const struct armvirt_fixup *table, uint64_t pc, uint64_t *to)
{
	size_t count = (uint32_t)table->from / sizeof(*table);

	for (size_t i = 1; i < count; i++) {
		if ((uintptr_t)&table[i].from + (uint64_t)(int64_t)table[i].from == pc) {
			*to = (uintptr_t)&table[i].to + (uint64_t)(int64_t)table[i].to;
			return true;
		}
	}
	return false;
}

bool armvirt_el2_fixup(struct armvirt_el2_frame *f, const struct armvirt_fixup *table)
{
	bool synchronous = f->vector == 0 || f->vector == 4;

	if (!synchronous || !armvirt_fixup_find(table, f->pc, &f->pc))
		return false;
	f->x[0] = f->esr;
	f->pstate &= ~PSTATE_BTYPE;
	return true;
}
