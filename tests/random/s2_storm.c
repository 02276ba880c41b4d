/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the contract lets CPUs do at once: faults and lookups of the same and neighbouring pages, on
 * four CPUs that take turns at every load, store, exchange, barrier and invalidation at the seam.
 */
#include <ucontext.h>

#include "s2_world.h"

#define STACK_BYTES (256 * 1024)
#define LOOKUP      VERBS
#define NEAR        4 /* units that a storm is about */

struct cpu {
	ucontext_t context;
	struct armvirt_pool pool; /* its own, as the contract asks */
	unsigned verb, unit;      /* unit: from the first of the storm */
	uint64_t pa;
	uint32_t attr;
	bool write, runs;
	enum armvirt_status status;
	struct armvirt_s2_leaf leaf;
};

uint64_t storms;
static struct cpu cpus[MODEL_CPUS];
static unsigned char stacks[MODEL_CPUS][STACK_BYTES];
static ucontext_t scheduler;
static unsigned first_unit, running;

static void yield_cpu(void)
{
	if (chance(50))
		swapcontext(&cpus[running].context, &scheduler);
}

static void act(void)
{
	struct armvirt_tlb_target t = {armvirt_s2_vttbr(&w.s, 5), w.s.g.vtcr, 0};
	struct cpu *c = &cpus[running];
	uint64_t ipa = ipa_of(first_unit + c->unit);
	struct armvirt_s2_fault_request q = {ipa, c->pa, c->attr};
	struct armvirt_tlb_plan plan;

	model_machine_set_regs(w.machine, UINT64_C(99) << 48, w.s.g.vtcr);
	if (c->verb == FAULT_MAP) {
		c->status = armvirt_s2_fault_map(&w.s, &q, &c->pool);
	} else if (c->verb == LOOKUP) {
		c->status = armvirt_s2_lookup(&w.s, ipa, &c->leaf);
	} else {
		c->status = armvirt_s2_fault_fix(&w.s, ipa, c->write, &plan);
		if (c->status == ARMVIRT_OK)
			armvirt_hw_tlb_execute(&plan, &t);
	}
	c->runs = false;
}

static void prepare_cpu(unsigned i, const struct op *first)
{
	struct cpu *c = &cpus[i];
	void *page;

	memset(c, 0, sizeof(*c));
	c->verb = chance(50) ? FAULT_MAP : chance(70) ? FAULT_FIX : LOOKUP;
	if (!i)
		c->verb = first->verb;
	c->unit = chance(60) ? 0 : (unsigned)below(NEAR);
	c->pa = random_pa(first_unit + c->unit, 1);
	c->attr = random_attr();
	c->write = chance(60);
	c->runs = true;
	for (unsigned n = (unsigned)below(6); n && (page = armvirt_pool_take(&w.pool)); n--)
		armvirt_pool_add(&c->pool, page);
	getcontext(&c->context);
	c->context.uc_stack.ss_sp = stacks[i];
	c->context.uc_stack.ss_size = STACK_BYTES;
	c->context.uc_link = &scheduler;
	makecontext(&c->context, act, 0);
}

static void run_all(void)
{
	unsigned left = MODEL_CPUS;

	w.turn = yield_cpu;
	while (left) {
		running = (unsigned)below(MODEL_CPUS);
		if (!cpus[running].runs)
			continue;
		model_machine_run_as(w.machine, running);
		swapcontext(&scheduler, &cpus[running].context);
		left -= !cpus[running].runs;
	}
	w.turn = NULL;
	model_machine_run_as(w.machine, 0);
}

/* Whoever mapped the unit: at most one, and nobody where something was. */
static const struct cpu *winner(unsigned unit, const struct unit *before)
{
	const struct cpu *won = NULL;
	unsigned tried = 0, poor = 0;

	for (unsigned i = 0; i < MODEL_CPUS; i++) {
		const struct cpu *c = &cpus[i];

		if (c->verb != FAULT_MAP || c->unit != unit)
			continue;
		tried++;
		poor += c->status == ARMVIRT_E_NOMEM;
		if (c->status != ARMVIRT_OK)
			continue;
		if (won || before->kind)
			fail("two CPUs mapped one page", ipa_of(first_unit + unit), before->kind);
		won = c;
	}
	if (tried > poor && !won && !before->kind)
		fail("nobody mapped the page", ipa_of(first_unit + unit), tried);
	return won;
}

