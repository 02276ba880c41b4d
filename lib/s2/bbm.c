/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Break-before-make. A live slot goes from valid to another valid descriptor
 * only where the architecture lets it (permissions, access flag, dirty state,
 * software bits; sizes too at level 2). Everything else is broken here, by
 * storing what shall come, less its valid bit, and made by finish.
 */
#include "bbm.h"

static void pend(struct armvirt_s2_update *u, armvirt_ipa_t ipa, uint64_t size)
{
	if (!u->pending_end) {
		u->pending_base = ipa;
		u->pending_end = ipa + size;
		return;
	}
	if (ipa < u->pending_base)
		u->pending_base = ipa;
	if (ipa + size > u->pending_end)
		u->pending_end = ipa + size;
}

void armvirt_s2_bbm_stale(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  uint64_t size)
{
	struct armvirt_tlb_range r = {ipa, ipa + size, (int8_t)p->level, (int8_t)p->level, false};

	armvirt_tlb_gather_add(&u->gather, &r);
}

/* Takes a live valid descriptor away; what is returned is final, hardware included. */
static uint64_t take_away(const struct armvirt_s2_update *u, uint64_t *slot, uint64_t old,
			  uint64_t new)
{
	if (u->s2->g.hw_update)
		return armvirt_seam_desc_xchg(slot, new);
	armvirt_seam_desc_store(slot, new);
	return old;
}

static void publish(struct armvirt_s2_update *u, uint64_t *slot, uint64_t new)
{
	/* Release: the contents of a table come before the link to it. */
	armvirt_seam_desc_store_release(slot, new);
	u->gather.publish = true;
}

/* A new table took over from a block: it inherits what hardware noted meanwhile. */
static void inherit(const struct armvirt_s2 *s, uint64_t table, uint64_t bits)
{
	uint64_t *t = table_at(s, table);

	for (unsigned i = 0; bits && i < table_entries(&s->g); i++)
		t[i] |= bits;
}

static void report(struct armvirt_s2_update *u, uint64_t d, armvirt_ipa_t ipa, int level)
{
	uint64_t dirty = D_VALID | D_W | u->s2->g.track;

	if (u->dirty && (d & dirty) == dirty)
		armvirt_s2_bitmap_mark(u->dirty, u->s2->g.granule_shift, ipa,
				       armvirt_s2_span(&u->s2->g, level));
}

/* What is replaced by nothing, by other memory, or untracked, is reported; a change of size is
 * neither. */
static void report_gone(struct armvirt_s2_update *u, uint64_t old, uint64_t new, armvirt_ipa_t ipa,
			int level)
{
	if (!u->dirty || desc_is_table(old, level))
		return;
	if (!desc_valid(new) || desc_is_table(new, level) || !(new & u->s2->g.track) ||
	    leaf_pa(&u->s2->g, old, level) != leaf_pa(&u->s2->g, new, level))
		report(u, old, ipa, level);
}

/* FEAT_BBM level 2: the size changes from valid to valid, stale entries go afterwards. */
static void resize(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
		   uint64_t new)
{
	uint64_t *slot = p->table + p->index, old = p->desc, found;

	for (;;) {
		if (desc_is_table(new, p->level))
			inherit(u->s2, new, old & (D_AF | D_W));
		found = armvirt_seam_desc_cas(slot, old, new);
		if (found == old)
			break;
		old = found;
		if (!desc_is_table(new, p->level))
			new |= old &(D_AF | (new & u->s2->g.track ? D_W : 0));
	}
	if (!desc_is_table(new, p->level))
		report_gone(u, old, new, ipa, p->level);
	u->gather.publish = true;
	armvirt_s2_bbm_stale(u, p, ipa, armvirt_s2_span(&u->s2->g, p->level));
}

/* FEAT_BBM level 1: the block stays, marked not to be cached, until finish links the table. */
static bool mark_nt(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
		    uint64_t new)
{
	uint64_t *slot = p->table + p->index, old = p->desc, found;

	if (u->nt_count == sizeof(u->nt_slot) / sizeof(u->nt_slot[0]))
		return false;
	while ((found = armvirt_seam_desc_cas(slot, old, old | D_NT)) != old)
		old = found;
	u->nt_slot[u->nt_count] = slot;
	u->nt_table[u->nt_count++] = new;
	armvirt_s2_bbm_stale(u, p, ipa, armvirt_s2_span(&u->s2->g, p->level));
	return true;
}

static bool same_but_size(const struct armvirt_s2 *s, uint64_t old, uint64_t new, int level)
{
	if (desc_is_table(new, level))
		return false;
	return !((old ^ new) & ~(SAFE_BITS | D_CONTIGUOUS)) &&
	       leaf_pa(&s->g, old, level) == leaf_pa(&s->g, new, level);
}

