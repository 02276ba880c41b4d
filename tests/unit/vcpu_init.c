/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu.h>
#include <string.h>

#include "test.h"

#define AARCH32 (ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP)

static union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL) + 64];
} memory;
#define vcpu memory.v
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

static enum armvirt_status shaped(size_t bytes, uint64_t sets, const struct armvirt_features *f)
{
	struct armvirt_vcpu_shape shape = {.bytes = bytes, .sets = sets};

	return armvirt_vcpu_init_sets(&vcpu, &shape, f);
}

static void ready32(const struct armvirt_features *f)
{
	assert_int_equal(shaped(sizeof(memory), AARCH32, f), ARMVIRT_OK);
	assert_int_equal(armvirt_vcpu_init_aarch32(&vcpu, f), ARMVIRT_OK);
	armvirt_vcpu_set_stack(&vcpu, stack + sizeof(stack));
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
				if (aarch64)
					ready(&f);
				else
					ready32(&f);
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
	assert_int_equal(armvirt_vcpu_init_aarch32(&vcpu, &f), ARMVIRT_E_STATE);
	assert_int_equal(vcpu.frame.pstate, 0x3c5);
	ready32(&f);
	assert_int_equal(vcpu.frame.pstate, 0x1d3);
	assert_int_equal(vcpu.fp_policy, ARMVIRT_FP_EAGER);
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_OK);
	vcpu.traps.hcr_el2 = UINT64_C(1) << 31;
	assert_int_equal(armvirt_vcpu_check(&vcpu), ARMVIRT_E_MISMATCH);
}

/* Every optional set: where it lies, that sets do not overlap, and the refusals. */
static void test_sets(void **state)
{
	struct armvirt_features f = features(1, 1), none = features(0, 0);
	uint64_t all = armvirt_vcpu_sets(&f);
	size_t end = sizeof(struct armvirt_vcpu), need = ARMVIRT_VCPU_BYTES(all);

	(void)state;
	assert_int_equal(all & AARCH32, AARCH32);
	assert_int_equal(armvirt_vcpu_sets(&none) & AARCH32, 0);
	assert_int_equal(all & ~ARMVIRT_VCPU_OPTIONAL, 0);
	assert_int_equal(all & ARMVIRT_SET_PAUTH, 0);
	memset(&memory, 0xaa, sizeof(memory));
	assert_int_equal(shaped(sizeof(memory), ARMVIRT_SET_EL1, &f), ARMVIRT_E_ARG);
	assert_int_equal(shaped(sizeof(memory), UINT64_C(1) << 60, &f), ARMVIRT_E_ARG);
	assert_int_equal(shaped(sizeof(memory), AARCH32, &none), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(shaped(sizeof(memory), ARMVIRT_SET_PAUTH, &f), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(shaped(need - 1, all, &f), ARMVIRT_E_SIZE);
	assert_int_equal(memory.bytes[0], 0xaa);
	assert_int_equal(shaped(need, all, &f), ARMVIRT_OK);
	for (unsigned bit = 0; bit < 64; bit++) {
		uint8_t *set = armvirt_vcpu_set(&vcpu, bit);

		if (!(all >> bit & 1)) {
			assert_null(set);
			continue;
		}
		assert_int_equal(set - memory.bytes, end);
		end += ARMVIRT_CTX_BYTES(UINT64_C(1) << bit);
		for (size_t i = (size_t)(set - memory.bytes); i < end; i++)
			assert_int_equal(memory.bytes[i], 0);
	}
	assert_in_range(end, need - 63, need);
	assert_int_equal(memory.bytes[end], 0xaa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size_and_alignment), cmocka_unit_test(test_reset_state),
		cmocka_unit_test(test_needs_a_stack),      cmocka_unit_test(test_every_mode),
		cmocka_unit_test(test_hcr_fits_the_state), cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
