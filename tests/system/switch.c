/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Torture of the world switch: two vCPUs a CPU fill every register with
 * canaries and look after hypercalls and interrupts whether they are still there,
 * while the hypervisor moves them between each other and between CPUs.
 *
 * Arguments: e2h (0, 1), form (0 tail, 1 deferred, 2 window, 3 return,
 * 4 patched, 5 and 7 as 0 and 3 with EL2 signing with APIA, 6 as 1 with all keys of EL2), smp,
 * switches, eager, sets, seed; unpatched: form 4 as assembled; vl: bytes of the vectors of every
 * other vCPU (0: no SVE), its neighbour then has none, or shorter ones if short is set.
 */
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/features.h>
#include <libarmvirt/vcpu.h>
#include <libarmvirt/vcpu_move.h>
#include <libarmvirt/vcpu_regs.h>

#include "switch.h"

enum {
	VCPUS = 2 * CPUS,
	FORM_DEFERRED = 1,
	FORM_RETURN = 3,
	FORM_PATCHED = 4,
	FORM_APIA = 5,
	FORM_ALL = 6,
	FORM_APIA_RETURN = 7,
	EC_SVE = 0x19,
	EC_SME = 0x1d
};

#define HCR_BASE (UINT64_C(1) << 31 | UINT64_C(7) << 3) /* RW, AMO, IMO, FMO */

extern char illegal_vectors[], vectors_tail[], vectors_deferred[], vectors_window[],
	vectors_return[], vectors_patched[], vectors_apia[], vectors_all[], vectors_apia_return[];

static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL)];
} vcpus[VCPUS];
static struct guest guests[VCPUS];
static _Alignas(16) uint8_t vectors[VCPUS][ARMVIRT_SVE_BYTES(ARMVIRT_SVE_VL_MAX)];
static _Alignas(16) uint8_t guest_stacks[VCPUS][4096];
static struct armvirt_cpu cpus[CPUS];
static uint64_t seeds[CPUS];
static bool busy[VCPUS];
static struct lock pool, console;
static uint64_t switches, wanted, moves, interrupts, hypercalls, merged, denials, looks;
static unsigned vl, vl_short;
static uint64_t faults, refused, guarded, sme_denials;
static uint16_t ran_last[CPUS] = {0xffff, 0xffff, 0xffff, 0xffff};
static struct armvirt_vmid_guard guard = {ran_last};
static unsigned form, smp, vcpu_count;
static bool e2h, eager, sets, defers, returns, unpatched;

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
		      "%lu moves, %lu SErrors, %lu looks by number, %lu denials, %lu expected "
		      "faults\n",
		      e2h, form, smp, (unsigned long)n, (unsigned long)hypercalls,
		      (unsigned long)interrupts, (unsigned long)moves, (unsigned long)merged,
		      (unsigned long)looks, (unsigned long)denials, (unsigned long)faults);
		for (unsigned i = 0; i < vcpu_count; i++) {
			if (wanted > 1000 && guests[i].rounds < 10)
				fail("vCPU %u has died at EL1: ELR %lx", i,
				     (unsigned long)vcpus[i].v.el1.elr_el1);
		}
		if (wanted > 1000 && !guarded)
			fail("no vCPU was kept from another one's translations");
		if (guests[0].sme && wanted > 1000 && !sme_denials)
			fail("no SME instruction was denied");
		if (wanted > 1000 && !looks)
			fail("nothing was looked at by number");
		if (returns && wanted > 1000 && !refused)
			fail("no entry with an interrupt pending");
		if (defers && !merged)
			fail("no SError was merged");
		if (vl && !vl_short && wanted > 1000 && !denials)
			fail("no SVE instruction was denied");
		if (!hypercalls || (!interrupts && wanted > 1000))
			fail("nothing happened");
		finish(1, 0);
	}
	v = dice % 8 < 4 ? neighbour(cpu, old) : choose(cpu, old);
	armvirt_vcpu_set_stack(v, stacks[cpu + 1]);
	s = armvirt_hw_vcpu_load(&cpus[cpu], v);
	if (s != ARMVIRT_OK)
		fail("load on CPU %u: %d", cpu, s);
	if (armvirt_hw_vcpu_guard(&cpus[cpu], v, &guard,
				  &(struct armvirt_vcpu_seat){cpu, number_of(v)}))
		__atomic_add_fetch(&guarded, 1, __ATOMIC_RELAXED);
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
	if (defers && dice >> 32 & 1)
		write_sysreg("s3_0_c12_c1_1", SYNTHETIC | (dice & 0xe00)); /* DISR_EL1 */
}

