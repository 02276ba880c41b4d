/* SPDX-License-Identifier: BSD-2-Clause */
/* Splitting leaves and unfolding contiguous runs. Build first, break last. */
#include "resize.h"

/* The first part of a leaf or note, one level down. */
static uint64_t part(uint64_t d, int level)
{
	if (!desc_valid(d))
		return d == PENDING ? 0 : d;
	d &= ~(D_CONTIGUOUS | D_NT | D_TABLE);
	return d | (level == 3 ? D_TABLE : 0);
}

static void build_parts(const struct armvirt_s2 *s, uint64_t *table, uint64_t d, int level)
{
	uint64_t first = part(d, level + 1);
	uint64_t step = desc_valid(d) ? armvirt_s2_span(&s->g, level + 1) : 0;
	uint64_t *end = table + table_entries(&s->g);

	for (; table != end; first += step)
		*table++ = first;
}

static uint64_t effective(uint64_t d)
{
	bool made = desc_is_pending(d) && d != PENDING && !(d & PEND_OLD);

	return made ? pending_strip(d) | D_VALID : d;
}

void armvirt_s2_split_slot(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t base)
{
	uint64_t *table = (uint64_t *)armvirt_pool_take(u->pool);
	uint64_t d = effective(p->desc);

	build_parts(u->s2, table, d, p->level);
	armvirt_s2_bbm_split(u, p, base,
			     addr_encode(&u->s2->g, table_pa(u->s2, table)) | D_TABLE | D_VALID);
}

void armvirt_s2_unfold(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t base)
{
	unsigned run = 1u << u->s2->g.contiguous[p->level + 1];
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level), flags = 0;
	struct place at = *p;

	at.index &= ~(run - 1);
	base -= (p->index - at.index) * span;
	/* What one entry shows is true of all: each entry alone must show it. */
	for (unsigned i = 0; i < run; i++)
		flags |= effective(slot_load(at.table + at.index + i)) & D_AF;
	for (unsigned i = 0; i < run; i++, at.index++, base += span) {
		at.desc = slot_load(at.table + at.index);
		armvirt_s2_bbm_replace(u, &at, base, (effective(at.desc) & ~D_CONTIGUOUS) | flags);
	}
}

/* Whether the place holds something larger than a granule that can be taken apart. */
static bool divisible(const struct place *p, bool holes)
{
	uint64_t d = effective(p->desc);

	if (!d || d == PENDING)
		return p->level < 3 && holes;
	return p->level < 3 && !desc_is_pending(d);
}

void armvirt_s2_cut(struct armvirt_s2_update *u, armvirt_ipa_t at, bool holes)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	struct place p;

	if (at >= ipa_limit_of(g))
		return;
	for (;;) {
		uint64_t span, d;
		armvirt_ipa_t base;

		place_find(u->s2, at, &p, 3);
		span = armvirt_s2_span(g, p.level);
		base = at & ~(span - 1);
		d = effective(p.desc);
		if (desc_valid(d) && (d & D_CONTIGUOUS) &&
		    (at & ((span << g->contiguous[p.level + 1]) - 1)))
			armvirt_s2_unfold(u, &p, base);
		if (at == base || !divisible(&p, holes))
			return;
		p.desc = slot_load(p.table + p.index);
		armvirt_s2_split_slot(u, &p, base);
	}
}

/* Deepest level at which an address is a boundary of entries. */
static int boundary_level(const struct armvirt_s2_geometry *g, armvirt_ipa_t at)
{
	int level = 3;

	while (level > g->start_level && !(at & (armvirt_s2_span(g, level - 1) - 1)))
		level--;
	return level;
}

