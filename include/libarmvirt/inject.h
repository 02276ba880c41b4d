/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Exceptions that the hypervisor makes the guest take.
 */
#ifndef LIBARMVIRT_INJECT_H
#define LIBARMVIRT_INJECT_H

#include <libarmvirt/features.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/**
 * The EL1 registers of a guest that taking an exception reads and writes. The caller fills it
 * from the saved context, or from the live registers if they are still in the processor, and
 * puts the written ones back to where they came from: one piece of code serves both.
 */
struct armvirt_excregs {
	uint64_t vbar;     /**< VBAR_EL1; read */
	uint64_t sctlr;    /**< SCTLR_EL1; read */
	uint64_t sctlr2;   /**< SCTLR2_EL1, 0 if it is not enabled for the guest; read */
	uint64_t gcscr;    /**< GCSCR_EL1, 0 without FEAT_GCS; read */
	uint64_t tcr;      /**< TCR_EL1; read for AArch32 only (TTBCR.EAE) */
	uint64_t spsr;     /**< SPSR_EL1; written by exceptions to AArch64 */
	uint64_t elr;      /**< ELR_EL1; written by exceptions to AArch64 */
	uint64_t esr;      /**< ESR_EL1 (AArch32: DFSR); written if the exception has a syndrome */
	uint64_t far;      /**< FAR_EL1 (AArch32: IFAR, DFAR); written by aborts */
	uint64_t ifsr32;   /**< IFSR32_EL2; written by AArch32 Prefetch Aborts */
	uint64_t spsr_abt; /**< SPSR_abt; written by AArch32 aborts */
	uint64_t spsr_und; /**< SPSR_und; written by AArch32 Undefined Instruction */
	uint64_t spsr_irq; /**< SPSR_irq; written by AArch32 IRQ */
	uint64_t spsr_fiq; /**< SPSR_fiq; written by AArch32 FIQ */
	bool el1_aarch32;  /**< HCR_EL2.RW is 0: EL1 is AArch32 */
};

/** A guest as exception entry sees it. */
struct armvirt_exctarget {
	struct armvirt_frame *frame;             /**< general registers, PC, PSTATE */
	struct armvirt_excregs *regs;            /**< EL1 registers */
	const struct armvirt_features *features; /**< what the guest has been shown */
};

/** A synchronous exception by its syndrome. */
struct armvirt_sync {
	uint64_t esr; /**< as ESR_EL1 would hold it; class and ISS are adapted */
	uint64_t far; /**< for FAR_EL1, if set_far */
	bool set_far; /**< aborts, PC alignment, watchpoints: FAR_EL1 is written */
};

/** An abort. */
struct armvirt_abort_request {
	uint64_t va;     /**< faulting virtual address */
	uint8_t status;  /**< fault status code, as DFSC and IFSC: 0x10 is an External abort;
			      AArch32 with short descriptors also 0x3d, 0x3e: Domain fault of a
			      section, of a page */
	uint8_t domain;  /**< AArch32 with short descriptors: DFSR.Domain of a data abort, which
			      the walk's FSR has in bits 7:4; 0 where it has none */
	bool fetch;      /**< instruction abort, else data abort */
	bool write;      /**< data abort by a write */
	bool va_unknown; /**< External abort whose address is not known (FnV) */
};

/** Status code of a synchronous External abort, not on a walk. */
#define ARMVIRT_STATUS_EXTERNAL 0x10

