/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking leaves apart: at a boundary, or through a range. */
#ifndef ARMVIRT_LIB_S2_RESIZE_H
#define ARMVIRT_LIB_S2_RESIZE_H

#include "bbm.h"

/* Table pages that the ends of a range cost inside leaves and notes, and holes if wanted. */
size_t armvirt_s2_cut_need(const struct armvirt_s2 *s, struct armvirt_ipa_range r, bool holes);

/* Takes the leaf around an address apart until the address is a boundary. */
void armvirt_s2_cut(struct armvirt_s2_update *u, armvirt_ipa_t at, bool holes);

/* Puts a table of its parts in the place of a leaf or a note; pages come from the pool. */
void armvirt_s2_split_slot(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t base);

/* Takes the contiguous hint from the run around a slot. */
void armvirt_s2_unfold(struct armvirt_s2_update *u, const struct place *p, armvirt_ipa_t base);

#endif
