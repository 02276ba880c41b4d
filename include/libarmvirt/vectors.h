/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Exception vectors of EL2 as an assembler macro. For .S files only.
 *
 *     armvirt_vectors NAME, general=, irq=, el2= [, fast=, fiq=, policy=, harden=, scrub=, nested=,
 *                     fixups=, keys=]
 *
 * emits the table NAME (2 KiB aligned, in the current section, global) and the
 * code behind it. Arguments are C functions of the user (see @ref vcpu), but for the words:
 *
 *  - `general` general handler;
 *  - `irq`     fast handler of physical IRQs, `fiq` of FIQs (default: `irq`);
 *  - `fast`    fast handler of synchronous exceptions (default: none, straight to `general`);
 *  - `el2`     `void el2(struct armvirt_el2_frame *)`: an exception taken from EL2 itself;
 *  - `policy`  what is done about SErrors:
 *              `at_switch` (default; any CPU) nothing here, armvirt_hw_vcpu_load() synchronises;
 *              `deferred` (FEAT_RAS only) ESB first, DISR_EL1 read;
 *              `every_exit` (any CPU) a DSB, and a window if one is pending;
 *              `patched` (any CPU) `at_switch`, and `deferred` once libarmvirt/patch.h has been applied;
 *  - `harden`  branch history against the guest: `none` (default), `clrbhb` (FEAT_CLRBHB), `loop`
 *              (32 taken branches), `patched` (`loop`, until libarmvirt/patch.h finds better), `wa1`, `wa3` (SMCCC_ARCH_WORKAROUND_1, _3 by SMC);
 *  - `scrub`   1: registers that hold guest values are zeroed before a handler is called;
 *  - `fixups`  a table of expected faults (libarmvirt/fixup.h), looked at before `el2` is called
 *              (default: `none`);
 *  - `keys`    pointer authentication keys that EL2 has of its own: `none` (default), `apia`, `all`;
 *              see armvirt_hw_el2_keys();
 *  - `nested`  1: `el2` may return, and handlers may unmask; SPSR_EL2 is then written on
 *              every general exit. 0 (default): when `el2` returns the CPU stops in a loop.
 *
 * Several tables in one program are fine: one with `policy=deferred` and one without, VBAR_EL2
 * being chosen by armvirt_has(ARMVIRT_FEAT_RAS), serve every core. Vectors do not depend on E2H.
 *
 * Expected state: SP_EL2 is the vCPU while the guest runs (armvirt_vcpu_resume() sees to it).
 * Clobbers nothing of the guest. Stack: the vCPU's host stack for guest exits; the interrupted
 * stack, 320 bytes, for exceptions from EL2.
 */
#ifndef LIBARMVIRT_VECTORS_H
#define LIBARMVIRT_VECTORS_H

#include <libarmvirt/patch.h>
#include <libarmvirt/vcpu_layout.h>

/** @addtogroup vcpu
 * @{ */
#define ARMVIRT_EL2_FRAME_SP 248     /**< offset of sp in `struct armvirt_el2_frame` */
#define ARMVIRT_EL2_FRAME_PC 256     /**< offset of pc */
#define ARMVIRT_EL2_FRAME_PSTATE 264 /**< offset of pstate */
#define ARMVIRT_EL2_FRAME_ESR 272    /**< offset of esr */
#define ARMVIRT_EL2_FRAME_FAR 280    /**< offset of far */
#define ARMVIRT_EL2_FRAME_HPFAR 288  /**< offset of hpfar */
#define ARMVIRT_EL2_FRAME_VECTOR 296 /**< offset of vector */
#define ARMVIRT_EL2_FRAME_SIZE 304   /**< size of the structure */
/** @} */

#ifdef __ASSEMBLER__

/* Nothing after a change of context may be executed by speculation. On every core, as SB is not. */
.macro armvirt_speculation_barrier
.Larmvirt_sb_\@:
	dsb	nsh
	isb
