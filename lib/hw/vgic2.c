/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list registers of a GICv2, in memory. Unlike system registers, device accesses are ordered
 * with the guest's by barriers only.
 */
#include <libarmvirt/vgic.h>

#ifdef __aarch64__
#define DSB_SY() __asm__ volatile("dsb sy" ::: "memory")
#else
#define DSB_SY() __asm__ volatile("" ::: "memory")
#endif

enum { HCR = 0x000, VMCR = 0x008, ELRSR = 0x030, APR = 0x0f0, LR = 0x100 };

#define HCR_LRENPIE (UINT32_C(1) << 2)
#define LR_STATE    (UINT64_C(3) << 62)

/* struct armvirt_vgic_vcpu.loaded */
#define GUEST   1 /* the registers may be newer than the image */
#define CURRENT 2 /* read back since the guest last ran */

static volatile uint32_t *reg(uintptr_t gich, uint32_t offset)
{
	return (volatile uint32_t *)(gich + offset);
}

static void lr_write(uintptr_t gich, unsigned n, uint64_t lr)
{
	*reg(gich, LR + 4 * n) = armvirt_vgic_lr_to_gich(lr);
}

/* One register of active priorities for both groups; the image keeps it as group 0's. */
void armvirt_hw_vgic2_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;

	(void)vm;
	*reg(gich, VMCR) = m->vmcr;
	*reg(gich, APR) = m->ap0r[0] | (uint32_t)m->ap1r[0];
	for (uint32_t left = m->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		lr_write(gich, i, m->lr[i]);
	}
	m->dirty = 0;
	*reg(gich, HCR) = m->hcr;
	v->hcr_loaded = m->hcr;
	v->loaded = CURRENT;
}

static void read_back(struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_image *m = &v->image;
	uint32_t empty;

	DSB_SY(); /* orders the guest's accesses of GICV before the reads of GICH */
	m->vmcr = *reg(gich, VMCR);
	if (v->hcr_loaded & HCR_LRENPIE)
		m->hcr = *reg(gich, HCR);
	if (!m->used)
		return;
	empty = *reg(gich, ELRSR);
	for (uint32_t left = m->used; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (empty >> i & 1)
			m->lr[i] &= ~LR_STATE;
		else
			m->lr[i] = armvirt_vgic_lr_from_gich(*reg(gich, LR + 4 * i));
	}
}

struct armvirt_vgic_actions armvirt_hw_vgic2_sync(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	if (v->loaded == GUEST) {
		read_back(v, gich);
		v->loaded = CURRENT;
	} else if (!(v->image.hcr >> 27)) { /* not a continued fold */
		return (struct armvirt_vgic_actions){0};
	}
	return armvirt_vgic_fold(vm, v);
}

struct armvirt_vgic_actions armvirt_hw_vgic2_put(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_actions a = armvirt_hw_vgic2_sync(vm, v, gich);
	uint32_t stale;

	if (a.flags & ARMVIRT_VGIC_MORE)
		return a;
	stale = (uint32_t)v->image.used | v->image.dirty;
	*reg(gich, HCR) = 0;
	v->image.ap0r[0] = *reg(gich, APR);
	v->image.ap1r[0] = 0;
	for (; stale; stale &= stale - 1) /* En = 0 does not hide them from the next guest */
		*reg(gich, LR + 4 * (uint32_t)__builtin_ctz(stale)) = 0;
	v->loaded = 0;
	return a;
}

struct armvirt_vgic_actions armvirt_hw_vgic2_enter(struct armvirt_vgic *vm,
						   struct armvirt_vgic_vcpu *v, uintptr_t gich)
{
	struct armvirt_vgic_actions a = {0};
	struct armvirt_vgic_image *m = &v->image;

	if (armvirt_vgic_flush_needed(v)) {
		a = armvirt_hw_vgic2_sync(vm, v, gich);
		if (a.deactivate) /* first that, then the flush, which may owe another */
			a.flags |= ARMVIRT_VGIC_MORE;
		if (a.flags & ARMVIRT_VGIC_MORE)
			return a;
		a = armvirt_vgic_flush(vm, v);
		if (a.flags & ARMVIRT_VGIC_MORE)
			return a;
	}
	if (m->hcr != v->hcr_loaded || m->dirty) {
		*reg(gich, HCR) = m->hcr;
		v->hcr_loaded = m->hcr;
		for (uint32_t left = m->dirty; left; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctz(left);

			lr_write(gich, i, m->lr[i]);
		}
		m->dirty = 0;
		DSB_SY(); /* orders the list registers before the guest's accesses of GICV */
	}
	v->loaded = GUEST;
	return a;
}