size_t armvirt_s2_cut_need(const struct armvirt_s2 *s, struct armvirt_ipa_range r, bool holes)
{
	const struct armvirt_s2_geometry *g = &s->g;
	armvirt_ipa_t end = r.base + r.size;
	int to = boundary_level(g, r.base), level;
	struct place p;
	size_t need = 0;

	if (place_find(s, r.base, &p, 3) && divisible(&p, holes) && to > p.level)
		need += (size_t)(to - p.level);
	if (end >= ipa_limit_of(g) || !place_find(s, end, &p, 3) || !divisible(&p, holes))
		return need;
	for (level = p.level + 1; level <= boundary_level(g, end); level++) {
		unsigned shift = level_shift_of(g, level - 1);

		/* A table that the other end makes anyway is not made twice. */
		if (level > to || r.base >> shift != end >> shift)
			need++;
	}
	return need;
}

/* Touched slots of [a, b) at a level. */
static size_t touched(const struct armvirt_s2_geometry *g, armvirt_ipa_t a, armvirt_ipa_t b,
		      int level)
{
	unsigned shift = level_shift_of(g, level);

	return (size_t)(((b - 1) >> shift) - (a >> shift) + 1);
}

struct split_scan {
	size_t need;
	armvirt_ipa_t end; /* what the budget reaches */
	uint32_t leaves;
};

static enum armvirt_status split_scan(const struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				      int level, struct split_scan *scan)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	armvirt_ipa_t end = r.base + r.size;
	struct place p;

	for (armvirt_ipa_t ipa = r.base; ipa < end;) {
		uint64_t span, d;
		armvirt_ipa_t next;

		if (!place_find(u->s2, ipa, &p, 3) || !desc_sane(g, p.desc, p.level))
			return odd_descriptor(u);
		span = armvirt_s2_span(g, p.level);
		next = min64((ipa | (span - 1)) + 1, end);
		d = effective(p.desc);
		if (desc_is_pending(d) && (d & PEND_FOLD))
			return ARMVIRT_E_BUSY;
		if (p.level == 3) { /* nothing to split below: the whole table at once */
			next = min64((ipa | (armvirt_s2_span(g, 2) - 1)) + 1, end);
		} else if (desc_valid(d) && p.level < level) {
			if (u->budget && scan->leaves == u->budget)
				break;
			scan->leaves++;
			for (int l = p.level; l < level; l++)
				scan->need += touched(g, ipa, next, l);
		}
		scan->end = ipa = next;
	}
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_split(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				     int level)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	struct split_scan scan = {0, r.base, 0};
	enum armvirt_status status = range_check(g, &r);
	struct place p;

	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	if (status)
		return status;
	if (level < g->start_level || level > 3)
		return ARMVIRT_E_ARG;
	if (u->flags & ARMVIRT_S2_SERIAL)
		u->budget = 1;
	status = split_scan(u, r, level, &scan);
	if (status)
		return status;
	if (scan.need > u->pool->count)
		return ARMVIRT_E_NOMEM;
	u->flags |= UPDATE_SPLITTING;
	for (armvirt_ipa_t ipa = r.base; ipa < scan.end;) {
		uint64_t span, d;

		place_find(u->s2, ipa, &p, 3);
		span = armvirt_s2_span(g, p.level);
		d = effective(p.desc);
		if (p.level == 3) {
			ipa = (ipa | (armvirt_s2_span(g, 2) - 1)) + 1;
		} else if (!desc_valid(d) || p.level >= level || (d & D_NT)) {
			ipa = (ipa | (span - 1)) + 1;
		} else {
			/* One level of several cannot wait for finish under nT. */
			if (p.level + 1 < level)
				u->flags &= ~UPDATE_SPLITTING;
			if (d & D_CONTIGUOUS)
				armvirt_s2_unfold(u, &p, ipa & ~(span - 1));
			p.desc = slot_load(p.table + p.index);
			armvirt_s2_split_slot(u, &p, ipa & ~(span - 1));
			u->flags |= UPDATE_SPLITTING;
			if (p.level + 1 >= level)
				ipa = (ipa | (span - 1)) + 1;
		}
	}
	u->flags &= ~UPDATE_SPLITTING;
	u->done = scan.end;
	return scan.end < r.base + r.size ? ARMVIRT_MORE : ARMVIRT_OK;
}
