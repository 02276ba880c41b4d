/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/exit.h>

#include "lib/trap/decode_tables.h"
#include "lib/trap/pstate.h"

#define EC_SHIFT 26
#define EC_SMC32 0x13
#define EC_DABT  0x24
#define IL       (UINT64_C(1) << 25)
#define CV       (UINT64_C(1) << 24)
#define ISS2     (UINT64_C(0xffffff) << 32)
#define LST      (UINT64_C(3) << 11)

/* FIPA, bits 47:4, is the address without its page offset of 12 bits. */
static inline armvirt_ipa_t hpfar_page(uint64_t hpfar)
{
	return (hpfar & UINT64_C(0x0000fffffffffff0)) << 8;
}

/* The syndrome comes by value everywhere: a store through a might change what regs points to. */
static inline void find_ipa(struct armvirt_abort *a, const struct armvirt_exit_regs *regs,
			    uint64_t esr, uint8_t how)
{
	armvirt_ipa_t ipa = 0;
	enum armvirt_ipa_source source = ARMVIRT_IPA_NONE;

	if (esr & ARMVIRT_ABORT_S1PTW) {
		if (how & DESCRIPTOR) {
			ipa = hpfar_page(regs->hpfar);
			source = ARMVIRT_IPA_DESCRIPTOR;
		}
	} else if (how & EXACT) {
		ipa = hpfar_page(regs->hpfar) | (regs->far & 0xfff);
		source = ARMVIRT_IPA_EXACT;
	} else if (how & TRANSLATE) {
		source = ARMVIRT_IPA_TRANSLATE;
	}
	a->ipa = ipa;
	a->ipa_source = source;
}

static uint8_t ras_of_set(uint64_t esr)
{
	static const uint8_t map[4] = {ARMVIRT_RAS_RECOVERABLE, ARMVIRT_RAS_UNKNOWN,
				       ARMVIRT_RAS_UNCONTAINABLE, ARMVIRT_RAS_RESTARTABLE};

	return map[esr >> 11 & 3];
}

static inline const struct status *set_fault(struct armvirt_abort *a, uint64_t esr)
{
	const struct status *st = &statuses[esr & 0x3f];

	a->status = esr & 0x3f;
	a->fault = (enum armvirt_fault)st->fault;
	a->level = st->level;
	a->ras = st->fault == ARMVIRT_FAULT_EXTERNAL ? ras_of_set(esr) : 0;
	a->gpcsc = 0;
	return st;
}

#define FLAGS_ISV    (ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_SSE | ARMVIRT_ABORT_SF | ARMVIRT_ABORT_AR)
#define FLAGS_NO_ISV (ARMVIRT_ABORT_TOPLEVEL | ARMVIRT_ABORT_FNP | ARMVIRT_ABORT_PFV)
#define NO_SYNDROME  (ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_VNCR | ARMVIRT_ABORT_GCS)
#define FLAGS_FETCH                                                                       \
	(ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_EA | ARMVIRT_ABORT_FNV | ARMVIRT_ABORT_PFV | \
	 ARMVIRT_ABORT_TOPLEVEL | ARMVIRT_ABORT_DIRTY | ARMVIRT_ABORT_OVERLAY |           \
	 ARMVIRT_ABORT_ASSURED_ONLY | ARMVIRT_ABORT_HDBSS)

/* The transfer, and what becomes of bits 24 to 14; returns the mask of the flags. */
static inline uint64_t set_transfer(struct armvirt_abort *a, const struct status *st, uint64_t esr)
{
	uint64_t mask = flags_in[st->group];

	a->bytes = 0;
	a->reg = 0xff;
	if (!(esr & ARMVIRT_ABORT_ISV))
		return mask;
	/* The fetch of a descriptor, the VNCR_EL2 page and a GCS have no register of theirs. */
	if (esr & NO_SYNDROME)
		return mask & ~FLAGS_NO_ISV;
	/* SAS says doubleword for the instructions of 64 bytes, too. */
	a->bytes = st->how & HAS_LST && esr & LST ? 64 : (uint8_t)(1u << (esr >> 22 & 3));
	a->reg = esr >> 16 & 0x1f;
	return mask | FLAGS_ISV;
}

