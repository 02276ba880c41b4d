/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that takes each path of the world switch a few times, for
 * bench/switch.py to count. Arguments: e2h, policy (0 at_switch, 1 deferred,
 * 2 every_exit), pauth (1 a guest with PAuth, 2 and EL2 with APIA of its own, 3 with all keys).
 */
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/exit.h>
#include <libarmvirt/features.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/vcpu.h>

#include "system.h"

extern char cost_at_switch[], cost_deferred[], cost_every_exit[], cost_apia[], cost_all[],
	guest_paths[];

unsigned cost_irq(struct armvirt_vcpu *vcpu);
struct armvirt_vcpu *cost_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
struct armvirt_vcpu *cost_switch(struct armvirt_vcpu *vcpu);
void cost_el2(struct armvirt_el2_frame *f);

enum { EC_SMC64 = 0x17, EC_SYSREG = 0x18, EC_DABT = 0x24 };

/* Identity map of the RAM by one block of 1 GiB; all else is for the hypervisor to emulate. */
static _Alignas(4096) uint64_t root[512] = {[1] = 0x40000000 | 0x7fd};
#define VTCR_39_BITS \
	UINT64_C(0x80023559) /* T0SZ 25, SL0 1, write-back, inner shareable, 40-bit PA */

static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(ARMVIRT_SET_PAUTH)];
} vcpus[2];
static struct armvirt_cpu cpu;
static unsigned interrupts;

unsigned cost_irq(struct armvirt_vcpu *vcpu)
{
	(void)vcpu;
	if (!tick_taken())
		return 0;
	if (++interrupts == 4)
		finish(1, 0);
	tick_after(read_sysreg("cntfrq_el0") / 200000);
	return 0;
}

__attribute__((noinline)) struct armvirt_vcpu *cost_switch(struct armvirt_vcpu *vcpu)
{
	struct armvirt_vcpu *mate = vcpu == &vcpus[0].v ? &vcpus[1].v : &vcpus[0].v;

	if (armvirt_hw_vcpu_load(&cpu, mate) != ARMVIRT_OK)
		fail("load");
	return mate;
}

struct armvirt_vcpu *cost_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	struct armvirt_exit_regs regs = {vcpu->esr, vcpu->far, vcpu->hpfar, vcpu->frame.pstate};
	struct armvirt_mmio mmio;
	struct armvirt_exit exit;

	if (cause != ARMVIRT_CAUSE_SYNC || answer != 1)
		fail("cause %u, answer %u", cause, answer);
	if (vcpu->esr >> 26 == EC_DABT) {
		if (armvirt_mmio_decode(&mmio, &regs, &vcpu->frame, 0) != ARMVIRT_OK)
			fail("no access");
		armvirt_mmio_finish(&mmio, &vcpu->frame, 0x55);
		return vcpu;
	}
	armvirt_exit_decode(&exit, &regs);
	if (vcpu->esr >> 26 == EC_SYSREG)
		vcpu->frame.x[vcpu->esr >> 5 & 31] = 0;
	armvirt_exit_skip(&exit, &vcpu->frame);
	if (vcpu->esr >> 26 == EC_SMC64)
		return cost_switch(vcpu);
	return vcpu;
}

void cost_el2(struct armvirt_el2_frame *f)
{
	fail("EL2: vector %lu, ESR %lx, ELR %lx, FAR %lx", (unsigned long)f->vector,
	     (unsigned long)f->esr, (unsigned long)f->pc, (unsigned long)f->far);
}

static void prepare(unsigned i, const struct armvirt_features *f, bool e2h, bool pauth)
{
	struct armvirt_vcpu *v = &vcpus[i].v;
	struct armvirt_vcpu_shape shape = {sizeof(vcpus[i]), pauth ? ARMVIRT_SET_PAUTH : 0};

	if (armvirt_vcpu_init_sets(v, &shape, f) != ARMVIRT_OK)
		fail("vCPU %u", i);
	armvirt_vcpu_set_stack(v, stacks[1]);
	v->frame.pc = (uintptr_t)guest_paths;
	v->traps = cpu.now;
	v->traps.hcr_el2 = UINT64_C(1) << 31 | UINT64_C(7) << 3 | 1; /* RW, AMO, IMO, FMO, VM */
	v->traps.hcr_el2 |= UINT64_C(1) << 18 | UINT64_C(1) << 19;   /* TID3, TSC */
	v->traps.hcr_el2 |= pauth ? UINT64_C(3) << 40 : 0;
	v->traps.cptr_el2 &= ~(UINT64_C(1) << 31);
	v->traps.vtcr_el2 = VTCR_39_BITS;
	v->traps.vttbr_el2 = (uintptr_t)root | (uint64_t)(i + 1) << 48;
	v->traps.vmpidr_el2 = UINT64_C(0x80000000) | i;
	(void)e2h;
}

void system_secondary(uint64_t n)
{
	(void)n;
}

void system_main(void)
{
	static struct armvirt_features f;
	const char *tables[] = {cost_at_switch, cost_deferred, cost_every_exit};
	static struct armvirt_el2_keys keys = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, ARMVIRT_KEYS_APIA};
	unsigned policy = (unsigned)argument("policy", 0) % 3;
	uint64_t pauth = argument("pauth", 0);
	struct armvirt_el2_config c = {.features = &f,
				       .e2h = argument("e2h", 0),
				       .vectors = tables[policy],
				       .serror = policy ? ARMVIRT_SERROR_AT_EXIT
							: ARMVIRT_SERROR_AT_SWITCH};
	struct armvirt_idregs id;

	if (pauth > 1) {
		c.vectors = pauth == 2 ? cost_apia : cost_all;
		c.serror = ARMVIRT_SERROR_AT_EXIT;
		keys.mode = pauth == 2 ? ARMVIRT_KEYS_APIA : ARMVIRT_KEYS_ALL;
	}
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&f, &id);
	if (armvirt_hw_el2_setup(&cpu, &c) != ARMVIRT_OK)
		fail("set-up");
	prepare(0, &f, c.e2h, pauth);
	prepare(1, &f, c.e2h, pauth);
	if (pauth > 1)
		armvirt_hw_el2_keys(&cpu, &keys); /* this function never returns */
	tick_init(0);
	if (armvirt_hw_vcpu_load(&cpu, &vcpus[0].v) != ARMVIRT_OK)
		fail("load");
	tick_after(read_sysreg("cntfrq_el0") / 100);
	armvirt_vcpu_resume(&vcpus[0].v);
}
