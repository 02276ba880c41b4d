/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the slots of a table are what the library can have written, many at a time. */
#ifndef ARMVIRT_LIB_S2_SANE_H
#define ARMVIRT_LIB_S2_SANE_H

#include "table.h"

/* OR over n slots of what differs from the type bits of a leaf. */
static inline uint64_t oddities(const uint64_t *slot, unsigned n, uint64_t type)
{
	uint64_t odd = 0;
	unsigned i = 0;

	for (; i + 8 <= n; i += 8) {
		odd |= armvirt_seam_desc_load(slot + i) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 1) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 2) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 3) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 4) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 5) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 6) ^ type;
		odd |= armvirt_seam_desc_load(slot + i + 7) ^ type;
	}
	for (; i < n; i++)
		odd |= armvirt_seam_desc_load(slot + i) ^ type;
	return odd;
}

/* Whether n slots hold nothing odd; uniform is cleared unless all are single good leaves. */
static inline bool all_sane(const struct armvirt_s2_geometry *g, const struct place *p, unsigned n,
			    bool *uniform)
{
	const uint64_t *slot = p->table + p->index;
	uint64_t odd = oddities(slot, n, leaf_type(p->level));

	if (odd & D_CONTIGUOUS)
		*uniform = false;
	if (!(odd & g->leaf_zero[p->level + 1]) && p->level >= g->block_level)
		return true;
	*uniform = false;
	for (const uint64_t *end = slot + n; slot != end; slot++) {
		if (!desc_sane(g, armvirt_seam_desc_load(slot), p->level))
			return false;
	}
	return true;
}

#endif
