/* SPDX-License-Identifier: BSD-2-Clause */
/* The register table as the tests read it: strings, and a reading of features of the tests' own. */
#ifndef TESTS_UNIT_REGISTER_ROWS_H
#define TESTS_UNIT_REGISTER_ROWS_H

#include "test.h"

#include <libarmvirt/features.h>

struct reg_row {
	unsigned id;
	const char *name;
	uint32_t key;
	const char *feature, *access, *set, *fixed, *traps, *alias, *vncr, *reset;
};

struct field_row {
	const char *reg, *format, *name;
	unsigned msb, lsb;
	const char *feature;
	bool ones; /* RES1 without the feature */
};

#define FIELD(...)
#define REGISTER(...) {__VA_ARGS__},
static const struct reg_row reg_rows[] = {
#include "registers.inc"
};
#undef FIELD
#undef REGISTER
#define REGISTER(...)
#define FIELD(...) {__VA_ARGS__},
static const struct field_row field_rows[] = {
#include "registers.inc"
};
#undef FIELD
#undef REGISTER

/* Features that no library question asks for, by their ID field. */
static const struct {
	const char *name;
	enum armvirt_idreg reg;
	unsigned shift, least;
} other_features[] = {
	{"TRC_SR", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 4, 1},
	{"XS", ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 56, 1},
	{"SEL2", ARMVIRT_IDREG_ID_AA64PFR0_EL1, 36, 1},
	{"RME", ARMVIRT_IDREG_ID_AA64PFR0_EL1, 52, 1},
	{"TWED", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 32, 1},
	{"RNG", ARMVIRT_IDREG_ID_AA64ISAR0_EL1, 60, 1},
	{"AMUv1p1", ARMVIRT_IDREG_ID_AA64PFR0_EL1, 44, 2},
	{"SVE2", ARMVIRT_IDREG_ID_AA64ZFR0_EL1, 0, 1},
	{"CCIDX", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 20, 1},
	{"Debugv8p9", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 0, 11},
	{"PMUv3p7", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 8, 7},
	{"PMUv3p9", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 8, 9},
	{"PMUv3_SS", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 16, 1},
	{"LPA2", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 28, 1},
	{"HPDS", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 12, 1},
	{"HPDS2", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 12, 2},
	{"HAFDBS", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 0, 1},
	{"HAFDBS_DS", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 0, 2},
	{"E0PD", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 60, 1},
	{"ExS", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 44, 1},
	{"IESB", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 12, 1},
	{"LSE2", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 32, 1},
	{"LSMAOC", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 8, 1},
	{"MixedEnd", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 8, 1},
	{"MixedEndEL0", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 8, 1},
	{"MixedEndEL0", ARMVIRT_IDREG_ID_AA64MMFR0_EL1, 16, 1},
	{"PAN3", ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 20, 3},
	{"LS64", ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 60, 1},
	{"LS64_V", ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 60, 2},
	{"MTE_ASYNC", ARMVIRT_IDREG_ID_AA64PFR1_EL1, 8, 2},
	{"MTE_STORE_ONLY", ARMVIRT_IDREG_ID_AA64PFR2_EL1, 4, 1},
	{"MTE4", ARMVIRT_IDREG_ID_AA64PFR1_EL1, 52, 1},
	{"TME", ARMVIRT_IDREG_ID_AA64ISAR0_EL1, 24, 1},
	{"SPEv1p2", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 32, 3},
	{"EVT_TTLBxS", ARMVIRT_IDREG_ID_AA64MMFR2_EL1, 56, 2},
	{"GICv3_NMI", ARMVIRT_IDREG_ID_AA64PFR1_EL1, 36, 1},
	{"MEC", ARMVIRT_IDREG_ID_AA64MMFR3_EL1, 28, 1},
	{"SRMASK", ARMVIRT_IDREG_ID_AA64MMFR4_EL1, 44, 1},
	{"MTPMU", ARMVIRT_IDREG_ID_AA64DFR0_EL1, 48, 1},
};

