/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/exit.h>

#include "lib/trap/pstate.h"

#define EC_SHIFT 26
#define EC_SMC32 0x13
#define EC_DABT  0x24
#define IL       (UINT64_C(1) << 25)
#define CV       (UINT64_C(1) << 24)

/* Class in 4:0, level + 3 in 7:5, no level: 0. */
#define FSC(class, level) (uint8_t)(ARMVIRT_FAULT_##class | ((level) + 3) << 5)
#define NONE              (-3)

static const uint8_t fsc_table[64] = {
	[0x00] = FSC(ADDRESS_SIZE, 0),   [0x01] = FSC(ADDRESS_SIZE, 1),
	[0x02] = FSC(ADDRESS_SIZE, 2),   [0x03] = FSC(ADDRESS_SIZE, 3),
	[0x04] = FSC(TRANSLATION, 0),    [0x05] = FSC(TRANSLATION, 1),
	[0x06] = FSC(TRANSLATION, 2),    [0x07] = FSC(TRANSLATION, 3),
	[0x08] = FSC(ACCESS_FLAG, 0),    [0x09] = FSC(ACCESS_FLAG, 1),
	[0x0a] = FSC(ACCESS_FLAG, 2),    [0x0b] = FSC(ACCESS_FLAG, 3),
	[0x0c] = FSC(PERMISSION, 0),     [0x0d] = FSC(PERMISSION, 1),
	[0x0e] = FSC(PERMISSION, 2),     [0x0f] = FSC(PERMISSION, 3),
	[0x10] = FSC(EXTERNAL, NONE),    [0x11] = FSC(TAG_CHECK, NONE),
	[0x12] = FSC(EXTERNAL_WALK, -2), [0x13] = FSC(EXTERNAL_WALK, -1),
	[0x14] = FSC(EXTERNAL_WALK, 0),  [0x15] = FSC(EXTERNAL_WALK, 1),
	[0x16] = FSC(EXTERNAL_WALK, 2),  [0x17] = FSC(EXTERNAL_WALK, 3),
	[0x18] = FSC(PARITY, NONE),      [0x1a] = FSC(PARITY_WALK, -2),
	[0x1b] = FSC(PARITY_WALK, -1),   [0x1c] = FSC(PARITY_WALK, 0),
	[0x1d] = FSC(PARITY_WALK, 1),    [0x1e] = FSC(PARITY_WALK, 2),
	[0x1f] = FSC(PARITY_WALK, 3),    [0x21] = FSC(ALIGNMENT, NONE),
	[0x22] = FSC(GPF_WALK, -2),      [0x23] = FSC(GPF_WALK, -1),
	[0x24] = FSC(GPF_WALK, 0),       [0x25] = FSC(GPF_WALK, 1),
	[0x26] = FSC(GPF_WALK, 2),       [0x27] = FSC(GPF_WALK, 3),
	[0x28] = FSC(GPF, NONE),         [0x29] = FSC(ADDRESS_SIZE, -1),
	[0x2a] = FSC(TRANSLATION, -2),   [0x2b] = FSC(TRANSLATION, -1),
	[0x2c] = FSC(ADDRESS_SIZE, -2),  [0x30] = FSC(TLB_CONFLICT, NONE),
	[0x31] = FSC(HW_UPDATE, NONE),   [0x34] = FSC(LOCKDOWN, NONE),
	[0x35] = FSC(EXCLUSIVE, NONE),
};

/* Kind in 5:0, bit 7: the ISS holds CV and COND. */
#define CONDITIONAL 0x80
#define KIND(kind)  (uint8_t)(ARMVIRT_EXIT_##kind + 1) /* so that 0 is reserved */

