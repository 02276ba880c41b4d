/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu.h>

#include "lib/hw/seam.h"
#include "lib/hw/sysreg.h"
#include "lib/hw/vcpu.h"

#define HCR_VSE (UINT64_C(1) << 8)
#define HCR_E2H (UINT64_C(1) << 34)

static bool cpu_has(const struct armvirt_cpu *cpu, unsigned bit)
{
	return cpu->has >> bit & 1;
}

static uint64_t hcr_of(const struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu)
{
	uint64_t e2h = cpu_has(cpu, ARMVIRT_CPU_E2H) ? HCR_E2H : 0;

	return (vcpu->traps.hcr_el2 & ~HCR_E2H) | e2h;
}

/* Every write of HCR_EL2 after set-up is this one. */
static void write_hcr(struct armvirt_cpu *cpu, uint64_t hcr)
{
	cpu->now.hcr_el2 = hcr;
	armvirt_msr(ARMVIRT_S_HCR_EL2, hcr);
}

/* Hardware clears VSE when the guest takes the virtual SError. */
static void collect_vserror(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (!(cpu->now.hcr_el2 & HCR_VSE))
		return;
	cpu->now.hcr_el2 = armvirt_mrs(ARMVIRT_S_HCR_EL2);
	if (!(cpu->now.hcr_el2 & HCR_VSE))
		vcpu->traps.hcr_el2 &= ~HCR_VSE;
}

#define WRITE_CHANGED(field, encoding)                   \
	do {                                             \
		if (now->field != t->field) {            \
			now->field = t->field;           \
			armvirt_msr(encoding, t->field); \
		}                                        \
	} while (0)

static void write_fine_grained(struct armvirt_cpu *cpu, const struct armvirt_vcpu_traps *t)
{
	struct armvirt_vcpu_traps *now = &cpu->now;

	if (cpu_has(cpu, ARMVIRT_CPU_HCX))
		WRITE_CHANGED(hcrx_el2, ARMVIRT_S_HCRX_EL2);
	if (!cpu_has(cpu, ARMVIRT_CPU_FGT))
		return;
	WRITE_CHANGED(hfgrtr_el2, ARMVIRT_S_HFGRTR_EL2);
	WRITE_CHANGED(hfgwtr_el2, ARMVIRT_S_HFGWTR_EL2);
	WRITE_CHANGED(hfgitr_el2, ARMVIRT_S_HFGITR_EL2);
	WRITE_CHANGED(hdfgrtr_el2, ARMVIRT_S_HDFGRTR_EL2);
	WRITE_CHANGED(hdfgwtr_el2, ARMVIRT_S_HDFGWTR_EL2);
	if (cpu_has(cpu, ARMVIRT_CPU_HAFGRTR))
		WRITE_CHANGED(hafgrtr_el2, ARMVIRT_S_HAFGRTR_EL2);
	if (!cpu_has(cpu, ARMVIRT_CPU_FGT2))
		return;
	WRITE_CHANGED(hfgrtr2_el2, ARMVIRT_S_HFGRTR2_EL2);
	WRITE_CHANGED(hfgwtr2_el2, ARMVIRT_S_HFGWTR2_EL2);
	WRITE_CHANGED(hfgitr2_el2, ARMVIRT_S_HFGITR2_EL2);
	WRITE_CHANGED(hdfgrtr2_el2, ARMVIRT_S_HDFGRTR2_EL2);
	WRITE_CHANGED(hdfgwtr2_el2, ARMVIRT_S_HDFGWTR2_EL2);
}

static void write_traps(struct armvirt_cpu *cpu, const struct armvirt_vcpu *vcpu)
{
	const struct armvirt_vcpu_traps *t = &vcpu->traps;
	struct armvirt_vcpu_traps *now = &cpu->now;
	uint64_t hcr = hcr_of(cpu, vcpu);

	WRITE_CHANGED(mdcr_el2, ARMVIRT_S_MDCR_EL2);
	WRITE_CHANGED(hstr_el2, ARMVIRT_S_HSTR_EL2);
	WRITE_CHANGED(cnthctl_el2, ARMVIRT_S_CNTHCTL_EL2);
	WRITE_CHANGED(cntvoff_el2, ARMVIRT_S_CNTVOFF_EL2);
	WRITE_CHANGED(vpidr_el2, ARMVIRT_S_VPIDR_EL2);
	WRITE_CHANGED(vmpidr_el2, ARMVIRT_S_VMPIDR_EL2);
	WRITE_CHANGED(vtcr_el2, ARMVIRT_S_VTCR_EL2);
	WRITE_CHANGED(vttbr_el2, ARMVIRT_S_VTTBR_EL2);
	write_fine_grained(cpu, t);
	armvirt_hw_fp_traps(cpu, vcpu);
	if (hcr != now->hcr_el2)
		write_hcr(cpu, hcr);
}

