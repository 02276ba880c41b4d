/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt sysreg: a register by name or encoding, with the fields of a value. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <libarmvirt/exit.h>
#include <libarmvirt/sysreg.h>

#include "cli.h"
#include "table.h"

/* S3_4_C1_C1_0 */
static bool parse_encoding(const char *text, uint32_t *key)
{
	unsigned op0, op1, crn, crm, op2;
	int used = 0;

	if (sscanf(text, "%*1[Ss]%u_%u_%*1[Cc]%u_%*1[Cc]%u_%u%n", &op0, &op1, &crn, &crm, &op2,
		   &used) != 5 ||
	    text[used] != '\0' || op0 > 3 || op1 > 7 || crn > 15 || crm > 15 || op2 > 7)
		return false;
	*key = ARMVIRT_SYSREG_KEY(op0, op1, crn, crm, op2);
	return true;
}

static const char *group_name(uint32_t key)
{
	static const char *const names[] = {"",        ", ID space", ", debug",
					    ", trace", ", PMU",      ", timer",
					    ", GIC",   ", IMPDEF",   ", SYS instruction"};

	return names[armvirt_sysreg_group(key)];
}

static void print_row(FILE *out, const struct row *row)
{
	fprintf(out, "%.*s = S%u_%u_C%u_C%u_%u, %.*s%s%s%.*s\n", (int)row->name_length, row->name,
		row->key >> 14, row->key >> 11 & 7, row->key >> 7 & 15, row->key >> 3 & 15,
		row->key & 7, (int)row->access_length, row->access, group_name(row->key),
		row->feature[0] == '-' ? "" : ", ",
		row->feature[0] == '-' ? 0 : (int)row->feature_length, row->feature);
}

/* Fields not named in the table are RES0: what stands there is worth a line. */
static void print_value(FILE *out, const struct row *row, uint64_t value)
{
	const char *at = row->fields, *end = row->fields + row->fields_length;
	char layout[8], previous[8] = "";
	uint64_t named = 0;
	struct field f;

	fprintf(out, "value %#" PRIx64 "\n", value);
	while (next_field(&at, end, &f, layout)) {
		if (strcmp(layout, previous) != 0)
			fprintf(out, "  layout %s\n", layout);
		strcpy(previous, layout);
		print_field(out, 2, &f, value);
		named |= (UINT64_MAX >> (63 - f.msb)) & (UINT64_MAX << f.lsb);
	}
	if (named && value & ~named)
		fprintf(out, "  bits set without a field: %#" PRIx64 "\n", value & ~named);
}

static bool matches(const struct row *row, const char *name, bool by_key, uint32_t key)
{
	if (by_key)
		return row->key == key;
	return strlen(name) == row->name_length &&
	       strncasecmp(name, row->name, row->name_length) == 0;
}

bool sysreg_command(const struct words *w, const struct options *o, FILE *out, FILE *err)
{
	const char *at = NULL;
	struct row row;
	uint32_t key = 0;
	uint64_t value = 0;
	bool by_key, found = false;

	(void)o;
	if (w->count < 1 || w->count > 2) {
		fprintf(err, "armvirt: sysreg takes NAME or S<op0>_<op1>_C<n>_C<m>_<op2>, and a "
			     "value\n");
		return false;
	}
	if (w->count == 2 && !parse_number(w->word[1], &value)) {
		fprintf(err, "armvirt: value '%s' is not a number; write 0x… or decimal\n",
			w->word[1]);
		return false;
	}
	by_key = parse_encoding(w->word[0], &key);
	while (next_row(&at, &row)) {
		if (!matches(&row, w->word[0], by_key, key))
			continue;
		found = true;
		print_row(out, &row);
		if (w->count == 2)
			print_value(out, &row, value);
	}
	if (found)
		return true;
	if (by_key) {
		fprintf(out, "S%u_%u_C%u_C%u_%u, no name%s\n", key >> 14, key >> 11 & 7,
			key >> 7 & 15, key >> 3 & 15, key & 7, group_name(key));
		return true;
	}
	fprintf(err,
		"armvirt: no register '%s'; write it as in the architecture, VTCR_EL2, or by "
		"encoding\n",
		w->word[0]);
	return false;
}
