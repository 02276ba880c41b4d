/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_record.h"
#include "lib/mpam/msc_regs.h"

#define WINDOW_MASK    UINT32_C(0x00ffffff)
#define WINDOW_DEFAULT (UINT32_C(1000) << 8) /* one millisecond */
#define FRACTION_MASK  UINT32_C(0xffff)

struct simple {
	uint16_t offset;
	uint16_t controls;
};

static const struct simple simples[] = {
	{0x108, ARMVIRT_MSC_CMAX},
	{0x110, ARMVIRT_MSC_CMIN},
	{0x118, ARMVIRT_MSC_CASSOC},
	{0x200, ARMVIRT_MSC_MBW_MIN},
	{0x208, ARMVIRT_MSC_MBW_MAX},
	{0x220, ARMVIRT_MSC_MBW_WINDOW},
	{0x400, ARMVIRT_MSC_INTPRI | ARMVIRT_MSC_DSPRI},
	{0x500, ARMVIRT_MSC_MBW_PROP},
};

#define SIMPLES (sizeof(simples) / sizeof(simples[0]))

static unsigned words(unsigned bits)
{
	return (bits + 31) / 32;
}

static unsigned cpbm_words(const struct armvirt_msc_ris *r)
{
	return r->controls & ARMVIRT_MSC_CPBM ? words(r->cpbm_bits) : 0;
}

static unsigned mbw_pbm_words(const struct armvirt_msc_ris *r)
{
	return r->controls & ARMVIRT_MSC_MBW_PBM ? words(r->mbw_pbm_bits) : 0;
}

void armvirt_msc_record_layout(struct armvirt_msc_ris *r)
{
	unsigned n = cpbm_words(r) + mbw_pbm_words(r);

	r->registers = 0;
	for (unsigned i = 0; i < SIMPLES; i++) {
		if (r->controls & simples[i].controls) {
			r->registers |= (uint8_t)(1u << i);
			n++;
		}
	}
	r->record = (uint16_t)n;
}

static uint32_t fraction_mask(unsigned bits)
{
	return FRACTION_MASK >> (16 - bits) << (16 - bits);
}

static uint32_t low_mask(unsigned bits)
{
	return (UINT32_C(1) << bits) - 1;
}

static uint32_t simple_mask(const struct armvirt_msc_ris *r, uint32_t controls)
{
	uint32_t mask = 0;

	switch (controls) {
	case ARMVIRT_MSC_CMAX:
		return fraction_mask(r->cmax_bits) | (r->cmax_soft ? BIT(31) : 0);
	case ARMVIRT_MSC_CMIN:
		return fraction_mask(r->cmax_bits);
	case ARMVIRT_MSC_CASSOC:
		return fraction_mask(r->cassoc_bits);
	case ARMVIRT_MSC_MBW_MIN:
		return fraction_mask(r->mbw_bits);
	case ARMVIRT_MSC_MBW_MAX:
		/* With one kind of limit only, the bit may read as either. */
		return fraction_mask(r->mbw_bits) | (r->mbw_hard && r->mbw_soft ? BIT(31) : 0);
	case ARMVIRT_MSC_MBW_WINDOW:
		return WINDOW_MASK;
	case ARMVIRT_MSC_MBW_PROP:
		return low_mask(r->mbw_bits) | BIT(31);
	default:
		if (r->controls & ARMVIRT_MSC_INTPRI)
			mask |= low_mask(r->intpri_bits);
		if (r->controls & ARMVIRT_MSC_DSPRI)
			mask |= low_mask(r->dspri_bits) << 16;
		return mask;
	}
}

static struct msc_element bitmap_element(uint32_t base, uint32_t control, unsigned bits,
					 unsigned word)
{
	struct msc_element e = {.offset = base + 4 * word, .controls = control, .mask = UINT32_MAX};

	if (bits - 32 * word < 32)
		e.mask = low_mask(bits - 32 * word);
	return e;
}

struct msc_element armvirt_msc_record_element(const struct armvirt_msc_ris *r, unsigned i)
{
	for (unsigned k = 0; k < SIMPLES; k++) {
		if (!(r->registers >> k & 1))
			continue;
		if (i-- == 0) {
			return (struct msc_element){
				.offset = simples[k].offset,
				.controls = simples[k].controls & r->controls,
				.mask = simple_mask(r, simples[k].controls),
				.rounded = simples[k].controls == ARMVIRT_MSC_MBW_WINDOW,
			};
		}
	}
	if (i < cpbm_words(r))
		return bitmap_element(MPAMCFG_CPBM, ARMVIRT_MSC_CPBM, r->cpbm_bits, i);
	return bitmap_element(MPAMCFG_MBW_PBM, ARMVIRT_MSC_MBW_PBM, r->mbw_pbm_bits,
			      i - cpbm_words(r));
}

