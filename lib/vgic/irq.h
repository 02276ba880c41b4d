/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The word of an interrupt, and how a vCPU learns of it.
 *
 * Any CPU may change a word at any time, by compare-and-swap (SMP profile). What belongs to a vCPU
 * (list registers, act) is touched by its owner only; others leave a request in the word (CLRP,
 * CLRA, SETA), set attention or a hint, and kick.
 *
 * A candidate and its hint (priority, block) are set after the word and cleared before the word is
 * looked at: never lost, sometimes stale.
 */
#ifndef ARMVIRT_LIB_VGIC_IRQ_H
#define ARMVIRT_LIB_VGIC_IRQ_H

#include <libarmvirt/vgic.h>

#define NOINLINE __attribute__((noinline)) /* rare: keep it out of the frames of the usual path */

/* Priority, group and physical activity stand where the upper half of a list register has them. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#define IRQ_OWNER        UINT32_C(0x0000003f) /* vCPU that lists it or holds it active */
#define IRQ_OWNER_SHIFT  0
#define IRQ_TARGET       UINT32_C(0x00003fc0) /* index or NO_TARGET; GICv2: mask of CPUs */
#define IRQ_TARGET_SHIFT 6
#define IRQ_ENABLED      UINT32_C(0x00004000)
#define IRQ_LINE         UINT32_C(0x00008000)
#define IRQ_EDGE         UINT32_C(0x00010000) /* LINE << 1 */
#define IRQ_LATCH        UINT32_C(0x00020000) /* pending whatever the line is */
#define IRQ_HW           UINT32_C(0x00040000) /* linked to a physical interrupt */
#define IRQ_PRIO         UINT32_C(0x00f80000) /* priority, its upper 5 bits */
#define IRQ_PRIO_SHIFT   19
#define IRQ_ACTIVE       UINT32_C(0x01000000) /* LISTED: as of the last fold */
#define IRQ_LISTED       UINT32_C(0x02000000) /* in a list register of OWNER */
#define IRQ_CLRP         UINT32_C(0x04000000) /* LISTED: drop pending */
#define IRQ_NMI          UINT32_C(0x08000000) /* reserved for FEAT_GICv3_NMI */
#define IRQ_SENDERS      IRQ_NMI /* GICv2, which has none: an SGI, delivered for each sender */
#define IRQ_GROUP1       UINT32_C(0x10000000)
#define IRQ_HWACT \
	UINT32_C(0x20000000) /* the physical one is active; a linked LR carries it instead */
#define IRQ_CLRA UINT32_C(0x40000000) /* LISTED: drop active */
#define IRQ_SETA UINT32_C(0x80000000) /* LISTED: become active */

#define IRQ_REQUESTS (IRQ_CLRP | IRQ_CLRA | IRQ_SETA)

#define NO_TARGET UINT32_C(0xff)

#define ATTN_RECALL  UINT32_C(1) /* compare list registers and act with their words */
#define ATTN_REGROUP UINT32_C(2) /* look at parked blocks again */
#define ATTN_ADOPT   UINT32_C(4) /* blocks with actives to take over */
#define ATTN_REFILL  UINT32_C(8) /* room or modes changed: refill, new ICH_HCR_EL2 */

#define ATTN_FLAGS UINT32_C(0xffff)

/* Above the flags: one more than the INTID of a candidate that found no other, 0: none. */
#define ATTN_ALONE_SHIFT 16

#define LR_STATE_SHIFT 62
#define LR_PENDING     (UINT64_C(1) << 62)
#define LR_ACTIVE      (UINT64_C(1) << 63)
#define LR_STATE       (LR_PENDING | LR_ACTIVE)
#define LR_HW          (UINT64_C(1) << 61)
#define LR_GROUP1      (UINT64_C(1) << 60)
#define LR_EOI         (UINT64_C(1) << 41)
#define LR_PRIO_SHIFT  48
#define LR_PID_SHIFT   32
#define LR_SRC_SHIFT   10 /* sender of a GICv2 SGI */
#define LR_INTID(lr)   ((uint32_t)(lr)&0x3ff)

