/* SPDX-License-Identifier: BSD-2-Clause */
#include "qemu_idregs.h"

#include <libarmvirt/context.h>
#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>

static struct cpu_model cpu[CPUS_MAX];
static struct armvirt_features host, seen;
static struct armvirt_idregs guest, other;
static uint64_t seed = 1;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void random_idregs(struct armvirt_idregs *id)
{
	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++)
		id->reg[r] = random64() & random64();
}

static void limit(struct armvirt_idregs *g, const struct armvirt_idregs *m, uint32_t show)
{
	struct armvirt_policy p = {.show = show};

	assert_int_equal(armvirt_idregs_limit(g, m, &p), ARMVIRT_OK);
}

/* "Yes" to these promises less, or they are no promise to a guest. */
static bool inverted(unsigned x)
{
	return x == ARMVIRT_FEAT_DOUBLELOCK || x == ARMVIRT_FEAT_E2H0_RES;
}

static void check_subset(const struct armvirt_idregs *small, const struct armvirt_idregs *large)
{
	armvirt_features_derive(&seen, small);
	armvirt_features_derive(&host, large);
	for (unsigned x = 0; x < ARMVIRT_FEAT_COUNT; x++) {
		enum armvirt_feature f = (enum armvirt_feature)x;

		if (!inverted(x) && armvirt_has(&seen, f) && !armvirt_has(&host, f))
			fail_msg("%s appears", armvirt_feature_name(f));
	}
	assert_true(seen.pa_bits <= host.pa_bits);
	assert_true(seen.bbm_level <= host.bbm_level);
	assert_true(seen.s1_granule_4k <= host.s1_granule_4k);
	assert_true(seen.s1_granule_16k <= host.s1_granule_16k);
	assert_true(seen.s1_granule_64k <= host.s1_granule_64k);
	assert_true(seen.brp_count <= host.brp_count);
}

static void a_guest_never_sees_more_than_the_machine_has(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct armvirt_policy p = {
			.show = (uint32_t)random64() & ARMVIRT_SHOW_ALL,
			.baseline = random64() & 1,
			.ipa_bits = (uint8_t)(random64() & 1 ? 32 + random64() % 21 : 0)};
		static struct armvirt_idregs machine;

		random_idregs(&machine);
		machine.reg[ARMVIRT_IDREG_ID_AA64DFR0_EL1] |= 0x10305006; /* as CPUs have it */
		machine.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] |= 0x11;
		assert_int_equal(armvirt_idregs_limit(&guest, &machine, &p), ARMVIRT_OK);
		check_subset(&guest, &machine);
		other = guest;
		assert_int_equal(armvirt_idregs_limit(&other, &other, &p), ARMVIRT_OK);
		assert_memory_equal(&other, &guest, sizeof(guest));
		if (p.ipa_bits)
			assert_true(seen.pa_bits <= p.ipa_bits);
	}
}

