/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every syndrome against a second reading of the register descriptions (tests/model/reading.c),
 * which shares nothing with the decoder and with the model of trap_decode.c.
 *
 * Strata of all scales: every class with IL and both Execution states, crossed with all status
 * codes and every one- and two-bit pattern of the other ISS bits; every ISS of up to three bits;
 * every one- and two-bit pattern of ISS2 for the classes that have one. Then random syndromes,
 * 2^20 (quick) or 2^26, and 2^20 or 2^24 of the classes with an ISS2. Long takes all 2^32 values
 * of ESR_EL2[31:0] instead, and 10^8 random ISS2.
 * ARMVIRT_TEST_SEED chooses the random parts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/exit.h>

#include "reading.h"

#define DISTINCT 64

static uint64_t state, compared, disagreements;
static struct reading_features every, without_ras, without_rasv2;
static struct {
	const char *what;
	unsigned ec;
} seen[DISTINCT];
static unsigned seen_count;

static inline uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Prints the first of a kind: one line for a field of a class. */
static void disagree(const struct armvirt_exit_regs *r, const char *what, uint64_t library,
		     uint64_t reading)
{
	unsigned ec = r->esr >> 26 & 0x3f;

	disagreements++;
	for (unsigned i = 0; i < seen_count; i++) {
		if (seen[i].what == what && seen[i].ec == ec)
			return;
	}
	if (seen_count == DISTINCT)
		return;
	seen[seen_count].what = what;
	seen[seen_count++].ec = ec;
	printf("esr %#llx far %#llx hpfar %#llx pstate %#llx (EC %#x, ISS %#llx): %s is %#llx, "
	       "read as %#llx\n",
	       (unsigned long long)r->esr, (unsigned long long)r->far, (unsigned long long)r->hpfar,
	       (unsigned long long)r->pstate, ec, (unsigned long long)(r->esr & 0x1ffffff), what,
	       (unsigned long long)library, (unsigned long long)reading);
}

#define SAME(what, library, reading)                               \
	do {                                                       \
		uint64_t in_library = (uint64_t)(library);         \
		uint64_t in_reading = (uint64_t)(reading);         \
		if (in_library != in_reading)                      \
			disagree(r, what, in_library, in_reading); \
	} while (0)

