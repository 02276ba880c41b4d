/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an address space and of an update: begin, seal, finish, commit. */
#include "job.h"

enum armvirt_status armvirt_s2_init(struct armvirt_s2 *s, const struct armvirt_s2_geometry *g,
				    const struct armvirt_s2_memory *m)
{
	if (!m->root)
		return ARMVIRT_E_ARG;
	if (((uintptr_t)m->root & 7) || (m->root_pa & (g->root_align - 1)))
		return ARMVIRT_E_ALIGN;
	if (m->root_pa >= g->pa_limit || g->root_bytes > g->pa_limit - m->root_pa)
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

/* The block that the entries of a table agree on, with the flags of any of them. */
static COLD uint64_t folded(const struct armvirt_s2 *s, uint64_t link, int level)
{
	const uint64_t *t = table_at(s, link);
	uint64_t flags = 0;

	for (unsigned i = 0; i < table_entries(&s->g); i++)
		flags |= t[i] & D_AF;
	return (t[0] & ~(D_CONTIGUOUS | D_TABLE)) | leaf_type(level) | flags;
}

static COLD void finish_slot(struct armvirt_s2_update *u, const struct place *p,
			     struct armvirt_pool *limbo)
{
	uint64_t new = p->desc;
	bool old = desc_is_pending(new), fold = old && (new &PEND_FOLD);

	if (old && !desc_links(p->desc, p->level)) {
		armvirt_s2_let_go(u, leaf_pa(&u->s2->g, p->desc, p->level), p->span);
		new = 0;
	} else if (old) {
		new = fold ? folded(u->s2, link_of(new), p->level) : 0;
		/* Before the slot forgets them: whoever is stopped here has lost no page. */
		armvirt_s2_tree(u->s2, p, fold ? NULL : u, limbo);
	}
	/* Release: the contents of a table come before the link to it. */
	armvirt_seam_desc_store_release(p->slot, new);
	u->gather.publish |= new != 0;
}

/* Links the tables of blocks that were marked nT, with what hardware noted meanwhile. */
static COLD void finish_nt(struct armvirt_s2_update *u)
{
	for (unsigned i = 0; i < u->nt_count; i++) {
		uint64_t old = armvirt_seam_desc_load(u->nt_slot[i]);

		do
			armvirt_s2_bbm_inherit(u->s2, u->nt_table[i], old);
		while (!armvirt_seam_desc_try(u->nt_slot[i], &old, u->nt_table[i]));
		u->gather.publish = true;
	}
	u->nt_count = 0;
}

COLD enum armvirt_status armvirt_s2_finish(struct armvirt_s2_update *u, struct armvirt_pool *limbo)
{
	struct place p = {.ipa = u->pending_base};

	if (u->state != UPDATE_SEALED)
		return ARMVIRT_E_STATE;
	u->state = UPDATE_DONE;
	u->gather.publish = false;
	finish_nt(u);
	while (p.ipa < u->pending_end) {
		armvirt_s2_walk(u->s2, p.ipa, WALK_READ, &p);
		/* On through this table while it holds no further one. */
		do {
			if (p.broken)
				finish_slot(u, &p, limbo);
			/* What was unmapped in a new table waits there. */
			if (p.broken && u->lines && is_link(&p))
				break;
		} while (armvirt_s2_place_next(&p) && (p.broken || !is_link(&p)) &&
			 p.ipa < u->pending_end);
	}
	armvirt_s2_let_go(u, 0, 0);
	return u->gather.publish ? ARMVIRT_RETRY : ARMVIRT_OK;
}

COLD void armvirt_s2_commit(struct armvirt_s2_update *u, const struct armvirt_tlb_target *target,
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

COLD void armvirt_s2_recover(struct armvirt_s2_update *u, const struct armvirt_tlb_target *target,
			     struct armvirt_pool *limbo)
{
	u->state = UPDATE_OPEN;
	u->gather.everything = true;
	u->pending_base = 0;
	u->pending_end = u->s2->g.ipa_limit;
	armvirt_s2_mend_runs(u);
	armvirt_s2_commit(u, target, limbo);
	/* A table that was taken, but stands nowhere yet. */
	if (u->fresh && armvirt_seam_desc_load(u->fresh_slot) != u->fresh)
		armvirt_pool_add(u->pool, table_at(u->s2, u->fresh));
	u->fresh = 0;
}

COLD size_t armvirt_s2_table_count(const struct armvirt_s2 *s)
{
	size_t count = 0;
	struct place p;

	armvirt_s2_walk(s, 0, s->g.ipa_limit, &p);
	do {
		if (desc_links(p.desc, p.level))
			count += armvirt_s2_tree(s, &p, NULL, NULL);
	} while (armvirt_s2_place_next(&p));
	return count;
}
