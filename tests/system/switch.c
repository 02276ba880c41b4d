/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Torture of the world switch: two vCPUs a CPU fill every register with
 * canaries and look after hypercalls and interrupts whether they are still there,
 * while the hypervisor moves them between each other and between CPUs.
 *
 * Arguments: e2h (0, 1), form (0 tail, 1 deferred, 2 window, 3 return), smp, switches, eager, sets,
 * seed.
 */
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/features.h>
#include <libarmvirt/vcpu.h>

#include "switch.h"

enum { VCPUS = 2 * CPUS, FORM_DEFERRED = 1, FORM_RETURN = 3 };

#define HCR_BASE (UINT64_C(1) << 31 | UINT64_C(7) << 3) /* RW, AMO, IMO, FMO */

extern char vectors_tail[], vectors_deferred[], vectors_window[], vectors_return[];

static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL)];
} vcpus[VCPUS];
static struct guest guests[VCPUS];
static _Alignas(16) uint8_t guest_stacks[VCPUS][4096];
static struct armvirt_cpu cpus[CPUS];
static uint64_t seeds[CPUS];
static bool busy[VCPUS];
static struct lock pool, console;
static uint64_t switches, wanted, moves, interrupts, hypercalls, merged;
static unsigned form, smp, vcpu_count;
static bool e2h, eager, sets;

static unsigned this_cpu(void)
{
	return read_sysreg("mpidr_el1") & 0xff;
}

static unsigned number_of(const struct armvirt_vcpu *v)
{
	return (unsigned)(((uintptr_t)v - (uintptr_t)vcpus) / sizeof(vcpus[0]));
}

/* Its FP registers may still be in the CPU where it ran last. */
static bool free_for(unsigned cpu, unsigned n)
{
	return !busy[n] && (!vcpus[n].v.fp_cpu || vcpus[n].v.fp_cpu == &cpus[cpu]);
}

static struct armvirt_vcpu *choose(unsigned cpu, struct armvirt_vcpu *old)
{
	unsigned n;

	lock(&pool);
	if (old) {
		armvirt_hw_vcpu_put(&cpus[cpu], old);
		busy[number_of(old)] = false;
	}
	do {
		n = random_next(&seeds[cpu]) % vcpu_count;
	} while (!free_for(cpu, n));
	busy[n] = true;
	unlock(&pool);
	return &vcpus[n].v;
}

/* On the same CPU the state stays in registers until it must go: the lazy way. */
static struct armvirt_vcpu *neighbour(unsigned cpu, struct armvirt_vcpu *old)
{
	struct armvirt_vcpu *mate = &vcpus[number_of(old) ^ 1].v;

	lock(&pool);
	if (!free_for(cpu, number_of(mate))) {
		unlock(&pool);
		return choose(cpu, old);
	}
	busy[number_of(mate)] = true;
	busy[number_of(old)] = false;
	armvirt_vcpu_set_stack(mate, stacks[cpu + 1]);
	if (armvirt_hw_vcpu_load(&cpus[cpu], mate) != ARMVIRT_OK)
		fail("cannot load the neighbour");
	unlock(&pool);
	return mate;
}

static struct armvirt_vcpu *next(struct armvirt_vcpu *old)
{
	unsigned cpu = this_cpu();
	uint64_t dice = random_next(&seeds[cpu]), n;
	struct armvirt_vcpu *v = old;
	enum armvirt_status s;

