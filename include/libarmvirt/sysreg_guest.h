/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Ready-made handlers for trapped ID, debug and timer registers.
 */
#ifndef LIBARMVIRT_SYSREG_GUEST_H
#define LIBARMVIRT_SYSREG_GUEST_H

#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/sysreg.h>
#include <libarmvirt/timer.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 *
 * The lists below go into the caller's constant table, beside rows of its own:
 * `{ARMVIRT_SYSREG_ID_ROWS(offsetof(struct guest, id)), ARMVIRT_SYSREG_TIMER_ROWS(...), ...}`. Each
 * handler finds its object at that many bytes behind the context of the dispatch, so one table
 * serves all guests. The registers of the GIC have a list in vgic.h.
 * @{
 */

/**
 * @brief Handler: registers with a fixed value, as armvirt_idregs_guest_read() and
 *        armvirt_idregs_guest_write() have it, and their AArch32 equivalents.
 *
 * Behind the context at `arg` stands a pointer to the guest's ID registers (`const struct
 * armvirt_idregs *`). AArch32: CP15 c0 (CTR, REVIDR, ID_*, CCSIDR, CLIDR, AIDR, CSSELR; TCMTR and
 * TLBTR are zero), ACTLR, ACTLR2 where ID_MMFR4.AC2 says so, FPSID, MVFR0 to MVFR2, and JIDR, which
 * is zero. ARMVIRT_E_DENIED: UNDEFINED for this guest. Pure.
 */
enum armvirt_status armvirt_sysreg_idreg(void *context, const struct armvirt_sysreg_entry *entry,
					 const struct armvirt_sysreg_access *access,
					 uint64_t *value);

/** A row with armvirt_sysreg_idreg(). */
#define ARMVIRT_SYSREG_ID_ROW(key, access, offset)                 \
	{                                                          \
		(key), (access), 0, (offset), armvirt_sysreg_idreg \
	}

/** Eight rows that can be read, from a key whose op2 is 0. */
#define ARMVIRT_SYSREG_ID_ROW8(key, offset)                                 \
	ARMVIRT_SYSREG_ID_ROW((key), ARMVIRT_SYSREG_R, offset),             \
		ARMVIRT_SYSREG_ID_ROW((key) + 1, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 2, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 3, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 4, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 5, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 6, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW((key) + 7, ARMVIRT_SYSREG_R, offset)

/**
 * ID registers: what HCR_EL2.{TID1,TID2,TID3,TID4,TID5,TACR} trap of AArch64, and the error records
 * of a guest that has none. MIDR_EL1 and MPIDR_EL1 are not among them: VPIDR_EL2 and VMPIDR_EL2
 * answer.
 */
#define ARMVIRT_SYSREG_ID_ROWS(offset)                                                          \
	ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_REVIDR_EL1, ARMVIRT_SYSREG_R, offset),             \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 1, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 2, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 3, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 4, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 5, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 6, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_KEY(3, 0, 0, 7, 0), offset),              \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CTR_EL0, ARMVIRT_SYSREG_R, offset),        \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CCSIDR_EL1, ARMVIRT_SYSREG_R, offset),     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CLIDR_EL1, ARMVIRT_SYSREG_R, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_GMID_EL1, ARMVIRT_SYSREG_R, offset),       \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_AIDR_EL1, ARMVIRT_SYSREG_R, offset),       \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CSSELR_EL1, ARMVIRT_SYSREG_RW, offset),    \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ACTLR_EL1, ARMVIRT_SYSREG_RW, offset),     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERRIDR_EL1, ARMVIRT_SYSREG_R, offset),     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERRSELR_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXFR_EL1, ARMVIRT_SYSREG_R, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXCTLR_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXSTATUS_EL1, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXADDR_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXMISC0_EL1, ARMVIRT_SYSREG_RW, offset),  \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_ERXMISC1_EL1, ARMVIRT_SYSREG_RW, offset)

