/* SPDX-License-Identifier: BSD-2-Clause */
/* What the walks of guest tables share: 64-bit descriptors (AArch64, AArch32 long) and short. */
#ifndef LIB_TRAP_GUESTWALK_H
#define LIB_TRAP_GUESTWALK_H

#include <libarmvirt/guestwalk.h>

#define BIT(n) (UINT64_C(1) << (n))

#define SCTLR_M    BIT(0)
#define SCTLR_C    BIT(2)
#define SCTLR_I    BIT(12)
#define SCTLR_WXN  BIT(19)
#define SCTLR_UWXN BIT(20) /* AArch32 */
#define SCTLR_EE   BIT(25)
#define SCTLR_TRE  BIT(28) /* AArch32 */
#define SCTLR_AFE  BIT(29) /* AArch32 */
#define SCTLR_EPAN BIT(57)

#define TTBCR_EAE BIT(31)

#define TCR_HA BIT(39)
#define TCR_HD BIT(40)
#define TCR_DS BIT(59)

#define TCR2_PIE   BIT(1)
#define TCR2_E0POE BIT(2)
#define TCR2_POE   BIT(3)
#define TCR2_AIE   BIT(4)
#define TCR2_D128  BIT(5)

#define DESC_VALID     BIT(0)
#define DESC_TABLE     BIT(1)
#define DESC_AP1       BIT(6)
#define DESC_AP2       BIT(7)
#define DESC_AF        BIT(10)
#define DESC_DBM       BIT(51)
#define DESC_PXN       BIT(53)
#define DESC_UXN       BIT(54) /* AArch32: XN, at EL1 as well */
#define DESC_PXN_TABLE BIT(59)
#define DESC_UXN_TABLE BIT(60)
#define DESC_AP_TABLE0 BIT(61)
#define DESC_AP_TABLE1 BIT(62)

#define STATUS_ADDRESS_SIZE  0x00
#define STATUS_TRANSLATION   0x04
#define STATUS_ACCESS_FLAG   0x08
#define STATUS_PERMISSION    0x0c
#define STATUS_EXTERNAL_WALK 0x14
#define STATUS_DOMAIN        0x3c

#define ATTR_DEVICE   0x00 /* nGnRnE */
#define ATTR_NORMAL   0x44 /* Non-cacheable */
#define ATTR_WB_ALLOC 0xff

#define SH_NONE  0
#define SH_OUTER 2

/* One translation: what is asked, and where the answer goes. */
struct armvirt_walk {
	struct armvirt_guest_translation *out;
	const struct armvirt_guest_mmu *mmu;
	const struct armvirt_guest_memory *memory;
	const struct armvirt_guest_access *access;
	bool aarch32; /* the regime, which is EL1's */
};

/* What a leaf descriptor gives. */
struct armvirt_walk_leaf {
	uint64_t ipa;
	int level;
	uint8_t attr, sh; /* as written there */
};

/* Access rights of EL1 and of EL0. */
struct armvirt_walk_rights {
	bool pr, pw, px, ur, uw, ux;
};

static inline bool armvirt_walk_has(const struct armvirt_walk *w, uint32_t feature)
{
	return w->mmu->has & feature;
}

/* The end of a walk. A fault of long format is a class and a level. */
void armvirt_walk_fault_(const struct armvirt_walk *w, uint8_t status, int level);
void armvirt_walk_leaf_(const struct armvirt_walk *w, const struct armvirt_walk_leaf *leaf);

/* Reads a descriptor of 4 or 8 bytes into out; false: there is no memory. */
bool armvirt_walk_read_(const struct armvirt_walk *w, uint64_t ipa, unsigned bytes);

void armvirt_walk_long_(const struct armvirt_walk *w);
void armvirt_walk_short_(const struct armvirt_walk *w);

/* The address without what TBI and MTX ignore. */
uint64_t armvirt_walk_canonical_(const struct armvirt_walk *w);

/* Long descriptors: limits are those of the tables above, in the places of a leaf's own bits. */
bool armvirt_walk_permitted_(const struct armvirt_walk *w, uint64_t leaf, uint64_t limits);
/* AArch32: what PAN and SCTLR leave of rights, x being those of the descriptor alone. */
bool armvirt_walk_permitted32_(const struct armvirt_walk *w, struct armvirt_walk_rights r);

#endif
