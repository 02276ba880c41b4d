/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that the processor takes to an AArch32 EL1 by itself, and the same injected by the
 * library: from every mode, A32 and T32 (inside IT blocks too), MMU off, short and long
 * descriptors, both places of the vectors, vectors in either instruction set.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/inject.h>

#include "system.h"
#include "trap.h"

#define BIT(n)  (UINT64_C(1) << (n))
#define HCR_IMO BIT(4)
#define HCR_FMO BIT(3)
#define HCR_AMO BIT(5)
#define HCR_VF  BIT(6)
#define HCR_VI  BIT(7)
#define HCR_VSE BIT(8)
#define HIGH    UINT64_C(0x5fff0000) /* what 0xffff0000 is translated to */

enum { EXCEPTIONS = 20000, LOW_BASE = 0x40000000, HIGH_BASE_SECTION = 0x5ff, EAE_BIT = 31 };
enum what { UNDEF, READ, WRITE, FETCH, IRQ, FIQ, SERROR, KINDS };
enum mmu { OFF, SHORT, LONG };

static const char *const names[KINDS] = {"UNDEFINED", "read", "write", "fetch",
					 "IRQ",       "FIQ",  "SError"};
static const uint8_t modes[] = {0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f};

static const uint32_t a32[KINDS] = {0xe7f000f0, 0xe5901000, 0xe5801000, 0,
				    0xe320f000, 0xe320f000, 0xe320f000};
static const uint16_t t32[KINDS][2] = {{0xde00, 0}, {0x6801, 0}, {0x6001, 0}, {0, 0},
				       {0xbf00, 0}, {0xbf00, 0}, {0xbf00, 0}};

/* The vectors: 8 branches, then for each MRS R0, SPSR and HVC #0. */
static _Alignas(32) uint32_t vectors_a32[24], vectors_t32[24];
static _Alignas(16384) uint32_t short_1[4096];
static _Alignas(1024) uint32_t short_2[2][256];
static _Alignas(4096) uint64_t long_1[4], long_2[2][512], long_3[512];

static struct armvirt_features features;
static uint64_t seed = 1;
static unsigned passed, by_kind[KINDS];

/* A virtual address, the access that it refuses, and how: the status as FST has it. */
struct place {
	uint32_t va;
	uint8_t status;
	bool write_only, fetch_too;
	uint8_t domain;
};

static const struct place short_places[] = {
	{0x80000124, 0x05, false, true, 0},  /* no section */
	{0x80100124, 0x0d, true, false, 0},  /* read-only section */
	{0x80200124, 0x06, false, true, 0},  /* no page: level 2 */
	{0x80201124, 0x0e, true, false, 0},  /* read-only page */
	{0x80300124, 0x3d, false, false, 1}, /* domain of a section */
	{0x80400124, 0x3e, false, false, 5}, /* domain of a page */
	{0x80500124, 0x09, false, false, 0}, /* access flag of a section, SCTLR.AFE */
};
static const struct place long_places[] = {
	{0x00000124, 0x05, false, true, 0},  {0x80000124, 0x06, false, true, 0},
	{0x80200124, 0x0e, true, false, 0},  {0x80400124, 0x07, false, true, 0},
	{0x80401124, 0x0f, true, false, 0},  {0x80402124, 0x0b, false, true, 0},
	{0x80600124, 0x0a, false, false, 0},
};

static uint64_t next(void)
{
	return random_next(&seed);
}

static bool has(enum armvirt_feature x)
{
	return armvirt_has(&features, x);
}

static void make_vectors(void)
{
	for (uint32_t n = 0; n < 8; n++) {
		vectors_a32[n] = 0xea000006 + n;
		vectors_a32[8 + 2 * n] = 0xe14f0000;
		vectors_a32[9 + 2 * n] = 0xe1400070;
		vectors_t32[n] = 0xbf000000 | 0xe000 | (32 + 8 * n - 4 * n - 4) / 2;
		vectors_t32[8 + 2 * n] = 0x8000f3ff;
		vectors_t32[9 + 2 * n] = 0x8000f7e0;
	}
}

/* Sections of the RAM, full access; what short_places names. */
static void make_short(void)
{
	const uint32_t full = 0xc02, read_only = 0x8402, domain1 = 1 << 5, domain5 = 5 << 5;

	for (uint32_t n = LOW_BASE >> 20; n < 0x600; n++)
		short_1[n] = n << 20 | full;
	short_1[0xfff] = (uint32_t)HIGH_BASE_SECTION << 20 | full;
	short_1[0x801] = 0x41000000 | read_only;
	short_1[0x802] = (uint32_t)(uintptr_t)short_2[0] | 1;
	short_2[0][1] = 0x41000000 | 0x212;
	short_1[0x803] = 0x41000000 | full | domain1;
	short_1[0x804] = (uint32_t)(uintptr_t)short_2[1] | 1 | domain5;
	short_2[1][0] = 0x41000000 | 0x32;
	short_1[0x805] = 0x41000000 | (full & ~(1u << 10));
}

