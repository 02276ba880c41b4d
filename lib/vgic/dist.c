/* SPDX-License-Identifier: BSD-2-Clause */
/* Distributor and redistributors as the guest sees them: total over offset, width and value. */
#include "irq.h"

/* By offset / 0x80 from 0x080 on. */
static const uint8_t bit_register[7] = {REG_GROUP,       REG_SET_ENABLE,    REG_CLEAR_ENABLE,
					REG_SET_PENDING, REG_CLEAR_PENDING, REG_SET_ACTIVE,
					REG_CLEAR_ACTIVE};

/* A register that holds a field of several consecutive interrupts. */
struct bank {
	uint32_t first; /* INTID of the lowest field */
	uint8_t count;  /* fields in the access */
	uint8_t bits;   /* of a field */
	uint8_t reg;    /* an irq_register */
};

/* Which fields an access to the common part of both frames touches. False: nothing is there. */
static bool bank_find(struct bank *b, uint32_t offset, unsigned size)
{
	if (offset & (size - 1))
		return false;
	if (offset >= 0x080 && offset < 0x400 && size == 4) {
		*b = (struct bank){(offset & 0x7c) * 8, 32, 1, bit_register[offset / 0x80 - 1]};
		return true;
	}
	if (offset >= 0x400 && offset < 0xc00 && (size == 1 || size == 4)) {
		*b = (struct bank){offset & 0x3ff, (uint8_t)size, 8,
				   offset < 0x800 ? REG_PRIORITY : REG_ROUTE};
		return true;
	}
	if (offset >= 0xc00 && offset < 0xd00 && size == 4) {
		*b = (struct bank){(offset & 0xfc) * 4, 16, 2, REG_TRIGGER};
		return true;
	}
	return false;
}

static uint32_t bank_read(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			  const struct bank *b)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < b->count && irq_exists(vm, b->first + i); i++)
		value |= armvirt_vgic_irq_read(vm, v, b->first + i, (enum irq_register)b->reg)
			 << (i * b->bits);
	return value;
}

static void merge(struct armvirt_vgic_actions *to, struct armvirt_vgic_actions a)
{
	to->kick |= a.kick;
	if (a.deactivate) {
		to->base = a.base;
		to->deactivate |= a.deactivate;
	}
}

static struct armvirt_vgic_actions bank_write(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					      const struct bank *b, uint32_t value)
{
	struct armvirt_vgic_actions a = {0};
	uint32_t mask = b->bits == 8 ? 0xff : b->bits;

	for (uint32_t i = 0; i < b->count && irq_exists(vm, b->first + i); i++) {
		uint32_t field = value >> (i * b->bits) & mask;

		if (b->reg == REG_TRIGGER)
			field >>= 1;
		merge(&a, armvirt_vgic_irq_write(vm, v, b->first + i, (enum irq_register)b->reg,
						 field));
	}
	return a;
}

/* Pending by a latch that a list register holds. */
static bool listed_latch(const struct armvirt_vgic *vm, uint32_t w, uint32_t intid)
{
	const struct armvirt_vgic_vcpu *v;

	if (!(w & IRQ_LISTED) || (w & IRQ_CLRP) || irq_owner(w) >= vm->vcpu_count)
		return false;
	v = armvirt_vgic_get_vcpu(vm, irq_owner(w));
	for (uint32_t left = bits16_load(&v->image.used); left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		uint64_t lr = bits64_load(&v->image.lr[i]);

		if (LR_INTID(lr) == intid)
			return (lr & LR_PENDING) && lr_latched(v, i, lr);
	}
	return false;
}