/** The value and control registers of breakpoint and watchpoint n. */
#define ARMVIRT_SYSREG_DEBUG_ROW4(n, offset)                                                 \
	ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_KEY(2, 0, 0, n, 4), ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_KEY(2, 0, 0, n, 5), ARMVIRT_SYSREG_RW,  \
				      offset),                                               \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_KEY(2, 0, 0, n, 6), ARMVIRT_SYSREG_RW,  \
				      offset),                                               \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_KEY(2, 0, 0, n, 7), ARMVIRT_SYSREG_RW,  \
				      offset)

/** The debug registers of a guest that is not shown debug (ARMVIRT_SHOW_DEBUG): the architecture
 * has no CPU without, so they are there and do nothing. */
#define ARMVIRT_SYSREG_DEBUG_ROWS(offset)                                                          \
	ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSLAR_EL1, ARMVIRT_SYSREG_W, offset),                 \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSLSR_EL1, ARMVIRT_SYSREG_R, offset),         \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSDLR_EL1, ARMVIRT_SYSREG_RW, offset),        \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGPRCR_EL1, ARMVIRT_SYSREG_RW, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_MDSCR_EL1, ARMVIRT_SYSREG_RW, offset),        \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_MDCCINT_EL1, ARMVIRT_SYSREG_RW, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_MDRAR_EL1, ARMVIRT_SYSREG_R, offset),         \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSDTRRX_EL1, ARMVIRT_SYSREG_RW, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSDTRTX_EL1, ARMVIRT_SYSREG_RW, offset),      \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_OSECCR_EL1, ARMVIRT_SYSREG_RW, offset),       \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGCLAIMSET_EL1, ARMVIRT_SYSREG_RW, offset),  \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGCLAIMCLR_EL1, ARMVIRT_SYSREG_RW, offset),  \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGAUTHSTATUS_EL1, ARMVIRT_SYSREG_R, offset), \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_MDCCSR_EL0, ARMVIRT_SYSREG_R, offset),        \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGDTR_EL0, ARMVIRT_SYSREG_RW, offset),       \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_DBGDTRRX_EL0, ARMVIRT_SYSREG_RW, offset),     \
		ARMVIRT_SYSREG_DEBUG_ROW4(0, offset), ARMVIRT_SYSREG_DEBUG_ROW4(1, offset),        \
		ARMVIRT_SYSREG_DEBUG_ROW4(2, offset), ARMVIRT_SYSREG_DEBUG_ROW4(3, offset),        \
		ARMVIRT_SYSREG_DEBUG_ROW4(4, offset), ARMVIRT_SYSREG_DEBUG_ROW4(5, offset),        \
		ARMVIRT_SYSREG_DEBUG_ROW4(6, offset), ARMVIRT_SYSREG_DEBUG_ROW4(7, offset),        \
		ARMVIRT_SYSREG_DEBUG_ROW4(8, offset), ARMVIRT_SYSREG_DEBUG_ROW4(9, offset),        \
		ARMVIRT_SYSREG_DEBUG_ROW4(10, offset), ARMVIRT_SYSREG_DEBUG_ROW4(11, offset),      \
		ARMVIRT_SYSREG_DEBUG_ROW4(12, offset), ARMVIRT_SYSREG_DEBUG_ROW4(13, offset),      \
		ARMVIRT_SYSREG_DEBUG_ROW4(14, offset), ARMVIRT_SYSREG_DEBUG_ROW4(15, offset)

/** The encoding of a 32-bit access to CP15 (CP14, CP10 likewise) without its space. */
#define ARMVIRT_SYSREG_CP_KEY(op1, crn, crm, op2) \
	(UINT32_C(op1) << 11 | UINT32_C(crn) << 7 | UINT32_C(crm) << 3 | UINT32_C(op2))

/** One row of CP15 with armvirt_sysreg_idreg(). */
#define ARMVIRT_SYSREG_ID15_ROW(op1, crn, crm, op2, access, offset)                            \
	ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(op1, crn, crm, op2), \
			      access, offset)

