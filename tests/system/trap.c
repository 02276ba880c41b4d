/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that the processor takes to EL1 by itself, and the same injected by the library:
 * PSTATE, PC, SPSR, ELR, ESR, FAR have to be the same. And the walker of guest tables against
 * AT S1E1* and S1E0*, on random tables.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/guestwalk.h>
#include <libarmvirt/inject.h>

#include "system.h"
#include "trap.h"

#define BIT(n) (UINT64_C(1) << (n))

#define HCR_RW  BIT(31)
#define HCR_VI  BIT(7)
#define HCR_VSE BIT(8)

enum { EXCEPTIONS = 4000, PROBES = 4000 };

enum what { UNDEF, READ, WRITE, FETCH, SVC, PC_ALIGN, FP, BRK, ILLEGAL, IRQ, SERROR, KINDS };
static const char *const names[KINDS] = {"UNDEFINED",     "read",         "write", "fetch",
					 "SVC",           "PC alignment", "FP",    "BRK",
					 "illegal state", "IRQ",          "SError"};

static struct armvirt_features features;
static uint64_t seed = 1;
static unsigned passed;

/* One instruction each; what follows is never reached. */
static const uint32_t code[KINDS] = {
	[UNDEF] = 0x00000000,   [READ] = 0xf9400001, [WRITE] = 0xf9000001,
	[SVC] = 0xd4024681,     [FP] = 0x1e602000,   [BRK] = 0xd4224680,
	[ILLEGAL] = 0xd503201f, [IRQ] = 0xd503201f,  [SERROR] = 0xd503201f,
};
static const uint32_t code32[2] = {0xe7f000f0, 0xe5901000}; /* UDF; LDR R1, [R0] */
static const uint32_t code_t32[2] = {0x0000de00, 0x00006801};

static uint64_t next(void)
{
	return random_next(&seed);
}

static bool has(enum armvirt_feature x)
{
	return armvirt_has(&features, x);
}

/* Flags and feature bits of a PSTATE, as the processor can have them. */
static uint64_t random_pstate(bool aarch32)
{
	uint64_t bits = UINT64_C(0xf) << 28 | BIT(8) | BIT(7) | BIT(6);

	if (has(ARMVIRT_FEAT_DIT))
		bits |= BIT(24);
	if (has(ARMVIRT_FEAT_PAN))
		bits |= BIT(22);
	if (aarch32) {
		bits |= BIT(27) | BIT(19) | BIT(16) | (has(ARMVIRT_FEAT_SSBS) ? BIT(23) : 0);
		return next() & bits;
	}
	bits |= BIT(9) | (has(ARMVIRT_FEAT_UAO) ? BIT(23) : 0) |
		(has(ARMVIRT_FEAT_SSBS) ? BIT(12) : 0);
	bits |= has(ARMVIRT_FEAT_BTI) ? BIT(10) | BIT(11) : 0;
	bits |= has(ARMVIRT_FEAT_MTE2) ? BIT(25) : 0;
	bits |= has(ARMVIRT_FEAT_NMI) ? BIT(13) : 0;
	return next() & bits;
}

static uint64_t random_sctlr(void)
{
	uint64_t sctlr = 0x30500980; /* RES1, MMU off; SED, ITD: no deprecated T32 */

	sctlr &= ~(BIT(7) | BIT(23));
	sctlr |= next() & BIT(23);
	if (has(ARMVIRT_FEAT_SSBS))
		sctlr |= next() & BIT(44);
	if (has(ARMVIRT_FEAT_NMI))
		sctlr |= next() & BIT(62);
	return sctlr;
}

static void load(const struct armvirt_excregs *r)
{
	write_sysreg("sctlr_el1", r->sctlr);
	write_sysreg("vbar_el1", r->vbar);
	write_sysreg("spsr_el1", r->spsr);
	write_sysreg("elr_el1", r->elr);
	write_sysreg("esr_el1", r->esr);
	write_sysreg("far_el1", r->far);
	write_sysreg("cpacr_el1", 0);
	write_sysreg("tcr_el1", r->tcr);
	__asm__ volatile("isb");
}

static void differ(enum what what, const char *name, uint64_t got, uint64_t want)
{
	if (got != want)
		fail("%s: %s injected is %lx, taken is %lx", names[what], name, got, want);
}

