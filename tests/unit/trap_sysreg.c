/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/sysreg.h>

#define EL1H  0x5ull
#define SVC32 0x13ull

static enum armvirt_status store_status;
static uint64_t stored[2];

static enum armvirt_status store(void *context, const struct armvirt_sysreg_entry *entry,
				 const struct armvirt_sysreg_access *access, uint64_t *value)
{
	*(const struct armvirt_sysreg_entry **)context = entry;
	if (access->read) {
		value[0] = 0x1122334455667788;
		value[1] = 0x99aabbccddeeff00;
	} else {
		stored[0] = value[0];
		stored[1] = value[1];
	}
	return store_status;
}

static uint64_t random64(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static struct armvirt_exit access_exit(armvirt_sysreg_key_t key, uint8_t rt, bool read)
{
	struct armvirt_exit e;
	const struct armvirt_exit_regs regs = {
		(uint64_t)0x18 << 26 | 1 << 25 | (uint64_t)(key >> 14 & 3) << 20 |
			(uint64_t)(key & 7) << 17 | (uint64_t)(key >> 7 & 0x7f) << 10 |
			(uint64_t)rt << 5 | (uint64_t)(key >> 3 & 15) << 1 | read,
		0, 0, EL1H};

	armvirt_exit_decode(&e, &regs);
	return e;
}

/* Every count up to the maximum that a doubling and the ends reach, with random and dense keys. */
static void each_key_is_found_and_no_other(void **state)
{
	static struct armvirt_sysreg_entry rows[ARMVIRT_SYSREG_ENTRIES_MAX];
	static struct armvirt_sysreg_index index;
	static uint8_t used[1 << 20];
	uint64_t seed = 0x9d5c1f20aa61;

	(void)state;
	for (unsigned pattern = 0; pattern < 3; pattern++) {
		for (uint32_t count = 1; count <= ARMVIRT_SYSREG_ENTRIES_MAX;
		     count = count * 2 < ARMVIRT_SYSREG_ENTRIES_MAX ||
					     count == ARMVIRT_SYSREG_ENTRIES_MAX
				     ? count * 2
				     : ARMVIRT_SYSREG_ENTRIES_MAX) {
			const struct armvirt_sysreg_table table = {rows, count};
			uint32_t found = 0;

			memset(used, 0, sizeof(used));
			for (uint32_t i = 0; i < count; i++) {
				uint32_t key = pattern == 0   ? (uint32_t)random64(&seed) & 0xfffff
					       : pattern == 1 ? 0xc000 + i
							      : i * 8;

				if (used[key])
					key = 0x70000 + i;
				used[key] = 1;
				rows[i] = (struct armvirt_sysreg_entry){key, ARMVIRT_SYSREG_RW,
									(uint16_t)i, 0, store};
			}
			assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_OK);
			for (uint32_t key = 0; key < 1 << 20; key++) {
				const struct armvirt_sysreg_entry *e =
					armvirt_sysreg_find(&index, key);

				assert_int_equal(e != NULL, used[key]);
				if (e) {
					assert_int_equal(e->key, key);
					found++;
				}
			}
			assert_int_equal(found, count);
			assert_null(armvirt_sysreg_find(&index, UINT32_MAX));
		}
	}
}

static void bad_tables_are_refused(void **state)
{
	struct armvirt_sysreg_index index;
	struct armvirt_sysreg_entry rows[3] = {
		{0x1, ARMVIRT_SYSREG_RW, 0, 0, store},
		{0x2, ARMVIRT_SYSREG_R, 0, 0, store},
		{0x3, ARMVIRT_SYSREG_W, 0, 0, store},
	};
	struct armvirt_sysreg_table table = {rows, 3};

	(void)state;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_OK);
	rows[2].key = 1;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_EXISTS);
	rows[2].key = 1 << 20;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_ARG);
	rows[2].key = 3;
	rows[2].handler = NULL;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_ARG);
	rows[2].handler = store;
	rows[2].access = 0;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_ARG);
	rows[2].access = 4 | ARMVIRT_SYSREG_R;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_ARG);
	table.count = 0;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_ARG);
	table.count = ARMVIRT_SYSREG_ENTRIES_MAX + 1;
	assert_int_equal(armvirt_sysreg_index_init(&index, &table), ARMVIRT_E_FULL);
	assert_true(sizeof(struct armvirt_sysreg_index) <= 6144);
}

