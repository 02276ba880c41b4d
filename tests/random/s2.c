/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long random runs of the stage-2 verbs against the model: a reference of what
 * is mapped, the independent walker, and the machine with its two judges.
 *
 *   ARMVIRT_TEST_SEED   seed, printed; default 1
 *   ARMVIRT_TEST_SCALE  quick, full (default) or long
 *   argv[1]             "mutants": every seeded bug must be found; else the clean run
 */
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

static const char *const verb_names[VERBS] = {"map",     "replace",  "unmap",     "unmap_matching",
					      "protect", "annotate", "split",     "fold",
					      "age",     "dirty",    "fault_map", "fault_fix"};

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
	struct unit unit[UNITS];
};

static struct world w;
static uint64_t random_state, total_ops, changed_ops;
static uint64_t verb_ops[VERBS], verb_changed[VERBS], verb_refused[VERBS], cell_ops[CELLS];
static uint64_t words[BITMAP_MAX], dirty_words[BITMAP_MAX];
static char failure[512];

static uint64_t roll(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * UINT64_C(0x2545f4914f6cdd1d) >> 11;
}

static uint64_t below(uint64_t n)
{
	return n ? roll() % n : 0;
}

static bool chance(unsigned percent)
{
	return below(100) < percent;
}

static void fail(const char *what, uint64_t a, uint64_t b)
{
	if (!failure[0])
		snprintf(failure, sizeof(failure), "%s (0x%llx, 0x%llx), world cell %u, op %llu",
			 what, (unsigned long long)a, (unsigned long long)b, w.cell,
			 (unsigned long long)total_ops);
}

static uint64_t unit_bytes(void)
{
	return UINT64_C(1) << w.unit_shift;
}

static uint64_t ipa_of(unsigned u)
{
	return w.base + ((uint64_t)u << w.unit_shift);
}

/* ---- what the machine reports ---- */

/* At any store of an update: what it does not name is as it was, or under way, never another. */
static void bystander(void *context)
{
	uint64_t offset = below((uint64_t)UNITS << w.unit_shift);
	const struct unit *x = &w.unit[offset >> w.unit_shift];
	struct armvirt_s2_leaf leaf;
	enum armvirt_status s = armvirt_s2_lookup(&w.s, w.base + offset, &leaf);
	unsigned in = 0;

	(void)context;
	for (unsigned i = 0; i < w.busy_count; i++)
		in |= (offset >> w.unit_shift) - w.busy[i][0] < w.busy[i][1];
	if (!in && s == ARMVIRT_OK &&
	    (x->kind != 1 || leaf.pa != x->pa + (offset & (unit_bytes() - 1))))
		fail("a bystander saw another address", w.base + offset, leaf.pa);
	if (!in && s == ARMVIRT_E_ABSENT && x->kind == 1)
		fail("a bystander saw nothing", w.base + offset, 0);
	if (s != ARMVIRT_OK && s != ARMVIRT_RETRY && s != ARMVIRT_E_ABSENT)
		fail("a lookup during an update", (uint64_t)(unsigned)s, 0);
}

static void accessed(void *context, uint64_t ipa, uint64_t size, uint64_t desc, bool write)
{
	(void)context;
	if (ipa + size <= w.base)
		return;
	for (unsigned u = 0; u < UNITS; u++) {
		if (ipa_of(u) + unit_bytes() <= ipa)
			u += (unsigned)((ipa - ipa_of(u)) >> w.unit_shift);
		if (u >= UNITS || ipa_of(u) >= ipa + size)
			break;
		w.unit[u].written |= write && (desc & w.s.g.track) && ((desc >> 7) & 1);
		w.unit[u].accessed |= (w.s.g.flags & ARMVIRT_S2_USE_HW_AF) != 0;
	}
}

/* ---- comparison ---- */

static unsigned expected_memory(unsigned type)
{
	if (!w.s.g.fwb)
		return type;
	return type == ARMVIRT_S2_NORMAL_WB ? 6 : type == ARMVIRT_S2_AS_GUEST ? 7 : type;
}

static unsigned expected_xn(uint32_t attr)
{
	bool el1 = attr & ARMVIRT_S2_X_EL1, el0 = attr & ARMVIRT_S2_X_EL0;

	return el1 ? (el0 ? 0 : 3) : (el0 ? 1 : 2);
}