static enum armvirt_status inject(enum what what, const struct armvirt_exctarget *t, uint64_t va,
				  uint32_t iss)
{
	struct armvirt_sync s = {0, va, what == PC_ALIGN};
	const struct armvirt_abort_request r = {
		.va = va, .status = 0, .fetch = what == FETCH, .write = what == WRITE};

	switch (what) {
	case UNDEF:
		return armvirt_inject_undef(t);
	case READ:
	case WRITE:
	case FETCH:
		return armvirt_inject_abort(t, &r);
	case IRQ:
		return armvirt_inject_irq(t);
	case SERROR:
		return armvirt_inject_serror(t, iss);
	case SVC:
		t->frame->pc += 4;
		s.esr = UINT64_C(0x15) << 26 | BIT(25) | 0x1234;
		break;
	case PC_ALIGN:
		s.esr = UINT64_C(0x22) << 26;
		break;
	case FP:
		s.esr = UINT64_C(0x07) << 26 | BIT(25) | 0x1e00000;
		break;
	case BRK:
		s.esr = UINT64_C(0x3c) << 26 | BIT(25) | 0x1234;
		break;
	default:
		s.esr = UINT64_C(0x0e) << 26;
		break;
	}
	return armvirt_inject_sync(t, &s);
}

/* The start of a guest that takes the exception at once. */
static uint64_t prepare(enum what what, struct native *n, uint64_t *hcr)
{
	uint64_t va = BIT(53) | (next() & 0xffff8), el0 = next() & 1;

	n->pc = (uintptr_t)&code[what];
	n->pstate = random_pstate(false) | (el0 ? 0 : 4 | (next() & 1));
	n->x[0] = va;
	if (what == FETCH)
		n->pc = va;
	if (what == PC_ALIGN)
		n->pc = va = n->pc | 2;
	if (what == ILLEGAL)
		n->pstate |= BIT(20);
	if (what == IRQ) {
		n->pstate &= ~(BIT(7) | BIT(13));
		*hcr |= HCR_VI | BIT(4);
	}
	if (what == SERROR) {
		n->pstate &= ~BIT(8);
		*hcr |= HCR_VSE | BIT(5);
	}
	return va;
}

/* QEMU clears NZCV and DIT, which the architecture keeps, and has no TCO below FEAT_MTE2. */
static uint64_t without_qemu(uint64_t pstate)
{
	return pstate & ~(UINT64_C(0xf) << 28 | BIT(24) | (has(ARMVIRT_FEAT_MTE2) ? 0 : BIT(25)));
}

static void compare(enum what what, const struct armvirt_exctarget *t, const struct native *n)
{
	const struct armvirt_excregs *r = t->regs;

	if (n->vector != 8 || read_sysreg("esr_el2") >> 26 != 0x16)
		fail("%s: EL2's vector %lu, ESR %lx", names[what], n->vector,
		     read_sysreg("esr_el2"));
	differ(what, "PC", t->frame->pc + 4, n->pc);
	differ(what, "PSTATE", without_qemu(t->frame->pstate), without_qemu(n->pstate));
	differ(what, "SPSR_EL1", r->spsr, read_sysreg("spsr_el1"));
	differ(what, "ELR_EL1", r->elr, read_sysreg("elr_el1"));
	differ(what, "ESR_EL1", r->esr, read_sysreg("esr_el1"));
	if (what == READ || what == WRITE || what == FETCH || what == PC_ALIGN)
		differ(what, "FAR_EL1", r->far, read_sysreg("far_el1"));
	passed++;
}

static void one(enum what what)
{
	struct native n = {.vector = 99};
	struct armvirt_excregs regs = {.vbar = (uintptr_t)guest_vectors, .sctlr = random_sctlr()};
	struct armvirt_frame frame = {.pc = 0};
	const struct armvirt_exctarget t = {&frame, &regs, &features};
	uint32_t iss = next() & 0x1ffffff;
	uint64_t hcr = HCR_RW, va = prepare(what, &n, &hcr);

	if (what == SERROR && !has(ARMVIRT_FEAT_RAS))
		return;
	if (what == FP) /* the trap, not the FP unit */
		write_sysreg("cptr_el2", 0x33ff & ~BIT(10));
	if (has(ARMVIRT_FEAT_RAS))
		__asm__ volatile("msr s3_4_c5_c2_3, %0" ::"r"((uint64_t)iss)); /* VSESR_EL2 */
	frame.pc = n.pc;
	frame.pstate = n.pstate;
	load(&regs);
	write_sysreg("hcr_el2", hcr);
	__asm__ volatile("isb");
	native_run(&n);
	write_sysreg("hcr_el2", HCR_RW);
	if (inject(what, &t, va, iss) != ARMVIRT_OK)
		fail("%s: refused", names[what]);
	compare(what, &t, &n);
}

