/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping: the exact need first, then tables that are built before they are linked. */
#include "resize.h"

struct map_job {
	armvirt_ipa_t ipa, end;
	armvirt_pa_t pa; /* of ipa */
	uint64_t bits;   /* descriptor bits of every leaf */
	uint32_t flags;
	int coarsest; /* highest level at which a leaf may stand */
	bool contiguous;
};

/* Levels at which IPA and PA agree below the size of an entry, and blocks exist. */
static int coarsest_level(const struct armvirt_s2_geometry *g,
			  const struct armvirt_s2_map_request *r)
{
	int level = 3;

	if (r->flags & ARMVIRT_S2_MAP_PAGES)
		return 3;
	while (level > g->block_level && !((r->ipa ^ r->pa) & (armvirt_s2_span(g, level - 1) - 1)))
		level--;
	return level;
}

static enum armvirt_status job_of(const struct armvirt_s2 *s,
				  const struct armvirt_s2_map_request *r, struct map_job *job)
{
	const struct armvirt_s2_geometry *g = &s->g;
	struct armvirt_ipa_range range = {r->ipa, r->size};
	enum armvirt_status status = range_check(g, &range);

	if (status)
		return status;
	if (r->pa & ((UINT64_C(1) << g->granule_shift) - 1))
		return ARMVIRT_E_ALIGN;
	if (r->pa >= pa_limit_of(g) || r->size > pa_limit_of(g) - r->pa)
		return ARMVIRT_E_RANGE;
	if (r->flags & ~(ARMVIRT_S2_MAP_PAGES | ARMVIRT_S2_MAP_REPLACE))
		return ARMVIRT_E_ARG;
	status = armvirt_s2_attr_encode(g, r->attr, &job->bits);
	if (status)
		return status;
	job->ipa = r->ipa;
	job->end = r->ipa + r->size;
	job->pa = r->pa;
	job->flags = r->flags;
	job->coarsest = coarsest_level(g, r);
	job->contiguous = (g->flags & ARMVIRT_S2_USE_CONTIGUOUS) && !(r->attr & ARMVIRT_S2_TRACKED);
	return ARMVIRT_OK;
}

/*
 * Tables that [a, b) needs below empty slots of a level: at each deeper level,
 * one for every entry above that is touched, less those that are leaves.
 */
static size_t need_below(const struct armvirt_s2_geometry *g, armvirt_ipa_t a, armvirt_ipa_t b,
			 int level, int coarsest)
{
	size_t need = 0;

	for (; level < 3; level++) {
		unsigned shift = level_shift_of(g, level);
		uint64_t touched = ((b - 1) >> shift) - (a >> shift) + 1;
		uint64_t first = (a + (UINT64_C(1) << shift) - 1) >> shift, last = b >> shift;

		if (level >= coarsest && last > first)
			touched -= last - first;
		need += (size_t)touched;
	}
	return need;
}

/* Whether a slot may take the new mapping, and how many like it follow. */
static enum armvirt_status slot_free(const struct armvirt_s2_geometry *g, const struct place *p,
				     uint64_t d, const struct map_job *job, bool whole,
				     const struct armvirt_s2_update *u)
{
	if (!d || d == PENDING)
		return ARMVIRT_OK;
	if (!desc_sane(g, d, p->level))
		return u && u->nt_count ? ARMVIRT_E_BUSY : ARMVIRT_E_CORRUPT;
	if (desc_is_pending(d) && (d & PEND_OLD))
		return ARMVIRT_E_BUSY;
	if (!(job->flags & ARMVIRT_S2_MAP_REPLACE) || !whole)
		return ARMVIRT_E_EXISTS;
	/* A note may stand where this update broke a mapping: nothing may be made there yet. */
	if (!desc_valid(d) && !desc_is_pending(d) && u && u->noted)
		return ARMVIRT_E_BUSY;
	return ARMVIRT_OK;
}

static bool is_link(uint64_t d, int level)
{
	return desc_is_table(d, level) || desc_pending_table(d, level);
}

