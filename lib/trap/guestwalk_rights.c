/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 1: who may do what with a leaf. */
#include "lib/trap/guestwalk.h"

/* PIR_EL1 and PIRE0_EL1: read, write, execute, guarded control stack. */
#define R 1
#define W 2
#define X 4
#define G 8

/* Also POR_EL1 and POR_EL0, whose bits stand otherwise: read, execute, write. */
#define OVERLAY_R 1
#define OVERLAY_X 2
#define OVERLAY_W 4

#define INDIRECT_WXN        6 /* read-write-execute, but not both W and X */
#define INDIRECT_NO_OVERLAY 8

/* One side's rights before its overlay. */
struct base {
	bool r, w, x, wxn, overlay;
};

static bool hardware_dirty(const struct armvirt_walk *w)
{
	return w->mmu->tcr & TCR_HD && w->mmu->tcr & TCR_HA &&
	       armvirt_walk_has(w, ARMVIRT_GUEST_HAS_HDBS);
}

static struct armvirt_walk_rights direct(uint64_t leaf, uint64_t limits, bool dirty)
{
	bool readonly = limits & DESC_AP2 || (leaf & DESC_AP2 && !dirty);
	bool user = leaf & DESC_AP1 && !(limits & DESC_AP1);

	return (struct armvirt_walk_rights){.pr = true,
					    .pw = !readonly,
					    .px = !((leaf | limits) & DESC_PXN),
					    .ur = user,
					    .uw = user && !readonly,
					    .ux = !((leaf | limits) & DESC_UXN)};
}

static struct base direct64(const struct armvirt_walk *w, uint64_t leaf, uint64_t limits)
{
	struct armvirt_walk_rights r = direct(leaf, limits, leaf & DESC_DBM && hardware_dirty(w));
	bool epan = w->mmu->sctlr & SCTLR_EPAN && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_PAN3);
	struct base b;

	if (w->access->pan && !w->access->fetch && (r.ur || (epan && r.ux)))
		r.pr = r.pw = false;
	if (w->access->el0)
		b = (struct base){r.ur, r.uw, r.ux, false, true};
	else
		b = (struct base){r.pr, r.pw, r.px && !r.uw, false, true};
	b.wxn = w->mmu->sctlr & SCTLR_WXN && b.w && b.x;
	return b;
}

static struct base indirect(const struct armvirt_walk *w, uint64_t leaf)
{
	static const uint8_t rights[16] = {0,         R,         X,         R | X, 0,     R | W,
					   R | W | X, R | W | X, R,         R | G, R | X, 0,
					   R | W,     0,         R | W | X, 0};
	unsigned at =
		4 * (unsigned)((leaf >> 53 & 3) << 2 | (leaf >> 51 & 1) << 1 | (leaf >> 6 & 1));
	unsigned pi = w->mmu->pir >> at & 15, upi = w->mmu->pire0 >> at & 15;
	unsigned p = rights[pi], u = rights[upi];

	if (p & (X | G) && u & (W | G)) /* what EL0 writes, EL1 does not run */
		p = u = 0;
	if (w->access->pan && !w->access->fetch && upi)
		p &= ~(unsigned)(R | W);
	if (w->access->el0) {
		p = u;
		pi = upi;
	}
	return (struct base){p & R, p & W, p & X, pi == INDIRECT_WXN, pi < INDIRECT_NO_OVERLAY};
}

/* Read, execute, write of POR_EL1 or POR_EL0; everything if no overlay applies. */
static unsigned overlay_of(const struct armvirt_walk *w, uint64_t leaf, const struct base *b)
{
	bool el0 = w->access->el0;
	unsigned o;

	if (!b->overlay || !armvirt_walk_has(w, ARMVIRT_GUEST_HAS_S1POE) ||
	    !(w->mmu->tcr2 & (el0 ? TCR2_E0POE : TCR2_POE)))
		return OVERLAY_R | OVERLAY_X | OVERLAY_W | 8;
	o = (el0 ? w->mmu->por0 : w->mmu->por) >> 4 * (leaf >> 60 & 7) & 15;
	return o > 7 ? 0 : o;
}

static bool permitted64(const struct armvirt_walk *w, uint64_t leaf, uint64_t limits)
{
	bool pie = w->mmu->tcr2 & TCR2_PIE && armvirt_walk_has(w, ARMVIRT_GUEST_HAS_S1PIE);
	struct base b = pie ? indirect(w, leaf) : direct64(w, leaf, limits);
	unsigned o = overlay_of(w, leaf, &b);

	if (b.wxn) { /* the overlay may decide that it is X which stays */
		if (!(o & 8) && o & OVERLAY_X)
			o &= ~(unsigned)OVERLAY_W;
		else
			b.x = false;
	}
	if (w->access->fetch)
		return b.x && o & OVERLAY_X;
	if (!w->access->write)
		return b.r && o & OVERLAY_R;
	if (pie && leaf & DESC_AP2 && !hardware_dirty(w)) /* nDirty */
		return false;
	return b.w && o & OVERLAY_W;
}

bool armvirt_walk_permitted32_(const struct armvirt_walk *w, struct armvirt_walk_rights r)
{
	bool wxn = w->mmu->sctlr & SCTLR_WXN, uwxn = w->mmu->sctlr & SCTLR_UWXN;

	if (w->access->fetch)
		return w->access->el0 ? r.ux && r.ur && !(wxn && r.uw)
				      : r.px && r.pr && !(wxn && r.pw) && !(uwxn && r.uw);
	if (w->access->el0)
		return w->access->write ? r.uw : r.ur;
	if (w->access->pan && !w->access->fetch && (r.ur || r.uw))
		return false;
	return w->access->write ? r.pw : r.pr;
}

bool armvirt_walk_permitted_(const struct armvirt_walk *w, uint64_t leaf, uint64_t limits)
{
	struct armvirt_walk_rights r;

	if (!w->aarch32)
		return permitted64(w, leaf, limits);
	r = direct(leaf, limits, false);
	r.px = r.px && r.ux; /* XN is everyone's */
	return armvirt_walk_permitted32_(w, r);
}
