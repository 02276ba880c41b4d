/* SPDX-License-Identifier: BSD-2-Clause */
/* Written from the description of the virtual CPU interface; plain rather than fast. */
#include "vcpuif.h"

#include <stddef.h>

static unsigned mask_low(unsigned value, unsigned bits)
{
	unsigned step = 1u << (8 - bits);

	return value / step * step;
}

void vcpuif_init(struct vcpuif *c, const struct vcpuif_shape *shape)
{
	struct vcpuif_shape s = *shape; /* may be the one that is about to be wiped */

	*c = (struct vcpuif){.shape = s};
	vcpuif_vmcr_write(c, 0);
}

/* The binary point splits a priority: bits 7 to (point + 1) of group 0 preempt, of group 1 bits 7
 * to point; the smallest value is what the number of preemption bits allows. */
static unsigned bpr_smallest(const struct vcpuif *c, unsigned group)
{
	return group ? 8 - c->shape.pre_bits : 7 - c->shape.pre_bits;
}

static unsigned preempt_part(const struct vcpuif *c, unsigned prio, unsigned group)
{
	unsigned shift;

	if (group == 0 || c->cbpr)
		shift = c->bpr0 + 1;
	else
		shift = c->bpr1;
	return prio >> shift << shift;
}

void vcpuif_lr_write(struct vcpuif *c, unsigned n, uint64_t v)
{
	struct vcpuif_lr *l = &c->lr[n];

	c->accesses++;
	*l = (struct vcpuif_lr){0};
	l->pending = v >> 62 & 1;
	l->active = v >> 63 & 1;
	l->hw = v >> 61 & 1;
	l->group1 = v >> 60 & 1;
	l->prio = mask_low((unsigned)(v >> 48 & 0xff), c->shape.pri_bits);
	l->intid = (unsigned)(v & (c->shape.v2 ? 0x3ff : 0xffff));
	l->source = c->shape.v2 ? (unsigned)(v >> 10 & 7) : 0;
	if (l->hw)
		l->pintid = (unsigned)(v >> 32 & 0x1fff);
	else
		l->eoi = v >> 41 & 1;
	l->owed = l->eoi && !l->pending && !l->active;
}

uint64_t vcpuif_lr_read(struct vcpuif *c, unsigned n)
{
	const struct vcpuif_lr *l = &c->lr[n];

	c->accesses++;
	return (uint64_t)l->active << 63 | (uint64_t)l->pending << 62 | (uint64_t)l->hw << 61 |
	       (uint64_t)l->group1 << 60 | (uint64_t)l->prio << 48 |
	       (l->hw ? (uint64_t)l->pintid << 32 : (uint64_t)l->eoi << 41) |
	       (uint64_t)l->source << 10 | l->intid;
}

void vcpuif_vmcr_write(struct vcpuif *c, uint32_t v)
{
	c->pmr = v >> 24;
	c->bpr0 = v >> 21 & 7;
	c->bpr1 = v >> 18 & 7;
	if (c->bpr0 < bpr_smallest(c, 0))
		c->bpr0 = bpr_smallest(c, 0);
	if (c->bpr1 < bpr_smallest(c, 1))
		c->bpr1 = bpr_smallest(c, 1);
	c->eoimode = v >> 9 & 1;
	c->cbpr = v >> 4 & 1;
	c->en1 = v >> 1 & 1;
	c->en0 = v & 1;
}

uint32_t vcpuif_vmcr_read(const struct vcpuif *c)
{
	return c->pmr << 24 | c->bpr0 << 21 | c->bpr1 << 18 | (uint32_t)c->eoimode << 9 |
	       (uint32_t)c->cbpr << 4 | (uint32_t)c->en1 << 1 | (uint32_t)c->en0;
}

void vcpuif_hcr_write(struct vcpuif *c, uint32_t v)
{
	c->hcr = v & 0x07ffffff;
	c->eoicount = v >> 27;
}

