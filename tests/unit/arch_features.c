/* SPDX-License-Identifier: BSD-2-Clause */
#include "qemu_idregs.h"

#include <libarmvirt/regs.h>

static struct cpu_model cpu[CPUS_MAX];
static struct armvirt_features feat;

static void every_cpu_has_what_was_measured_on_it(void **state)
{
	static const struct {
		const char *name;
		enum armvirt_feature feature;
	} rows[] = {
		{"VHE", ARMVIRT_FEAT_VHE},         {"XNX", ARMVIRT_FEAT_XNX},
		{"S2FWB", ARMVIRT_FEAT_S2FWB},     {"TTL", ARMVIRT_FEAT_TTL},
		{"CNP", ARMVIRT_FEAT_CNP},         {"FGT", ARMVIRT_FEAT_FGT},
		{"HCX", ARMVIRT_FEAT_HCX},         {"RAS", ARMVIRT_FEAT_RAS},
		{"SVE", ARMVIRT_FEAT_SVE},         {"SME", ARMVIRT_FEAT_SME},
		{"BTI", ARMVIRT_FEAT_BTI},         {"NMI", ARMVIRT_FEAT_NMI},
		{"LOR", ARMVIRT_FEAT_LOR},         {"IDST", ARMVIRT_FEAT_IDST},
		{"TIDCP1", ARMVIRT_FEAT_TIDCP1},   {"SSBS", ARMVIRT_FEAT_SSBS},
		{"PAN", ARMVIRT_FEAT_PAN},         {"GIC3", ARMVIRT_FEAT_GIC3},
		{"AA32EL1", ARMVIRT_FEAT_AA32EL1}, {"AA32EL0", ARMVIRT_FEAT_AA32EL0},
	};
	unsigned n = read_cpus(cpu);

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		armvirt_features_derive(&feat, &cpu[i].id);
		print_message("%s\n", cpu[i].name);
		for (size_t r = 0; r < COUNT_OF(rows); r++) {
			if (armvirt_has(&feat, rows[r].feature) != measured(&cpu[i], rows[r].name))
				fail_msg("%s: %s", cpu[i].name, rows[r].name);
		}
		assert_int_equal(feat.pa_bits, measured(&cpu[i], "pa_bits"));
		assert_int_equal(feat.bbm_level, measured(&cpu[i], "bbm"));
		assert_int_equal(armvirt_has(&feat, ARMVIRT_FEAT_VMID16) ? 16 : 8,
				 measured(&cpu[i], "vmid_bits"));
		assert_int_equal(feat.brp_count, 6);
		assert_int_equal(feat.wrp_count, 4);
		assert_true(armvirt_has(&feat, ARMVIRT_FEAT_FP));
		assert_true(armvirt_has(&feat, ARMVIRT_FEAT_PMU));
		assert_false(armvirt_has(&feat, ARMVIRT_FEAT_MPAM));
		assert_false(armvirt_has(&feat, ARMVIRT_FEAT_FGT2));
	}
}

/* One field at a time, all 16 values: features grow with the value and nothing else moves. */
static void features_grow_with_unsigned_fields(void **state)
{
	static const struct {
		enum armvirt_idreg reg;
		unsigned shift;
		enum armvirt_feature feature;
		unsigned least;
	} rows[] = {
		{ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 8, ARMVIRT_FEAT_VHE, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 56, ARMVIRT_FEAT_FGT, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 56, ARMVIRT_FEAT_FGT2, 2},
		{ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 60, ARMVIRT_FEAT_ECV, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 60, ARMVIRT_FEAT_ECV_POFF, 2},
		{ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 56, ARMVIRT_FEAT_EVT, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 56, ARMVIRT_FEAT_EVT2, 2},
		{ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 24, ARMVIRT_FEAT_NV, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 24, ARMVIRT_FEAT_NV2, 2},
		{ARMVIRT_IDREG_ID_AA64ISAR0_EL1, 56, ARMVIRT_FEAT_TLBIOS, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR0_EL1, 56, ARMVIRT_FEAT_TLBIRANGE, 2},
		{ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 0, ARMVIRT_FEAT_HAF, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 0, ARMVIRT_FEAT_HDBS, 2},
		{ARMVIRT_IDREG_ID_AA64PFR1_EL1, 8, ARMVIRT_FEAT_MTE, 1},
		{ARMVIRT_IDREG_ID_AA64PFR1_EL1, 8, ARMVIRT_FEAT_MTE2, 2},
		{ARMVIRT_IDREG_ID_AA64PFR0_EL1, 40, ARMVIRT_FEAT_MPAM, 1},
		{ARMVIRT_IDREG_ID_AA64PFR1_EL1, 16, ARMVIRT_FEAT_MPAM, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 4, ARMVIRT_FEAT_PAUTH, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 8, ARMVIRT_FEAT_PAUTH, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR2_EL1, 12, ARMVIRT_FEAT_PAUTH, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR2_EL1, 8, ARMVIRT_FEAT_PAUTHGEN, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR3_EL1, 0, ARMVIRT_FEAT_TCR2, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR3_EL1, 4, ARMVIRT_FEAT_SCTLR2, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR3_EL1, 8, ARMVIRT_FEAT_S1PIE, 1},
		{ARMVIRT_IDREG_ID_AA64MMFR3_EL1, 16, ARMVIRT_FEAT_S1POE, 1},
		{ARMVIRT_IDREG_ID_AA64PFR2_EL1, 32, ARMVIRT_FEAT_FPMR, 1},
		{ARMVIRT_IDREG_ID_AA64PFR0_EL1, 44, ARMVIRT_FEAT_AMU, 1},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 32, ARMVIRT_FEAT_SPE, 1},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 44, ARMVIRT_FEAT_TRBE, 1},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 52, ARMVIRT_FEAT_BRBE, 1},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 40, ARMVIRT_FEAT_TRF, 1},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 4, ARMVIRT_FEAT_TRACE, 1},
		{ARMVIRT_IDREG_ID_AA64ISAR2_EL1, 0, ARMVIRT_FEAT_WFXT, 2},
	};
	static struct armvirt_idregs id;

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		for (unsigned v = 0; v < 16; v++) {
			memset(&id, 0, sizeof(id));
			id.reg[rows[r].reg] = (uint64_t)v << rows[r].shift;
			armvirt_features_derive(&feat, &id);
			if (armvirt_has(&feat, rows[r].feature) != (v >= rows[r].least))
				fail_msg("row %zu value %u", r, v);
		}
	}
}

