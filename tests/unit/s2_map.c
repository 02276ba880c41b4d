/* SPDX-License-Identifier: BSD-2-Clause */
/* Contracts of the stage-2 verbs, case by case; the long run is tests/random/s2.c. */
#include "test.h"

#include <libarmvirt/s2.h>

#define K      UINT64_C(1024)
#define M      (K * K)
#define G      (M * K)
#define ARENA  1200
#define PA_OFF UINT64_C(0x40000000)
#define RAM    armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX)

struct world {
	struct armvirt_s2 s;
	struct armvirt_pool pool, limbo;
	uint8_t *memory;
	size_t pages;
};

static struct armvirt_features features(void)
{
	struct armvirt_features f;

	memset(&f, 0, sizeof(f));
	f.pa_bits = 48;
	f.s2_granule_4k = f.s2_granule_16k = f.s2_granule_64k = 1;
	f.has[ARMVIRT_FEAT_S2FWB / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_S2FWB % 64);
	f.has[ARMVIRT_FEAT_XNX / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_XNX % 64);
	f.has[ARMVIRT_FEAT_TLBIRANGE / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_TLBIRANGE % 64);
	return f;
}

static int set_up_with(void **state, uint32_t flags)
{
	struct world *w = calloc(1, sizeof(*w));
	struct armvirt_features f = features();
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO, flags};
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;

	assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
	w->memory = aligned_alloc(64 * K, ARENA * 4096 + 64 * K);
	memset(w->memory, 0xa5, ARENA * 4096 + 64 * K);
	m.root = (uint64_t *)w->memory;
	m.root_pa = PA_OFF;
	m.va_minus_pa = (uint64_t)(uintptr_t)w->memory - PA_OFF;
	assert_int_equal(armvirt_s2_init(&w->s, &g, &m), ARMVIRT_OK);
	assert_int_equal(armvirt_pool_add_memory(&w->pool, w->memory + 64 * K, ARENA * 4096, 4096),
			 ARMVIRT_OK);
	w->pages = ARENA;
	*state = w;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 0);
}

static int set_up_contiguous(void **state)
{
	return set_up_with(state, ARMVIRT_S2_USE_CONTIGUOUS);
}

/* Nothing may leak: every page is in the pool, in limbo or in the tree. */
static int tear_down(void **state)
{
	struct world *w = *state;

	armvirt_pool_move(&w->pool, &w->limbo);
	assert_int_equal(w->pool.count + armvirt_s2_table_count(&w->s), w->pages);
	free(w->memory);
	free(w);
	return 0;
}

static void commit(struct world *w, struct armvirt_s2_update *u)
{
	const struct armvirt_tlb_target t = {armvirt_s2_vttbr(&w->s, 1), w->s.g.vtcr, 0};

	armvirt_s2_commit(u, &t, &w->limbo);
}

static enum armvirt_status map(struct world *w, uint64_t ipa, uint64_t pa, uint64_t size,
			       uint32_t flags)
{
	struct armvirt_s2_map_request r = {ipa, pa, size, RAM, flags};
	struct armvirt_s2_update u;
	enum armvirt_status status;

	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	status = armvirt_s2_map(&u, &r);
	commit(w, &u);
	return status;
}

static enum armvirt_status unmap(struct world *w, uint64_t ipa, uint64_t size)
{
	struct armvirt_s2_update u;
	enum armvirt_status status;

	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	status = armvirt_s2_unmap(&u, (struct armvirt_ipa_range){ipa, size});
	commit(w, &u);
	return status;
}

static uint64_t pa_of(struct world *w, uint64_t ipa)
{
	struct armvirt_s2_leaf leaf;

	return armvirt_s2_lookup(&w->s, ipa, &leaf) ? UINT64_MAX : leaf.pa;
}

