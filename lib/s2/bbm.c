/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Break-before-make. A live slot goes from valid to another valid descriptor
 * only where the architecture lets it (permissions, access flag, dirty state,
 * software bits; sizes too at level 2). Everything else is broken here, by
 * storing what shall come, less its valid bit, and made by finish.
 */
#include "bbm.h"

static COLD void pend(struct armvirt_s2_update *u, const struct place *p)
{
	armvirt_ipa_t end = p->ipa + p->span;

	if (!u->pending_end || p->ipa < u->pending_base)
		u->pending_base = p->ipa;
	if (end > u->pending_end)
		u->pending_end = end;
}

COLD void armvirt_s2_bbm_stale(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			       bool tables)
{
	struct armvirt_tlb_range r = {p->ipa, p->ipa + n * p->span, tables ? 3 : (int8_t)p->level,
				      (int8_t)p->level, tables};

	armvirt_tlb_gather_add(&u->gather, &r);
}

COLD void armvirt_s2_bbm_inherit(const struct armvirt_s2 *s, uint64_t link, uint64_t block)
{
	uint64_t *t = table_at(s, link), *end = t + table_entries(&s->g);

	/* Not into one that is empty still, because something else takes over. */
	for (; t != end; t++)
		*t |= desc_valid(*t) ? block & (D_AF | D_W) : 0;
}

/* What hardware noted in the old descriptor goes on in the new one. */
static COLD uint64_t merge(const struct armvirt_s2 *s, const struct place *p, uint64_t old,
			   uint64_t new)
{
	if (desc_is_table(new, p->level))
		armvirt_s2_bbm_inherit(s, new, old);
	else if (desc_valid(new) && leaf_pa(&s->g, old, p->level) == leaf_pa(&s->g, new, p->level))
		new |= old &(D_AF | (new & s->g.track ? D_W : 0));
	return new;
}

/* A tracked leaf that was written, and is replaced by nothing, by other memory, or untracked. */
static COLD void report_gone(const struct armvirt_s2_update *u, const struct place *p, uint64_t old,
			     uint64_t new)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t written = D_VALID | D_W | g->track;

	if (!u->dirty || desc_is_table(old, p->level) || (old & written) != written)
		return;
	if (!desc_valid(new) || desc_is_table(new, p->level) || !(new & g->track) ||
	    leaf_pa(g, old, p->level) != leaf_pa(g, new, p->level))
		armvirt_s2_bitmap_mark(u->dirty, g->granule_shift, p->ipa, p->span);
}

/* FEAT_BBM level 1: the block stays, marked not to be cached, until finish links the table. */
static COLD bool mark_nt(struct armvirt_s2_update *u, const struct place *p, uint64_t new)
{
	uint64_t old = p->desc;

	if (u->nt_count == sizeof(u->nt_slot) / sizeof(u->nt_slot[0]))
		return false;
	u->nt_slot[u->nt_count] = p->slot;
	u->nt_table[u->nt_count++] = new;
	while (!armvirt_seam_desc_try(p->slot, &old, old | D_NT)) {
	}
	return true;
}

/* FEAT_BBM level 2: the size changes from valid to valid, stale entries go afterwards. */
static COLD uint64_t resize(struct armvirt_s2_update *u, const struct place *p, uint64_t new)
{
	uint64_t old = p->desc;

	while (!armvirt_seam_desc_try(p->slot, &old, new))
		new = merge(u->s2, p, old, new);
	u->gather.publish = true;
	return old;
}

/* What stands in a slot until finish puts there what is new. */
static COLD uint64_t waiting(const struct armvirt_s2_update *u, const struct place *p, uint64_t new)
{
	if (!new &&desc_valid(p->desc) && leaves_lines(u, p->desc))
		return PENDING | PEND_OLD | (p->desc & MASK64(57, 1));
	return new && !desc_valid(new) ? new : PENDING | (new & ~D_VALID);
}

/* Takes a live valid descriptor away; what comes waits, with hardware's last word in it. */
static COLD uint64_t take_away(const struct armvirt_s2_update *u, const struct place *p,
			       uint64_t new)
{
	uint64_t old = p->desc;

	for (;; new = merge(u->s2, p, old, new)) {
		uint64_t waits = waiting(u, p, new);

		if (!u->s2->g.hw_update)
			armvirt_seam_desc_store(p->slot, waits);
		else if (!armvirt_seam_desc_try(p->slot, &old, waits))
			continue;
		return old;
	}
}

/* Whether the architecture lets a valid slot become the new descriptor without a break. */
static COLD bool may_resize(const struct armvirt_s2_update *u, const struct place *p, uint64_t new,
			    enum bbm_mode mode)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;

	if (g->bbm_level != 2 || !desc_valid(new))
		return false;
	return mode != BBM_REPLACE ||
	       (!desc_is_table(new, p->level) && !((p->desc ^ new) & ~(SAFE_BITS | D_CONTIGUOUS)));
}

COLD void armvirt_s2_bbm_replace(struct armvirt_s2_update *u, const struct place *p, uint64_t new,
				 enum bbm_mode mode)
{
	bool note = new && !desc_valid(new), valid = desc_valid(p->desc);
	uint64_t old = p->desc;

	if (!p->live) {
		/* Hardware cannot come here before finish. */
		uint64_t waits = waiting(u, p, new);

		*p->slot = waits & PEND_OLD && !new ? waits : new;
	} else if (p->broken) {
		armvirt_seam_desc_store(p->slot, waiting(u, p, new));
		u->noted |= note;
	} else if (!valid) {
		/* Release: the contents of a table come before the link to it. */
		armvirt_seam_desc_store_release(p->slot, new);
		u->gather.publish |= desc_valid(new);
	} else if (u->s2->g.bbm_level == 1 && mode == BBM_SPLIT_LAST && !(old & D_CONTIGUOUS) &&
		   mark_nt(u, p, new)) {
		armvirt_s2_bbm_stale(u, p, 1, false);
	} else {
		if (may_resize(u, p, new, mode)) {
			old = resize(u, p, new);
		} else {
			old = take_away(u, p, new);
			u->noted |= note;
			u->cache |= !desc_valid(new) && !u->s2->g.fwb;
			if (!note)
				pend(u, p);
		}
		armvirt_s2_bbm_stale(u, p, 1, false);
	}
	if (mode == BBM_REPLACE)
		report_gone(u, p, old, new);
}

COLD void armvirt_s2_bbm_detach(struct armvirt_s2_update *u, const struct place *p, bool fold)
{
	if (!p->live) {
		armvirt_s2_tree(u->s2, p, NULL, u->pool);
		*p->slot = 0;
		return;
	}
	/* Hardware does not write table descriptors, but a pending link is no longer one. */
	armvirt_seam_desc_store(p->slot,
				PENDING | PEND_OLD | (fold ? PEND_FOLD : 0) | (p->desc & ~D_VALID));
	pend(u, p);
	if (!p->broken)
		armvirt_s2_bbm_stale(u, p, 1, true);
	u->cache |= !fold && !u->s2->g.fwb;
}
