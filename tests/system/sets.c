/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register sets that no processor of the emulator has: each access to an absent register is
 * UNDEFINED at EL2, and the vectors serve it from a register file. So the generated code is
 * executed as it is, encodings included, and two vCPUs must keep what is theirs.
 * Arguments: e2h.
 */
#include <libarmvirt/context.h>
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/vcpu.h>

#include "system.h"

#define FIELD(...)
#define REGISTER(id, name, key, feature, access, set, fixed, traps, ...) {key, name, feature},
static const struct row {
	uint32_t key;
	const char *name, *feature;
} rows[] = {
#include "../unit/registers.inc"
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* SVE is tortured where it exists. */
#define SETS (ARMVIRT_VCPU_OPTIONAL & ~ARMVIRT_SET_SVE)

enum { KEYS = 0x8000, ROUNDS = 400, VCPUS = 2 };
#define MRS                      UINT32_C(0xd5200000)
#define KEY(op0, op1, n, m, op2) ((op0) << 14 | (op1) << 11 | (n) << 7 | (m) << 3 | (op2))

extern const char sets_vectors[];
struct armvirt_vcpu *sets_general(struct armvirt_vcpu *v, unsigned cause, unsigned answer);
unsigned sets_irq(struct armvirt_vcpu *v);
void sets_undefined(struct armvirt_el2_frame *f);

static uint64_t file[KEYS]; /* by key less 0x8000 */
static bool absent[KEYS], allowed[KEYS];
static bool e2h, probing;
static volatile uint32_t probe[2];
static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(SETS)];
} vcpus[VCPUS];
static struct armvirt_cpu cpu;
static struct armvirt_features features;
static struct { /* what is switched and absent */
	const struct row *row;
	struct armvirt_ctx_place place;
} watched[ROWS];
static size_t watched_count;
static uint64_t expected[VCPUS][ROWS];
static uint64_t rng = 88172645463325252;
static unsigned emulated, checks;

struct armvirt_vcpu *sets_general(struct armvirt_vcpu *v, unsigned cause, unsigned answer)
{
	(void)answer;
	fail("guest exit %u", cause);
	return v;
}

unsigned sets_irq(struct armvirt_vcpu *v)
{
	(void)v;
	fail("interrupt");
}

/*
 * Registers of EL1 whose own name means a register of EL2 while HCR_EL2.E2H is 1: a hypervisor
 * that wants the guest's must say _EL12, which has op1 = 5.
 */
static bool redirected(uint32_t key)
{
	switch (key) {
	case KEY(3, 0, 1, 0, 0):  /* SCTLR */
	case KEY(3, 0, 1, 0, 2):  /* CPACR */
	case KEY(3, 0, 1, 0, 3):  /* SCTLR2 */
	case KEY(3, 0, 1, 2, 0):  /* ZCR */
	case KEY(3, 0, 1, 2, 1):  /* TRFCR */
	case KEY(3, 0, 1, 2, 6):  /* SMCR */
	case KEY(3, 0, 2, 0, 0):  /* TTBR0 */
	case KEY(3, 0, 2, 0, 1):  /* TTBR1 */
	case KEY(3, 0, 2, 0, 2):  /* TCR */
	case KEY(3, 0, 2, 0, 3):  /* TCR2 */
	case KEY(3, 0, 2, 5, 0):  /* GCSCR */
	case KEY(3, 0, 2, 5, 1):  /* GCSPR */
	case KEY(3, 0, 4, 0, 0):  /* SPSR */
	case KEY(3, 0, 4, 0, 1):  /* ELR */
	case KEY(3, 0, 5, 1, 0):  /* AFSR0 */
	case KEY(3, 0, 5, 1, 1):  /* AFSR1 */
	case KEY(3, 0, 5, 2, 0):  /* ESR */
	case KEY(3, 0, 5, 6, 0):  /* TFSR */
	case KEY(3, 0, 6, 0, 0):  /* FAR */
	case KEY(3, 0, 6, 0, 5):  /* PFAR */
	case KEY(3, 0, 9, 9, 0):  /* PMSCR */
	case KEY(3, 0, 10, 2, 0): /* MAIR */
	case KEY(3, 0, 10, 2, 1): /* MAIR2 */
	case KEY(3, 0, 10, 2, 2): /* PIRE0 */
	case KEY(3, 0, 10, 2, 3): /* PIR */
	case KEY(3, 0, 10, 2, 4): /* POR */
	case KEY(3, 0, 10, 3, 0): /* AMAIR */
	case KEY(3, 0, 10, 3, 1): /* AMAIR2 */
	case KEY(3, 0, 10, 5, 0): /* MPAM1 */
	case KEY(3, 0, 12, 0, 0): /* VBAR */
	case KEY(3, 0, 13, 0, 1): /* CONTEXTIDR */
	case KEY(3, 0, 13, 0, 7): /* SCXTNUM */
	case KEY(3, 0, 14, 1, 0): /* CNTKCTL */
		return true;
	default:
		return false;
	}
}

