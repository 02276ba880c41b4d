/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores without a valid syndrome: random instructions run by the processor on memory,
 * and emulated by the library on a device that is not mapped; registers and data have to agree.
 */
#include <libarmvirt/exit.h>
#include <libarmvirt/insn.h>

#include "isv0.h"
#include "system.h"

#define BIT(n) (UINT64_C(1) << (n))

#define HCR_VM BIT(0)
#define HCR_DC BIT(12)
#define HCR_RW BIT(31)

#define DEVICE UINT64_C(0x80000000) /* not mapped at stage 2 */
#define SIZE   0x40000

enum { WANTED = 20000 };

static _Alignas(4096) uint64_t root[512];
static _Alignas(4096) uint8_t memory[SIZE], device[SIZE];
static uint32_t code[2] = {0, 0xd4000ee2}; /* the instruction; HVC #0x77 */
static uint64_t seed = 1;

static uint64_t next(void)
{
	return random_next(&seed);
}

static unsigned n_compared;
static uint64_t at; /* offset of the last access, less a little */

/* Stage 2: 32 bits of address, 1 GiB blocks, RAM only. */
static void map(void)
{
	root[1] = 0x40000000 | BIT(10) | 3 << 8 | 3 << 6 | 0xf << 2 | 1;
	write_sysreg("vttbr_el2", (uintptr_t)root);
	write_sysreg("vtcr_el2", BIT(31) | 32 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12);
	write_sysreg("sctlr_el1", 0x30500980);
	write_sysreg("vbar_el1", (uintptr_t)guest_vectors);
	write_sysreg("cpacr_el1", 3 << 20);
	write_sysreg("hcr_el2", HCR_RW | HCR_VM | HCR_DC);
	__asm__ volatile("isb; tlbi vmalls12e1; dsb nsh; isb" ::: "memory");
}

static bool ends_at_hvc(const struct guest_state *s)
{
	return s->vector == 8 && read_sysreg("esr_el2") >> 26 == 0x16 &&
	       s->frame.pc == (uintptr_t)(code + 2);
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		to[i] = from[i];
}

/* The device's side of one access. */
static void serve(struct guest_state *s, const struct armvirt_memop *op, uint64_t *value)
{
	uint8_t *cell = &device[op->va - DEVICE];
	uint8_t *reg = (uint8_t *)s->v[op->reg & 31];

	if (op->va < DEVICE || op->va + op->bytes > DEVICE + SIZE)
		fail("access at %lx", op->va);
	if (op->vector && op->write) {
		copy(cell, reg, op->bytes);
	} else if (op->vector) {
		s->v[op->reg][0] = s->v[op->reg][1] = 0;
		copy(reg, cell, op->bytes);
	} else if (op->write && op->bytes > 8) { /* DC ZVA */
		memset(cell, 0, op->bytes);
	} else if (op->write) {
		copy(cell, (const uint8_t *)&op->value, op->bytes);
	} else {
		*value = 0;
		copy((uint8_t *)value, cell, op->bytes);
	}
}

static void emulate(struct guest_state *s)
{
	const struct armvirt_exit_regs r = {read_sysreg("esr_el2"), read_sysreg("far_el2"),
					    read_sysreg("hpfar_el2"), s->frame.pstate};
	const struct armvirt_insn_regs regs = {&s->frame, &s->sp, read_sysreg("dczid_el0"), false};
	struct armvirt_exit exit;
	struct armvirt_insn insn;
	struct armvirt_memop op[2];
	uint64_t value[2] = {0, 0};

	armvirt_exit_decode(&exit, &r);
	if (s->vector != 8 || exit.kind != ARMVIRT_EXIT_DABT)
		fail("%x: vector %lu, ESR %lx", code[0], s->vector, r.esr);
	if (armvirt_insn_decode(&insn, *(const uint32_t *)s->frame.pc) > ARMVIRT_INSN_ZERO)
		fail("%x: refused", code[0]);
	armvirt_insn_accesses(&insn, &regs, op);
	if (r.far < op[0].va || r.far >= op[insn.count - 1].va + op[insn.count - 1].bytes ||
	    exit.u.abort.ipa != r.far)
		fail("%x: FAR %lx, access at %lx", code[0], r.far, op[0].va);
	if (op[0].write != !!(exit.u.abort.flags & ARMVIRT_ABORT_WRITE))
		fail("%x: direction", code[0]);
	at = op[0].va - DEVICE;
	at = at < 256 ? 0 : at > SIZE - 256 ? SIZE - 512 : at - 256;
	for (unsigned i = 0; i < insn.count; i++)
		serve(s, &op[i], &value[i]);
	armvirt_insn_finish(&insn, &regs, value);
}

