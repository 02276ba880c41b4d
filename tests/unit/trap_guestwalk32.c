/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of an AArch32 EL1, and instructions fetched through them. */
#include "test.h"

#include <libarmvirt/guestwalk.h>

#define BIT(n) (1ull << (n))
#define BASE   0x40000000ull
#define LPAE   BIT(31)
#define SVC    0x13
#define T32    BIT(5)

static _Alignas(16384) union {
	uint64_t d[2048];
	uint32_t s[4096];
	uint16_t h[8192];
	uint8_t b[16384];
} memory;
static const struct armvirt_guest_span span = {BASE, sizeof(memory), &memory};
static const struct armvirt_guest_memory guest = {&span, 1};
static struct armvirt_guest_mmu mmu;

static int reset(void **state)
{
	(void)state;
	memset(&memory, 0, sizeof(memory));
	mmu = (struct armvirt_guest_mmu){.sctlr = 1 | 1 << 2 | 1 << 12,
					 .ttbr0 = BASE,
					 .ttbr1 = BASE,
					 .dacr = 0x55555555,
					 .pa_bits = 40};
	return 0;
}

static struct armvirt_guest_translation at(uint64_t va, char kind, bool el0)
{
	const struct armvirt_guest_access a = {
		.va = va, .write = kind == 'w', .fetch = kind == 'x', .el0 = el0};
	struct armvirt_guest_translation t;

	memset(&t, 0xa5, sizeof(t));
	assert_int_equal(armvirt_guest_translate(&t, &mmu, &guest, &a), ARMVIRT_OK);
	return t;
}

/* --- short descriptors --- */

static void sections_and_pages_have_their_sizes(void **state)
{
	static const struct {
		uint32_t first, second;
		uint64_t va, ipa;
		int level;
	} rows[] = {
		{0x12300c02, 0, 0x0000abcd, 0x1230abcd, 1},
		{0x12300c02, 0, UINT64_C(0x100000000abcd), 0x1230abcd, 1}, /* the upper half */
		/* supersection: 40 bits; SS is bit 18 */
		{0x12000c02 | 1 << 18 | 5 << 20 | 3 << 5, 0, 0x0000abcd, 0x351200abcd, 1},
		{(uint32_t)BASE + 0x400 + 1, 0x12345032, 0xabc, 0x12345abc, 2}, /* small */
		{(uint32_t)BASE + 0x400 + 1, 0x12340031, 0xabc, 0x12340abc, 2}, /* large */
		{(uint32_t)BASE + 0x400 + 1, 0x1234f031, 0xabc, 0x12340abc, 2}, /* XN, TEX */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct armvirt_guest_translation t;

		memory.s[0] = rows[i].first;
		memory.s[0x100] = rows[i].second;
		t = at(rows[i].va, 'r', false);
		assert_int_equal(t.status, ARMVIRT_GUEST_NO_FAULT);
		assert_int_equal(t.ipa, rows[i].ipa);
		assert_int_equal(t.level, rows[i].level);
		assert_int_equal(t.walk, rows[i].level == 1 ? BASE : BASE + 0x400);
		assert_int_equal(t.fsr, 0);
	}
}

static void ttbcr_n_splits_the_address_space(void **state)
{
	(void)state;
	mmu.tcr = 4; /* 256 MiB below: a table of 1 KiB */
	mmu.ttbr0 = BASE + 0x400 + 0x7f;
	mmu.ttbr1 = BASE;
	memory.s[0x100 + 0xff] = 0x11100c02;
	memory.s[0x100] = 0x22200c02; /* of 0x0, and of 0x10000000 in the upper half */
	memory.s[0xfff] = 0x33300c02;
	assert_int_equal(at(0x0ff00000, 'r', false).ipa, 0x11100000);
	assert_int_equal(at(0, 'r', false).ipa, 0x22200000);
	assert_int_equal(at(0x10000000, 'r', false).ipa, 0x22200000);
	assert_int_equal(at(0xfff12345, 'r', false).ipa, 0x33312345);
	mmu.tcr |= BIT(5); /* PD1 */
	assert_int_equal(at(0xfff12345, 'r', false).fsr, 0x05);
	assert_int_equal(at(0, 'r', false).status, ARMVIRT_GUEST_NO_FAULT);
	mmu.tcr = 4 | BIT(4);
	assert_int_equal(at(0, 'r', false).fsr, 0x05);
	assert_int_equal(at(0, 'r', false).status, 0x05);
	assert_int_equal(at(0, 'r', false).walk, 0);
}

