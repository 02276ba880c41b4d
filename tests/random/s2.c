/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long random runs of the stage-2 verbs against the model: a reference of what
 * is mapped, the independent walker, and the machine with its two judges.
 *
 *   ARMVIRT_TEST_SEED   seed, printed; default 1
 *   ARMVIRT_TEST_SCALE  quick, full (default) or long
 *   argv[1]             "mutants": every seeded bug must be found; else the clean run
 */
#include <setjmp.h>

#include "s2_world.h"

const char *const verb_names[VERBS] = {"map",     "replace",  "unmap",     "unmap_matching",
				       "protect", "annotate", "split",     "fold",
				       "age",     "dirty",    "fault_map", "fault_fix"};

static bool verbose;
static uint64_t changed_ops, abandonments;
static jmp_buf out;
static uint64_t verb_ops[VERBS], verb_changed[VERBS], verb_refused[VERBS], cell_ops[CELLS];

void count_op(enum verb v, bool changed, bool refused)
{
	total_ops++;
	w.ops++;
	cell_ops[w.cell]++;
	verb_ops[v]++;
	verb_changed[v] += changed;
	verb_refused[v] += refused;
	changed_ops += changed;
}

void say(const struct op *op, enum armvirt_status s)
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
	if (op->verb == MAP && fresh && (s == ARMVIRT_OK) != writable && s != ARMVIRT_E_NOMEM &&
	    !((u->flags & ARMVIRT_S2_SERIAL) && s == ARMVIRT_E_BUSY))
		fail("map status", (uint64_t)(unsigned)s, writable);
	if (s < 0 && op->verb != MAP && op->verb != REPLACE && s != ARMVIRT_E_NOMEM &&
	    s != ARMVIRT_E_MISMATCH && s != ARMVIRT_E_BUSY)
		fail("verb refused", (uint64_t)(unsigned)s, op->verb);
	count_op(op->verb,
		 s >= 0 && (memcmp(&before, &u->gather, sizeof(before)) ||
			    pending != u->pending_end || u->gather.publish || u->gather.count),
		 s < 0);
}

/* Abandoned after some store of a descriptor, the commit's included; then recovered. */
static void stop_here(void)
{
	if (w.stop_after && !--w.stop_after)
		longjmp(out, 1);
}

/* A unit is as it was or as it should be, and the reference follows. */
static void reconcile(const struct unit *old, unsigned u)
{
	compare(u);
	if (failure[0]) {
		failure[0] = 0;
		w.unit[u] = *old;
		compare(u);
	}
}

/* What an abandoned verb reports of the access flags and dirty state of its range may be
 * incomplete. */
static void forget(const struct op *op)
{
	for (unsigned u = op->u; u < op->u + op->n; u++)
		w.unit[u].written = w.unit[u].accessed = false;
}

static void abandoned(struct op *op)
{
	static struct armvirt_s2_update u;
	static struct unit old[UNITS];
	struct armvirt_tlb_target t;

	model_machine_attend(w.machine, ipa_of(op->u), (uint64_t)op->n << w.unit_shift);
	w.busy[0][0] = op->u;
	w.busy[0][1] = op->n;
	w.busy_count = 1;
	memcpy(old, w.unit, sizeof(old));
	armvirt_s2_begin(&u, &w.s, &w.pool, 0);
	w.stop_after = 1 + (unsigned)below(chance(50) ? 8 : 2 * op->n + 8);
	w.stopped = stop_here;
	if (!setjmp(out)) {
		do_verb(&u, op);
		commit(&u);
		w.stop_after = 0;
	} else {
		t = (struct armvirt_tlb_target){armvirt_s2_vttbr(&w.s, 5), w.s.g.vtcr, 0};
		model_machine_set_regs(w.machine, UINT64_C(99) << 48, w.s.g.vtcr);
		memcpy(w.unit, old, sizeof(old));
		apply(op, 0, op->n);
		armvirt_s2_recover(&u, &t, &w.limbo);
		abandonments++;
		model_machine_drain(w.machine, accessed, NULL);
		for (unsigned i = op->u; i < op->u + op->n && !failure[0]; i++)
			reconcile(&old[i], i);
		if (verbose)
			printf("abandoned: ");
		say(op, ARMVIRT_OK);
		count_op(op->verb, true, false);
	}
	w.busy_count = 0;
	model_machine_drain(w.machine, accessed, NULL);
	forget(op);
	settle();
	model_machine_drain(w.machine, accessed, NULL);
	compare_range(op->u, op->n);
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
		if (chance(40) && w.unit_shift == w.s.g.granule_shift)
			storm(&op);
		else
			do_fault(&op);
		return;
	}
	if (chance(3) && w.unit_shift == w.s.g.granule_shift) {
		abandoned(&op);
		return;
	}
	armvirt_s2_begin(&u, &w.s, &w.pool,
			 (chance(5) ? ARMVIRT_S2_KEEP_TABLES : 0) |
				 (chance(3) ? ARMVIRT_S2_SERIAL : 0));
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
	printf("seed %llu: %llu operations, %.1f %% changed the table, %llu abandoned, %llu "
	       "storms\n",
	       (unsigned long long)seed, (unsigned long long)total_ops,
	       100.0 * (double)changed_ops / (double)total_ops, (unsigned long long)abandonments,
	       (unsigned long long)storms);
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

/* The run is worth something: it changes tables, with every verb, in every kind of world. */
static void judge_histogram(void)
{
	if (changed_ops * 100 < total_ops * 70)
		fail("fewer than 70 % of the operations changed the table", changed_ops, total_ops);
	for (unsigned v = 0; v < VERBS; v++) {
		if (verb_ops[v] * 100 < total_ops * 4)
			fail("a verb has less than 4 % of the operations", v, verb_ops[v]);
	}
	for (unsigned c = 0; c < CELLS; c++) {
		if (cell_ops[c] * 100 < total_ops)
			fail("a cell has less than 1 % of the operations", c, cell_ops[c]);
	}
	if (!storms || !abandonments)
		fail("no storm, or no abandoned update", storms, abandonments);
}

/* Runs until a failure or the number of operations. */
static void run(uint64_t seed, uint64_t ops, enum model_mutant mutant)
{
	uint64_t world = 0;

	seed_random(seed);
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
	if (!failure[0] && total_ops >= 50000)
		judge_histogram();
	report(seed);
	if (failure[0])
		printf("FAILED: %s\n", failure);
	return failure[0] != 0;
}