static const struct armvirt_sysreg_entry rows[] = {
	{ARMVIRT_SYSREG_KEY(3, 3, 14, 3, 1), ARMVIRT_SYSREG_RW, 1, 0, store},
	{ARMVIRT_SYSREG_KEY(3, 0, 12, 11, 5), ARMVIRT_SYSREG_W, 2, 0, store},
	{ARMVIRT_SYSREG_KEY(3, 0, 0, 4, 0), ARMVIRT_SYSREG_R, 3, 0x1234, armvirt_sysreg_constant},
	{ARMVIRT_SYSREG_KEY(2, 0, 0, 2, 2), ARMVIRT_SYSREG_RW, 4, 0, armvirt_sysreg_raz_wi},
	{ARMVIRT_SYSREG_KEY(3, 0, 1, 0, 1), ARMVIRT_SYSREG_RW, 5, 0, armvirt_sysreg_undefined},
	{ARMVIRT_SYSREG_CP15_64 | 2 << 11 | 14 << 3, ARMVIRT_SYSREG_RW, 6, 0, store},
	{ARMVIRT_SYSREG_CP14 | 1 << 3, ARMVIRT_SYSREG_RW, 7, 0, store},
	{ARMVIRT_SYSREG_A64_128 | ARMVIRT_SYSREG_KEY(3, 0, 2, 0, 0), ARMVIRT_SYSREG_RW, 8, 0,
	 store},
};

static struct armvirt_sysreg_index ready;
static const struct armvirt_sysreg_entry *last;

static enum armvirt_status run(const struct armvirt_exit *e, struct armvirt_frame *f)
{
	const struct armvirt_sysreg_table table = {rows, COUNT_OF(rows)};

	assert_int_equal(armvirt_sysreg_index_init(&ready, &table), ARMVIRT_OK);
	last = NULL;
	return armvirt_sysreg_emulate(&ready, &last, e, f);
}

static void accesses_are_served_from_end_to_end(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H};
	struct armvirt_exit e = access_exit(rows[0].key, 3, true);

	(void)state;
	store_status = ARMVIRT_OK;
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.x[3], 0x1122334455667788);
	assert_int_equal(f.pc, 0x104);
	assert_int_equal(last->id, 1);
	f.x[4] = 0xabcdef0123456789;
	e = access_exit(rows[1].key, 4, false);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(stored[0], 0xabcdef0123456789);
	assert_int_equal(f.pc, 0x108);
	e = access_exit(rows[1].key, 31, false);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(stored[0], 0);
	e = access_exit(rows[2].key, 30, true);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.x[30], 0x1234);
	e = access_exit(rows[3].key, 30, true);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.x[30], 0);
	assert_int_equal(f.pc, 0x114);
}

static void refusals_change_nothing(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H | 1 << 10}, before = f;
	struct armvirt_exit e = access_exit(rows[1].key, 3, true); /* write-only */

	(void)state;
	store_status = ARMVIRT_OK;
	assert_int_equal(run(&e, &f), ARMVIRT_E_DENIED);
	e = access_exit(rows[2].key, 3, false); /* read-only */
	assert_int_equal(run(&e, &f), ARMVIRT_E_DENIED);
	e = access_exit(rows[4].key, 3, true);
	assert_int_equal(run(&e, &f), ARMVIRT_E_DENIED);
	e = access_exit(ARMVIRT_SYSREG_KEY(3, 4, 1, 1, 0), 3, true);
	assert_int_equal(run(&e, &f), ARMVIRT_E_ABSENT);
	e = access_exit(ARMVIRT_SYSREG_KEY(3, 0, 0, 7, 7), 3, false); /* a write to ID space */
	assert_int_equal(run(&e, &f), ARMVIRT_E_ABSENT);
	store_status = ARMVIRT_RETRY;
	e = access_exit(rows[0].key, 3, true);
	assert_int_equal(run(&e, &f), ARMVIRT_RETRY);
	e.kind = ARMVIRT_EXIT_HVC;
	assert_int_equal(run(&e, &f), ARMVIRT_E_ARG);
	assert_memory_equal(&f, &before, sizeof(f));
}

static void unallocated_id_space_reads_zero(void **state)
{
	(void)state;
	for (uint32_t key = 0; key < 1 << 16; key++) {
		struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H};
		struct armvirt_exit e = access_exit(key, 7, true);
		bool id = key >> 14 == 3 && (key >> 7 & 0x7f) == 0 && (key >> 3 & 15) >= 1 &&
			  (key >> 3 & 15) <= 7;
		enum armvirt_status status;

		f.x[7] = 99;
		if (key == 0) /* build the index once */
			(void)run(&e, &f);
		status = armvirt_sysreg_emulate(&ready, &last, &e, &f);
		assert_int_equal(armvirt_sysreg_is_id(key), id);
		assert_int_equal(id, armvirt_sysreg_group(key) == ARMVIRT_SYSREG_ID);
		if (id && key != rows[2].key) {
			assert_int_equal(status, ARMVIRT_OK);
			assert_int_equal(f.x[7], 0);
			assert_int_equal(f.pc, 0x104);
		}
	}
}

