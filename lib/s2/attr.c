/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes to descriptor bits and back. */
#include "descriptor.h"

#define NIBBLE(table, i) (((table) >> ((i)*4)) & 15)
#define PAIR(table, i)   (((table) >> ((i)*2)) & 3)

/* XN[1:0] by {EL0, EL1} may execute, and back. */
#define XN_ENCODE 0x1eu /* none 2, EL1 3, EL0 1, both 0 */
#define XN_DECODE 0x4bu /* 0 both, 1 EL0, 2 none, 3 EL1 */
/* SH by share field, and back. */
#define SH_ENCODE 0x23u /* inner 3, -, outer 2, none 0 */
#define SH_DECODE 0x27u

#define ATTR_ALL 0x7fffu

static enum armvirt_status encode_el2(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t attr,
				      uint64_t *bits)
{
	uint64_t d = (attr & ARMVIRT_S2_OLD) ? 0 : D_AF;
	bool x = attr & ARMVIRT_S2_X_EL1;

	if (!(attr & ARMVIRT_S2_R) || (attr & (ARMVIRT_S2_TRACKED | ARMVIRT_S2_X_EL0)))
		return ARMVIRT_E_ATTR;
	if (x && (attr & ARMVIRT_S2_W)) /* writable and executable: never */
		return ARMVIRT_E_ATTR;
	d |= (attr & ARMVIRT_S2_W) ? 0 : D1_READ_ONLY;
	if (g->regime == ARMVIRT_REGIME_EL2)
		d |= D1_AP1 | (x ? 0 : D1_XN);
	else
		d |= D1_XN | (x ? 0 : D1_PXN);
	*bits = d;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_s2_attr_encode(const struct armvirt_s2_geometry *g,
					   armvirt_s2_attr_t attr, uint64_t *bits)
{
	unsigned share = PAIR(attr, 4), x = PAIR(attr, 3);
	uint64_t d;

	if ((attr & ~ATTR_ALL) || !((g->mem_valid >> (attr & ARMVIRT_S2_MEMORY_MASK)) & 1) ||
	    share == 1)
		return ARMVIRT_E_ATTR;
	if (g->regime != ARMVIRT_REGIME_S2) {
		if (encode_el2(g, attr, &d))
			return ARMVIRT_E_ATTR;
	} else {
		if (!g->xnx && (x == 1 || x == 2))
			return ARMVIRT_E_ATTR;
		d = (uint64_t)PAIR(XN_ENCODE, x) << D_XN_SHIFT;
		d |= (attr & (ARMVIRT_S2_R | ARMVIRT_S2_W)) << 2;
		d |= (attr & ARMVIRT_S2_OLD) ? 0 : D_AF;
		d |= (attr & ARMVIRT_S2_TRACKED) ? g->track : 0;
	}
	if (!(g->flags & ARMVIRT_S2_USE_LPA2))
		d |= (uint64_t)PAIR(SH_ENCODE, share) << D_SH_SHIFT;
	else if (share)
		return ARMVIRT_E_ATTR;
	d |= NIBBLE(g->mem_encode, attr & ARMVIRT_S2_MEMORY_MASK) << D_MEM_SHIFT;
	d |= (uint64_t)(attr & ARMVIRT_S2_SW_MASK) << (D_SW_SHIFT - ARMVIRT_S2_SW_SHIFT);
	*bits = d;
	return ARMVIRT_OK;
}

static armvirt_s2_attr_t decode_el2(const struct armvirt_s2_geometry *g, uint64_t d)
{
	uint64_t xn = g->regime == ARMVIRT_REGIME_EL2 ? D1_XN : D1_PXN;

	return ARMVIRT_S2_R | ((d & D1_READ_ONLY) ? 0 : ARMVIRT_S2_W) |
	       ((d & xn) ? 0 : ARMVIRT_S2_X_EL1);
}

armvirt_s2_attr_t armvirt_s2_attr_decode(const struct armvirt_s2_geometry *g, uint64_t d)
{
	armvirt_s2_attr_t attr = (armvirt_s2_attr_t)NIBBLE(g->mem_decode, (d >> D_MEM_SHIFT) & 15);

	if (g->regime != ARMVIRT_REGIME_S2) {
		attr |= decode_el2(g, d);
	} else {
		attr |= (armvirt_s2_attr_t)(d >> 2) & (ARMVIRT_S2_R | ARMVIRT_S2_W);
		attr |= (armvirt_s2_attr_t)PAIR(XN_DECODE, (d >> D_XN_SHIFT) & 3) << 6;
		attr |= (d & g->track) ? ARMVIRT_S2_TRACKED : 0;
	}
	if (!(g->flags & ARMVIRT_S2_USE_LPA2))
		attr |= (armvirt_s2_attr_t)PAIR(SH_DECODE, (d >> D_SH_SHIFT) & 3)
			<< ARMVIRT_S2_SHARE_SHIFT;
	attr |= (d & D_AF) ? 0 : ARMVIRT_S2_OLD;
	attr |= (armvirt_s2_attr_t)(d >> (D_SW_SHIFT - ARMVIRT_S2_SW_SHIFT)) & ARMVIRT_S2_SW_MASK;
	return attr;
}
