/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of permission, access flag and dirty bits, whole tables at a time. */
#include "job.h"

/* Loops that a bar of tools/bench stands for; they stay out of the small code that calls them. */
#define HOT __attribute__((hot, noinline))

/* One step of an unconditional change; any gathers what was there. */
#define CHANGE(i)                                                      \
	do {                                                           \
		uint64_t d = armvirt_seam_desc_load(slot + (i));       \
		any |= d;                                              \
		armvirt_seam_desc_store(slot + (i), (d & keep) | set); \
	} while (0)

/* Plain stores to n slots, a multiple of eight, where hardware only reads: the hot loop of protect.
 */
static HOT uint64_t change_all(uint64_t *slot, unsigned n, uint64_t keep, uint64_t set)
{
	uint64_t any = 0;

	for (; n; n -= 8, slot += 8) {
		CHANGE(0);
		CHANGE(1);
		CHANGE(2);
		CHANGE(3);
		CHANGE(4);
		CHANGE(5);
		CHANGE(6);
		CHANGE(7);
	}
	return any;
}

/* The same where hardware may write. */
static HOT uint64_t change_all_hw(uint64_t *slot, unsigned n, uint64_t keep, uint64_t set)
{
	uint64_t any = 0;

	for (uint64_t *end = slot + n; slot != end; slot++) {
		uint64_t d = armvirt_seam_desc_load(slot);

		while (!armvirt_seam_desc_try(slot, &d, (d & keep) | set)) {
		}
		any |= d;
	}
	return any;
}

/* One step of ageing: bit i of young is the access flag of slot i, which is cleared. */
#define AGE(i)                                                   \
	do {                                                     \
		uint64_t d = armvirt_seam_desc_load(slot + (i)); \
		young |= (d & D_AF) << (i);                      \
		armvirt_seam_desc_store(slot + (i), d & ~D_AF);  \
	} while (0)
#define AF_SHIFT 10

/* Access flags of n slots, a multiple of four, cleared by plain stores: the hot loop of ageing. */
static HOT uint64_t age(uint64_t *slot, unsigned n)
{
	uint64_t bits = 0;

	for (unsigned at = 0; at < n; at += 4, slot += 4) {
		uint64_t young = 0;

		AGE(0);
		AGE(1);
		AGE(2);
		AGE(3);
		bits |= young >> AF_SHIFT << at;
	}
	return bits;
}

/* The same where hardware may write. */
static HOT uint64_t age_hw(uint64_t *slot, unsigned n)
{
	uint64_t bits = 0, bit = 1;

	for (uint64_t *end = slot + n; slot != end; slot++, bit += bit) {
		uint64_t d = armvirt_seam_desc_load(slot);

		while (d & D_AF) {
			if (armvirt_seam_desc_try(slot, &d, d & ~D_AF)) {
				bits |= bit;
				break;
			}
		}
	}
	return bits;
}

/* What a change leaves of a descriptor. */
static uint64_t changed(const struct bits_change *c, uint64_t d)
{
	return (d & c->need) == c->need ? (d & ~c->clear) | c->set : d;
}

/* One slot, hardware writing or not: what was there. */
static COLD uint64_t change_slot(uint64_t *slot, const struct bits_change *c)
{
	uint64_t d = armvirt_seam_desc_load(slot), new;

	do
		new = changed(c, d);
	while (new != d && !armvirt_seam_desc_try(slot, &d, new));
	return d;
}

/* Any change, of 64 slots or fewer: bit i is set where slot i was changed. */
static COLD uint64_t change_some(uint64_t *slot, unsigned n, const struct bits_change *c,
				 uint64_t *diff)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t d = change_slot(slot + i, c);

		*diff |= d ^ changed(c, d);
		bits |= (uint64_t)((d & c->need) == c->need) << i;
	}
	return bits;
}

/* Translations of n slots may have changed. */
static COLD void stale(struct armvirt_s2_update *u, const struct place *p, unsigned n,
		       uint64_t diff)
{
	/* Software bits are not cached in TLBs, nor are entries without access flag. */
	if (p->live && (diff & (D_R | D_W | D_AF | MASK64(54, 53) | u->s2->g.track)))
		armvirt_s2_bbm_stale(u, p, n, false);
}

