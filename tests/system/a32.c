/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AArch32 guests: banked state of two AArch32 vCPUs beside an AArch64 one, over many switches;
 * traps, failed conditions, IT blocks, injected exceptions and device accesses, in A32 and T32;
 * AArch32 at EL0 below an AArch64 EL1. The guests are tests/system/a32_guest.S.
 * Arguments: el0 (1: only EL0 is AArch32), e2h, switches, seed.
 */
#include <libarmvirt/libarmvirt.h>

#include "system.h"

#define BIT(n)   (UINT64_C(1) << (n))
#define RAM      UINT64_C(0x48000000) /* one MiB for each guest */
#define DEVICE   UINT64_C(0x10000000)
#define HCR_VM   BIT(0)
#define HCR_TWI  BIT(13)
#define HCR_TWE  BIT(14)
#define HCR_TID3 BIT(18)
#define HCR_TSC  BIT(19)
#define HCR_TACR BIT(21)
#define HCR_RW   BIT(31)
#define MDCR_TDA (BIT(9) | BIT(11) | BIT(10)) /* TDA, TDRA, TDOSA */
#define MDCR_TPM BIT(5)
#define HSTR_T2  BIT(2)
#define HSTR_T9  BIT(9)
#define VTCR     UINT64_C(0x80023559) /* 39 bits, level 1 */
#define SETS     (ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP | ARMVIRT_SET_AUX)
#define NTWI     BIT(16)

enum { VCPUS = 3, UND, PABT, DABT, IRQ, PATTERN = 0x5a00 };

static const uint8_t image[] = {
#include "a32_guest.inc"
};
extern const char a32_vectors[];
unsigned a32_irq(struct armvirt_vcpu *v);
void a32_el2(struct armvirt_el2_frame *f);

struct header {
	uint32_t bank, script, user, values, rows, masks, counters, door;
};

static _Alignas(4096) uint64_t root[512] = {[1] = 0x40000000 | 0x7fd};
static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(SETS)];
} vcpus[VCPUS];
static struct armvirt_cpu cpu;
static struct armvirt_features features;
static uint8_t device[64];
static uint64_t seed, last_answer, passed;
static unsigned traps, device_accesses, decoded;
static bool fail_next, irq_next, e2h;

unsigned a32_irq(struct armvirt_vcpu *v)
{
	(void)v;
	fail("interrupt");
}

void a32_el2(struct armvirt_el2_frame *f)
{
	fail("EL2 at %lx: ESR %lx, FAR %lx", f->pc, f->esr, f->far);
}

static void *memory(unsigned n, uint32_t offset)
{
	return (void *)(uintptr_t)(RAM + ((uint64_t)n << 20) + offset);
}

static const struct header *header(unsigned n)
{
	return memory(n, 0);
}

static unsigned enter(unsigned n)
{
	if (armvirt_hw_vcpu_load(&cpu, &vcpus[n].v) != ARMVIRT_OK)
		fail("load");
	return armvirt_vcpu_enter(&vcpus[n].v) & 0xff;
}

/* A copy of the image with values of its own for every row of its state. */
static void place(unsigned n)
{
	const struct header *h = header(n);
	const uint32_t *mask;
	uint32_t *value;

	memcpy(memory(n, 0), image, sizeof(image));
	mask = memory(n, h->masks);
	value = memory(n, h->values);
	for (uint32_t i = 0; i < h->rows; i++)
		value[i] = ((uint32_t)(random_next(&seed) >> 16) & mask[2 * i]) | mask[2 * i + 1];
	__asm__ volatile("dsb sy; ic iallu; dsb sy; isb" ::: "memory");
}

