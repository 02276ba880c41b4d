/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of permission, access flag and dirty bits, whole tables at a time. */
#include "bbm.h"

void armvirt_s2_bitmap_mark(const struct armvirt_s2_bitmap *b, unsigned granule_shift,
			    armvirt_ipa_t ipa, uint64_t size)
{
	uint64_t end = b->base + (b->pages << granule_shift), from, to;

	if (ipa < b->base) {
		size = ipa + size > b->base ? ipa + size - b->base : 0;
		ipa = b->base;
	}
	if (!size || ipa >= end)
		return;
	from = (ipa - b->base) >> granule_shift;
	to = (min64(ipa + size, end) - b->base) >> granule_shift;
	for (; from < to && (from & 63); from++)
		b->word[from / 64] |= BIT64(from % 64);
	for (; from + 64 <= to; from += 64)
		b->word[from / 64] = ~UINT64_C(0);
	for (; from < to; from++)
		b->word[from / 64] |= BIT64(from % 64);
}

struct result {
	uint64_t seen;    /* OR of what was changed */
	uint64_t changed; /* OR of the bits that changed */
};

static uint64_t change_of(const struct bits_change *c, uint64_t d)
{
	return (d & c->need) == c->need ? (d & ~c->clear) | c->set : d;
}

/* One slot, the general case: valid or waiting to be made, hardware writing or not. */
static uint64_t modify_slot(struct armvirt_s2_update *u, const struct place *p, unsigned i,
			    const struct bits_change *c)
{
	uint64_t *slot = p->table + p->index + i, d = slot_load(slot), found, new;

	if (desc_is_pending(d) && d != PENDING && !(d & PEND_OLD)) {
		new = change_of(c, pending_strip(d) | D_VALID);
		armvirt_seam_desc_store(slot, PENDING | (new & ~D_VALID));
		return pending_strip(d) | D_VALID;
	}
	for (;;) {
		new = change_of(c, d);
		if (!desc_valid(d) || new == d)
			return d;
		if (!p->live) {
			*slot = new;
			return d;
		}
		if (!u->s2->g.hw_update) {
			armvirt_seam_desc_store(slot, new);
			return d;
		}
		found = armvirt_seam_desc_cas(slot, d, new);
		if (found == d)
			return d;
		d = found;
	}
}

/* One step of an unconditional change; any gathers what was there. */
#define CHANGE(i)                                                      \
	do {                                                           \
		uint64_t d = armvirt_seam_desc_load(slot + (i));       \
		any |= d;                                              \
		armvirt_seam_desc_store(slot + (i), (d & keep) | set); \
	} while (0)

/* Plain stores where hardware only reads, all slots being valid: the hot loop of protect. */
static uint64_t modify_all(uint64_t *slot, unsigned n, const struct bits_change *c)
{
	uint64_t keep = ~c->clear, set = c->set, any = 0, *end = slot + n;

	for (; end - slot >= 8; slot += 8) {
		CHANGE(0);
		CHANGE(1);
		CHANGE(2);
		CHANGE(3);
		CHANGE(4);
		CHANGE(5);
		CHANGE(6);
		CHANGE(7);
	}
	for (; slot != end; slot++)
		CHANGE(0);
	/* What is set may have been set: invalidating once too often is no harm. */
	return (any & c->clear) | set;
}

/* The same by compare-and-swap. */
static uint64_t modify_all_cas(uint64_t *slot, unsigned n, const struct bits_change *c)
{
	uint64_t keep = ~c->clear, set = c->set, any = 0;

	for (uint64_t *end = slot + n; slot != end; slot++) {
		uint64_t d = armvirt_seam_desc_load(slot);

		while (!armvirt_seam_desc_try(slot, &d, (d & keep) | set)) {
		}
		any |= d;
	}
	return (any & c->clear) | set;
}

