/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/trap/guestwalk.h"

#include <libarmvirt/regs.h>

#include "lib/trap/pstate.h"

#define HCR_HOST (ARMVIRT_HCR_EL2_E2H | ARMVIRT_HCR_EL2_TGE)
#define HCR_FLAT (ARMVIRT_HCR_EL2_DC | ARMVIRT_HCR_EL2_TGE)

/* Fault status codes of level -1 stand apart. */
static uint8_t status_at(uint8_t base, int level)
{
	if (level >= 0)
		return (uint8_t)(base + level);
	if (base == STATUS_TRANSLATION)
		return 0x2b;
	return base == STATUS_ADDRESS_SIZE ? 0x29 : (uint8_t)(base - 1);
}

/* The same in DFSR and IFSR. Short: levels 1 and 2 of what such a walk can meet. */
static uint32_t fsr_of(const struct armvirt_walk *w, uint8_t base, int level)
{
	uint32_t fs = level == 2 ? 2 : 0;

	if (w->mmu->tcr & TTBCR_EAE)
		return UINT32_C(1) << 9 | status_at(base, level);
	switch (base) {
	case STATUS_TRANSLATION:
		return fs | 0x5;
	case STATUS_ACCESS_FLAG:
		return level == 2 ? 0x6 : 0x3;
	case STATUS_DOMAIN:
		return fs | 0x9;
	case STATUS_PERMISSION:
		return fs | 0xd;
	default: /* External abort on a walk */
		return fs | 0xc;
	}
}

void armvirt_walk_fault_(const struct armvirt_walk *w, uint8_t status, int level)
{
	struct armvirt_guest_translation *out = w->out;

	out->ipa = 0;
	out->attr = 0;
	out->sh = 0;
	out->level = (int8_t)level;
	out->status = status_at(status, level);
	out->fsr = w->aarch32 ? fsr_of(w, status, level) : 0;
}

void armvirt_walk_leaf_(const struct armvirt_walk *w, const struct armvirt_walk_leaf *leaf)
{
	struct armvirt_guest_translation *out = w->out;
	uint8_t attr = leaf->attr;
	bool device = !(attr & 0xf0);

	if (w->access->fetch ? device || !(w->mmu->sctlr & SCTLR_I)
			     : !device && !(w->mmu->sctlr & SCTLR_C))
		attr = ATTR_NORMAL;
	out->ipa = leaf->ipa;
	out->fsr = 0;
	out->attr = attr;
	out->sh = leaf->sh == 1 ? SH_NONE : leaf->sh;              /* 1 is reserved */
	if (!(attr & 0xf0) || attr == ATTR_NORMAL || attr == 0x40) /* 0x40: the same, XS = 0 */
		out->sh = SH_OUTER;
	out->level = (int8_t)leaf->level;
	out->status = ARMVIRT_GUEST_NO_FAULT;
}

bool armvirt_walk_read_(const struct armvirt_walk *w, uint64_t ipa, unsigned bytes)
{
	const struct armvirt_ipa_range range = {ipa, bytes};
	const void *at = armvirt_guest_at(w->memory, &range);
	bool swap = w->mmu->sctlr & SCTLR_EE;

	w->out->walk = ipa;
	w->out->descriptor = 0;
	if (!at)
		return false;
	/* One load: the guest may write the descriptor meanwhile. */
	if (bytes == 8) {
		uint64_t d = __atomic_load_n((const uint64_t *)at, __ATOMIC_RELAXED);

		w->out->descriptor = swap ? __builtin_bswap64(d) : d;
	} else {
		uint32_t d = __atomic_load_n((const uint32_t *)at, __ATOMIC_RELAXED);

		w->out->descriptor = swap ? __builtin_bswap32(d) : d;
	}
	return true;
}

uint64_t armvirt_walk_canonical_(const struct armvirt_walk *w)
{
	uint64_t va = w->access->va, tcr = w->mmu->tcr;
	bool upper = va >> 55 & 1, tbi = tcr >> (upper ? 38 : 37) & 1;
	bool mtx = tcr >> (upper ? 61 : 60) & 1 && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_MTX);
	uint64_t ignored = 0;

	if (w->access->fetch) {
		if (armvirt_walk_has(w, ARMVIRT_GUEST_HAS_TBID))
			tbi = tbi && !(tcr >> (upper ? 52 : 51) & 1);
		mtx = false;
	}
	if (tbi)
		ignored = UINT64_C(0xff) << 56;
	else if (mtx)
		ignored = UINT64_C(0xf) << 56;
	return upper ? va | ignored : va & ~ignored;
}