static void signed_fields_and_granules(void **state)
{
	/* value of TGRAN4: stage 1; of TGRAN4_2 with stage 1 = 2: stage 2 */
	static const uint8_t g4[16] = {1, 2, 2, 2, 2, 2, 2, 2};
	static const uint8_t s4[16] = {2, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
	static struct armvirt_idregs id;

	(void)state;
	for (unsigned v = 0; v < 16; v++) {
		memset(&id, 0, sizeof(id));
		id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = (uint64_t)v << 16;
		id.reg[ARMVIRT_IDREG_ID_AA64DFR0_EL1] = (uint64_t)v << 8 | (uint64_t)v << 36;
		id.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = (uint64_t)v << 28 | (uint64_t)v << 24;
		armvirt_features_derive(&feat, &id);
		assert_int_equal(armvirt_has(&feat, ARMVIRT_FEAT_FP), v < 8);
		assert_int_equal(armvirt_has(&feat, ARMVIRT_FEAT_PMU), v != 0 && v != 15);
		assert_int_equal(armvirt_has(&feat, ARMVIRT_FEAT_DOUBLELOCK), v == 0);
		assert_int_equal(feat.s1_granule_4k, g4[v]);
		assert_int_equal(feat.s2_granule_4k, g4[v]);
		assert_int_equal(feat.s1_granule_64k, v < 8);
		id.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = UINT64_C(1) << 28 | (uint64_t)v << 40;
		armvirt_features_derive(&feat, &id);
		assert_int_equal(feat.s2_granule_4k, s4[v]);
	}
}

static void every_feature_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned a = 0; a < ARMVIRT_FEAT_COUNT; a++) {
		const char *name = armvirt_feature_name((enum armvirt_feature)a);

		assert_non_null(name);
		assert_int_equal(strncmp(name, "FEAT_", 5), 0);
		assert_true(strlen(name) > 6 && strlen(name) < 20);
		for (unsigned b = a + 1; b < ARMVIRT_FEAT_COUNT; b++)
			assert_string_not_equal(name,
						armvirt_feature_name((enum armvirt_feature)b));
	}
	assert_null(armvirt_feature_name(ARMVIRT_FEAT_COUNT));
	assert_null(armvirt_feature_name((enum armvirt_feature) - 1));
}

static void deriving_in_place_keeps_the_registers(void **state)
{
	(void)state;
	memset(&feat, 0x5a, sizeof(feat));
	memset(&feat.id, 0, sizeof(feat.id));
	feat.id.reg[ARMVIRT_IDREG_ID_AA64MMFR1_EL1] = ARMVIRT_ID_AA64MMFR1_EL1_VH;
	armvirt_features_derive(&feat, &feat.id);
	assert_true(armvirt_has(&feat, ARMVIRT_FEAT_VHE));
	assert_false(armvirt_has(&feat, ARMVIRT_FEAT_S2FWB));
	assert_int_equal(feat.pmu_counters, 0);
	assert_int_equal(feat.id.reg[ARMVIRT_IDREG_ID_AA64MMFR1_EL1], ARMVIRT_ID_AA64MMFR1_EL1_VH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cpu_has_what_was_measured_on_it),
		cmocka_unit_test(features_grow_with_unsigned_fields),
		cmocka_unit_test(signed_fields_and_granules),
		cmocka_unit_test(every_feature_has_a_name_of_its_own),
		cmocka_unit_test(deriving_in_place_keeps_the_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