/* The same with a condition. */
static uint64_t modify_some(uint64_t *slot, unsigned n, const struct bits_change *c)
{
	uint64_t need = c->need, keep = ~c->clear, set = c->set, diff = 0;

	for (uint64_t *end = slot + n; slot != end; slot++) {
		uint64_t d = armvirt_seam_desc_load(slot), new = (d & keep) | set;

		if ((d & need) == need) {
			diff |= d ^ new;
			armvirt_seam_desc_store(slot, new);
		}
	}
	return diff;
}

/* The same by compare-and-swap where hardware may set bits meanwhile. */
static uint64_t modify_cas(uint64_t *slot, unsigned n, const struct bits_change *c)
{
	uint64_t need = c->need, keep = ~c->clear, set = c->set, diff = 0;

	for (uint64_t *end = slot + n; slot != end; slot++) {
		uint64_t d = armvirt_seam_desc_load(slot), new, found;

		while ((d & need) == need) {
			new = (d & keep) | set;
			found = armvirt_seam_desc_cas(slot, d, new);
			if (found == d) {
				diff |= d ^ new;
				break;
			}
			d = found;
		}
	}
	return diff;
}

/* One step of ageing: bit i of young is the access flag of slot i, which is cleared. */
#define AGE(i)                                                   \
	do {                                                     \
		uint64_t d = armvirt_seam_desc_load(slot + (i)); \
		young |= (d & D_AF) << (i);                      \
		armvirt_seam_desc_store(slot + (i), d & ~D_AF);  \
	} while (0)
#define AF_SHIFT 10

/* The access flag of a slot, cleared by compare-and-swap. */
static inline bool age_cas(uint64_t *slot)
{
	uint64_t d = armvirt_seam_desc_load(slot);

	do {
		if (!(d & D_AF))
			return false;
	} while (!armvirt_seam_desc_try(slot, &d, d & ~D_AF));
	return true;
}

/* 64 valid slots or fewer where hardware may write. */
static uint64_t age_word_cas(uint64_t *slot, unsigned n)
{
	uint64_t bits = 0, bit = 1;

	for (uint64_t *end = slot + n; slot != end; slot++, bit += bit) {
		if (age_cas(slot))
			bits |= bit;
	}
	return bits;
}

/* 64 valid slots or fewer, plain stores: the hot loop of ageing. */
static uint64_t age_word(uint64_t *slot, unsigned n)
{
	uint64_t bits = 0;
	unsigned at = 0;

	for (; n - at >= 8; at += 8, slot += 8) {
		uint64_t young = 0;

		AGE(0);
		AGE(1);
		AGE(2);
		AGE(3);
		AGE(4);
		AGE(5);
		AGE(6);
		AGE(7);
		bits |= young >> AF_SHIFT << at;
	}
	for (; at < n; at++, slot++) {
		uint64_t young = 0;

		AGE(0);
		bits |= young >> AF_SHIFT << at;
	}
	return bits;
}

/* 64 slots or fewer into one word of a bitmap: bit n is set where slot n was to be reported. */
static uint64_t modify_word(struct armvirt_s2_update *u, uint64_t *slot, unsigned n,
			    const struct bits_change *c, uint64_t *diff)
{
	uint64_t need = c->need, keep = ~c->clear, set = c->set, bits = 0, bit = 1;
	bool hw = u->s2->g.hw_update;

	for (uint64_t *end = slot + n; slot != end; slot++, bit += bit) {
		uint64_t d = armvirt_seam_desc_load(slot), new;

		while ((d & need) == need) {
			new = (d & keep) | set;
			if (hw) {
				uint64_t found = armvirt_seam_desc_cas(slot, d, new);

				if (found != d) {
					d = found;
					continue;
				}
			} else {
				armvirt_seam_desc_store(slot, new);
			}
			*diff |= d ^ new;
			bits |= bit;
			break;
		}
	}
	return bits;
}