static bool deferred(struct armvirt_vcpu *v, unsigned cause)
{
	if (!(cause & ARMVIRT_CAUSE_DEFERRED))
		return false;
	if (!defers || (v->disr & ~UINT64_C(0xe00)) != SYNTHETIC)
		fail("cause %u with DISR %lx", cause, (unsigned long)v->disr);
	if (read_sysreg("s3_0_c12_c1_1"))
		fail("DISR_EL1 is not cleared");
	v->disr = 0;
	if (cause == (ARMVIRT_CAUSE_SYNC | ARMVIRT_CAUSE_DEFERRED) && v->esr >> 26 != 0x07 &&
	    v->esr >> 26 != EC_SVE && v->esr >> 26 != EC_SME && v->esr != UINT64_C(0x5a000000))
		complain(v, cause);
	__atomic_add_fetch(&merged, 1, __ATOMIC_RELAXED);
	if (armvirt_vcpu_wants_fp(v, v->esr))
		armvirt_hw_vcpu_fp_load(&cpus[this_cpu()]);
	return true;
}

static void count_faults(void)
{
	provoke(form == 0);
	__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
}

unsigned on_fast(struct armvirt_vcpu *vcpu, uint64_t esr);
unsigned on_irq(struct armvirt_vcpu *vcpu);
struct armvirt_vcpu *on_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
void on_el2(struct armvirt_el2_frame *f);

static struct armvirt_el2_keys keys[CPUS];

/* The code of EL2 signs: with another key it would not come this far. And what it says it has: */
static void check_keys(unsigned cpu)
{
	const uint64_t *key = &keys[cpu].key.apiakeylo_el1;

	if (!keys[cpu].mode)
		return;
	if ((read_sysreg("sctlr_el2") & 0xc8002000) != (form == FORM_ALL ? 0xc8002000 : 0x80000000))
		fail("keys are not enabled");
	if (read_sysreg("s3_0_c2_c1_0") != key[0] || read_sysreg("s3_0_c2_c1_1") != key[1])
		fail("APIA is not EL2's");
	if (form == FORM_ALL &&
	    (read_sysreg("s3_0_c2_c1_2") != key[2] || read_sysreg("s3_0_c2_c1_3") != key[3] ||
	     read_sysreg("s3_0_c2_c2_0") != key[4] || read_sysreg("s3_0_c2_c2_1") != key[5] ||
	     read_sysreg("s3_0_c2_c2_2") != key[6] || read_sysreg("s3_0_c2_c2_3") != key[7] ||
	     read_sysreg("s3_0_c2_c3_0") != key[8] || read_sysreg("s3_0_c2_c3_1") != key[9]))
		fail("keys are not EL2's");
}

