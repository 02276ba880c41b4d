/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_record.h"
#include "lib/mpam/msc_regs.h"

enum phase { SETTINGS, STATES, DONE };

/* Largest PARTID with a shadow, given the largest in use. */
static uint16_t control_limit(const struct armvirt_msc *msc, uint16_t partid_limit)
{
	return msc->control_max < partid_limit ? msc->control_max : partid_limit;
}

uint32_t armvirt_msc_shadow_words(const struct armvirt_msc *msc, uint16_t partid_limit)
{
	uint32_t n = (uint32_t)partid_limit + 1;

	for (unsigned i = 0; i < msc->ris_count; i++)
		n += ((uint32_t)control_limit(msc, partid_limit) + 1) * msc->ris[i].record;
	return n;
}

static void shadow_fill(struct armvirt_msc *msc)
{
	uint32_t at = (uint32_t)msc->partid_limit + 1;

	for (uint32_t i = 0; i < at; i++)
		msc->shadow[i] = 0;
	for (unsigned k = 0; k < msc->ris_count; k++) {
		struct armvirt_msc_ris *r = &msc->ris[k];

		r->shadow = at;
		for (uint32_t id = 0; id <= msc->control_limit; id++) {
			for (unsigned i = 0; i < r->record; i++)
				msc->shadow[at++] = armvirt_msc_record_default(msc, r, i);
		}
	}
}

enum armvirt_status armvirt_msc_attach(struct armvirt_msc *msc, uint32_t *shadow, uint32_t words,
				       uint16_t partid_limit, struct armvirt_msc_report *report)
{
	struct armvirt_msc_report ignored;
	enum armvirt_status status = ARMVIRT_OK;

	if (partid_limit > msc->partid_max)
		return ARMVIRT_E_RANGE;
	if (words < armvirt_msc_shadow_words(msc, partid_limit))
		return ARMVIRT_E_NOMEM;
	msc->shadow = shadow;
	msc->partid_limit = partid_limit;
	msc->control_limit = control_limit(msc, partid_limit);
	shadow_fill(msc);
	if (!report)
		report = &ignored;
	for (unsigned k = 0; k < msc->ris_count && status == ARMVIRT_OK; k++) {
		struct armvirt_msc_target t = {(uint8_t)k, 0};

		status = armvirt_msc_record_program(msc, t, true, report);
	}
	if (status == ARMVIRT_OK)
		status = armvirt_msc_state_program(msc, 0, 0, true, report);
	if (status != ARMVIRT_OK)
		msc->shadow = NULL;
	return status;
}

static uint32_t state_of(const struct armvirt_msc *msc, uint16_t id)
{
	return id <= msc->partid_limit ? msc->shadow[id] : 0;
}

static enum armvirt_status step(struct armvirt_msc *msc, const struct armvirt_msc_cursor *c,
				bool write, struct armvirt_msc_report *report)
{
	uint16_t id = (uint16_t)c->id;
	uint32_t state = state_of(msc, id);
	bool forgotten = state >> STATE_USE_SHIFT == ARMVIRT_MSC_FORGOTTEN;

	if (c->phase == SETTINGS) {
		struct armvirt_msc_target t = {c->ris, id};

		if (forgotten && !write)
			return ARMVIRT_OK;
		return armvirt_msc_record_program(msc, t, write, report);
	}
	/* Forgetting once more would undo what was just written. */
	if (forgotten)
		state = (state & STATE_INTERNAL) | ARMVIRT_MSC_DISABLED << STATE_USE_SHIFT;
	return armvirt_msc_state_program(msc, id, state, write, report);
}

static void advance(const struct armvirt_msc *msc, struct armvirt_msc_cursor *c)
{
	uint32_t last = c->phase == SETTINGS ? msc->control_max : msc->partid_max;

	if (c->phase == SETTINGS && ++c->ris < msc->ris_count)
		return;
	c->ris = 0;
	if (++c->id <= last)
		return;
	c->id = 0;
	c->phase++;
}

static enum armvirt_status walk(struct armvirt_msc *msc, struct armvirt_msc_cursor *cursor,
				unsigned budget, bool write, struct armvirt_msc_report *report)
{
	struct armvirt_msc_report ignored;

	if (!msc->shadow)
		return ARMVIRT_E_STATE;
	if (budget == 0 || cursor->ris >= msc->ris_count || cursor->phase > DONE)
		return ARMVIRT_E_ARG;
	if (!report)
		report = &ignored;
	for (; budget > 0 && cursor->phase != DONE; budget--) {
		enum armvirt_status status = step(msc, cursor, write, report);

		if (status == ARMVIRT_E_BUSY)
			return status;
		advance(msc, cursor);
		if (status != ARMVIRT_OK)
			return write ? status : ARMVIRT_E_MISMATCH;
	}
	return cursor->phase == DONE ? ARMVIRT_OK : ARMVIRT_MORE;
}

enum armvirt_status armvirt_msc_replay(struct armvirt_msc *msc, struct armvirt_msc_cursor *cursor,
				       unsigned budget, struct armvirt_msc_report *report)
{
	return walk(msc, cursor, budget, true, report);
}

enum armvirt_status armvirt_msc_verify(struct armvirt_msc *msc, struct armvirt_msc_cursor *cursor,
				       unsigned budget, struct armvirt_msc_report *report)
{
	return walk(msc, cursor, budget, false, report);
}
