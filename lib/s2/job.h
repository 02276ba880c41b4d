/* SPDX-License-Identifier: BSD-2-Clause */
/* A verb as data: one survey that changes nothing, one engine that does what was surveyed. */
#ifndef ARMVIRT_LIB_S2_JOB_H
#define ARMVIRT_LIB_S2_JOB_H

#include "bbm.h"

/* What a job is: a verb, and how it goes about it. */
enum how {
	VERB_MAP = 0,
	VERB_NOTE = 1, /* everything goes, and a note, or nothing, stands in its place */
	VERB_BITS = 2,
	VERB_SPLIT = 3,
	VERB_FOLD = 4,
	VERB_MASK = 7,
	CUTS = 1 << 3,     /* larger leaves are taken apart at the ends of the range */
	HOLES = 1 << 4,    /* empty slots need tables too */
	UNFOLDS = 1 << 5,  /* contiguous runs are taken apart everywhere */
	MATCHES = 1 << 6,  /* everything must be mapped linearly */
	REPLACES = 1 << 7, /* map: what is there goes */
	LINES = 1 << 8     /* caches must let go of what is unmapped, so nothing may be replaced */
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
	const struct bits_change *bits;
	size_t need;     /* table pages, when surveyed */
	uint32_t how;    /* enum how */
	uint32_t budget; /* tables of work, 0: no limit */
	int coarsest;    /* highest level at which a whole entry needs no table below it */
	int deepest;     /* tables are needed down to here */
	bool marked;     /* blocks stand that an earlier verb marked nT */
	bool noted;      /* notes stand where an earlier verb broke something */
	bool plain;      /* when surveyed: every slot is a page, none contiguous */
};

static inline unsigned verb_of(const struct job *job)
{
	return job->how & VERB_MASK;
}

/* Begins a job on a range; arg: what stands in every slot, or the address of base. */
enum armvirt_status armvirt_s2_job(const struct armvirt_s2_geometry *g, struct job *job,
				   struct armvirt_ipa_range r, unsigned how, uint64_t arg);

/* The whole job without a store: what it needs, how far the budget goes, or why not. */
enum armvirt_status armvirt_s2_survey(const struct armvirt_s2 *s, struct job *job);

/* Surveys, cuts and does a job, all of it or nothing. */
enum armvirt_status armvirt_s2_do(struct armvirt_s2_update *u, struct job *job);

/* Both, for all verbs that need no more than this. */
enum armvirt_status armvirt_s2_run(struct armvirt_s2_update *u, struct armvirt_ipa_range r,
				   unsigned how, uint64_t arg, const struct bits_change *bits);

/* Takes the leaf around an address apart until the address is a boundary. */
void armvirt_s2_cut(struct armvirt_s2_update *u, armvirt_ipa_t at, bool holes);

/* Puts a table of its parts in the place of a leaf, a note or nothing; the page is in the pool. */
void armvirt_s2_split_slot(struct armvirt_s2_update *u, const struct place *p, enum bbm_mode mode);

/* Takes the contiguous hint from the run around a slot, and reads the slot again. */
void armvirt_s2_unfold(struct armvirt_s2_update *u, struct place *p);

/* Takes the hint from every run that an abandoned update left with a part of it changed. */
void armvirt_s2_mend_runs(struct armvirt_s2_update *u);

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
