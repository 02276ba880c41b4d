/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes to descriptor bits and back. */
#include "attr.h"

#define NIBBLE(table, i) (((table) >> ((i)*4)) & 15)
#define PAIR(table, i)   (((table) >> ((i)*2)) & 3)

/* Attributes by XN[1:0] (0 both, 1 EL0, 2 none, 3 EL1) and by SH. */
#define XN_DECODE 0x4bu
#define SH_DECODE 0x27u

static enum armvirt_status encode_el2(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t attr,
				      uint64_t *bits)
{
	uint64_t d = 0;
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
	uint64_t d, more;

	if (!attr_encode(g, attr, &d))
		return ARMVIRT_E_ATTR;
	if (g->regime == ARMVIRT_REGIME_S2)
		more = stage2_permissions(g, attr);
	else if (encode_el2(g, attr, &more))
		return ARMVIRT_E_ATTR;
	*bits = d | more;
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