/** The AArch32 views: for guests that are shown AArch32. The rest of CP15 c0 reads as zero without
 *  a row. */
#define ARMVIRT_SYSREG_ID32_ROWS(offset)                                                         \
	ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 0, 1, 0), offset), \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 0, 2, 0),  \
				       offset),                                                  \
		ARMVIRT_SYSREG_ID_ROW8(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 0, 3, 0),  \
				       offset),                                                  \
		ARMVIRT_SYSREG_ID15_ROW(0, 0, 0, 1, ARMVIRT_SYSREG_R, offset),  /* CTR */        \
		ARMVIRT_SYSREG_ID15_ROW(0, 0, 0, 2, ARMVIRT_SYSREG_R, offset),  /* TCMTR */      \
		ARMVIRT_SYSREG_ID15_ROW(0, 0, 0, 3, ARMVIRT_SYSREG_R, offset),  /* TLBTR */      \
		ARMVIRT_SYSREG_ID15_ROW(0, 0, 0, 6, ARMVIRT_SYSREG_R, offset),  /* REVIDR */     \
		ARMVIRT_SYSREG_ID15_ROW(1, 0, 0, 0, ARMVIRT_SYSREG_R, offset),  /* CCSIDR */     \
		ARMVIRT_SYSREG_ID15_ROW(1, 0, 0, 1, ARMVIRT_SYSREG_R, offset),  /* CLIDR */      \
		ARMVIRT_SYSREG_ID15_ROW(1, 0, 0, 7, ARMVIRT_SYSREG_R, offset),  /* AIDR */       \
		ARMVIRT_SYSREG_ID15_ROW(2, 0, 0, 0, ARMVIRT_SYSREG_RW, offset), /* CSSELR */     \
		ARMVIRT_SYSREG_ID15_ROW(0, 1, 0, 1, ARMVIRT_SYSREG_RW, offset), /* ACTLR */      \
		ARMVIRT_SYSREG_ID15_ROW(0, 1, 0, 3, ARMVIRT_SYSREG_RW, offset), /* ACTLR2 */     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP10 | ARMVIRT_SYSREG_CP_KEY(7, 0, 0, 0),   \
				      ARMVIRT_SYSREG_RW, offset), /* FPSID */                    \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP10 | ARMVIRT_SYSREG_CP_KEY(7, 5, 0, 0),   \
				      ARMVIRT_SYSREG_R, offset), /* MVFR2 */                     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP10 | ARMVIRT_SYSREG_CP_KEY(7, 6, 0, 0),   \
				      ARMVIRT_SYSREG_R, offset), /* MVFR1 */                     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP10 | ARMVIRT_SYSREG_CP_KEY(7, 7, 0, 0),   \
				      ARMVIRT_SYSREG_R, offset), /* MVFR0 */                     \
		ARMVIRT_SYSREG_ID_ROW(ARMVIRT_SYSREG_CP14 | ARMVIRT_SYSREG_CP_KEY(7, 0, 0, 0),   \
				      ARMVIRT_SYSREG_R, offset) /* JIDR */

/** What armvirt_sysreg_timer() works on. */
struct armvirt_timer_trap {
	struct armvirt_timer_vcpu *timers; /**< of the vCPU; the one that is accessed is in here,
					      not in the CPU */
	const struct armvirt_timer_vm *vm; /**< the offsets */
	uint64_t physical; /**< the physical count of this exit: armvirt_hw_timer_count() */
	uint8_t ecv;       /**< 1: the guest is shown FEAT_ECV, so CNTPCTSS_EL0 and CNTVCTSS_EL0 */
	uint8_t written; /**< set to 1 by a write: the caller samples armvirt_timer_asserted(), sets
			    the line of the PPI, its own deadline by armvirt_timer_next(), and
			    clears this */
	uint8_t reserved[6]; /**< 0 */
};