/* Slots of pages, reported exactly where they are changed: whole words of the bitmap. */
static uint64_t modify_report(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			      unsigned n, const struct bits_change *c)
{
	const struct armvirt_s2_bitmap *b = c->bitmap;
	uint64_t page = (ipa - b->base) >> u->s2->g.granule_shift, diff = 0;
	uint64_t *slot = p->table + p->index;
	bool age = c->clear == D_AF && !c->set, hw = u->s2->g.hw_update;

	while (n) {
		unsigned at = page & 63, k = 64 - at < n ? 64 - at : n;
		uint64_t bits = !age ? modify_word(u, slot, k, c, &diff)
				: hw ? age_word_cas(slot, k)
				     : age_word(slot, k);

		if (bits)
			b->word[page / 64] |= bits << at;
		page += k;
		slot += k;
		n -= k;
	}
	return diff | (age ? D_AF : 0);
}

static bool bitmap_covers(const struct armvirt_s2_update *u, const struct bits_change *c,
			  armvirt_ipa_t ipa, uint64_t size)
{
	const struct armvirt_s2_bitmap *b = c->bitmap;
	uint64_t bytes;

	if (!b || ipa < b->base)
		return false;
	bytes = b->pages << u->s2->g.granule_shift;
	return ipa - b->base <= bytes && size <= bytes - (ipa - b->base);
}

/* Any mixture, contiguous runs as one: what one entry of a run shows, all show. */
static uint64_t modify_mixed(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			     unsigned n, const struct bits_change *c)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t span = armvirt_s2_span(g, p->level), diff = 0;

	for (unsigned i = 0, k; i < n; i += k) {
		uint64_t d = slot_load(p->table + p->index + i), any = 0;

		k = 1;
		if (desc_valid(d) && (d & D_CONTIGUOUS))
			k = 1u << g->contiguous[p->level + 1];
		for (unsigned j = i; j < i + k && j < n; j++) {
			d = modify_slot(u, p, j, c);
			if (desc_valid(d)) {
				any |= d;
				diff |= d ^ change_of(c, d);
			}
		}
		if (c->report && c->bitmap && (any & c->report) == c->report)
			armvirt_s2_bitmap_mark(c->bitmap, g->granule_shift, ipa + i * span,
					       k * span);
	}
	return diff;
}

/* OR over n slots of all bits, and of the complement: one look for anything unusual. */
static bool plain_leaves(const uint64_t *slot, unsigned n)
{
	uint64_t all = ~UINT64_C(0), any = 0;

	for (const uint64_t *end = slot + n; slot != end; slot++) {
		uint64_t d = armvirt_seam_desc_load(slot);

		all &= d;
		any |= d;
	}
	return (all & D_VALID) && !(any & D_CONTIGUOUS);
}

void armvirt_s2_bbm_modify(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			   unsigned n, const struct bits_change *c)
{
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level), diff;
	uint64_t *slot = p->table + p->index;

	if (!p->live || !(c->uniform || plain_leaves(slot, n)))
		diff = modify_mixed(u, p, ipa, n, c);
	else if (c->report && c->report == (c->need & ~D_VALID) && p->level == 3 &&
		 bitmap_covers(u, c, ipa, n * span))
		diff = modify_report(u, p, ipa, n, c);
	else if (c->report && c->bitmap)
		diff = modify_mixed(u, p, ipa, n, c);
	else if (c->need == D_VALID && u->s2->g.hw_update)
		diff = modify_all_cas(slot, n, c);
	else if (u->s2->g.hw_update)
		diff = modify_cas(slot, n, c);
	else if (c->need == D_VALID)
		diff = modify_all(slot, n, c);
	else
		diff = modify_some(slot, n, c);
	/* Software bits are not cached in TLBs, nor are entries without access flag. */
	if (p->live && (diff & (D_R | D_W | D_AF | MASK64(54, 53) | u->s2->g.track)))
		armvirt_s2_bbm_stale(u, p, ipa, n * span);
}