/* Stage 1 off: flat; Device for data, Normal for instructions; with HCR_EL2.DC all is cacheable. */
static void flat(const struct armvirt_walk *w)
{
	uint64_t va = w->aarch32 ? (uint32_t)w->access->va : armvirt_walk_canonical_(w);
	struct armvirt_guest_translation *out = w->out;

	if (va >> w->mmu->pa_bits) {
		armvirt_walk_fault_(w, STATUS_ADDRESS_SIZE, 0);
		return;
	}
	out->ipa = va;
	out->fsr = 0;
	out->attr = ATTR_DEVICE;
	out->sh = SH_OUTER;
	out->level = 0;
	out->status = ARMVIRT_GUEST_NO_FAULT;
	if (w->mmu->hcr & ARMVIRT_HCR_EL2_DC) {
		out->attr = ATTR_WB_ALLOC;
		out->sh = SH_NONE;
	} else if (w->access->fetch) {
		out->attr = w->mmu->sctlr & SCTLR_I ? 0xaa : ATTR_NORMAL;
	}
}

enum armvirt_status armvirt_guest_translate(struct armvirt_guest_translation *out,
					    const struct armvirt_guest_mmu *mmu,
					    const struct armvirt_guest_memory *memory,
					    const struct armvirt_guest_access *access)
{
	const struct armvirt_walk w = {out, mmu, memory, access, !(mmu->hcr & ARMVIRT_HCR_EL2_RW)};

	if ((mmu->hcr & HCR_HOST) == HCR_HOST || mmu->hcr & ARMVIRT_HCR_EL2_NV1 ||
	    (!w.aarch32 && mmu->tcr2 & TCR2_D128))
		return ARMVIRT_E_UNSUPPORTED;
	out->walk = 0;
	out->descriptor = 0;
	if (!(mmu->sctlr & SCTLR_M) || mmu->hcr & HCR_FLAT)
		flat(&w);
	else if (w.aarch32 && !(mmu->tcr & TTBCR_EAE))
		armvirt_walk_short_(&w);
	else
		armvirt_walk_long_(&w);
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

static unsigned field(uint64_t reg, unsigned shift)
{
	return reg >> shift & 15;
}

static bool has_pauth(const struct armvirt_idregs *id)
{
	uint64_t isar1 = id->reg[ARMVIRT_IDREG_ID_AA64ISAR1_EL1];
	uint64_t isar2 = id->reg[ARMVIRT_IDREG_ID_AA64ISAR2_EL1];

	return isar1 & (ARMVIRT_ID_AA64ISAR1_EL1_APA | ARMVIRT_ID_AA64ISAR1_EL1_API) ||
	       isar2 & ARMVIRT_ID_AA64ISAR2_EL1_APA3;
}

static bool has_lpa2(uint64_t mmfr0)
{
	return field(mmfr0, ARMVIRT_ID_AA64MMFR0_EL1_TGRAN4_SHIFT) == 1 ||
	       field(mmfr0, ARMVIRT_ID_AA64MMFR0_EL1_TGRAN16_SHIFT) == 2;
}

void armvirt_guest_mmu_init(struct armvirt_guest_mmu *mmu, const struct armvirt_idregs *id)
{
	static const uint8_t pa_bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	/* register, field, least value, what it brings */
	static const struct {
		uint8_t reg, shift, least;
		uint16_t has;
	} rows[] = {
#define ROW(r, f, l, h) {ARMVIRT_IDREG_##r, ARMVIRT_##r##_##f##_SHIFT, l, ARMVIRT_GUEST_HAS_##h}
		ROW(ID_AA64MMFR2_EL1, VARANGE, 1, LVA), ROW(ID_AA64MMFR2_EL1, ST, 1, TTST),
		ROW(ID_AA64MMFR1_EL1, HAFDBS, 1, HAF),  ROW(ID_AA64MMFR1_EL1, HAFDBS, 2, HDBS),
		ROW(ID_AA64MMFR1_EL1, HPDS, 1, HPD),    ROW(ID_MMFR4_EL1, HPDS, 1, HPD32),
		ROW(ID_AA64MMFR2_EL1, E0PD, 1, E0PD),   ROW(ID_AA64MMFR1_EL1, PAN, 3, PAN3),
		ROW(ID_AA64PFR1_EL1, MTEX, 1, MTX),     ROW(ID_AA64MMFR3_EL1, S1PIE, 1, S1PIE),
		ROW(ID_AA64MMFR3_EL1, S1POE, 1, S1POE), ROW(ID_AA64MMFR3_EL1, AIE, 1, AIE),
#undef ROW
	};
	uint64_t mmfr0 = id->reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1];

	*mmu = (struct armvirt_guest_mmu){.hcr = ARMVIRT_HCR_EL2_RW};
	mmu->pa_bits = pa_bits[mmfr0 & 7];
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (field(id->reg[rows[i].reg], rows[i].shift) >= rows[i].least)
			mmu->has |= rows[i].has;
	}
	if (has_lpa2(mmfr0))
		mmu->has |= ARMVIRT_GUEST_HAS_LPA2;
	if (has_pauth(id))
		mmu->has |= ARMVIRT_GUEST_HAS_TBID;
}
