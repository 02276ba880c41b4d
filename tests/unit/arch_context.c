/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/context.h>

static void every_register_has_a_place_of_its_own(void **state)
{
	static uint8_t taken[ARMVIRT_SET_COUNT][1024];
	static uint64_t bytes[ARMVIRT_SET_COUNT];
	uint64_t all = 0;

	(void)state;
	for (unsigned id = 1; id <= ARMVIRT_REGID_MAX; id++) {
		struct armvirt_ctx_place place, again;
		uint32_t key = armvirt_ctx_key(id);

		assert_true(key != 0);
		assert_true(armvirt_ctx_find_id(id, &place));
		assert_true(armvirt_ctx_find(key, &again));
		assert_memory_equal(&place, &again, sizeof(place));
		assert_true(place.set < ARMVIRT_SET_COUNT);
		assert_int_equal(place.offset % 8, 0);
		assert_int_equal(taken[place.set][place.offset]++, 0);
		bytes[place.set] += 8;
	}
	for (unsigned s = 0; s < ARMVIRT_SET_COUNT; s++) {
		assert_int_equal(ARMVIRT_CTX_BYTES(UINT64_C(1) << s), bytes[s]);
		all += bytes[s];
	}
	assert_int_equal(ARMVIRT_CTX_BYTES(~UINT64_C(0)), all);
	assert_int_equal(ARMVIRT_CTX_BYTES(0), 0);
}

static void what_is_not_switched_has_no_place(void **state)
{
	struct armvirt_ctx_place place = {77, 77, 77};

	(void)state;
	assert_false(armvirt_ctx_find(ARMVIRT_SYSREG_HCR_EL2, &place));
	assert_false(armvirt_ctx_find(ARMVIRT_SYSREG_MIDR_EL1, &place));
	assert_false(armvirt_ctx_find(0, &place));
	assert_false(armvirt_ctx_find_id(0, &place));
	assert_false(armvirt_ctx_find_id(ARMVIRT_REGID_MAX + 1, &place));
	assert_int_equal(place.offset, 77);
	assert_int_equal(armvirt_ctx_key(0), 0);
	assert_int_equal(armvirt_ctx_key(ARMVIRT_REGID_MAX + 1), 0);
}

/* Numbers that serialised state depends on: they may never change. */
static void numbers_are_for_ever(void **state)
{
	(void)state;
	assert_int_equal(ARMVIRT_REGID_SCTLR_EL1, 1);
	assert_int_equal(ARMVIRT_REGID_PAR_EL1, 19);
	assert_int_equal(ARMVIRT_REGID_ACTLR_EL1, 23);
	assert_int_equal(ARMVIRT_SET_EL1_BIT, 0);
	assert_int_equal(ARMVIRT_SET_IMPDEF_BIT, 1);
	assert_int_equal(ARMVIRT_CTX_EL1_SCTLR_EL1, 0);
	assert_int_equal(ARMVIRT_CTX_EL1_PAR_EL1, 144);
	assert_int_equal(ARMVIRT_CTX_EL1_BYTES, 152);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_register_has_a_place_of_its_own),
		cmocka_unit_test(what_is_not_switched_has_no_place),
		cmocka_unit_test(numbers_are_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
