/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/insn.h>

static struct armvirt_frame frame;
static uint64_t sp;
static struct armvirt_insn_regs regs = {&frame, &sp, 4, false};

static int reset(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 31; i++)
		frame.x[i] = 0x1000 * (i + 1);
	frame.pc = 0x80000;
	frame.pstate = 5 | 1 << 10; /* BTYPE to be cleared */
	sp = 0x700000;
	regs.swap = false;
	return 0;
}

static struct armvirt_insn decode(uint32_t word)
{
	struct armvirt_insn i;
	enum armvirt_insn_class c = armvirt_insn_decode(&i, word);

	assert_true(c == ARMVIRT_INSN_ACCESS || c == ARMVIRT_INSN_ZERO);
	return i;
}

static void pairs_are_two_accesses(void **state)
{
	struct armvirt_insn i = decode(0xa9bf0be1); /* stp x1, x2, [sp, #-16]! */
	struct armvirt_memop op[2];

	(void)state;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x6ffff0);
	assert_int_equal(op[1].va, 0x6ffff8);
	assert_int_equal(op[0].value, 0x2000);
	assert_int_equal(op[1].value, 0x3000);
	assert_int_equal(op[0].bytes, 8);
	assert_true(op[0].write && op[1].write && !op[0].vector);
	armvirt_insn_finish(&i, &regs, NULL);
	assert_int_equal(sp, 0x6ffff0);
	assert_int_equal(frame.pc, 0x80004);
	assert_int_equal(frame.pstate, 5);
}

static void loads_extend_and_write_back(void **state)
{
	struct armvirt_insn i = decode(0x69c11062); /* ldpsw x2, x4, [x3, #8]! */
	struct armvirt_memop op[2];
	const uint64_t value[] = {0xffffffff80000001, 0x7fffffff};

	(void)state;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x4008);
	assert_int_equal(op[1].va, 0x400c);
	assert_false(op[0].write);
	armvirt_insn_finish(&i, &regs, value);
	assert_int_equal(frame.x[2], 0xffffffff80000001);
	assert_int_equal(frame.x[4], 0x7fffffff);
	assert_int_equal(frame.x[3], 0x4008);
	/* ldrsb w5, [x6], #-1 */
	i = decode(0x38dff4c5);
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x7000);
	armvirt_insn_finish(&i, &regs, (const uint64_t[]){0x80});
	assert_int_equal(frame.x[5], 0xffffff80);
	assert_int_equal(frame.x[6], 0x6fff);
	/* ldr xzr, [x6] leaves everything alone but the PC */
	i = decode(0xf94000df);
	armvirt_insn_finish(&i, &regs, value);
	assert_int_equal(frame.pc, 0x8000c);
}

static void index_registers_are_extended_and_shifted(void **state)
{
	struct armvirt_memop op[2];
	struct armvirt_insn i = decode(0xb862d820); /* ldr w0, [x1, w2, sxtw #2] */

	(void)state;
	frame.x[2] = 0x12345678ffffffff;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x2000 - 4);
	i = decode(0xb8625820); /* ldr w0, [x1, w2, uxtw #2] */
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x2000 + 0x3fffffffcull);
	i = decode(0xf8626820); /* ldr x0, [x1, x2] */
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x2000 + 0x12345678ffffffff);
	i = decode(0xb87f7820); /* ldr w0, [x1, xzr, lsl #2] */
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x2000);
	i = decode(0x58000040); /* ldr x0, . + 8 */
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x80008);
}

static void big_endian_elements_are_swapped(void **state)
{
	struct armvirt_memop op[2];
	struct armvirt_insn i = decode(0x79000041); /* strh w1, [x2] */

	(void)state;
	regs.swap = true;
	frame.x[1] = 0xffff1234;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].value, 0x3412);
	i = decode(0x79800041); /* ldrsh x1, [x2] */
	armvirt_insn_finish(&i, &regs, (const uint64_t[]){0x3480});
	assert_int_equal(frame.x[1], 0xffffffffffff8034);
}

static void zva_zeroes_the_block_of_its_address(void **state)
{
	struct armvirt_insn i;
	struct armvirt_memop op[2];

	(void)state;
	assert_int_equal(armvirt_insn_decode(&i, 0xd50b7423), ARMVIRT_INSN_ZERO); /* dc zva, x3 */
	frame.x[3] = 0x40ff;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x40c0);
	assert_int_equal(op[0].bytes, 64);
	assert_true(op[0].write);
	armvirt_insn_finish(&i, &regs, NULL);
	assert_int_equal(frame.x[3], 0x40ff);
	assert_int_equal(frame.pc, 0x80004);
	/* register 31 is XZR here, not SP */
	i = decode(0xd50b743f);
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0);
}