static void compare_leaf(const struct unit *x, const struct model_walk *k, uint64_t at,
			 uint64_t off)
{
	uint64_t d = k->desc;
	bool tracked = x->attr & ARMVIRT_S2_TRACKED;

	if (k->fault != MODEL_FAULT_NONE && k->fault != MODEL_FAULT_ACCESS_FLAG)
		fail("mapped, but faults", at, d);
	else if (k->pa != x->pa + off)
		fail("another address", at, k->pa);
	else if (((d >> 2) & 15) != expected_memory(x->attr & 15))
		fail("another memory type", at, d);
	else if (((d >> 6) & 1) != ((x->attr >> 4) & 1) ||
		 ((d >> 53) & 3) != expected_xn(x->attr) ||
		 ((d >> 55) & 7) != ((x->attr >> 12) & 7))
		fail("other permissions", at, d);
	else if (!!(d & w.s.g.track) != tracked)
		fail("tracking differs", at, d);
	else if (!tracked && ((d >> 7) & 1) != ((x->attr >> 5) & 1))
		fail("write permission differs", at, d);
}

static void compare(unsigned u)
{
	const struct unit *x = &w.unit[u];
	uint64_t granule = UINT64_C(1) << w.s.g.granule_shift;
	uint64_t off[2] = {0, unit_bytes() - granule};
	struct model_walk k;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = ipa_of(u) + off[i];

		model_machine_walk(w.machine, at, &k);
		if (x->kind == 1) {
			compare_leaf(x, &k, at, off[i]);
		} else if (k.fault != MODEL_FAULT_TRANSLATION || (k.desc & 1)) {
			fail("not mapped, but translates", at, k.desc);
		} else if (x->kind ? (k.desc >> 60 != x->kind ||
				      ((k.desc >> 12) & ((UINT64_C(1) << 48) - 1)) != x->pa)
				   : k.desc != 0) {
			fail("another annotation", at, k.desc);
		}
	}
}

static void compare_range(unsigned u, unsigned n)
{
	for (unsigned i = 0; i < n && !failure[0]; i += n > 64 ? 1 + (unsigned)below(n / 32) : 1)
		compare(u + i);
	for (unsigned i = 0; i < 12 && !failure[0]; i++)
		compare((unsigned)below(UNITS));
	if (u + n < UNITS)
		compare(u + n);
	if (u)
		compare(u - 1);
}

static void compare_all(void)
{
	for (unsigned u = 0; u < UNITS && !failure[0]; u++)
		compare(u);
	if (w.pool.count + armvirt_s2_table_count(&w.s) != w.pages)
		fail("table pages leaked or appeared", w.pool.count, armvirt_s2_table_count(&w.s));
}

/* ---- worlds ---- */

static void set_feature(struct armvirt_features *f, enum armvirt_feature x)
{
	f->has[(unsigned)x / 64] |= UINT64_C(1) << ((unsigned)x % 64);
}

/* Fifteen cells: five of granule and LPA2, times three levels of break-before-make. */
static void random_features(struct armvirt_features *f, struct armvirt_s2_config *c, unsigned cell)
{
	static const enum armvirt_granule granules[5] = {ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K,
							 ARMVIRT_GRANULE_64K, ARMVIRT_GRANULE_4K,
							 ARMVIRT_GRANULE_16K};
	static const uint8_t pa[] = {40, 44, 48, 52};
	bool lpa2 = cell % 5 >= 3;

	memset(f, 0, sizeof(*f));
	f->pa_bits = lpa2 ? (uint8_t)(chance(50) ? 52 : 48) : pa[below(4)];
	f->s2_granule_4k = f->s2_granule_16k = 2;
	f->s2_granule_64k = 1;
	f->bbm_level = (uint8_t)(cell / 5);
	if (chance(60))
		set_feature(f, ARMVIRT_FEAT_S2FWB);
	set_feature(f, ARMVIRT_FEAT_XNX);
	if (chance(60))
		set_feature(f, ARMVIRT_FEAT_TLBIRANGE);
	if (chance(70))
		set_feature(f, ARMVIRT_FEAT_TTL);
	if (chance(50))
		set_feature(f, ARMVIRT_FEAT_VMID16);
	set_feature(f, ARMVIRT_FEAT_HAF);
	set_feature(f, ARMVIRT_FEAT_HDBS);
	c->granule = granules[cell % 5];
	c->start_level = ARMVIRT_S2_START_AUTO;
	c->flags = (lpa2 ? ARMVIRT_S2_USE_LPA2 : 0) | ARMVIRT_S2_ALLOW_CONFLICT;
	if (chance(50))
		c->flags |= ARMVIRT_S2_USE_HW_AF | (chance(70) ? ARMVIRT_S2_USE_HW_DIRTY : 0);
	if (chance(60))
		c->flags |= ARMVIRT_S2_USE_CONTIGUOUS;
	c->ipa_bits = (uint8_t)(f->pa_bits - below(f->pa_bits - 36 + 1));
	if (!lpa2 && c->granule != ARMVIRT_GRANULE_64K && c->ipa_bits > 48)
		c->ipa_bits = 48;
}

