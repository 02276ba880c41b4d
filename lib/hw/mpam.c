/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam.h>
#include <libarmvirt/regs.h>

#if defined(ARMVIRT_SEAM_MODEL)
uint64_t armvirt_model_mpam_read(unsigned sysreg);
void armvirt_model_mpam_write(unsigned sysreg, uint64_t value);
uint64_t armvirt_model_mpam_hcr(void);

#define READ(name)     armvirt_model_mpam_read(ARMVIRT_SYSREG_##name)
#define WRITE(name, v) armvirt_model_mpam_write(ARMVIRT_SYSREG_##name, v)
#define HCR_EL2()      armvirt_model_mpam_hcr()
#else
#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)
#define READ_(name)                                           \
	__extension__({                                       \
		uint64_t v_;                                  \
		__asm__ volatile("mrs %0, " name : "=r"(v_)); \
		v_;                                           \
	})
#define READ(name)     READ_(TEXT(ARMVIRT_SR_##name))
#define WRITE(name, v) __asm__ volatile("msr " TEXT(ARMVIRT_SR_##name) ", %0" ::"r"(v) : "memory")
#define HCR_EL2()      READ(HCR_EL2)
#endif

uint64_t armvirt_hw_mpam_idr_read(void)
{
	return READ(MPAMIDR_EL1);
}

bool armvirt_hw_mpam_enabled(void)
{
	return (READ(MPAM2_EL2) & ARMVIRT_MPAM2_EL2_MPAMEN) != 0;
}

/* MPAMVPM1_EL2 and up exist only as far as VPMR_MAX says: vpm_regs never passes it. */
static void map_load(const struct armvirt_mpam_vm *vm)
{
	switch (vm->vpm_regs) {
	case 8:
		WRITE(MPAMVPM7_EL2, vm->vpm[7]);
		__attribute__((fallthrough));
	case 7:
		WRITE(MPAMVPM6_EL2, vm->vpm[6]);
		__attribute__((fallthrough));
	case 6:
		WRITE(MPAMVPM5_EL2, vm->vpm[5]);
		__attribute__((fallthrough));
	case 5:
		WRITE(MPAMVPM4_EL2, vm->vpm[4]);
		__attribute__((fallthrough));
	case 4:
		WRITE(MPAMVPM3_EL2, vm->vpm[3]);
		__attribute__((fallthrough));
	case 3:
		WRITE(MPAMVPM2_EL2, vm->vpm[2]);
		__attribute__((fallthrough));
	case 2:
		WRITE(MPAMVPM1_EL2, vm->vpm[1]);
		__attribute__((fallthrough));
	case 1:
		WRITE(MPAMVPM0_EL2, vm->vpm[0]);
		__attribute__((fallthrough));
	default:
		break;
	}
	WRITE(MPAMVPMV_EL2, vm->vpmv);
	WRITE(MPAMHCR_EL2, vm->hcr);
}

void armvirt_hw_mpam_load(const struct armvirt_mpam_vm *vm, const struct armvirt_mpam_vcpu *vcpu)
{
	if (vm->has_hcr)
		map_load(vm);
	/* With E2H set the EL1 name would reach MPAM2_EL2. */
	if (HCR_EL2() & ARMVIRT_HCR_EL2_E2H)
		WRITE(MPAM1_EL12, vcpu->mpam1);
	else
		WRITE(MPAM1_EL1, vcpu->mpam1);
	WRITE(MPAM0_EL1, vcpu->mpam0);
	if (vm->has_sm)
		WRITE(MPAMSM_EL1, vcpu->mpamsm);
	if (vm->has_bw)
		WRITE(MPAMBW2_EL2, UINT64_C(0));
	WRITE(MPAM2_EL2, vm->mpam2);
}

void armvirt_hw_mpam_save(const struct armvirt_mpam_vm *vm, struct armvirt_mpam_vcpu *vcpu)
{
	if (vm->shape == ARMVIRT_MPAM_HIDDEN)
		return;
	if (HCR_EL2() & ARMVIRT_HCR_EL2_E2H)
		vcpu->mpam1 = READ(MPAM1_EL12);
	else
		vcpu->mpam1 = READ(MPAM1_EL1);
	vcpu->mpam0 = READ(MPAM0_EL1);
	if (vm->has_sm)
		vcpu->mpamsm = READ(MPAMSM_EL1);
}