/**
 * @brief Makes a guest take a synchronous exception to EL1.
 * @param t    the guest; frame and regs change
 * @param sync the syndrome
 * @return ARMVIRT_OK; ARMVIRT_E_STATE if the guest is not at EL0 or EL1, or EL1 is AArch32;
 *         ARMVIRT_E_SYNDROME if EL1 never takes this class.
 *
 * Adapts the syndrome: "same" or "lower" exception level by the guest's state; IL where it is
 * always one; ISV and what it makes valid, S1PTW and VNCR cleared (they describe stage 2 and EL2);
 * FnV and SET kept for synchronous External aborts only. PC becomes ELR_EL1 as it is: inject
 * before stepping over the instruction.
 *
 * Pure. Architecture: AArch64.TakeException(), AArch64.ReportException().
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_sync(const struct armvirt_exctarget *t,
							  const struct armvirt_sync *sync);

/**
 * @brief Makes a guest's instruction UNDEFINED: EC 0x00 for AArch64, Undefined Instruction for
 *        AArch32. @return ARMVIRT_OK, or ARMVIRT_E_STATE as armvirt_inject_sync(). Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_undef(const struct armvirt_exctarget *t);

/**
 * @brief Makes a guest take an abort.
 * @param t the guest; frame and regs change
 * @param r which abort
 * @return ARMVIRT_OK; ARMVIRT_E_STATE as armvirt_inject_sync().
 *
 * For AArch32 the status is translated to the format that TTBCR.EAE selects (what the short
 * format lacks becomes a synchronous External abort). External aborts go to the SError vector if
 * SCTLR2_EL1.EASE asks for it.
 *
 * Pure. Architecture: AArch64.DataAbort(), AArch64.InstructionAbort(), AArch32.ReportDataAbort(),
 * AArch32.ReportPrefetchAbort().
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_abort(const struct armvirt_exctarget *t,
							   const struct armvirt_abort_request *r);

/**
 * @brief Makes a guest take an IRQ now, whatever its masks say. @return as armvirt_inject_undef().
 *
 * Without a virtual interrupt of the hardware (HCR_EL2.VI, list registers), which is the usual way.
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_irq(const struct armvirt_exctarget *t);

/** @brief The same as armvirt_inject_irq() for FIQ. @return as armvirt_inject_undef(). Pure. */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_fiq(const struct armvirt_exctarget *t);

/**
 * @brief Makes a guest take an SError now, whatever its masks say.
 * @param t   the guest
 * @param iss ISS of ESR_EL1, bits 24:0 (AArch64); ignored for AArch32
 * @return as armvirt_inject_undef()
 *
 * To leave an SError pending until the guest unmasks it, set HCR_EL2.VSE, and VSESR_EL2 to
 * armvirt_vsesr(). Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_inject_serror(const struct armvirt_exctarget *t,
							    uint32_t iss);

/**
 * @brief VSESR_EL2 for a virtual SError with this ISS, for an AArch64 EL1. Pure.
 *
 * Without FEAT_RAS there is no VSESR_EL2, and the guest sees an IMPLEMENTATION DEFINED syndrome.
 */
static inline uint64_t armvirt_vsesr(uint32_t iss)
{
	return iss & UINT32_C(0x1ffffff);
}

/** How the registers of the guest that is loaded on this CPU are reached. */
struct armvirt_excwhere {
	bool e2h;         /**< HCR_EL2.E2H of this CPU: the EL12 accessors are needed */
	bool el1_aarch32; /**< EL1 of the guest is AArch32: its banked SPSRs and IFSR32 too */
};

/**
 * @brief Reads the registers of the loaded guest for an injection.
 * @param regs  written whole; sctlr2 and gcscr are 0: fill them for a guest that has them
 * @param where how
 *
 * At EL2, on the CPU that holds the guest's EL1 set. No barrier: the exit synchronised.
 */
void armvirt_hw_excregs_load(struct armvirt_excregs *regs, const struct armvirt_excwhere *where);

/**
 * @brief Writes back what an injection wrote. As armvirt_hw_excregs_load(); the entry into the
 *        guest synchronises.
 */
void armvirt_hw_excregs_store(const struct armvirt_excregs *regs,
			      const struct armvirt_excwhere *where);

/** SCTLR_EL1 of the loaded guest, for armvirt_mmio_decode(). At EL2. */
uint64_t armvirt_hw_guest_sctlr(bool e2h);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
