/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/s2fault.h>

#define R  ARMVIRT_S2_R
#define W  ARMVIRT_S2_W
#define RW (R | W)

#define S1PTW (1u << 7)
#define CM    (1u << 8)
#define WNR   (1u << 6)

static struct armvirt_exit decode(unsigned ec, uint64_t iss, uint64_t pstate)
{
	struct armvirt_exit e;
	const struct armvirt_exit_regs regs = {(uint64_t)ec << 26 | 1 << 25 | iss, 0x1234, 0x80000,
					       pstate};

	armvirt_exit_decode(&e, &regs);
	/* as if the address had been found by translation */
	if (e.u.abort.ipa_source == ARMVIRT_IPA_TRANSLATE) {
		e.u.abort.ipa_source = ARMVIRT_IPA_EXACT;
		e.u.abort.ipa = 0x8000234;
	}
	return e;
}

static void mapped_addresses_are_judged_by_what_the_access_needs(void **state)
{
	const struct {
		unsigned ec;
		uint64_t iss, pstate;
		armvirt_s2_attr_t attr;
		enum armvirt_s2_verdict want;
	} rows[] = {
		{0x24, 0x07, 5, R, ARMVIRT_VERDICT_RETRY}, /* mapped by another meanwhile */
		{0x24, 0x07 | WNR, 5, R, ARMVIRT_VERDICT_PERMISSION},
		{0x24, 0x0f | WNR, 5, R | ARMVIRT_S2_TRACKED, ARMVIRT_VERDICT_DIRTY},
		{0x24, 0x0f | WNR, 5, RW, ARMVIRT_VERDICT_RETRY},
		{0x24, 0x0f, 5, W, ARMVIRT_VERDICT_PERMISSION},
		{0x24, 0x0b, 5, RW | ARMVIRT_S2_OLD, ARMVIRT_VERDICT_ACCESS_FLAG},
		{0x24, 0x0b, 5, RW, ARMVIRT_VERDICT_RETRY},
		{0x20, 0x0f, 5, RW, ARMVIRT_VERDICT_PERMISSION},
		{0x20, 0x0f, 5, RW | ARMVIRT_S2_X_EL0, ARMVIRT_VERDICT_PERMISSION},
		{0x20, 0x0f, 0, RW | ARMVIRT_S2_X_EL0, ARMVIRT_VERDICT_RETRY},
		{0x20, 0x0f, 5, RW | ARMVIRT_S2_X_EL1, ARMVIRT_VERDICT_RETRY},
		/* maintenance: says write, needs it for invalidation only */
		{0x24, 0x07 | CM | WNR, 5, R, ARMVIRT_VERDICT_RETRY},
		{0x24, 0x0f | CM | WNR, 5, R, ARMVIRT_VERDICT_PERMISSION},
		/* descriptors of stage 1 */
		{0x24, 0x07 | S1PTW, 5, R, ARMVIRT_VERDICT_RETRY},
		{0x24, 0x0f | S1PTW, 5, R | ARMVIRT_S2_TRACKED, ARMVIRT_VERDICT_DIRTY},
		{0x24, 0x0f | S1PTW, 5, R, ARMVIRT_VERDICT_STAGE1_WALK},
		{0x20, 0x0f | S1PTW, 5, W, ARMVIRT_VERDICT_STAGE1_WALK},
		{0x24, 0x0f | S1PTW, 5, ARMVIRT_S2_TRACKED, ARMVIRT_VERDICT_STAGE1_WALK},
		{0x24, 0x0f, 5, W | ARMVIRT_S2_TRACKED, ARMVIRT_VERDICT_PERMISSION},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct armvirt_exit e = decode(rows[i].ec, rows[i].iss, rows[i].pstate);
		const struct armvirt_s2_finding f = {.lookup = ARMVIRT_OK, .attr = rows[i].attr};

		assert_int_equal(armvirt_s2_fault_classify(&e, &f), rows[i].want);
	}
}

