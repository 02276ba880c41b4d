/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>

/* Bits of a register that exist while an ID field has at least a value (16: never). By key. */
static const struct rule {
	uint64_t mask;
	uint16_t key;
	uint8_t idreg;
	uint8_t shift;
	uint8_t least;
	uint8_t ones : 1;   /* RES1 otherwise, not RES0 */
	uint8_t layout : 2; /* enum armvirt_layout: only there */
	uint8_t e2h : 1;    /* bits that exist in ARMVIRT_LAYOUT_E2H1 only */
} rules[] = {
#define RULE(mask, ...) {ARMVIRT_U64(mask), __VA_ARGS__},
#include "lib/arch/reserved.inc"
};

static size_t first_rule(uint32_t key)
{
	size_t low = 0, high = sizeof(rules) / sizeof(rules[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rules[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool exists(const struct armvirt_idregs *id, const struct rule *r,
		   enum armvirt_layout layout)
{
	unsigned value = id->reg[r->idreg] >> r->shift & 15;

	if (r->e2h && layout == ARMVIRT_LAYOUT_E2H0)
		return false;
	return value >= r->least && value != 15; /* 15: none, in a signed field */
}

bool armvirt_idregs_reserved_layout(const struct armvirt_idregs *id, uint32_t key,
				    enum armvirt_layout layout, struct armvirt_reserved *out)
{
	size_t i = first_rule(key), end = sizeof(rules) / sizeof(rules[0]);
	uint64_t ones = 0, real = 0;

	if (i == end || rules[i].key != key)
		return false;
	for (; i < end && rules[i].key == key; i++) {
		const struct rule *r = &rules[i];

		if (r->layout && layout != ARMVIRT_LAYOUT_ANY && r->layout != (unsigned)layout)
			continue;
		ones |= r->ones ? r->mask : 0;
		real |= exists(id, r, layout) ? r->mask : 0;
	}
	out->ones = ones & ~real;
	out->zeros = ~(real | ones);
	return true;
}

bool armvirt_idregs_reserved(const struct armvirt_idregs *guest, uint32_t key,
			     struct armvirt_reserved *out)
{
	return armvirt_idregs_reserved_layout(guest, key, ARMVIRT_LAYOUT_ANY, out);
}