uint32_t armvirt_msc_record_default(const struct armvirt_msc *msc, const struct armvirt_msc_ris *r,
				    unsigned i)
{
	struct msc_element e = armvirt_msc_record_element(r, i);
	uint32_t lowest = 0;

	switch (e.controls) {
	case ARMVIRT_MSC_CMAX:
	case ARMVIRT_MSC_CASSOC:
	case ARMVIRT_MSC_MBW_MAX:
		return FRACTION_MASK & e.mask;
	case ARMVIRT_MSC_CMIN:
	case ARMVIRT_MSC_MBW_PROP:
		return 0;
	case ARMVIRT_MSC_MBW_MIN:
		return msc->quirks.mbw_min_floor & e.mask;
	case ARMVIRT_MSC_MBW_WINDOW:
		return WINDOW_DEFAULT;
	case ARMVIRT_MSC_CPBM:
	case ARMVIRT_MSC_MBW_PBM:
		return e.mask;
	default:
		if (!r->intpri_zero_low)
			lowest |= 0xffff;
		if (!r->dspri_zero_low)
			lowest |= UINT32_C(0xffff) << 16;
		return lowest & e.mask;
	}
}

uint32_t *armvirt_msc_record_shadow(const struct armvirt_msc *msc, struct armvirt_msc_target t)
{
	const struct armvirt_msc_ris *r = &msc->ris[t.ris];

	if (t.partid > msc->control_limit)
		return NULL;
	return msc->shadow + r->shadow + (size_t)t.partid * r->record;
}

uint32_t armvirt_msc_record_select(const struct armvirt_msc *msc, struct armvirt_msc_target t)
{
	uint32_t select = (uint32_t)t.ris << SEL_RIS_SHIFT | t.partid;

	return msc->features & ARMVIRT_MSC_HAS_NARROWING ? select | SEL_INTERNAL : select;
}

void armvirt_msc_report_compare(struct armvirt_msc_report *report, const struct msc_element *e,
				uint32_t expected, uint32_t read)
{
	if (((expected ^ read) & e->mask) == 0)
		return;
	if (report->differ == 0) {
		report->offset = e->offset;
		report->wrote = expected;
		report->read = read;
	}
	report->differ |= e->controls;
}

enum armvirt_status armvirt_msc_record_program(const struct armvirt_msc *msc,
					       struct armvirt_msc_target t, bool write,
					       struct armvirt_msc_report *report)
{
	const struct armvirt_msc_ris *r = &msc->ris[t.ris];
	const uint32_t *shadow = armvirt_msc_record_shadow(msc, t);
	uint32_t select = armvirt_msc_record_select(msc, t);
	struct armvirt_msc_report found = {.target = t};
	bool failed = false;

	if (r->record == 0)
		return ARMVIRT_OK;
	msc_write(msc, MPAMCFG_PART_SEL, select);
	for (unsigned i = 0; write && i < r->record; i++) {
		uint32_t v = shadow ? shadow[i] : armvirt_msc_record_default(msc, r, i);

		msc_write(msc, armvirt_msc_record_element(r, i).offset, v);
	}
	for (unsigned i = 0; i < r->record; i++) {
		struct msc_element e = armvirt_msc_record_element(r, i);
		uint32_t v = shadow ? shadow[i] : armvirt_msc_record_default(msc, r, i);
		uint32_t read = msc_read(msc, e.offset);

		if (e.rounded)
			continue;
		armvirt_msc_report_compare(&found, &e, v, read);
		failed = found.differ != 0;
	}
	if (msc_read(msc, MPAMCFG_PART_SEL) != select)
		return ARMVIRT_E_BUSY;
	if (!failed)
		return ARMVIRT_OK;
	*report = found;
	return ARMVIRT_E_HARDWARE;
}

/* Writes are needed for the mapping (narrowing) and the use (disabling), each if it exists. */
enum armvirt_status armvirt_msc_state_program(const struct armvirt_msc *msc, uint16_t partid,
					      uint32_t state, bool write,
					      struct armvirt_msc_report *report)
{
	bool narrowing = (msc->features & ARMVIRT_MSC_HAS_NARROWING) != 0;
	bool disabling = (msc->features & ARMVIRT_MSC_HAS_DISABLE) != 0;
	unsigned use = state >> STATE_USE_SHIFT;
	struct armvirt_msc_report found = {.target = {0, partid}};
	uint32_t v;

	if (!narrowing && !disabling)
		return ARMVIRT_OK;
	msc_write(msc, MPAMCFG_PART_SEL, partid);
	if (narrowing) {
		struct msc_element e = {MPAMCFG_INTPARTID, UINT32_MAX, UINT32_C(0x1ffff), false};

		v = (state & STATE_INTERNAL) | INTPARTID_INTERNAL;
		if (write)
			msc_write(msc, MPAMCFG_INTPARTID, v);
		armvirt_msc_report_compare(&found, &e, v, msc_read(msc, MPAMCFG_INTPARTID));
	}
	if (disabling) {
		struct msc_element e = {MPAMCFG_EN_FLAGS, UINT32_MAX, BIT(partid % 32), false};

		v = use == ARMVIRT_MSC_ENABLED ? e.mask : 0;
		if (write && v != 0)
			msc_write(msc, MPAMCFG_EN, partid);
		else if (write)
			msc_write(msc, MPAMCFG_DIS,
				  partid | (use == ARMVIRT_MSC_FORGOTTEN ? DIS_NFU : 0));
		armvirt_msc_report_compare(&found, &e, v, msc_read(msc, MPAMCFG_EN_FLAGS));
	}
	if (msc_read(msc, MPAMCFG_PART_SEL) != partid)
		return ARMVIRT_E_BUSY;
	if (found.differ == 0)
		return ARMVIRT_OK;
	*report = found;
	return ARMVIRT_E_HARDWARE;
}
