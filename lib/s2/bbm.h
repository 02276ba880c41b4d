/* SPDX-License-Identifier: BSD-2-Clause */
/* The only writer of tables that hardware may be walking. */
#ifndef ARMVIRT_LIB_S2_BBM_H
#define ARMVIRT_LIB_S2_BBM_H

#include "table.h"

enum { UPDATE_OPEN = 1, UPDATE_SEALED = 2, UPDATE_DONE = 3 };

/* Bits of a leaf that may change from valid to valid. */
#define SAFE_BITS \
	(D_R | D_W | D_AF | D_DBM | MASK64(58, 53)) /* S2AP, AF, DBM, XN, software, tracking */

/* How a slot is replaced: by something else, or by a table of its own parts; that link may
 * wait behind a mark (FEAT_BBM level 1) if nothing of the update goes on below it. */
enum bbm_mode { BBM_REPLACE, BBM_SPLIT, BBM_SPLIT_LAST };

/* Something valid at n slots from the place on was taken away or changed; tables: links too. */
void armvirt_s2_bbm_stale(struct armvirt_s2_update *u, const struct place *p, unsigned n,
			  bool tables);

/* Replaces one slot. New is 0, a note, or a valid descriptor. */
void armvirt_s2_bbm_replace(struct armvirt_s2_update *u, const struct place *p, uint64_t new,
			    enum bbm_mode mode);

/* Unlinks the table that the slot points to; finish hands it over, fold: leaves the block that
 * its entries agree on. */
void armvirt_s2_bbm_detach(struct armvirt_s2_update *u, const struct place *p, bool fold);

/* A new table took over from a block: it inherits what hardware noted in that meanwhile. */
void armvirt_s2_bbm_inherit(const struct armvirt_s2 *s, uint64_t link, uint64_t block);

#endif
