/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_record.h"
#include "lib/mpam/msc_regs.h"

#define CONTROLS_ALL                                                                             \
	(ARMVIRT_MSC_CMAX | ARMVIRT_MSC_CMIN | ARMVIRT_MSC_CASSOC | ARMVIRT_MSC_MBW_MIN |        \
	 ARMVIRT_MSC_MBW_MAX | ARMVIRT_MSC_MBW_WINDOW | ARMVIRT_MSC_INTPRI | ARMVIRT_MSC_DSPRI | \
	 ARMVIRT_MSC_MBW_PROP | ARMVIRT_MSC_CPBM | ARMVIRT_MSC_MBW_PBM)
#define LIMIT       BIT(31) /* CMAX.SOFTLIM, MBW_MAX.HARDLIM, MBW_PROP.EN */
#define UNLIMITED   0xffff
#define DSPRI_SHIFT 16

static uint32_t portions_word(const struct armvirt_msc_portions *p, unsigned word)
{
	uint32_t v = 0;
	unsigned first = p->first, end = first + p->count;

	if (p->words)
		return p->words[word];
	for (unsigned b = 0; b < 32; b++) {
		if (word * 32 + b >= first && word * 32 + b < end)
			v |= BIT(b);
	}
	return v;
}

static bool portions_good(const struct armvirt_msc_portions *p, unsigned bits)
{
	uint32_t any = 0;

	if (!p->words)
		return p->count > 0 && (unsigned)p->first + p->count <= bits;
	for (unsigned w = 0; w < bits / 32; w++)
		any |= p->words[w];
	if (bits % 32 != 0) {
		uint32_t last = p->words[bits / 32];

		if (last >> (bits % 32) != 0)
			return false;
		any |= last;
	}
	return any != 0;
}

static enum armvirt_status settings_check(const struct armvirt_msc_ris *r,
					  const struct armvirt_msc_settings *s)
{
	if (s->set == 0 || (s->set & ~CONTROLS_ALL))
		return ARMVIRT_E_ARG;
	if (s->set & ~r->controls)
		return ARMVIRT_E_UNSUPPORTED;
	if ((s->set & ARMVIRT_MSC_CMAX) && s->cmax_soft && !r->cmax_soft)
		return ARMVIRT_E_UNSUPPORTED;
	if (s->set & ARMVIRT_MSC_MBW_MAX) {
		if (s->mbw_hard && !r->mbw_hard)
			return ARMVIRT_E_UNSUPPORTED;
		if (!s->mbw_hard && !r->mbw_soft && s->mbw_max != UNLIMITED)
			return ARMVIRT_E_UNSUPPORTED;
	}
	if (((s->set & ARMVIRT_MSC_CPBM) && !portions_good(&s->cpbm, r->cpbm_bits)) ||
	    ((s->set & ARMVIRT_MSC_MBW_PBM) && !portions_good(&s->mbw_pbm, r->mbw_pbm_bits)) ||
	    ((s->set & ARMVIRT_MSC_MBW_WINDOW) && s->window >> 24 != 0) ||
	    ((s->set & ARMVIRT_MSC_MBW_PROP) && s->stride > BIT(r->mbw_bits)) ||
	    ((s->set & ARMVIRT_MSC_INTPRI) && s->intpri >> r->intpri_bits != 0) ||
	    ((s->set & ARMVIRT_MSC_DSPRI) && s->dspri >> r->dspri_bits != 0))
		return ARMVIRT_E_RANGE;
	return ARMVIRT_OK;
}

/* New value of one element: what is set, and for the rest of a shared register what was. */
static uint32_t element_value(const struct armvirt_msc *msc, const struct msc_element *e,
			      const struct armvirt_msc_settings *s, uint32_t old)
{
	uint32_t v = old;

	switch (e->controls) {
	case ARMVIRT_MSC_CMAX:
		return (s->cmax | (s->cmax_soft ? LIMIT : 0)) & e->mask;
	case ARMVIRT_MSC_CMIN:
		return s->cmin & e->mask;
	case ARMVIRT_MSC_CASSOC:
		return s->cassoc & e->mask;
	case ARMVIRT_MSC_MBW_MIN:
		v = s->mbw_min > msc->quirks.mbw_min_floor ? s->mbw_min : msc->quirks.mbw_min_floor;
		return v & e->mask;
	case ARMVIRT_MSC_MBW_MAX:
		return (s->mbw_max | (s->mbw_hard ? LIMIT : 0)) & e->mask;
	case ARMVIRT_MSC_MBW_WINDOW:
		return s->window;
	case ARMVIRT_MSC_MBW_PROP:
		return s->stride == 0 ? 0 : (s->stride - 1) | LIMIT;
	case ARMVIRT_MSC_CPBM:
		return portions_word(&s->cpbm, (e->offset - MPAMCFG_CPBM) / 4) & e->mask;
	case ARMVIRT_MSC_MBW_PBM:
		return portions_word(&s->mbw_pbm, (e->offset - MPAMCFG_MBW_PBM) / 4) & e->mask;
	default: /* MPAMCFG_PRI */
		if (s->set & ARMVIRT_MSC_INTPRI)
			v = (v & UINT32_C(0xffff0000)) | s->intpri;
		if (s->set & ARMVIRT_MSC_DSPRI)
			v = (v & 0xffff) | (uint32_t)s->dspri << DSPRI_SHIFT;
		return v & e->mask;
	}
}