uint32_t vcpuif_hcr_read(const struct vcpuif *c)
{
	return c->hcr | (uint32_t)c->eoicount << 27;
}

/* Level n of the active priorities is priority n << (8 - preemption bits). */
void vcpuif_ap_write(struct vcpuif *c, unsigned group, unsigned n, uint32_t v)
{
	for (unsigned i = 0; i < 32; i++)
		(group ? c->level1 : c->level0)[n * 32 + i] = v >> i & 1;
}

uint32_t vcpuif_ap_read(const struct vcpuif *c, unsigned group, unsigned n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 32; i++)
		v |= (uint32_t)(group ? c->level1 : c->level0)[n * 32 + i] << i;
	return v;
}

uint32_t vcpuif_elrsr(const struct vcpuif *c)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < c->shape.lrs; i++)
		if (!c->lr[i].pending && !c->lr[i].active && !c->lr[i].owed)
			v |= 1u << i;
	return v;
}

uint32_t vcpuif_eisr(const struct vcpuif *c)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < c->shape.lrs; i++)
		if (!c->lr[i].pending && !c->lr[i].active && c->lr[i].owed)
			v |= 1u << i;
	return v;
}

uint32_t vcpuif_misr(const struct vcpuif *c)
{
	unsigned valid = 0, only_pending = 0;
	uint32_t m = 0;

	if (!(c->hcr & 1))
		return 0;
	for (unsigned i = 0; i < c->shape.lrs; i++) {
		valid += c->lr[i].pending || c->lr[i].active;
		only_pending += c->lr[i].pending && !c->lr[i].active;
	}
	if (vcpuif_eisr(c))
		m |= 1;
	if ((c->hcr & 2) && valid <= 1)
		m |= 2;
	if ((c->hcr & 4) && c->eoicount)
		m |= 4;
	if ((c->hcr & 8) && only_pending == 0)
		m |= 8;
	if ((c->hcr & 0x10) && c->en0)
		m |= 0x10;
	if ((c->hcr & 0x20) && !c->en0)
		m |= 0x20;
	if ((c->hcr & 0x40) && c->en1)
		m |= 0x40;
	if ((c->hcr & 0x80) && !c->en1)
		m |= 0x80;
	return m;
}

static int running_level(const struct vcpuif *c)
{
	for (int i = 0; i < 128; i++)
		if (c->level0[i] || c->level1[i])
			return i;
	return -1;
}

/* The best pending list register of an enabled group; the order among equals is the
 * implementation's: the lowest here. */
static const struct vcpuif_lr *best(const struct vcpuif *c)
{
	const struct vcpuif_lr *b = NULL;

	for (unsigned i = 0; i < c->shape.lrs; i++) {
		const struct vcpuif_lr *l = &c->lr[i];

		if (!l->pending || l->active || !(l->group1 ? c->en1 : c->en0))
			continue;
		if (!b || l->prio < b->prio)
			b = l;
	}
	return b;
}

static bool passes(const struct vcpuif *c, const struct vcpuif_lr *l)
{
	int level = running_level(c);
	unsigned running = (unsigned)level << (8 - c->shape.pre_bits);

	if (l->prio >= c->pmr)
		return false;
	if (c->shape.masks_running)
		running = preempt_part(c, running, l->group1);
	return level < 0 || preempt_part(c, l->prio, l->group1) < running;
}

bool vcpuif_irq(const struct vcpuif *c)
{
	const struct vcpuif_lr *l = best(c);

	return (c->hcr & 1) && l && passes(c, l);
}

uint32_t vcpuif_iar(struct vcpuif *c, unsigned group)
{
	const struct vcpuif_lr *b = best(c);
	struct vcpuif_lr *l;

	if (!b || b->group1 != (group == 1) || !passes(c, b))
		return 1023;
	l = &c->lr[b - c->lr];
	l->pending = false;
	l->active = true;
	(group && !c->shape.one_apr
		 ? c->level1
		 : c->level0)[preempt_part(c, l->prio, group) >> (8 - c->shape.pre_bits)] = true;
	return l->source << 10 | l->intid;
}