	if (dice % 8 == 0)
		return old;
	n = __atomic_add_fetch(&switches, 1, __ATOMIC_RELAXED);
	if (n >= wanted && cpu == 0) {
		lock(&console);
		print("e2h %u form %u smp %u: %lu switches, %lu hypercalls, %lu interrupts, "
		      "%lu moves, %lu SErrors\n",
		      e2h, form, smp, (unsigned long)n, (unsigned long)hypercalls,
		      (unsigned long)interrupts, (unsigned long)moves, (unsigned long)merged);
		for (unsigned i = 0; i < vcpu_count; i++) {
			if (wanted > 1000 && guests[i].rounds < 10)
				fail("vCPU %u has died at EL1: ELR %lx", i,
				     (unsigned long)vcpus[i].v.el1.elr_el1);
		}
		if (form == FORM_DEFERRED && !merged)
			fail("no SError was merged");
		if (!hypercalls || (!interrupts && wanted > 1000))
			fail("nothing happened");
		finish(1, 0);
	}
	v = dice % 8 < 4 ? neighbour(cpu, old) : choose(cpu, old);
	armvirt_vcpu_set_stack(v, stacks[cpu + 1]);
	s = armvirt_hw_vcpu_load(&cpus[cpu], v);
	if (s != ARMVIRT_OK)
		fail("load on CPU %u: %d", cpu, s);
	if (v->host != &cpus[cpu])
		__atomic_add_fetch(&moves, 1, __ATOMIC_RELAXED);
	v->host = &cpus[cpu];
	return v;
}

static void complain(struct armvirt_vcpu *v, unsigned cause)
{
	lock(&console);
	if (cause == ARMVIRT_CAUSE_SYNC && v->esr == (UINT64_C(0x5a000000) | 1))
		fail("vCPU %u on CPU %u: register %lu is %16lx, not %16lx", number_of(v),
		     this_cpu(), (unsigned long)v->frame.x[0], (unsigned long)v->frame.x[2],
		     (unsigned long)v->frame.x[1]);
	fail("vCPU %u on CPU %u: exit %u, ESR %lx, ELR %lx, FAR %lx", number_of(v), this_cpu(),
	     cause, (unsigned long)v->esr, (unsigned long)v->frame.pc, (unsigned long)v->far);
}

/*
 * SErrors that QEMU does not have are made here. A value in DISR_EL1 survives
 * ESB, so that the next exit finds a deferred one; what it merges with must still be there.
 */
#define SYNTHETIC UINT64_C(0x80000011)

static void synthesise(uint64_t dice)
{
	if (form == FORM_DEFERRED && dice >> 32 & 1)
		write_sysreg("s3_0_c12_c1_1", SYNTHETIC | (dice & 0xe00)); /* DISR_EL1 */
}

static bool deferred(struct armvirt_vcpu *v, unsigned cause)
{
	if (!(cause & ARMVIRT_CAUSE_DEFERRED))
		return false;
	if (form != FORM_DEFERRED || (v->disr & ~UINT64_C(0xe00)) != SYNTHETIC)
		fail("cause %u with DISR %lx", cause, (unsigned long)v->disr);
	if (read_sysreg("s3_0_c12_c1_1"))
		fail("DISR_EL1 is not cleared");
	v->disr = 0;
	if (cause == (ARMVIRT_CAUSE_SYNC | ARMVIRT_CAUSE_DEFERRED) && v->esr >> 26 != 0x07 &&
	    v->esr != UINT64_C(0x5a000000))
		complain(v, cause);
	__atomic_add_fetch(&merged, 1, __ATOMIC_RELAXED);
	if (v->esr >> 26 == 0x07)
		armvirt_hw_vcpu_fp_load(&cpus[this_cpu()]);
	return true;
}

unsigned on_fast(struct armvirt_vcpu *vcpu, uint64_t esr);
unsigned on_irq(struct armvirt_vcpu *vcpu);
struct armvirt_vcpu *on_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
void on_el2(struct armvirt_el2_frame *f);

unsigned on_fast(struct armvirt_vcpu *vcpu, uint64_t esr)
{
	unsigned cpu = this_cpu();

	(void)vcpu;
	if (esr >> 26 == 0x07) {
		armvirt_hw_vcpu_fp_load(&cpus[cpu]);
		return 0;
	}
	if (esr != UINT64_C(0x5a000000))
		return 2;
	__atomic_add_fetch(&hypercalls, 1, __ATOMIC_RELAXED);
	return random_next(&seeds[cpu]) % 4 == 0;
}

unsigned on_irq(struct armvirt_vcpu *vcpu)
{
	unsigned cpu = this_cpu();

	(void)vcpu;
	if (!tick_taken())
		return 0;
	__atomic_add_fetch(&interrupts, 1, __ATOMIC_RELAXED);
	tick_after((100 + random_next(&seeds[cpu]) % 20000) *
		   (read_sysreg("cntfrq_el0") / 62500000));
	return random_next(&seeds[cpu]) & 1;
}

