/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine of all verbs: look at everything, then change everything. */
#include "job.h"

COLD enum armvirt_status armvirt_s2_job(const struct armvirt_s2_geometry *g, struct job *job,
					struct armvirt_ipa_range r, unsigned how, uint64_t arg)
{
	if ((r.base | r.size) & g->page_mask)
		return ARMVIRT_E_ALIGN;
	if (!r.size || r.base >= g->ipa_limit || r.size > g->ipa_limit - r.base)
		return ARMVIRT_E_RANGE;
	*job = (struct job){.base = r.base, .end = r.base + r.size, .how = how, .plain = true};
	/* Cutting takes tables for what is not whole, down to where it is. */
	job->coarsest = -1;
	job->deepest = how & CUTS ? 3 : -1;
	job->pa = arg;
	job->desc = how & MATCHES ? 0 : arg;
	return ARMVIRT_OK;
}

__attribute__((noinline)) uint64_t armvirt_s2_oddities(const uint64_t *slot, unsigned n,
						       uint64_t type)
{
	uint64_t odd = 0;

#define LOOK(i) odd |= armvirt_seam_desc_load(slot + (i)) ^ type
	for (; n >= 4; n -= 4, slot += 4) {
		LOOK(0);
		LOOK(1);
		LOOK(2);
		LOOK(3);
	}
	for (; n; n--, slot++)
		LOOK(0);
#undef LOOK
	return odd;
}

/* Tables that [from, to) needs below a slot of a level: at each deeper level, one for every
 * entry above that is touched, less those that need none because they are whole. */
static COLD size_t tables_below(const struct armvirt_s2_geometry *g, const struct job *job,
				armvirt_ipa_t from, armvirt_ipa_t to, int level)
{
	size_t need = 0;

	for (; level < job->deepest; level++) {
		unsigned shift = g->shift[level + 1];
		uint64_t first = (from + (UINT64_C(1) << shift) - 1) >> shift, last = to >> shift;

		need += (size_t)(((to - 1) >> shift) - (from >> shift) + 1);
		if (level >= job->coarsest && last > first)
			need -= (size_t)(last - first);
	}
	return need;
}

/* Whether one slot may be part of the job. */
static COLD enum armvirt_status look_at(const struct armvirt_s2 *s, struct job *job,
					const struct place *p)
{
	enum armvirt_status status = armvirt_s2_judge(&s->g, p);
	armvirt_ipa_t from = p->ipa < job->base ? job->base : p->ipa;
	armvirt_ipa_t to = min64(p->ipa + p->span, job->end);
	bool leaf = status == ARMVIRT_OK, note = status == ARMVIRT_E_EXISTS;
	bool splits = verb_of(job) == VERB_SPLIT;

	job->plain &= leaf;
	if (status == ARMVIRT_E_CORRUPT || (leaf && p->level < 3 && (p->desc & D_NT)))
		return job->marked ? ARMVIRT_E_BUSY : ARMVIRT_E_CORRUPT;
	if (status == ARMVIRT_RETRY || (note && job->noted))
		return ARMVIRT_E_BUSY;
	if (!verb_of(job) && (leaf || note) &&
	    (!(job->how & REPLACES) || to - from != p->span || (leaf && (job->how & LINES))))
		return ARMVIRT_E_EXISTS;
	if (verb_of(job) == VERB_NOTE && job->desc && leaf && (job->how & LINES))
		return ARMVIRT_E_EXISTS;
	if ((job->how & MATCHES) &&
	    (!leaf || leaf_pa(&s->g, p->desc, p->level) != job->pa + (p->ipa - job->base)))
		return ARMVIRT_E_MISMATCH;
	if (leaf || (job->how & HOLES) || (note && !splits)) {
		size_t need = tables_below(&s->g, job, from, to, p->level);

		job->need += need;
		if (need && splits && job->budget && !--job->budget && to < job->end) {
			job->end = to;
			return ARMVIRT_MORE;
		}
	}
	return ARMVIRT_OK;
}