uint32_t armvirt_vgic_irq_read(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			       uint32_t intid, enum irq_register reg)
{
	uint32_t w = irq_load(irq_word(vm, v, intid)), t;

	switch (reg) {
	case REG_GROUP:
		return (w & IRQ_GROUP1) != 0;
	case REG_SET_ENABLE:
	case REG_CLEAR_ENABLE:
		return (w & IRQ_ENABLED) != 0;
	case REG_SET_PENDING:
	case REG_CLEAR_PENDING:
		return irq_pending(w) || listed_latch(vm, w, intid);
	case REG_SET_ACTIVE:
	case REG_CLEAR_ACTIVE:
		return (w & (IRQ_ACTIVE | IRQ_SETA)) != 0 && !(w & IRQ_CLRA);
	case REG_PRIORITY:
		return irq_prio(w) << 3;
	case REG_ROUTE:
		t = (w & IRQ_TARGET) >> IRQ_TARGET_SHIFT;
		if (vm->v2)
			return intid < 32 ? UINT32_C(1) << v->index : t;
		return t < vm->vcpu_count ? armvirt_vgic_get_vcpu(vm, t)->affinity : UINT32_MAX;
	case REG_TRIGGER:
		return w & IRQ_EDGE ? 2 : 0;
	}
	return 0;
}

/* IROUTER<n>: Aff3 in 39:32. An affinity that no vCPU has reads as ff.ff.ff.ff. */
static uint64_t router_read(const struct armvirt_vgic *vm, uint32_t offset, unsigned size)
{
	uint32_t intid = (offset - 0x6000) / 8, affinity;
	uint64_t value;

	if (intid < 32 || !irq_exists(vm, intid) || (offset & (size - 1)) || size < 4)
		return 0;
	affinity = armvirt_vgic_irq_read(vm, armvirt_vgic_get_vcpu(vm, 0), intid, REG_ROUTE);
	value = (uint64_t)(affinity >> 24) << 32 | (affinity & 0xffffff);
	if (size == 8)
		return value;
	return offset & 4 ? value >> 32 : value & 0xffffffff;
}

static struct armvirt_vgic_actions router_write(struct armvirt_vgic *vm, uint32_t offset,
						unsigned size, uint64_t value)
{
	uint32_t intid = (offset - 0x6000) / 8, affinity;
	struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, 0);

	if (intid < 32 || !irq_exists(vm, intid) || (offset & (size - 1)) || size < 4)
		return (struct armvirt_vgic_actions){0};
	affinity = armvirt_vgic_irq_read(vm, v, intid, REG_ROUTE);
	if (size == 8)
		affinity = (uint32_t)(value >> 32) << 24 | ((uint32_t)value & 0xffffff);
	else if (offset & 4)
		affinity = (uint32_t)value << 24 | (affinity & 0xffffff);
	else
		affinity = (affinity & 0xff000000) | ((uint32_t)value & 0xffffff);
	return armvirt_vgic_irq_write(vm, v, intid, REG_ROUTE, affinity);
}

static struct armvirt_vgic_actions ctlr_write(struct armvirt_vgic *vm, uint32_t value)
{
	struct armvirt_vgic_actions a = {0};

	value &= 3;
	if (value == irq_load(&vm->ctlr))
		return a;
	irq_store(&vm->ctlr, value);
	for (unsigned i = 0; i < vm->vcpu_count; i++) {
		bits32_or(&armvirt_vgic_get_vcpu(vm, i)->attention, ATTN_RECALL | ATTN_REGROUP);
		a.kick |= UINT64_C(1) << i;
	}
	return a;
}

static uint32_t typer(const struct armvirt_vgic *vm)
{
	uint32_t lines = (32u + vm->spi_count + 31) / 32 - 1;

	if (vm->v2)
		return lines | (uint32_t)(vm->vcpu_count - 1) << 5;
	/* No1N, 10 bits of INTID, one security state */
	return lines | 9u << 19 | (vm->caps.flags & ARMVIRT_VGIC_CAP_A3V ? 1u << 24 : 0) | 1u << 25;
}

