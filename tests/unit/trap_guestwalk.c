/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/guestwalk.h>

#define BIT(n) (1ull << (n))
#define BASE   0x40000000ull
#define HCR_RW BIT(31)
#define EL1    5

static _Alignas(4096) uint64_t memory[3][512];
static const struct armvirt_guest_span span = {BASE, sizeof(memory), memory};
static const struct armvirt_guest_memory guest = {&span, 1};
static struct armvirt_guest_mmu mmu;

/* 4K, 30 bits in both halves: level 2 and level 3 tables; one page of EL0 and EL1, read-write. */
static int reset(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	mmu = (struct armvirt_guest_mmu){.hcr = HCR_RW,
					 .sctlr = 1 | 1 << 2 | 1 << 12, /* M, C, I */
					 .has = ARMVIRT_GUEST_HAS_TTST | ARMVIRT_GUEST_HAS_E0PD |
						ARMVIRT_GUEST_HAS_TBID,
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

static enum armvirt_status fetch(uint32_t *word, uint64_t pc, uint64_t pstate)
{
	const struct armvirt_frame frame = {.pc = pc, .pstate = pstate};

	return armvirt_guest_fetch(word, &mmu, &guest, &frame);
}

static void instructions_are_fetched_through_the_tables(void **state)
{
	uint32_t word = 7;

	(void)state;
	memory[1][0] &= ~BIT(6);
	assert_int_equal(fetch(&word, 8, EL1), ARMVIRT_OK);
	assert_int_equal(word, 0x33334444);
	assert_int_equal(fetch(&word, 0xc, EL1), ARMVIRT_OK);
	assert_int_equal(word, 0x11112222);
	assert_int_equal(fetch(&word, 0xa, EL1), ARMVIRT_E_ALIGN);
	assert_int_equal(fetch(&word, 0x2000, EL1), ARMVIRT_RETRY);
	memory[1][1] &= ~BIT(6);
	assert_int_equal(fetch(&word, 0x1000, EL1), ARMVIRT_E_ABSENT);
	/* what EL0 may run */
	assert_int_equal(fetch(&word, 8, 0), ARMVIRT_OK);
	memory[1][0] |= BIT(54);
	assert_int_equal(fetch(&word, 8, 0), ARMVIRT_RETRY);
	assert_int_equal(fetch(&word, 8, 0x10), ARMVIRT_RETRY);
	assert_int_equal(fetch(&word, 8, EL1), ARMVIRT_OK);
	/* 128-bit descriptors, the tables of a host, those of a virtual EL2 */
	word = 7;
	mmu.tcr2 = BIT(5);
	assert_int_equal(fetch(&word, 8, EL1), ARMVIRT_E_UNSUPPORTED);
	mmu.tcr2 = 0;
	mmu.hcr |= BIT(34) | BIT(27);
	assert_int_equal(fetch(&word, 8, EL1), ARMVIRT_E_UNSUPPORTED);
	mmu.hcr = HCR_RW | BIT(43); /* NV1 */
	assert_int_equal(fetch(&word, 8, EL1), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(word, 7);
}

static void hcr_turns_stage_1_off(void **state)
{
	const struct armvirt_guest_access a = {.va = 0x1234}, x = {.va = 0x1234, .fetch = true};

	(void)state;
	mmu.hcr |= BIT(27); /* TGE: EL0 of a host that is not VHE */
	assert_int_equal(translate(&a).ipa, 0x1234);
	assert_int_equal(translate(&a).attr, 0);
	assert_int_equal(translate(&a).sh, 2);
	mmu.hcr = HCR_RW | BIT(12); /* DC */
	assert_int_equal(translate(&a).ipa, 0x1234);
	assert_int_equal(translate(&a).attr, 0xff);
	assert_int_equal(translate(&x).attr, 0xff);
	assert_int_equal(translate(&a).sh, 0);
}

static void attributes_are_as_the_caches_leave_them(void **state)
{
	const struct armvirt_guest_access a = {.va = 0x1234}, x = {.va = 0x1234, .fetch = true};

	(void)state;
	memory[1][1] = (memory[1][1] & ~BIT(6)) | 3 << 8;
	assert_int_equal(translate(&a).sh, 3);
	mmu.sctlr &= ~BIT(2); /* C */
	assert_int_equal(translate(&a).attr, 0x44);
	assert_int_equal(translate(&a).sh, 2);
	assert_int_equal(translate(&x).attr, 0xff);
	mmu.sctlr &= ~BIT(12); /* I */
	assert_int_equal(translate(&x).attr, 0x44);
	mmu.mair = 0x04; /* Device stays; instructions are not fetched from it as from a device */
	assert_int_equal(translate(&a).attr, 0x04);
	mmu.sctlr |= BIT(12);
	assert_int_equal(translate(&x).attr, 0x44);
	/* the second half of the attributes */
	mmu.sctlr |= BIT(2);
	mmu.mair2 = 0xbb;
	mmu.tcr2 = BIT(4);
	memory[1][1] |= BIT(59);
	assert_int_equal(translate(&a).attr, 0x04);
	mmu.has |= ARMVIRT_GUEST_HAS_AIE;
	assert_int_equal(translate(&a).attr, 0xbb);
}

static void a_tag_is_ignored_where_tcr_says(void **state)
{
	struct armvirt_guest_access a = {.va = 0x0a00000000001234};

	(void)state;
	mmu.tcr |= BIT(60); /* MTX0 */
	assert_int_equal(translate(&a).status, 0x04);
	mmu.has |= ARMVIRT_GUEST_HAS_MTX;
	assert_int_equal(translate(&a).ipa, 0x123456789234);
	a.fetch = true;
	assert_int_equal(translate(&a).status, 0x04);
	a = (struct armvirt_guest_access){.va = 0x1a00000000001234};
	assert_int_equal(translate(&a).status, 0x04);
}

/* Read, write and execute of EL1, then of EL0, as letters. */
static void rights_are(const char *el1, const char *el0)
{
	for (unsigned i = 0; i < 6; i++) {
		const struct armvirt_guest_access a = {
			.va = 0x1000, .write = i % 3 == 1, .fetch = i % 3 == 2, .el0 = i >= 3};
		const char *want = i < 3 ? el1 : el0;

		assert_int_equal(translate(&a).status,
				 strchr(want, "rwx"[i % 3]) ? ARMVIRT_GUEST_NO_FAULT : 0x0f);
	}
}

static void permissions_are_looked_up_where_pie_says(void **state)
{
	static const char *const meaning[16] = {"",  "r", "x",  "rx", "",   "rw", "rw",  "rwx",
						"r", "r", "rx", "",   "rw", "",   "rwx", ""};

	(void)state;
	mmu.tcr2 = BIT(1);
	mmu.has |= ARMVIRT_GUEST_HAS_S1PIE;
	memory[1][1] = 0x123456789000 | BIT(10) | BIT(54) | BIT(51) | 3; /* index 10 */
	memory[0][0] |= BIT(62) | BIT(61) | BIT(60) | BIT(59);           /* tables limit nothing */
	for (unsigned p = 0; p < 16; p++) {
		mmu.pir = (uint64_t)p << 40;
		mmu.pire0 = 0;
		rights_are(meaning[p], "");
		mmu.pire0 = UINT64_C(1) << 40;
		rights_are(meaning[p], "r");
		/* what EL0 writes, EL1 does not execute: then nobody does anything */
		mmu.pire0 = UINT64_C(5) << 40;
		if (p == 2 || p == 3 || p == 6 || p == 7 || p == 9 || p == 10 || p == 14)
			rights_are("", "");
		else
			rights_are(meaning[p], "rw");
	}
	/* nDirty takes the write away, unless hardware manages dirty state */
	mmu.pir = UINT64_C(5) << 40;
	mmu.pire0 = 0;
	memory[1][1] |= BIT(7);
	rights_are("r", "");
	mmu.tcr |= BIT(39) | BIT(40);
	mmu.has |= ARMVIRT_GUEST_HAS_HAF | ARMVIRT_GUEST_HAS_HDBS;
	rights_are("rw", "");
}

static void overlays_take_away_where_poe_says(void **state)
{
	static const char *const meaning[16] = {"", "r", "x", "rx", "w", "rw", "wx", "rwx"};

	(void)state;
	memory[1][1] =
		0x123456789000 | BIT(10) | BIT(54) | BIT(60) | BIT(62) | 3; /* EL1 rwx, index 5 */
	mmu.has |= ARMVIRT_GUEST_HAS_S1POE;
	mmu.tcr2 = BIT(2) | BIT(3);
	for (unsigned o = 0; o < 16; o++) {
		mmu.por = (uint64_t)o << 20;
		rights_are(meaning[o] ? meaning[o] : "", "");
	}
	mmu.por = UINT64_C(7) << 20;
	mmu.sctlr |= BIT(19); /* WXN */
	rights_are("rx", ""); /* the overlay lets it execute: no write */
	mmu.por = UINT64_C(5) << 20;
	rights_are("rw", "");
	mmu.por = UINT64_C(7) << 20;
	mmu.sctlr &= ~BIT(19);
	memory[0][0] |= BIT(62) | BIT(59); /* tables limit nothing, whichever side has overlays */
	rights_are("rwx", "");
	mmu.tcr2 = BIT(2);
	rights_are("rwx", "");
	mmu.tcr2 = 0;
	rights_are("r", "");
	memory[0][0] = (BASE + 0x1000) | 3;
	mmu.por = 0;
	rights_are("rwx", "");
	/* EL0's own */
	memory[1][1] |= BIT(6);
	mmu.tcr2 = BIT(2);
	mmu.por0 = UINT64_C(1) << 20;
	rights_are("rw", "r");
}

static void the_processor_says_what_it_has(void **state)
{
	struct armvirt_idregs id = {{0}};

	(void)state;
	armvirt_guest_mmu_init(&mmu, &id);
	assert_int_equal(mmu.has, 0);
	assert_int_equal(mmu.hcr, HCR_RW);
	assert_int_equal(mmu.pa_bits, 32);
	/* QEMU's max */
	id.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = 0x2100032310201126;
	id.reg[ARMVIRT_IDREG_ID_AA64MMFR1_EL1] = 0x0110112010312122;
	id.reg[ARMVIRT_IDREG_ID_AA64MMFR2_EL1] = 0x1221011112011011;
	id.reg[ARMVIRT_IDREG_ID_AA64ISAR1_EL1] = 0x0111211110211502;
	armvirt_guest_mmu_init(&mmu, &id);
	assert_int_equal(mmu.pa_bits, 52);
	assert_int_equal(mmu.has, ARMVIRT_GUEST_HAS_LVA | ARMVIRT_GUEST_HAS_LPA2 |
					  ARMVIRT_GUEST_HAS_TTST | ARMVIRT_GUEST_HAS_HAF |
					  ARMVIRT_GUEST_HAS_HDBS | ARMVIRT_GUEST_HAS_HPD |
					  ARMVIRT_GUEST_HAS_E0PD | ARMVIRT_GUEST_HAS_PAN3 |
					  ARMVIRT_GUEST_HAS_TBID);
	id = (struct armvirt_idregs){{0}};
	id.reg[ARMVIRT_IDREG_ID_AA64MMFR3_EL1] = 1 << 8 | 1 << 16 | 1 << 24;
	id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = BIT(52);
	id.reg[ARMVIRT_IDREG_ID_MMFR4_EL1] = 1 << 16;
	id.reg[ARMVIRT_IDREG_ID_AA64ISAR2_EL1] = 5 << 12;
	armvirt_guest_mmu_init(&mmu, &id);
	assert_int_equal(mmu.has, ARMVIRT_GUEST_HAS_S1PIE | ARMVIRT_GUEST_HAS_S1POE |
					  ARMVIRT_GUEST_HAS_AIE | ARMVIRT_GUEST_HAS_MTX |
					  ARMVIRT_GUEST_HAS_HPD32 | ARMVIRT_GUEST_HAS_TBID);
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
		cmocka_unit_test_setup(hcr_turns_stage_1_off, reset),
		cmocka_unit_test_setup(attributes_are_as_the_caches_leave_them, reset),
		cmocka_unit_test_setup(a_tag_is_ignored_where_tcr_says, reset),
		cmocka_unit_test_setup(permissions_are_looked_up_where_pie_says, reset),
		cmocka_unit_test_setup(overlays_take_away_where_poe_says, reset),
		cmocka_unit_test_setup(the_processor_says_what_it_has, reset),
		cmocka_unit_test_setup(ranges_lie_inside_one_span_or_nowhere, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
