/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam.h>

/* By encoding, so that assemblers of any age take them: op1, CRm, op2 of S3_<op1>_C10_<CRm>_<op2>.
 */
#define MPAMIDR_EL1    0, 4, 4
#define MPAM1_EL1      0, 5, 0
#define MPAM0_EL1      0, 5, 1
#define MPAMSM_EL1     0, 5, 3
#define MPAMHCR_EL2    4, 4, 0
#define MPAMVPMV_EL2   4, 4, 1
#define MPAM2_EL2      4, 5, 0
#define MPAMBW2_EL2    4, 5, 4
#define MPAMVPM_EL2(n) 4, 6, n
#define MPAM1_EL12     5, 5, 0

#define MPAM2_MPAMEN (UINT64_C(1) << 63)
#define HCR_E2H      (UINT64_C(1) << 34)

#if defined(ARMVIRT_SEAM_MODEL)
uint64_t armvirt_model_mpam_read(unsigned op1, unsigned crm, unsigned op2);
void armvirt_model_mpam_write(unsigned op1, unsigned crm, unsigned op2, uint64_t value);
uint64_t armvirt_model_mpam_hcr(void);

#define READ(...)     armvirt_model_mpam_read(__VA_ARGS__)
#define WRITE(v, ...) armvirt_model_mpam_write(__VA_ARGS__, v)
#define HCR_EL2()     armvirt_model_mpam_hcr()
#else
#define TEXT(op1, crm, op2) "s3_" #op1 "_c10_c" #crm "_" #op2
#define READ_ASM(name)                                        \
	__extension__({                                       \
		uint64_t v_;                                  \
		__asm__ volatile("mrs %0, " name : "=r"(v_)); \
		v_;                                           \
	})
#define READ_(...)         READ_ASM(TEXT(__VA_ARGS__))
#define READ(...)          READ_(__VA_ARGS__)
#define WRITE_ASM(v, name) __asm__ volatile("msr " name ", %0" ::"r"(v) : "memory")
#define WRITE_(v, ...)     WRITE_ASM(v, TEXT(__VA_ARGS__))
#define WRITE(v, ...)      WRITE_(v, __VA_ARGS__)
#define HCR_EL2()          READ_ASM("hcr_el2")
#endif

uint64_t armvirt_hw_mpam_idr_read(void)
{
	return READ(MPAMIDR_EL1);
}

bool armvirt_hw_mpam_enabled(void)
{
	return (READ(MPAM2_EL2) & MPAM2_MPAMEN) != 0;
}

/* MPAMVPM1_EL2 and up exist only as far as VPMR_MAX says: vpm_regs never passes it. */
static void map_load(const struct armvirt_mpam_vm *vm)
{
	switch (vm->vpm_regs) {
	case 8:
		WRITE(vm->vpm[7], MPAMVPM_EL2(7));
		__attribute__((fallthrough));
	case 7:
		WRITE(vm->vpm[6], MPAMVPM_EL2(6));
		__attribute__((fallthrough));
	case 6:
		WRITE(vm->vpm[5], MPAMVPM_EL2(5));
		__attribute__((fallthrough));
	case 5:
		WRITE(vm->vpm[4], MPAMVPM_EL2(4));
		__attribute__((fallthrough));
	case 4:
		WRITE(vm->vpm[3], MPAMVPM_EL2(3));
		__attribute__((fallthrough));
	case 3:
		WRITE(vm->vpm[2], MPAMVPM_EL2(2));
		__attribute__((fallthrough));
	case 2:
		WRITE(vm->vpm[1], MPAMVPM_EL2(1));
		__attribute__((fallthrough));
	case 1:
		WRITE(vm->vpm[0], MPAMVPM_EL2(0));
		__attribute__((fallthrough));
	default:
		break;
	}
	WRITE(vm->vpmv, MPAMVPMV_EL2);
	WRITE(vm->hcr, MPAMHCR_EL2);
}

void armvirt_hw_mpam_load(const struct armvirt_mpam_vm *vm, const struct armvirt_mpam_vcpu *vcpu)
{
	if (vm->has_hcr)
		map_load(vm);
	/* With E2H set the EL1 name would reach MPAM2_EL2. */
	if (HCR_EL2() & HCR_E2H)
		WRITE(vcpu->mpam1, MPAM1_EL12);
	else
		WRITE(vcpu->mpam1, MPAM1_EL1);
	WRITE(vcpu->mpam0, MPAM0_EL1);
	if (vm->has_sm)
		WRITE(vcpu->mpamsm, MPAMSM_EL1);
	if (vm->has_bw)
		WRITE(UINT64_C(0), MPAMBW2_EL2);
	WRITE(vm->mpam2, MPAM2_EL2);
}

void armvirt_hw_mpam_save(const struct armvirt_mpam_vm *vm, struct armvirt_mpam_vcpu *vcpu)
{
	if (vm->shape == ARMVIRT_MPAM_HIDDEN)
		return;
	if (HCR_EL2() & HCR_E2H)
		vcpu->mpam1 = READ(MPAM1_EL12);
	else
		vcpu->mpam1 = READ(MPAM1_EL1);
	vcpu->mpam0 = READ(MPAM0_EL1);
	if (vm->has_sm)
		vcpu->mpamsm = READ(MPAMSM_EL1);
}
