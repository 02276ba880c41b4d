/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_plan.h>

#include "lib/mpam/plan.h"

/* Text stands in the entry itself: a pointer would be an absolute relocation. */
static const char texts[][52] = {
	"no flaw",
	"no partition has PARTID 0",
	"no PARTID, or one above the space",
	"two partitions have one PARTID",
	"no CPU, or one that the machine lacks",
	"cache share empty or above the whole",
	"an exclusive cache share overlaps another",
	"cache share smaller than a cache can cut",
	"no cache control for the share",
	"bandwidth above the whole, or guarantee above limit",
	"bandwidth guarantees above the whole",
	"bandwidth limit smaller than a channel can express",
	"no bandwidth control for the wish",
	"more partitions than a component tells apart",
	"a component is not attached",
};

const char *armvirt_mpam_flaw_text(enum armvirt_mpam_flaw flaw)
{
	unsigned i = (unsigned)flaw;

	return i < sizeof(texts) / sizeof(texts[0]) ? texts[i] : "unknown flaw";
}

static enum armvirt_mpam_flaw partition_check(const struct armvirt_mpam_plan *plan,
					      const struct armvirt_mpam_partition *p,
					      uint16_t partid_max)
{
	if (p->partid_count == 0 || (uint32_t)p->partid + p->partid_count - 1 > partid_max)
		return ARMVIRT_MPAM_FLAW_PARTID_RANGE;
	if (p->cpus == 0 || (p->cpus & ~plan->cpus))
		return ARMVIRT_MPAM_FLAW_CPU;
	if (p->cache.of != 0 &&
	    (p->cache.count == 0 || (uint32_t)p->cache.first + p->cache.count > p->cache.of))
		return ARMVIRT_MPAM_FLAW_CACHE_RANGE;
	if (p->cache.of == 0 && p->cache_exclusive)
		return ARMVIRT_MPAM_FLAW_CACHE_RANGE;
	if (p->mbw_max > ARMVIRT_MPAM_WHOLE || p->mbw_min > ARMVIRT_MPAM_WHOLE ||
	    (p->mbw_max != 0 && p->mbw_min > p->mbw_max))
		return ARMVIRT_MPAM_FLAW_MBW_RANGE;
	return ARMVIRT_MPAM_FLAW_NONE;
}

/* a/b < c/d */
static bool less(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	return (uint64_t)a * d < (uint64_t)c * b;
}

static bool shares_meet(const struct armvirt_mpam_partition *a,
			const struct armvirt_mpam_partition *b)
{
	struct armvirt_mpam_share x = a->cache, y = b->cache;

	if (x.of == 0)
		x = (struct armvirt_mpam_share){0, 1, 1};
	if (y.of == 0)
		y = (struct armvirt_mpam_share){0, 1, 1};
	return less(x.first, x.of, (uint32_t)y.first + y.count, y.of) &&
	       less(y.first, y.of, (uint32_t)x.first + x.count, x.of);
}

static enum armvirt_mpam_flaw pair_check(const struct armvirt_mpam_partition *a,
					 const struct armvirt_mpam_partition *b)
{
	if (a->partid < (uint32_t)b->partid + b->partid_count &&
	    b->partid < (uint32_t)a->partid + a->partid_count)
		return ARMVIRT_MPAM_FLAW_PARTID_SHARED;
	if ((a->cache_exclusive || b->cache_exclusive) && shares_meet(a, b))
		return ARMVIRT_MPAM_FLAW_CACHE_OVERLAP;
	return ARMVIRT_MPAM_FLAW_NONE;
}

static enum armvirt_mpam_flaw plan_alone(const struct armvirt_mpam_plan *plan, uint16_t partid_max,
					 struct armvirt_mpam_verdict *v)
{
	enum armvirt_mpam_flaw flaw = ARMVIRT_MPAM_FLAW_NONE;
	uint32_t guaranteed = 0;
	bool has_default = false;