/* GICv2: the senders of the SGIs of a byte-wise register; in list registers too. */
static uint32_t source_read(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v,
			    uint32_t offset, unsigned size)
{
	uint32_t value = 0, sgi = offset & 15;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)bits8_load(&v->source[sgi + i]) << (8 * i);
	for (uint32_t left = bits16_load(&v->image.used); left; left &= left - 1) {
		uint64_t lr = bits64_load(&v->image.lr[__builtin_ctz(left)]);
		uint32_t n = LR_INTID(lr) - sgi;

		if (LR_INTID(lr) < 16 && n < size && (lr & LR_PENDING) &&
		    !(irq_load(&v->priv[LR_INTID(lr)]) & IRQ_CLRP))
			value |= UINT32_C(1) << (8 * n + (uint32_t)(lr >> LR_SRC_SHIFT & 7));
	}
	(void)vm;
	return value;
}

static struct armvirt_vgic_actions source_write(struct armvirt_vgic *vm,
						struct armvirt_vgic_vcpu *v, uint32_t offset,
						unsigned size, uint32_t value)
{
	struct armvirt_vgic_actions a = {0};
	bool set = offset >= 0xf20;
	uint32_t cpus = (UINT32_C(1) << vm->vcpu_count) - 1;

	for (unsigned i = 0; i < size; i++) {
		uint32_t intid = (offset & 15) + i, bits = value >> (8 * i) & cpus, w;

		if (!bits)
			continue;
		if (set) {
			bits8_or(&v->source[intid], (uint8_t)bits);
			w = irq_update(&v->priv[intid], 0, IRQ_LATCH);
			merge(&a, irq_raise(vm, intid, w));
			continue;
		}
		if (!(bits8_take(&v->source[intid], (uint8_t)bits) & ~bits))
			irq_update(&v->priv[intid], IRQ_LATCH, 0);
		if (bits8_load(&v->source[intid])) /* a sender came meanwhile */
			irq_update(&v->priv[intid], 0, IRQ_LATCH);
		if (source_read(vm, v, 0xf20 + intid, 1) & bits &
		    ~(uint32_t)bits8_load(&v->source[intid]))
			merge(&a, irq_recall(vm, irq_update(&v->priv[intid], 0, IRQ_CLRP)));
	}
	return a;
}

/* Below the banks, one register a word; and the identification register of the architecture. */
static uint64_t dist_fixed_read(const struct armvirt_vgic *vm, uint32_t offset)
{
	switch (offset) {
	case 0x0000:
		return irq_load(&vm->ctlr) | (vm->v2 ? 0 : 1u << 6 | 1u << 4); /* DS, ARE */
	case 0x0004:
		return typer(vm);
	case 0x0008:
		return vm->iidr;
	case 0x0fe8:
		return vm->v2 ? 0x20 : 0;
	case 0xffe8:
		return vm->v2 ? 0 : 0x30;
	default:
		return 0;
	}
}

/* Registers of many interrupts. */
static NOINLINE uint64_t dist_bank_read(const struct armvirt_vgic *vm, unsigned vcpu,
					uint32_t offset, unsigned size)
{
	struct bank b;

	if (bank_find(&b, offset, size)) {
		if (!vm->v2 && (b.first < 32 || b.reg == REG_ROUTE))
			return 0;
		return bank_read(vm, armvirt_vgic_get_vcpu(vm, vcpu), &b);
	}
	if (!vm->v2 && offset >= 0x6000 && offset < 0x8000)
		return router_read(vm, offset, size);
	if (vm->v2 && offset >= 0xf10 && offset < 0xf30 && (size == 1 || size == 4) &&
	    !(offset & (size - 1)))
		return source_read(vm, armvirt_vgic_get_vcpu(vm, vcpu), offset, size);
	return size == 4 ? dist_fixed_read(vm, offset) : 0;
}

