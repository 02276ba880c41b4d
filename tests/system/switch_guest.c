/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs at EL1, MMU off: fills registers with canaries and looks whether they stay. */
#include "switch.h"

/* Bits of SCTLR_EL1 that leave this code running; CPACR_EL1 keeps FP on. */
#define SCTLR_FIXED UINT64_C(0x30500800)
#define SCTLR_FREE  UINT64_C(0x0c8dd200)
#define CPACR_FP    (UINT64_C(3) << 20)
#define DISR_FREE   UINT64_C(0x81ffffff)
#define FPCR_FREE   UINT64_C(0x07c00000)
#define FPSR_FREE   UINT64_C(0x0800009f)

static void check(uint64_t index, uint64_t expected, uint64_t found)
{
	if (expected != found)
		guest_report(index, expected, found);
}

static void fill(struct guest *g)
{
	for (unsigned i = 0; i < 31; i++)
		g->x[i] = random_next(&g->seed);
	g->nzcv = random_next(&g->seed) & UINT64_C(0xf0000000);
	for (unsigned i = 0; i < GUEST_REGISTERS; i++) {
		uint64_t v = random_next(&g->seed);

		/* every other time the complement: each bit both ways */
		g->value[i] = g->rounds & 1 ? ~g->value[i] : v;
	}
	g->value[0] = (g->value[0] & SCTLR_FREE) | SCTLR_FIXED;
	g->value[1] |= CPACR_FP;
	g->value[11] &= UINT64_C(0xffffffff);
	guest_write(g->value);
	guest_read(g->value);
	if (g->ras) {
		g->disr = random_next(&g->seed) & DISR_FREE;
		guest_write_disr(g->disr);
		g->disr = guest_read_disr();
	}
}

static void fill_fp(struct guest *g)
{
	for (unsigned i = 0; i < 64; i++)
		g->fp.v[i] = random_next(&g->seed);
	g->fp.fpcr = random_next(&g->seed) & FPCR_FREE;
	g->fp.fpsr = random_next(&g->seed) & FPSR_FREE;
	guest_fp_load(&g->fp);
}

static void look(struct guest *g)
{
	for (unsigned i = 0; i < 31; i++) {
		if (i != 29)
			check(i, g->x[i], g->out[i]);
	}
	check(32, g->nzcv, g->nzcv_out);
	guest_read(g->found);
	for (unsigned i = 0; i < GUEST_REGISTERS; i++)
		check(100 + i, g->value[i], g->found[i]);
	if (g->ras)
		check(99, g->disr, guest_read_disr());
}

static void look_fp(struct guest *g)
{
	guest_fp_store(&g->fp_out);
	for (unsigned i = 0; i < 64; i++)
		check(200 + i, g->fp.v[i], g->fp_out.v[i]);
	check(264, g->fp.fpcr, g->fp_out.fpcr);
	check(265, g->fp.fpsr, g->fp_out.fpsr);
}

void guest_main(struct guest *g)
{
	for (;; g->rounds++) {
		bool fp = random_next(&g->seed) & 1;

		fill(g);
		if (g->rounds % 8 == 0)
			fill_fp(g);
		for (unsigned i = 0; i < 4; i++) {
			uint64_t spin = random_next(&g->seed);

			guest_round(g, spin & 3 ? 0 : 1 + (spin >> 8) % 2000);
			look(g);
		}
		if (fp)
			look_fp(g);
	}
}
