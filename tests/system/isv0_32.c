/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A32 and T32 loads and stores without a valid syndrome, from every mode of EL1 and in both byte
 * orders: random instructions run by the processor on memory, and emulated by the library on a
 * device that is not mapped; registers and data have to agree.
 */
#include <libarmvirt/exit.h>
#include <libarmvirt/insn.h>

#include "isv0.h"
#include "system.h"

#define BIT(n) (UINT64_C(1) << (n))
#define HCR_VM BIT(0)
#define HCR_DC BIT(12)

#define DEVICE UINT64_C(0x80000000) /* not mapped at stage 2 */
#define SIZE   0x20000
#define AROUND 512

#define A32_HVC UINT32_C(0xe1400077)
#define T32_HVC UINT32_C(0x8007f7e0)

enum { WANTED = 20000, KINDS = 3 };

static _Alignas(4096) uint64_t root[512];
static _Alignas(4096) uint8_t memory[SIZE], device[SIZE];
static _Alignas(4) uint16_t code[4];
static uint64_t seed = 1, end; /* end: where the HVC has left the PC */
static unsigned at;            /* offset of the last access, less a little */

static uint64_t next(void)
{
	return random_next(&seed);
}

/* Stage 2: 32 bits of address, 1 GiB blocks, RAM only. */
static void map(void)
{
	root[1] = 0x40000000 | BIT(10) | 3 << 8 | 3 << 6 | 0xf << 2 | 1;
	write_sysreg("vttbr_el2", (uintptr_t)root);
	write_sysreg("vtcr_el2", BIT(31) | 32 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12);
	write_sysreg("sctlr_el1", 0x00c50838);
	write_sysreg("hcr_el2", HCR_VM | HCR_DC);
	__asm__ volatile("isb; tlbi vmalls12e1; dsb nsh; isb" ::: "memory");
}

/* The instruction and an HVC behind it. */
static void place(const struct armvirt_insn32 *i, uint8_t bytes)
{
	bool thumb = i->pstate & BIT(5);
	uint32_t first = !thumb || bytes == 2 ? i->word : i->word << 16 | i->word >> 16;
	uint32_t hvc = thumb ? T32_HVC : A32_HVC;

	memcpy(code, &first, bytes);
	memcpy((uint8_t *)code + bytes, &hvc, 4);
	end = (uintptr_t)code + bytes + 4;
	__asm__ volatile("dsb ish; ic iallu; dsb ish; isb" ::: "memory");
}

static bool ends_at_hvc(const struct guest_state *s)
{
	return s->vector == 12 && read_sysreg("esr_el2") >> 26 == 0x12 && s->frame.pc == end;
}

static void serve(const struct armvirt_memop *op, uint64_t *value)
{
	uint8_t *cell = &device[op->va - DEVICE];

	if (op->va < DEVICE || op->va + op->bytes > DEVICE + SIZE)
		fail("access at %lx", op->va);
	*value = 0;
	if (op->write)
		memcpy(cell, &op->value, op->bytes);
	else
		memcpy(value, cell, op->bytes);
}

static struct armvirt_insn_regs registers(struct guest_state *s)
{
	struct armvirt_insn_regs r = {&s->frame, &s->sp, 0, (s->frame.pstate >> 9) & 1};

	return r;
}

static void emulate(struct guest_state *s, const struct armvirt_insn32 *i)
{
	const struct armvirt_exit_regs r = {read_sysreg("esr_el2"), read_sysreg("far_el2"),
					    read_sysreg("hpfar_el2"), s->frame.pstate};
	const struct armvirt_insn_regs regs = registers(s);
	struct armvirt_exit exit;
	struct armvirt_insn insn;
	struct armvirt_memop op[2];
	uint64_t value[2] = {0, 0};

	armvirt_exit_decode(&exit, &r);
	if (s->vector != 12 || exit.kind != ARMVIRT_EXIT_DABT)
		fail("%x: vector %lu, ESR %lx", i->word, s->vector, r.esr);
	if (armvirt_insn32_decode(&insn, i) != ARMVIRT_INSN_ACCESS)
		fail("%x: refused", i->word);
	armvirt_insn_accesses(&insn, &regs, op);
	if (r.far < op[0].va || r.far >= op[insn.count - 1].va + op[insn.count - 1].bytes ||
	    exit.u.abort.ipa != r.far)
		fail("%x: FAR %lx, access at %lx", i->word, r.far, op[0].va);
	if (op[0].write != !!(exit.u.abort.flags & ARMVIRT_ABORT_WRITE))
		fail("%x: direction", i->word);
	at = (unsigned)(op[0].va - DEVICE) & ~(AROUND - 1u);
	at = at < AROUND ? 0 : at > SIZE - 3 * AROUND ? SIZE - 3 * AROUND : at - AROUND;
	for (unsigned n = 0; n < insn.count; n++)
		serve(&op[n], &value[n]);
	armvirt_insn_finish(&insn, &regs, value);
}

