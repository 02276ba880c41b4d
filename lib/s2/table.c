/* SPDX-License-Identifier: BSD-2-Clause */
/* The one walker, the one way through a tree, and what a slot means. */
#include "table.h"

static inline void read_slot(struct place *p)
{
	/* Acquire: what is read of a table is at least as new as the link to it. */
	uint64_t d = armvirt_seam_desc_load_acquire(p->slot);

	p->broken = desc_is_pending(d);
	if (p->broken && !(d & PEND_OLD))
		d = d == PENDING ? 0 : (d & ~PENDING) | D_VALID;
	p->desc = d;
	p->link = desc_is_table(d, p->level);
}

COLD void armvirt_s2_place_read(struct place *p)
{
	read_slot(p);
}

uint64_t armvirt_s2_new_table(const struct armvirt_s2 *s, struct armvirt_pool *pool)
{
	uint64_t *table = (uint64_t *)armvirt_pool_take(pool);

	if (!table)
		return 0;
	for (uint64_t *t = table, *end = t + table_entries(&s->g); t != end; t += 32) {
		t[0] = t[1] = t[2] = t[3] = t[4] = t[5] = t[6] = t[7] = 0;
		t[8] = t[9] = t[10] = t[11] = t[12] = t[13] = t[14] = t[15] = 0;
		t[16] = t[17] = t[18] = t[19] = t[20] = t[21] = t[22] = t[23] = 0;
		t[24] = t[25] = t[26] = t[27] = t[28] = t[29] = t[30] = t[31] = 0;
	}
	return addr_encode(&s->g, (uint64_t)(uintptr_t)table - s->memory.va_minus_pa) | D_TABLE |
	       D_VALID;
}

void armvirt_s2_fill(uint64_t *slot, unsigned n, uint64_t desc, uint64_t step)
{
	uint64_t *end = slot + n;

	if (n & 1) {
		armvirt_seam_desc_store(slot++, desc);
		desc += step;
	}
	for (; slot != end; slot += 2, desc += 2 * step) {
		armvirt_seam_desc_store(slot, desc);
		armvirt_seam_desc_store(slot + 1, desc + step);
	}
}

COLD bool armvirt_s2_place_next(struct place *p)
{
	p->ipa += p->span;
	p->slot++;
	if (!--p->left)
		return false;
	armvirt_s2_place_read(p);
	return true;
}

bool armvirt_s2_walk(const struct armvirt_s2 *s, armvirt_ipa_t ipa, uint64_t goal, struct place *p)
{
	const struct armvirt_s2_geometry *g = &s->g;
	unsigned entries = g->root_entries, shift, index;
	uint64_t *table = s->memory.root;
	bool sane = true;

	p->live = true;
	for (p->level = g->start_level;; p->level++) {
		shift = g->shift[p->level + 1];
		index = (unsigned)(ipa >> shift) & (entries - 1);
		p->slot = table + index;
		read_slot(p);
		if (!p->link || (p->broken && goal == WALK_READ))
			break;
		sane = table_sane(g, p->desc);
		if (!sane || (goal >> shift && !(ipa & ((UINT64_C(1) << shift) - 1))))
			break;
		p->live &= !p->broken;
		table = table_at(s, p->desc);
		entries = table_entries(g);
	}
	p->span = UINT64_C(1) << shift;
	p->ipa = ipa & ~(p->span - 1);
	p->left = entries - index;
	return sane;
}

COLD enum armvirt_status armvirt_s2_judge(const struct armvirt_s2_geometry *g,
					  const struct place *p)
{
	uint64_t d = p->desc;

	if (p->broken)
		return ARMVIRT_RETRY;
	if (!d)
		return ARMVIRT_E_ABSENT;
	if (desc_valid(d))
		return leaf_readable(g, d, p->level) ? ARMVIRT_OK : ARMVIRT_E_CORRUPT;
	return note_sane(d) ? ARMVIRT_E_EXISTS : ARMVIRT_E_CORRUPT;
}

COLD void armvirt_s2_bitmap_mark(const struct armvirt_s2_bitmap *b, unsigned granule_shift,
				 armvirt_ipa_t ipa, uint64_t size)
{
	uint64_t page = (ipa - b->base) >> granule_shift, end = page + (size >> granule_shift);

	if (ipa < b->base) {
		end = ipa + size > b->base ? (ipa + size - b->base) >> granule_shift : 0;
		page = 0;
	}
	end = min64(end, b->pages);
	while (page < end) {
		bool word = !(page & 63) && end - page >= 64;

		b->word[page / 64] |= word ? ~UINT64_C(0) : BIT64(page % 64);
		page += word ? 64 : 1;
	}
}

APART void armvirt_s2_let_go(struct armvirt_s2_update *u, armvirt_pa_t pa, uint64_t size)
{
	if (size && pa == u->run_pa + u->run_size) {
		u->run_size += size;
		return;
	}
	if (u->run_size)
		armvirt_hw_cache_maintain(u->run_pa + u->guest->va_minus_pa, u->run_size,
					  ARMVIRT_CACHE_DATA);
	u->run_pa = pa;
	u->run_size = size;
}

COLD size_t armvirt_s2_tree(const struct armvirt_s2 *s, const struct place *top,
			    struct armvirt_s2_update *gone, struct armvirt_pool *list)
{
	const struct armvirt_s2_geometry *g = &s->g;
	/* Where the way stands in the table of each level below the top. */
	struct step {
		uint64_t *table;
		unsigned index;
	} step[4];
	uint64_t d = top->desc, written = D_VALID | D_W | g->track;
	const struct armvirt_s2_bitmap *dirty = gone ? gone->dirty : NULL;
	bool looks = gone && (dirty || gone->lines);
	armvirt_ipa_t ipa = top->ipa;
	int level = top->level;
	size_t count = 0;

	for (;;) {
		if (desc_links(d, level)) {
			d = link_of(d);
			if (!table_sane(g, d))
				return 0;
			step[++level] = (struct step){table_at(s, d), 0};
		} else {
			if (dirty && (d & written) == written)
				armvirt_s2_bitmap_mark(dirty, g->granule_shift, ipa,
						       armvirt_s2_span(g, level));
			if (looks && (desc_valid(d) || (d & PEND_OLD)) && leaves_lines(gone, d))
				armvirt_s2_let_go(gone, leaf_pa(g, d, level),
						  armvirt_s2_span(g, level));
			ipa += armvirt_s2_span(g, level);
		}
		/* A table of pages is looked at only if there is something to look for. */
		while (step[level].index == table_entries(g) || (level == 3 && !looks)) {
			count++;
			if (list)
				armvirt_pool_add(list, step[level].table);
			if (--level == top->level)
				return count;
		}
		d = armvirt_seam_desc_load(step[level].table + step[level].index++);
	}
}
