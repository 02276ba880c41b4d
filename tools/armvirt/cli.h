/* SPDX-License-Identifier: BSD-2-Clause */
/* The armvirt command: what its parts share. */
#ifndef TOOLS_ARMVIRT_CLI_H
#define TOOLS_ARMVIRT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Options, with their defaults set by main(). */
struct options {
	uint64_t far, hpfar, pstate;
	int level;        /* pte: -1 to 3 */
	int stage;        /* pte: 1 or 2 */
	unsigned granule; /* pte: 4, 16, 64 */
	bool lpa2, fwb;   /* pte */
};

/* A named bit field of a word. */
struct field {
	char name[20];
	uint8_t msb, lsb;
};

/* One line of arguments: words, no more than these. */
enum { WORDS_MAX = 8 };

struct words {
	const char *word[WORDS_MAX];
	size_t count;
};

/* Each prints its answer to out, or one line to err; false: the input was bad. */
bool esr_command(const struct words *w, const struct options *o, FILE *out, FILE *err);
bool sysreg_command(const struct words *w, const struct options *o, FILE *out, FILE *err);
bool pte_command(const struct words *w, const struct options *o, FILE *out, FILE *err);
bool insn_command(const struct words *w, const struct options *o, FILE *out, FILE *err);

/* The commands by name: NULL if there is none of that name. */
typedef bool (*command_fn)(const struct words *w, const struct options *o, FILE *out, FILE *err);
command_fn command_named(const char *name);

/* 0x…, decimal or 0…; underscores between digits are allowed. */
bool parse_number(const char *text, uint64_t *value);
/* Splits a line in place at blanks and commas; false if it has too many words. */
bool split_words(char *line, struct words *w);

void print_field(FILE *out, int indent, const struct field *f, uint64_t word);
/* The same with a remark behind it. */
void print_noted(FILE *out, int indent, const struct field *f, uint64_t word, const char *note);

#endif
