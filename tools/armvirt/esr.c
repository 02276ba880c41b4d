/* SPDX-License-Identifier: BSD-2-Clause */
/* armvirt esr: a syndrome as a tree of fields, and what it means. */
#include <inttypes.h>
#include <string.h>

#include <libarmvirt/exit.h>

#include "cli.h"
#include "table.h"

/* The ISS by kind, as the architecture lays it out; a kind without entry has no fields. */
static const struct iss_field {
	enum armvirt_exit_kind kind;
	struct field field;
} iss_fields[] = {
	{ARMVIRT_EXIT_WFX, {"CV", 24, 24}},
	{ARMVIRT_EXIT_WFX, {"COND", 23, 20}},
	{ARMVIRT_EXIT_WFX, {"RN", 9, 5}},
	{ARMVIRT_EXIT_WFX, {"RV", 2, 2}},
	{ARMVIRT_EXIT_WFX, {"TI", 1, 0}},
	{ARMVIRT_EXIT_CP15, {"CV", 24, 24}},
	{ARMVIRT_EXIT_CP15, {"COND", 23, 20}},
	{ARMVIRT_EXIT_CP15, {"Opc2", 19, 17}},
	{ARMVIRT_EXIT_CP15, {"Opc1", 16, 14}},
	{ARMVIRT_EXIT_CP15, {"CRn", 13, 10}},
	{ARMVIRT_EXIT_CP15, {"Rt", 9, 5}},
	{ARMVIRT_EXIT_CP15, {"CRm", 4, 1}},
	{ARMVIRT_EXIT_CP15, {"Direction", 0, 0}},
	{ARMVIRT_EXIT_CP15_64, {"CV", 24, 24}},
	{ARMVIRT_EXIT_CP15_64, {"COND", 23, 20}},
	{ARMVIRT_EXIT_CP15_64, {"Opc1", 19, 16}},
	{ARMVIRT_EXIT_CP15_64, {"Rt2", 14, 10}},
	{ARMVIRT_EXIT_CP15_64, {"Rt", 9, 5}},
	{ARMVIRT_EXIT_CP15_64, {"CRm", 4, 1}},
	{ARMVIRT_EXIT_CP15_64, {"Direction", 0, 0}},
	{ARMVIRT_EXIT_CP14_LDST, {"CV", 24, 24}},
	{ARMVIRT_EXIT_CP14_LDST, {"COND", 23, 20}},
	{ARMVIRT_EXIT_CP14_LDST, {"imm8", 19, 12}},
	{ARMVIRT_EXIT_CP14_LDST, {"Rn", 9, 5}},
	{ARMVIRT_EXIT_CP14_LDST, {"Offset", 4, 4}},
	{ARMVIRT_EXIT_CP14_LDST, {"AM", 3, 1}},
	{ARMVIRT_EXIT_CP14_LDST, {"Direction", 0, 0}},
	{ARMVIRT_EXIT_FP, {"CV", 24, 24}},
	{ARMVIRT_EXIT_FP, {"COND", 23, 20}},
	{ARMVIRT_EXIT_BTI, {"BTYPE", 1, 0}},
	{ARMVIRT_EXIT_SVC, {"imm16", 15, 0}},
	{ARMVIRT_EXIT_HVC, {"imm16", 15, 0}},
	{ARMVIRT_EXIT_SMC, {"CCKNOWNPASS", 19, 19}},
	{ARMVIRT_EXIT_SMC, {"imm16", 15, 0}},
	{ARMVIRT_EXIT_SYSREG, {"Op0", 21, 20}},
	{ARMVIRT_EXIT_SYSREG, {"Op2", 19, 17}},
	{ARMVIRT_EXIT_SYSREG, {"Op1", 16, 14}},
	{ARMVIRT_EXIT_SYSREG, {"CRn", 13, 10}},
	{ARMVIRT_EXIT_SYSREG, {"Rt", 9, 5}},
	{ARMVIRT_EXIT_SYSREG, {"CRm", 4, 1}},
	{ARMVIRT_EXIT_SYSREG, {"Direction", 0, 0}},
	{ARMVIRT_EXIT_ERET, {"ERET", 1, 1}},
	{ARMVIRT_EXIT_ERET, {"ERETA", 0, 0}},
	{ARMVIRT_EXIT_PACFAIL, {"DnI", 1, 1}},
	{ARMVIRT_EXIT_PACFAIL, {"BnA", 0, 0}},
	{ARMVIRT_EXIT_SME, {"SMTC", 2, 0}},
	{ARMVIRT_EXIT_GPC, {"S2PTW", 21, 21}},
	{ARMVIRT_EXIT_GPC, {"InD", 20, 20}},
	{ARMVIRT_EXIT_GPC, {"GPCSC", 19, 14}},
	{ARMVIRT_EXIT_GPC, {"S1PTW", 7, 7}},
	{ARMVIRT_EXIT_GPC, {"WnR", 6, 6}},
	{ARMVIRT_EXIT_GPC, {"xFSC", 5, 0}},
	{ARMVIRT_EXIT_IABT, {"SET", 12, 11}},
	{ARMVIRT_EXIT_IABT, {"FnV", 10, 10}},
	{ARMVIRT_EXIT_IABT, {"EA", 9, 9}},
	{ARMVIRT_EXIT_IABT, {"S1PTW", 7, 7}},
	{ARMVIRT_EXIT_IABT, {"IFSC", 5, 0}},
	{ARMVIRT_EXIT_DABT, {"ISV", 24, 24}},
	{ARMVIRT_EXIT_DABT, {"SAS", 23, 22}},
	{ARMVIRT_EXIT_DABT, {"SSE", 21, 21}},
	{ARMVIRT_EXIT_DABT, {"SRT", 20, 16}},
	{ARMVIRT_EXIT_DABT, {"SF", 15, 15}},
	{ARMVIRT_EXIT_DABT, {"AR", 14, 14}},
	{ARMVIRT_EXIT_DABT, {"VNCR", 13, 13}},
	{ARMVIRT_EXIT_DABT, {"SET", 12, 11}},
	{ARMVIRT_EXIT_DABT, {"FnV", 10, 10}},
	{ARMVIRT_EXIT_DABT, {"EA", 9, 9}},
	{ARMVIRT_EXIT_DABT, {"CM", 8, 8}},
	{ARMVIRT_EXIT_DABT, {"S1PTW", 7, 7}},
	{ARMVIRT_EXIT_DABT, {"WnR", 6, 6}},
	{ARMVIRT_EXIT_DABT, {"DFSC", 5, 0}},
	{ARMVIRT_EXIT_MOPS, {"MemInst", 24, 24}},
	{ARMVIRT_EXIT_MOPS, {"isSETG", 23, 23}},
	{ARMVIRT_EXIT_MOPS, {"Options", 22, 19}},
	{ARMVIRT_EXIT_MOPS, {"FromEpilogue", 18, 18}},
	{ARMVIRT_EXIT_MOPS, {"WrongOption", 17, 17}},
	{ARMVIRT_EXIT_MOPS, {"OptionA", 16, 16}},
	{ARMVIRT_EXIT_MOPS, {"destreg", 14, 10}},
	{ARMVIRT_EXIT_MOPS, {"srcreg", 9, 5}},
	{ARMVIRT_EXIT_MOPS, {"sizereg", 4, 0}},
	{ARMVIRT_EXIT_FP_EXC, {"TFV", 23, 23}},
	{ARMVIRT_EXIT_FP_EXC, {"IDF", 7, 7}},
	{ARMVIRT_EXIT_FP_EXC, {"IXF", 4, 4}},
	{ARMVIRT_EXIT_FP_EXC, {"UFF", 3, 3}},
	{ARMVIRT_EXIT_FP_EXC, {"OFF", 2, 2}},
	{ARMVIRT_EXIT_FP_EXC, {"DZF", 1, 1}},
	{ARMVIRT_EXIT_FP_EXC, {"IOF", 0, 0}},
	{ARMVIRT_EXIT_GCS, {"ExType", 23, 20}},
	{ARMVIRT_EXIT_GCS, {"Raddr", 14, 10}},
	{ARMVIRT_EXIT_GCS, {"Rn", 9, 5}},
	{ARMVIRT_EXIT_GCS, {"IT", 4, 0}},
	{ARMVIRT_EXIT_SERROR, {"IDS", 24, 24}},
	{ARMVIRT_EXIT_SERROR, {"ELS", 18, 18}},
	{ARMVIRT_EXIT_SERROR, {"WU", 17, 16}},
	{ARMVIRT_EXIT_SERROR, {"VFV", 15, 15}},
	{ARMVIRT_EXIT_SERROR, {"PFV", 14, 14}},
	{ARMVIRT_EXIT_SERROR, {"IESB", 13, 13}},
	{ARMVIRT_EXIT_SERROR, {"AET", 12, 10}},
	{ARMVIRT_EXIT_SERROR, {"EA", 9, 9}},
	{ARMVIRT_EXIT_SERROR, {"WnRV", 7, 7}},
	{ARMVIRT_EXIT_SERROR, {"WnR", 6, 6}},
	{ARMVIRT_EXIT_SERROR, {"DFSC", 5, 0}},
	{ARMVIRT_EXIT_BREAKPOINT, {"IFSC", 5, 0}},
	{ARMVIRT_EXIT_STEP, {"ISV", 24, 24}},
	{ARMVIRT_EXIT_STEP, {"EX", 6, 6}},
	{ARMVIRT_EXIT_STEP, {"IFSC", 5, 0}},
	{ARMVIRT_EXIT_WATCHPOINT, {"WPT", 23, 18}},
	{ARMVIRT_EXIT_WATCHPOINT, {"WPTV", 17, 17}},
	{ARMVIRT_EXIT_WATCHPOINT, {"WPF", 16, 16}},
	{ARMVIRT_EXIT_WATCHPOINT, {"FnP", 15, 15}},
	{ARMVIRT_EXIT_WATCHPOINT, {"VNCR", 13, 13}},
	{ARMVIRT_EXIT_WATCHPOINT, {"FnV", 10, 10}},
	{ARMVIRT_EXIT_WATCHPOINT, {"CM", 8, 8}},
	{ARMVIRT_EXIT_WATCHPOINT, {"WnR", 6, 6}},
	{ARMVIRT_EXIT_WATCHPOINT, {"DFSC", 5, 0}},
	{ARMVIRT_EXIT_BKPT, {"Comment", 15, 0}},
	{ARMVIRT_EXIT_PROFILING, {"FSC", 5, 1}},
	{ARMVIRT_EXIT_PROFILING, {"SYNC", 0, 0}},
	{ARMVIRT_EXIT_LS64, {"Code", 24, 0}},
	{ARMVIRT_EXIT_TSTART, {"Rd", 9, 5}},
};