/*
 * The access of a guest to an emulated device: described by the syndrome, address in HPFAR_EL2.
 * Equal to decode_dabt() for these; it is there for its length alone.
 */
static inline bool decode_device_access(struct armvirt_abort *a,
					const struct armvirt_exit_regs *regs, uint64_t esr)
{
	const struct status *st = &statuses[esr & 0x3f];
	uint64_t far;

	if ((esr & (ISS2 | LST | ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_VNCR)) !=
		    ARMVIRT_ABORT_ISV ||
	    !(st->how & EXACT))
		return false;
	far = regs->far;
	a->ipa = hpfar_page(regs->hpfar) | (far & 0xfff);
	a->va = far;
	a->flags = (uint32_t)esr & (uint32_t)(ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_CM | FLAGS_ISV);
	a->fault = (enum armvirt_fault)st->fault;
	a->ipa_source = ARMVIRT_IPA_EXACT;
	a->level = st->level;
	a->status = esr & 0x3f;
	a->bytes = (uint8_t)(1u << (esr >> 22 & 3));
	a->reg = esr >> 16 & 0x1f;
	a->ras = 0;
	a->gpcsc = 0;
	return true;
}

static void decode_dabt(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs,
			uint64_t esr, bool lower)
{
	struct armvirt_abort *a = &exit->u.abort;
	const struct status *st = set_fault(a, esr);
	uint64_t flags = esr & set_transfer(a, st, esr);

	a->flags = flags;
	a->va = flags & ARMVIRT_ABORT_FNV ? 0 : regs->far;
	if (lower && !(flags & ARMVIRT_ABORT_VNCR)) {
		find_ipa(a, regs, esr, st->how);
	} else {
		a->ipa = 0;
		a->ipa_source = ARMVIRT_IPA_NONE;
	}
}

static void decode_iabt(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs,
			uint64_t esr)
{
	struct armvirt_abort *a = &exit->u.abort;
	const struct status *st = set_fault(a, esr);

	if (st->how & DATA_ONLY)
		a->fault = ARMVIRT_FAULT_RESERVED;
	a->flags = esr & flags_in[st->group] & FLAGS_FETCH;
	a->va = a->flags & ARMVIRT_ABORT_FNV ? 0 : regs->far;
	a->bytes = 0;
	a->reg = 0xff;
	a->ipa = 0;
	a->ipa_source = ARMVIRT_IPA_NONE;
	if (exit->kind == ARMVIRT_EXIT_IABT)
		find_ipa(a, regs, esr, st->how);
}

static void decode_gpc(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	struct armvirt_abort *a = &exit->u.abort;

	(void)set_fault(a, regs->esr);
	a->flags = regs->esr & (ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_CM |
				ARMVIRT_ABORT_VNCR);
	a->va = regs->far;
	a->ipa = 0;
	a->ipa_source = ARMVIRT_IPA_NONE;
	if (a->flags & ARMVIRT_ABORT_S1PTW) {
		a->ipa = hpfar_page(regs->hpfar);
		a->ipa_source = ARMVIRT_IPA_DESCRIPTOR;
	}
	a->bytes = 0;
	a->reg = 0xff;
	a->gpcsc = regs->esr >> 14 & 0x3f;
	if (a->fault != ARMVIRT_FAULT_GPF && a->fault != ARMVIRT_FAULT_GPF_WALK)
		a->fault = ARMVIRT_FAULT_GPT;
}

