/* SPDX-License-Identifier: BSD-2-Clause */
/* The routines in assembly that EL0 may run, with every register known before and after. */
#include "test.h"

#include <libarmvirt/vcpu.h>

#include <sys/prctl.h>

#include "asm_call.h"

#ifndef PR_SVE_SET_VL
#define PR_SVE_SET_VL 50
#endif

_Static_assert(offsetof(struct asm_registers, nzcv) == ASM_NZCV, "nzcv");
_Static_assert(offsetof(struct asm_registers, fpsr) == ASM_FPSR, "fpsr");
_Static_assert(offsetof(struct asm_registers, v) == ASM_V, "v");

asm_routine armvirt_hw_fp_save, armvirt_hw_fp_restore, asm_sve_through; /* as registers see them */
unsigned armvirt_hw_sve_vl(void);

enum { ROUNDS = 2000 };
#define NZCV      UINT64_C(0xf0000000)
#define FPSR_BITS UINT64_C(0x0800009f) /* QC and the cumulative exceptions */
#define FPCR_BITS UINT64_C(0x07c00000) /* AHP, DN, FZ, RMode */

struct guarded {
	uint64_t before[2];
	struct armvirt_fp fp;
	uint64_t after[2];
};

static uint64_t random_state = 1;

static uint64_t next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void fill(void *p, size_t bytes)
{
	uint64_t *w = p;

	for (size_t n = 0; n < bytes / 8; n++)
		w[n] = next();
}

static void random_registers(struct asm_registers *r, struct guarded *g)
{
	fill(r, sizeof(*r));
	fill(g, sizeof(*g));
	r->nzcv &= NZCV;
	r->fpsr &= FPSR_BITS;
	r->fpcr &= FPCR_BITS;
	g->fp.fpsr &= FPSR_BITS;
	g->fp.fpcr &= FPCR_BITS;
	r->x[0] = (uintptr_t)&g->fp;
}

/* All but X1 and X2, which the routines state that they clobber. */
static void expect_integers(const struct asm_registers *now, const struct asm_registers *before)
{
	for (unsigned n = 0; n < 30; n++)
		if (n != 1 && n != 2)
			assert_int_equal(now->x[n], before->x[n]);
	assert_int_equal(now->nzcv, before->nzcv);
}

static void fp_save_stores_every_register_and_changes_none(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct asm_registers r, before;
		struct guarded g, old;

		random_registers(&r, &g);
		before = r;
		old = g;
		asm_call(armvirt_hw_fp_save, &r);
		expect_integers(&r, &before);
		assert_memory_equal(r.v, before.v, sizeof(r.v));
		assert_int_equal(r.fpsr, before.fpsr);
		assert_int_equal(r.fpcr, before.fpcr);
		assert_memory_equal(g.fp.v, before.v, sizeof(r.v));
		assert_int_equal(g.fp.fpsr, before.fpsr);
		assert_int_equal(g.fp.fpcr, before.fpcr);
		assert_memory_equal(g.before, old.before, sizeof(g.before));
		assert_memory_equal(g.after, old.after, sizeof(g.after));
	}
}

static void fp_restore_loads_every_register_and_changes_no_other(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct asm_registers r, before;
		struct guarded g, old;

		random_registers(&r, &g);
		before = r;
		old = g;
		asm_call(armvirt_hw_fp_restore, &r);
		expect_integers(&r, &before);
		assert_memory_equal(r.v, old.fp.v, sizeof(r.v));
		assert_int_equal(r.fpsr, old.fp.fpsr);
		assert_int_equal(r.fpcr, old.fp.fpcr);
		assert_memory_equal(&g, &old, sizeof(g));
	}
}

/* FFR is ones and then zeros, from the first element on. */
static void random_ffr(uint8_t *ffr, unsigned vl)
{
	unsigned ones = next() % (vl + 1);

	for (unsigned i = 0; i < vl; i++)
		ffr[i / 8] = (uint8_t)((ffr[i / 8] & ~(1 << i % 8)) | (i < ones) << i % 8);
}

/* Through the registers and back, all but X0 to X4 and the flags as they were. */
static void sve_of(unsigned vl)
{
	static _Alignas(16) uint8_t in[ARMVIRT_SVE_BYTES(256) + 32], out[sizeof(in)],
		old[sizeof(in)];
	size_t bytes = 32 * vl + vl / 8 * 17;
	struct asm_registers r, before;
	struct guarded g, h, h_old;

	random_registers(&r, &g);
	fill(&h, sizeof(h));
	fill(in, sizeof(in));
	fill(out, sizeof(out));
	random_ffr(in + bytes - vl / 8, vl);
	memcpy(old, out, sizeof(old));
	h_old = h;
	r.x[0] = (uintptr_t)in;
	r.x[1] = (uintptr_t)&g.fp;
	r.x[5] = (uintptr_t)out;
	r.x[6] = (uintptr_t)&h.fp;
	before = r;
	asm_call(asm_sve_through, &r);
	for (unsigned n = 5; n < 30; n++)
		assert_int_equal(r.x[n], before.x[n]);
	assert_int_equal(r.nzcv, before.nzcv);
	assert_memory_equal(out, in, bytes);
	assert_memory_equal(out + bytes, old + bytes, sizeof(out) - bytes);
	for (unsigned n = 0; n < 32; n++)
		assert_memory_equal((uint8_t *)r.v + 16 * n, in + n * vl, 16);
	assert_int_equal(h.fp.fpsr, g.fp.fpsr);
	assert_int_equal(h.fp.fpcr, g.fp.fpcr);
	h.fp.fpsr = h_old.fp.fpsr;
	h.fp.fpcr = h_old.fp.fpcr;
	assert_memory_equal(&h, &h_old, sizeof(h)); /* V registers are in the area alone */
}

static void sve_at_every_length(void **state)
{
	unsigned lengths = 0;

	(void)state;
	for (unsigned vl = 16; vl <= 256; vl += 16) {
		if (prctl(PR_SVE_SET_VL, vl) != (int)vl)
			continue;
		lengths++;
		assert_int_equal(armvirt_hw_sve_vl(), vl);
		for (unsigned round = 0; round < ROUNDS / 20; round++)
			sve_of(vl);
	}
	if (!lengths)
		skip();
	print_message("%u lengths of vectors\n", lengths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fp_save_stores_every_register_and_changes_none),
		cmocka_unit_test(fp_restore_loads_every_register_and_changes_no_other),
		cmocka_unit_test(sve_at_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