static inline bool row_one_feature(const struct armvirt_features *host, const char *name,
				   size_t length)
{
	if (length > 5 && strncmp(name, "FEAT_", 5) == 0)
		name += 5, length -= 5;
	if (length == 7 && strncmp(name, "AArch32", 7) == 0)
		return armvirt_has(host, ARMVIRT_FEAT_AA32EL0);
	if ((length == 8 && strncmp(name, "CSV2_1p2", 8) == 0))
		return armvirt_has(host, ARMVIRT_FEAT_CSV2_2);
	if (length == 5 && strncmp(name, "PAuth", 5) == 0)
		return armvirt_has(host, ARMVIRT_FEAT_PAUTH) ||
		       armvirt_has(host, ARMVIRT_FEAT_PAUTHGEN);
	for (unsigned x = 0; x < ARMVIRT_FEAT_COUNT; x++) {
		const char *known = armvirt_feature_name((enum armvirt_feature)x) + 5;

		if (strlen(known) == length && strncmp(known, name, length) == 0)
			return armvirt_has(host, (enum armvirt_feature)x);
	}
	for (size_t i = 0; i < COUNT_OF(other_features); i++) {
		const char *known = other_features[i].name;
		unsigned field =
			host->id.reg[other_features[i].reg] >> other_features[i].shift & 15;

		if (strlen(known) == length && strncmp(known, name, length) == 0 &&
		    field >= other_features[i].least && field != 15)
			return true;
	}
	return false; /* newer than what the library knows */
}

/* "A+B" all of them, "A|B" any of them; + binds the closer part of the whole. "E2H": in that mode.
 */
static inline bool row_has_feature(const struct armvirt_features *host, const char *text,
				   unsigned e2h)
{
	bool all = true, any = false;

	if (strcmp(text, "-") == 0)
		return true;
	while (*text) {
		size_t n = strcspn(text, "+|");

		any |= n == 3 && strncmp(text, "E2H", 3) == 0 ? e2h
							      : row_one_feature(host, text, n);
		text += n;
		if (*text != '|') {
			all &= any;
			any = false;
		}
		text += *text != 0;
	}
	return all;
}

/* The bits of a control register that are RES0 and RES1 on a machine in an E2H mode. */
static inline void row_reserved(const struct armvirt_features *host, const char *reg, unsigned e2h,
				uint64_t *zeros, uint64_t *ones)
{
	uint64_t real = 0, rest = 0;
	bool found = false;

	for (size_t i = 0; i < COUNT_OF(field_rows); i++) {
		const struct field_row *f = &field_rows[i];
		uint64_t mask = (~UINT64_C(0) >> (63 - (f->msb - f->lsb))) << f->lsb;

		if (strcmp(f->reg, reg) != 0)
			continue;
		found = true;
		if (f->format[0] && strcmp(f->format, e2h ? "E2H1" : "E2H0") != 0)
			continue;
		if (strcmp(f->name, "RES1") == 0)
			rest |= mask;
		else if (row_has_feature(host, f->feature, e2h))
			real |= mask;
		else if (f->ones)
			rest |= mask;
	}
	if (!found)
		fail_msg("no fields of %s", reg);
	*ones = rest & ~real;
	*zeros = ~(real | rest);
}

/* A value that the library writes sets every RES1 bit and no RES0 bit. */
static inline void row_check_value(const struct armvirt_features *host, const char *machine,
				   const char *reg, unsigned e2h, uint64_t value)
{
	uint64_t zeros, ones;

	row_reserved(host, reg, e2h, &zeros, &ones);
	if (value & zeros)
		fail_msg("%s: %s, E2H %u: RES0 bits %llx", machine, reg, e2h,
			 (unsigned long long)(value & zeros));
	if (ones & ~value)
		fail_msg("%s: %s, E2H %u: RES1 bits %llx", machine, reg, e2h,
			 (unsigned long long)(ones & ~value));
}

#endif
