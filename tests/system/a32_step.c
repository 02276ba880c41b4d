/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stepping over AArch32 instructions: what the processor makes of PC, IT bits and conditions is
 * the oracle. Each instruction is the last one that stage 2 maps, so the fetch behind it shows
 * the state then, whether its condition passed or not. First every condition and IT state, then
 * trapped coprocessor accesses and calls in every mode, with every register.
 */
#include <libarmvirt/exit.h>
#include <libarmvirt/features.h>
#include <libarmvirt/smccc.h>

#include "system.h"
#include "trap.h"

#define BIT(n)    (UINT64_C(1) << (n))
#define END       UINT64_C(0x80000000)                              /* of what stage 2 maps */
#define VTCR      UINT64_C(0x80023559)                              /* 39 bits, level 1 */
#define HCR_TRAPS (BIT(18) | BIT(19) | BIT(21) | BIT(26) | BIT(30)) /* TID3 TSC TACR TVM TRVM */
#define MDCR_TDA  (BIT(9) | BIT(10) | BIT(11))
#define PS_T      BIT(5)
#define PS_IT     (UINT64_C(0x3f) << 10 | UINT64_C(3) << 25)
#define PS_DAIF   UINT64_C(0x1c0)

enum { TRAPS = 20000, EC_IABT = 0x20, SYS = 0x1f, FIQ = 0x11, AL = 14 };

static _Alignas(4096) uint64_t root[512] = {[1] = 0x40000000 | 0x7fd};
static const uint8_t modes[] = {0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f};
static uint64_t seed;
static unsigned passed, held;
/* What the processor did: whether a condition passed by NZCV, the IT bits after one instruction. */
static bool passes[16][16];
static uint8_t it_after[256];

/*
 * A trapped access, and what the library must say of it. QEMU has no LDC and STC of CP14, and
 * traps no MRRC there.
 */
static const struct access {
	uint32_t a32; /* with neither Rt nor direction */
	enum armvirt_exit_kind kind;
	uint32_t key;
	bool pair, read_only;
} accesses[] = {
	{0xee010f30, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 1 << 7 | 1, false, false}, /* ACTLR */
	{0xee000f11, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 1 << 3, false, true}, /* ID_PFR0 */
	{0xee000fb2, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 2 << 3 | 5, false, true},
	{0xee020f50, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 2 << 7 | 2, false, false}, /* TTBCR */
	{0xee0d0f30, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 13 << 7 | 1, false, false},
	{0xee0a0f32, ARMVIRT_EXIT_CP15, ARMVIRT_SYSREG_CP15 | 10 << 7 | 2 << 3 | 1, false, false},
	{0xec400f02, ARMVIRT_EXIT_CP15_64, ARMVIRT_SYSREG_CP15_64 | 2 << 3, true, false},
	{0xec400f12, ARMVIRT_EXIT_CP15_64, ARMVIRT_SYSREG_CP15_64 | 1 << 11 | 2 << 3, true, false},
	{0xee000e11, ARMVIRT_EXIT_CP14, ARMVIRT_SYSREG_CP14 | 1 << 3, false, true},
	{0xee000e95, ARMVIRT_EXIT_CP14, ARMVIRT_SYSREG_CP14 | 5 << 3 | 4, false, false},
	{0xeee70a10, ARMVIRT_EXIT_CP10, ARMVIRT_SYSREG_CP10 | 7 << 11 | 7 << 7, false, true},
};

static uint64_t next(void)
{
	return random_next(&seed);
}

static uint64_t with_it(unsigned it)
{
	return (uint64_t)(it >> 2) << 10 | (uint64_t)(it & 3) << 25;
}

/* Not in a block, or a state that IT can make: no 0b1111, no "else" of AL. */
static bool valid_it(unsigned it)
{
	return !it || (it & 15 && it >> 4 < 15);
}

/* Enters @p word as the last instruction below END: 4 bytes, or the 2 of a narrow one. */
static void run(struct native *n, uint32_t word, unsigned bytes)
{
	uint16_t *at = (uint16_t *)(uintptr_t)(END - bytes);

	at[0] = (uint16_t)(n->pstate & PS_T && bytes == 4 ? word >> 16 : word);
	if (bytes == 4)
		at[1] = (uint16_t)(n->pstate & PS_T ? word : word >> 16);
	__asm__ volatile("dsb sy; ic iallu; dsb sy; isb" ::: "memory");
	n->pc = END - bytes;
	n->vector = 99;
	native_run(n);
	if (n->vector != 12)
		fail("EL2's vector %lu, ESR %lx", n->vector, read_sysreg("esr_el2"));
}

