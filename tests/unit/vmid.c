/* SPDX-License-Identifier: BSD-2-Clause */
/* No two machines may ever share an identifier in the TLB of a CPU. */
#include "test.h"

#include <libarmvirt/vmid.h>

#define CPUS 8
#define VMS  400

static uint64_t memory[ARMVIRT_VMIDS_BYTES(16, CPUS) / 8];
static uint64_t random_state = 1;

static unsigned below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 20) % n;
}

static void make(struct armvirt_vmids *v, unsigned bits)
{
	struct armvirt_s2_geometry g = {.vmid_bits = (uint8_t)bits};
	struct armvirt_vmids_memory m = {memory, sizeof(memory), CPUS};

	assert_int_equal(armvirt_vmids_init(v, &g, &m), ARMVIRT_OK);
}

/* Whose translations each CPU may hold under each number, since the last invalidation. */
static unsigned holder[CPUS][65536];
static unsigned rollovers;

static void enter(struct armvirt_vmids *v, struct armvirt_vmid *vm, unsigned index, unsigned cpu)
{
	struct armvirt_tlb_plan plan;
	unsigned n;

	if (!armvirt_vmid_enter(v, vm, cpu)) {
		armvirt_vmid_enter_slow(v, vm, cpu, &plan);
		if (plan.count) {
			assert_int_equal(plan.kind[0], ARMVIRT_TLB_ALL_VMIDS);
			assert_true(plan.flags & ARMVIRT_TLB_ICACHE);
			/* The machines that run now fill their TLBs again at once. */
			memset(holder, 0, sizeof(holder));
			rollovers++;
		}
	}
	n = armvirt_vmid_number(vm);
	assert_int_not_equal(n, 0);
	for (unsigned c = 0; c < CPUS; c++)
		assert_true(!holder[c][n] || holder[c][n] == index + 1);
	holder[cpu][n] = index + 1;
}

static void random_schedule(void **state)
{
	static struct armvirt_vmid vm[VMS];
	unsigned running[CPUS];
	struct armvirt_vmids v;

	(void)state;
	make(&v, 8);
	memset(vm, 0, sizeof(vm));
	memset(holder, 0, sizeof(holder));
	memset(running, 0xff, sizeof(running));
	for (unsigned i = 0; i < 400000; i++) {
		unsigned cpu = below(CPUS), index = below(i % 1000 < 500 ? 20 : VMS);

		if (below(10) == 0) {
			armvirt_vmid_leave(&v, cpu);
			running[cpu] = ~0u;
			continue;
		}
		enter(&v, &vm[index], index, cpu);
		running[cpu] = index;
		/* What runs elsewhere goes on under the number that it was entered with. */
		for (unsigned c = 0; c < CPUS; c++) {
			if (running[c] != ~0u && below(4) == 0) {
				unsigned n = (unsigned)(v.active[c] ? v.active[c] : v.reserved[c]) &
					     0xffff;

				assert_true(!holder[c][n] || holder[c][n] == running[c] + 1);
				holder[c][n] = running[c] + 1;
			}
		}
	}
	assert_true(rollovers > 50);
	print_message("%u rollovers\n", rollovers);
}

static void wide_numbers_do_not_roll_over(void **state)
{
	static struct armvirt_vmid vm[60000];
	struct armvirt_tlb_plan plan;
	struct armvirt_vmids v;

	(void)state;
	make(&v, 16);
	memset(vm, 0, sizeof(vm));
	for (unsigned i = 0; i < 60000; i++) {
		armvirt_vmid_enter_slow(&v, &vm[i], i % CPUS, &plan);
		assert_int_equal(plan.count, 0);
	}
	for (unsigned i = 0; i < 60000; i++)
		assert_true(armvirt_vmid_enter(&v, &vm[i], i % CPUS));
}

static void refusals(void **state)
{
	struct armvirt_s2_geometry g = {.vmid_bits = 8};
	struct armvirt_vmids_memory m = {memory, 1, CPUS};
	struct armvirt_vmids v;

	(void)state;
	assert_int_equal(armvirt_vmids_init(&v, &g, &m), ARMVIRT_E_SIZE);
	m.cpus = 0;
	assert_int_equal(armvirt_vmids_init(&v, &g, &m), ARMVIRT_E_ARG);
	m.cpus = 255;
	assert_int_equal(armvirt_vmids_init(&v, &g, &m), ARMVIRT_E_ARG);
	m.cpus = 2;
	m.start = (uint8_t *)memory + 4;
	assert_int_equal(armvirt_vmids_init(&v, &g, &m), ARMVIRT_E_ALIGN);
}

static void guard_sees_another_vcpu(void **state)
{
	uint16_t last[2] = {0xffff, 0xffff};
	struct armvirt_vmid_guard guard = {last};
	struct armvirt_tlb_plan plan;

	(void)state;
	armvirt_vmid_guard_check(&guard, 0, 3, &plan);
	assert_int_equal(plan.count, 0);
	armvirt_vmid_guard_check(&guard, 0, 3, &plan);
	assert_int_equal(plan.count, 0);
	armvirt_vmid_guard_check(&guard, 1, 3, &plan);
	assert_int_equal(plan.count, 0);
	armvirt_vmid_guard_check(&guard, 0, 4, &plan);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.kind[0], ARMVIRT_TLB_VMID_LOCAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_schedule),
		cmocka_unit_test(wide_numbers_do_not_roll_over),
		cmocka_unit_test(refusals),
		cmocka_unit_test(guard_sees_another_vcpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
