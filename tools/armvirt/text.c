/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool parse_number(const char *text, uint64_t *value)
{
	uint64_t v = 0;
	unsigned base = 10;
	bool digits = false;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	for (; *text; text++) {
		int c = tolower((unsigned char)*text);
		unsigned digit;

		if (c == '_' && digits)
			continue;
		if (!isxdigit(c))
			return false;
		digit = (unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);
		if (digit >= base || v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
		digits = true;
	}
	if (digits)
		*value = v;
	return digits;
}

bool split_words(char *line, struct words *w)
{
	char *state, *word;

	w->count = 0;
	for (word = strtok_r(line, " \t\r\n,", &state); word;
	     word = strtok_r(NULL, " \t\r\n,", &state)) {
		if (word[0] == '#')
			break;
		if (w->count == WORDS_MAX)
			return false;
		w->word[w->count++] = word;
	}
	return true;
}

static uint64_t field_value(const struct field *f, uint64_t word)
{
	uint64_t mask =
		f->msb - f->lsb >= 63 ? UINT64_MAX : (UINT64_C(1) << (f->msb - f->lsb + 1)) - 1;

	return word >> f->lsb & mask;
}

void print_noted(FILE *out, int indent, const struct field *f, uint64_t word, const char *note)
{
	uint64_t value = field_value(f, word);
	char range[16], number[24];

	if (f->msb == f->lsb)
		snprintf(range, sizeof(range), "%u", f->msb);
	else
		snprintf(range, sizeof(range), "%u:%u", f->msb, f->lsb);
	snprintf(number, sizeof(number), value > 9 ? "%#" PRIx64 : "%" PRIu64, value);
	if (note)
		fprintf(out, "%*s%-14s %6s  %-6s %s\n", indent, "", f->name, range, number, note);
	else
		fprintf(out, "%*s%-14s %6s  %s\n", indent, "", f->name, range, number);
}

void print_field(FILE *out, int indent, const struct field *f, uint64_t word)
{
	print_noted(out, indent, f, word, NULL);
}

command_fn command_named(const char *name)
{
	static const struct {
		const char *name;
		command_fn run;
	} commands[] = {
		{"esr", esr_command},
		{"sysreg", sysreg_command},
		{"pte", pte_command},
		{"insn", insn_command},
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run;
	}
	return NULL;
}