/* One conditional MOV R0, #1 under these flags: what the processor and the library make of it. */
static void step(unsigned cond, unsigned it, unsigned nzcv, unsigned bytes)
{
	bool t32 = bytes == 2 || it || cond > AL;
	struct native n = {.pstate = PS_DAIF | SYS | (uint64_t)nzcv << 28 | (t32 ? PS_T : 0)};
	struct armvirt_frame frame = {.pc = END - bytes};
	struct armvirt_exit exit;
	/* EC 0x03; with a condition, or with none, which leaves IT */
	struct armvirt_exit_regs regs = {.esr = BIT(25) | UINT64_C(3) << 26};
	bool went;

	n.pstate |= with_it(it);
	frame.pstate = regs.pstate = n.pstate;
	if (!t32)
		regs.esr |= BIT(24) | (uint64_t)cond << 20;
	run(&n, bytes == 2 ? 0x2001 : t32 ? 0xf04f0001 : cond << 28 | 0x03a00001, bytes);
	if (read_sysreg("esr_el2") >> 26 != EC_IABT)
		fail("ESR %lx, PC %lx", read_sysreg("esr_el2"), n.pc);
	went = n.x[0] & 1;
	armvirt_exit_decode(&exit, &regs);
	if (armvirt_exit_cond_passes(&exit, frame.pstate) != went)
		fail("condition %u, IT %x, NZCV %x: the processor says %u", cond, it, nzcv, went);
	armvirt_frame_skip(&frame, (uint8_t)bytes);
	/* MOVS outside a block sets N and Z */
	if (bytes == 2 && !it)
		n.pstate = (n.pstate & ~(BIT(31) | BIT(30))) | (frame.pstate & (BIT(31) | BIT(30)));
	if (frame.pc != n.pc || frame.pstate != n.pstate)
		fail("IT %x, NZCV %x, %u bytes: PC %lx, PSTATE %lx; the processor: %lx, %lx", it,
		     nzcv, bytes, frame.pc, frame.pstate, n.pc, n.pstate);
	it_after[it] = (uint8_t)((n.pstate >> 10 & 0x3f) << 2 | (n.pstate >> 25 & 3));
	if (!t32)
		passes[cond][nzcv] = went;
	held += went;
	passed++;
}

static void every_condition(void)
{
	for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
		for (unsigned cond = 0; cond <= AL; cond++)
			step(cond, 0, nzcv, 4);
		for (unsigned it = 0; it < 256; it++) {
			if (!valid_it(it))
				continue;
			step(AL, it, nzcv, 2);
			if (it)
				step(AL, it, nzcv, 4);
		}
	}
	print("%u steps, %u with a condition that passed\n", passed, held);
	if (held == 0 || held == passed)
		fail("one kind only");
}

/* The AArch64 name of Rn in a mode. */
static unsigned banked(unsigned r, unsigned mode)
{
	static const uint8_t sp[16] = {
		[1] = 29, [2] = 17, [3] = 19, [7] = 21, [11] = 23, [15] = 13};

	if (r < 8 || (r < 13 && mode != FIQ))
		return r;
	if (r < 13)
		return r + 16;
	if (mode == FIQ || mode == SYS)
		return r - 13 + sp[mode & 15];
	return sp[mode & 15] - (r - 13);
}

/* A condition, or a place in an IT block, that passes. */
static unsigned choose(uint64_t *pstate, uint32_t *word)
{
	unsigned nzcv = next() & 15, cond, it = 0;

	do
		cond = next() % 15;
	while (!passes[cond][nzcv]);
	*pstate |= (uint64_t)nzcv << 28;
	if (next() & 1)
		*word = (*word & 0x0fffffff) | cond << 28;
	else
		*pstate |= PS_T;
	if (*pstate & PS_T && next() & 7)
		it = cond << 4 | (1 + next() % 15);
	*pstate |= with_it(it);
	return it;
}

/* The library's step over the exit, against what the processor did at such a place. */
static void skip(const struct armvirt_exit *e, const struct native *n, unsigned it)
{
	struct armvirt_frame f = {.pc = n->pc, .pstate = n->pstate};

	if (!armvirt_exit_cond_passes(e, n->pstate))
		fail("ESR %lx, PSTATE %lx: trapped, but its condition fails", e->esr, n->pstate);
	armvirt_exit_skip(e, &f);
	if (n->pc != END - 4 || f.pc != END ||
	    f.pstate != ((n->pstate & ~PS_IT) | with_it(it_after[it])))
		fail("ESR %lx, IT %x: PC %lx, PSTATE %lx", e->esr, it, f.pc, f.pstate);
}

