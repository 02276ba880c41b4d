/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An update abandoned after every store of a descriptor, in every scenario of every verb: until it
 * is recovered every address translates as before, as after, or is under way; afterwards one of the
 * first two; nothing is stale, no freed table can be reached and no page is lost.
 */
#include <setjmp.h>
#include <stdlib.h>

#include "test.h"

#include <libarmvirt/s2.h>

#include "machine.h"

#define K      UINT64_C(1024)
#define M      (K * K)
#define G      (M * K)
#define PAGES  96
#define PA_OFF UINT64_C(0x40000000)
#define BYTES  ((PAGES + 16) * 4096)
#define PROBES 600

static struct armvirt_s2 s;
static struct armvirt_pool pool, limbo;
static struct armvirt_s2_update update;
static struct model_machine *machine;
static uint8_t *memory;
static jmp_buf out;
static unsigned long stores, stop_at;

static void stored(void *context)
{
	(void)context;
	if (++stores == stop_at)
		longjmp(out, 1);
}

/* Three levels of break-before-make, with and without contiguous runs and hardware updates. */
static void set_up(unsigned variant, uint64_t seed)
{
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO,
				      ARMVIRT_S2_ALLOW_CONFLICT};
	struct model_config mc = {.memory_pa = PA_OFF, .memory_bytes = BYTES, .seed = seed};
	struct armvirt_features f;
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;

	memset(&f, 0, sizeof(f));
	f.pa_bits = 48;
	f.s2_granule_4k = 1;
	f.bbm_level = (uint8_t)(variant % 3);
	f.has[ARMVIRT_FEAT_HAF / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_HAF % 64);
	f.has[ARMVIRT_FEAT_HDBS / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_HDBS % 64);
	if (variant / 3 & 1)
		c.flags |=
			ARMVIRT_S2_USE_CONTIGUOUS | ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY;
	assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
	memset(memory, 0, BYTES);
	m.root = (uint64_t *)memory;
	m.root_pa = PA_OFF;
	m.va_minus_pa = (uint64_t)(uintptr_t)memory - PA_OFF;
	assert_int_equal(armvirt_s2_init(&s, &g, &m), ARMVIRT_OK);
	pool = limbo = (struct armvirt_pool){0};
	assert_int_equal(armvirt_pool_add_memory(&pool, memory + 16 * 4096, PAGES * 4096, 4096),
			 ARMVIRT_OK);
	mc.memory = memory;
	mc.vtcr = g.vtcr;
	mc.vttbr = armvirt_s2_vttbr(&s, 5);
	mc.bbm_level = g.bbm_level;
	mc.freed = &limbo.count;
	mc.stored = stored;
	machine = model_machine_new(&mc);
	model_machine_select(machine);
	stop_at = 0;
}

static void tear_down(void)
{
	model_machine_select(NULL);
	model_machine_delete(machine);
}

static struct armvirt_tlb_target target(void)
{
	return (struct armvirt_tlb_target){armvirt_s2_vttbr(&s, 5), s.g.vtcr, 0};
}

static enum armvirt_status map(uint64_t ipa, uint64_t pa, uint64_t size, uint32_t flags)
{
	struct armvirt_s2_map_request r = {
		ipa, pa, size, armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX), flags};

	return armvirt_s2_map(&update, &r);
}

static void commit(void)
{
	const struct armvirt_tlb_target t = target();

	armvirt_s2_commit(&update, &t, &limbo);
}

static void prepare(void)
{
	const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_OWNER, 7};

	armvirt_s2_begin(&update, &s, &pool, 0);
	assert_int_equal(map(4 * G, 4 * G, 3 * G, 0), ARMVIRT_OK);
	assert_int_equal(map(8 * G, 8 * G, 8 * M, 0), ARMVIRT_OK);
	assert_int_equal(map(9 * G, G + 4 * K, 64 * K, 0), ARMVIRT_OK);
	assert_int_equal(map(11 * G, 3 * G, 4 * M, ARMVIRT_S2_MAP_PAGES), ARMVIRT_OK);
	assert_int_equal(armvirt_s2_annotate(&update, (struct armvirt_ipa_range){10 * G, G}, &note),
			 ARMVIRT_OK);
	commit();
	model_machine_settled(machine);
	armvirt_pool_move(&pool, &limbo);
}

