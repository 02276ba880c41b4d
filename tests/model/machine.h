/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Four CPUs whose TLBs are adversaries, and the rules of break-before-make.
 *
 * Two judges watch the same events. The automaton is the worst case: whatever
 * was once a valid live descriptor is taken to be cached on every CPU until
 * stores, barriers and invalidations have happened in the order that the
 * architecture asks for. The TLBs are a sample: at every event some CPU walks,
 * keeps what it found, and perhaps accesses memory, setting flags as hardware does.
 */
#ifndef TESTS_MODEL_MACHINE_H
#define TESTS_MODEL_MACHINE_H

#include "walker.h"

#include <stddef.h>

#define MODEL_CPUS        4
#define MODEL_TLB_ENTRIES 24

/* Sixteen bugs, each made by dropping, moving or changing events at the seam. */
enum model_mutant {
	MUTANT_NONE,
	MUTANT_NO_INVALIDATION,
	MUTANT_INVALIDATION_BEFORE_STORE,
	MUTANT_WRONG_VMID,
	MUTANT_NO_COMBINED_FOLLOW_UP,
	MUTANT_NO_DSB_BETWEEN,
	MUTANT_NO_PUBLICATION_DSB,
	MUTANT_VALID_TO_VALID_ADDRESS,
	MUTANT_VALID_TO_VALID_SIZE,
	MUTANT_VALID_TO_VALID_MEMORY_TYPE,
	MUTANT_LOST_HARDWARE_UPDATE,
	MUTANT_PERMISSION_CUT_NOT_INVALIDATED,
	MUTANT_NO_ISB_AFTER_VTTBR,
	MUTANT_NOT_BROADCAST,
	MUTANT_WRONG_TTL,
	MUTANT_RANGE_ONE_SHORT,
	MUTANT_FREED_BEFORE_DSB,
	MUTANT_COUNT
};

const char *model_mutant_name(enum model_mutant m);

struct model_config {
	void *memory; /* table pages and root, 8-byte slots */
	uint64_t memory_pa;
	size_t memory_bytes;
	uint64_t vtcr, vttbr; /* of the virtual machine */
	unsigned bbm_level;   /* what the processor promises */
	uint64_t seed;
	enum model_mutant mutant;
	const size_t *freed; /* grows when tables are handed over */
	/* Called at every event, as another CPU would run: may read the tables. */
	void (*bystander)(void *context);
	/* Called at every event and load of the code under test: another CPU's turn may come. */
	void (*turn)(void *context);
	/* Called after every store of a descriptor; need not return. */
	void (*stored)(void *context);
	/* Cache maintenance: data cleaned and invalidated; all instruction caches invalidated. */
	void (*cleaned)(void *context, const void *va, size_t bytes);
	void (*refetched)(void *context);
	void *context;
};

struct model_machine;

struct model_machine *model_machine_new(const struct model_config *c);
void model_machine_delete(struct model_machine *m);

/* The seam acts on this machine from now on; NULL: plain memory. */
void model_machine_select(struct model_machine *m);

/* Addresses that the CPUs prefer. */
void model_machine_attend(struct model_machine *m, uint64_t ipa, uint64_t size);

/* First broken rule, or NULL; text stays until the machine is deleted. */
const char *model_machine_violation(const struct model_machine *m);

/* An update has returned: nothing stale, nothing unpublished may be left. */
void model_machine_settled(struct model_machine *m);

/* Whether a page can be reached by a walk, through memory or a cached entry. */
bool model_machine_reaches(struct model_machine *m, uint64_t pa);

/* A walk now, from memory. */
void model_machine_walk(struct model_machine *m, uint64_t ipa, struct model_walk *out);

/* Guest accesses since the last call, with the descriptor that allowed each. */
void model_machine_drain(struct model_machine *m,
			 void (*seen)(void *context, uint64_t ipa, uint64_t size, uint64_t desc,
				      bool write),
			 void *context);

/* The code under test runs on this CPU from now on; 0 at first. */
void model_machine_run_as(struct model_machine *m, unsigned cpu);

/* Registers of that CPU as the code under test finds them; numbers as at the seam. */
void model_machine_set_regs(struct model_machine *m, uint64_t vttbr, uint64_t vtcr);
uint64_t model_machine_vttbr(const struct model_machine *m);

#endif
