/* SPDX-License-Identifier: BSD-2-Clause */
#include "reading_internal.h"

struct reading_features reading_all_features(void)
{
	struct reading_features f = {
		.aarch32 = true,
		.wfxt = true,
		.pauth = true,
		.fpac = true,
		.ls64 = true,
		.trbe_tsb = true,
		.spe_psb = true,
		.bti = true,
		.sysreg128 = true,
		.sve = true,
		.sme = true,
		.sme2 = true,
		.eret = true,
		.tme = true,
		.mops = true,
		.gcs = true,
		.ebep = true,
		.sebep = true,
		.spe_exc = true,
		.trbe_exc = true,
		.ras = true,
		.rasv2 = true,
		.iesb = true,
		.pfar = true,
		.mte2 = true,
		.mte_canonical = true,
		.mte_perm = true,
		.the = true,
		.poe = true,
		.s1pie = true,
		.s2pie = true,
		.hdbss = true,
		.nv2 = true,
		.lpa2 = true,
		.d128 = true,
		.rme = true,
		.hafdbs = true,
		.vectors = true,
		.debugv8p2 = true,
	};

	return f;
}

/* ---- classes ---------------------------------------------------------------------------- */

static enum reading_class class_of_trap32(const struct reading_features *f, uint32_t ec)
{
	if (!f->aarch32)
		return READING_RESERVED;
	if (ec == 0x03)
		return READING_MCR_CP15;
	if (ec == 0x04)
		return READING_MCRR_CP15;
	if (ec == 0x05)
		return READING_MCR_CP14;
	if (ec == 0x06)
		return READING_LDC_CP14;
	if (ec == 0x08)
		return READING_VMRS;
	if (ec == 0x0c)
		return READING_MRRC_CP14;
	if (ec == 0x11)
		return READING_SVC32;
	if (ec == 0x12)
		return READING_HVC32;
	if (ec == 0x13)
		return READING_SMC32;
	if (ec == 0x28)
		return READING_FP_EXCEPTION32;
	if (ec == 0x38)
		return READING_BKPT32;
	if (ec == 0x3a)
		return READING_VECTOR_CATCH;
	return READING_RESERVED;
}

/* Classes of AArch64 that come with a feature. */
static enum reading_class class_of_feature(const struct reading_features *f, uint32_t ec)
{
	if (ec == 0x09 && f->pauth)
		return READING_PAUTH;
	if (ec == 0x0a && (f->ls64 || f->trbe_tsb || f->spe_psb))
		return READING_OTHER;
	if (ec == 0x0d && f->bti)
		return READING_BTI;
	if (ec == 0x14 && f->sysreg128)
		return READING_MSRR;
	if (ec == 0x19 && f->sve)
		return READING_SVE;
	if (ec == 0x1a && f->eret)
		return READING_ERET;
	if (ec == 0x1b && f->tme)
		return READING_TSTART;
	if (ec == 0x1c && f->fpac)
		return READING_PAC_FAIL;
	if (ec == 0x1d && f->sme)
		return READING_SME;
	if (ec == 0x1e && f->rme)
		return READING_GPC;
	if (ec == 0x27 && f->mops)
		return READING_MOPS;
	if (ec == 0x2d && f->gcs)
		return READING_GCS;
	if (ec == 0x3d && (f->ebep || f->spe_exc || f->trbe_exc))
		return READING_PROFILING;
	return READING_RESERVED;
}

static enum reading_class class_of_fault(uint32_t ec)
{
	if (ec == 0x20)
		return READING_INSTRUCTION_LOWER;
	if (ec == 0x21)
		return READING_INSTRUCTION_SAME;
	if (ec == 0x22)
		return READING_PC_ALIGNMENT;
	if (ec == 0x24)
		return READING_DATA_LOWER;
	if (ec == 0x25)
		return READING_DATA_SAME;
	if (ec == 0x26)
		return READING_SP_ALIGNMENT;
	if (ec == 0x2f)
		return READING_SERROR;
	if (ec == 0x30)
		return READING_BREAKPOINT_LOWER;
	if (ec == 0x31)
		return READING_BREAKPOINT_SAME;
	if (ec == 0x32)
		return READING_STEP_LOWER;
	if (ec == 0x33)
		return READING_STEP_SAME;
	if (ec == 0x34)
		return READING_WATCHPOINT_LOWER;
	if (ec == 0x35)
		return READING_WATCHPOINT_SAME;
	return READING_RESERVED;
}

/*
 * A granule protection check exception (0x1E) and the IMPLEMENTATION DEFINED class 0x1F are taken
 * to EL3 alone: the description of ESR_EL2 leaves both out, the list of all classes has them.
 */