static bool denies(uint32_t attr)
{
	return !(attr & (ARMVIRT_S2_W | ARMVIRT_S2_TRACKED));
}

/* The result of a fix fits the unit before, or as another CPU mapped it. */
static bool fix_fits(const struct cpu *c, const struct unit *before, const struct cpu *won)
{
	bool mapped = before->kind == 1;

	switch ((int)c->status) {
	case ARMVIRT_OK:
	case ARMVIRT_RETRY:
		return mapped || won;
	case ARMVIRT_E_ABSENT:
		return !mapped;
	case ARMVIRT_E_DENIED:
		return c->write && ((mapped && denies(before->attr)) || (won && denies(won->attr)));
	default:
		return false;
	}
}

static bool map_fits(const struct cpu *c, const struct unit *before, const struct cpu *won)
{
	switch ((int)c->status) {
	case ARMVIRT_OK:
		return before->kind == 0;
	case ARMVIRT_RETRY:
		return before->kind == 1 || won;
	case ARMVIRT_E_EXISTS:
		return before->kind > 1;
	default:
		return c->status == ARMVIRT_E_NOMEM && before->kind == 0;
	}
}

static bool lookup_fits(const struct cpu *c, const struct unit *before, const struct cpu *won)
{
	if (c->status == ARMVIRT_OK)
		return (before->kind == 1 && c->leaf.pa == before->pa) ||
		       (won && c->leaf.pa == won->pa);
	return c->status == ARMVIRT_E_ABSENT && before->kind != 1;
}

/* A fix that was done stays done: nobody may take its bits away again. */
static void check_fixed(const struct cpu *c)
{
	uint64_t bits = UINT64_C(1) << 10 | (c->write ? UINT64_C(1) << 7 : 0);
	struct model_walk k;

	model_machine_walk(w.machine, ipa_of(first_unit + c->unit), &k);
	if ((k.desc & bits) != bits)
		fail("a fix was lost", ipa_of(first_unit + c->unit), k.desc);
}

static void judge_cpu(const struct cpu *c, const struct unit *before, const struct cpu *won)
{
	bool fits = c->verb == FAULT_MAP   ? map_fits(c, before, won)
		    : c->verb == FAULT_FIX ? fix_fits(c, before, won)
					   : lookup_fits(c, before, won);

	if (!fits)
		fail(c->verb == LOOKUP ? "lookup in a storm" : verb_names[c->verb],
		     (uint64_t)(unsigned)c->status, before->kind);
	if (c->verb == FAULT_FIX && c->status == ARMVIRT_OK) {
		check_fixed(c);
		w.unit[first_unit + c->unit].written |=
			c->write && (w.unit[first_unit + c->unit].attr & ARMVIRT_S2_TRACKED);
	}
	if (c->verb != LOOKUP)
		count_op((enum verb)c->verb, c->status == ARMVIRT_OK, c->status < 0);
}

void storm(const struct op *first)
{
	const struct cpu *won[NEAR];
	struct unit before[NEAR];

	storms++;
	first_unit = first->u < UNITS - NEAR ? first->u : UNITS - NEAR;
	memcpy(before, &w.unit[first_unit], sizeof(before));
	w.busy[0][0] = first_unit;
	w.busy[0][1] = NEAR;
	w.busy_count = 1;
	model_machine_attend(w.machine, ipa_of(first_unit), NEAR * unit_bytes());
	for (unsigned i = 0; i < MODEL_CPUS; i++)
		prepare_cpu(i, first);
	run_all();
	w.busy_count = 0;
	for (unsigned i = 0; i < NEAR; i++) {
		won[i] = winner(i, &before[i]);
		if (won[i])
			w.unit[first_unit + i] =
				(struct unit){.pa = won[i]->pa,
					      .attr = won[i]->attr & ~ARMVIRT_S2_OLD,
					      .kind = 1};
	}
	for (unsigned i = 0; i < MODEL_CPUS; i++) {
		judge_cpu(&cpus[i], &before[cpus[i].unit], won[cpus[i].unit]);
		armvirt_pool_move(&w.pool, &cpus[i].pool);
	}
	settle();
	model_machine_drain(w.machine, accessed, NULL);
	compare_range(first_unit, NEAR);
}