static void blocks_where_possible(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_leaf leaf;

	assert_int_equal(map(w, G, G, 2 * G + 2 * M + 4 * K, 0), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_lookup(&w->s, G + 5, &leaf), ARMVIRT_OK);
	assert_int_equal(leaf.level, 1);
	assert_int_equal(leaf.pa, G + 5);
	assert_int_equal(armvirt_s2_leaf_attr(&w->s, &leaf), RAM);
	assert_int_equal(armvirt_s2_lookup(&w->s, 3 * G, &leaf), ARMVIRT_OK);
	assert_int_equal(leaf.level, 2);
	assert_int_equal(armvirt_s2_lookup(&w->s, 3 * G + 2 * M, &leaf), ARMVIRT_OK);
	assert_int_equal(leaf.level, 3);
	assert_int_equal(armvirt_s2_lookup(&w->s, 3 * G + 2 * M + 4 * K, &leaf), ARMVIRT_E_ABSENT);
	assert_int_equal(armvirt_s2_table_count(&w->s), 2);
}

static void unmap_is_exact(void **state)
{
	struct world *w = *state;

	assert_int_equal(map(w, G, G, G, 0), ARMVIRT_OK);
	assert_int_equal(unmap(w, G + 2 * M + 12 * K, 4 * K), ARMVIRT_OK);
	for (uint64_t at = G; at < 2 * G; at += 4 * K)
		assert_int_equal(pa_of(w, at), at == G + 2 * M + 12 * K ? UINT64_MAX : at);
	assert_int_equal(armvirt_s2_table_count(&w->s), 2);
	assert_int_equal(unmap(w, G, G), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_table_count(&w->s), 0);
}

static void pages_one_by_one_leave_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(map(w, G, 5 * G + 4 * K, 4 * M, 0), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_table_count(&w->s), 3);
	for (uint64_t at = G; at < G + 4 * M; at += 4 * K)
		assert_int_equal(unmap(w, at, 4 * K), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_table_count(&w->s), 0);
}

