/* SPDX-License-Identifier: BSD-2-Clause */
/* Events: lines, edges, physical interrupts, SGIs, deactivation by name. */
#include "irq.h"

#define nothing ((struct armvirt_vgic_actions){0})

/* NULL if there is no such interrupt or vCPU; an SPI has no vCPU. */
static inline armvirt_vgic_irq_t *find(const struct armvirt_vgic *vm, unsigned vcpu, uint32_t intid)
{
	if (!irq_exists(vm, intid) || vcpu >= vm->vcpu_count)
		return NULL;
	return intid < 32 ? &armvirt_vgic_get_vcpu(vm, vcpu)->priv[intid] : irq_shared(vm, intid);
}

uint32_t armvirt_vgic_pintid(const struct armvirt_vgic *vm, uint32_t intid)
{
	if (intid < 32 || vm->pintid_offset == 0)
		return intid;
	return ((const uint16_t *)((uintptr_t)vm + (uintptr_t)vm->pintid_offset))[intid - 32];
}

/* Not the only candidate, or none. One that came alone before becomes a candidate as any other. */
static NOINLINE struct armvirt_vgic_actions raise_other(const struct armvirt_vgic *vm,
							uint32_t intid, uint32_t w)
{
	struct armvirt_vgic_actions a = irq_raise(vm, intid, w);
	struct armvirt_vgic_vcpu *v;
	uint32_t attention, alone;

	if (!a.kick)
		return a;
	v = armvirt_vgic_get_vcpu(vm, (uint32_t)__builtin_ctzll(a.kick));
	attention = irq_load(&v->attention);
	alone = attention >> ATTN_ALONE_SHIFT;
	if (alone) { /* a hint before it is taken away: twice is harmless */
		vcpu_hint(v, irq_prio(irq_load(irq_word(vm, v, alone - 1))), alone - 1);
		irq_take(&v->attention, attention, attention & ATTN_FLAGS);
	}
	return a;
}

/*
 * After an event: a vCPU that has nothing else to look at is told the INTID itself, which spares
 * its flush the search. The word stands before that, as it does before a hint.
 */
static inline struct armvirt_vgic_actions raise(const struct armvirt_vgic *vm, uint32_t intid,
						uint32_t w)
{
	uint32_t t = irq_target(vm, w);
	struct armvirt_vgic_vcpu *v;

	if ((w & (IRQ_ENABLED | IRQ_LISTED | IRQ_ACTIVE)) != IRQ_ENABLED || t >= vm->vcpu_count)
		return raise_other(vm, intid, w);
	v = armvirt_vgic_get_vcpu(vm, t);
	if (irq_load(&v->hint_any) || !irq_take(&v->attention, 0, (intid + 1) << ATTN_ALONE_SHIFT))
		return raise_other(vm, intid, w);
	return kick(t);
}

static inline uint32_t latch(armvirt_vgic_irq_t *p, uint32_t bits)
{
	uint32_t old = irq_load(p);

	while (!irq_cas(p, &old, old | bits))
		;
	return old | bits;
}

struct armvirt_vgic_actions armvirt_vgic_set_line(struct armvirt_vgic *vm, unsigned vcpu,
						  uint32_t intid, bool level)
{
	armvirt_vgic_irq_t *p = intid < 16 ? NULL : find(vm, vcpu, intid);
	uint32_t old, new;

	if (!p)
		return nothing;
	old = irq_load(p);
	do {
		new = level ? old | IRQ_LINE : old & ~IRQ_LINE;
		if (new == old)
			return nothing;
		if (level && (old & IRQ_EDGE))
			new |= IRQ_LATCH;
	} while (!irq_cas(p, &old, new));
	if (level)
		return raise(vm, intid, new);
	if ((new &(IRQ_LISTED | IRQ_EDGE)) == IRQ_LISTED)
		return irq_recall(vm, new);
	return nothing;
}

struct armvirt_vgic_actions armvirt_vgic_set_edge(struct armvirt_vgic *vm, unsigned vcpu,
						  uint32_t intid)
{
	armvirt_vgic_irq_t *p = find(vm, vcpu, intid);

	if (!p)
		return nothing;
	return raise(vm, intid, latch(p, IRQ_LATCH));
}

struct armvirt_vgic_actions armvirt_vgic_hw_irq(struct armvirt_vgic *vm, unsigned vcpu,
						uint32_t intid)
{
	armvirt_vgic_irq_t *p = find(vm, vcpu, intid);

	if (!p || !(irq_load(p) & IRQ_HW))
		return nothing;
	return raise(vm, intid, latch(p, IRQ_LATCH | IRQ_HWACT));
}

