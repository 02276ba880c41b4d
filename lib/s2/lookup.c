/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: one address, and runs of addresses. Any number at once, no lock. */
#include "table.h"

/* What decides about an address, and log2 of the bytes that it stands for. */
struct found {
	uint64_t desc;
	unsigned shift;
	int level;
};

/* Acquire: what is read of a table is at least as new as the link to it. */
static struct found descend(const struct armvirt_s2 *s, armvirt_ipa_t ipa)
{
	const struct armvirt_s2_geometry *g = &s->g;
	unsigned stride = g->granule_shift - 3u, shift = level_shift_of(g, g->start_level);
	int level = g->start_level;
	uint64_t d;

	d = armvirt_seam_desc_load_acquire(s->memory.root + (ipa >> shift));
	/* A link with reserved bits ends the walk too, as a leaf that is not sane. */
	for (; level < 3 && table_sane(g, d); level++) {
		shift -= stride;
		d = armvirt_seam_desc_load_acquire(
			table_at(s, d) + ((ipa >> shift) & ((UINT64_C(1) << stride) - 1)));
	}
	return (struct found){d, shift, level};
}

/* The page that translates ipa where geometry is plain_4k: 0 if it is no page, or not sane. */
static inline uint64_t page_4k(const struct armvirt_s2 *s, armvirt_ipa_t ipa)
{
	const uint64_t low = MASK64(47, 12);
	uint64_t d = armvirt_seam_desc_load_acquire(s->memory.root + (ipa >> 30));

	if ((d & ~low) != 3)
		return 0;
	d = armvirt_seam_desc_load_acquire(table_4k(s, d & low) + ((ipa >> 21) & 511));
	if ((d & ~low) != 3)
		return 0;
	d = armvirt_seam_desc_load_acquire(table_4k(s, d & low) + ((ipa >> 12) & 511));
	return ((d ^ 3) & s->g.leaf_zero[4]) ? 0 : d;
}

/* Any geometry, any level, and everything that is not mapped. */
static enum armvirt_status lookup_any(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
				      struct armvirt_s2_leaf *out)
{
	struct found at = descend(s, ipa);
	uint64_t d = at.desc, mask;

	if (!desc_valid(d))
		return desc_is_pending(d) ? ARMVIRT_RETRY
		       : note_sane(d)     ? ARMVIRT_E_ABSENT
					  : ARMVIRT_E_CORRUPT;
	if (!leaf_readable(&s->g, d, at.level))
		return ARMVIRT_E_CORRUPT;
	mask = (UINT64_C(1) << at.shift) - 1;
	out->pa = (addr_decode(&s->g, d) & ~mask) | (ipa & mask);
	out->descriptor = d;
	out->level = at.level;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_lookup(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
				      struct armvirt_s2_leaf *out)
{
	uint64_t d;

	if (ipa >= s->g.ipa_limit)
		return ARMVIRT_E_RANGE;
	d = s->g.plain_4k ? page_4k(s, ipa) : 0;
	if (!d)
		return lookup_any(s, ipa, out);
	out->pa = (d & MASK64(47, 12)) | (ipa & MASK64(11, 0));
	out->descriptor = d;
	out->level = 3;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_annotation(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
					  struct armvirt_s2_note *out)
{
	struct found at;
	uint64_t d;

	if (ipa >= s->g.ipa_limit)
		return ARMVIRT_E_RANGE;
	at = descend(s, ipa);
	d = at.desc;
	if (desc_valid(d))
		return leaf_readable(&s->g, d, at.level) ? ARMVIRT_E_EXISTS : ARMVIRT_E_CORRUPT;
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
	struct found at = descend(s, ipa);
	uint64_t d = at.desc, mask = (UINT64_C(1) << at.shift) - 1;

	*run = (struct armvirt_s2_run){.ipa = ipa, .size = mask + 1 - (ipa & mask)};
	if (!desc_valid(d)) {
		run->corrupt = !desc_is_pending(d) && !note_sane(d);
		run->note.kind = (enum armvirt_s2_kind)N_KIND(d);
		if (!desc_is_pending(d))
			run->note.payload = (d >> N_PAYLOAD_SHIFT) & MASK64(47, 0);
	} else if (!leaf_readable(&s->g, d, at.level)) {
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
