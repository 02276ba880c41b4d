/* SPDX-License-Identifier: BSD-2-Clause */
#define _XOPEN_SOURCE 700 /* barriers */
#include <pthread.h>

#include <libarmvirt/psci.h>

#include "test.h"

static struct armvirt_psci_cpu cpu[4];
static struct armvirt_psci vm;

static int fresh(void **state)
{
	(void)state;
	memset(cpu, 0, sizeof(cpu));
	for (unsigned i = 0; i < 4; i++) {
		cpu[i].mpidr = (i / 2) << 8 | i % 2;
		cpu[i].state = i ? ARMVIRT_PSCI_STATE_OFF : ARMVIRT_PSCI_STATE_ON;
	}
	vm = (struct armvirt_psci){
		.cpu = cpu, .cpu_count = 4, .ram = {.base = 0x40000000, .size = 0x10000000}};
	return 0;
}

static struct armvirt_psci_result call(uint32_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const struct armvirt_psci_request r = {.function = function, .x1 = x1, .x2 = x2, .x3 = x3};

	return armvirt_psci_call(&vm, 0, &r);
}

#define ON64       (ARMVIRT_PSCI_CPU_ON | ARMVIRT_PSCI_64)
#define AFFINITY64 (ARMVIRT_PSCI_AFFINITY_INFO | ARMVIRT_PSCI_64)
#define ENTRY      0x40080000

static void cpu_on(void **state)
{
	struct armvirt_psci_result r;

	(void)state;
	assert_int_equal(call(ON64, 0, ENTRY, 0).ret, ARMVIRT_PSCI_ALREADY_ON); /* itself */
	assert_int_equal(call(ON64, 7, ENTRY, 0).ret, ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(ON64, UINT64_C(1) << 31 | 1, ENTRY, 0).ret,
			 ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(ON64, 1, 0x3ffffffc, 0).ret, ARMVIRT_PSCI_INVALID_ADDRESS);
	assert_int_equal(call(ON64, 1, 0x50000000, 0).ret, ARMVIRT_PSCI_INVALID_ADDRESS);
	assert_int_equal(call(ON64, 1, ENTRY + 2, 0).ret, ARMVIRT_PSCI_INVALID_ADDRESS);
	assert_int_equal(cpu[1].state, ARMVIRT_PSCI_STATE_OFF);
	r = call(ON64, 0x101, ENTRY, 0x1122334455667788);
	assert_int_equal(r.ret, ARMVIRT_PSCI_SUCCESS);
	assert_int_equal(r.action, ARMVIRT_PSCI_START);
	assert_int_equal(r.target, 3);
	assert_true(cpu[3].entry == ENTRY && cpu[3].context == 0x1122334455667788);
	assert_int_equal(call(ON64, 0x101, ENTRY, 0).ret, ARMVIRT_PSCI_ON_PENDING);
	assert_int_equal(armvirt_psci_stopped(&vm, 3), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_psci_started(&vm, 3), ARMVIRT_OK);
	assert_int_equal(armvirt_psci_started(&vm, 3), ARMVIRT_E_STATE);
	assert_int_equal(call(ON64, 0x101, ENTRY, 0).ret, ARMVIRT_PSCI_ALREADY_ON);
	assert_int_equal(armvirt_psci_stopped(&vm, 3), ARMVIRT_OK);
	assert_int_equal(call(ON64, 0x101, ENTRY, 0).ret, ARMVIRT_PSCI_SUCCESS);
	assert_int_equal(armvirt_psci_refused(&vm, 3), ARMVIRT_OK);
	assert_int_equal(cpu[3].state, ARMVIRT_PSCI_STATE_OFF);
	assert_int_equal(armvirt_psci_started(&vm, 99), ARMVIRT_E_STATE);
}