unsigned on_fast(struct armvirt_vcpu *vcpu, uint64_t esr)
{
	unsigned cpu = this_cpu();

	check_keys(cpu);
	if (armvirt_vcpu_wants_fp(vcpu, esr)) {
		armvirt_hw_vcpu_fp_load(&cpus[cpu]);
		return 0;
	}
	if (esr >> 26 == EC_SVE && !(vcpu->sets & ARMVIRT_SET_SVE))
		return 3;
	if (esr >> 26 == EC_SME)
		return 4;
	if (esr != UINT64_C(0x5a000000))
		return 2;
	__atomic_add_fetch(&hypercalls, 1, __ATOMIC_RELAXED);
	if (random_next(&seeds[cpu]) % 128 == 0)
		count_faults();
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

static const uint16_t numbers[GUEST_REGISTERS] = {
	ARMVIRT_REGID_SCTLR_EL1,      ARMVIRT_REGID_CPACR_EL1,   ARMVIRT_REGID_TCR_EL1,
	ARMVIRT_REGID_TTBR0_EL1,      ARMVIRT_REGID_TTBR1_EL1,   ARMVIRT_REGID_ESR_EL1,
	ARMVIRT_REGID_FAR_EL1,        ARMVIRT_REGID_MAIR_EL1,    ARMVIRT_REGID_VBAR_EL1,
	ARMVIRT_REGID_CONTEXTIDR_EL1, ARMVIRT_REGID_CNTKCTL_EL1, ARMVIRT_REGID_SPSR_EL1,
	ARMVIRT_REGID_ELR_EL1,        ARMVIRT_REGID_SP_EL0,      ARMVIRT_REGID_TPIDR_EL0,
	ARMVIRT_REGID_TPIDRRO_EL0,    ARMVIRT_REGID_TPIDR_EL1,   ARMVIRT_REGID_PAR_EL1,
	ARMVIRT_REGID_AFSR0_EL1,      ARMVIRT_REGID_AFSR1_EL1,   ARMVIRT_REGID_AMAIR_EL1,
};

static const uint16_t optional_numbers[GUEST_OPTIONAL] = {
	ARMVIRT_REGID_CSSELR_EL1,     ARMVIRT_REGID_APIAKEYLO_EL1, ARMVIRT_REGID_APIAKEYHI_EL1,
	ARMVIRT_REGID_APIBKEYLO_EL1,  ARMVIRT_REGID_APIBKEYHI_EL1, ARMVIRT_REGID_APDAKEYLO_EL1,
	ARMVIRT_REGID_APDAKEYHI_EL1,  ARMVIRT_REGID_APDBKEYLO_EL1, ARMVIRT_REGID_APDBKEYHI_EL1,
	ARMVIRT_REGID_APGAKEYLO_EL1,  ARMVIRT_REGID_APGAKEYHI_EL1, ARMVIRT_REGID_SCXTNUM_EL1,
	ARMVIRT_REGID_SCXTNUM_EL0,    ARMVIRT_REGID_MDSCR_EL1,     ARMVIRT_REGID_DBGBVR0_EL1,
	ARMVIRT_REGID_DBGBCR0_EL1,    ARMVIRT_REGID_DBGBVR1_EL1,   ARMVIRT_REGID_DBGBCR1_EL1,
	ARMVIRT_REGID_DBGWVR0_EL1,    ARMVIRT_REGID_DBGWCR0_EL1,   ARMVIRT_REGID_DBGWVR1_EL1,
	ARMVIRT_REGID_DBGWCR1_EL1,    ARMVIRT_REGID_PMUSERENR_EL0, ARMVIRT_REGID_PMSELR_EL0,
	ARMVIRT_REGID_PMCCNTR_EL0,    ARMVIRT_REGID_PMCCFILTR_EL0, ARMVIRT_REGID_PMEVCNTR0_EL0,
	ARMVIRT_REGID_PMEVTYPER0_EL0, ARMVIRT_REGID_PMEVCNTR1_EL0, ARMVIRT_REGID_PMEVTYPER1_EL0,
	ARMVIRT_REGID_PMINTENSET_EL1, ARMVIRT_REGID_PMOVSSET_EL0,  ARMVIRT_REGID_PMCNTENSET_EL0,
	ARMVIRT_REGID_CNTV_CVAL_EL0,  ARMVIRT_REGID_CNTV_CTL_EL0,  ARMVIRT_REGID_CNTP_CVAL_EL0,
	ARMVIRT_REGID_CNTP_CTL_EL0,   ARMVIRT_REGID_TFSR_EL1,      ARMVIRT_REGID_TFSRE0_EL1,
	ARMVIRT_REGID_RGSR_EL1,       ARMVIRT_REGID_GCR_EL1,
};

/* What the guest says that it wrote is there; any other value goes in and this one comes back. */
static void look_one(struct armvirt_cpu *cpu, struct armvirt_vcpu *v, unsigned id, uint64_t there)
{
	uint64_t found = ~there;

	if (armvirt_hw_vcpu_read(cpu, v, id, &found) != ARMVIRT_OK || found != there)
		fail("vCPU %u: register number %u is %16lx, not %16lx", number_of(v), id,
		     (unsigned long)found, (unsigned long)there);
	if (armvirt_hw_vcpu_write(cpu, v, id, id < ARMVIRT_STATE_X ? ~there & 2 : ~there) !=
		    ARMVIRT_OK ||
	    armvirt_hw_vcpu_read(cpu, v, id, &found) != ARMVIRT_OK ||
	    (id >= ARMVIRT_STATE_X && found != ~there) ||
	    armvirt_hw_vcpu_write(cpu, v, id, there) != ARMVIRT_OK)
		fail("vCPU %u: register number %u is not written", number_of(v), id);
}

static void look_refusals(struct armvirt_cpu *cpu, struct armvirt_vcpu *v)
{
	struct armvirt_cpu other = {0};
	uint64_t value = 0x77;

	if (armvirt_hw_vcpu_read(&other, v, ARMVIRT_REGID_TPIDR_EL1, &value) != ARMVIRT_E_BUSY ||
	    armvirt_hw_vcpu_write(&other, v, ARMVIRT_REGID_TPIDR_EL1, 1) != ARMVIRT_E_BUSY ||
	    armvirt_hw_vcpu_read(cpu, v, ARMVIRT_REGID_MAX + 1, &value) != ARMVIRT_E_ARG ||
	    armvirt_hw_vcpu_read(cpu, v, ARMVIRT_REGID_GCSCR_EL1, &value) != ARMVIRT_E_ABSENT ||
	    armvirt_hw_vcpu_write(cpu, v, ARMVIRT_STATE_PSTATE, 9) != ARMVIRT_E_MISMATCH ||
	    value != 0x77)
		fail("registers by number: refusals");
}

/* Takes the FP registers of a vCPU that is not loaded: the loaded one must not find them open. */
static void evict(struct armvirt_cpu *cpu)
{
	uint64_t fpen = e2h ? UINT64_C(3) << 20 : UINT64_C(1) << 10;

	lock(&pool);
	if (cpu->fp && cpu->fp != cpu->loaded) {
		armvirt_hw_vcpu_put(cpu, cpu->fp);
		if ((read_sysreg("cptr_el2") & fpen) != (e2h ? 0 : fpen))
			fail("FP registers without an owner are open");
	}
	unlock(&pool);
}

/* At a hypercall the guest has what stands in its memory, in registers or not. */
static void look_by_number(struct armvirt_cpu *cpu, struct armvirt_vcpu *v)
{
	const struct guest *g = &guests[number_of(v)];
	uint64_t n = random_next(&seeds[this_cpu()]);
	static const uint8_t first[] = {0, 1, 11, 13, 22, 33, 37, GUEST_OPTIONAL};

	look_one(cpu, v, numbers[n % GUEST_REGISTERS], g->value[n % GUEST_REGISTERS]);
	for (unsigned set = 0; set < 7; set++) {
		unsigned i = first[set] + (n >> 8) % (first[set + 1] - first[set]);

		if (g->sets >> set & 1)
			look_one(cpu, v, optional_numbers[i], g->optional[i]);
	}
	look_one(cpu, v, ARMVIRT_STATE_V + (n >> 16) % 64, g->fp.v[(n >> 16) % 64]);
	if (g->vl_now > 16) {
		unsigned z = (n >> 24) % 32, w = 2 + (n >> 32) % (unsigned)(g->vl_now / 8 - 2);
		uint64_t there;

		memcpy(&there, g->sve.bytes + z * g->vl_now + 8 * w, 8);
		if (g->vl_now == g->vl)
			look_one(cpu, v, ARMVIRT_STATE_Z + 32 * z + w, there);
	}
	look_refusals(cpu, v);
	if (n >> 60 < 4)
		evict(cpu);
	__atomic_add_fetch(&looks, 1, __ATOMIC_RELAXED);
}

struct armvirt_vcpu *on_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	struct armvirt_vcpu *v;

	check_keys(this_cpu());
	if (cause == ARMVIRT_CAUSE_SYNC && answer == 3) {
		__atomic_add_fetch(&denials, 1, __ATOMIC_RELAXED);
		vcpu->frame.pc += 4;
		return vcpu;
	}
	if (cause == ARMVIRT_CAUSE_SYNC && answer == 4) {
		__atomic_add_fetch(&sme_denials, 1, __ATOMIC_RELAXED);
		vcpu->frame.pc += 4;
		return vcpu;
	}
	if (cause == ARMVIRT_CAUSE_SYNC && random_next(&seeds[this_cpu()]) % 16 == 0)
		look_by_number(&cpus[this_cpu()], vcpu);
	if (!deferred(vcpu, cause) && (cause > ARMVIRT_CAUSE_IRQ || answer != 1))
		complain(vcpu, cause);
	if (cause == (ARMVIRT_CAUSE_IRQ | ARMVIRT_CAUSE_DEFERRED))
		on_irq(vcpu);
	if (random_next(&seeds[this_cpu()]) % 128 == 0)
		count_faults();
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

/* PSTATE that would stay at EL2: the guest takes an illegal state exception at EL1, EL2 nothing. */
static void try_illegal(unsigned n)
{
	static const uint8_t modes[] = {0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x09, 0x0c,
					0x0d, 0x0e, 0x0f, 0x12, 0x13, 0x16, 0x1a, 0x1f};
	struct armvirt_vcpu *v = &vcpus[n].v;
	uint64_t esr = 0;

	armvirt_vcpu_set_stack(v, stacks[1]);
	for (unsigned i = 0; i < sizeof(modes); i++) {
		v->frame.pstate = 0x3c5;
		v->el1.vbar_el1 = (uintptr_t)illegal_vectors;
		if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_OK)
			fail("illegal PSTATE: load");
		v->frame.pstate = 0xf00003c0 | modes[i];
		if (armvirt_vcpu_enter(v) != (ARMVIRT_CAUSE_SYNC | 2 << 8) ||
		    v->esr != (UINT64_C(0x5a000000) | 2))
			fail("illegal PSTATE %x: ESR_EL2 %lx", modes[i], (unsigned long)v->esr);
		if (armvirt_hw_vcpu_read(&cpus[0], v, ARMVIRT_REGID_ESR_EL1, &esr) != ARMVIRT_OK ||
		    esr >> 26 != 0x0e)
			fail("illegal PSTATE %x: ESR_EL1 %lx", modes[i], (unsigned long)esr);
		armvirt_hw_vcpu_put(&cpus[0], v);
		v->frame.pstate = 0x300 | modes[i];
		if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_ARG || cpus[0].loaded)
			fail("illegal PSTATE %x: loaded", modes[i]);
	}
}