static enum reading_class class_of(const struct reading_features *f, uint32_t ec)
{
	enum reading_class class;

	if (ec == 0x00)
		return READING_UNKNOWN;
	if (ec == 0x01)
		return READING_WF;
	if (ec == 0x07)
		return READING_FP;
	if (ec == 0x0e)
		return READING_ILLEGAL;
	if (ec == 0x15)
		return READING_SVC64;
	if (ec == 0x16)
		return READING_HVC64;
	if (ec == 0x17)
		return READING_SMC64;
	if (ec == 0x18)
		return READING_MSR;
	if (ec == 0x1f)
		return READING_IMPDEF;
	if (ec == 0x2c)
		return READING_FP_EXCEPTION64;
	if (ec == 0x3c)
		return READING_BRK64;
	class = class_of_trap32(f, ec);
	if (class == READING_RESERVED)
		class = class_of_feature(f, ec);
	if (class == READING_RESERVED)
		class = class_of_fault(ec);
	return class;
}

static bool only_from_aarch32(enum reading_class c)
{
	return c == READING_MCR_CP15 || c == READING_MCRR_CP15 || c == READING_MCR_CP14 ||
	       c == READING_LDC_CP14 || c == READING_VMRS || c == READING_MRRC_CP14 ||
	       c == READING_SVC32 || c == READING_HVC32 || c == READING_SMC32 ||
	       c == READING_FP_EXCEPTION32 || c == READING_BKPT32 || c == READING_VECTOR_CATCH;
}

static bool only_from_aarch64(enum reading_class c)
{
	return c == READING_PAUTH || c == READING_OTHER || c == READING_BTI || c == READING_SVC64 ||
	       c == READING_HVC64 || c == READING_SMC64 || c == READING_MSR || c == READING_MSRR ||
	       c == READING_SVE || c == READING_ERET || c == READING_TSTART ||
	       c == READING_PAC_FAIL || c == READING_SME || c == READING_SP_ALIGNMENT ||
	       c == READING_MOPS || c == READING_FP_EXCEPTION64 || c == READING_GCS ||
	       c == READING_BRK64;
}

static bool is_instruction_abort(enum reading_class c)
{
	return c == READING_INSTRUCTION_LOWER || c == READING_INSTRUCTION_SAME;
}

static bool is_data_abort(enum reading_class c)
{
	return c == READING_DATA_LOWER || c == READING_DATA_SAME;
}

static bool is_breakpoint(enum reading_class c)
{
	return c == READING_BREAKPOINT_LOWER || c == READING_BREAKPOINT_SAME ||
	       c == READING_VECTOR_CATCH;
}

static bool is_step(enum reading_class c)
{
	return c == READING_STEP_LOWER || c == READING_STEP_SAME;
}

static bool is_watchpoint(enum reading_class c)
{
	return c == READING_WATCHPOINT_LOWER || c == READING_WATCHPOINT_SAME;
}

/* IL: the classes for which it is 1 and says nothing of an instruction. */
static bool il_is_fixed(enum reading_class c, uint64_t esr)
{
	if (c == READING_UNKNOWN || c == READING_SERROR || c == READING_ILLEGAL)
		return true;
	if (is_instruction_abort(c) || c == READING_PC_ALIGNMENT || c == READING_SP_ALIGNMENT)
		return true;
	if (is_data_abort(c))
		return !bit(esr, 24);
	return is_breakpoint(c) || is_step(c) || is_watchpoint(c);
}

static void read_length(struct reading *r, uint64_t esr)
{
	r->il_fixed = il_is_fixed(r->class, esr);
	r->length_valid =
		r->class != READING_RESERVED && r->class != READING_PROFILING && !r->il_fixed;
	if (r->length_valid)
		r->length = bit(esr, 25) ? 4 : 2;
}

/* ---- trapped instructions --------------------------------------------------------------- */

static void read_condition(struct reading *r, uint64_t esr)
{
	r->condition.valid = bit(esr, 24);
	if (r->condition.valid)
		r->condition.code = bits(esr, 23, 20);
}

static void read_wf(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	read_condition(r, esr);
	r->wf = f->wfxt ? bits(esr, 1, 0) : bits(esr, 0, 0);
	r->wf_register_valid = r->wf >= 2 && bit(esr, 2);
	if (r->wf_register_valid)
		r->wf_register = bits(esr, 9, 5);
}

static void read_mcr(struct reading *r, uint64_t esr)
{
	read_condition(r, esr);
	r->encoding.op2 = bits(esr, 19, 17);
	r->encoding.op1 = bits(esr, 16, 14);
	r->encoding.crn = bits(esr, 13, 10);
	r->encoding.rt = bits(esr, 9, 5);
	r->encoding.crm = bits(esr, 4, 1);
	r->encoding.read = bit(esr, 0);
}

