/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/fixup.h>

#include "test.h"

enum { ENTRIES = 5 };

/* Code and its table at any distance, both ways. */
static struct armvirt_fixup memory[2 * ENTRIES + 64];
static struct armvirt_fixup *const table = memory + 32;
static uint64_t from[ENTRIES], to[ENTRIES];

static void make(void)
{
	static const int32_t distance[ENTRIES] = {4, -12, 0x7ffffff0, -0x7ffffff0, 256};

	memset(memory, 0, sizeof(memory));
	table[0].from = (ENTRIES + 1) * (int32_t)sizeof(table[0]);
	for (unsigned i = 0; i < ENTRIES; i++) {
		table[i + 1].from = distance[i];
		table[i + 1].to = distance[ENTRIES - 1 - i] + 4 * (int32_t)i;
		from[i] = (uintptr_t)&table[i + 1].from + (uint64_t)(int64_t)table[i + 1].from;
		to[i] = (uintptr_t)&table[i + 1].to + (uint64_t)(int64_t)table[i + 1].to;
	}
	/* behind its end: not an entry */
	table[ENTRIES + 1].from = 0x100;
}

static void what_is_in_the_table_is_found(void **state)
{
	uint64_t there = 99;

	(void)state;
	make();
	for (unsigned i = 0; i < ENTRIES; i++) {
		assert_true(armvirt_fixup_find(table, from[i], &there));
		assert_int_equal(there, to[i]);
		there = 99;
		assert_false(armvirt_fixup_find(table, from[i] + 1, &there));
		assert_false(armvirt_fixup_find(table, from[i] - 4, &there));
	}
	assert_false(
		armvirt_fixup_find(table, (uintptr_t)&table[ENTRIES + 1].from + 0x100, &there));
	assert_false(armvirt_fixup_find(table, (uintptr_t)&table[0].from + (uint64_t)table[0].from,
					&there));
	table[0].from = sizeof(table[0]);
	assert_false(armvirt_fixup_find(table, from[0], &there));
	assert_int_equal(there, 99);
}

/* Only synchronous exceptions of EL2 itself, and nothing else of the frame changes. */
static void frames(void **state)
{
	(void)state;
	make();
	for (unsigned vector = 0; vector < 16; vector++) {
		struct armvirt_el2_frame f, before;

		for (unsigned i = 0; i < sizeof(f) / 8; i++)
			((uint64_t *)(void *)&f)[i] = UINT64_C(0x1111111111111111) * (i % 15 + 1);
		f.vector = vector;
		f.pstate = 0xfc9;
		f.pc = from[2] + 4;
		before = f;
		assert_false(armvirt_el2_fixup(&f, table));
		assert_memory_equal(&f, &before, sizeof(f));
		f.pc = before.pc = from[2];
		assert_int_equal(armvirt_el2_fixup(&f, table), vector == 0 || vector == 4);
		if (vector == 0 || vector == 4) {
			before.pc = to[2];
			before.x[0] = before.esr;
			before.pstate = 0x3c9;
		}
		assert_memory_equal(&f, &before, sizeof(f));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_table_is_found),
		cmocka_unit_test(frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