static void decode_watchpoint(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	struct armvirt_abort *a = &exit->u.abort;
	bool numbered = regs->esr >> 17 & 1;

	(void)set_fault(a, regs->esr);
	a->fault = ARMVIRT_FAULT_DEBUG;
	a->level = ARMVIRT_FAULT_NO_LEVEL;
	a->ras = 0;
	a->flags = regs->esr & (ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_CM | ARMVIRT_ABORT_FNV |
				ARMVIRT_ABORT_VNCR | ARMVIRT_ABORT_FNP | ARMVIRT_ABORT_GCS);
	if (a->flags & ARMVIRT_ABORT_FNV) /* there is no address that could be imprecise */
		a->flags &= ~ARMVIRT_ABORT_FNP;
	a->va = a->flags & ARMVIRT_ABORT_FNV ? 0 : regs->far;
	a->ipa = 0;
	a->ipa_source = ARMVIRT_IPA_NONE;
	a->bytes = 0;
	a->reg = numbered ? regs->esr >> 18 & 0x3f : 0xff;
}

/* MSR, MRS: op1 and CRn lie next to each other in the ISS as in the key. */
static inline void decode_sysreg(struct armvirt_sysreg_access *s, uint32_t iss, uint32_t space)
{
	s->key = space | (iss >> 20 & 3) << 14 | (iss >> 10 & 0x7f) << 7 | (iss >> 1 & 0xf) << 3 |
		 (iss >> 17 & 7);
	s->rt = iss >> 5 & 0x1f;
	s->rt2 = 31;
	s->read = iss & 1;
}

static void decode_cp32(struct armvirt_sysreg_access *s, uint32_t iss, uint32_t space)
{
	decode_sysreg(s, iss & 0xfffff, space); /* bits 23:20 are COND here, no op0 */
}

static void decode_cp64(struct armvirt_sysreg_access *s, uint32_t iss, uint32_t space)
{
	s->key = space | (iss >> 16 & 0xf) << 11 | (iss >> 1 & 0xf) << 3;
	s->rt = iss >> 5 & 0x1f;
	s->rt2 = iss >> 10 & 0x1f;
	s->read = iss & 1;
}

static void decode_sysreg128(struct armvirt_sysreg_access *s, uint32_t iss)
{
	decode_sysreg(s, iss, ARMVIRT_SYSREG_A64_128);
	s->rt = iss >> 5 & 0x1e; /* the field is the pair's number, its bit 0 stands at 6 */
	s->rt2 = s->rt + 1;
}

static void decode_ldc(struct armvirt_ldc_access *l, uint32_t iss)
{
	l->offset = (uint16_t)((iss >> 12 & 0xff) * 4);
	l->rn = iss >> 5 & 0x1f;
	l->mode = iss >> 1 & 7;
	l->add = iss >> 4 & 1;
	l->read = iss & 1;
}

static void decode_wfx(struct armvirt_wfx *w, uint32_t iss)
{
	w->event = iss & 1;
	w->timeout = iss >> 1 & 1;
	w->reg = w->timeout && (iss >> 2 & 1) ? iss >> 5 & 0x1f : 0xff;
}

static void decode_mops(struct armvirt_mops *m, uint32_t iss)
{
	m->iss = iss;
	m->dest = iss >> 10 & 0x1f;
	m->src = iss >> 5 & 0x1f;
	m->size = iss & 0x1f;
}

#define GCS_CHECK   0
#define GCS_STORE   2
#define IT_GCSSS2   5
#define IT_GCSPOPCX 8

static void decode_gcs(struct armvirt_gcs *g, uint32_t iss)
{
	uint8_t reg = iss >> 5 & 0x1f;

	*g = (struct armvirt_gcs){.type = iss >> 20 & 0xf, .reg = 0xff, .address = 0xff};
	if (g->type == GCS_CHECK) {
		g->instruction = iss & 0x1f;
		if (g->instruction != IT_GCSSS2 && g->instruction != IT_GCSPOPCX)
			g->reg = reg;
	} else if (g->type == GCS_STORE) {
		g->reg = reg;
		g->address = iss >> 10 & 0x1f;
	}
}

