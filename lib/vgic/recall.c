/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves a list register before the guest is done with it, and what is active in none. */
#include "irq.h"

/* Highest priority last, so that the next to be deactivated is on top. Full: the lowest stays
 * active in its word only, until the guest names it. */
void armvirt_vgic_act_push(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			   uint32_t intid)
{
	uint32_t n = v->act_count, prio = irq_load(irq_word(vm, v, intid)) & IRQ_PRIO, i;

	for (i = 0; i < n; i++)
		if (v->act[i] == intid)
			return;
	if (n == 32) {
		if ((irq_load(irq_word(vm, v, v->act[0])) & IRQ_PRIO) <= prio)
			return;
		for (i = 1; i < n; i++)
			v->act[i - 1] = v->act[i];
		n--;
	}
	for (i = n; i > 0; i--) {
		if ((irq_load(irq_word(vm, v, v->act[i - 1])) & IRQ_PRIO) > prio)
			break;
		v->act[i] = v->act[i - 1];
	}
	v->act[i] = (uint16_t)intid;
	v->act_count = (uint8_t)(n + 1);
}

/* Takes LR i out of the image; pending and active go back into the word. */
struct armvirt_vgic_actions armvirt_vgic_evict(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					       unsigned i)
{
	uint64_t lr = v->image.lr[i];
	uint32_t intid = LR_INTID(lr), set = 0, w;
	uint32_t bit = UINT32_C(1) << i;
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);

	if ((lr & LR_PENDING) && lr_latched(v, i, lr)) {
		set |= IRQ_LATCH;
		if (vm->v2 && intid < 16)
			bits8_or(&v->source[intid], (uint8_t)(1u << ((lr >> LR_SRC_SHIFT) & 7)));
	}
	if (lr & LR_ACTIVE)
		set |= IRQ_ACTIVE;
	if ((lr & LR_HW) && (lr & LR_STATE))
		set |= IRQ_HWACT;
	owner_set64(&v->image.lr[i], 0);
	owner_set16(&v->image.used, (uint16_t)(v->image.used & ~bit));
	owner_set16(&v->image.latched, (uint16_t)(v->image.latched & ~bit));
	v->image.dirty = (uint16_t)(v->image.dirty | bit);
	w = irq_update(p, IRQ_LISTED | IRQ_ACTIVE, set);
	if (w & IRQ_REQUESTS) { /* came while it was listed, and nobody compared since */
		w = irq_update(p,
			       IRQ_REQUESTS | (w & IRQ_CLRA ? IRQ_ACTIVE : 0) |
				       ((w & (IRQ_CLRP | IRQ_HWACT)) == IRQ_CLRP ? IRQ_LATCH : 0),
			       w & IRQ_SETA ? IRQ_ACTIVE : 0);
	}
	if (w & IRQ_ACTIVE)
		armvirt_vgic_act_push(vm, v, intid);
	return irq_raise(vm, intid, w);
}

/* Whether the word still wants what LR i holds as pending. */
static bool lr_wanted(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v, uint64_t lr,
		      uint32_t w, bool latched)
{
	if (!(w & IRQ_ENABLED) || !irq_for(vm, w, v) || !(irq_load(&vm->ctlr) & irq_group_bit(w)))
		return false;
	if ((w ^ (uint32_t)(lr >> 32)) & IRQ_PRIO)
		return false;
	if (!(lr & LR_GROUP1) != !(w & IRQ_GROUP1))
		return false;
	return latched || irq_pending(w);
}

/* LR i is empty, or pending and not wanted so, or both pending and active: what stays is at most
 * the active part, whose end must be seen if something waits for it. */
static struct armvirt_vgic_actions lr_leave(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					    unsigned i, uint32_t w)
{
	uint64_t lr = v->image.lr[i];
	uint32_t bit = UINT32_C(1) << i;

	if ((lr & LR_STATE) != LR_STATE)
		return armvirt_vgic_evict(vm, v, i);
	if (!(lr & LR_EOI) && lr_wanted(vm, v, lr, w, lr_latched(v, i, lr)))
		return (struct armvirt_vgic_actions){0};
	v->image.dirty = (uint16_t)(v->image.dirty | bit);
	if (lr_latched(v, i, lr))
		irq_update(irq_word(vm, v, LR_INTID(lr)), 0, IRQ_LATCH);
	owner_set64(&v->image.lr[i], (lr & ~LR_PENDING) | LR_EOI);
	owner_set16(&v->image.latched, (uint16_t)(v->image.latched & ~bit));
	return (struct armvirt_vgic_actions){0};
}

/* GICv2: a sender whose SGI is pending in an LR has sent again: one event. Others wait. */
static void sender_merge(struct armvirt_vgic_vcpu *v, uint64_t lr, armvirt_vgic_irq_t *p)
{
	uint32_t intid = LR_INTID(lr), bit = UINT32_C(1) << ((lr >> LR_SRC_SHIFT) & 7);

	if (!(lr & LR_PENDING))
		return;
	if (!(bits8_take(&v->source[intid], (uint8_t)bit) & ~bit))
		irq_update(p, IRQ_LATCH, 0);
	if (bits8_load(&v->source[intid])) /* a sender came meanwhile */
		irq_update(p, 0, IRQ_LATCH);
}

