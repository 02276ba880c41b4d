/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Exceptions at EL2 that are expected: where to go on, for C and assembly.
 */
#ifndef LIBARMVIRT_FIXUP_H
#define LIBARMVIRT_FIXUP_H

#ifndef __ASSEMBLER__
#include <libarmvirt/base.h>
#include <libarmvirt/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup fixup Expected faults
 * @brief Instructions that may fault at EL2, and what happens then.
 *
 * A table in the user's own assembly names the instructions. It holds offsets relative to itself, so
 * that it needs no relocation, no section of the linker script and nobody who collects it:
 *
 *     #include <libarmvirt/fixup.h>
 *     armvirt_fixups_begin my_fixups
 *     armvirt_probe my_fixups, probe_mpam, mrs x0, s3_4_c10_c5_0
 *     armvirt_fixups_end my_fixups
 *
 * makes `struct armvirt_probe probe_mpam(void)`. `fixups=my_fixups` of `armvirt_vectors`
 * (libarmvirt/vectors.h) lets the vectors look there before they call the handler `el2`; other
 * vectors call armvirt_el2_fixup() themselves.
 *
 * `armvirt_probe TABLE, NAME, INSTRUCTION` emits a function that executes one instruction with its
 * arguments in X0 and X1 and the result in X0. When that faults, ELR_EL2, SPSR_EL2, ESR_EL2,
 * FAR_EL2 and HPFAR_EL2 get back what they held before, so that it may be used in fast handlers
 * too. `armvirt_fixup TABLE, FROM, TO` names an instruction of other code: execution goes on at TO
 * with ESR_EL2 in X0 and all else as it was, the five registers aside.
 *
 * Not for SErrors: what a device answers to a store may come as one, later.
 * @{
 */

/** An entry: offsets from the field itself. The first of a table holds its size in bytes and 0. */
struct armvirt_fixup {
	int32_t from; /**< to the instruction that may fault */
	int32_t to;   /**< to where execution goes on */
};

/** What an instruction did that was allowed to fault. */
struct armvirt_probe {
	uint64_t value; /**< its result; 0 when it faulted */
	uint64_t esr;   /**< ESR_EL2 of the fault; 0 when it did not, which no fault has */
};

/**
 * @brief Finds where to go on after a fault.
 * @param table made by `armvirt_fixups_begin`
 * @param pc    of the instruction that faulted
 * @param to    written when it is in the table
 * @return false: not expected there
 *
 * Pure; linear in the table.
 */
bool armvirt_fixup_find(const struct armvirt_fixup *table, uint64_t pc, uint64_t *to);

/**
 * @brief Lets a frame of the vectors go on where a table says.
 * @param f     pc, x[0] and PSTATE.BTYPE are changed when the fault was expected
 * @param table made by `armvirt_fixups_begin`
 * @return false: no synchronous exception, or not an expected one; nothing is changed
 *
 * Pure. The vectors return to f->pc; `fixups=` calls this.
 */
bool armvirt_el2_fixup(struct armvirt_el2_frame *f, const struct armvirt_fixup *table);

/** The table of the functions below, for `fixups=` or armvirt_el2_fixup(). */
extern const struct armvirt_fixup armvirt_hw_fixups[];

/** Reads a byte that may not be there. At EL2, with the table above in use; per-object. */
struct armvirt_probe armvirt_hw_probe_read8(const volatile void *p);
/** Reads two bytes that may not be there; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_read16(const volatile void *p);
/** Reads four bytes that may not be there; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_read32(const volatile void *p);
/** Reads eight bytes that may not be there; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_read64(const volatile void *p);
/** Writes a byte where memory may not be; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_write8(volatile void *p, uint64_t value);
/** Writes two bytes where memory may not be; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_write16(volatile void *p, uint64_t value);
/** Writes four bytes where memory may not be; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_write32(volatile void *p, uint64_t value);
/** Writes eight bytes where memory may not be; see armvirt_hw_probe_read8(). */
struct armvirt_probe armvirt_hw_probe_write64(volatile void *p, uint64_t value);

/** @} */

#ifdef __cplusplus
}
#endif

#else /* __ASSEMBLER__ */

.macro armvirt_fixups_begin table:req
	.pushsection .rodata.\table, "a", %progbits
	.balign	8
	.globl	\table
	.type	\table, %object
\table:
	.word	.L\table\()_end - \table
	.word	0
	.popsection
.endm

.macro armvirt_fixups_end table:req
	.pushsection .rodata.\table, "a", %progbits
.L\table\()_end:
	.size	\table, . - \table
	.popsection
.endm

.macro armvirt_fixup table:req, from:req, to:req
	.pushsection .rodata.\table, "a", %progbits
	.word	\from - .
	.word	\to - .
	.popsection
.endm

/* In: x0, x1 arguments. Out: x0 result, x1 ESR_EL2 of a fault. Clobbers x2 to x6 beside. */
.macro armvirt_probe table:req, name:req, insn:vararg
	.pushsection .text.\name, "ax", %progbits
	.balign	16
	.globl	\name
	.type	\name, %function
\name:
	.cfi_startproc
	hint	#34			/* bti c */
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	mrs	x4, esr_el2
	mrs	x5, far_el2
	mrs	x6, hpfar_el2
.L\name\()_from:
	\insn
	mov	x1, xzr
	ret
.L\name\()_to:
	mov	x1, x0
	mov	x0, xzr
	msr	elr_el2, x2
	msr	spsr_el2, x3
	msr	esr_el2, x4
	msr	far_el2, x5
	msr	hpfar_el2, x6
	ret
	.cfi_endproc
	.size	\name, . - \name
	.popsection
	armvirt_fixup \table, .L\name\()_from, .L\name\()_to
.endm

#endif
#endif
