/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * armvirt_hw_el2_setup() on a register file: on every machine, in both E2H modes, it touches no
 * register that the machine lacks, writes no bit that is RES0 there and every bit that is RES1,
 * and leaves every EL2 control register with a known value.
 */
#include "qemu_idregs.h"
#include "register_rows.h"

#include <libarmvirt/el2.h>
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/trapcfg.h>

#include "lib/hw/sysreg.h"

#define E2H (UINT64_C(1) << 34)

enum { REGISTERS = 1 << 16 };

/* The register file. */
static uint64_t value[REGISTERS];
static bool written[REGISTERS];
static struct armvirt_features host;
static const char *machine;
static bool e2h_fixed; /* E2H is 1 whatever is written */
static bool gic_denied;

static uint32_t key_of(const char *e)
{
	unsigned op0, op1, n, m, op2;

	assert_int_equal(sscanf(e, "s%u_%u_c%u_c%u_%u", &op0, &op1, &n, &m, &op2), 5);
	return (uint32_t)(op0 << 14 | op1 << 11 | n << 7 | m << 3 | op2);
}

static bool e2h_now(void)
{
	return value[key_of(ARMVIRT_S_HCR_EL2)] & E2H;
}

static bool has_feature(const char *text)
{
	return row_has_feature(&host, text, 0);
}

static const struct reg_row *row_of(uint32_t key)
{
	for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
		if (reg_rows[i].key == key)
			return &reg_rows[i];
	}
	return NULL;
}

/* What a name reaches: with E2H, names of EL1 reach EL2 and names of EL12 reach EL1. */
static uint32_t reached(const char *e)
{
	uint32_t key = key_of(e);
	unsigned op1 = key >> 11 & 7, n = key >> 7 & 15;

	if (op1 == 5) {
		if (!e2h_now())
			fail_msg("%s: %s is UNDEFINED without E2H", machine, e);
		return (key & ~(7u << 11)) | (n == 14 ? 3u << 11 : 0);
	}
	if (e2h_now() && (key == key_of(ARMVIRT_S_FAR_EL1) || key == key_of(ARMVIRT_S_AFSR0_EL1)))
		return key | 4u << 11;
	return key;
}

static void check_exists(const char *e, uint32_t key)
{
	const struct reg_row *row = row_of(key);

	if (!row || !has_feature(row->feature))
		fail_msg("%s: touches %s, which is not there", machine, row ? row->name : e);
}

uint64_t armvirt_model_mrs(const char *e)
{
	uint32_t key = reached(e);

	if (key == key_of(ARMVIRT_S_CURRENTEL))
		return 2 << 2;
	check_exists(e, key);
	return value[key];
}

/* This machine has vectors of 16, 32 and 64 bytes. */
unsigned armvirt_model_rdvl(void)
{
	uint64_t len = value[key_of(ARMVIRT_S_ZCR_EL2)] & 0xf;

	assert_true(armvirt_has(&host, ARMVIRT_FEAT_SVE));
	assert_false(e2h_now() ? (~value[key_of(ARMVIRT_S_CPTR_EL2)] & (3 << 16))
			       : value[key_of(ARMVIRT_S_CPTR_EL2)] & (1 << 8));
	return len < 1 ? 16 : len < 3 ? 32 : 64;
}

void armvirt_model_msr(const char *e, uint64_t v)
{
	uint32_t key = reached(e);

	check_exists(e, key);
	if (key == key_of(ARMVIRT_S_HCR_EL2) && e2h_fixed)
		v |= E2H;
	if (key == key_of(ARMVIRT_S_HCR_EL2) && !armvirt_has(&host, ARMVIRT_FEAT_VHE))
		assert_false(v & E2H);
	if (key == key_of(ARMVIRT_S_ICC_SRE_EL2) && gic_denied)
		v = 0;
	value[key] = v;
	written[key] = true;
}

/* The last value that was written to each of them. */
static void check_controls(bool e2h)
{
	static const char *const names[] = {
		"HCR_EL2",     "HCRX_EL2",     "MDCR_EL2",     "HSTR_EL2",    "MPAM2_EL2",
		"MPAMHCR_EL2", "ICH_HCR_EL2",  "HFGRTR_EL2",   "HFGWTR_EL2",  "HFGITR_EL2",
		"HDFGRTR_EL2", "HDFGWTR_EL2",  "HAFGRTR_EL2",  "HFGRTR2_EL2", "HFGWTR2_EL2",
		"HFGITR2_EL2", "HDFGRTR2_EL2", "HDFGWTR2_EL2", "ICC_SRE_EL2", "VTCR_EL2",
		"VTTBR_EL2",   "CPTR_EL2",     "CNTHCTL_EL2",  "TCR_EL2",     "SCTLR_EL2",
		"MAIR_EL2",    "VPIDR_EL2",    "VMPIDR_EL2",
	};

	for (size_t n = 0; n < COUNT_OF(names); n++) {
		for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
			if (strcmp(reg_rows[i].name, names[n]) == 0 && written[reg_rows[i].key])
				row_check_value(&host, machine, names[n], e2h,
						value[reg_rows[i].key]);
		}
	}
}