/* The register behind an encoding. */
static uint32_t meant(uint32_t key)
{
	uint32_t el1 = key & ~(7u << 11);

	if (e2h && (key >> 11 & 7) == 5 && redirected(el1))
		return el1;
	if (!probing && e2h && redirected(key))
		fail("S%u_%u_C%u_C%u_%u is EL2's while E2H is 1", key >> 14, key >> 11 & 7,
		     key >> 7 & 15, key >> 3 & 15, key & 7);
	return key;
}

/* MRS or MSR of an absent register. */
void sets_undefined(struct armvirt_el2_frame *f)
{
	uint32_t insn = *(const uint32_t *)(uintptr_t)f->pc, rt = insn & 31;
	uint32_t key = meant(insn >> 5 & 0xffff);

	if (f->esr >> 26 != 0 || (insn & 0xffd00000) != 0xd5100000)
		fail("ESR 0x%lx at 0x%lx", f->esr, f->pc);
	absent[key - KEYS] = true;
	if (!probing && !allowed[key - KEYS] && (key >> 11 & 7) != 4)
		fail("S%u_%u_C%u_C%u_%u is of no set", key >> 14, key >> 11 & 7, key >> 7 & 15,
		     key >> 3 & 15, key & 7);
	if (!(insn & 1 << 21))
		file[key - KEYS] = rt == 31 ? 0 : f->x[rt];
	else if (rt != 31)
		f->x[rt] = file[key - KEYS];
	f->pc += 4;
	emulated++;
}

/* An access by encoding, as EL2 means it without E2H. */
static uint64_t access(uint32_t insn, uint32_t key, uint64_t value)
{
	uint64_t (*run)(uint64_t) = (uint64_t(*)(uint64_t))(uintptr_t)probe;

	if (e2h && redirected(key))
		key |= 5 << 11;
	probe[0] = insn | key << 5;
	probe[1] = 0xd65f03c0; /* ret */
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(probe)
			 : "memory");
	probing = true;
	value = run(value);
	probing = false;
	return value;
}

static uint64_t *in_memory(unsigned n, const struct armvirt_ctx_place *p)
{
	return (uint64_t *)((char *)armvirt_vcpu_set(&vcpus[n].v, p->set) + p->offset);
}

static bool counted_out(const struct armvirt_ctx_place *p)
{
	unsigned n = p->set == ARMVIRT_SET_BRP_BIT    ? cpu.brp_count * 16u
		     : p->set == ARMVIRT_SET_WRP_BIT  ? cpu.wrp_count * 16u
		     : p->set == ARMVIRT_SET_PMEV_BIT ? cpu.pmev_count * 16u
						      : 0xffff;

	return p->offset >= n;
}

/* Registers that exist keep their value on both sides: system-switch has them. */
static void choose(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct armvirt_ctx_place p;
		uint64_t now;

		if (!armvirt_ctx_find(rows[i].key, &p) || !armvirt_vcpu_set(&vcpus[0].v, p.set) ||
		    counted_out(&p))
			continue;
		now = access(MRS, rows[i].key, 0);
		if (absent[rows[i].key - KEYS]) {
			allowed[rows[i].key - KEYS] = true;
			watched[watched_count].row = &rows[i];
			watched[watched_count++].place = p;
			continue;
		}
		for (unsigned n = 0; n < VCPUS; n++)
			*in_memory(n, &p) = now;
	}
}