static void start(struct guest_state *s, uint64_t base, const struct armvirt_insn *insn,
		  const struct guest_state *like)
{
	*s = *like;
	s->frame.pc = (uintptr_t)code;
	s->frame.x[insn->base] = base;
}

/* Whether the access stays inside, and stores nothing that differs by the distance. */
static bool suitable(const struct armvirt_insn *insn, const struct guest_state *like)
{
	static struct guest_state s;
	const struct armvirt_insn_regs regs = registers(&s);
	struct armvirt_memop op[2];

	if (insn->form == ARMVIRT_INSN_LITERAL || insn->base >= 31 || insn->index == insn->base)
		return false;
	for (unsigned i = 0; i < insn->count && insn->write; i++) {
		if (insn->reg[i] == insn->base)
			return false;
	}
	start(&s, DEVICE + SIZE / 2, insn, like);
	armvirt_insn_accesses(insn, &regs, op);
	return op[0].va >= DEVICE && op[insn->count - 1].va + 16 <= DEVICE + SIZE;
}

static void compare(const struct guest_state *native, const struct guest_state *emulated,
		    const struct armvirt_insn *insn, uint32_t word)
{
	uint32_t distance = (uint32_t)(DEVICE - (uintptr_t)memory);

	for (unsigned i = 0; i < 31; i++) {
		uint32_t n = (uint32_t)native->frame.x[i], e = (uint32_t)emulated->frame.x[i];

		if (n != e && !(i == insn->base && e - n == distance))
			fail("%x: X%u is %x, emulated %x", word, i, n, e);
	}
	if (native->frame.pstate != emulated->frame.pstate)
		fail("%x: PSTATE is %lx, emulated %lx", word, native->frame.pstate,
		     emulated->frame.pstate);
	if (memcmp(&memory[at], &device[at], 3 * AROUND) != 0)
		fail("%x: data differ", word);
}

/* A word of the load and store space: A32, narrow and wide T32. */
static uint32_t random_word(unsigned kind)
{
	uint32_t word = (uint32_t)next();

	switch (kind) {
	case 0:
		return (word & 0x0fffffff) % 3 ? (word & 0x03ffffff) | 0xe4000000
					       : (word & 0x01ffff6f) | 0xe0000090;
	case 1:
		return 0x5000 + word % 0x5000;
	default:
		return (word & 0x01ffffff) | (next() & 1 ? 0xf8000000 : 0xe8000000);
	}
}

static bool one(unsigned kind)
{
	static const uint8_t modes[] = {0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f};
	static struct guest_state like, native, emulated;
	struct armvirt_insn32 i = {random_word(kind), 0x1c0 | modes[next() % sizeof(modes)]};
	struct armvirt_insn insn;

	i.pstate |= (next() & (UINT64_C(0xf) << 28 | BIT(9))) | (kind ? BIT(5) : 0);
	if (armvirt_insn32_decode(&insn, &i) != ARMVIRT_INSN_ACCESS)
		return false;
	like.frame.pstate = i.pstate;
	for (unsigned n = 0; n < 31; n++)
		like.frame.x[n] = next() & 0xff;
	if (!suitable(&insn, &like))
		return false;
	place(&i, insn.insn_bytes);
	start(&native, (uintptr_t)memory + SIZE / 2, &insn, &like);
	start(&emulated, DEVICE + SIZE / 2, &insn, &like);
	isv0_run(&native);
	if (!ends_at_hvc(&native)) /* alignment, where the processor asks for it */
		return false;
	isv0_run(&emulated);
	emulate(&emulated, &i);
	isv0_run(&emulated);
	if (!ends_at_hvc(&emulated))
		fail("%x: vector %lu, ESR %lx, PC %lx", i.word, emulated.vector,
		     read_sysreg("esr_el2"), emulated.frame.pc);
	compare(&native, &emulated, &insn, i.word);
	return true;
}

void system_main(void)
{
	unsigned done[KINDS] = {0}, all = 0;

	seed = argument("seed", 1);
	write_sysreg("vbar_el2", (uintptr_t)isv0_vectors);
	write_sysreg("cptr_el2", 0x33ff & ~BIT(10) & ~BIT(8) & ~BIT(12));
	__asm__ volatile("isb");
	map();
	for (unsigned i = 0; i < SIZE; i++)
		memory[i] = device[i] = (uint8_t)next();
	for (unsigned kind = 0; kind < KINDS; kind++) {
		while (done[kind] < WANTED / KINDS)
			done[kind] += one(kind);
		all += done[kind];
	}
	if (memcmp(memory, device, SIZE) != 0)
		fail("data differ");
	print("%u A32, %u narrow and %u wide T32 instructions\n", done[0], done[1], done[2]);
	finish(all, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
