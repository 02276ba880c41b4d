/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The leak matrix in fact: a guest under a preset reads and writes every encoding of a system
 * register. What executes must be switched, or open for a reason that the register table names.
 * Arguments: e2h, preset (enum armvirt_policy_preset).
 */
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/exit.h>
#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/trapcfg.h>
#include <libarmvirt/vcpu.h>

#include "system.h"

#define FIELD(...)
#define REGISTER(id, name, key, feature, access, set, fixed, traps, ...) {key, name, access, fixed},
static const struct row {
	uint32_t key;
	const char *name, *access, *fixed;
} rows[] = {
#include "../unit/registers.inc"
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

enum {
	EC_UNKNOWN = 0,
	EC_FP = 0x07,
	EC_HVC64 = 0x16,
	EC_SYSREG = 0x18,
	EC_SVE = 0x19,
	EC_SME = 0x1d
};
#define HVC_1 UINT32_C(0xd4000022) /* it was executed */
#define HVC_2 UINT32_C(0xd4000042) /* an exception was taken to EL1 */
enum { FIRST_KEY = 0x8000, LAST_KEY = 0xffff, EL1H_MASKED = 0x3c5 };

extern const char leak_vectors[];
struct armvirt_vcpu *leak_general(struct armvirt_vcpu *v, unsigned cause, unsigned answer);
unsigned leak_irq(struct armvirt_vcpu *v);
void leak_el2(struct armvirt_el2_frame *f);

/* Identity map of the RAM by one block of 1 GiB. */
static _Alignas(4096) uint64_t root[512] = {[1] = 0x40000000 | 0x7fd};
#define VTCR_39_BITS UINT64_C(0x80023559)

static _Alignas(2048) uint32_t guest_vectors[512];
static volatile uint32_t guest_code[2];
static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(0)];
} vcpu;
static struct armvirt_cpu cpu;
static struct armvirt_features host, guest;
static struct armvirt_idregs guest_id;
static struct armvirt_trapcfg trap;

static uint32_t key = FIRST_KEY;
static bool writing;
static unsigned executed, trapped, undefined, wrong;

unsigned leak_irq(struct armvirt_vcpu *v)
{
	(void)v;
	return 0;
}

void leak_el2(struct armvirt_el2_frame *f)
{
	fail("EL2 at %lx: ESR %lx, probe %x", f->pc, f->esr, key);
}

static void complain(const char *what)
{
	if (wrong++ < 40)
		print("S%u_%u_C%u_C%u_%u %s: %s\n", key >> 14, key >> 11 & 7, key >> 7 & 15,
		      key >> 3 & 15, key & 7, writing ? "written" : "read", what);
}

/* The row that EL1 means: of two that share the encoding, the one that has this direction. */
static const struct row *find_row(void)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].key != key)
			continue;
		for (const char *a = rows[i].access; *a; a++) {
			if (!found && *a == (writing ? 'W' : 'R'))
				found = &rows[i];
		}
	}
	return found;
}

static void judge_execution(void)
{
	const struct row *r = find_row();
	struct armvirt_ctx_place place;

	executed++;
	if (!r)
		complain("executes, and no row allows it");
	else if (!(armvirt_ctx_find(key, &place) && trap.sets >> place.set & 1) &&
		 r->fixed[0] == '-')
		complain(r->name);
}

static void judge_trap(void)
{
	uint64_t value;
	bool id_space = key >> 7 == ARMVIRT_SYSREG_MIDR_EL1 >> 7 && (key >> 3 & 15) > 0 &&
			(key >> 3 & 15) < 8;

	trapped++;
	if (id_space && !writing && armvirt_idregs_guest_read(&guest_id, key, &value) != ARMVIRT_OK)
		complain("the ID space has no value");
}

static void judge(uint64_t esr)
{
	unsigned ec = esr >> 26 & 63;

	if (ec == EC_HVC64 && (esr & 0xffff) == 1)
		judge_execution();
	else if (ec == EC_HVC64)
		undefined++;
	else if (ec == EC_SYSREG || ec == EC_FP || ec == EC_SVE || ec == EC_SME)
		judge_trap();
	else
		fail("ESR %lx for probe %x", (unsigned long)esr, key);
}

static void place(void)
{
	uint32_t insn = (writing ? 0xd5000000 : 0xd5200000) | (key >> 14) << 19 |
			(key & 0x3fff) << 5; /* MSR or MRS X0 */

	guest_code[0] = insn;
	guest_code[1] = HVC_1;
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(guest_code)
			 : "memory");
	vcpu.v.frame.pc = (uintptr_t)guest_code;
	vcpu.v.frame.pstate = EL1H_MASKED;
}

