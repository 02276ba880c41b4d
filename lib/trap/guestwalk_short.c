/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch32's tables of 32-bit descriptors. */
#include "lib/trap/guestwalk.h"

#define TTBCR_PD0 BIT(4)
#define TTBCR_PD1 BIT(5)

#define DOMAIN_CLIENT  1
#define DOMAIN_MANAGER 3

/* What an entry that is no table says, whichever size it has. */
struct entry {
	unsigned size_bits; /* 12, 16, 20, 24 */
	uint64_t base;
	unsigned ap;       /* AP[2:0] */
	unsigned tex, c_b; /* TEX[2:0]; C, B */
	unsigned domain;
	bool xn, pxn, s;
};

static unsigned bits(uint64_t d, unsigned msb, unsigned lsb)
{
	return (unsigned)(d >> lsb & ((UINT64_C(2) << (msb - lsb)) - 1));
}

static void section(struct entry *e, uint64_t d)
{
	e->tex = bits(d, 14, 12);
	e->ap = bits(d, 15, 15) << 2 | bits(d, 11, 10);
	e->xn = d & BIT(4);
	e->pxn = d & BIT(0);
	e->s = d & BIT(16);
	if (d & BIT(18)) { /* supersection: 40 bits of address, domain 0 */
		e->size_bits = 24;
		e->base = (d & 0xff000000) | (uint64_t)bits(d, 23, 20) << 32 |
			  (uint64_t)bits(d, 8, 5) << 36;
		e->domain = 0;
	} else {
		e->size_bits = 20;
		e->base = d & 0xfff00000;
		e->domain = bits(d, 8, 5);
	}
}

static void page(struct entry *e, uint64_t d)
{
	bool large = bits(d, 1, 0) == 1;

	e->size_bits = large ? 16 : 12;
	e->base = d >> e->size_bits << e->size_bits;
	e->tex = large ? bits(d, 14, 12) : bits(d, 8, 6);
	e->xn = d & (large ? BIT(15) : BIT(0));
	e->ap = bits(d, 9, 9) << 2 | bits(d, 5, 4);
	e->s = d & BIT(10);
}

/* A fault, and how DFSR names its domain. */
static void fault(const struct armvirt_walk *w, uint8_t status, int level, unsigned domain)
{
	armvirt_walk_fault_(w, status, level);
	if (!w->access->fetch)
		w->out->fsr |= domain << 4;
}

/* Two levels at most; the level of the entry, or 0 after a fault. */
static int find(const struct armvirt_walk *w, struct entry *e)
{
	const struct armvirt_guest_mmu *mmu = w->mmu;
	uint32_t va = (uint32_t)w->access->va;
	unsigned n = mmu->tcr & 7;
	bool upper = n && va >> (32 - n);
	uint64_t d, table;

	if (mmu->tcr & (upper ? TTBCR_PD1 : TTBCR_PD0)) {
		fault(w, STATUS_TRANSLATION, 1, 0);
		return 0;
	}
	n = upper ? 0 : n; /* TTBR1 has the whole table */
	table = (upper ? mmu->ttbr1 : mmu->ttbr0) & UINT32_MAX;
	table = table >> (14 - n) << (14 - n);
	if (!armvirt_walk_read_(w, table + 4 * (va << n >> n >> 20), 4)) {
		fault(w, STATUS_EXTERNAL_WALK, 1, 0);
		return 0;
	}
	d = w->out->descriptor;
	if (d & 2) {
		section(e, d);
		return 1;
	}
	if (!(d & 1)) {
		fault(w, STATUS_TRANSLATION, 1, 0);
		return 0;
	}
	e->domain = bits(d, 8, 5);
	e->pxn = d & BIT(2);
	if (!armvirt_walk_read_(w, (d & 0xfffffc00) + 4 * (va >> 12 & 0xff), 4)) {
		fault(w, STATUS_EXTERNAL_WALK, 2, e->domain);
		return 0;
	}
	d = w->out->descriptor;
	if (!(d & 3)) {
		fault(w, STATUS_TRANSLATION, 2, e->domain);
		return 0;
	}
	page(e, d);
	return 2;
}

