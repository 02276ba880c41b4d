/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state as bytes. Version 1, little-endian:
 *
 *   header   magic, version | flags << 16, vCPUs | SPIs << 16, GICD_CTLR        (4 words)
 *   a vCPU   affinity, VMCR, AP0R[4], AP1R[4] low and high, asleep | act_count << 8,
 *            act[32] two a word, source[16] four a word, 32 interrupts          (67 words)
 *   SPIs     one word each
 *
 * An interrupt's word holds what the architecture shows and who has it active, nothing of list
 * registers and nothing physical.
 */
#include "irq.h"

#define MAGIC      UINT32_C(0x49475641) /* "AVGI" */
#define VERSION    1
#define FLAG_V2    1
#define HEADER     4
#define VCPU_WORDS (2 + 4 + 8 + 1 + 16 + 4 + 32)
#define SAVED                                                                                 \
	(IRQ_PRIO | IRQ_OWNER | IRQ_TARGET | IRQ_ENABLED | IRQ_GROUP1 | IRQ_LINE | IRQ_EDGE | \
	 IRQ_LATCH | IRQ_ACTIVE)
#define VMCR_FIELDS UINT32_C(0xfffc021f)

static uint32_t shared_words(const struct armvirt_vgic *vm)
{
	return (vm->spi_count + 31u) / 32u * 32u;
}

static uint32_t word_count(const struct armvirt_vgic *vm)
{
	return HEADER + vm->vcpu_count * (uint32_t)VCPU_WORDS + shared_words(vm);
}

size_t armvirt_vgic_save_size(const struct armvirt_vgic *vm)
{
	return word_count(vm) * (size_t)4;
}

