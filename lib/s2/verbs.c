/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmap, protect, annotate, age, dirty: look at everything, then change everything. */
#include "resize.h"
#include "sane.h"

enum verb { VERB_UNMAP, VERB_NOTE, VERB_BITS };

struct job {
	enum verb verb;
	bool cuts;     /* larger leaves are taken apart at the ends of the range */
	bool whole;    /* leaves and runs partly inside are reported only */
	bool unfolds;  /* contiguous runs are taken apart everywhere */
	uint64_t note; /* VERB_NOTE: the new descriptor */
	struct bits_change bits;
};

/* Slots from the place on that belong to the range and hold no table. */
static unsigned run_length(const struct armvirt_s2 *s, const struct place *p, armvirt_ipa_t ipa,
			   armvirt_ipa_t end)
{
	unsigned shift = level_shift_of(&s->g, p->level), n = 1;
	uint64_t want = ((end - 1) >> shift) - (ipa >> shift) + 1;

	if (want > p->entries - p->index)
		want = p->entries - p->index;
	if (p->level == 3)
		return (unsigned)want;
	while (n < want) {
		uint64_t d = slot_load(p->table + p->index + n);

		if (desc_is_table(d, p->level) || desc_pending_table(d, p->level))
			break;
		n++;
	}
	return n;
}

/* Down to the slot that decides; an unmap stops early, above a table that goes whole. */
static bool find(const struct armvirt_s2 *s, const struct job *job, armvirt_ipa_t ipa,
		 armvirt_ipa_t end, struct place *p)
{
	place_root(s, ipa, p);
	while (p->level < 3) {
		uint64_t d = p->desc, span = armvirt_s2_span(&s->g, p->level);
		bool pending = desc_pending_table(d, p->level);

		if (!pending && !desc_is_table(d, p->level))
			break;
		if (!pending && !table_sane(&s->g, d))
			return false;
		if (job->verb == VERB_UNMAP && !(ipa & (span - 1)) && end - ipa >= span)
			break;
		p->live &= !pending;
		place_down(s, ipa, p, pending_strip(d));
	}
	return true;
}

static bool is_link(const struct place *p)
{
	return desc_is_table(p->desc, p->level) || desc_pending_table(p->desc, p->level);
}

/* Every link below one that goes whole must be good, or it cannot be handed over. */
static bool tree_sane(const struct armvirt_s2 *s, const struct place *top, armvirt_ipa_t ipa)
{
	uint64_t end = ipa + armvirt_s2_span(&s->g, top->level);

	for (struct place p; ipa < end;) {
		p = *top;
		while (p.level < 2 && is_link(&p)) {
			if (desc_valid(p.desc) && !table_sane(&s->g, p.desc))
				return false;
			place_down(s, ipa, &p, pending_strip(p.desc));
		}
		if (is_link(&p) && desc_valid(p.desc) && !table_sane(&s->g, p.desc))
			return false;
		ipa += armvirt_s2_span(&s->g, p.level);
	}
	return true;
}

/* A table that waits to be handed over or folded stands in the way of a new entry. */
static bool table_waits(const struct place *p, unsigned n, uint64_t which)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t d = slot_load(p->table + p->index + i);

		if (desc_is_pending(d) && (d & which))
			return true;
	}
	return false;
}

static enum armvirt_status check(const struct armvirt_s2_update *u, const struct job *job,
				 armvirt_ipa_t base, armvirt_ipa_t *end, bool *uniform)
{
	const struct armvirt_s2 *s = u->s2;
	uint32_t tables = 0;
	struct place p;

	for (armvirt_ipa_t ipa = base; ipa < *end;) {
		unsigned n;

		if (u->budget && tables++ == u->budget) {
			*end = ipa;
			return ARMVIRT_MORE;
		}
		if (!find(s, job, ipa, *end, &p))
			return odd_descriptor(u);
		if (is_link(&p)) {
			if (!tree_sane(s, &p, ipa))
				return odd_descriptor(u);
			n = 1;
		} else {
			n = run_length(s, &p, ipa, *end);
			if (!all_sane(&s->g, &p, n, uniform))
				return odd_descriptor(u);
			if (p.level < 3 && u->pending_end &&
			    table_waits(&p, n, job->verb == VERB_NOTE ? PEND_OLD : PEND_FOLD))
				return ARMVIRT_E_BUSY;
		}
		ipa = (ipa & ~(armvirt_s2_span(&s->g, p.level) - 1)) +
		      n * armvirt_s2_span(&s->g, p.level);
	}
	return ARMVIRT_OK;
}

