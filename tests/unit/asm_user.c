/* SPDX-License-Identifier: BSD-2-Clause */
/* The routines in assembly that EL0 may run, with every register known before and after. */
#include "test.h"

#include <libarmvirt/vcpu.h>

#include "asm_call.h"

_Static_assert(offsetof(struct asm_registers, nzcv) == ASM_NZCV, "nzcv");
_Static_assert(offsetof(struct asm_registers, fpsr) == ASM_FPSR, "fpsr");
_Static_assert(offsetof(struct asm_registers, v) == ASM_V, "v");

asm_routine armvirt_hw_fp_save, armvirt_hw_fp_restore; /* as registers see them */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fp_save_stores_every_register_and_changes_none),
		cmocka_unit_test(fp_restore_loads_every_register_and_changes_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