/* Kinds that share a layout. */
static enum armvirt_exit_kind layout_of(enum armvirt_exit_kind kind)
{
	switch (kind) {
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP10:
		return ARMVIRT_EXIT_CP15;
	case ARMVIRT_EXIT_CP14_64:
		return ARMVIRT_EXIT_CP15_64;
	case ARMVIRT_EXIT_SYSREG128:
		return ARMVIRT_EXIT_SYSREG;
	case ARMVIRT_EXIT_IABT_SAME:
		return ARMVIRT_EXIT_IABT;
	case ARMVIRT_EXIT_DABT_SAME:
		return ARMVIRT_EXIT_DABT;
	case ARMVIRT_EXIT_VECTOR:
		return ARMVIRT_EXIT_BREAKPOINT;
	default:
		return kind;
	}
}

/* What a status code says depends on the class: 0x11 and 0x22 have two meanings. */
static const char *status_note(const struct armvirt_exit *e)
{
	unsigned status = e->esr & 0x3f;

	switch (layout_of(e->kind)) {
	case ARMVIRT_EXIT_IABT:
	case ARMVIRT_EXIT_DABT:
		return armvirt_fault_name(e->u.abort.fault);
	case ARMVIRT_EXIT_SERROR:
		if (e->u.serror.impdef)
			return NULL;
		return status == 0x11 ? "asynchronous SError"
		       : status       ? "reserved"
				      : "uncategorized error";
	case ARMVIRT_EXIT_BREAKPOINT:
	case ARMVIRT_EXIT_STEP:
	case ARMVIRT_EXIT_WATCHPOINT:
		return armvirt_fault_name(status == 0x22 ? ARMVIRT_FAULT_DEBUG
							 : ARMVIRT_FAULT_RESERVED);
	default:
		return armvirt_fault_name(armvirt_fault_class((uint8_t)status));
	}
}