static void make(unsigned n, bool aarch32, uint64_t traps_hcr)
{
	struct armvirt_vcpu *v = &vcpus[n].v;
	const struct armvirt_vcpu_shape shape = {sizeof(vcpus[n]), aarch32 ? SETS : 0};

	if (armvirt_vcpu_init_sets(v, &shape, &features) != ARMVIRT_OK ||
	    (aarch32 && armvirt_vcpu_init_aarch32(v, &features) != ARMVIRT_OK))
		fail("vCPU");
	v->traps = cpu.now;
	v->traps.hcr_el2 = HCR_VM | traps_hcr | (aarch32 ? 0 : HCR_RW);
	v->traps.vtcr_el2 = VTCR;
	v->traps.vttbr_el2 = (uintptr_t)root | (uint64_t)(n + 1) << 48;
	/* neither FP nor CPACR trap, in the layout of either E2H */
	v->traps.cptr_el2 = (v->traps.cptr_el2 & ~BIT(31)) | (e2h ? BIT(20) | BIT(21) : 0);
	v->traps.cptr_el2 &= e2h ? ~UINT64_C(0) : ~BIT(10);
	armvirt_vcpu_set_stack(v, stacks[1]);
}

static void wrong(unsigned n)
{
	const uint64_t *x = vcpus[n].v.frame.x;
	const struct header *h = header(n);

	fail("guest %u: %lx expected, %lx found, row %ld of %u, R2 %lx, R3 %lx, LR %lx", n, x[0],
	     x[1], ((long)(x[12] & 0xfffff) - (long)h->values) / 4 - 1, h->rows, x[2], x[3], x[18]);
}

static unsigned hvc_of(unsigned n, unsigned cause)
{
	const struct armvirt_vcpu *v = &vcpus[n].v;

	if (cause != ARMVIRT_CAUSE_SYNC || (v->esr >> 26 != 0x12 && v->esr >> 26 != 0x16))
		fail("guest %u: cause %u, ESR %lx, FAR %lx, PC %lx", n, cause, v->esr, v->far,
		     v->frame.pc);
	if ((v->esr & 0xffff) == 2)
		wrong(n);
	return v->esr & 0xffff;
}

/* --- banked state --- */

/* X0 to X30 and what of EL1 an AArch32 guest shares; it does nothing but HVC #1. */
static void make_aarch64(unsigned n)
{
	static const uint32_t code[2] = {0xd4000022, 0x17ffffff};
	struct armvirt_vcpu *v = &vcpus[n].v;

	make(n, false, 0);
	memcpy(memory(n, 0), code, sizeof(code));
	for (unsigned i = 0; i < 31; i++)
		v->frame.x[i] = random_next(&seed);
	v->el1.ttbr0_el1 = random_next(&seed) & 0xffffffffff00;
	v->el1.mair_el1 = random_next(&seed) & UINT64_C(0x4444444444444444);
	v->el1.vbar_el1 = random_next(&seed) & 0xfffffff800;
	v->el1.far_el1 = random_next(&seed);
	v->el1.elr_el1 = random_next(&seed);
	v->el1.tpidr_el0 = random_next(&seed);
	v->el1.tpidr_el1 = random_next(&seed);
	v->el1.tpidrro_el0 = random_next(&seed);
	v->el1.sp_el0 = random_next(&seed);
	v->el1.sp_el1 = random_next(&seed);
	v->frame.pc = (uintptr_t)memory(n, 0);
}

static void bank(uint64_t switches)
{
	struct armvirt_ctx_el1 kept;
	struct armvirt_frame frame;
	unsigned n, counts[VCPUS] = {0};

	for (n = 0; n < 2; n++) {
		place(n);
		make(n, true, 0);
		vcpus[n].v.frame.pc = (uintptr_t)memory(n, header(n)->bank);
	}
	make_aarch64(2);
	kept = vcpus[2].v.el1;
	frame = vcpus[2].v.frame;
	for (uint64_t i = 0; i < switches; i++) {
		n = (n + 1 + random_next(&seed) % 2) % VCPUS;
		if (hvc_of(n, enter(n)) != 1)
			fail("guest %u: HVC", n);
		counts[n]++;
		if (random_next(&seed) % 8 == 0)
			armvirt_hw_vcpu_put(&cpu, &vcpus[n].v);
	}
	armvirt_hw_vcpu_put(&cpu, &vcpus[2].v);
	if (vcpus[2].v.cpu)
		fail("still loaded");
	if (memcmp(&kept, &vcpus[2].v.el1, sizeof(kept)) != 0)
		fail("the AArch64 guest lost state of EL1");
	for (unsigned i = 0; i < 31; i++) {
		if (frame.x[i] != vcpus[2].v.frame.x[i])
			fail("X%u of the AArch64 guest", i);
	}
	for (n = 0; n < VCPUS; n++) {
		if (counts[n] < switches / 8)
			fail("guest %u ran %u times", n, counts[n]);
	}
	passed += switches;
}

