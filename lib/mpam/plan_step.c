/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_plan.h>

#include "lib/mpam/plan.h"

#define UNLIMITED 0xffff

enum phase { SETTINGS, MAPPINGS };

/* The whole portions inside a share. */
static bool share_portions(const struct armvirt_mpam_share *share, unsigned bits,
			   struct armvirt_msc_portions *out)
{
	uint32_t first = ((uint32_t)share->first * bits + share->of - 1) / share->of;
	uint32_t end = ((uint32_t)share->first + share->count) * bits / share->of;

	if (first >= end)
		return false;
	out->first = (uint16_t)first;
	out->count = (uint16_t)(end - first);
	return true;
}

static enum armvirt_mpam_flaw cache_settings(const struct armvirt_mpam_partition *p,
					     const struct armvirt_msc_ris *r,
					     struct armvirt_msc_settings *s)
{
	struct armvirt_mpam_share share = p->cache;
	struct armvirt_mpam_ratio ratio = {share.count, share.of};

	if (!plan_wants_cache(p))
		share = (struct armvirt_mpam_share){0, 1, 1};
	s->set |= r->controls & PLAN_CACHE;
	s->cmax = UNLIMITED;
	if (r->controls & ARMVIRT_MSC_CPBM) {
		if (!share_portions(&share, r->cpbm_bits, &s->cpbm))
			return ARMVIRT_MPAM_FLAW_CACHE_FINE;
		return ARMVIRT_MPAM_FLAW_NONE;
	}
	if (!(r->controls & PLAN_CACHE) || !plan_wants_cache(p))
		return ARMVIRT_MPAM_FLAW_NONE;
	/* A limit of capacity keeps nobody out of a place. */
	if (p->cache_exclusive)
		return ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED;
	if (armvirt_mpam_fraction_encode(ratio, r->cmax_bits, ARMVIRT_MPAM_AT_MOST, &s->cmax) !=
	    ARMVIRT_OK)
		return ARMVIRT_MPAM_FLAW_CACHE_FINE;
	return ARMVIRT_MPAM_FLAW_NONE;
}

static enum armvirt_mpam_flaw channel_settings(const struct armvirt_mpam_partition *p,
					       const struct armvirt_msc_ris *r,
					       struct armvirt_msc_settings *s)
{
	struct armvirt_mpam_ratio max = {p->mbw_max, ARMVIRT_MPAM_WHOLE};
	struct armvirt_mpam_ratio min = {p->mbw_min, ARMVIRT_MPAM_WHOLE};
	bool limited = p->mbw_max != 0 && p->mbw_max < ARMVIRT_MPAM_WHOLE;

	if (!(r->controls & PLAN_CHANNEL))
		return ARMVIRT_MPAM_FLAW_NONE;
	s->set |= r->controls & (ARMVIRT_MSC_MBW_MAX | ARMVIRT_MSC_MBW_MIN);
	s->mbw_max = UNLIMITED;
	s->mbw_hard = limited && (p->mbw_hard || !r->mbw_soft);
	if ((limited && !(r->controls & ARMVIRT_MSC_MBW_MAX)) ||
	    (limited && p->mbw_hard && !r->mbw_hard) ||
	    (p->mbw_min && !(r->controls & ARMVIRT_MSC_MBW_MIN)))
		return ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED;
	if (limited && armvirt_mpam_fraction_encode(max, r->mbw_bits, ARMVIRT_MPAM_AT_MOST,
						    &s->mbw_max) != ARMVIRT_OK)
		return ARMVIRT_MPAM_FLAW_MBW_FINE;
	if (p->mbw_min && armvirt_mpam_fraction_encode(min, r->mbw_bits, ARMVIRT_MPAM_AT_LEAST,
						       &s->mbw_min) != ARMVIRT_OK)
		return ARMVIRT_MPAM_FLAW_MBW_FINE;
	return ARMVIRT_MPAM_FLAW_NONE;
}

/* 0 to 255 onto a control of some bits, where 0 may be the highest. */
static uint16_t priority(uint8_t level, unsigned bits, bool zero_low)
{
	uint32_t most = (UINT32_C(1) << bits) - 1, v = level * most / 255;

	return (uint16_t)(zero_low ? v : most - v);
}

enum armvirt_mpam_flaw armvirt_mpam_plan_settings(const struct armvirt_mpam_partition *p,
						  const struct armvirt_msc_ris *r,
						  struct armvirt_msc_settings *s)
{
	enum armvirt_mpam_flaw flaw;

