/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker of guest tables against AT S1E1* and S1E0*: random tables of AArch64 and, where EL1
 * can be AArch32, of both its formats; stage 1 off, HCR_EL2.DC, PAN. Short descriptors a second
 * time by ATS1C* of an AArch32 guest, whose PAR has the status as DFSR would.
 *
 * What QEMU does otherwise than the architecture says, and the comparison leaves out:
 * - PAR_EL1.ATTR and SH do not follow SCTLR.C, and are those of Device for short descriptors.
 * - Short descriptors: the domain is looked at before the second table and the access flag, and a
 *   manager domain has no access flag. The architecture reads the tables to the end, then tests
 *   the access flag, then the domain.
 *   AT from AArch64 stops QEMU at a Domain fault (an assertion).
 * - A reserved shareability stays what it is; the architecture lets any other stand for it.
 * - AT S1E* does not see HCR_EL2.TGE, which turns stage 1 off.
 * - HPDn work without FEAT_HPDS and FEAT_AA32HPD, as if they were not RES0.
 * - An address above the output size in the bits that a 64K block at level 1 does not have.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/guestwalk.h>

#include "system.h"
#include "trap.h"

#define BIT(n) (UINT64_C(1) << (n))

#define HCR_RW  BIT(31)
#define HCR_E2H BIT(34)
#define HCR_DC  BIT(12)

#define SCTLR_M BIT(0)
#define SCTLR_C BIT(2)

enum { PROBES = 12000, REGIME = 100, TABLES = 3, ENTRIES = 8192 };
enum format { A64, LONG32, SHORT32, FORMATS };
static const char *const formats[FORMATS] = {"AArch64", "AArch32 long", "AArch32 short"};

static struct armvirt_features features;
static struct armvirt_idregs id;
static uint64_t seed = 1;
static bool e2h;
static unsigned passed, translated[FORMATS], differences;
static _Alignas(65536) uint64_t tables[TABLES][ENTRIES];

static uint64_t next(void)
{
	return random_next(&seed);
}

/* Where nothing is written: every table there is empty. */
static uint64_t empty_table(void)
{
	return 0x50000000 | (next() & 0x0fff0000);
}

static uint64_t random_long(unsigned granule, bool ds)
{
	uint64_t r = next(), d = r & ~UINT64_C(0x00fffffffffff000);

	d &= ~(BIT(51) | BIT(50));
	if (granule == 16)
		d &= ~UINT64_C(0xf000);
	if (ds) /* high address bits, which QEMU does not check below 52 */
		d &= ~UINT64_C(0x300);
	d |= r & (BIT(51) | BIT(53) | BIT(54));
	/* What may be a table lies in memory: AT takes an External abort of a walk to EL2. */
	switch (next() % 8) {
	case 0:
	case 3:
		return d | empty_table() | (r >> 62 ? BIT(10) : 0) | 3;
	case 1:
		return d & ~UINT64_C(1);
	case 2: /* a block anywhere, also beyond the address size */
		return (d | (next() & UINT64_C(0xfffff0000000)) | 1) & ~UINT64_C(2);
	default: /* a table that is there */
		return (r & UINT64_C(0x7800000000000000)) | BIT(10) | 3 |
		       (uintptr_t)tables[next() % TABLES];
	}
}

static uint32_t random_short(void)
{
	uint32_t d = (uint32_t)next();

	switch (next() % 8) {
	case 0:
		return (uint32_t)empty_table() | (d & 0x3fc) | 1;
	case 1:
	case 2:
	case 3:
		return ((uint32_t)(uintptr_t)tables[next() % TABLES] + (d & 0xfc00)) | (d & 0x3fc) |
		       1;
	default:
		return d & 2 ? d
			     : d & ~1u; /* no table, that is: nothing, a section, a small page */
	}
}

/* Short descriptors: the first table has tables that are there; a page of any size is no table. */
static void fill_short(void)
{
	for (unsigned t = 0; t < TABLES; t++) {
		uint32_t *entry = (uint32_t *)tables[t];

		for (unsigned i = 0; i < 2 * ENTRIES; i++)
			entry[i] = random_short();
	}
}