/* The slots from the place on that belong to the job and hold no table. */
static COLD enum armvirt_status look(const struct armvirt_s2 *s, struct job *job, struct place *p)
{
	enum armvirt_status status;

	if (p->level == 3 && !(job->how & (MATCHES | LINES)) && verb_of(job)) {
		uint64_t most = (job->end - p->ipa) >> s->g.granule_shift, odd;
		unsigned n = most < p->left ? (unsigned)most : p->left;

		odd = armvirt_s2_oddities(p->slot, n, leaf_type(3));
		job->plain &= !(odd & (s->g.leaf_zero[4] | D_CONTIGUOUS));
		if (!(odd & s->g.leaf_zero[4])) {
			p->ipa += n * p->span;
			return ARMVIRT_OK;
		}
	}
	do {
		status = look_at(s, job, p);
		if (status)
			return status;
	} while (armvirt_s2_place_next(p) && p->ipa < job->end && !is_link(p));
	return ARMVIRT_OK;
}

/* Where a budget of tables ends for a map, counted in tables of the leaves that will be made. */
static COLD armvirt_ipa_t reach(const struct armvirt_s2_geometry *g, const struct job *job)
{
	unsigned shift = g->shift[job->coarsest];

	if (job->coarsest <= g->start_level)
		return job->end;
	return min64(job->end, ((job->base >> shift) + job->budget) << shift);
}

COLD enum armvirt_status armvirt_s2_survey(const struct armvirt_s2 *s, struct job *job)
{
	bool sweeps = verb_of(job) == VERB_NOTE && !job->desc && !(job->how & MATCHES);
	uint32_t left = !verb_of(job) || verb_of(job) == VERB_SPLIT ? 0 : job->budget;
	armvirt_ipa_t end = job->end;
	enum armvirt_status status;
	struct place p;

	if (!verb_of(job) && job->budget)
		job->end = reach(&s->g, job);
	for (p.ipa = job->base; p.ipa < job->end;) {
		uint64_t goal = sweeps ? job->end - p.ipa : WALK_EDIT;
		bool sane = armvirt_s2_walk(s, p.ipa, goal, &p);

		if (!sane || (is_link(&p) && !armvirt_s2_tree(s, &p, NULL, NULL)))
			return job->marked ? ARMVIRT_E_BUSY : ARMVIRT_E_CORRUPT;
		if (!p.live)
			return ARMVIRT_E_BUSY;
		if (is_link(&p)) {
			p.ipa += p.span;
		} else {
			status = look(s, job, &p);
			if (status)
				return status;
		}
		if (left && !--left && p.ipa < job->end) {
			job->end = p.ipa;
			return ARMVIRT_MORE;
		}
	}
	return job->end < end ? ARMVIRT_MORE : ARMVIRT_OK;
}

/* Nothing in the table, or only what finish will empty. */
static COLD bool dead(const struct armvirt_s2_geometry *g, const struct place *p)
{
	unsigned entries = table_entries(g), at = entries - p->left;
	const uint64_t *table = p->slot - at;

	for (unsigned i = 0; i < entries; i++, at++) {
		uint64_t d = armvirt_seam_desc_load(table + (at & (entries - 1)));

		if (d && d != PENDING &&
		    (!desc_is_pending(d) || (d & (PEND_OLD | PEND_FOLD)) != PEND_OLD))
			return false;
	}
	return true;
}

/* A table without contents goes, and so do those above that it leaves empty. */
static COLD void reclaim(struct armvirt_s2_update *u, armvirt_ipa_t ipa)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	struct place p;

	armvirt_s2_walk(u->s2, ipa, WALK_EDIT, &p);
	while (p.level > g->start_level && dead(g, &p)) {
		uint64_t span = armvirt_s2_span(g, p.level - 1);

		armvirt_s2_walk(u->s2, p.ipa & ~(span - 1), span, &p);
		armvirt_s2_bbm_detach(u, &p, false);
	}
}