/* --- traps, conditions, exceptions, devices --- */

/*
 * QEMU: an exception return from EL2 to AArch32 takes the banked registers of the mode, but not
 * its SPSR. Architecture: they are all banked. So the mode is entered from System mode, by CPS.
 */
static void enter_by_door(unsigned n)
{
	struct armvirt_frame *f = &vcpus[n].v.frame;
	uint32_t *door = memory(n, header(n)->door);

	door[0] = 0xf1020000 | (uint32_t)(f->pstate & 0x1f); /* CPS #mode */
	door[1] = 0xe51ff004;                                /* LDR PC, [PC, #-4] */
	door[2] = (uint32_t)f->pc;
	__asm__ volatile("dsb sy; ic iallu; dsb sy; isb" ::: "memory");
	f->pc = (uintptr_t)door;
	f->pstate |= 0x1f;
}

static void inject(unsigned n, unsigned what)
{
	struct armvirt_excregs regs;
	const struct armvirt_excwhere where = {e2h, true};
	struct armvirt_exctarget t = {&vcpus[n].v.frame, &regs, &features};
	struct armvirt_abort_request r = {.va = 0x12345678 + what, .status = 0x05};
	enum armvirt_status s;

	armvirt_hw_excregs_load(&regs, &where);
	r.fetch = what == PABT;
	r.write = what == DABT;
	s = what == UND   ? armvirt_inject_undef(&t)
	    : what == IRQ ? armvirt_inject_irq(&t)
			  : armvirt_inject_abort(&t, &r);
	if (s != ARMVIRT_OK)
		fail("injection %u: %d", what, s);
	armvirt_hw_excregs_store(&regs, &where);
	enter_by_door(n);
}

static void answer(unsigned n, const struct armvirt_exit *e)
{
	const struct armvirt_sysreg_access *a = &e->u.sysreg;
	uint64_t *x = vcpus[n].v.frame.x;

	traps++;
	if (a->read) {
		last_answer = (uint32_t)random_next(&seed);
		x[a->rt] = last_answer;
		if (a->rt2 != 31)
			x[a->rt2] = ~last_answer & UINT32_MAX;
	} else if (x[a->rt] != last_answer) {
		fail("written is %lx, not %lx", x[a->rt], last_answer);
	}
}

static void trapped(unsigned n, const struct armvirt_exit *e)
{
	struct armvirt_frame *f = &vcpus[n].v.frame;

	if (fail_next) {
		f->pstate ^= BIT(30);
		fail_next = false;
		if (armvirt_exit_cond_passes(e, f->pstate))
			fail("the condition of ESR %lx passes, PSTATE %lx", e->esr, f->pstate);
	} else {
		if (!armvirt_exit_cond_passes(e, f->pstate))
			fail("the condition of ESR %lx fails, PSTATE %lx", e->esr, f->pstate);
		if (e->kind != ARMVIRT_EXIT_WFX && e->kind != ARMVIRT_EXIT_SMC)
			answer(n, e);
	}
	armvirt_exit_skip(e, f);
	if (irq_next)
		inject(n, IRQ);
	irq_next = false;
}

static void serve(uint64_t ipa, bool write, unsigned bytes, uint64_t *value)
{
	if (ipa < DEVICE || ipa + bytes > DEVICE + sizeof(device))
		fail("access at %lx", ipa);
	device_accesses++;
	for (unsigned i = 0; i < bytes; i++) {
		if (write)
			device[ipa - DEVICE + i] = (uint8_t)(*value >> 8 * i);
		else
			*value = (i ? *value : 0) | (uint64_t)device[ipa - DEVICE + i] << 8 * i;
	}
}

