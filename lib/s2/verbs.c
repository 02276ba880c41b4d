/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmap, protect, annotate, age, dirty: what each asks of the engine. */
#include "attr.h"
#include "job.h"

COLD enum armvirt_status armvirt_s2_need_range(const struct armvirt_s2 *s,
					       struct armvirt_ipa_range r, bool holes,
					       size_t *pages)
{
	struct job job;
	enum armvirt_status status =
		armvirt_s2_job(&s->g, &job, r, VERB_BITS | CUTS | (holes ? HOLES : 0), 0);

	if (!status)
		status = armvirt_s2_survey(s, &job);
	if (!status)
		*pages = job.need;
	return status;
}

enum armvirt_status armvirt_s2_unmap(struct armvirt_s2_update *u, struct armvirt_ipa_range r)
{
	return armvirt_s2_run(u, r, VERB_NOTE | CUTS, 0, NULL);
}

enum armvirt_status armvirt_s2_destroy(struct armvirt_s2_update *u)
{
	return armvirt_s2_unmap(u, (struct armvirt_ipa_range){0, u->s2->g.ipa_limit});
}

enum armvirt_status armvirt_s2_unmap_matching(struct armvirt_s2_update *u,
					      struct armvirt_ipa_range r, armvirt_pa_t pa)
{
	return armvirt_s2_run(u, r, VERB_NOTE | CUTS | MATCHES, pa, NULL);
}

/* What attribute bits a set of them encodes to, one by one: no field but execute is joint. */
static COLD uint64_t plain_bits(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t a)
{
	return stage2_permissions(g, a) | (uint64_t)(a & ARMVIRT_S2_SW_MASK)
						  << (D_SW_SHIFT - ARMVIRT_S2_SW_SHIFT);
}

COLD enum armvirt_status armvirt_s2_protect(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
					    const struct armvirt_s2_protection *p)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	const armvirt_s2_attr_t may =
		ARMVIRT_S2_PERMISSIONS | ARMVIRT_S2_OLD | ARMVIRT_S2_TRACKED | ARMVIRT_S2_SW_MASK;
	armvirt_s2_attr_t both = p->set | p->clear, x = both & ARMVIRT_S2_X;
	struct bits_change c = {.need = D_VALID};
	uint64_t bits = 0;

	/* Execute permission is a joint field: both bits of it change, or none. */
	if (g->regime != ARMVIRT_REGIME_S2 || (p->set & p->clear) || (both & ~may) ||
	    (x && (x != ARMVIRT_S2_X ||
		   armvirt_s2_attr_encode(g, ARMVIRT_S2_NORMAL_WB | (p->set & x), &bits))))
		return ARMVIRT_E_ATTR;
	c.set = plain_bits(g, p->set) | ((p->clear & ARMVIRT_S2_OLD) ? D_AF : 0);
	c.clear = plain_bits(g, p->clear) | ((p->set & ARMVIRT_S2_OLD) ? D_AF : 0);
	if (x) {
		c.clear |= MASK64(54, 53);
		c.set |= bits & MASK64(54, 53);
	}
	if (p->clear & ARMVIRT_S2_W) {
		/* A tracked page without W is writable: forbidding writes ends its tracking. */
		c.clear |= g->track & ~c.set;
		c.report = g->track | D_W;
		c.bitmap = u->dirty;
	}
	return armvirt_s2_run(u, r, VERB_BITS | CUTS | (p->set & ARMVIRT_S2_TRACKED ? UNFOLDS : 0),
			      0, &c);
}

COLD enum armvirt_status armvirt_s2_annotate(struct armvirt_s2_update *u,
					     struct armvirt_ipa_range r,
					     const struct armvirt_s2_note *note)
{
	unsigned kind = (unsigned)note->kind;

	/* 2, 3 and 8 to 15. */
	if (kind > ARMVIRT_S2_KIND_MAX || !(0xff0cu >> kind & 1) || note->payload >> 48)
		return ARMVIRT_E_ARG;
	return armvirt_s2_run(u, r, VERB_NOTE | CUTS | HOLES,
			      (uint64_t)kind << N_KIND_SHIFT | note->payload << N_PAYLOAD_SHIFT,
			      NULL);
}

enum armvirt_status armvirt_s2_age(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				   const struct armvirt_s2_bitmap *young)
{
	const struct bits_change c = {D_VALID | D_AF, 0, D_AF, D_AF, young};

	return armvirt_s2_run(u, r, VERB_BITS, 0, &c);
}

COLD enum armvirt_status armvirt_s2_dirty(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
					  enum armvirt_s2_dirty_mode mode,
					  const struct armvirt_s2_bitmap *dirty)
{
	uint64_t track = u->s2->g.track;
	struct bits_change c = {D_VALID | D_W, track, D_W, track | D_W, dirty};
	unsigned how = VERB_BITS | CUTS;

	if (u->s2->g.regime != ARMVIRT_REGIME_S2)
		return ARMVIRT_E_ATTR;
	if (mode == ARMVIRT_S2_DIRTY_START) {
		how |= UNFOLDS;
	} else if (mode == ARMVIRT_S2_DIRTY_COLLECT) {
		how = VERB_BITS;
		c.need |= track;
		c.set = 0;
	} else if (mode == ARMVIRT_S2_DIRTY_STOP) {
		c.need = D_VALID | track;
		c.set = D_W;
		c.clear = track;
	} else {
		return ARMVIRT_E_ARG;
	}
	return armvirt_s2_run(u, r, how, 0, &c);
}
