/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs at EL1, MMU off: fills registers with canaries and looks whether they stay. */
#include "switch.h"

/* Bits of SCTLR_EL1 that leave this code running; CPACR_EL1 keeps FP on. */
#define SCTLR_FIXED UINT64_C(0x30500800)
#define SCTLR_FREE  UINT64_C(0x0c8dd200)
#define CPACR_FP    (UINT64_C(3) << 20)
#define CPACR_MORE  (UINT64_C(3) << 16 | UINT64_C(3) << 24) /* SVE, SME */
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
	g->value[1] |= CPACR_FP | CPACR_MORE;
	g->value[11] &= UINT64_C(0xffffffff);
	guest_write(g->value);
	guest_read(g->value);
	if (g->ras) {
		g->disr = random_next(&g->seed) & DISR_FREE;
		guest_write_disr(g->disr);
		g->disr = guest_read_disr();
	}
}

/* Bits of optional registers that leave this code running: no debug exception, no timer interrupt.
 */
static uint64_t optional_bits(unsigned i)
{
	if (i == 0)
		return 0xf;
	if (i == 13)
		return UINT64_C(1) << 12; /* MDSCR_EL1.TDCC */
	if (i == 15 || i == 17 || i == 19 || i == 21)
		return 0x1ffffffe; /* not enabled */
	if (i == 22)
		return 0xf;
	if (i == 23)
		return 0x1f;
	if (i >= 30 && i <= 32)
		return 0x80000003;
	if (i == 34 || i == 36)
		return 2; /* masked or not, never enabled */
	return UINT64_MAX;
}

static void fill_optional(struct guest *g)
{
	for (unsigned i = 0; i < GUEST_OPTIONAL; i++) {
		uint64_t v = random_next(&g->seed);

		g->optional[i] = (g->rounds & 1 ? ~g->optional[i] : v) & optional_bits(i);
	}
	guest_write_sets(g->optional, g->sets);
	guest_read_sets(g->optional, g->sets);
}

static void look_optional(struct guest *g)
{
	for (unsigned i = 0; i < GUEST_OPTIONAL; i++)
		g->optional_found[i] = g->optional[i]; /* what this CPU lacks stays as it is */
	guest_read_sets(g->optional_found, g->sets);
	for (unsigned i = 0; i < GUEST_OPTIONAL; i++)
		check(300 + i, g->optional[i], g->optional_found[i]);
}

/* FFR has ones from the first element on, and then none. */
static void fill_ffr(struct guest *g, uint8_t *ffr)
{
	uint64_t ones = random_next(&g->seed) % (g->vl_now + 1);

	for (uint64_t i = 0; i < g->vl_now; i++) {
		if (i < ones)
			ffr[i / 8] |= (uint8_t)(1 << i % 8);
		else
			ffr[i / 8] &= (uint8_t) ~(1 << i % 8);
	}
}

/* A length, then all registers; every other time FP writes the vectors, and their rest is 0. */
static void fill_sve(struct guest *g)
{
	uint64_t n;

	g->zcr = random_next(&g->seed) & 0xf;
	g->vl_now = guest_set_zcr(g->zcr);
	n = g->vl_now * 32 + g->vl_now / 8 * 17;
	for (uint64_t i = 0; i < n; i++)
		g->sve.bytes[i] = (uint8_t)(random_next(&g->seed) >> 32);
	fill_ffr(g, g->sve.bytes + n - g->vl_now / 8);
	guest_sve_load(&g->sve);
	if (random_next(&g->seed) & 1) {
		guest_fp_load(&g->fp);
		memset(g->sve.bytes, 0, g->vl_now * 32);
		for (unsigned i = 0; i < 32; i++)
			memcpy(g->sve.bytes + g->vl_now * i, &g->fp.v[2 * i], 16);
	}
	for (unsigned i = 0; i < 32; i++)
		memcpy(&g->fp.v[2 * i], g->sve.bytes + g->vl_now * i, 16);
}

static void fill_fp(struct guest *g)
{
	for (unsigned i = 0; i < 64; i++)
		g->fp.v[i] = random_next(&g->seed);
	g->fp.fpcr = random_next(&g->seed) & FPCR_FREE;
	g->fp.fpsr = random_next(&g->seed) & FPSR_FREE;
	guest_fp_load(&g->fp);
	if (g->vl)
		fill_sve(g);
}

static void look_sve(struct guest *g)
{
	uint64_t n = g->vl_now * 32 + g->vl_now / 8 * 17;

	check(500, g->zcr, guest_get_zcr());
	guest_sve_store(&g->sve_out);
	for (uint64_t i = 0; i < n; i++)
		check(1000 + i, g->sve.bytes[i], g->sve_out.bytes[i]);
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
		fill_optional(g);
		if (g->rounds % 8 == 0)
			fill_fp(g);
		for (unsigned i = 0; i < 4; i++) {
			uint64_t spin = random_next(&g->seed);

			guest_round(g, spin & 3 ? 0 : 1 + (spin >> 8) % 2000);
			look(g);
			look_optional(g);
		}
		if (fp)
			look_fp(g);
		if (fp && g->vl)
			look_sve(g);
		if (fp && g->denied)
			guest_try_sve();
		if (fp && g->sme)
			guest_try_sme();
	}
}
