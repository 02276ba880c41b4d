/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of 64-bit descriptors: AArch64, and AArch32's long format, which is its 4K case. */
#include "lib/trap/guestwalk.h"

/* One half of the address space: what TCR_EL1 or TTBCR says about TTBR0 or TTBR1. */
struct half {
	uint64_t ttbr;
	unsigned size_bits;    /* input address bits, 64 - TnSZ (AArch32: 32) */
	unsigned granule_bits; /* 12, 14, 16 */
	unsigned out_bits;     /* output address bits */
	uint8_t sh;
	bool upper, disabled, flat_permissions;
	bool lpa2, wide64; /* descriptors with 52-bit addresses: DS; 64K on such a PE */
};

static unsigned granule_of(unsigned tg, bool upper)
{
	/* TG0: 4K, 64K, 16K; TG1: 16K, 4K, 64K. A reserved value counts as 4K. */
	static const uint8_t lower_bits[4] = {12, 16, 14, 12}, upper_bits[4] = {12, 14, 12, 16};

	return upper ? upper_bits[tg] : lower_bits[tg];
}

static unsigned output_bits(const struct armvirt_guest_mmu *mmu)
{
	static const uint8_t sizes[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	unsigned bits = sizes[mmu->tcr >> 32 & 7];

	return bits < mmu->pa_bits ? bits : mmu->pa_bits;
}

static void half_of(struct half *h, const struct armvirt_walk *w)
{
	const struct armvirt_guest_mmu *mmu = w->mmu;
	bool upper = w->access->va >> 55 & 1;
	unsigned at = upper ? 16 : 0; /* TCR_EL1 repeats itself */
	uint64_t tcr = mmu->tcr;

	h->upper = upper;
	h->ttbr = upper ? mmu->ttbr1 : mmu->ttbr0;
	h->size_bits = 64 - (unsigned)(tcr >> at & 0x3f);
	h->granule_bits = granule_of(tcr >> (upper ? 30 : 14) & 3, upper);
	h->disabled = tcr >> (at + 7) & 1 ||
		      (w->access->el0 && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_E0PD) &&
		       tcr >> (upper ? 56 : 55) & 1);
	h->sh = tcr >> (at + 12) & 3;
	h->flat_permissions =
		(tcr >> (upper ? 42 : 41) & 1 && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_HPD)) ||
		(mmu->tcr2 & (TCR2_POE | TCR2_E0POE) &&
		 armvirt_walk_has(w, ARMVIRT_GUEST_HAS_S1POE)); /* either of them is HPDn = 1 */
	h->lpa2 = tcr & TCR_DS && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_LPA2) &&
		  h->granule_bits != 16;
	h->out_bits = output_bits(mmu);
	h->wide64 = h->granule_bits == 16 && mmu->pa_bits == 52;
	if (!h->lpa2 && !h->wide64 && h->out_bits > 48)
		h->out_bits = 48;
}

/* TnSZ in range, and the address inside the half that it selects. */
static bool in_half(const struct half *h, const struct armvirt_walk *w)
{
	bool wide =
		h->lpa2 || (h->granule_bits == 16 && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_LVA));
	unsigned most = wide ? 52 : 48, least = 25;
	uint64_t top;

	if (armvirt_walk_has(w, ARMVIRT_GUEST_HAS_TTST))
		least = h->granule_bits == 16 ? 17 : 16;
	if (h->size_bits > most || h->size_bits < least)
		return false;
	top = ~UINT64_C(0) << h->size_bits;
	return (armvirt_walk_canonical_(w) & top) == (h->upper ? top : 0);
}

/* The half of an AArch32 address; false: it is in the gap between them. */
static bool half32_of(struct half *h, const struct armvirt_walk *w)
{
	const struct armvirt_guest_mmu *mmu = w->mmu;
	uint32_t va = (uint32_t)w->access->va;
	unsigned t0sz = mmu->tcr & 7, t1sz = mmu->tcr >> 16 & 7;
	bool lower = !t0sz || !(va >> (32 - t0sz)), upper = t1sz && !(~va >> (32 - t1sz));

	/* A size of 0 is what the other half leaves; both 0: all is the lower half. */
	h->upper = t0sz && !t1sz ? !lower : upper && !(t0sz && lower);
	h->ttbr = h->upper ? mmu->ttbr1 : mmu->ttbr0;
	h->size_bits = 32 - (h->upper ? t1sz : t0sz);
	h->granule_bits = 12;
	h->out_bits = 40;
	h->sh = 0;
	h->disabled = mmu->tcr >> (h->upper ? 23 : 7) & 1;
	h->flat_permissions = mmu->tcr >> (h->upper ? 42 : 41) & 1 && mmu->tcr & BIT(6) &&
			      armvirt_walk_has(w, ARMVIRT_GUEST_HAS_HPD32); /* HPDn and T2E */
	h->lpa2 = h->wide64 = false;
	return !t0sz || !t1sz || lower || upper;
}

static int start_level(const struct half *h)
{
	unsigned stride = h->granule_bits - 3;

	return 4 - (int)((h->size_bits - h->granule_bits + stride - 1) / stride);
}

/* Address bits that a level resolves start here. */
static unsigned level_shift(const struct half *h, int level)
{
	return h->granule_bits + (unsigned)(3 - level) * (h->granule_bits - 3);
}