static void junk(void)
{
	memset(written, 0, sizeof(written));
	for (unsigned i = 0; i < REGISTERS; i++)
		value[i] = UINT64_C(0xdeadbeefdeadbeef) & ~UINT64_C(1);
	value[key_of(ARMVIRT_S_SCTLR_EL2)] = 0;
	value[key_of(ARMVIRT_S_PMCR_EL0)] = 6 << 11;
	value[key_of(ARMVIRT_S_HCR_EL2)] = e2h_fixed ? E2H : 0;
	value[key_of(ARMVIRT_S_MIDR_EL1)] = 0x410fd034;
	value[key_of(ARMVIRT_S_MPIDR_EL1)] = 0x80000003;
}

static struct armvirt_el2_values stage1;

/* What the library's own map of EL2 wants in the registers. */
static bool map_values(bool e2h, enum armvirt_granule granule, unsigned va_bits)
{
	static _Alignas(65536) char root[65536];
	static struct armvirt_el2_map map;
	struct armvirt_el2_map_config c = {granule, (uint8_t)va_bits, e2h};
	struct armvirt_s2_memory m = {.root = (uint64_t *)(void *)root, .root_pa = 0x40000000};
	struct armvirt_s2_geometry g;

	if (armvirt_el2_geometry_solve(&g, &host, &c) != ARMVIRT_OK)
		return false;
	m.va_minus_pa = (uint64_t)(uintptr_t)root - m.root_pa;
	assert_int_equal(armvirt_el2_map_init(&map, &g, &m), ARMVIRT_OK);
	armvirt_el2_map_values(&map, &stage1);
	return true;
}

static enum armvirt_status set_up(struct armvirt_cpu *cpu, bool e2h, unsigned reserved)
{
	static _Alignas(2048) char vectors[1];
	struct armvirt_el2_config c = {.features = &host,
				       .e2h = e2h,
				       .pmu_reserved = (uint8_t)reserved,
				       .vectors = vectors,
				       .mmu = true,
				       .ttbr0_el2 = stage1.ttbr0,
				       .tcr_el2 = stage1.tcr,
				       .mair_el2 = stage1.mair};

	return armvirt_hw_el2_setup(cpu, &c);
}

/* Every EL2 control register that the machine has and that decides what a guest may do. */
static void check_known(void)
{
	static const char *const needed[] = {
		"HCR_EL2",      "HCRX_EL2",    "CPTR_EL2",    "MDCR_EL2",      "HSTR_EL2",
		"HACR_EL2",     "VTCR_EL2",    "VTTBR_EL2",   "VPIDR_EL2",     "VMPIDR_EL2",
		"SCTLR_EL2",    "TCR_EL2",     "MAIR_EL2",    "TTBR0_EL2",     "VBAR_EL2",
		"CNTHCTL_EL2",  "CNTVOFF_EL2", "CNTPOFF_EL2", "CNTHP_CTL_EL2", "CNTHV_CTL_EL2",
		"HFGRTR_EL2",   "HFGWTR_EL2",  "HFGITR_EL2",  "HDFGRTR_EL2",   "HDFGWTR_EL2",
		"HAFGRTR_EL2",  "HFGRTR2_EL2", "HFGWTR2_EL2", "HFGITR2_EL2",   "HDFGRTR2_EL2",
		"HDFGWTR2_EL2", "ICC_SRE_EL2", "ICH_HCR_EL2", "VSESR_EL2",     "VDISR_EL2",
		"ZCR_EL2",      "SMCR_EL2",    "MPAM2_EL2",   "TRFCR_EL2",     "PMSCR_EL2",
		"SCTLR2_EL2",   "TCR2_EL2",    "GCSCR_EL2",   "VNCR_EL2",      "TFSR_EL2",
	};

	for (size_t n = 0; n < COUNT_OF(needed); n++) {
		const struct reg_row *row = NULL;

		for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
			if (strcmp(reg_rows[i].name, needed[n]) == 0)
				row = &reg_rows[i];
		}
		if (!row)
			fail_msg("the table has no %s", needed[n]);
		else if (has_feature(row->feature) && !written[row->key])
			fail_msg("%s: %s stays UNKNOWN", machine, row->name);
	}
}