/* AArch32 at EL0, below an AArch64 EL1, and at EL1. */
static void one32(bool el1)
{
	static const uint8_t modes[] = {0x10, 0x13, 0x17, 0x1b, 0x12, 0x11, 0x1f};
	struct native n = {.vector = 99};
	struct armvirt_excregs regs = {.sctlr = random_sctlr(), .el1_aarch32 = el1};
	struct armvirt_frame frame = {.pc = 0};
	const struct armvirt_exctarget t = {&frame, &regs, &features};
	bool t32 = next() & 1;

	regs.vbar = el1 ? (uintptr_t)guest_vectors32 : (uintptr_t)guest_vectors;
	regs.sctlr &= ~BIT(30);
	if (el1 && has(ARMVIRT_FEAT_SSBS))
		regs.sctlr |= next() & BIT(31);
	n.pc = t32 ? (uintptr_t)code_t32 : (uintptr_t)code32;
	n.pstate = random_pstate(true) | (t32 ? BIT(5) : 0) | 0x10;
	if (el1)
		n.pstate = (n.pstate & ~UINT64_C(0x1f)) | modes[next() % sizeof(modes)];
	frame.pc = n.pc;
	frame.pstate = n.pstate;
	load(&regs);
	write_sysreg("hcr_el2", el1 ? 0 : HCR_RW);
	__asm__ volatile("isb");
	native_run(&n);
	write_sysreg("hcr_el2", HCR_RW);
	if (armvirt_inject_undef(&t) != ARMVIRT_OK)
		fail("AArch32 UNDEFINED: refused");
	if (!el1) {
		compare(UNDEF, &t, &n);
		return;
	}
	if (n.vector != 12 || read_sysreg("esr_el2") >> 26 != 0x12)
		fail("AArch32: EL2's vector %lu, ESR %lx", n.vector, read_sysreg("esr_el2"));
	/* behind the code of vector 1, which reads the SPSR: EL2 reads a stale SPSR_und on QEMU */
	differ(UNDEF, "PC", frame.pc, n.pc - 44);
	differ(UNDEF, "PSTATE", frame.pstate, n.pstate);
	differ(UNDEF, "LR_und", frame.x[22], (uint32_t)n.x[22]);
	differ(UNDEF, "SPSR_und", regs.spsr_und, (uint32_t)n.x[0]);
	passed++;
}

/* --- the walker against AT --- */

static _Alignas(65536) uint64_t tables[3][8192];

static uint64_t random_descriptor(unsigned granule, bool ds)
{
	uint64_t r = next(), d = r & ~UINT64_C(0x00fffffffffff000);

	d &= ~(BIT(51) | BIT(50));
	if (granule == 16)
		d &= ~UINT64_C(0xf000);
	if (ds) /* high address bits, which QEMU does not check below 52 */
		d &= ~UINT64_C(0x300);
	/* What may be a table lies in memory: AT takes an External abort of a walk to EL2. */
	switch (next() % 8) {
	case 0:
		return d | 0x40000000 | (next() & 0x1fff0000) | 3;
	case 1:
		return d & ~UINT64_C(1);
	case 2: /* a block anywhere, also beyond the address size */
		return (d | (next() & UINT64_C(0xfffff0000000)) | 1) & ~UINT64_C(2);
	case 3:
		return d | 0x40000000 | (next() & 0x1fff0000) | BIT(10) | 3;
	default: /* a table that is there */
		return (r & UINT64_C(0x7800000000000000)) | BIT(10) | 3 |
		       (uintptr_t)tables[next() % 3];
	}
}