static void place_window(void)
{
	const struct armvirt_s2_geometry *g = &w.s.g;
	unsigned block = g->shift[3];
	uint64_t window, slots;

	/* Mostly pages; sometimes units of blocks, so that the levels above are seen. */
	w.unit_shift = g->granule_shift;
	if (chance(25) && block + 12 <= g->ipa_bits && g->granule_shift < 16)
		w.unit_shift = block;
	window = (uint64_t)UNITS << w.unit_shift;
	slots = (UINT64_C(1) << g->ipa_bits) / window;
	w.base = (chance(30) ? slots - 1 : below(slots)) * window;
}

static void new_world(unsigned cell, uint64_t seed, enum model_mutant mutant)
{
	struct armvirt_s2_config c;
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;
	struct model_config mc;
	struct armvirt_features f;
	size_t page, root;

	memset(&w, 0, sizeof(w));
	w.cell = cell;
	random_features(&f, &c, cell);
	if (armvirt_s2_geometry_solve(&g, &f, &c)) {
		fail("geometry refused", c.ipa_bits, c.flags);
		return;
	}
	page = (size_t)1 << g.granule_shift;
	root = g.root_bytes < page ? page : g.root_bytes;
	w.pages = g.granule_shift == 16 ? 160 : MAX_PAGES;
	if (chance(10))
		w.pages = 20 + (size_t)below(60);
	w.memory =
		aligned_alloc(1u << 20, (root + w.pages * page + (1u << 20)) & ~((1u << 20) - 1u));
	m.root = (uint64_t *)w.memory;
	m.root_pa = PA_BASE;
	m.va_minus_pa = (uint64_t)(uintptr_t)w.memory - PA_BASE;
	memset(w.memory, 0, root);
	if (armvirt_s2_init(&w.s, &g, &m) ||
	    armvirt_pool_add_memory(&w.pool, w.memory + root, w.pages * page, page))
		fail("init refused", 0, 0);
	place_window();
	mc = (struct model_config){.memory = w.memory,
				   .memory_pa = PA_BASE,
				   .memory_bytes = root + w.pages * page,
				   .vtcr = g.vtcr,
				   .vttbr = armvirt_s2_vttbr(&w.s, 5),
				   .bbm_level = g.bbm_level,
				   .seed = seed,
				   .mutant = mutant,
				   .freed = &w.limbo.count,
				   .bystander = bystander};
	w.machine = model_machine_new(&mc);
	model_machine_select(w.machine);
}

static void end_world(void)
{
	if (!failure[0])
		compare_all();
	model_machine_delete(w.machine);
	free(w.memory);
}

/* ---- operations ---- */

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

static uint32_t random_attr(void)
{
	static const uint8_t types[] = {ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_NORMAL_WB,
					ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_NORMAL_NC,
					ARMVIRT_S2_DEVICE_nGnRE};
	uint32_t a = types[below(5)] | ARMVIRT_S2_R | (chance(80) ? ARMVIRT_S2_W : 0);

	a |= (uint32_t)below(4) << 6;
	if (chance(20))
		a |= (uint32_t)below(8) << ARMVIRT_S2_SW_SHIFT;
	if (chance(10))
		a |= ARMVIRT_S2_OLD;
	return a;
}