static void domains_come_before_permissions(void **state)
{
	(void)state;
	memory.s[0] = 0x12300002 | 3 << 5; /* AP 0, domain 3 */
	memory.s[1] = (uint32_t)BASE + 0x400 + 1 + (3 << 5);
	memory.s[0x100] = 0x12345002;
	assert_int_equal(at(0, 'r', false).fsr, 0x3d);
	assert_int_equal(at(0, 'x', false).fsr, 0x0d);
	assert_int_equal(at(0x100000, 'w', true).fsr, 0x3f);
	assert_int_equal(at(0x101000, 'w', true).fsr, 0x37); /* nothing there */
	mmu.dacr = 0;
	assert_int_equal(at(0, 'r', false).fsr, 0x39);
	assert_int_equal(at(0, 'r', false).status, ARMVIRT_GUEST_DOMAIN_FAULT);
	assert_int_equal(at(0x100000, 'r', false).fsr, 0x3b);
	assert_int_equal(at(0x100000, 'r', false).status, ARMVIRT_GUEST_DOMAIN_FAULT + 1);
	mmu.dacr = 2 << 6; /* reserved */
	assert_int_equal(at(0, 'r', false).status, ARMVIRT_GUEST_DOMAIN_FAULT);
	mmu.dacr = 3 << 6;         /* manager */
	memory.s[0] |= 1 << 4 | 1; /* XN, PXN */
	mmu.sctlr |= BIT(19);
	assert_int_equal(at(0, 'w', true).ipa, 0x12300000);
	assert_int_equal(at(0, 'x', false).ipa, 0x12300000);
	/* which the access flag does not know */
	mmu.sctlr |= BIT(29);
	assert_int_equal(at(0, 'r', false).fsr, 0x33);
	assert_int_equal(at(0x100000, 'r', false).fsr, 0x36);
	mmu.dacr = 0;
	assert_int_equal(at(0x100000, 'r', false).status, 0x0a);
}

/* Every AP, in both models, with every execute-never bit. */
static void permissions_are_those_of_the_tables(void **state)
{
	static const char *const full[8][2] = {{"", ""}, {"rw", ""}, {"rw", "r"}, {"rw", "rw"},
					       {"", ""}, {"r", ""},  {"r", "r"},  {"r", "r"}};
	static const char *const simple[4][2] = {{"rw", ""}, {"rw", "rw"}, {"r", ""}, {"r", "r"}};

	(void)state;
	for (unsigned i = 0; i < 8 * 2 * 4 * 4; i++) {
		unsigned ap = i & 7, afe = i >> 3 & 1, never = i >> 4 & 3, sctlr = i >> 6;
		const char *const *m = afe ? simple[ap >> 1] : full[ap];
		bool xn = never & 1, pxn = never & 2, wxn = sctlr & 1, uwxn = sctlr & 2;

		if (afe && !(ap & 1))
			continue;
		memory.s[0] = 0x12300002 | (ap & 3) << 10 | (ap >> 2) << 15 | xn << 4 | pxn;
		mmu.sctlr = 0x1005 | afe << 29 | wxn << 19 | uwxn << 20;
		for (unsigned el = 0; el < 2; el++) {
			const char *mine = m[!el];
			bool w = strchr(mine, 'w'), x = strchr(mine, 'r') && !xn && !(wxn && w);

			if (el)
				x = x && !pxn && !(uwxn && strchr(m[1], 'w'));
			assert_int_equal(at(0, 'r', !el).status,
					 strchr(mine, 'r') ? ARMVIRT_GUEST_NO_FAULT : 0x0d);
			assert_int_equal(at(0, 'w', !el).status, w ? ARMVIRT_GUEST_NO_FAULT : 0x0d);
			assert_int_equal(at(0, 'x', !el).status, x ? ARMVIRT_GUEST_NO_FAULT : 0x0d);
		}
	}
}

