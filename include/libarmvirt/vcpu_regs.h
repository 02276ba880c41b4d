/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief One register of a vCPU by its number, wherever it lives.
 */
#ifndef LIBARMVIRT_VCPU_REGS_H
#define LIBARMVIRT_VCPU_REGS_H

#include <libarmvirt/base.h>
#include <libarmvirt/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vcpu_regs Registers of a vCPU by number
 * @brief Reading and writing a register of a guest without knowing whether memory or a CPU has it.
 *
 * Numbers up to ARMVIRT_REGID_MAX are those of the register table (ARMVIRT_REGID_...), which never
 * change; the ones from @ref ARMVIRT_STATE_X on are defined here. They are also what
 * @ref vcpu_state writes.
 * @{
 */

#define ARMVIRT_STATE_X       0x1000 /**< number of X0; X30 is 30 more */
#define ARMVIRT_STATE_PC      0x1020 /**< number of the program counter */
#define ARMVIRT_STATE_PSTATE  0x1021 /**< number of PSTATE, in the layout of SPSR_EL2 */
#define ARMVIRT_STATE_PENDING 0x1022 /**< number of what is pending: bit 0 a virtual SError */
#define ARMVIRT_STATE_V       0x1100 /**< number of the low half of V0; the high half is one more */
#define ARMVIRT_STATE_SVE_VL  0x1140 /**< number of the longest vector in bytes; it cannot change \
				      */
#define ARMVIRT_STATE_Z \
	0x2000 /**< word w of Zn is n * 32 + w more, w from 2: V has words 0 and 1 */
#define ARMVIRT_STATE_P   0x2400 /**< word w of Pn is n * 4 + w more; FFR is P16 */
#define ARMVIRT_STATE_END 0x2444 /**< no number from here on */

/** Who has a register while a CPU holds state of the vCPU. */
enum armvirt_vcpu_holder {
	ARMVIRT_HOLDER_MEMORY = 0, /**< always memory, while the guest does not run */
	ARMVIRT_HOLDER_EL1 = 1,    /**< the CPU that has the EL1 set: vcpu->cpu */
	ARMVIRT_HOLDER_FP = 2      /**< the CPU that has FP/SIMD: vcpu->fp_cpu */
};

/** Where a register of a vCPU is kept. */
struct armvirt_vcpu_place {
	void *where;    /**< its place in memory */
	uint8_t bytes;  /**< of it there, 1 to 8, little-endian; the rest of the value is 0 */
	uint8_t holder; /**< @ref armvirt_vcpu_holder */
	uint8_t set;    /**< ARMVIRT_SET_..._BIT of a register of the table, else 0xff */
	uint8_t item;   /**< which one, of sets that are as long as the CPU has items; else 0 */
};

/**
 * @brief Finds the place of a register by its number.
 * @param vcpu  the vCPU
 * @param id    ARMVIRT_REGID_... or ARMVIRT_STATE_...
 * @param place written when found. For ARMVIRT_STATE_PENDING it is HCR_EL2 of the traps
 *
 * Pure. ARMVIRT_E_ARG: no register has this number; ARMVIRT_E_ABSENT: this vCPU
 * lacks the set, or its vectors are shorter.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vcpu_find(struct armvirt_vcpu *vcpu, uint32_t id,
							struct armvirt_vcpu_place *place);

/**
 * @brief Reads a register of a guest from memory or from this CPU.
 * @param cpu   of the CPU this runs on
 * @param vcpu  not running: its general registers are those of its last general exit
 * @param id    ARMVIRT_REGID_... or ARMVIRT_STATE_...
 * @param value written when read
 *
 * A register of a loaded vCPU is read through the name that EL2 has for it in its E2H mode; FP and
 * SVE registers that the CPU holds are copied to memory first and stay the vCPU's. At EL2;
 * per-object. Issues an ISB for FP registers that the CPU holds (orders the trap before the
 * access). Refusals of armvirt_vcpu_find(); ARMVIRT_E_BUSY: another CPU holds the register.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_hw_vcpu_read(struct armvirt_cpu *cpu,
							   struct armvirt_vcpu *vcpu, uint32_t id,
							   uint64_t *value);

/**
 * @brief Writes a register of a guest to memory or to this CPU.
 * @param cpu   of the CPU this runs on
 * @param vcpu  not running; when it is resumed by returning from a general handler, PC and PSTATE
 *              count too
 * @param id    ARMVIRT_REGID_... or ARMVIRT_STATE_...
 * @param value bits that the register lacks are ignored by hardware
 *
 * At EL2; per-object. Issues an ISB after a write to the CPU (orders it before the next read, also
 * through another name). Refusals of armvirt_vcpu_find(); ARMVIRT_E_BUSY: another
 * CPU holds the register; ARMVIRT_E_MISMATCH: a PSTATE that would not return to EL1 or EL0 of this
 * guest, another vector length, or a value that does not fit. Nothing is changed after a refusal.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_hw_vcpu_write(struct armvirt_cpu *cpu,
							    struct armvirt_vcpu *vcpu, uint32_t id,
							    uint64_t value);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