static void make_long(void)
{
	const uint64_t block = 0x741, page = 0x743, read_only = 0x80;

	long_1[1] = LOW_BASE | block;
	long_1[2] = (uintptr_t)long_2[0] | 3;
	long_1[3] = (uintptr_t)long_2[1] | 3;
	long_2[0][1] = 0x41000000 | block | read_only;
	long_2[0][2] = (uintptr_t)long_3 | 3;
	long_2[0][3] = 0x41000000 | (block & ~BIT(10));
	long_3[1] = 0x41000000 | page | read_only;
	long_3[2] = 0x41000000 | (page & ~BIT(10));
	long_2[1][511] = (HIGH & ~UINT64_C(0x1fffff)) | block;
}

static uint64_t random_pstate(void)
{
	uint64_t bits =
		UINT64_C(0xf) << 28 | BIT(27) | BIT(19) | BIT(16) | BIT(8) | BIT(7) | BIT(6);

	bits |= has(ARMVIRT_FEAT_DIT) ? BIT(24) : 0;
	bits |= has(ARMVIRT_FEAT_PAN) ? BIT(22) : 0;
	bits |= has(ARMVIRT_FEAT_SSBS) ? BIT(23) : 0;
	return (next() & bits) | modes[next() % sizeof(modes)];
}

/* SCTLR: big-endian exceptions only where no table is walked. */
static uint64_t random_sctlr(enum mmu mmu, bool afe)
{
	uint64_t sctlr = UINT64_C(0x00c50838) & ~BIT(23);

	sctlr |= next() & (BIT(30) | BIT(23) | (mmu == OFF ? BIT(25) : BIT(13)));
	sctlr |= mmu != OFF ? BIT(23) : 0; /* see without_pan() */
	if (has(ARMVIRT_FEAT_SSBS))
		sctlr |= next() & BIT(31);
	return sctlr | (mmu != OFF) | (afe ? BIT(29) : 0);
}

static void load(const struct armvirt_excregs *r, enum mmu mmu)
{
	write_sysreg("ttbr0_el1", mmu == LONG ? (uintptr_t)long_1 : (uintptr_t)short_1);
	write_sysreg("mair_el1", 0xff);
	__asm__ volatile("msr s3_4_c3_c0_0, %0" ::"r"(UINT64_C(1))); /* DACR32_EL2: client of 0 */
	__asm__ volatile("msr s3_4_c5_c0_1, %0" ::"r"(r->ifsr32));
	write_sysreg("sctlr_el1", r->sctlr);
	write_sysreg("vbar_el1", r->vbar);
	write_sysreg("esr_el1", r->esr);
	write_sysreg("far_el1", r->far);
	write_sysreg("tcr_el1", r->tcr);
	__asm__ volatile("dsb sy; isb; tlbi alle1; dsb sy; isb");
}

static void differ(enum what what, const struct native *n, const char *name, uint64_t got,
		   uint64_t want)
{
	if (got != want)
		fail("%s: %s injected is %lx, taken is %lx; vector at %lx, PSTATE %lx", names[what],
		     name, got, want, n->pc, n->pstate);
}

static const struct place *choose(enum what what, enum mmu mmu)
{
	const struct place *p;

	do {
		p = mmu == LONG ? &long_places[next() % 7] : &short_places[next() % 7];
	} while ((p->write_only && what != WRITE) || (!p->fetch_too && what == FETCH));
	return p;
}

/*
 * QEMU: with PSTATE.PAN no page that EL0 may access can be fetched from by PL1. Architecture
 * (AArch32.S1HasPermissionsFault()): PAN is for data accesses. So PAN is clear here with an MMU.
 */
static uint64_t without_pan(uint64_t pstate, enum mmu mmu)
{
	return mmu == OFF ? pstate : pstate & ~BIT(22);
}

/* The start of a guest that takes the exception at once. */
static void prepare(enum what what, struct native *n, const struct place *p, uint64_t *hcr)
{
	bool thumb = next() & 1;

	n->pstate = random_pstate();
	n->x[0] = p->va;
	if (thumb) /* the last of an IT block that always executes, or none */
		n->pstate |= BIT(5) | (next() & 1 ? UINT64_C(0xe8) << 8 & 0xfc00 : 0);
	n->pc = thumb ? (uintptr_t)t32[what] : (uintptr_t)&a32[what];
	if (what == FETCH) {
		n->pc = p->va;
		n->pstate &= ~UINT64_C(0xfc00);
	}
	if (what == IRQ) {
		n->pstate &= ~BIT(7);
		*hcr |= HCR_VI | HCR_IMO;
	}
	if (what == FIQ) {
		n->pstate &= ~BIT(6);
		*hcr |= HCR_VF | HCR_FMO;
	}
	if (what == SERROR) {
		n->pstate &= ~BIT(8);
		*hcr |= HCR_VSE | HCR_AMO;
	}
}