/* A register that can be read gets its own value written, the others zero. */
static bool next(bool was_executed)
{
	if (!writing) {
		writing = true;
		if (!was_executed)
			vcpu.v.frame.x[0] = 0;
		return true;
	}
	writing = false;
	return key++ != LAST_KEY;
}

static void report(void)
{
	print("%u executed, %u trapped, %u undefined, %u wrong\n", executed, trapped, undefined,
	      wrong);
	if (executed < 60 || trapped < 100 || undefined < 50000)
		fail("that cannot be");
	finish(executed + trapped + undefined - wrong, wrong);
}

struct armvirt_vcpu *leak_general(struct armvirt_vcpu *v, unsigned cause, unsigned answer)
{
	unsigned before = executed;

	(void)answer;
	if (cause != ARMVIRT_CAUSE_SYNC)
		fail("cause %u", cause);
	judge(v->esr);
	if (!next(executed != before))
		report();
	place();
	return v;
}

static void arm(bool e2h)
{
	struct armvirt_vcpu_traps *t = &vcpu.v.traps;

	*t = cpu.now;
	t->hcr_el2 = trap.hcr_el2;
	t->cptr_el2 = trap.cptr_el2[e2h];
	t->mdcr_el2 = trap.mdcr_el2;
	t->hstr_el2 = trap.hstr_el2;
	t->cnthctl_el2 = trap.cnthctl_el2[e2h];
	t->hcrx_el2 = trap.hcrx_el2;
	t->hfgrtr_el2 = trap.fgt[ARMVIRT_FGT_HFGRTR];
	t->hfgwtr_el2 = trap.fgt[ARMVIRT_FGT_HFGWTR];
	t->hfgitr_el2 = trap.fgt[ARMVIRT_FGT_HFGITR];
	t->hdfgrtr_el2 = trap.fgt[ARMVIRT_FGT_HDFGRTR];
	t->hdfgwtr_el2 = trap.fgt[ARMVIRT_FGT_HDFGWTR];
	t->vtcr_el2 = VTCR_39_BITS;
	t->vttbr_el2 = (uintptr_t)root | UINT64_C(1) << 48;
	t->vmpidr_el2 = UINT64_C(0x80000000);
	vcpu.v.el1.vbar_el1 = (uintptr_t)guest_vectors;
	vcpu.v.el1.cpacr_el1 = UINT64_C(0x3330000); /* FP, SVE, SME are EL2's to deny */
}

static void configure(bool e2h)
{
	struct armvirt_policy p =
		armvirt_policy_preset((enum armvirt_policy_preset)argument("preset", 1));
	struct armvirt_vcpu_shape shape = {sizeof(vcpu), 0};

	host.pmu_counters = (uint8_t)(read_sysreg("pmcr_el0") >> ARMVIRT_PMCR_EL0_N_SHIFT & 31);
	if (armvirt_idregs_limit(&guest_id, &host.id, &p) != ARMVIRT_OK)
		fail("limit");
	armvirt_features_derive(&guest, &guest_id);
	if (armvirt_trapcfg_build(&trap, &host, &guest, &p) != ARMVIRT_OK)
		fail("traps");
	if (armvirt_vcpu_init_sets(&vcpu.v, &shape, &host) != ARMVIRT_OK)
		fail("vCPU");
	arm(e2h);
}

void system_secondary(uint64_t n)
{
	(void)n;
}

void system_main(void)
{
	bool e2h = argument("e2h", 0);
	struct armvirt_el2_config c = {.features = &host, .e2h = e2h, .vectors = leak_vectors};
	static struct armvirt_idregs id;

	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&host, &id);
	if (armvirt_hw_el2_setup(&cpu, &c) != ARMVIRT_OK)
		fail("set-up");
	write_sysreg("s3_4_c12_c9_5", 7); /* ICC_SRE_EL2: system registers on, ICC_SRE_EL1 traps */
	configure(e2h);
	for (unsigned i = 0; i < 512; i++)
		guest_vectors[i] = HVC_2;
	armvirt_vcpu_set_stack(&vcpu.v, stacks[1]);
	place();
	if (armvirt_hw_vcpu_load(&cpu, &vcpu.v) != ARMVIRT_OK)
		fail("load");
	armvirt_vcpu_resume(&vcpu.v);
}