static struct cpu_model cpus[CPUS_MAX];

static void every_machine(void **state)
{
	unsigned count = read_cpus(cpus);

	(void)state;
	e2h_fixed = gic_denied = false;
	for (unsigned i = 0; i < count; i++) {
		machine = cpus[i].name;
		armvirt_features_derive(&host, &cpus[i].id);
		for (unsigned e2h = 0; e2h < 2; e2h++) {
			struct armvirt_cpu cpu;

			junk();
			assert_int_equal(map_values(e2h, ARMVIRT_GRANULE_4K, 39),
					 !e2h || armvirt_has(&host, ARMVIRT_FEAT_VHE));
			if (e2h && !armvirt_has(&host, ARMVIRT_FEAT_VHE)) {
				assert_int_equal(set_up(&cpu, true, 0), ARMVIRT_E_UNSUPPORTED);
				continue;
			}
			assert_int_equal(set_up(&cpu, e2h, 1), ARMVIRT_OK);
			assert_int_equal(cpu.sve_vls,
					 armvirt_has(&host, ARMVIRT_FEAT_SVE) ? 0xb : 0);
			check_controls(e2h);
			check_known();
			assert_int_equal(value[key_of(ARMVIRT_S_VMPIDR_EL2)], 0x80000003);
			assert_int_equal(value[key_of(ARMVIRT_S_VPIDR_EL2)], 0x410fd034);
			assert_int_equal(value[key_of(ARMVIRT_S_MDCR_EL2)] & 31, 5);
			assert_int_equal(!!(value[key_of(ARMVIRT_S_HCR_EL2)] & E2H), e2h);
			assert_int_equal(value[key_of(ARMVIRT_S_SCTLR_EL2)] & 0x1005, 0x1005);
			assert_int_equal(cpu.now.mdcr_el2, value[key_of(ARMVIRT_S_MDCR_EL2)]);
			assert_int_equal(cpu.now.cptr_el2, value[key_of(ARMVIRT_S_CPTR_EL2)]);
			assert_int_equal(cpu.now.hcr_el2, value[key_of(ARMVIRT_S_HCR_EL2)]);
		}
	}
}

/* Every map that the library makes for EL2, on every machine that can have it. */
static void every_map(void **state)
{
	static const enum armvirt_granule granules[] = {ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K,
							ARMVIRT_GRANULE_64K};
	unsigned count = read_cpus(cpus), maps = 0;

	(void)state;
	e2h_fixed = gic_denied = false;
	for (unsigned i = 0; i < count * 2; i++) {
		unsigned e2h = i & 1;

		machine = cpus[i / 2].name;
		armvirt_features_derive(&host, &cpus[i / 2].id);
		for (unsigned n = 0; n < COUNT_OF(granules) * 24; n++) {
			struct armvirt_cpu cpu;

			if (!map_values(e2h, granules[n / 24], 25 + n % 24))
				continue;
			junk();
			assert_int_equal(set_up(&cpu, e2h, 0), ARMVIRT_OK);
			assert_true(written[key_of(ARMVIRT_S_TCR_EL2)]);
			check_controls(e2h);
			assert_int_equal(stage1.sctlr & ~value[key_of(ARMVIRT_S_SCTLR_EL2)], 0);
			maps++;
		}
	}
	assert_true(maps > 1000);
}

static void refusals(void **state)
{
	struct armvirt_cpu cpu;

	(void)state;
	read_cpus(cpus);
	machine = cpus[0].name;
	armvirt_features_derive(&host, &cpus[0].id);
	assert_true(armvirt_has(&host, ARMVIRT_FEAT_VHE));
	e2h_fixed = true;
	junk();
	assert_int_equal(armvirt_hw_el2_e2h(&host), ARMVIRT_E2H_ONLY_1);
	assert_int_equal(set_up(&cpu, false, 0), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(set_up(&cpu, true, 0), ARMVIRT_OK);
	e2h_fixed = false;
	junk();
	assert_int_equal(armvirt_hw_el2_e2h(&host), ARMVIRT_E2H_BOTH);
	assert_int_equal(set_up(&cpu, false, 7), ARMVIRT_E_UNSUPPORTED);
	value[key_of(ARMVIRT_S_SCTLR_EL2)] = 1;
	assert_int_equal(set_up(&cpu, false, 0), ARMVIRT_E_STATE);
	junk();
	gic_denied = true;
	assert_int_equal(set_up(&cpu, false, 0), ARMVIRT_E_HARDWARE);
	gic_denied = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_machine),
		cmocka_unit_test(every_map),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
