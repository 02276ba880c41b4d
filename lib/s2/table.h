/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables, positions in them, and the one way down. */
#ifndef ARMVIRT_LIB_S2_TABLE_H
#define ARMVIRT_LIB_S2_TABLE_H

#include <lib/hw/seam.h>

#include "descriptor.h"

/* A slot of a table, and what was read there. */
struct place {
	uint64_t *table; /* the table */
	uint64_t desc;   /* its descriptor at index, as read */
	unsigned index;
	unsigned entries; /* of this table */
	int level;
	bool live; /* hardware can walk to this table */
};

static inline unsigned level_shift_of(const struct armvirt_s2_geometry *g, int level)
{
	return g->shift[level + 1];
}

static inline unsigned table_entries(const struct armvirt_s2_geometry *g)
{
	return 1u << (g->granule_shift - 3);
}

static inline uint64_t ipa_limit_of(const struct armvirt_s2_geometry *g)
{
	return g->ipa_limit;
}

static inline uint64_t pa_limit_of(const struct armvirt_s2_geometry *g)
{
	return g->pa_limit;
}

static inline unsigned index_of(const struct armvirt_s2_geometry *g, armvirt_ipa_t ipa, int level)
{
	return (unsigned)(ipa >> level_shift_of(g, level)) & (table_entries(g) - 1);
}

static inline uint64_t *table_at(const struct armvirt_s2 *s, uint64_t d)
{
	return (uint64_t *)(uintptr_t)(addr_decode(&s->g, d) + s->memory.va_minus_pa);
}

/* The same where all of an address stands in place. */
static inline uint64_t *table_4k(const struct armvirt_s2 *s, armvirt_pa_t pa)
{
	return (uint64_t *)(uintptr_t)(pa + s->memory.va_minus_pa);
}

static inline armvirt_pa_t table_pa(const struct armvirt_s2 *s, const uint64_t *table)
{
	return (uint64_t)(uintptr_t)table - s->memory.va_minus_pa;
}

static inline uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Loads of tables that hardware walks go through the seam; so do those of others: it costs nothing.
 */
static inline uint64_t slot_load(const uint64_t *slot)
{
	return armvirt_seam_desc_load(slot);
}

static inline void place_root(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct place *p)
{
	p->table = s->memory.root;
	p->entries = s->g.root_entries;
	p->level = s->g.start_level;
	p->index = (unsigned)(ipa >> level_shift_of(&s->g, p->level));
	p->live = true;
	p->desc = slot_load(p->table + p->index);
}

/* One level down into the table that d (valid, or its pending twin) points to. */
static inline void place_down(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct place *p,
			      uint64_t d)
{
	p->table = table_at(s, d);
	p->entries = table_entries(&s->g);
	p->level++;
	p->index = index_of(&s->g, ipa, p->level);
	p->desc = slot_load(p->table + p->index);
}

/* A table that waits for finish to be linked: updates see through it, hardware does not. */
static inline bool desc_pending_table(uint64_t d, int level)
{
	return desc_is_pending(d) && (d & D_TABLE) && level < 3 && !(d & PEND_OLD);
}

static inline uint64_t pending_strip(uint64_t d)
{
	return d & ~PENDING;
}

/* Structure, not contents: what neither a table, nor a sane leaf, nor a note can be. */
static inline bool desc_sane(const struct armvirt_s2_geometry *g, uint64_t d, int level)
{
	if (!desc_valid(d))
		return desc_is_pending(d) || note_sane(d);
	return desc_is_table(d, level) ? table_sane(g, d) : leaf_sane(g, d, level);
}

/* Why an update refuses a descriptor: its own nT block until it is finished, or corruption. */
static inline enum armvirt_status odd_descriptor(const struct armvirt_s2_update *u)
{
	return u->nt_count ? ARMVIRT_E_BUSY : ARMVIRT_E_CORRUPT;
}

/* Down to the slot that decides about ipa: a leaf, nothing, or (level reached) a table. */
static inline bool place_find(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct place *p,
			      int deepest)
{
	place_root(s, ipa, p);
	while (p->level < deepest) {
		if (desc_is_table(p->desc, p->level)) {
			if (!table_sane(&s->g, p->desc))
				return false;
			place_down(s, ipa, p, p->desc);
		} else if (desc_pending_table(p->desc, p->level)) {
			p->live = false;
			place_down(s, ipa, p, pending_strip(p->desc));
		} else {
			break;
		}
	}
	return true;
}

/* Address that slot 0 of the place's table stands for. */
static inline armvirt_ipa_t place_base(const struct armvirt_s2 *s, const struct place *p,
				       armvirt_ipa_t ipa)
{
	unsigned shift = level_shift_of(&s->g, p->level);

	return ((ipa >> shift) - p->index) << shift;
}

static inline enum armvirt_status range_check(const struct armvirt_s2_geometry *g,
					      const struct armvirt_ipa_range *r)
{
	if ((r->base | r->size) & g->page_mask)
		return ARMVIRT_E_ALIGN;
	if (!r->size || r->base >= ipa_limit_of(g) || r->size > ipa_limit_of(g) - r->base)
		return ARMVIRT_E_RANGE;
	return ARMVIRT_OK;
}

#endif