static void vector_registers_are_left_to_the_caller(void **state)
{
	struct armvirt_insn i = decode(0xacc10860); /* ldp q0, q2, [x3], #32 */
	struct armvirt_memop op[2];

	(void)state;
	armvirt_insn_accesses(&i, &regs, op);
	assert_true(op[0].vector && op[1].vector);
	assert_int_equal(op[0].bytes, 16);
	assert_int_equal(op[1].va, 0x4010);
	assert_int_equal(op[1].reg, 2);
	armvirt_insn_finish(&i, &regs, NULL);
	assert_int_equal(frame.x[3], 0x4020);
	assert_int_equal(frame.x[0], 0x1000);
}

static void acquire_and_release_forms_are_accesses(void **state)
{
	const struct {
		uint32_t word;
		unsigned bytes;
		int offset;
		bool write, sign, wide, vector;
	} rows[] = {
		{0xf8bfc020, 8, 0, false, false, true, false},  /* ldapr x0, [x1] */
		{0x38bfc020, 1, 0, false, false, false, false}, /* ldaprb w0, [x1] */
		{0xd95ff020, 8, -1, false, false, true, false}, /* ldapur x0, [x1, #-1] */
		{0xd9000020, 8, 0, true, false, true, false},   /* stlur x0, [x1] */
		{0x99808020, 4, 8, false, true, true, false},   /* ldapursw x0, [x1, #8] */
		{0x59c00020, 2, 0, false, true, false, false},  /* ldapursh w0, [x1] */
		{0xc8dffc20, 8, 0, false, false, true, false},  /* ldar x0, [x1] */
		{0x089f7c20, 1, 0, true, false, false, false},  /* stllrb w0, [x1] */
		{0x1dc00820, 16, 0, false, false, false, true}, /* ldapur q0, [x1] */
	};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(rows); n++) {
		struct armvirt_insn i = decode(rows[n].word);

		assert_true(i.ordered);
		assert_int_equal(i.bytes, rows[n].bytes);
		assert_int_equal(i.offset, rows[n].offset);
		assert_int_equal(i.write, rows[n].write);
		assert_int_equal(i.sign_extend, rows[n].sign);
		assert_int_equal(i.vector, rows[n].vector);
		assert_int_equal(i.base, 1);
		if (!i.write && !i.vector)
			assert_int_equal(i.wide, rows[n].wide);
	}
}

#define USR 0x10u
#define SVC 0x13u
#define FIQ 0x11u
#define T   0x20u

static struct armvirt_insn decode32(uint32_t word, uint64_t pstate)
{
	const struct armvirt_insn32 in = {word, pstate};
	struct armvirt_insn i;

	assert_int_equal(armvirt_insn32_decode(&i, &in), ARMVIRT_INSN_ACCESS);
	frame.pstate = pstate;
	return i;
}

static void banked_registers_have_their_numbers(void **state)
{
	/* SP and LR by mode, and R8 to R12 of FIQ: the architecture's table */
	const struct {
		uint64_t mode;
		uint8_t sp, lr, r8;
	} rows[] = {{0x10, 13, 14, 8}, {0x11, 29, 30, 24}, {0x12, 17, 16, 8}, {0x13, 19, 18, 8},
		    {0x17, 21, 20, 8}, {0x1b, 23, 22, 8},  {0x1f, 13, 14, 8}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 13), rows[i].sp);
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 14), rows[i].lr);
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 8), rows[i].r8);
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 12), rows[i].r8 + 4);
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 7), 7);
		assert_int_equal(armvirt_insn32_reg(rows[i].mode, 15), 0xff);
	}
	struct armvirt_insn i = decode32(0xe58de004, SVC); /* str lr, [sp, #4] */
	assert_int_equal(i.reg[0], 18);
	assert_int_equal(i.base, 19);
}

static void a32_addresses_wrap_and_shift(void **state)
{
	struct armvirt_memop op[2];
	struct armvirt_insn i = decode32(0xe6910102, USR); /* ldr r0, [r1], r2, lsl #2 */

	(void)state;
	frame.x[1] = 0xdead0000fffffffc;
	frame.x[2] = 0xdead000000000002;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0xfffffffc);
	armvirt_insn_finish(&i, &regs, (const uint64_t[]){0x1122334455667788});
	assert_int_equal(frame.x[0], 0x55667788);
	assert_int_equal(frame.x[1], 4); /* 0xfffffffc + 8 */
	assert_int_equal(frame.pc, 0x80004);

	frame.x[1] = 0x1000;
	frame.x[2] = 0x80000001;
	const struct {
		uint32_t word;
		uint64_t flags, va;
	} rows[] = {
		{0xe7910002, 0, 0x80001001},        /* ldr r0, [r1, r2] */
		{0xe7110002, 0, 0x80000fff},        /* ldr r0, [r1, -r2] */
		{0xe7910022, 0, 0x1000},            /* lsr #32 */
		{0xe79100a2, 0, 0x40001000},        /* lsr #1 */
		{0xe7910042, 0, 0x0fff},            /* asr #32 */
		{0xe79100c2, 0, 0xc0001000},        /* asr #1 */
		{0xe7910062, 0, 0x40001000},        /* rrx, carry clear */
		{0xe7910062, 1u << 29, 0xc0001000}, /* rrx, carry set */
		{0xe79100e2, 0, 0xc0001000},        /* ror #1 */
		{0xe5110ffc, 0, 0x4},               /* ldr r0, [r1, #-0xffc] */
	};
	for (size_t n = 0; n < COUNT_OF(rows); n++) {
		i = decode32(rows[n].word, USR | rows[n].flags);
		armvirt_insn_accesses(&i, &regs, op);
		assert_int_equal(op[0].va, rows[n].va);
	}
}