static void put(uint8_t *buffer, uint32_t n, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		buffer[n * 4 + i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get(const uint8_t *buffer, uint32_t n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)buffer[n * 4 + i] << (8 * i);
	return v;
}

static uint32_t header(const struct armvirt_vgic *vm, unsigned n)
{
	switch (n) {
	case 0:
		return MAGIC;
	case 1:
		return VERSION | (vm->v2 ? (uint32_t)FLAG_V2 << 16 : 0);
	default:
		return vm->vcpu_count | (uint32_t)vm->spi_count << 16;
	}
}

static void vcpu_save(const struct armvirt_vgic_vcpu *v, uint8_t *b, uint32_t n)
{
	put(b, n++, v->affinity);
	put(b, n++, v->image.vmcr);
	for (unsigned i = 0; i < 4; i++)
		put(b, n++, v->image.ap0r[i]);
	for (unsigned i = 0; i < 8; i++)
		put(b, n++, (uint32_t)(v->image.ap1r[i / 2] >> (32 * (i & 1))));
	put(b, n++, v->asleep | (uint32_t)v->act_count << 8);
	for (unsigned i = 0; i < 32; i += 2)
		put(b, n++,
		    (i < v->act_count ? v->act[i] : 0) |
			    (i + 1u < v->act_count ? (uint32_t)v->act[i + 1] << 16 : 0));
	for (unsigned i = 0; i < 16; i += 4)
		put(b, n++,
		    v->source[i] | (uint32_t)v->source[i + 1] << 8 |
			    (uint32_t)v->source[i + 2] << 16 | (uint32_t)v->source[i + 3] << 24);
	for (unsigned i = 0; i < 32; i++)
		put(b, n++, v->priv[i] & SAVED);
}

enum armvirt_status armvirt_vgic_save(struct armvirt_vgic *vm, void *buffer, size_t size)
{
	uint8_t *b = (uint8_t *)buffer;
	uint32_t n = HEADER;

	if (size < armvirt_vgic_save_size(vm))
		return ARMVIRT_E_NOMEM;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		armvirt_vgic_unlist(vm, armvirt_vgic_get_vcpu(vm, i));
	for (unsigned i = 0; i < 3; i++)
		put(b, i, header(vm, i));
	put(b, 3, vm->ctlr);
	for (unsigned i = 0; i < vm->vcpu_count; i++, n += VCPU_WORDS)
		vcpu_save(armvirt_vgic_get_vcpu(vm, i), b, n);
	for (uint32_t i = 0; i < shared_words(vm); i++)
		put(b, n + i, *irq_word(vm, armvirt_vgic_get_vcpu(vm, 0), 32 + i) & SAVED);
	return ARMVIRT_OK;
}

/* A word that the library could have saved. */
static bool word_valid(const struct armvirt_vgic *vm, uint32_t w, uint32_t intid, unsigned vcpu)
{
	uint32_t t = (w & IRQ_TARGET) >> IRQ_TARGET_SHIFT;

	if ((w & ~SAVED) || irq_owner(w) >= vm->vcpu_count)
		return false;
	if (!irq_exists(vm, intid))
		return !(w & (IRQ_ENABLED | IRQ_LINE | IRQ_LATCH | IRQ_ACTIVE));
	if (intid < 16 && (!(w & IRQ_EDGE) || (w & IRQ_LINE)))
		return false;
	if (intid < 32)
		return t == (vm->v2 ? UINT32_C(1) << vcpu : vcpu) && irq_owner(w) == vcpu;
	return vm->v2 ? !(t >> vm->vcpu_count) : t < vm->vcpu_count || t == NO_TARGET;
}

/* Where the word of an interrupt stands in the record. */
static uint32_t word_index(const struct armvirt_vgic *vm, uint32_t intid, unsigned vcpu)
{
	if (intid < 32)
		return HEADER + vcpu * (uint32_t)VCPU_WORDS + VCPU_WORDS - 32 + intid;
	return HEADER + vm->vcpu_count * (uint32_t)VCPU_WORDS + intid - 32;
}

static uint32_t act_get(const uint8_t *b, uint32_t n, unsigned i)
{
	return get(b, n + 15 + i / 2) >> (16 * (i & 1)) & 0xffff;
}

static bool vcpu_valid(const struct armvirt_vgic *vm, const uint8_t *b, unsigned vcpu)
{
	uint32_t n = HEADER + vcpu * (uint32_t)VCPU_WORDS, count = get(b, n + 14) >> 8;
	uint32_t senders = vm->v2 ? (UINT32_C(1) << vm->vcpu_count) - 1 : 0;

	if ((get(b, n + 1) & ~VMCR_FIELDS) || count > 32 || (get(b, n + 14) & 0xfe))
		return false;
	for (unsigned i = UINT32_C(1) << (vm->caps.pre_bits - 5); i < 4; i++)
		if (get(b, n + 2 + i) || get(b, n + 6 + 2 * i) || get(b, n + 7 + 2 * i))
			return false;
	for (unsigned i = 0; i < 32; i++) {
		uint32_t intid = act_get(b, n, i), w;

		if (i >= count) {
			if (intid)
				return false;
			continue;
		}
		if (!irq_exists(vm, intid))
			return false;
		w = get(b, word_index(vm, intid, vcpu));
		if (!(w & IRQ_ACTIVE) || irq_owner(w) != vcpu)
			return false;
		for (unsigned k = 0; k < i; k++)
			if (act_get(b, n, k) == intid)
				return false;
	}
	for (unsigned i = 0; i < 16; i++)
		if ((get(b, n + 31 + i / 4) >> (8 * (i & 3)) & 0xff) & ~senders)
			return false;
	for (unsigned i = 0; i < vcpu; i++) /* no two with one affinity */
		if (get(b, n) == get(b, HEADER + i * (uint32_t)VCPU_WORDS))
			return false;
	for (uint32_t i = 0; i < 32; i++)
		if (!word_valid(vm, get(b, word_index(vm, i, vcpu)), i, vcpu))
			return false;
	return true;
}

static bool record_valid(const struct armvirt_vgic *vm, const uint8_t *b, size_t size)
{
	if (size < armvirt_vgic_save_size(vm))
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (get(b, i) != header(vm, i))
			return false;
	if (get(b, 3) > 3)
		return false;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (!vcpu_valid(vm, b, i))
			return false;
	for (uint32_t i = 0; i < shared_words(vm); i++)
		if (!word_valid(vm, get(b, word_index(vm, 32 + i, 0)), 32 + i, 0))
			return false;
	return true;
}

static void word_restore(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, const uint8_t *b,
			 uint32_t intid)
{
	armvirt_vgic_irq_t *p = irq_word(vm, v, intid);

	*p = get(b, word_index(vm, intid, v->index)) | (*p & (IRQ_HW | IRQ_SENDERS));
	irq_raise(vm, intid, *p);
}

static void vcpu_restore(struct armvirt_vgic *vm, const uint8_t *b, unsigned vcpu)
{
	struct armvirt_vgic_vcpu *v = armvirt_vgic_get_vcpu(vm, vcpu);
	uint32_t n = HEADER + vcpu * (uint32_t)VCPU_WORDS;

	v->affinity = get(b, n);
	v->image.vmcr = get(b, n + 1);
	v->groups = v->image.vmcr & 3;
	for (unsigned i = 0; i < 4; i++) {
		v->image.ap0r[i] = get(b, n + 2 + i);
		v->image.ap1r[i] = get(b, n + 6 + 2 * i) | (uint64_t)get(b, n + 7 + 2 * i) << 32;
	}
	v->asleep = get(b, n + 14) & 1;
	v->act_count = (uint8_t)(get(b, n + 14) >> 8);
	for (unsigned i = 0; i < v->act_count; i++)
		v->act[i] = (uint16_t)act_get(b, n, i);
	for (unsigned i = 0; i < 16; i++)
		v->source[i] = (uint8_t)(get(b, n + 31 + i / 4) >> (8 * (i & 3)));
	for (uint32_t i = 0; i < 32; i++)
		word_restore(vm, v, b, i);
	bits32_or(&v->attention, ATTN_REFILL);
}

enum armvirt_status armvirt_vgic_restore(struct armvirt_vgic *vm, const void *buffer, size_t size)
{
	const uint8_t *b = (const uint8_t *)buffer;

	if (!record_valid(vm, b, size))
		return ARMVIRT_E_CORRUPT;
	vm->ctlr = get(b, 3);
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vcpu_restore(vm, b, i);
	for (uint32_t i = 0; i < shared_words(vm); i++)
		word_restore(vm, armvirt_vgic_get_vcpu(vm, 0), b, 32 + i);
	return ARMVIRT_OK;
}