static void decode_serror(struct armvirt_serror *s, uint32_t iss)
{
	static const uint8_t map[8] = {ARMVIRT_RAS_UNCONTAINABLE, ARMVIRT_RAS_UNRECOVERABLE,
				       ARMVIRT_RAS_RESTARTABLE,   ARMVIRT_RAS_RECOVERABLE,
				       ARMVIRT_RAS_UNKNOWN,       ARMVIRT_RAS_UNKNOWN,
				       ARMVIRT_RAS_CORRECTED,     ARMVIRT_RAS_UNKNOWN};

	s->iss = iss;
	s->impdef = iss >> 24 & 1;
	s->ras = ARMVIRT_RAS_UNKNOWN;
	if (!s->impdef && (iss & 0x3f) == 0x11)
		s->ras = (enum armvirt_ras)map[iss >> 10 & 7];
}

static uint32_t eret_variant(uint32_t iss)
{
	return iss & 2 ? 1 + (iss & 1) : 0;
}

static uint32_t step_code(uint32_t iss)
{
	return iss >> 24 & 1 ? UINT32_C(1) << 31 | (iss >> 6 & 1) : 0;
}

static uint32_t fp_exc_code(uint32_t iss)
{
	return iss >> 23 & 1 ? UINT32_C(1) << 31 | (iss & 0x9f) : 0;
}

static void decode_rest(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	uint32_t iss = (uint32_t)regs->esr & 0x1ffffff;

	exit->u.code = 0;
	switch (exit->kind) {
	case ARMVIRT_EXIT_WFX:
		decode_wfx(&exit->u.wfx, iss);
		break;
	case ARMVIRT_EXIT_CP14_LDST:
		decode_ldc(&exit->u.ldc, iss);
		break;
	case ARMVIRT_EXIT_GPC:
		decode_gpc(exit, regs);
		break;
	case ARMVIRT_EXIT_WATCHPOINT:
		decode_watchpoint(exit, regs);
		break;
	case ARMVIRT_EXIT_PC_ALIGN:
		exit->u.va = regs->far;
		break;
	case ARMVIRT_EXIT_MOPS:
		decode_mops(&exit->u.mops, iss);
		break;
	case ARMVIRT_EXIT_GCS:
		decode_gcs(&exit->u.gcs, iss);
		break;
	case ARMVIRT_EXIT_SERROR:
		decode_serror(&exit->u.serror, iss);
		break;
	case ARMVIRT_EXIT_LS64:
		exit->u.code = iss;
		break;
	case ARMVIRT_EXIT_BTI:
	case ARMVIRT_EXIT_PACFAIL:
		exit->u.code = iss & 3;
		break;
	case ARMVIRT_EXIT_ERET:
		exit->u.code = eret_variant(iss);
		break;
	case ARMVIRT_EXIT_TSTART:
		exit->u.code = iss >> 5 & 0x1f;
		break;
	case ARMVIRT_EXIT_SME:
		exit->u.code = iss & 7;
		break;
	case ARMVIRT_EXIT_FP_EXC:
		exit->u.code = fp_exc_code(iss);
		break;
	case ARMVIRT_EXIT_STEP:
		exit->u.code = step_code(iss);
		break;
	case ARMVIRT_EXIT_BKPT:
		exit->u.code = iss & 0xffff;
		break;
	case ARMVIRT_EXIT_PROFILING:
		exit->u.code = iss & 0x3f;
		break;
	default: /* no details */
		break;
	}
}