static void unmapped_addresses_are_judged_by_their_note(void **state)
{
	const struct {
		enum armvirt_status lookup;
		enum armvirt_s2_kind kind;
		enum armvirt_s2_verdict want, walk;
	} rows[] = {
		{ARMVIRT_E_ABSENT, ARMVIRT_S2_KIND_NONE, ARMVIRT_VERDICT_UNMAPPED,
		 ARMVIRT_VERDICT_UNMAPPED},
		{ARMVIRT_E_ABSENT, ARMVIRT_S2_KIND_PENDING, ARMVIRT_VERDICT_RETRY,
		 ARMVIRT_VERDICT_RETRY},
		{ARMVIRT_E_ABSENT, ARMVIRT_S2_KIND_TRAP, ARMVIRT_VERDICT_DEVICE,
		 ARMVIRT_VERDICT_STAGE1_WALK},
		{ARMVIRT_E_ABSENT, ARMVIRT_S2_KIND_OWNER, ARMVIRT_VERDICT_ANNOTATED,
		 ARMVIRT_VERDICT_ANNOTATED},
		{ARMVIRT_E_ABSENT, ARMVIRT_S2_KIND_MAX, ARMVIRT_VERDICT_ANNOTATED,
		 ARMVIRT_VERDICT_ANNOTATED},
		{ARMVIRT_RETRY, ARMVIRT_S2_KIND_NONE, ARMVIRT_VERDICT_RETRY, ARMVIRT_VERDICT_RETRY},
		{ARMVIRT_E_RANGE, ARMVIRT_S2_KIND_NONE, ARMVIRT_VERDICT_OUTSIDE,
		 ARMVIRT_VERDICT_OUTSIDE},
		{ARMVIRT_E_CORRUPT, ARMVIRT_S2_KIND_NONE, ARMVIRT_VERDICT_CORRUPT,
		 ARMVIRT_VERDICT_CORRUPT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct armvirt_exit e = decode(0x24, 0x07, 5), walk = decode(0x24, 0x07 | S1PTW, 5);
		const struct armvirt_s2_finding f = {.lookup = rows[i].lookup,
						     .note = {.kind = rows[i].kind}};

		assert_int_equal(armvirt_s2_fault_classify(&e, &f), rows[i].want);
		assert_int_equal(armvirt_s2_fault_classify(&walk, &f), rows[i].walk);
	}
}

static void other_faults_do_not_ask_the_tables(void **state)
{
	const struct {
		unsigned ec, status;
		enum armvirt_s2_verdict want;
	} rows[] = {
		{0x24, 0x03, ARMVIRT_VERDICT_OUTSIDE},
		{0x24, 0x10, ARMVIRT_VERDICT_EXTERNAL},
		{0x20, 0x16, ARMVIRT_VERDICT_EXTERNAL},
		{0x24, 0x18, ARMVIRT_VERDICT_EXTERNAL},
		{0x24, 0x30, ARMVIRT_VERDICT_TLB_CONFLICT},
		{0x24, 0x28, ARMVIRT_VERDICT_GRANULE},
		{0x24, 0x21, ARMVIRT_VERDICT_UNSUPPORTED},
		{0x24, 0x35, ARMVIRT_VERDICT_UNSUPPORTED},
		{0x24, 0x3f, ARMVIRT_VERDICT_NONE},
		{0x25, 0x07, ARMVIRT_VERDICT_NONE},
		{0x16, 0x07, ARMVIRT_VERDICT_NONE},
	};
	const struct armvirt_s2_finding f = {.lookup = ARMVIRT_E_ABSENT};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct armvirt_exit e;
		const struct armvirt_exit_regs regs = {
			(uint64_t)rows[i].ec << 26 | 1 << 25 | rows[i].status, 0, 0, 5};

		armvirt_exit_decode(&e, &regs);
		assert_int_equal(armvirt_s2_fault_classify(&e, &f), rows[i].want);
	}
}

static void a_permission_fault_asks_for_its_address_first(void **state)
{
	struct armvirt_exit e;
	const struct armvirt_exit_regs regs = {(uint64_t)0x24 << 26 | 1 << 25 | 0x0f, 0, 0, 5};
	const struct armvirt_s2_finding f = {.lookup = ARMVIRT_E_ABSENT};

	(void)state;
	armvirt_exit_decode(&e, &regs);
	assert_int_equal(armvirt_s2_fault_classify(&e, &f), ARMVIRT_VERDICT_TRANSLATE);
}

static void names_are_there(void **state)
{
	(void)state;
	for (int i = -1; i <= ARMVIRT_VERDICT_COUNT; i++)
		assert_true(strlen(armvirt_s2_verdict_name((enum armvirt_s2_verdict)i)) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapped_addresses_are_judged_by_what_the_access_needs),
		cmocka_unit_test(unmapped_addresses_are_judged_by_their_note),
		cmocka_unit_test(other_faults_do_not_ask_the_tables),
		cmocka_unit_test(a_permission_fault_asks_for_its_address_first),
		cmocka_unit_test(names_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