static void a32_and_t32_forms_are_completed(void **state)
{
	struct armvirt_memop op[2];
	struct armvirt_insn i = decode32(0xe1c020d8, USR); /* ldrd r2, r3, [r0, #8] */

	(void)state;
	frame.x[0] = 0x2000;
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x2008);
	assert_int_equal(op[1].va, 0x200c);
	assert_int_equal(op[0].bytes, 4);
	armvirt_insn_finish(&i, &regs, (const uint64_t[]){7, 9});
	assert_int_equal(frame.x[2], 7);
	assert_int_equal(frame.x[3], 9);
	/* ldrsb r0, [r1, r2] in T32: sign to 32 bits, two bytes on, IT advances */
	i = decode32(0x5688, USR | T | 1u << 11);
	frame.pc = 0x1002;
	armvirt_insn_finish(&i, &regs, (const uint64_t[]){0x80});
	assert_int_equal(frame.x[0], 0xffffff80);
	assert_int_equal(frame.pc, 0x1004);
	assert_int_equal(frame.pstate, USR | T);
	/* ldr r1, [pc, #4]: the PC is aligned, and 4 ahead */
	frame.pc = 0x1002;
	i = decode32(0x4901, USR | T);
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x1008);
	/* ldr.w r1, [pc, #-4] */
	i = decode32(0xf85f1004, USR | T);
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x1000);
	/* ldr r1, [pc, #-8] in A32 */
	frame.pc = 0x1000;
	i = decode32(0xe51f1008, FIQ);
	armvirt_insn_accesses(&i, &regs, op);
	assert_int_equal(op[0].va, 0x1000);
}

static void a32_and_t32_refusals_say_why(void **state)
{
	const struct {
		uint32_t word, pstate;
		enum armvirt_insn_class want;
	} rows[] = {
		{0xe8bd8010, USR, ARMVIRT_INSN_MULTIPLE},      /* pop {r4, pc} */
		{0xe1910f9f, USR, ARMVIRT_INSN_EXCLUSIVE},     /* ldrex r0, [r1] */
		{0xe1010092, USR, ARMVIRT_INSN_ATOMIC},        /* swp r0, r2, [r1] */
		{0xed910b00, USR, ARMVIRT_INSN_STRUCTURE},     /* vldr d0, [r1] */
		{0xf421070f, USR, ARMVIRT_INSN_STRUCTURE},     /* vld1.8 {d0}, [r1] */
		{0xf5d1f000, USR, ARMVIRT_INSN_PREFETCH},      /* pld [r1] */
		{0xe591f000, USR, ARMVIRT_INSN_OTHER},         /* ldr pc, [r1] */
		{0xe4911004, USR, ARMVIRT_INSN_OTHER},         /* ldr r1, [r1], #4 */
		{0xe0810002, USR, ARMVIRT_INSN_OTHER},         /* add */
		{0xe0c320d8, USR, ARMVIRT_INSN_OTHER},         /* ldrd r2, r3, [r3], #8 */
		{0xe1c030d8, USR, ARMVIRT_INSN_OTHER},         /* ldrd r3, r4, [r0, #8] */
		{0xe8f32302, USR | T, ARMVIRT_INSN_OTHER},     /* ldrd r2, r3, [r3], #8 */
		{0xbd10, USR | T, ARMVIRT_INSN_MULTIPLE},      /* pop {r4, pc} */
		{0xc901, USR | T, ARMVIRT_INSN_MULTIPLE},      /* ldm r1!, {r0} */
		{0xe8510f00, USR | T, ARMVIRT_INSN_EXCLUSIVE}, /* ldrex r0, [r1] */
		{0xe8d1f000, USR | T, ARMVIRT_INSN_OTHER},     /* tbb [r1, r0] */
		{0xf891f000, USR | T, ARMVIRT_INSN_PREFETCH},  /* pld [r1] */
		{0xf921070f, USR | T, ARMVIRT_INSN_STRUCTURE}, /* vld1.8 {d0}, [r1] */
		{0xed910b00, USR | T, ARMVIRT_INSN_STRUCTURE}, /* vldr d0, [r1] */
		{0xbf00, USR | T, ARMVIRT_INSN_OTHER},         /* nop */
	};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(rows); n++) {
		const struct armvirt_insn32 in = {rows[n].word, rows[n].pstate};
		struct armvirt_insn i;

		if (armvirt_insn32_decode(&i, &in) != rows[n].want)
			fail_msg("%#x is %s", rows[n].word,
				 armvirt_insn_class_name(armvirt_insn32_decode(&i, &in)));
	}
}

