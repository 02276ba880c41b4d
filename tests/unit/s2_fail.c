/* SPDX-License-Identifier: BSD-2-Clause */
/* Too few pages, at every single number of them: refused, and not one bit of memory differs. */
#include "test.h"

#include <libarmvirt/s2.h>

#define K      UINT64_C(1024)
#define M      (K * K)
#define G      (M * K)
#define PAGES  64
#define PA_OFF UINT64_C(0x40000000)
#define BYTES  ((PAGES + 16) * 4096)

static struct armvirt_s2 s;
static struct armvirt_pool pool, spare, limbo;
static uint8_t *memory, *before;

/* What the table holds when a scenario begins. */
static void set_up(uint32_t flags)
{
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO, flags};
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;
	struct armvirt_features f;

	memset(&f, 0, sizeof(f));
	f.pa_bits = 48;
	f.bbm_level = 2;
	f.s2_granule_4k = 1;
	assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
	memset(memory, 0x5a, BYTES);
	m.root = (uint64_t *)memory;
	m.root_pa = PA_OFF;
	m.va_minus_pa = (uint64_t)(uintptr_t)memory - PA_OFF;
	assert_int_equal(armvirt_s2_init(&s, &g, &m), ARMVIRT_OK);
	pool = spare = limbo = (struct armvirt_pool){0};
	assert_int_equal(armvirt_pool_add_memory(&pool, memory + 16 * 4096, PAGES * 4096, 4096),
			 ARMVIRT_OK);
}

static enum armvirt_status map(struct armvirt_s2_update *u, uint64_t ipa, uint64_t pa,
			       uint64_t size, uint32_t flags)
{
	struct armvirt_s2_map_request r = {
		ipa, pa, size, armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX), flags};

	return armvirt_s2_map(u, &r);
}

static void commit(struct armvirt_s2_update *u)
{
	const struct armvirt_tlb_target t = {0, 0, ARMVIRT_TLB_LOADED};

	armvirt_s2_commit(u, &t, &limbo);
}

static void prepare(void)
{
	const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_OWNER, 7};
	struct armvirt_s2_update u;

	armvirt_s2_begin(&u, &s, &pool, 0);
	assert_int_equal(map(&u, 4 * G, 4 * G, 3 * G, 0), ARMVIRT_OK);
	assert_int_equal(map(&u, 8 * G, 8 * G, 64 * M, 0), ARMVIRT_OK);
	assert_int_equal(map(&u, 9 * G, G + 4 * K, 64 * K, 0), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_annotate(&u, (struct armvirt_ipa_range){10 * G, G}, &note),
			 ARMVIRT_OK);
	commit(&u);
}

#define SCENARIOS 16

static enum armvirt_status scenario(unsigned i, struct armvirt_s2_update *u)
{
	static const struct armvirt_ipa_range odd = {4 * G + 6 * M + 12 * K, 2 * G + 8 * K};
	static const struct armvirt_ipa_range one = {8 * G + 2 * M + 8 * K, 4 * K};
	static const struct armvirt_s2_protection p = {0, ARMVIRT_S2_W};
	static const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_TRAP, 5};

	switch (i) {
	case 0:
		return map(u, 12 * G + 4 * K, 3 * G + 4 * K, 3 * G, 0);
	case 1:
		return map(u, 12 * G + 4 * K, 3 * G, 40 * M, 0);
	case 2:
		return map(u, 13 * G, 13 * G, 8 * K, 0);
	case 3:
		return map(u, 4 * G, 40 * G + 2 * M, 2 * G, ARMVIRT_S2_MAP_REPLACE);
	case 4:
		return map(u, 12 * G, 3 * G, 40 * M, ARMVIRT_S2_MAP_PAGES);
	case 5:
		return armvirt_s2_unmap(u, odd);
	case 6:
		return armvirt_s2_unmap(u, one);
	case 7:
		return armvirt_s2_protect(u, odd, &p);
	case 8:
		return armvirt_s2_protect(u, one, &p);
	case 9:
		return armvirt_s2_annotate(u, odd, &note);
	case 10:
		return armvirt_s2_annotate(u, (struct armvirt_ipa_range){20 * G + 4 * K, 4 * G},
					   &note);
	case 11:
		return armvirt_s2_annotate(u, (struct armvirt_ipa_range){10 * G + 4 * K, 8 * K},
					   &note);
	case 12:
		return armvirt_s2_split(u, (struct armvirt_ipa_range){4 * G, 3 * G}, 2);
	case 13:
		return armvirt_s2_split(u, (struct armvirt_ipa_range){8 * G, 64 * M}, 3);
	case 14:
		return armvirt_s2_dirty(u, odd, ARMVIRT_S2_DIRTY_START, NULL);
	default:
		return armvirt_s2_unmap_matching(u, one, 8 * G + 2 * M + 8 * K);
	}
}

static void every_number_of_pages(void **state)
{
	static const uint32_t flags[3] = {0, ARMVIRT_S2_USE_CONTIGUOUS,
					  ARMVIRT_S2_USE_CONTIGUOUS | ARMVIRT_S2_ALLOW_CONFLICT};
	unsigned refused = 0;

	(void)state;
	for (unsigned v = 0; v < 3 * SCENARIOS; v++) {
		struct armvirt_s2_update u;
		enum armvirt_status status = ARMVIRT_E_NOMEM;
		size_t used = 0, need = 0;

		set_up(flags[v / SCENARIOS]);
		prepare();
		while (pool.count)
			armvirt_pool_add(&spare, armvirt_pool_take(&pool));
		used = armvirt_s2_table_count(&s);
		for (; status == ARMVIRT_E_NOMEM; need++) {
			memcpy(before, memory, BYTES);
			armvirt_s2_begin(&u, &s, &pool, 0);
			status = scenario(v % SCENARIOS, &u);
			if (status != ARMVIRT_E_NOMEM)
				break;
			/* Refused: the memory is what it was, the pool too, nothing is to be done.
			 */
			assert_memory_equal(before, memory, BYTES);
			assert_int_equal(pool.count, need);
			assert_int_equal(u.gather.count, 0);
			refused++;
			assert_int_not_equal(spare.count, 0);
			armvirt_pool_add(&pool, armvirt_pool_take(&spare));
		}
		assert_int_equal(status, ARMVIRT_OK);
		/* With exactly what it needs it succeeds, and takes all of that. */
		assert_int_equal(pool.count, 0);
		commit(&u);
		armvirt_pool_move(&spare, &limbo);
		assert_int_equal(spare.count + armvirt_s2_table_count(&s), PAGES);
		assert_true(armvirt_s2_table_count(&s) <= used + need);
	}
	assert_true(refused > 100);
}

static int start(void **state)
{
	(void)state;
	memory = aligned_alloc(65536, BYTES);
	before = malloc(BYTES);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	free(memory);
	free(before);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_of_pages),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