/* Looks at the slots from the place on; *ipa moves past those that are free. */
static enum armvirt_status look(const struct armvirt_s2 *s, struct place *p,
				const struct map_job *job, armvirt_ipa_t *ipa,
				const struct armvirt_s2_update *u)
{
	uint64_t span = armvirt_s2_span(&s->g, p->level);
	enum armvirt_status status;

	for (;;) {
		armvirt_ipa_t base = *ipa & ~(span - 1);
		bool whole = *ipa == base && job->end - base >= span;

		status = slot_free(&s->g, p, p->desc, job, whole, u);
		if (status)
			return status;
		*ipa = min64(base + span, job->end);
		if (*ipa == job->end || ++p->index == p->entries)
			return ARMVIRT_OK;
		p->desc = slot_load(p->table + p->index);
		if (is_link(p->desc, p->level))
			return ARMVIRT_OK;
	}
}

/* Where a budget of tables ends, counted in tables of the leaves that will be made. */
static armvirt_ipa_t reach(const struct armvirt_s2_geometry *g, const struct map_job *job,
			   armvirt_ipa_t from, uint32_t tables)
{
	uint64_t unit;

	if (job->coarsest <= g->start_level)
		return job->end;
	unit = armvirt_s2_span(g, job->coarsest - 1);
	if (tables > (job->end - from) / unit)
		return job->end;
	return (from & ~(unit - 1)) + tables * unit;
}

/* The whole request without a store: what it needs, how far the budget goes, or why not. */
static enum armvirt_status survey(const struct armvirt_s2 *s, struct map_job *job,
				  const struct armvirt_s2_update *u, size_t *need)
{
	armvirt_ipa_t end = job->end;
	enum armvirt_status status;
	struct place p;

	if (u && u->budget)
		job->end = min64(end, reach(&s->g, job, job->ipa, u->budget));
	*need = 0;
	for (armvirt_ipa_t ipa = job->ipa; ipa < job->end;) {
		armvirt_ipa_t from = ipa;

		if (!place_find(s, ipa, &p, 3))
			return ARMVIRT_E_CORRUPT;
		status = look(s, &p, job, &ipa, u);
		if (status)
			return status;
		*need += need_below(&s->g, from, ipa, p.level, job->coarsest);
	}
	return job->end < end ? ARMVIRT_MORE : ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_need(const struct armvirt_s2 *s,
				    const struct armvirt_s2_map_request *r, size_t *pages)
{
	struct map_job job;
	size_t need;
	enum armvirt_status status = job_of(s, r, &job);

	if (!status)
		status = survey(s, &job, NULL, &need);
	if (!status)
		*pages = need;
	return status;
}

/* n entries with the contiguous hint where whole runs agree in address. */
static void fill(struct armvirt_s2_update *u, const struct place *p, unsigned n,
		 const struct map_job *job)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t span = armvirt_s2_span(g, p->level);
	uint64_t d = addr_encode(g, job->pa) | job->bits | leaf_type(p->level);
	unsigned bits = g->contiguous[p->level + 1], run = 1u << bits;
	unsigned head = (0u - p->index) & (run - 1), body;
	struct place at = *p;

	if (!job->contiguous || !bits || ((job->pa - job->ipa) & ((span << bits) - 1)) ||
	    n < head + run) {
		armvirt_s2_bbm_fill(u, p, n, d, span);
		return;
	}
	body = (n - head) & ~(run - 1);
	armvirt_s2_bbm_fill(u, &at, head, d, span);
	at.index += head;
	armvirt_s2_bbm_fill(u, &at, body, (d + head * span) | D_CONTIGUOUS, span);
	at.index += body;
	armvirt_s2_bbm_fill(u, &at, n - head - body, d + (head + body) * span, span);
}

