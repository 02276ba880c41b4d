/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/reginfo.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/trapcfg.h>

#define NO_RESET 255
#define NO_BIT   255

/* What rows share stands once; a row has the place of its first item. */
#define TRAP(...)
#define FEATURE(...)
#define RESET(...)
#define ROW(...)

#undef TRAP
#define TRAP(control, ways, bit0, set0, bit1, set1) \
	{ARMVIRT_CONTROL_##control, ways, {bit0, bit1}, {set0, set1}},
static const struct {
	uint8_t control;
	uint8_t ways;
	uint8_t bit[2]; /* by E2H */
	uint8_t set[2]; /* 1: traps when set */
} traps[] = {
#include "lib/arch/reginfo.inc"
};
#undef TRAP
#define TRAP(...)

#undef FEATURE
#define FEATURE(text) text "\0"
static const char features[] =
#include "lib/arch/reginfo.inc"
	;
#undef FEATURE
#define FEATURE(...)

#undef RESET
#define RESET(copy, mask, value) {ARMVIRT_U64(mask), ARMVIRT_U64(value), copy},
static const struct {
	uint64_t mask;
	uint64_t value;
	uint16_t copy;
} resets[] = {
#include "lib/arch/reginfo.inc"
};
#undef RESET
#define RESET(...)

#undef ROW
#define ROW(...) {__VA_ARGS__},
/* By key. */
static const struct row {
	uint16_t key;
	uint16_t vncr;
	uint16_t other; /* the other name */
	uint16_t trap;
	uint8_t trap_count : 5;
	uint8_t ways : 2;
	uint8_t is_alias : 1;
	uint8_t reset;
	uint16_t feature;
} rows[] = {
#include "lib/arch/reginfo.inc"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
_Static_assert(COUNT(resets) < NO_RESET, "a place is a byte");

static const struct row *row_of(uint32_t key)
{
	size_t low = 0, high = COUNT(rows);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].key == key)
			return &rows[middle];
		if (rows[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool armvirt_reginfo_find(uint32_t key, struct armvirt_reginfo *out)
{
	const struct row *r = row_of(key);

	if (!r)
		return false;
	*out = (struct armvirt_reginfo){.ways = r->ways,
					.trap_count = r->trap_count,
					.vncr = r->vncr,
					.alias = r->is_alias ? 0 : r->other,
					.alias_of = r->is_alias ? r->other : 0,
					.feature = &features[r->feature]};
	if (r->reset != NO_RESET) {
		out->reset_mask = resets[r->reset].mask;
		out->reset = resets[r->reset].value;
		out->reset_copy = resets[r->reset].copy;
	}
	return true;
}

bool armvirt_reginfo_trap_at(uint32_t key, unsigned i, struct armvirt_reginfo_trap *out)
{
	const struct row *r = row_of(key);

	if (!r || i >= r->trap_count)
		return false;
	i += r->trap;
	*out = (struct armvirt_reginfo_trap){.control = traps[i].control, .ways = traps[i].ways};
	for (unsigned e2h = 0; e2h < 2; e2h++) {
		if (traps[i].bit[e2h] == NO_BIT)
			continue;
		out->mask[e2h] = UINT64_C(1) << traps[i].bit[e2h];
		out->traps[e2h] = traps[i].set[e2h] ? out->mask[e2h] : 0;
	}
	return true;
}

#define SAME(name) \
	_Static_assert((int)ARMVIRT_CONTROL_##name##_EL2 == (int)ARMVIRT_FGT_##name, #name)
SAME(HFGRTR);
SAME(HFGWTR);
SAME(HFGITR);
SAME(HDFGRTR);
SAME(HDFGWTR);
SAME(HAFGRTR);
SAME(HFGRTR2);
SAME(HFGWTR2);
SAME(HFGITR2);
SAME(HDFGRTR2);
SAME(HDFGWTR2);

uint32_t armvirt_reginfo_control_key(enum armvirt_control control)
{
#define KEY(name) [ARMVIRT_CONTROL_##name] = ARMVIRT_SYSREG_##name
	static const uint16_t keys[ARMVIRT_CONTROL_COUNT] = {
		KEY(HFGRTR_EL2),  KEY(HFGWTR_EL2),   KEY(HFGITR_EL2),   KEY(HDFGRTR_EL2),
		KEY(HDFGWTR_EL2), KEY(HAFGRTR_EL2),  KEY(HFGRTR2_EL2),  KEY(HFGWTR2_EL2),
		KEY(HFGITR2_EL2), KEY(HDFGRTR2_EL2), KEY(HDFGWTR2_EL2), KEY(HCR_EL2),
		KEY(HCRX_EL2),    KEY(CPTR_EL2),     KEY(MDCR_EL2),     KEY(CNTHCTL_EL2),
		KEY(MPAM2_EL2),   KEY(MPAMHCR_EL2),  KEY(ICH_HCR_EL2),  KEY(ICC_SRE_EL2)};

	return (unsigned)control < ARMVIRT_CONTROL_COUNT ? keys[control] : 0;
}

uint32_t armvirt_reginfo_at_vncr(unsigned offset)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].vncr == offset && offset != ARMVIRT_VNCR_NONE && !rows[i].is_alias)
			return rows[i].key;
	}
	return 0;
}
