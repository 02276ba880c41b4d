/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Loads and stores that the syndrome does not describe (ISV = 0): decoded from their
 *        instruction.
 */
#ifndef LIBARMVIRT_INSN_H
#define LIBARMVIRT_INSN_H

#include <libarmvirt/exit.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/** What an instruction is, as far as emulating its memory access is concerned. */
enum armvirt_insn_class {
	ARMVIRT_INSN_ACCESS = 0,    /**< a load or store that is decoded */
	ARMVIRT_INSN_ZERO = 1,      /**< DC ZVA: a block of zeros, decoded */
	ARMVIRT_INSN_PREFETCH = 2,  /**< a prefetch: never faults, nothing to do but to skip it */
	ARMVIRT_INSN_CACHE = 3,     /**< other cache maintenance by address: no access */
	ARMVIRT_INSN_EXCLUSIVE = 4, /**< refused: exclusive; a device has no monitor */
	ARMVIRT_INSN_ATOMIC = 5,    /**< refused: atomic read-modify-write, compare and swap */
	ARMVIRT_INSN_STRUCTURE = 6, /**< refused: SIMD structure load or store (LD1 to ST4) */
	ARMVIRT_INSN_SVE = 7,       /**< refused: SVE or SME load or store */
	ARMVIRT_INSN_TAG = 8,       /**< refused: accesses allocation tags */
	ARMVIRT_INSN_COPY = 9,      /**< refused: memory copy or set instruction */
	ARMVIRT_INSN_MULTIPLE = 10, /**< refused: more than two registers (LDM, STM, VLDM, ...) */
	ARMVIRT_INSN_SIGNED = 11,   /**< refused: authenticated load (LDRAA, LDRAB) */
	ARMVIRT_INSN_OTHER = 12     /**< no load or store, or unallocated */
};

/** How the address comes about. */
enum armvirt_insn_form {
	ARMVIRT_INSN_OFFSET = 0, /**< base + offset, base unchanged */
	ARMVIRT_INSN_PRE = 1,    /**< base + offset, which the base becomes */
	ARMVIRT_INSN_POST = 2,   /**< base, which becomes base + offset */
	ARMVIRT_INSN_LITERAL = 3 /**< PC + offset */
};

/** Register number of "no index register". */
#define ARMVIRT_INSN_NO_REG 0xff

/**
 * A decoded load or store: one or two elements at consecutive addresses. Register numbers are
 * AArch64 ones, from AArch32 by the architecture's mapping of banked registers; from AArch64, 31
 * as base is the stack pointer, as transfer register XZR.
 */
struct armvirt_insn {
	int32_t offset; /**< immediate offset in bytes */
	uint32_t
		bytes; /**< of each element: 1, 2, 4, 8, 16; 0: DC ZVA, the block is in DCZID_EL0 */
	uint8_t form;  /**< an @ref armvirt_insn_form */
	uint8_t count; /**< elements, 1 or 2 */
	uint8_t reg[2];     /**< transfer registers */
	uint8_t base;       /**< base register, 31 is SP */
	uint8_t index;      /**< index register, added to the base, or ARMVIRT_INSN_NO_REG */
	uint8_t extend;     /**< of the index: 2 UXTW, 3 none, 6 SXTW, 7 none */
	uint8_t shift;      /**< of the index, in bits */
	uint8_t shift_type; /**< of the index: 0 left, 1 right, 2 right arithmetic, 3 rotate (RRX by
			       0) */
	uint8_t insn_bytes; /**< length of the instruction, 2 or 4 */
	bool aarch32;       /**< from AArch32: addresses have 32 bits */
	bool subtract;      /**< the index is subtracted */
	bool write;         /**< store */
	bool vector;        /**< transfer registers are V registers */
	bool sign_extend;   /**< load: extend the sign */
	bool wide;          /**< load: to 64 bits, else to 32 */
	bool ordered;       /**< acquire or release */
	bool unprivileged;  /**< checked as an access of EL0 (LDTR, STTR) */
};

