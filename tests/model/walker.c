/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch64 stage-2 translation as the architecture tells it: 64-bit descriptors, all granules. */
#include "walker.h"

static uint64_t field(uint64_t v, unsigned high, unsigned low)
{
	return (v >> low) & (~UINT64_C(0) >> (63 - (high - low)));
}

unsigned model_level_bits(const struct model_stage2 *s, int level)
{
	unsigned bits = s->page_bits;

	for (int l = 3; l > level; l--)
		bits += s->page_bits - 3;
	return bits;
}

/* The level at which a walk starts, by granule and SL2:SL0; -2 for a reserved value. */
static int start_level(unsigned page_bits, unsigned sl2, unsigned sl0)
{
	static const int8_t of_4k[2][4] = {{2, 1, 0, 3}, {-1, -2, -2, -2}};
	static const int8_t of_16k[4] = {3, 2, 1, 0};
	static const int8_t of_64k[4] = {3, 2, 1, -2};

	if (page_bits == 12)
		return of_4k[sl2][sl0];
	return page_bits == 14 ? of_16k[sl0] : of_64k[sl0];
}

void model_stage2_decode(struct model_stage2 *s, uint64_t vtcr, uint64_t vttbr)
{
	static const uint8_t pages[4] = {12, 16, 14, 0};
	static const uint8_t sizes[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	bool wide;

	s->page_bits = pages[field(vtcr, 15, 14)];
	s->input_bits = 64 - (unsigned)field(vtcr, 5, 0);
	s->output_bits = sizes[field(vtcr, 18, 16)];
	s->ds = field(vtcr, 32, 32) && s->page_bits != 16;
	s->ha = field(vtcr, 21, 21);
	s->hd = field(vtcr, 22, 22) && s->ha;
	s->vmid = (unsigned)(field(vtcr, 19, 19) ? field(vttbr, 63, 48) : field(vttbr, 55, 48));
	s->start_level = start_level(s->page_bits, (unsigned)field(vtcr, 33, 33),
				     (unsigned)field(vtcr, 7, 6));
	wide = s->ds || s->page_bits == 16;
	if (!wide && s->output_bits > 48)
		s->output_bits = 48;
	s->base = vttbr & (field(~UINT64_C(0), 47, 0) & ~UINT64_C(1));
	if (s->output_bits == 52 && wide)
		s->base = (s->base & ~UINT64_C(0x3f)) | field(vttbr, 5, 2) << 48;
	s->valid = s->page_bits && s->start_level > -2 && field(vtcr, 31, 31) &&
		   s->input_bits > model_level_bits(s, s->start_level) &&
		   s->input_bits <= model_level_bits(s, s->start_level) + s->page_bits + 1;
}

static uint64_t address(const struct model_stage2 *s, uint64_t desc, unsigned low)
{
	if (s->ds)
		return field(desc, 49, low) << low | field(desc, 9, 8) << 50;
	if (s->page_bits == 16 && s->output_bits == 52)
		return field(desc, 47, low) << low | field(desc, 15, 12) << 48;
	return field(desc, 47, low) << low;
}

uint64_t model_next_table(const struct model_stage2 *s, uint64_t desc)
{
	return address(s, desc, s->page_bits);
}

uint64_t model_leaf_address(const struct model_stage2 *s, uint64_t desc, int level)
{
	return address(s, desc, model_level_bits(s, level));
}

/* Where a block may stand: 4K at 1 and 2 (0 with DS), 16K at 2 (1), 64K at 2 (1 with 52 bits). */
static bool block_allowed(const struct model_stage2 *s, int level)
{
	switch (s->page_bits) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && s->ds);
	case 14:
		return level == 2 || (level == 1 && s->ds);
	default:
		return level == 2 || (level == 1 && s->output_bits == 52);
	}
}

static void stop(struct model_walk *out, enum model_fault fault)
{
	out->fault = fault;
}

void model_stage2_walk(const struct model_stage2 *s, model_read_fn *read, void *context,
		       uint64_t ipa, struct model_walk *out)
{
	uint64_t table = s->base;

	out->level = s->start_level;
	out->desc = 0;
	out->slot_pa = 0;
	out->span = 0;
	if (!s->valid || ipa >> s->input_bits) {
		out->level = 0;
		stop(out, MODEL_FAULT_TRANSLATION);
		return;
	}
	for (;; out->level++) {
		unsigned low = model_level_bits(s, out->level);
		uint64_t index = ipa >> low;

		if (out->level != s->start_level)
			index &= (UINT64_C(1) << (s->page_bits - 3)) - 1;
		out->span = UINT64_C(1) << low;
		out->slot_pa = table + index * 8;
		out->desc = read(context, out->slot_pa);
		if (!(out->desc & 1)) {
			stop(out, MODEL_FAULT_TRANSLATION);
			return;
		}
		if (out->level == 3 || !(out->desc & 2))
			break;
		table = model_next_table(s, out->desc);
		if (table >> s->output_bits) {
			stop(out, MODEL_FAULT_ADDRESS_SIZE);
			return;
		}
	}
	if ((out->level == 3) != !!(out->desc & 2) ||
	    (out->level < 3 && !block_allowed(s, out->level))) {
		stop(out, MODEL_FAULT_TRANSLATION);
		return;
	}
	out->pa = model_leaf_address(s, out->desc, out->level);
	if (out->pa >> s->output_bits)
		stop(out, MODEL_FAULT_ADDRESS_SIZE);
	else
		stop(out, field(out->desc, 10, 10) ? MODEL_FAULT_NONE : MODEL_FAULT_ACCESS_FLAG);
	out->pa += ipa & (out->span - 1);
}