/* Usually the address that keeps blocks possible, from one of few bases; sometimes any. */
static uint64_t random_pa(unsigned u, unsigned n)
{
	uint64_t window = (uint64_t)UNITS << w.unit_shift, limit = UINT64_C(1) << w.s.g.pa_bits;
	uint64_t pa = below(limit / window) * window + ((uint64_t)u << w.unit_shift);

	if (chance(30))
		pa = below((limit - ((uint64_t)n << w.unit_shift)) >> w.s.g.granule_shift)
		     << w.s.g.granule_shift;
	return pa;
}

static bool wanted(const struct unit *x, enum verb verb)
{
	switch (verb) {
	case MAP:
	case FAULT_MAP:
		return x->kind == 0;
	case FAULT_FIX:
		return x->kind == 1;
	default:
		return x->kind == 1;
	}
}

/* A place where the verb has something to do. */
static void choose_place(struct op *op)
{
	static const unsigned sizes[] = {1, 2, 3, 8, 16, 32, 64, 100, 128, 512, 513, 1024, 2048};
	unsigned tries = 64;

	op->n = sizes[below(chance(70) ? 7 : 13)];
	do {
		op->u = (unsigned)below(UNITS);
		if (chance(50))
			op->u &= ~((op->n & (0u - op->n)) - 1);
	} while (--tries && !wanted(&w.unit[op->u], op->verb));
	if (op->n > UNITS - op->u)
		op->n = UNITS - op->u;
	if (op->verb == MAP && chance(95)) {
		for (unsigned i = 0; i < op->n; i++) {
			if (w.unit[op->u + i].kind) {
				op->n = i ? i : 1;
				break;
			}
		}
	}
	if (op->verb == UNMAP_MATCHING && chance(90)) {
		for (unsigned i = 1; i < op->n; i++) {
			if (w.unit[op->u + i].kind != 1 ||
			    w.unit[op->u + i].pa !=
				    w.unit[op->u].pa + ((uint64_t)i << w.unit_shift)) {
				op->n = i;
				break;
			}
		}
	}
}

/* Folding needs what splitting made: widen to the block around. */
static void widen(struct op *op)
{
	unsigned block =
		w.s.g.granule_shift == w.unit_shift ? 1u << (w.s.g.granule_shift - 3) : 512;

	if (block > UNITS)
		block = UNITS;
	if (chance(70)) {
		op->u &= ~(block - 1);
		op->n = block;
	}
}

static void random_protection(struct op *op)
{
	uint32_t bits = (chance(50) ? ARMVIRT_S2_W : 0) | (chance(20) ? ARMVIRT_S2_R : 0) |
			(chance(30) ? ARMVIRT_S2_SW_MASK : 0);
	uint32_t set = (uint32_t)roll() & bits;

	if (chance(30)) {
		bits |= ARMVIRT_S2_X;
		set |= (uint32_t)below(4) << 6;
	}
	op->protection.set = set;
	op->protection.clear = bits & ~set;
}

static void choose(struct op *op)
{
	static const uint8_t weights[VERBS] = {24, 8, 10, 7, 8, 7, 5, 5, 7, 8, 7, 6};
	unsigned r = (unsigned)below(102), v = 0;

	while (v < VERBS - 1 && r >= weights[v])
		r -= weights[v++];
	memset(op, 0, sizeof(*op));
	op->verb = (enum verb)v;
	choose_place(op);
	if (op->verb == FOLD)
		widen(op);
	op->pa = random_pa(op->u, op->n);
	op->attr = random_attr();
	if (op->verb == UNMAP_MATCHING)
		op->pa = w.unit[op->u].pa + (chance(5) ? unit_bytes() : 0);
	if (op->verb == REPLACE && chance(50) && w.unit[op->u].kind == 1)
		op->pa = w.unit[op->u].pa; /* another memory type at the same address */
	op->flags = (op->verb == REPLACE ? ARMVIRT_S2_MAP_REPLACE : 0) |
		    (chance(40) ? ARMVIRT_S2_MAP_PAGES : 0);
	random_protection(op);
	op->note.kind = (enum armvirt_s2_kind)(chance(50) ? 2 + below(2) : 8 + below(8));
	op->note.payload = below(UINT64_C(1) << 48);
	op->mode = (enum armvirt_s2_dirty_mode)below(3);
	op->level = w.unit_shift == w.s.g.granule_shift ? 3 : 2 + (int)below(2);
	op->write = chance(60);
}

