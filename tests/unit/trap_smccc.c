/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/smccc.h>

#define EL1H  0x5ull
#define SVC32 0x13ull

static struct armvirt_exit call_exit(unsigned ec, unsigned imm, uint64_t pstate)
{
	struct armvirt_exit e;
	const struct armvirt_exit_regs regs = {(uint64_t)ec << 26 | 1 << 25 | imm, 0, 0, pstate};

	armvirt_exit_decode(&e, &regs);
	return e;
}

static const struct armvirt_smccc_rule rules[] = {
	{0x80000000, 0x80000001, ARMVIRT_SMCCC_ALLOW},
	{0x84000000, 0x8400001f, ARMVIRT_SMCCC_USER},
	{0x84000020, 0x84000020, ARMVIRT_SMCCC_FORWARD},
	{0xc4000000, 0xc400001f, ARMVIRT_SMCCC_ALLOW},
};
static const struct armvirt_smccc_filter filter = {rules, COUNT_OF(rules)};

static void calls_are_decoded(void **state)
{
	struct armvirt_frame f = {.x = {0xffffffffc4010003}, .pstate = EL1H};
	struct armvirt_exit e = call_exit(0x16, 0, EL1H);
	struct armvirt_smccc_call c;

	(void)state;
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_OK);
	assert_int_equal(c.function, 0xc4000003);
	assert_int_equal(c.owner, ARMVIRT_SMCCC_OWNER_STANDARD);
	assert_int_equal(c.number, 3);
	assert_true(c.fast && c.wide && c.sve_hint && c.valid && !c.smc);
	assert_int_equal(armvirt_smccc_filter_apply(&filter, &c), ARMVIRT_SMCCC_ALLOW);
	/* a yielding call keeps bit 16 */
	f.x[0] = 0x32010000;
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_OK);
	assert_int_equal(c.function, 0x32010000);
	assert_true(!c.fast && !c.sve_hint && c.valid);
	/* and what is reserved in a fast call */
	f.x[0] = 0x320e0000;
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_OK);
	assert_true(c.valid);
	/* a reserved bit */
	f.x[0] = 0x84020000;
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_OK);
	assert_false(c.valid);
	assert_int_equal(armvirt_smccc_filter_apply(&filter, &c), ARMVIRT_SMCCC_DENY);
	/* the 64-bit convention from AArch32 */
	f.x[0] = 0xc4000003;
	e = call_exit(0x12, 0, SVC32);
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_OK);
	assert_false(c.valid);
	/* not this convention */
	e = call_exit(0x16, 1, EL1H);
	c.function = 77;
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_E_DENIED);
	e = call_exit(0x15, 0, EL1H);
	assert_int_equal(armvirt_smccc_decode(&c, &e, &f), ARMVIRT_E_ARG);
	assert_int_equal(c.function, 77);
}

static void the_filter_agrees_with_a_linear_search(void **state)
{
	struct armvirt_smccc_call c = {.valid = true};

	(void)state;
	assert_int_equal(armvirt_smccc_filter_check(&filter), ARMVIRT_OK);
	for (unsigned count = 0; count <= COUNT_OF(rules); count++) {
		const struct armvirt_smccc_filter part = {rules, count};

		for (size_t i = 0; i < COUNT_OF(rules); i++) {
			for (int edge = -2; edge <= 0x22; edge++) {
				unsigned want = ARMVIRT_SMCCC_DENY;

				c.function = rules[i].first + (uint32_t)edge;
				for (unsigned j = 0; j < count; j++) {
					if (c.function >= rules[j].first &&
					    c.function <= rules[j].last)
						want = rules[j].action;
				}
				assert_int_equal(armvirt_smccc_filter_apply(&part, &c), want);
			}
		}
	}
}

static void bad_filters_are_refused(void **state)
{
	const struct armvirt_smccc_rule backwards[] = {{5, 4, 1}};
	const struct armvirt_smccc_rule overlapping[] = {{1, 5, 1}, {5, 6, 1}};
	const struct armvirt_smccc_filter a = {backwards, 1}, b = {overlapping, 2},
					  none = {NULL, 0};

	(void)state;
	assert_int_equal(armvirt_smccc_filter_check(&a), ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_smccc_filter_check(&b), ARMVIRT_E_ORDER);
	assert_int_equal(armvirt_smccc_filter_check(&none), ARMVIRT_OK);
}

static void answers_skip_a_trapped_smc_only(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H};
	struct armvirt_exit hvc = call_exit(0x16, 0, EL1H), smc = call_exit(0x17, 0, EL1H);
	struct armvirt_exit hvc32 = call_exit(0x12, 0, SVC32);
	const uint64_t four[] = {1ull << 40 | 1, 2, 3, 4};

	(void)state;
	armvirt_smccc_return(&hvc, &f, ARMVIRT_SMCCC_NOT_SUPPORTED);
	assert_int_equal(f.x[0], UINT64_MAX);
	assert_int_equal(f.pc, 0x100);
	armvirt_smccc_return4(&smc, &f, four);
	assert_int_equal(f.x[0], 1ull << 40 | 1);
	assert_int_equal(f.x[3], 4);
	assert_int_equal(f.pc, 0x104);
	armvirt_smccc_return(&hvc32, &f, -1);
	assert_int_equal(f.x[0], UINT32_MAX);
	armvirt_smccc_return4(&hvc32, &f, four);
	assert_int_equal(f.x[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_decoded),
		cmocka_unit_test(the_filter_agrees_with_a_linear_search),
		cmocka_unit_test(bad_filters_are_refused),
		cmocka_unit_test(answers_skip_a_trapped_smc_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
