/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an address space and of an update: begin, seal, finish, commit. */
#include "bbm.h"

enum armvirt_status armvirt_s2_init(struct armvirt_s2 *s, const struct armvirt_s2_geometry *g,
				    const struct armvirt_s2_memory *m)
{
	if (!m->root)
		return ARMVIRT_E_ARG;
	if (((uintptr_t)m->root & 7) || (m->root_pa & (g->root_align - 1)))
		return ARMVIRT_E_ALIGN;
	if (m->root_pa >= pa_limit_of(g) || g->root_bytes > pa_limit_of(g) - m->root_pa)
		return ARMVIRT_E_RANGE;
	s->g = *g;
	s->memory = *m;
	for (unsigned i = 0; i < g->root_entries; i++)
		m->root[i] = 0;
	return ARMVIRT_OK;
}

uint64_t armvirt_s2_vttbr(const struct armvirt_s2 *s, uint16_t vmid)
{
	uint64_t pa = s->memory.root_pa;

	/* With 52-bit addresses bits 51:48 of the base stand in 5:2. */
	return (pa & MASK64(47, 1)) | (pa >> 48 << 2) | (uint64_t)vmid << 48;
}

void armvirt_s2_begin(struct armvirt_s2_update *u, struct armvirt_s2 *s, struct armvirt_pool *pool,
		      unsigned flags)
{
	*u = (struct armvirt_s2_update){.s2 = s, .pool = pool, .flags = flags};
	u->flags &= ~UPDATE_SPLITTING;
	u->state = UPDATE_OPEN;
}

enum armvirt_status armvirt_s2_seal(struct armvirt_s2_update *u, struct armvirt_tlb_plan *plan)
{
	if (u->state != UPDATE_OPEN)
		return ARMVIRT_E_STATE;
	armvirt_tlb_plan_build(plan, &u->gather, &u->s2->g.tlb);
	if (u->cache)
		plan->flags |= ARMVIRT_TLB_CACHE;
	u->state = UPDATE_SEALED;
	return ARMVIRT_OK;
}

/* A position on the way through a detached tree; one for each level below the root. */
struct step {
	uint64_t *table;
	unsigned index;
};

static bool refers_to_table(uint64_t d, int level)
{
	return desc_is_table(d, level) || (desc_is_pending(d) && (d & D_TABLE) && level < 3);
}

void armvirt_s2_collect(const struct armvirt_s2 *s, uint64_t d, int level,
			struct armvirt_pool *list)
{
	struct step step[5];
	int depth = 0;

	step[0] = (struct step){table_at(s, d), 0};
	while (depth >= 0) {
		struct step *at = &step[depth];
		int here = level + 1 + depth;

		if (here == 3 || at->index == table_entries(&s->g)) {
			armvirt_pool_add(list, at->table);
			depth--;
			continue;
		}
		d = at->table[at->index++];
		if (refers_to_table(d, here))
			step[++depth] = (struct step){table_at(s, d), 0};
	}
}

/* Tracked pages of a detached tree that were written: hardware can no longer add to them. */
static void report_detached(const struct armvirt_s2_update *u, armvirt_ipa_t ipa, uint64_t d,
			    int level)
{
	const struct armvirt_s2_geometry *g = &u->s2->g;
	uint64_t dirty = D_VALID | D_W | g->track, span = armvirt_s2_span(g, level);

	for (armvirt_ipa_t at = ipa; at < ipa + span;) {
		uint64_t e = d;
		int l = level;

		while (refers_to_table(e, l)) {
			const uint64_t *t = table_at(u->s2, e);

			l++;
			e = t[index_of(g, at, l)];
		}
		if ((e & dirty) == dirty)
			armvirt_s2_bitmap_mark(u->dirty, g->granule_shift, at,
					       armvirt_s2_span(g, l));
		at += armvirt_s2_span(g, l);
	}
}

/* The block that the entries of a table agree on, with the flags of any of them. */
static uint64_t folded(const struct armvirt_s2 *s, uint64_t d, int level)
{
	const uint64_t *t = table_at(s, d);
	uint64_t flags = 0, block = t[0];

	for (unsigned i = 0; i < table_entries(&s->g); i++)
		flags |= t[i] & D_AF;
	block = (block & ~(D_CONTIGUOUS | D_TABLE)) | flags;
	return level == 3 ? block | D_TABLE : block;
}