static void fill_long(unsigned granule, bool ds)
{
	for (unsigned t = 0; t < TABLES; t++) {
		for (unsigned i = 0; i < ENTRIES; i++)
			tables[t][i] = random_long(granule, ds);
	}
}

static void swap_tables(enum format f)
{
	for (unsigned t = 0; t < TABLES; t++) {
		for (unsigned i = 0; i < ENTRIES; i++) {
			uint64_t d = __builtin_bswap64(tables[t][i]);

			tables[t][i] = f == SHORT32 ? d << 32 | d >> 32 : d;
		}
	}
}

static void random_tcr64(struct armvirt_guest_mmu *mmu)
{
	static const uint8_t tg0[] = {0, 2, 1}, tg1[] = {2, 1, 3};
	unsigned g, granule, size = mmu->has & ARMVIRT_GUEST_HAS_TTST ? 32 : 24;

	do {
		g = (unsigned)(next() % 3);
	} while (!(g == 0   ? features.s1_granule_4k
		   : g == 1 ? features.s1_granule_16k
			    : features.s1_granule_64k));
	granule = 12 + 2 * g;
	mmu->tcr = (15 + next() % size) | (15 + next() % size) << 16 | (uint64_t)tg0[g] << 14 |
		   (uint64_t)tg1[g] << 30 | (next() % 6) << 32 | 3 << 12 | 3 << 28;
	/* TBI, HA, HD, HPD, TBID, MTX */
	mmu->tcr |= next() & (BIT(37) | BIT(38) | BIT(39) | BIT(40) | BIT(41) | BIT(42) | BIT(51) |
			      BIT(52) | BIT(60) | BIT(61));
	if (next() % 16 == 0)
		mmu->tcr |= next() & (BIT(7) | BIT(23) | BIT(55) | BIT(56)); /* EPD, E0PD */
	if (mmu->has & ARMVIRT_GUEST_HAS_LPA2 && next() & 1)
		mmu->tcr |= BIT(59);
	fill_long(granule, mmu->tcr & BIT(59));
}

static void random_tcr32(struct armvirt_guest_mmu *mmu, enum format f)
{
	mmu->tcr = next() & ~(BIT(31) | UINT64_C(0xb0) | BIT(23));
	if (next() & 1)
		mmu->tcr &= ~(uint64_t)(next() & 1 ? 7 : 7 << 16);
	if (next() % 8 == 0)
		mmu->tcr |= next() & (f == SHORT32 ? UINT64_C(0x30) : BIT(7) | BIT(23));
	mmu->dacr = (uint32_t)next() | 0x55555555; /* clients and managers only */
	if (f == LONG32) {
		mmu->tcr |= BIT(31);
		fill_long(12, false);
	} else {
		fill_short();
	}
}

/* Bits that are RES0 without their feature, and work on QEMU all the same. */
static void without_res0(struct armvirt_guest_mmu *mmu)
{
	if (!(mmu->has & (mmu->hcr ? ARMVIRT_GUEST_HAS_HPD : ARMVIRT_GUEST_HAS_HPD32)))
		mmu->tcr &= ~(BIT(41) | BIT(42));
}

static void random_regime(struct armvirt_guest_mmu *mmu, enum format f)
{
	static const uint8_t attributes[] = {0x00, 0x04, 0x0c, 0x44, 0xff, 0xbb, 0xee, 0x4f};

	armvirt_guest_mmu_init(mmu, &id);
	/* WXN, UWXN or its neighbour, EE; AArch32: TRE, AFE */
	mmu->sctlr = 0x30500980 | SCTLR_M | SCTLR_C | BIT(12);
	mmu->sctlr |= next() & (BIT(19) | BIT(23) | BIT(25));
	if (next() % 16 == 0)
		mmu->sctlr &= ~SCTLR_M;
	if (mmu->has & ARMVIRT_GUEST_HAS_PAN3)
		mmu->sctlr |= next() & BIT(57);
	for (unsigned i = 0; i < 8; i++)
		mmu->mair |= (uint64_t)attributes[next() % sizeof(attributes)] << 8 * i;
	mmu->ttbr0 = (uintptr_t)tables[0];
	mmu->ttbr1 = (uintptr_t)tables[1];
	if (next() & 1) /* a cut of a table */
		mmu->ttbr0 += next() & 0xc000;
	if (f == A64) {
		random_tcr64(mmu);
	} else {
		mmu->hcr = 0;
		mmu->sctlr = (mmu->sctlr & ~(BIT(28) | BIT(29))) | (next() & (BIT(28) | BIT(29)));
		random_tcr32(mmu, f);
	}
	without_res0(mmu);
	if (next() % 16 == 0)
		mmu->hcr |= HCR_DC;
	if (mmu->sctlr & BIT(25))
		swap_tables(f);
}