/* With SCTLR.AFE, AP[0] is the access flag: set, it leaves what the odd values mean without. */
static struct armvirt_walk_rights rights(const struct entry *e)
{
	unsigned ap = e->ap;
	bool readonly = ap & 4;
	struct armvirt_walk_rights r;

	r.pr = ap != 0 && ap != 4;
	r.pw = r.pr && !readonly;
	r.ur = ap & 2;
	r.uw = ap == 3;
	r.ux = !e->xn;
	r.px = !e->xn && !e->pxn;
	return r;
}

/* Cacheability as two bits have it, as a nibble of MAIR: none, WB RWA, WT RA, WB RA. */
static const uint8_t cacheability[4] = {0x4, 0xf, 0xa, 0xe};

static void default_attributes(struct armvirt_walk_leaf *l, const struct entry *e)
{
	/* TEX 0 and 1, C, B: Device-nGnRnE and -nGnRE, write-through, write-back; Non-cacheable,
	   two that are reserved or the implementation's, write-back with write allocation. */
	static const uint8_t low[8] = {0x00, 0x04, 0xaa, 0xee, 0x44, 0x00, 0x00, 0xff};

	l->sh = e->s ? SH_OUTER : SH_NONE;
	if (e->tex & 4)
		l->attr = (uint8_t)(cacheability[e->tex & 3] << 4 | cacheability[e->c_b]);
	else if (e->tex < 2)
		l->attr = low[e->tex << 2 | e->c_b];
	else
		l->attr = e->tex == 2 && !e->c_b ? 0x04 : ATTR_DEVICE;
}

/* PRRR and NMRR, by TEX[0], C and B. */
static void remapped_attributes(struct armvirt_walk_leaf *l, const struct entry *e, uint64_t mair)
{
	unsigned n = (e->tex & 1) << 2 | e->c_b;
	uint32_t prrr = (uint32_t)mair, nmrr = (uint32_t)(mair >> 32);
	bool shared = bits(prrr, e->s ? 19 : 18, e->s ? 19 : 18);

	l->sh = shared ? (uint8_t)(2 | (prrr >> (24 + n) & 1)) : SH_NONE;
	l->attr = ATTR_DEVICE;
	if (n == 6) /* the implementation's */
		return;
	if ((prrr >> 2 * n & 3) == 1)
		l->attr = 0x04;
	if ((prrr >> 2 * n & 3) == 2)
		l->attr = (uint8_t)(cacheability[nmrr >> (16 + 2 * n) & 3] << 4 |
				    cacheability[nmrr >> 2 * n & 3]);
}

void armvirt_walk_short_(const struct armvirt_walk *w)
{
	struct entry e = {.size_bits = 0};
	struct armvirt_walk_leaf l = {.level = find(w, &e)};
	unsigned domain;

	if (!l.level)
		return;
	e.c_b = bits(w->out->descriptor, 3, 2);
	domain = w->mmu->dacr >> 2 * e.domain & 3;
	if (w->mmu->sctlr & SCTLR_AFE && !(e.ap & 1)) {
		fault(w, STATUS_ACCESS_FLAG, l.level, e.domain);
	} else if (!(domain & DOMAIN_CLIENT)) {
		fault(w, STATUS_DOMAIN, l.level, e.domain);
	} else if (domain != DOMAIN_MANAGER && !armvirt_walk_permitted32_(w, rights(&e))) {
		fault(w, STATUS_PERMISSION, l.level, e.domain);
	} else {
		l.ipa = e.base | (w->access->va & (BIT(e.size_bits) - 1));
		if (w->mmu->sctlr & SCTLR_TRE)
			remapped_attributes(&l, &e, w->mmu->mair);
		else
			default_attributes(&l, &e);
		armvirt_walk_leaf_(w, &l);
	}
}