/* Each part is shown where the machine has it, only when asked for. */
static void parts_are_shown_on_demand(void **state)
{
	static const struct {
		uint32_t show, with;
		enum armvirt_feature feature;
	} rows[] = {
		{ARMVIRT_SHOW_FP, 0, ARMVIRT_FEAT_FP},
		{ARMVIRT_SHOW_GIC, 0, ARMVIRT_FEAT_GIC3},
		{ARMVIRT_SHOW_RAS, 0, ARMVIRT_FEAT_RAS},
		{ARMVIRT_SHOW_PAUTH, 0, ARMVIRT_FEAT_PAUTH},
		{ARMVIRT_SHOW_PAUTH, 0, ARMVIRT_FEAT_PAUTHGEN},
		{ARMVIRT_SHOW_SVE, ARMVIRT_SHOW_FP, ARMVIRT_FEAT_SVE},
		{ARMVIRT_SHOW_MTE, 0, ARMVIRT_FEAT_MTE2},
		{ARMVIRT_SHOW_AA32, 0, ARMVIRT_FEAT_AA32EL0},
		{ARMVIRT_SHOW_PMU, 0, ARMVIRT_FEAT_PMU},
		{ARMVIRT_SHOW_SCXT, 0, ARMVIRT_FEAT_CSV2_2},
		{ARMVIRT_SHOW_TCR2, 0, ARMVIRT_FEAT_TCR2},
		{ARMVIRT_SHOW_SCTLR2, 0, ARMVIRT_FEAT_SCTLR2},
		{ARMVIRT_SHOW_S1PIE, ARMVIRT_SHOW_TCR2, ARMVIRT_FEAT_S1PIE},
		{ARMVIRT_SHOW_S1POE, ARMVIRT_SHOW_TCR2, ARMVIRT_FEAT_S1POE},
		{ARMVIRT_SHOW_AIE, ARMVIRT_SHOW_TCR2, ARMVIRT_FEAT_AIE},
		{ARMVIRT_SHOW_PFAR, 0, ARMVIRT_FEAT_PFAR},
		{ARMVIRT_SHOW_FPMR, ARMVIRT_SHOW_FP, ARMVIRT_FEAT_FPMR},
		{ARMVIRT_SHOW_GCS, ARMVIRT_SHOW_S1PIE | ARMVIRT_SHOW_TCR2, ARMVIRT_FEAT_GCS},
		{ARMVIRT_SHOW_SPE, 0, ARMVIRT_FEAT_SPE},
		{ARMVIRT_SHOW_TRBE, 0, ARMVIRT_FEAT_TRBE},
		{ARMVIRT_SHOW_MPAM, 0, ARMVIRT_FEAT_MPAM},
	};
	static struct armvirt_idregs all;

	(void)state;
	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++)
		all.reg[r] = UINT64_C(0x2222222222222222);
	all.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(0x2222221121112222);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		limit(&guest, &all, rows[i].show | rows[i].with);
		armvirt_features_derive(&seen, &guest);
		if (!armvirt_has(&seen, rows[i].feature))
			fail_msg("%s is not shown", armvirt_feature_name(rows[i].feature));
		limit(&guest, &all, ARMVIRT_SHOW_ALL & ~rows[i].show);
		armvirt_features_derive(&seen, &guest);
		if (armvirt_has(&seen, rows[i].feature))
			fail_msg("%s is shown", armvirt_feature_name(rows[i].feature));
	}
	limit(&guest, &all, ARMVIRT_SHOW_ALL);
	armvirt_features_derive(&seen, &guest);
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_SME));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_AMU));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_NV));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_VHE));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_BRBE));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_LOR));
	assert_false(armvirt_has(&seen, ARMVIRT_FEAT_D128));
}

static void one_set_for_all_cpus_is_what_all_have(void **state)
{
	static struct armvirt_idregs a, b, ab, ba;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		random_idregs(&a);
		random_idregs(&b);
		if (i & 1)
			b.reg[i % ARMVIRT_IDREG_COUNT] = a.reg[i % ARMVIRT_IDREG_COUNT];
		ab = a;
		armvirt_idregs_sanitise(&ab, &b);
		check_subset(&ab, &a);
		check_subset(&ab, &b);
		ba = b;
		armvirt_idregs_sanitise(&ba, &a);
		for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++) {
			if (r > ARMVIRT_IDREG_REVIDR_EL1 && r != ARMVIRT_IDREG_AIDR_EL1 &&
			    r != ARMVIRT_IDREG_CLIDR_EL1)
				assert_int_equal(ab.reg[r], ba.reg[r]);
		}
		ba = a;
		armvirt_idregs_sanitise(&ba, &a);
		assert_memory_equal(&ba, &a, sizeof(a));
		ba = ab;
		armvirt_idregs_sanitise(&ba, &b);
		assert_memory_equal(&ba, &ab, sizeof(a));
	}
}

/* Worked by hand from the architecture. */
static void known_combinations(void **state)
{
	static const struct {
		enum armvirt_idreg reg;
		uint64_t a, b, both;
	} rows[] = {
		{ARMVIRT_IDREG_CTR_EL0, 0x84448004, 0x94448003, 0x84448003},
		{ARMVIRT_IDREG_CTR_EL0, 0x85448004, 0x84548004, 0x85548004},
		{ARMVIRT_IDREG_CTR_EL0, 0x80448004, 0x84448004, 0x80448004}, /* CWG 0: unknown */
		{ARMVIRT_IDREG_CTR_EL0, 0x8444c004, 0x84448004, 0x84448004}, /* PIPT, VIPT */
		{ARMVIRT_IDREG_DCZID_EL0, 0x04, 0x14, 0x14},
		{ARMVIRT_IDREG_ID_AA64PFR0_EL1, 0xff0000, 0x000000, 0xff0000}, /* no FP */
		{ARMVIRT_IDREG_ID_AA64PFR0_EL1, 0x110000, 0x000000, 0x000000}, /* FP16 */
		{ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 0x050, 0x040, 0x000},         /* PAuth equal */
		{ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 0xf0000006, 0x10000005, 0xf0000005},
		{ARMVIRT_IDREG_ID_AA64DFR0_EL1, 0xf06, 0x608, 0xf06},
		{ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 0x1000000, 0x0, 0x1000000}, /* SpecSEI */
	};
	static struct armvirt_idregs b;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		memset(&guest, 0, sizeof(guest));
		memset(&b, 0, sizeof(b));
		guest.reg[rows[i].reg] = rows[i].a;
		b.reg[rows[i].reg] = rows[i].b;
		armvirt_idregs_sanitise(&guest, &b);
		if (guest.reg[rows[i].reg] != rows[i].both)
			fail_msg("row %zu: %llx", i, (unsigned long long)guest.reg[rows[i].reg]);
	}
}

