/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/timer.h>

#include "test.h"

static void condition(void **state)
{
	struct armvirt_timer t = {.cval = 100, .ctl = ARMVIRT_TIMER_ENABLE};

	(void)state;
	assert_false(armvirt_timer_asserted(&t, 99));
	assert_true(armvirt_timer_asserted(&t, 100));
	assert_true(armvirt_timer_asserted(&t, UINT64_MAX)); /* unsigned, not a signed distance */
	assert_int_equal(armvirt_timer_read_ctl(&t, 100), 5);
	t.ctl |= ARMVIRT_TIMER_IMASK;
	assert_false(armvirt_timer_asserted(&t, 100));
	assert_int_equal(armvirt_timer_read_ctl(&t, 100), 7);
	t.ctl = ARMVIRT_TIMER_IMASK;
	assert_int_equal(armvirt_timer_read_ctl(&t, 100), 2);
	armvirt_timer_write_ctl(&t, UINT32_MAX);
	assert_int_equal(t.ctl, 3);
}

static void tval(void **state)
{
	struct armvirt_timer t = {0};

	(void)state;
	armvirt_timer_write_tval(&t, 1000, 0xffffffff);
	assert_int_equal(t.cval, 999);
	t.ctl = ARMVIRT_TIMER_ENABLE;
	assert_true(armvirt_timer_asserted(&t, 1000));
	armvirt_timer_write_tval(&t, 1000, 0x7fffffff);
	assert_int_equal(t.cval, UINT64_C(1000) + 0x7fffffff);
	assert_int_equal(armvirt_timer_read_tval(&t, 1000), 0x7fffffff);
	assert_int_equal(armvirt_timer_read_tval(&t, t.cval + 1), 0xffffffff);
	armvirt_timer_write_tval(&t, 5, 0x80000000);
	assert_true(t.cval == UINT64_C(5) - 0x80000000);
	armvirt_timer_write_tval(&t, UINT64_MAX, 2);
	assert_int_equal(t.cval, 1);
}

static void deadline(void **state)
{
	struct armvirt_timer_vm vm = {.voff = 1000, .poff = 500};
	struct armvirt_timer_vcpu t = {0};
	uint64_t wfit = 50;

	(void)state;
	assert_true(armvirt_timer_next(&t, &vm, 1000, NULL) == UINT64_MAX);
	assert_int_equal(armvirt_timer_next(&t, &vm, 1000, &wfit), 1050);
	assert_int_equal(armvirt_timer_next(&t, &vm, 1060, &wfit), 1060);
	t.v = (struct armvirt_timer){40, ARMVIRT_TIMER_ENABLE};
	assert_int_equal(armvirt_timer_next(&t, &vm, 1000, &wfit), 1040);
	t.p = (struct armvirt_timer){530, ARMVIRT_TIMER_ENABLE};
	assert_int_equal(armvirt_timer_next(&t, &vm, 1000, NULL), 1030);
	t.p.ctl |= ARMVIRT_TIMER_IMASK;
	assert_int_equal(armvirt_timer_next(&t, &vm, 1000, NULL), 1040);
	t.v.cval = UINT64_MAX;
	assert_true(armvirt_timer_next(&t, &vm, 2000, NULL) == UINT64_MAX); /* saturates */
	vm.voff = 0;
	assert_true(armvirt_timer_next(&t, &vm, UINT64_MAX, NULL) == UINT64_MAX);
}

static void trapped(void **state)
{
	struct armvirt_timer_vm vm = {.poff = 7};
	struct armvirt_timer_vcpu t = {0};

	(void)state;
	armvirt_timer_trap_write(&t, &vm, ARMVIRT_TIMER_REG_TVAL, 107, 10);
	armvirt_timer_trap_write(&t, &vm, ARMVIRT_TIMER_REG_CTL, 107, 0xfd);
	armvirt_timer_trap_write(&t, &vm, ARMVIRT_TIMER_REG_CNTPCT, 107, 0xfd);
	assert_int_equal(armvirt_timer_trap_read(&t, &vm, ARMVIRT_TIMER_REG_CVAL, 107), 110);
	assert_int_equal(armvirt_timer_trap_read(&t, &vm, ARMVIRT_TIMER_REG_CNTPCT, 107), 100);
	assert_int_equal(armvirt_timer_trap_read(&t, &vm, ARMVIRT_TIMER_REG_TVAL, 117), 0);
	assert_int_equal(armvirt_timer_trap_read(&t, &vm, ARMVIRT_TIMER_REG_CTL, 116), 1);
	assert_int_equal(armvirt_timer_trap_read(&t, &vm, ARMVIRT_TIMER_REG_CTL, 117), 5);
	armvirt_timer_trap_write(&t, &vm, ARMVIRT_TIMER_REG_CVAL, 0, 3);
	assert_int_equal(t.p.cval, 3);
}

static void traps(void **state)
{
	struct armvirt_timer_vm vm = {.physical = ARMVIRT_TIMER_PHYSICAL_TRAPPED};

	(void)state;
	assert_int_equal(armvirt_timer_cnthctl(&vm, false), 0);
	assert_int_equal(armvirt_timer_cnthctl(&vm, true), 0);
	vm.poff = 1;
	assert_int_equal(armvirt_timer_check(&vm, false), ARMVIRT_OK);
	vm.physical = ARMVIRT_TIMER_PHYSICAL_DIRECT;
	assert_int_equal(armvirt_timer_check(&vm, true), ARMVIRT_E_ARG);
	vm.poff = 0;
	assert_int_equal(armvirt_timer_check(&vm, false), ARMVIRT_OK);
	assert_int_equal(armvirt_timer_cnthctl(&vm, false), 3);
	assert_int_equal(armvirt_timer_cnthctl(&vm, true), 0xc00);
	vm.physical = ARMVIRT_TIMER_PHYSICAL_OFFSET;
	assert_int_equal(armvirt_timer_check(&vm, false), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(armvirt_timer_check(&vm, true), ARMVIRT_OK);
	assert_int_equal(armvirt_timer_cnthctl(&vm, false), 0x1003);
	assert_int_equal(armvirt_timer_cnthctl(&vm, true), 0x1c00);
	vm.physical = 3;
	assert_int_equal(armvirt_timer_check(&vm, true), ARMVIRT_E_ARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(condition), cmocka_unit_test(tval),  cmocka_unit_test(deadline),
		cmocka_unit_test(trapped),   cmocka_unit_test(traps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