static void need_is_exact(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_map_request r = {0, 4 * K, 4 * K, RAM, 0};
	struct armvirt_pool few = {0};
	struct armvirt_s2_update u;
	size_t need;

	r.ipa = 3 * M + 8 * K;
	r.pa = G;
	r.size = 2 * G + 100 * K;
	assert_int_equal(armvirt_s2_need(&w->s, &r, &need), ARMVIRT_OK);
	for (size_t i = 0; i + 1 < need; i++)
		armvirt_pool_add(&few, armvirt_pool_take(&w->pool));
	armvirt_s2_begin(&u, &w->s, &few, 0);
	assert_int_equal(armvirt_s2_map(&u, &r), ARMVIRT_E_NOMEM);
	assert_int_equal(few.count, need - 1);
	assert_int_equal(armvirt_s2_table_count(&w->s), 0);
	armvirt_pool_add(&few, armvirt_pool_take(&w->pool));
	assert_int_equal(armvirt_s2_map(&u, &r), ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(few.count, 0);
	assert_int_equal(armvirt_s2_table_count(&w->s), need);
}

static void refusals(void **state)
{
	struct world *w = *state;

	assert_int_equal(map(w, G, G, 0, 0), ARMVIRT_E_RANGE);
	assert_int_equal(map(w, G + 1, G, 4 * K, 0), ARMVIRT_E_ALIGN);
	assert_int_equal(map(w, G, G + 1, 4 * K, 0), ARMVIRT_E_ALIGN);
	assert_int_equal(map(w, G, G, 4 * K + 1, 0), ARMVIRT_E_ALIGN);
	assert_int_equal(map(w, 1024 * G, G, 4 * K, 0), ARMVIRT_E_RANGE);
	assert_int_equal(map(w, 1023 * G, G, 2 * G, 0), ARMVIRT_E_RANGE);
	assert_int_equal(map(w, G, UINT64_C(1) << 48, 4 * K, 0), ARMVIRT_E_RANGE);
	assert_int_equal(map(w, G, G, ~UINT64_C(4095), 0), ARMVIRT_E_RANGE);
	assert_int_equal(map(w, G, G, 2 * M, 0), ARMVIRT_OK);
	assert_int_equal(map(w, G - 4 * M, G, 8 * M, 0), ARMVIRT_E_EXISTS);
	assert_int_equal(pa_of(w, G - 4 * M), UINT64_MAX);
	assert_int_equal(armvirt_s2_table_count(&w->s), 1);
}

static void runs_coalesce(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_iter it;
	struct armvirt_s2_run run;

	assert_int_equal(map(w, G, G, 3 * M, 0), ARMVIRT_OK);
	assert_int_equal(map(w, G + 3 * M, G + 3 * M, 5 * M, 0), ARMVIRT_OK);
	armvirt_s2_iterate(&it, &w->s, (struct armvirt_ipa_range){0, 0});
	assert_true(armvirt_s2_next(&it, &run));
	assert_false(run.mapped);
	assert_int_equal(run.size, G);
	assert_true(armvirt_s2_next(&it, &run));
	assert_true(run.mapped);
	assert_int_equal(run.size, 8 * M);
	assert_int_equal(run.pa, G);
	assert_true(armvirt_s2_next(&it, &run));
	assert_int_equal(run.size, 1023 * G - 8 * M);
	assert_false(armvirt_s2_next(&it, &run));
}

static void annotations_stay_exact(void **state)
{
	struct world *w = *state;
	const struct armvirt_s2_note trap = {ARMVIRT_S2_KIND_TRAP, 0x123456789abc};
	struct armvirt_s2_note got;
	struct armvirt_s2_update u;

	assert_int_equal(map(w, G, G, 2 * M, 0), ARMVIRT_OK);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(
		armvirt_s2_annotate(&u, (struct armvirt_ipa_range){G + 64 * K, 8 * K}, &trap),
		ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(armvirt_s2_annotation(&w->s, G + 68 * K, &got), ARMVIRT_OK);
	assert_int_equal(got.kind, trap.kind);
	assert_int_equal(got.payload, trap.payload);
	assert_int_equal(pa_of(w, G + 60 * K), G + 60 * K);
	assert_int_equal(pa_of(w, G + 72 * K), G + 72 * K);
	assert_int_equal(pa_of(w, G + 64 * K), UINT64_MAX);
	assert_int_equal(map(w, G + 64 * K, G, 4 * K, 0), ARMVIRT_E_EXISTS);
	assert_int_equal(map(w, G + 64 * K, G, 4 * K, ARMVIRT_S2_MAP_REPLACE), ARMVIRT_OK);
	assert_int_equal(pa_of(w, G + 64 * K), G);
}

static void replace_keeps_neighbours(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_leaf leaf;

	assert_int_equal(map(w, G, G, 2 * M, ARMVIRT_S2_MAP_PAGES), ARMVIRT_OK);
	assert_int_equal(map(w, G + 4 * K, 7 * G, 4 * K, ARMVIRT_S2_MAP_REPLACE), ARMVIRT_OK);
	assert_int_equal(pa_of(w, G), G);
	assert_int_equal(pa_of(w, G + 4 * K), 7 * G);
	assert_int_equal(pa_of(w, G + 8 * K), G + 8 * K);
	assert_int_equal(armvirt_s2_lookup(&w->s, G, &leaf), ARMVIRT_OK);
	/* Only a leaf of a contiguous run differs from its neighbours: the rest of the run went. */
	assert_false((leaf.descriptor >> 52) & 1);
}

/* A table without entries stands in the middle of what blocks are to map: it is used, not lost. */
static void empty_tables_are_mapped_through(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_update u;

	assert_int_equal(map(w, 6 * M, 70 * M, 4 * K, 0), ARMVIRT_OK);
	armvirt_s2_begin(&u, &w->s, &w->pool, ARMVIRT_S2_KEEP_TABLES);
	assert_int_equal(armvirt_s2_unmap(&u, (struct armvirt_ipa_range){6 * M, 4 * K}),
			 ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(map(w, 4 * M, 64 * M, 6 * M, 0), ARMVIRT_OK);
	for (uint64_t at = 0; at < 6 * M; at += 4 * K)
		assert_int_equal(pa_of(w, 4 * M + at), 64 * M + at);
	assert_int_equal(unmap(w, 4 * M, 6 * M), ARMVIRT_OK);
}

static void split_and_fold_are_inverse(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_update u;
	struct armvirt_s2_leaf leaf;

	assert_int_equal(map(w, G, G, 8 * M, 0), ARMVIRT_OK);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(armvirt_s2_split(&u, (struct armvirt_ipa_range){G, 8 * M}, 3), ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(armvirt_s2_table_count(&w->s), 5);
	for (uint64_t at = G; at < G + 8 * M; at += 4 * K)
		assert_int_equal(pa_of(w, at), at);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(armvirt_s2_fold(&u, (struct armvirt_ipa_range){G, 8 * M}), ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(armvirt_s2_table_count(&w->s), 1);
	assert_int_equal(armvirt_s2_lookup(&w->s, G + 7 * M, &leaf), ARMVIRT_OK);
	assert_int_equal(leaf.level, 2);
}

static void ageing_and_tracking(void **state)
{
	struct world *w = *state;
	uint64_t words[16] = {0};
	const struct armvirt_s2_bitmap map_of = {words, G, 1024};
	const struct armvirt_ipa_range all = {G, 4 * M};
	struct armvirt_tlb_plan plan;
	struct armvirt_s2_update u;

	assert_int_equal(map(w, G, G, 4 * M, ARMVIRT_S2_MAP_PAGES), ARMVIRT_OK);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(armvirt_s2_age(&u, all, &map_of), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_dirty(&u, all, ARMVIRT_S2_DIRTY_START, NULL), ARMVIRT_OK);
	commit(w, &u);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(words[i], UINT64_MAX);
	memset(words, 0, sizeof(words));
	assert_int_equal(armvirt_s2_fault_fix(&w->s, G + 5 * 4 * K, true, &plan), ARMVIRT_OK);
	assert_int_equal(plan.count, 1);
	assert_int_equal(armvirt_s2_fault_fix(&w->s, G + 5 * 4 * K, true, &plan), ARMVIRT_RETRY);
	assert_int_equal(armvirt_s2_fault_fix(&w->s, G + 7 * 4 * K, false, &plan), ARMVIRT_OK);
	assert_int_equal(plan.count, 0);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(armvirt_s2_dirty(&u, all, ARMVIRT_S2_DIRTY_COLLECT, &map_of), ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(words[0], UINT64_C(1) << 5);
	armvirt_s2_begin(&u, &w->s, &w->pool, 0);
	assert_int_equal(armvirt_s2_age(&u, all, &map_of), ARMVIRT_OK);
	commit(w, &u);
	assert_int_equal(words[0], UINT64_C(1) << 5 | UINT64_C(1) << 7);
}

static void fault_map_is_idempotent(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_fault_request r = {G, 2 * G, RAM};

	assert_int_equal(armvirt_s2_fault_map(&w->s, &r, &w->pool), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_fault_map(&w->s, &r, &w->pool), ARMVIRT_RETRY);
	assert_int_equal(pa_of(w, G), 2 * G);
	assert_int_equal(armvirt_s2_table_count(&w->s), 2);
}

static void corruption_is_refused(void **state)
{
	struct world *w = *state;
	struct armvirt_s2_leaf leaf;
	uint64_t *table;

	assert_int_equal(map(w, G, G, 2 * M, ARMVIRT_S2_MAP_PAGES), ARMVIRT_OK);
	table = (uint64_t *)(uintptr_t)((w->s.memory.root[1] & UINT64_C(0xfffffffff000)) +
					w->s.memory.va_minus_pa);
	table[3] = UINT64_C(1) << 62 | 3;
	assert_int_equal(unmap(w, G, 16 * M), ARMVIRT_E_CORRUPT);
	assert_int_equal(pa_of(w, G), G);
	assert_int_equal(armvirt_s2_lookup(&w->s, G + 6 * M, &leaf), ARMVIRT_E_CORRUPT);
	table[3] = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define CONT(f) {#f " (contiguous)", f, set_up_contiguous, tear_down, NULL}
		CASE(blocks_where_possible),
		CASE(unmap_is_exact),
		CONT(unmap_is_exact),
		CASE(pages_one_by_one_leave_nothing),
		CONT(pages_one_by_one_leave_nothing),
		CASE(need_is_exact),
		CASE(refusals),
		CASE(runs_coalesce),
		CONT(runs_coalesce),
		CASE(annotations_stay_exact),
		CONT(annotations_stay_exact),
		CASE(replace_keeps_neighbours),
		CONT(replace_keeps_neighbours),
		CASE(empty_tables_are_mapped_through),
		CONT(empty_tables_are_mapped_through),
		CASE(split_and_fold_are_inverse),
		CONT(split_and_fold_are_inverse),
		CASE(ageing_and_tracking),
		CONT(ageing_and_tracking),
		CASE(fault_map_is_idempotent),
		CASE(corruption_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