/*
 * A second event for a listed interrupt. Pending already: one event. Active and edge-triggered:
 * pending and active. The others wait in the word for the end of the first, which must be seen: by
 * its EOI maintenance interrupt, or for a linked one by its being counted outside.
 */
static struct armvirt_vgic_actions lr_merge(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					    unsigned i)
{
	uint32_t intid = LR_INTID(v->image.lr[i]), bit = UINT32_C(1) << i;
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
	uint32_t w = irq_load(p);
	bool here =
		irq_for(vm, w, v) && (irq_load(&vm->ctlr) & irq_group_bit(w)) && (w & IRQ_ENABLED);

	if (vm->v2 && intid < 16) {
		sender_merge(v, v->image.lr[i], p);
		return (struct armvirt_vgic_actions){0};
	}
	if (!(v->image.lr[i] & LR_PENDING)) {
		if (v->image.lr[i] & LR_HW)
			return armvirt_vgic_evict(vm, v, i);
		if (v->image.lr[i] & LR_EOI)
			return (struct armvirt_vgic_actions){0};
		owner_set64(&v->image.lr[i],
			    v->image.lr[i] | (here && !(w & IRQ_HWACT) ? LR_PENDING : LR_EOI));
		v->image.dirty = (uint16_t)(v->image.dirty | bit);
	}
	if (!here || (w & IRQ_HWACT)) /* a physical one wants a list register of its own */
		return (struct armvirt_vgic_actions){0};
	owner_set16(&v->image.latched, (uint16_t)(v->image.latched | bit));
	irq_update(p, IRQ_LATCH, 0);
	return (struct armvirt_vgic_actions){0};
}

/* Carries out requests on LR i; what the word does not want any more leaves. False: the action is
 * taken up by another deactivation, come back. */
static bool lr_compare(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, unsigned i,
		       struct armvirt_vgic_actions *a)
{
	uint64_t lr = v->image.lr[i], was = lr;
	uint32_t intid = LR_INTID(lr), bit = UINT32_C(1) << i;
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
	uint32_t w = irq_load(p);
	bool latched = lr_latched(v, i, lr), owed;

	if ((w & IRQ_CLRP) && (lr & LR_PENDING)) {
		latched = false;
		/* of an SGI of GICv2 the latch is that of other senders */
		if (!irq_pending(w) || (lr & LR_HW) || (vm->v2 && intid < 16))
			lr &= ~LR_PENDING;
	}
	if (w & IRQ_CLRA)
		lr &= ~LR_ACTIVE;
	if ((w & IRQ_SETA) && (lr & LR_HW))
		lr = (lr & ~LR_STATE) | LR_ACTIVE;
	else if (w & IRQ_SETA)
		lr |= LR_ACTIVE;
	owed = (lr & LR_HW) && !(lr & LR_STATE);
	if ((w & (IRQ_CLRP | IRQ_HWACT | IRQ_LATCH)) == (IRQ_CLRP | IRQ_HWACT))
		owed = true; /* it had come again, and is dropped too */
	if (owed && !can_owe(a, intid))
		return false;
	if (owed)
		owe(a, intid);
	w = irq_update(p, (w & IRQ_REQUESTS) | (owed && !(w & IRQ_LATCH) ? IRQ_HWACT : 0), 0);
	owner_set64(&v->image.lr[i], lr);
	owner_set16(&v->image.latched, (uint16_t)((v->image.latched & ~bit) | (latched ? bit : 0)));
	if (lr != was)
		v->image.dirty = (uint16_t)(v->image.dirty | bit);
	if (!(lr & LR_STATE) || (lr & LR_STATE) == LR_STATE ||
	    ((lr & LR_STATE) == LR_PENDING && !lr_wanted(vm, v, lr, w, latched)))
		actions_add(a, lr_leave(vm, v, i, w));
	else
		irq_update(p, lr & LR_ACTIVE ? 0 : IRQ_ACTIVE, lr & LR_ACTIVE ? IRQ_ACTIVE : 0);
	if ((v->image.used & bit) && (irq_load(p) & IRQ_LATCH))
		actions_add(a, lr_merge(vm, v, i));
	return true;
}

void armvirt_vgic_recall(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			 struct armvirt_vgic_actions *a)
{
	unsigned n = 0;

	for (uint32_t left = v->image.used; left; left &= left - 1)
		if (!lr_compare(vm, v, (unsigned)__builtin_ctz(left), a)) {
			bits32_or(&v->attention, ATTN_RECALL);
			a->flags |= ARMVIRT_VGIC_MORE;
		}
	for (unsigned i = 0; i < v->act_count; i++)
		if (act_valid(v, irq_load(irq_word(vm, v, v->act[i]))))
			v->act[n++] = v->act[i];
	v->act_count = (uint8_t)n;
}

/* Actives that a request gave this vCPU while they were in no list register. */
void armvirt_vgic_adopt(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	for (uint32_t left = bits32_take(&v->adopt); left; left &= left - 1) {
		uint32_t intid = (uint32_t)__builtin_ctz(left) * 32;

		for (uint32_t k = 0; k < 32; k++)
			if (act_valid(v, irq_load(irq_word(vm, v, intid + k))))
				armvirt_vgic_act_push(vm, v, intid + k);
	}
}

void armvirt_vgic_unlist(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	armvirt_vgic_adopt(vm, v);
	for (uint32_t left = v->image.used; left; left &= left - 1)
		armvirt_vgic_evict(vm, v, (unsigned)__builtin_ctz(left));
}