#define SCENARIOS 18

static enum armvirt_status scenario(unsigned i)
{
	static const struct armvirt_ipa_range odd = {4 * G + 6 * M + 12 * K, G + 8 * K};
	static const struct armvirt_ipa_range one = {8 * G + 2 * M + 8 * K, 4 * K};
	static const struct armvirt_ipa_range pages = {11 * G, 4 * M};
	static const struct armvirt_s2_protection p = {0, ARMVIRT_S2_W};
	static const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_TRAP, 5};

	switch (i) {
	case 0:
		return map(12 * G + 4 * K, 3 * G + 4 * K, 2 * G, 0);
	case 1:
		return map(12 * G + 4 * K, 3 * G, 4 * M, 0);
	case 2:
		return map(4 * G, 40 * G + 2 * M, G, ARMVIRT_S2_MAP_REPLACE);
	case 3:
		return map(11 * G + 8 * K, 5 * G, M, ARMVIRT_S2_MAP_REPLACE);
	case 4:
		return map(8 * G, 16 * G, 4 * M, ARMVIRT_S2_MAP_PAGES | ARMVIRT_S2_MAP_REPLACE);
	case 5:
		return armvirt_s2_unmap(&update, odd);
	case 6:
		return armvirt_s2_unmap(&update, one);
	case 7:
		return armvirt_s2_unmap(&update, pages);
	case 8:
		return armvirt_s2_protect(&update, odd, &p);
	case 9:
		return armvirt_s2_protect(&update, one, &p);
	case 10:
		return armvirt_s2_annotate(&update, odd, &note);
	case 11:
		return armvirt_s2_annotate(
			&update, (struct armvirt_ipa_range){10 * G + 4 * K, 8 * K}, &note);
	case 12:
		return armvirt_s2_split(&update, (struct armvirt_ipa_range){4 * G, 2 * G}, 2);
	case 13:
		return armvirt_s2_split(&update, (struct armvirt_ipa_range){8 * G, 8 * M}, 3);
	case 14:
		return armvirt_s2_fold(&update, pages);
	case 15:
		return armvirt_s2_age(&update, pages, NULL);
	case 16:
		return armvirt_s2_dirty(&update, odd, ARMVIRT_S2_DIRTY_START, NULL);
	default:
		return armvirt_s2_unmap_matching(&update, one, 8 * G + 2 * M + 8 * K);
	}
}

/* What an address means, in one number; 1: under way. */
static uint64_t meaning(uint64_t ipa)
{
	const uint64_t bits = UINT64_C(0x7e0000000000c0); /* permissions: what guests can tell */
	struct armvirt_s2_leaf leaf;
	struct armvirt_s2_note note;

	switch ((int)armvirt_s2_lookup(&s, ipa, &leaf)) {
	case ARMVIRT_OK:
		return leaf.pa ^
		       (leaf.descriptor & bits & ~s.g.track & ~UINT64_C(0x10000000000000));
	case ARMVIRT_E_ABSENT:
		return armvirt_s2_annotation(&s, ipa, &note) == ARMVIRT_OK
			       ? UINT64_C(1) << 63 | (uint64_t)note.kind << 56 | note.payload
			       : 0;
	case ARMVIRT_RETRY:
		return 1;
	default:
		fail_msg("lookup of 0x%llx: %d", (unsigned long long)ipa,
			 (int)armvirt_s2_lookup(&s, ipa, &leaf));
		return 0;
	}
}

static uint64_t probe[PROBES], before[PROBES], after[PROBES];

