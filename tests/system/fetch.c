/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instruction fetches, which AT does not ask about: a guest at EL1 and at EL0 runs one instruction
 * through random permissions of leaf and tables, in the three formats, and either runs it or takes
 * the abort that the walker says. T32 instructions lie across pages of their own permissions, too.
 * What ran, armvirt_guest_fetch() reads through the registers that the guest ran with.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/guestwalk.h>

#include "system.h"
#include "trap.h"

#define BIT(n) (UINT64_C(1) << (n))

#define HCR_RW  BIT(31)
#define RAM     UINT64_C(0x40000000)
#define WORDS   2048 /* of code: two pages */
#define HVC     0xd4000002
#define HVC_A32 0xe1400070
#define HVC_T32 0xf7e08000

enum { ROUNDS = 3000 };
enum format { A64, LONG32, SHORT32, FORMATS };
static const char *const formats[FORMATS] = {"AArch64", "AArch32 long", "AArch32 short"};

static struct armvirt_features features;
static struct armvirt_idregs id;
static uint64_t seed = 1;
static unsigned ran[FORMATS][2], aborted[FORMATS][2], across;

/* T32: from the second halfword on, so that an instruction begins at the end of the first page. */
static _Alignas(8192) uint32_t code[WORDS], code32[WORDS], code_t32[WORDS];
static _Alignas(4096) uint64_t level1[512], level2[512], level3[512], upper[512];
static _Alignas(16384) uint32_t first[2048], second[256], upper32[4096];

static uint64_t next(void)
{
	return random_next(&seed);
}

static uint64_t pa_of(const void *p)
{
	return (uintptr_t)p;
}

/* AP, XN, PXN of a leaf; the limits of a table. */
static uint64_t random_leaf(void)
{
	return (next() & (BIT(6) | BIT(7))) | (next() & next() & (BIT(53) | BIT(54))) |
	       (next() % 16 ? BIT(10) : 0);
}

static uint64_t random_limits(void)
{
	return next() & next() & next() & (UINT64_C(15) << 59);
}

/* From level 1 down to a block or a page that holds the code. */
static uint64_t map_long(uint64_t code_pa, unsigned l1_index)
{
	unsigned l2_index = code_pa >> 21 & 511, l3_index = code_pa >> 12 & 511;
	int leaf = 1 + (int)(next() % 3);

	level1[l1_index] = leaf == 1 ? (code_pa >> 30 << 30) | random_leaf() | 1
				     : pa_of(level2) | random_limits() | 3;
	level2[l2_index] = leaf == 2 ? (code_pa >> 21 << 21) | random_leaf() | 1
				     : pa_of(level3) | random_limits() | 3;
	level3[l3_index] = (code_pa >> 12 << 12) | random_leaf() | 3;
	level3[l3_index + 1] = ((code_pa >> 12) + 1) << 12 | random_leaf() | 3;
	return (uint64_t)l1_index << 30 | (code_pa & (BIT(30) - 1));
}

/* The vectors: read-only for EL1, so that WXN leaves them. */
static void map_vectors_long(unsigned index)
{
	upper[index] = RAM | BIT(10) | BIT(7) | 1;
}

static uint64_t map_short(struct armvirt_guest_mmu *mmu, uint64_t code_pa)
{
	uint32_t r = (uint32_t)next(), at = (uint32_t)code_pa, domain = r & 15 << 5;

	if (domain == 15 << 5) /* the vectors' */
		domain = 0;
	mmu->dacr = (uint32_t)next() | UINT32_C(3) << 30;
	if (next() % 4) /* a client */
		mmu->dacr = (mmu->dacr & ~(3u << (domain >> 4))) | 1u << (domain >> 4);
	if (mmu->sctlr & BIT(29)) /* QEMU looks at the domain before the access flag */
		mmu->dacr = 0xd5555555;
	switch (next() % 4) {
	case 0:
		first[at >> 20] = (at & 0xfff00000) | domain | (r & 0x8c11) | 2;
		break;
	case 1: /* a supersection: its bits 8:5 are of the address */
		for (unsigned i = 0; i < 16; i++)
			first[(at >> 20 & ~15u) + i] =
				(at & 0xff000000) | BIT(18) | (r & 0x8c11) | 2;
		break;
	default:
		first[at >> 20] = (uint32_t)pa_of(second) | domain | (r & 4) | 1;
		second[at >> 12 & 255] = (at & 0xfffff000) | (r >> 8 & 0x231) | 2;
		second[(at >> 12 & 255) + 1] =
			((at & 0xfffff000) + 4096) | ((uint32_t)next() & 0x231) | 2;
		if (next() % 2)
			for (unsigned i = 0; i < 16; i++)
				second[(at >> 12 & 0xf0) + i] =
					(at & 0xffff0000) | (r >> 8 & 0x8230) | 1;
	}
	return at;
}