/* Nothing in the table, or only what finish will empty. */
static bool dead(const struct place *p)
{
	for (unsigned i = 0; i < p->entries; i++) {
		uint64_t d = slot_load(p->table + ((p->index + i) & (p->entries - 1)));

		if (d && d != PENDING &&
		    (!desc_is_pending(d) || (d & (PEND_OLD | PEND_FOLD)) != PEND_OLD))
			return false;
	}
	return true;
}

/* A table without contents goes, and so do those above that it leaves empty. */
static void reclaim(struct armvirt_s2_update *u, struct place *p, armvirt_ipa_t ipa)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;

	while (p->level > g->start_level && dead(p)) {
		int above = p->level - 1;

		place_find(u->s2, ipa, p, above);
		if (p->level != above || !is_link(p))
			return;
		armvirt_s2_bbm_detach(u, p, ipa & ~(armvirt_s2_span(g, above) - 1));
	}
}

static void note_slots(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
		       unsigned n, uint64_t note)
{
	struct place at = *p;

	for (unsigned i = 0; i < n; i++, at.index++) {
		at.desc = slot_load(at.table + at.index);
		armvirt_s2_bbm_replace(u, &at, ipa + i * armvirt_s2_span(&u->s2->g, p->level),
				       note);
	}
}

static void unfold_slots(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			 unsigned n)
{
	struct place at = *p;
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level);

	for (unsigned i = 0; i < n; i++, at.index++) {
		at.desc = slot_load(at.table + at.index);
		if (desc_valid(at.desc) && (at.desc & D_CONTIGUOUS))
			armvirt_s2_unfold(u, &at, (ipa & ~(span - 1)) + i * span);
	}
}

/* Reports leaves and runs of which the range holds a part only; changes nothing. */
static void report_part(struct armvirt_s2_update *u, uint64_t d, armvirt_ipa_t ipa, uint64_t size,
			const struct bits_change *c)
{
	if (c->bitmap && desc_valid(d) && (d & c->report) == c->report)
		armvirt_s2_bitmap_mark(c->bitmap, u->s2->g.granule_shift, ipa, size);
}

/* OR over the entries of the contiguous run that the slot belongs to. */
static uint64_t run_flags(const struct armvirt_s2 *s, const struct place *p, unsigned *first)
{
	unsigned run = 1u << s->g.contiguous[p->level + 1];
	uint64_t d = 0;

	*first = p->index & ~(run - 1);
	for (unsigned i = 0; i < run; i++)
		d |= slot_load(p->table + *first + i);
	return d;
}

/* Size of what begins before ipa or ends behind end, from ipa on, cut at end; 0: all is whole. */
static uint64_t partial(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			armvirt_ipa_t end, const struct bits_change *c)
{
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level), size = span, d = p->desc;
	armvirt_ipa_t base = ipa & ~(span - 1);

	if (!desc_valid(d))
		return 0;
	if (d & D_CONTIGUOUS) {
		unsigned first;

		d = run_flags(u->s2, p, &first);
		size = span << u->s2->g.contiguous[p->level + 1];
		base &= ~(size - 1);
	}
	if (base >= ipa && base + size <= end)
		return 0;
	size = min64(base + size, end) - ipa;
	report_part(u, d, ipa, size, c);
	return size;
}

/* A whole-only change: up to the first leaf or run that is only partly inside. */
static uint64_t apply_whole(struct armvirt_s2_update *u, struct place *p, armvirt_ipa_t ipa,
			    armvirt_ipa_t end, unsigned n, const struct bits_change *c)
{
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level), size = partial(u, p, ipa, end, c);
	unsigned run = 1u << u->s2->g.contiguous[p->level + 1], tail = 0;
	struct place last = *p;

	if (size)
		return size;
	ipa &= ~(span - 1);
	/* The last run of entries may reach behind the end: leave it for the next round. */
	last.index = p->index + n - 1;
	last.desc = slot_load(last.table + last.index);
	if (desc_valid(last.desc) && (last.desc & D_CONTIGUOUS) && ((last.index + 1) & (run - 1)))
		tail = (last.index & (run - 1)) + 1;
	else if (desc_valid(last.desc) && ipa + n * span > end)
		tail = 1;
	if (tail < n)
		n -= tail;
	armvirt_s2_bbm_modify(u, p, ipa, n, c);
	return n * span;
}