static void read_mcrr(struct reading *r, uint64_t esr)
{
	read_condition(r, esr);
	r->encoding.op1 = bits(esr, 19, 16);
	r->encoding.rt2 = bits(esr, 14, 10);
	r->encoding.rt = bits(esr, 9, 5);
	r->encoding.crm = bits(esr, 4, 1);
	r->encoding.read = bit(esr, 0);
}

/* AM is {literal, P, W}; a literal form exists without writeback only, and for LDC only. */
static void read_ldc(struct reading *r, uint64_t esr)
{
	struct reading_transfer *t = &r->transfer;

	read_condition(r, esr);
	t->immediate = bits(esr, 19, 12);
	t->add = bit(esr, 4);
	t->literal = bit(esr, 3);
	t->pre = bit(esr, 2);
	t->writeback = bit(esr, 1);
	t->load = bit(esr, 0);
	t->base_valid = !t->literal;
	if (t->base_valid)
		t->base = bits(esr, 9, 5);
	t->mode_reserved = t->literal && (t->writeback || !t->load);
}

static void read_msr(struct reading *r, uint64_t esr)
{
	r->encoding.op0 = bits(esr, 21, 20);
	r->encoding.op2 = bits(esr, 19, 17);
	r->encoding.op1 = bits(esr, 16, 14);
	r->encoding.crn = bits(esr, 13, 10);
	r->encoding.rt = bits(esr, 9, 5);
	r->encoding.crm = bits(esr, 4, 1);
	r->encoding.read = bit(esr, 0);
}

/* Bits 9:6 are the even register over two; its neighbour is the upper half. */
static void read_msrr(struct reading *r, uint64_t esr)
{
	read_msr(r, esr);
	r->encoding.rt = 2 * bits(esr, 9, 6);
	r->encoding.rt2 = r->encoding.rt + 1;
}

static void read_other(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	r->code = bits(esr, 24, 0);
	r->code_reserved = true;
	if (r->code <= 2)
		r->code_reserved = !f->ls64;
	else if (r->code == 3)
		r->code_reserved = !f->trbe_tsb;
	else if (r->code == 4)
		r->code_reserved = !f->spe_psb;
}

static void read_immediate(struct reading *r, uint64_t esr)
{
	r->immediate_valid = true;
	r->immediate = bits(esr, 15, 0);
}

/* CV and COND mean something only when the condition check may have failed. */
static void read_smc32(struct reading *r, uint64_t esr)
{
	r->smc_may_fail_condition = bit(esr, 19);
	if (r->smc_may_fail_condition)
		read_condition(r, esr);
}

static void read_eret(struct reading *r, uint64_t esr)
{
	r->eret_authenticated = bit(esr, 1);
	r->eret_key_b = r->eret_authenticated && bit(esr, 0);
}

static void read_sme(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	r->code = bits(esr, 2, 0);
	r->code_reserved = r->code > 4 || (r->code == 4 && !f->sme2);
}

static void read_fp_exception(struct reading *r, uint64_t esr)
{
	r->fp_flags_valid = bit(esr, 23);
	if (!r->fp_flags_valid)
		return;
	r->fp_input_denormal = bit(esr, 7);
	r->fp_inexact = bit(esr, 4);
	r->fp_underflow = bit(esr, 3);
	r->fp_overflow = bit(esr, 2);
	r->fp_divide = bit(esr, 1);
	r->fp_invalid = bit(esr, 0);
}

static void read_gcs_check(struct reading *r, uint64_t esr)
{
	unsigned it = bits(esr, 4, 0);

	r->gcs_instruction = it;
	if (it == 5 || it == 8)
		return; /* GCSSS2, GCSPOPCX: the register field is UNKNOWN */
	if (it <= 4 || it == 9) {
		r->gcs_register_valid = true;
		r->gcs_register = bits(esr, 9, 5);
	} else {
		r->gcs_instruction_reserved = true;
	}
}

static void read_gcs(struct reading *r, uint64_t esr)
{
	r->code = bits(esr, 23, 20);
	if (r->code == 0) {
		read_gcs_check(r, esr);
	} else if (r->code == 2) {
		r->gcs_address = bits(esr, 14, 10);
		r->gcs_register_valid = true;
		r->gcs_register = bits(esr, 9, 5);
	} else if (r->code != 1) {
		r->code_reserved = true;
	}
}