static void print_fields(FILE *out, const struct armvirt_exit *e)
{
	static const struct field ec = {"EC", 31, 26}, il = {"IL", 25, 25}, iss = {"ISS", 24, 0},
				  iss2 = {"ISS2", 55, 32};

	print_noted(out, 2, &ec, e->esr, armvirt_exit_name(e->kind));
	print_noted(out, 2, &il, e->esr,
		    e->esr >> 25 & 1 ? "32-bit instruction" : "16-bit instruction");
	if (e->esr >> 32)
		print_field(out, 2, &iss2, e->esr);
	print_field(out, 2, &iss, e->esr);
	for (size_t i = 0; i < sizeof(iss_fields) / sizeof(iss_fields[0]); i++) {
		const struct field *f = &iss_fields[i].field;
		const char *note = NULL;

		if (iss_fields[i].kind != layout_of(e->kind))
			continue;
		if (strcmp(f->name, "DFSC") == 0 || strcmp(f->name, "IFSC") == 0 ||
		    strcmp(f->name, "xFSC") == 0)
			note = status_note(e);
		print_noted(out, 4, f, e->esr, note);
	}
}

static const char *register_name(char *buffer, size_t size, unsigned reg, bool wide)
{
	if (reg == 31)
		return wide ? "xzr" : "wzr";
	snprintf(buffer, size, "%c%u", wide ? 'x' : 'w', reg);
	return buffer;
}