/* 32-bit functions use the low halves of their arguments only. */
static void narrow(void **state)
{
	(void)state;
	assert_int_equal(call(ARMVIRT_PSCI_CPU_ON, UINT64_C(0xdead00000001),
			      UINT64_C(0xffffffff) << 32 | ENTRY, UINT64_MAX)
				 .ret,
			 ARMVIRT_PSCI_SUCCESS);
	assert_true(cpu[1].entry == ENTRY && cpu[1].context == 0xffffffff);
	assert_int_equal(call(ON64, UINT64_C(0xdead00000001), ENTRY, 0).ret,
			 ARMVIRT_PSCI_INVALID_PARAMETERS);
}

/* Every pair of states, at level 0 and at the cluster's level. */
static void affinity_info(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 3; a++)
		for (unsigned b = 0; b < 3; b++) {
			int64_t want = a == 0 || b == 0 ? 0 : a == 2 || b == 2 ? 2 : 1;

			cpu[2].state = a;
			cpu[3].state = b;
			assert_int_equal(call(AFFINITY64, 0x100, 0, 0).ret, a);
			assert_int_equal(call(AFFINITY64, 0x101, 0, 0).ret, b);
			assert_int_equal(call(AFFINITY64, 0x1aa, 1, 0).ret, want);
		}
	assert_int_equal(call(AFFINITY64, 0x5500, 2, 0).ret, 0); /* everybody, vCPU 0 runs */
	assert_int_equal(call(AFFINITY64, 0x102, 0, 0).ret, ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(AFFINITY64, 0x200, 1, 0).ret, ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(AFFINITY64, 0, 4, 0).ret, ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(AFFINITY64, UINT64_C(1) << 24, 3, 0).ret,
			 ARMVIRT_PSCI_INVALID_PARAMETERS);
}

static void off(void **state)
{
	(void)state;
	assert_int_equal(call(ARMVIRT_PSCI_CPU_OFF, 0, 0, 0).action, ARMVIRT_PSCI_STOP);
	vm.flags = ARMVIRT_PSCI_FLAG_KEEP_LAST;
	assert_int_equal(call(ARMVIRT_PSCI_CPU_OFF, 0, 0, 0).action, ARMVIRT_PSCI_RETURN);
	assert_int_equal(call(ARMVIRT_PSCI_CPU_OFF, 0, 0, 0).ret, ARMVIRT_PSCI_DENIED);
	cpu[2].state = ARMVIRT_PSCI_STATE_ON_PENDING;
	assert_int_equal(call(ARMVIRT_PSCI_CPU_OFF, 0, 0, 0).action, ARMVIRT_PSCI_STOP);
	assert_int_equal(call(ARMVIRT_PSCI_CPU_SUSPEND, 0x10000, 0, 0).action, ARMVIRT_PSCI_WAIT);
	assert_int_equal(call(ARMVIRT_PSCI_CPU_SUSPEND, 0x20000, 0, 0).ret,
			 ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(ARMVIRT_PSCI_SYSTEM_OFF, 0, 0, 0).action, ARMVIRT_PSCI_SYSTEM_STOP);
	assert_int_equal(call(ARMVIRT_PSCI_SYSTEM_RESET, 0, 0, 0).action,
			 ARMVIRT_PSCI_SYSTEM_RESTART);
	assert_int_equal(call(ARMVIRT_PSCI_SYSTEM_RESET2, 0, 0, 0).action,
			 ARMVIRT_PSCI_SYSTEM_RESTART_WARM);
	assert_int_equal(call(ARMVIRT_PSCI_SYSTEM_RESET2, 1, 0, 0).ret,
			 ARMVIRT_PSCI_INVALID_PARAMETERS);
	assert_int_equal(call(ARMVIRT_PSCI_SYSTEM_RESET2, 0x80000000, 0, 0).ret,
			 ARMVIRT_PSCI_NOT_SUPPORTED);
}