/* What AT asks: r, w of EL1, of EL0, of EL1 with PSTATE.PAN. */
enum { AT_FORMS = 6 };

static uint64_t translate(unsigned how, uint64_t va)
{
	switch (how) {
	case 0:
		__asm__ volatile("at s1e1r, %0; isb" ::"r"(va) : "memory");
		break;
	case 1:
		__asm__ volatile("at s1e1w, %0; isb" ::"r"(va) : "memory");
		break;
	case 2:
		__asm__ volatile("at s1e0r, %0; isb" ::"r"(va) : "memory");
		break;
	case 3:
		__asm__ volatile("at s1e0w, %0; isb" ::"r"(va) : "memory");
		break;
	case 4: /* at s1e1rp with PSTATE.PAN, by their encodings */
		__asm__ volatile(".inst 0xd500419f; sys #0, c7, c9, #0, %0; isb" ::"r"(va)
				 : "memory");
		break;
	default:
		__asm__ volatile(".inst 0xd500419f; sys #0, c7, c9, #1, %0; isb" ::"r"(va)
				 : "memory");
		break;
	}
	return read_sysreg("par_el1");
}

/* Address bits 41:32 of a 64K block at level 1, which that block does not have. */
static bool qemu_block(const struct armvirt_guest_mmu *mmu, uint64_t va,
		       const struct armvirt_guest_translation *t, uint64_t par)
{
	unsigned tg = va >> 55 & 1 ? (mmu->tcr >> 30 & 3) == 3 : (mmu->tcr >> 14 & 3) == 1;

	if (!tg || t->level != 1 || !(t->descriptor & UINT64_C(0x3ff00000000)) ||
	    t->descriptor & 2 || (par & 0x7f) != 3)
		return false;
	differences++;
	return true;
}

static bool same(const struct armvirt_guest_translation *t, uint64_t par, enum format f)
{
	if (par & 1)
		return t->status == (par >> 1 & 0x3f);
	if (t->status != ARMVIRT_GUEST_NO_FAULT ||
	    (t->ipa & ~UINT64_C(0xfff)) != (par & UINT64_C(0x000ffffffffff000)))
		return false;
	return f == SHORT32 ||
	       (t->attr == par >> 56 && t->sh == ((par >> 7 & 3) == 1 ? 0 : par >> 7 & 3));
}

/* What QEMU makes of the domain: looked at early, and a manager's access flag ignored. */
static bool qemu_domain(const struct armvirt_guest_mmu *mmu,
			const struct armvirt_guest_translation *t, bool faults, bool domain_fault)
{
	unsigned field = mmu->dacr >> 2 * (t->fsr >> 4 & 15) & 3;
	bool flag = t->status >> 2 == 2;

	if (t->status == ARMVIRT_GUEST_NO_FAULT || !(flag || t->status == 0x06))
		return false;
	if (!(field & 1 ? field == 3 && flag && !faults : domain_fault))
		return false;
	differences++;
	return true;
}

