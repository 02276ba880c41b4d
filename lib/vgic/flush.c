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
	uint32_t free = lr_mask(vm) & ~(uint32_t)v->image.used;
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
	uint64_t lr = LR_PENDING | irq_to_lr(w, IRQ_PRIO | IRQ_GROUP1) | intid;

	if (w & IRQ_HWACT) {
		lr |= LR_HW | (uint64_t)armvirt_vgic_pintid(vm, intid) << LR_PID_SHIFT;
		*word &= ~IRQ_HWACT; /* if it is set again, the physical one came again */
	} else if (!(w & IRQ_EDGE)) {
		lr |= LR_EOI; /* the line is sampled again afterwards */
	}
	if (vm->v2 && intid < 16) {
		uint32_t from = bits8_load(&v->source[intid]);
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
	int i = lr_room(vm, v, irq_prio(w), a);
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
		vcpu_hint(v, irq_prio(old), intid);
		return true;
	}
	owner_set64(&v->image.lr[i], lr);
	owner_set16(&v->image.used, (uint16_t)(v->image.used | bit));
	v->image.dirty = (uint16_t)(v->image.dirty | bit);
	if ((w & IRQ_LATCH) && (lr & LR_EOI))
		owner_set16(&v->image.latched, (uint16_t)(v->image.latched | bit));
	if (vm->v2 && intid < 16 && bits8_load(&v->source[intid]))
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
	if (irq_prio(w) != prio) {
		vcpu_hint(v, irq_prio(w), intid);
		return true;
	}
	if (!(vcpu_groups(vm, v) & irq_group_bit(w))) {
		v->parked |= UINT32_C(1) << intid / 32;
		v->parked_groups |= (uint8_t)irq_group_bit(w);
		return true;
	}
	return list(vm, v, intid, w, a);
}

/* What the words of usual candidates do not share: v->usual is the rest, enabled, an edge latched,
 * ours, nothing else set. */
#define VARYING (IRQ_PRIO | IRQ_LINE | IRQ_HW | IRQ_GROUP1)

/*
 * Usual candidates of a block into free list registers. Returns those that are left: an unusual one
 * is the first of them, or there is no room. Words are most often the same from one candidate to
 * the next: an exchange and a store is then all that they cost.
 */
static ALWAYS_INLINE uint32_t run(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				  uint32_t prio, uint32_t block, uint32_t left)
{
	armvirt_vgic_irq_t *p = irq_word(vm, v, block * 32);
	uint32_t usual = v->usual | prio << IRQ_PRIO_SHIFT, used = v->image.used, was = used;

	while (left) {
		uint32_t k = (uint32_t)__builtin_ctz(left), w = irq_load(&p[k]);
		unsigned i = (unsigned)__builtin_ctz(~used);
		uint64_t *lr = &v->image.lr[i], *gap;
		uint64_t fields = LR_PENDING | irq_to_lr(w, IRQ_PRIO | IRQ_GROUP1) | block * 32;

		if (i >= vm->caps.lr_count || ((w ^ usual) & ~(VARYING & ~IRQ_PRIO)) ||
		    !(irq_load(&vm->ctlr) & v->image.vmcr & irq_group_bit(w)))
			break;
		gap = lr +
		      (unsigned)__builtin_ctz(used >> i | UINT32_C(1) << (vm->caps.lr_count - i));
		while (irq_take(&p[k], w, w ^ (IRQ_LATCH | IRQ_LISTED))) {
			owner_set64(lr++, fields + k);
			left &= left - 1;
			if (!left || lr == gap)
				break;
			k = (uint32_t)__builtin_ctz(left);
		}
		used |= (UINT32_C(1) << (unsigned)(lr - v->image.lr)) - 1; /* below i all are */
	}
	owner_set16(&v->image.used, (uint16_t)used);
	v->image.dirty = (uint16_t)(v->image.dirty | (used ^ was));
	return left;
}