static void replace_valid(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  uint64_t new, bool split)
{
	uint64_t *slot = p->table + p->index, span = armvirt_s2_span(&u->s2->g, p->level), old;

	if (u->s2->g.bbm_level == 2 && desc_valid(new) &&
	    (split || same_but_size(u->s2, p->desc, new, p->level))) {
		resize(u, p, ipa, new);
		return;
	}
	if (desc_valid(new) || !new)
		old = take_away(u, slot, p->desc, PENDING | (new & ~D_VALID));
	else
		old = take_away(u, slot, p->desc, new);
	if (desc_valid(new) || !new)
		pend(u, ipa, span);
	else
		u->noted = true;
	armvirt_s2_bbm_stale(u, p, ipa, span);
	if (!split)
		report_gone(u, old, new, ipa, p->level);
	u->cache |= !desc_valid(new) && !u->s2->g.fwb;
	if (!desc_valid(new))
		return;
	if (split) {
		inherit(u->s2, new, (old ^ p->desc) & (D_AF | D_W));
	} else if (old != p->desc &&
		   leaf_pa(&u->s2->g, old, p->level) == leaf_pa(&u->s2->g, new, p->level)) {
		old &= D_AF | (new & u->s2->g.track ? D_W : 0);
		armvirt_seam_desc_store(slot, PENDING | ((new | old) & ~D_VALID));
	}
}

static void replace(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
		    uint64_t new, bool split)
{
	uint64_t *slot = p->table + p->index;
	bool note = new && !desc_valid(new);

	if (!p->live) {
		if (!split)
			report_gone(u, p->desc, new, ipa, p->level);
		*slot = new; /* hardware cannot come here before finish */
	} else if (desc_is_pending(p->desc)) {
		if (!split)
			report_gone(u, pending_strip(p->desc) | D_VALID, new, ipa, p->level);
		u->noted |= note;
		armvirt_seam_desc_store(slot, note ? new : PENDING | (new & ~D_VALID));
	} else if (!desc_valid(p->desc) && p->desc && u->noted && desc_valid(new)) {
		/* The note may stand where this update broke a mapping. */
		armvirt_seam_desc_store(slot, PENDING | (new & ~D_VALID));
		pend(u, ipa, armvirt_s2_span(&u->s2->g, p->level));
	} else if (!desc_valid(p->desc)) {
		publish(u, slot, new);
	} else if (u->s2->g.bbm_level == 1 && split && (u->flags & UPDATE_SPLITTING) &&
		   !(p->desc & D_CONTIGUOUS) && mark_nt(u, p, ipa, new)) {
		return;
	} else {
		replace_valid(u, p, ipa, new, split);
	}
}

void armvirt_s2_bbm_replace(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			    uint64_t new)
{
	replace(u, p, ipa, new, false);
}

void armvirt_s2_bbm_split(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  uint64_t table)
{
	replace(u, p, ipa, table, true);
}

void armvirt_s2_bbm_detach(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa)
{
	uint64_t *slot = p->table + p->index, span = armvirt_s2_span(&u->s2->g, p->level);
	struct armvirt_tlb_range r = {ipa, ipa + span, 3, (int8_t)p->level, true};

	if (!p->live) {
		armvirt_s2_collect(u->s2, p->desc, p->level, u->pool);
		*slot = 0;
		return;
	}
	/* Hardware does not write table descriptors, but a pending link is no longer one. */
	armvirt_seam_desc_store(slot, PENDING | PEND_OLD | (p->desc & ~(D_VALID | PENDING)));
	pend(u, ipa, span);
	if (desc_valid(p->desc))
		armvirt_tlb_gather_add(&u->gather, &r);
	u->cache |= !u->s2->g.fwb;
}

void armvirt_s2_bbm_fold(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa)
{
	uint64_t *slot = p->table + p->index, span = armvirt_s2_span(&u->s2->g, p->level);
	struct armvirt_tlb_range r = {ipa, ipa + span, 3, (int8_t)p->level, true};

	armvirt_seam_desc_store(slot, PENDING | PEND_OLD | PEND_FOLD | (p->desc & ~D_VALID));
	pend(u, ipa, span);
	armvirt_tlb_gather_add(&u->gather, &r);
}

void armvirt_s2_bbm_empty(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  unsigned n)
{
	uint64_t span = armvirt_s2_span(&u->s2->g, p->level), *slot = p->table + p->index;
	unsigned first = n, last = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t d = slot_load(slot + i);

		if (!p->live) {
			report(u, d, ipa + i * span, p->level);
			slot[i] = 0;
		} else if (desc_valid(d)) {
			d = take_away(u, slot + i, d, PENDING);
			report(u, d, ipa + i * span, p->level);
			first = first < i ? first : i;
			last = i + 1;
		} else if (desc_is_pending(d) ? !(d & PEND_OLD) && d != PENDING : d != 0) {
			if (desc_is_pending(d))
				report(u, pending_strip(d) | D_VALID, ipa + i * span, p->level);
			/* Where this update stored a note, a mapping may have been broken. */
			if (desc_is_pending(d) || u->noted) {
				armvirt_seam_desc_store(slot + i, PENDING);
				pend(u, ipa + i * span, span);
			} else {
				armvirt_seam_desc_store(slot + i, 0);
			}
		}
	}
	if (last) {
		u->cache |= !u->s2->g.fwb;
		pend(u, ipa + first * span, (last - first) * span);
		armvirt_s2_bbm_stale(u, p, ipa + first * span, (last - first) * span);
	}
}

void armvirt_s2_bbm_fill(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			 uint64_t desc, uint64_t step)
{
	uint64_t *slot = p->table + p->index, *end = slot + n;

	if (!p->live) {
		for (; slot != end; desc += step)
			*slot++ = desc;
		return;
	}
	for (; slot != end; desc += step)
		armvirt_seam_desc_store(slot++, desc);
	u->gather.publish = true;
}
