/* SPDX-License-Identifier: BSD-2-Clause */
/* The optional sets of a vCPU, one after the other: one that is left out costs nothing. */
#include <libarmvirt/vcpu.h>

#include "lib/hw/seam.h"
#include "lib/hw/vcpu.h"

/* Go with the FP registers. */
#define FP_SETS (ARMVIRT_SET_A32FP | ARMVIRT_SET_FPMR | ARMVIRT_SET_SVE)

#define SET(SET_NAME, name, direction)                                   \
	case ARMVIRT_SET_##SET_NAME##_BIT:                               \
		if (e2h)                                                 \
			armvirt_hw_ctx_##name##_##direction##_e2h1(set); \
		else                                                     \
			armvirt_hw_ctx_##name##_##direction##_e2h0(set); \
		break

/* The names of EL2 and of EL1 are the same in these; only as many as the CPU has. */
#define COUNTED(SET_NAME, name, direction)                                          \
	case ARMVIRT_SET_##SET_NAME##_BIT:                                          \
		armvirt_hw_ctx_##name##_##direction##_e2h0(set, cpu->name##_count); \
		break

/* What the units have buffered belongs to the guest that is still there. */
static void drain(uint64_t sets)
{
	if (sets & ARMVIRT_SET_SPE)
		__asm__ volatile("hint #17" ::: "memory"); /* psb csync */
	if (sets & ARMVIRT_SET_TRBE)
		__asm__ volatile("hint #18" ::: "memory"); /* tsb csync */
	if (sets & (ARMVIRT_SET_SPE | ARMVIRT_SET_TRBE))
		armvirt_seam_dsb_nsh(); /* orders the buffers' writes before the next context */
}

static void set_save(const struct armvirt_cpu *cpu, unsigned bit, void *set)
{
	bool e2h = cpu->has >> ARMVIRT_CPU_E2H & 1;

	switch (bit) {
		SET(AUX, aux, save);
		SET(A32, a32, save);
		SET(TCR2, tcr2, save);
		SET(SCTLR2, sctlr2, save);
		SET(S1PIE, s1pie, save);
		SET(S1POE, s1poe, save);
		SET(PAUTH, pauth, save);
		SET(MTE, mte, save);
		SET(SCXT, scxt, save);
		SET(SVE, sve, save);
		SET(GCS, gcs, save);
		SET(DEBUG, debug, save);
		SET(PMU, pmu, save);
		SET(TIMER, timer, save);
		SET(TRF, trf, save);
		SET(SPE, spe, save);
		SET(TRBE, trbe, save);
		COUNTED(BRP, brp, save);
		COUNTED(WRP, wrp, save);
		COUNTED(PMEV, pmev, save);
	default:
		break;
	}
}

static void set_restore(const struct armvirt_cpu *cpu, unsigned bit, const void *set)
{
	bool e2h = cpu->has >> ARMVIRT_CPU_E2H & 1;

	switch (bit) {
		SET(AUX, aux, restore);
		SET(A32, a32, restore);
		SET(TCR2, tcr2, restore);
		SET(SCTLR2, sctlr2, restore);
		SET(S1PIE, s1pie, restore);
		SET(S1POE, s1poe, restore);
		SET(PAUTH, pauth, restore);
		SET(MTE, mte, restore);
		SET(SCXT, scxt, restore);
		SET(SVE, sve, restore);
		SET(GCS, gcs, restore);
		SET(DEBUG, debug, restore);
		SET(PMU, pmu, restore);
		SET(TIMER, timer, restore);
		SET(TRF, trf, restore);
		SET(SPE, spe, restore);
		SET(TRBE, trbe, restore);
		COUNTED(BRP, brp, restore);
		COUNTED(WRP, wrp, restore);
		COUNTED(PMEV, pmev, restore);
	default:
		break;
	}
}

/* What EL2 has keys of its own for is in memory since the exit: the set's structure is the place.
 */
static void keys_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	struct armvirt_ctx_pauth *p = armvirt_vcpu_set(vcpu, ARMVIRT_SET_PAUTH_BIT);

	if (!cpu->el2_keys)
		set_save(cpu, ARMVIRT_SET_PAUTH_BIT, p);
	else if (cpu->el2_keys->mode == ARMVIRT_KEYS_APIA)
		armvirt_hw_keys_save(p);
}

static void keys_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	struct armvirt_ctx_pauth *p = armvirt_vcpu_set(vcpu, ARMVIRT_SET_PAUTH_BIT);

	if (!cpu->el2_keys)
		set_restore(cpu, ARMVIRT_SET_PAUTH_BIT, p);
	else if (cpu->el2_keys->mode == ARMVIRT_KEYS_APIA)
		armvirt_hw_keys_restore(p);
	vcpu->el2_keys = cpu->el2_keys;
	vcpu->guest_keys = cpu->el2_keys ? p : NULL;
}

void armvirt_hw_sets_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	drain(vcpu->sets);
	for (uint64_t left = vcpu->sets & ~FP_SETS; left; left &= left - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(left);

		if (bit == ARMVIRT_SET_PAUTH_BIT)
			keys_save(cpu, vcpu);
		else
			set_save(cpu, bit, armvirt_vcpu_set(vcpu, bit));
	}
}

void armvirt_hw_sets_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	for (uint64_t left = vcpu->sets & ~FP_SETS; left; left &= left - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(left);

		if (bit == ARMVIRT_SET_PAUTH_BIT)
			keys_restore(cpu, vcpu);
		else
			set_restore(cpu, bit, armvirt_vcpu_set(vcpu, bit));
	}
}

void armvirt_hw_fp_sets_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (vcpu->sets & ARMVIRT_SET_SVE)
		set_save(cpu, ARMVIRT_SET_SVE_BIT, armvirt_vcpu_set(vcpu, ARMVIRT_SET_SVE_BIT));
	if (vcpu->sets & ARMVIRT_SET_A32FP)
		armvirt_hw_ctx_a32fp_save_e2h0(armvirt_vcpu_set(vcpu, ARMVIRT_SET_A32FP_BIT));
	if (vcpu->sets & ARMVIRT_SET_FPMR)
		armvirt_hw_ctx_fpmr_save_e2h0(armvirt_vcpu_set(vcpu, ARMVIRT_SET_FPMR_BIT));
}

void armvirt_hw_fp_sets_restore(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (vcpu->sets & ARMVIRT_SET_SVE)
		set_restore(cpu, ARMVIRT_SET_SVE_BIT, armvirt_vcpu_set(vcpu, ARMVIRT_SET_SVE_BIT));
	if (vcpu->sets & ARMVIRT_SET_A32FP)
		armvirt_hw_ctx_a32fp_restore_e2h0(armvirt_vcpu_set(vcpu, ARMVIRT_SET_A32FP_BIT));
	if (vcpu->sets & ARMVIRT_SET_FPMR)
		armvirt_hw_ctx_fpmr_restore_e2h0(armvirt_vcpu_set(vcpu, ARMVIRT_SET_FPMR_BIT));
}

void armvirt_hw_impdef_save(const struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (cpu->has >> ARMVIRT_CPU_E2H & 1)
		armvirt_hw_ctx_impdef_save_e2h1(&vcpu->impdef);
	else
		armvirt_hw_ctx_impdef_save_e2h0(&vcpu->impdef);
}

void armvirt_hw_impdef_restore(const struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu)
{
	if (cpu->has >> ARMVIRT_CPU_E2H & 1)
		armvirt_hw_ctx_impdef_restore_e2h1(&vcpu->impdef);
	else
		armvirt_hw_ctx_impdef_restore_e2h0(&vcpu->impdef);
}
