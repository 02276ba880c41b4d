/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The leak matrix: every register of the table, on every machine, under every preset, is
 * UNDEFINED, trapped, switched or open for a reason that the table names. And every bit that is
 * written to a trap register exists on that machine.
 */
#include "qemu_idregs.h"
#include "register_rows.h"

#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/sysreg_names.h>
#include <libarmvirt/timer.h>
#include <libarmvirt/trapcfg.h>

#include <stdarg.h>

static struct cpu_model cpu[CPUS_MAX];
static unsigned cpus;
static struct armvirt_idregs guest_id;
static struct armvirt_features host, guest;
static struct armvirt_trapcfg trap;
static struct armvirt_policy policy;
static const char *machine;
static uint64_t seed = 1;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static bool has_feature(const char *text)
{
	return row_has_feature(&host, text, 0);
}

static const struct field_row *find_field(const char *reg, const char *format, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(field_rows); i++) {
		const struct field_row *f = &field_rows[i];

		if (strcmp(f->reg, reg) == 0 && strcmp(f->format, format) == 0 &&
		    strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

static const char *const fgt_names[] = {"HFGRTR_EL2",  "HFGWTR_EL2",   "HFGITR_EL2",  "HDFGRTR_EL2",
					"HDFGWTR_EL2", "HAFGRTR_EL2",  "HFGRTR2_EL2", "HFGWTR2_EL2",
					"HFGITR2_EL2", "HDFGRTR2_EL2", "HDFGWTR2_EL2"};

/* The value that the machine has in a control register; false if it has no such register. */
static bool control_value(const char *reg, unsigned e2h, uint64_t *value)
{
	const struct {
		const char *name;
		uint64_t value;
		bool there;
	} rows[] = {
		{"HCR_EL2", trap.hcr_el2, true},
		{"HCRX_EL2", trap.hcrx_el2, armvirt_has(&host, ARMVIRT_FEAT_HCX)},
		{"CPTR_EL2", trap.cptr_el2[e2h], true},
		{"MDCR_EL2", trap.mdcr_el2, true},
		{"CNTHCTL_EL2", trap.cnthctl_el2[e2h], true},
		{"HSTR_EL2", trap.hstr_el2, true},
		{"MPAM2_EL2", trap.mpam2_el2, armvirt_has(&host, ARMVIRT_FEAT_MPAM)},
		{"MPAMHCR_EL2", trap.mpamhcr_el2, armvirt_has(&host, ARMVIRT_FEAT_MPAM)},
		{"ICH_HCR_EL2", trap.ich_hcr_el2, armvirt_has(&host, ARMVIRT_FEAT_GIC3)},
		{"ICC_SRE_EL2", 7, armvirt_has(&host, ARMVIRT_FEAT_GIC3)},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].name, reg) == 0) {
			*value = rows[i].value;
			return rows[i].there;
		}
	}
	for (unsigned i = 0; i < ARMVIRT_FGT_COUNT; i++) {
		if (strcmp(fgt_names[i], reg) == 0) {
			*value = trap.fgt[i];
			return armvirt_has(&host, i == ARMVIRT_FGT_HAFGRTR  ? ARMVIRT_FEAT_AMU
						  : i > ARMVIRT_FGT_HAFGRTR ? ARMVIRT_FEAT_FGT2
									    : ARMVIRT_FEAT_FGT) &&
			       armvirt_has(&host, ARMVIRT_FEAT_FGT);
		}
	}
	fail_msg("no control register %s", reg);
	return false;
}

/* CPTR_EL2 and CNTHCTL_EL2 say the same in two layouts; the table names the older one. */
static bool trapped_by(const char *reg, const char *field, bool negative, unsigned e2h)
{
	static const char *const pairs[][2] = {
		{"TFP", "FPEN"}, {"TZ", "ZEN"}, {"TSM", "SMEN"}, {"EL1PCEN", "EL1PTEN"}};
	bool two = strcmp(reg, "CPTR_EL2") == 0 || strcmp(reg, "CNTHCTL_EL2") == 0;
	const char *format = !two ? "" : e2h ? "E2H1" : "E2H0", *name = field;
	const struct field_row *f;
	uint64_t value;

	if (!control_value(reg, e2h, &value))
		return false;
	for (size_t i = 0; two && e2h && i < COUNT_OF(pairs); i++) {
		if (strcmp(field, pairs[i][0]) == 0) {
			name = pairs[i][1];
			if (strcmp(reg, "CPTR_EL2") == 0)
				negative = true; /* allowed by two bits */
		}
	}
	f = find_field(reg, format, name);
	if (!f)
		return false; /* the other layout has no such trap */
	if (!has_feature(f->feature))
		return false; /* RES0 here */
	value = value >> f->lsb;
	return negative ? !(value & 1) : (value & 1);
}

