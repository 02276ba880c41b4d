/* SPDX-License-Identifier: BSD-2-Clause */
/* A verb as data: one survey that changes nothing, one engine that does what was surveyed. */
#ifndef ARMVIRT_LIB_S2_JOB_H
#define ARMVIRT_LIB_S2_JOB_H

#include "bbm.h"

enum verb {
	VERB_MAP,
	VERB_NOTE, /* everything goes, and a note, or nothing, stands in its place */
	VERB_BITS,
	VERB_SPLIT,
	VERB_FOLD
};

/* A change of the bits of leaves: where (d & need) == need, d = (d & ~clear) | set. */
struct bits_change {
	uint64_t need; /* includes D_VALID */
	uint64_t set;
	uint64_t clear;
	uint64_t report; /* pages are reported where (d & report) == report */
	const struct armvirt_s2_bitmap *bitmap; /* NULL: nowhere */
};

struct job {
	armvirt_ipa_t base, end; /* end: what the budget reaches, when surveyed */
	armvirt_pa_t pa;         /* of base */
	uint64_t desc;           /* map: bits of every leaf; note: what stands in every slot */
	struct bits_change bits;
	size_t need;     /* table pages, when surveyed */
	uint32_t budget; /* tables of work, 0: no limit */
	uint32_t flags;  /* map: ARMVIRT_S2_MAP_* */
	uint8_t verb;    /* enum verb */
	int8_t coarsest; /* highest level at which a whole entry needs no table below it */
	int8_t deepest;  /* tables are needed down to here */
	bool cuts;       /* larger leaves are taken apart at the ends of the range */
	bool holes;      /* empty slots need tables too */
	bool unfolds;    /* contiguous runs are taken apart everywhere */
	bool matches;    /* everything must be mapped linearly from pa on */
	bool marked;     /* blocks stand that an earlier verb marked nT */
	bool noted;      /* notes stand where an earlier verb broke something */
	bool plain;      /* when surveyed: every slot is a page, none contiguous */
};

/* Checks a range and puts it into the job. */
enum armvirt_status armvirt_s2_range(const struct armvirt_s2_geometry *g, struct job *job,
				     armvirt_ipa_t base, uint64_t size);

/* The whole job without a store: what it needs, how far the budget goes, or why not. */
enum armvirt_status armvirt_s2_survey(const struct armvirt_s2 *s, struct job *job);

/* Surveys, cuts and does a job, all of it or nothing. */
enum armvirt_status armvirt_s2_run(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				   struct job *job);

/* Takes the leaf around an address apart until the address is a boundary. */
void armvirt_s2_cut(struct armvirt_s2_update *u, armvirt_ipa_t at, bool holes);

/* Takes the contiguous hint from the run around a slot, and reads the slot again. */
void armvirt_s2_unfold(struct armvirt_s2_update *u, struct place *p);

/* OR over n slots of what differs from the type bits of a leaf. */
uint64_t armvirt_s2_oddities(const uint64_t *slot, unsigned n, uint64_t type);

/* What each verb does at ipa; returns where to go on. */
armvirt_ipa_t armvirt_s2_do_map(struct armvirt_s2_update *u, const struct job *job,
				armvirt_ipa_t ipa);
armvirt_ipa_t armvirt_s2_do_bits(struct armvirt_s2_update *u, const struct job *job,
				 armvirt_ipa_t ipa);
armvirt_ipa_t armvirt_s2_do_split(struct armvirt_s2_update *u, const struct job *job,
				  armvirt_ipa_t ipa);
armvirt_ipa_t armvirt_s2_do_fold(struct armvirt_s2_update *u, const struct job *job,
				 armvirt_ipa_t ipa);

#endif