/* n pages, none contiguous, if what is reported is what is changed; whole words of the bitmap. */
static COLD bool change_pages(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			      const struct bits_change *c)
{
	const struct armvirt_s2_bitmap *b = c->bitmap;
	bool all = c->need == D_VALID, ages = c->clear == D_AF && !all && !c->set;
	bool hw = u->s2->g.hw_update;
	uint64_t page = 0, diff = 0, any = 0, *slot = p->slot;

	if (b) {
		page = (p->ipa - b->base) >> u->s2->g.granule_shift;
		if (c->report != (c->need & ~D_VALID) || p->ipa < b->base || page > b->pages ||
		    n > b->pages - page)
			return false;
	}
	for (unsigned left = n, k; left; left -= k, slot += k, page += k) {
		uint64_t bits = 0;

		k = 64 - (page & 63);
		k = k < left ? k : left;
		if (hw && all)
			any |= change_all_hw(slot, k, ~c->clear, c->set);
		else if (hw && ages)
			bits = age_hw(slot, k);
		else if (k >= 8 && all)
			any |= change_all(slot, k &= ~7u, ~c->clear, c->set);
		else if (k >= 4 && ages)
			bits = age(slot, k &= ~3u);
		else
			bits = change_some(slot, k, c, &diff);
		if (b && bits)
			b->word[page / 64] |= bits << (page & 63);
	}
	/* What is set or aged may have been: invalidating once too often is no harm. */
	stale(u, p, n, diff | (any & c->clear) | (all ? c->set : 0) | (ages ? D_AF : 0));
	return true;
}

/* Whatever stands at the place, a contiguous run as one: what one entry of it shows, all show.
 * What lies in the job with a part only is reported, not changed. On behind it. */
static COLD void change_any(struct armvirt_s2_update *u, const struct job *job, struct place *p)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	const struct bits_change *c = job->bits;
	uint64_t size, any = 0, diff = 0;
	armvirt_ipa_t from, to;
	unsigned n = 1, back;
	bool inside;

	if (desc_valid(p->desc) && (p->desc & D_CONTIGUOUS)) {
		if (job->how & UNFOLDS)
			armvirt_s2_unfold(u, p);
		else
			n = 1u << run_bits(g, p->level);
	}
	size = n * p->span;
	back = (unsigned)(p->ipa / p->span) & (n - 1);
	p->slot -= back;
	p->ipa -= back * p->span;
	p->left += back;
	from = p->ipa < job->base ? job->base : p->ipa;
	to = min64(p->ipa + size, job->end);
	inside = to - from == size;
	for (unsigned i = 0; i < n && desc_valid(p->desc); i++) {
		uint64_t *slot = p->slot + i, d = p->desc;

		if (p->broken)
			armvirt_seam_desc_store(slot, PENDING | (changed(c, d) & ~D_VALID));
		else
			d = inside ? change_slot(slot, c) : armvirt_seam_desc_load(slot);
		any |= d;
		diff |= d ^ changed(c, d);
	}
	if (c->bitmap && (any & c->report) == c->report)
		armvirt_s2_bitmap_mark(c->bitmap, g->granule_shift, from, to - from);
	if (inside && !p->broken)
		stale(u, p, n, diff);
	p->slot += n - 1;
	p->ipa += size - p->span;
	p->left -= n - 1;
	armvirt_s2_place_next(p);
}

COLD armvirt_ipa_t armvirt_s2_do_bits(struct armvirt_s2_update *u, const struct job *job,
				      armvirt_ipa_t ipa)
{
	struct place p;

	armvirt_s2_walk(u->s2, ipa, WALK_EDIT, &p);
	if (p.level == 3) {
		uint64_t most = (job->end - ipa) >> u->s2->g.granule_shift;
		unsigned n = most < p.left ? (unsigned)most : p.left;

		if ((job->plain || !(armvirt_s2_oddities(p.slot, n, leaf_type(3)) &
				     (u->s2->g.leaf_zero[4] | D_CONTIGUOUS))) &&
		    change_pages(u, &p, n, job->bits))
			return ipa + n * p.span;
	}
	do
		change_any(u, job, &p);
	while (p.left && p.ipa < job->end && !is_link(&p));
	return p.ipa;
}
