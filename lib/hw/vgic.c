/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list registers of this CPU. The image says what changed; nothing is read or written that did
 * not. Exception return synchronises the writes with the guest, exception entry the reads.
 */
#include <libarmvirt/regs.h>
#include <libarmvirt/vgic.h>

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#ifdef ARMVIRT_SEAM_MODEL
uint64_t armvirt_model_gic_read(const char *encoding);
void armvirt_model_gic_write(const char *encoding, uint64_t value);
#define READ(name)     armvirt_model_gic_read(TEXT(ARMVIRT_SR_##name))
#define WRITE(name, v) armvirt_model_gic_write(TEXT(ARMVIRT_SR_##name), v)
#else
#define READ(name)                                                                   \
	__extension__({                                                              \
		uint64_t value_;                                                     \
		__asm__ volatile("mrs %0, " TEXT(ARMVIRT_SR_##name) : "=r"(value_)); \
		value_;                                                              \
	})
#define WRITE(name, v) \
	__asm__ volatile("msr " TEXT(ARMVIRT_SR_##name) ", %x0" ::"rZ"((uint64_t)(v)))
#endif

#define HCR_LRENPIE  ((uint32_t)ARMVIRT_ICH_HCR_EL2_LRENPIE)
#define HCR_EOICOUNT ((uint32_t)ARMVIRT_ICH_HCR_EL2_EOICOUNT)
#define LR_STATE     ARMVIRT_ICH_LR_EL2_STATE

#define EACH_LR(op)                                                                             \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)

static uint64_t lr_read(unsigned n)
{
	switch (n) {
#define CASE(i) \
	case i: \
		return READ(ICH_LR##i##_EL2);
		EACH_LR(CASE)
#undef CASE
	default:
		return 0;
	}
}

static void lr_write(unsigned n, uint64_t v)
{
	switch (n) {
#define CASE(i)                            \
	case i:                            \
		WRITE(ICH_LR##i##_EL2, v); \
		break;
		EACH_LR(CASE)
#undef CASE
	default:
		break;
	}
}

/* 1, 2 or 4 registers a group; the others do not exist and trap. Group 0 first, as required. */
static void ap_write(const struct armvirt_vgic *vm, const struct armvirt_vgic_image *m)
{
	WRITE(ICH_AP0R0_EL2, m->ap0r[0]);
	WRITE(ICH_AP1R0_EL2, m->ap1r[0]);
	if (vm->caps.pre_bits > 5) {
		WRITE(ICH_AP0R1_EL2, m->ap0r[1]);
		WRITE(ICH_AP1R1_EL2, m->ap1r[1]);
	}
	if (vm->caps.pre_bits > 6) {
		WRITE(ICH_AP0R2_EL2, m->ap0r[2]);
		WRITE(ICH_AP0R3_EL2, m->ap0r[3]);
		WRITE(ICH_AP1R2_EL2, m->ap1r[2]);
		WRITE(ICH_AP1R3_EL2, m->ap1r[3]);
	}
}

static void ap_read(const struct armvirt_vgic *vm, struct armvirt_vgic_image *m)
{
	m->ap0r[0] = (uint32_t)READ(ICH_AP0R0_EL2);
	m->ap1r[0] = READ(ICH_AP1R0_EL2);
	if (vm->caps.pre_bits > 5) {
		m->ap0r[1] = (uint32_t)READ(ICH_AP0R1_EL2);
		m->ap1r[1] = READ(ICH_AP1R1_EL2);
	}
	if (vm->caps.pre_bits > 6) {
		m->ap0r[2] = (uint32_t)READ(ICH_AP0R2_EL2);
		m->ap0r[3] = (uint32_t)READ(ICH_AP0R3_EL2);
		m->ap1r[2] = READ(ICH_AP1R2_EL2);
		m->ap1r[3] = READ(ICH_AP1R3_EL2);
	}
}

#ifndef ARMVIRT_VGIC_STATIC

enum armvirt_status armvirt_hw_vgic_caps(struct armvirt_vgic_caps *caps)
{
	return armvirt_vgic_caps_from_vtr(caps, READ(ICH_VTR_EL2),
					  (READ(ID_AA64PFR1_EL1) & ARMVIRT_ID_AA64PFR1_EL1_NMI) !=
						  0);
}

void armvirt_hw_vgic_deactivate(const struct armvirt_vgic *vm, struct armvirt_vgic_actions *actions)
{
	for (uint32_t left = actions->deactivate; left; left &= left - 1)
		WRITE(ICC_DIR_EL1,
		      armvirt_vgic_pintid(vm, actions->base + (uint32_t)__builtin_ctz(left)));
	actions->deactivate = 0;
}

#endif

void armvirt_hw_vgic_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_image *m = &v->image;

	WRITE(ICH_VMCR_EL2, m->vmcr);
	ap_write(vm, m);
	for (uint32_t left = m->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(i, m->lr[i]);
	}
	m->dirty = 0;
	WRITE(ICH_HCR_EL2, m->hcr);
	v->hcr_loaded = m->hcr;
	v->loaded = 1;
}

/* Retired list registers keep all but their state: their content need not be read. Of those that
 * the CPU does not have yet the image is the newer. */
static void read_back(struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_image *m = &v->image;
	uint32_t left = m->used & ~(uint32_t)m->dirty, empty;

	m->vmcr = (uint32_t)READ(ICH_VMCR_EL2);
	if (v->hcr_loaded & HCR_LRENPIE)
		m->hcr = (m->hcr & ~HCR_EOICOUNT) | ((uint32_t)READ(ICH_HCR_EL2) & HCR_EOICOUNT);
	if (!left)
		return;
	empty = (uint32_t)READ(ICH_ELRSR_EL2);
	for (; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (empty >> i & 1)
			m->lr[i] &= ~LR_STATE;
		else
			m->lr[i] = lr_read(i);
	}
}

static struct armvirt_vgic_actions fold_all(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions all = {0}, a;

	do {
		a = armvirt_vgic_fold(vm, v);
		armvirt_hw_vgic_deactivate(vm, &a);
		all.kick |= a.kick;
	} while (a.flags & ARMVIRT_VGIC_MORE);
	return all;
}

/* hcr_loaded keeps a count that was taken up and is still in the CPU. */
static struct armvirt_vgic_actions take_up(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	read_back(v);
	v->hcr_loaded |= v->image.hcr & HCR_EOICOUNT;
	return fold_all(vm, v);
}

/* What was taken up leaves the CPU, so that it is not taken up again: the guest may go on, and be
 * read back once more, without an enter. */
struct armvirt_vgic_actions armvirt_hw_vgic_sync(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions a = {0};
	struct armvirt_vgic_image *m = &v->image;

	if (!v->loaded)
		return a;
	a = take_up(vm, v);
	if (v->hcr_loaded & HCR_EOICOUNT) {
		v->hcr_loaded &= ~HCR_EOICOUNT;
		WRITE(ICH_HCR_EL2, v->hcr_loaded);
	}
	for (uint32_t left = m->dirty & ~(uint32_t)m->used; left; left &= left - 1)
		lr_write((unsigned)__builtin_ctz(left), 0);
	m->dirty &= m->used;
	return a;
}

struct armvirt_vgic_actions armvirt_hw_vgic_put(struct armvirt_vgic *vm,
						struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions a = armvirt_hw_vgic_sync(vm, v);
	uint32_t stale = v->image.used;

	if (!v->loaded)
		return a;
	WRITE(ICH_HCR_EL2, 0);
	ap_read(vm, &v->image);
	for (; stale; stale &= stale - 1) /* En = 0 does not hide them from the next guest */
		lr_write((unsigned)__builtin_ctz(stale), 0);
	v->loaded = 0;
	return a;
}

static void write_changed(struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_image *m = &v->image;

	if (m->hcr != v->hcr_loaded) {
		WRITE(ICH_HCR_EL2, m->hcr);
		v->hcr_loaded = m->hcr;
	}
	for (uint32_t left = m->dirty; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(i, m->lr[i]);
	}
	m->dirty = 0;
}

struct armvirt_vgic_actions armvirt_hw_vgic_maintain(struct armvirt_vgic *vm,
						     struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions all = {0}, a;

	if (!v->loaded)
		return all;
	all = take_up(vm, v);
	while (armvirt_vgic_flush_needed(v)) {
		a = armvirt_vgic_flush(vm, v);
		armvirt_hw_vgic_deactivate(vm, &a);
		all.kick |= a.kick;
		if (!(a.flags & ARMVIRT_VGIC_MORE))
			break;
	}
	write_changed(v);
	all.kick &= ~(UINT64_C(1) << v->index);
	return all;
}

struct armvirt_vgic_actions armvirt_hw_vgic_enter(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v)
{
	if (armvirt_vgic_flush_needed(v))
		return armvirt_hw_vgic_maintain(vm, v);
	if (v->loaded)
		write_changed(v);
	return (struct armvirt_vgic_actions){0};
}