static void compare(const struct armvirt_msc *msc, struct armvirt_msc_target t,
		    const struct armvirt_msc_settings *s, struct armvirt_msc_report *report,
		    bool *failed)
{
	const struct armvirt_msc_ris *r = &msc->ris[t.ris];
	const uint32_t *shadow = armvirt_msc_record_shadow(msc, t);

	for (unsigned i = 0; i < r->record; i++) {
		struct msc_element e = armvirt_msc_record_element(r, i);
		uint32_t v, read;

		if (!(e.controls & s->set))
			continue;
		v = element_value(msc, &e, s, shadow[i]);
		read = msc_read(msc, e.offset);
		armvirt_msc_report_compare(report, &e, v, read);
		if (!e.rounded && ((v ^ read) & e.mask) != 0)
			*failed = true;
	}
}

/* Stores the elements that are set, the new values or (to take them back) the shadow's. */
static void store(const struct armvirt_msc *msc, struct armvirt_msc_target t,
		  const struct armvirt_msc_settings *s, bool back)
{
	const struct armvirt_msc_ris *r = &msc->ris[t.ris];
	const uint32_t *shadow = armvirt_msc_record_shadow(msc, t);

	for (unsigned i = 0; i < r->record; i++) {
		struct msc_element e = armvirt_msc_record_element(r, i);

		if (e.controls & s->set)
			msc_write(msc, e.offset,
				  back ? shadow[i] : element_value(msc, &e, s, shadow[i]));
	}
}

static void remember(const struct armvirt_msc *msc, struct armvirt_msc_target t,
		     const struct armvirt_msc_settings *s)
{
	const struct armvirt_msc_ris *r = &msc->ris[t.ris];
	uint32_t *shadow = armvirt_msc_record_shadow(msc, t);

	for (unsigned i = 0; i < r->record; i++) {
		struct msc_element e = armvirt_msc_record_element(r, i);

		if (e.controls & s->set)
			shadow[i] = element_value(msc, &e, s, shadow[i]);
	}
}

enum armvirt_status armvirt_msc_apply(struct armvirt_msc *msc, struct armvirt_msc_target target,
				      const struct armvirt_msc_settings *s,
				      struct armvirt_msc_report *report)
{
	struct armvirt_msc_report found = {.target = target};
	uint32_t select = armvirt_msc_record_select(msc, target);
	enum armvirt_status status;
	bool failed = false;

	if (!msc->shadow)
		return ARMVIRT_E_STATE;
	if (target.ris >= msc->ris_count || target.partid > msc->control_limit)
		return ARMVIRT_E_RANGE;
	status = settings_check(&msc->ris[target.ris], s);
	if (status != ARMVIRT_OK)
		return status;
	msc_write(msc, MPAMCFG_PART_SEL, select);
	store(msc, target, s, false);
	compare(msc, target, s, &found, &failed);
	if (msc_read(msc, MPAMCFG_PART_SEL) != select)
		status = ARMVIRT_E_BUSY;
	else if (failed)
		status = ARMVIRT_E_HARDWARE;
	if (report)
		*report = found;
	if (status == ARMVIRT_E_HARDWARE)
		store(msc, target, s, true);
	if (status == ARMVIRT_OK)
		remember(msc, target, s);
	return status;
}

unsigned armvirt_msc_accesses(const struct armvirt_msc_ris *ris, uint32_t controls)
{
	unsigned n = 2;

	for (unsigned i = 0; i < ris->record; i++) {
		if (armvirt_msc_record_element(ris, i).controls & controls)
			n += 2;
	}
	return n;
}