static enum armvirt_exit_kind kind_of(enum reading_class class)
{
	switch (class) {
	case READING_UNKNOWN:
		return ARMVIRT_EXIT_UNKNOWN;
	case READING_WF:
		return ARMVIRT_EXIT_WFX;
	case READING_MCR_CP15:
		return ARMVIRT_EXIT_CP15;
	case READING_MCRR_CP15:
		return ARMVIRT_EXIT_CP15_64;
	case READING_MCR_CP14:
		return ARMVIRT_EXIT_CP14;
	case READING_LDC_CP14:
		return ARMVIRT_EXIT_CP14_LDST;
	case READING_FP:
		return ARMVIRT_EXIT_FP;
	case READING_VMRS:
		return ARMVIRT_EXIT_CP10;
	case READING_PAUTH:
		return ARMVIRT_EXIT_PAUTH;
	case READING_OTHER:
		return ARMVIRT_EXIT_LS64;
	case READING_MRRC_CP14:
		return ARMVIRT_EXIT_CP14_64;
	case READING_BTI:
		return ARMVIRT_EXIT_BTI;
	case READING_ILLEGAL:
		return ARMVIRT_EXIT_ILLEGAL;
	case READING_SVC32:
	case READING_SVC64:
		return ARMVIRT_EXIT_SVC;
	case READING_HVC32:
	case READING_HVC64:
		return ARMVIRT_EXIT_HVC;
	case READING_SMC32:
	case READING_SMC64:
		return ARMVIRT_EXIT_SMC;
	case READING_MSRR:
		return ARMVIRT_EXIT_SYSREG128;
	case READING_MSR:
		return ARMVIRT_EXIT_SYSREG;
	case READING_SVE:
		return ARMVIRT_EXIT_SVE;
	case READING_ERET:
		return ARMVIRT_EXIT_ERET;
	case READING_TSTART:
		return ARMVIRT_EXIT_TSTART;
	case READING_PAC_FAIL:
		return ARMVIRT_EXIT_PACFAIL;
	case READING_SME:
		return ARMVIRT_EXIT_SME;
	case READING_GPC:
		return ARMVIRT_EXIT_GPC;
	case READING_IMPDEF:
		return ARMVIRT_EXIT_IMPDEF;
	case READING_INSTRUCTION_LOWER:
		return ARMVIRT_EXIT_IABT;
	case READING_INSTRUCTION_SAME:
		return ARMVIRT_EXIT_IABT_SAME;
	case READING_PC_ALIGNMENT:
		return ARMVIRT_EXIT_PC_ALIGN;
	case READING_DATA_LOWER:
		return ARMVIRT_EXIT_DABT;
	case READING_DATA_SAME:
		return ARMVIRT_EXIT_DABT_SAME;
	case READING_SP_ALIGNMENT:
		return ARMVIRT_EXIT_SP_ALIGN;
	case READING_MOPS:
		return ARMVIRT_EXIT_MOPS;
	case READING_FP_EXCEPTION32:
	case READING_FP_EXCEPTION64:
		return ARMVIRT_EXIT_FP_EXC;
	case READING_GCS:
		return ARMVIRT_EXIT_GCS;
	case READING_SERROR:
		return ARMVIRT_EXIT_SERROR;
	case READING_BREAKPOINT_LOWER:
	case READING_BREAKPOINT_SAME:
		return ARMVIRT_EXIT_BREAKPOINT;
	case READING_STEP_LOWER:
	case READING_STEP_SAME:
		return ARMVIRT_EXIT_STEP;
	case READING_WATCHPOINT_LOWER:
	case READING_WATCHPOINT_SAME:
		return ARMVIRT_EXIT_WATCHPOINT;
	case READING_BKPT32:
	case READING_BRK64:
		return ARMVIRT_EXIT_BKPT;
	case READING_VECTOR_CATCH:
		return ARMVIRT_EXIT_VECTOR;
	case READING_PROFILING:
		return ARMVIRT_EXIT_PROFILING;
	case READING_RESERVED:
		break;
	}
	return ARMVIRT_EXIT_RESERVED;
}

static enum armvirt_fault fault_of(enum reading_fault fault)
{
	switch (fault) {
	case READING_FAULT_ADDRESS_SIZE:
		return ARMVIRT_FAULT_ADDRESS_SIZE;
	case READING_FAULT_TRANSLATION:
		return ARMVIRT_FAULT_TRANSLATION;
	case READING_FAULT_ACCESS_FLAG:
		return ARMVIRT_FAULT_ACCESS_FLAG;
	case READING_FAULT_PERMISSION:
		return ARMVIRT_FAULT_PERMISSION;
	case READING_FAULT_EXTERNAL:
		return ARMVIRT_FAULT_EXTERNAL;
	case READING_FAULT_EXTERNAL_WALK:
		return ARMVIRT_FAULT_EXTERNAL_WALK;
	case READING_FAULT_TAG_CHECK:
		return ARMVIRT_FAULT_TAG_CHECK;
	case READING_FAULT_PARITY:
		return ARMVIRT_FAULT_PARITY;
	case READING_FAULT_PARITY_WALK:
		return ARMVIRT_FAULT_PARITY_WALK;
	case READING_FAULT_ALIGNMENT:
		return ARMVIRT_FAULT_ALIGNMENT;
	case READING_FAULT_GPF:
		return ARMVIRT_FAULT_GPF;
	case READING_FAULT_GPF_WALK:
		return ARMVIRT_FAULT_GPF_WALK;
	case READING_FAULT_TLB_CONFLICT:
		return ARMVIRT_FAULT_TLB_CONFLICT;
	case READING_FAULT_ATOMIC_UPDATE:
		return ARMVIRT_FAULT_HW_UPDATE;
	case READING_FAULT_LOCKDOWN:
		return ARMVIRT_FAULT_LOCKDOWN;
	case READING_FAULT_EXCLUSIVE:
		return ARMVIRT_FAULT_EXCLUSIVE;
	case READING_FAULT_DEBUG:
		return ARMVIRT_FAULT_DEBUG;
	case READING_FAULT_RESERVED:
		break;
	}
	return ARMVIRT_FAULT_RESERVED;
}