static void attributes_of(unsigned tex_c_b, bool s, unsigned attr, unsigned sh)
{
	struct armvirt_guest_translation t;

	memory.s[0] = 0x12300c02 | (tex_c_b >> 2) << 12 | (tex_c_b & 3) << 2 | (unsigned)s << 16;
	t = at(0, 'r', false);
	assert_int_equal(t.attr, attr);
	assert_int_equal(t.sh, sh);
}

static void tex_c_and_b_name_attributes(void **state)
{
	(void)state;
	attributes_of(0, false, 0x00, 2);
	attributes_of(1, false, 0x04, 2);
	attributes_of(2, false, 0xaa, 0);
	attributes_of(2, true, 0xaa, 2);
	attributes_of(3, true, 0xee, 2);
	attributes_of(4, false, 0x44, 2);
	attributes_of(7, false, 0xff, 0);
	attributes_of(8, false, 0x04, 2);
	attributes_of(0x14, true, 0xf4, 2); /* outer WB RWA, inner none */
	attributes_of(0x1b, false, 0xae, 0);
	attributes_of(0x10, false, 0x44, 2);
	/* remapped: region 5 is Normal, WB inside, WT outside; shared by NS1 if S, inner by NOS5 */
	mmu.sctlr |= BIT(28);
	mmu.mair = UINT64_C(2) << 10 | BIT(19) | (UINT64_C(1) << 10 | UINT64_C(2) << 26) << 32;
	attributes_of(5, false, 0xaf, 0);
	attributes_of(5, true, 0xaf, 2);
	mmu.mair |= BIT(29);
	attributes_of(5, true, 0xaf, 3);
	attributes_of(0x1d, true, 0xaf, 3); /* TEX[2:1] are software's */
	attributes_of(1, true, 0x00, 2);
	mmu.mair |= 1 << 2;
	attributes_of(1, true, 0x04, 2);
}

static void big_endian_tables_are_read_as_such(void **state)
{
	(void)state;
	mmu.sctlr |= BIT(25);
	memory.b[0] = 0x12;
	memory.b[1] = 0x30;
	memory.b[2] = 0x0c;
	memory.b[3] = 0x02;
	assert_int_equal(at(0xabc, 'r', false).ipa, 0x12300abc);
	assert_int_equal(at(0xabc, 'r', false).descriptor, 0x12300c02);
}

static void a_table_outside_memory_is_an_external_abort(void **state)
{
	(void)state;
	memory.s[0] = 0x80000001 | 5 << 5;
	assert_int_equal(at(0, 'r', false).fsr, 0x5e);
	assert_int_equal(at(0, 'r', false).status, 0x16);
	mmu.ttbr0 = 0x80000000;
	assert_int_equal(at(0, 'r', false).fsr, 0x0c);
	assert_int_equal(at(0, 'r', false).status, 0x15);
}

/* --- long descriptors --- */