static void finish_slot(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			struct armvirt_pool *limbo)
{
	uint64_t *slot = p->table + p->index, d = pending_strip(p->desc), new = 0;

	if (d & PEND_OLD) {
		uint64_t table = d & ~(PEND_OLD | PEND_FOLD);

		if (d & PEND_FOLD)
			new = folded(u->s2, table, p->level);
		else if (u->dirty)
			report_detached(u, ipa, table | D_VALID, p->level);
		armvirt_seam_desc_store_release(slot, new);
		armvirt_s2_collect(u->s2, table, p->level, limbo);
	} else if (d) {
		new = d | D_VALID;
		/* Release: the contents of a table come before the link to it. */
		armvirt_seam_desc_store_release(slot, new);
	} else {
		armvirt_seam_desc_store(slot, 0);
	}
	u->gather.publish |= new != 0;
}

/* Links the tables of blocks that were marked nT, with what hardware noted meanwhile. */
static void finish_nt(struct armvirt_s2_update *u)
{
	for (unsigned i = 0; i < u->nt_count; i++) {
		uint64_t old = armvirt_seam_desc_load(u->nt_slot[i]), found;
		uint64_t *t = table_at(u->s2, u->nt_table[i]);

		for (;;) {
			uint64_t bits = old & (D_AF | D_W);

			for (unsigned j = 0; (t[0] | bits) != t[0] && j < table_entries(&u->s2->g);
			     j++)
				t[j] |= bits;
			found = armvirt_seam_desc_cas(u->nt_slot[i], old, u->nt_table[i]);
			if (found == old)
				break;
			old = found;
		}
		u->gather.publish = true;
	}
}

enum armvirt_status armvirt_s2_finish(struct armvirt_s2_update *u, struct armvirt_pool *limbo)
{
	struct place p;

	if (u->state != UPDATE_SEALED)
		return ARMVIRT_E_STATE;
	u->state = UPDATE_DONE;
	u->gather.publish = false;
	finish_nt(u);
	for (armvirt_ipa_t ipa = u->pending_base; ipa < u->pending_end;) {
		uint64_t span;

		place_root(u->s2, ipa, &p);
		while (desc_is_table(p.desc, p.level))
			place_down(u->s2, ipa, &p, p.desc);
		span = armvirt_s2_span(&u->s2->g, p.level);
		ipa &= ~(span - 1);
		/* On through this table while it holds no further one. */
		for (; ipa < u->pending_end && !desc_is_table(p.desc, p.level); ipa += span) {
			if (desc_is_pending(p.desc))
				finish_slot(u, &p, ipa, limbo);
			if (++p.index == p.entries) {
				ipa += span;
				break;
			}
			p.desc = slot_load(p.table + p.index);
		}
	}
	return u->gather.publish ? ARMVIRT_RETRY : ARMVIRT_OK;
}

void armvirt_s2_commit(struct armvirt_s2_update *u, const struct armvirt_tlb_target *target,
		       struct armvirt_pool *limbo)
{
	struct armvirt_tlb_plan plan;

	if (armvirt_s2_seal(u, &plan))
		return;
	armvirt_hw_tlb_execute(&plan, target);
	if (armvirt_s2_finish(u, limbo) == ARMVIRT_RETRY) {
		armvirt_seam_dsb_ishst(); /* orders the made descriptors before what a guest does
					     next */
		armvirt_seam_isb();       /* orders that before walks for this CPU */
	}
}

size_t armvirt_s2_table_count(const struct armvirt_s2 *s)
{
	size_t count = 0;
	struct place p;

	for (armvirt_ipa_t ipa = 0; ipa < ipa_limit_of(&s->g);) {
		place_root(s, ipa, &p);
		/* A table is counted where the walk enters it at its first slot. */
		while (refers_to_table(p.desc, p.level)) {
			place_down(s, ipa, &p, pending_strip(p.desc) & ~(PEND_OLD | PEND_FOLD));
			count += !(ipa & (armvirt_s2_span(&s->g, p.level - 1) - 1));
		}
		if (p.level == 3) /* nothing below: on to the next table */
			ipa = (ipa | (armvirt_s2_span(&s->g, 2) - 1)) + 1;
		else
			ipa += armvirt_s2_span(&s->g, p.level);
	}
	return count;
}
