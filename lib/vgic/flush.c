/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry: what is pending into list registers, highest priority first. */
#include "irq.h"

#define FLUSH_BLOCKS 32 /* blocks that one flush scans */

/* How bad it is to lose LR i for a candidate: its priority, 32 if its group is off. */
static uint32_t lr_rank(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
			uint64_t lr)
{
	uint32_t group = lr & LR_GROUP1 ? 2 : 1;

	if (!(vcpu_groups(vm, v) & group))
		return 32;
	return (uint32_t)(lr >> (LR_PRIO_SHIFT + 3)) & 31;
}

/*
 * Room for a candidate: a free LR, or that of a pending one which it beats, or if none is pending
 * that of the active one which the guest will finish last. -1: none, and something as urgent is
 * pending in an LR.
 */
static int lr_room(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t prio,
		   struct armvirt_vgic_actions *a)
{
	uint32_t all = (UINT32_C(1) << vm->caps.lr_count) - 1, free = all & ~v->image.used;
	uint32_t worst = prio, worst_active = 0;
	int victim = -1, active = -1;
	bool pending = false;

	if (free)
		return __builtin_ctz(free);
	for (unsigned i = 0; i < vm->caps.lr_count; i++) {
		uint64_t lr = v->image.lr[i];
		uint32_t rank = lr_rank(vm, v, lr);

		if (!(lr & LR_ACTIVE)) {
			pending = pending || rank < 32;
			if (rank > worst) {
				worst = rank;
				victim = (int)i;
			}
		} else {
			rank = (uint32_t)(lr >> (LR_PRIO_SHIFT + 3)) & 31;
			if (active < 0 || rank >= worst_active) {
				worst_active = rank;
				active = (int)i;
			}
		}
	}
	if (victim < 0 && !pending)
		victim = active;
	if (victim >= 0)
		actions_add(a, armvirt_vgic_evict(vm, v, (unsigned)victim));
	return victim;
}

/* The list register of a pending interrupt that nobody lists. */
static uint64_t lr_make(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t intid,
			uint32_t *word)
{
	uint32_t w = *word;
	uint64_t lr = LR_PENDING | intid | (uint64_t)(w & IRQ_PRIO) << (LR_PRIO_SHIFT + 3);

	if (w & IRQ_GROUP1)
		lr |= LR_GROUP1;
	if (w & IRQ_HWACT) {
		lr |= LR_HW | (uint64_t)armvirt_vgic_pintid(vm, intid) << LR_PID_SHIFT;
		*word &= ~IRQ_HWACT; /* if it is set again, the physical one came again */
	} else if (!(w & IRQ_EDGE)) {
		lr |= LR_EOI; /* the line is sampled again afterwards */
	}
	if (vm->v2 && intid < 16) {
		uint32_t from = v->source[intid];
		uint32_t bit = from & (0u - from);

		/* each sender is delivered on its own */
		bits8_take(&v->source[intid], (uint8_t)bit);
		lr |= (uint64_t)(bit ? (unsigned)__builtin_ctz(bit) : 0) << LR_SRC_SHIFT;
		lr |= LR_EOI;
		if (from != bit)
			*word |= IRQ_LATCH;
		else
			*word &= ~IRQ_LATCH;
	} else {
		*word &= ~IRQ_LATCH;
	}
	return lr;
}

/* Lists one interrupt whose word is w; false if there is no room. */
static bool list(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t intid, uint32_t w,
		 struct armvirt_vgic_actions *a)
{
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
	int i = lr_room(vm, v, w & IRQ_PRIO, a);
	uint32_t bit, old = w, new;
	uint64_t lr;

	if (i < 0)
		return false;
	bit = UINT32_C(1) << i;
	new = w | IRQ_LISTED;
	lr = lr_make(vm, v, intid, &new);
	new = (new & ~(IRQ_OWNER | IRQ_REQUESTS)) | (uint32_t)v->index << IRQ_OWNER_SHIFT;
	if (!irq_cas(p, &old, new)) {
		/* somebody changed it meanwhile: decide anew at the next look */
		if (vm->v2 && intid < 16)
			bits8_or(&v->source[intid], (uint8_t)(1u << ((lr >> LR_SRC_SHIFT) & 7)));
		vcpu_hint(v, old & IRQ_PRIO, intid);
		return true;
	}
	v->image.lr[i] = lr;
	v->image.used = (uint16_t)(v->image.used | bit);
	v->image.dirty = (uint16_t)(v->image.dirty | bit);
	if ((w & IRQ_LATCH) && (lr & LR_EOI))
		v->image.latched = (uint16_t)(v->image.latched | bit);
	if (vm->v2 && intid < 16 && v->source[intid])
		irq_update(p, 0, IRQ_LATCH); /* a sender came between the look and the exchange */
	return true;
}