static void bad_policies_are_refused(void **state)
{
	struct armvirt_policy p = armvirt_policy_preset(ARMVIRT_POLICY_DEFAULT);
	struct armvirt_idregs before;

	(void)state;
	memset(&guest, 0xa5, sizeof(guest));
	before = guest;
	memset(&other, 0, sizeof(other));
	p.show = ARMVIRT_SHOW_ALL + 1;
	assert_int_equal(armvirt_idregs_limit(&guest, &other, &p), ARMVIRT_E_ARG);
	p.show = 0;
	for (unsigned bits = 1; bits < 256; bits++) {
		p.ipa_bits = (uint8_t)bits;
		if (bits >= 32 && bits <= 52)
			continue;
		assert_int_equal(armvirt_idregs_limit(&guest, &other, &p), ARMVIRT_E_ARG);
	}
	assert_memory_equal(&guest, &before, sizeof(guest));
}

static enum armvirt_status read_key(uint32_t key, uint64_t *v)
{
	*v = UINT64_C(0xdeadbeefdeadbeef);
	return armvirt_idregs_guest_read(&guest, key, v);
}

static void every_encoding_reads_something_defined(void **state)
{
	struct armvirt_policy p = armvirt_policy_preset(ARMVIRT_POLICY_DEFAULT);
	unsigned n = read_cpus(cpu), readable = 0;
	uint64_t v;

	(void)state;
	assert_int_equal(armvirt_idregs_limit(&guest, &cpu[0].id, &p), ARMVIRT_OK);
	for (uint32_t key = 0; key < 0x10000; key++) {
		bool space =
			key >= ARMVIRT_SYSREG_ID_PFR0_EL1 && key < ARMVIRT_SYSREG_ID_PFR0_EL1 + 56;

		if (read_key(key, &v) == ARMVIRT_OK)
			readable++;
		else if (space || v != UINT64_C(0xdeadbeefdeadbeef))
			fail_msg("key %x", key);
		if (space)
			assert_int_equal(armvirt_idregs_guest_write(&guest, key), ARMVIRT_E_DENIED);
	}
	assert_in_range(readable, 90, 140);
	assert_int_equal(read_key(0xffffffff, &v), ARMVIRT_E_DENIED);
	assert_int_equal(read_key(ARMVIRT_SYSREG_HCR_EL2, &v), ARMVIRT_E_DENIED);
	assert_int_equal(read_key(ARMVIRT_SYSREG_SCTLR_EL1, &v), ARMVIRT_E_DENIED);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(armvirt_idregs_limit(&guest, &cpu[i].id, &p), ARMVIRT_OK);
		assert_int_equal(read_key(ARMVIRT_SYSREG_ID_AA64MMFR0_EL1, &v), ARMVIRT_OK);
		assert_int_equal(v, guest.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1]);
		assert_int_equal(read_key(ARMVIRT_SYSREG_DBGBCR0_EL1 + 16, &v),
				 ARMVIRT_E_DENIED); /* the third breakpoint of two */
		assert_int_equal(read_key(ARMVIRT_SYSREG_DBGBCR0_EL1 + 8, &v), ARMVIRT_OK);
		assert_int_equal(armvirt_idregs_guest_write(&guest, ARMVIRT_SYSREG_MDSCR_EL1),
				 ARMVIRT_OK);
		assert_int_equal(armvirt_idregs_guest_write(&guest, ARMVIRT_SYSREG_OSLAR_EL1),
				 ARMVIRT_OK);
		assert_int_equal(read_key(ARMVIRT_SYSREG_OSLAR_EL1, &v), ARMVIRT_E_DENIED);
	}
}