/* What must not be loaded is refused, each for its reason, and the CPU stays as it was. */
static void try_refusals(unsigned n)
{
	struct armvirt_vcpu *v = &vcpus[n].v, before;
	struct armvirt_vcpu *crooked = (struct armvirt_vcpu *)(void *)((char *)v + 8);
	uint64_t before_sets = v->sets;

	armvirt_vcpu_set_stack(v, stacks[1]);
	memcpy(&before, v, sizeof(before));
	if (armvirt_hw_vcpu_load(&cpus[0], crooked) != ARMVIRT_E_ALIGN)
		fail("refusal: alignment");
	v->cpu = &cpus[1];
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_BUSY)
		fail("refusal: loaded elsewhere");
	v->cpu = NULL;
	v->fp_cpu = &cpus[1];
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_BUSY)
		fail("refusal: FP registers elsewhere");
	v->fp_cpu = NULL;
	v->sets |= ARMVIRT_SET_SPE; /* no CPU of QEMU has it */
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_UNSUPPORTED)
		fail("refusal: a set");
	v->sets = before_sets;
	v->frame.pstate = 0x3c9;
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_ARG)
		fail("refusal: PSTATE");
	v->frame.pstate = before.frame.pstate;
	v->traps.hcr_el2 |= UINT64_C(1) << 27;
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_MISMATCH)
		fail("refusal: TGE");
	v->traps.hcr_el2 = before.traps.hcr_el2;
	v->host_sp = 0;
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_STATE)
		fail("refusal: no stack");
	v->host_sp = before.host_sp;
	if (memcmp(v, &before, sizeof(before)) || cpus[0].loaded || cpus[0].fp)
		fail("refusal: something changed");
}

