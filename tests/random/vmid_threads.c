/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Identifiers on CPUs that really run side by side: a thread each, with a TLB of its own that
 * remembers under which number it saw which machine. No machine may run under a number for which
 * its CPU still holds another's entries, however a rollover, an entry and a leave interleave.
 */
#define _POSIX_C_SOURCE 200809L
#include "../unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <libarmvirt/vmid.h>

enum { CPUS = 6, VMS = 400, NUMBERS = 256 };

static uint64_t memory[ARMVIRT_VMIDS_BYTES(8, CPUS) / 8];
static struct armvirt_vmids vmids;
static struct armvirt_vmid vm[VMS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_there;
static unsigned tlb[CPUS][NUMBERS]; /* index of the machine + 1 */
static unsigned rollovers, failures, entries;
static unsigned newest; /* what others like to run: the machine that just got a number */
static uint64_t rounds = 400000, seed = 1;

static unsigned next(uint64_t *state, unsigned n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)(*state >> 20) % n;
}

/* TLBI ALLE1IS, which takes its time. */
static void invalidate_all(void)
{
	const struct timespec while_others_run = {0, 20000};

	nanosleep(&while_others_run, NULL);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		for (unsigned n = 0; n < NUMBERS; n++)
			__atomic_store_n(&tlb[cpu][n], 0, __ATOMIC_RELAXED);
	}
	rollovers++;
}

static void enter(unsigned cpu, unsigned index)
{
	struct armvirt_tlb_plan plan;

	if (armvirt_vmid_enter(&vmids, &vm[index], cpu))
		return;
	pthread_mutex_lock(&lock);
	armvirt_vmid_enter_slow(&vmids, &vm[index], cpu, &plan);
	__atomic_store_n(&newest, index, __ATOMIC_RELAXED);
	if (plan.count)
		invalidate_all();
	pthread_mutex_unlock(&lock);
}

static void *cpu_thread(void *argument)
{
	unsigned cpu = (unsigned)(uintptr_t)argument;
	uint64_t state = seed * 7919 + cpu + 1;

	pthread_barrier_wait(&all_there);
	for (uint64_t i = 0; i < rounds; i++) {
		unsigned index = next(&state, i % 2000 < 1000 ? 12 : VMS), n, old;

		if (next(&state, 4) == 0)
			index = __atomic_load_n(&newest, __ATOMIC_RELAXED);
		enter(cpu, index);
		n = armvirt_vmid_number(&vm[index]);
		for (unsigned use = next(&state, 3) + 1; use; use--) {
			old = __atomic_exchange_n(&tlb[cpu][n], index + 1, __ATOMIC_RELAXED);
			if (!n || (old && old != index + 1))
				__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
		}
		if (next(&state, 3) == 0)
			armvirt_vmid_leave(&vmids, cpu);
		if (next(&state, 64) == 0)
			sched_yield();
	}
	__atomic_add_fetch(&entries, (unsigned)rounds, __ATOMIC_RELAXED);
	return NULL;
}

static void no_cpu_holds_another_machine(void **unused)
{
	struct armvirt_s2_geometry g = {.vmid_bits = 8};
	struct armvirt_vmids_memory m = {memory, sizeof(memory), CPUS};
	pthread_t thread[CPUS];

	(void)unused;
	assert_int_equal(armvirt_vmids_init(&vmids, &g, &m), ARMVIRT_OK);
	assert_int_equal(pthread_barrier_init(&all_there, NULL, CPUS), 0);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		assert_int_equal(
			pthread_create(&thread[cpu], NULL, cpu_thread, (void *)(uintptr_t)cpu), 0);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		pthread_join(thread[cpu], NULL);
	print_message("%u entries, %u rollovers\n", entries, rollovers);
	assert_true(rollovers > 100);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_cpu_holds_another_machine)};
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *given = getenv("ARMVIRT_TEST_SEED");

	if (scale && strcmp(scale, "quick") == 0)
		rounds /= 10;
	if (scale && strcmp(scale, "long") == 0)
		rounds *= 20;
	if (given)
		seed = strtoull(given, NULL, 0);
	print_message("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