/* The same registers twice, the base apart by the distance of device and memory. */
static void start(struct guest_state *s, uint64_t base, const struct armvirt_insn *insn,
		  const struct guest_state *like)
{
	*s = *like;
	s->frame.pc = (uintptr_t)code;
	if (insn->base == 31 && insn->bytes)
		s->sp = base;
	else if (insn->base < 31)
		s->frame.x[insn->base] = base;
}

/* Whether the access stays inside, and stores nothing that differs by the distance. */
static bool suitable(const struct armvirt_insn *insn, const struct guest_state *like)
{
	static struct guest_state s;
	const struct armvirt_insn_regs regs = {&s.frame, &s.sp, read_sysreg("dczid_el0"), false};
	struct armvirt_memop op[2];
	uint64_t low, high;

	if (insn->form == ARMVIRT_INSN_LITERAL || (insn->base == 31 && !insn->bytes) ||
	    insn->index == insn->base)
		return false;
	for (unsigned i = 0; i < insn->count && insn->write && !insn->vector; i++) {
		if (insn->reg[i] == insn->base && insn->base != 31)
			return false;
	}
	start(&s, DEVICE + SIZE / 2, insn, like);
	armvirt_insn_accesses(insn, &regs, op);
	low = op[0].va;
	high = op[insn->count - 1].va + op[insn->count - 1].bytes;
	return low >= DEVICE && high <= DEVICE + SIZE && low < high;
}

static void compare(const struct guest_state *native, const struct guest_state *emulated,
		    const struct armvirt_insn *insn)
{
	uint64_t distance = DEVICE - (uintptr_t)memory;

	for (unsigned i = 0; i < 31; i++) {
		uint64_t n = native->frame.x[i], e = emulated->frame.x[i];

		if (n != e && !(i == insn->base && e - n == distance))
			fail("%x: X%u is %lx, emulated %lx", code[0], i, n, e);
	}
	if (native->sp != emulated->sp && emulated->sp - native->sp != distance)
		fail("%x: SP is %lx, emulated %lx", code[0], native->sp, emulated->sp);
	for (unsigned i = 0; i < 32; i++) {
		if (native->v[i][0] != emulated->v[i][0] || native->v[i][1] != emulated->v[i][1])
			fail("%x: V%u is %lx, emulated %lx", code[0], i, native->v[i][0],
			     emulated->v[i][0]);
	}
	/* around the access each time, all of it now and then */
	if (n_compared++ % 512 == 0 ? memcmp(memory, device, SIZE) != 0
				    : memcmp(&memory[at], &device[at], 512) != 0)
		fail("%x: data differ", code[0]);
}

static bool one(uint32_t word)
{
	static struct guest_state like, native, emulated;
	struct armvirt_insn insn;

	if (armvirt_insn_decode(&insn, word) > ARMVIRT_INSN_ZERO)
		return false;
	like.frame.pstate = 0x3c5;
	for (unsigned i = 0; i < 31; i++)
		like.frame.x[i] = next() & 0xff;
	for (unsigned i = 0; i < 32; i++) {
		like.v[i][0] = next();
		like.v[i][1] = next();
	}
	like.sp = 0x55555550;
	if (!suitable(&insn, &like))
		return false;
	code[0] = word;
	__asm__ volatile("dsb ish; ic iallu; dsb ish; isb" ::: "memory");
	start(&native, (uintptr_t)memory + SIZE / 2, &insn, &like);
	start(&emulated, DEVICE + SIZE / 2, &insn, &like);
	isv0_run(&native);
	if (!ends_at_hvc(&native)) /* this processor lacks it, or it asks for alignment */
		return false;
	isv0_run(&emulated);
	emulate(&emulated);
	isv0_run(&emulated);
	if (!ends_at_hvc(&emulated))
		fail("%x: vector %lu, ESR %lx", word, emulated.vector, read_sysreg("esr_el2"));
	compare(&native, &emulated, &insn);
	return true;
}

void system_main(void)
{
	unsigned done = 0, zeros = 0;

	seed = argument("seed", 1);
	write_sysreg("vbar_el2", (uintptr_t)isv0_vectors);
	write_sysreg("cptr_el2", 0x33ff & ~BIT(10) & ~BIT(8) & ~BIT(12));
	__asm__ volatile("isb");
	map();
	for (unsigned i = 0; i < SIZE; i++)
		memory[i] = device[i] = (uint8_t)next();
	while (done < WANTED) {
		uint32_t word = ((uint32_t)next() & ~UINT32_C(0x0a000000)) | 0x08000000;

		if (next() % 64 == 0)
			word = 0xd50b7420 | (word & 31);
		else if ((word & 0x3f000000) == 0x08000000)
			word |= 0x009f7c00;
		if (one(word)) {
			done++;
			zeros += word >> 24 == 0xd5;
		}
	}
	print("%u instructions, %u of them DC ZVA\n", done, zeros);
	finish(done, zeros == 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
