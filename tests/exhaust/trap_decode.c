/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every syndrome: 64 classes, IL, 2^25 ISS, with random ISS2, FAR, HPFAR and PSTATE, decoded by
 * the library and by tests/model, compared field by field.
 *
 * ARMVIRT_TEST_SCALE=quick takes every 61st value; full and long take all (long: three times,
 * with other random parts). ARMVIRT_TEST_SEED chooses the random parts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/exit.h>

#include "decode.h"

static uint64_t state;

static inline uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

#define FAIL(what)                                                                         \
	do {                                                                               \
		printf("esr %#llx far %#llx hpfar %#llx pstate %#llx: %s differs\n",       \
		       (unsigned long long)r->esr, (unsigned long long)r->far,             \
		       (unsigned long long)r->hpfar, (unsigned long long)r->pstate, what); \
		return false;                                                              \
	} while (0)
#define SAME(a, b)                \
	do {                      \
		if ((a) != (b))   \
			FAIL(#a); \
	} while (0)

static const uint8_t fault_of[] = {
	[MODEL_F_RESERVED] = ARMVIRT_FAULT_RESERVED,
	[MODEL_F_ADDRESS_SIZE] = ARMVIRT_FAULT_ADDRESS_SIZE,
	[MODEL_F_TRANSLATION] = ARMVIRT_FAULT_TRANSLATION,
	[MODEL_F_ACCESS_FLAG] = ARMVIRT_FAULT_ACCESS_FLAG,
	[MODEL_F_PERMISSION] = ARMVIRT_FAULT_PERMISSION,
	[MODEL_F_EXTERNAL] = ARMVIRT_FAULT_EXTERNAL,
	[MODEL_F_EXTERNAL_WALK] = ARMVIRT_FAULT_EXTERNAL_WALK,
	[MODEL_F_TAG_CHECK] = ARMVIRT_FAULT_TAG_CHECK,
	[MODEL_F_PARITY] = ARMVIRT_FAULT_PARITY,
	[MODEL_F_PARITY_WALK] = ARMVIRT_FAULT_PARITY_WALK,
	[MODEL_F_ALIGNMENT] = ARMVIRT_FAULT_ALIGNMENT,
	[MODEL_F_GPF] = ARMVIRT_FAULT_GPF,
	[MODEL_F_GPF_WALK] = ARMVIRT_FAULT_GPF_WALK,
	[MODEL_F_TLB_CONFLICT] = ARMVIRT_FAULT_TLB_CONFLICT,
	[MODEL_F_HW_UPDATE] = ARMVIRT_FAULT_HW_UPDATE,
	[MODEL_F_LOCKDOWN] = ARMVIRT_FAULT_LOCKDOWN,
	[MODEL_F_EXCLUSIVE] = ARMVIRT_FAULT_EXCLUSIVE,
};

/* Kinds by class, from the list of exception classes. */
static enum armvirt_exit_kind kind_of(unsigned ec)
{
	switch (model_layout(ec)) {
	case MODEL_WFX:
		return ARMVIRT_EXIT_WFX;
	case MODEL_MCR:
		return ec == 3   ? ARMVIRT_EXIT_CP15
		       : ec == 5 ? ARMVIRT_EXIT_CP14
				 : ARMVIRT_EXIT_CP10;
	case MODEL_MCRR:
		return ec == 4 ? ARMVIRT_EXIT_CP15_64 : ARMVIRT_EXIT_CP14_64;
	case MODEL_LDC:
		return ARMVIRT_EXIT_CP14_LDST;
	case MODEL_FP:
		return ARMVIRT_EXIT_FP;
	case MODEL_OTHER:
		return ARMVIRT_EXIT_LS64;
	case MODEL_BTI:
		return ARMVIRT_EXIT_BTI;
	case MODEL_SVC_HVC:
		return ec & 2 || ec == 0x16 ? ARMVIRT_EXIT_HVC : ARMVIRT_EXIT_SVC;
	case MODEL_SMC32:
	case MODEL_SMC64:
		return ARMVIRT_EXIT_SMC;
	case MODEL_MSRR:
		return ARMVIRT_EXIT_SYSREG128;
	case MODEL_MSR:
		return ARMVIRT_EXIT_SYSREG;
	case MODEL_ERET:
		return ARMVIRT_EXIT_ERET;
	case MODEL_TSTART:
		return ARMVIRT_EXIT_TSTART;
	case MODEL_PACFAIL:
		return ARMVIRT_EXIT_PACFAIL;
	case MODEL_SME:
		return ARMVIRT_EXIT_SME;
	case MODEL_GPC:
		return ARMVIRT_EXIT_GPC;
	case MODEL_IABT:
		return ec & 1 ? ARMVIRT_EXIT_IABT_SAME : ARMVIRT_EXIT_IABT;
	case MODEL_DABT:
		return ec & 1 ? ARMVIRT_EXIT_DABT_SAME : ARMVIRT_EXIT_DABT;
	case MODEL_MOPS:
		return ARMVIRT_EXIT_MOPS;
	case MODEL_FPEXC:
		return ARMVIRT_EXIT_FP_EXC;
	case MODEL_GCS:
		return ARMVIRT_EXIT_GCS;
	case MODEL_SERROR:
		return ARMVIRT_EXIT_SERROR;
	case MODEL_BREAKPOINT:
		return ec == 0x3a ? ARMVIRT_EXIT_VECTOR : ARMVIRT_EXIT_BREAKPOINT;
	case MODEL_STEP:
		return ARMVIRT_EXIT_STEP;
	case MODEL_WATCHPOINT:
		return ARMVIRT_EXIT_WATCHPOINT;
	case MODEL_BRK:
		return ARMVIRT_EXIT_BKPT;
	case MODEL_PROFILING:
		return ARMVIRT_EXIT_PROFILING;
	case MODEL_NONE:
		return ec == 0x00   ? ARMVIRT_EXIT_UNKNOWN
		       : ec == 0x09 ? ARMVIRT_EXIT_PAUTH
		       : ec == 0x0e ? ARMVIRT_EXIT_ILLEGAL
		       : ec == 0x19 ? ARMVIRT_EXIT_SVE
		       : ec == 0x1f ? ARMVIRT_EXIT_IMPDEF
		       : ec == 0x22 ? ARMVIRT_EXIT_PC_ALIGN
				    : ARMVIRT_EXIT_SP_ALIGN;
	default:
		return ARMVIRT_EXIT_RESERVED;
	}
}

static uint64_t abort_flags(const struct model_abort *m)
{
	return (uint64_t)m->wnr << 6 | (uint64_t)m->s1ptw << 7 | (uint64_t)m->cm << 8 |
	       (uint64_t)m->ea << 9 | (uint64_t)m->fnv << 10 | (uint64_t)m->vncr << 13 |
	       (uint64_t)(m->ar || m->pfv) << 14 | (uint64_t)(m->sf || m->fnp) << 15 |
	       (uint64_t)(m->sse || m->toplevel) << 21 | (uint64_t)m->isv << 24 |
	       (uint64_t)m->dirty << 37 | (uint64_t)m->overlay << 38 |
	       (uint64_t)m->assured_only << 39 | (uint64_t)m->gcs << 40 |
	       (uint64_t)m->tag_access << 41 | (uint64_t)m->tnd << 42 | (uint64_t)m->hdbss << 43;
}

static bool same_abort(const struct armvirt_exit *e, const struct armvirt_exit_regs *r)
{
	static const uint8_t ras_of[] = {ARMVIRT_RAS_UNKNOWN, ARMVIRT_RAS_RECOVERABLE,
					 ARMVIRT_RAS_UNKNOWN, ARMVIRT_RAS_UNCONTAINABLE,
					 ARMVIRT_RAS_RESTARTABLE};
	const struct armvirt_abort *a = &e->u.abort;
	struct model_abort m;

	model_abort(&m, r->esr, r->far, r->hpfar);
	SAME(a->flags, abort_flags(&m));
	SAME(a->va, m.va);
	SAME(a->ipa, m.ipa);
	SAME((int)a->ipa_source, (int)m.ipa_from); /* the same order */
	SAME((unsigned)a->fault, fault_of[m.fault]);
	SAME(a->level, m.level);
	SAME(a->status, r->esr & 0x3f);
	SAME(a->bytes, m.bytes);
	SAME(a->reg, m.isv ? m.srt : 0xff);
	SAME(a->ras, ras_of[m.set]);
	SAME(a->gpcsc, 0);
	return true;
}

static bool same_register(const struct armvirt_exit *e, const struct armvirt_exit_regs *r,
			  const struct model_fields *m)
{
	static const uint32_t space_of[64] = {
		[0x03] = 1, [0x04] = 2, [0x05] = 3, [0x0c] = 4, [0x08] = 5, [0x14] = 6};
	const struct armvirt_sysreg_access *s = &e->u.sysreg;

	SAME(s->key, space_of[e->ec] << 16 | m->op0 << 14 | m->op1 << 11 | m->crn << 7 |
			     m->crm << 3 | m->op2);
	SAME(s->rt, m->rt);
	SAME(s->rt2, m->rt2);
	SAME(s->read, m->read);
	return true;
}

static bool same_serror(const struct armvirt_exit *e, const struct armvirt_exit_regs *r,
			const struct model_fields *m)
{
	static const uint8_t ras_of[] = {
		ARMVIRT_RAS_UNKNOWN,     ARMVIRT_RAS_UNCONTAINABLE, ARMVIRT_RAS_UNRECOVERABLE,
		ARMVIRT_RAS_RESTARTABLE, ARMVIRT_RAS_RECOVERABLE,   ARMVIRT_RAS_UNKNOWN,
		ARMVIRT_RAS_UNKNOWN,     ARMVIRT_RAS_CORRECTED,     ARMVIRT_RAS_UNKNOWN};

	SAME(e->u.serror.iss, (uint32_t)(r->esr & 0x1ffffff));
	SAME(e->u.serror.impdef, (bool)m->a);
	SAME((unsigned)e->u.serror.ras, ras_of[m->b]);
	return true;
}

static bool same_watchpoint(const struct armvirt_exit *e, const struct armvirt_exit_regs *r,
			    const struct model_fields *m)
{
	const struct armvirt_abort *a = &e->u.abort;

	SAME(a->reg, m->a);
	SAME(a->flags, (uint64_t)m->b << 15 | (uint64_t)m->c << 13 | (uint64_t)(m->d & 1) << 10 |
			       (uint64_t)(m->d >> 1 & 1) << 8 | (uint64_t)(m->d >> 2 & 1) << 6 |
			       (uint64_t)(m->d >> 3) << 40);
	SAME(a->va, m->d & 1 ? 0 : r->far);
	SAME((int)a->fault, ARMVIRT_FAULT_DEBUG);
	SAME((int)a->ipa_source, ARMVIRT_IPA_NONE);
	return true;
}

static bool same_gpc(const struct armvirt_exit *e, const struct armvirt_exit_regs *r,
		     const struct model_fields *m)
{
	const struct armvirt_abort *a = &e->u.abort;
	int level;
	enum model_fault fault = model_fault(r->esr & 0x3f, &level);

	SAME(a->gpcsc, m->a);
	SAME(a->flags, (uint64_t)m->b << 13 | (uint64_t)(m->c & 1) << 8 |
			       (uint64_t)(m->c >> 1) << 6 | (uint64_t)m->d << 7);
	SAME(a->ipa_source, m->d ? ARMVIRT_IPA_DESCRIPTOR : ARMVIRT_IPA_NONE);
	SAME(a->va, r->far);
	if (fault == MODEL_F_GPF || fault == MODEL_F_GPF_WALK)
		SAME((unsigned)a->fault, fault_of[fault]);
	else
		SAME((int)a->fault, ARMVIRT_FAULT_GPT);
	return true;
}

static bool same_small(const struct armvirt_exit *e, const struct armvirt_exit_regs *r,
		       enum model_layout layout, const struct model_fields *m)
{
	switch (layout) {
	case MODEL_WFX:
		SAME(e->u.wfx.event, (bool)(m->a & 1));
		SAME(e->u.wfx.timeout, m->a >= 2);
		SAME(e->u.wfx.reg, m->b ? m->c : 0xff);
		return true;
	case MODEL_LDC:
		SAME(e->u.ldc.offset, 4 * m->a);
		SAME(e->u.ldc.rn, m->b);
		SAME(e->u.ldc.add, (bool)m->c);
		SAME(e->u.ldc.mode, m->d);
		SAME(e->u.ldc.read, m->read);
		return true;
	case MODEL_SVC_HVC:
	case MODEL_SMC64:
		SAME(e->u.call.imm, m->a);
		return true;
	case MODEL_SMC32:
		SAME(e->u.call.imm, 0);
		return true;
	case MODEL_MOPS:
		SAME(e->u.mops.dest, m->a);
		SAME(e->u.mops.src, m->b);
		SAME(e->u.mops.size, m->c);
		SAME(e->u.mops.iss, m->d);
		return true;
	case MODEL_GCS:
		SAME(e->u.gcs.type, m->a);
		SAME(e->u.gcs.address, m->b);
		SAME(e->u.gcs.reg, m->c);
		SAME(e->u.gcs.instruction, m->d);
		return true;
	case MODEL_FPEXC:
	case MODEL_STEP:
		SAME(e->u.code, m->a ? UINT32_C(0x80000000) | m->b : 0);
		return true;
	default: /* one field, or none (zero) */
		if (e->kind == ARMVIRT_EXIT_PC_ALIGN)
			SAME(e->u.va, r->far);
		else
			SAME(e->u.code, m->a);
		return true;
	}
}

static bool same_details(const struct armvirt_exit *e, const struct armvirt_exit_regs *r)
{
	enum model_layout layout = model_layout(e->ec);
	struct model_fields m;

	if (layout == MODEL_DABT || layout == MODEL_IABT)
		return same_abort(e, r);
	model_fields(&m, layout, r->esr);
	switch (layout) {
	case MODEL_MCR:
	case MODEL_MCRR:
	case MODEL_MSR:
	case MODEL_MSRR:
		return same_register(e, r, &m);
	case MODEL_SERROR:
		return same_serror(e, r, &m);
	case MODEL_WATCHPOINT:
		return same_watchpoint(e, r, &m);
	case MODEL_GPC:
		return same_gpc(e, r, &m);
	default:
		return same_small(e, r, layout, &m);
	}
}

static bool check(const struct armvirt_exit_regs *r, enum armvirt_exit_kind kind)
{
	bool aarch32 = r->pstate >> 4 & 1;
	unsigned el = aarch32 ? (r->pstate & 15) != 0 : (unsigned)(r->pstate >> 2 & 3);
	struct armvirt_exit e;
	int cond;

	armvirt_exit_decode(&e, r);
	SAME(e.kind, kind);
	SAME(e.esr, r->esr);
	SAME(e.ec, r->esr >> 26 & 0x3f);
	SAME(e.insn_bytes, !aarch32 || r->esr >> 25 & 1 ? 4 : 2);
	SAME(e.aarch32, aarch32);
	SAME(e.el, el);
	cond = model_condition(r->esr, aarch32);
	SAME(e.cond, cond == -1 ? ARMVIRT_COND_ALWAYS : cond == -2 ? ARMVIRT_COND_BY_IT : cond);
	return same_details(&e, r);
}

static bool check_statuses(void)
{
	for (unsigned i = 0; i < 256; i++) {
		int level;
		enum model_fault fault = model_fault(i & 0x3f, &level);

		if (armvirt_fault_class((uint8_t)i) != (enum armvirt_fault)fault_of[fault] ||
		    armvirt_fault_level((uint8_t)i) != level) {
			printf("status %#x differs\n", i);
			return false;
		}
	}
	return true;
}

static bool sweep(uint64_t step)
{
	uint64_t count = 0;

	for (uint64_t low = 0; low <= UINT32_MAX; low += step) {
		uint64_t random = next();
		const struct armvirt_exit_regs r = {low | random << 32, random * 0x9e3779b97f4a7c15,
						    ~random ^ random >> 17, random >> 24};

		if (!check(&r, kind_of(low >> 26 & 0x3f)))
			return false;
		count++;
	}
	printf("%llu syndromes agree\n", (unsigned long long)count);
	return true;
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	unsigned rounds = scale && strcmp(scale, "long") == 0 ? 3 : 1;
	uint64_t step = !scale || strcmp(scale, "quick") == 0 ? 61 : 1;

	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%llu, scale %s\n", (unsigned long long)state,
	       step == 1 ? "full" : "quick");
	if (!check_statuses())
		return 1;
	for (unsigned i = 0; i < rounds; i++) {
		if (!sweep(step))
			return 1;
	}
	return 0;
}
