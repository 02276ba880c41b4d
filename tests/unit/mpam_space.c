/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/mpam.h>

static void smallest_agent_rules(void **state)
{
	struct armvirt_mpam_slot slot[64];
	struct armvirt_mpam_space s;
	uint16_t partid;

	(void)state;
	armvirt_mpam_space_init(&s, slot, 64);
	assert_int_equal(armvirt_mpam_space_freeze(&s), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_mpam_partid_take(&s, 0, &partid), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 0, 1), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){31, 7}),
			 ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){63, 3}),
			 ARMVIRT_OK);
	assert_int_equal(s.limits.partid_max, 31);
	assert_int_equal(s.limits.pmg_max, 3);
	assert_int_equal(armvirt_mpam_space_freeze(&s), ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_space_freeze(&s), ARMVIRT_E_STATE);
	/* a late agent: larger is welcome, smaller would shrink what is in use */
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){31, 3}),
			 ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){30, 3}),
			 ARMVIRT_E_STATE);
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){31, 2}),
			 ARMVIRT_E_STATE);
	assert_int_equal(s.limits.partid_max, 31);
	assert_int_equal(s.limits.pmg_max, 3);
	assert_int_equal(s.agent_count, 3);
}

static void every_partid_once_and_never_zero(void **state)
{
	struct armvirt_mpam_slot slot[64];
	struct armvirt_mpam_space s;
	uint16_t partid = 99;
	uint64_t seen = 0;

	(void)state;
	armvirt_mpam_space_init(&s, slot, 64);
	assert_int_equal(armvirt_mpam_space_join(&s, (struct armvirt_mpam_limits){15, 0}),
			 ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_space_freeze(&s), ARMVIRT_OK);
	for (unsigned i = 1; i < 16; i++) {
		assert_int_equal(armvirt_mpam_partid_take(&s, 0, &partid), ARMVIRT_OK);
		assert_in_range(partid, 1, 15);
		assert_false(seen >> partid & 1);
		seen |= UINT64_C(1) << partid;
	}
	partid = 99;
	assert_int_equal(armvirt_mpam_partid_take(&s, 0, &partid), ARMVIRT_E_FULL);
	assert_int_equal(partid, 99);
	assert_int_equal(armvirt_mpam_partid_give(&s, 7, 100), ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_partid_give(&s, 7, 100), ARMVIRT_E_ABSENT);
	assert_int_equal(armvirt_mpam_partid_take(&s, 99, &partid), ARMVIRT_E_BUSY);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 99, 7), ARMVIRT_E_BUSY);
	assert_int_equal(armvirt_mpam_partid_take(&s, 100, &partid), ARMVIRT_OK);
	assert_int_equal(partid, 7);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 100, 7), ARMVIRT_E_EXISTS);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 100, 0), ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 100, 16), ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_mpam_partid_give(&s, 0, 0), ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_mpam_partid_give(&s, 16, 0), ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_mpam_partid_give(&s, 7, ARMVIRT_MPAM_IN_USE), ARMVIRT_E_ARG);
	assert_int_equal(armvirt_mpam_partid_give(&s, 3, 5), ARMVIRT_OK);
	assert_int_equal(armvirt_mpam_partid_claim(&s, 5, 3), ARMVIRT_OK);
}

/* The examples of the architecture's tables for maximum controls. */
static void fractions_follow_the_published_tables(void **state)
{
	static const struct {
		uint64_t percent;
		unsigned width;
		uint16_t programmed;
	} t[] = {
		{25, 16, 0x3fff},  {33, 16, 0x5479}, {50, 16, 0x7fff}, {80, 16, 0xcccb},
		{100, 16, 0xffff}, {25, 12, 0x3ff},  {33, 12, 0x546},  {50, 12, 0x7ff},
		{80, 12, 0xccb},   {100, 12, 0xfff}, {25, 8, 0x3f},    {33, 8, 0x53},
		{50, 8, 0x7f},     {80, 8, 0xcb},    {100, 8, 0xff},
	};

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(t); i++) {
		struct armvirt_mpam_ratio r = {t[i].percent, 100};
		uint16_t f;

		assert_int_equal(
			armvirt_mpam_fraction_encode(r, t[i].width, ARMVIRT_MPAM_AT_MOST, &f),
			ARMVIRT_OK);
		assert_int_equal(f >> (16 - t[i].width), t[i].programmed);
	}
}

