/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual CPU interface in software, on the image: for machines without one, for trapped
 * accesses, and to know whether a guest that waits would wake.
 *
 * Source: ICV_* registers, pseudocode VirtualReadIAR, VirtualWriteEOIR, VPriorityGroup and friends.
 */
#include "irq.h"

#define SPURIOUS  1023
#define IDLE_PRIO 0x100

/* VPMR in 31:24, VBPR0 in 23:21, VBPR1 in 20:18. */
static uint32_t vmcr_pmr(const struct armvirt_vgic_vcpu *v)
{
	return v->image.vmcr >> 24;
}

static uint32_t bpr_min(const struct armvirt_vgic *vm, unsigned group)
{
	return 8u - vm->caps.pre_bits - (group ? 0 : 1);
}

/* What the register reads: CBPR makes group 1 follow group 0, one up. */
static uint32_t bpr(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
		    unsigned group)
{
	uint32_t value = v->image.vmcr >> (group ? 18 : 21) & 7, min = bpr_min(vm, group);

	if (group && (v->image.vmcr & 16)) {
		value = bpr(vm, v, 0);
		return value < 7 ? value + 1 : 7;
	}
	return value < min ? min : value;
}

/* Bits of a priority that preempt. Group 1's register counts one more, CBPR or not. */
static uint32_t group_mask(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
			   unsigned group)
{
	uint32_t b = bpr(vm, v, group);

	if (group && !(v->image.vmcr & 16))
		b--;
	else if (group)
		b = bpr(vm, v, 0);
	return 0xffu << (b + 1) & 0xff;
}

/* Registers of active priorities that a group has. */
static uint32_t ap_words(const struct armvirt_vgic *vm)
{
	return UINT32_C(1) << (vm->caps.pre_bits - 5);
}

/* Preemption level k of the active priorities register has priority k << (8 - pre_bits). */
static uint32_t running(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	uint32_t words = ap_words(vm);

	for (uint32_t i = 0; i < words; i++) {
		uint32_t ap = v->image.ap0r[i] | (uint32_t)v->image.ap1r[i];

		if (ap)
			return (i * 32 + (uint32_t)__builtin_ctz(ap)) << (8 - vm->caps.pre_bits);
	}
	return IDLE_PRIO;
}

static uint32_t lr_prio(const struct armvirt_vgic *vm, uint64_t lr)
{
	return (uint32_t)(lr >> LR_PRIO_SHIFT) & (0xff00u >> vm->caps.pri_bits) & 0xff;
}

/* The LR with the highest-priority pending interrupt of an enabled group; -1: none. */
static int hppi(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	uint32_t groups = v->image.vmcr & 3, best = IDLE_PRIO;
	int found = -1;

	for (uint32_t left = v->image.used; left; left &= left - 1) {
		int i = __builtin_ctz(left);
		uint64_t lr = v->image.lr[i];

		if ((lr & LR_STATE) != LR_PENDING || !(groups & (lr & LR_GROUP1 ? 2 : 1)) ||
		    lr_prio(vm, lr) >= best)
			continue;
		best = lr_prio(vm, lr);
		found = i;
	}
	return found;
}

static bool can_take(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v, uint64_t lr)
{
	uint32_t prio = lr_prio(vm, lr);

	return prio < vmcr_pmr(v) &&
	       (prio & group_mask(vm, v, lr & LR_GROUP1 ? 1 : 0)) < running(vm, v);
}

bool armvirt_vgic_deliverable(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	int i;

	if (armvirt_vgic_flush_needed(v))
		return true;
	i = hppi(vm, v);
	return i >= 0 && can_take(vm, v, v->image.lr[i]);
}

uint32_t armvirt_vgic_ppi_active(const struct armvirt_vgic_vcpu *v)
{
	uint32_t mask = 0;

	for (unsigned i = 16; i < 32; i++)
		mask |= irq_load(&v->priv[i]) & IRQ_HWACT ? UINT32_C(1) << i : 0;
	for (uint32_t left = v->image.used; left; left &= left - 1) {
		uint64_t lr = v->image.lr[__builtin_ctz(left)];

		if ((lr & LR_HW) && LR_INTID(lr) < 32 && (lr & LR_STATE))
			mask |= UINT32_C(1) << LR_INTID(lr);
	}
	return mask;
}

static uint64_t acknowledge(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			    unsigned group)
{
	int i = hppi(vm, v);
	uint32_t level;
	uint64_t lr;

	if (i < 0)
		return SPURIOUS;
	lr = v->image.lr[i];
	if (!(lr & LR_GROUP1) != !group || !can_take(vm, v, lr))
		return SPURIOUS;
	level = (lr_prio(vm, lr) & group_mask(vm, v, group)) >> (8 - vm->caps.pre_bits);
	if (group)
		v->image.ap1r[level / 32] |= UINT32_C(1) << level % 32;
	else
		v->image.ap0r[level / 32] |= UINT32_C(1) << level % 32;
	owner_set64(&v->image.lr[i], (lr & ~LR_STATE) | LR_ACTIVE);
	v->image.dirty = (uint16_t)(v->image.dirty | UINT32_C(1) << i);
	return vm->v2 ? lr & 0x1fff : lr & 0xffffffff;
}

