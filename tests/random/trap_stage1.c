/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker of guest tables against the model's: random registers, random features, random
 * descriptors, in the AArch64 format and both of AArch32. Every output has to be the same.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/guestwalk.h>
#include <libarmvirt/inject.h>

#include "stage1.h"

#define BIT(n) (UINT64_C(1) << (n))

enum { PAGES = 2, PAGE = 65536, PROBES = 48 };
enum format { A64, LONG32, SHORT32, FORMATS };
static const char *const formats[FORMATS] = {"AArch64", "AArch32 long", "AArch32 short"};
static const char *const faults[] = {"translated", "Translation", "Address size",  "Access flag",
				     "Permission", "Domain",      "External abort"};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

static uint64_t state;
static _Alignas(PAGE) uint8_t memory[PAGES][PAGE];
static uint64_t memory_base;
static unsigned count[FORMATS][FAULTS];

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(unsigned n)
{
	return (unsigned)((next() >> 20) % n);
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

static bool read_memory(void *context, uint64_t pa, unsigned bytes, uint8_t *to)
{
	(void)context;
	if (pa < memory_base || pa - memory_base > sizeof(memory) - bytes)
		return false;
	memcpy(to, &memory[0][0] + (pa - memory_base), bytes);
	return true;
}

static void put(const struct armvirt_guest_mmu *mmu, unsigned at, uint64_t d, unsigned bytes)
{
	bool big = mmu->sctlr >> 25 & 1;

	for (unsigned i = 0; i < bytes; i++)
		(&memory[0][0])[at + (big ? bytes - 1 - i : i)] = (uint8_t)(d >> 8 * i);
}

/* Where a descriptor has the bits above 47, with this granule. */
static uint64_t placed(const struct armvirt_guest_mmu *mmu, unsigned granule, uint64_t pa)
{
	uint64_t low = pa & (BIT(48) - 1);

	if (granule == 16 && mmu->pa_bits == 52)
		return low | (pa >> 48 & 15) << 12;
	if (granule != 16 && mmu->tcr & BIT(59) && mmu->has & ARMVIRT_GUEST_HAS_LPA2)
		return (pa & (BIT(50) - 1)) | (pa >> 50 & 3) << 8;
	return low;
}

static uint64_t table_address(unsigned granule)
{
	return memory_base + (next() % sizeof(memory) >> granule << granule);
}

static void fill_long(const struct armvirt_guest_mmu *mmu, unsigned granule)
{
	unsigned out = one_in(3) ? 52 : 32 + below(17);

	for (unsigned at = 0; at < sizeof(memory); at += 8) {
		uint64_t r = next(), d;

		if (r >> 61 < 5) /* a table that is there, and at level 3 a page */
			d = placed(mmu, granule, table_address(granule)) |
			    (one_in(3) ? next() & (UINT64_C(0xfff0000000000cfc)) : BIT(10)) | 3;
		else if (r >> 61 == 5) /* anything */
			d = next();
		else /* a block or a page, mostly within the address size */
			d = placed(mmu, granule, next() & (BIT(out) - 1) & ~(BIT(granule) - 1)) |
			    (next() & (UINT64_C(0xfff0000000000cfe))) | 1 | (next() & BIT(10));
		put(mmu, at, d, 8);
	}
}

static void fill_short(const struct armvirt_guest_mmu *mmu)
{
	for (unsigned at = 0; at < sizeof(memory); at += 4) {
		uint64_t d = next() & UINT32_MAX;

		if (one_in(2)) /* a table that is there */
			d = (table_address(10) & 0xfffffc00) | (d & 0x3fc) | 1;
		put(mmu, at, d, 4);
	}
}

static const struct {
	uint32_t has;
	size_t flag;
} features[] = {
#define FEATURE(name, field)                                                    \
	{                                                                       \
		ARMVIRT_GUEST_HAS_##name, offsetof(struct model_s1_regs, field) \
	}
	FEATURE(LVA, lva),     FEATURE(LPA2, lpa2),  FEATURE(TTST, ttst),     FEATURE(HAF, haf),
	FEATURE(HDBS, hdbs),   FEATURE(HPD, hpds),   FEATURE(HPD32, aa32hpd), FEATURE(E0PD, e0pd),
	FEATURE(PAN3, pan3),   FEATURE(TBID, pauth), FEATURE(MTX, mte4),      FEATURE(S1PIE, s1pie),
	FEATURE(S1POE, s1poe), FEATURE(AIE, aie),
#undef FEATURE
};

static uint64_t random_tcr64(void)
{
	uint64_t tcr = next() & ~(BIT(7) | BIT(23) | UINT64_C(0x3f003f) | BIT(55) | BIT(56));
	unsigned size[2];

	for (unsigned i = 0; i < 2; i++)
		size[i] = one_in(8) ? below(64) : 16 + below(24);
	tcr |= size[0] | (uint64_t)size[1] << 16;
	if (one_in(16))
		tcr |= next() & (BIT(7) | BIT(23) | BIT(55) | BIT(56));
	if (!one_in(3)) /* a large output */
		tcr |= UINT64_C(5) << 32;
	return tcr;
}

static uint64_t random_tcr32(enum format f)
{
	uint64_t tcr = next() & ~(BIT(31) | BIT(4) | BIT(5) | BIT(7) | BIT(23));

	if (one_in(2)) /* sizes are zero more often than by chance */
		tcr &= ~(uint64_t)(one_in(2) ? 7 : 7 << 16);
	if (one_in(16))
		tcr |= next() & (f == SHORT32 ? BIT(4) | BIT(5) : BIT(7) | BIT(23));
	return tcr | (f == LONG32 ? BIT(31) : 0);
}

static unsigned granule_of(uint64_t tcr, bool upper)
{
	static const unsigned tg[2][4] = {{12, 16, 14, 12}, {12, 14, 12, 16}};

	return tg[upper][tcr >> (upper ? 30 : 14) & 3];
}

static uint64_t random_ttbr(enum format f, bool wide)
{
	uint64_t ttbr = memory_base & (BIT(48) - 1);

	ttbr += PAGE * (uint64_t)below(PAGES);
	ttbr |= next() & (one_in(4) ? 0xffff : 0xc03f);
	if (wide)
		ttbr = (ttbr & ~UINT64_C(0x3c)) | (memory_base >> 48 & 15) << 2;
	if (f == SHORT32)
		return ttbr;
	if (one_in(32))
		ttbr |= BIT(40 + below(8));
	return ttbr | (next() & UINT64_C(0xffff) << 48);
}

static void random_regime(struct armvirt_guest_mmu *mmu, enum format f)
{
	static const uint8_t pa_bits[] = {32, 36, 40, 42, 44, 48, 52, 52, 48};
	static const uint8_t attributes[] = {0x00, 0x04, 0x0c, 0x44, 0xff, 0xbb, 0xee, 0x4f};
	bool wide;

	*mmu = (struct armvirt_guest_mmu){.sctlr = next() | 1 | (one_in(4) ? 0 : BIT(2) | BIT(12))};
	if (one_in(32))
		mmu->sctlr &= ~UINT64_C(1);
	mmu->hcr = f == A64 ? BIT(31) : 0;
	if (one_in(64))
		mmu->hcr |= one_in(2) ? BIT(12) : BIT(27);
	mmu->has = (uint32_t)next() & 0x3fff;
	if (mmu->has & ARMVIRT_GUEST_HAS_HDBS) /* never alone */
		mmu->has |= ARMVIRT_GUEST_HAS_HAF;
	mmu->pa_bits = pa_bits[below(sizeof(pa_bits))];
	mmu->tcr = f == A64 ? random_tcr64() : random_tcr32(f);
	mmu->tcr2 = f == A64 && one_in(2) ? next() & 0x1e : 0;
	wide = f == A64 && mmu->pa_bits == 52 && one_in(2);
	memory_base = wide ? UINT64_C(5) << 49 : 0x40000000;
	mmu->ttbr0 = random_ttbr(f, wide);
	mmu->ttbr1 = random_ttbr(f, wide);
	mmu->mair = mmu->mair2 = next();
	for (unsigned i = 0; i < 8 && f != SHORT32; i++)
		mmu->mair = mmu->mair << 8 | attributes[below(sizeof(attributes))];
	mmu->pir = next();
	mmu->pire0 = next();
	mmu->por = next() & UINT64_C(0x7777777777777777);
	mmu->por0 = next() & (one_in(2) ? UINT64_MAX : UINT64_C(0x7777777777777777));
	mmu->dacr = (uint32_t)(one_in(2) ? next() : next() | 0x55555555);
	if (f == SHORT32)
		fill_short(mmu);
	else
		fill_long(mmu, f == A64 ? granule_of(mmu->tcr, one_in(2)) : 12);
}

static void to_model(struct model_s1_regs *r, const struct armvirt_guest_mmu *mmu)
{
	*r = (struct model_s1_regs){.hcr = mmu->hcr,
				    .sctlr = mmu->sctlr,
				    .tcr = mmu->tcr,
				    .tcr2 = mmu->tcr2,
				    .ttbr = {mmu->ttbr0, mmu->ttbr1},
				    .mair = {mmu->mair, mmu->mair2},
				    .pir = {mmu->pire0, mmu->pir},
				    .por = {mmu->por0, mmu->por},
				    .dacr = mmu->dacr,
				    .pa_bits = mmu->pa_bits};
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		*((bool *)((char *)r + features[i].flag)) = mmu->has & features[i].has;
}

static uint64_t random_va(enum format f, uint64_t tcr)
{
	uint64_t va = next();
	bool upper = va >> 63;
	unsigned bits = 64 - (unsigned)(tcr >> (upper ? 16 : 0) & 0x3f);

	if (f != A64) /* the upper half is ignored */
		return one_in(4) ? va : va & UINT32_MAX;
	if (!one_in(8) && bits < 64) { /* inside its half, but for the top byte */
		va = upper ? va | ~UINT64_C(0) << bits : va & (BIT(bits) - 1);
		if (one_in(4))
			va ^= (next() & (one_in(2) ? 0xff : 0xf)) << 56;
	}
	return va;
}

/* A fault, injected by its status, is the DFSR or IFSR that the walk has named. */
static bool injected(const struct armvirt_guest_mmu *mmu, const struct armvirt_guest_access *a,
		     const struct armvirt_guest_translation *t)
{
	struct armvirt_frame frame = {.pstate = 0x13};
	struct armvirt_excregs regs = {.tcr = mmu->tcr, .el1_aarch32 = true};
	const struct armvirt_features none = {.pa_bits = 0};
	const struct armvirt_exctarget target = {&frame, &regs, &none};
	bool long_format = mmu->tcr >> 31 & 1;
	const struct armvirt_abort_request r = {.va = a->va,
						.status = t->status,
						.domain = long_format ? 0 : t->fsr >> 4 & 15,
						.fetch = a->fetch,
						.write = a->write};
	uint64_t fsr;

	if (mmu->hcr >> 31 & 1 || t->status == ARMVIRT_GUEST_NO_FAULT)
		return true;
	if (armvirt_inject_abort(&target, &r) != ARMVIRT_OK)
		return false;
	fsr = a->fetch ? regs.ifsr32 : regs.esr & ~BIT(11);
	if (fsr == t->fsr)
		return true;
	printf("status %#x: FSR %#x, injected %#" PRIx64 "\n", t->status, t->fsr, fsr);
	return false;
}

static bool compare(const struct armvirt_guest_mmu *mmu, enum format f)
{
	const struct armvirt_guest_span span = {memory_base, sizeof(memory), memory};
	const struct armvirt_guest_memory guest = {&span, 1};
	const struct armvirt_guest_access a = {.va = random_va(f, mmu->tcr),
					       .write = one_in(3),
					       .fetch = false,
					       .el0 = one_in(2),
					       .pan = one_in(3)};
	struct armvirt_guest_access x = a;
	struct model_s1_access m = {a.va, 'r', !a.el0, a.pan};
	struct model_s1_regs regs;
	struct model_s1_result want;
	struct armvirt_guest_translation t;

	x.fetch = !a.write && one_in(2);
	m.kind = x.fetch ? 'x' : x.write ? 'w' : 'r';
	to_model(&regs, mmu);
	model_s1_translate(&regs, &m, read_memory, NULL, &want);
	count[f][want.fault]++;
	memset(&t, 0xa5, sizeof(t));
	if (armvirt_guest_translate(&t, mmu, &guest, &x) == ARMVIRT_OK &&
	    t.status == model_s1_status(&want) && t.level == want.level && t.walk == want.slot &&
	    t.fsr == model_s1_fsr(&regs, &m, &want) && t.ipa == want.pa && t.attr == want.attr &&
	    t.sh == want.sh)
		return injected(mmu, &x, &t);
	printf("%s, VA %#" PRIx64 " %c EL%u pan %d: status %#x (want %#x), level %d (%d), "
	       "ipa %#" PRIx64 " (%#" PRIx64 "), walk %#" PRIx64 " (%#" PRIx64 "), fsr %#x (%#x), "
	       "attr %#x (%#x), sh %u (%u)\n",
	       formats[f], m.va, m.kind, m.el, m.pan, t.status, model_s1_status(&want), t.level,
	       want.level, t.ipa, want.pa, t.walk, want.slot, t.fsr, model_s1_fsr(&regs, &m, &want),
	       t.attr, want.attr, t.sh, want.sh);
	printf("descriptor %#" PRIx64 ", SCTLR %#" PRIx64 ", TCR %#" PRIx64 ", TCR2 %#" PRIx64
	       ", has %#x, %u-bit PA\n",
	       t.descriptor, mmu->sctlr, mmu->tcr, mmu->tcr2, mmu->has, mmu->pa_bits);
	return false;
}

/* Whatever a format can answer has been answered often. */
static bool all_met(unsigned walks)
{
	bool ok = true;

	for (unsigned f = 0; f < FORMATS; f++) {
		printf("%-14s", formats[f]);
		for (unsigned i = 0; i < FAULTS; i++) {
			bool never = (i == MODEL_S1_DOMAIN && f != SHORT32) ||
				     (i == MODEL_S1_ADDRESS_SIZE && f == SHORT32);

			printf(" %s %u", faults[i], count[f][i]);
			if (never ? count[f][i] != 0 : count[f][i] < walks / 3000)
				ok = false;
		}
		printf("\n");
	}
	return ok;
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	unsigned regimes = 9000, walks = 0;
	struct armvirt_guest_mmu mmu;

	if (scale && strcmp(scale, "quick") == 0)
		regimes = 900;
	if (scale && strcmp(scale, "long") == 0)
		regimes = 200000;
	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%" PRIu64 "\n", state);
	for (unsigned i = 0; i < regimes; i++) {
		random_regime(&mmu, (enum format)(i % FORMATS));
		for (unsigned p = 0; p < PROBES; p++, walks++) {
			if (!compare(&mmu, (enum format)(i % FORMATS)))
				return 1;
		}
	}
	printf("%u walks are the model's\n", walks);
	return all_met(walks) ? 0 : 1;
}