static const uint8_t ec_table[64] = {
	[0x00] = KIND(UNKNOWN),
	[0x01] = KIND(WFX) | CONDITIONAL,
	[0x03] = KIND(CP15) | CONDITIONAL,
	[0x04] = KIND(CP15_64) | CONDITIONAL,
	[0x05] = KIND(CP14) | CONDITIONAL,
	[0x06] = KIND(CP14_LDST) | CONDITIONAL,
	[0x07] = KIND(FP) | CONDITIONAL,
	[0x08] = KIND(CP10) | CONDITIONAL,
	[0x09] = KIND(PAUTH),
	[0x0a] = KIND(LS64),
	[0x0c] = KIND(CP14_64) | CONDITIONAL,
	[0x0d] = KIND(BTI),
	[0x0e] = KIND(ILLEGAL),
	[0x11] = KIND(SVC),
	[0x12] = KIND(HVC),
	[0x13] = KIND(SMC) | CONDITIONAL,
	[0x14] = KIND(SYSREG128),
	[0x15] = KIND(SVC),
	[0x16] = KIND(HVC),
	[0x17] = KIND(SMC),
	[0x18] = KIND(SYSREG),
	[0x19] = KIND(SVE),
	[0x1a] = KIND(ERET),
	[0x1b] = KIND(TSTART),
	[0x1c] = KIND(PACFAIL),
	[0x1d] = KIND(SME),
	[0x1e] = KIND(GPC),
	[0x1f] = KIND(IMPDEF),
	[0x20] = KIND(IABT),
	[0x21] = KIND(IABT_SAME),
	[0x22] = KIND(PC_ALIGN),
	[0x24] = KIND(DABT),
	[0x25] = KIND(DABT_SAME),
	[0x26] = KIND(SP_ALIGN),
	[0x27] = KIND(MOPS),
	[0x28] = KIND(FP_EXC),
	[0x2c] = KIND(FP_EXC),
	[0x2d] = KIND(GCS),
	[0x2f] = KIND(SERROR),
	[0x30] = KIND(BREAKPOINT),
	[0x31] = KIND(BREAKPOINT),
	[0x32] = KIND(STEP),
	[0x33] = KIND(STEP),
	[0x34] = KIND(WATCHPOINT),
	[0x35] = KIND(WATCHPOINT),
	[0x38] = KIND(BKPT),
	[0x3a] = KIND(VECTOR),
	[0x3c] = KIND(BKPT),
	[0x3d] = KIND(PROFILING),
};

/* FIPA, bits 47:4, is the address without its page offset of 12 bits. */
static inline armvirt_ipa_t hpfar_page(uint64_t hpfar)
{
	return (hpfar & UINT64_C(0x0000fffffffffff0)) << 8;
}

/* The classes whose address HPFAR_EL2 holds: at any rate, and when a stage-1 walk faulted. */
#define FAULT_BIT(class) (UINT32_C(1) << ARMVIRT_FAULT_##class)
#define FAULTS_WITH_IPA  (FAULT_BIT(ADDRESS_SIZE) | FAULT_BIT(TRANSLATION) | FAULT_BIT(ACCESS_FLAG))
#define FAULTS_ON_S1_WALK \
	(FAULTS_WITH_IPA | FAULT_BIT(PERMISSION) | FAULT_BIT(GPF) | FAULT_BIT(GPF_WALK))
/* Stage 2 may be the cause, and va leads to the address. */
#define FAULTS_TRANSLATED (FAULT_BIT(PERMISSION) | FAULT_BIT(HW_UPDATE))

static inline void find_ipa(struct armvirt_abort *a, const struct armvirt_exit_regs *regs)
{
	uint32_t bit = UINT32_C(1) << a->fault;

	a->ipa = 0;
	a->ipa_source = ARMVIRT_IPA_NONE;
	if (regs->esr & ARMVIRT_ABORT_S1PTW) {
		if (bit & FAULTS_ON_S1_WALK) {
			a->ipa = hpfar_page(regs->hpfar);
			a->ipa_source = ARMVIRT_IPA_DESCRIPTOR;
		}
	} else if (bit & FAULTS_WITH_IPA) {
		a->ipa = hpfar_page(regs->hpfar) | (regs->far & 0xfff);
		a->ipa_source = ARMVIRT_IPA_EXACT;
	} else if (bit & FAULTS_TRANSLATED) {
		a->ipa_source = ARMVIRT_IPA_TRANSLATE;
	}
}

