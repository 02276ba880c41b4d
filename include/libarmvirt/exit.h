/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Why a guest left: every exception class as a tagged structure.
 */
#ifndef LIBARMVIRT_EXIT_H
#define LIBARMVIRT_EXIT_H

#include <libarmvirt/base.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup trap Traps
 * @brief Decoding of exits, completion of emulated accesses, skipping, dispatch of
 *        system registers, SMCCC, injection of exceptions.
 *
 * Everything here is pure: it reads its arguments and memory of the caller, issues no
 * barrier and touches no register of the processor, so it works the same on a PC.
 * @{
 */

/** What the processor recorded about an exit, as the world switch stored it. */
struct armvirt_exit_regs {
	uint64_t esr;    /**< ESR_EL2, all 64 bits */
	uint64_t far;    /**< FAR_EL2; read by aborts, watchpoints and PC alignment only */
	uint64_t hpfar;  /**< HPFAR_EL2; read by aborts only */
	uint64_t pstate; /**< SPSR_EL2: the state that the exit came from */
};

/** Kind of an exit. Numbers are fixed for ever. */
enum armvirt_exit_kind {
	ARMVIRT_EXIT_UNKNOWN = 0,     /**< EC 0x00: an UNDEFINED instruction, no reason given */
	ARMVIRT_EXIT_WFX = 1,         /**< EC 0x01: WFI, WFE, WFIT, WFET; member wfx */
	ARMVIRT_EXIT_CP15 = 2,        /**< EC 0x03: MCR or MRC of coprocessor 15; member sysreg */
	ARMVIRT_EXIT_CP15_64 = 3,     /**< EC 0x04: MCRR or MRRC of coprocessor 15; member sysreg */
	ARMVIRT_EXIT_CP14 = 4,        /**< EC 0x05: MCR or MRC of coprocessor 14; member sysreg */
	ARMVIRT_EXIT_CP14_LDST = 5,   /**< EC 0x06: LDC or STC of coprocessor 14; member ldc */
	ARMVIRT_EXIT_FP = 6,          /**< EC 0x07: FP, SIMD (or SVE, SME by the FP trap) */
	ARMVIRT_EXIT_CP10 = 7,        /**< EC 0x08: VMRS of an ID register; member sysreg */
	ARMVIRT_EXIT_PAUTH = 8,       /**< EC 0x09: pointer authentication instruction or key use */
	ARMVIRT_EXIT_LS64 = 9,        /**< EC 0x0A: LD64B, ST64B*, PSB or TSB CSYNC; member code */
	ARMVIRT_EXIT_CP14_64 = 10,    /**< EC 0x0C: MCRR or MRRC of coprocessor 14; member sysreg */
	ARMVIRT_EXIT_BTI = 11,        /**< EC 0x0D: Branch Target exception; member code is BTYPE */
	ARMVIRT_EXIT_ILLEGAL = 12,    /**< EC 0x0E: Illegal Execution state */
	ARMVIRT_EXIT_SVC = 13,        /**< EC 0x11, 0x15: SVC; member call */
	ARMVIRT_EXIT_HVC = 14,        /**< EC 0x12, 0x16: HVC; member call */
	ARMVIRT_EXIT_SMC = 15,        /**< EC 0x13, 0x17: trapped SMC; member call */
	ARMVIRT_EXIT_SYSREG128 = 16,  /**< EC 0x14: MSRR, MRRS, SYSP; member sysreg */
	ARMVIRT_EXIT_SYSREG = 17,     /**< EC 0x18: MSR, MRS, SYS instruction; member sysreg */
	ARMVIRT_EXIT_SVE = 18,        /**< EC 0x19: SVE by its own trap */
	ARMVIRT_EXIT_ERET = 19,       /**< EC 0x1A: ERET, ERETAA, ERETAB; member code: 0, 1, 2 */
	ARMVIRT_EXIT_TSTART = 20,     /**< EC 0x1B: TSTART; member code is the register number */
	ARMVIRT_EXIT_PACFAIL = 21,    /**< EC 0x1C: authentication failed; member code: bit 0 key B,
					   bit 1 data key */
	ARMVIRT_EXIT_SME = 22,        /**< EC 0x1D: SME; member code is SMTC */
	ARMVIRT_EXIT_GPC = 23,        /**< EC 0x1E: granule protection check; member abort */
	ARMVIRT_EXIT_IMPDEF = 24,     /**< EC 0x1F: IMPLEMENTATION DEFINED */
	ARMVIRT_EXIT_IABT = 25,       /**< EC 0x20: instruction abort of the guest; member abort */
	ARMVIRT_EXIT_IABT_SAME = 26,  /**< EC 0x21: instruction abort of EL2 itself; member abort */
	ARMVIRT_EXIT_PC_ALIGN = 27,   /**< EC 0x22: PC alignment; member va */
	ARMVIRT_EXIT_DABT = 28,       /**< EC 0x24: data abort of the guest; member abort */
	ARMVIRT_EXIT_DABT_SAME = 29,  /**< EC 0x25: data abort of EL2, or of the guest's access to
					   the VNCR_EL2 page; member abort */
	ARMVIRT_EXIT_SP_ALIGN = 30,   /**< EC 0x26: SP alignment */
	ARMVIRT_EXIT_MOPS = 31,       /**< EC 0x27: memory copy or set; member mops */
	ARMVIRT_EXIT_FP_EXC = 32,     /**< EC 0x28, 0x2C: trapped FP exception; member code: the
					   flags as in FPSR, bit 31 if they are valid */
	ARMVIRT_EXIT_GCS = 33,        /**< EC 0x2D: Guarded Control Stack; member gcs */
	ARMVIRT_EXIT_SERROR = 34,     /**< EC 0x2F: SError; member serror */
	ARMVIRT_EXIT_BREAKPOINT = 35, /**< EC 0x30, 0x31: breakpoint */
	ARMVIRT_EXIT_STEP = 36,       /**< EC 0x32, 0x33: software step; member code: bit 0 a
					   load-exclusive was stepped, bit 31 if that is valid */
	ARMVIRT_EXIT_WATCHPOINT = 37, /**< EC 0x34, 0x35: watchpoint; member abort (flags and va),
					   reg is the watchpoint's number or 0xff */
	ARMVIRT_EXIT_BKPT = 38,       /**< EC 0x38, 0x3C: BKPT or BRK; member code: the immediate */
	ARMVIRT_EXIT_VECTOR = 39,     /**< EC 0x3A: AArch32 vector catch */
	ARMVIRT_EXIT_PROFILING = 40,  /**< EC 0x3D: profiling exception; member code: bit 0 it is
					   synchronous, bits 5:1 the reason (0 the PMU, 1 the
					   Profiling Buffer, 2 the Trace Buffer) */
	ARMVIRT_EXIT_RESERVED = 41,   /**< any other EC: the architecture gives it no meaning */
	ARMVIRT_EXIT_COUNT            /**< number of kinds */
};

/** Class of a fault status code (DFSC, IFSC). Numbers are fixed for ever. */
enum armvirt_fault {
	ARMVIRT_FAULT_RESERVED = 0,      /**< a code without meaning */
	ARMVIRT_FAULT_ADDRESS_SIZE = 1,  /**< Address size fault */
	ARMVIRT_FAULT_TRANSLATION = 2,   /**< Translation fault */
	ARMVIRT_FAULT_ACCESS_FLAG = 3,   /**< Access flag fault */
	ARMVIRT_FAULT_PERMISSION = 4,    /**< Permission fault */
	ARMVIRT_FAULT_EXTERNAL = 5,      /**< synchronous External abort, not on a walk */
	ARMVIRT_FAULT_EXTERNAL_WALK = 6, /**< synchronous External abort on a walk */
	ARMVIRT_FAULT_PARITY = 7,        /**< parity or ECC error, not on a walk */
	ARMVIRT_FAULT_PARITY_WALK = 8,   /**< parity or ECC error on a walk */
	ARMVIRT_FAULT_TAG_CHECK = 9,     /**< synchronous Tag Check fault */
	ARMVIRT_FAULT_ALIGNMENT = 10,    /**< Alignment fault */
	ARMVIRT_FAULT_GPF = 11,          /**< Granule Protection fault, not on a walk */
	ARMVIRT_FAULT_GPF_WALK = 12,     /**< Granule Protection fault on a walk */
	ARMVIRT_FAULT_TLB_CONFLICT = 13, /**< TLB conflict abort */
	ARMVIRT_FAULT_HW_UPDATE = 14,    /**< unsupported atomic hardware update */
	ARMVIRT_FAULT_LOCKDOWN = 15,     /**< IMPLEMENTATION DEFINED, lockdown */
	ARMVIRT_FAULT_EXCLUSIVE = 16,    /**< IMPLEMENTATION DEFINED, unsupported exclusive */
	ARMVIRT_FAULT_DEBUG = 17,        /**< debug exception (watchpoint, breakpoint, step) */
	ARMVIRT_FAULT_GPT = 18,          /**< EC 0x1E only: fault of the check itself; see gpcsc */
	ARMVIRT_FAULT_COUNT              /**< number of classes */
};

/** Level of a fault that has none. */
#define ARMVIRT_FAULT_NO_LEVEL (-128)

/** Where the intermediate physical address of an abort is found. */
enum armvirt_ipa_source {
	/** There is none, or the processor did not record it: enter the guest again, or give up. */
	ARMVIRT_IPA_NONE = 0,
	/** ipa is exact (within a page; bits 11:0 from the virtual address). */
	ARMVIRT_IPA_EXACT = 1,
	/**
	 * ipa is the page of the stage-1 descriptor whose fetch or update faulted; bits 11:0
	 * are not known and read zero.
	 */
	ARMVIRT_IPA_DESCRIPTOR = 2,
	/**
	 * HPFAR_EL2 is UNKNOWN (Permission fault and others): translate va through the guest's
	 * stage 1, by AT S1E1R or S1E0R or by armvirt_guest_translate(). If that fails the guest
	 * has changed its tables meanwhile: enter it again.
	 */
	ARMVIRT_IPA_TRANSLATE = 3
};

/**
 * @name Flags of an abort
 * Each stands at its place in ESR_EL2.
 * @{
 */
/**
 * WnR: by a write. Set with CM, too; clear for ARMVIRT_FAULT_HW_UPDATE and
 * ARMVIRT_FAULT_EXCLUSIVE, which do not record it.
 */
#define ARMVIRT_ABORT_WRITE        (UINT64_C(1) << 6)
#define ARMVIRT_ABORT_S1PTW        (UINT64_C(1) << 7)  /**< on the fetch of a stage-1 descriptor */
#define ARMVIRT_ABORT_CM           (UINT64_C(1) << 8)  /**< by cache maintenance or AT: no access */
#define ARMVIRT_ABORT_EA           (UINT64_C(1) << 9)  /**< External abort type, IMPDEF */
#define ARMVIRT_ABORT_FNV          (UINT64_C(1) << 10) /**< va is not valid */
#define ARMVIRT_ABORT_VNCR         (UINT64_C(1) << 13) /**< by an access to the VNCR_EL2 page */
#define ARMVIRT_ABORT_AR           (UINT64_C(1) << 14) /**< ISV: acquire or release */
#define ARMVIRT_ABORT_PFV          (UINT64_C(1) << 14) /**< External, no ISV: PFAR_EL2 is valid */
#define ARMVIRT_ABORT_SF           (UINT64_C(1) << 15) /**< ISV: 64-bit register */
#define ARMVIRT_ABORT_FNP          (UINT64_C(1) << 15) /**< no ISV: va is not precise */
#define ARMVIRT_ABORT_SSE          (UINT64_C(1) << 21) /**< ISV: sign extension */
#define ARMVIRT_ABORT_TOPLEVEL     (UINT64_C(1) << 21) /**< no ISV: TopLevel check failed */
#define ARMVIRT_ABORT_ISV          (UINT64_C(1) << 24) /**< bytes, reg, SF, SSE, AR are valid */
#define ARMVIRT_ABORT_DIRTY        (UINT64_C(1) << 37) /**< Permission: dirty state */
#define ARMVIRT_ABORT_OVERLAY      (UINT64_C(1) << 38) /**< Permission: overlay */
#define ARMVIRT_ABORT_ASSURED_ONLY (UINT64_C(1) << 39) /**< Permission: AssuredOnly */
#define ARMVIRT_ABORT_GCS          (UINT64_C(1) << 40) /**< by a Guarded Control Stack access */
#define ARMVIRT_ABORT_TAG_ACCESS   (UINT64_C(1) << 41) /**< Permission: access to tags */
#define ARMVIRT_ABORT_TND          (UINT64_C(1) << 42) /**< Permission: tag, not data */
/** Permission: the HDBSS is full; External or GPF on a walk: by a write to the HDBSS. */
#define ARMVIRT_ABORT_HDBSS (UINT64_C(1) << 43)
/** @} */

/** Severity of a synchronous External abort or of an SError (FEAT_RAS). */
enum armvirt_ras {
	ARMVIRT_RAS_UNKNOWN = 0,       /**< not recorded: treat as uncontainable */
	ARMVIRT_RAS_UNCONTAINABLE = 1, /**< UC: the system is not safe */
	ARMVIRT_RAS_UNRECOVERABLE = 2, /**< UEU: the context is lost */
	ARMVIRT_RAS_RESTARTABLE = 3,   /**< UEO: the context can go on as it is */
	ARMVIRT_RAS_RECOVERABLE = 4,   /**< UER: the context can go on after repair */
	ARMVIRT_RAS_CORRECTED = 5      /**< CE: the error was corrected */
};

/** An instruction abort, a data abort, a granule protection check, a watchpoint. */
struct armvirt_abort {
	uint64_t flags;                     /**< ARMVIRT_ABORT_*, those that have a meaning here */
	uint64_t va;                        /**< faulting virtual address, 0 if ARMVIRT_ABORT_FNV */
	armvirt_ipa_t ipa;                  /**< as ipa_source says, else 0 */
	enum armvirt_fault fault;           /**< class of the status code */
	enum armvirt_ipa_source ipa_source; /**< where the address is found */
	int8_t level;   /**< level of the walk, -2 to 3, or ARMVIRT_FAULT_NO_LEVEL */
	uint8_t status; /**< DFSC or IFSC as recorded */
	uint8_t bytes;  /**< ISV: size of the access, 1, 2, 4, 8 or 64 (FEAT_LS64: which of its
			     instructions is ISS.LST, ST64BV*'s status register ISS2.Xs, both in
			     armvirt_exit::esr); else 0 */
	uint8_t reg;    /**< ISV: transfer register 0 to 31, 31 is XZR, of 64 bytes the first of
			     eight; else 0xff */
	uint8_t ras;    /**< ARMVIRT_FAULT_EXTERNAL: an @ref armvirt_ras; else 0 */
	uint8_t gpcsc;  /**< EC 0x1E: GPCSC; else 0 */
};

/**
 * @name Spaces of register keys (bits 19:16)
 * @{
 */
#define ARMVIRT_SYSREG_A64     UINT32_C(0x00000) /**< AArch64 MSR, MRS, SYS */
#define ARMVIRT_SYSREG_CP15    UINT32_C(0x10000) /**< MCR, MRC p15 */
#define ARMVIRT_SYSREG_CP15_64 UINT32_C(0x20000) /**< MCRR, MRRC p15 */
#define ARMVIRT_SYSREG_CP14    UINT32_C(0x30000) /**< MCR, MRC p14 */
#define ARMVIRT_SYSREG_CP14_64 UINT32_C(0x40000) /**< MCRR, MRRC p14 */
#define ARMVIRT_SYSREG_CP10    UINT32_C(0x50000) /**< VMRS, VMSR: CRn is the register */
#define ARMVIRT_SYSREG_A64_128 UINT32_C(0x60000) /**< MSRR, MRRS, SYSP */
/** @} */

/**
 * Key of a register: op0 15:14, op1 13:11 (14:11 in the 64-bit coprocessor spaces), CRn 10:7,
 * CRm 6:3, op2 2:0, and the space in 19:16. For AArch64 this is the number that
 * <libarmvirt/regs.h> calls ARMVIRT_SYSREG_<name>.
 */
typedef uint32_t armvirt_sysreg_key_t;

/** Makes a key of an AArch64 register from its five numbers. */
#define ARMVIRT_SYSREG_KEY(op0, op1, crn, crm, op2)                                         \
	((((uint32_t)(op0)) << 14) | (((uint32_t)(op1)) << 11) | (((uint32_t)(crn)) << 7) | \
	 (((uint32_t)(crm)) << 3) | ((uint32_t)(op2)))

/** A trapped access to a system register, or a trapped SYS instruction. */
struct armvirt_sysreg_access {
	armvirt_sysreg_key_t key; /**< which */
	uint8_t rt;  /**< transfer register, 31 is XZR (or APSR_nzcv, for CP10 and 14) */
	uint8_t rt2; /**< second register of pair accesses, else 31 */
	bool read;   /**< MRS, MRC, SYSL: towards the general register */
};

/**
 * @brief The access of an AArch64 MSR, MRS or SYS from its syndrome alone.
 * @param esr ESR_EL2 with EC 0x18
 *
 * What armvirt_exit_decode() finds, for a path that must be short. Pure. Source: ISS encoding of a
 * trapped MSR, MRS or System instruction.
 */
static inline struct armvirt_sysreg_access armvirt_sysreg_access_decode(uint64_t esr)
{
	uint32_t iss = (uint32_t)esr & 0x1ffffff;
	struct armvirt_sysreg_access a = {
		/* op1 and CRn lie next to each other in the syndrome as in the key */
		(iss >> 20 & 3) << 14 | (iss >> 10 & 0x7f) << 7 | (iss >> 1 & 0xf) << 3 |
			(iss >> 17 & 7),
		(uint8_t)(iss >> 5 & 0x1f),
		31,
		(iss & 1) != 0,
	};

	return a;
}

/** A trapped LDC or STC (DBGDTRRXint, DBGDTRTXint). */
struct armvirt_ldc_access {
	uint16_t offset; /**< immediate in bytes */
	uint8_t rn;      /**< base register (AArch64 view); meaningless for the literal forms */
	uint8_t mode; /**< 0 unindexed, 1 post, 2 offset, 3 pre, 4 and 6 literal, as in the ISS */
	bool add;     /**< the offset is added */
	bool read;    /**< LDC: memory to register */
};

/** SVC, HVC or SMC. */
struct armvirt_call {
	uint16_t imm; /**< the immediate; 0 for SMC from AArch32, which does not report it */
};

/** WFI and its relatives. */
struct armvirt_wfx {
	bool event;   /**< WFE or WFET */
	bool timeout; /**< WFIT or WFET */
	uint8_t reg;  /**< register with the deadline, 31 is XZR; 0xff if not recorded */
};

/** Memory copy and set exception. */
struct armvirt_mops {
	uint32_t iss; /**< the whole ISS */
	uint8_t dest; /**< number of Xd */
	uint8_t src;  /**< number of Xs */
	uint8_t size; /**< number of Xn */
};

/** Guarded Control Stack exception. */
struct armvirt_gcs {
	uint8_t type;        /**< 0 data check, 1 EXLOCK, 2 GCSSTR or GCSSTTR trapped */
	uint8_t instruction; /**< type 0: IT as recorded; else 0 */
	uint8_t reg;         /**< type 0: register of the instruction, 0xff for GCSSS2 and GCSPOPCX;
				  type 2: value register; else 0xff */
	uint8_t address;     /**< type 2: address register; else 0xff */
};

/** SError. */
struct armvirt_serror {
	uint32_t iss;         /**< ISS, for handing on (VSESR_EL2) */
	enum armvirt_ras ras; /**< severity; ARMVIRT_RAS_UNKNOWN if IMPDEF or uncategorised */
	bool impdef;          /**< IDS: the ISS is IMPLEMENTATION DEFINED */
};

/** Condition of an instruction that is not conditional, or whose condition passed. */
#define ARMVIRT_COND_ALWAYS 0xe
/** The syndrome has no condition: it follows from the IT bits of PSTATE. */
#define ARMVIRT_COND_BY_IT 0xff

/**
 * An exit, decoded. Only the union's member that the kind names is defined.
 */
struct armvirt_exit {
	enum armvirt_exit_kind kind; /**< what happened */
	uint8_t ec;                  /**< ESR_EL2.EC */
	uint8_t insn_bytes;          /**< length of the instruction: 4, or 2 for narrow T32 */
	uint8_t el;                  /**< exception level that it came from */
	uint8_t cond;                /**< condition, 0 to 15, or ARMVIRT_COND_BY_IT */
	bool aarch32;                /**< it came from AArch32 state */
	uint64_t esr;                /**< as recorded */
	union {
		struct armvirt_abort abort;          /**< IABT*, DABT*, GPC, WATCHPOINT */
		struct armvirt_sysreg_access sysreg; /**< SYSREG*, CP1x* */
		struct armvirt_ldc_access ldc;       /**< CP14_LDST */
		struct armvirt_call call;            /**< SVC, HVC, SMC */
		struct armvirt_wfx wfx;              /**< WFX */
		struct armvirt_mops mops;            /**< MOPS */
		struct armvirt_gcs gcs;              /**< GCS */
		struct armvirt_serror serror;        /**< SERROR */
		uint64_t va;                         /**< PC_ALIGN: the misaligned address */
		uint32_t code;                       /**< the kinds that say so */
	} u;                                         /**< details by kind */
};

/**
 * @brief Decodes why a guest left.
 * @param exit written whole as far as the kind defines it
 * @param regs what the processor recorded
 *
 * Total: every value of every register has a defined result. A class that the architecture
 * does not know becomes @ref ARMVIRT_EXIT_RESERVED; the safe answer to it, as to every kind that
 * the caller does not handle, is armvirt_inject_undef(). A reserved fault status becomes
 * @ref ARMVIRT_FAULT_RESERVED. Fields whose valid bit is clear are never passed on.
 *
 * Pure. Architecture: ESR_EL2, HPFAR_EL2; pseudocode IPAValid(), AArch64.ReportException().
 */
void armvirt_exit_decode(struct armvirt_exit *exit, const struct armvirt_exit_regs *regs);

/** The class of a fault status code; @p status is used modulo 64. Pure. */
enum armvirt_fault armvirt_fault_class(uint8_t status);

/** The level of a fault status code, or ARMVIRT_FAULT_NO_LEVEL. Pure. */
int armvirt_fault_level(uint8_t status);

/** Name of a kind for people, "data abort"; "reserved" past the last. Pure, static text. */
const char *armvirt_exit_name(enum armvirt_exit_kind kind);

/** Name of a fault class for people, "permission fault"; "reserved" past the last. Pure. */
const char *armvirt_fault_name(enum armvirt_fault fault);

/**
 * @brief Whether the trapped instruction would have executed.
 *
 * AArch32 instructions trap whether their condition passes or not; when it fails, the right
 * answer is armvirt_exit_skip() and nothing else. Always true for AArch64 and for kinds that are
 * only reported by instructions that execute.
 *
 * Pure. Architecture: ConditionHolds(), ESR_EL2.COND, CV, and CCKNOWNPASS of SMC.
 */
bool armvirt_exit_cond_passes(const struct armvirt_exit *exit, uint64_t pstate);

/**
 * @brief Steps a guest over an instruction.
 * @param frame      the guest; pc and pstate change
 * @param insn_bytes 4, or 2 for a narrow T32 instruction
 *
 * Does what executing the instruction would have done to PSTATE: BTYPE, SS and PPEND become zero,
 * in T32 state the IT bits advance, and the AArch32 PC wraps at 32 bits. Pure.
 */
void armvirt_frame_skip(struct armvirt_frame *frame, uint8_t insn_bytes);

/**
 * @brief Steps a guest over the instruction that caused an exit, if it is still to be stepped over.
 *
 * SVC and HVC return behind themselves, so nothing is done; a trapped SMC and every other
 * synchronous kind return to the instruction. SError is no instruction: nothing is done. Pure.
 */
void armvirt_exit_skip(const struct armvirt_exit *exit, struct armvirt_frame *frame);

/**
 * @brief Takes back an exit, so that the guest executes the instruction again.
 *
 * For an SError that was merged with an exit: HVC and SVC moved the PC, which is undone (their own
 * skip included); other kinds left it alone. Call it instead of handling the exit. Pure.
 */
void armvirt_exit_undo(const struct armvirt_exit *exit, struct armvirt_frame *frame);

/**
 * @brief Deadline of a WFIT or WFET, in ticks of the guest's virtual counter.
 * @param exit     an exit
 * @param frame    the guest
 * @param deadline receives the value of CNTVCT_EL0 at which the guest wants to go on
 * @return ARMVIRT_OK; ARMVIRT_E_ABSENT if there is no time limit (WFI, WFE, or the register is
 *         not recorded: then treat it as WFI or WFE, which may end at any time); ARMVIRT_E_ARG
 *         if the exit is none of these.
 *
 * Pure. Compare unsigned: the wait is over when counter >= deadline.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_wfx_deadline(const struct armvirt_exit *exit,
							   const struct armvirt_frame *frame,
							   uint64_t *deadline);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