/* The instruction itself, where the syndrome does not say. The guest's stage 1 is off. */
static void decode(unsigned n)
{
	struct armvirt_frame *f = &vcpus[n].v.frame;
	const uint16_t *at = (const uint16_t *)(uintptr_t)f->pc;
	bool thumb = f->pstate & BIT(5), wide = !thumb || at[0] >> 11 >= 0x1d;
	uint32_t word = thumb ? (wide ? (uint32_t)at[0] << 16 | at[1] : at[0])
			      : *(const uint32_t *)(uintptr_t)f->pc;
	const struct armvirt_insn32 i = {word, f->pstate};
	uint64_t unused_sp = 0, value[2] = {0, 0};
	const struct armvirt_insn_regs regs = {f, &unused_sp, 0, false};
	struct armvirt_memop op[2];
	struct armvirt_insn insn;

	decoded++;
	if (armvirt_insn32_decode(&insn, &i) != ARMVIRT_INSN_ACCESS)
		fail("%x is refused", word);
	armvirt_insn_accesses(&insn, &regs, op);
	for (unsigned k = 0; k < insn.count; k++) {
		value[k] = op[k].value;
		serve(op[k].va, op[k].write, op[k].bytes, &value[k]);
	}
	armvirt_insn_finish(&insn, &regs, value);
}

static void data_abort(unsigned n, const struct armvirt_exit *e)
{
	struct armvirt_vcpu *v = &vcpus[n].v;
	struct armvirt_mmio m;
	uint64_t value;

	if (e->u.abort.ipa != v->far)
		fail("IPA %lx, FAR %lx", e->u.abort.ipa, v->far);
	if (armvirt_mmio_start(&m, e, &v->frame, 0) != ARMVIRT_OK) {
		decode(n);
		return;
	}
	value = m.value;
	serve(m.ipa, m.write, m.bytes, &value);
	armvirt_mmio_finish(&m, &v->frame, value);
}

static void call(unsigned n, unsigned imm)
{
	uint64_t *x = vcpus[n].v.frame.x;

	switch (imm) {
	case 4:
		if ((uint32_t)x[0] != last_answer)
			fail("R0 is %lx, the answer was %lx", x[0], last_answer);
		break;
	case 5:
		fail_next = true;
		break;
	case 6:
		irq_next = true;
		break;
	case 0x10:
	case 0x11:
	case 0x12:
	case 0x13:
		inject(n, UND + imm - 0x10);
		break;
	default:
		fail("HVC #%x", imm);
	}
}

/*
 * As a processor says it that traps before it looks at the condition: EQ, or for T32 that it is
 * in the IT bits. QEMU traps what passes only, and says "always".
 */
static uint64_t with_condition(uint64_t esr, uint64_t pstate)
{
	return (esr & ~(UINT64_C(0x1f) << 20)) | (pstate & BIT(5) ? 0 : BIT(24));
}

static void exit_of(unsigned n, struct armvirt_exit *e)
{
	struct armvirt_vcpu *v = &vcpus[n].v;
	struct armvirt_exit_regs r = {v->esr, v->far, v->hpfar, v->frame.pstate};

	if (fail_next)
		r.esr = with_condition(r.esr, r.pstate);
	armvirt_exit_decode(e, &r);
	if (!e->aarch32)
		fail("not AArch32");
}

/* Counters of the guest's handlers, and what they found in the fault registers. */
static void check_counters(unsigned n)
{
	const uint32_t *c = memory(n, header(n)->counters);

	if (c[0] != 2 || c[1] != 2 || c[2] != 2 || c[3] != 2)
		fail("UND %u, PABT %u, DABT %u, IRQ %u", c[0], c[1], c[2], c[3]);
	if (c[4] != 0x805 || c[5] != 0x12345678 + DABT || c[6] != 0x5 || c[7] != 0x12345678 + PABT)
		fail("DFSR %x, DFAR %x, IFSR %x, IFAR %x", c[4], c[5], c[6], c[7]);
}

