/* SPDX-License-Identifier: BSD-2-Clause */
/* Making, linking and resetting. */
#include "irq.h"

/* Words of shared interrupts in memory: whole registers of 32. */
static uint32_t word_count(const struct armvirt_vgic *vm)
{
	return (vm->spi_count + 31u) / 32u * 32u;
}

static uint32_t word_reset(const struct armvirt_vgic *vm, uint32_t intid, unsigned vcpu)
{
	uint32_t target = vm->v2 ? UINT32_C(1) << (intid < 32 ? vcpu : 0) : intid < 32 ? vcpu : 0;

	return target << IRQ_TARGET_SHIFT | (uint32_t)vcpu << IRQ_OWNER_SHIFT |
	       (intid < 16 ? IRQ_EDGE | (vm->v2 ? IRQ_SENDERS : 0) : 0);
}

static void vcpu_init(const struct armvirt_vgic *vm, unsigned index)
{
	struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, index);

	*v = (struct armvirt_vgic_vcpu){
		.image = {.hcr = HCR_EN},
		.index = (uint8_t)index,
		.target = (uint8_t)(vm->v2 ? 1u << index : index),
		.asleep = 1,
		.affinity = index / 16 << 8 | index % 16,
		.usual = (word_reset(vm, 0, index) & ~IRQ_SENDERS) | IRQ_ENABLED | IRQ_LATCH,
	};
	for (uint32_t i = 0; i < 32; i++)
		v->priv[i] = word_reset(vm, i, index);
}

