/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/guestwalk.h>

#define BIT(n) (UINT64_C(1) << (n))

#define SCTLR_M      BIT(0)
#define SCTLR_C      BIT(2)
#define SCTLR_I      BIT(12)
#define SCTLR_WXN    BIT(19)
#define SCTLR_EE     BIT(25)
#define SCTLR_EPAN   BIT(57)
#define TCR_HA       BIT(39)
#define TCR_HD       BIT(40)
#define TCR_DS       BIT(59)
#define TCR2_UNKNOWN (BIT(1) | BIT(2) | BIT(3) | BIT(5)) /* PIE, E0POE, POE, D128 */

#define DESC_VALID     BIT(0)
#define DESC_TABLE     BIT(1)
#define DESC_AP1       BIT(6)
#define DESC_AP2       BIT(7)
#define DESC_AF        BIT(10)
#define DESC_DBM       BIT(51)
#define DESC_PXN       BIT(53)
#define DESC_UXN       BIT(54)
#define DESC_PXN_TABLE BIT(59)
#define DESC_UXN_TABLE BIT(60)
#define DESC_AP_TABLE0 BIT(61)
#define DESC_AP_TABLE1 BIT(62)

#define STATUS_ADDRESS_SIZE  0x00
#define STATUS_TRANSLATION   0x04
#define STATUS_ACCESS_FLAG   0x08
#define STATUS_PERMISSION    0x0c
#define STATUS_EXTERNAL_WALK 0x14

/* One half of the address space: what TCR_EL1 says about TTBR0 or TTBR1. */
struct half {
	uint64_t ttbr;
	unsigned size_bits;    /* input address bits, 64 - TnSZ */
	unsigned granule_bits; /* 12, 14, 16 */
	unsigned out_bits;     /* output address bits */
	uint8_t sh;
	bool upper, top_byte, disabled, flat_permissions, e0pd;
	bool lpa2, wide64; /* descriptors with 52-bit addresses: DS; 64K on such a PE */
};

/* Fault status codes of level -1 stand apart. */
static uint8_t status_at(uint8_t base, int level)
{
	if (level >= 0)
		return (uint8_t)(base + level);
	if (base == STATUS_TRANSLATION)
		return 0x2b;
	return base == STATUS_ADDRESS_SIZE ? 0x29 : (uint8_t)(base - 1);
}

static void fault(struct armvirt_guest_translation *out, uint8_t status, int level)
{
	out->ipa = 0;
	out->attr = 0;
	out->sh = 0;
	out->level = (int8_t)level;
	out->status = status_at(status, level);
}

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

static void half_of(struct half *h, const struct armvirt_guest_mmu *mmu,
		    const struct armvirt_guest_access *access)
{
	bool upper = access->va >> 55 & 1;
	unsigned at = upper ? 16 : 0; /* TCR_EL1 repeats itself */
	uint64_t tcr = mmu->tcr;

	h->upper = upper;
	h->ttbr = upper ? mmu->ttbr1 : mmu->ttbr0;
	h->size_bits = 64 - (unsigned)(tcr >> at & 0x3f);
	h->granule_bits = granule_of(tcr >> (upper ? 30 : 14) & 3, upper);
	h->disabled = tcr >> (at + 7) & 1;
	h->sh = tcr >> (at + 12) & 3;
	h->top_byte = tcr >> (upper ? 38 : 37) & 1;
	if (access->fetch && tcr >> (upper ? 52 : 51) & 1) /* TBID */
		h->top_byte = false;
	h->flat_permissions = tcr >> (upper ? 42 : 41) & 1; /* HPD */
	h->e0pd = tcr >> (upper ? 56 : 55) & 1;
	h->lpa2 = mmu->lpa2 && tcr & TCR_DS && h->granule_bits != 16;
	h->out_bits = output_bits(mmu);
	h->wide64 = h->granule_bits == 16 && mmu->pa_bits == 52;
	if (!h->lpa2 && !h->wide64 && h->out_bits > 48)
		h->out_bits = 48;
}

