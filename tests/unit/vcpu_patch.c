/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/patch.h>

#include "test.h"

#define NOP UINT32_C(0xd503201f)

enum { WORDS = 32, ENTRIES = 4 };

/* Code, what replaces parts of it, and the table, in one piece that can be copied. */
static struct image {
	uint32_t code[WORDS];
	uint32_t replacement[WORDS];
	struct armvirt_patch table[ENTRIES + 1];
} image, before;
static uint32_t copy[WORDS];
static struct armvirt_patch_text text;

static void entry(unsigned n, unsigned site, unsigned words, unsigned from, unsigned count,
		  unsigned capability)
{
	struct armvirt_patch *p = &image.table[n + 1];

	p->site = (int32_t)((char *)&image.code[site] - (char *)&p->site);
	p->replacement = (int32_t)((char *)&image.replacement[from] - (char *)&p->replacement);
	p->site_bytes = (uint8_t)(4 * words);
	p->bytes = (uint8_t)(4 * count);
	p->capability = (uint16_t)capability;
}

static void make(void)
{
	memset(&image, 0, sizeof(image));
	for (unsigned i = 0; i < WORDS; i++) {
		image.code[i] = UINT32_C(0x91000000) + i; /* add x0, x0, #.. */
		image.replacement[i] = UINT32_C(0xd2800000) + (i << 5);
	}
	image.table[0].site = sizeof(image.table);
	entry(0, 0, 2, 0, 1, 0);
	entry(1, 5, 3, 1, 3, 1);
	entry(2, 5, 3, 4, 0, 2); /* overrules the one before */
	entry(3, WORDS - 1, 1, 5, 1, 63);
	before = image;
	memcpy(copy, image.code, sizeof(copy));
	text = (struct armvirt_patch_text){(uintptr_t)image.code, sizeof(image.code), copy};
}

/* What must stand there, said again in another way. */
static unsigned expect(uint32_t out[WORDS], uint64_t can)
{
	unsigned n = 0;

	memcpy(out, before.code, sizeof(before.code));
	if (can & 1) {
		out[0] = before.replacement[0];
		out[1] = NOP;
		n++;
	}
	if (can & 6)
		n++;
	for (unsigned i = 0; i < 3; i++) {
		if (can & 4)
			out[5 + i] = NOP;
		else if (can & 2)
			out[5 + i] = before.replacement[1 + i];
	}
	if (can >> 63) {
		out[WORDS - 1] = before.replacement[5];
		n++;
	}
	return n;
}

static void every_mask(void **state)
{
	(void)state;
	for (unsigned m = 0; m < 16; m++) {
		uint64_t can = (m & 7) | (uint64_t)(m >> 3) << 63;
		unsigned applied = 99, seen = 99, n;
		uint32_t out[WORDS];

		make();
		n = expect(out, can);
		assert_int_equal(armvirt_patch_verify(image.table, can, &text, &seen),
				 n ? ARMVIRT_E_MISMATCH : ARMVIRT_OK);
		for (unsigned twice = 0; twice < 2; twice++) {
			assert_int_equal(armvirt_patch_apply(image.table, can, &text, &applied),
					 ARMVIRT_OK);
			assert_int_equal(applied, n);
			assert_memory_equal(copy, out, sizeof(copy));
			assert_int_equal(armvirt_patch_verify(image.table, can, &text, &seen),
					 ARMVIRT_OK);
			assert_int_equal(seen, n);
		}
		assert_memory_equal(&image, &before, sizeof(image)); /* only through the alias */
		for (unsigned i = 0; i < WORDS; i++) {
			copy[i] ^= 4;
			if (out[i] == before.code[i])
				assert_int_equal(
					armvirt_patch_verify(image.table, can, &text, &seen),
					ARMVIRT_OK);
			else
				assert_int_equal(
					armvirt_patch_verify(image.table, can, &text, &seen),
					ARMVIRT_E_MISMATCH);
			copy[i] ^= 4;
		}
	}
}