static struct armvirt_ipa_range range_of(const struct op *op)
{
	return (struct armvirt_ipa_range){ipa_of(op->u), (uint64_t)op->n << w.unit_shift};
}

static enum armvirt_status call(struct armvirt_s2_update *u, const struct op *op,
				struct armvirt_ipa_range r, const struct armvirt_s2_bitmap *b)
{
	struct armvirt_s2_map_request q = {r.base, op->pa + (r.base - ipa_of(op->u)), r.size,
					   op->attr, op->flags};
	size_t need = 0, pool = w.pool.count;
	enum armvirt_status s, n;

	switch (op->verb) {
	case MAP:
	case REPLACE:
		n = u->budget || u->noted ? ARMVIRT_MORE : armvirt_s2_need(&w.s, &q, &need);
		s = armvirt_s2_map(u, &q);
		if (n == ARMVIRT_OK && s == ARMVIRT_OK && pool - w.pool.count != need)
			fail("need was not exact", need, pool - w.pool.count);
		if (n == ARMVIRT_OK && s == ARMVIRT_E_NOMEM && need <= pool)
			fail("refused with pages enough", need, pool);
		return s;
	case UNMAP:
		return armvirt_s2_unmap(u, r);
	case UNMAP_MATCHING:
		return armvirt_s2_unmap_matching(u, r, q.pa);
	case PROTECT:
		return armvirt_s2_protect(u, r, &op->protection);
	case ANNOTATE:
		return armvirt_s2_annotate(u, r, &op->note);
	case SPLIT:
		return armvirt_s2_split(u, r, op->level);
	case FOLD:
		return armvirt_s2_fold(u, r);
	case AGE:
		return armvirt_s2_age(u, r, b);
	case DIRTY:
		return armvirt_s2_dirty(u, r, op->mode, b);
	default:
		return ARMVIRT_E_ARG;
	}
}

/* The reference after the verb was done on n units from u. */
static void apply(const struct op *op, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		struct unit *x = &w.unit[op->u + i];

		switch (op->verb) {
		case MAP:
		case REPLACE:
		case FAULT_MAP:
			*x = (struct unit){.pa = op->pa + ((uint64_t)i << w.unit_shift),
					   .attr = op->attr & ~ARMVIRT_S2_OLD,
					   .kind = 1};
			break;
		case UNMAP:
		case UNMAP_MATCHING:
			*x = (struct unit){0};
			break;
		case ANNOTATE:
			*x = (struct unit){.pa = op->note.payload, .kind = (uint8_t)op->note.kind};
			break;
		case PROTECT:
			if (x->kind != 1)
				break;
			x->attr = (x->attr & ~op->protection.clear) | op->protection.set;
			if (op->protection.clear & ARMVIRT_S2_W)
				x->attr &= ~ARMVIRT_S2_TRACKED;
			break;
		case DIRTY:
			if (x->kind != 1)
				break;
			if (op->mode == ARMVIRT_S2_DIRTY_START && (x->attr & ARMVIRT_S2_W))
				x->attr |= ARMVIRT_S2_TRACKED;
			if (op->mode == ARMVIRT_S2_DIRTY_STOP && (x->attr & ARMVIRT_S2_TRACKED))
				x->attr = (x->attr & ~ARMVIRT_S2_TRACKED) | ARMVIRT_S2_W;
			break;
		default:
			break;
		}
	}
}

/* Why a map must have been refused, by the reference. */
static bool may_map(const struct op *op)
{
	for (unsigned i = 0; i < op->n; i++) {
		if (w.unit[op->u + i].kind && op->verb != REPLACE)
			return false;
	}
	return true;
}

static bool bit(const uint64_t *map, unsigned u)
{
	uint64_t pages = unit_bytes() >> w.s.g.granule_shift;

	for (uint64_t p = u * pages; p < (u + 1) * pages; p++) {
		if ((map[p / 64] >> (p % 64)) & 1)
			return true;
	}
	return false;
}

