/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * armvirt_hw_vcpu_guard() on CPUs with TLBs and instruction caches: vCPUs of several machines run
 * anywhere, change their translations and invalidate for themselves, and never meet what another
 * one left or what they have dropped.
 */
#include <libarmvirt/vcpu_move.h>

#include "test.h"

#include "lib/hw/seam.h"

enum { CPUS = 3, MACHINES = 2, VCPUS = 3, LINES = 8 };

#define FB (UINT64_C(1) << 9)

/* What a translation or an instruction that is kept belongs to. */
struct line {
	uint64_t vttbr;
	unsigned vcpu, version;
	bool valid;
};

static struct {
	struct line tlb[LINES], icache[LINES];
	uint64_t written, vttbr; /* VTTBR_EL2: as written, and as a TLBI sees it */
	bool tlbi;               /* begun, a DSB completes it */
	uint64_t tlbi_vttbr;
} machine[CPUS];
static unsigned here, next_line;
static uint64_t seed;
static struct armvirt_cpu cpus[CPUS];
static struct armvirt_vcpu vcpus[MACHINES][VCPUS];
static unsigned version[MACHINES][VCPUS];
static bool fb;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

void armvirt_model_isb(void)
{
	machine[here].vttbr = machine[here].written;
}

static void drop(struct line *lines, uint64_t vttbr)
{
	for (unsigned i = 0; i < LINES; i++) {
		if (lines[i].vttbr == vttbr)
			lines[i].valid = false;
	}
}

void armvirt_model_dsb_ish(void)
{
	if (machine[here].tlbi)
		drop(machine[here].tlb, machine[here].tlbi_vttbr);
	machine[here].tlbi = false;
}

void armvirt_model_tlbi(int op, uint64_t operand)
{
	assert_int_equal(op, ARMVIRT_TLBI_VMALLE1);
	assert_int_equal(operand, 0);
	machine[here].tlbi = true;
	machine[here].tlbi_vttbr = machine[here].vttbr;
}

void armvirt_model_icache_inval_all(void)
{
	for (unsigned i = 0; i < LINES; i++)
		machine[here].icache[i].valid = false;
}

void armvirt_model_icache_inval_all_is(void)
{
	fail_msg("%s", "all CPUs are disturbed");
}

void armvirt_model_dsb_ishst(void)
{
}

void armvirt_model_write_reg(int reg, uint64_t v)
{
	fail_msg("register %d written with %llx", reg, (unsigned long long)v);
}

uint64_t armvirt_model_read_reg(int reg)
{
	fail_msg("register %d read", reg);
	return 0;
}

/* The first line that this vCPU would meet and must not. */
static bool meets_foreign(const struct line *lines, unsigned m, unsigned v)
{
	for (unsigned i = 0; i < LINES; i++) {
		if (lines[i].valid && lines[i].vttbr == vcpus[m][v].traps.vttbr_el2 &&
		    (lines[i].vcpu != v || lines[i].version != version[m][v]))
			return true;
	}
	return false;
}

/* The guest drops what is its own, where it is or, with FB, everywhere. */
static void invalidate(unsigned m, unsigned v)
{
	version[m][v]++;
	for (unsigned c = 0; c < CPUS; c++) {
		for (unsigned i = 0; i < LINES && (c == here || fb); i++) {
			struct line *l[] = {&machine[c].tlb[i], &machine[c].icache[i]};

			for (unsigned n = 0; n < 2; n++) {
				if (l[n]->vttbr == vcpus[m][v].traps.vttbr_el2 && l[n]->vcpu == v)
					l[n]->valid = false;
			}
		}
	}
}