static void probe(const struct armvirt_guest_mmu *mmu, uint64_t va, enum format f)
{
	/* everything below 1 GiB + 512 MiB is there; the rest has no memory, and no device */
	const struct armvirt_guest_span span = {0x40000000, 0x20000000, (const void *)0x40000000};
	const struct armvirt_guest_memory memory = {&span, 1};
	unsigned forms = armvirt_has(&features, ARMVIRT_FEAT_PAN2) ? AT_FORMS : 4;

	for (unsigned how = 0; how < forms; how++) {
		const struct armvirt_guest_access a = {
			.va = va, .write = how & 1, .el0 = how >> 1 == 1, .pan = how >> 1 == 2};
		struct armvirt_guest_translation t;
		uint64_t par = translate(how, va);

		if (armvirt_guest_translate(&t, mmu, &memory, &a) != ARMVIRT_OK)
			fail("the walker refuses");
		if (t.status >= 0x13 && t.status <= 0x17) /* QEMU reads zeros there */
			continue;
		if (f == SHORT32 && qemu_domain(mmu, &t, par & 1, false))
			continue;
		if (f == A64 && qemu_block(mmu, va, &t, par))
			continue;
		if (!same(&t, par, f))
			fail("%s, VA %lx, AT %u: PAR %lx, walker: status %x, level %d, address "
			     "%lx, attributes %x, %u, descriptor %lx, TCR %lx, SCTLR %lx, HCR %lx",
			     formats[f], va, how, par, t.status, t.level, t.ipa, t.attr, t.sh,
			     t.descriptor, mmu->tcr, mmu->sctlr, mmu->hcr);
		translated[f] += !(par & 1);
		passed++;
	}
}