/* Nothing that hardware noted may be lost: reported, or still in the table. */
static void account(unsigned u, unsigned n, bool removed)
{
	struct model_walk k;

	for (unsigned i = u; i < u + n; i++) {
		struct unit *x = &w.unit[i];
		bool dirty = false, young = false;

		if (!x->written && !x->accessed)
			continue;
		for (uint64_t at = ipa_of(i); at < ipa_of(i) + unit_bytes(); at += k.span) {
			model_machine_walk(w.machine, at, &k);
			dirty |= (k.desc & 1) && (k.desc & w.s.g.track) && ((k.desc >> 7) & 1);
			young |= k.fault == MODEL_FAULT_NONE;
			at &= ~(k.span - 1);
		}
		if (x->written && !dirty && !bit(dirty_words, i))
			fail("a write was lost", i, k.desc);
		if (x->accessed && !young && !removed && x->kind == 1 && !bit(words, i))
			fail("an access was lost", i, k.desc);
		x->written &= dirty;
		x->accessed &= young;
	}
}

static void commit(struct armvirt_s2_update *u)
{
	struct armvirt_tlb_target t = {armvirt_s2_vttbr(&w.s, 5), w.s.g.vtcr, 0};
	uint64_t other = UINT64_C(99) << 48 | 0x1000;

	if (chance(30)) {
		t.flags = ARMVIRT_TLB_LOADED;
		other = t.vttbr;
	}
	if (chance(10))
		t.flags |= ARMVIRT_TLB_ERRATUM_REPEAT;
	if (chance(10))
		t.flags |= ARMVIRT_TLB_ERRATUM_SPECULATIVE_AT;
	model_machine_set_regs(w.machine, other, w.s.g.vtcr);
	armvirt_s2_commit(u, &t, &w.limbo);
	if (model_machine_vttbr(w.machine) != other)
		fail("VTTBR not restored", model_machine_vttbr(w.machine), other);
}

static void settle(void)
{
	void *page;

	model_machine_settled(w.machine);
	while ((page = armvirt_pool_take(&w.limbo))) {
		if (model_machine_reaches(w.machine,
					  (uint64_t)(uintptr_t)page - w.s.memory.va_minus_pa))
			fail("a freed table can be reached", (uint64_t)(uintptr_t)page, 0);
		memset(page, 0xa5, 64);
		armvirt_pool_add(&w.pool, page);
	}
	if (model_machine_violation(w.machine))
		fail(model_machine_violation(w.machine), 0, 0);
}

static void count_op(enum verb v, bool changed, bool refused)
{
	total_ops++;
	w.ops++;
	cell_ops[w.cell]++;
	verb_ops[v]++;
	verb_changed[v] += changed;
	verb_refused[v] += refused;
	changed_ops += changed;
}

static bool verbose;

static void say(const struct op *op, enum armvirt_status s)
{
	if (verbose)
		printf("%llu: %s u=%u n=%u pa=%llx attr=%x flags=%x mode=%d kind=%d -> %d\n",
		       (unsigned long long)total_ops, verb_names[op->verb], op->u, op->n,
		       (unsigned long long)op->pa, op->attr, op->flags, (int)op->mode,
		       (int)op->note.kind, (int)s);
}

static void do_fault(const struct op *op)
{
	struct armvirt_s2_fault_request q = {ipa_of(op->u), op->pa & ~(unit_bytes() - 1), op->attr};
	struct armvirt_tlb_target t = {armvirt_s2_vttbr(&w.s, 5), w.s.g.vtcr, 0};
	struct unit *x = &w.unit[op->u];
	struct armvirt_tlb_plan plan;
	enum armvirt_status s;

	w.busy[0][0] = op->u;
	w.busy[0][1] = w.busy_count = 1;
	if (op->verb == FAULT_MAP) {
		struct op one = *op;

		if (w.unit_shift != w.s.g.granule_shift) {
			w.busy_count = 0;
			return;
		}
		one.n = 1;
		one.pa = q.pa;
		s = armvirt_s2_fault_map(&w.s, &q, &w.pool);
		if (s == ARMVIRT_OK && x->kind)
			fail("fault_map over something", q.ipa, x->kind);
		if (s == ARMVIRT_OK)
			apply(&one, 0, 1);
		else if (s == ARMVIRT_RETRY      ? x->kind != 1
			 : s == ARMVIRT_E_EXISTS ? x->kind < 2
						 : s != ARMVIRT_E_NOMEM)
			fail("fault_map status", (uint64_t)(unsigned)s, x->kind);
	} else {
		s = armvirt_s2_fault_fix(&w.s, q.ipa, op->write, &plan);
		if (s == ARMVIRT_OK) {
			model_machine_set_regs(w.machine, UINT64_C(99) << 48, w.s.g.vtcr);
			armvirt_hw_tlb_execute(&plan, &t);
			x->written |= op->write && (x->attr & ARMVIRT_S2_TRACKED);
		} else if (s == ARMVIRT_E_ABSENT ? x->kind == 1
			   : s == ARMVIRT_E_DENIED
				   ? (x->attr & (ARMVIRT_S2_W | ARMVIRT_S2_TRACKED)) != 0 ||
					     !op->write
				   : s != ARMVIRT_RETRY) {
			fail("fault_fix status", (uint64_t)(unsigned)s, x->attr);
		}
	}
	w.busy_count = 0;
	say(op, s);
	count_op(op->verb, s == ARMVIRT_OK, s < 0);
	settle();
	model_machine_drain(w.machine, accessed, NULL);
	compare_range(op->u, 1);
}