static enum armvirt_status config_check(const struct armvirt_vgic_config *c)
{
	if (!c->caps || !c->vcpu || (c->spi_count && !c->spi))
		return ARMVIRT_E_ARG;
	if (c->vcpu_count < 1 || c->vcpu_count > (c->v2 ? 8 : ARMVIRT_VGIC_VCPU_MAX) ||
	    c->spi_count > ARMVIRT_VGIC_SPI_MAX)
		return ARMVIRT_E_ARG;
	if (c->caps->lr_count < 1 || c->caps->lr_count > ARMVIRT_VGIC_LR_MAX ||
	    c->caps->pri_bits < 5 || c->caps->pri_bits > 8 || c->caps->pre_bits < 5 ||
	    c->caps->pre_bits > 7 || c->caps->pre_bits > c->caps->pri_bits)
		return ARMVIRT_E_ARG;
	if ((c->caps->flags & ARMVIRT_VGIC_CAP_V2) && !c->v2)
		return ARMVIRT_E_ARG;
	if (c->vcpu_stride % 8 || c->vcpu_stride < sizeof(struct armvirt_vgic_vcpu) ||
	    (uintptr_t)c->vcpu % 8 || (uintptr_t)c->spi % 8)
		return ARMVIRT_E_ALIGN;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_init(struct armvirt_vgic *vm,
				      const struct armvirt_vgic_config *config, size_t size)
{
	enum armvirt_status s = config_check(config);
	uint32_t spis = (config->spi_count + 31) / 32 * 32;
	uintptr_t self = (uintptr_t)vm;

	if (size != sizeof(*vm))
		return ARMVIRT_E_SIZE;
	if (s != ARMVIRT_OK)
		return s;
	*vm = (struct armvirt_vgic){
		.caps = *config->caps,
		.spi_offset = (int64_t)((uintptr_t)config->spi - 32 * sizeof(*config->spi) - self),
		.pintid_offset = config->pintid ? (int64_t)((uintptr_t)config->pintid - self) : 0,
		.vcpu_offset = (int64_t)((uintptr_t)config->vcpu - self),
		.vcpu_stride = config->vcpu_stride,
		.spi_count = (uint16_t)(spis < ARMVIRT_VGIC_SPI_MAX ? spis : ARMVIRT_VGIC_SPI_MAX),
		.vcpu_count = (uint8_t)config->vcpu_count,
		.v2 = config->v2,
		.iidr = UINT32_C(0x56001000), /* product 'V', revision 1 of this behaviour */
	};
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vcpu_init(vm, i);
	for (uint32_t i = 0; i < word_count(vm); i++)
		config->spi[i] = word_reset(vm, 32 + i, 0);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_set_affinity(struct armvirt_vgic *vm, unsigned vcpu,
					      uint32_t affinity)
{
	if (vcpu >= vm->vcpu_count)
		return ARMVIRT_E_ARG;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (i != vcpu && armvirt_vgic_get_vcpu(vm, i)->affinity == affinity)
			return ARMVIRT_E_EXISTS;
	armvirt_vgic_get_vcpu(vm, vcpu)->affinity = affinity;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_link(struct armvirt_vgic *vm, unsigned vcpu, uint32_t intid,
				      bool linked)
{
	armvirt_vgic_irq_t *p;
	uint32_t old, new;

	if (vcpu >= vm->vcpu_count || intid < 16 || !irq_exists(vm, intid))
		return ARMVIRT_E_ARG;
	p = irq_word(vm, armvirt_vgic_get_vcpu(vm, vcpu), intid);
	old = irq_load(p);
	do {
		if (irq_pending(old) || (old & (IRQ_ACTIVE | IRQ_LISTED | IRQ_HWACT)))
			return ARMVIRT_E_STATE;
		new = linked ? old | IRQ_HW : old & ~IRQ_HW;
	} while (new != old && !irq_cas(p, &old, new));
	return ARMVIRT_OK;
}

/* One word back to reset; its link stays. True: a physical interrupt is owed. */
static bool word_clear(const struct armvirt_vgic *vm, armvirt_vgic_irq_t *p, uint32_t intid,
		       unsigned vcpu)
{
	uint32_t w = *p;

	*p = word_reset(vm, intid, vcpu) | (w & (IRQ_HW | IRQ_LINE));
	return w & IRQ_HWACT;
}

/* A vCPU as fresh from init, links, lines and affinity kept. Returns physical interrupts owed. */
static uint32_t vcpu_again(struct armvirt_vgic *vm, unsigned index)
{
	struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, index);
	uint32_t affinity = v->affinity, linked = 0, line = 0, owed = 0;

	armvirt_vgic_unlist(vm, v);
	for (uint32_t i = 0; i < 32; i++) {
		linked |= v->priv[i] & IRQ_HW ? UINT32_C(1) << i : 0;
		line |= v->priv[i] & IRQ_LINE ? UINT32_C(1) << i : 0;
		owed |= v->priv[i] & IRQ_HWACT ? UINT32_C(1) << i : 0;
	}
	vcpu_init(vm, index);
	v->affinity = affinity;
	for (uint32_t i = 0; i < 32; i++)
		v->priv[i] |= (linked >> i & 1 ? IRQ_HW : 0) | (line >> i & 1 ? IRQ_LINE : 0);
	return owed;
}

enum armvirt_status armvirt_vgic_reset(struct armvirt_vgic *vm, uint32_t *cursor,
				       struct armvirt_vgic_actions *actions)
{
	uint32_t step = *cursor, first, steps = vm->vcpu_count + word_count(vm) / 32;
	struct armvirt_vgic_vcpu *v;

	*actions = (struct armvirt_vgic_actions){0};
	if (step >= steps)
		return ARMVIRT_OK;
	if (step < vm->vcpu_count) {
		actions->deactivate = vcpu_again(vm, step);
	} else {
		first = 32 + (step - vm->vcpu_count) * 32;
		v = armvirt_vgic_get_vcpu(vm, 0);
		actions->base = (uint16_t)first;
		for (uint32_t i = 0; i < 32; i++)
			if (word_clear(vm, irq_word(vm, v, first + i), first + i, 0))
				actions->deactivate |= UINT32_C(1) << i;
	}
	vm->ctlr = 0;
	*cursor = step + 1;
	return step + 1 < steps ? ARMVIRT_MORE : ARMVIRT_OK;
}

struct armvirt_vgic_actions armvirt_vgic_vcpu_reset(struct armvirt_vgic *vm, unsigned vcpu)
{
	struct armvirt_vgic_actions a = {0};
	struct armvirt_vgic_vcpu *v;

	if (vcpu >= vm->vcpu_count)
		return a;
	v = armvirt_vgic_get_vcpu(vm, vcpu);
	armvirt_vgic_unlist(vm, v);
	v->image.vmcr = 0;
	v->image.hcr = HCR_EN;
	for (unsigned i = 0; i < 4; i++) {
		v->image.ap0r[i] = 0;
		v->image.ap1r[i] = 0;
	}
	v->groups = 0;
	bits32_or(&v->attention, ATTN_REGROUP);
	return a;
}
