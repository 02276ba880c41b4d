/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu.h>
#include <string.h>

#include "test.h"

static struct armvirt_vcpu vcpu;
static _Alignas(16) uint8_t stack[256];

static struct armvirt_features features(int aa32el0, int aa32el1)
{
	struct armvirt_features f = {0};

	f.has[ARMVIRT_FEAT_AA32EL0 / 64] |= (uint64_t)aa32el0 << (ARMVIRT_FEAT_AA32EL0 % 64);
	f.has[ARMVIRT_FEAT_AA32EL1 / 64] |= (uint64_t)aa32el1 << (ARMVIRT_FEAT_AA32EL1 % 64);
	return f;
}

static void ready(const struct armvirt_features *f)
{
	assert_int_equal(armvirt_vcpu_init(&vcpu, sizeof(vcpu), f), ARMVIRT_OK);
	armvirt_vcpu_set_stack(&vcpu, stack + sizeof(stack));
	vcpu.traps.hcr_el2 = UINT64_C(1) << 31;
}

static void test_size_and_alignment(void **state)
{
	struct armvirt_features f = features(0, 0);
	struct armvirt_vcpu *crooked = (struct armvirt_vcpu *)(void *)((char *)&vcpu + 16);

	(void)state;
	memset(&vcpu, 0xaa, sizeof(vcpu));
	assert_int_equal(armvirt_vcpu_init(&vcpu, sizeof(vcpu) + 8, &f), ARMVIRT_E_SIZE);
	assert_int_equal(armvirt_vcpu_init(crooked, sizeof(vcpu), &f), ARMVIRT_E_ALIGN);
	assert_int_equal(vcpu.frame.pstate, UINT64_C(0xaaaaaaaaaaaaaaaa));
	assert_int_equal(armvirt_vcpu_check(crooked), ARMVIRT_E_ALIGN);
}

static void test_reset_state(void **state)
{
	struct armvirt_features f = features(0, 0);

	(void)state;
	memset(&vcpu, 0xaa, sizeof(vcpu));
	ready(&f);
	assert_int_equal(vcpu.frame.pstate, 0x3c5);
	assert_int_equal(vcpu.el1.sctlr_el1 & 0x1005, 0);
	assert_int_equal(vcpu.frame.x[30], 0);
	assert_int_equal(vcpu.fp.v[31][1], 0);
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_OK);
}

static void test_needs_a_stack(void **state)
{
	struct armvirt_features f = features(0, 0);

	(void)state;
	ready(&f);
	assert_int_equal(vcpu.host_sp, (uintptr_t)(stack + sizeof(stack) - 16));
	vcpu.host_sp = 0;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_STATE);
	vcpu.host_sp = 8;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_STATE);
}

/* What an exception return from EL2 accepts for a guest, written from
 * AArch64.IllegalExceptionReturn(). */
static bool legal(unsigned m, bool aarch64_el1, bool aa32el0)
{
	if (!(m & 0x10)) /* AArch64: EL0 has no handler stack, EL2 and EL3 are not the guest's */
		return aarch64_el1 && (m == 0 || m == 4 || m == 5);
	if (m == 0x10)
		return aarch64_el1 ? aa32el0 : true;
	return !aarch64_el1 &&
	       (m == 0x11 || m == 0x12 || m == 0x13 || m == 0x17 || m == 0x1b || m == 0x1f);
}

static void test_every_mode(void **state)
{
	(void)state;
	for (int aa32el0 = 0; aa32el0 < 2; aa32el0++) {
		struct armvirt_features f = features(aa32el0, aa32el0);

		for (int aarch64 = aa32el0 ? 0 : 1; aarch64 < 2; aarch64++) {
			for (unsigned m = 0; m < 32; m++) {
				ready(&f);
				if (!aarch64) {
					assert_int_equal(armvirt_vcpu_init_aarch32(&vcpu, &f),
							 ARMVIRT_OK);
					vcpu.traps.hcr_el2 = 0;
				}
				assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_OK);
				vcpu.frame.pstate = (vcpu.frame.pstate & ~UINT64_C(31)) | m;
				assert_int_equal(armvirt_vcpu_check(&vcpu),
						 legal(m, aarch64, aa32el0) ? ARMVIRT_OK
									    : ARMVIRT_E_ARG);
			}
		}
	}
}

static void test_hcr_fits_the_state(void **state)
{
	struct armvirt_features f = features(1, 1), none = features(1, 0);

	(void)state;
	ready(&f);
	vcpu.traps.hcr_el2 |= UINT64_C(1) << 27;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_MISMATCH);
	vcpu.traps.hcr_el2 = 0;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_MISMATCH);
	assert_int_equal(armvirt_vcpu_init_aarch32(&vcpu, &none), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(vcpu.frame.pstate, 0x3c5);
	assert_int_equal(armvirt_vcpu_init_aarch32(&vcpu, &f), ARMVIRT_OK);
	assert_int_equal(vcpu.frame.pstate, 0x1d3);
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_OK);
	vcpu.traps.hcr_el2 = UINT64_C(1) << 31;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_MISMATCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_and_alignment), cmocka_unit_test(test_reset_state),
		cmocka_unit_test(test_needs_a_stack),      cmocka_unit_test(test_every_mode),
		cmocka_unit_test(test_hcr_fits_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