static void explain_abort(FILE *out, const struct armvirt_exit *e)
{
	const struct armvirt_abort *a = &e->u.abort;
	char reg[8];

	fprintf(out, "  %s", armvirt_fault_name(a->fault));
	if (a->level != ARMVIRT_FAULT_NO_LEVEL)
		fprintf(out, ", level %d", a->level);
	if (a->flags & ARMVIRT_ABORT_S1PTW)
		fprintf(out, ", on a stage-1 walk");
	if (a->flags & ARMVIRT_ABORT_CM)
		fprintf(out, ", by cache maintenance\n");
	else if (a->fault == ARMVIRT_FAULT_HW_UPDATE || a->fault == ARMVIRT_FAULT_EXCLUSIVE)
		fprintf(out, ", read or write not recorded\n");
	else if (e->kind == ARMVIRT_EXIT_DABT || e->kind == ARMVIRT_EXIT_DABT_SAME ||
		 e->kind == ARMVIRT_EXIT_WATCHPOINT)
		fprintf(out, ", by a %s\n", a->flags & ARMVIRT_ABORT_WRITE ? "write" : "read");
	else
		fprintf(out, "\n");
	if (a->bytes)
		fprintf(out, "  %s of %u byte%s, register %s%s%s\n",
			a->flags & ARMVIRT_ABORT_WRITE ? "store" : "load", a->bytes,
			a->bytes > 1 ? "s" : "",
			register_name(reg, sizeof(reg), a->reg, a->flags & ARMVIRT_ABORT_SF),
			a->flags & ARMVIRT_ABORT_SSE ? ", sign-extended" : "",
			a->flags & ARMVIRT_ABORT_AR ? ", acquire or release" : "");
	if (a->flags & ARMVIRT_ABORT_FNV)
		fprintf(out, "  virtual address not valid\n");
	else
		fprintf(out, "  virtual address %#" PRIx64 "\n", a->va);
	if (a->ipa_source == ARMVIRT_IPA_EXACT)
		fprintf(out, "  intermediate physical address %#" PRIx64 "\n", a->ipa);
	else if (a->ipa_source == ARMVIRT_IPA_DESCRIPTOR)
		fprintf(out, "  descriptor in the page at %#" PRIx64 "\n", a->ipa);
	else if (a->ipa_source == ARMVIRT_IPA_TRANSLATE)
		fprintf(out, "  HPFAR_EL2 not valid: translate the virtual address\n");
}