uint64_t armvirt_vgic_dist_read(const struct armvirt_vgic *vm, unsigned vcpu, uint32_t offset,
				unsigned size)
{
	if (vcpu >= vm->vcpu_count || (size != 1 && size != 2 && size != 4 && size != 8))
		return 0;
	if (offset < 0x80)
		return size == 4 ? dist_fixed_read(vm, offset) : 0;
	return dist_bank_read(vm, vcpu, offset, size);
}

struct armvirt_vgic_actions armvirt_vgic_dist_write(struct armvirt_vgic *vm, unsigned vcpu,
						    uint32_t offset, unsigned size, uint64_t value)
{
	struct armvirt_vgic_actions none = {0};
	struct bank b;

	if (vcpu >= vm->vcpu_count || (size != 1 && size != 2 && size != 4 && size != 8))
		return none;
	if (bank_find(&b, offset, size)) {
		if (!vm->v2 && (b.first < 32 || b.reg == REG_ROUTE))
			return none;
		return bank_write(vm, armvirt_vgic_get_vcpu(vm, vcpu), &b, (uint32_t)value);
	}
	if (!vm->v2 && offset >= 0x6000 && offset < 0x8000)
		return router_write(vm, offset, size, value);
	if (vm->v2 && offset >= 0xf10 && offset < 0xf30 && (size == 1 || size == 4) &&
	    !(offset & (size - 1)))
		return source_write(vm, armvirt_vgic_get_vcpu(vm, vcpu), offset, size,
				    (uint32_t)value);
	if (size != 4)
		return none;
	if (offset == 0)
		return ctlr_write(vm, (uint32_t)value);
	if (offset == 0xf00 && vm->v2)
		return armvirt_vgic_sgi_v2(vm, vcpu, (uint32_t)value);
	return none;
}

uint64_t armvirt_vgic_redist_read(const struct armvirt_vgic *vm, unsigned vcpu, uint32_t offset,
				  unsigned size)
{
	const struct armvirt_vgic_vcpu *v;
	struct bank b;
	uint64_t type;

	if (vcpu >= vm->vcpu_count || vm->v2 || (size != 1 && size != 2 && size != 4 && size != 8))
		return 0;
	v = armvirt_vgic_get_vcpu(vm, vcpu);
	if (offset >= 0x10000) {
		if (!bank_find(&b, offset - 0x10000, size) || b.first >= 32 || b.reg == REG_ROUTE)
			return 0;
		return bank_read(vm, armvirt_vgic_get_vcpu(vm, vcpu), &b);
	}
	type = (uint64_t)v->affinity << 32 | (uint64_t)vcpu << 8 |
	       (vcpu + 1 == vm->vcpu_count ? 1u << 4 : 0);
	if (offset == 0x0008 && size == 8)
		return type;
	if (size != 4)
		return 0;
	switch (offset) {
	case 0x0004:
		return vm->iidr;
	case 0x0008:
		return type & 0xffffffff;
	case 0x000c:
		return type >> 32;
	case 0x0014: /* ChildrenAsleep follows ProcessorSleep at once */
		return v->asleep ? 6 : 0;
	case 0xffe8:
		return 0x30;
	default:
		return 0;
	}
}

struct armvirt_vgic_actions armvirt_vgic_redist_write(struct armvirt_vgic *vm, unsigned vcpu,
						      uint32_t offset, unsigned size,
						      uint64_t value)
{
	struct armvirt_vgic_actions none = {0};
	struct bank b;

	if (vcpu >= vm->vcpu_count || vm->v2 || (size != 1 && size != 2 && size != 4 && size != 8))
		return none;
	if (offset >= 0x10000) {
		if (!bank_find(&b, offset - 0x10000, size) || b.first >= 32 || b.reg == REG_ROUTE)
			return none;
		return bank_write(vm, armvirt_vgic_get_vcpu(vm, vcpu), &b, (uint32_t)value);
	}
	if (offset == 0x0014 && size == 4)
		armvirt_vgic_get_vcpu(vm, vcpu)->asleep = value >> 1 & 1;
	return none;
}
