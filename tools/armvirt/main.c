/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt: reads the words of an Arm hypervisor for people. */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/base.h>

#include "cli.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

const char *argp_program_version = "armvirt " TEXT(ARMVIRT_VERSION_MAJOR) "." TEXT(
	ARMVIRT_VERSION_MINOR) "." TEXT(ARMVIRT_VERSION_PATCH);

static const char doc[] =
	"Explains syndromes, system registers, table descriptors and instructions.\v"
	"Commands:\n"
	"  esr ESR [FAR [HPFAR]]     an exception syndrome and what it means\n"
	"  sysreg NAME [VALUE]       a register by name or as S3_4_C1_C1_0, a value by fields\n"
	"  pte DESCRIPTOR            a stage-1 or stage-2 table entry\n"
	"  insn WORD                 an A64 load or store, as emulation sees it\n"
	"\n"
	"Without arguments a command reads them from standard input, one set a line.\n"
	"\n"
	"  armvirt esr 0x93830046 --far 0x9000018 --hpfar 0x90000\n"
	"  armvirt sysreg vtcr_el2 0x80023558\n"
	"  armvirt pte --level 2 0x400000406007fd";

enum { FAR = 256, HPFAR, PSTATE, LEVEL, STAGE, GRANULE, LPA2, FWB };

static const struct argp_option options[] = {
	{"far", FAR, "VALUE", 0, "esr: FAR_EL2", 0},
	{"hpfar", HPFAR, "VALUE", 0, "esr: HPFAR_EL2", 0},
	{"pstate", PSTATE, "VALUE", 0, "esr: SPSR_EL2 (default: AArch64, EL1h)", 0},
	{"level", LEVEL, "N", 0, "pte: level of the table, -1 to 3 (default 3)", 0},
	{"stage", STAGE, "N", 0, "pte: 1 or 2 (default 2)", 0},
	{"granule", GRANULE, "SIZE", 0, "pte: 4k, 16k or 64k (default 4k)", 0},
	{"lpa2", LPA2, NULL, 0, "pte: 52-bit descriptors of FEAT_LPA2", 0},
	{"fwb", FWB, NULL, 0, "pte: FEAT_S2FWB is in use", 0},
	{0},
};

struct invocation {
	struct options options;
	const char *command;
	struct words words;
};

static void number_option(struct argp_state *state, const char *arg, uint64_t *value)
{
	if (!parse_number(arg, value))
		argp_error(state, "'%s' is not a number; write 0x… or decimal", arg);
}

static void choice_option(struct argp_state *state, int key, const char *arg, struct options *o)
{
	if (key == STAGE && (strcmp(arg, "1") == 0 || strcmp(arg, "2") == 0))
		o->stage = arg[0] - '0';
	else if (key == LEVEL && arg[0] >= '0' && arg[0] <= '3' && arg[1] == '\0')
		o->level = arg[0] - '0';
	else if (key == LEVEL && strcmp(arg, "-1") == 0)
		o->level = -1;
	else if (key == GRANULE &&
		 (strcmp(arg, "4k") == 0 || strcmp(arg, "16k") == 0 || strcmp(arg, "64k") == 0))
		o->granule = (unsigned)strtoul(arg, NULL, 10);
	else
		argp_error(state, "'%s' is none of the choices; see --help", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct invocation *v = state->input;

	switch (key) {
	case FAR:
		number_option(state, arg, &v->options.far);
		return 0;
	case HPFAR:
		number_option(state, arg, &v->options.hpfar);
		return 0;
	case PSTATE:
		number_option(state, arg, &v->options.pstate);
		return 0;
	case LEVEL:
	case STAGE:
	case GRANULE:
		choice_option(state, key, arg, &v->options);
		return 0;
	case LPA2:
		v->options.lpa2 = true;
		return 0;
	case FWB:
		v->options.fwb = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!v->command)
			v->command = arg;
		else if (v->words.count < WORDS_MAX)
			v->words.word[v->words.count++] = arg;
		else
			argp_error(state, "too many arguments");
		return 0;
	case ARGP_KEY_END:
		if (!v->command)
			argp_error(state, "no command; see --help");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* One set of arguments a line; goes on after a bad line, and remembers. */
static bool run_input(command_fn run, const struct options *o)
{
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	bool good = true;

	while (getline(&line, &size, stdin) >= 0) {
		struct words w;

		number++;
		if (!split_words(line, &w)) {
			fprintf(stderr, "armvirt: line %u has too many words\n", number);
			good = false;
		} else if (w.count > 0 && !run(&w, o, stdout, stderr)) {
			fprintf(stderr, "armvirt: in line %u\n", number);
			good = false;
		}
	}
	free(line);
	return good;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {options, parse, "COMMAND [ARGUMENT...]", doc, NULL,
					 NULL,    NULL};
	struct invocation v = {.options = {.pstate = 5, .level = 3, .stage = 2, .granule = 4}};
	command_fn run;
	bool good;

	argp_parse(&argp, argc, argv, 0, NULL, &v);
	run = command_named(v.command);
	if (!run) {
		fprintf(stderr, "armvirt: no command '%s'; there are esr, sysreg, pte, insn\n",
			v.command);
		return 1;
	}
	good = v.words.count ? run(&v.words, &v.options, stdout, stderr)
			     : run_input(run, &v.options);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("armvirt: standard output");
		return 1;
	}
	return good ? 0 : 1;
}
