/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: one address, and runs of addresses. Any number at once, no lock. */
#include "table.h"

/* Down to what decides about ipa; acquire, so that a table's contents are those it was linked with.
 */
static uint64_t descend(const struct armvirt_s2 *s, armvirt_ipa_t ipa, int *level)
{
	const struct armvirt_s2_geometry *g = &s->g;
	const uint64_t *slot = s->memory.root + (ipa >> level_shift_of(g, g->start_level));
	uint64_t d = armvirt_seam_desc_load_acquire(slot);
	int l = g->start_level;

	while (l < 3 && (d & 3) == 3 && table_sane(g, d)) {
		slot = table_at(s, d) + index_of(g, ipa, ++l);
		d = armvirt_seam_desc_load_acquire(slot);
	}
	*level = l;
	return d;
}

enum armvirt_status armvirt_s2_lookup(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
				      struct armvirt_s2_leaf *out)
{
	uint64_t d, mask;
	int level;

	if (ipa >> s->g.ipa_bits)
		return ARMVIRT_E_RANGE;
	d = descend(s, ipa, &level);
	if (!desc_valid(d))
		return desc_is_pending(d) ? ARMVIRT_RETRY
		       : note_sane(d)     ? ARMVIRT_E_ABSENT
					  : ARMVIRT_E_CORRUPT;
	if (!leaf_readable(&s->g, d, level))
		return ARMVIRT_E_CORRUPT;
	mask = (UINT64_C(1) << level_shift_of(&s->g, level)) - 1;
	out->pa = (addr_decode(&s->g, d) & ~mask) | (ipa & mask);
	out->descriptor = d;
	out->level = level;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_annotation(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
					  struct armvirt_s2_note *out)
{
	uint64_t d;
	int level;

	if (ipa >> s->g.ipa_bits)
		return ARMVIRT_E_RANGE;
	d = descend(s, ipa, &level);
	if (desc_valid(d))
		return leaf_readable(&s->g, d, level) ? ARMVIRT_E_EXISTS : ARMVIRT_E_CORRUPT;
	if (desc_is_pending(d))
		return ARMVIRT_RETRY;
	if (!note_sane(d))
		return ARMVIRT_E_CORRUPT;
	if (!d)
		return ARMVIRT_E_ABSENT;
	out->kind = (enum armvirt_s2_kind)N_KIND(d);
	out->payload = (d >> N_PAYLOAD_SHIFT) & MASK64(47, 0);
	return ARMVIRT_OK;
}

void armvirt_s2_iterate(struct armvirt_s2_iter *it, const struct armvirt_s2 *s,
			struct armvirt_ipa_range r)
{
	uint64_t limit = ipa_limit_of(&s->g);

	it->s2 = s;
	it->next = min64(r.base, limit);
	it->end = r.size && r.size < limit - it->next ? it->next + r.size : limit;
}

/* What one descriptor says about the addresses from ipa to the end of its span. */
static void describe(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct armvirt_s2_run *run)
{
	int level;
	uint64_t d = descend(s, ipa, &level), mask;

	mask = (UINT64_C(1) << level_shift_of(&s->g, level)) - 1;
	*run = (struct armvirt_s2_run){.ipa = ipa, .size = mask + 1 - (ipa & mask)};
	if (!desc_valid(d)) {
		run->corrupt = !desc_is_pending(d) && !note_sane(d);
		run->note.kind = (enum armvirt_s2_kind)N_KIND(d);
		if (!desc_is_pending(d))
			run->note.payload = (d >> N_PAYLOAD_SHIFT) & MASK64(47, 0);
	} else if (!leaf_readable(&s->g, d, level)) {
		run->corrupt = true;
	} else {
		run->mapped = true;
		run->pa = (addr_decode(&s->g, d) & ~mask) | (ipa & mask);
		run->attr = armvirt_s2_attr_decode(&s->g, d);
	}
}

static bool continues(const struct armvirt_s2_run *a, const struct armvirt_s2_run *b)
{
	return a->mapped == b->mapped && a->corrupt == b->corrupt && a->attr == b->attr &&
	       a->note.kind == b->note.kind && a->note.payload == b->note.payload &&
	       (!a->mapped || a->pa + a->size == b->pa);
}

bool armvirt_s2_next(struct armvirt_s2_iter *it, struct armvirt_s2_run *run)
{
	struct armvirt_s2_run more;

	if (it->next >= it->end)
		return false;
	describe(it->s2, it->next, run);
	run->size = min64(run->size, it->end - it->next);
	for (it->next += run->size; it->next < it->end; it->next += more.size) {
		describe(it->s2, it->next, &more);
		if (!continues(run, &more))
			break;
		more.size = min64(more.size, it->end - it->next);
		run->size += more.size;
	}
	return true;
}