static void deactivate_lr(struct vcpuif *c, struct vcpuif_lr *l)
{
	l->active = false;
	if (l->hw)
		c->deactivated = l->pintid;
	else if (l->eoi && !l->pending)
		l->owed = true;
}

static struct vcpuif_lr *find_active(struct vcpuif *c, uint32_t id)
{
	for (unsigned i = 0; i < c->shape.lrs; i++)
		if (c->lr[i].active && (c->lr[i].source << 10 | c->lr[i].intid) == id)
			return &c->lr[i];
	return NULL;
}

bool vcpuif_active(const struct vcpuif *c, uint32_t id)
{
	for (unsigned i = 0; i < c->shape.lrs; i++)
		if (c->lr[i].active && (c->lr[i].source << 10 | c->lr[i].intid) == id)
			return true;
	return false;
}

void vcpuif_eoir(struct vcpuif *c, unsigned group, uint32_t id)
{
	int level = running_level(c);
	struct vcpuif_lr *l;

	c->deactivated = 0;
	if ((id & 0x3ff) >= 1020)
		return;
	if (level < 0)
		return;
	if (c->shape.one_apr)
		c->level0[level] = false;
	else if (group == 0 ? !c->level0[level] : !c->level1[level] || c->level0[level])
		return;
	else
		(group ? c->level1 : c->level0)[level] = false;
	if (c->eoimode && !c->shape.eoir_counts)
		return;
	l = find_active(c, id);
	if (!l)
		c->eoicount = (c->eoicount + 1) & 31;
	else if (!c->eoimode && l->group1 == (group == 1) &&
		 preempt_part(c, l->prio, group) == (unsigned)level << (8 - c->shape.pre_bits))
		deactivate_lr(c, l); /* else out of order: nothing but the priority ends */
}

bool vcpuif_dir(struct vcpuif *c, uint32_t id)
{
	struct vcpuif_lr *l;

	c->deactivated = 0;
	if (c->hcr & (1u << 14 | 1u << 10))
		return true;
	if (!c->eoimode)
		return false;
	l = find_active(c, id);
	if (l)
		deactivate_lr(c, l);
	else
		c->eoicount = (c->eoicount + 1) & 31;
	return false;
}

uint32_t vcpuif_hppir(const struct vcpuif *c, unsigned group)
{
	const struct vcpuif_lr *b = best(c);

	return b && b->group1 == (group == 1) ? b->source << 10 | b->intid : 1023;
}

uint32_t vcpuif_rpr(const struct vcpuif *c)
{
	int level = running_level(c);

	return level < 0 ? 0xff : (uint32_t)level << (8 - c->shape.pre_bits);
}

void vcpuif_pmr_write(struct vcpuif *c, unsigned value)
{
	c->pmr = mask_low(value & 0xff, c->shape.pri_bits);
}

unsigned vcpuif_pmr_read(const struct vcpuif *c)
{
	return mask_low(c->pmr, c->shape.pri_bits);
}

void vcpuif_bpr_write(struct vcpuif *c, unsigned group, unsigned value)
{
	if (group && c->cbpr)
		return;
	value &= 7;
	if (value < bpr_smallest(c, group))
		value = bpr_smallest(c, group);
	*(group ? &c->bpr1 : &c->bpr0) = value;
}

unsigned vcpuif_bpr_read(const struct vcpuif *c, unsigned group)
{
	if (!group)
		return c->bpr0;
	if (!c->cbpr)
		return c->bpr1;
	return c->bpr0 == 7 ? 7 : c->bpr0 + 1;
}

void vcpuif_igrpen_write(struct vcpuif *c, unsigned group, bool on)
{
	*(group ? &c->en1 : &c->en0) = on;
}

void vcpuif_ctlr_write(struct vcpuif *c, bool eoimode, bool cbpr)
{
	c->eoimode = eoimode;
	c->cbpr = cbpr;
}
