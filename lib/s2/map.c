/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping: leaves as large as may be, in tables that are linked as they are needed. */
#include "job.h"

/* Levels at which IPA and PA agree below the size of an entry, and blocks exist. */
static COLD int coarsest_level(const struct armvirt_s2_geometry *g,
			       const struct armvirt_s2_map_request *r)
{
	int level = 3;

	while (!(r->flags & ARMVIRT_S2_MAP_PAGES) && level > g->block_level &&
	       !((r->ipa ^ r->pa) & (armvirt_s2_span(g, level - 1) - 1)))
		level--;
	return level;
}

static COLD enum armvirt_status job_of(const struct armvirt_s2_geometry *g,
				       const struct armvirt_s2_map_request *r, struct job *job)
{
	bool replaces = r->flags & ARMVIRT_S2_MAP_REPLACE;
	enum armvirt_status status =
		armvirt_s2_job(g, job, (struct armvirt_ipa_range){r->ipa, r->size},
			       /* Cuts contiguous runs, nothing else. */
			       VERB_MAP | HOLES | (replaces ? REPLACES | CUTS : 0), r->pa);

	if (status)
		return status;
	if (r->pa & g->page_mask)
		return ARMVIRT_E_ALIGN;
	if (r->pa >= g->pa_limit || r->size > g->pa_limit - r->pa)
		return ARMVIRT_E_RANGE;
	if (r->flags & ~(ARMVIRT_S2_MAP_PAGES | ARMVIRT_S2_MAP_REPLACE))
		return ARMVIRT_E_ARG;
	job->coarsest = coarsest_level(g, r);
	job->deepest = 3;
	return armvirt_s2_attr_encode(g, r->attr, &job->desc);
}

COLD enum armvirt_status armvirt_s2_need(const struct armvirt_s2 *s,
					 const struct armvirt_s2_map_request *r, size_t *pages)
{
	struct job job;
	enum armvirt_status status = job_of(&s->g, r, &job);

	if (!status)
		status = armvirt_s2_survey(s, &job);
	if (!status)
		*pages = job.need;
	return status;
}

COLD enum armvirt_status armvirt_s2_map(struct armvirt_s2_update *u,
					const struct armvirt_s2_map_request *r)
{
	struct job job;
	enum armvirt_status status = job_of(&u->s2->g, r, &job);

	return status ? status : armvirt_s2_do(u, &job);
}

/* Whole entries that may stand from the place on, pa being what it is to map. */
static COLD unsigned whole_entries(const struct armvirt_s2_geometry *g, const struct place *p,
				   const struct job *job, armvirt_ipa_t ipa, armvirt_pa_t pa)
{
	uint64_t carry = UINT64_C(1) << g->low_bits, n = 0;
	unsigned shift = g->shift[p->level + 1];

	if (p->level >= job->coarsest && p->ipa == ipa)
		/* Adding sizes must not carry out of the address bits that stand in place. */
		n = min64(job->end - ipa, carry - (pa & (carry - 1))) >> shift;
	return n < p->left ? (unsigned)n : p->left;
}

/* Free slots, up to where a contiguous run ends or begins if there are such; how many. */
static COLD unsigned map_free(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			      const struct job *job, armvirt_pa_t pa)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t d = addr_encode(g, pa) | job->desc | leaf_type(p->level);
	uint64_t run = p->span << run_bits(g, p->level), free = n, room;

	/* Without REPLACE all that are no link are free, or the survey would have refused. */
	if ((job->how & REPLACES) || p->level < 3) {
		for (free = 0; free < n && !armvirt_seam_desc_load(p->slot + free);)
			free++;
	}
	if ((g->flags & ARMVIRT_S2_USE_CONTIGUOUS) && run != p->span &&
	    !((pa ^ p->ipa) & (run - 1)) && !(job->desc & g->track)) {
		room = (run - (p->ipa & (run - 1))) / p->span;
		if (room == run / p->span && free >= room) {
			d |= D_CONTIGUOUS;
			room *= free / room;
		}
		free = min64(free, room);
	}
	armvirt_s2_fill(p->slot, (unsigned)free, d, p->span);
	u->gather.publish |= free && p->live;
	return (unsigned)free;
}

armvirt_ipa_t armvirt_s2_do_map(struct armvirt_s2_update *u, const struct job *job,
				armvirt_ipa_t ipa)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	armvirt_pa_t pa = job->pa + (ipa - job->base);
	struct place p;
	unsigned n, free;

	armvirt_s2_walk(u->s2, ipa, WALK_EDIT, &p);
	n = whole_entries(g, &p, job, ipa, pa);
	if (!n) {
		/* What is replaced is taken apart first: each part of it is old or new. */
		armvirt_s2_split_slot(u, &p, BBM_SPLIT);
		return ipa;
	}
	free = map_free(u, &p, n, job, pa);
	if (free)
		return ipa + free * p.span;
	/* What holds something: one by one, by break-before-make where it must be. */
	armvirt_s2_bbm_replace(u, &p, addr_encode(g, pa) | job->desc | leaf_type(p.level),
			       BBM_REPLACE);
	return ipa + p.span;
}