/* Does an access in this direction trap, in this E2H mode? */
static bool direction_traps(const struct reg_row *r, char direction, unsigned e2h)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", r->traps);
	for (char *t = strtok(text, " "); t; t = strtok(NULL, " ")) {
		bool negative = t[0] == '!';
		char *reg = t + negative, *field = strchr(reg, '.'), *access;

		if (!field)
			continue;
		*field++ = 0;
		access = strchr(field, ':');
		*access++ = 0;
		if (strchr(access, direction) && trapped_by(reg, field, negative, e2h))
			return true;
	}
	return false;
}

static bool traps(const struct reg_row *r)
{
	unsigned last = armvirt_has(&host, ARMVIRT_FEAT_VHE) ? 1 : 0;

	for (unsigned e2h = 0; e2h <= last; e2h++) {
		if (r->access[0] == 'R' && !direction_traps(r, 'R', e2h))
			return false;
		if (strchr(r->access, 'W') && !direction_traps(r, 'W', e2h))
			return false;
	}
	return true;
}

static bool is_switched(const struct reg_row *r)
{
	struct armvirt_ctx_place place;

	if (!armvirt_ctx_find(r->key, &place))
		return false;
	return trap.sets >> place.set & 1;
}

static bool is_aarch32(const struct reg_row *r)
{
	return strcmp(r->feature, "AArch32") == 0;
}

enum verdict { UNDEFINED, TRAPPED, SWITCHED, OPEN, LEAK, VERDICTS };
static const char *const verdict_names[] = {"-", "trap", "switch", "open", "LEAK"};

static enum verdict judge(const struct reg_row *r)
{
	unsigned op1 = r->key >> 11 & 7;

	if (strncmp(r->name, "ICV_", 4) == 0)
		return UNDEFINED; /* the same encodings as ICC_, which are judged */
	if (op1 >= 4)
		return UNDEFINED; /* EL2, EL3, EL12 names: UNDEFINED at EL1 while HCR_EL2.NV = 0 */
	if (!has_feature(r->feature) && !is_aarch32(r))
		return UNDEFINED;
	if (traps(r))
		return TRAPPED;
	if (is_switched(r))
		return SWITCHED;
	if (strcmp(r->fixed, "-") != 0)
		return OPEN;
	return LEAK;
}

static void configure(const struct cpu_model *c, enum armvirt_policy_preset preset)
{
	machine = c->name;
	policy = armvirt_policy_preset(preset);
	armvirt_features_derive(&host, &c->id);
	host.pmu_counters = 6;
	assert_int_equal(armvirt_idregs_limit(&guest_id, &c->id, &policy), ARMVIRT_OK);
	armvirt_features_derive(&guest, &guest_id);
	assert_int_equal(armvirt_trapcfg_build(&trap, &host, &guest, &policy), ARMVIRT_OK);
}

/* One machine more: every feature that the library knows. */
static void add_fictional_machine(void)
{
	struct cpu_model *c = &cpu[cpus++];

	snprintf(c->name, sizeof(c->name), "everything");
	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++)
		c->id.reg[r] = UINT64_C(0x3333333333333333);
	c->id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(0x1311111111112222);
	c->id.reg[ARMVIRT_IDREG_ID_AA64DFR0_EL1] = UINT64_C(0x110f11f1f131f19b);
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = UINT64_C(0x2200133310211126);
}

/* And one that has what came before fine-grained traps, and none of what came with them. */
static void add_machine_without_fine_grained_traps(void)
{
	struct cpu_model *c = &cpu[cpus];

	*c = cpu[cpus - 1];
	cpus++;
	snprintf(c->name, sizeof(c->name), "no-fgt");
	c->id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = 0x11321;
	c->id.reg[ARMVIRT_IDREG_ID_AA64PFR2_EL1] = 0;
	c->id.reg[ARMVIRT_IDREG_ID_AA64DFR0_EL1] = UINT64_C(0x000f11f11030561a);
	c->id.reg[ARMVIRT_IDREG_ID_AA64DFR1_EL1] = 0;
	c->id.reg[ARMVIRT_IDREG_ID_AA64DFR2_EL1] = 0;
	c->id.reg[ARMVIRT_IDREG_ID_AA64ISAR1_EL1] &= ~(UINT64_C(15) << 60);
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1] = UINT64_C(0x0000133310211126);
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR1_EL1] = UINT64_C(0x0000033233312122);
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR2_EL1] = UINT64_C(0x1021111111111111);
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR3_EL1] = 0;
	c->id.reg[ARMVIRT_IDREG_ID_AA64MMFR4_EL1] = 0;
}