static armvirt_ipa_t apply_one(struct armvirt_s2_update *u, const struct job *job,
			       armvirt_ipa_t ipa, armvirt_ipa_t end)
{
	struct place p;
	uint64_t span;
	unsigned n;

	(void)find(u->s2, job, ipa, end, &p);
	span = armvirt_s2_span(&u->s2->g, p.level);
	if (is_link(&p)) {
		armvirt_s2_bbm_detach(u, &p, ipa);
		if (!(u->flags & ARMVIRT_S2_KEEP_TABLES))
			reclaim(u, &p, ipa);
		return ipa + span;
	}
	n = run_length(u->s2, &p, ipa, end);
	if (job->whole)
		return ipa + apply_whole(u, &p, ipa, end, n, &job->bits);
	ipa &= ~(span - 1);
	if (job->unfolds)
		unfold_slots(u, &p, ipa, n);
	switch (job->verb) {
	case VERB_UNMAP:
		armvirt_s2_bbm_empty(u, &p, ipa, n);
		if (!(u->flags & ARMVIRT_S2_KEEP_TABLES))
			reclaim(u, &p, ipa);
		break;
	case VERB_NOTE:
		note_slots(u, &p, ipa, n, job->note);
		break;
	case VERB_BITS:
		armvirt_s2_bbm_modify(u, &p, ipa, n, &job->bits);
		break;
	}
	return ipa + n * span;
}

static enum armvirt_status run(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
			       struct job *job)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	armvirt_ipa_t end = r.base + r.size;
	enum armvirt_status status;

	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	status = range_check(g, &r);
	if (status)
		return status;
	job->bits.uniform = true;
	status = check(u, job, r.base, &end, &job->bits.uniform);
	if (status < 0)
		return status;
	r.size = end - r.base;
	if (job->cuts) {
		if (armvirt_s2_cut_need(u->s2, r, job->verb == VERB_NOTE) > u->pool->count)
			return ARMVIRT_E_NOMEM;
		armvirt_s2_cut(u, r.base, job->verb == VERB_NOTE);
		armvirt_s2_cut(u, end, job->verb == VERB_NOTE);
	}
	/* Whatever waits for finish is not what the check took for granted. */
	job->bits.uniform &= !u->pending_end && !u->nt_count;
	for (armvirt_ipa_t ipa = r.base; ipa < end;)
		ipa = apply_one(u, job, ipa, end);
	u->done = end;
	return status;
}

enum armvirt_status armvirt_s2_need_range(const struct armvirt_s2 *s, struct armvirt_ipa_range r,
					  bool holes, size_t *pages)
{
	enum armvirt_status status = range_check(&s->g, &r);

	if (!status)
		*pages = armvirt_s2_cut_need(s, r, holes);
	return status;
}

enum armvirt_status armvirt_s2_unmap(struct armvirt_s2_update *u, struct armvirt_ipa_range r)
{
	struct job job = {.verb = VERB_UNMAP, .cuts = true};

	return run(u, r, &job);
}

enum armvirt_status armvirt_s2_destroy(struct armvirt_s2_update *u)
{
	return armvirt_s2_unmap(u, (struct armvirt_ipa_range){0, ipa_limit_of(&u->s2->g)});
}

enum armvirt_status armvirt_s2_unmap_matching(struct armvirt_s2_update *u,
					      struct armvirt_ipa_range r, armvirt_pa_t pa)
{
	enum armvirt_status status = range_check(&u->s2->g, &r);
	struct place p;

	if (status)
		return status;
	for (armvirt_ipa_t ipa = r.base; ipa < r.base + r.size;) {
		uint64_t mask, d;

		if (!place_find(u->s2, ipa, &p, 3) || !desc_sane(&u->s2->g, p.desc, p.level))
			return odd_descriptor(u);
		mask = armvirt_s2_span(&u->s2->g, p.level) - 1;
		d = p.desc;
		if (desc_is_pending(d) && d != PENDING && !(d & PEND_OLD))
			d = pending_strip(d) | D_VALID;
		if (!desc_valid(d) ||
		    leaf_pa(&u->s2->g, d, p.level) + (ipa & mask) != pa + (ipa - r.base))
			return ARMVIRT_E_MISMATCH;
		ipa = (ipa | mask) + 1;
	}
	return armvirt_s2_unmap(u, r);
}

/* What attribute bits a set of them encodes to, one by one: no field but execute is joint. */
static uint64_t plain_bits(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t a)
{
	return ((a & ARMVIRT_S2_R) ? D_R : 0) | ((a & ARMVIRT_S2_W) ? D_W : 0) |
	       ((a & ARMVIRT_S2_TRACKED) ? g->track : 0) |
	       (uint64_t)(a & ARMVIRT_S2_SW_MASK) << (D_SW_SHIFT - ARMVIRT_S2_SW_SHIFT);
}