static void script(unsigned n)
{
	struct armvirt_exit e;
	unsigned cause, imm;

	place(n);
	make(n, true, HCR_TWI | HCR_TWE | HCR_TID3 | HCR_TSC | HCR_TACR);
	vcpus[n].v.traps.mdcr_el2 |= MDCR_TDA;
	vcpus[n].v.traps.hstr_el2 = HSTR_T2 | HSTR_T9;
	vcpus[n].v.frame.pc = (uintptr_t)memory(n, header(n)->script);
	traps = device_accesses = decoded = 0;
	for (;;) {
		cause = enter(n);
		if (cause != ARMVIRT_CAUSE_SYNC)
			fail("cause %u", cause);
		exit_of(n, &e);
		passed++;
		switch (e.kind) {
		case ARMVIRT_EXIT_HVC:
			imm = hvc_of(n, cause);
			if (imm == 3) {
				check_counters(n);
				print("%u registers trapped, %u device accesses, %u instructions "
				      "decoded\n",
				      traps, device_accesses, decoded);
				if (traps != 14 || decoded < 8)
					fail("that is too little");
				return;
			}
			call(n, imm);
			break;
		case ARMVIRT_EXIT_DABT:
			data_abort(n, &e);
			break;
		case ARMVIRT_EXIT_CP15:
		case ARMVIRT_EXIT_CP15_64:
		case ARMVIRT_EXIT_CP14:
		case ARMVIRT_EXIT_CP10:
		case ARMVIRT_EXIT_WFX:
		case ARMVIRT_EXIT_SMC:
			trapped(n, &e);
			break;
		default:
			fail("kind %u, ESR %lx, PC %lx", e.kind, e.esr, vcpus[n].v.frame.pc);
		}
	}
}

/* --- AArch32 at EL0 only --- */

static void user(uint64_t switches)
{
	struct armvirt_exit e;
	unsigned n = 0, t32 = 0;

	for (n = 0; n < 2; n++) {
		place(n);
		make(n, false, HCR_TWI);
		vcpus[n].v.traps.mdcr_el2 |= MDCR_TPM;
		vcpus[n].v.el1.sctlr_el1 |= NTWI;
		vcpus[n].v.frame.pstate = 0x10;
		vcpus[n].v.frame.pc = (uintptr_t)memory(n, header(n)->user);
	}
	for (uint64_t i = 0; i < switches; i++) {
		n = random_next(&seed) & 1;
		if (enter(n) != ARMVIRT_CAUSE_SYNC)
			fail("exit");
		exit_of(n, &e);
		if (e.kind != ARMVIRT_EXIT_WFX && e.kind != ARMVIRT_EXIT_CP15)
			fail("guest %u: ESR %lx, FAR %lx, PC %lx, R0 %lx, R1 %lx", n, e.esr,
			     vcpus[n].v.far, vcpus[n].v.frame.pc, vcpus[n].v.frame.x[0],
			     vcpus[n].v.frame.x[1]);
		t32 += e.kind == ARMVIRT_EXIT_CP15;
		armvirt_exit_skip(&e, &vcpus[n].v.frame);
		if (random_next(&seed) % 8 == 0)
			armvirt_hw_vcpu_put(&cpu, &vcpus[n].v);
	}
	if (t32 < switches / 4 || t32 > switches * 3 / 4)
		fail("%u exits from T32", t32);
	passed += switches;
}

void system_main(void)
{
	struct armvirt_el2_config c = {
		.features = &features, .vectors = a32_vectors, .e2h = argument("e2h", 0)};
	static struct armvirt_idregs id;
	uint64_t switches = argument("switches", 10000);

	e2h = c.e2h;
	seed = argument("seed", 1) * 2654435761 + 1;
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	if (armvirt_hw_el2_setup(&cpu, &c) != ARMVIRT_OK)
		fail("set-up");
	if (argument("el0", 0)) {
		write_sysreg("pmuserenr_el0", 1);
		user(switches);
	} else {
		bank(switches);
		armvirt_hw_vcpu_put(&cpu, &vcpus[0].v);
		armvirt_hw_vcpu_put(&cpu, &vcpus[1].v);
		script(0);
	}
	finish((unsigned)passed, 0);
}

void system_secondary(uint64_t n)
{
	(void)n;
}