static void setting_get(struct armvirt_msc_settings *s, const struct msc_element *e,
			const uint32_t *at)
{
	switch (e->controls) {
	case ARMVIRT_MSC_CMAX:
		s->cmax = (uint16_t)*at;
		s->cmax_soft = (*at & LIMIT) != 0;
		break;
	case ARMVIRT_MSC_CMIN:
		s->cmin = (uint16_t)*at;
		break;
	case ARMVIRT_MSC_CASSOC:
		s->cassoc = (uint16_t)*at;
		break;
	case ARMVIRT_MSC_MBW_MIN:
		s->mbw_min = (uint16_t)*at;
		break;
	case ARMVIRT_MSC_MBW_MAX:
		s->mbw_max = (uint16_t)*at;
		s->mbw_hard = (*at & LIMIT) != 0;
		break;
	case ARMVIRT_MSC_MBW_WINDOW:
		s->window = *at;
		break;
	case ARMVIRT_MSC_MBW_PROP:
		s->stride = *at & LIMIT ? (*at & ~LIMIT) + 1 : 0;
		break;
	case ARMVIRT_MSC_CPBM:
		if (e->offset == MPAMCFG_CPBM)
			s->cpbm.words = at;
		break;
	case ARMVIRT_MSC_MBW_PBM:
		if (e->offset == MPAMCFG_MBW_PBM)
			s->mbw_pbm.words = at;
		break;
	default:
		s->intpri = (uint16_t)*at;
		s->dspri = (uint16_t)(*at >> DSPRI_SHIFT);
		break;
	}
}

enum armvirt_status armvirt_msc_settings_get(const struct armvirt_msc *msc,
					     struct armvirt_msc_target target,
					     struct armvirt_msc_settings *s)
{
	const struct armvirt_msc_ris *r = &msc->ris[target.ris & 15];
	const uint32_t *shadow;

	if (!msc->shadow)
		return ARMVIRT_E_STATE;
	if (target.ris >= msc->ris_count || target.partid > msc->control_limit)
		return ARMVIRT_E_RANGE;
	shadow = armvirt_msc_record_shadow(msc, target);
	*s = (struct armvirt_msc_settings){.set = r->controls};
	for (unsigned i = 0; i < r->record; i++) {
		struct msc_element e = armvirt_msc_record_element(r, i);

		setting_get(s, &e, &shadow[i]);
	}
	if ((r->controls & ARMVIRT_MSC_MBW_MAX) && !r->mbw_soft)
		s->mbw_hard = true;
	return ARMVIRT_OK;
}

static enum armvirt_status state_set(struct armvirt_msc *msc, uint16_t partid, uint32_t state)
{
	struct armvirt_msc_report ignored;
	enum armvirt_status status = armvirt_msc_state_program(msc, partid, state, true, &ignored);

	if (status == ARMVIRT_OK)
		msc->shadow[partid] = state;
	else if (status == ARMVIRT_E_HARDWARE &&
		 armvirt_msc_state_program(msc, partid, msc->shadow[partid], true, &ignored) ==
			 ARMVIRT_E_BUSY)
		status = ARMVIRT_E_BUSY;
	return status;
}

enum armvirt_status armvirt_msc_narrow(struct armvirt_msc *msc, struct armvirt_msc_mapping mapping)
{
	uint32_t keep;

	if (!msc->shadow)
		return ARMVIRT_E_STATE;
	if (!(msc->features & ARMVIRT_MSC_HAS_NARROWING))
		return ARMVIRT_E_UNSUPPORTED;
	if (mapping.request > msc->partid_limit || mapping.internal > msc->control_limit)
		return ARMVIRT_E_RANGE;
	keep = msc->shadow[mapping.request] & ~(uint32_t)STATE_INTERNAL;
	return state_set(msc, mapping.request, keep | mapping.internal);
}

enum armvirt_status armvirt_msc_use_set(struct armvirt_msc *msc, uint16_t partid,
					enum armvirt_msc_use use)
{
	uint32_t keep;

	if (!msc->shadow)
		return ARMVIRT_E_STATE;
	if (use != ARMVIRT_MSC_ENABLED && use != ARMVIRT_MSC_DISABLED &&
	    use != ARMVIRT_MSC_FORGOTTEN)
		return ARMVIRT_E_ARG;
	if (!(msc->features & ARMVIRT_MSC_HAS_DISABLE) ||
	    (use == ARMVIRT_MSC_FORGOTTEN && !(msc->features & ARMVIRT_MSC_HAS_FORGET)))
		return ARMVIRT_E_UNSUPPORTED;
	if (partid > msc->partid_limit)
		return ARMVIRT_E_RANGE;
	keep = msc->shadow[partid] & STATE_INTERNAL;
	return state_set(msc, partid, keep | (uint32_t)use << STATE_USE_SHIFT);
}