/* EL12 names where E2H redirects those of EL1. */
#define WRITE_GUEST(crn, crm, op2, value)                                      \
	do {                                                                   \
		if (e2h)                                                       \
			write_sysreg("s3_5_c" #crn "_c" #crm "_" #op2, value); \
		else                                                           \
			write_sysreg("s3_0_c" #crn "_c" #crm "_" #op2, value); \
	} while (0)

/* Into the processor, and back from it as a hypervisor would get it. */
static void load(struct armvirt_guest_mmu *mmu)
{
	const struct armvirt_excwhere where = {e2h, !(mmu->hcr & HCR_RW)};
	uint64_t hcr = mmu->hcr;

	write_sysreg("hcr_el2", mmu->hcr | (e2h ? HCR_E2H : 0));
	__asm__ volatile("isb");
	WRITE_GUEST(1, 0, 0, mmu->sctlr);
	WRITE_GUEST(2, 0, 2, mmu->tcr);
	WRITE_GUEST(2, 0, 0, mmu->ttbr0);
	WRITE_GUEST(2, 0, 1, mmu->ttbr1);
	WRITE_GUEST(10, 2, 0, mmu->mair);
	if (armvirt_has(&features, ARMVIRT_FEAT_AA32EL1))
		write_sysreg("dacr32_el2", mmu->dacr);
	__asm__ volatile("dsb sy; isb; tlbi alle1; dsb nsh; isb" ::: "memory");
	armvirt_guest_mmu_init(mmu, &id);
	mmu->hcr |= hcr & HCR_DC;
	armvirt_hw_guest_mmu_load(mmu, &where);
	if (mmu->hcr != hcr)
		fail("HCR %lx, not %lx", mmu->hcr, hcr);
}

static void walks(enum format f)
{
	static struct armvirt_guest_mmu mmu;

	for (unsigned i = 0; i < PROBES; i++) {
		uint64_t va = next();
		unsigned bits;

		if (i % REGIME == 0) {
			random_regime(&mmu, f);
			load(&mmu);
		}
		if (f == A64) {
			bits = 64 - (unsigned)(mmu.tcr >> (va >> 63 ? 16 : 0) & 0x3f);
			if (next() % 8) /* inside its half */
				va = (uint64_t)((int64_t)va >> 63) << bits | (va & (BIT(bits) - 1));
		} else {
			va = (uint32_t)va;
		}
		probe(&mmu, va, f);
	}
	print("%s: %u translations lead somewhere\n", formats[f], translated[f]);
	if (translated[f] < PROBES / 4)
		fail("too few translations");
}

/* --- AArch32 asks itself --- */

/* mcr p15, 0, r0, c7, c8, N; isb; mrrc p15, 0, r0, r1, c7; hvc */
static const _Alignas(32) uint32_t ats1c[4][4] = {
	{0xee070f18, 0xf57ff06f, 0xec510f07, 0xe1400070},
	{0xee070f38, 0xf57ff06f, 0xec510f07, 0xe1400070},
	{0xee070f58, 0xf57ff06f, 0xec510f07, 0xe1400070},
	{0xee070f78, 0xf57ff06f, 0xec510f07, 0xe1400070},
};

/* The code's own megabyte, of domain 15 whose manager it is. */
static void map_code(struct armvirt_guest_mmu *mmu)
{
	uint32_t at = (uint32_t)(uintptr_t)ats1c;
	uint32_t section = (at & 0xfff00000) | 15 << 5 | 3 << 10 | 2;

	mmu->dacr = (uint32_t)next() | UINT32_C(3) << 30;
	mmu->tcr &= ~UINT64_C(0x30);
	mmu->ttbr0 = (uintptr_t)tables[0];
	if (mmu->sctlr & BIT(25))
		section = __builtin_bswap32(section);
	for (unsigned t = 0; t < 2; t++)
		((uint32_t *)tables[t])[at >> 20] = section;
}

static bool same32(const struct armvirt_guest_translation *t, uint64_t par)
{
	uint64_t fs = (par >> 1 & 15) | (par >> 5 & 1) << 10;

	if (par & 1)
		return (t->fsr & 0x40f) == fs;
	if (t->status != ARMVIRT_GUEST_NO_FAULT)
		return false;
	if (par & 2) /* a supersection; QEMU leaves out bits 39:32 */
		return (t->ipa & 0xff000000) == (par & 0xff000000);
	return (t->ipa & ~UINT64_C(0xfff)) == (par & 0xfffff000);
}

static unsigned domain_faults;

static void ask(const struct armvirt_guest_mmu *mmu, uint32_t va, unsigned how)
{
	const struct armvirt_guest_span span = {0x40000000, 0x20000000, (const void *)0x40000000};
	const struct armvirt_guest_memory memory = {&span, 1};
	const struct armvirt_guest_access a = {.va = va, .write = how & 1, .el0 = how >> 1};
	struct native n = {.pc = (uintptr_t)ats1c[how], .pstate = 0x1d3, .vector = 99};
	struct armvirt_guest_translation t;
	uint64_t par;

	n.x[0] = va;
	native_run(&n);
	if (n.vector != 12 || read_sysreg("esr_el2") >> 26 != 0x12)
		fail("AArch32: EL2's vector %lu, ESR %lx, PC %lx", n.vector, read_sysreg("esr_el2"),
		     n.pc);
	par = (uint32_t)n.x[0];
	if (armvirt_guest_translate(&t, mmu, &memory, &a) != ARMVIRT_OK)
		fail("the walker refuses");
	domain_faults += t.status >> 2 == 0xf;
	if (qemu_domain(mmu, &t, par & 1, (par >> 1 & 0xd) == 9) || same32(&t, par)) {
		passed++;
		return;
	}
	fail("ATS1C %u, VA %x: PAR %lx, walker: FSR %x, level %d, address %lx, descriptor %lx, "
	     "TTBCR %lx, SCTLR %lx, DACR %x",
	     how, va, par, t.fsr, t.level, t.ipa, t.descriptor, mmu->tcr, mmu->sctlr, mmu->dacr);
}

static void guest_asks(void)
{
	static struct armvirt_guest_mmu mmu;

	for (unsigned i = 0; i < PROBES; i++) {
		if (i % REGIME == 0) {
			do {
				random_regime(&mmu, SHORT32);
			} while (!(mmu.sctlr & SCTLR_M) || mmu.hcr);
			map_code(&mmu);
			load(&mmu);
		}
		ask(&mmu, (uint32_t)next(), i & 3);
	}
	print("%u Domain faults\n", domain_faults);
	if (domain_faults < PROBES / 50)
		fail("too few Domain faults");
}

void system_main(void)
{
	seed = argument("seed", 1);
	e2h = argument("e2h", 0);
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	write_sysreg("vbar_el2", (uintptr_t)trap_vectors);
	write_sysreg("mdcr_el2", 0);
	__asm__ volatile("isb");
	walks(A64);
	if (armvirt_has(&features, ARMVIRT_FEAT_AA32EL1)) {
		walks(LONG32);
		walks(SHORT32);
		guest_asks();
	}
	print("%u differences of QEMU\n", differences);
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
