/* SPDX-License-Identifier: BSD-2-Clause */
/* After AArch64.S2StartLevel(), S2MinTxSZ(), S2InvalidSL() and S2InconsistentSL(). */
#include "geometry.h"

static bool page_size(unsigned tg0, unsigned *bits)
{
	switch (tg0) {
	case 0:
		*bits = 12;
		return true;
	case 1:
		*bits = 16;
		return true;
	case 2:
		*bits = 14;
		return true;
	default:
		return false;
	}
}

/* False for encodings of SL2:SL0 that say no level. */
static bool level_of(const struct model_fields *f, unsigned page_bits, int *level)
{
	if (f->sl2) { /* RES0 but for 4K with LPA2 */
		*level = -1;
		return page_bits == 12 && f->ds && f->sl0 == 0;
	}
	if (page_bits == 12)
		*level = f->sl0 == 3 ? 3 : 2 - (int)f->sl0;
	else
		*level = 3 - (int)f->sl0;
	return true;
}

/* Levels that the processor's physical address size does not reach. */
static bool level_defined(const struct model_fields *f, unsigned page_bits, int level)
{
	if (page_bits == 12)
		return level != 0 || f->pa_max >= 44;
	if (page_bits == 14) {
		if (level == 0)
			return f->ds;
		return level != 1 || f->pa_max >= 42;
	}
	if (level == 0)
		return false;
	return level != 1 || f->pa_max >= 44;
}

/* Input addresses have at most as many bits as output addresses, and 48 without the large formats.
 */
static unsigned input_bits_max(const struct model_fields *f, unsigned page_bits)
{
	unsigned most = page_bits == 16 || f->ds ? 52 : 48;

	return f->pa_max < most ? f->pa_max : most;
}

/* From one bit more than the next level resolves alone, up to sixteen tables side by side. */
static bool consistent(unsigned page_bits, int level, unsigned input_bits)
{
	unsigned stride = page_bits - 3, below = (unsigned)(3 - level) * stride + page_bits;

	return input_bits >= below + 1 && input_bits <= below + stride + 4;
}

bool model_root_of(const struct model_fields *f, struct model_root *out)
{
	unsigned page_bits, whole;
	int level;

	if (!page_size(f->tg0, &page_bits) || (f->ds && page_bits == 16) ||
	    !level_of(f, page_bits, &level) || !level_defined(f, page_bits, level))
		return false;
	out->page_bits = page_bits;
	out->input_bits = 64 - f->t0sz;
	out->start_level = level;
	if (out->input_bits > input_bits_max(f, page_bits) ||
	    !consistent(page_bits, level, out->input_bits))
		return false;
	whole = (unsigned)(4 - level) * (page_bits - 3) + page_bits; /* what one table covers */
	out->tables = out->input_bits > whole ? 1u << (out->input_bits - whole) : 1;
	out->bytes = UINT64_C(8) << (out->input_bits - (whole - (page_bits - 3)));
	return true;
}