struct armvirt_vgic_actions armvirt_vgic_hw_withdraw(struct armvirt_vgic *vm, unsigned vcpu,
						     uint32_t intid)
{
	armvirt_vgic_irq_t *p = find(vm, vcpu, intid);
	uint32_t old, new;

	if (!p)
		return nothing;
	old = irq_load(p);
	do {
		if (!(old & IRQ_HW) || !(old & (IRQ_HWACT | IRQ_LISTED)))
			return nothing;
		if (old & IRQ_LISTED)
			new = (old & ~IRQ_LATCH) | IRQ_CLRP;
		else if (old & IRQ_ACTIVE)
			new = old & ~IRQ_LATCH;
		else
			new = old & ~(IRQ_LATCH | IRQ_HWACT);
	} while (new != old && !irq_cas(p, &old, new));
	if (new &IRQ_LISTED)
		return irq_recall(vm, new);
	if (new &IRQ_ACTIVE)
		return nothing;
	return (struct armvirt_vgic_actions){.deactivate = UINT32_C(1) << (intid & 31),
					     .base = (uint16_t)(intid & ~31u)};
}

static struct armvirt_vgic_actions sgi_to(struct armvirt_vgic *vm, unsigned from, unsigned to,
					  uint32_t intid)
{
	struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, to);

	if (vm->v2) /* before the latch: whoever takes the latch finds the sender */
		bits8_or(&v->source[intid], (uint8_t)(1u << from));
	return raise(vm, intid, latch(&v->priv[intid], IRQ_LATCH));
}

struct armvirt_vgic_actions armvirt_vgic_sgi(struct armvirt_vgic *vm, unsigned vcpu, uint64_t value,
					     bool group1)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t intid = (uint32_t)(value >> 24) & 15, range = (uint32_t)(value >> 44) & 15;
	uint32_t cluster = ((uint32_t)(value >> 48) & 0xff) << 16 |
			   ((uint32_t)(value >> 32) & 0xff) << 8 | ((uint32_t)(value >> 16) & 0xff);
	bool all = value >> 40 & 1;

	if (vm->v2)
		return a;
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		const struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, i);
		uint32_t aff0 = v->affinity & 0xff;

		if (all ? i == vcpu
			: v->affinity >> 8 != cluster || aff0 / 16 != range ||
				    !(value >> (aff0 % 16) & 1))
			continue;
		if (!(irq_load(&v->priv[intid]) & IRQ_GROUP1) != !group1)
			continue;
		actions_add(&a, sgi_to(vm, vcpu, i, intid));
	}
	return a;
}

/* GICD_SGIR. */
struct armvirt_vgic_actions armvirt_vgic_sgi_v2(struct armvirt_vgic *vm, unsigned vcpu,
						uint32_t value)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t filter = value >> 24 & 3, mask = value >> 16 & 0xff;

	if (filter == 1)
		mask = 0xff & ~(UINT32_C(1) << vcpu);
	else if (filter == 2)
		mask = UINT32_C(1) << vcpu;
	else if (filter == 3)
		return a;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (mask >> i & 1)
			actions_add(&a, sgi_to(vm, vcpu, i, value & 15));
	return a;
}

/* Deactivates what is in no list register: anyone may. */
static struct armvirt_vgic_actions drop_active(struct armvirt_vgic *vm, armvirt_vgic_irq_t *p,
					       uint32_t intid)
{
	struct armvirt_vgic_actions a;
	uint32_t old = irq_load(p), new;

	do {
		if (old & IRQ_LISTED) {
			new = (old & ~IRQ_SETA) | IRQ_CLRA;
			continue;
		}
		new = old & ~IRQ_ACTIVE;
		if (new != old)
			new &= ~IRQ_HWACT;
	} while (new != old && !irq_cas(p, &old, new));
	if (new &IRQ_LISTED)
		return irq_recall(vm, new);
	if (new == old)
		return nothing;
	a = irq_recall(vm, old); /* its owner forgets it, and fills the room */
	actions_add(&a, irq_raise(vm, intid, new));
	if (old & IRQ_HWACT) {
		a.base = (uint16_t)(intid & ~31u);
		a.deactivate = UINT32_C(1) << (intid & 31);
	}
	return a;
}

struct armvirt_vgic_actions armvirt_vgic_dir(struct armvirt_vgic *vm, unsigned vcpu, uint32_t intid)
{
	struct armvirt_vgic_vcpu *v;
	armvirt_vgic_irq_t *p;

	if (vm->v2)
		intid &= 0x3ff;
	p = find(vm, vcpu, intid);
	if (!p)
		return nothing;
	v = armvirt_vgic_get_vcpu(vm, vcpu);
	if (!(v->image.vmcr & VMCR_EOIM))
		return nothing;
	return drop_active(vm, p, intid);
}

/* Requests of the set and clear registers, for the bits of value. */

static struct armvirt_vgic_actions set_pending(struct armvirt_vgic *vm, armvirt_vgic_irq_t *p,
					       uint32_t intid)
{
	uint32_t w = irq_load(p);

	if (vm->v2 && intid < 16)
		return nothing;
	/* already pending in a list register by a latch, or about to be dropped there */
	if (w & IRQ_CLRP)
		irq_update(p, IRQ_CLRP, 0);
	return irq_raise(vm, intid, latch(p, IRQ_LATCH));
}