#define VMCR_ENG0 UINT32_C(1)
#define VMCR_ENG1 UINT32_C(2)
#define VMCR_EOIM (UINT32_C(1) << 9)

#define HCR_EN             UINT32_C(1)
#define HCR_UIE            (UINT32_C(1) << 1)
#define HCR_LRENPIE        (UINT32_C(1) << 2)
#define HCR_NPIE           (UINT32_C(1) << 3)
#define HCR_VGRP0EIE       (UINT32_C(1) << 4)
#define HCR_VGRP0DIE       (UINT32_C(1) << 5)
#define HCR_VGRP1EIE       (UINT32_C(1) << 6)
#define HCR_VGRP1DIE       (UINT32_C(1) << 7)
#define HCR_TC             (UINT32_C(1) << 10)
#define HCR_TDIR           (UINT32_C(1) << 14)
#define HCR_EOICOUNT_SHIFT 27
#define HCR_EOICOUNT       (UINT32_C(31) << 27)

#ifdef ARMVIRT_SEAM_MODEL
void armvirt_model_vgic_step(void);
#define STEP() armvirt_model_vgic_step() /* every loop has one in each turn */
#else
#define STEP() ((void)0)
#endif

#ifdef ARMVIRT_VGIC_STATIC

static inline uint32_t irq_load(const uint32_t *p)
{
	STEP();
	return *p;
}

static inline bool irq_cas(uint32_t *p, uint32_t *old, uint32_t new)
{
	(void)old;
	*p = new;
	return true;
}

/* One try: false if the word is another. */
static inline bool irq_take(uint32_t *p, uint32_t old, uint32_t new)
{
	STEP();
	if (*p != old)
		return false;
	*p = new;
	return true;
}

static inline void bits32_or(uint32_t *p, uint32_t v)
{
	*p |= v;
}

static inline uint32_t bits32_take(uint32_t *p)
{
	uint32_t v = *p;

	*p = 0;
	return v;
}

static inline void bits32_clear(uint32_t *p, uint32_t v)
{
	*p &= ~v;
}

static inline void irq_store(uint32_t *p, uint32_t v)
{
	*p = v;
}

static inline uint64_t bits64_load(const uint64_t *p)
{
	return *p;
}

static inline uint16_t bits16_load(const uint16_t *p)
{
	return *p;
}

static inline uint8_t bits8_load(const uint8_t *p)
{
	return *p;
}

/* What its owner writes and others look at. */
static inline void owner_set64(uint64_t *p, uint64_t v)
{
	*p = v;
}

static inline void owner_set16(uint16_t *p, uint16_t v)
{
	*p = v;
}

static inline void bits8_or(uint8_t *p, uint8_t v)
{
	*p = (uint8_t)(*p | v);
}

static inline uint8_t bits8_take(uint8_t *p, uint8_t v)
{
	uint8_t old = *p;

	*p = (uint8_t)(old & ~v);
	return old;
}

#else /* SMP */