static enum armvirt_status inject(enum what what, const struct armvirt_exctarget *t,
				  const struct place *p)
{
	const struct armvirt_abort_request r = {.va = p->va,
						.status = p->status,
						.domain = p->domain,
						.fetch = what == FETCH,
						.write = what == WRITE};

	switch (what) {
	case UNDEF:
		return armvirt_inject_undef(t);
	case IRQ:
		return armvirt_inject_irq(t);
	case FIQ:
		return armvirt_inject_fiq(t);
	case SERROR:
		return armvirt_inject_serror(t, 0);
	default:
		return armvirt_inject_abort(t, &r);
	}
}

/* LR of the mode that the exception is taken to, among the X registers. */
static unsigned link_register(enum what what)
{
	return what == UNDEF ? 22 : what == IRQ ? 16 : what == FIQ ? 30 : 20;
}

static uint64_t spsr_of(enum what what, const struct armvirt_excregs *r)
{
	return what == UNDEF ? r->spsr_und
	       : what == IRQ ? r->spsr_irq
	       : what == FIQ ? r->spsr_fiq
			     : r->spsr_abt;
}

static void compare(enum what what, const struct armvirt_exctarget *t, const struct native *n)
{
	const struct armvirt_excregs *r = t->regs;
	uint64_t base = r->sctlr & BIT(13) ? UINT64_C(0xffff0000) : r->vbar;
	unsigned lr = link_register(what);

	if (n->vector != 12 || read_sysreg("esr_el2") >> 26 != 0x12)
		fail("%s: EL2's vector %lu, ESR %lx, PC %lx", names[what], n->vector,
		     read_sysreg("esr_el2"), n->pc);
	differ(what, n, "PC", t->frame->pc, base + (n->pc - base - 40) / 2);
	differ(what, n, "PSTATE", t->frame->pstate, n->pstate);
	differ(what, n, "LR", t->frame->x[lr], (uint32_t)n->x[lr]);
	/* MRS in the vector: EL2 reads stale banked SPSRs on QEMU. */
	differ(what, n, "SPSR", spsr_of(what, r), (uint32_t)n->x[0]);
	if (what == READ || what == WRITE || what == SERROR)
		differ(what, n, "DFSR", r->esr, read_sysreg("esr_el1"));
	if (what == READ || what == WRITE || what == FETCH)
		differ(what, n, "DFAR and IFAR", r->far, read_sysreg("far_el1"));
	if (what == FETCH)
		differ(what, n, "IFSR", r->ifsr32, read_sysreg("s3_4_c5_c0_1"));
	passed++;
	by_kind[what]++;
}

static void one(enum what what)
{
	bool abort = what == READ || what == WRITE || what == FETCH;
	enum mmu mmu = abort ? (next() & 1 ? SHORT : LONG) : (enum mmu)(next() % 3);
	const struct place *p = choose(what, mmu);
	struct native n = {.vector = 99};
	struct armvirt_excregs regs = {.el1_aarch32 = true};
	struct armvirt_frame frame = {.pc = 0};
	const struct armvirt_exctarget t = {&frame, &regs, &features};
	uint64_t hcr = 0;

	regs.sctlr = random_sctlr(mmu, mmu == SHORT && p->status == 0x09);
	regs.tcr = mmu == LONG ? BIT(EAE_BIT) : 0;
	regs.esr = next() & 0x1f;
	regs.far = next();
	regs.ifsr32 = next() & 0xf;
	regs.vbar = regs.sctlr & BIT(30) ? (uintptr_t)vectors_t32 : (uintptr_t)vectors_a32;
	memcpy((void *)(uintptr_t)HIGH, (const void *)(uintptr_t)regs.vbar, sizeof(vectors_a32));
	prepare(what, &n, p, &hcr);
	n.pstate = without_pan(n.pstate, mmu);
	frame.pc = n.pc;
	frame.pstate = n.pstate;
	if (has(ARMVIRT_FEAT_RAS))
		write_sysreg("s3_4_c5_c2_3", 0); /* VSESR_EL2 */
	load(&regs, mmu);
	write_sysreg("hcr_el2", hcr);
	__asm__ volatile("isb");
	native_run(&n);
	write_sysreg("hcr_el2", BIT(31));
	if (inject(what, &t, p) != ARMVIRT_OK)
		fail("%s: refused", names[what]);
	compare(what, &t, &n);
}

void system_main(void)
{
	struct armvirt_idregs id;

	seed = argument("seed", 1) * 2654435761 + 1;
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	if (!has(ARMVIRT_FEAT_AA32EL1))
		fail("no AArch32 at EL1 here");
	write_sysreg("vbar_el2", (uintptr_t)trap_vectors);
	write_sysreg("mdcr_el2", 0);
	__asm__ volatile("isb");
	make_vectors();
	make_short();
	make_long();
	for (unsigned i = 0; i < EXCEPTIONS; i++)
		one((enum what)(i % KINDS));
	for (unsigned i = 0; i < KINDS; i++)
		print("%s %u ", names[i], by_kind[i]);
	print("\n");
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
