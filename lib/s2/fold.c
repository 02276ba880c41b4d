/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables into blocks, entries into contiguous runs, where their contents agree. */
#include "resize.h"

/* What may differ between entries that fold: what hardware notes, and the hint. */
#define FOLD_IGNORES (D_AF | D_CONTIGUOUS)

/* n entries from slot on map one aligned stretch with equal attributes, untracked. */
static bool agree(const struct armvirt_s2 *s, const uint64_t *slot, unsigned n, int level,
		  uint64_t align)
{
	uint64_t d = slot_load(slot), span = armvirt_s2_span(&s->g, level);

	if (!desc_valid(d) || desc_is_table(d, level) || (d & s->g.track) ||
	    (leaf_pa(&s->g, d, level) & (align - 1)))
		return false;
	for (unsigned i = 1; i < n; i++) {
		if ((slot_load(slot + i) ^ (d + i * span)) & ~FOLD_IGNORES)
			return false;
	}
	return true;
}

/* All n entries carry the hint already. */
static bool is_run(const uint64_t *slot, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!(slot_load(slot + i) & D_CONTIGUOUS))
			return false;
	}
	return true;
}

static void fold_run(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa)
{
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level);
	unsigned run = 1u << u->s2->g.contiguous[p->level + 1];
	struct place at = *p;

	for (unsigned i = 0; i < run; i++, at.index++) {
		at.desc = slot_load(at.table + at.index);
		armvirt_s2_bbm_replace(u, &at, ipa + i * span, at.desc | D_CONTIGUOUS);
	}
}

/* Contiguous runs of one table that lie in the range. */
static void fold_runs(struct armvirt_s2_update *u, struct place *p, armvirt_ipa_t ipa,
		      armvirt_ipa_t end)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t span = armvirt_s2_span(g, p->level), size;
	unsigned run = 1u << g->contiguous[p->level + 1];

	if (run == 1 || !(g->flags & ARMVIRT_S2_USE_CONTIGUOUS))
		return;
	size = run * span;
	if (ipa & (size - 1)) {
		armvirt_ipa_t first = (ipa | (size - 1)) + 1;

		p->index += (unsigned)((first - (ipa & ~(span - 1))) / span);
		ipa = first;
	}
	for (; p->index + run <= p->entries && ipa < end && end - ipa >= size;
	     p->index += run, ipa += size) {
		const uint64_t *slot = p->table + p->index;

		if (agree(u->s2, slot, run, p->level, size) && !is_run(slot, run))
			fold_run(u, p, ipa);
	}
}

/* The table becomes a block if all of it lies in the range and agrees. */
static bool fold_table(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
		       armvirt_ipa_t end)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	struct place above;
	uint64_t span;

	if (p->level <= g->start_level || p->level <= g->block_level)
		return false;
	span = armvirt_s2_span(g, p->level - 1);
	if ((ipa & (span - 1)) || end - ipa < span ||
	    !agree(u->s2, p->table, p->entries, p->level, span))
		return false;
	(void)place_find(u->s2, ipa, &above, p->level - 1);
	armvirt_s2_bbm_fold(u, &above, ipa);
	return true;
}

/* One table of pages, or one run of blocks: returns where to go on. */
static armvirt_ipa_t fold_at(struct armvirt_s2_update *u, armvirt_ipa_t ipa, armvirt_ipa_t end)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	armvirt_ipa_t table_end, run_end;
	struct place p;

	(void)place_find(u->s2, ipa, &p, 3);
	table_end = p.level > g->start_level ? (ipa | (armvirt_s2_span(g, p.level - 1) - 1)) + 1
					     : ipa_limit_of(g);
	if (!p.live || fold_table(u, &p, ipa, end))
		return table_end;
	if (p.level == 3) {
		fold_runs(u, &p, ipa, min64(end, table_end));
		return table_end;
	}
	/* Links may stand between the blocks: no further than one run at a time. */
	run_end = (ipa | ((armvirt_s2_span(g, p.level) << g->contiguous[p.level + 1]) - 1)) + 1;
	fold_runs(u, &p, ipa, min64(end, run_end));
	return (ipa | (armvirt_s2_span(g, p.level) - 1)) + 1;
}

static enum armvirt_status fold_check(const struct armvirt_s2_update *u, armvirt_ipa_t ipa,
				      armvirt_ipa_t end)
{
	struct place p;

	while (ipa < end) {
		uint64_t span;

		if (!place_find(u->s2, ipa, &p, 3))
			return odd_descriptor(u);
		span = armvirt_s2_span(&u->s2->g, p.level);
		do {
			if (!desc_sane(&u->s2->g, p.desc, p.level))
				return odd_descriptor(u);
			ipa = (ipa | (span - 1)) + 1;
			if (++p.index == p.entries)
				break;
			p.desc = slot_load(p.table + p.index);
		} while (ipa < end && p.level == 3);
	}
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_fold(struct armvirt_s2_update *u, struct armvirt_ipa_range r)
{
	armvirt_ipa_t end = r.base + r.size, ipa = r.base;
	enum armvirt_status status = range_check(&u->s2->g, &r);
	uint32_t tables = u->flags & ARMVIRT_S2_SERIAL ? 1 : u->budget;

	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	if (!status)
		status = fold_check(u, ipa, end);
	if (status)
		return status;
	while (ipa < end) {
		ipa = fold_at(u, ipa, end);
		if (tables && !--tables)
			break;
	}
	u->done = min64(ipa, end);
	return ipa < end ? ARMVIRT_MORE : ARMVIRT_OK;
}