static inline uint32_t irq_load(const uint32_t *p)
{
	STEP();
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline bool irq_cas(uint32_t *p, uint32_t *old, uint32_t new)
{
	return __atomic_compare_exchange_n(p, old, new, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* One try: false if the word is another. */
static inline bool irq_take(uint32_t *p, uint32_t old, uint32_t new)
{
	STEP();
	return __atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static inline void bits32_or(uint32_t *p, uint32_t v)
{
	__atomic_fetch_or(p, v, __ATOMIC_RELEASE);
}

static inline uint32_t bits32_take(uint32_t *p)
{
	return __atomic_exchange_n(p, 0, __ATOMIC_ACQ_REL);
}

static inline void bits32_clear(uint32_t *p, uint32_t v)
{
	__atomic_fetch_and(p, ~v, __ATOMIC_ACQ_REL);
}

static inline void irq_store(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static inline uint64_t bits64_load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint16_t bits16_load(const uint16_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint8_t bits8_load(const uint8_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* What its owner writes and others look at. */
static inline void owner_set64(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void owner_set16(uint16_t *p, uint16_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void bits8_or(uint8_t *p, uint8_t v)
{
	__atomic_fetch_or(p, v, __ATOMIC_RELEASE);
}

static inline uint8_t bits8_take(uint8_t *p, uint8_t v)
{
	return __atomic_fetch_and(p, (uint8_t)~v, __ATOMIC_ACQ_REL);
}

#endif

/* Clears, then sets. Returns the new word. */
static inline uint32_t irq_update(uint32_t *p, uint32_t clear, uint32_t set)
{
	uint32_t old = irq_load(p), new;

	do
		new = (old & ~clear) | set;
	while (new != old && !irq_cas(p, &old, new));
	return new;
}

/* Of an SPI. */
static inline armvirt_vgic_irq_t *irq_shared(const struct armvirt_vgic *vm, uint32_t intid)
{
	return (armvirt_vgic_irq_t *)((uintptr_t)vm + (uintptr_t)vm->spi_offset +
				      (uintptr_t)intid * sizeof(armvirt_vgic_irq_t));
}

static inline armvirt_vgic_irq_t *irq_word(const struct armvirt_vgic *vm,
					   struct armvirt_vgic_vcpu *v, uint32_t intid)
{
	return intid < 32 ? &v->priv[intid] : irq_shared(vm, intid);
}

static inline bool irq_exists(const struct armvirt_vgic *vm, uint32_t intid)
{
	return intid < 32u + vm->spi_count;
}

/* Pending: latched, or level-triggered with its line up. */
static inline bool irq_pending(uint32_t w)
{
	return (w & (IRQ_LATCH | (IRQ_LINE & ~(w >> 1)))) != 0;
}

/* 0 highest, 31 lowest. */
static inline uint32_t irq_prio(uint32_t w)
{
	return (w & IRQ_PRIO) >> IRQ_PRIO_SHIFT;
}

/* What a list register takes over as it stands. */
static inline uint64_t irq_to_lr(uint32_t w, uint32_t fields)
{
	return (uint64_t)(w & fields) << 32;
}

static inline uint32_t irq_owner(uint32_t w)
{
	return (w & IRQ_OWNER) >> IRQ_OWNER_SHIFT;
}

/* The vCPU that gets it: vcpu_count and more: none. GICv2: the lowest of the mask. */
static inline uint32_t irq_target(const struct armvirt_vgic *vm, uint32_t w)
{
	uint32_t t = (w & IRQ_TARGET) >> IRQ_TARGET_SHIFT;

	if (vm->v2)
		return t ? (uint32_t)__builtin_ctz(t) : NO_TARGET;
	return t;
}

static inline bool irq_for(const struct armvirt_vgic *vm, uint32_t w,
			   const struct armvirt_vgic_vcpu *v)
{
	uint32_t t = (w & IRQ_TARGET) >> IRQ_TARGET_SHIFT;

	if (vm->v2)
		t &= 0u - t;
	return t == v->target;
}

static inline uint32_t lr_mask(const struct armvirt_vgic *vm)
{
	return (UINT32_C(1) << vm->caps.lr_count) - 1;
}

/* Groups that are enabled in the distributor and in the CPU interface. Bit 0: group 0. */
static inline uint32_t vcpu_groups(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v)
{
	return irq_load(&vm->ctlr) & v->image.vmcr & 3;
}

static inline uint32_t irq_group_bit(uint32_t w)
{
	return w & IRQ_GROUP1 ? 2 : 1;
}

/* The word first, then the candidate, then the hint, then the priority. */
static inline void vcpu_hint(struct armvirt_vgic_vcpu *v, uint32_t prio, uint32_t intid)
{
	bits32_or(&v->candidate[intid / 32], UINT32_C(1) << intid % 32);
	bits32_or(&v->hint[prio], UINT32_C(1) << intid / 32);
	bits32_or(&v->hint_any, UINT32_C(1) << prio);
}

/* Whether something is outside the list registers: active, deliverable, or of a disabled group. The
 * four bytes from act_count on. */
static inline bool vcpu_beyond(const struct armvirt_vgic_vcpu *v)
{
	uint32_t bytes;

	__builtin_memcpy(&bytes, (const uint8_t *)v + offsetof(struct armvirt_vgic_vcpu, act_count),
			 sizeof(bytes));
	return bytes != 0;
}

/* Whether LR i, which holds lr, is pending by an event and not only by a line that is up. */
static inline bool lr_latched(const struct armvirt_vgic_vcpu *v, unsigned i, uint64_t lr)
{
	return (lr & LR_HW) || !(lr & LR_EOI) || (bits16_load(&v->image.latched) >> i & 1);
}

static inline void actions_add(struct armvirt_vgic_actions *to, struct armvirt_vgic_actions a)
{
	to->kick |= a.kick;
	to->flags |= a.flags;
}

static inline struct armvirt_vgic_actions kick(uint32_t index)
{
	return (struct armvirt_vgic_actions){.kick = UINT64_C(1) << index};
}

/* Sends the vCPU that lists the interrupt through a comparison of its list registers. */
static inline struct armvirt_vgic_actions irq_recall(const struct armvirt_vgic *vm, uint32_t w)
{
	uint32_t owner = irq_owner(w);

	if (owner >= vm->vcpu_count)
		return (struct armvirt_vgic_actions){0};
	bits32_or(&armvirt_vgic_get_vcpu(vm, owner)->attention, ATTN_RECALL);
	return kick(owner);
}

/*
 * After a word changed for the better: lets the vCPU that can deliver it know. One in a list
 * register concerns its owner (who merges a second edge), one active elsewhere waits.
 */
static inline struct armvirt_vgic_actions irq_raise(const struct armvirt_vgic *vm, uint32_t intid,
						    uint32_t w)
{
	uint32_t t;

	if (!(w & IRQ_ENABLED) || !irq_pending(w))
		return (struct armvirt_vgic_actions){0};
	if (w & IRQ_LISTED)
		return w & IRQ_LATCH ? irq_recall(vm, w) : (struct armvirt_vgic_actions){0};
	t = irq_target(vm, w);
	if ((w & IRQ_ACTIVE) || t >= vm->vcpu_count)
		return (struct armvirt_vgic_actions){0};
	vcpu_hint(armvirt_vgic_get_vcpu(vm, t), irq_prio(w), intid);
	return kick(t);
}

static inline bool act_valid(const struct armvirt_vgic_vcpu *v, uint32_t w)
{
	return (w & (IRQ_ACTIVE | IRQ_LISTED)) == IRQ_ACTIVE && irq_owner(w) == v->index;
}

/* A physical interrupt that nobody will deactivate any more. */
static inline void owe(struct armvirt_vgic_actions *a, uint32_t intid)
{
	a->base = (uint16_t)(intid & ~31u);
	a->deactivate |= UINT32_C(1) << (intid & 31);
}

static inline bool can_owe(const struct armvirt_vgic_actions *a, uint32_t intid)
{
	return a->deactivate == 0 || a->base == (intid & ~31u);
}

/* What the registers of both distributors and of the redistributor say about one interrupt. */
enum irq_register {
	REG_GROUP,
	REG_SET_ENABLE,
	REG_CLEAR_ENABLE,
	REG_SET_PENDING,
	REG_CLEAR_PENDING,
	REG_SET_ACTIVE,
	REG_CLEAR_ACTIVE,
	REG_PRIORITY,
	REG_ROUTE,
	REG_TRIGGER
};

/* Private to the module, shared by its files. */
void armvirt_vgic_act_push(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			   uint32_t intid);
struct armvirt_vgic_actions armvirt_vgic_evict(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					       unsigned i);
void armvirt_vgic_recall(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			 struct armvirt_vgic_actions *a);
void armvirt_vgic_adopt(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v);
void armvirt_vgic_unlist(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v);
struct armvirt_vgic_actions armvirt_vgic_irq_write(struct armvirt_vgic *vm,
						   struct armvirt_vgic_vcpu *v, uint32_t intid,
						   enum irq_register reg, uint32_t value);
uint32_t armvirt_vgic_irq_read(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
			       uint32_t intid, enum irq_register reg);
struct armvirt_vgic_actions armvirt_vgic_sgi_v2(struct armvirt_vgic *vm, unsigned vcpu,
						uint32_t value);

#endif