/* One verb, if the budget says so in several calls; the reference follows what was done. */
static void do_verb(struct armvirt_s2_update *u, struct op *op)
{
	uint64_t bits = (uint64_t)UNITS << w.unit_shift >> w.s.g.granule_shift;
	static struct armvirt_s2_bitmap young, dirty; /* in use until the update is finished */
	struct armvirt_ipa_range r = range_of(op), rest = r;
	struct armvirt_tlb_gather before = u->gather;
	uint64_t pending = u->pending_end;
	bool writable = may_map(op), fresh = !u->pending_end && !u->noted;
	enum armvirt_status s;

	young = (struct armvirt_s2_bitmap){words, w.base, bits};
	dirty = (struct armvirt_s2_bitmap){dirty_words, w.base, bits};
	armvirt_s2_report_dirty(u, &dirty);
	do {
		unsigned from = (unsigned)((rest.base - r.base) >> w.unit_shift), to = op->n;
		size_t pool = w.pool.count;

		s = call(u, op, rest, op->verb == AGE ? &young : &dirty);
		if (s == ARMVIRT_MORE) {
			uint64_t done = armvirt_s2_done(u);

			if (done <= rest.base || done >= r.base + r.size) {
				fail("budget without progress", done, rest.base);
				return;
			}
			to = (unsigned)((done - r.base) >> w.unit_shift);
			if (done & (unit_bytes() - 1) && op->verb != FOLD && op->verb != SPLIT) {
				fail("budget inside a unit", done, rest.base);
				return;
			}
			rest.size = rest.base + rest.size - done;
			rest.base = done;
		}
		if (s < 0 && w.pool.count != pool)
			fail("pages lost by a refusal", w.pool.count, pool);
		if (s >= 0)
			apply(op, from, to - from);
	} while (s == ARMVIRT_MORE);
	say(op, s);
	if (op->verb == MAP && fresh && (s == ARMVIRT_OK) != writable && s != ARMVIRT_E_NOMEM)
		fail("map status", (uint64_t)(unsigned)s, writable);
	if (s < 0 && op->verb != MAP && op->verb != REPLACE && s != ARMVIRT_E_NOMEM &&
	    s != ARMVIRT_E_MISMATCH && s != ARMVIRT_E_BUSY)
		fail("verb refused", (uint64_t)(unsigned)s, op->verb);
	count_op(op->verb,
		 s >= 0 && (memcmp(&before, &u->gather, sizeof(before)) ||
			    pending != u->pending_end || u->gather.publish || u->gather.count),
		 s < 0);
}

