/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Virtual and physical timers of a guest.
 */
#ifndef LIBARMVIRT_TIMER_H
#define LIBARMVIRT_TIMER_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup timer Timers
 * @brief The generic timers that a guest sees: arithmetic, trap control, load and save.
 *
 * The virtual timer is given to the guest; its interrupt is a hardware-linked PPI
 * (armvirt_vgic_link(), armvirt_vgic_hw_irq()). The physical timer is direct (with an offset where
 * the CPU has CNTPOFF_EL2, else with offset zero) or trapped and emulated here. The timers of EL2
 * (CNTHP, CNTHV) belong to the host and are never touched.
 *
 * Source: Arm ARM, the Generic Timer; CNTHCTL_EL2 in both layouts.
 * @{
 */

/** @name CNT*_CTL_EL0
 * @{ */
#define ARMVIRT_TIMER_ENABLE  UINT32_C(1) /**< the timer compares */
#define ARMVIRT_TIMER_IMASK   UINT32_C(2) /**< its interrupt is masked */
#define ARMVIRT_TIMER_ISTATUS UINT32_C(4) /**< its condition is met; read only */
/** @} */

/** How a guest reaches its physical timer and counter. */
enum armvirt_timer_physical {
	ARMVIRT_TIMER_PHYSICAL_TRAPPED = 0, /**< every access traps and is emulated */
	ARMVIRT_TIMER_PHYSICAL_DIRECT = 1,  /**< the registers themselves, offset zero */
	ARMVIRT_TIMER_PHYSICAL_OFFSET = 2   /**< the registers themselves, shifted by CNTPOFF_EL2 */
};

/** One timer, when it is not in the CPU. */
struct armvirt_timer {
	uint64_t cval; /**< CNT*_CVAL_EL0 */
	uint32_t ctl;  /**< ENABLE and IMASK; ISTATUS is computed, never stored */
};

/** What all vCPUs of a virtual machine share: counters must agree. */
struct armvirt_timer_vm {
	uint64_t voff;    /**< virtual count = physical count - voff */
	uint64_t poff;    /**< the guest's physical count = physical count - poff */
	uint8_t physical; /**< an @ref armvirt_timer_physical */
};

/** The timers of one vCPU. */
struct armvirt_timer_vcpu {
	struct armvirt_timer v; /**< virtual timer, while not loaded */
	struct armvirt_timer p; /**< physical timer, while not loaded or if trapped */
	uint32_t cntkctl;       /**< CNTKCTL_EL1 */
	uint8_t loaded;         /**< private */
};

/**
 * @brief Whether a CPU can do what a machine's physical timer is to be.
 * @param vm       the machine
 * @param ecv_poff whether the CPU has FEAT_ECV_POFF (and EL3 lets EL2 use it)
 * @return ARMVIRT_OK; ARMVIRT_E_UNSUPPORTED for an offset without the feature; ARMVIRT_E_ARG for a
 *         direct timer whose offset is not zero, or an unknown way
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_timer_check(const struct armvirt_timer_vm *vm,
							  bool ecv_poff);

/** Whether the condition is met: enabled, and the count has reached cval (unsigned, as the
 *  architecture compares). @p count is the timer's own count, offset subtracted. Pure. */
static inline bool armvirt_timer_met(const struct armvirt_timer *t, uint64_t count)
{
	return (t->ctl & ARMVIRT_TIMER_ENABLE) && count >= t->cval;
}

/** Whether the interrupt line is up: condition met and not masked. Pure. */
static inline bool armvirt_timer_asserted(const struct armvirt_timer *t, uint64_t count)
{
	return armvirt_timer_met(t, count) && !(t->ctl & ARMVIRT_TIMER_IMASK);
}

/** Ticks until the line rises: 0 if it is up, UINT64_MAX if it never will. Pure. */
uint64_t armvirt_timer_delta(const struct armvirt_timer *t, uint64_t count);

/**
 * @brief When a vCPU that waits must run again at the latest: a physical count.
 * @param t        the timers, saved
 * @param vm       their offsets
 * @param physical the physical count now
 * @param wfit     NULL, or the operand of a WFIT (a virtual count)
 * @return the physical count, not before @p physical; UINT64_MAX: no timer will wake it
 *
 * Pure.
 */
uint64_t armvirt_timer_next(const struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			    uint64_t physical, const uint64_t *wfit);

/** What CNT*_CTL_EL0 reads: ISTATUS is zero while disabled. Pure. */
uint32_t armvirt_timer_read_ctl(const struct armvirt_timer *t, uint64_t count);
/** What CNT*_TVAL_EL0 reads: the low half of cval - count. Pure. */
uint32_t armvirt_timer_read_tval(const struct armvirt_timer *t, uint64_t count);
/** A write of CNT*_CTL_EL0. */
void armvirt_timer_write_ctl(struct armvirt_timer *t, uint32_t value);
/** A write of CNT*_TVAL_EL0: cval = count + sign-extended value. */
void armvirt_timer_write_tval(struct armvirt_timer *t, uint64_t count, uint32_t value);

/** A register of the physical timer that traps. */
enum armvirt_timer_reg {
	ARMVIRT_TIMER_REG_CNTPCT, /**< CNTPCT_EL0, CNTPCTSS_EL0 */
	ARMVIRT_TIMER_REG_CTL,    /**< CNTP_CTL_EL0 */
	ARMVIRT_TIMER_REG_CVAL,   /**< CNTP_CVAL_EL0 */
	ARMVIRT_TIMER_REG_TVAL    /**< CNTP_TVAL_EL0 */
};

/** A trapped read of the physical timer. @p physical is the physical count. Pure. */
uint64_t armvirt_timer_trap_read(const struct armvirt_timer_vcpu *t,
				 const struct armvirt_timer_vm *vm, enum armvirt_timer_reg reg,
				 uint64_t physical);
/** A trapped write of the physical timer; the count is read only and ignores it. The caller samples
 *  armvirt_timer_asserted() afterwards, sets the PPI's line and its own deadline. */
void armvirt_timer_trap_write(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			      enum armvirt_timer_reg reg, uint64_t physical, uint64_t value);

/**
 * @brief CNTHCTL_EL2 while the guest runs, in the layout of HCR_EL2.E2H.
 * @param vm  the machine
 * @param e2h HCR_EL2.E2H
 *
 * The virtual timer never traps; no EL0 enable is given away with E2H set (they count for the host
 * only while TGE is set). Pure.
 */
uint64_t armvirt_timer_cnthctl(const struct armvirt_timer_vm *vm, bool e2h);

/** @name The CPU's registers (AArch64 at EL2, E2H clear or set)
 * @{ */

/** Loads the guest's timers: offsets, trap control, then compare values, then (after an ISB)
 *  controls. @p e2h: HCR_EL2.E2H. */
void armvirt_hw_timer_load(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			   bool e2h);
/** Saves the guest's timers and stops them, so that their lines fall; ends with an ISB. */
void armvirt_hw_timer_put(struct armvirt_timer_vcpu *t, const struct armvirt_timer_vm *vm,
			  bool e2h);
/** Whether the line of the loaded virtual timer is up: what armvirt_vgic_hw_withdraw() asks. */
bool armvirt_hw_timer_virtual_asserted(bool e2h);
/** The physical count now. Issues an ISB before it, so that it is not read early. */
uint64_t armvirt_hw_timer_count(void);
/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif
