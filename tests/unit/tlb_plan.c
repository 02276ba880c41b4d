/* SPDX-License-Identifier: BSD-2-Clause */
/* A plan names every entry that was gathered, and no more operations than it may. */
#include "test.h"

#include <libarmvirt/tlb.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 3) % n;
}

static unsigned level_shift(const struct armvirt_tlb_caps *c, int level)
{
	return c->granule_shift + (unsigned)(3 - level) * (c->granule_shift - 3u);
}

/* What one operation covers, decoded from the operand as the architecture lays it out. */
static bool covers(const struct armvirt_tlb_caps *c, uint8_t kind, uint64_t x, uint64_t ipa,
		   int level, bool table)
{
	uint64_t span = UINT64_C(1) << level_shift(c, level), base, size = 1;
	bool last = kind == ARMVIRT_TLB_IPA_LAST || kind == ARMVIRT_TLB_RANGE_LAST;
	unsigned ttl;

	if (kind == ARMVIRT_TLB_VMID)
		return true;
	if (kind == ARMVIRT_TLB_IPA || kind == ARMVIRT_TLB_IPA_LAST) {
		base = (x & ((UINT64_C(1) << 40) - 1)) << 12;
		ttl = (x >> 44) & 15;
		assert_true(!ttl || ttl >> 2 == (c->granule_shift - 10u) / 2);
		ttl &= 3;
	} else {
		base = (x & ((UINT64_C(1) << 37) - 1)) << (c->lpa2 ? 16 : c->granule_shift);
		size = (((x >> 39) & 31) + 1) << (5 * ((x >> 44) & 3) + 1) << c->granule_shift;
		ttl = (x >> 37) & 3;
		assert_int_equal((x >> 46) & 3, (c->granule_shift - 10u) / 2);
		assert_true(c->range);
	}
	assert_true(!ttl || c->ttl);
	if (table && (last || ttl))
		return false;
	if (ttl && ttl != (unsigned)level)
		return false;
	return base < ipa + span && ipa < base + size;
}

static bool covered(const struct armvirt_tlb_plan *p, const struct armvirt_tlb_caps *c,
		    uint64_t ipa, int level, bool table)
{
	for (unsigned i = 0; i < p->count; i++) {
		if (covers(c, p->kind[i], p->operand[i], ipa, level, table))
			return true;
	}
	return false;
}

static void random_ranges(void **state)
{
	unsigned whole = 0, exact = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		static const uint8_t granules[3] = {12, 14, 16};
		struct armvirt_tlb_caps c = {
			.granule_shift = granules[below(3)], .range = below(2), .ttl = below(2)};
		struct armvirt_tlb_gather g = {0};
		struct armvirt_tlb_range r[10];
		struct armvirt_tlb_plan p;
		unsigned n = 1 + (unsigned)below(10);

		c.lpa2 = c.granule_shift < 16 && below(2);
		for (unsigned i = 0; i < n; i++) {
			int level = below(4) ? 3 : 2;
			uint64_t span = UINT64_C(1) << level_shift(&c, level);

			r[i].base = below((UINT64_C(1) << 40) / span) * span;
			r[i].end = r[i].base + span * (1 + below(below(4) ? 8 : 600));
			r[i].finest = (int8_t)(below(5) ? level : 3);
			r[i].coarsest = (int8_t)level;
			r[i].tables = below(5) == 0;
			if (r[i].tables)
				r[i].finest = 3;
			armvirt_tlb_gather_add(&g, &r[i]);
		}
		for (unsigned i = 0; i + 1 < g.count; i++)
			assert_true(g.range[i].end < g.range[i + 1].base);
		armvirt_tlb_plan_build(&p, &g, &c);
		assert_in_range(p.count, 1, ARMVIRT_TLB_OPS);
		whole += p.kind[0] == ARMVIRT_TLB_VMID;
		exact += p.kind[0] != ARMVIRT_TLB_VMID;
		assert_true(p.kind[0] == ARMVIRT_TLB_VMID || (p.flags & ARMVIRT_TLB_COMBINED));
		for (unsigned i = 0; i < n; i++) {
			uint64_t step = UINT64_C(1) << level_shift(&c, r[i].finest);
			uint64_t table = UINT64_C(1) << level_shift(&c, r[i].coarsest);

			uint64_t stride = ((r[i].end - r[i].base) / step / 64 + 1) * step;

			assert_true(covered(&p, &c, r[i].end - step, r[i].finest, false));
			for (uint64_t at = r[i].base; at < r[i].end; at += stride)
				assert_true(covered(&p, &c, at, r[i].finest, false));
			for (uint64_t at = r[i].base; r[i].tables && at < r[i].end; at += table)
				assert_true(covered(&p, &c, at, r[i].coarsest, true));
		}
	}
	assert_true(whole > 1000);
	assert_true(exact > 1000);
}

static void a_gibibyte_is_one_operation(void **state)
{
	const struct armvirt_tlb_caps c = {.granule_shift = 12, .range = true, .ttl = true};
	const struct armvirt_tlb_range r = {0, UINT64_C(1) << 30, 3, 3, false};
	struct armvirt_tlb_gather g = {0};
	struct armvirt_tlb_plan p;

	(void)state;
	armvirt_tlb_gather_add(&g, &r);
	armvirt_tlb_plan_build(&p, &g, &c);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.kind[0], ARMVIRT_TLB_RANGE_LAST);
	/* 2^18 pages: (NUM + 1) * 2^16, level 3, 4K */
	assert_int_equal(p.operand[0], UINT64_C(1) << 46 | UINT64_C(3) << 44 | UINT64_C(3) << 39 |
					       UINT64_C(3) << 37);
}

static void nothing_is_nothing(void **state)
{
	const struct armvirt_tlb_caps c = {.granule_shift = 12};
	struct armvirt_tlb_gather g = {0};
	struct armvirt_tlb_plan p;

	(void)state;
	armvirt_tlb_plan_build(&p, &g, &c);
	assert_int_equal(p.count, 0);
	assert_int_equal(p.flags, 0);
	g.everything = true;
	armvirt_tlb_plan_build(&p, &g, &c);
	assert_int_equal(p.count, 1);
	assert_int_equal(p.kind[0], ARMVIRT_TLB_VMID);
}

/* As when everything changed: whole VMID, both stages, nothing to follow. */
static void a_conflict_takes_the_vmid(void **state)
{
	const struct armvirt_tlb_caps c = {.granule_shift = 12};
	struct armvirt_tlb_gather g = {.everything = true};
	struct armvirt_tlb_plan p, all;

	(void)state;
	memset(&p, 0xa5, sizeof(p));
	armvirt_tlb_plan_build(&all, &g, &c);
	armvirt_tlb_plan_conflict(&p);
	assert_int_equal(p.count, all.count);
	assert_int_equal(p.kind[0], all.kind[0]);
	assert_int_equal(p.operand[0], all.operand[0]);
	assert_int_equal(p.flags, all.flags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_ranges),
		cmocka_unit_test(a_gibibyte_is_one_operation),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(a_conflict_takes_the_vmid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