/* Entries that hold something: one by one, by break-before-make where it must be. */
static void fill_over(struct armvirt_s2_update *u, const struct place *p, unsigned n,
		      const struct map_job *job)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t span = armvirt_s2_span(g, p->level);
	struct place at = *p;

	for (unsigned i = 0; i < n; i++, at.index++) {
		at.desc = slot_load(at.table + at.index);
		armvirt_s2_bbm_replace(u, &at, job->ipa + i * span,
				       addr_encode(g, job->pa + i * span) | job->bits |
					       leaf_type(p->level));
	}
}

/* Whole entries of this level from ipa on; the place says from which index. */
static unsigned whole_entries(const struct armvirt_s2_geometry *g, const struct place *p,
			      const struct map_job *job)
{
	unsigned shift = level_shift_of(g, p->level);
	uint64_t n, carry;

	if (p->level < job->coarsest || (job->ipa & ((UINT64_C(1) << shift) - 1)))
		return 0;
	n = min64((job->end - job->ipa) >> shift, p->entries - p->index);
	/* Adding sizes must not carry out of the address bits that stand in place. */
	carry = UINT64_C(1) << g->low_bits;
	return (unsigned)min64(n, (carry - (job->pa & (carry - 1))) >> shift);
}

static void advance(struct map_job *job, uint64_t size)
{
	job->ipa += size;
	job->pa += size;
}

/* A run of leaves in a table that is linked already. */
static void map_leaves(struct armvirt_s2_update *u, struct place *p, unsigned n,
		       struct map_job *job)
{
	unsigned free = 0, over = 0;

	while (free < n && !slot_load(p->table + p->index + free))
		free++;
	if (free) {
		fill(u, p, free, job);
		n = free;
	} else {
		while (over < n) {
			uint64_t d = slot_load(p->table + p->index + over);

			if (!d || is_link(d, p->level))
				break;
			over++;
		}
		n = over;
		fill_over(u, p, n, job);
	}
	advance(job, n * armvirt_s2_span(&u->s2->g, p->level));
}

/* A new table below the place: filled where leaves can stand, then linked. */
static void map_table(struct armvirt_s2_update *u, const struct place *p, struct map_job *job)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t span = armvirt_s2_span(g, p->level), size = 0;
	armvirt_ipa_t base = job->ipa & ~(span - 1);
	struct place new = {.entries = table_entries(g), .level = p->level + 1, .live = false};
	unsigned n;

	new.table = (uint64_t *)armvirt_pool_take(u->pool);
	new.index = index_of(g, job->ipa, new.level);
	n = whole_entries(g, &new, job);
	for (unsigned i = 0; i < new.index; i++)
		new.table[i] = 0;
	for (unsigned i = new.index + n; i < new.entries; i++)
		new.table[i] = 0;
	if (n) {
		fill(u, &new, n, job);
		size = n * armvirt_s2_span(g, new.level);
	}
	armvirt_s2_bbm_replace(u, p, base,
			       addr_encode(g, table_pa(u->s2, new.table)) | D_TABLE | D_VALID);
	advance(job, size);
}

enum armvirt_status armvirt_s2_map(struct armvirt_s2_update *u,
				   const struct armvirt_s2_map_request *r)
{
	struct map_job job;
	enum armvirt_status status;
	struct place p;
	size_t need;
	unsigned n;

	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	status = job_of(u->s2, r, &job);
	if (status)
		return status;
	status = survey(u->s2, &job, u, &need);
	if (status < 0)
		return status;
	if (need > u->pool->count)
		return ARMVIRT_E_NOMEM;
	if (job.flags & ARMVIRT_S2_MAP_REPLACE) {
		/* No leaf reaches outside: this takes contiguous runs apart, nothing else. */
		armvirt_s2_cut(u, job.ipa, false);
		armvirt_s2_cut(u, job.end, false);
	}
	while (job.ipa < job.end) {
		(void)place_find(u->s2, job.ipa, &p, 3);
		n = whole_entries(&u->s2->g, &p, &job);
		if (n)
			map_leaves(u, &p, n, &job);
		else
			map_table(u, &p, &job);
	}
	u->done = job.end;
	return status;
}