/* Drops the highest active priority if it belongs to the group. Returns it; IDLE_PRIO: none. */
static uint32_t drop_priority(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			      unsigned group)
{
	uint32_t words = ap_words(vm);

	for (uint32_t i = 0; i < words; i++) {
		uint32_t ap0 = v->image.ap0r[i], ap1 = (uint32_t)v->image.ap1r[i];
		uint32_t bit = (ap0 | ap1) & (0u - (ap0 | ap1));

		if (!bit)
			continue;
		if (!group == !(ap0 & bit))
			return IDLE_PRIO;
		if (group)
			v->image.ap1r[i] &= ~(uint64_t)bit;
		else
			v->image.ap0r[i] &= ~bit;
		return (i * 32 + (uint32_t)__builtin_ctz(bit)) << (8 - vm->caps.pre_bits);
	}
	return IDLE_PRIO;
}

/* The LR in which an interrupt (of GICv2: with its sender) is active; -1: none. */
static int find_active(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
		       uint32_t intid)
{
	uint32_t mask = vm->v2 ? 0x1fff : 0xffffffff;

	for (uint32_t left = v->image.used; left; left &= left - 1) {
		int i = __builtin_ctz(left);
		uint64_t lr = v->image.lr[i];

		if (((uint32_t)lr & mask) == intid && (lr & LR_ACTIVE))
			return i;
	}
	return -1;
}

static struct armvirt_vgic_actions deactivate(struct armvirt_vgic_vcpu *v, int i)
{
	struct armvirt_vgic_actions a = {0};
	uint64_t lr = v->image.lr[i];

	owner_set64(&v->image.lr[i], lr & ~LR_ACTIVE);
	v->image.dirty = (uint16_t)(v->image.dirty | UINT32_C(1) << i);
	if (lr & LR_HW) {
		a.base = (uint16_t)(LR_INTID(lr) & ~31u);
		a.deactivate = UINT32_C(1) << (LR_INTID(lr) & 31);
	}
	return a;
}

static struct armvirt_vgic_actions end(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				       unsigned group, uint32_t intid)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t dropped;
	uint64_t lr;
	int i;

	if ((intid & 0x3ff) >= 1020 && (vm->v2 || intid < 8192))
		return a;
	dropped = drop_priority(vm, v, group);
	if (dropped == IDLE_PRIO || (v->image.vmcr & VMCR_EOIM))
		return a;
	i = find_active(vm, v, intid);
	if (i < 0) {
		v->image.hcr =
			(v->image.hcr & ~HCR_EOICOUNT) |
			((v->image.hcr + (UINT32_C(1) << HCR_EOICOUNT_SHIFT)) & HCR_EOICOUNT);
		return a;
	}
	lr = v->image.lr[i];
	if (!(lr & LR_GROUP1) != !group || (lr_prio(vm, lr) & group_mask(vm, v, group)) != dropped)
		return a; /* out of order: nothing but the priority ends */
	return deactivate(v, i);
}

/* What is active in a list register of the image ends there, unless the CPU has it: that, and the
 * rest, is named to the engine. */
static struct armvirt_vgic_actions dir(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				       uint32_t intid)
{
	int i = v->loaded || !(v->image.vmcr & VMCR_EOIM) ? -1 : find_active(vm, v, intid);

	return i >= 0 ? deactivate(v, i) : armvirt_vgic_dir(vm, v->index, intid);
}

static uint64_t pending_intid(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
			      unsigned group)
{
	int i = hppi(vm, v);

	if (i < 0 || !(v->image.lr[i] & LR_GROUP1) != !group)
		return SPURIOUS;
	return v->image.lr[i] & (vm->v2 ? 0x1fff : 0xffffffff);
}

