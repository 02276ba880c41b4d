/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/guestwalk.h>

#define BIT(n) (1ull << (n))
#define BASE   0x40000000ull

static _Alignas(4096) uint64_t memory[3][512];
static const struct armvirt_guest_span span = {BASE, sizeof(memory), memory};
static const struct armvirt_guest_memory guest = {&span, 1};
static struct armvirt_guest_mmu mmu;

/* 4K, 30 bits in both halves: level 2 and level 3 tables; one page of EL0 and EL1, read-write. */
static int reset(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	mmu = (struct armvirt_guest_mmu){.sctlr = 1,
					 .tcr = 34 | 34 << 16 | 2ull << 30 | 5ull << 32,
					 .ttbr0 = BASE,
					 .ttbr1 = BASE,
					 .mair = 0xff,
					 .pa_bits = 48};
	memory[0][0] = (BASE + 0x1000) | 3;
	memory[1][0] = (BASE + 0x2000) | BIT(10) | BIT(6) | 3;
	memory[1][1] = 0x123456789000 | BIT(10) | BIT(6) | 3;
	memory[2][1] = 0x1111222233334444;
	return 0;
}

static struct armvirt_guest_translation translate(const struct armvirt_guest_access *a)
{
	struct armvirt_guest_translation t;

	memset(&t, 0xa5, sizeof(t));
	assert_int_equal(armvirt_guest_translate(&t, &mmu, &guest, a), ARMVIRT_OK);
	return t;
}

static unsigned status_at(uint64_t va)
{
	const struct armvirt_guest_access a = {.va = va};

	return translate(&a).status;
}

static void both_halves_lead_to_the_page(void **state)
{
	struct armvirt_guest_access a = {.va = 0x1234};
	struct armvirt_guest_translation t = translate(&a);

	(void)state;
	assert_int_equal(t.status, ARMVIRT_GUEST_NO_FAULT);
	assert_int_equal(t.ipa, 0x123456789234);
	assert_int_equal(t.level, 3);
	assert_int_equal(t.attr, 0xff);
	assert_int_equal(t.walk, BASE + 0x1008);
	assert_int_equal(t.descriptor, memory[1][1]);
	a.va = 0xffffffffc0001234;
	assert_int_equal(translate(&a).ipa, 0x123456789234);
	/* outside either half */
	assert_int_equal(status_at(0x40001234), 0x04);
	assert_int_equal(status_at(0xffffffff80001234), 0x04);
}

static void the_top_byte_is_ignored_where_tcr_says(void **state)
{
	struct armvirt_guest_access a = {.va = 0x5a00000000001234};

	(void)state;
	assert_int_equal(translate(&a).status, 0x04);
	mmu.tcr |= BIT(37);
	assert_int_equal(translate(&a).ipa, 0x123456789234);
	a.fetch = true;
	assert_int_equal(translate(&a).ipa, 0); /* EL0-writable: not executable at EL1 */
	assert_int_equal(translate(&a).status, 0x0f);
	mmu.tcr |= BIT(51); /* TBID0: not for fetches */
	assert_int_equal(translate(&a).status, 0x04);
	a = (struct armvirt_guest_access){.va = 0x5affffffc0001234};
	assert_int_equal(translate(&a).status, 0x04);
	mmu.tcr |= BIT(38);
	assert_int_equal(translate(&a).ipa, 0x123456789234);
}

static void disabled_halves_fault(void **state)
{
	struct armvirt_guest_access a = {.va = 0x1234, .el0 = true};

	(void)state;
	mmu.tcr |= BIT(55); /* E0PD0 */
	assert_int_equal(translate(&a).status, 0x04);
	assert_int_equal(status_at(0x1234), ARMVIRT_GUEST_NO_FAULT);
	mmu.tcr |= BIT(7); /* EPD0 */
	assert_int_equal(status_at(0x1234), 0x04);
	assert_int_equal(status_at(0xffffffffc0001234), ARMVIRT_GUEST_NO_FAULT);
	mmu.tcr |= BIT(23);
	assert_int_equal(status_at(0xffffffffc0001234), 0x04);
	/* TnSZ that no address space has */
	mmu.tcr = 15 | 5ull << 32;
	assert_int_equal(status_at(0x1234), 0x04);
	mmu.tcr = 49 | 5ull << 32;
	assert_int_equal(status_at(0x1234), 0x04);
}

static void addresses_beyond_the_size_fault(void **state)
{
	(void)state;
	memory[1][1] = 0x012345678000 | BIT(10) | 3;
	assert_int_equal(status_at(0x1000), ARMVIRT_GUEST_NO_FAULT);
	mmu.tcr &= ~(7ull << 32);
	mmu.tcr |= 2ull << 32; /* IPS: 40 bits */
	memory[1][1] |= BIT(40);
	assert_int_equal(status_at(0x1000), 0x03);
	memory[0][0] |= BIT(40);
	assert_int_equal(status_at(0x1000), 0x02);
	mmu.ttbr0 |= BIT(40);
	assert_int_equal(status_at(0x1000), 0x00);
	/* the smaller of IPS and what the guest has been shown */
	reset(NULL);
	mmu.pa_bits = 40;
	assert_int_equal(status_at(0x1000), 0x03);
}