/* Execute permission is a joint field: both bits of it change, or none. */
static enum armvirt_status execute_bits(const struct armvirt_s2_geometry *g,
					const struct armvirt_s2_protection *p,
					struct bits_change *c)
{
	armvirt_s2_attr_t x = (p->set | p->clear) & ARMVIRT_S2_X;
	uint64_t bits;

	if (!x)
		return ARMVIRT_OK;
	if (x != ARMVIRT_S2_X ||
	    armvirt_s2_attr_encode(g, ARMVIRT_S2_NORMAL_WB | (p->set & ARMVIRT_S2_X), &bits))
		return ARMVIRT_E_ATTR;
	c->clear |= MASK64(54, 53);
	c->set |= bits & MASK64(54, 53);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_protect(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				       const struct armvirt_s2_protection *p)
{
	const uint32_t may =
		ARMVIRT_S2_PERMISSIONS | ARMVIRT_S2_OLD | ARMVIRT_S2_TRACKED | ARMVIRT_S2_SW_MASK;
	struct job job = {.verb = VERB_BITS, .cuts = true, .bits = {.need = D_VALID}};

	if (u->s2->g.regime != ARMVIRT_REGIME_S2 || (p->set & p->clear) ||
	    ((p->set | p->clear) & ~may))
		return ARMVIRT_E_ATTR;
	job.bits.set = plain_bits(&u->s2->g, p->set) | ((p->clear & ARMVIRT_S2_OLD) ? D_AF : 0);
	job.bits.clear = plain_bits(&u->s2->g, p->clear) | ((p->set & ARMVIRT_S2_OLD) ? D_AF : 0);
	if (execute_bits(&u->s2->g, p, &job.bits))
		return ARMVIRT_E_ATTR;
	if (p->clear & ARMVIRT_S2_W) {
		/* A tracked page without W is writable: forbidding writes ends its tracking. */
		job.bits.clear |= u->s2->g.track & ~job.bits.set;
		job.bits.report = u->s2->g.track | D_W;
		job.bits.bitmap = u->dirty;
	}
	job.unfolds = p->set & ARMVIRT_S2_TRACKED;
	return run(u, r, &job);
}

enum armvirt_status armvirt_s2_annotate(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
					const struct armvirt_s2_note *note)
{
	struct job job = {.verb = VERB_NOTE, .cuts = true};
	unsigned kind = (unsigned)note->kind;

	if ((kind != ARMVIRT_S2_KIND_TRAP && kind != ARMVIRT_S2_KIND_OWNER &&
	     kind < ARMVIRT_S2_KIND_USER) ||
	    kind > ARMVIRT_S2_KIND_MAX || note->payload >> 48)
		return ARMVIRT_E_ARG;
	job.note = (uint64_t)kind << N_KIND_SHIFT | note->payload << N_PAYLOAD_SHIFT;
	return run(u, r, &job);
}

enum armvirt_status armvirt_s2_age(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				   const struct armvirt_s2_bitmap *young)
{
	struct job job = {.verb = VERB_BITS, .whole = true, .bits.need = D_VALID | D_AF};

	job.bits.clear = job.bits.report = D_AF, job.bits.bitmap = young;
	return run(u, r, &job);
}

enum armvirt_status armvirt_s2_dirty(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				     enum armvirt_s2_dirty_mode mode,
				     const struct armvirt_s2_bitmap *dirty)
{
	uint64_t track = u->s2->g.track, both = track | D_W;
	struct job job = {.verb = VERB_BITS};

	switch (mode) {
	case ARMVIRT_S2_DIRTY_START:
		job.cuts = job.unfolds = true;
		job.bits = (struct bits_change){D_VALID | D_W, track, D_W, both, dirty, false};
		break;
	case ARMVIRT_S2_DIRTY_COLLECT:
		job.whole = true;
		job.bits = (struct bits_change){D_VALID | both, 0, D_W, both, dirty, false};
		break;
	case ARMVIRT_S2_DIRTY_STOP:
		job.cuts = true;
		job.bits = (struct bits_change){D_VALID | track, D_W, track, both, dirty, false};
		break;
	default:
		return ARMVIRT_E_ARG;
	}
	return u->s2->g.regime == ARMVIRT_REGIME_S2 ? run(u, r, &job) : ARMVIRT_E_ATTR;
}
