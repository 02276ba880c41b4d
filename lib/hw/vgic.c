/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list registers of this CPU. The image says what changed; nothing is read or written that did
 * not. Exception return synchronises the writes with the guest, exception entry the reads.
 */
#include <libarmvirt/vgic.h>

#ifdef ARMVIRT_SEAM_MODEL
uint64_t armvirt_model_gic_read(const char *encoding);
void armvirt_model_gic_write(const char *encoding, uint64_t value);
#define READ(enc)     armvirt_model_gic_read(enc)
#define WRITE(enc, v) armvirt_model_gic_write(enc, v)
#else
#define READ(enc)                                                \
	__extension__({                                          \
		uint64_t value_;                                 \
		__asm__ volatile("mrs %0, " enc : "=r"(value_)); \
		value_;                                          \
	})
#define WRITE(enc, v) __asm__ volatile("msr " enc ", %x0" ::"rZ"((uint64_t)(v)))
#endif

#define ICH_HCR   "s3_4_c12_c11_0"
#define ICH_VTR   "s3_4_c12_c11_1"
#define ICH_ELRSR "s3_4_c12_c11_5"
#define ICH_VMCR  "s3_4_c12_c11_7"
#define ICC_DIR   "s3_0_c12_c11_1"
#define PFR1      "s3_0_c0_c4_1"

#define HCR_LRENPIE  (UINT32_C(1) << 2)
#define HCR_EOICOUNT (UINT32_C(31) << 27)
#define LR_STATE     (UINT64_C(3) << 62)

/* struct armvirt_vgic_vcpu.loaded */
#define GUEST   1 /* the registers may be newer than the image */
#define CURRENT 2 /* read back since the guest last ran */

#define EACH_LR(op)                                                                         \
	op(0, "12_0") op(1, "12_1") op(2, "12_2") op(3, "12_3") op(4, "12_4") op(5, "12_5") \
		op(6, "12_6") op(7, "12_7") op(8, "13_0") op(9, "13_1") op(10, "13_2")      \
			op(11, "13_3") op(12, "13_4") op(13, "13_5") op(14, "13_6") op(15, "13_7")

static uint64_t lr_read(unsigned n)
{
	switch (n) {
#define CASE(i, cm) \
	case i:     \
		return READ("s3_4_c12_c" cm);
		EACH_LR(CASE)
#undef CASE
	default:
		return 0;
	}
}

static void lr_write(unsigned n, uint64_t v)
{
	switch (n) {
#define CASE(i, cm)                        \
	case i:                            \
		WRITE("s3_4_c12_c" cm, v); \
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
	WRITE("s3_4_c12_c8_0", m->ap0r[0]);
	WRITE("s3_4_c12_c9_0", m->ap1r[0]);
	if (vm->caps.pre_bits > 5) {
		WRITE("s3_4_c12_c8_1", m->ap0r[1]);
		WRITE("s3_4_c12_c9_1", m->ap1r[1]);
	}
	if (vm->caps.pre_bits > 6) {
		WRITE("s3_4_c12_c8_2", m->ap0r[2]);
		WRITE("s3_4_c12_c8_3", m->ap0r[3]);
		WRITE("s3_4_c12_c9_2", m->ap1r[2]);
		WRITE("s3_4_c12_c9_3", m->ap1r[3]);
	}
}

static void ap_read(const struct armvirt_vgic *vm, struct armvirt_vgic_image *m)
{
	m->ap0r[0] = (uint32_t)READ("s3_4_c12_c8_0");
	m->ap1r[0] = READ("s3_4_c12_c9_0");
	if (vm->caps.pre_bits > 5) {
		m->ap0r[1] = (uint32_t)READ("s3_4_c12_c8_1");
		m->ap1r[1] = READ("s3_4_c12_c9_1");
	}
	if (vm->caps.pre_bits > 6) {
		m->ap0r[2] = (uint32_t)READ("s3_4_c12_c8_2");
		m->ap0r[3] = (uint32_t)READ("s3_4_c12_c8_3");
		m->ap1r[2] = READ("s3_4_c12_c9_2");
		m->ap1r[3] = READ("s3_4_c12_c9_3");
	}
}

#ifndef ARMVIRT_VGIC_STATIC

enum armvirt_status armvirt_hw_vgic_caps(struct armvirt_vgic_caps *caps)
{
	return armvirt_vgic_caps_from_vtr(caps, READ(ICH_VTR), (READ(PFR1) >> 36 & 15) != 0);
}

void armvirt_hw_vgic_deactivate(const struct armvirt_vgic *vm, struct armvirt_vgic_actions *actions)
{
	for (uint32_t left = actions->deactivate; left; left &= left - 1)
		WRITE(ICC_DIR,
		      armvirt_vgic_pintid(vm, actions->base + (uint32_t)__builtin_ctz(left)));
	actions->deactivate = 0;
}

#endif

void armvirt_hw_vgic_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_image *m = &v->image;

	WRITE(ICH_VMCR, m->vmcr);
	ap_write(vm, m);
	for (uint32_t left = m->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(i, m->lr[i]);
	}
	m->dirty = 0;
	WRITE(ICH_HCR, m->hcr);
	v->hcr_loaded = m->hcr;
	v->loaded = CURRENT;
}

/* Retired list registers keep all but their state: their content need not be read. */
static void read_back(struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_image *m = &v->image;
	uint32_t empty;

	m->vmcr = (uint32_t)READ(ICH_VMCR);
	if (v->hcr_loaded & HCR_LRENPIE)
		m->hcr = (uint32_t)READ(ICH_HCR);
	if (!m->used)
		return;
	empty = (uint32_t)READ(ICH_ELRSR);
	for (uint32_t left = m->used; left; left &= left - 1) {
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

struct armvirt_vgic_actions armvirt_hw_vgic_sync(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v)
{
	if (v->loaded != GUEST)
		return (struct armvirt_vgic_actions){0};
	read_back(v);
	v->loaded = CURRENT;
	return fold_all(vm, v);
}

struct armvirt_vgic_actions armvirt_hw_vgic_put(struct armvirt_vgic *vm,
						struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions a = armvirt_hw_vgic_sync(vm, v);
	uint32_t stale = v->image.used | v->image.dirty;

	WRITE(ICH_HCR, 0);
	ap_read(vm, &v->image);
	for (; stale; stale &= stale - 1) /* En = 0 does not hide them from the next guest */
		lr_write((unsigned)__builtin_ctz(stale), 0);
	v->loaded = 0;
	return a;
}

struct armvirt_vgic_actions armvirt_hw_vgic_enter(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v)
{
	struct armvirt_vgic_actions all = {0}, a;
	struct armvirt_vgic_image *m = &v->image;

	if (armvirt_vgic_flush_needed(v)) {
		all = armvirt_hw_vgic_sync(vm, v);
		do {
			a = armvirt_vgic_flush(vm, v);
			armvirt_hw_vgic_deactivate(vm, &a);
			all.kick |= a.kick;
		} while (a.flags & ARMVIRT_VGIC_MORE);
	}
	if (m->hcr != v->hcr_loaded) {
		WRITE(ICH_HCR, m->hcr);
		v->hcr_loaded = m->hcr;
	}
	for (uint32_t left = m->dirty; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(i, m->lr[i]);
	}
	m->dirty = 0;
	v->loaded = GUEST;
	return all;
}