static enum armvirt_ras ras_of(enum reading_error error)
{
	switch (error) {
	case READING_ERROR_UNCONTAINABLE:
		return ARMVIRT_RAS_UNCONTAINABLE;
	case READING_ERROR_UNRECOVERABLE:
		return ARMVIRT_RAS_UNRECOVERABLE;
	case READING_ERROR_RESTARTABLE:
		return ARMVIRT_RAS_RESTARTABLE;
	case READING_ERROR_RECOVERABLE:
		return ARMVIRT_RAS_RECOVERABLE;
	case READING_ERROR_CORRECTED:
		return ARMVIRT_RAS_CORRECTED;
	case READING_ERROR_RESERVED:
		break;
	}
	return ARMVIRT_RAS_UNKNOWN;
}

/* The library asks for no features: a code that some processor gives a meaning has it. */
static const struct reading_features *features_for(uint64_t esr)
{
	unsigned ec = esr >> 26 & 0x3f, fsc = esr & 0x3f;

	if (ec != 0x20 && ec != 0x21 && ec != 0x24 && ec != 0x25)
		return &every;
	if (fsc >= 0x18 && fsc <= 0x1f)
		return &without_ras;
	if (fsc == 0x10 && (esr >> 11 & 3) == 2)
		return &without_rasv2;
	return &every;
}

static uint64_t flag(bool value, uint64_t mask)
{
	return value ? mask : 0;
}

static uint64_t flags_of(const struct reading *m)
{
	const struct reading_abort *a = &m->abort;

	return flag(a->write, ARMVIRT_ABORT_WRITE) | flag(a->stage1_walk, ARMVIRT_ABORT_S1PTW) |
	       flag(a->maintenance, ARMVIRT_ABORT_CM) | flag(a->external_type, ARMVIRT_ABORT_EA) |
	       flag(!m->far_valid, ARMVIRT_ABORT_FNV) | flag(a->vncr, ARMVIRT_ABORT_VNCR) |
	       flag(a->acquire, ARMVIRT_ABORT_AR) | flag(a->pfar_valid, ARMVIRT_ABORT_PFV) |
	       flag(a->wide, ARMVIRT_ABORT_SF) | flag(a->far_imprecise, ARMVIRT_ABORT_FNP) |
	       flag(a->sign, ARMVIRT_ABORT_SSE) | flag(a->top_level, ARMVIRT_ABORT_TOPLEVEL) |
	       flag(a->isv, ARMVIRT_ABORT_ISV) | flag(a->dirty, ARMVIRT_ABORT_DIRTY) |
	       flag(a->overlay, ARMVIRT_ABORT_OVERLAY) |
	       flag(a->assured_only, ARMVIRT_ABORT_ASSURED_ONLY) | flag(a->gcs, ARMVIRT_ABORT_GCS) |
	       flag(a->tag_access, ARMVIRT_ABORT_TAG_ACCESS) |
	       flag(a->tag_not_data, ARMVIRT_ABORT_TND) | flag(a->hdbss, ARMVIRT_ABORT_HDBSS);
}

static void same_status(const struct armvirt_abort *a, const struct reading *m,
			const struct armvirt_exit_regs *r)
{
	SAME("fault", a->fault, fault_of(m->abort.fault));
	SAME("level", a->level, m->abort.level_valid ? m->abort.level : ARMVIRT_FAULT_NO_LEVEL);
	SAME("status", a->status, r->esr & 0x3f);
}