/* FEATURES agrees with what a call answers, over the whole function space of PSCI and beyond. */
static void features(void **state)
{
	(void)state;
	for (unsigned wide = 0; wide < 2; wide++)
		for (uint32_t n = 0; n < 0x120; n++) {
			uint32_t f = 0x84000000 + n + (wide ? ARMVIRT_PSCI_64 : 0);
			int64_t ret = call(ARMVIRT_PSCI_FEATURES, f, 0, 0).ret;
			struct armvirt_psci_result r = call(f, 0x80, 0, 0);

			assert_true(ret == 0 || ret == -1);
			if (ret == -1)
				assert_true(r.ret == -1 && r.action == 0);
			else if (f != ARMVIRT_PSCI_FEATURES)
				assert_true(r.ret != -1);
		}
	assert_int_equal(call(ARMVIRT_PSCI_FEATURES, ARMVIRT_SMCCC_VERSION, 0, 0).ret, 0);
	assert_int_equal(call(ARMVIRT_PSCI_FEATURES, 0x84000005, 0, 0).ret, -1);
	assert_int_equal(call(ARMVIRT_PSCI_VERSION, 0, 0, 0).ret, 0x10001);
	assert_int_equal(call(ARMVIRT_SMCCC_VERSION, 0, 0, 0).ret, 0x10001);
	assert_int_equal(call(ARMVIRT_SMCCC_ARCH_FEATURES, 0x80008000, 0, 0).ret, -1);
	assert_int_equal(call(ARMVIRT_SMCCC_ARCH_FEATURES, ARMVIRT_SMCCC_ARCH_FEATURES, 0, 0).ret,
			 0);
	assert_int_equal(call(ARMVIRT_PSCI_MIGRATE_INFO_TYPE, 0, 0, 0).ret, 2);
}

static void aarch32(void **state)
{
	struct armvirt_psci_request r = {.function = ON64, .x1 = 1, .x2 = ENTRY, .aarch32 = true};

	(void)state;
	assert_int_equal(armvirt_psci_call(&vm, 0, &r).ret, -1);
	r.function = ARMVIRT_PSCI_CPU_ON;
	r.x2 = ENTRY + 2;
	assert_int_equal(armvirt_psci_call(&vm, 0, &r).ret, ARMVIRT_PSCI_INVALID_ADDRESS);
	r.x2 = ENTRY + 3; /* T32 */
	assert_int_equal(armvirt_psci_call(&vm, 0, &r).ret, ARMVIRT_PSCI_SUCCESS);
	assert_int_equal(cpu[1].wide, 0);
	assert_int_equal(armvirt_psci_call(&vm, 4, &r).ret, ARMVIRT_PSCI_NOT_SUPPORTED);
}

#define ROUNDS 2000
static pthread_barrier_t gate;
static int wins[2];

static void *starter(void *arg)
{
	uintptr_t me = (uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		const struct armvirt_psci_request r = {
			.function = ON64, .x1 = 1, .x2 = ENTRY + 4 * me, .x3 = me};
		struct armvirt_psci_result out;

		pthread_barrier_wait(&gate);
		out = armvirt_psci_call(&vm, (unsigned)me, &r);
		if (out.ret == 0) {
			wins[me]++;
			if (cpu[1].context != me || cpu[1].entry != ENTRY + 4 * me)
				wins[me] += ROUNDS;
		} else if (out.ret != ARMVIRT_PSCI_ON_PENDING) {
			wins[me] += ROUNDS;
		}
		pthread_barrier_wait(&gate);
		if (me == 0 && (armvirt_psci_started(&vm, 1) || armvirt_psci_stopped(&vm, 1)))
			wins[0] += ROUNDS;
	}
	return NULL;
}

/* Two vCPUs start a third at once: exactly one succeeds, with its own entry point. */
static void race(void **state)
{
	pthread_t t[2];

	(void)state;
	wins[0] = wins[1] = 0;
	pthread_barrier_init(&gate, NULL, 2);
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, starter, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(wins[0] + wins[1], ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cpu_on, fresh),
		cmocka_unit_test_setup(narrow, fresh),
		cmocka_unit_test_setup(affinity_info, fresh),
		cmocka_unit_test_setup(off, fresh),
		cmocka_unit_test_setup(features, fresh),
		cmocka_unit_test_setup(aarch32, fresh),
		cmocka_unit_test_setup(race, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