/* Anything but the usual candidate. False: no room. */
static NOINLINE bool consider(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t prio,
			      uint32_t intid, struct armvirt_vgic_actions *a)
{
	uint32_t w = irq_load(irq_word(vm, v, intid));

	if (!(w & IRQ_ENABLED) || !irq_pending(w) || (w & (IRQ_LISTED | IRQ_ACTIVE)) ||
	    !irq_for(vm, w, v))
		return true;
	if ((w & IRQ_PRIO) != prio) {
		vcpu_hint(v, w & IRQ_PRIO, intid);
		return true;
	}
	if (!(vcpu_groups(vm, v) & irq_group_bit(w))) {
		v->parked |= UINT32_C(1) << intid / 32;
		v->parked_groups |= (uint8_t)irq_group_bit(w);
		return true;
	}
	return list(vm, v, intid, w, a);
}

/* The word of a usual candidate, by comparison: enabled, an edge latched, ours, nothing else set,
 * of an enabled group. */
struct usual {
	uint32_t mask, want, all;
};

static struct usual usual_of(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	uint32_t groups = vcpu_groups(vm, v);
	struct usual u = {
		.mask = ~(IRQ_LINE | IRQ_HW | IRQ_NMI | (groups == 3 ? IRQ_GROUP1 : 0)),
		.want = (uint32_t)v->index << IRQ_OWNER_SHIFT |
			(uint32_t)v->target << IRQ_TARGET_SHIFT | IRQ_ENABLED | IRQ_EDGE |
			IRQ_LATCH | (groups == 2 ? IRQ_GROUP1 : 0),
		.all = (UINT32_C(1) << vm->caps.lr_count) - 1,
	};

	if (groups == 0)
		u.want |= IRQ_LISTED; /* none */
	return u;
}

/* Lists what a block has at a priority; false if something stays outside for want of room. */
static bool scan(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, const struct usual *u,
		 uint32_t prio, uint32_t block, struct armvirt_vgic_actions *a)
{
	armvirt_vgic_irq_t *p = irq_word(vm, v, block * 32);
	uint32_t free = u->all & ~(uint32_t)v->image.used, was = free;
	uint32_t left = bits32_take(&v->candidate[block]);
	uint32_t want = u->want | prio, mask = u->mask;
	uint64_t lr = LR_PENDING | (uint64_t)prio << (LR_PRIO_SHIFT + 3) | block * 32;
	bool room = true;

	if (vm->v2 && block == 0)
		want |= IRQ_LISTED; /* SGIs have senders */
	for (; left; left &= left - 1) {
		uint32_t k = (uint32_t)__builtin_ctz(left), w = irq_load(&p[k]);

		if (((w ^ want) & mask) == 0 && free &&
		    irq_cas(&p[k], &w, w ^ (IRQ_LATCH | IRQ_LISTED))) {
			v->image.lr[__builtin_ctz(free)] = (lr + k) | (uint64_t)(w & IRQ_GROUP1)
									      << (60 - 20);
			free &= free - 1;
			continue;
		}
		v->image.used = (uint16_t)(v->image.used | (was & ~free));
		v->image.dirty = (uint16_t)(v->image.dirty | (was & ~free));
		room = consider(vm, v, prio, block * 32 + k, a);
		was = free = u->all & ~(uint32_t)v->image.used;
		if (!room) {
			bits32_or(&v->candidate[block], left);
			break;
		}
	}
	v->image.used = (uint16_t)(v->image.used | (was & ~free));
	v->image.dirty = (uint16_t)(v->image.dirty | (was & ~free));
	return room;
}

/* A group was enabled: what waited for it is a candidate again. */
static NOINLINE void regroup(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	uint32_t left = v->parked;

	v->parked = 0;
	v->parked_groups = 0;
	for (; left; left &= left - 1) {
		uint32_t intid = (uint32_t)__builtin_ctz(left) * 32;

		for (uint32_t k = 0; k < 32; k++) {
			uint32_t w = irq_load(irq_word(vm, v, intid + k));

			if (irq_for(vm, w, v))
				irq_raise(vm, intid + k, w);
		}
	}
}

