/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* lib/arch/registers.tsv, byte for byte. */
__asm__(".section .rodata\n"
	".global register_table\n"
	"register_table: .incbin \"" REGISTER_TABLE "\"\n"
	".global register_table_end\n"
	"register_table_end: .byte 0\n"
	".previous\n");
extern const char register_table[], register_table_end[];

/* Columns: see the first line of the table. */
enum { NAME = 1, OP0, OP1, CRN, CRM, OP2, FEATURE, ACCESS, FIELDS = 19, COLUMNS = 21 };

static bool parse_row(const char *line, const char *end, struct row *row)
{
	const char *column[COLUMNS + 1];
	size_t count = 0;
	uint32_t n[5];

	column[count++] = line;
	for (const char *c = line; c < end && count <= COLUMNS; c++) {
		if (*c == '\t')
			column[count++] = c + 1;
	}
	if (count != COLUMNS)
		return false;
	column[COLUMNS] = end + 1;
	for (unsigned i = 0; i < 5; i++) {
		char *stop;

		n[i] = (uint32_t)strtoul(column[OP0 + i], &stop, 10);
		if (stop == column[OP0 + i])
			return false; /* the heading */
	}
	row->key = n[0] << 14 | n[1] << 11 | n[2] << 7 | n[3] << 3 | n[4];
	row->name = column[NAME];
	row->name_length = (size_t)(column[NAME + 1] - column[NAME] - 1);
	row->access = column[ACCESS];
	row->access_length = (size_t)(column[ACCESS + 1] - column[ACCESS] - 1);
	row->feature = column[FEATURE];
	row->feature_length = (size_t)(column[FEATURE + 1] - column[FEATURE] - 1);
	row->fields = column[FIELDS];
	row->fields_length = (size_t)(column[FIELDS + 1] - column[FIELDS] - 1);
	return true;
}

bool next_row(const char **at, struct row *row)
{
	const char *line = *at ? *at : register_table;

	while (line < register_table_end) {
		const char *end = memchr(line, '\n', (size_t)(register_table_end - line));
		bool good;

		if (!end)
			end = register_table_end;
		good = line[0] != '#' && parse_row(line, end, row);
		line = end + 1;
		*at = line;
		if (good)
			return true;
	}
	return false;
}

static const char *until(const char *at, const char *end, const char *stops)
{
	while (at < end && !strchr(stops, *at))
		at++;
	return at;
}

bool next_field(const char **at, const char *end, struct field *field, char layout[8])
{
	const char *word, *stop, *slash, *equals;
	size_t length;
	char *colon;

	while (*at < end && **at == ' ')
		(*at)++;
	word = *at;
	stop = until(word, end, " ");
	*at = stop;
	equals = until(word, stop, "=");
	if (word == stop || equals == stop)
		return false;
	slash = until(word, equals, "/");
	layout[0] = '\0';
	if (slash < equals) {
		length = (size_t)(slash - word);
		length = length < 7 ? length : 7;
		memcpy(layout, word, length);
		layout[length] = '\0';
		word = slash + 1;
	}
	length = (size_t)(equals - word);
	length = length < sizeof(field->name) - 1 ? length : sizeof(field->name) - 1;
	memcpy(field->name, word, length);
	field->name[length] = '\0';
	field->msb = (uint8_t)strtoul(equals + 1, &colon, 10);
	field->lsb =
		colon < stop && *colon == ':' ? (uint8_t)strtoul(colon + 1, NULL, 10) : field->msb;
	return field->msb < 64 && field->lsb <= field->msb;
}

void sysreg_name(char *buffer, size_t size, uint32_t key)
{
	const char *at = NULL;
	struct row row;

	while (next_row(&at, &row)) {
		if (row.key == key) {
			snprintf(buffer, size, "%.*s", (int)row.name_length, row.name);
			return;
		}
	}
	snprintf(buffer, size, "S%u_%u_C%u_C%u_%u", key >> 14 & 3, key >> 11 & 7, key >> 7 & 15,
		 key >> 3 & 15, key & 7);
}
