/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt insn: an A64 load or store as the emulation sees it. */
#include <inttypes.h>
#include <string.h>

#include <libarmvirt/insn.h>

#include "cli.h"

static void print_access(FILE *out, const struct armvirt_insn *i)
{
	static const char *const forms[] = {"offset", "pre-index", "post-index", "literal"};
	char base[8];

	if (i->base == 31)
		strcpy(base, "sp");
	else
		snprintf(base, sizeof(base), "x%u", i->base);
	fprintf(out, "  %s, %u x %" PRIu32 " bytes, register%s %c%u", i->write ? "store" : "load",
		i->count, i->bytes, i->count > 1 ? "s" : "", i->vector ? 'v' : 'x', i->reg[0]);
	if (i->count > 1)
		fprintf(out, " and %c%u", i->vector ? 'v' : 'x', i->reg[1]);
	fprintf(out, "%s%s%s\n", i->sign_extend ? ", sign-extended" : "",
		i->ordered ? ", acquire or release" : "",
		i->unprivileged ? ", with the permissions of EL0" : "");
	if (i->form == ARMVIRT_INSN_LITERAL)
		fprintf(out, "  at PC %+" PRId32 "\n", i->offset);
	else if (i->index != ARMVIRT_INSN_NO_REG)
		fprintf(out, "  base %s, index x%u %s, shifted by %u\n", base, i->index,
			i->extend == 2   ? "zero-extended"
			: i->extend == 6 ? "sign-extended"
					 : "whole",
			i->shift);
	else
		fprintf(out, "  base %s, %s %" PRId32 "\n", base, forms[i->form], i->offset);
}

bool insn_command(const struct words *w, const struct options *o, FILE *out, FILE *err)
{
	struct armvirt_insn i;
	enum armvirt_insn_class c;
	uint64_t word;

	(void)o;
	if (w->count != 1 || !parse_number(w->word[0], &word) || word > UINT32_MAX) {
		fprintf(err, "armvirt: insn takes one 32-bit A64 instruction, 0xf9400020\n");
		return false;
	}
	c = armvirt_insn_decode(&i, (uint32_t)word);
	fprintf(out, "%#010" PRIx64 ": %s\n", word, armvirt_insn_class_name(c));
	if (c == ARMVIRT_INSN_ACCESS)
		print_access(out, &i);
	return true;
}