static void prepare_sve(unsigned i)
{
	struct armvirt_vcpu *v = &vcpus[i].v;
	struct armvirt_vcpu_sve s = {vectors[i], ARMVIRT_SVE_BYTES(vl) - 1, vl};

	/* denied or not, the traps say that it is not: the vCPU without the set must be denied it
	 */
	if (e2h)
		v->traps.cptr_el2 |= 3 << 16;
	else
		v->traps.cptr_el2 &= ~UINT64_C(0x100);
	guests[i].denied = !(v->sets & ARMVIRT_SET_SVE);
	if (guests[i].denied)
		return;
	armvirt_vcpu_set_stack(v, stacks[1]);
	if (armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_STATE)
		fail("loaded without vectors");
	if (armvirt_vcpu_init_sve(v, &s) != ARMVIRT_E_SIZE)
		fail("memory that is too small for the vectors");
	s.vl = i % 2 ? vl_short : vl;
	s.bytes = ARMVIRT_SVE_BYTES(s.vl);
	if (!(cpus[0].sve_vls >> (s.vl / 16 - 1) & 1)) {
		if (armvirt_vcpu_init_sve(v, &s) != ARMVIRT_OK ||
		    armvirt_hw_vcpu_load(&cpus[0], v) != ARMVIRT_E_UNSUPPORTED)
			fail("a length that this CPU lacks");
		print("no vectors of %u bytes here\n", s.vl);
		finish(1, 0);
	}
	if (armvirt_vcpu_init_sve(v, &s) != ARMVIRT_OK)
		fail("vectors");
	guests[i].vl = s.vl;
}