static void long_tables_have_three_levels(void **state)
{
	struct armvirt_guest_translation t;

	(void)state;
	mmu.tcr = LPAE;
	mmu.mair = UINT64_C(0xff) << 40; /* Attr5: MAIR1 */
	memory.d[0] = 0x80000000 | BIT(10) | BIT(6) | 1;
	memory.d[1] = (BASE + 0x1000) | 3;
	memory.d[512] = 0x12200000 | BIT(10) | BIT(6) | 5 << 2 | 3 << 8 | 1;
	memory.d[513] = (BASE + 0x2000) | 3;
	memory.d[1024] = 0xff12345000 | BIT(10) | BIT(6) | 3;
	assert_int_equal(at(0x3fffffff, 'r', false).ipa, 0xbfffffff);
	t = at(0x400abcde, 'r', false);
	assert_int_equal(t.ipa, 0x122abcde);
	assert_int_equal(t.attr, 0xff);
	assert_int_equal(t.sh, 3);
	assert_int_equal(t.level, 2);
	assert_int_equal(at(0x40200123, 'w', true).ipa, 0xff12345123);
	assert_int_equal(at(0x40200123, 'x', true).status, ARMVIRT_GUEST_NO_FAULT);
	/* all of XN, at both levels of privilege; UWXN; limits of tables, unless they are off */
	mmu.sctlr |= BIT(20);
	assert_int_equal(at(0x40200123, 'x', false).fsr, 0x20f);
	assert_int_equal(at(0x40200123, 'x', true).status, ARMVIRT_GUEST_NO_FAULT);
	mmu.sctlr &= ~BIT(20);
	memory.d[1] |= BIT(60);
	assert_int_equal(at(0x40200123, 'x', true).fsr, 0x20f);
	assert_int_equal(at(0x40200123, 'x', false).status, 0x0f);
	mmu.tcr |= BIT(41) | BIT(6);
	assert_int_equal(at(0x40200123, 'x', false).status, 0x0f);
	mmu.has |= ARMVIRT_GUEST_HAS_HPD32;
	assert_int_equal(at(0x40200123, 'x', false).status, ARMVIRT_GUEST_NO_FAULT);
	mmu.tcr &= ~BIT(6); /* T2E */
	assert_int_equal(at(0x40200123, 'x', false).status, 0x0f);
}

static void long_faults_have_their_levels(void **state)
{
	(void)state;
	mmu.tcr = LPAE;
	memory.d[0] = 0x80000000 | BIT(6) | 1;
	memory.d[1] = BIT(40) | 0x80000000 | BIT(10) | 1;
	memory.d[2] = BIT(47) | (BASE + 0x1000) | 3;
	assert_int_equal(at(0, 'r', false).fsr, 0x209);
	assert_int_equal(at(0x40000000, 'r', false).fsr, 0x201);
	assert_int_equal(at(0x80000000, 'r', false).fsr, 0x201);
	assert_int_equal(at(0xc0000000, 'r', false).fsr, 0x205);
	mmu.ttbr0 |= BIT(40);
	assert_int_equal(at(0, 'r', false).fsr, 0x200);
	mmu.ttbr0 = BASE | BIT(48); /* the ASID */
	mmu.tcr |= 1 | 2 << 16;     /* 2 GiB below, 1 GiB above, a gap */
	memory.d[0] = 0xc0000000 | BIT(10) | 1;
	mmu.ttbr1 = BASE + 0x1000;
	memory.d[512] = 0x12200000 | BIT(10) | 1;
	assert_int_equal(at(0x3fffffff, 'r', false).ipa, 0xffffffff);
	assert_int_equal(at(0xc0000000, 'r', false).ipa, 0x12200000); /* starts at level 2 */
	assert_int_equal(at(0xbfffffff, 'r', false).fsr, 0x205);
	assert_int_equal(at(0xbfffffff, 'r', false).walk, 0);
	mmu.tcr |= BIT(23); /* EPD1 */
	assert_int_equal(at(0xc0000000, 'r', false).fsr, 0x205);
	mmu.tcr |= BIT(7);
	assert_int_equal(at(0, 'r', false).fsr, 0x205);
}

static void off_is_flat(void **state)
{
	(void)state;
	mmu.sctlr = 0;
	assert_int_equal(at(0xffff12345678, 'r', false).ipa, 0x12345678);
	assert_int_equal(at(0, 'r', false).attr, 0);
	assert_int_equal(at(0, 'x', false).attr, 0x44);
	mmu.sctlr = BIT(12) | 1;
	mmu.hcr = BIT(12);
	assert_int_equal(at(0, 'x', false).attr, 0xff);
}

/* --- instructions --- */

static enum armvirt_status fetch(uint32_t *word, uint64_t pc, uint64_t pstate)
{
	const struct armvirt_frame frame = {.pc = pc, .pstate = pstate};

	return armvirt_guest_fetch(word, &mmu, &guest, &frame);
}