static int load_machines(void **state)
{
	(void)state;
	cpus = read_cpus(cpu);
	add_fictional_machine();
	add_machine_without_fine_grained_traps();
	return 0;
}

static void no_register_leaks(void **state)
{
	unsigned leaks = 0, count[VERDICTS] = {0};

	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		for (unsigned p = 0; p <= ARMVIRT_POLICY_SUPPORTED; p++) {
			configure(&cpu[i], (enum armvirt_policy_preset)p);
			for (size_t r = 0; r < COUNT_OF(reg_rows); r++) {
				const struct reg_row *row = &reg_rows[r];
				enum verdict v;

				if (row->key >> 14 == 1)
					continue; /* SYS instructions hold no state */
				v = judge(row);
				count[v]++;
				if (v == LEAK && leaks++ < 4000)
					print_message("%s, preset %u: %s leaks\n", machine, p,
						      row->name);
			}
		}
	}
	print_message("undefined %u, trapped %u, switched %u, open %u, leak %u\n", count[UNDEFINED],
		      count[TRAPPED], count[SWITCHED], count[OPEN], count[LEAK]);
	assert_int_equal(leaks, 0);
	assert_true(count[TRAPPED] > 5000 && count[SWITCHED] > 1000);
}

/* Traps in spite of being switched: the physical timer (emulated or not there), and debug's own. */
static bool trapped_on_purpose(const struct reg_row *r)
{
	return strncmp(r->name, "CNTP_", 5) == 0 || strncmp(r->name, "OSDTR", 5) == 0 ||
	       strcmp(r->name, "MDCCINT_EL1") == 0;
}

/* The other way round: what a guest is shown, and what is switched for it, must not trap. */
static void what_is_switched_is_open(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		for (unsigned p = 0; p <= ARMVIRT_POLICY_SUPPORTED; p++) {
			configure(&cpu[i], (enum armvirt_policy_preset)p);
			for (size_t r = 0; r < COUNT_OF(reg_rows); r++) {
				const struct reg_row *row = &reg_rows[r];
				unsigned last = armvirt_has(&host, ARMVIRT_FEAT_VHE) ? 1 : 0;

				if ((row->key >> 11 & 7) >= 4 || !is_switched(row) ||
				    !has_feature(row->feature) || trapped_on_purpose(row))
					continue;
				for (unsigned e2h = 0; e2h <= last; e2h++) {
					if (direction_traps(row, 'R', e2h) ||
					    direction_traps(row, 'W', e2h))
						fail_msg("%s, preset %u: %s traps", machine, p,
							 row->name);
				}
			}
		}
	}
}

static void check(const char *reg, unsigned e2h, uint64_t value)
{
	row_check_value(&host, machine, reg, e2h, value);
}

/* What is loaded for a guest: the traps, with what the other parts of the library add to them. */
static void check_controls(void)
{
	bool has_mpam = armvirt_has(&host, ARMVIRT_FEAT_MPAM);
	bool has_gic = armvirt_has(&host, ARMVIRT_FEAT_GIC3);

	for (unsigned e2h = 0; e2h <= armvirt_has(&host, ARMVIRT_FEAT_VHE); e2h++) {
		check("HCR_EL2", e2h, trap.hcr_el2 | (e2h ? ARMVIRT_HCR_EL2_E2H : 0));
		check("CPTR_EL2", e2h, trap.cptr_el2[e2h]);
		check("CNTHCTL_EL2", e2h, trap.cnthctl_el2[e2h]);
		for (unsigned way = 0; way <= ARMVIRT_TIMER_PHYSICAL_OFFSET; way++) {
			struct armvirt_timer_vm vm = {.physical = (uint8_t)way};

			if (armvirt_timer_check(&vm, armvirt_has(&host, ARMVIRT_FEAT_ECV_POFF)) ==
			    ARMVIRT_OK)
				check("CNTHCTL_EL2", e2h, armvirt_timer_cnthctl(&vm, e2h));
		}
	}
	check("HCRX_EL2", 0, trap.hcrx_el2);
	check("MDCR_EL2", 0, trap.mdcr_el2);
	check("HSTR_EL2", 0, trap.hstr_el2);
	check("MPAM2_EL2", 0, trap.mpam2_el2);
	check("MPAMHCR_EL2", 0, trap.mpamhcr_el2);
	check("ICH_HCR_EL2", 0, trap.ich_hcr_el2);
	for (unsigned f = 0; f < ARMVIRT_FGT_COUNT; f++)
		check(fgt_names[f], 0, trap.fgt[f]);
	/* what is not there is not written: its value is zero */
	assert_true(has_mpam || (trap.mpam2_el2 | trap.mpamhcr_el2) == 0);
	assert_true(has_gic || trap.ich_hcr_el2 == 0);
	assert_true(armvirt_has(&host, ARMVIRT_FEAT_HCX) || trap.hcrx_el2 == 0);
	assert_true(armvirt_has(&host, ARMVIRT_FEAT_VHE) || trap.cptr_el2[1] == 0);
}

