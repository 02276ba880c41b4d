/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Without FEAT_S2FWB a guest whose caches are off reads memory, the hypervisor reads through lines
 * that may be there at any time. A model of both: speculation may fill any line, eviction may write
 * any dirty line back, the guest writes until the invalidation has completed. Whatever was written
 * last must be what is read: by the guest after a map, by the hypervisor after an unmap.
 */
#include <stdlib.h>

#include "test.h"

#include <libarmvirt/s2.h>

#include "machine.h"

#define G      (UINT64_C(1) << 30)
#define TABLES 64
#define BYTES  ((TABLES + 16) * 4096)
#define PA_OFF UINT64_C(0x40000000)
#define PAGES  1024 /* of the guest: two blocks */
#define GUEST  (4 * G)
#define OFFSET (UINT64_C(0x12340000000) - GUEST)

struct page {
	uint32_t memory, line, fetched, truth; /* values */
	bool present, dirty, fetchable;        /* a data line, changed; an instruction line */
	bool mapped;
};

static struct page page[PAGES];
static struct armvirt_s2 s;
static struct armvirt_pool pool, limbo;
static struct model_machine *machine;
static uint8_t *memory;
static uint64_t random_state;
static uint32_t next_value;

static unsigned below(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

static void evict(struct page *p)
{
	if (p->dirty)
		p->memory = p->line;
	p->present = p->dirty = false;
}

/* What processors may do at any time, to any line. */
static void speculate(void)
{
	for (unsigned i = 0; i < 40; i++) {
		struct page *p = &page[below(PAGES)];

		if (below(3) == 0) {
			evict(p);
		} else if (!p->present) {
			p->line = p->memory;
			p->present = true;
		}
	}
}

static uint32_t read_by_hypervisor(struct page *p)
{
	return p->present ? p->line : p->memory;
}

static void write_by_hypervisor(struct page *p)
{
	p->truth = p->line = ++next_value;
	p->present = p->dirty = true;
}

/* Data accesses of a guest with its caches off go past the data lines, fetches need not. */
static void write_by_guest(struct page *p)
{
	p->truth = p->memory = ++next_value;
}

static uint32_t fetch_by_guest(struct page *p)
{
	if (!p->fetchable)
		p->fetched = p->memory;
	p->fetchable = true;
	return p->fetched;
}

static void cleaned(void *context, const void *va, size_t bytes)
{
	uint64_t pa = (uint64_t)(uintptr_t)va - OFFSET;

	(void)context;
	assert_true(pa >= GUEST && pa + bytes <= GUEST + PAGES * 4096 && !(pa % 4096));
	for (; bytes; bytes -= 4096, pa += 4096)
		evict(&page[(pa - GUEST) / 4096]);
	speculate();
}

static void refetched(void *context)
{
	(void)context;
	for (unsigned i = 0; i < PAGES; i++)
		page[i].fetchable = false;
}

static void any_time(void *context)
{
	(void)context;
	if (below(8) == 0)
		speculate();
}

static const struct armvirt_s2_guest guest = {OFFSET};

static struct armvirt_ipa_range range(unsigned from, unsigned n)
{
	return (struct armvirt_ipa_range){GUEST + from * 4096, (uint64_t)n * 4096};
}

static void begin(struct armvirt_s2_update *u)
{
	armvirt_s2_begin(u, &s, &pool, 0);
	armvirt_s2_maintain_caches(u, &guest);
}

static void write_some(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		if (page[i].mapped && below(2))
			write_by_guest(&page[i]);
	}
	speculate();
}

/* The guest goes on with stale translations until the plan has been executed. */
static void commit(struct armvirt_s2_update *u, unsigned from, unsigned n)
{
	const struct armvirt_tlb_target t = {armvirt_s2_vttbr(&s, 5), s.g.vtcr, 0};
	struct armvirt_tlb_plan plan;

	write_some(from, n);
	assert_int_equal(armvirt_s2_seal(u, &plan), ARMVIRT_OK);
	write_some(from, n);
	armvirt_hw_tlb_execute(&plan, &t);
	for (unsigned i = 0; i < 8; i++)
		speculate();
	if (armvirt_s2_finish(u, &limbo) == ARMVIRT_RETRY) {
		const struct armvirt_tlb_plan publish = {.flags = ARMVIRT_TLB_PUBLISH};

		armvirt_hw_tlb_execute(&publish, &t);
	}
	armvirt_pool_move(&pool, &limbo);
	speculate();
}

static void map(unsigned from, unsigned n, uint32_t permissions)
{
	struct armvirt_s2_map_request r = {GUEST + from * 4096, GUEST + from * 4096, n * 4096,
					   armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, permissions), 0};
	struct armvirt_s2_update u;
	bool fetches = permissions & ARMVIRT_S2_X;

	for (unsigned i = from; i < from + n; i++) {
		if (below(2))
			write_by_hypervisor(&page[i]);
	}
	speculate();
	begin(&u);
	assert_int_equal(armvirt_s2_map(&u, &r), ARMVIRT_OK);
	/* An entry is visible as soon as it is stored. */
	for (unsigned i = from; i < from + n; i++) {
		assert_int_equal(page[i].memory, page[i].truth);
		if (fetches)
			assert_int_equal(fetch_by_guest(&page[i]), page[i].truth);
		page[i].mapped = true;
	}
	commit(&u, 0, 0);
}