static void refused(enum armvirt_status s)
{
	unsigned applied = 99;

	assert_int_equal(armvirt_patch_apply(image.table, ~UINT64_C(0), &text, &applied), s);
	assert_int_equal(armvirt_patch_verify(image.table, ~UINT64_C(0), &text, &applied), s);
	assert_int_equal(applied, 99);
	assert_memory_equal(copy, before.code, sizeof(copy));
}

static void what_cannot_be(void **state)
{
	(void)state;
	make();
	text.bytes -= 4; /* the last site */
	refused(ARMVIRT_E_RANGE);
	make();
	text.base += 4; /* the first one */
	refused(ARMVIRT_E_RANGE);
	make();
	image.table[4].capability = 64;
	refused(ARMVIRT_E_CORRUPT);
	make();
	image.table[4].bytes = 8;
	refused(ARMVIRT_E_CORRUPT);
	make();
	image.table[4].site_bytes = 6;
	refused(ARMVIRT_E_CORRUPT);
	make();
	image.table[4].site++;
	refused(ARMVIRT_E_CORRUPT);
	make();
	image.table[0].site--;
	refused(ARMVIRT_E_CORRUPT);
	make();
	image.table[0].site = 0;
	refused(ARMVIRT_E_CORRUPT);
}

/* Replacements are copied as they are. */
static void what_depends_on_its_address(void **state)
{
	static const uint32_t bad[] = {
		0x14000001, 0x17ffffff, 0x94000001,             /* b, bl */
		0x54000020, 0x54000030,                         /* b.eq, bc.eq */
		0x34000020, 0xb5000020, 0x36000020, 0xb7000020, /* cbz, cbnz, tbz, tbnz */
		0x10000000, 0x90000000, 0x70ffffe0,             /* adr, adrp */
		0x18000000, 0x58000000, 0x98000000, 0xd8000000, /* ldr, ldrsw, prfm of a literal */
		0x1c000000, 0x5c000000, 0x9c000000,             /* of FP */
	};
	static const uint32_t good[] = {
		0xd503201f, 0xd50330ff, 0xd5033fdf, 0xd50322df, /* nop, sb, isb, clrbhb */
		0xd2800020, 0x91000800, 0xd538c122, 0xd51c1100, /* mov, add, mrs, msr */
		0xf9400000, 0xa9400400, 0xd4000002, 0xd65f03c0, /* ldr, ldp, hvc, ret */
		0x38401c00, 0xaa0003e0, 0xf1000400,
	};
	unsigned applied;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		make();
		image.replacement[5] = bad[i];
		refused(ARMVIRT_E_CORRUPT);
	}
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		make();
		image.replacement[5] = good[i];
		assert_int_equal(armvirt_patch_apply(image.table, ~UINT64_C(0), &text, &applied),
				 ARMVIRT_OK);
		assert_int_equal(copy[WORDS - 1], good[i]);
	}
}

static uint64_t capabilities(enum armvirt_idreg reg, unsigned shift, unsigned value)
{
	struct armvirt_idregs id = {0};
	struct armvirt_features f;

	id.reg[reg] = (uint64_t)value << shift;
	armvirt_features_derive(&f, &id);
	return armvirt_patch_capabilities(&f);
}

static void what_a_cpu_can_do(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 16; v++) {
		assert_int_equal(capabilities(ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 36, v),
				 v >= 1 ? 1 << ARMVIRT_PATCH_SB : 0);
		assert_int_equal(capabilities(ARMVIRT_IDREG_ID_AA64ISAR2_EL1, 28, v),
				 v >= 1 ? 1 << ARMVIRT_PATCH_CLRBHB : 0);
		assert_int_equal(capabilities(ARMVIRT_IDREG_ID_AA64PFR0_EL1, 28, v),
				 v >= 1 ? 1 << ARMVIRT_PATCH_RAS : 0);
		assert_int_equal(capabilities(ARMVIRT_IDREG_ID_AA64PFR0_EL1, 56, v),
				 v >= 3 ? 1 << ARMVIRT_PATCH_NO_BHB : 0);
		assert_int_equal(capabilities(ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 60, v),
				 v >= 1 ? 1 << ARMVIRT_PATCH_NO_BHB : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mask),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(what_depends_on_its_address),
		cmocka_unit_test(what_a_cpu_can_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