static void same_abort(const struct armvirt_exit *e, const struct reading *m,
		       const struct armvirt_exit_regs *r)
{
	const struct armvirt_abort *a = &e->u.abort;

	same_status(a, m, r);
	SAME("flags", a->flags, flags_of(m));
	SAME("va", a->va, m->far);
	SAME("ipa", a->ipa, m->ipa);
	SAME("ipa_source", a->ipa_source,
	     m->ipa_source == READING_IPA_NONE   ? ARMVIRT_IPA_NONE
	     : m->ipa_source == READING_IPA_WALK ? ARMVIRT_IPA_TRANSLATE
	     : m->ipa_has_offset                 ? ARMVIRT_IPA_EXACT
						 : ARMVIRT_IPA_DESCRIPTOR);
	SAME("bytes", a->bytes, m->abort.bytes);
	SAME("reg", a->reg, m->abort.isv ? m->abort.register_number : 0xff);
	SAME("ras", a->ras, m->abort.error_valid ? ras_of(m->abort.error) : 0);
	SAME("gpcsc", a->gpcsc, 0);
}

static void same_gpc(const struct armvirt_exit *e, const struct reading *m,
		     const struct armvirt_exit_regs *r)
{
	const struct armvirt_abort *a = &e->u.abort;
	bool gpf = m->abort.fault == READING_FAULT_GPF || m->abort.fault == READING_FAULT_GPF_WALK;

	SAME("fault", a->fault, gpf ? fault_of(m->abort.fault) : ARMVIRT_FAULT_GPT);
	SAME("flags", a->flags, flags_of(m));
	SAME("va", a->va, m->far);
	SAME("gpcsc", a->gpcsc, m->gpc.status);
	SAME("ipa_source", a->ipa_source,
	     m->abort.stage1_walk ? ARMVIRT_IPA_DESCRIPTOR : ARMVIRT_IPA_NONE);
}

static void same_watchpoint(const struct armvirt_exit *e, const struct reading *m,
			    const struct armvirt_exit_regs *r)
{
	const struct armvirt_abort *a = &e->u.abort;
	const struct reading_watchpoint *w = &m->watchpoint;

	SAME("fault", a->fault, ARMVIRT_FAULT_DEBUG);
	SAME("flags", a->flags,
	     flag(w->write, ARMVIRT_ABORT_WRITE) | flag(w->maintenance, ARMVIRT_ABORT_CM) |
		     flag(!m->far_valid, ARMVIRT_ABORT_FNV) | flag(w->vncr, ARMVIRT_ABORT_VNCR) |
		     flag(w->far_imprecise, ARMVIRT_ABORT_FNP) | flag(w->gcs, ARMVIRT_ABORT_GCS));
	SAME("va", a->va, m->far);
	SAME("reg", a->reg, w->number_valid ? w->number : 0xff);
	SAME("ipa_source", a->ipa_source, ARMVIRT_IPA_NONE);
}

static uint32_t space_of(enum reading_class class)
{
	switch (class) {
	case READING_MCR_CP15:
		return ARMVIRT_SYSREG_CP15;
	case READING_MCRR_CP15:
		return ARMVIRT_SYSREG_CP15_64;
	case READING_MCR_CP14:
		return ARMVIRT_SYSREG_CP14;
	case READING_MRRC_CP14:
		return ARMVIRT_SYSREG_CP14_64;
	case READING_VMRS:
		return ARMVIRT_SYSREG_CP10;
	case READING_MSRR:
		return ARMVIRT_SYSREG_A64_128;
	default:
		return ARMVIRT_SYSREG_A64;
	}
}