/* What a Linux guest reads on two machines, worked by hand from their registers. */
static void known_guests(void **state)
{
	static const struct {
		const char *cpu;
		enum armvirt_idreg reg;
		uint64_t value;
	} rows[] = {
		{"max", ARMVIRT_IDREG_ID_AA64PFR0_EL1, UINT64_C(0x1101000011110011)},
		{"max", ARMVIRT_IDREG_ID_AA64PFR1_EL1, UINT64_C(0x21)},
		{"max", ARMVIRT_IDREG_ID_AA64ZFR0_EL1, 0},
		{"max", ARMVIRT_IDREG_ID_AA64SMFR0_EL1, 0},
		{"max", ARMVIRT_IDREG_ID_AA64DFR0_EL1, UINT64_C(0xf000101006)},
		{"max", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, UINT64_C(0x0110102000302002)},
		{"cortex-a53", ARMVIRT_IDREG_ID_AA64PFR0_EL1, 0x01000011},
		{"cortex-a53", ARMVIRT_IDREG_ID_AA64DFR0_EL1, UINT64_C(0xf000101006)},
		{"cortex-a53", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 0x122},
		{"neoverse-n1", ARMVIRT_IDREG_ID_AA64PFR0_EL1, UINT64_C(0x1100000011110011)},
	};
	struct armvirt_policy p = armvirt_policy_preset(ARMVIRT_POLICY_DEFAULT);
	unsigned n = read_cpus(cpu);

	(void)state;
	for (size_t r = 0; r < COUNT_OF(rows); r++) {
		unsigned i = 0;

		while (i < n && strcmp(cpu[i].name, rows[r].cpu) != 0)
			i++;
		assert_true(i < n);
		assert_int_equal(armvirt_idregs_limit(&guest, &cpu[i].id, &p), ARMVIRT_OK);
		if (guest.reg[rows[r].reg] != rows[r].value)
			fail_msg("row %zu: %s: %llx", r, rows[r].cpu,
				 (unsigned long long)guest.reg[rows[r].reg]);
	}
}

static void reserved_bits_follow_what_is_shown(void **state)
{
	static const struct {
		uint32_t key;
		uint64_t zeros, ones; /* of Armv8.0, by hand */
	} rows[] = {
		{ARMVIRT_SYSREG_SCTLR_EL1, ~UINT64_C(0x37dddbbf), 0x30d00800},
		{ARMVIRT_SYSREG_TCR_EL1, ~UINT64_C(0x77ffffffbf), 0},
		{ARMVIRT_SYSREG_CPACR_EL1, ~UINT64_C(0x300000), 0},
		{ARMVIRT_SYSREG_CNTKCTL_EL1, ~UINT64_C(0x3ff), 0},
		{ARMVIRT_SYSREG_SPSR_EL1, ~UINT64_C(0xf03003df), 0},
		{ARMVIRT_SYSREG_ELR_EL1, 0, 0},
	};
	struct armvirt_policy p = armvirt_policy_preset(ARMVIRT_POLICY_BASELINE);
	struct armvirt_reserved r, more, before = {1, 2};

	(void)state;
	memset(&other, 0, sizeof(other));
	other.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = 0x11;
	other.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = 0x1122;
	assert_int_equal(armvirt_idregs_limit(&guest, &other, &p), ARMVIRT_OK);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(armvirt_idregs_reserved(&guest, rows[i].key, &r));
		if (r.zeros != rows[i].zeros || r.ones != rows[i].ones)
			fail_msg("row %zu: zeros %llx ones %llx", i, (unsigned long long)r.zeros,
				 (unsigned long long)r.ones);
	}
	r = before;
	assert_false(armvirt_idregs_reserved(&guest, ARMVIRT_SYSREG_TRCVICTLR, &r));
	assert_memory_equal(&r, &before, sizeof(r));
	/* whatever is shown in addition: reserved bits become fewer, never others */
	for (unsigned n = 0; n < 5000; n++) {
		static struct armvirt_idregs larger;

		larger = guest;
		larger.reg[n % ARMVIRT_IDREG_COUNT] |= random64() & UINT64_C(0x7777777777777777);
		for (unsigned id = 1; id <= ARMVIRT_REGID_MAX; id++) {
			uint32_t key = armvirt_ctx_key(id);

			if (!armvirt_idregs_reserved(&guest, key, &r))
				continue;
			assert_true(armvirt_idregs_reserved(&larger, key, &more));
			assert_int_equal(more.zeros & ~r.zeros, 0);
			assert_int_equal(more.ones & ~r.ones, 0);
			assert_int_equal(more.zeros & more.ones, 0);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_never_sees_more_than_the_machine_has),
		cmocka_unit_test(parts_are_shown_on_demand),
		cmocka_unit_test(one_set_for_all_cpus_is_what_all_have),
		cmocka_unit_test(known_combinations),
		cmocka_unit_test(bad_policies_are_refused),
		cmocka_unit_test(every_encoding_reads_something_defined),
		cmocka_unit_test(known_guests),
		cmocka_unit_test(reserved_bits_follow_what_is_shown),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