/* Address in a descriptor, aligned to 2^low_bits. */
static uint64_t address_in(const struct half *h, uint64_t d, unsigned low_bits)
{
	uint64_t a;

	if (h->lpa2)
		a = (d & (BIT(50) - 1)) | (d >> 8 & 3) << 50;
	else
		a = (d & (BIT(48) - 1)) | (h->wide64 ? (d >> 12 & 15) << 48 : 0);
	return a >> low_bits << low_bits;
}

/* The first table may be smaller than a granule, and is aligned to its size. */
static uint64_t first_table(const struct half *h, int level)
{
	unsigned entries_bits = h->size_bits - level_shift(h, level);
	unsigned low_bits = entries_bits + 3;
	uint64_t base = h->ttbr & (BIT(48) - 1) & ~UINT64_C(1);

	if (h->lpa2 || (h->wide64 && h->out_bits == 52)) {
		low_bits = low_bits < 6 ? 6 : low_bits;
		base |= (h->ttbr >> 2 & 15) << 48;
	}
	return base >> low_bits << low_bits;
}

static bool block_allowed(const struct half *h, int level)
{
	if (level == 2)
		return true;
	if (h->granule_bits == 12)
		return level == 1 || (level == 0 && h->lpa2);
	return level == 1 && (h->granule_bits == 14 ? h->lpa2 : h->wide64);
}

/* What the tables above took away, put into the places of the leaf's own bits. */
static uint64_t inherit(const struct half *h, uint64_t table)
{
	uint64_t limits = 0;

	if (h->flat_permissions)
		return 0;
	if (table & DESC_AP_TABLE1)
		limits |= DESC_AP2;
	if (table & DESC_AP_TABLE0)
		limits |= DESC_AP1; /* here: "not from EL0" */
	if (table & DESC_PXN_TABLE)
		limits |= DESC_PXN;
	if (table & DESC_UXN_TABLE)
		limits |= DESC_UXN;
	return limits;
}

static uint8_t attributes(const struct armvirt_walk *w, uint64_t d)
{
	const struct armvirt_guest_mmu *mmu = w->mmu;
	bool second = !w->aarch32 && mmu->tcr2 & TCR2_AIE && d & BIT(59) &&
		      armvirt_walk_has(w, ARMVIRT_GUEST_HAS_AIE);

	return (second ? mmu->mair2 : mmu->mair) >> 8 * (d >> 2 & 7) & 0xff;
}

static void leaf(const struct armvirt_walk *w, const struct half *h, uint64_t limits, int level)
{
	uint64_t d = w->out->descriptor;
	unsigned low_bits = level_shift(h, level);
	uint64_t address = address_in(h, d, low_bits);
	bool af = d & DESC_AF || (!w->aarch32 && w->mmu->tcr & TCR_HA &&
				  armvirt_walk_has(w, ARMVIRT_GUEST_HAS_HAF));
	struct armvirt_walk_leaf l = {.level = level};

	if (address >> h->out_bits) {
		armvirt_walk_fault_(w, STATUS_ADDRESS_SIZE, level);
	} else if (!af) {
		armvirt_walk_fault_(w, STATUS_ACCESS_FLAG, level);
	} else if (!armvirt_walk_permitted_(w, d, limits)) {
		armvirt_walk_fault_(w, STATUS_PERMISSION, level);
	} else {
		l.ipa = address | (w->access->va & (BIT(low_bits) - 1));
		l.attr = attributes(w, d);
		l.sh = h->lpa2 ? h->sh : d >> 8 & 3;
		armvirt_walk_leaf_(w, &l);
	}
}

/* Down to what is no table. False: a fault, which out has. */
static bool descend(const struct armvirt_walk *w, const struct half *h, uint64_t *limits,
		    int *level)
{
	uint64_t table = first_table(h, *level), index, d;
	unsigned index_bits = h->size_bits - level_shift(h, *level);

	for (;; ++*level) {
		index = w->access->va >> level_shift(h, *level) & (BIT(index_bits) - 1);
		if (!armvirt_walk_read_(w, table + 8 * index, 8)) {
			armvirt_walk_fault_(w, STATUS_EXTERNAL_WALK, *level);
			return false;
		}
		d = w->out->descriptor;
		if (!(d & DESC_VALID) || (*level == 3 && !(d & DESC_TABLE))) {
			armvirt_walk_fault_(w, STATUS_TRANSLATION, *level);
			return false;
		}
		if (*level == 3 || !(d & DESC_TABLE))
			return true;
		table = address_in(h, d, h->granule_bits);
		if (table >> h->out_bits) {
			armvirt_walk_fault_(w, STATUS_ADDRESS_SIZE, *level);
			return false;
		}
		*limits |= inherit(h, d);
		index_bits = h->granule_bits - 3;
	}
}

void armvirt_walk_long_(const struct armvirt_walk *w)
{
	struct half h;
	uint64_t limits = 0;
	bool inside;
	int level;

	if (w->aarch32) {
		inside = half32_of(&h, w);
	} else {
		half_of(&h, w);
		inside = in_half(&h, w);
	}
	if (h.disabled || !inside) {
		armvirt_walk_fault_(w, STATUS_TRANSLATION, w->aarch32);
		return;
	}
	level = start_level(&h);
	if (first_table(&h, level) >> h.out_bits) {
		armvirt_walk_fault_(w, STATUS_ADDRESS_SIZE, 0);
		return;
	}
	if (!descend(w, &h, &limits, &level))
		return;
	if (level < 3 && !block_allowed(&h, level))
		armvirt_walk_fault_(w, STATUS_TRANSLATION, level);
	else
		leaf(w, &h, limits, level);
}
