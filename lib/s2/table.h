/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables, positions in them, and the one way down. */
#ifndef ARMVIRT_LIB_S2_TABLE_H
#define ARMVIRT_LIB_S2_TABLE_H

#include <lib/hw/seam.h>

#include "descriptor.h"

/* For what is not on a hot path: small rather than fast; and what has several callers, apart. */
#define COLD  __attribute__((cold))
#define APART __attribute__((cold, noinline))

/* A slot of a table, and what it holds. */
struct place {
	uint64_t *slot;    /* the slot */
	uint64_t desc;     /* its descriptor; where a make is pending, what will be made */
	armvirt_ipa_t ipa; /* first address that it stands for */
	uint64_t span;     /* bytes that it stands for */
	unsigned left;     /* slots from this one to the end of its table */
	int level;
	bool live;   /* hardware can walk to this table */
	bool broken; /* the slot waits for finish */
	bool link;   /* to a table */
};

/* How far armvirt_s2_walk goes: these, or a size of which no table that lies whole in it is entered
 * if it begins at the address. */
enum { WALK_EDIT = 0, WALK_READ = 1 };

static inline unsigned table_entries(const struct armvirt_s2_geometry *g)
{
	return 1u << (g->granule_shift - 3);
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

static inline uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline bool is_link(const struct place *p)
{
	return p->link;
}

/* log2 of the entries of a contiguous run at a level. */
static inline unsigned run_bits(const struct armvirt_s2_geometry *g, int level)
{
	return g->contiguous[level + 1];
}

/*
 * Down to the slot that decides about ipa; false at a link that is not sane.
 * An editor sees through tables that wait to be linked, a reader ends there.
 */
bool armvirt_s2_walk(const struct armvirt_s2 *s, armvirt_ipa_t ipa, uint64_t goal, struct place *p);

/* Reads the slot again. */
void armvirt_s2_place_read(struct place *p);

/* On to the next slot of the table; false at its end. */
bool armvirt_s2_place_next(struct place *p);

/* What the place holds, to a reader: ARMVIRT_OK a leaf, ARMVIRT_E_ABSENT nothing,
 * ARMVIRT_E_EXISTS an annotation, ARMVIRT_RETRY something under way, or ARMVIRT_E_CORRUPT. */
enum armvirt_status armvirt_s2_judge(const struct armvirt_s2_geometry *g, const struct place *p);

/* Goes through the tables below a link, and its own. Leaves: reported and maintained for the update
 * that they go in; tables: put into the list; either may be NULL. Tables met, 0: one is not sane.
 */
size_t armvirt_s2_tree(const struct armvirt_s2 *s, const struct place *top,
		       struct armvirt_s2_update *gone, struct armvirt_pool *list);

/* Whether caches must let go of the memory of a leaf that goes in an update. */
static inline bool leaves_lines(const struct armvirt_s2_update *u, uint64_t d)
{
	return d & u->lines;
}

/* Caches let go of memory, in runs; size 0: of the last run. */
void armvirt_s2_let_go(struct armvirt_s2_update *u, armvirt_pa_t pa, uint64_t size);

/* A link to an empty table, from the pool; 0 if that is empty. */
uint64_t armvirt_s2_new_table(const struct armvirt_s2 *s, struct armvirt_pool *pool);

/* Stores n descriptors, each by step larger than the last: the hot loop of map and split. */
void armvirt_s2_fill(uint64_t *slot, unsigned n, uint64_t desc, uint64_t step);

/* Marks pages of [ipa, ipa + size) that lie in the bitmap. */
void armvirt_s2_bitmap_mark(const struct armvirt_s2_bitmap *b, unsigned granule_shift,
			    armvirt_ipa_t ipa, uint64_t size);

#endif
