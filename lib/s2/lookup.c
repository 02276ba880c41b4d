/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: one address, and runs of addresses. Any number at once, no lock. */
#include "table.h"

/* What decides about an address, and what it means. */
static COLD enum armvirt_status find(const struct armvirt_s2 *s, armvirt_ipa_t ipa, struct place *p)
{
	if (!armvirt_s2_walk(s, ipa, WALK_READ, p))
		return ARMVIRT_E_CORRUPT;
	return armvirt_s2_judge(&s->g, p);
}

static COLD struct armvirt_s2_note note_of(uint64_t d)
{
	return (struct armvirt_s2_note){(enum armvirt_s2_kind)N_KIND(d),
					(d >> N_PAYLOAD_SHIFT) & MASK64(47, 0)};
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
static APART enum armvirt_status lookup_any(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
					    struct armvirt_s2_leaf *out)
{
	struct place p;
	enum armvirt_status status = find(s, ipa, &p);

	if (status)
		return status == ARMVIRT_E_EXISTS ? ARMVIRT_E_ABSENT : status;
	out->pa = leaf_pa(&s->g, p.desc, p.level) + (ipa - p.ipa);
	out->descriptor = p.desc;
	out->level = p.level;
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

COLD enum armvirt_status armvirt_s2_annotation(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
					       struct armvirt_s2_note *out)
{
	enum armvirt_status status;
	struct place p;

	if (ipa >= s->g.ipa_limit)
		return ARMVIRT_E_RANGE;
	status = find(s, ipa, &p);
	if (status == ARMVIRT_OK)
		return ARMVIRT_E_EXISTS;
	if (status != ARMVIRT_E_EXISTS)
		return status;
	*out = note_of(p.desc);
	return ARMVIRT_OK;
}

void armvirt_s2_iterate(struct armvirt_s2_iter *it, const struct armvirt_s2 *s,
			struct armvirt_ipa_range r)
{
	uint64_t limit = s->g.ipa_limit;

	it->s2 = s;
	it->next = min64(r.base, limit);
	it->end = r.size && r.size < limit - it->next ? it->next + r.size : limit;
}

/* What one descriptor says about the addresses from ipa to the end of its span. */
static APART void describe(const struct armvirt_s2 *s, armvirt_ipa_t ipa,
			   struct armvirt_s2_run *run)
{
	struct place p;
	enum armvirt_status status = find(s, ipa, &p);

	*run = (struct armvirt_s2_run){.ipa = ipa, .size = p.ipa + p.span - ipa};
	run->corrupt = status == ARMVIRT_E_CORRUPT;
	run->mapped = status == ARMVIRT_OK;
	if (run->mapped) {
		run->pa = leaf_pa(&s->g, p.desc, p.level) + (ipa - p.ipa);
		run->attr = armvirt_s2_attr_decode(&s->g, p.desc);
	} else if (status == ARMVIRT_E_EXISTS) {
		run->note = note_of(p.desc);
	} else if (status == ARMVIRT_RETRY) {
		run->note.kind = ARMVIRT_S2_KIND_PENDING;
	}
}

static COLD bool continues(const struct armvirt_s2_run *a, const struct armvirt_s2_run *b)
{
	return a->mapped == b->mapped && a->corrupt == b->corrupt && a->attr == b->attr &&
	       a->note.kind == b->note.kind && a->note.payload == b->note.payload &&
	       (!a->mapped || a->pa + a->size == b->pa);
}

COLD bool armvirt_s2_next(struct armvirt_s2_iter *it, struct armvirt_s2_run *run)
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
