/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second reading of ESR_EL2, HPFAR_EL2 and FAR_EL2, written field by field from tables of the
 * architecture, without tables of its own and without a header of the library.
 */
#ifndef TESTS_MODEL_DECODE_H
#define TESTS_MODEL_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* The layout of the ISS that an exception class has. */
enum model_layout {
	MODEL_RESERVED,
	MODEL_NONE,
	MODEL_WFX,
	MODEL_MCR,
	MODEL_MCRR,
	MODEL_LDC,
	MODEL_FP,
	MODEL_OTHER,
	MODEL_BTI,
	MODEL_SVC_HVC,
	MODEL_SMC32,
	MODEL_SMC64,
	MODEL_MSRR,
	MODEL_MSR,
	MODEL_ERET,
	MODEL_TSTART,
	MODEL_PACFAIL,
	MODEL_SME,
	MODEL_GPC,
	MODEL_IABT,
	MODEL_DABT,
	MODEL_MOPS,
	MODEL_FPEXC,
	MODEL_GCS,
	MODEL_SERROR,
	MODEL_BREAKPOINT,
	MODEL_STEP,
	MODEL_WATCHPOINT,
	MODEL_BRK,
	MODEL_PROFILING
};

enum model_fault {
	MODEL_F_RESERVED,
	MODEL_F_ADDRESS_SIZE,
	MODEL_F_TRANSLATION,
	MODEL_F_ACCESS_FLAG,
	MODEL_F_PERMISSION,
	MODEL_F_EXTERNAL,
	MODEL_F_EXTERNAL_WALK,
	MODEL_F_TAG_CHECK,
	MODEL_F_PARITY,
	MODEL_F_PARITY_WALK,
	MODEL_F_ALIGNMENT,
	MODEL_F_GPF,
	MODEL_F_GPF_WALK,
	MODEL_F_TLB_CONFLICT,
	MODEL_F_HW_UPDATE,
	MODEL_F_LOCKDOWN,
	MODEL_F_EXCLUSIVE
};

enum model_ipa { MODEL_IPA_NONE, MODEL_IPA_HPFAR, MODEL_IPA_HPFAR_PAGE, MODEL_IPA_ASK_STAGE1 };

/* What an abort's syndrome says; what its valid bits exclude is zero. */
struct model_abort {
	bool isv, sse, sf, ar;
	unsigned bytes, srt;
	bool vncr, fnv, ea, cm, s1ptw, wnr, pfv, fnp;
	bool toplevel, tnd, tag_access, gcs, assured_only, overlay, dirty, hdbss;
	unsigned set; /* 0 unless an External abort: 1 + the field */
	enum model_fault fault;
	int level; /* -128: none */
	enum model_ipa ipa_from;
	uint64_t ipa, va;
};

/* Everything else, by the names of the table. */
struct model_fields {
	unsigned op0, op1, op2, crn, crm, rt, rt2;
	bool read;
	unsigned a, b, c, d; /* up to four further fields, in the order of the table */
};

enum model_layout model_layout(unsigned ec);
enum model_fault model_fault(unsigned fsc, int *level);

/* ec: 0x20, 0x21, 0x24, 0x25. */
void model_abort(struct model_abort *out, uint64_t esr, uint64_t far, uint64_t hpfar);
void model_fields(struct model_fields *out, enum model_layout layout, uint64_t esr);

/* -1: unconditional or known to have passed, -2: by IT, else the condition. */
int model_condition(uint64_t esr, bool aarch32);

#endif
