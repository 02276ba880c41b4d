/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt_hw_guest_mmu_load() on a register file: each field comes from the register of its name.
 */
#include "test.h"

#include <libarmvirt/guestwalk.h>
#include <libarmvirt/sysreg_names.h>

#include "lib/hw/sysreg.h"

#define HCR_RW (UINT64_C(1) << 31)

static unsigned reads;

static uint32_t key_of(const char *e)
{
	unsigned op0, op1, n, m, op2;

	assert_int_equal(sscanf(e, "s%u_%u_c%u_c%u_%u", &op0, &op1, &n, &m, &op2), 5);
	return (uint32_t)(op0 << 14 | op1 << 11 | n << 7 | m << 3 | op2);
}

/* Every register has its own key in it. */
uint64_t armvirt_model_mrs(const char *encoding)
{
	reads++;
	return key_of(encoding);
}

void armvirt_model_msr(const char *encoding, uint64_t v)
{
	(void)encoding, (void)v;
	fail();
}

unsigned armvirt_model_rdvl(void)
{
	return 0;
}

static void is_from(uint64_t field, const char *name, bool e2h)
{
	char want[32];

	snprintf(want, sizeof(want), "%s%s", name, e2h && strcmp(name, "POR_EL0") ? "2" : "");
	assert_string_equal(armvirt_sysreg_name((uint32_t)field), want);
}

static void fields_come_from_their_registers(void **state)
{
	(void)state;
	for (unsigned e2h = 0; e2h < 2; e2h++) {
		const struct armvirt_excwhere where = {e2h, false};
		struct armvirt_guest_mmu mmu = {.has = UINT32_MAX, .hcr = 1 << 12};

		armvirt_hw_guest_mmu_load(&mmu, &where);
		assert_int_equal(mmu.hcr, HCR_RW | 1 << 12);
		is_from(mmu.sctlr, "SCTLR_EL1", e2h);
		is_from(mmu.tcr, "TCR_EL1", e2h);
		is_from(mmu.tcr2, "TCR2_EL1", e2h);
		is_from(mmu.ttbr0, "TTBR0_EL1", e2h);
		is_from(mmu.ttbr1, "TTBR1_EL1", e2h);
		is_from(mmu.mair, "MAIR_EL1", e2h);
		is_from(mmu.mair2, "MAIR2_EL1", e2h);
		is_from(mmu.pir, "PIR_EL1", e2h);
		is_from(mmu.pire0, "PIRE0_EL1", e2h);
		is_from(mmu.por, "POR_EL1", e2h);
		is_from(mmu.por0, "POR_EL0", e2h);
		assert_int_equal(mmu.dacr, 0);
	}
}

static void what_is_not_there_is_not_read(void **state)
{
	static const struct {
		uint32_t has;
		bool el1_aarch32;
		unsigned reads;
	} rows[] = {
		{0, false, 5},
		{UINT32_MAX, true, 6}, /* and DACR32_EL2 */
		{ARMVIRT_GUEST_HAS_S1PIE, false, 8},
		{ARMVIRT_GUEST_HAS_S1POE, false, 8},
		{ARMVIRT_GUEST_HAS_AIE, false, 7},
		{ARMVIRT_GUEST_HAS_LPA2 | ARMVIRT_GUEST_HAS_HAF, false, 5},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct armvirt_excwhere where = {false, rows[i].el1_aarch32};
		struct armvirt_guest_mmu mmu = {.has = rows[i].has, .hcr = HCR_RW};

		reads = 0;
		armvirt_hw_guest_mmu_load(&mmu, &where);
		assert_int_equal(reads, rows[i].reads);
		assert_int_equal(mmu.hcr, rows[i].el1_aarch32 ? 0 : HCR_RW);
		if (rows[i].el1_aarch32)
			is_from(mmu.dacr, "DACR32_EL2", false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_from_their_registers),
		cmocka_unit_test(what_is_not_there_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