static uint8_t ras_of_set(uint64_t esr)
{
	static const uint8_t map[4] = {ARMVIRT_RAS_RECOVERABLE, ARMVIRT_RAS_UNKNOWN,
				       ARMVIRT_RAS_UNCONTAINABLE, ARMVIRT_RAS_RESTARTABLE};

	return map[esr >> 11 & 3];
}

static inline void set_fault(struct armvirt_abort *a, const struct armvirt_exit_regs *regs)
{
	uint8_t packed = fsc_table[regs->esr & 0x3f];

	a->status = regs->esr & 0x3f;
	a->fault = (enum armvirt_fault)(packed & 0x1f);
	a->level = packed >> 5 ? (int8_t)((packed >> 5) - 3) : (int8_t)ARMVIRT_FAULT_NO_LEVEL;
	a->ras = a->fault == ARMVIRT_FAULT_EXTERNAL ? ras_of_set(regs->esr) : 0;
	a->gpcsc = 0;
}

#define FLAGS_ANY \
	(ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_CM | ARMVIRT_ABORT_VNCR)
#define FLAGS_ISV (ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_SSE | ARMVIRT_ABORT_SF | ARMVIRT_ABORT_AR)
#define FLAGS_PERMISSION                                                            \
	(ARMVIRT_ABORT_DIRTY | ARMVIRT_ABORT_OVERLAY | ARMVIRT_ABORT_ASSURED_ONLY | \
	 ARMVIRT_ABORT_TAG_ACCESS)

/* The flags of rarer classes; kept out of the path of translation faults. */
static uint64_t flags_by_class(const struct armvirt_abort *a, uint64_t esr)
{
	uint64_t mask = 0;

	if (a->fault == ARMVIRT_FAULT_PERMISSION)
		mask = FLAGS_PERMISSION | (esr & ARMVIRT_ABORT_ISV ? 0 : ARMVIRT_ABORT_TOPLEVEL);
	else if (a->fault == ARMVIRT_FAULT_EXTERNAL)
		mask = ARMVIRT_ABORT_FNV | ARMVIRT_ABORT_EA;
	else if (a->fault == ARMVIRT_FAULT_EXTERNAL_WALK || a->fault == ARMVIRT_FAULT_PARITY ||
		 a->fault == ARMVIRT_FAULT_PARITY_WALK)
		mask = ARMVIRT_ABORT_EA;
	return mask & esr;
}

static inline void set_transfer(struct armvirt_abort *a, uint64_t esr)
{
	/* A fault on the way to a descriptor leaves bits 23:14 without meaning. */
	if ((esr & (ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_S1PTW)) == ARMVIRT_ABORT_ISV) {
		a->bytes = (uint8_t)(1u << (esr >> 22 & 3));
		a->reg = esr >> 16 & 0x1f;
		a->flags |= esr & FLAGS_ISV;
	} else {
		a->bytes = 0;
		a->reg = 0xff;
		if (!(esr & ARMVIRT_ABORT_ISV))
			a->flags |= esr & (ARMVIRT_ABORT_PFV | ARMVIRT_ABORT_FNP);
	}
}

static inline void decode_dabt(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	struct armvirt_abort *a = &exit->u.abort;

	set_fault(a, regs);
	a->flags = regs->esr & (FLAGS_ANY | ARMVIRT_ABORT_GCS | ARMVIRT_ABORT_TND);
	if (a->fault >= ARMVIRT_FAULT_PERMISSION)
		a->flags |= flags_by_class(a, regs->esr);
	set_transfer(a, regs->esr);
	a->va = a->flags & ARMVIRT_ABORT_FNV ? 0 : regs->far;
	if (exit->kind == ARMVIRT_EXIT_DABT && !(a->flags & ARMVIRT_ABORT_VNCR)) {
		find_ipa(a, regs);
	} else {
		a->ipa = 0;
		a->ipa_source = ARMVIRT_IPA_NONE;
	}
}