uint64_t armvirt_vgic_cpuif_read(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				 enum armvirt_vgic_cpuif_reg reg)
{
	uint32_t vmcr = v->image.vmcr;

	switch (reg) {
	case ARMVIRT_VGIC_CPUIF_PMR:
		return vmcr_pmr(v) & (0xff00u >> vm->caps.pri_bits) & 0xff;
	case ARMVIRT_VGIC_CPUIF_CTLR:
		return (vm->caps.flags & ARMVIRT_VGIC_CAP_A3V ? 1u << 15 : 0) |
		       (vm->caps.flags & ARMVIRT_VGIC_CAP_SEIS ? 1u << 14 : 0) |
		       (vm->caps.id_bits == 24 ? 1u << 11 : 0) |
		       (uint32_t)(vm->caps.pri_bits - 1) << 8 | (vmcr & VMCR_EOIM ? 2 : 0) |
		       (vmcr & 16 ? 1 : 0);
	case ARMVIRT_VGIC_CPUIF_BPR0:
		return bpr(vm, v, 0);
	case ARMVIRT_VGIC_CPUIF_BPR1:
		return bpr(vm, v, 1);
	case ARMVIRT_VGIC_CPUIF_IGRPEN0:
		return vmcr & VMCR_ENG0;
	case ARMVIRT_VGIC_CPUIF_IGRPEN1:
		return (vmcr & VMCR_ENG1) >> 1;
	case ARMVIRT_VGIC_CPUIF_IAR0:
		return acknowledge(vm, v, 0);
	case ARMVIRT_VGIC_CPUIF_IAR1:
		return acknowledge(vm, v, 1);
	case ARMVIRT_VGIC_CPUIF_HPPIR0:
		return pending_intid(vm, v, 0);
	case ARMVIRT_VGIC_CPUIF_HPPIR1:
		return pending_intid(vm, v, 1);
	case ARMVIRT_VGIC_CPUIF_RPR:
		return running(vm, v) < IDLE_PRIO ? running(vm, v) : 0xff;
	case ARMVIRT_VGIC_CPUIF_SRE:
		return 7; /* DIB, DFB, SRE */
	case ARMVIRT_VGIC_CPUIF_AP0R0:
	case ARMVIRT_VGIC_CPUIF_AP0R1:
	case ARMVIRT_VGIC_CPUIF_AP0R2:
	case ARMVIRT_VGIC_CPUIF_AP0R3:
		return v->image.ap0r[reg - ARMVIRT_VGIC_CPUIF_AP0R0];
	case ARMVIRT_VGIC_CPUIF_AP1R0:
	case ARMVIRT_VGIC_CPUIF_AP1R1:
	case ARMVIRT_VGIC_CPUIF_AP1R2:
	case ARMVIRT_VGIC_CPUIF_AP1R3:
		return v->image.ap1r[reg - ARMVIRT_VGIC_CPUIF_AP1R0] & 0xffffffff;
	default:
		return 0;
	}
}

static void vmcr_field(struct armvirt_vgic_vcpu *v, uint32_t mask, uint32_t value)
{
	v->image.vmcr = (v->image.vmcr & ~mask) | (value & mask);
}

struct armvirt_vgic_actions armvirt_vgic_cpuif_write(struct armvirt_vgic *vm,
						     struct armvirt_vgic_vcpu *v,
						     enum armvirt_vgic_cpuif_reg reg,
						     uint64_t value)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t w = (uint32_t)value, min;

	switch (reg) {
	case ARMVIRT_VGIC_CPUIF_PMR:
		vmcr_field(v, 0xff000000, (w & (0xff00u >> vm->caps.pri_bits)) << 24);
		break;
	case ARMVIRT_VGIC_CPUIF_CTLR:
		vmcr_field(v, VMCR_EOIM | 16, (w & 2 ? VMCR_EOIM : 0) | (w & 1 ? 16 : 0));
		break;
	case ARMVIRT_VGIC_CPUIF_BPR0:
		min = bpr_min(vm, 0);
		vmcr_field(v, 7u << 21, ((w & 7) < min ? min : w & 7) << 21);
		break;
	case ARMVIRT_VGIC_CPUIF_BPR1:
		min = bpr_min(vm, 1);
		if (!(v->image.vmcr & 16))
			vmcr_field(v, 7u << 18, ((w & 7) < min ? min : w & 7) << 18);
		break;
	case ARMVIRT_VGIC_CPUIF_IGRPEN0:
		vmcr_field(v, VMCR_ENG0, w & 1);
		break;
	case ARMVIRT_VGIC_CPUIF_IGRPEN1:
		vmcr_field(v, VMCR_ENG1, (w & 1) << 1);
		break;
	case ARMVIRT_VGIC_CPUIF_EOIR0:
		return end(vm, v, 0, w & 0xffffff);
	case ARMVIRT_VGIC_CPUIF_EOIR1:
		return end(vm, v, 1, w & 0xffffff);
	case ARMVIRT_VGIC_CPUIF_DIR:
		return dir(vm, v, w & 0xffffff);
	case ARMVIRT_VGIC_CPUIF_AP0R0:
	case ARMVIRT_VGIC_CPUIF_AP0R1:
	case ARMVIRT_VGIC_CPUIF_AP0R2:
	case ARMVIRT_VGIC_CPUIF_AP0R3:
		if (reg - ARMVIRT_VGIC_CPUIF_AP0R0 < ap_words(vm))
			v->image.ap0r[reg - ARMVIRT_VGIC_CPUIF_AP0R0] = w;
		break;
	case ARMVIRT_VGIC_CPUIF_AP1R0:
	case ARMVIRT_VGIC_CPUIF_AP1R1:
	case ARMVIRT_VGIC_CPUIF_AP1R2:
	case ARMVIRT_VGIC_CPUIF_AP1R3:
		if (reg - ARMVIRT_VGIC_CPUIF_AP1R0 < ap_words(vm))
			v->image.ap1r[reg - ARMVIRT_VGIC_CPUIF_AP1R0] = w;
		break;
	default:
		break;
	}
	return a;
}