static void run(unsigned m, unsigned v)
{
	struct line mine = {vcpus[m][v].traps.vttbr_el2, v, version[m][v], true};

	armvirt_model_isb(); /* ERET */
	assert_false(machine[here].tlbi);
	if (meets_foreign(machine[here].tlb, m, v) || meets_foreign(machine[here].icache, m, v))
		fail_msg("machine %u, vCPU %u on CPU %u meets what it must not", m, v, here);
	machine[here].tlb[next_line++ % LINES] = mine;
	machine[here].icache[next_line++ % LINES] = mine;
	if (next() % 4 == 0)
		invalidate(m, v);
}

static void anywhere(bool broadcast)
{
	static uint16_t last[MACHINES][CPUS];
	struct armvirt_vmid_guard guard[MACHINES] = {{last[0]}, {last[1]}};
	unsigned invalidated = 0, kept = 0;

	fb = broadcast;
	memset(machine, 0, sizeof(machine));
	memset(last, 0xff, sizeof(last));
	memset(vcpus, 0, sizeof(vcpus));
	for (unsigned round = 0; round < 20000; round++) {
		unsigned m = next() % MACHINES, v = next() % VCPUS;
		struct armvirt_vcpu_seat seat;

		here = next() % CPUS;
		seat = (struct armvirt_vcpu_seat){here, v};
		vcpus[m][v].traps.vttbr_el2 = (uint64_t)(m + 1) << 48;
		vcpus[m][v].traps.hcr_el2 = fb ? FB : 0;
		machine[here].written = vcpus[m][v].traps.vttbr_el2; /* armvirt_hw_vcpu_load() */
		if (armvirt_hw_vcpu_guard(&cpus[here], &vcpus[m][v], &guard[m], &seat))
			invalidated++;
		else
			kept++;
		run(m, v);
	}
	assert_true(invalidated > 1000);
	assert_true(kept > (fb ? 4000 : 1000));
}

static void without_broadcast(void **state)
{
	(void)state;
	anywhere(false);
}

static void with_broadcast(void **state)
{
	(void)state;
	anywhere(true);
}

/* Case by case: nothing for the first one here, the same again, or one that came back with FB. */
static void no_more_than_needed(void **state)
{
	uint16_t last[CPUS] = {0xffff, 0xffff, 0xffff};
	struct armvirt_vmid_guard guard = {last};
	struct armvirt_vcpu *a = &vcpus[0][0], *b = &vcpus[0][1];
	struct armvirt_vcpu_seat seat_a[] = {{0, 0}, {1, 0}}, seat_b[] = {{0, 1}, {1, 1}};

	(void)state;
	memset(vcpus, 0, sizeof(vcpus));
	assert_false(armvirt_hw_vcpu_guard(&cpus[0], a, &guard, &seat_a[0]));
	assert_false(armvirt_hw_vcpu_guard(&cpus[0], a, &guard, &seat_a[0]));
	assert_false(armvirt_hw_vcpu_guard(&cpus[1], b, &guard, &seat_b[1]));
	assert_true(armvirt_hw_vcpu_guard(&cpus[1], a, &guard, &seat_a[1])); /* after b */
	assert_true(armvirt_hw_vcpu_guard(&cpus[0], a, &guard, &seat_a[0])); /* back, no FB */
	assert_false(armvirt_hw_vcpu_guard(&cpus[0], a, &guard, &seat_a[0]));
	a->traps.hcr_el2 = FB;
	assert_false(armvirt_hw_vcpu_guard(&cpus[1], a, &guard, &seat_a[1]));
	assert_false(armvirt_hw_vcpu_guard(&cpus[0], a, &guard, &seat_a[0]));
	assert_true(armvirt_hw_vcpu_guard(&cpus[0], b, &guard, &seat_b[0]));
}

static int set_up(void **state)
{
	const char *text = getenv("ARMVIRT_TEST_SEED");

	(void)state;
	seed = text ? strtoull(text, NULL, 0) : 0x9e3779b97f4a7c15;
	print_message("ARMVIRT_TEST_SEED=%llu\n", (unsigned long long)seed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_broadcast),
		cmocka_unit_test(with_broadcast),
		cmocka_unit_test(no_more_than_needed),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
