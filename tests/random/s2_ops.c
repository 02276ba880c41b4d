/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations of the random stage-2 run: their choice, the call, and what the reference makes of it.
 */
#include "s2_world.h"

/* Without FEAT_XNX both exception levels may execute, or none. */
static uint32_t random_x(void)
{
	if (w.xnx)
		return (uint32_t)below(4) << 6;
	return chance(50) ? ARMVIRT_S2_X : 0;
}

uint32_t random_attr(void)
{
	static const uint8_t types[] = {ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_NORMAL_WB,
					ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_NORMAL_NC,
					ARMVIRT_S2_DEVICE_nGnRE};
	uint32_t a = types[below(5)] | ARMVIRT_S2_R | (chance(80) ? ARMVIRT_S2_W : 0);

	a |= random_x();
	if (chance(20))
		a |= (uint32_t)below(8) << ARMVIRT_S2_SW_SHIFT;
	if (chance(10))
		a |= ARMVIRT_S2_OLD;
	return a;
}

/* Usually the address that keeps blocks possible, from one of few bases; sometimes any. */
uint64_t random_pa(unsigned u, unsigned n)
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
		return x->kind == 1 && (x->attr & ARMVIRT_S2_TRACKED);
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
		set |= random_x();
	}
	op->protection.set = set;
	op->protection.clear = bits & ~set;
}

void choose(struct op *op)
{
	static const uint8_t weights[VERBS] = {25, 9, 10, 8, 8, 8, 5, 5, 8, 7, 4, 5};
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

struct armvirt_ipa_range range_of(const struct op *op)
{
	return (struct armvirt_ipa_range){ipa_of(op->u), (uint64_t)op->n << w.unit_shift};
}

enum armvirt_status call(struct armvirt_s2_update *u, const struct op *op,
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
void apply(const struct op *op, unsigned from, unsigned n)
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
bool may_map(const struct op *op)
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
void account(unsigned u, unsigned n, bool removed)
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

void commit(struct armvirt_s2_update *u)
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

void settle(void)
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