/* TnSZ in range, and the address inside the half that it selects. */
static bool in_half(const struct half *h, const struct armvirt_guest_mmu *mmu, uint64_t va)
{
	unsigned most = h->lpa2 || (h->granule_bits == 16 && mmu->lva) ? 52 : 48;
	unsigned least = h->granule_bits == 16 ? 17 : 16;
	uint64_t top;

	if (h->size_bits > most || h->size_bits < least)
		return false;
	if (h->top_byte) /* bits 63:56 become copies of bit 55 */
		va = (uint64_t)((int64_t)(va << 8) >> 8);
	top = ~UINT64_C(0) << h->size_bits;
	return (va & top) == (h->upper ? top : 0);
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

static bool read_descriptor(struct armvirt_guest_translation *out,
			    const struct armvirt_guest_mmu *mmu,
			    const struct armvirt_guest_memory *memory, uint64_t ipa)
{
	const struct armvirt_ipa_range range = {ipa, 8};
	const uint64_t *at = armvirt_guest_at(memory, &range);
	uint64_t d;

	out->walk = ipa;
	out->descriptor = 0;
	if (!at)
		return false;
	/* One load: the guest may write the descriptor meanwhile. */
	d = __atomic_load_n(at, __ATOMIC_RELAXED);
	if (mmu->sctlr & SCTLR_EE)
		d = __builtin_bswap64(d);
	out->descriptor = d;
	return true;
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

static bool permitted(const struct armvirt_guest_mmu *mmu, const struct armvirt_guest_access *a,
		      uint64_t leaf, uint64_t limits)
{
	bool dirty_ok = leaf & DESC_DBM && mmu->tcr & TCR_HD && mmu->tcr & TCR_HA;
	bool readonly = limits & DESC_AP2 || (leaf & DESC_AP2 && !dirty_ok);
	bool user = leaf & DESC_AP1 && !(limits & DESC_AP1);
	bool wxn = mmu->sctlr & SCTLR_WXN;
	bool user_exec = !((leaf | limits) & DESC_UXN) && !(wxn && user && !readonly);
	bool kernel_exec =
		!((leaf | limits) & DESC_PXN) && !(user && !readonly) && !(wxn && !readonly);

	if (a->fetch)
		return a->el0 ? user_exec : kernel_exec;
	if (a->el0)
		return user && !(a->write && readonly);
	if (a->pan && (user || (mmu->sctlr & SCTLR_EPAN && user_exec)))
		return false;
	return !(a->write && readonly);
}

static void leaf(struct armvirt_guest_translation *out, const struct half *h,
		 const struct armvirt_guest_mmu *mmu, const struct armvirt_guest_access *access,
		 uint64_t limits, int level)
{
	uint64_t d = out->descriptor;
	unsigned low_bits = level_shift(h, level);
	uint64_t address = address_in(h, d, low_bits);

	if (address >> h->out_bits) {
		fault(out, STATUS_ADDRESS_SIZE, level);
		return;
	}
	if (!(d & DESC_AF) && !(mmu->tcr & TCR_HA)) {
		fault(out, STATUS_ACCESS_FLAG, level);
		return;
	}
	if (!permitted(mmu, access, d, limits)) {
		fault(out, STATUS_PERMISSION, level);
		return;
	}
	out->ipa = address | (access->va & (BIT(low_bits) - 1));
	out->attr = mmu->mair >> 8 * (d >> 2 & 7) & 0xff;
	out->sh = h->lpa2 ? h->sh : d >> 8 & 3;
	out->level = (int8_t)level;
	out->status = ARMVIRT_GUEST_NO_FAULT;
}

static void walk(struct armvirt_guest_translation *out, const struct half *h,
		 const struct armvirt_guest_mmu *mmu, const struct armvirt_guest_memory *memory,
		 const struct armvirt_guest_access *access)
{
	int level = start_level(h);
	uint64_t table = first_table(h, level), limits = 0;
	unsigned index_bits = h->size_bits - level_shift(h, level);

	if (table >> h->out_bits) {
		fault(out, STATUS_ADDRESS_SIZE, 0);
		return;
	}
	for (;; level++) {
		uint64_t index = access->va >> level_shift(h, level) & (BIT(index_bits) - 1);

		if (!read_descriptor(out, mmu, memory, table + 8 * index)) {
			fault(out, STATUS_EXTERNAL_WALK, level);
			return;
		}
		if (!(out->descriptor & DESC_VALID) ||
		    (level == 3 && !(out->descriptor & DESC_TABLE))) {
			fault(out, STATUS_TRANSLATION, level);
			return;
		}
		if (level == 3 || !(out->descriptor & DESC_TABLE))
			break;
		table = address_in(h, out->descriptor, h->granule_bits);
		if (table >> h->out_bits) {
			fault(out, STATUS_ADDRESS_SIZE, level);
			return;
		}
		limits |= inherit(h, out->descriptor);
		index_bits = h->granule_bits - 3;
	}
	if (level < 3 && !block_allowed(h, level))
		fault(out, STATUS_TRANSLATION, level);
	else
		leaf(out, h, mmu, access, limits, level);
}

/* MMU off: flat, Device for data, Normal for instructions (cacheable if SCTLR_EL1.I). */
static void flat(struct armvirt_guest_translation *out, const struct armvirt_guest_mmu *mmu,
		 const struct armvirt_guest_access *access)
{
	bool ignored = mmu->tcr >> (access->va >> 55 & 1 ? 38 : 37) & 1; /* TBI */
	uint64_t va = access->va;

	if (ignored)
		va &= BIT(56) - 1;
	if (va >> mmu->pa_bits) {
		fault(out, STATUS_ADDRESS_SIZE, 0);
		return;
	}
	out->ipa = va;
	out->attr = 0;
	if (access->fetch)
		out->attr = mmu->sctlr & SCTLR_I ? 0xaa : 0x44;
	out->sh = 2;
	out->level = 0;
	out->status = ARMVIRT_GUEST_NO_FAULT;
}

enum armvirt_status armvirt_guest_translate(struct armvirt_guest_translation *out,
					    const struct armvirt_guest_mmu *mmu,
					    const struct armvirt_guest_memory *memory,
					    const struct armvirt_guest_access *access)
{
	struct half h;

	if (mmu->tcr2 & TCR2_UNKNOWN)
		return ARMVIRT_E_UNSUPPORTED;
	out->walk = 0;
	out->descriptor = 0;
	if (!(mmu->sctlr & SCTLR_M)) {
		flat(out, mmu, access);
		return ARMVIRT_OK;
	}
	half_of(&h, mmu, access);
	if (h.disabled || (h.e0pd && access->el0) || !in_half(&h, mmu, access->va))
		fault(out, STATUS_TRANSLATION, 0);
	else
		walk(out, &h, mmu, memory, access);
	return ARMVIRT_OK;
}

const void *armvirt_guest_at(const struct armvirt_guest_memory *memory,
			     const struct armvirt_ipa_range *range)
{
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct armvirt_guest_span *s = &memory->span[i];
		uint64_t offset = range->base - s->base;

		if (range->base >= s->base && offset < s->size && range->size <= s->size - offset)
			return (const uint8_t *)s->memory + offset;
	}
	return NULL;
}

enum armvirt_status armvirt_guest_fetch(uint32_t *word, const struct armvirt_guest_mmu *mmu,
					const struct armvirt_guest_memory *memory,
					const struct armvirt_guest_access *access)
{
	struct armvirt_guest_access fetch = *access;
	struct armvirt_guest_translation t;
	struct armvirt_ipa_range range = {0, 4};
	enum armvirt_status status;
	const uint8_t *at;

	if (access->va & 3)
		return ARMVIRT_E_ALIGN;
	fetch.fetch = true;
	fetch.write = false;
	status = armvirt_guest_translate(&t, mmu, memory, &fetch);
	if (status != ARMVIRT_OK)
		return status;
	if (t.status != ARMVIRT_GUEST_NO_FAULT)
		return ARMVIRT_RETRY;
	range.base = t.ipa;
	at = armvirt_guest_at(memory, &range);
	if (!at)
		return ARMVIRT_E_ABSENT;
	/* A64 instructions are little-endian whatever the data are. */
	*word = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
	return ARMVIRT_OK;
}
