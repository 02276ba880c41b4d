/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout of stage-2 descriptors, and of what the library keeps in invalid ones. */
#ifndef ARMVIRT_LIB_S2_DESCRIPTOR_H
#define ARMVIRT_LIB_S2_DESCRIPTOR_H

#include <libarmvirt/s2.h>

#define BIT64(n)       (UINT64_C(1) << (n))
#define MASK64(hi, lo) ((~UINT64_C(0) >> (63 - (hi))) & (~UINT64_C(0) << (lo)))

#define D_VALID      BIT64(0)
#define D_TABLE      BIT64(1) /* below level 3: table; at level 3: page */
#define D_MEM_SHIFT  2
#define D_R          BIT64(6)
#define D_W          BIT64(7)
#define D_SH_SHIFT   8
#define D_AF         BIT64(10)
#define D_NT         BIT64(16)
#define D_DBM        BIT64(51)
#define D_CONTIGUOUS BIT64(52)
#define D_XN_SHIFT   53
#define D_SW_SHIFT   55
#define D_SW_DIRTY   BIT64(58) /* tracking bit where hardware keeps no dirty state */

/* EL2 stage 1, where it differs. */
#define D1_AP1       BIT64(6)
#define D1_READ_ONLY BIT64(7)
#define D1_PXN       BIT64(53)
#define D1_XN        BIT64(54)

/*
 * Invalid descriptors: kind in 63:60, payload of an annotation in 59:12. A
 * pending entry is what will be stored by finish, less its valid bit:
 *   make:   the new descriptor (leaf or table), or 0 for "becomes empty"
 *   detach: the table that was unlinked, PEND_OLD set
 *   fold:   the table that becomes a block, PEND_OLD and PEND_FOLD set
 *   clean:  the leaf that was unmapped, PEND_OLD set, whose memory caches must let go
 */
#define N_KIND_SHIFT    60
#define N_PAYLOAD_SHIFT 12
#define N_KIND(d)       ((unsigned)((d) >> N_KIND_SHIFT))
#define PENDING         ((uint64_t)ARMVIRT_S2_KIND_PENDING << N_KIND_SHIFT)
#define PEND_OLD        BIT64(59)
#define PEND_FOLD       BIT64(58)

/* MemAttr of Normal memory, with and without FEAT_S2FWB. */
#define D_NORMAL (UINT64_C(12) << D_MEM_SHIFT)

/* Whether a leaf may be executed at EL1 or EL0. */
static inline bool desc_fetches(uint64_t d)
{
	return ((d >> D_XN_SHIFT) & 3) != 2;
}

static inline bool desc_valid(uint64_t d)
{
	return d & D_VALID;
}

static inline bool desc_is_table(uint64_t d, int level)
{
	return (d & 3) == 3 && level < 3;
}

static inline bool desc_is_pending(uint64_t d)
{
	return !(d & D_VALID) && N_KIND(d) == ARMVIRT_S2_KIND_PENDING;
}

static inline uint64_t addr_encode(const struct armvirt_s2_geometry *g, armvirt_pa_t pa)
{
	return (pa & g->addr_low) | ((pa >> g->high_shift) & g->addr_high);
}

static inline armvirt_pa_t addr_decode(const struct armvirt_s2_geometry *g, uint64_t d)
{
	return (d & g->addr_low) | ((d & g->addr_high) << g->high_shift);
}

static inline uint64_t leaf_type(int level)
{
	return level == 3 ? D_VALID | D_TABLE : D_VALID;
}

/* Address bits of a leaf at a level: those of the table less what the leaf spans. */
static inline armvirt_pa_t leaf_pa(const struct armvirt_s2_geometry *g, uint64_t d, int level)
{
	return addr_decode(g, d) & ~((UINT64_C(1) << g->shift[level + 1]) - 1);
}

static inline bool leaf_sane(const struct armvirt_s2_geometry *g, uint64_t d, int level)
{
	/* Where no leaf may stand the type is 0, which the valid bit never agrees with. */
	return !((d ^ g->leaf_type[level + 1]) & g->leaf_zero[level + 1]);
}

/* The same to a reader, who may meet a block that an update is splitting. */
static inline bool leaf_readable(const struct armvirt_s2_geometry *g, uint64_t d, int level)
{
	return leaf_sane(g, level < 3 ? d & ~D_NT : d, level);
}

static inline bool table_sane(const struct armvirt_s2_geometry *g, uint64_t d)
{
	return (d & g->table_bits) == 3;
}

/* The link to a table: as it stands, or waiting to be made, folded or handed over. */
static inline bool desc_links(uint64_t d, int level)
{
	return level < 3 && (d & D_TABLE) && (desc_valid(d) || desc_is_pending(d));
}

static inline uint64_t link_of(uint64_t d)
{
	return desc_valid(d) ? d : (d & ~(PENDING | PEND_OLD | PEND_FOLD)) | D_VALID;
}

static inline bool note_sane(uint64_t d)
{
	return !(d & MASK64(N_PAYLOAD_SHIFT - 1, 0)) && (d == 0 || N_KIND(d) > 0);
}

#endif