static void fill(unsigned n)
{
	for (size_t i = 0; i < watched_count; i++)
		*in_memory(n, &watched[i].place) = expected[n][i] = random_next(&rng);
}

/* The guest finds its values, and leaves others. */
static void guest(unsigned n)
{
	for (size_t i = 0; i < watched_count; i++) {
		uint64_t *r = &file[watched[i].row->key - KEYS];

		if (*r != expected[n][i])
			fail("vCPU %u: %s is %lx, not %lx", n, watched[i].row->name,
			     (unsigned long)*r, (unsigned long)expected[n][i]);
		*r = expected[n][i] = random_next(&rng);
		checks++;
	}
}

static void stored(unsigned n)
{
	for (size_t i = 0; i < watched_count; i++) {
		if (*in_memory(n, &watched[i].place) != expected[n][i])
			fail("vCPU %u: %s was not stored", n, watched[i].row->name);
		checks++;
	}
}

static void prepare(unsigned n)
{
	struct armvirt_vcpu_shape shape = {sizeof(vcpus[n]), SETS};
	struct armvirt_vcpu *v = &vcpus[n].v;

	if (armvirt_vcpu_init_sets(v, &shape, &features) != ARMVIRT_OK)
		fail("vCPU");
	v->traps = cpu.now;
	v->traps.hcr_el2 = UINT64_C(1) << 31;
	v->fp_policy = ARMVIRT_FP_EAGER;
	armvirt_vcpu_set_stack(v, stacks[1]);
}

/* The features that the optional sets need, whether the processor has them or not. */
static void pretend(void)
{
	for (unsigned x = 0; armvirt_feature_name((enum armvirt_feature)x); x++) {
		uint64_t bit = UINT64_C(1) << x % 64, had = features.has[x / 64];
		uint64_t sets = armvirt_vcpu_sets(&features) & SETS;

		features.has[x / 64] |= bit;
		if ((armvirt_vcpu_sets(&features) & SETS) == sets)
			features.has[x / 64] = had;
	}
	if ((armvirt_vcpu_sets(&features) & SETS) != SETS)
		fail("sets %lx cannot be had",
		     (unsigned long)(SETS & ~armvirt_vcpu_sets(&features)));
}

static void set_up(void)
{
	struct armvirt_el2_config c = {.features = &features, .e2h = e2h, .vectors = sets_vectors};
	static struct armvirt_idregs id;

	write_sysreg("vbar_el2", (uintptr_t)sets_vectors);
	__asm__ volatile("isb");
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	features.pmu_counters = read_sysreg("pmcr_el0") >> 11 & 31;
	pretend();
	if (armvirt_hw_el2_setup(&cpu, &c) != ARMVIRT_OK)
		fail("set-up");
}

void system_main(void)
{
	unsigned old = 0;

	e2h = argument("e2h", 0);
	probing = true; /* EL2's own set-up may touch what it likes */
	set_up();
	probing = false;
	prepare(0);
	prepare(1);
	choose();
	fill(0);
	fill(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned n = random_next(&rng) >> 32 & 1;

		if (armvirt_hw_vcpu_load(&cpu, &vcpus[n].v) != ARMVIRT_OK)
			fail("load");
		if (round && n != old)
			stored(old);
		guest(n);
		if (random_next(&rng) % 4 == 0) {
			armvirt_hw_vcpu_put(&cpu, &vcpus[n].v);
			stored(n);
		}
		old = n;
	}
	for (size_t i = 0; i < watched_count; i++)
		print("%s%s", i ? " " : "absent: ", watched[i].row->name);
	print("\n%u accesses were the register file's\n", emulated);
	if (watched_count < 16)
		fail("too few registers were absent");
	finish(checks, 0);
}

void system_secondary(uint64_t n)
{
	(void)n;
}
