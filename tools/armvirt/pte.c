/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt pte: a descriptor of stage 1 or stage 2. */
#include <inttypes.h>

#include <libarmvirt/s2.h>

#include "cli.h"

static const struct field stage1_leaf[] = {
	{"AttrIndx", 4, 2}, {"NS", 5, 5},         {"AP[1]", 6, 6},        {"AP[2]", 7, 7},
	{"SH", 9, 8},       {"AF", 10, 10},       {"nG", 11, 11},         {"nT", 16, 16},
	{"GP", 50, 50},     {"DBM", 51, 51},      {"Contiguous", 52, 52}, {"PXN", 53, 53},
	{"UXN", 54, 54},    {"software", 58, 55},
};
static const struct field stage1_table[] = {
	{"PXNTable", 59, 59},
	{"UXNTable", 60, 60},
	{"APTable", 62, 61},
	{"NSTable", 63, 63},
};
static const struct field stage2_leaf[] = {
	{"MemAttr", 5, 2}, {"S2AP", 7, 6},       {"SH", 9, 8},    {"AF", 10, 10},
	{"FnXS", 11, 11},  {"nT", 16, 16},       {"DBM", 51, 51}, {"Contiguous", 52, 52},
	{"XN", 54, 53},    {"software", 58, 55},
};

#define PRINT(out, fields, d)                                                   \
	do {                                                                    \
		for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++) \
			print_field(out, 2, &fields[n], d);                     \
	} while (0)

/* A processor that has everything: it lets every descriptor be read. */
static bool solve(struct armvirt_s2_geometry *g, const struct options *o)
{
	struct armvirt_features f = {.pa_bits = 52,
				     .bbm_level = 2,
				     .s2_granule_4k = 2,
				     .s2_granule_16k = 2,
				     .s2_granule_64k = 1};
	const struct armvirt_s2_config c = {.granule = o->granule == 4    ? ARMVIRT_GRANULE_4K
						       : o->granule == 16 ? ARMVIRT_GRANULE_16K
									  : ARMVIRT_GRANULE_64K,
					    .ipa_bits = o->lpa2 || o->granule == 64 ? 52 : 48,
					    .start_level = ARMVIRT_S2_START_AUTO,
					    .flags = (o->lpa2 ? ARMVIRT_S2_USE_LPA2 : 0) |
						     (o->fwb ? 0 : ARMVIRT_S2_NO_FWB)};

	for (unsigned i = 0; i < ARMVIRT_FEAT_COUNT; i++)
		f.has[i / 64] |= UINT64_C(1) << (i % 64);
	return armvirt_s2_geometry_solve(g, &f, &c) == ARMVIRT_OK;
}

static void explain_stage2(FILE *out, const struct options *o, uint64_t d)
{
	static const char *const memories[16] = {
		"Device-nGnRnE",   "Device-nGnRE", "Device-nGRE",  "Device-GRE",
		"as stage 1 says", "Normal NC",    "Normal NC/WT", "Normal NC/WB",
		"reserved",        "Normal WT/NC", "Normal WT",    "Normal WT/WB",
		"reserved",        "Normal WB/NC", "Normal WB/WT", "Normal WB"};
	struct armvirt_s2_geometry g;
	armvirt_s2_attr_t a;

	if (!solve(&g, o))
		return;
	a = armvirt_s2_attr_decode(&g, d);
	fprintf(out, "  %s, %c%c, execute at EL1 %s, at EL0 %s%s%s\n",
		memories[armvirt_s2_attr_memory(a) & 15], a & ARMVIRT_S2_R ? 'r' : '-',
		a & ARMVIRT_S2_W ? 'w' : '-', a & ARMVIRT_S2_X_EL1 ? "yes" : "no",
		a & ARMVIRT_S2_X_EL0 ? "yes" : "no", a & ARMVIRT_S2_OLD ? ", old" : "",
		a & ARMVIRT_S2_TRACKED ? ", tracked" : "");
}

static uint64_t output_address(const struct options *o, uint64_t d, unsigned low)
{
	uint64_t a = d & ((UINT64_C(1) << 48) - 1);

	if (o->granule == 64)
		a |= (d >> 12 & 15) << 48;
	else if (o->lpa2)
		a = (d & ((UINT64_C(1) << 50) - 1)) | (d >> 8 & 3) << 50;
	return a >> low << low;
}

static unsigned granule_shift(const struct options *o)
{
	return o->granule == 4 ? 12 : o->granule == 16 ? 14 : 16;
}

static void print_descriptor(FILE *out, const struct options *o, uint64_t d)
{
	unsigned shift = granule_shift(o);
	bool table = o->level < 3 && d & 2;

	fprintf(out, "stage-%d descriptor %#" PRIx64 ", level %d, %uK: ", o->stage, d, o->level,
		o->granule);
	if (!(d & 1)) {
		fprintf(out, "invalid%s\n", d >> 1 ? ", the rest belongs to software" : "");
		return;
	}
	if (o->level == 3 && !(d & 2)) {
		fprintf(out, "reserved, invalid\n");
		return;
	}
	if (table) {
		fprintf(out, "table at %#" PRIx64 "\n", output_address(o, d, shift));
		if (o->stage == 1)
			PRINT(out, stage1_table, d);
		return;
	}
	shift += (unsigned)(3 - o->level) * (shift - 3);
	fprintf(out, "%s at %#" PRIx64 ", %#" PRIx64 " bytes\n", o->level == 3 ? "page" : "block",
		output_address(o, d, shift), UINT64_C(1) << shift);
	if (o->stage == 1) {
		PRINT(out, stage1_leaf, d);
	} else {
		PRINT(out, stage2_leaf, d);
		explain_stage2(out, o, d);
	}
}

/* Levels whose entries span less than the address space. */
static bool good_level(const struct options *o)
{
	int first = o->granule == 4 ? -1 : o->granule == 16 ? 0 : 1;

	return o->level >= first && o->level <= 3;
}

bool pte_command(const struct words *w, const struct options *o, FILE *out, FILE *err)
{
	uint64_t d;

	if (w->count != 1 || !parse_number(w->word[0], &d)) {
		fprintf(err, "armvirt: pte takes one 64-bit descriptor, 0x40000000000703\n");
		return false;
	}
	if (!good_level(o)) {
		fprintf(err, "armvirt: no level %d with a granule of %uK; see --level\n", o->level,
			o->granule);
		return false;
	}
	print_descriptor(out, o, d);
	return true;
}