/**
 * @brief Handler: timers and counters, from AArch64 and AArch32, on a @ref armvirt_timer_trap that
 *        stands `arg` bytes behind the context of the dispatch.
 *
 * The physical timer traps while it is ARMVIRT_TIMER_PHYSICAL_TRAPPED; the virtual one only if the
 * caller sets CNTHCTL_EL2.{EL1TVT,EL1TVCT} (FEAT_ECV) and keeps it out of the CPU. What CNTKCTL_EL1
 * denies to EL0 goes to EL1 before it comes here. ARMVIRT_E_DENIED: UNDEFINED for this guest. Per
 * object; no barrier.
 */
enum armvirt_status armvirt_sysreg_timer(void *context, const struct armvirt_sysreg_entry *entry,
					 const struct armvirt_sysreg_access *access,
					 uint64_t *value);

/** A row with armvirt_sysreg_timer(). */
#define ARMVIRT_SYSREG_TIMER_ROW(key, access, offset)              \
	{                                                          \
		(key), (access), 0, (offset), armvirt_sysreg_timer \
	}

/** A pair of registers of CP15 (MRRC, MCRR) with armvirt_sysreg_timer(). */
#define ARMVIRT_SYSREG_TIMER64_ROW(op1, access, offset)                                          \
	ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CP15_64 | UINT32_C(op1) << 11 | 14 << 3, access, \
				 offset)

/** The timers of EL0 and EL1, AArch64. */
#define ARMVIRT_SYSREG_TIMER_ROWS(offset)                                                          \
	ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTPCT_EL0, ARMVIRT_SYSREG_R, offset),             \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTVCT_EL0, ARMVIRT_SYSREG_R, offset),     \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTPCTSS_EL0, ARMVIRT_SYSREG_R, offset),   \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTVCTSS_EL0, ARMVIRT_SYSREG_R, offset),   \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTP_TVAL_EL0, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTP_CTL_EL0, ARMVIRT_SYSREG_RW, offset),  \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTP_CVAL_EL0, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTV_TVAL_EL0, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTV_CTL_EL0, ARMVIRT_SYSREG_RW, offset),  \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CNTV_CVAL_EL0, ARMVIRT_SYSREG_RW, offset)

/** The AArch32 views. */
#define ARMVIRT_SYSREG_TIMER32_ROWS(offset)                                                        \
	ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 14, 2, 0),         \
				 ARMVIRT_SYSREG_RW, offset), /* CNTP_TVAL */                       \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 14, 2, 1), \
					 ARMVIRT_SYSREG_RW, offset), /* CNTP_CTL */                \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 14, 3, 0), \
					 ARMVIRT_SYSREG_RW, offset), /* CNTV_TVAL */               \
		ARMVIRT_SYSREG_TIMER_ROW(ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(0, 14, 3, 1), \
					 ARMVIRT_SYSREG_RW, offset),      /* CNTV_CTL */           \
		ARMVIRT_SYSREG_TIMER64_ROW(0, ARMVIRT_SYSREG_R, offset),  /* CNTPCT */             \
		ARMVIRT_SYSREG_TIMER64_ROW(1, ARMVIRT_SYSREG_R, offset),  /* CNTVCT */             \
		ARMVIRT_SYSREG_TIMER64_ROW(2, ARMVIRT_SYSREG_RW, offset), /* CNTP_CVAL */          \
		ARMVIRT_SYSREG_TIMER64_ROW(3, ARMVIRT_SYSREG_RW, offset), /* CNTV_CVAL */          \
		ARMVIRT_SYSREG_TIMER64_ROW(8, ARMVIRT_SYSREG_R, offset),  /* CNTPCTSS */           \
		ARMVIRT_SYSREG_TIMER64_ROW(9, ARMVIRT_SYSREG_R, offset)   /* CNTVCTSS */

/** @} */

#ifdef __cplusplus
}
#endif

#endif