static uint64_t prepare(struct armvirt_guest_mmu *mmu, enum format f, bool t32, uint64_t *vbar)
{
	uint64_t code_pa = pa_of(f == A64 ? code : t32 ? code_t32 : code32);
	uint64_t va;

	armvirt_guest_mmu_init(mmu, &id);
	mmu->sctlr = 0x30500980 | 1 | BIT(2) | BIT(12) | (next() & BIT(19));
	mmu->ttbr0 = pa_of(level1);
	mmu->ttbr1 = pa_of(upper);
	if (f == A64) {
		mmu->tcr = 25 | 25 << 16 | UINT64_C(2) << 30;
		if (mmu->has & ARMVIRT_GUEST_HAS_HPD)
			mmu->tcr |= next() & BIT(41);
		va = map_long(code_pa, next() & 511);
		map_vectors_long(1);
		*vbar = UINT64_C(0xffffff8000000000) + pa_of(guest_vectors);
		return va | (next() & 0xffc);
	}
	mmu->hcr = 0;
	mmu->sctlr = (mmu->sctlr & ~(BIT(28) | BIT(29) | BIT(30))) | (next() & BIT(20));
	if (f == LONG32) {
		mmu->tcr = BIT(31) | 1 | 1 << 16;
		if (mmu->has & ARMVIRT_GUEST_HAS_HPD32)
			mmu->tcr |= next() & (BIT(41) | BIT(6));
		va = map_long(code_pa, next() & 1);
		map_vectors_long(0);
		*vbar = pa_of(guest_vectors32) + RAM;
	} else {
		mmu->tcr = 1;
		mmu->sctlr |= next() & BIT(29);
		mmu->ttbr0 = pa_of(first);
		mmu->ttbr1 = pa_of(upper32);
		va = map_short(mmu, code_pa);
		*vbar = pa_of(guest_vectors32) | 0x80000000;
		upper32[*vbar >> 20] =
			(uint32_t)(pa_of(guest_vectors32) & 0xfff00000) | 15 << 5 | 3 << 10 | 2;
	}
	if (t32) /* often the last halfword of the page */
		return va | 2 | (next() & 1 ? 0xffc : next() & 0xffc);
	return va | (next() & 0xffc);
}

static void load(const struct armvirt_guest_mmu *mmu, uint64_t vbar)
{
	write_sysreg("sctlr_el1", mmu->sctlr);
	write_sysreg("tcr_el1", mmu->tcr);
	write_sysreg("ttbr0_el1", mmu->ttbr0);
	write_sysreg("ttbr1_el1", mmu->ttbr1);
	write_sysreg("mair_el1", UINT64_C(0xff));
	write_sysreg("vbar_el1", vbar);
	if (armvirt_has(&features, ARMVIRT_FEAT_AA32EL1))
		write_sysreg("dacr32_el2", mmu->dacr);
	write_sysreg("hcr_el2", mmu->hcr);
	__asm__ volatile("dsb sy; isb; tlbi alle1; dsb nsh; ic iallu; dsb nsh; isb" ::: "memory");
}

/* Whether it ran; if not, its fault status in *status. */
static bool run64(uint64_t va, bool el0, uint32_t *status)
{
	struct native n = {.pc = va, .pstate = el0 ? 0x3c0 : 0x3c5, .vector = 99};
	uint64_t esr;

	native_run(&n);
	if (n.vector != 8 || read_sysreg("esr_el2") >> 26 != 0x16)
		fail("EL2's vector %lu, ESR %lx", n.vector, read_sysreg("esr_el2"));
	if (n.pc == va + 4)
		return true;
	esr = read_sysreg("esr_el1");
	if (el0 && esr >> 26 == 0 && read_sysreg("elr_el1") == va) /* HVC is UNDEFINED there */
		return true;
	if (esr >> 26 != (el0 ? 0x20 : 0x21) || read_sysreg("far_el1") != va)
		fail("VA %lx: ESR_EL1 %lx, FAR_EL1 %lx", va, esr, read_sysreg("far_el1"));
	*status = esr & 0x3f;
	return false;
}

static bool run32(uint64_t va, uint64_t vbar, uint64_t pstate, uint32_t *status)
{
	struct native n = {.pc = va, .pstate = pstate, .vector = 99};

	native_run(&n);
	if (n.vector != 12 || read_sysreg("esr_el2") >> 26 != 0x12)
		fail("EL2's vector %lu, ESR %lx", n.vector, read_sysreg("esr_el2"));
	if (n.pc == va + 4)
		return true;
	if (!(pstate & 0xf) && n.pc == vbar + 32 + 8 * 2) /* Undefined Instruction */
		return true;
	if (n.pc != vbar + 32 + 8 * 4) /* Prefetch Abort */
		fail("VA %lx: PC %lx, vectors at %lx", va, n.pc, vbar);
	*status = (uint32_t)read_sysreg("ifsr32_el2");
	if (!(*status & BIT(9))) /* QEMU puts the domain there, which only DFSR has */
		*status &= ~0xf0u;
	return false;
}