static void same_register(const struct armvirt_exit *e, const struct reading *m,
			  const struct armvirt_exit_regs *r)
{
	const struct armvirt_sysreg_access *s = &e->u.sysreg;
	const struct reading_encoding *n = &m->encoding;
	bool pair = m->class == READING_MCRR_CP15 || m->class == READING_MRRC_CP14 ||
		    m->class == READING_MSRR;

	SAME("key", s->key,
	     space_of(m->class) + (n->op0 * 16384) + n->op1 * 2048 + n->crn * 128 + n->crm * 8 +
		     n->op2);
	SAME("rt", s->rt, n->rt);
	SAME("rt2", s->rt2, pair ? n->rt2 : 31);
	SAME("read", s->read, n->read);
}

static void same_ldc(const struct armvirt_exit *e, const struct reading *m,
		     const struct armvirt_exit_regs *r)
{
	const struct armvirt_ldc_access *l = &e->u.ldc;
	const struct reading_transfer *t = &m->transfer;

	SAME("offset", l->offset, 4 * t->immediate);
	if (t->base_valid)
		SAME("rn", l->rn, t->base);
	SAME("mode", l->mode, 4 * t->literal + 2 * t->pre + t->writeback);
	SAME("add", l->add, t->add);
	SAME("read", l->read, t->load);
}

static void same_gcs(const struct armvirt_exit *e, const struct reading *m,
		     const struct armvirt_exit_regs *r)
{
	SAME("type", e->u.gcs.type, m->code);
	SAME("instruction", e->u.gcs.instruction, m->gcs_instruction);
	if (!m->gcs_instruction_reserved)
		SAME("reg", e->u.gcs.reg, m->gcs_register_valid ? m->gcs_register : 0xff);
	SAME("address", e->u.gcs.address, m->code == 2 ? m->gcs_address : 0xff);
}

static void same_serror(const struct armvirt_exit *e, const struct reading *m,
			const struct armvirt_exit_regs *r)
{
	SAME("impdef", e->u.serror.impdef, m->serror.impdef);
	SAME("ras", e->u.serror.ras,
	     m->serror.detailed ? ras_of(m->serror.error) : ARMVIRT_RAS_UNKNOWN);
	SAME("iss", e->u.serror.iss, r->esr & 0x1ffffff);
}

static void same_mops(const struct armvirt_exit *e, const struct reading *m,
		      const struct armvirt_exit_regs *r)
{
	SAME("iss", e->u.mops.iss, r->esr & 0x1ffffff);
	SAME("dest", e->u.mops.dest, m->mops.destination);
	SAME("src", e->u.mops.src, m->mops.source);
	SAME("size", e->u.mops.size, m->mops.size);
}

/* The kinds whose detail is one number. */
static uint32_t code_of(const struct reading *m)
{
	switch (m->class) {
	case READING_ERET:
		return m->eret_authenticated ? 1 + m->eret_key_b : 0;
	case READING_TSTART:
		return m->tstart_register;
	case READING_PAC_FAIL:
		return 2 * m->data_key + m->key_b;
	case READING_FP_EXCEPTION32:
	case READING_FP_EXCEPTION64:
		return m->fp_flags_valid ? UINT32_C(1) << 31 | (uint32_t)m->fp_invalid |
						   (uint32_t)m->fp_divide << 1 |
						   (uint32_t)m->fp_overflow << 2 |
						   (uint32_t)m->fp_underflow << 3 |
						   (uint32_t)m->fp_inexact << 4 |
						   (uint32_t)m->fp_input_denormal << 7
					 : 0;
	case READING_STEP_LOWER:
	case READING_STEP_SAME:
		return m->step_valid ? UINT32_C(1) << 31 | m->step_exclusive : 0;
	case READING_BKPT32:
	case READING_BRK64:
		return m->immediate;
	case READING_PROFILING:
		return 2 * m->code + m->profiling_synchronous;
	default:
		return m->code;
	}
}