static void decode_iabt(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	struct armvirt_abort *a = &exit->u.abort;

	set_fault(a, regs);
	a->flags = regs->esr & (ARMVIRT_ABORT_S1PTW | ARMVIRT_ABORT_PFV);
	a->flags |= flags_by_class(a, regs->esr & ~(ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_TAG_ACCESS));
	a->va = a->flags & ARMVIRT_ABORT_FNV ? 0 : regs->far;
	a->bytes = 0;
	a->reg = 0xff;
	a->ipa = 0;
	a->ipa_source = ARMVIRT_IPA_NONE;
	if (exit->kind == ARMVIRT_EXIT_IABT)
		find_ipa(a, regs);
}

static void decode_gpc(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	struct armvirt_abort *a = &exit->u.abort;

	set_fault(a, regs);
	a->flags = regs->esr & FLAGS_ANY;
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

	set_fault(a, regs);
	a->fault = ARMVIRT_FAULT_DEBUG;
	a->level = ARMVIRT_FAULT_NO_LEVEL;
	a->ras = 0;
	a->flags = regs->esr & (ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_CM | ARMVIRT_ABORT_FNV |
				ARMVIRT_ABORT_VNCR | ARMVIRT_ABORT_FNP);
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

static void decode_gcs(struct armvirt_gcs *g, uint32_t iss)
{
	g->type = iss >> 20 & 0xf;
	g->instruction = iss & 0x1f;
	g->reg = iss >> 5 & 0x1f;
	g->address = iss >> 10 & 0x1f;
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
		exit->u.code = iss >> 23 & 1;
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

void armvirt_exit_decode(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs)
{
	uint8_t ec = regs->esr >> EC_SHIFT & 0x3f;
	uint8_t entry = ec_table[ec] & 0x3f;

	exit->esr = regs->esr;
	exit->ec = ec;
	exit->aarch32 = (regs->pstate & PS_AA32) != 0;
	exit->insn_bytes = (regs->esr & IL) || !exit->aarch32 ? 4 : 2;
	exit->el = (uint8_t)ps_el(regs->pstate);
	exit->cond = ARMVIRT_COND_ALWAYS;
	exit->kind = entry ? (enum armvirt_exit_kind)(entry - 1) : ARMVIRT_EXIT_RESERVED;
	if (ec == EC_DABT) {
		decode_dabt(exit, regs);
		return;
	}
	if (exit->aarch32)
		exit->cond = condition(ec, regs->esr);

	switch (exit->kind) {
	case ARMVIRT_EXIT_SYSREG:
		decode_sysreg(&exit->u.sysreg, (uint32_t)regs->esr, ARMVIRT_SYSREG_A64);
		break;
	case ARMVIRT_EXIT_SYSREG128:
		decode_sysreg128(&exit->u.sysreg, (uint32_t)regs->esr);
		break;
	case ARMVIRT_EXIT_SVC:
	case ARMVIRT_EXIT_HVC:
		exit->u.call.imm = (uint16_t)regs->esr;
		break;
	case ARMVIRT_EXIT_SMC:
		exit->u.call.imm = ec == EC_SMC32 ? 0 : (uint16_t)regs->esr;
		break;
	case ARMVIRT_EXIT_CP15:
	case ARMVIRT_EXIT_CP15_64:
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP14_64:
	case ARMVIRT_EXIT_CP10:
		decode_coprocessor(exit, (uint32_t)regs->esr);
		break;
	case ARMVIRT_EXIT_DABT_SAME:
		decode_dabt(exit, regs);
		break;
	case ARMVIRT_EXIT_IABT:
	case ARMVIRT_EXIT_IABT_SAME:
		decode_iabt(exit, regs);
		break;
	default:
		decode_rest(exit, regs);
		break;
	}
}

enum armvirt_fault armvirt_fault_class(uint8_t status)
{
	return (enum armvirt_fault)(fsc_table[status & 0x3f] & 0x1f);
}

int armvirt_fault_level(uint8_t status)
{
	uint8_t packed = fsc_table[status & 0x3f] >> 5;

	return packed ? packed - 3 : ARMVIRT_FAULT_NO_LEVEL;
}