.Larmvirt_sb_end_\@:
	armvirt_patch ARMVIRT_PATCH_SB, .Larmvirt_sb_\@, .Larmvirt_sb_end_\@, ".inst 0xd50330ff"
.endm

/* What a C function may change, into the vCPU at SP. */
.macro armvirt_spill_volatile
	stp	x0, x1, [sp, #ARMVIRT_VCPU_X(0)]
	stp	x2, x3, [sp, #ARMVIRT_VCPU_X(2)]
	stp	x4, x5, [sp, #ARMVIRT_VCPU_X(4)]
	stp	x6, x7, [sp, #ARMVIRT_VCPU_X(6)]
	stp	x8, x9, [sp, #ARMVIRT_VCPU_X(8)]
	stp	x10, x11, [sp, #ARMVIRT_VCPU_X(10)]
	stp	x12, x13, [sp, #ARMVIRT_VCPU_X(12)]
	stp	x14, x15, [sp, #ARMVIRT_VCPU_X(14)]
	stp	x16, x17, [sp, #ARMVIRT_VCPU_X(16)]
	stp	x29, x30, [sp, #ARMVIRT_VCPU_X(29)]
.endm

.macro armvirt_fill_volatile
	ldp	x29, x30, [sp, #ARMVIRT_VCPU_X(29)]
	ldp	x16, x17, [sp, #ARMVIRT_VCPU_X(16)]
	ldp	x14, x15, [sp, #ARMVIRT_VCPU_X(14)]
	ldp	x12, x13, [sp, #ARMVIRT_VCPU_X(12)]
	ldp	x10, x11, [sp, #ARMVIRT_VCPU_X(10)]
	ldp	x8, x9, [sp, #ARMVIRT_VCPU_X(8)]
	ldp	x6, x7, [sp, #ARMVIRT_VCPU_X(6)]
	ldp	x4, x5, [sp, #ARMVIRT_VCPU_X(4)]
	ldp	x2, x3, [sp, #ARMVIRT_VCPU_X(2)]
	ldp	x0, x1, [sp, #ARMVIRT_VCPU_X(0)]
.endm

.macro armvirt_spill_rest base:req
	stp	x18, x19, [\base, #ARMVIRT_VCPU_X(18)]
	stp	x20, x21, [\base, #ARMVIRT_VCPU_X(20)]
	stp	x22, x23, [\base, #ARMVIRT_VCPU_X(22)]
	stp	x24, x25, [\base, #ARMVIRT_VCPU_X(24)]
	stp	x26, x27, [\base, #ARMVIRT_VCPU_X(26)]
	str	x28, [\base, #ARMVIRT_VCPU_X(28)]
.endm

.macro armvirt_fill_rest
	ldp	x18, x19, [sp, #ARMVIRT_VCPU_X(18)]
	ldp	x20, x21, [sp, #ARMVIRT_VCPU_X(20)]
	ldp	x22, x23, [sp, #ARMVIRT_VCPU_X(22)]
	ldp	x24, x25, [sp, #ARMVIRT_VCPU_X(24)]
	ldp	x26, x27, [sp, #ARMVIRT_VCPU_X(26)]
	ldr	x28, [sp, #ARMVIRT_VCPU_X(28)]
.endm

.macro armvirt_harden_loop
	mov	x0, #32
.Larmvirt_bhb_\@:
	b	. + 4
	subs	x0, x0, #1
	b.ne	.Larmvirt_bhb_\@
	dsb	nsh
	isb
.endm

/* Branch history of the guest must not steer EL2. Volatile registers are spilled already. */
.macro armvirt_harden kind:req
	.ifc \kind,clrbhb
	hint	#22			/* clrbhb */
	isb
	.endif
	.ifc \kind,loop
	armvirt_harden_loop
	.endif
	.ifc \kind,patched
.Larmvirt_harden_\@:
	armvirt_harden_loop
.Larmvirt_harden_end_\@:
	armvirt_patch ARMVIRT_PATCH_CLRBHB, .Larmvirt_harden_\@, .Larmvirt_harden_end_\@, "hint #22; isb"
	armvirt_patch ARMVIRT_PATCH_NO_BHB, .Larmvirt_harden_\@, .Larmvirt_harden_end_\@
	.endif
	.ifc \kind,wa1
	movz	w0, #0x8000, lsl #16
	movk	w0, #0x8000
	smc	#0
	.endif
	.ifc \kind,wa3
	movz	w0, #0x8000, lsl #16
	movk	w0, #0x3fff
	smc	#0
	.endif
.endm

/* A body of this size stands behind the table. */
.macro armvirt_far_body scrub:req, keys:req
	.set	armvirt_body_is_far, \scrub
	.ifnc \keys,none
	.set	armvirt_body_is_far, 1
	.endif
.endm

/* x2: the guest's keys in memory, x3: EL2's; lo is the low half's encoding. Clobbers x4, x5. */
.macro armvirt_key_to_el2 offset:req, lo:req, hi:req
	mrs	x4, \lo
	mrs	x5, \hi
	stp	x4, x5, [x2, #\offset]
	ldp	x4, x5, [x3, #\offset]
	msr	\lo, x4
	msr	\hi, x5
.endm

.macro armvirt_key_to_guest offset:req, lo:req, hi:req
	ldp	x4, x5, [x2, #\offset]
	msr	\lo, x4
	msr	\hi, x5
.endm

/* APIB, APDA, APDB, APGA */
.macro armvirt_other_keys do:req
	\do	16, s3_0_c2_c1_2, s3_0_c2_c1_3
	\do	32, s3_0_c2_c2_0, s3_0_c2_c2_1
	\do	48, s3_0_c2_c2_2, s3_0_c2_c2_3
	\do	64, s3_0_c2_c3_0, s3_0_c2_c3_1
.endm

/* SP is the vCPU. Before any instruction that signs or authenticates. */
.macro armvirt_keys_to_el2 keys:req
	ldp	x2, x3, [sp, #ARMVIRT_VCPU_KEYS]
	cbz	x2, .Larmvirt_keys_\@
	armvirt_key_to_el2 0, s3_0_c2_c1_0, s3_0_c2_c1_1
	.ifc \keys,all
	armvirt_other_keys armvirt_key_to_el2
	.endif
	isb				/* orders the keys before EL2 uses them */
.Larmvirt_keys_\@:
.endm

/* SP is the vCPU; ERET orders the keys before the guest uses them. */
.macro armvirt_keys_to_guest keys:req
	.ifnc \keys,none
	ldr	x2, [sp, #ARMVIRT_VCPU_KEYS]
	cbz	x2, .Larmvirt_keys_\@
	armvirt_key_to_guest 0, s3_0_c2_c1_0, s3_0_c2_c1_1
	.ifc \keys,all
	armvirt_other_keys armvirt_key_to_guest
	.endif
.Larmvirt_keys_\@:
	.endif
.endm

/* With FEAT_RAS, errors are synchronised by ESB and found in DISR_EL1. */
.macro armvirt_policy policy:req
	.set	armvirt_reads_disr, 0
	.ifc \policy,deferred
	.set	armvirt_reads_disr, 1
	.endif
	.ifc \policy,patched
	.set	armvirt_reads_disr, 1
	.endif
.endm

.macro armvirt_scrub
	.irp r, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
	mov	x\r, xzr
	.endr
.endm

/*
 * From the spilled guest to the handler's door: SP is the host stack, x0 the
 * vCPU, x1 the syndrome, which is in the vCPU too. handler=none: straight to the general one.
 */
.macro armvirt_exit_body name:req, width:req, cause:req, handler:req, policy:req, harden:req, scrub:req, keys:req
	armvirt_policy \policy
	.ifnc \keys,none
	armvirt_keys_to_el2 \keys
	.endif
	.ifc \policy,patched
.Larmvirt_ras_\@:
	b	.Larmvirt_no_ras_\@
.Larmvirt_ras_end_\@:
	armvirt_patch ARMVIRT_PATCH_RAS, .Larmvirt_ras_\@, .Larmvirt_ras_end_\@
	.endif
	.if armvirt_reads_disr
	mrs	x2, s3_0_c12_c1_1	/* disr_el1 */
	cbnz	x2, .L\name\()_deferred\width\()_\cause
	.endif
	.ifc \policy,patched
.Larmvirt_no_ras_\@:
	.endif
	armvirt_harden \harden
	.ifc \policy,every_exit
	ldr	x2, [sp, #ARMVIRT_VCPU_HOST_SP]
	mov	sp, x2
	bl	armvirt_hw_serror_sync
	cbnz	x0, .L\name\()_window\width\()_\cause
	ldr	x0, [sp]
	.else
	mov	x0, sp
	ldr	x2, [sp, #ARMVIRT_VCPU_HOST_SP]
	mov	sp, x2
	.endif
	.if \cause == ARMVIRT_CAUSE_SYNC || \cause == ARMVIRT_CAUSE_SERROR
	mrs	x1, esr_el2
	str	x1, [x0, #ARMVIRT_VCPU_ESR]
	.else
	str	xzr, [x0, #ARMVIRT_VCPU_ESR]
	.endif
	.ifc \handler,none
	mov	w1, #\cause
	mov	w2, wzr
	b	.L\name\()_general\width
	.else
	.if \scrub
	armvirt_scrub
	.endif
	bl	\handler
	cbz	w0, .L\name\()_resume
	mov	w2, w0
	mov	w1, #\cause
	b	.L\name\()_general\width
	.endif
.endm

/* One slot of the table; what does not fit stands behind the table. */
.macro armvirt_exit_slot name:req, width:req, cause:req, handler:req, policy:req, harden:req, scrub:req, keys:req
	.balign	128
	armvirt_policy \policy
	.if armvirt_reads_disr
	hint	#16			/* esb: errors of the guest stay the guest's */
	.endif
	armvirt_spill_volatile
	armvirt_far_body \scrub, \keys
	.if armvirt_body_is_far
	b	.L\name\()_body\width\()_\cause
	.else
	armvirt_exit_body \name, \width, \cause, \handler, \policy, \harden, \scrub, \keys
	.endif
.endm

.macro armvirt_exit_behind name:req, width:req, cause:req, handler:req, policy:req, harden:req, scrub:req, keys:req
	armvirt_far_body \scrub, \keys
	.if armvirt_body_is_far
.L\name\()_body\width\()_\cause:
	armvirt_exit_body \name, \width, \cause, \handler, \policy, \harden, \scrub, \keys
	.endif
	armvirt_policy \policy
	.if armvirt_reads_disr
.L\name\()_deferred\width\()_\cause:
	msr	s3_0_c12_c1_1, xzr	/* disr_el1: seen */
	mrs	x1, esr_el2
	stp	x1, x2, [sp, #ARMVIRT_VCPU_ESR]
	ldr	x3, [sp, #ARMVIRT_VCPU_HOST_SP]
	mov	sp, x3
	mov	w1, #(\cause | ARMVIRT_CAUSE_DEFERRED)
	mov	w2, wzr
	b	.L\name\()_general\width
	.endif
	.ifc \policy,every_exit
.L\name\()_window\width\()_\cause:
	ldr	x3, [sp]
	mrs	x1, esr_el2
	stp	x1, x0, [x3, #ARMVIRT_VCPU_ESR]
	mov	w1, #(\cause | ARMVIRT_CAUSE_DEFERRED)
	mov	w2, wzr
	b	.L\name\()_general\width
	.endif
.endm

/* X2 to X29 of an EL2 frame at SP; op is stp or ldp. */
.macro armvirt_el2_registers op:req
	\op	x2, x3, [sp, #16]
	\op	x4, x5, [sp, #32]
	\op	x6, x7, [sp, #48]
	\op	x8, x9, [sp, #64]
	\op	x10, x11, [sp, #80]
	\op	x12, x13, [sp, #96]
	\op	x14, x15, [sp, #112]
	\op	x16, x17, [sp, #128]
	\op	x18, x19, [sp, #144]
	\op	x20, x21, [sp, #160]
	\op	x22, x23, [sp, #176]
	\op	x24, x25, [sp, #192]
	\op	x26, x27, [sp, #208]
	\op	x28, x29, [sp, #224]
.endm

/* Back to what was interrupted, or where a fix-up says. SP is the frame. */
.macro armvirt_el2_return name:req
.L\name\()_el2_return:
	ldp	x1, x2, [sp, #ARMVIRT_EL2_FRAME_PC]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	armvirt_el2_registers ldp
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp], #ARMVIRT_EL2_FRAME_SIZE
	eret
	armvirt_speculation_barrier
.endm

/* An exception from EL2: everything into a frame on the stack it happened on. */
.macro armvirt_el2_slot name:req, vector:req
	.balign	128
	sub	sp, sp, #ARMVIRT_EL2_FRAME_SIZE
	stp	x0, x1, [sp]
	mov	w0, #\vector
	b	.L\name\()_el2
.endm

/* The general exit. In: w1 cause, w2 answer, SP host stack. */
.macro armvirt_exit_general name:req, width:req, general:req, nested:req
.L\name\()_general\width:
	ldr	x0, [sp]
	armvirt_spill_rest x0
	ldr	x3, [x0, #ARMVIRT_VCPU_ESR]
	mrs	x4, elr_el2
	mrs	x5, spsr_el2
	stp	x4, x5, [x0, #ARMVIRT_VCPU_PC]
	str	x5, [x0, #ARMVIRT_VCPU_EXIT_PSTATE]
	tbz	w3, #31, 1f		/* aborts and debug exceptions have EC bit 5 set */
	mrs	x4, far_el2
	mrs	x5, hpfar_el2
	stp	x4, x5, [x0, #ARMVIRT_VCPU_FAR]
1:
	.if \width == 32
	/* The upper halves are UNKNOWN after an exit from AArch32. */
	.irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	str	wzr, [x0, #(ARMVIRT_VCPU_X(\r) + 4)]
	.endr
	.endif
	bl	\general
	.if \nested
	b	armvirt_vcpu_resume
	.else
	b	.L\name\()_general_resume
	.endif
.endm

.macro armvirt_vectors name:req, general:req, irq:req, el2:req, fast=none, fiq=, policy=at_switch, harden=none, scrub=0, nested=0, fixups=none, keys=none
	.ifb \fiq
	armvirt_vectors_emit \name, \general, \irq, \el2, \fast, \irq, \policy, \harden, \scrub, \nested, \fixups, \keys
	.else
	armvirt_vectors_emit \name, \general, \irq, \el2, \fast, \fiq, \policy, \harden, \scrub, \nested, \fixups, \keys
	.endif
.endm

.macro armvirt_vectors_emit name:req, general:req, irq:req, el2:req, fast:req, fiq:req, policy:req, harden:req, scrub:req, nested:req, fixups:req, keys:req
	.balign	2048
	.globl	\name
	.type	\name, %function
\name:
	.irp	vector, 0,1,2,3,4,5,6
	armvirt_el2_slot \name, \vector
	.endr

	/* SError at EL2: expected in the window of armvirt_hw_serror_sync() only. */
	.balign	128
	sub	sp, sp, #ARMVIRT_EL2_FRAME_SIZE
	stp	x0, x1, [sp]
	mrs	x0, elr_el2
	adrp	x1, armvirt_serror_window
	add	x1, x1, :lo12:armvirt_serror_window
	sub	x0, x0, x1
	cmp	x0, #8			/* at the ISB, or behind it */
	b.hi	.L\name\()_el2_serror
	add	sp, sp, #ARMVIRT_EL2_FRAME_SIZE
	b	armvirt_serror_taken
.L\name\()_el2_serror:
	mov	w0, #7
	b	.L\name\()_el2

	armvirt_exit_slot \name, 64, 0, \fast, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 64, 1, \irq, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 64, 2, \fiq, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 64, 3, none, at_switch, \harden, \scrub, \keys
	armvirt_exit_slot \name, 32, 0, \fast, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 32, 1, \irq, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 32, 2, \fiq, \policy, \harden, \scrub, \keys
	armvirt_exit_slot \name, 32, 3, none, at_switch, \harden, \scrub, \keys
	.org	\name + 2048

	/* Back to the same guest, with the registers that were spilled. */
.L\name\()_resume:
	ldr	x0, [sp]
	mov	sp, x0
	armvirt_keys_to_guest \keys
	armvirt_fill_volatile
	eret
	armvirt_speculation_barrier

	/*
	 * The general handler returned. SPSR_EL2 still holds what the exit left
	 * there: it is written only if the handler wants another PSTATE. In: x0.
	 */
	.if \nested == 0
.L\name\()_general_resume:
	ldr	x1, [sp]
	cmp	x0, x1
	b.ne	armvirt_vcpu_resume	/* another vCPU */
	ldp	x2, x3, [x0, #ARMVIRT_VCPU_PC]
	ldr	x4, [x0, #ARMVIRT_VCPU_EXIT_PSTATE]
	cmp	x3, x4
	b.ne	armvirt_vcpu_resume	/* checks the new PSTATE */
	msr	elr_el2, x2
	mov	sp, x0
	armvirt_keys_to_guest \keys
	armvirt_fill_rest
	armvirt_fill_volatile
	eret
	armvirt_speculation_barrier
	.endif

	armvirt_exit_general \name, 64, \general, \nested
	armvirt_exit_general \name, 32, \general, \nested
	armvirt_exit_behind \name, 64, 0, \fast, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 64, 1, \irq, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 64, 2, \fiq, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 64, 3, none, at_switch, \harden, \scrub, \keys
	armvirt_exit_behind \name, 32, 0, \fast, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 32, 1, \irq, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 32, 2, \fiq, \policy, \harden, \scrub, \keys
	armvirt_exit_behind \name, 32, 3, none, at_switch, \harden, \scrub, \keys

	/* In: w0 vector, x0 and x1 stored, SP the frame. */
.L\name\()_el2:
	str	x0, [sp, #ARMVIRT_EL2_FRAME_VECTOR]
	armvirt_el2_registers stp
	add	x1, sp, #ARMVIRT_EL2_FRAME_SIZE
	stp	x30, x1, [sp, #240]
	mrs	x1, elr_el2
	mrs	x2, spsr_el2
	stp	x1, x2, [sp, #ARMVIRT_EL2_FRAME_PC]
	mrs	x1, esr_el2
	mrs	x2, far_el2
	stp	x1, x2, [sp, #ARMVIRT_EL2_FRAME_ESR]
	mrs	x1, hpfar_el2
	str	x1, [sp, #ARMVIRT_EL2_FRAME_HPFAR]
	.ifnc \fixups,none
	mov	x0, sp
	adrp	x1, \fixups
	add	x1, x1, :lo12:\fixups
	bl	armvirt_el2_fixup
	cbnz	w0, .L\name\()_el2_return
	.endif
	mov	x0, sp
	bl	\el2
	.if \nested
	msr	daifset, #15
	armvirt_el2_return \name
	.else
	b	.
	.ifnc \fixups,none
	armvirt_el2_return \name
	.endif
	.endif
	.size	\name, . - \name
.endm

#endif /* __ASSEMBLER__ */
#endif