static void choose_probes(void)
{
	static const uint64_t edges[] = {4 * G,
					 5 * G,
					 6 * G,
					 7 * G,
					 8 * G,
					 9 * G,
					 10 * G,
					 11 * G,
					 12 * G,
					 14 * G,
					 8 * G + 2 * M,
					 4 * G + 6 * M + 12 * K,
					 5 * G + 6 * M + 20 * K};
	uint64_t r = 1;

	for (unsigned i = 0; i < PROBES; i++) {
		r = r * UINT64_C(6364136223846793005) + 1442695040888963407u;
		probe[i] = edges[i % 13] - 8 * K + (r >> 33) % (i < 200 ? 24 * K : 8 * M);
	}
}

static void read_all(uint64_t *into)
{
	for (unsigned i = 0; i < PROBES; i++)
		into[i] = meaning(probe[i]);
}

/* Hardware that sets W of a tracked page changes no meaning here: the pages are not tracked before.
 */
static void check_all(bool settled)
{
	for (unsigned i = 0; i < PROBES; i++) {
		uint64_t now = meaning(probe[i]);

		if (now != before[i] && now != after[i] && (settled || now != 1))
			fail_msg("ipa 0x%llx: 0x%llx, before 0x%llx, after 0x%llx",
				 (unsigned long long)probe[i], (unsigned long long)now,
				 (unsigned long long)before[i], (unsigned long long)after[i]);
	}
}

static void check_pages(void)
{
	assert_null(model_machine_violation(machine));
	model_machine_settled(machine);
	if (model_machine_violation(machine))
		fail_msg("%s", model_machine_violation(machine));
	for (struct armvirt_pool *list = &pool; list; list = list == &pool ? &limbo : NULL) {
		for (uint64_t *p = list->first; p; p = (uint64_t *)(uintptr_t)p[0])
			assert_false(model_machine_reaches(machine, (uint64_t)(uintptr_t)p -
									    s.memory.va_minus_pa));
	}
	assert_int_equal(pool.count + limbo.count + armvirt_s2_table_count(&s), PAGES);
}

/* Stores of the scenario when nobody stops it. */
static unsigned long whole_run(unsigned variant, unsigned i)
{
	set_up(variant, 1);
	prepare();
	read_all(before);
	stores = 0;
	armvirt_s2_begin(&update, &s, &pool, 0);
	assert_int_equal(scenario(i), ARMVIRT_OK);
	commit();
	read_all(after);
	check_pages();
	tear_down();
	return stores;
}

static void stopped_run(unsigned variant, unsigned i, unsigned long at)
{
	struct armvirt_tlb_target t;

	set_up(variant, at);
	prepare();
	armvirt_s2_begin(&update, &s, &pool, 0);
	stores = 0;
	stop_at = at;
	if (!setjmp(out)) {
		assert_int_equal(scenario(i), ARMVIRT_OK);
		commit();
		fail_msg("%s", "not stopped");
	}
	stop_at = 0;
	check_all(false);
	t = target();
	armvirt_s2_recover(&update, &t, &limbo);
	check_all(true);
	check_pages();
	armvirt_pool_move(&pool, &limbo);
	/* The table is as good as any. */
	armvirt_s2_begin(&update, &s, &pool, 0);
	assert_int_equal(armvirt_s2_destroy(&update), ARMVIRT_OK);
	commit();
	check_pages();
	assert_int_equal(armvirt_s2_table_count(&s), 0);
	tear_down();
}

static void after_every_store(void **state)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE");
	bool full = scale && !strcmp(scale, "long");
	unsigned long runs = 0;

	(void)state;
	choose_probes();
	for (unsigned v = 0; v < 6 * SCENARIOS; v++) {
		unsigned long all = whole_run(v / SCENARIOS, v % SCENARIOS);

		/* Long rows of equal stores are sampled, but for their beginning and their end. */
		for (unsigned long at = 1; at <= all; runs++) {
			stopped_run(v / SCENARIOS, v % SCENARIOS, at);
			at += full || at < 24 || at + 24 >= all ? 1 : 1 + (all > 96 ? all / 24 : 3);
		}
	}
	print_message("%lu interruptions\n", runs);
	assert_true(runs > 1000);
}

static int start(void **state)
{
	(void)state;
	memory = aligned_alloc(65536, BYTES);
	return memory == NULL;
}

static int stop(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_every_store),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