struct armvirt_vcpu *on_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	struct armvirt_vcpu *v;

	if (!deferred(vcpu, cause) && (cause > ARMVIRT_CAUSE_IRQ || answer != 1))
		complain(vcpu, cause);
	if (cause == (ARMVIRT_CAUSE_IRQ | ARMVIRT_CAUSE_DEFERRED))
		on_irq(vcpu);
	v = next(vcpu);
	synthesise(random_next(&seeds[this_cpu()]));
	return v;
}

void on_el2(struct armvirt_el2_frame *f)
{
	lock(&console);
	fail("EL2 of CPU %u: vector %lu, ESR %lx, ELR %lx, FAR %lx", this_cpu(),
	     (unsigned long)f->vector, (unsigned long)f->esr, (unsigned long)f->pc,
	     (unsigned long)f->far);
}

#define OFFERED                                                                       \
	(ARMVIRT_SET_AUX | ARMVIRT_SET_PAUTH | ARMVIRT_SET_SCXT | ARMVIRT_SET_DEBUG | \
	 ARMVIRT_SET_BRP | ARMVIRT_SET_WRP | ARMVIRT_SET_PMU | ARMVIRT_SET_PMEV |     \
	 ARMVIRT_SET_TIMER | ARMVIRT_SET_MTE)

/* Opens what belongs to the sets of the vCPU. Returns what the guest tries. */
static unsigned open_sets(struct armvirt_vcpu *v)
{
	struct armvirt_vcpu_traps *t = &v->traps;
	unsigned tried = 0;

	if (v->sets & ARMVIRT_SET_AUX)
		tried |= 1u << SETS_AUX;
	if (v->sets & ARMVIRT_SET_PAUTH) {
		tried |= 1u << SETS_PAUTH;
		t->hcr_el2 |= UINT64_C(3) << 40; /* APK, API */
	}
	if (v->sets & ARMVIRT_SET_SCXT) {
		tried |= 1u << SETS_SCXT;
		t->hcr_el2 |= UINT64_C(1) << 53; /* EnSCXT */
	}
	if (v->sets & ARMVIRT_SET_DEBUG) {
		tried |= 1u << SETS_DEBUG;
		t->mdcr_el2 &= ~UINT64_C(0xe00); /* TDA, TDOSA, TDRA */
	}
	if (v->sets & ARMVIRT_SET_PMU) {
		tried |= 1u << SETS_PMU;
		t->mdcr_el2 &= ~UINT64_C(0x60); /* TPM, TPMCR */
	}
	if (v->sets & ARMVIRT_SET_TIMER) {
		tried |= 1u << SETS_TIMER;
		t->cnthctl_el2 = e2h ? 0xc00 : 3; /* EL1PCTEN and EL1PTEN or EL1PCEN */
	}
	if (v->sets & ARMVIRT_SET_MTE) {
		tried |= 1u << SETS_MTE;
		t->hcr_el2 |= UINT64_C(1) << 56; /* ATA */
	}
	return tried;
}

static void prepare(unsigned i, const struct armvirt_features *f)
{
	struct armvirt_vcpu *v = &vcpus[i].v;
	struct armvirt_vcpu_shape shape = {.bytes = sizeof(vcpus[i]),
					   .sets = sets ? armvirt_vcpu_sets(f) & OFFERED : 0};

	if (armvirt_vcpu_init_sets(v, &shape, f) != ARMVIRT_OK)
		fail("vCPU %u", i);
	v->frame.pc = (uintptr_t)guest_entry;
	v->frame.x[0] = (uintptr_t)&guests[i];
	v->frame.x[1] = (uintptr_t)guest_stacks[i + 1];
	v->fp_policy = eager ? ARMVIRT_FP_EAGER : ARMVIRT_FP_LAZY;
	v->traps = cpus[0].now;
	v->traps.hcr_el2 = HCR_BASE;
	v->traps.cptr_el2 &= ~(UINT64_C(1) << 31); /* CPACR_EL1 is the guest's */
	v->traps.vmpidr_el2 = 0x80000000 | i;
	guests[i].sets = open_sets(v);
	guests[i].seed = argument("seed", 1) * 1000003 + i + 1;
	guests[i].ras = armvirt_has(f, ARMVIRT_FEAT_RAS);
}