static void descriptors_outside_memory_are_external_aborts(void **state)
{
	(void)state;
	memory[0][0] = (BASE + 0x3000) | 3;
	assert_int_equal(status_at(0x1000), 0x17);
	mmu.ttbr0 = BASE - 0x1000;
	assert_int_equal(status_at(0x1000), 0x16);
	/* reserved and invalid ones are Translation faults of their level */
	reset(NULL);
	memory[1][1] = 0x1001;
	assert_int_equal(status_at(0x1000), 0x07);
	memory[0][0] = 2;
	assert_int_equal(status_at(0x1000), 0x06);
	/* big-endian tables are other tables */
	reset(NULL);
	mmu.sctlr |= BIT(25);
	assert_int_equal(status_at(0x1000), 0x06);
}

static void without_the_mmu_addresses_stay(void **state)
{
	struct armvirt_guest_access a = {.va = 0xffff12345678};
	struct armvirt_guest_translation t;

	(void)state;
	mmu.sctlr = 0;
	t = translate(&a);
	assert_int_equal(t.ipa, 0xffff12345678);
	assert_int_equal(t.attr, 0);
	assert_int_equal(t.walk, 0);
	a.fetch = true;
	assert_int_equal(translate(&a).attr, 0x44);
	mmu.sctlr = BIT(12);
	assert_int_equal(translate(&a).attr, 0xaa);
	assert_int_equal(status_at(BIT(48)), 0x00);
	mmu.tcr |= BIT(37);
	assert_int_equal(status_at(BIT(60) | 0x1000), ARMVIRT_GUEST_NO_FAULT);
}

static void instructions_are_fetched_through_the_tables(void **state)
{
	struct armvirt_guest_access a = {.va = 0x8};
	uint32_t word = 7;

	(void)state;
	memory[1][0] &= ~BIT(6);
	assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a), ARMVIRT_OK);
	assert_int_equal(word, 0x33334444);
	a.va = 0xc;
	assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a), ARMVIRT_OK);
	assert_int_equal(word, 0x11112222);
	a.va = 0xa;
	assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a), ARMVIRT_E_ALIGN);
	a.va = 0x2000;
	assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a), ARMVIRT_RETRY);
	memory[1][1] &= ~BIT(6);
	a.va = 0x1000;
	assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a), ARMVIRT_E_ABSENT);
	for (unsigned bit = 1; bit <= 5; bit++) {
		mmu.tcr2 = bit == 4 ? 0 : BIT(bit); /* AIE is harmless */
		assert_int_equal(armvirt_guest_fetch(&word, &mmu, &guest, &a),
				 bit == 4 ? ARMVIRT_E_ABSENT : ARMVIRT_E_UNSUPPORTED);
	}
	assert_int_equal(word, 0x11112222);
}

static void ranges_lie_inside_one_span_or_nowhere(void **state)
{
	const struct armvirt_guest_span spans[] = {{0x1000, 0x100, memory[0]},
						   {0x1100, 0x100, memory[1]},
						   {UINT64_MAX - 7, 8, memory[2]}};
	const struct armvirt_guest_memory m = {spans, 3};
	const struct {
		uint64_t base, size;
		const void *want;
	} rows[] = {
		{0x1000, 0x100, memory[0]}, {0x10f8, 8, &memory[0][31]},
		{0x10f9, 8, NULL},          {0xff8, 8, NULL},
		{0x1100, 0x100, memory[1]}, {0x1100, 0x101, NULL},
		{0x1200, 0, NULL},          {UINT64_MAX - 7, 8, memory[2]},
		{UINT64_MAX - 7, 9, NULL},  {0x1000, UINT64_MAX, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct armvirt_ipa_range range = {rows[i].base, rows[i].size};

		assert_ptr_equal(armvirt_guest_at(&m, &range), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(both_halves_lead_to_the_page, reset),
		cmocka_unit_test_setup(the_top_byte_is_ignored_where_tcr_says, reset),
		cmocka_unit_test_setup(disabled_halves_fault, reset),
		cmocka_unit_test_setup(addresses_beyond_the_size_fault, reset),
		cmocka_unit_test_setup(descriptors_outside_memory_are_external_aborts, reset),
		cmocka_unit_test_setup(without_the_mmu_addresses_stay, reset),
		cmocka_unit_test_setup(instructions_are_fetched_through_the_tables, reset),
		cmocka_unit_test_setup(ranges_lie_inside_one_span_or_nowhere, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