/* The instruction as a hypervisor reads it. */
static enum armvirt_status read_code(uint32_t *word, enum format f,
				     const struct armvirt_guest_memory *memory,
				     const struct armvirt_frame *frame)
{
	const struct armvirt_excwhere where = {false, f != A64};
	struct armvirt_guest_mmu mmu;

	armvirt_guest_mmu_init(&mmu, &id);
	armvirt_hw_guest_mmu_load(&mmu, &where);
	return armvirt_guest_fetch(word, &mmu, memory, frame);
}

static void one(enum format f)
{
	static struct armvirt_guest_mmu mmu;
	static const uint32_t words[3] = {HVC, HVC_A32, HVC_T32};
	const struct armvirt_guest_span span = {RAM, RAM, (const void *)RAM};
	const struct armvirt_guest_memory memory = {&span, 1};
	bool t32 = f != A64 && next() & 1, el0 = next() & 1, went;
	uint64_t vbar, va = prepare(&mmu, f, t32, &vbar);
	struct armvirt_guest_access a = {.va = va, .fetch = true, .el0 = el0};
	struct armvirt_frame frame = {.pc = va, .pstate = el0 ? 0x3c0 : 0x3c5};
	struct armvirt_guest_translation t;
	uint32_t status = 0, want, word = 0;

	if (f != A64)
		frame.pstate = (el0 ? 0x1d0 : 0x1d3) | (t32 ? BIT(5) : 0);
	load(&mmu, vbar);
	went = f == A64 ? run64(va, el0, &status) : run32(va, vbar, frame.pstate, &status);
	if (armvirt_guest_translate(&t, &mmu, &memory, &a) != ARMVIRT_OK)
		fail("the walker refuses");
	if (t.status == ARMVIRT_GUEST_NO_FAULT && (va & 0xfff) == 0xffe) { /* and its other half */
		a.va += 2;
		if (armvirt_guest_translate(&t, &mmu, &memory, &a) != ARMVIRT_OK)
			fail("the walker refuses");
		across += t.status != ARMVIRT_GUEST_NO_FAULT;
	}
	want = f == A64 ? t.status : t.fsr;
	if (went != (t.status == ARMVIRT_GUEST_NO_FAULT) || (!went && status != want))
		fail("%s, VA %lx at EL%u: ran %u, status %x; walker: %x, FSR %x, level %d, "
		     "descriptor %lx, SCTLR %lx, DACR %x",
		     formats[f], va, !el0, went, status, t.status, t.fsr, t.level, t.descriptor,
		     mmu.sctlr, mmu.dacr);
	if (read_code(&word, f, &memory, &frame) != (went ? ARMVIRT_OK : ARMVIRT_RETRY) ||
	    word != (went ? words[f == A64 ? 0 : 1 + t32] : 0))
		fail("%s, VA %lx: ran %u, the library reads %x", formats[f], va, went, word);
	if (went)
		ran[f][el0]++;
	else
		aborted[f][el0]++;
}

void system_main(void)
{
	unsigned passed = 0;

	seed = argument("seed", 1);
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	write_sysreg("vbar_el2", (uintptr_t)trap_vectors);
	write_sysreg("mdcr_el2", 0);
	for (unsigned i = 0; i < WORDS; i++) {
		code[i] = HVC;
		code32[i] = HVC_A32;
		code_t32[i] = HVC_T32; /* in memory: the second halfword first */
	}
	for (unsigned f = A64; f < FORMATS; f++) {
		if (f != A64 && !armvirt_has(&features, ARMVIRT_FEAT_AA32EL1))
			break;
		for (unsigned i = 0; i < ROUNDS; i++, passed++)
			one((enum format)f);
		print("%s: EL1 ran %u and aborted %u, EL0 %u and %u\n", formats[f], ran[f][0],
		      aborted[f][0], ran[f][1], aborted[f][1]);
		for (unsigned el0 = 0; el0 < 2; el0++) {
			if (ran[f][el0] < ROUNDS / 40 || aborted[f][el0] < ROUNDS / 40)
				fail("too few of a kind");
		}
	}
	print("%u T32 instructions aborted in their second half\n", across);
	if (armvirt_has(&features, ARMVIRT_FEAT_AA32EL1) && across < ROUNDS / 150)
		fail("too few of them");
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