	*s = (struct armvirt_msc_settings){
		.set = r->controls & (ARMVIRT_MSC_INTPRI | ARMVIRT_MSC_DSPRI),
		.intpri = priority(p->priority, r->intpri_bits, r->intpri_zero_low),
		.dspri = priority(p->priority, r->dspri_bits, r->dspri_zero_low),
	};
	flaw = cache_settings(p, r, s);
	if (flaw == ARMVIRT_MPAM_FLAW_NONE)
		flaw = channel_settings(p, r, s);
	return flaw;
}

unsigned armvirt_mpam_plan_owner(const struct armvirt_mpam_plan *plan, uint32_t partid)
{
	unsigned fallback = 0;

	for (unsigned i = 0; i < plan->count; i++) {
		const struct armvirt_mpam_partition *p = &plan->partition[i];

		if (partid >= p->partid && partid - p->partid < p->partid_count)
			return i;
		if (p->partid == 0)
			fallback = i;
	}
	return fallback;
}

/* Internal PARTID of a partition: that of PARTID 0 keeps 0. */
static uint16_t internal_of(const struct armvirt_mpam_plan *plan, unsigned partition)
{
	unsigned zero = armvirt_mpam_plan_owner(plan, 0);

	if (partition == zero)
		return 0;
	return (uint16_t)(partition < zero ? partition + 1 : partition);
}

static unsigned owner_of_internal(const struct armvirt_mpam_plan *plan, uint32_t internal)
{
	unsigned zero = armvirt_mpam_plan_owner(plan, 0);

	if (internal == 0 || internal >= plan->count)
		return zero;
	return internal <= zero ? internal - 1 : internal;
}

static void cursor_next(const struct armvirt_mpam_machine *machine,
			struct armvirt_mpam_plan_cursor *c)
{
	const struct armvirt_msc *msc = machine->place[c->place].msc;
	bool narrowing = (msc->features & ARMVIRT_MSC_HAS_NARROWING) != 0;
	uint32_t last = machine->partid_max;

	if (c->phase == SETTINGS && ++c->ris < msc->ris_count)
		return;
	if (c->phase == SETTINGS && narrowing)
		last = msc->control_limit;
	c->ris = 0;
	if (++c->id <= last)
		return;
	c->id = 0;
	if (c->phase == SETTINGS && narrowing) {
		c->phase = MAPPINGS;
		return;
	}
	c->phase = SETTINGS;
	c->place++;
}

bool armvirt_mpam_plan_next(const struct armvirt_mpam_plan *plan,
			    const struct armvirt_mpam_machine *machine,
			    struct armvirt_mpam_plan_cursor *cursor, struct armvirt_mpam_step *step)
{
	while (cursor->place < machine->count) {
		const struct armvirt_msc *msc = machine->place[cursor->place].msc;
		struct armvirt_mpam_step next = {.place = cursor->place};
		bool narrowing = (msc->features & ARMVIRT_MSC_HAS_NARROWING) != 0;
		bool some = true;

		if (cursor->phase == MAPPINGS) {
			next.narrow = true;
			next.partition = (uint16_t)armvirt_mpam_plan_owner(plan, cursor->id);
			next.mapping.request = (uint16_t)cursor->id;
			next.mapping.internal = internal_of(plan, next.partition);
		} else {
			next.partition =
				(uint16_t)(narrowing ? owner_of_internal(plan, cursor->id)
						     : armvirt_mpam_plan_owner(plan, cursor->id));
			next.target.ris = cursor->ris;
			next.target.partid = (uint16_t)cursor->id;
			/* A partition whose requests do not pass here may be inexpressible:
			 * skipped. */
			some = armvirt_mpam_plan_settings(&plan->partition[next.partition],
							  &msc->ris[cursor->ris],
							  &next.s) == ARMVIRT_MPAM_FLAW_NONE &&
			       next.s.set != 0;
		}
		cursor_next(machine, cursor);
		if (some) {
			*step = next;
			return true;
		}
	}
	return false;
}

enum armvirt_status armvirt_mpam_step_run(const struct armvirt_mpam_machine *machine,
					  const struct armvirt_mpam_step *step,
					  struct armvirt_msc_report *report)
{
	struct armvirt_msc *msc = machine->place[step->place].msc;

	if (step->narrow)
		return armvirt_msc_narrow(msc, step->mapping);
	return armvirt_msc_apply(msc, step->target, &step->s, report);
}
