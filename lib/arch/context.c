/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/context.h>

/* By number, from 1. */
static const struct {
	uint16_t key;
	uint8_t set;
	uint16_t offset;
} place_of[ARMVIRT_REGID_MAX] = {
#define PLACE(...) {__VA_ARGS__},
#define TIE(set, SET, reg, REG)
#define TIE_SIZE(set, SET)
#include "lib/arch/context.inc"
#undef PLACE
#undef TIE
#undef TIE_SIZE
};

bool armvirt_ctx_find_id(unsigned id, struct armvirt_ctx_place *place)
{
	if (id == 0 || id > ARMVIRT_REGID_MAX || place_of[id - 1].key == 0)
		return false;
	place->set = place_of[id - 1].set;
	place->reserved = 0;
	place->offset = place_of[id - 1].offset;
	return true;
}

bool armvirt_ctx_find(uint32_t key, struct armvirt_ctx_place *place)
{
	for (unsigned id = 1; id <= ARMVIRT_REGID_MAX; id++) {
		if (place_of[id - 1].key == key)
			return armvirt_ctx_find_id(id, place);
	}
	return false;
}

uint32_t armvirt_ctx_key(unsigned id)
{
	return id == 0 || id > ARMVIRT_REGID_MAX ? 0 : place_of[id - 1].key;
}

/* The numbers for assembly and the structures for C are one layout. */
#define PLACE(...)
#define TIE(set, SET, reg, REG) \
	_Static_assert(offsetof(struct armvirt_ctx_##set, reg) == ARMVIRT_CTX_##SET##_##REG, #REG);
#define TIE_SIZE(set, SET) \
	_Static_assert(sizeof(struct armvirt_ctx_##set) == ARMVIRT_CTX_##SET##_BYTES, #SET);
#include "lib/arch/context.inc"
