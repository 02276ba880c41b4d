/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose FP, SIMD and SVE state the CPU holds. ZCR_EL1 and ZCR_EL2 go with the registers, so one
 * trap guards all of it: while the state is another vCPU's, both FP and SVE trap.
 */
#include <libarmvirt/vcpu.h>

#include "lib/hw/seam.h"
#include "lib/hw/sysreg.h"
#include "lib/hw/vcpu.h"

#define CPTR0_TZ  (UINT64_C(1) << 8) /* E2H = 0: traps when set */
#define CPTR0_TFP (UINT64_C(1) << 10)
#define CPTR1_ZEN (UINT64_C(3) << 16) /* E2H = 1: traps when clear */
#define CPTR0_TSM (UINT64_C(1) << 12)
#define CPTR1_SM  (UINT64_C(3) << 24)
#define CPTR1_FP  (UINT64_C(3) << 20)

static bool mode_e2h(const struct armvirt_cpu *cpu)
{
	return cpu->has >> ARMVIRT_CPU_E2H & 1;
}

static bool has_sve(const struct armvirt_vcpu *vcpu)
{
	return vcpu->sets & ARMVIRT_SET_SVE;
}

static void write_cptr(struct armvirt_cpu *cpu, uint64_t cptr)
{
	if (cpu->now.cptr_el2 == cptr)
		return;
	cpu->now.cptr_el2 = cptr;
	armvirt_msr(ARMVIRT_S_CPTR_EL2, cptr);
}

static uint64_t opened(const struct armvirt_cpu *cpu, uint64_t cptr, bool sve)
{
	if (mode_e2h(cpu))
		return cptr | CPTR1_FP | (sve ? CPTR1_ZEN : 0);
	return cptr & ~(CPTR0_TFP | (sve ? CPTR0_TZ : 0));
}

/* As the guest runs with: what it has no set for traps, SME at any rate, whatever its traps say. */
static uint64_t cptr_of(const struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu)
{
	uint64_t cptr = vcpu->traps.cptr_el2;
	bool mine = cpu->fp == vcpu;

	if (mode_e2h(cpu)) {
		cptr &= ~CPTR1_SM;
		if (!mine)
			cptr &= ~CPTR1_FP;
		return mine && has_sve(vcpu) ? cptr : cptr & ~CPTR1_ZEN;
	}
	cptr |= CPTR0_TSM; /* RES1 without FEAT_SME */
	if (!mine)
		cptr |= CPTR0_TFP;
	return mine && has_sve(vcpu) ? cptr : cptr | CPTR0_TZ;
}

void armvirt_hw_fp_traps(struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu)
{
	write_cptr(cpu, cptr_of(cpu, vcpu));
}

/* Until the result goes back to write_cptr(), EL2 can touch the registers. */
static uint64_t open_registers(struct armvirt_cpu *cpu, bool sve)
{
	uint64_t before = cpu->now.cptr_el2;

	write_cptr(cpu, opened(cpu, before, sve));
	armvirt_seam_isb(); /* orders CPTR_EL2 before the registers are touched */
	return before;
}

static void save_registers(struct armvirt_vcpu *vcpu)
{
	if (has_sve(vcpu))
		armvirt_hw_sve_save(vcpu->sve, &vcpu->fp);
	else
		armvirt_hw_fp_save(&vcpu->fp);
	if (vcpu->sets)
		armvirt_hw_fp_sets_save(vcpu->fp_cpu, vcpu);
}

static void restore_registers(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	uint64_t zcr = vcpu->sve_vl / 16 - 1;

	if (has_sve(vcpu)) {
		if (cpu->zcr_el2 != zcr) {
			cpu->zcr_el2 = zcr;
			armvirt_msr(ARMVIRT_S_ZCR_EL2, zcr);
			armvirt_seam_isb(); /* orders the length before the vectors are loaded */
		}
		armvirt_hw_sve_restore(vcpu->sve, &vcpu->fp);
	} else {
		armvirt_hw_fp_restore(&vcpu->fp);
	}
	if (vcpu->sets)
		armvirt_hw_fp_sets_restore(cpu, vcpu);
}

static void release(struct armvirt_cpu *cpu)
{
	cpu->fp->fp_cpu = NULL;
	cpu->fp = NULL;
}

void armvirt_hw_fp_give(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	bool sve = has_sve(vcpu) || (cpu->fp && has_sve(cpu->fp));

	open_registers(cpu, sve);
	if (cpu->fp) {
		save_registers(cpu->fp);
		release(cpu);
	}
	restore_registers(cpu, vcpu);
	cpu->fp = vcpu;
	vcpu->fp_cpu = cpu;
	write_cptr(cpu, cptr_of(cpu, vcpu));
}

void armvirt_hw_fp_take(struct armvirt_cpu *cpu)
{
	uint64_t before = open_registers(cpu, has_sve(cpu->fp));

	save_registers(cpu->fp);
	release(cpu);
	write_cptr(cpu, before);
}

void armvirt_hw_fp_copy_out(struct armvirt_cpu *cpu)
{
	uint64_t before = open_registers(cpu, has_sve(cpu->fp));

	save_registers(cpu->fp);
	write_cptr(cpu, before);
}

void armvirt_hw_fp_copy_in(struct armvirt_cpu *cpu)
{
	uint64_t before = open_registers(cpu, has_sve(cpu->fp));

	restore_registers(cpu, cpu->fp);
	write_cptr(cpu, before);
}

void armvirt_hw_vcpu_fp_load(struct armvirt_cpu *cpu)
{
	if (cpu->loaded && cpu->fp != cpu->loaded)
		armvirt_hw_fp_give(cpu, cpu->loaded);
}