/** One access to memory. */
struct armvirt_memop {
	uint64_t va;    /**< virtual address */
	uint64_t value; /**< store from a general register: as the device sees it; else 0 */
	uint32_t bytes; /**< size: 1 to 16, or the block of DC ZVA */
	uint8_t reg;    /**< transfer register */
	bool vector;    /**< a V register: the caller reads or writes it */
	bool write;     /**< store */
};

/** The registers that an address is made of. */
struct armvirt_insn_regs {
	struct armvirt_frame *frame; /**< general registers, PC, PSTATE */
	uint64_t *sp;                /**< the stack pointer that the guest's PSTATE selects */
	uint64_t dczid;              /**< the guest's DCZID_EL0, for the block size of DC ZVA */
	bool swap;                   /**< data are big-endian: armvirt_guest_big_endian() */
};

/**
 * @brief Decodes an A64 load or store.
 * @param insn written whole if the class is ARMVIRT_INSN_ACCESS or ARMVIRT_INSN_ZERO
 * @param word the instruction
 * @return what it is; the refused classes are those that no device can serve or that the library
 *         does not emulate.
 *
 * Total and pure. Unallocated encodings are ARMVIRT_INSN_OTHER, and so are those that are
 * CONSTRAINED UNPREDICTABLE with UNDEFINED among the choices: a load of one register twice,
 * writeback to a transfer register, fixed bits that are wrong.
 */
enum armvirt_insn_class armvirt_insn_decode(struct armvirt_insn *insn, uint32_t word);

/** An A32 or T32 instruction. */
struct armvirt_insn32 {
	uint32_t word;   /**< A32: the instruction; T32: the halfword, or first << 16 | second */
	uint64_t pstate; /**< of the guest: T says which set, M which bank of registers */
};

/**
 * @brief Decodes an A32 or T32 load or store.
 * @param insn written whole if the class is ARMVIRT_INSN_ACCESS
 * @param i    the instruction and the state that it is in; the condition is not looked at
 * @return what it is; loads and stores of the PC, and all of the SIMD and FP unit, are refused
 *         (ARMVIRT_INSN_OTHER, ARMVIRT_INSN_STRUCTURE).
 *
 * Total and pure. T32: the instruction has 32 bits if bits 15:11 of its first halfword are 0b11101
 * or above; such a word is never below 0x10000.
 */
enum armvirt_insn_class armvirt_insn32_decode(struct armvirt_insn *insn,
					      const struct armvirt_insn32 *i);

/**
 * @brief The AArch64 number of a banked AArch32 register, 0 to 14; 0xff for the PC or beyond.
 * @param pstate its mode bits
 * @param reg    R0 to R14
 *
 * Pure. A reserved mode counts as User.
 */
uint8_t armvirt_insn32_reg(uint64_t pstate, uint8_t reg);

/**
 * @brief The accesses of a decoded instruction.
 * @param insn from armvirt_insn_decode()
 * @param regs the guest; only read
 * @param op   receives insn->count accesses, in rising order of addresses
 *
 * The address is what the guest wrote: compare it with FAR_EL2 (an access may be split, and the
 * guest may have changed the instruction meanwhile). Pure.
 */
void armvirt_insn_accesses(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs,
			   struct armvirt_memop *op);

/**
 * @brief Completes a decoded instruction: loads into general registers, writeback, skip.
 * @param insn  from armvirt_insn_decode()
 * @param regs  the guest; frame and sp change
 * @param value loads of general registers: insn->count answers of the device, bits above the size
 *              are ignored; else not read
 *
 * V registers are the caller's. Pure.
 */
void armvirt_insn_finish(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs,
			 const uint64_t *value);

/** Name of a class for people; "other" past the last. Pure, static text. */
const char *armvirt_insn_class_name(enum armvirt_insn_class c);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