static void left(struct armvirt_exit *e, const struct native *n)
{
	const struct armvirt_exit_regs r = {read_sysreg("esr_el2"), 0, 0, n->pstate};

	armvirt_exit_decode(e, &r);
	if (!e->aarch32 || e->el != 1 || e->insn_bytes != 4)
		fail("ESR %lx: AArch32 %u, EL%u, %u bytes", r.esr, e->aarch32, e->el,
		     e->insn_bytes);
}

static void trap(void)
{
	const struct access *a = &accesses[next() % (sizeof(accesses) / sizeof(accesses[0]))];
	unsigned mode = modes[next() % sizeof(modes)], rt = next() % 15, rt2, it;
	bool read = a->read_only || next() & 1;
	struct native n = {.pstate = PS_DAIF | mode};
	uint32_t word = a->a32 | rt << 12 | (uint32_t)(read && !(a->a32 & BIT(20))) << 20;
	struct armvirt_exit e;

	/* QEMU does not translate Rt of VMRS; the architecture does, as for all others. */
	if (a->kind == ARMVIRT_EXIT_CP10 && rt > 7)
		return;
	do
		rt2 = next() % 15;
	while (rt2 == rt);
	word |= a->pair ? rt2 << 16 : 0;
	it = choose(&n.pstate, &word);
	run(&n, word, 4);
	left(&e, &n);
	if (e.kind != a->kind || e.u.sysreg.key != a->key || e.u.sysreg.read != read ||
	    e.u.sysreg.rt != banked(rt, mode) ||
	    e.u.sysreg.rt2 != (a->pair ? banked(rt2, mode) : 31))
		fail("%x in mode %x: kind %u, key %x, read %u, registers %u %u", word, mode, e.kind,
		     e.u.sysreg.key, e.u.sysreg.read, e.u.sysreg.rt, e.u.sysreg.rt2);
	skip(&e, &n, it);
	passed++;
}

/* HVC and SMC by the calling convention; an IT block allows neither. */
static void call(void)
{
	static const uint32_t words[2][2] = {{0xe1400070, 0xf7e08000}, {0xe1600070, 0xf7f08000}};
	bool smc = next() & 1, t32 = next() & 1, wide = next() & 1;
	uint32_t function = 0x84000000 | (uint32_t)wide << 30 | (next() & 0xffff);
	struct native n = {.pstate = PS_DAIF | modes[next() % sizeof(modes)] | (t32 ? PS_T : 0)};
	struct armvirt_frame f = {.pc = 0};
	struct armvirt_smccc_call c;
	struct armvirt_exit e;

	n.x[0] = function;
	run(&n, words[smc][t32], 4);
	left(&e, &n);
	f.x[0] = n.x[0];
	f.pc = n.pc;
	f.pstate = n.pstate;
	if (armvirt_smccc_decode(&c, &e, &f) != ARMVIRT_OK || c.smc != smc || c.valid == wide ||
	    c.function != function || c.owner != ARMVIRT_SMCCC_OWNER_STANDARD)
		fail("ESR %lx, function %x: decoded %x", e.esr, function, c.function);
	armvirt_smccc_return(&e, &f, ARMVIRT_SMCCC_NOT_SUPPORTED);
	if (f.pc != END || f.pstate != n.pstate || (uint32_t)f.x[0] != UINT32_MAX)
		fail("ESR %lx: goes on at %lx, PSTATE %lx, R0 %lx", e.esr, f.pc, f.pstate, f.x[0]);
	passed++;
}

void system_main(void)
{
	struct armvirt_features features;
	struct armvirt_idregs id;

	seed = argument("seed", 1) * 2654435761 + 1;
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	if (!armvirt_has(&features, ARMVIRT_FEAT_AA32EL1))
		fail("no AArch32 at EL1 here");
	write_sysreg("vbar_el2", (uintptr_t)trap_vectors);
	write_sysreg("cptr_el2", 0x33ff); /* FP goes on */
	write_sysreg("cpacr_el1", 0xf00000);
	__asm__ volatile("isb; msr fpexc32_el2, %0" ::"r"(BIT(30)));
	write_sysreg("sctlr_el1", 0x00c50838);
	write_sysreg("tcr_el1", 0);
	write_sysreg("vtcr_el2", VTCR);
	write_sysreg("vttbr_el2", (uintptr_t)root | BIT(48));
	write_sysreg("mdcr_el2", MDCR_TDA);
	write_sysreg("hstr_el2", 0);
	write_sysreg("hcr_el2", BIT(0) | HCR_TRAPS);
	__asm__ volatile("dsb sy; isb; tlbi alle1; dsb sy; isb");
	every_condition();
	for (unsigned i = 0; i < TRAPS; i++) {
		trap();
		if (i % 8 == 0)
			call();
	}
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
