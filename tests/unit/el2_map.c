/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own map, judged by a stage-1 walk written here from the architecture. */
#include "test.h"

#include <libarmvirt/el2.h>

#define M      (UINT64_C(1024) * 1024)
#define PA_OFF UINT64_C(0x40000000)
#define PAGES  64

static uint8_t *memory;
static struct armvirt_el2_map map;
static struct armvirt_pool pool, limbo;

static void make(bool e2h, unsigned va_bits)
{
	struct armvirt_el2_map_config c = {ARMVIRT_GRANULE_4K, (uint8_t)va_bits, e2h};
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;
	struct armvirt_features f;

	memset(&f, 0, sizeof(f));
	f.pa_bits = 44;
	f.s1_granule_4k = 1;
	f.has[ARMVIRT_FEAT_VHE / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_VHE % 64);
	assert_int_equal(armvirt_el2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
	m.root = (uint64_t *)memory;
	m.root_pa = PA_OFF;
	m.va_minus_pa = (uint64_t)(uintptr_t)memory - PA_OFF;
	pool = limbo = (struct armvirt_pool){0};
	assert_int_equal(armvirt_pool_add_memory(&pool, memory + 4096, PAGES * 4096, 4096),
			 ARMVIRT_OK);
	assert_int_equal(armvirt_el2_map_init(&map, &g, &m), ARMVIRT_OK);
}

/* 4K, 48-bit output, no hierarchical attributes: the descriptor, 0 for a fault. */
static uint64_t walk(uint64_t va, uint64_t *pa)
{
	struct armvirt_el2_values v;
	unsigned bits, low;
	uint64_t table, d;

	armvirt_el2_map_values(&map, &v);
	bits = 64 - (unsigned)(v.tcr & 63);
	low = 12;
	while (low + 9 < bits)
		low += 9;
	for (table = v.ttbr0 & UINT64_C(0xfffffffffffe);; low -= 9) {
		uint64_t index =
			(va >> low) & (low + 9 < bits ? 511 : (UINT64_C(1) << (bits - low)) - 1);

		memcpy(&d, memory + (table - PA_OFF) + index * 8, 8);
		if (!(d & 1))
			return 0;
		if (!(d & 2) || low == 12)
			break;
		table = d & UINT64_C(0xfffffffff000);
	}
	assert_true(low != 12 || (d & 2));
	*pa = (d & UINT64_C(0xfffffffff000) & ~((UINT64_C(1) << low) - 1)) |
	      (va & ((UINT64_C(1) << low) - 1));
	return d;
}

static unsigned attribute(uint64_t d)
{
	struct armvirt_el2_values v;

	armvirt_el2_map_values(&map, &v);
	return (v.mair >> (8 * ((d >> 2) & 7))) & 0xff;
}

static void check(uint64_t va, uint64_t pa, bool e2h, enum armvirt_el2_kind kind)
{
	uint64_t got, d = walk(va, &got), xn = e2h ? UINT64_C(1) << 53 : UINT64_C(1) << 54;

	assert_int_not_equal(d, 0);
	assert_int_equal(got, pa);
	assert_true(d & (1 << 10));
	assert_int_equal(attribute(d), kind == ARMVIRT_EL2_DEVICE ? 0x04 : 0xff);
	assert_int_equal(!!(d & 0x80), kind == ARMVIRT_EL2_TEXT || kind == ARMVIRT_EL2_RODATA);
	assert_int_equal(!!(d & xn), kind != ARMVIRT_EL2_TEXT);
	/* E2H=0: AP[1] is RES1. E2H=1: 0, EL0 has nothing; and nothing is executable there. */
	assert_int_equal(!!(d & 0x40), !e2h);
	assert_true(!e2h || (d & UINT64_C(1) << 54));
	assert_int_equal((d >> 8) & 3, 3);
}

static void regions(void **state)
{
	static const struct armvirt_el2_region list[] = {
		{0x40200000, 0x40200000, 0x6000, ARMVIRT_EL2_TEXT},
		{0x40206000, 0x40206000, 0x2000, ARMVIRT_EL2_RODATA},
		{0x40208000, 0x40208000, 4 * M, ARMVIRT_EL2_DATA},
		{0x09000000, 0x09000000, 0x1000, ARMVIRT_EL2_DEVICE},
		{0x80000000, 0x180000000, 1024 * M, ARMVIRT_EL2_DATA},
	};

	(void)state;
	for (unsigned variant = 0; variant < 4; variant++) {
		bool e2h = variant & 1;

		make(e2h, variant & 2 ? 48 : 36);
		for (unsigned i = 0; i < COUNT_OF(list); i++)
			assert_int_equal(armvirt_el2_map_add(&map, &pool, &list[i]), ARMVIRT_OK);
		for (unsigned i = 0; i < COUNT_OF(list); i++) {
			check(list[i].va, list[i].pa, e2h, list[i].kind);
			check(list[i].va + list[i].size - 1, list[i].pa + list[i].size - 1, e2h,
			      list[i].kind);
		}
		assert_int_equal(walk(0x401ff000, &(uint64_t){0}), 0);
		assert_int_equal(walk(0x09001000, &(uint64_t){0}), 0);
		assert_int_equal(armvirt_el2_map_remove(
					 &map, &pool,
					 (struct armvirt_ipa_range){0x80001000, 0x1000}, &limbo),
				 ARMVIRT_OK);
		assert_int_equal(walk(0x80001000, &(uint64_t){0}), 0);
		check(0x80000000, 0x180000000, e2h, ARMVIRT_EL2_DATA);
		check(0x80002000, 0x180002000, e2h, ARMVIRT_EL2_DATA);
	}
}

static void writable_is_never_executable(void **state)
{
	struct armvirt_el2_region text = {0x40200000, 0x40200000, 0x4000, ARMVIRT_EL2_TEXT};
	struct armvirt_el2_region alias = {0x50000000, 0x40203000, 0x1000, ARMVIRT_EL2_DATA};

	(void)state;
	make(false, 39);
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &text), ARMVIRT_OK);
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &alias), ARMVIRT_E_ATTR);
	alias.kind = ARMVIRT_EL2_RODATA;
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &alias), ARMVIRT_OK);
	alias = (struct armvirt_el2_region){0x60000000, 0x70000000, 0x1000, ARMVIRT_EL2_DATA};
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &alias), ARMVIRT_OK);
	text = (struct armvirt_el2_region){0x61000000, 0x6ffff000, 0x2000, ARMVIRT_EL2_TEXT};
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &text), ARMVIRT_E_ATTR);
	text.va = 0x40200000;
	text.pa = 0x30000000;
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &text), ARMVIRT_E_EXISTS);
	text.kind = (enum armvirt_el2_kind)9;
	assert_int_equal(armvirt_el2_map_add(&map, &pool, &text), ARMVIRT_E_ARG);
}

static void register_values(void **state)
{
	struct armvirt_el2_values v;

	(void)state;
	make(false, 39);
	armvirt_el2_map_values(&map, &v);
	/* RES1 31 and 23, PS 44 bits, inner shareable write-back walks, T0SZ 25. */
	assert_int_equal(v.tcr, 0x80843519);
	assert_int_equal(v.ttbr0, PA_OFF);
	make(true, 39);
	armvirt_el2_map_values(&map, &v);
	/* IPS 44 bits, TG1 4K, EPD1, T1SZ and T0SZ 25. */
	assert_int_equal(v.tcr, UINT64_C(0x480993519));
	assert_int_equal(v.sctlr, 0x8100d);
}

static int start(void **state)
{
	(void)state;
	memory = aligned_alloc(65536, 65536 * 5);
	return 0;
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
		cmocka_unit_test(regions),
		cmocka_unit_test(writable_is_never_executable),
		cmocka_unit_test(register_values),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