static struct armvirt_vgic_actions clear_pending(struct armvirt_vgic *vm, armvirt_vgic_irq_t *p,
						 uint32_t intid)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t old = irq_load(p), new;
	bool owed;

	if (vm->v2 && intid < 16)
		return a;
	do {
		owed = (old & (IRQ_HWACT | IRQ_ACTIVE | IRQ_LISTED)) == IRQ_HWACT;
		new = old & ~IRQ_LATCH;
		if (old & IRQ_LISTED)
			new |= IRQ_CLRP;
		else if (owed)
			new &= ~IRQ_HWACT;
	} while (new != old && !irq_cas(p, &old, new));
	if (new &IRQ_LISTED)
		return irq_recall(vm, new);
	if (owed) {
		a.base = (uint16_t)(intid & ~31u);
		a.deactivate = UINT32_C(1) << (intid & 31);
	}
	return a;
}

static struct armvirt_vgic_actions set_active(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					      armvirt_vgic_irq_t *p, uint32_t intid)
{
	uint32_t old = irq_load(p), new, t;

	do {
		t = intid < 32 ? v->index : irq_target(vm, old);
		if (t >= vm->vcpu_count)
			t = 0;
		if (old & IRQ_LISTED)
			new = (old & ~IRQ_CLRA) | IRQ_SETA;
		else if (old & IRQ_ACTIVE)
			return nothing;
		else
			new = (old & ~IRQ_OWNER) | t << IRQ_OWNER_SHIFT | IRQ_ACTIVE;
	} while (new != old && !irq_cas(p, &old, new));
	if (new &IRQ_LISTED)
		return irq_recall(vm, new);
	v = armvirt_vgic_get_vcpu(vm, t);
	bits32_or(&v->adopt, UINT32_C(1) << intid / 32);
	bits32_or(&v->attention, ATTN_ADOPT);
	return kick(t);
}

/* A new configuration: candidates appear, and what is listed may have to leave. */
static struct armvirt_vgic_actions reconfigure(struct armvirt_vgic *vm, armvirt_vgic_irq_t *p,
					       uint32_t intid, uint32_t clear, uint32_t set)
{
	uint32_t old = irq_load(p), new;

	do
		new = (old & ~clear) | set;
	while (new != old && !irq_cas(p, &old, new));
	if (new == old)
		return nothing;
	return new &IRQ_LISTED ? irq_recall(vm, new) : irq_raise(vm, intid, new);
}

static uint32_t route_field(const struct armvirt_vgic *vm, uint32_t value)
{
	if (vm->v2)
		return (value & ((UINT32_C(1) << vm->vcpu_count) - 1)) << IRQ_TARGET_SHIFT;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (armvirt_vgic_get_vcpu(vm, i)->affinity == value)
			return i << IRQ_TARGET_SHIFT;
	return NO_TARGET << IRQ_TARGET_SHIFT;
}

struct armvirt_vgic_actions armvirt_vgic_irq_write(struct armvirt_vgic *vm,
						   struct armvirt_vgic_vcpu *v, uint32_t intid,
						   enum irq_register reg, uint32_t value)
{
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);
	uint32_t w;

	switch (reg) {
	case REG_GROUP:
		return reconfigure(vm, p, intid, IRQ_GROUP1, value ? IRQ_GROUP1 : 0);
	case REG_SET_ENABLE:
		return value ? reconfigure(vm, p, intid, 0, IRQ_ENABLED) : nothing;
	case REG_CLEAR_ENABLE:
		return value ? reconfigure(vm, p, intid, IRQ_ENABLED, 0) : nothing;
	case REG_SET_PENDING:
		return value ? set_pending(vm, p, intid) : nothing;
	case REG_CLEAR_PENDING:
		return value ? clear_pending(vm, p, intid) : nothing;
	case REG_SET_ACTIVE:
		return value ? set_active(vm, v, p, intid) : nothing;
	case REG_CLEAR_ACTIVE:
		return value ? drop_active(vm, p, intid) : nothing;
	case REG_PRIORITY:
		return reconfigure(vm, p, intid, IRQ_PRIO, (value >> 3 & 31) << IRQ_PRIO_SHIFT);
	case REG_ROUTE:
		if (intid < 32)
			return nothing;
		return reconfigure(vm, p, intid, IRQ_TARGET, route_field(vm, value));
	case REG_TRIGGER:
		w = irq_load(p);
		if (intid < 16 || (w & IRQ_ENABLED)) /* UNPREDICTABLE while enabled: kept */
			return nothing;
		return reconfigure(vm, p, intid, IRQ_EDGE, value ? IRQ_EDGE : 0);
	}
	return nothing;
}