static void a32_and_t32_are_fetched(void **state)
{
	uint32_t word = 7;

	(void)state;
	/* two pages that do not follow each other: 0x0000 is the last of memory, 0x1000 before it
	 */
	memory.s[0] = (uint32_t)BASE + 0x400 + 1;
	memory.s[0x100] = ((uint32_t)BASE + 0x3000) | 0x32;
	memory.s[0x101] = ((uint32_t)BASE + 0x2000) | 0x32;
	memory.s[0xffc / 4 + 0xc00] = 0xf8d06801; /* LDR, then the first half of LDR.W */
	memory.h[0x1000] = 0x1004;
	assert_int_equal(fetch(&word, 0xffc, SVC), ARMVIRT_OK);
	assert_int_equal(word, 0xf8d06801);
	assert_int_equal(fetch(&word, 0xffe, SVC), ARMVIRT_E_ALIGN);
	assert_int_equal(fetch(&word, 0xffc, SVC | T32), ARMVIRT_OK);
	assert_int_equal(word, 0x6801);
	assert_int_equal(fetch(&word, 0xffe, SVC | T32), ARMVIRT_OK);
	assert_int_equal(word, 0xf8d01004);
	assert_int_equal(fetch(&word, 0xfff, SVC | T32), ARMVIRT_E_ALIGN);
	/* 0b11101 and above have two halves */
	memory.h[0x1800] = 0xe7ff;
	memory.h[0x1801] = 0xe800;
	assert_int_equal(fetch(&word, 0, SVC | T32), ARMVIRT_OK);
	assert_int_equal(word, 0xe7ff);
	assert_int_equal(fetch(&word, 2, SVC | T32), ARMVIRT_OK);
	assert_int_equal(word, 0xe8000000);
	assert_int_equal(fetch(&word, 0xffe, SVC | T32), ARMVIRT_OK);
	/* the second half is not there, or not here */
	memory.s[0x101] = 0;
	assert_int_equal(fetch(&word, 0xffe, SVC | T32), ARMVIRT_RETRY);
	memory.s[0x101] = 0x80000032;
	assert_int_equal(fetch(&word, 0xffe, SVC | T32), ARMVIRT_E_ABSENT);
	assert_int_equal(word, 0xf8d01004);
	assert_int_equal(fetch(&word, 0xffc, SVC | T32), ARMVIRT_OK);
	/* EL0 by its own permissions */
	memory.s[0x100] = ((uint32_t)BASE + 0x3000) | 0x12;
	assert_int_equal(fetch(&word, 0xffc, 0x10), ARMVIRT_RETRY);
	assert_int_equal(fetch(&word, 0xffc, 0x1f), ARMVIRT_OK);
	/* EL0 of an AArch64 EL1 walks its tables */
	mmu.hcr = BIT(31);
	mmu.tcr = 34 | BIT(23);
	mmu.has = ARMVIRT_GUEST_HAS_TTST;
	memory.d[0] = (BASE & 0x7fe00000) | BIT(10) | BIT(6) | 1;
	assert_int_equal(fetch(&word, 0x3ffc, 0x10), ARMVIRT_OK);
	assert_int_equal(word, 0xf8d06801);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sections_and_pages_have_their_sizes, reset),
		cmocka_unit_test_setup(ttbcr_n_splits_the_address_space, reset),
		cmocka_unit_test_setup(domains_come_before_permissions, reset),
		cmocka_unit_test_setup(permissions_are_those_of_the_tables, reset),
		cmocka_unit_test_setup(tex_c_and_b_name_attributes, reset),
		cmocka_unit_test_setup(big_endian_tables_are_read_as_such, reset),
		cmocka_unit_test_setup(a_table_outside_memory_is_an_external_abort, reset),
		cmocka_unit_test_setup(long_tables_have_three_levels, reset),
		cmocka_unit_test_setup(long_faults_have_their_levels, reset),
		cmocka_unit_test_setup(off_is_flat, reset),
		cmocka_unit_test_setup(a32_and_t32_are_fetched, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
