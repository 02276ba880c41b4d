/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit: what the guest did out of the list registers. */
#include "irq.h"

/* Deactivations outside the list registers, counted but not named: the highest active first. Means
 * nothing in EOImode 1, where DIR traps and names its interrupt. */
static NOINLINE void drain_eoicount(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				    struct armvirt_vgic_actions *a)
{
	uint32_t count = v->image.hcr >> HCR_EOICOUNT_SHIFT;

	v->image.hcr &= ~HCR_EOICOUNT;
	if (v->image.vmcr & VMCR_EOIM)
		return;
	while (count && v->act_count) {
		uint32_t intid = v->act[v->act_count - 1], w;
		armvirt_vgic_irq_t *p = irq_word(vm, v, intid);

		w = irq_load(p);
		if (act_valid(v, w)) {
			if ((w & IRQ_HWACT) && a->deactivate) {
				v->image.hcr |= count << HCR_EOICOUNT_SHIFT;
				a->flags |= ARMVIRT_VGIC_MORE;
				return;
			}
			if (w & IRQ_HWACT)
				owe(a, intid);
			w = irq_update(p, IRQ_ACTIVE | IRQ_HWACT, 0);
			actions_add(a, irq_raise(vm, intid, w));
			count--;
		}
		v->act_count--;
	}
	bits32_or(&v->attention, ATTN_REFILL);
}

/* LR i is done with: its line is sampled again, its waiting latch comes next. */
static NOINLINE struct armvirt_vgic_actions lr_retire(struct armvirt_vgic *vm,
						      struct armvirt_vgic_vcpu *v, unsigned i)
{
	uint64_t lr = v->image.lr[i];
	uint32_t intid = LR_INTID(lr), bit = UINT32_C(1) << i, w, clear;
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);

	clear = IRQ_LISTED | IRQ_ACTIVE;
	w = irq_load(p);
	if (w & IRQ_SETA) {
		w = irq_update(p, clear | IRQ_REQUESTS, IRQ_ACTIVE);
		armvirt_vgic_act_push(vm, v, intid);
	} else {
		w = irq_update(p, clear | IRQ_REQUESTS, 0);
	}
	owner_set64(&v->image.lr[i], 0);
	owner_set16(&v->image.used, (uint16_t)(v->image.used & ~bit));
	owner_set16(&v->image.latched, (uint16_t)(v->image.latched & ~bit));
	if ((lr & (LR_EOI | LR_HW)) == LR_EOI) /* its maintenance interrupt stays until rewritten */
		v->image.dirty = (uint16_t)(v->image.dirty | bit);
	if (v->overflow || v->act_count)
		bits32_or(&v->attention, ATTN_REFILL);
	return irq_raise(vm, intid, w);
}

struct armvirt_vgic_actions armvirt_vgic_fold(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t groups = v->image.vmcr & 3;

	for (uint32_t left = v->image.used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		uint64_t lr = v->image.lr[i];
		armvirt_vgic_irq_t *p = irq_word(vm, v, LR_INTID(lr));
		uint32_t w = irq_load(p), active = lr & LR_ACTIVE ? IRQ_ACTIVE : 0;

		if (!(lr & LR_STATE)) {
			actions_add(&a, lr_retire(vm, v, i));
			continue;
		}
		if (!(lr & LR_PENDING))
			owner_set16(&v->image.latched,
				    (uint16_t)(v->image.latched & ~(UINT32_C(1) << i)));
		if ((w & IRQ_ACTIVE) != active) {
			w = irq_update(p, IRQ_ACTIVE, active);
			if (active && !(lr & LR_PENDING) && v->overflow)
				bits32_or(&v->attention, ATTN_REFILL);
		}
	}
	if (v->image.hcr & HCR_EOICOUNT)
		drain_eoicount(vm, v, &a);
	if (groups != v->groups) {
		v->groups = (uint8_t)groups;
		bits32_or(&v->attention, ATTN_REGROUP);
	}
	return a;
}
