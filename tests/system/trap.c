/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that the processor takes to EL1 by itself, and the same injected by the library:
 * PSTATE, PC, SPSR, ELR, ESR, FAR have to be the same.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/inject.h>

#include "system.h"
#include "trap.h"

#define BIT(n) (UINT64_C(1) << (n))

#define HCR_RW  BIT(31)
#define HCR_VI  BIT(7)
#define HCR_VSE BIT(8)

enum { EXCEPTIONS = 4000 };

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
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