static void pairs_and_aarch32_move_the_right_halves(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = SVC32};
	struct armvirt_exit e;
	struct armvirt_exit_regs regs = {0, 0, 0, SVC32};

	(void)state;
	store_status = ARMVIRT_OK;
	f.x[2] = 0xffffffff11111111;
	f.x[3] = 0xffffffff22222222;
	regs.esr = (uint64_t)0x04 << 26 | 1 << 25 | 1 << 24 | 14 << 20 | 2 << 16 | 3 << 10 |
		   2 << 5 | 14 << 1;
	armvirt_exit_decode(&e, &regs);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(stored[0], 0x2222222211111111);
	regs.esr |= 1;
	armvirt_exit_decode(&e, &regs);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.x[2], 0x55667788);
	assert_int_equal(f.x[3], 0x11223344);
	/* MRC p14, 0, APSR_nzcv, c0, c1, 0 */
	regs.esr = (uint64_t)0x05 << 26 | 1 << 25 | 1 << 24 | 14 << 20 | 31 << 5 | 1 << 1 | 1;
	armvirt_exit_decode(&e, &regs);
	f.pstate |= (uint64_t)0xa << 28;
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.pstate, SVC32 | (uint64_t)5 << 28);
	/* a failed condition is stepped over without the handler */
	regs.esr = (uint64_t)0x05 << 26 | 1 << 25 | 1 << 24 | 15 << 20 | 4 << 5 | 1 << 1 | 1;
	regs.esr &= ~(uint64_t)(0xf << 20); /* EQ */
	armvirt_exit_decode(&e, &regs);
	f.pstate = SVC32;
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_null(last);
	assert_int_equal(f.x[4], 0);
	/* MSRR TTBR0_EL1, X6, X7 and back */
	regs.pstate = EL1H;
	f.pstate = EL1H;
	f.x[6] = 6;
	f.x[7] = 7;
	regs.esr = (uint64_t)0x14 << 26 | 1 << 25 | 3 << 20 | 2 << 10 | 3 << 6;
	armvirt_exit_decode(&e, &regs);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(stored[0], 6);
	assert_int_equal(stored[1], 7);
	regs.esr |= 1;
	armvirt_exit_decode(&e, &regs);
	assert_int_equal(run(&e, &f), ARMVIRT_OK);
	assert_int_equal(f.x[6], 0x1122334455667788);
	assert_int_equal(f.x[7], 0x99aabbccddeeff00);
}

static void groups_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(2, 0, 1, 1, 4)),
			 ARMVIRT_SYSREG_DEBUG);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(2, 1, 0, 1, 0)),
			 ARMVIRT_SYSREG_TRACE);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 3, 9, 12, 0)),
			 ARMVIRT_SYSREG_PMU);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 3, 14, 8, 0)),
			 ARMVIRT_SYSREG_PMU);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 3, 14, 2, 1)),
			 ARMVIRT_SYSREG_TIMER);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 0, 12, 12, 0)),
			 ARMVIRT_SYSREG_GIC);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 0, 15, 0, 0)),
			 ARMVIRT_SYSREG_IMPDEF);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(1, 0, 7, 6, 2)),
			 ARMVIRT_SYSREG_SYS);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_KEY(3, 0, 1, 0, 0)),
			 ARMVIRT_SYSREG_OTHER);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_CP15 | 9 << 7 | 12 << 3),
			 ARMVIRT_SYSREG_PMU);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_CP15_64 | 12 << 3),
			 ARMVIRT_SYSREG_GIC);
	assert_int_equal(armvirt_sysreg_group(ARMVIRT_SYSREG_CP14 | 1 << 11), ARMVIRT_SYSREG_TRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_is_found_and_no_other),
		cmocka_unit_test(bad_tables_are_refused),
		cmocka_unit_test(accesses_are_served_from_end_to_end),
		cmocka_unit_test(refusals_change_nothing),
		cmocka_unit_test(unallocated_id_space_reads_zero),
		cmocka_unit_test(pairs_and_aarch32_move_the_right_halves),
		cmocka_unit_test(groups_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