static void save_el1(struct armvirt_cpu *cpu)
{
	struct armvirt_vcpu *vcpu = cpu->loaded;

	collect_vserror(cpu, vcpu);
	if (cpu_has(cpu, ARMVIRT_CPU_E2H))
		armvirt_hw_ctx_el1_save_e2h1(&vcpu->el1);
	else
		armvirt_hw_ctx_el1_save_e2h0(&vcpu->el1);
	if (cpu_has(cpu, ARMVIRT_CPU_IMPDEF))
		armvirt_hw_impdef_save(cpu, vcpu);
	if (cpu_has(cpu, ARMVIRT_CPU_RAS))
		armvirt_hw_ctx_ras_save_e2h0(&vcpu->ras);
	if (vcpu->sets)
		armvirt_hw_sets_save(cpu, vcpu);
	vcpu->cpu = NULL;
	cpu->loaded = NULL;
}

/* AArch32 registers, one of the sets, come before SCTLR: errata 852523 and 853709. */
static void restore_el1(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (vcpu->sets)
		armvirt_hw_sets_restore(cpu, vcpu);
	if (cpu_has(cpu, ARMVIRT_CPU_E2H))
		armvirt_hw_ctx_el1_restore_e2h1(&vcpu->el1);
	else
		armvirt_hw_ctx_el1_restore_e2h0(&vcpu->el1);
	if (cpu_has(cpu, ARMVIRT_CPU_IMPDEF))
		armvirt_hw_impdef_restore(cpu, vcpu);
	if (cpu_has(cpu, ARMVIRT_CPU_RAS))
		armvirt_hw_ctx_ras_restore_e2h0(&vcpu->ras);
	cpu->loaded = vcpu;
	vcpu->cpu = cpu;
}

static enum armvirt_status load_check(const struct armvirt_cpu *cpu,
				      const struct armvirt_vcpu *vcpu)
{
	if ((uintptr_t)vcpu % ARMVIRT_VCPU_ALIGN) /* the structure is not touched then */
		return ARMVIRT_E_ALIGN;
	if ((vcpu->cpu && vcpu->cpu != cpu) || (vcpu->fp_cpu && vcpu->fp_cpu != cpu))
		return ARMVIRT_E_BUSY;
	if (vcpu->sets & ~cpu->sets)
		return ARMVIRT_E_UNSUPPORTED;
	if (vcpu->sets & ARMVIRT_SET_SVE && vcpu->sve &&
	    !(cpu->sve_vls >> (vcpu->sve_vl / 16 - 1) & 1))
		return ARMVIRT_E_UNSUPPORTED;
	return armvirt_vcpu_check(vcpu);
}

enum armvirt_status armvirt_hw_vcpu_load(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	enum armvirt_status s = load_check(cpu, vcpu);

	if (s != ARMVIRT_OK)
		return s;
	if (cpu->loaded == vcpu) {
		collect_vserror(cpu, vcpu);
	} else {
		if (cpu->loaded && cpu_has(cpu, ARMVIRT_CPU_SERROR_SYNC))
			cpu->loaded->disr = armvirt_hw_serror_sync();
		if (cpu->loaded)
			save_el1(cpu);
		armvirt_seam_dsb_nsh(); /* orders walks of the old context before the new one */
		restore_el1(cpu, vcpu);
	}
	write_traps(cpu, vcpu);
	if (vcpu->fp_policy == ARMVIRT_FP_EAGER && cpu->fp != vcpu)
		armvirt_hw_fp_give(cpu, vcpu);
	return ARMVIRT_OK;
}

void armvirt_hw_vcpu_put(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu)
{
	if (cpu->loaded == vcpu)
		save_el1(cpu);
	if (cpu->fp == vcpu)
		armvirt_hw_fp_take(cpu);
	armvirt_seam_dsb_ish(); /* orders the guest's maintenance before it runs elsewhere */
}

void armvirt_hw_vcpu_set_hcr(struct armvirt_vcpu *vcpu, struct armvirt_bits bits)
{
	struct armvirt_vcpu_traps *t = &vcpu->traps;

	if (vcpu->cpu)
		collect_vserror(vcpu->cpu, vcpu);
	t->hcr_el2 = (t->hcr_el2 & ~bits.mask) | (bits.value & bits.mask);
	if (vcpu->cpu && hcr_of(vcpu->cpu, vcpu) != vcpu->cpu->now.hcr_el2)
		write_hcr(vcpu->cpu, hcr_of(vcpu->cpu, vcpu));
}

void armvirt_hw_vcpu_inject_serror(struct armvirt_vcpu *vcpu, uint64_t syndrome)
{
	vcpu->ras.vsesr_el2 = syndrome;
	if (vcpu->cpu && cpu_has(vcpu->cpu, ARMVIRT_CPU_RAS))
		armvirt_msr(ARMVIRT_S_VSESR_EL2, syndrome);
	armvirt_hw_vcpu_set_hcr(vcpu, (struct armvirt_bits){HCR_VSE, HCR_VSE});
}
