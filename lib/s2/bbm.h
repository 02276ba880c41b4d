/* SPDX-License-Identifier: BSD-2-Clause */
/* The only writer of tables that hardware may be walking. */
#ifndef ARMVIRT_LIB_S2_BBM_H
#define ARMVIRT_LIB_S2_BBM_H

#include "table.h"

enum { UPDATE_OPEN = 1, UPDATE_SEALED = 2, UPDATE_DONE = 3 };

#define UPDATE_SPLITTING (1u << 31) /* in update flags: the verb is split */

/* Bits of a leaf that may change from valid to valid. */
#define SAFE_BITS \
	(D_R | D_W | D_AF | D_DBM | MASK64(58, 53)) /* S2AP, AF, DBM, XN, software, tracking */

/* A change of the bits of leaves: where (d & need) == need, d = (d & ~clear) | set. */
struct bits_change {
	uint64_t need; /* includes D_VALID */
	uint64_t set;
	uint64_t clear;
	uint64_t report; /* pages are reported where (d & report) == report; 0: never */
	const struct armvirt_s2_bitmap *bitmap;
	bool uniform; /* every slot is known to be a valid leaf, none contiguous */
};

/* Marks pages of [ipa, ipa + size) that lie in the bitmap. */
void armvirt_s2_bitmap_mark(const struct armvirt_s2_bitmap *b, unsigned granule_shift,
			    armvirt_ipa_t ipa, uint64_t size);

/* Something valid at the slots of [ipa, ipa + size) was taken away or changed. */
void armvirt_s2_bbm_stale(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  uint64_t size);

/* Replaces one slot: the general case. New is 0, a note, or a valid descriptor. */
void armvirt_s2_bbm_replace(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			    uint64_t new);

/* Puts a table of its own parts in the place of a leaf. */
void armvirt_s2_bbm_split(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  uint64_t table);

/* Unlinks the table that the slot points to; finish hands it over. */
void armvirt_s2_bbm_detach(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa);

/* The table at the slot becomes the block that its entries agree on. */
void armvirt_s2_bbm_fold(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa);

/* Empties n slots, whatever they hold but tables; reports tracked pages that were written. */
void armvirt_s2_bbm_empty(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			  unsigned n);

/* Fills n empty slots with leaves, descriptor and address growing by step. */
void armvirt_s2_bbm_fill(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			 uint64_t desc, uint64_t step);

/* Changes bits of n slots, none a table; contiguous runs whole or not at all. */
void armvirt_s2_bbm_modify(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t ipa,
			   unsigned n, const struct bits_change *c);

/* Puts every table below a slot's descriptor, and its own, into a list. */
void armvirt_s2_collect(const struct armvirt_s2 *s, uint64_t d, int level,
			struct armvirt_pool *list);

#endif
