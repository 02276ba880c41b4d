/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory-mapped CPU interface of a GICv2 where the machine has none to give (no GICV). */
#include "irq.h"

#define CTLR_FIELDS UINT32_C(0x21f) /* where VMCR has them */
#define ACKCTL      UINT32_C(4)

static unsigned end_group(const struct armvirt_vgic_vcpu *v)
{
	uint32_t ap0 = v->image.ap0r[0], ap1 = (uint32_t)v->image.ap1r[0];

	/* EOIR ends group 1 only with AckCtl, and only if that is what runs */
	if (!(v->image.vmcr & ACKCTL) || !ap1)
		return 0;
	return !ap0 || __builtin_ctz(ap1) < __builtin_ctz(ap0);
}

/* The register of either group that says more: group 1 through the group 0 register is 1022. */
static uint64_t through_group0(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			       enum armvirt_vgic_cpuif_reg reg0, enum armvirt_vgic_cpuif_reg reg1)
{
	uint64_t id = armvirt_vgic_cpuif_read(vm, v, reg0);

	if (id != 1023)
		return id;
	if (v->image.vmcr & ACKCTL)
		return armvirt_vgic_cpuif_read(vm, v, reg1);
	id = armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_HPPIR1);
	return id == 1023 ? 1023 : 1022;
}

uint64_t armvirt_vgic_gicc_read(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				uint32_t offset, unsigned size)
{
	if (size != 4)
		return 0;
	switch (offset) {
	case 0x00:
		return v->image.vmcr & CTLR_FIELDS;
	case 0x04:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_PMR);
	case 0x08:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_BPR0);
	case 0x0c:
		return through_group0(vm, v, ARMVIRT_VGIC_CPUIF_IAR0, ARMVIRT_VGIC_CPUIF_IAR1);
	case 0x14:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_RPR);
	case 0x18:
		return through_group0(vm, v, ARMVIRT_VGIC_CPUIF_HPPIR0, ARMVIRT_VGIC_CPUIF_HPPIR1);
	case 0x1c:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_BPR1);
	case 0x20:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_IAR1);
	case 0x28:
		return armvirt_vgic_cpuif_read(vm, v, ARMVIRT_VGIC_CPUIF_HPPIR1);
	case 0xd0:
		return v->image.ap0r[0];
	case 0xe0:
		return v->image.ap1r[0] & 0xffffffff;
	case 0xfc:
		return 0x00020000; /* GICv2 */
	default:
		return 0;
	}
}

struct armvirt_vgic_actions armvirt_vgic_gicc_write(struct armvirt_vgic *vm,
						    struct armvirt_vgic_vcpu *v, uint32_t offset,
						    unsigned size, uint64_t value)
{
	struct armvirt_vgic_actions none = {0};

	if (size != 4)
		return none;
	switch (offset) {
	case 0x00:
		v->image.vmcr = (v->image.vmcr & ~CTLR_FIELDS) | ((uint32_t)value & CTLR_FIELDS);
		return none;
	case 0x04:
		return armvirt_vgic_cpuif_write(vm, v, ARMVIRT_VGIC_CPUIF_PMR, value);
	case 0x08:
		return armvirt_vgic_cpuif_write(vm, v, ARMVIRT_VGIC_CPUIF_BPR0, value);
	case 0x10:
		return armvirt_vgic_cpuif_write(
			vm, v, end_group(v) ? ARMVIRT_VGIC_CPUIF_EOIR1 : ARMVIRT_VGIC_CPUIF_EOIR0,
			value & 0x1fff);
	case 0x1c:
		return armvirt_vgic_cpuif_write(vm, v, ARMVIRT_VGIC_CPUIF_BPR1, value);
	case 0x24:
		return armvirt_vgic_cpuif_write(vm, v, ARMVIRT_VGIC_CPUIF_EOIR1, value & 0x1fff);
	case 0xd0:
		v->image.ap0r[0] = (uint32_t)value;
		return none;
	case 0xe0:
		v->image.ap1r[0] = (uint32_t)value;
		return none;
	case 0x1000:
		return armvirt_vgic_cpuif_write(vm, v, ARMVIRT_VGIC_CPUIF_DIR, value & 0x1fff);
	default:
		return none;
	}
}
