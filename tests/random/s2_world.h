/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the random stage-2 run share: the world under test and its reference. */
#ifndef TESTS_RANDOM_S2_WORLD_H
#define TESTS_RANDOM_S2_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/s2.h>

#include "machine.h"

#define UNITS      4096
#define MAX_PAGES  700
#define PA_BASE    UINT64_C(0x80000000)
#define BITMAP_MAX (UNITS * 2048 / 64)
#define CELLS      15

enum verb {
	MAP,
	REPLACE,
	UNMAP,
	UNMAP_MATCHING,
	PROTECT,
	ANNOTATE,
	SPLIT,
	FOLD,
	AGE,
	DIRTY,
	FAULT_MAP,
	FAULT_FIX,
	VERBS
};

/* What the reference knows about one unit of the window. */
struct unit {
	uint64_t pa;   /* or payload */
	uint32_t attr; /* R, W, X, memory type, software bits, TRACKED; W is implied by it */
	uint8_t kind;  /* 0 nothing, 1 mapped, others: an annotation */
	bool written;  /* while tracked, not reported yet */
	bool accessed; /* not reported yet, where hardware keeps the flag */
};

struct world {
	struct armvirt_s2 s;
	struct armvirt_pool pool, limbo;
	struct model_machine *machine;
	uint8_t *memory;
	size_t pages;
	uint64_t base; /* of the window */
	unsigned unit_shift;
	unsigned cell;
	uint64_t ops;
	unsigned busy[3][2], busy_count; /* what the update under way may change */
	unsigned stop_after;             /* stores of a descriptor until stopped is called */
	void (*stopped)(void);
	void (*turn)(void);
	bool xnx;
	struct unit unit[UNITS];
};

struct op {
	enum verb verb;
	unsigned u, n;
	uint64_t pa;
	uint32_t attr, flags;
	struct armvirt_s2_protection protection;
	struct armvirt_s2_note note;
	enum armvirt_s2_dirty_mode mode;
	bool write;
	int level;
};

extern struct world w;
extern uint64_t total_ops;
extern uint64_t words[BITMAP_MAX], dirty_words[BITMAP_MAX]; /* what verbs report */
extern char failure[512];
extern const char *const verb_names[VERBS];

/* s2_world.c: chance, complaints, worlds, comparison. */
void seed_random(uint64_t seed);
uint64_t roll(void);
uint64_t below(uint64_t n);
bool chance(unsigned percent);
void fail(const char *what, uint64_t a, uint64_t b);
uint64_t unit_bytes(void);
uint64_t ipa_of(unsigned u);
void accessed(void *context, uint64_t ipa, uint64_t size, uint64_t desc, bool write);
void compare(unsigned u);
void compare_range(unsigned u, unsigned n);
void compare_all(void);
void new_world(unsigned cell, uint64_t seed, enum model_mutant mutant);
void end_world(void);

/* s2_ops.c: operations, and what the reference makes of them. */
uint32_t random_attr(void);
uint64_t random_pa(unsigned u, unsigned n);
void choose(struct op *op);
struct armvirt_ipa_range range_of(const struct op *op);
enum armvirt_status call(struct armvirt_s2_update *u, const struct op *op,
			 struct armvirt_ipa_range r, const struct armvirt_s2_bitmap *b);
void apply(const struct op *op, unsigned from, unsigned n);
bool may_map(const struct op *op);
void account(unsigned u, unsigned n, bool removed);
void commit(struct armvirt_s2_update *u);
void settle(void);

/* s2.c */
void count_op(enum verb v, bool changed, bool refused);
void say(const struct op *op, enum armvirt_status s);

/* s2_storm.c: faults of four CPUs at once. */
extern uint64_t storms;
void storm(const struct op *first);

#endif
