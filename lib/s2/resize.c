/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaves taken apart and folded. Build first, break last. */
#include "job.h"

/* What may differ between entries that fold: what hardware notes, and the hint. */
#define FOLD_IGNORES (D_AF | D_CONTIGUOUS)

COLD void armvirt_s2_split_slot(struct armvirt_s2_update *u, const struct place *p,
				enum bbm_mode mode)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t link = armvirt_s2_new_table(u->s2, u->pool), d = p->desc, step = 0;

	u->fresh = link;
	u->fresh_slot = p->slot;
	if (desc_valid(d)) {
		d = (d & ~(D_CONTIGUOUS | D_TABLE)) | leaf_type(p->level + 1);
		step = armvirt_s2_span(g, p->level + 1);
	}
	if (d)
		armvirt_s2_fill(table_at(u->s2, link), table_entries(g), d, step);
	armvirt_s2_bbm_replace(u, p, link, mode);
	u->fresh = 0;
}

/* Stores the run around a slot anew: with the hint, or with what any of its entries shows. */
static COLD void rewrite_run(struct armvirt_s2_update *u, struct place at, bool hint)
{
	unsigned run = 1u << run_bits(&u->s2->g, at.level);
	uint64_t flags = hint ? D_CONTIGUOUS : 0, back = (at.ipa / at.span) & (run - 1);

	at.slot -= back;
	at.ipa -= back * at.span;
	at.left += (unsigned)back;
	/* What one entry shows is true of all: each entry alone must show it. */
	for (unsigned i = 0; !hint && i < run; i++)
		flags |= armvirt_seam_desc_load(at.slot + i) & D_AF;
	for (unsigned i = 0; i < run; i++, armvirt_s2_place_next(&at)) {
		if (!i)
			armvirt_s2_place_read(&at);
		if (desc_valid(at.desc)) /* after an abandoned update some may be gone */
			armvirt_s2_bbm_replace(u, &at, (at.desc & ~D_CONTIGUOUS) | flags,
					       BBM_REPLACE);
	}
}

COLD void armvirt_s2_unfold(struct armvirt_s2_update *u, struct place *p)
{
	rewrite_run(u, *p, false);
	armvirt_s2_place_read(p);
}

COLD void armvirt_s2_cut(struct armvirt_s2_update *u, armvirt_ipa_t at, bool holes)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	struct place p;

	while (at < g->ipa_limit) {
		armvirt_s2_walk(u->s2, at, WALK_EDIT, &p);
		if (desc_valid(p.desc) && (p.desc & D_CONTIGUOUS) &&
		    (at & ((p.span << run_bits(g, p.level)) - 1)))
			armvirt_s2_unfold(u, &p);
		if (at == p.ipa || !(p.desc || holes))
			return;
		armvirt_s2_split_slot(u, &p, BBM_SPLIT);
	}
}

COLD armvirt_ipa_t armvirt_s2_do_split(struct armvirt_s2_update *u, const struct job *job,
				       armvirt_ipa_t ipa)
{
	struct place p;
	bool last;

	armvirt_s2_walk(u->s2, ipa, WALK_EDIT, &p);
	if (p.level == 3) /* nothing to split below: the whole table at once */
		return p.ipa + p.left * p.span;
	if (!desc_valid(p.desc) || p.level >= job->deepest || (p.desc & D_NT))
		return p.ipa + p.span;
	if (p.desc & D_CONTIGUOUS)
		armvirt_s2_unfold(u, &p);
	/* One level of several cannot wait for finish under nT. */
	last = p.level + 1 == job->deepest;
	armvirt_s2_split_slot(u, &p, last ? BBM_SPLIT_LAST : BBM_SPLIT);
	return last ? p.ipa + p.span : ipa;
}

enum armvirt_status armvirt_s2_split(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				     int level)
{
	if (level < u->s2->g.start_level || level > 3)
		return ARMVIRT_E_ARG;
	return armvirt_s2_run(u, r, VERB_SPLIT, (uint64_t)level, NULL);
}

/* n entries from the place on map one aligned stretch with equal attributes, untracked. */
static COLD bool agree(const struct armvirt_s2 *s, const struct place *p, unsigned n, bool run)
{
	uint64_t d = p->desc, all = d;

	if (!desc_valid(d) || (d & s->g.track) || (leaf_pa(&s->g, d, p->level) & (n * p->span - 1)))
		return false;
	for (unsigned i = 1; i < n; i++) {
		uint64_t e = armvirt_seam_desc_load(p->slot + i);

		if ((e ^ (d + i * p->span)) & ~FOLD_IGNORES)
			return false;
		all &= e;
	}
	return !run || !(all & D_CONTIGUOUS);
}

/* Whether every entry of the run around a slot goes on with the run, and says so. */
static COLD bool run_whole(const struct armvirt_s2 *s, struct place p)
{
	unsigned run = 1u << run_bits(&s->g, p.level),
		 back = (unsigned)(p.ipa / p.span) & (run - 1);

	p.slot -= back;
	p.ipa -= back * p.span;
	armvirt_s2_place_read(&p);
	return agree(s, &p, run, false) && !agree(s, &p, run, true);
}

COLD void armvirt_s2_mend_runs(struct armvirt_s2_update *u)
{
	struct place p = {.ipa = 0};

	while (p.ipa < u->s2->g.ipa_limit) {
		if (!armvirt_s2_walk(u->s2, p.ipa, WALK_EDIT, &p))
			return;
		do {
			if (desc_valid(p.desc) && (p.desc & D_CONTIGUOUS) && !run_whole(u->s2, p))
				armvirt_s2_unfold(u, &p);
		} while (armvirt_s2_place_next(&p) && !is_link(&p));
	}
}

COLD armvirt_ipa_t armvirt_s2_do_fold(struct armvirt_s2_update *u, const struct job *job,
				      armvirt_ipa_t ipa)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	unsigned entries = table_entries(g);
	uint64_t room, size;
	struct place p;

	armvirt_s2_walk(u->s2, ipa, WALK_EDIT, &p);
	room = ipa == p.ipa ? job->end - ipa : 0;
	size = entries * p.span;
	if (p.level > g->block_level && p.left == entries && room >= size &&
	    agree(u->s2, &p, entries, false)) {
		armvirt_s2_walk(u->s2, ipa, size, &p);
		armvirt_s2_bbm_detach(u, &p, true);
		return ipa + size;
	}
	size = p.span << run_bits(g, p.level);
	if ((g->flags & ARMVIRT_S2_USE_CONTIGUOUS) && size != p.span && !(ipa & (size - 1)) &&
	    room >= size && agree(u->s2, &p, 1u << run_bits(g, p.level), true)) {
		rewrite_run(u, p, true);
		return ipa + size;
	}
	/* Links may stand between blocks, so of those no more than one. */
	return p.level == 3 ? (ipa | (size - 1)) + 1 : p.ipa + p.span;
}

enum armvirt_status armvirt_s2_fold(struct armvirt_s2_update *u, struct armvirt_ipa_range r)
{
	return armvirt_s2_run(u, r, VERB_FOLD, 0, NULL);
}