static void refusals_say_why(void **state)
{
	const struct {
		uint32_t word;
		enum armvirt_insn_class want;
	} rows[] = {
		{0xc85f7c20, ARMVIRT_INSN_EXCLUSIVE}, /* ldxr x0, [x1] */
		{0xc8007c41, ARMVIRT_INSN_EXCLUSIVE}, /* stxr w0, x1, [x2] */
		{0xc87f0440, ARMVIRT_INSN_EXCLUSIVE}, /* ldxp x0, x1, [x2] */
		{0x48207c82, ARMVIRT_INSN_ATOMIC},    /* casp x0, x1, x2, x3, [x4] */
		{0xc8a07c41, ARMVIRT_INSN_ATOMIC},    /* cas x0, x1, [x2] */
		{0xf8200041, ARMVIRT_INSN_ATOMIC},    /* ldadd x0, x1, [x2] */
		{0xf8208041, ARMVIRT_INSN_ATOMIC},    /* swp x0, x1, [x2] */
		{0x4c407000, ARMVIRT_INSN_STRUCTURE}, /* ld1 {v0.16b}, [x0] */
		{0x0d400000, ARMVIRT_INSN_STRUCTURE}, /* ld1 {v0.b}[0], [x0] */
		{0xa5404000, ARMVIRT_INSN_SVE},       /* ld1w {z0.s}, p0/z, [x0] */
		{0xd9600020, ARMVIRT_INSN_TAG},       /* ldg x0, [x1] */
		{0x69000040, ARMVIRT_INSN_TAG},       /* stgp x0, x0, [x2] */
		{0x19010440, ARMVIRT_INSN_COPY},      /* cpyfp [x0]!, [x1]!, x2! */
		{0xf8200420, ARMVIRT_INSN_SIGNED},    /* ldraa x0, [x1] */
		{0xf9800020, ARMVIRT_INSN_PREFETCH},  /* prfm pldl1keep, [x1] */
		{0xd50b7a21, ARMVIRT_INSN_CACHE},     /* dc cvac, x1 */
		{0xd50b7461, ARMVIRT_INSN_TAG},       /* dc gva, x1 */
		{0xd503201f, ARMVIRT_INSN_OTHER},     /* nop */
		{0x8b020020, ARMVIRT_INSN_OTHER},     /* add x0, x1, x2 */
		{0xa9400020, ARMVIRT_INSN_OTHER},     /* ldp x0, x0, [x1] */
		{0xf8408421, ARMVIRT_INSN_OTHER},     /* ldr x1, [x1], #8 */
	};

	(void)state;
	for (size_t n = 0; n < COUNT_OF(rows); n++) {
		struct armvirt_insn i, before;

		memset(&i, 0x5a, sizeof(i));
		before = i;
		assert_int_equal(armvirt_insn_decode(&i, rows[n].word), rows[n].want);
		assert_memory_equal(&i, &before, sizeof(i));
		assert_true(strlen(armvirt_insn_class_name(rows[n].want)) > 2);
	}
	assert_string_equal(armvirt_insn_class_name((enum armvirt_insn_class)99),
			    "no load or store");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(pairs_are_two_accesses, reset),
		cmocka_unit_test_setup(loads_extend_and_write_back, reset),
		cmocka_unit_test_setup(index_registers_are_extended_and_shifted, reset),
		cmocka_unit_test_setup(big_endian_elements_are_swapped, reset),
		cmocka_unit_test_setup(zva_zeroes_the_block_of_its_address, reset),
		cmocka_unit_test_setup(vector_registers_are_left_to_the_caller, reset),
		cmocka_unit_test_setup(acquire_and_release_forms_are_accesses, reset),
		cmocka_unit_test_setup(refusals_say_why, reset),
		cmocka_unit_test_setup(banked_registers_have_their_numbers, reset),
		cmocka_unit_test_setup(a32_addresses_wrap_and_shift, reset),
		cmocka_unit_test_setup(a32_and_t32_forms_are_completed, reset),
		cmocka_unit_test_setup(a32_and_t32_refusals_say_why, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
