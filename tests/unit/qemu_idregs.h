/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads tests/data/qemu_idregs.tsv: one processor a line, its ID registers and what was measured.
 */
#ifndef TESTS_UNIT_QEMU_IDREGS_H
#define TESTS_UNIT_QEMU_IDREGS_H

#include "test.h"

#include <libarmvirt/features.h>

#define CPUS_MAX    32
#define COLUMNS_MAX 64

struct cpu_model {
	char name[32];
	struct armvirt_idregs id;
	uint64_t column[COLUMNS_MAX]; /* as printed: hexadecimal or decimal or 0 and 1 */
};

static char column_name[COLUMNS_MAX][32];
static unsigned column_count;

static const struct {
	const char *name;
	enum armvirt_idreg reg;
} idreg_names[] = {
	{"ID_AA64PFR0_EL1", ARMVIRT_IDREG_ID_AA64PFR0_EL1},
	{"ID_AA64PFR1_EL1", ARMVIRT_IDREG_ID_AA64PFR1_EL1},
	{"ID_AA64ZFR0_EL1", ARMVIRT_IDREG_ID_AA64ZFR0_EL1},
	{"ID_AA64SMFR0_EL1", ARMVIRT_IDREG_ID_AA64SMFR0_EL1},
	{"ID_AA64DFR0_EL1", ARMVIRT_IDREG_ID_AA64DFR0_EL1},
	{"ID_AA64ISAR0_EL1", ARMVIRT_IDREG_ID_AA64ISAR0_EL1},
	{"ID_AA64ISAR1_EL1", ARMVIRT_IDREG_ID_AA64ISAR1_EL1},
	{"ID_AA64ISAR2_EL1", ARMVIRT_IDREG_ID_AA64ISAR2_EL1},
	{"ID_AA64MMFR0_EL1", ARMVIRT_IDREG_ID_AA64MMFR0_EL1},
	{"ID_AA64MMFR1_EL1", ARMVIRT_IDREG_ID_AA64MMFR1_EL1},
	{"ID_AA64MMFR2_EL1", ARMVIRT_IDREG_ID_AA64MMFR2_EL1},
	{"ID_AA64MMFR3_EL1", ARMVIRT_IDREG_ID_AA64MMFR3_EL1},
	{"MIDR_EL1", ARMVIRT_IDREG_MIDR_EL1},
};

static inline void read_cell(struct cpu_model *cpu, unsigned column, const char *text)
{
	const char *name = column_name[column];

	if (column == 0) {
		snprintf(cpu->name, sizeof(cpu->name), "%s", text);
		return;
	}
	for (size_t i = 0; i < COUNT_OF(idreg_names); i++) {
		if (strcmp(name, idreg_names[i].name) != 0)
			continue;
		cpu->id.reg[idreg_names[i].reg] = strtoull(text, NULL, 16);
		return;
	}
	cpu->column[column] = strtoull(text, NULL, 10);
}

/* The number of processors read; the test fails when the file is not what it must be. */
static inline unsigned read_cpus(struct cpu_model *cpu)
{
	char line[2048];
	unsigned count = 0;
	FILE *f = fopen(QEMU_IDREGS, "r");

	assert_non_null(f);
	column_count = 0;
	memset(cpu, 0, CPUS_MAX * sizeof(*cpu));
	while (fgets(line, sizeof(line), f)) {
		unsigned column = 0;

		if (line[0] == '#')
			continue;
		assert_true(count < CPUS_MAX);
		for (char *c = strtok(line, "\t\n"); c; c = strtok(NULL, "\t\n"), column++) {
			assert_true(column < COLUMNS_MAX);
			if (!column_count)
				snprintf(column_name[column], sizeof(column_name[0]), "%s", c);
			else
				read_cell(&cpu[count], column, c);
		}
		if (!column_count)
			column_count = column;
		else
			count++;
		assert_int_equal(column, column_count);
	}
	fclose(f);
	assert_true(count >= 16);
	return count;
}

static inline uint64_t measured(const struct cpu_model *cpu, const char *name)
{
	for (unsigned i = 0; i < column_count; i++) {
		if (strcmp(column_name[i], name) == 0)
			return cpu->column[i];
	}
	fail_msg("no column %s", name);
	return 0;
}

#endif
