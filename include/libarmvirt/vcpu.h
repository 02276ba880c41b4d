/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The context of a virtual CPU, and entering and leaving it.
 */
#ifndef LIBARMVIRT_VCPU_H
#define LIBARMVIRT_VCPU_H

#include <libarmvirt/base.h>
#include <libarmvirt/context.h>
#include <libarmvirt/features.h>
#include <libarmvirt/frame.h>
#include <libarmvirt/trapcfg.h>
#include <libarmvirt/vcpu_layout.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vcpu World switch
 * @brief Contexts of virtual CPUs, guest entry and exit, what stays in the CPU.
 *
 * **The type-I form.** While a guest runs, SP_EL2 points at its
 * `struct armvirt_vcpu`. The vectors that the macro `armvirt_vectors`
 * (libarmvirt/vectors.h) emits spill the registers that a C function may
 * change, and call the user's *fast* handler on the vCPU's host stack:
 *
 *     unsigned fast(struct armvirt_vcpu *vcpu, uint64_t esr);
 *     unsigned irq(struct armvirt_vcpu *vcpu);
 *
 * Only X0 to X17, X29 and X30 of vcpu->frame are valid there; X18 to X28
 * still are in the CPU. Result 0 resumes the guest with the instruction after (HVC) or
 * with the one that trapped; anything else stores the rest of the frame, ELR,
 * SPSR and, for aborts, FAR and HPFAR, and calls the *general* handler:
 *
 *     struct armvirt_vcpu *general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
 *
 * with the cause (ARMVIRT_CAUSE_...) and the answer of the fast handler (0 if
 * there was none). It returns the vCPU to go on with, or never returns and
 * calls armvirt_vcpu_resume() or armvirt_hw_vcpu_load() and so on itself.
 * Handlers are compiled for general registers only and with X18 fixed, run
 * with all exceptions masked, and must not change ELR_EL2 and SPSR_EL2: fast
 * handlers therefore never unmask.
 *
 * **State.** The EL1 set and FP/SIMD stay in the CPU until another vCPU is
 * loaded there (armvirt_hw_vcpu_load()) or they are asked for
 * (armvirt_hw_vcpu_put()). One `struct armvirt_cpu` per physical CPU says whose
 * state the CPU holds; it belongs to the user's per-CPU data.
 * @{
 */

/** FP and SIMD state. */
struct armvirt_fp {
	uint64_t v[32][2]; /**< V0 to V31, low half first */
	uint64_t fpsr;     /**< FPSR */
	uint64_t fpcr;     /**< FPCR */
};

/**
 * What EL2 is set to while a vCPU runs: traps, identity, stage 2. Layouts of
 * CPTR_EL2 and CNTHCTL_EL2 follow the E2H mode of the CPU. A register that the
 * CPU lacks is ignored.
 */
struct armvirt_vcpu_traps {
	uint64_t hcr_el2;      /**< HCR_EL2; E2H is overruled by the mode of the CPU */
	uint64_t cptr_el2;     /**< CPTR_EL2; traps of FP and SVE are added while they are not the
				  vCPU's,     of SVE without its set and of SME always */
	uint64_t mdcr_el2;     /**< MDCR_EL2 */
	uint64_t hstr_el2;     /**< HSTR_EL2 */
	uint64_t vtcr_el2;     /**< VTCR_EL2 */
	uint64_t vttbr_el2;    /**< VTTBR_EL2 */
	uint64_t cnthctl_el2;  /**< CNTHCTL_EL2 */
	uint64_t cntvoff_el2;  /**< CNTVOFF_EL2 */
	uint64_t vpidr_el2;    /**< VPIDR_EL2 */
	uint64_t vmpidr_el2;   /**< VMPIDR_EL2 */
	uint64_t hcrx_el2;     /**< HCRX_EL2 (FEAT_HCX) */
	uint64_t hfgrtr_el2;   /**< HFGRTR_EL2 (FEAT_FGT) */
	uint64_t hfgwtr_el2;   /**< HFGWTR_EL2 (FEAT_FGT) */
	uint64_t hfgitr_el2;   /**< HFGITR_EL2 (FEAT_FGT) */
	uint64_t hdfgrtr_el2;  /**< HDFGRTR_EL2 (FEAT_FGT) */
	uint64_t hdfgwtr_el2;  /**< HDFGWTR_EL2 (FEAT_FGT) */
	uint64_t hafgrtr_el2;  /**< HAFGRTR_EL2 (FEAT_FGT and FEAT_AMUv1) */
	uint64_t hfgrtr2_el2;  /**< HFGRTR2_EL2 (FEAT_FGT2) */
	uint64_t hfgwtr2_el2;  /**< HFGWTR2_EL2 (FEAT_FGT2) */
	uint64_t hfgitr2_el2;  /**< HFGITR2_EL2 (FEAT_FGT2) */
	uint64_t hdfgrtr2_el2; /**< HDFGRTR2_EL2 (FEAT_FGT2) */
	uint64_t hdfgwtr2_el2; /**< HDFGWTR2_EL2 (FEAT_FGT2) */
};

struct armvirt_cpu;

/** What the vectors store of an exception that EL2 itself took. */
struct armvirt_el2_frame {
	uint64_t x[31];  /**< X0 to X30 */
	uint64_t sp;     /**< SP before the exception */
	uint64_t pc;     /**< ELR_EL2 */
	uint64_t pstate; /**< SPSR_EL2 */
	uint64_t esr;    /**< ESR_EL2 */
	uint64_t far;    /**< FAR_EL2 */
	uint64_t hpfar;  /**< HPFAR_EL2 */
	uint64_t vector; /**< offset in the table / 128: 0 to 3 with SP_EL0, 4 to 7 with SP_EL2 */
};

/** When the FP/SIMD registers of a vCPU are loaded. */
enum armvirt_fp_policy {
	ARMVIRT_FP_LAZY = 0, /**< at the first use, which traps: armvirt_hw_vcpu_fp_load() */
	ARMVIRT_FP_EAGER = 1 /**< with the EL1 set */
};

/**
 * A virtual CPU. The caller owns the memory, 64-byte aligned; at most one CPU
 * touches it at a time. The assembly knows it by the offsets of vcpu_layout.h.
 */
struct __attribute__((aligned(64))) armvirt_vcpu {
	struct armvirt_frame frame; /**< general registers, PC, PSTATE */
	uint64_t exit_pstate;       /**< private: SPSR_EL2 as the last general exit found it */
	uint64_t esr;               /**< ESR_EL2 of the exit; 0 for IRQ and FIQ */
	uint64_t disr;              /**< DISR_EL1 of an exit with ARMVIRT_CAUSE_DEFERRED */
	uint64_t far;               /**< FAR_EL2, valid for aborts and watchpoints */
	uint64_t hpfar;             /**< HPFAR_EL2, valid as the architecture says for aborts */
	uint64_t host_sp;           /**< private: armvirt_vcpu_set_stack() */
	uint32_t modes;             /**< bit n: the guest may have PSTATE.M = n */
	uint8_t fp_policy;          /**< @ref armvirt_fp_policy */
	uint8_t reserved8[3];       /**< 0 */
	struct armvirt_cpu *cpu;    /**< private: the CPU that holds its EL1 set, or NULL */
	struct armvirt_cpu *fp_cpu; /**< private: the CPU that holds its FP/SIMD, or NULL */
	void *host;                 /**< the user's, never touched */
	struct armvirt_ctx_pauth
		*guest_keys; /**< private: its keys while EL2 has others, or NULL */
	const struct armvirt_el2_keys *el2_keys; /**< private: of the CPU that it is loaded on */
	uint64_t reserved64[3];                  /**< 0 */
	struct armvirt_vcpu_traps traps;         /**< written to the CPU when the vCPU is loaded */
	uint64_t reserved_traps[2];              /**< 0 */
	struct armvirt_ctx_el1 el1;              /**< valid while the vCPU is not loaded */
	struct armvirt_ctx_impdef
		impdef;             /**< valid while not loaded; 0 where the CPU has no bits */
	struct armvirt_ctx_ras ras; /**< valid while not loaded; armvirt_hw_vcpu_inject_serror() */
	struct armvirt_fp fp;       /**< valid while no CPU's registers hold it */
	uint64_t sets;              /**< private: optional sets, ARMVIRT_SET_... */
	uint16_t set_offset[36];    /**< private: where each begins, in bytes; 0: absent */
	void *sve;                  /**< private: Z, P and FFR, armvirt_vcpu_init_sve(); or NULL */
	uint64_t sve_vl;            /**< private: its longest vectors, in bytes; 0: none */
	const struct armvirt_cpu *ran_on; /**< private: armvirt_hw_vcpu_guard() */
	uint64_t reserved_end;            /**< 0 */
};

/** What one physical CPU holds. Owned by the caller, written by this CPU only. */
struct armvirt_cpu {
	uint64_t has; /**< private: what this CPU switches, from armvirt_hw_el2_setup() */
	struct armvirt_vcpu *loaded;   /**< whose EL1 set and traps are in the CPU, or NULL */
	struct armvirt_vcpu *fp;       /**< whose FP/SIMD is in the CPU, or NULL */
	struct armvirt_vcpu_traps now; /**< private: the EL2 registers as last written */
	uint64_t sets;                 /**< optional sets that this CPU can switch */
	uint8_t brp_count;             /**< private: breakpoints */
	uint8_t wrp_count;             /**< private: watchpoints */
	uint8_t pmev_count;            /**< private: event counters of EL1 */
	uint16_t sve_vls; /**< bit n: vectors of 16 (n + 1) bytes can be a guest's longest */
	uint64_t zcr_el2; /**< private: ZCR_EL2 as last written (FEAT_SVE) */
	const struct armvirt_el2_keys *el2_keys; /**< private: armvirt_hw_el2_keys(), or NULL */
};

/** Sets that a vCPU can have beside the EL1 set, RAS and FP/SIMD, which every one has. */
#define ARMVIRT_VCPU_OPTIONAL                                                             \
	(ARMVIRT_SET_AUX | ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP | ARMVIRT_SET_TCR2 |       \
	 ARMVIRT_SET_SCTLR2 | ARMVIRT_SET_S1PIE | ARMVIRT_SET_S1POE | ARMVIRT_SET_PAUTH | \
	 ARMVIRT_SET_MTE | ARMVIRT_SET_SCXT | ARMVIRT_SET_FPMR | ARMVIRT_SET_SVE |        \
	 ARMVIRT_SET_GCS | ARMVIRT_SET_DEBUG | ARMVIRT_SET_BRP | ARMVIRT_SET_WRP |        \
	 ARMVIRT_SET_PMU | ARMVIRT_SET_PMEV | ARMVIRT_SET_TIMER | ARMVIRT_SET_TRF |       \
	 ARMVIRT_SET_SPE | ARMVIRT_SET_TRBE)

/** Bytes of a vCPU with these optional sets: for static memory, and armvirt_vcpu_init_sets(). */
#define ARMVIRT_VCPU_BYTES(sets)                                                                  \
	((sizeof(struct armvirt_vcpu) + (size_t)ARMVIRT_CTX_BYTES((sets)&ARMVIRT_VCPU_OPTIONAL) + \
	  63) /                                                                                   \
	 64 * 64)

/**
 * @brief Prepares a vCPU in its architectural reset state: AArch64 EL1h, all
 *        exceptions masked, MMU and caches of EL1 off, all else 0.
 * @param vcpu  memory of at least @p bytes, aligned to ARMVIRT_VCPU_ALIGN
 * @param bytes `sizeof(struct armvirt_vcpu)` as the caller sees it
 * @param f     of the CPUs it may run on
 *
 * The traps are 0: the caller fills vcpu->traps, frame.pc and the stack
 * (armvirt_vcpu_set_stack()) before it loads the vCPU. Pure. Refuses
 * ARMVIRT_E_SIZE and ARMVIRT_E_ALIGN with nothing written.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_init(struct armvirt_vcpu *vcpu, size_t bytes,
							const struct armvirt_features *f);

/** What a vCPU is made of. */
struct armvirt_vcpu_shape {
	size_t bytes;  /**< of the memory: ARMVIRT_VCPU_BYTES(sets) at least */
	uint64_t sets; /**< optional sets, some of ARMVIRT_VCPU_OPTIONAL */
};

/**
 * @brief As armvirt_vcpu_init(), with optional register sets behind the structure.
 * @param vcpu  memory of shape->bytes, aligned to ARMVIRT_VCPU_ALIGN
 * @param shape which sets, and how much memory there is
 * @param f     of the CPUs it may run on
 *
 * Each set costs its accesses whenever vCPUs change, and a test when they do
 * not. Pure. ARMVIRT_E_SIZE: too few bytes; ARMVIRT_E_UNSUPPORTED: a set that
 * these CPUs lack; ARMVIRT_E_ARG: a set that is not optional; ARMVIRT_E_ALIGN.
 * Nothing is written after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_init_sets(struct armvirt_vcpu *vcpu,
							     const struct armvirt_vcpu_shape *shape,
							     const struct armvirt_features *f);

/** Longest vectors that the architecture allows, in bytes. */
#define ARMVIRT_SVE_VL_MAX 256

/** Bytes of Z, P and FFR with vectors of @p vl bytes: for static memory, and
 * armvirt_vcpu_init_sve(). */
#define ARMVIRT_SVE_BYTES(vl) ((32 * (size_t)(vl) + 17 * (size_t)(vl) / 8 + 15) / 16 * 16)

/** Where a vCPU keeps its SVE registers. */
struct armvirt_vcpu_sve {
	void *area;   /**< 16-byte aligned, the vCPU's as long as it exists */
	size_t bytes; /**< of it: ARMVIRT_SVE_BYTES(vl) at least */
	unsigned vl;  /**< the longest vectors it may have, in bytes: 16 to 256, a multiple of 16 */
};

/**
 * @brief Gives a vCPU with the set SVE its vector registers, all 0.
 * @param vcpu prepared by armvirt_vcpu_init_sets(), held by no CPU
 * @param s    memory, and the length; CPUs that cannot have exactly it refuse to load the vCPU
 *
 * Its V registers live there too from now on, not in vcpu->fp. The guest sees SVE if its
 * CPTR_EL2 says so; ZCR_EL2 bounds its length. Pure. ARMVIRT_E_STATE: the vCPU lacks the set, or a
 * CPU holds its registers; ARMVIRT_E_ARG: no such length; ARMVIRT_E_SIZE: the memory does not
 * suffice; ARMVIRT_E_ALIGN. Nothing is written after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_init_sve(struct armvirt_vcpu *vcpu,
							    const struct armvirt_vcpu_sve *s);

/** The optional sets that CPUs with these features can switch. Pure. */
uint64_t armvirt_vcpu_sets(const struct armvirt_features *f);

/**
 * @brief The structure of an optional set of a vCPU: `struct armvirt_ctx_...`.
 * @param vcpu the vCPU
 * @param bit  ARMVIRT_SET_..._BIT
 * @return NULL when the vCPU lacks the set. Its contents count while not loaded.
 *
 * Pure.
 */
static inline void *armvirt_vcpu_set(struct armvirt_vcpu *vcpu, unsigned bit)
{
	if (bit >= ARMVIRT_SET_COUNT || !(vcpu->sets >> bit & 1))
		return NULL;
	return (char *)vcpu + vcpu->set_offset[bit];
}

/**
 * @brief Makes EL1 of a prepared vCPU AArch32: Supervisor mode, A32, masked.
 *
 * Pure. FP/SIMD becomes eager, as an FP trap that is armed while FPEXC disables
 * FP loses to EL1. ARMVIRT_E_UNSUPPORTED when the CPUs have no AArch32 at EL1;
 * ARMVIRT_E_STATE when the vCPU lacks the sets A32 and A32FP. The caller leaves
 * HCR_EL2.RW of the traps clear.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_init_aarch32(struct armvirt_vcpu *vcpu,
								const struct armvirt_features *f);

/**
 * @brief Takes over a trap configuration: every trap register of vcpu->traps.
 * @param vcpu the vCPU, prepared; identity, stage 2 and counter offset stay as they are
 * @param t    from armvirt_trapcfg_build()
 * @param e2h  HCR_EL2.E2H of the CPUs it runs on
 *
 * The caller adds HCR_EL2.FWB if its stage 2 wants it. Pure. ARMVIRT_E_STATE: the
 * guest is shown what the vCPU has no set for; ARMVIRT_E_UNSUPPORTED: SME, which
 * is not switched. The sets of timers, GIC and MPAM are not looked at:
 * other modules switch them. Nothing is changed after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_vcpu_set_traps(struct armvirt_vcpu *vcpu, const struct armvirt_trapcfg *t, bool e2h);

/**
 * @brief Sets the stack on which the handlers run, one per CPU.
 * @param vcpu the vCPU, not running
 * @param top  end of the stack (exclusive); 16 bytes below it are the library's
 *
 * Pure.
 */
static inline void armvirt_vcpu_set_stack(struct armvirt_vcpu *vcpu, void *top)
{
	vcpu->host_sp = ((uint64_t)(uintptr_t)top & ~UINT64_C(15)) - 16;
}

/**
 * @brief Whether a vCPU may be loaded and entered.
 *
 * Pure. ARMVIRT_E_ALIGN: the structure is not aligned; ARMVIRT_E_STATE: no
 * stack, or the set SVE without armvirt_vcpu_init_sve(); ARMVIRT_E_ARG: PSTATE would not return to
 * EL1 or EL0 of this guest; ARMVIRT_E_MISMATCH: HCR_EL2 of the traps contradicts the guest's
 * execution state, or has TGE set.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_check(const struct armvirt_vcpu *vcpu);

/**
 * @brief Loads a vCPU: traps, stage 2, EL1 set; FP/SIMD if its policy is eager.
 * @param cpu  of the CPU this runs on, after armvirt_hw_el2_setup()
 * @param vcpu loaded nowhere else
 *
 * Writes the traps that changed if it is loaded here already, and nothing else.
 * The EL1 set of another vCPU that is loaded is stored first; its FP/SIMD stays
 * in the CPU. Registers of EL2 that hold the value already are not written. At
 * EL2; per-object. Issues DSB NSH (orders walks under the old context before
 * the new one) and no ISB for an AArch64 guest without eager FP: ERET synchronises.
 *
 * Without FEAT_RAS, or without a table of vectors that defers SErrors, it takes
 * an SError that is pending when vCPUs change, and leaves its syndrome in disr
 * of the vCPU that was loaded before.
 *
 * ARMVIRT_E_BUSY: another CPU holds state of it; ARMVIRT_E_UNSUPPORTED: it has
 * a set or a vector length that this CPU lacks; refusals of armvirt_vcpu_check(). Nothing is
 * changed after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_hw_vcpu_load(struct armvirt_cpu *cpu,
							   struct armvirt_vcpu *vcpu);

/** Pointer authentication keys of EL2, the caller's as long as they are in use. */
struct armvirt_el2_keys {
	struct armvirt_ctx_pauth key; /**< random; only the first two in mode ARMVIRT_KEYS_APIA */
	uint64_t mode;                /**< ARMVIRT_KEYS_APIA or ARMVIRT_KEYS_ALL */
};

/**
 * @brief Gives EL2 pointer authentication keys of its own, or none.
 * @param cpu  of the CPU this runs on, after armvirt_hw_el2_setup(); no vCPU is loaded
 * @param keys NULL: EL2 does not sign, the keys are the guest's for as long as it is loaded (the
 *             state after set-up, and the one that costs nothing)
 *
 * Exits and entries then exchange the keys of a vCPU with the set PAUTH: 2 reads and 2 writes and
 * an ISB at an exit, 2 writes at an entry (APIA), five times that (all). VBAR_EL2 holds a table
 * made with `keys=apia` or `keys=all` to match. SCTLR_EL2.EnIA (and EnIB, EnDA, EnDB) is set. At
 * EL2 of a CPU with FEAT_PAuth; per-object. An ISB orders the keys before the next instruction.
 *
 * What was signed before cannot be authenticated afterwards: the function that calls this must
 * never return, or be assembly.
 */
void armvirt_hw_el2_keys(struct armvirt_cpu *cpu, const struct armvirt_el2_keys *keys);

/**
 * @brief Stores in memory all that this CPU holds of a vCPU: EL1 set, FP/SIMD.
 * @param cpu  of the CPU this runs on
 * @param vcpu any
 *
 * At EL2; per-object. Needed before another CPU may load it, which the caller
 * orders (release here, acquire there). The DSB ISH at the end orders the
 * guest's own cache and TLB maintenance before it runs elsewhere.
 */
void armvirt_hw_vcpu_put(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu);

/**
 * @brief Whether an exit is the trap that a lazy vCPU waits for: armvirt_hw_vcpu_fp_load().
 * @param vcpu the vCPU that was left
 * @param esr  ESR_EL2
 *
 * ESR_ELx.EC 0x07, with the set SVE 0x19 too, while no CPU holds its FP registers. Otherwise such
 * an exit means that the guest's own traps deny FP or SVE. Pure.
 */
static inline bool armvirt_vcpu_wants_fp(const struct armvirt_vcpu *vcpu, uint64_t esr)
{
	uint64_t ec = esr >> 26 & 0x3f;

	return !vcpu->fp_cpu && (ec == 0x07 || (ec == 0x19 && vcpu->sets & ARMVIRT_SET_SVE));
}

/**
 * @brief Gives the loaded vCPU the FP, SIMD and SVE registers and disarms the traps.
 *
 * For an exit that armvirt_vcpu_wants_fp() of a lazy vCPU, which then executes the
 * instruction again. Stores those of the vCPU that had them. Does nothing when
 * no vCPU is loaded. At EL2; per-object. ISBs order the traps and the vector length before the
 * registers are touched.
 */
void armvirt_hw_vcpu_fp_load(struct armvirt_cpu *cpu);

/** Bits of a register to change, and what they become. */
struct armvirt_bits {
	uint64_t mask;  /**< which bits */
	uint64_t value; /**< their new values, other bits are ignored */
};

/**
 * @brief Changes bits of HCR_EL2 of a vCPU: loaded on this CPU, or not loaded.
 *
 * The register is written at once if the CPU holds the vCPU. A virtual SError
 * that is pending (HCR_EL2.VSE) and not mentioned in @p bits is not lost and
 * not made anew. At EL2; per-object. No barrier: ERET synchronises.
 */
void armvirt_hw_vcpu_set_hcr(struct armvirt_vcpu *vcpu, struct armvirt_bits bits);

/**
 * @brief Makes a virtual SError pending for a vCPU, loaded on this CPU or not at all.
 * @param vcpu     the vCPU; HCR_EL2.AMO must be set in its traps
 * @param syndrome IDS and ISS of the SError for CPUs with FEAT_RAS, as VSESR_EL2 takes them
 *
 * One that is pending already is replaced. It stays pending over switches until the
 * guest takes it or defers it. At EL2; per-object. No barrier: ERET synchronises.
 */
void armvirt_hw_vcpu_inject_serror(struct armvirt_vcpu *vcpu, uint64_t syndrome);

/**
 * @brief Enters the guest, never returns; exits arrive at the vectors.
 * @param vcpu loaded on this CPU
 *
 * At EL2, from any stack: it is abandoned. Masks all exceptions. A PSTATE that
 * is none of this guest's modes becomes EL1h with IL set, so that the guest and
 * not EL2 takes the illegal state exception (AArch64.IllegalExceptionReturn()).
 */
__attribute__((noreturn)) void armvirt_vcpu_resume(struct armvirt_vcpu *vcpu);

/**
 * @brief Enters the guest and returns at its next exit: the call/return form.
 * @param vcpu loaded on this CPU
 * @return cause (ARMVIRT_CAUSE_...) in bits 7:0, answer of the fast handler above
 *
 * VBAR_EL2 holds a table whose general handler is armvirt_vcpu_leave(). At EL2,
 * on the stack of the caller, which becomes the vCPU's host stack. Returns with
 * all exceptions masked; PSTATE of the guest is treated as armvirt_vcpu_resume() does.
 */
unsigned armvirt_vcpu_enter(struct armvirt_vcpu *vcpu);

/**
 * @brief As armvirt_vcpu_enter(), but does not enter while an interrupt or SError is pending.
 * @param vcpu loaded on this CPU
 * @return as armvirt_vcpu_enter(); with the cause ARMVIRT_CAUSE_PENDING the guest has not run, and
 *         the answer is what is pending: bit 0 FIQ, 1 IRQ, 2 SError, 3 and 4 FIQ and IRQ with
 *         superpriority (ISR_EL1 bits 6 to 10)
 *
 * For a host that would take the exit at once anyway, and for one that must not have its own
 * SErrors taken for the guest's: a DSB NSHST and an ISB come before the look. What becomes pending
 * after it leaves the guest, as ever. Returns with all exceptions masked; the caller unmasks to
 * take what is pending.
 */
unsigned armvirt_vcpu_enter_unless_pending(struct armvirt_vcpu *vcpu);

/**
 * @brief Returns from armvirt_vcpu_enter(): `general=armvirt_vcpu_leave`. Only for vectors.
 * @param vcpu   as armvirt_vcpu_enter() got it
 * @param cause  why the guest was left
 * @param answer of the fast handler
 * @return does not return to the vectors
 */
struct armvirt_vcpu *armvirt_vcpu_leave(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
