/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Numbers that C and assembly share: offsets in `struct armvirt_vcpu`
 *        and causes of an exit. Numeric constants only.
 *
 * `lib/vcpu/layout.c` ties every offset to the structure at compile time.
 */
#ifndef LIBARMVIRT_VCPU_LAYOUT_H
#define LIBARMVIRT_VCPU_LAYOUT_H

/**
 * @addtogroup vcpu
 * @{
 */

/** Offset of general register n. */
#define ARMVIRT_VCPU_X(n) (8 * (n))
#define ARMVIRT_VCPU_PC 248         /**< offset of frame.pc */
#define ARMVIRT_VCPU_PSTATE 256     /**< offset of frame.pstate */
#define ARMVIRT_VCPU_EXIT_PSTATE 264 /**< offset of exit_pstate */
#define ARMVIRT_VCPU_ESR 272        /**< offset of esr */
#define ARMVIRT_VCPU_DISR 280       /**< offset of disr */
#define ARMVIRT_VCPU_FAR 288        /**< offset of far */
#define ARMVIRT_VCPU_HPFAR 296      /**< offset of hpfar */
#define ARMVIRT_VCPU_HOST_SP 304    /**< offset of host_sp */
#define ARMVIRT_VCPU_MODES 312      /**< offset of modes */
#define ARMVIRT_VCPU_CPU 320        /**< offset of cpu */
#define ARMVIRT_VCPU_HOST 336       /**< offset of host */
#define ARMVIRT_VCPU_KEYS 344       /**< offset of guest_keys; el2_keys is behind it */
#define ARMVIRT_VCPU_TRAPS 384      /**< offset of traps */
#define ARMVIRT_VCPU_EL1 576        /**< offset of el1 */
#define ARMVIRT_VCPU_IMPDEF 728     /**< offset of impdef */
#define ARMVIRT_VCPU_RAS 752        /**< offset of ras */
#define ARMVIRT_VCPU_FP 768         /**< offset of fp */
#define ARMVIRT_VCPU_SIZE 1408      /**< size of the structure */
#define ARMVIRT_VCPU_ALIGN 64       /**< alignment of the structure */

#define ARMVIRT_FP_V(n) (16 * (n)) /**< offset of vector register n in `struct armvirt_fp` */
#define ARMVIRT_FP_FPSR 512        /**< offset of fpsr in `struct armvirt_fp` */
#define ARMVIRT_FP_FPCR 520        /**< offset of fpcr in `struct armvirt_fp` */

#define ARMVIRT_CPU_EL2_KEYS 224  /**< offset of el2_keys in `struct armvirt_cpu` */
#define ARMVIRT_EL2_KEYS_MODE 80  /**< offset of mode in `struct armvirt_el2_keys` */
#define ARMVIRT_KEYS_APIA 1       /**< mode: EL2 has a key of its own for instructions, APIA */
#define ARMVIRT_KEYS_ALL 2        /**< mode: EL2 has all five keys of its own */

#define ARMVIRT_CPU_E2H 0         /**< bit of `struct armvirt_cpu`.has: HCR_EL2.E2H is set */
#define ARMVIRT_CPU_RAS 1         /**< bit: FEAT_RAS */
#define ARMVIRT_CPU_IMPDEF 2      /**< bit: AFSR0, AFSR1 or AMAIR of EL1 have bits */
#define ARMVIRT_CPU_HCX 3         /**< bit: FEAT_HCX */
#define ARMVIRT_CPU_FGT 4         /**< bit: FEAT_FGT */
#define ARMVIRT_CPU_HAFGRTR 5     /**< bit: FEAT_FGT and FEAT_AMUv1 */
#define ARMVIRT_CPU_FGT2 7        /**< bit: FEAT_FGT2 */
#define ARMVIRT_CPU_SERROR_SYNC 6 /**< bit: SErrors are taken when vCPUs change */

#define ARMVIRT_CAUSE_SYNC 0   /**< synchronous exception: esr (and far, hpfar) say which */
#define ARMVIRT_CAUSE_IRQ 1    /**< physical IRQ */
#define ARMVIRT_CAUSE_FIQ 2    /**< physical FIQ */
#define ARMVIRT_CAUSE_SERROR 3 /**< SError, syndrome in esr */
/** Added to a cause: an SError was deferred to this exit, its syndrome is in disr. */
#define ARMVIRT_CAUSE_DEFERRED 4
/** armvirt_vcpu_enter_unless_pending() has not entered: ISR_EL1 bits 10:6 are the answer. */
#define ARMVIRT_CAUSE_PENDING 8

/** @} */

#endif