/* Traps of AArch32: CP space by kind. */
static void decode_coprocessor(struct armvirt_exit *exit, uint32_t iss)
{
	struct armvirt_sysreg_access *s = &exit->u.sysreg;

	switch (exit->kind) {
	case ARMVIRT_EXIT_CP15:
		decode_cp32(s, iss, ARMVIRT_SYSREG_CP15);
		break;
	case ARMVIRT_EXIT_CP14:
		decode_cp32(s, iss, ARMVIRT_SYSREG_CP14);
		break;
	case ARMVIRT_EXIT_CP10:
		decode_cp32(s, iss, ARMVIRT_SYSREG_CP10);
		break;
	case ARMVIRT_EXIT_CP15_64:
		decode_cp64(s, iss, ARMVIRT_SYSREG_CP15_64);
		break;
	default:
		decode_cp64(s, iss, ARMVIRT_SYSREG_CP14_64);
		break;
	}
}

static uint8_t condition(uint8_t ec, uint64_t esr)
{
	if (!(ec_table[ec] & CONDITIONAL))
		return ARMVIRT_COND_ALWAYS;
	/* SMC: CCKNOWNPASS clear says that the condition passed. */
	if (ec == EC_SMC32 && !(esr >> 19 & 1))
		return ARMVIRT_COND_ALWAYS;
	return esr & CV ? esr >> 20 & 0xf : ARMVIRT_COND_BY_IT;
}

/* What differs when the guest was in AArch32 state. */
static void decode_state32(struct armvirt_exit *exit, uint64_t pstate)
{
	exit->aarch32 = true;
	exit->el = (uint8_t)ps_el(pstate);
	exit->insn_bytes = exit->esr & IL ? 4 : 2;
	exit->cond = condition(exit->ec, exit->esr);
}

void armvirt_exit_decode(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	const uint64_t esr = regs->esr, pstate = regs->pstate;
	uint8_t ec = esr >> EC_SHIFT & 0x3f, entry;

	exit->esr = esr;
	exit->ec = ec;
	exit->insn_bytes = 4;
	exit->el = pstate >> PS_EL_SHIFT & 3;
	exit->cond = ARMVIRT_COND_ALWAYS;
	exit->aarch32 = false;
	if (pstate & PS_AA32)
		decode_state32(exit, pstate);
	if (ec == EC_DABT) {
		exit->kind = ARMVIRT_EXIT_DABT;
		if (!decode_device_access(&exit->u.abort, regs, esr))
			decode_dabt(exit, regs, esr, true);
		return;
	}
	entry = ec_table[ec] & 0x3f;
	exit->kind = entry ? (enum armvirt_exit_kind)(entry - 1) : ARMVIRT_EXIT_RESERVED;
	switch (exit->kind) {
	case ARMVIRT_EXIT_SYSREG:
		decode_sysreg(&exit->u.sysreg, (uint32_t)esr, ARMVIRT_SYSREG_A64);
		break;
	case ARMVIRT_EXIT_SYSREG128:
		decode_sysreg128(&exit->u.sysreg, (uint32_t)esr);
		break;
	case ARMVIRT_EXIT_SVC:
	case ARMVIRT_EXIT_HVC:
		exit->u.call.imm = (uint16_t)esr;
		break;
	case ARMVIRT_EXIT_SMC:
		exit->u.call.imm = ec == EC_SMC32 ? 0 : (uint16_t)esr;
		break;
	case ARMVIRT_EXIT_CP15:
	case ARMVIRT_EXIT_CP15_64:
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP14_64:
	case ARMVIRT_EXIT_CP10:
		decode_coprocessor(exit, (uint32_t)esr);
		break;
	case ARMVIRT_EXIT_DABT_SAME:
		decode_dabt(exit, regs, esr, false);
		break;
	case ARMVIRT_EXIT_IABT:
	case ARMVIRT_EXIT_IABT_SAME:
		decode_iabt(exit, regs, esr);
		break;
	default:
		decode_rest(exit, regs);
		break;
	}
}

enum armvirt_fault armvirt_fault_class(uint8_t status)
{
	return (enum armvirt_fault)statuses[status & 0x3f].fault;
}

int armvirt_fault_level(uint8_t status)
{
	return statuses[status & 0x3f].level;
}