/* The window of cores without FEAT_RAS: as if an SError had come in it. */
static void try_window(const char *table)
{
	uint64_t before[3] = {read_sysreg("elr_el2"), read_sysreg("spsr_el2"),
			      read_sysreg("esr_el2")};

	if (window_taken(table + 7 * 128, UINT64_C(0xbe000011)) != UINT64_C(0xbe000011))
		fail("the syndrome of the window");
	if (read_sysreg("elr_el2") != before[0] || read_sysreg("spsr_el2") != before[1] ||
	    read_sysreg("esr_el2") != before[2])
		fail("the window loses what the exit left");
	if ((read_sysreg("daif") & 0x3c0) != 0x3c0)
		fail("the window stays open");
}

static void set_up(unsigned cpu)
{
	static struct armvirt_features f[CPUS];
	const char *tables[] = {vectors_tail, vectors_deferred, vectors_window, vectors_return};
	struct armvirt_idregs id;
	struct armvirt_el2_config c = {.features = &f[cpu],
				       .e2h = e2h,
				       .vectors = tables[form],
				       .serror = form == 1 || form == 2 ? ARMVIRT_SERROR_AT_EXIT
									: ARMVIRT_SERROR_AT_SWITCH};
	enum armvirt_status s;

	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&f[cpu], &id);
	if (form == 1 && !armvirt_has(&f[cpu], ARMVIRT_FEAT_RAS)) {
		print("no RAS here\n");
		finish(1, 0);
	}
	if (e2h && !armvirt_has(&f[cpu], ARMVIRT_FEAT_VHE)) {
		if (armvirt_hw_el2_setup(&cpus[cpu], &c) != ARMVIRT_E_UNSUPPORTED)
			fail("E2H without VHE is not refused");
		print("no VHE here\n");
		finish(1, 0);
	}
	s = armvirt_hw_el2_setup(&cpus[cpu], &c);
	if (s != ARMVIRT_OK)
		fail("set-up of CPU %u: %d", cpu, s);
	if ((read_sysreg("hcr_el2") >> 34 & 1) != e2h)
		fail("E2H");
	write_sysreg("tpidr_el2", UINT64_C(0x1122334455667788));
	seeds[cpu] = argument("seed", 1) + 77 * cpu + 1;
	if (cpu == 0) {
		for (unsigned i = 0; i < vcpu_count; i++)
			prepare(i, &f[0]);
	}
	try_window(tables[form]);
	tick_init(cpu);
	tick_after(1000);
}

static _Noreturn void run(unsigned cpu)
{
	struct armvirt_vcpu *v = choose(cpu, NULL);

	armvirt_vcpu_set_stack(v, stacks[cpu + 1]);
	if (armvirt_hw_vcpu_load(&cpus[cpu], v) != ARMVIRT_OK)
		fail("first load");
	if (form != FORM_RETURN)
		armvirt_vcpu_resume(v);
	for (;;) {
		unsigned r = armvirt_vcpu_enter(v);

		if (read_sysreg("tpidr_el2") != UINT64_C(0x1122334455667788))
			fail("TPIDR_EL2");
		v = on_general(v, r & 0xff, r >> 8);
	}
}

void system_secondary(uint64_t cpu)
{
	set_up((unsigned)cpu);
	run((unsigned)cpu);
}

void system_main(void)
{
	e2h = argument("e2h", 0);
	form = (unsigned)argument("form", 0) % 4;
	smp = (unsigned)argument("smp", 1);
	eager = argument("eager", 0);
	sets = argument("sets", 1);
	wanted = argument("switches", 10000);
	vcpu_count = 2 * smp;
	set_up(0);
	cpus_start(smp);
	run(0);
}