static void random_regime(struct armvirt_guest_mmu *mmu)
{
	static const uint8_t attributes[] = {0x00, 0x04, 0x0c, 0x44, 0xff, 0xbb, 0xee, 0x4f};
	static const uint8_t tg0[] = {0, 2, 1}, tg1[] = {2, 1, 3};
	unsigned g, granule;

	do {
		g = (unsigned)(next() % 3);
	} while (!(g == 0   ? features.s1_granule_4k
		   : g == 1 ? features.s1_granule_16k
			    : features.s1_granule_64k));
	granule = 12 + 2 * g;
	*mmu = (struct armvirt_guest_mmu){
		.sctlr = 0x30500981 | (next() & (BIT(19) | (has(ARMVIRT_FEAT_PAN) ? BIT(23) : 0))),
		.pa_bits = features.pa_bits,
		.lva = has(ARMVIRT_FEAT_LPA) && (read_sysreg("id_aa64mmfr2_el1") >> 16 & 15),
		.lpa2 = g == 0 ? features.s1_granule_4k == 2
			       : g == 1 && features.s1_granule_16k == 2,
		.ttbr0 = (uintptr_t)tables[0],
		.ttbr1 = (uintptr_t)tables[1],
	};
	/* sizes that every implementation has, so that nothing is CONSTRAINED UNPREDICTABLE */
	mmu->tcr = (16 + next() % 24) | (16 + next() % 24) << 16 | (uint64_t)tg0[g] << 14 |
		   (uint64_t)tg1[g] << 30 | (next() % 6) << 32 | (next() & (BIT(37) | BIT(38))) |
		   (next() % 16 == 0 ? BIT(7) : 0) | 3 << 12 | 3 << 28;
	if (read_sysreg("id_aa64mmfr1_el1") >> 12 & 15)
		mmu->tcr |= next() & (BIT(41) | BIT(42));
	if (mmu->lpa2 && next() & 1)
		mmu->tcr |= BIT(59);
	for (unsigned i = 0; i < 8; i++)
		mmu->mair |= (uint64_t)attributes[next() % sizeof(attributes)] << 8 * i;
	for (unsigned t = 0; t < 3; t++) {
		for (unsigned i = 0; i < 8192; i++)
			tables[t][i] = random_descriptor(granule, mmu->tcr & BIT(59));
	}
}

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
	default:
		__asm__ volatile("at s1e0w, %0; isb" ::"r"(va) : "memory");
		break;
	}
	return read_sysreg("par_el1");
}

static unsigned translated;

static void probe(const struct armvirt_guest_mmu *mmu, uint64_t va)
{
	/* everything below 1 GiB + 512 MiB is there; the rest has no memory, and no device */
	const struct armvirt_guest_span span = {0x40000000, 0x20000000, (const void *)0x40000000};
	const struct armvirt_guest_memory memory = {&span, 1};

	for (unsigned how = 0; how < 4; how++) {
		const struct armvirt_guest_access a = {.va = va, .write = how & 1, .el0 = how >> 1};
		struct armvirt_guest_translation t;
		uint64_t par = translate(how, va);

		if (armvirt_guest_translate(&t, mmu, &memory, &a) != ARMVIRT_OK)
			fail("the walker refuses");
		if (t.status >= 0x13 && t.status <= 0x17) /* QEMU reads zeros there */
			continue;
		if (par & 1 ? t.status != (par >> 1 & 0x3f)
			    : t.status != ARMVIRT_GUEST_NO_FAULT ||
				      (t.ipa & ~UINT64_C(0xfff)) !=
					      (par & UINT64_C(0x000ffffffffff000)) ||
				      t.attr != par >> 56)
			fail("VA %lx, AT %u: PAR %lx, walker: status %x, level %d, address %lx, "
			     "attributes %x, descriptor %lx, TCR %lx",
			     va, how, par, t.status, t.level, t.ipa, t.attr, t.descriptor,
			     mmu->tcr);
		translated += !(par & 1);
		passed++;
	}
}

static void walks(void)
{
	static struct armvirt_guest_mmu mmu;

	for (unsigned i = 0; i < PROBES; i++) {
		uint64_t va = next();
		unsigned bits;

		if (i % 64 == 0) {
			random_regime(&mmu);
			write_sysreg("sctlr_el1", mmu.sctlr);
			write_sysreg("tcr_el1", mmu.tcr);
			write_sysreg("ttbr0_el1", mmu.ttbr0);
			write_sysreg("ttbr1_el1", mmu.ttbr1);
			write_sysreg("mair_el1", mmu.mair);
			__asm__ volatile("isb; tlbi alle1; dsb nsh; isb" ::: "memory");
		}
		bits = 64 - (unsigned)(mmu.tcr >> (va >> 63 ? 16 : 0) & 0x3f);
		if (next() % 8) /* inside its half */
			va = (uint64_t)((int64_t)va >> 63) << bits | (va & (BIT(bits) - 1));
		probe(&mmu, va);
	}
}

void system_main(void)
{
	struct armvirt_idregs id;

	seed = argument("seed", 1);
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	write_sysreg("vbar_el2", (uintptr_t)trap_vectors);
	write_sysreg("hcr_el2", HCR_RW);
	write_sysreg("mdcr_el2", 0);
	write_sysreg("cptr_el2", 0x33ff & ~BIT(10));
	__asm__ volatile("isb");
	for (unsigned i = 0; i < EXCEPTIONS; i++) {
		one((enum what)(i % KINDS));
		if (has(ARMVIRT_FEAT_AA32EL0))
			one32(false);
		if (has(ARMVIRT_FEAT_AA32EL1))
			one32(true);
	}
	print("%u exceptions are the same\n", passed);
	walks();
	print("%u translations lead somewhere\n", translated);
	if (translated < PROBES / 4)
		fail("too few translations");
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
