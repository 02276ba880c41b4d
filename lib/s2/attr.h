/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage-2 attributes to descriptor bits: inline, for the path of a fault. */
#ifndef ARMVIRT_LIB_S2_ATTR_H
#define ARMVIRT_LIB_S2_ATTR_H

#include "descriptor.h"

#define ATTR_ALL       0x7fffu
#define ATTR_XSH_SHIFT 6 /* execute in 7:6, share in 9:8 */

_Static_assert(D_SW_SHIFT == D_XN_SHIFT + 2 && ARMVIRT_S2_SW_MASK >> ARMVIRT_S2_SW_SHIFT == 7 &&
		       ATTR_ALL >> ARMVIRT_S2_SW_SHIFT == 7,
	       "execute permission and software bits are encoded as one");
_Static_assert(ARMVIRT_S2_OLD == D_AF, "the access flag is encoded by inversion in place");

/* All but read, write and tracking, which the hypervisor's own tables have elsewhere: false if the
 * attributes do not exist or the geometry cannot encode them. */
static inline bool attr_encode(const struct armvirt_s2_geometry *g, armvirt_s2_attr_t attr,
			       uint64_t *bits)
{
	unsigned mem = g->mem_encode[attr & ARMVIRT_S2_MEMORY_MASK];
	unsigned xsh = g->xsh_encode[(attr >> ATTR_XSH_SHIFT) & 15];
	uint64_t d;

	if ((attr & ~ATTR_ALL) || ((mem | xsh) & 0x80))
		return false;
	/* XN and the software bits are neighbours; nothing of attr is above the latter. */
	d = (uint64_t)(attr >> ARMVIRT_S2_SW_SHIFT << 2 | (xsh & 3)) << D_XN_SHIFT;
	d |= (xsh >> 2 << D_SH_SHIFT) | mem;
	d |= ~attr & ARMVIRT_S2_OLD; /* the bit that says "old" is where AF says "young" */
	*bits = d;
	return true;
}

static inline uint64_t stage2_permissions(const struct armvirt_s2_geometry *g,
					  armvirt_s2_attr_t attr)
{
	return (uint64_t)(attr & (ARMVIRT_S2_R | ARMVIRT_S2_W)) << 2 |
	       ((attr & ARMVIRT_S2_TRACKED) ? g->track : 0);
}

#endif
