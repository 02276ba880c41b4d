/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list registers of a GICv2, in memory. Unlike system registers, device accesses are ordered
 * with the guest's by barriers only.
 */
#include <libarmvirt/vgic.h>

#ifdef ARMVIRT_SEAM_MODEL
uint32_t armvirt_model_gich_read(uintptr_t gich, uint32_t offset);
void armvirt_model_gich_write(uintptr_t gich, uint32_t offset, uint32_t value);
#define READ(offset)     armvirt_model_gich_read(gich, offset)
#define WRITE(offset, v) armvirt_model_gich_write(gich, offset, v)
#else
#define READ(offset)     (*(volatile uint32_t *)(gich + (offset)))
#define WRITE(offset, v) (*(volatile uint32_t *)(gich + (offset)) = (v))
#endif

#ifdef __aarch64__
#define DSB_SY() __asm__ volatile("dsb sy" ::: "memory")
#else
#define DSB_SY() __asm__ volatile("" ::: "memory")
#endif

enum { HCR = 0x000, VMCR = 0x008, ELRSR = 0x030, APR = 0x0f0, LR = 0x100 };

#define HCR_LRENPIE  (UINT32_C(1) << 2)
#define HCR_EOICOUNT (UINT32_C(31) << 27)
#define LR_STATE     (UINT64_C(3) << 62)

static void lr_write(uintptr_t gich, unsigned n, uint64_t lr)
{
	WRITE(LR + 4 * n, armvirt_vgic_lr_to_gich(lr));
}

/* One register of active priorities for both groups; the image keeps it as group 0's. */
void armvirt_hw_vgic2_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;

	(void)vm;
	WRITE(VMCR, m->vmcr);
	WRITE(APR, m->ap0r[0] | (uint32_t)m->ap1r[0]);
	for (uint32_t left = m->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(gich, i, m->lr[i]);
	}
	m->dirty = 0;
	WRITE(HCR, m->hcr);
	v->hcr_loaded = m->hcr;
	v->loaded = 1;
	DSB_SY(); /* orders the registers before the guest's accesses of GICV */
}

/* As in vgic.c: retired ones are not read, of those that are not written yet the image is newer. */
static void read_back(struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;
	uint32_t left = m->used & ~(uint32_t)m->dirty, empty;

	DSB_SY(); /* orders the guest's accesses of GICV before the reads of GICH */
	m->vmcr = READ(VMCR);
	if (v->hcr_loaded & HCR_LRENPIE)
		m->hcr = (m->hcr & ~HCR_EOICOUNT) | (READ(HCR) & HCR_EOICOUNT);
	if (!left)
		return;
	empty = READ(ELRSR);
	for (; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (empty >> i & 1)
			m->lr[i] &= ~LR_STATE;
		else
			m->lr[i] = armvirt_vgic_lr_from_gich(READ(LR + 4 * i));
	}
}

/* hcr_loaded keeps a count that was taken up, in part or whole, and is still in the CPU. */
static struct armvirt_vgic_actions take_up(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
					   uintptr_t gich)
{
	read_back(v, gich);
	v->hcr_loaded |= v->image.hcr & HCR_EOICOUNT;
	return armvirt_vgic_fold(vm, v);
}

/* What was taken up leaves the CPU; what is left of the count stays there for the next call. */
static void forget(struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;
	uint32_t left = m->dirty & ~(uint32_t)m->used;

	if (!(v->hcr_loaded & HCR_EOICOUNT) && !left)
		return;
	if (v->hcr_loaded & HCR_EOICOUNT) {
		v->hcr_loaded &= ~HCR_EOICOUNT;
		WRITE(HCR, v->hcr_loaded | (m->hcr & HCR_EOICOUNT));
		m->hcr &= ~HCR_EOICOUNT;
	}
	for (; left; left &= left - 1)
		WRITE(LR + 4 * (uint32_t)__builtin_ctz(left), 0);
	m->dirty &= m->used;
	DSB_SY(); /* orders the registers before the guest's accesses of GICV */
}

struct armvirt_vgic_actions armvirt_hw_vgic2_sync(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_actions a = {0};

	if (!v->loaded)
		return a;
	a = take_up(vm, v, gich);
	forget(v, gich);
	return a;
}

struct armvirt_vgic_actions armvirt_hw_vgic2_put(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_actions a = armvirt_hw_vgic2_sync(vm, v, gich);

	if (!v->loaded || (a.flags & ARMVIRT_VGIC_MORE))
		return a;
	WRITE(HCR, 0);
	v->image.ap0r[0] = READ(APR);
	v->image.ap1r[0] = 0;
	/* En = 0 does not hide them from the next guest */
	for (uint32_t stale = v->image.used; stale; stale &= stale - 1)
		WRITE(LR + 4 * (uint32_t)__builtin_ctz(stale), 0);
	v->loaded = 0;
	return a;
}

static void write_changed(struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;

	if (m->hcr == v->hcr_loaded && !m->dirty)
		return;
	if (m->hcr != v->hcr_loaded)
		WRITE(HCR, m->hcr);
	v->hcr_loaded = m->hcr;
	for (uint32_t left = m->dirty; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(gich, i, m->lr[i]);
	}
	m->dirty = 0;
	DSB_SY(); /* orders the registers before the guest's accesses of GICV */
}

/* A deactivation goes to the caller before the next can be owed. */
struct armvirt_vgic_actions armvirt_hw_vgic2_maintain(struct armvirt_vgic *vm,
						      struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_actions all = {0}, a = {0};

	if (!v->loaded)
		return all;
	all = take_up(vm, v, gich);
	if (all.deactivate)
		all.flags |= ARMVIRT_VGIC_MORE;
	if (all.flags & ARMVIRT_VGIC_MORE) {
		forget(v, gich);
		return all;
	}
	if (armvirt_vgic_flush_needed(v))
		a = armvirt_vgic_flush(vm, v);
	a.kick |= all.kick & ~(UINT64_C(1) << v->index);
	if (a.flags & ARMVIRT_VGIC_MORE)
		forget(v, gich);
	else
		write_changed(v, gich);
	return a;
}

struct armvirt_vgic_actions armvirt_hw_vgic2_enter(struct armvirt_vgic *vm,
						   struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	if (armvirt_vgic_flush_needed(v))
		return armvirt_hw_vgic2_maintain(vm, v, gich);
	if (v->loaded)
		write_changed(v, gich);
	return (struct armvirt_vgic_actions){0};
}
