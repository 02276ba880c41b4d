/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second reading of ESR_EL2, FAR_EL2 and HPFAR_EL2 for an exception taken to EL2. It is written
 * from the description of the three registers as conditionals, one function per ISS encoding: no
 * table, and nothing of the library. What a field does not say is left zero, with its valid flag
 * false.
 */
#ifndef TESTS_MODEL_READING_H
#define TESTS_MODEL_READING_H

#include <stdbool.h>
#include <stdint.h>

/* The features that decide whether a class, a code or a field exists. */
struct reading_features {
	bool aarch32, wfxt, pauth, fpac, ls64, trbe_tsb, spe_psb, bti, sysreg128, sve, sme, sme2;
	bool eret, tme, mops, gcs, ebep, sebep, spe_exc, trbe_exc;
	bool ras, rasv2, iesb, pfar, mte2, mte_canonical, mte_perm, the, poe, s1pie, s2pie, hdbss;
	bool nv2, lpa2, d128, rme, hafdbs, vectors, debugv8p2;
};

enum reading_class {
	READING_RESERVED,
	READING_UNKNOWN,
	READING_WF,
	READING_MCR_CP15,
	READING_MCRR_CP15,
	READING_MCR_CP14,
	READING_LDC_CP14,
	READING_FP,
	READING_VMRS,
	READING_PAUTH,
	READING_OTHER,
	READING_MRRC_CP14,
	READING_BTI,
	READING_ILLEGAL,
	READING_SVC32,
	READING_HVC32,
	READING_SMC32,
	READING_MSRR,
	READING_SVC64,
	READING_HVC64,
	READING_SMC64,
	READING_MSR,
	READING_SVE,
	READING_ERET,
	READING_TSTART,
	READING_PAC_FAIL,
	READING_SME,
	READING_GPC,    /* taken to EL3 only: never in ESR_EL2 */
	READING_IMPDEF, /* likewise */
	READING_INSTRUCTION_LOWER,
	READING_INSTRUCTION_SAME,
	READING_PC_ALIGNMENT,
	READING_DATA_LOWER,
	READING_DATA_SAME,
	READING_SP_ALIGNMENT,
	READING_MOPS,
	READING_FP_EXCEPTION32,
	READING_FP_EXCEPTION64,
	READING_GCS,
	READING_SERROR,
	READING_BREAKPOINT_LOWER,
	READING_BREAKPOINT_SAME,
	READING_STEP_LOWER,
	READING_STEP_SAME,
	READING_WATCHPOINT_LOWER,
	READING_WATCHPOINT_SAME,
	READING_BKPT32,
	READING_VECTOR_CATCH,
	READING_BRK64,
	READING_PROFILING,
};

enum reading_fault {
	READING_FAULT_RESERVED,
	READING_FAULT_ADDRESS_SIZE,
	READING_FAULT_TRANSLATION,
	READING_FAULT_ACCESS_FLAG,
	READING_FAULT_PERMISSION,
	READING_FAULT_EXTERNAL,
	READING_FAULT_EXTERNAL_WALK,
	READING_FAULT_TAG_CHECK,
	READING_FAULT_PARITY,
	READING_FAULT_PARITY_WALK,
	READING_FAULT_ALIGNMENT,
	READING_FAULT_GPF,
	READING_FAULT_GPF_WALK,
	READING_FAULT_TLB_CONFLICT,
	READING_FAULT_ATOMIC_UPDATE,
	READING_FAULT_LOCKDOWN,
	READING_FAULT_EXCLUSIVE,
	READING_FAULT_DEBUG,
};

/* Where the faulting IPA of a stage-2 fault is found. */
enum reading_ipa {
	READING_IPA_NONE,  /* there is none, or it cannot be known */
	READING_IPA_HPFAR, /* HPFAR_EL2 holds its page */
	READING_IPA_WALK,  /* translate FAR_EL2 at stage 1: HPFAR_EL2 is UNKNOWN */
};

enum reading_error { /* the PE state an error leaves, SET and AET */
		     READING_ERROR_RESERVED,
		     READING_ERROR_UNCONTAINABLE,
		     READING_ERROR_UNRECOVERABLE,
		     READING_ERROR_RESTARTABLE,
		     READING_ERROR_RECOVERABLE,
		     READING_ERROR_CORRECTED,
};