/* Lists what a block has at a priority; false if something stays outside for want of room. */
static bool scan(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t prio,
		 uint32_t block, struct armvirt_vgic_actions *a)
{
	uint32_t left = bits32_take(&v->candidate[block]);

	while ((left = run(vm, v, prio, block, left)) != 0) {
		if (!consider(vm, v, prio, block * 32 + (uint32_t)__builtin_ctz(left), a)) {
			bits32_or(&v->candidate[block], left);
			return false;
		}
		left &= left - 1;
	}
	return true;
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
	uint32_t free = lr_mask(vm) & ~(uint32_t)v->image.used;

	while (v->act_count && free) {
		uint32_t intid = v->act[v->act_count - 1], bit = free & (0u - free);
		armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
		uint32_t w = irq_load(p), old = w;
		uint64_t lr = LR_ACTIVE | irq_to_lr(w, IRQ_PRIO | IRQ_GROUP1) | intid;

		if (vm->v2 && intid < 16)
			return; /* its sender is not known any more */
		if (act_valid(v, w) && (w & IRQ_LATCH))
			return; /* its end must be seen */
		v->act_count--;
		if (!act_valid(v, w))
			continue;
		if (w & IRQ_HWACT) /* carried by the list register from here */
			lr |= LR_HW | (uint64_t)armvirt_vgic_pintid(vm, intid) << LR_PID_SHIFT;
		else if (!(w & IRQ_EDGE))
			lr |= LR_EOI;
		if (!irq_cas(p, &old, (w & ~IRQ_HWACT) | IRQ_LISTED)) {
			armvirt_vgic_act_push(vm, v, intid);
			bits32_or(&v->attention, ATTN_RECALL);
			return;
		}
		owner_set64(&v->image.lr[__builtin_ctz(bit)], lr);
		owner_set16(&v->image.used, (uint16_t)(v->image.used | bit));
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
	if (v->parked_groups & irq_load(&vm->ctlr) & ~enabled & 1)
		hcr |= HCR_VGRP0EIE;
	if (v->parked_groups & irq_load(&vm->ctlr) & ~enabled & 2)
		hcr |= HCR_VGRP1EIE;
	if (vm->caps.flags & ARMVIRT_VGIC_CAP_TDIR)
		hcr |= v->act_count || vm->vcpu_count > 1 ? HCR_TDIR : 0;
	else if (!(vm->caps.flags & ARMVIRT_VGIC_CAP_V2) &&
		 (v->act_count || (vm->vcpu_count > 1 && (v->image.vmcr & VMCR_EOIM))))
		hcr |= HCR_TC;
	return hcr | (v->image.hcr & HCR_EOICOUNT);
}

/*
 * Candidates by priority, then by block. A priority is taken before its blocks, a block before its
 * candidates: what is raised meanwhile is found here or leaves a hint. Without room left for one
 * priority, those above it are looked at still: what had to leave its list register because its
 * group is off waits there to be parked.
 */
static void fill(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
		 struct armvirt_vgic_actions *a)
{
	uint32_t any, open = UINT32_MAX;
	unsigned budget = FLUSH_BLOCKS;

	v->overflow = 0;
	while ((any = irq_load(&v->hint_any) & open) != 0) {
		uint32_t prio = (uint32_t)__builtin_ctz(any), bit = any & (0u - any), blocks;

		bits32_clear(&v->hint_any, bit);
		blocks = bits32_take(&v->hint[prio]);
		for (; blocks; blocks &= blocks - 1) {
			if (budget-- == 0) {
				a->flags |= ARMVIRT_VGIC_MORE;
				open = 0;
				break;
			}
			if (!scan(vm, v, prio, (uint32_t)__builtin_ctz(blocks), a)) {
				v->overflow = 1;
				open = bit - 1;
				break;
			}
		}
		if (blocks) {
			bits32_or(&v->hint[prio], blocks);
			bits32_or(&v->hint_any, bit);
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

static NOINLINE struct armvirt_vgic_actions
flush_all(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t attention)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t changes = attention | v->overflow;

	if (attention)
		attend(vm, v, attention, &a);
	fill(vm, v, &a);
	if (v->act_count && !v->overflow)
		relist_actives(vm, v);
	if (changes | vcpu_beyond(v))
		v->image.hcr = hcr_make(vm, v);
	a.kick &= ~(UINT64_C(1) << v->index);
	return a;
}

/* Back among the candidates: more than one block or priority, or no room. */
static NOINLINE struct armvirt_vgic_actions
flush_rest(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t any, uint32_t blocks)
{
	bits32_or(&v->hint[__builtin_ctz(any)], blocks);
	bits32_or(&v->hint_any, any);
	return flush_all(vm, v, 0);
}

/* Candidates of one block of one priority, usual ones, and room for them: no search. */
static NOINLINE struct armvirt_vgic_actions flush_hinted(struct armvirt_vgic *vm,
							 struct armvirt_vgic_vcpu *v)
{
	uint32_t any = bits32_take(&v->hint_any), prio = (uint32_t)__builtin_ctz(any), blocks;
	uint32_t block, left;

	if ((any & (any - 1)) || vcpu_beyond(v))
		return flush_rest(vm, v, any, 0);
	blocks = bits32_take(&v->hint[prio]);
	if (blocks == 0 || (blocks & (blocks - 1)))
		return flush_rest(vm, v, any, blocks);
	block = (uint32_t)__builtin_ctz(blocks);
	left = run(vm, v, prio, block, bits32_take(&v->candidate[block]));
	if (left) {
		bits32_or(&v->candidate[block], left);
		return flush_rest(vm, v, any, blocks);
	}
	return (struct armvirt_vgic_actions){0};
}

/* What others left in attention, the candidate that came alone among the rest. */
static NOINLINE struct armvirt_vgic_actions
flush_taken(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t attention)
{
	uint32_t intid = attention >> ATTN_ALONE_SHIFT;

	if (intid) {
		intid--;
		vcpu_hint(v, irq_prio(irq_load(irq_word(vm, v, intid))), intid);
	}
	return flush_all(vm, v, attention & ATTN_FLAGS);
}

static inline void lr_fill(struct armvirt_vgic_vcpu *v, unsigned i, uint64_t lr)
{
	uint32_t bit = UINT32_C(1) << i;

	owner_set16(&v->image.used, (uint16_t)(v->image.used | bit));
	v->image.dirty = (uint16_t)(v->image.dirty | bit);
	owner_set64(&v->image.lr[i], lr);
}

/* Level-triggered or linked, or not to be delivered at all. */
static NOINLINE struct armvirt_vgic_actions
flush_unusual(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uint32_t intid)
{
	const uint32_t any = VARYING | IRQ_EDGE | IRQ_LATCH | IRQ_HWACT;
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
	uint32_t w = irq_load(p);
	unsigned i = (unsigned)__builtin_ctz(~(uint32_t)v->image.used);
	uint64_t lr = LR_PENDING | irq_to_lr(w, IRQ_PRIO | IRQ_GROUP1 | IRQ_HWACT) | intid;

	if (i >= vm->caps.lr_count || !(vcpu_groups(vm, v) & irq_group_bit(w)) ||
	    ((w ^ v->usual) & ~any) || !irq_pending(w) ||
	    !irq_take(p, w, (w & ~(IRQ_LATCH | IRQ_HWACT)) | IRQ_LISTED)) {
		vcpu_hint(v, irq_prio(w), intid);
		return flush_all(vm, v, 0);
	}
	if (w & IRQ_HWACT) {
		lr |= (uint64_t)armvirt_vgic_pintid(vm, intid) << LR_PID_SHIFT;
	} else if (!(w & IRQ_EDGE)) {
		lr |= LR_EOI; /* the line is sampled again afterwards */
		if (w & IRQ_LATCH)
			owner_set16(&v->image.latched, (uint16_t)(v->image.latched | 1u << i));
	}
	lr_fill(v, i, lr);
	return (struct armvirt_vgic_actions){0};
}

/*
 * A candidate that came alone, and a free list register: most flushes are this and nothing else.
 * Without other work its priority does not matter, and ICH_HCR_EL2 stays.
 */
struct armvirt_vgic_actions armvirt_vgic_flush(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	uint32_t attention = irq_load(&v->attention), intid, w;
	armvirt_vgic_irq_t *p;
	unsigned i;

	if (!attention) {
		if (!irq_load(&v->hint_any))
			return (struct armvirt_vgic_actions){0};
		return flush_hinted(vm, v);
	}
	attention = bits32_take(&v->attention);
	if ((attention & ATTN_FLAGS) || irq_load(&v->hint_any) || vcpu_beyond(v))
		return flush_taken(vm, v, attention);
	intid = (attention >> ATTN_ALONE_SHIFT) - 1;
	p = irq_word(vm, v, intid);
	w = irq_load(p);
	i = (unsigned)__builtin_ctz(~(uint32_t)v->image.used);
	if (i >= vm->caps.lr_count || ((w ^ v->usual) & ~VARYING) ||
	    !(irq_load(&vm->ctlr) & v->image.vmcr & irq_group_bit(w)) ||
	    !irq_take(p, w, w ^ (IRQ_LATCH | IRQ_LISTED)))
		return flush_unusual(vm, v, intid);
	lr_fill(v, i, LR_PENDING | irq_to_lr(w, IRQ_PRIO | IRQ_GROUP1) | intid);
	return (struct armvirt_vgic_actions){0};
}