static void run_update(void)
{
	struct armvirt_s2_update u;
	unsigned verbs = chance(25) ? 2 + (unsigned)below(2) : 1, touched[3][2], n = 0;
	struct op op;

	size_t bits = (size_t)UNITS << (w.unit_shift - w.s.g.granule_shift);

	memset(words, 0, bits / 8);
	memset(dirty_words, 0, bits / 8);
	choose(&op);
	if (op.verb == FAULT_MAP || op.verb == FAULT_FIX) {
		model_machine_attend(w.machine, ipa_of(op.u), unit_bytes());
		do_fault(&op);
		return;
	}
	armvirt_s2_begin(&u, &w.s, &w.pool, chance(5) ? ARMVIRT_S2_KEEP_TABLES : 0);
	for (unsigned i = 0; i < verbs && !failure[0]; i++) {
		while (i && (choose(&op), op.verb == FAULT_MAP || op.verb == FAULT_FIX)) {
		}
		if (chance(15) && w.unit_shift == w.s.g.granule_shift)
			armvirt_s2_budget(&u, 1 + (uint32_t)below(3));
		else
			armvirt_s2_budget(&u, 0);
		model_machine_attend(w.machine, ipa_of(op.u), (uint64_t)op.n << w.unit_shift);
		w.busy[w.busy_count][0] = op.u;
		w.busy[w.busy_count++][1] = op.n;
		do_verb(&u, &op);
		touched[n][0] = op.u;
		touched[n++][1] = op.n;
	}
	commit(&u);
	w.busy_count = 0;
	settle();
	model_machine_drain(w.machine, accessed, NULL);
	for (unsigned i = 0; i < n; i++) {
		account(touched[i][0], touched[i][1],
			op.verb == UNMAP || op.verb == UNMAP_MATCHING || op.verb == REPLACE ||
				op.verb == ANNOTATE || n > 1);
		compare_range(touched[i][0], touched[i][1]);
	}
}

static void report(uint64_t seed)
{
	printf("seed %llu: %llu operations, %.1f %% changed the table\n", (unsigned long long)seed,
	       (unsigned long long)total_ops, 100.0 * (double)changed_ops / (double)total_ops);
	for (unsigned v = 0; v < VERBS; v++)
		printf("  %-15s %6.2f %% of all, %5.1f %% changed, %5.1f %% refused\n",
		       verb_names[v], 100.0 * (double)verb_ops[v] / (double)total_ops,
		       100.0 * (double)verb_changed[v] / (double)(verb_ops[v] ? verb_ops[v] : 1),
		       100.0 * (double)verb_refused[v] / (double)(verb_ops[v] ? verb_ops[v] : 1));
	for (unsigned c = 0; c < CELLS; c++)
		printf("  %s%s bbm %u: %5.2f %%\n",
		       c % 5 == 2                 ? "64K"
		       : c % 5 == 0 || c % 5 == 3 ? "4K"
						  : "16K",
		       c % 5 >= 3 ? "+LPA2" : "", c / 5,
		       100.0 * (double)cell_ops[c] / (double)total_ops);
}

/* Runs until a failure or the number of operations. */
static void run(uint64_t seed, uint64_t ops, enum model_mutant mutant)
{
	uint64_t world = 0;

	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	total_ops = 0;
	failure[0] = 0;
	while (total_ops < ops && !failure[0]) {
		uint64_t length = 1000 + below(1500);

		new_world((unsigned)(world++ % CELLS), roll(), mutant);
		while (w.ops < length && total_ops < ops && !failure[0]) {
			run_update();
			if ((w.ops & 255) == 0 && !failure[0])
				compare_all();
		}
		end_world();
	}
}

static uint64_t environment(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v ? strtoull(v, NULL, 0) : otherwise;
}

static int mutants(uint64_t seed)
{
	int missed = 0;

	for (unsigned m = 1; m < MUTANT_COUNT; m++) {
		run(seed + m, 100000, (enum model_mutant)m);
		printf("mutant %2u %-30s %s%llu: %s\n", m, model_mutant_name((enum model_mutant)m),
		       failure[0] ? "found after " : "MISSED in ", (unsigned long long)total_ops,
		       failure);
		missed += !failure[0];
		fflush(stdout);
	}
	printf("seed %llu: %d of 16 mutants missed\n", (unsigned long long)seed, missed);
	return missed != 0;
}

int main(int argc, char **argv)
{
	uint64_t seed = environment("ARMVIRT_TEST_SEED", 1), ops = 1000000;
	const char *scale = getenv("ARMVIRT_TEST_SCALE");

	if (argc > 1 && !strcmp(argv[1], "mutants"))
		return mutants(seed);
	if (scale && !strcmp(scale, "quick"))
		ops = 50000;
	if (scale && !strcmp(scale, "long"))
		ops = 100000000;
	if (argc > 1)
		seed += strtoull(argv[1], NULL, 0) * 1000003;
	ops = environment("ARMVIRT_TEST_OPS", ops);
	verbose = getenv("ARMVIRT_TEST_VERBOSE") != NULL;
	run(seed, ops, MUTANT_NONE);
	report(seed);
	if (failure[0])
		printf("FAILED: %s\n", failure);
	return failure[0] != 0;
}