struct reading_condition {
	bool valid;
	unsigned code;
};

struct reading_encoding { /* MCR, MRC, MCRR, MRRC, VMRS, MSR, MRS, SYS, MSRR, MRRS */
	unsigned op0, op1, crn, crm, op2;
	unsigned rt, rt2; /* AArch64 numbers; 31 is XZR or none */
	bool read;
};

struct reading_transfer { /* LDC, STC */
	unsigned immediate;
	bool base_valid;
	unsigned base;
	bool add, literal, pre, writeback, mode_reserved;
	bool load;
};

struct reading_abort {
	enum reading_fault fault;
	bool level_valid;
	int level; /* -2 to 3 */
	bool stage1_walk;
	bool write_valid, write;
	bool maintenance;
	bool vncr;
	bool isv, sign, wide, acquire;
	unsigned bytes, register_number;
	bool error_valid;
	enum reading_error error;
	bool external_type;
	bool update_valid; /* WU */
	unsigned update;
	bool pfar_valid, far_imprecise, top_level;
	bool ls64_valid;
	unsigned ls64;
	bool tag_not_data, tag_access, gcs, assured_only, overlay, dirty, hdbss;
	bool status_valid; /* Xs */
	unsigned status_register;
};

struct reading_serror {
	bool impdef;
	unsigned syndrome; /* ISS[23:0] when impdef */
	bool code_reserved;
	bool detailed; /* DFSC says asynchronous SError */
	enum reading_error error;
	bool external_type, synchronized, pfar_valid, at_elr;
	unsigned update;
	bool write_valid, write;
};

struct reading_gpc {
	unsigned status; /* GPCSC */
	bool on_stage2_walk, instruction;
};

struct reading_mops {
	bool set, set_tags;
	unsigned options;
	bool epilogue, option_a;
	unsigned destination, source, size;
};

struct reading_watchpoint {
	bool number_valid;
	unsigned number;
	bool false_positive, far_imprecise, vncr, maintenance, write, gcs;
};

struct reading {
	enum reading_class class;
	bool length_valid; /* IL tells the length of the instruction */
	unsigned length;   /* 2 or 4 */
	bool il_fixed;     /* IL is 1 whatever the instruction */
	bool from_aarch32_only, from_aarch64_only;
	struct reading_condition condition;

	unsigned wf; /* 0 WFI, 1 WFE, 2 WFIT, 3 WFET */
	bool wf_register_valid;
	unsigned wf_register;
	struct reading_encoding encoding;
	struct reading_transfer transfer;
	bool code_reserved; /* OTHER, SME, GCS, profiling */
	unsigned code;      /* OTHER, SMTC, BTYPE, ExType, profiling FSC */
	bool immediate_valid;
	unsigned immediate; /* HVC, SVC, SMC, BRK, BKPT */
	bool smc_may_fail_condition;
	bool eret_authenticated, eret_key_b;
	bool data_key, key_b; /* PAC fail */
	unsigned tstart_register;
	bool fp_flags_valid;
	bool fp_input_denormal, fp_inexact, fp_underflow, fp_overflow, fp_divide, fp_invalid;
	unsigned gcs_instruction, gcs_register, gcs_address;
	bool gcs_register_valid, gcs_instruction_reserved;
	struct reading_abort abort;
	struct reading_serror serror;
	struct reading_gpc gpc;
	struct reading_mops mops;
	struct reading_watchpoint watchpoint;
	bool step_valid, step_exclusive;
	enum reading_fault debug_status;
	bool profiling_synchronous;

	bool far_valid;
	uint64_t far;
	enum reading_ipa ipa_source;
	uint64_t ipa; /* READING_IPA_HPFAR: the page and, off a stage-1 walk, FAR's offset */
	bool ipa_has_offset;
	bool ipa_nonsecure; /* HPFAR_EL2.NS */
};

/* Every feature there is. */
struct reading_features reading_all_features(void);

/* What the three registers say; from_aarch32 is SPSR_EL2.M[4]. */
struct reading reading_of(const struct reading_features *f, bool from_aarch32, uint64_t esr,
			  uint64_t far, uint64_t hpfar);

#endif