static void what_is_written_exists(void **state)
{
	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		for (unsigned p = 0; p <= ARMVIRT_POLICY_SUPPORTED; p++) {
			configure(&cpu[i], (enum armvirt_policy_preset)p);
			check_controls();
		}
	}
}

/* Machines that nobody builds: any ID registers, any policy. */
static void what_is_written_exists_on_any_machine(void **state)
{
	(void)state;
	machine = "random";
	for (unsigned i = 0; i < 3000; i++) {
		struct armvirt_idregs *id = &host.id;

		for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++)
			id->reg[r] = random64() & random64() & UINT64_C(0x7777777777777777);
		armvirt_features_derive(&host, id);
		host.pmu_counters = 1 + random64() % 31;
		policy = (struct armvirt_policy){.show = (uint32_t)random64() & ARMVIRT_SHOW_ALL,
						 .baseline = random64() & 1,
						 .trap_wfi = random64() & 1,
						 .trap_wfe = random64() & 1,
						 .trap_setway = random64() & 1,
						 .migrates = random64() & 1};
		policy.pmu_reserved = (uint8_t)(random64() % host.pmu_counters);
		assert_int_equal(armvirt_idregs_limit(&guest_id, id, &policy), ARMVIRT_OK);
		armvirt_features_derive(&guest, &guest_id);
		assert_int_equal(armvirt_trapcfg_build(&trap, &host, &guest, &policy), ARMVIRT_OK);
		check_controls();
	}
}

/* Worked by hand from the architecture: a Linux guest on three machines. */
static void known_values(void **state)
{
	static const struct {
		const char *cpu;
		uint64_t hcr, hcrx, cptr0, cptr1, mdcr, hstr;
	} rows[] = {
		{"cortex-a53", 0x803f063b, 0, 0x33ff, 0, 0xe66, 0xbfef},
		{"neoverse-n1", UINT64_C(0x38803f063b), 0, 0x33ff, 0x300000, 0x20e66, 0xbfef},
		{"max", UINT64_C(0x20038803d063b), 0xa40, 0x33ff, 0x300000, 0x8820e66, 0xbfef},
		{"a64fx", UINT64_C(0x8803f063b), 0, 0x33ff, 0x300000, 0x20e66, 0},
	};
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		for (size_t r = 0; r < COUNT_OF(rows); r++) {
			if (strcmp(cpu[i].name, rows[r].cpu) != 0)
				continue;
			found++;
			configure(&cpu[i], ARMVIRT_POLICY_DEFAULT);
			print_message("%s\n", machine);
			assert_int_equal(trap.hcr_el2, rows[r].hcr);
			assert_int_equal(trap.hcrx_el2, rows[r].hcrx);
			assert_int_equal(trap.cptr_el2[0], rows[r].cptr0);
			assert_int_equal(trap.cptr_el2[1], rows[r].cptr1);
			assert_int_equal(trap.mdcr_el2, rows[r].mdcr);
			assert_int_equal(trap.hstr_el2, rows[r].hstr);
			assert_int_equal(trap.cnthctl_el2[0] | trap.cnthctl_el2[1], 0);
			assert_true(trap.sets & ARMVIRT_SET_EL1);
		}
	}
	assert_int_equal(found, COUNT_OF(rows));
}

