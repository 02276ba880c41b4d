/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmap, protect, annotate, age, dirty: what each asks of the engine. */
#include "attr.h"
#include "job.h"

/* Table pages are needed where a range ends inside of something. */
#define CUTS .cuts = true, .coarsest = -1, .deepest = 3

enum armvirt_status armvirt_s2_need_range(const struct armvirt_s2 *s, struct armvirt_ipa_range r,
					  bool holes, size_t *pages)
{
	struct job job = {.verb = VERB_BITS, .holes = holes, CUTS};
	enum armvirt_status status = armvirt_s2_range(&s->g, &job, r.base, r.size);

	if (!status)
		status = armvirt_s2_survey(s, &job);
	if (!status)
		*pages = job.need;
	return status;
}

enum armvirt_status armvirt_s2_unmap(struct armvirt_s2_update *u, struct armvirt_ipa_range r)
{
	struct job job = {.verb = VERB_NOTE, CUTS};

	return armvirt_s2_run(u, r, &job);
}

enum armvirt_status armvirt_s2_destroy(struct armvirt_s2_update *u)
{
	return armvirt_s2_unmap(u, (struct armvirt_ipa_range){0, u->s2->g.ipa_limit});
}

enum armvirt_status armvirt_s2_unmap_matching(struct armvirt_s2_update *u,
					      struct armvirt_ipa_range r, armvirt_pa_t pa)
{
	struct job job = {.verb = VERB_NOTE, .matches = true, .pa = pa, CUTS};

	return armvirt_s2_run(u, r, &job);
}

/* What attribute bits a set of them encodes to, one by one: no field but execute is joint. */
static COLD uint64_t plain_bits(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t a)
{
	return stage2_permissions(g, a) | (uint64_t)(a & ARMVIRT_S2_SW_MASK)
						  << (D_SW_SHIFT - ARMVIRT_S2_SW_SHIFT);
}

enum armvirt_status armvirt_s2_protect(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				       const struct armvirt_s2_protection *p)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	const armvirt_s2_attr_t may =
		ARMVIRT_S2_PERMISSIONS | ARMVIRT_S2_OLD | ARMVIRT_S2_TRACKED | ARMVIRT_S2_SW_MASK;
	armvirt_s2_attr_t both = p->set | p->clear, x = both & ARMVIRT_S2_X;
	struct job job = {.verb = VERB_BITS, .bits.need = D_VALID, CUTS};
	uint64_t bits = 0;

	/* Execute permission is a joint field: both bits of it change, or none. */
	if (g->regime != ARMVIRT_REGIME_S2 || (p->set & p->clear) || (both & ~may) ||
	    (x && (x != ARMVIRT_S2_X ||
		   armvirt_s2_attr_encode(g, ARMVIRT_S2_NORMAL_WB | (p->set & x), &bits))))
		return ARMVIRT_E_ATTR;
	job.bits.set = plain_bits(g, p->set) | ((p->clear & ARMVIRT_S2_OLD) ? D_AF : 0);
	job.bits.clear = plain_bits(g, p->clear) | ((p->set & ARMVIRT_S2_OLD) ? D_AF : 0);
	if (x) {
		job.bits.clear |= MASK64(54, 53);
		job.bits.set |= bits & MASK64(54, 53);
	}
	if (p->clear & ARMVIRT_S2_W) {
		/* A tracked page without W is writable: forbidding writes ends its tracking. */
		job.bits.clear |= g->track & ~job.bits.set;
		job.bits.report = g->track | D_W;
		job.bits.bitmap = u->dirty;
	}
	job.unfolds = p->set & ARMVIRT_S2_TRACKED;
	return armvirt_s2_run(u, r, &job);
}

enum armvirt_status armvirt_s2_annotate(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
					const struct armvirt_s2_note *note)
{
	struct job job = {.verb = VERB_NOTE, .holes = true, CUTS};
	unsigned kind = (unsigned)note->kind;

	/* 2, 3 and 8 to 15. */
	if (kind > ARMVIRT_S2_KIND_MAX || !(0xff0cu >> kind & 1) || note->payload >> 48)
		return ARMVIRT_E_ARG;
	job.desc = (uint64_t)kind << N_KIND_SHIFT | note->payload << N_PAYLOAD_SHIFT;
	return armvirt_s2_run(u, r, &job);
}

enum armvirt_status armvirt_s2_age(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				   const struct armvirt_s2_bitmap *young)
{
	struct job job = {
		.verb = VERB_BITS, .deepest = -1, .bits = {D_VALID | D_AF, 0, D_AF, D_AF, young}};

	return armvirt_s2_run(u, r, &job);
}

enum armvirt_status armvirt_s2_dirty(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				     enum armvirt_s2_dirty_mode mode,
				     const struct armvirt_s2_bitmap *dirty)
{
	uint64_t track = u->s2->g.track, both = track | D_W;
	struct job job = {.verb = VERB_BITS, .bits = {D_VALID, 0, 0, both, dirty}, CUTS};

	if (u->s2->g.regime != ARMVIRT_REGIME_S2)
		return ARMVIRT_E_ATTR;
	switch (mode) {
	case ARMVIRT_S2_DIRTY_START:
		job.unfolds = true;
		job.bits.need |= D_W;
		job.bits.set = track;
		job.bits.clear = D_W;
		break;
	case ARMVIRT_S2_DIRTY_COLLECT:
		job.cuts = false;
		job.deepest = -1;
		job.bits.need |= both;
		job.bits.clear = D_W;
		break;
	case ARMVIRT_S2_DIRTY_STOP:
		job.bits.need |= track;
		job.bits.set = D_W;
		job.bits.clear = track;
		break;
	default:
		return ARMVIRT_E_ARG;
	}
	return armvirt_s2_run(u, r, &job);
}