static void unmap(unsigned from, unsigned n)
{
	struct armvirt_s2_update u;

	begin(&u);
	assert_int_equal(armvirt_s2_unmap(&u, range(from, n)), ARMVIRT_OK);
	commit(&u, from, n);
	for (unsigned i = from; i < from + n; i++) {
		assert_int_equal(read_by_hypervisor(&page[i]), page[i].truth);
		page[i].mapped = false;
	}
}

/* Execution allowed where the guest wrote what it will fetch. */
static void allow(unsigned from, unsigned n)
{
	const struct armvirt_s2_protection p = {ARMVIRT_S2_X, 0};
	struct armvirt_s2_update u;

	write_some(from, n);
	begin(&u);
	assert_int_equal(armvirt_s2_protect(&u, range(from, n), &p), ARMVIRT_OK);
	for (unsigned i = from; i < from + n; i++) {
		if (page[i].mapped)
			assert_int_equal(fetch_by_guest(&page[i]), page[i].truth);
	}
	commit(&u, 0, 0);
}

/* What would lose the address of the old memory is refused. */
static void refuse(unsigned at)
{
	const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_OWNER, 1};
	struct armvirt_s2_map_request r = {GUEST + at * 4096, GUEST, 4096,
					   armvirt_s2_attr(ARMVIRT_S2_NORMAL_NC, ARMVIRT_S2_RWX),
					   ARMVIRT_S2_MAP_REPLACE};
	struct armvirt_s2_update u;

	begin(&u);
	assert_int_equal(armvirt_s2_map(&u, &r), ARMVIRT_E_EXISTS);
	assert_int_equal(armvirt_s2_annotate(&u, range(at, 1), &note), ARMVIRT_E_EXISTS);
	commit(&u, 0, 0);
}

static void set_up(unsigned variant)
{
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO,
				      ARMVIRT_S2_ALLOW_CONFLICT};
	struct model_config mc = {.memory = memory,
				  .memory_pa = PA_OFF,
				  .memory_bytes = BYTES,
				  .seed = variant + 1,
				  .freed = &limbo.count,
				  .stored = any_time,
				  .cleaned = cleaned,
				  .refetched = refetched};
	struct armvirt_s2_memory m = {(uint64_t *)(void *)memory, PA_OFF,
				      (uint64_t)(uintptr_t)memory - PA_OFF};
	struct armvirt_s2_geometry g;
	struct armvirt_features f;

	memset(&f, 0, sizeof(f));
	memset(page, 0, sizeof(page));
	memset(memory, 0, BYTES);
	f.pa_bits = 48;
	f.s2_granule_4k = 1;
	f.bbm_level = (uint8_t)(variant % 3);
	if (variant / 3)
		c.flags |= ARMVIRT_S2_USE_CONTIGUOUS;
	assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
	assert_false(g.fwb);
	assert_int_equal(armvirt_s2_init(&s, &g, &m), ARMVIRT_OK);
	pool = limbo = (struct armvirt_pool){0};
	assert_int_equal(armvirt_pool_add_memory(&pool, memory + 16 * 4096, TABLES * 4096, 4096),
			 ARMVIRT_OK);
	mc.vtcr = g.vtcr;
	mc.vttbr = armvirt_s2_vttbr(&s, 5);
	mc.bbm_level = g.bbm_level;
	machine = model_machine_new(&mc);
	model_machine_select(machine);
	random_state = variant + 1;
}

static void the_last_write_is_read(void **state)
{
	static const unsigned sizes[] = {1, 3, 16, 17, 100, 512, 1024};
	unsigned done[4] = {0};

	(void)state;
	for (unsigned v = 0; v < 6; v++) {
		set_up(v);
		for (unsigned round = 0; round < 1500; round++) {
			unsigned n = sizes[below(7)], from = below(PAGES - n + 1), same = 1;
			bool mapped;

			if (below(2))
				from &= ~(n - 1);
			mapped = page[from].mapped;
			while (same < n && page[from + same].mapped == mapped)
				same++;
			done[mapped ? 1 + below(3) / 2 : 0]++;
			if (!mapped)
				map(from, same,
				    ARMVIRT_S2_R | ARMVIRT_S2_W | (below(2) ? ARMVIRT_S2_X : 0));
			else if (below(4) == 0)
				allow(from, same);
			else if (below(8) == 0)
				refuse(from);
			else
				unmap(from, same);
		}
		assert_null(model_machine_violation(machine));
		unmap(0, PAGES);
		assert_int_equal(armvirt_s2_table_count(&s), 0);
		model_machine_select(NULL);
		model_machine_delete(machine);
	}
	assert_true(done[0] > 1000 && done[1] > 1000);
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
		cmocka_unit_test(the_last_write_is_read),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