/* The two format bits are one field: 0 and 3 say option B, 1 and 2 option A. */
static void read_mops(struct reading *r, uint64_t esr)
{
	struct reading_mops *m = &r->mops;

	m->set = bit(esr, 24);
	m->set_tags = m->set && bit(esr, 23);
	m->options = m->set ? bits(esr, 20, 19) : bits(esr, 22, 19);
	m->epilogue = bit(esr, 18);
	m->option_a = bit(esr, 17) != bit(esr, 16);
	m->destination = bits(esr, 14, 10);
	m->source = bits(esr, 9, 5);
	m->size = bits(esr, 4, 0);
}

static void read_profiling(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	r->code = bits(esr, 5, 1);
	if (r->code == 0)
		r->code_reserved = !f->ebep;
	else if (r->code == 1)
		r->code_reserved = !f->spe_exc;
	else if (r->code == 2)
		r->code_reserved = !f->trbe_exc;
	else
		r->code_reserved = true;
	/* only the PMU's may be synchronous: with another reason the bit is 0 */
	r->profiling_synchronous = f->sebep && bit(esr, 0);
}

/* ---- the whole -------------------------------------------------------------------------- */

static void read_instruction_classes(struct reading *r, const struct reading_features *f,
				     uint64_t esr)
{
	enum reading_class c = r->class;

	if (c == READING_WF)
		read_wf(r, f, esr);
	else if (c == READING_MCR_CP15 || c == READING_MCR_CP14 || c == READING_VMRS)
		read_mcr(r, esr);
	else if (c == READING_MCRR_CP15 || c == READING_MRRC_CP14)
		read_mcrr(r, esr);
	else if (c == READING_LDC_CP14)
		read_ldc(r, esr);
	else if (c == READING_FP)
		read_condition(r, esr);
	else if (c == READING_OTHER)
		read_other(r, f, esr);
	else if (c == READING_BTI)
		r->code = bits(esr, 1, 0);
	else if (c == READING_SVC32 || c == READING_HVC32 || c == READING_SVC64 ||
		 c == READING_HVC64 || c == READING_SMC64 || c == READING_BKPT32 ||
		 c == READING_BRK64)
		read_immediate(r, esr);
	else if (c == READING_SMC32)
		read_smc32(r, esr);
	else if (c == READING_MSR)
		read_msr(r, esr);
	else if (c == READING_MSRR)
		read_msrr(r, esr);
	else if (c == READING_ERET)
		read_eret(r, esr);
	else if (c == READING_TSTART)
		r->tstart_register = bits(esr, 9, 5);
	else if (c == READING_SME)
		read_sme(r, f, esr);
}

static void read_other_classes(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	enum reading_class c = r->class;

	if (is_instruction_abort(c)) {
		reading_instruction_abort(r, f, esr);
	} else if (is_data_abort(c)) {
		reading_data_abort(r, f, esr);
	} else if (c == READING_GPC) {
		reading_gpc(r, f, esr);
	} else if (c == READING_PC_ALIGNMENT) {
		r->far_valid = true;
	} else if (c == READING_PAC_FAIL) {
		r->data_key = bit(esr, 1);
		r->key_b = bit(esr, 0);
	} else if (c == READING_MOPS) {
		read_mops(r, esr);
	} else if (c == READING_FP_EXCEPTION32 || c == READING_FP_EXCEPTION64) {
		read_fp_exception(r, esr);
	} else if (c == READING_GCS) {
		read_gcs(r, esr);
	} else if (c == READING_SERROR) {
		reading_serror(r, f, esr);
	} else if (is_breakpoint(c)) {
		reading_debug_status(r, esr);
	} else if (is_step(c)) {
		reading_step(r, esr);
	} else if (is_watchpoint(c)) {
		reading_watchpoint(r, f, esr);
	} else if (c == READING_PROFILING) {
		read_profiling(r, f, esr);
	}
}

struct reading reading_of(const struct reading_features *f, bool from_aarch32, uint64_t esr,
			  uint64_t far, uint64_t hpfar)
{
	struct reading r = {.class = class_of(f, bits(esr, 31, 26))};

	r.from_aarch32_only = only_from_aarch32(r.class);
	r.from_aarch64_only = only_from_aarch64(r.class);
	read_length(&r, esr);
	read_instruction_classes(&r, f, esr);
	read_other_classes(&r, f, esr);
	/* An A64 instruction has no condition: CV is 1 and COND says always. */
	if (!from_aarch32 && !r.from_aarch32_only &&
	    (r.class == READING_WF || r.class == READING_FP)) {
		r.condition.valid = true;
		r.condition.code = 14;
	}
	if (r.far_valid)
		r.far = far;
	reading_find_ipa(&r, far, hpfar);
	return r;
}