static void prepare(unsigned i, const struct armvirt_features *f)
{
	struct armvirt_vcpu *v = &vcpus[i].v;
	struct armvirt_vcpu_shape shape = {.bytes = sizeof(vcpus[i]),
					   .sets = sets ? armvirt_vcpu_sets(f) & OFFERED : 0};

	if (vl && (vl_short || i % 2 == 0))
		shape.sets |= ARMVIRT_SET_SVE;
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
	if (vl)
		prepare_sve(i);
	guests[i].seed = argument("seed", 1) * 1000003 + i + 1;
	guests[i].sme = armvirt_has(f, ARMVIRT_FEAT_SME);
	if (guests[i].sme && e2h) /* the traps allow what the library must not */
		v->traps.cptr_el2 |= 3 << 24;
	else if (guests[i].sme)
		v->traps.cptr_el2 &= ~(UINT64_C(1) << 12);
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
	static __typeof__(vcpus[0]) kept;
	const char *tables[] = {vectors_tail,   vectors_deferred,   vectors_window,
				vectors_return, vectors_patched,    vectors_apia,
				vectors_all,    vectors_apia_return};
	struct armvirt_idregs id;
	struct armvirt_el2_config c = {.features = &f[cpu], .e2h = e2h, .vectors = tables[form]};
	enum armvirt_status s;

	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&f[cpu], &id);
	defers = form == FORM_DEFERRED || form == FORM_ALL ||
		 (form == FORM_PATCHED && !unpatched && armvirt_has(&f[cpu], ARMVIRT_FEAT_RAS));
	if (form == FORM_PATCHED && cpu == 0 && !unpatched)
		patch_image(&f[cpu]);
	c.serror = defers || form == 2 ? ARMVIRT_SERROR_AT_EXIT : ARMVIRT_SERROR_AT_SWITCH;
	if ((form == FORM_DEFERRED || form == FORM_ALL) &&
	    !armvirt_has(&f[cpu], ARMVIRT_FEAT_RAS)) {
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
	if (form >= FORM_APIA && !armvirt_has(&f[cpu], ARMVIRT_FEAT_PAUTH)) {
		print("no PAuth here\n");
		finish(1, 0);
	}
	if (cpu == 0)
		try_refusals(0);
	if (cpu == 0 && returns) {
		memcpy(&kept, &vcpus[0], sizeof(kept));
		try_illegal(0);
		memcpy(&vcpus[0], &kept, sizeof(kept));
	}
	try_window(tables[form]);
	tick_init(cpu);
	tick_after(1000);
}