static void bad_requests_are_refused(void **state)
{
	struct armvirt_trapcfg before;

	(void)state;
	configure(&cpu[0], ARMVIRT_POLICY_DEFAULT);
	before = trap;
	policy.pmu_reserved = 6; /* of six */
	assert_int_equal(armvirt_trapcfg_build(&trap, &host, &guest, &policy), ARMVIRT_E_ARG);
	policy.pmu_reserved = 0;
	policy.show = ARMVIRT_SHOW_ALL + 1;
	assert_int_equal(armvirt_trapcfg_build(&trap, &host, &guest, &policy), ARMVIRT_E_ARG);
	policy.show = ARMVIRT_SHOW_FP;
	assert_int_equal(armvirt_trapcfg_build(&trap, &host, &host, &policy),
			 ARMVIRT_E_UNSUPPORTED); /* the machine itself: EL2, SME ... */
	assert_int_equal(armvirt_trapcfg_build(&trap, &guest, &host, &policy), ARMVIRT_E_ARG);
	assert_memory_equal(&trap, &before, sizeof(trap));
}

static void every_register_has_its_name(void **state)
{
	unsigned aliases = 0;

	(void)state;
	for (size_t r = 0; r < COUNT_OF(reg_rows); r++) {
		const char *name = armvirt_sysreg_name(reg_rows[r].key);

		assert_non_null(name);
		aliases += strcmp(name, reg_rows[r].name) != 0;
	}
	assert_in_range(aliases, 1, 60); /* ICV_ names and one pair of RO and WO */
	assert_null(armvirt_sysreg_name(0));
	assert_null(armvirt_sysreg_name(0xffffffff));
	assert_string_equal(armvirt_sysreg_name(ARMVIRT_SYSREG_HCR_EL2), "HCR_EL2");
}

/* The page of the documentation: one column a machine, the default preset. */
static void print_page(FILE *out)
{
	load_machines(NULL);
	fprintf(out,
		"<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
		"<!-- Printed by unit-arch_matrix --page: do not edit. -->\n"
		"# The leak matrix\n\n"
		"What a guest under the default policy meets in each register, on each machine "
		"that the tests know and on one\nthat has everything: `trap`, `switch` (saved "
		"and restored), `open` (harmless; why stands in "
		"[the register table](registers.md)), or `-` (UNDEFINED).\n"
		"Registers that are UNDEFINED everywhere are left out.\n\n| register |");
	for (unsigned i = 0; i < cpus; i++)
		fprintf(out, " %s |", cpu[i].name);
	fprintf(out, "\n|---|");
	for (unsigned i = 0; i < cpus; i++)
		fprintf(out, "---|");
	fprintf(out, "\n");
	for (size_t r = 0; r < COUNT_OF(reg_rows); r++) {
		enum verdict v[CPUS_MAX];
		bool any = false;

		if (reg_rows[r].key >> 14 == 1)
			continue;
		for (unsigned i = 0; i < cpus; i++) {
			configure(&cpu[i], ARMVIRT_POLICY_DEFAULT);
			v[i] = judge(&reg_rows[r]);
			any |= v[i] != UNDEFINED;
		}
		if (!any)
			continue;
		fprintf(out, "| %s |", reg_rows[r].name);
		for (unsigned i = 0; i < cpus; i++)
			fprintf(out, " %s |", verdict_names[v[i]]);
		fprintf(out, "\n");
	}
}

static void the_page_is_current(void **state)
{
	FILE *page = fopen(LEAK_MATRIX, "r"), *fresh = tmpfile();
	int a, b;

	(void)state;
	assert_non_null(page);
	assert_non_null(fresh);
	print_page(fresh);
	rewind(fresh);
	do {
		a = fgetc(page);
		b = fgetc(fresh);
		if (a != b)
			fail_msg("%s",
				 "docs/leak-matrix.md: unit-arch_matrix --page prints another");
	} while (a != EOF);
	fclose(page);
	fclose(fresh);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_register_leaks),
		cmocka_unit_test(what_is_switched_is_open),
		cmocka_unit_test(what_is_written_exists),
		cmocka_unit_test(what_is_written_exists_on_any_machine),
		cmocka_unit_test(known_values),
		cmocka_unit_test(bad_requests_are_refused),
		cmocka_unit_test(every_register_has_its_name),
		cmocka_unit_test(the_page_is_current),
	};

	if (argc > 1 && strcmp(argv[1], "--page") == 0) {
		print_page(stdout);
		return 0;
	}
	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, load_machines, NULL);
}