static void same_details(const struct armvirt_exit *e, const struct reading *m,
			 const struct armvirt_exit_regs *r)
{
	switch (e->kind) {
	case ARMVIRT_EXIT_IABT:
	case ARMVIRT_EXIT_IABT_SAME:
	case ARMVIRT_EXIT_DABT:
	case ARMVIRT_EXIT_DABT_SAME:
		same_abort(e, m, r);
		break;
	case ARMVIRT_EXIT_GPC:
		same_gpc(e, m, r);
		break;
	case ARMVIRT_EXIT_WATCHPOINT:
		same_watchpoint(e, m, r);
		break;
	case ARMVIRT_EXIT_CP15:
	case ARMVIRT_EXIT_CP15_64:
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP14_64:
	case ARMVIRT_EXIT_CP10:
	case ARMVIRT_EXIT_SYSREG128:
	case ARMVIRT_EXIT_SYSREG:
		same_register(e, m, r);
		break;
	case ARMVIRT_EXIT_CP14_LDST:
		same_ldc(e, m, r);
		break;
	case ARMVIRT_EXIT_SVC:
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SMC:
		SAME("imm", e->u.call.imm, m->immediate);
		break;
	case ARMVIRT_EXIT_WFX:
		SAME("event", e->u.wfx.event, m->wf % 2);
		SAME("timeout", e->u.wfx.timeout, m->wf >= 2);
		SAME("wfx reg", e->u.wfx.reg, m->wf_register_valid ? m->wf_register : 0xff);
		break;
	case ARMVIRT_EXIT_MOPS:
		same_mops(e, m, r);
		break;
	case ARMVIRT_EXIT_GCS:
		same_gcs(e, m, r);
		break;
	case ARMVIRT_EXIT_SERROR:
		same_serror(e, m, r);
		break;
	case ARMVIRT_EXIT_PC_ALIGN:
		SAME("va", e->u.va, m->far);
		break;
	case ARMVIRT_EXIT_LS64:
	case ARMVIRT_EXIT_BTI:
	case ARMVIRT_EXIT_ERET:
	case ARMVIRT_EXIT_TSTART:
	case ARMVIRT_EXIT_PACFAIL:
	case ARMVIRT_EXIT_SME:
	case ARMVIRT_EXIT_FP_EXC:
	case ARMVIRT_EXIT_STEP:
	case ARMVIRT_EXIT_BKPT:
	case ARMVIRT_EXIT_PROFILING:
		SAME("code", e->u.code, code_of(m));
		break;
	default:
		break;
	}
}

/* An instruction of AArch32 that the classes report whether or not its condition passes. */
static bool is_conditional(const struct reading *m)
{
	return m->class == READING_WF || m->class == READING_FP || m->class == READING_MCR_CP15 ||
	       m->class == READING_MCRR_CP15 || m->class == READING_MCR_CP14 ||
	       m->class == READING_LDC_CP14 || m->class == READING_VMRS ||
	       m->class == READING_MRRC_CP14 || m->smc_may_fail_condition;
}

static void same_instruction(const struct armvirt_exit *e, const struct reading *m, bool aarch32,
			     const struct armvirt_exit_regs *r)
{
	if (!aarch32)
		SAME("insn_bytes", e->insn_bytes, 4);
	else if (m->length_valid)
		SAME("insn_bytes", e->insn_bytes, m->length);
	else if (r->esr >> 25 & 1)
		SAME("insn_bytes", e->insn_bytes, 4);
	SAME("cond", e->cond,
	     !is_conditional(m)   ? ARMVIRT_COND_ALWAYS
	     : m->condition.valid ? m->condition.code
				  : ARMVIRT_COND_BY_IT);
}

static void compare(const struct armvirt_exit_regs *r)
{
	bool aarch32 = (r->pstate & 0x10) != 0;
	struct armvirt_exit e;
	struct reading m;

	m = reading_of(features_for(r->esr), aarch32, r->esr, r->far, r->hpfar);
	if (m.from_aarch32_only != aarch32 && (m.from_aarch32_only || m.from_aarch64_only))
		return; /* the class and PSTATE contradict each other */
	compared++;
	armvirt_exit_decode(&e, r);
	SAME("kind", e.kind, kind_of(m.class));
	SAME("ec", e.ec, r->esr >> 26 & 0x3f);
	SAME("esr", e.esr, r->esr);
	SAME("aarch32", e.aarch32, aarch32);
	same_instruction(&e, &m, aarch32, r);
	if (e.kind == kind_of(m.class))
		same_details(&e, &m, r);
}