static COLD armvirt_ipa_t do_note(struct armvirt_s2_update *u, const struct job *job,
				  armvirt_ipa_t ipa)
{
	struct place p;

	armvirt_s2_walk(u->s2, ipa, job->desc ? WALK_EDIT : job->end - ipa, &p);
	if (is_link(&p)) {
		armvirt_s2_bbm_detach(u, &p, false);
		p.ipa += p.span;
	} else {
		do {
			/* A table that this job has detached already stays what it is. */
			if (p.desc != job->desc && !desc_is_pending(p.desc))
				armvirt_s2_bbm_replace(u, &p, job->desc, BBM_REPLACE);
		} while (armvirt_s2_place_next(&p) && p.ipa < job->end && !is_link(&p));
	}
	if (!job->desc && !(u->flags & ARMVIRT_S2_KEEP_TABLES))
		reclaim(u, ipa);
	return p.ipa;
}

/* Before the first store: what the guest will read and fetch is what the caller wrote. */
static COLD void maintain(const struct armvirt_s2_update *u, const struct job *job)
{
	unsigned what = u->s2->g.fwb ? 0 : ARMVIRT_CACHE_DATA;

	if (verb_of(job) == VERB_MAP && (job->desc & D_NORMAL))
		armvirt_hw_cache_maintain(
			job->pa + u->guest->va_minus_pa, job->end - job->base,
			what | (desc_fetches(job->desc) ? ARMVIRT_CACHE_FETCH : 0));
	else if (verb_of(job) == VERB_BITS && (job->bits->clear >> D_XN_SHIFT & 3) == 3 &&
		 desc_fetches(job->bits->set))
		armvirt_hw_cache_maintain(0, 0, ARMVIRT_CACHE_FETCH);
}

COLD enum armvirt_status armvirt_s2_do(struct armvirt_s2_update *u, struct job *job)
{
	enum armvirt_status status;

	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	job->marked = u->nt_count;
	job->noted = u->noted;
	job->budget = u->budget;
	if (u->lines) {
		job->how |= LINES;
		job->plain = false;
	}
	if ((u->flags & ARMVIRT_S2_SERIAL) && verb_of(job) >= VERB_SPLIT)
		job->budget = 1;
	status = armvirt_s2_survey(u->s2, job);
	if (status < 0)
		return status;
	if (job->need > u->pool->count)
		return ARMVIRT_E_NOMEM;
	if (u->guest)
		maintain(u, job);
	if (job->how & CUTS) {
		bool holes = (job->how & HOLES) && verb_of(job);

		armvirt_s2_cut(u, job->base, holes);
		armvirt_s2_cut(u, job->end, holes);
	}
	/* Whatever waits for finish is not what the survey saw. */
	job->plain &= !u->pending_end && !u->nt_count;
	u->done = job->end;
	for (armvirt_ipa_t ipa = job->base; ipa < job->end;) {
		if (verb_of(job) == VERB_MAP)
			ipa = armvirt_s2_do_map(u, job, ipa);
		else if (verb_of(job) == VERB_NOTE)
			ipa = do_note(u, job, ipa);
		else if (verb_of(job) == VERB_BITS)
			ipa = armvirt_s2_do_bits(u, job, ipa);
		else if (verb_of(job) == VERB_SPLIT)
			ipa = armvirt_s2_do_split(u, job, ipa);
		else
			ipa = armvirt_s2_do_fold(u, job, ipa);
	}
	return status;
}

COLD enum armvirt_status armvirt_s2_run(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
					unsigned how, uint64_t arg, const struct bits_change *bits)
{
	struct job job;
	enum armvirt_status status = armvirt_s2_job(&u->s2->g, &job, r, how, arg);

	if (status)
		return status;
	job.bits = bits;
	if (verb_of(&job) == VERB_SPLIT) {
		job.coarsest = 4;
		job.deepest = (int)arg;
	}
	return armvirt_s2_do(u, &job);
}