/* Actives back into list registers that nobody else needs: the highest first. */
static NOINLINE void relist_actives(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	uint32_t free = ((UINT32_C(1) << vm->caps.lr_count) - 1) & ~(uint32_t)v->image.used;

	while (v->act_count && free) {
		uint32_t intid = v->act[v->act_count - 1], bit = free & (0u - free);
		armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
		uint32_t w = irq_load(p), old = w;
		uint64_t lr = LR_ACTIVE | intid | (uint64_t)(w & IRQ_PRIO) << (LR_PRIO_SHIFT + 3);

		if (vm->v2 && intid < 16)
			return; /* its sender is not known any more */
		if (act_valid(v, w) && (w & IRQ_LATCH))
			return; /* its end must be seen */
		v->act_count--;
		if (!act_valid(v, w))
			continue;
		if (w & IRQ_GROUP1)
			lr |= LR_GROUP1;
		if (w & IRQ_HWACT) /* carried by the list register from here */
			lr |= LR_HW | (uint64_t)armvirt_vgic_pintid(vm, intid) << LR_PID_SHIFT;
		else if (!(w & IRQ_EDGE))
			lr |= LR_EOI;
		if (!irq_cas(p, &old, (w & ~IRQ_HWACT) | IRQ_LISTED)) {
			armvirt_vgic_act_push(vm, v, intid);
			bits32_or(&v->attention, ATTN_RECALL);
			return;
		}
		v->image.lr[__builtin_ctz(bit)] = lr;
		v->image.used = (uint16_t)(v->image.used | bit);
		v->image.dirty = (uint16_t)(v->image.dirty | bit);
		free &= ~bit;
	}
}

/*
 * ICH_HCR_EL2: a cause is armed only if its handling makes progress. NPIE: at least one LR is
 * pending whenever something stays outside, so it comes once an acknowledgement, not at once.
 */
static uint32_t hcr_make(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	uint32_t hcr = HCR_EN, enabled = v->image.vmcr & 3;

	if (v->overflow) {
		hcr |= HCR_NPIE;
		hcr |= enabled & 1 ? HCR_VGRP0DIE : 0;
		hcr |= enabled & 2 ? HCR_VGRP1DIE : 0;
	}
	if (v->act_count)
		hcr |= HCR_LRENPIE;
	if (v->parked_groups & vm->ctlr & ~enabled & 1)
		hcr |= HCR_VGRP0EIE;
	if (v->parked_groups & vm->ctlr & ~enabled & 2)
		hcr |= HCR_VGRP1EIE;
	if (vm->caps.flags & ARMVIRT_VGIC_CAP_TDIR)
		hcr |= v->act_count || vm->vcpu_count > 1 ? HCR_TDIR : 0;
	else if (!(vm->caps.flags & ARMVIRT_VGIC_CAP_V2) &&
		 (v->act_count || (vm->vcpu_count > 1 && (v->image.vmcr & VMCR_EOIM))))
		hcr |= HCR_TC;
	return hcr | (v->image.hcr & HCR_EOICOUNT);
}

/* Candidates by priority, then by block. */
static void fill(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
		 struct armvirt_vgic_actions *a)
{
	const struct usual u = usual_of(vm, v);
	unsigned budget = FLUSH_BLOCKS;
	uint32_t any;

	v->overflow = 0;
	while ((any = irq_load(&v->hint_any)) != 0) {
		uint32_t prio = (uint32_t)__builtin_ctz(any), block;
		uint32_t blocks = irq_load(&v->hint[prio]);

		if (budget-- == 0) {
			a->flags |= ARMVIRT_VGIC_MORE;
			break;
		}
		if ((blocks & (blocks - 1)) ==
		    0) { /* the last: the priority is done, unless raised again */
			bits32_clear(&v->hint_any, UINT32_C(1) << prio);
			blocks = irq_load(&v->hint[prio]);
			if (blocks & (blocks - 1))
				bits32_or(&v->hint_any, UINT32_C(1) << prio);
			if (blocks == 0)
				continue;
		}
		block = (uint32_t)__builtin_ctz(blocks);
		bits32_clear(&v->hint[prio], UINT32_C(1) << block);
		if (!scan(vm, v, &u, prio, block, a)) {
			bits32_or(&v->hint[prio], UINT32_C(1) << block);
			bits32_or(&v->hint_any, UINT32_C(1) << prio);
			v->overflow = 1;
			break;
		}
	}
}

/* What others asked for, and what changed of the modes. */
static NOINLINE void attend(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			    uint32_t attention, struct armvirt_vgic_actions *a)
{
	if (attention & ATTN_RECALL)
		armvirt_vgic_recall(vm, v, a);
	if (attention & ATTN_ADOPT)
		armvirt_vgic_adopt(vm, v);
	if (attention & ATTN_REGROUP)
		regroup(vm, v);
}

struct armvirt_vgic_actions armvirt_vgic_flush(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t attention, changes;

	if (!armvirt_vgic_flush_needed(v))
		return a;
	changes = v->overflow;
	attention = irq_load(&v->attention) ? bits32_take(&v->attention) : 0;
	if (attention)
		attend(vm, v, attention, &a);
	fill(vm, v, &a);
	if (v->act_count && !v->overflow)
		relist_actives(vm, v);
	changes |= attention | v->overflow | v->act_count | v->parked_groups;
	if (changes)
		v->image.hcr = hcr_make(vm, v);
	a.kick &= ~(UINT64_C(1) << v->index);
	return a;
}