/* One syndrome with random addresses, from both Execution states. */
static void compare_esr(uint64_t esr)
{
	uint64_t random = next();
	struct armvirt_exit_regs r = {
		.esr = esr,
		.far = random * 0x9e3779b97f4a7c15,
		.hpfar = ~random ^ random >> 17,
		.pstate = (random >> 24 & 0xffffffe0) | 5,
	};

	compare(&r);
	r.pstate ^= 0x16; /* EL1h, Supervisor mode */
	compare(&r);
}

/* All classes and IL, with one ISS. */
static void compare_classes(uint64_t iss)
{
	for (uint64_t top = 0; top < 128; top++)
		compare_esr(top << 25 | iss);
}

static void strata_iss(void)
{
	for (uint64_t fsc = 0; fsc < 64; fsc++) {
		for (unsigned i = 6; i < 26; i++) {
			for (unsigned j = i; j < 26; j++) {
				uint64_t pair = (UINT64_C(1) << i | UINT64_C(1) << j) & 0x1ffffff;

				compare_classes(pair | fsc);
			}
		}
	}
	for (unsigned i = 0; i < 25; i++) {
		for (unsigned j = 0; j <= i; j++) {
			for (unsigned k = 0; k <= j; k++) {
				uint64_t three =
					UINT64_C(1) << i | UINT64_C(1) << j | UINT64_C(1) << k;

				compare_classes(three);
				compare_classes(0x1ffffff & ~three);
			}
		}
	}
}

/* The classes with an ISS2: aborts and watchpoints. ISV, VNCR and S1PTW vary with it. */
static void strata_iss2(void)
{
	for (uint64_t low = 0; low < 64 * 8 * 128; low++) {
		uint64_t ec = low >> 10;
		uint64_t base = low & 0x3f;

		if ((ec & ~UINT64_C(0x35)) != 0 || ec < 0x20)
			continue;
		base |= ec << 26 | UINT64_C(1) << 25;
		base |= (low >> 6 & 1) << 24 | (low >> 7 & 1) << 13 | (low >> 8 & 1) << 7 |
			(low >> 9 & 1) << 11;
		for (unsigned i = 32; i < 64; i++) {
			for (unsigned j = i; j < 64; j++)
				compare_esr(base | UINT64_C(1) << i | UINT64_C(1) << j);
		}
	}
}

static void random_esrs(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		compare_esr(next());
}

/* Aborts and watchpoints, all of ISS and ISS2 random. */
static void random_iss2(uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t random = next();

		compare_esr((random & ~(UINT64_C(0x3f) << 26)) |
			    (UINT64_C(0x20) | (random >> 26 & 0x15)) << 26);
	}
}

static void every_esr(void)
{
	for (uint64_t low = 0; low <= UINT32_MAX; low++)
		compare_esr(low | next() << 32);
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	bool is_long = scale && strcmp(scale, "long") == 0;
	bool is_quick = !scale || strcmp(scale, "quick") == 0;

	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%llu, scale %s\n", (unsigned long long)state,
	       is_long    ? "long"
	       : is_quick ? "quick"
			  : "full");
	every = without_ras = without_rasv2 = reading_all_features();
	without_ras.ras = without_ras.rasv2 = without_rasv2.rasv2 = false;

	strata_iss();
	strata_iss2();
	if (is_long)
		every_esr();
	else
		random_esrs(is_quick ? UINT64_C(1) << 20 : UINT64_C(1) << 26);
	random_iss2(is_long    ? UINT64_C(100000000)
		    : is_quick ? UINT64_C(1) << 20
			       : UINT64_C(1) << 24);
	printf("%llu exits compared, %llu disagreements\n", (unsigned long long)compared,
	       (unsigned long long)disagreements);
	return disagreements != 0;
}