	for (unsigned i = 0; i < plan->count; i++) {
		const struct armvirt_mpam_partition *p = &plan->partition[i];

		v->partition = (uint16_t)i;
		flaw = partition_check(plan, p, partid_max);
		for (unsigned j = 0; j < i && flaw == ARMVIRT_MPAM_FLAW_NONE; j++) {
			v->other = (uint16_t)j;
			flaw = pair_check(p, &plan->partition[j]);
		}
		if (flaw != ARMVIRT_MPAM_FLAW_NONE)
			return flaw;
		has_default |= p->partid == 0;
		guaranteed += p->mbw_min;
		if (guaranteed > ARMVIRT_MPAM_WHOLE)
			return ARMVIRT_MPAM_FLAW_MBW_SUM;
	}
	v->other = 0;
	return has_default ? ARMVIRT_MPAM_FLAW_NONE : ARMVIRT_MPAM_FLAW_NO_DEFAULT;
}

static enum armvirt_mpam_flaw place_ready(const struct armvirt_mpam_plan *plan,
					  const struct armvirt_mpam_machine *machine,
					  const struct armvirt_msc *msc)
{
	if (!msc->shadow || msc->partid_limit < machine->partid_max)
		return ARMVIRT_MPAM_FLAW_NOT_ATTACHED;
	if ((msc->features & ARMVIRT_MSC_HAS_NARROWING) &&
	    plan->count > (uint32_t)msc->control_limit + 1)
		return ARMVIRT_MPAM_FLAW_NARROW;
	return ARMVIRT_MPAM_FLAW_NONE;
}

/* Each instance on the partition's way can express its wishes, and each wish meets one. */
static enum armvirt_mpam_flaw partition_fits(const struct armvirt_mpam_partition *p,
					     const struct armvirt_mpam_machine *machine,
					     struct armvirt_mpam_verdict *v)
{
	struct armvirt_msc_settings s;
	bool cache = false, channel = false;

	for (unsigned i = 0; i < machine->count; i++) {
		const struct armvirt_msc *msc = machine->place[i].msc;

		if (!(machine->place[i].cpus & p->cpus))
			continue;
		v->place = (uint16_t)i;
		for (unsigned k = 0; k < msc->ris_count; k++) {
			enum armvirt_mpam_flaw flaw =
				armvirt_mpam_plan_settings(p, &msc->ris[k], &s);

			v->ris = (uint8_t)k;
			if (flaw != ARMVIRT_MPAM_FLAW_NONE)
				return flaw;
			cache |= (msc->ris[k].controls & PLAN_CACHE) != 0;
			channel |= (msc->ris[k].controls & PLAN_CHANNEL) != 0;
		}
	}
	v->place = 0;
	v->ris = 0;
	if (plan_wants_cache(p) && !cache)
		return ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED;
	if (plan_wants_bandwidth(p) && !channel)
		return ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED;
	return ARMVIRT_MPAM_FLAW_NONE;
}

static enum armvirt_status verdict_status(enum armvirt_mpam_flaw flaw)
{
	switch (flaw) {
	case ARMVIRT_MPAM_FLAW_NONE:
		return ARMVIRT_OK;
	case ARMVIRT_MPAM_FLAW_NOT_ATTACHED:
		return ARMVIRT_E_STATE;
	case ARMVIRT_MPAM_FLAW_CACHE_FINE:
	case ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED:
	case ARMVIRT_MPAM_FLAW_MBW_FINE:
	case ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED:
	case ARMVIRT_MPAM_FLAW_NARROW:
		return ARMVIRT_E_UNSUPPORTED;
	default:
		return ARMVIRT_E_ARG;
	}
}

enum armvirt_status armvirt_mpam_plan_check(const struct armvirt_mpam_plan *plan,
					    const struct armvirt_mpam_machine *machine,
					    struct armvirt_mpam_verdict *verdict)
{
	struct armvirt_mpam_verdict v = {.flaw = ARMVIRT_MPAM_FLAW_NONE};

	v.flaw = plan_alone(plan, machine->partid_max, &v);
	for (unsigned i = 0; i < machine->count && v.flaw == ARMVIRT_MPAM_FLAW_NONE; i++) {
		v.place = (uint16_t)i;
		v.flaw = place_ready(plan, machine, machine->place[i].msc);
	}
	for (unsigned i = 0; i < plan->count && v.flaw == ARMVIRT_MPAM_FLAW_NONE; i++) {
		v.partition = (uint16_t)i;
		v.flaw = partition_fits(&plan->partition[i], machine, &v);
	}
	if (verdict)
		*verdict = v;
	return verdict_status(v.flaw);
}