/* One of both ways in. With an interrupt pending the second one must not enter. */
static unsigned enter(struct armvirt_vcpu *v)
{
	uint64_t dice = random_next(&seeds[this_cpu()]), pc = v->frame.pc;
	bool wait = dice % 64 == 0;
	unsigned r;

	if (dice & 1)
		return armvirt_vcpu_enter(v);
	if (wait)
		tick_after(0);
	while (wait && !(read_sysreg("isr_el1") & 0x80))
		;
	for (;;) {
		r = armvirt_vcpu_enter_unless_pending(v);
		if (r != (ARMVIRT_CAUSE_PENDING | 2 << 8))
			break;
		if (v->frame.pc != pc || (read_sysreg("daif") & 0x3c0) != 0x3c0)
			fail("entered with an interrupt pending");
		on_irq(v);
		__atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
		wait = false;
	}
	if (wait)
		fail("a pending interrupt was not seen");
	return r;
}

static _Noreturn void run(unsigned cpu)
{
	struct armvirt_vcpu *v;

	if (form >= FORM_APIA) { /* nothing that was called before returns through here */
		for (unsigned i = 0; i < 10; i++)
			(&keys[cpu].key.apiakeylo_el1)[i] = random_next(&seeds[cpu]);
		keys[cpu].mode = form == FORM_ALL ? ARMVIRT_KEYS_ALL : ARMVIRT_KEYS_APIA;
		armvirt_hw_el2_keys(&cpus[cpu], &keys[cpu]);
	}
	v = choose(cpu, NULL);
	armvirt_vcpu_set_stack(v, stacks[cpu + 1]);
	if (armvirt_hw_vcpu_load(&cpus[cpu], v) != ARMVIRT_OK)
		fail("first load");
	if (!returns)
		armvirt_vcpu_resume(v);
	for (;;) {
		unsigned r = enter(v);

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
	form = (unsigned)argument("form", 0) % 8;
	returns = form == FORM_RETURN || form == FORM_APIA_RETURN;
	smp = (unsigned)argument("smp", 1);
	eager = argument("eager", 0);
	unpatched = argument("unpatched", 0);
	sets = argument("sets", 1);
	wanted = argument("switches", 10000);
	vl = (unsigned)argument("vl", 0);
	vl_short = (unsigned)argument("short", 0);
	vcpu_count = 2 * smp;
	set_up(0);
	cpus_start(smp);
	run(0);
}