/* Every width and every value: encoding what a value grants gives the value back; a wish in
 * between is rounded to the right side by less than one step. */
static void fractions_round_to_their_side(void **state)
{
	(void)state;
	for (unsigned width = 1; width <= 16; width++) {
		uint32_t step = UINT32_C(0x10000) >> width;

		for (uint32_t wish = 0; wish <= 0x10000; wish++) {
			struct armvirt_mpam_ratio r = {wish, 0x10000};
			uint16_t most = 0, least = 0;
			uint32_t granted;

			if (armvirt_mpam_fraction_encode(r, width, ARMVIRT_MPAM_AT_MOST, &most) !=
			    ARMVIRT_OK) {
				assert_true(wish < step);
			} else {
				granted = armvirt_mpam_fraction_decode(most, width,
								       ARMVIRT_MPAM_AT_MOST);
				assert_true(granted <= wish && wish - granted < step);
				assert_int_equal(most & (step - 1), 0);
			}
			assert_int_equal(armvirt_mpam_fraction_encode(
						 r, width, ARMVIRT_MPAM_AT_LEAST, &least),
					 ARMVIRT_OK);
			granted = armvirt_mpam_fraction_decode(least, width, ARMVIRT_MPAM_AT_LEAST);
			assert_true(granted >= wish);
			assert_true(granted - wish < step || granted == 0x10000);
			assert_int_equal(least & (step - 1), 0);
		}
	}
}

static void fractions_refuse_nonsense(void **state)
{
	static const struct armvirt_mpam_ratio bad[] = {
		{1, 0}, {101, 100}, {1, UINT64_C(1) << 48}, {UINT64_MAX, UINT64_MAX}};
	const struct armvirt_mpam_ratio half = {UINT64_C(1) << 46, UINT64_C(1) << 47};
	uint16_t f = 0x5a5a;

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(bad); i++)
		assert_int_equal(armvirt_mpam_fraction_encode(bad[i], 8, ARMVIRT_MPAM_AT_MOST, &f),
				 ARMVIRT_E_ARG);
	assert_int_equal(armvirt_mpam_fraction_encode(half, 0, ARMVIRT_MPAM_AT_MOST, &f),
			 ARMVIRT_E_ARG);
	assert_int_equal(armvirt_mpam_fraction_encode(half, 17, ARMVIRT_MPAM_AT_MOST, &f),
			 ARMVIRT_E_ARG);
	assert_int_equal(f, 0x5a5a);
	assert_int_equal(armvirt_mpam_fraction_encode(half, 8, ARMVIRT_MPAM_AT_MOST, &f),
			 ARMVIRT_OK);
	assert_int_equal(f, 0x7f00);
	assert_int_equal(armvirt_mpam_fraction_decode(0xffff, 0, ARMVIRT_MPAM_AT_MOST), 0);
	assert_int_equal(armvirt_mpam_fraction_decode(0x7fff, 8, ARMVIRT_MPAM_AT_LEAST), 0x7f00);
	assert_int_equal(armvirt_mpam_fraction_decode(0xff12, 8, ARMVIRT_MPAM_AT_LEAST), 0x10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest_agent_rules),
		cmocka_unit_test(every_partid_once_and_never_zero),
		cmocka_unit_test(fractions_follow_the_published_tables),
		cmocka_unit_test(fractions_round_to_their_side),
		cmocka_unit_test(fractions_refuse_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