static void explain_register(FILE *out, const struct armvirt_exit *e)
{
	const struct armvirt_sysreg_access *s = &e->u.sysreg;
	char name[64], reg[8];

	if (s->key >> 16 == 0 || s->key >> 16 == 6)
		sysreg_name(name, sizeof(name), s->key & 0xffff);
	else
		snprintf(name, sizeof(name), "coprocessor %s, opc1 %u, c%u, c%u, opc2 %u",
			 e->kind == ARMVIRT_EXIT_CP10                                      ? "10"
			 : e->kind == ARMVIRT_EXIT_CP15 || e->kind == ARMVIRT_EXIT_CP15_64 ? "15"
											   : "14",
			 s->key >> 11 & 15, s->key >> 7 & 15, s->key >> 3 & 15, s->key & 7);
	fprintf(out, "  %s of %s, register %s\n", s->read ? "read" : "write", name,
		register_name(reg, sizeof(reg), s->rt, true));
}

static void explain(FILE *out, const struct armvirt_exit *e)
{
	switch (e->kind) {
	case ARMVIRT_EXIT_IABT:
	case ARMVIRT_EXIT_IABT_SAME:
	case ARMVIRT_EXIT_DABT:
	case ARMVIRT_EXIT_DABT_SAME:
	case ARMVIRT_EXIT_GPC:
	case ARMVIRT_EXIT_WATCHPOINT:
		explain_abort(out, e);
		break;
	case ARMVIRT_EXIT_SYSREG:
	case ARMVIRT_EXIT_SYSREG128:
	case ARMVIRT_EXIT_CP15:
	case ARMVIRT_EXIT_CP15_64:
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP14_64:
	case ARMVIRT_EXIT_CP10:
		explain_register(out, e);
		break;
	case ARMVIRT_EXIT_WFX:
		fprintf(out, "  WF%c%s\n", e->u.wfx.event ? 'E' : 'I', e->u.wfx.timeout ? "T" : "");
		break;
	case ARMVIRT_EXIT_PC_ALIGN:
		fprintf(out, "  virtual address %#" PRIx64 "\n", e->u.va);
		break;
	default:
		break;
	}
}

static bool number(const char *text, const char *what, uint64_t *value, FILE *err)
{
	if (parse_number(text, value))
		return true;
	fprintf(err, "armvirt: %s '%s' is not a number; write 0x… or decimal\n", what, text);
	return false;
}

bool esr_command(const struct words *w, const struct options *o, FILE *out, FILE *err)
{
	struct armvirt_exit_regs regs = {0, o->far, o->hpfar, o->pstate};
	struct armvirt_exit e;

	if (w->count < 1 || w->count > 3) {
		fprintf(err, "armvirt: esr takes ESR [FAR [HPFAR]]\n");
		return false;
	}
	if (!number(w->word[0], "ESR", &regs.esr, err) ||
	    (w->count > 1 && !number(w->word[1], "FAR", &regs.far, err)) ||
	    (w->count > 2 && !number(w->word[2], "HPFAR", &regs.hpfar, err)))
		return false;
	armvirt_exit_decode(&e, &regs);
	fprintf(out, "ESR_EL2 %#" PRIx64 ": %s\n", e.esr, armvirt_exit_name(e.kind));
	print_fields(out, &e);
	explain(out, &e);
	return true;
}
