/* SPDX-License-Identifier: BSD-2-Clause */
/* Trapped accesses of ICC_* registers, AArch64 and AArch32, to the engine and to the CPU interface
 * in software. */
#include <libarmvirt/regs.h>

#include "irq.h"

#define R ARMVIRT_SYSREG_R
#define W ARMVIRT_SYSREG_W

#define SPACE     UINT32_C(0xf0000)
#define A64_SPACE UINT32_C(0x0c000) /* op0 = 3, which AArch32 has not */

/* Registers that are no part of the CPU interface's state. */
enum { SGI1R = ARMVIRT_VGIC_CPUIF_COUNT, ASGI1R, SGI0R, NO_REGISTER };

/* MCR and MRC name a register by the same CRn, CRm and op2 as MSR and MRS; MCRR names the SGIs by
 * op1 and CRm = 12. */
static armvirt_sysreg_key_t a64_key(armvirt_sysreg_key_t key)
{
	switch (key & SPACE) {
	case ARMVIRT_SYSREG_A64:
		return key;
	case ARMVIRT_SYSREG_CP15:
		return (key & ~SPACE) | A64_SPACE;
	case ARMVIRT_SYSREG_CP15_64:
		switch (key & ~SPACE) {
		case 0 << 11 | 12 << 3:
			return ARMVIRT_SYSREG_ICC_SGI1R_EL1;
		case 1 << 11 | 12 << 3:
			return ARMVIRT_SYSREG_ICC_ASGI1R_EL1;
		case 2 << 11 | 12 << 3:
			return ARMVIRT_SYSREG_ICC_SGI0R_EL1;
		default:
			return 0;
		}
	default:
		return 0;
	}
}

/* ICC_AP0R<n>, ICC_AP1R<n>: as many as the preemption bits ask for. */
static unsigned ap_register(const struct armvirt_vgic *vm, uint32_t n, unsigned first)
{
	return n < UINT32_C(1) << (vm->caps.pre_bits - 5) ? first + n : (unsigned)NO_REGISTER;
}

/* The register, and into *access how it may be accessed. */
static unsigned register_of(const struct armvirt_vgic *vm, armvirt_sysreg_key_t key,
			    uint32_t *access)
{
	*access = R | W;
	switch (key) {
	case ARMVIRT_SYSREG_ICC_PMR_EL1:
		return ARMVIRT_VGIC_CPUIF_PMR;
	case ARMVIRT_SYSREG_ICC_CTLR_EL1:
		return ARMVIRT_VGIC_CPUIF_CTLR;
	case ARMVIRT_SYSREG_ICC_SRE_EL1:
		return ARMVIRT_VGIC_CPUIF_SRE;
	case ARMVIRT_SYSREG_ICC_BPR0_EL1:
		return ARMVIRT_VGIC_CPUIF_BPR0;
	case ARMVIRT_SYSREG_ICC_BPR1_EL1:
		return ARMVIRT_VGIC_CPUIF_BPR1;
	case ARMVIRT_SYSREG_ICC_IGRPEN0_EL1:
		return ARMVIRT_VGIC_CPUIF_IGRPEN0;
	case ARMVIRT_SYSREG_ICC_IGRPEN1_EL1:
		return ARMVIRT_VGIC_CPUIF_IGRPEN1;
	case ARMVIRT_SYSREG_ICC_AP0R0_EL1:
	case ARMVIRT_SYSREG_ICC_AP0R1_EL1:
	case ARMVIRT_SYSREG_ICC_AP0R2_EL1:
	case ARMVIRT_SYSREG_ICC_AP0R3_EL1:
		return ap_register(vm, key - ARMVIRT_SYSREG_ICC_AP0R0_EL1,
				   ARMVIRT_VGIC_CPUIF_AP0R0);
	case ARMVIRT_SYSREG_ICC_AP1R0_EL1:
	case ARMVIRT_SYSREG_ICC_AP1R1_EL1:
	case ARMVIRT_SYSREG_ICC_AP1R2_EL1:
	case ARMVIRT_SYSREG_ICC_AP1R3_EL1:
		return ap_register(vm, key - ARMVIRT_SYSREG_ICC_AP1R0_EL1,
				   ARMVIRT_VGIC_CPUIF_AP1R0);
	default:
		break;
	}
	*access = R;
	switch (key) {
	case ARMVIRT_SYSREG_ICC_IAR0_EL1:
		return ARMVIRT_VGIC_CPUIF_IAR0;
	case ARMVIRT_SYSREG_ICC_IAR1_EL1:
		return ARMVIRT_VGIC_CPUIF_IAR1;
	case ARMVIRT_SYSREG_ICC_HPPIR0_EL1:
		return ARMVIRT_VGIC_CPUIF_HPPIR0;
	case ARMVIRT_SYSREG_ICC_HPPIR1_EL1:
		return ARMVIRT_VGIC_CPUIF_HPPIR1;
	case ARMVIRT_SYSREG_ICC_RPR_EL1:
		return ARMVIRT_VGIC_CPUIF_RPR;
	default:
		break;
	}
	*access = W;
	switch (key) {
	case ARMVIRT_SYSREG_ICC_EOIR0_EL1:
		return ARMVIRT_VGIC_CPUIF_EOIR0;
	case ARMVIRT_SYSREG_ICC_EOIR1_EL1:
		return ARMVIRT_VGIC_CPUIF_EOIR1;
	case ARMVIRT_SYSREG_ICC_DIR_EL1:
		return ARMVIRT_VGIC_CPUIF_DIR;
	case ARMVIRT_SYSREG_ICC_SGI1R_EL1:
		return SGI1R;
	case ARMVIRT_SYSREG_ICC_ASGI1R_EL1:
		return ASGI1R;
	case ARMVIRT_SYSREG_ICC_SGI0R_EL1:
		return SGI0R;
	default:
		return NO_REGISTER;
	}
}

enum armvirt_status armvirt_vgic_sysreg_access(struct armvirt_vgic_trap *trap,
					       const struct armvirt_sysreg_access *access,
					       uint64_t *value)
{
	struct armvirt_vgic *vm = trap->vm;
	uint32_t allowed;
	unsigned reg;

	trap->actions = (struct armvirt_vgic_actions){0};
	if (vm->v2 || trap->vcpu >= vm->vcpu_count)
		return ARMVIRT_E_ABSENT;
	reg = register_of(vm, a64_key(access->key), &allowed);
	if (reg == NO_REGISTER)
		return ARMVIRT_E_ABSENT;
	if (!(allowed & (access->read ? R : W)))
		return ARMVIRT_E_DENIED;
	if (access->read)
		*value = armvirt_vgic_cpuif_read(vm, armvirt_vgic_get_vcpu(vm, trap->vcpu),
						 (enum armvirt_vgic_cpuif_reg)reg);
	else if (reg >= SGI1R)
		trap->actions = armvirt_vgic_sgi(vm, trap->vcpu, *value, reg == SGI1R);
	else
		trap->actions = armvirt_vgic_cpuif_write(vm, armvirt_vgic_get_vcpu(vm, trap->vcpu),
							 (enum armvirt_vgic_cpuif_reg)reg, *value);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_sysreg(void *context, const struct armvirt_sysreg_entry *entry,
					const struct armvirt_sysreg_access *access, uint64_t *value)
{
	struct armvirt_vgic_trap *trap =
		(struct armvirt_vgic_trap *)((uintptr_t)context + (uintptr_t)entry->arg);

	return armvirt_vgic_sysreg_access(trap, access, value);
}
