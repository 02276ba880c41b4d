@ SPDX-License-Identifier: BSD-2-Clause
@
@ An AArch32 guest, position independent, at an address that is a multiple of 1 MiB. Three programs:
@ bank   SYS mode: fills every banked and CP15 register, looks after each HVC #1 whether they are there
@ script SVC mode: traps, conditions, IT blocks, injected exceptions, in A32 and T32
@ user   USR mode: general registers over traps, in A32 and T32
@ HVC #2 says that a value is wrong: R0 expected, R1 found, R12 where. HVC #3: the end.
@ The header is read by a32.c.

	.syntax unified
	.arch	armv7-a				@ ARMv8 would warn of long IT blocks
	.arch_extension	virt
	.arch_extension	sec
	.fpu	neon-vfpv4
	.text
	.balign	4
	.arm
@ Offsets in the image, for code that knows its own address only down to 1 MiB.
	.equ	MASKS, 0x40
	.equ	VALUES, 0x800
	.equ	SAVE, 0xc00
	.equ	COUNTERS, 0xc80
	.equ	DOOR, 0xcc0			@ a32.c writes three instructions there
	.equ	VECTORS, 0xd00
	.equ	ROWS, 120
	.equ	GENERAL, VALUES + (ROWS - 16) * 4
image:
	.word	bank - image, script - image, user - image
	.word	VALUES, ROWS, MASKS, COUNTERS, DOOR

@ Every row of state: what it is loaded with is random & and | or, as the table of masks says.
.macro	cp15_rows op
	\op	0xfffffff0, 0, 0, c2, c0, 0	@ TTBR0
	\op	0xfffffff0, 0, 0, c2, c0, 1	@ TTBR1
	\op	0x00000037, 0, 0, c2, c0, 2	@ TTBCR
	\op	0xffffffff, 0, 0, c3, c0, 0	@ DACR
	\op	0x000000ff, 0, 0, c5, c0, 0	@ DFSR
	\op	0x0000000f, 0, 0, c5, c0, 1	@ IFSR
	\op	0xffffffff, 0, 0, c6, c0, 0	@ DFAR
	\op	0xffffffff, 0, 0, c6, c0, 2	@ IFAR
	\op	0xfffff000, 0, 0, c7, c4, 0	@ PAR
	\op	0xffffffff, 0, 0, c10, c2, 0	@ PRRR
	\op	0xffffffff, 0, 0, c10, c2, 1	@ NMRR
	\op	0xffffffe0, 0, 0, c12, c0, 0	@ VBAR
	\op	0xffffffff, 0, 0, c13, c0, 1	@ CONTEXTIDR
	\op	0xffffffff, 0, 0, c13, c0, 2	@ TPIDRURW
	\op	0xffffffff, 0, 0, c13, c0, 3	@ TPIDRURO
	\op	0xffffffff, 0, 0, c13, c0, 4	@ TPIDRPRW
	\op	0x00000002, 0, 2, c0, c0, 0	@ CSSELR
	\op	0x000003f3, 0, 0, c14, c1, 0	@ CNTKCTL
.endm
.macro	bank_rows op
	.irp	r, sp_svc, lr_svc, r8_fiq, r9_fiq, r10_fiq, r11_fiq, r12_fiq, sp_fiq, lr_fiq
	\op	0xffffffff, 0, \r
	.endr
	.irp	r, sp_irq, lr_irq, sp_abt, lr_abt, sp_und, lr_und
	\op	0xffffffff, 0, \r
	.endr
	.irp	r, spsr_svc, spsr_fiq, spsr_irq, spsr_abt, spsr_und
	\op	0xf80f03c0, 0x13, \r
	.endr
.endm

.macro	mask and, or, rest:vararg
	.word	\and, \or
.endm
.macro	cp15_load and, or, op1, crn, crm, op2
	ldr	r0, [r12], #4
	mcr	p15, \op1, r0, \crn, \crm, \op2
.endm
.macro	cp15_check and, or, op1, crn, crm, op2
	ldr	r0, [r12], #4
	mrc	p15, \op1, r1, \crn, \crm, \op2
	cmp	r0, r1
	bne	wrong
.endm
.macro	bank_load and, or, r
	ldr	r0, [r12], #4
	msr	\r, r0
.endm
.macro	bank_check and, or, r
	ldr	r0, [r12], #4
	mrs	r1, \r
	cmp	r0, r1
	bne	wrong
.endm

	.org	MASKS
masks:
	cp15_rows mask
	bank_rows mask
	.rept	64				@ D0 to D31
	.word	0xffffffff, 0
	.endr
	.word	0xf8c00000, 0			@ FPSCR
	.rept	15				@ R0 to R14
	.word	0xffffffff, 0
	.endr
	.word	0xf8000000, 0			@ CPSR.{N,Z,C,V,Q}
	.org	MASKS + ROWS * 8		@ an error if there are more
	.org	SAVE
save:
	.space	48
save_r12:
	.space	16
fpexc_now:				@ EN of FPEXC changes from turn to turn
	.word	0
	.org	COUNTERS			@ UND, PABT, DABT, IRQ; DFSR, DFAR, IFSR, IFAR
	.space	32
	.org	VECTORS
vectors:
	b	.
	b	on_und
	b	.
	b	on_pabt
	b	on_dabt
	b	.
	b	on_irq
	b	.

.macro	base r
	mov	\r, pc
	lsr	\r, \r, #20
	lsl	\r, \r, #20
.endm
.macro	point r, offset
	base	\r
	movw	r11, #\offset
	add	\r, \r, r11
.endm

wrong:
	hvc	#2
	b	wrong

@ All of R0 to R14 and the flags, from values; R0 is the last.
.macro	general_load
	base	r0
	movw	r1, #GENERAL
	add	r0, r0, r1
	ldr	r1, [r0, #60]
	msr	cpsr_f, r1
	ldr	sp, [r0, #52]
	ldr	lr, [r0, #56]
	ldm	r0, {r0-r12}
.endm
@ Looks whether all of them are still there; else to bad, R0 expected, R1 found, R12 where.
.macro	general_check bad
	str	r12, save_r12
	base	r12
	add	r12, r12, #SAVE
	stm	r12, {r0-r11}
	str	sp, [r12, #52]
	str	lr, [r12, #56]
	mrs	r0, cpsr
	and	r0, r0, #0xf8000000
	str	r0, [r12, #60]
	mov	r2, r12
	point	r12, GENERAL
	mov	r3, #16
1:	ldr	r0, [r12], #4
	ldr	r1, [r2], #4
	cmp	r0, r1
	bne	\bad
	subs	r3, r3, #1
	bne	1b
.endm

bank:
	cps	#31
	mrc	p15, 0, r0, c1, c0, 2
	orr	r0, r0, #0xf00000
	mcr	p15, 0, r0, c1, c0, 2
	isb
	mov	r0, #0x40000000
	vmsr	fpexc, r0
	point	r12, VALUES
	cp15_rows cp15_load
	bank_rows bank_load
	vldmia	r12!, {d0-d15}
	vldmia	r12!, {d16-d31}
	ldr	r0, [r12]
	vmsr	fpscr, r0
2:	ldr	r0, fpexc_now
	eor	r0, r0, #0x40000000
	str	r0, fpexc_now
	vmsr	fpexc, r0
	general_load
	hvc	#1
	general_check wrong
	ldr	r0, fpexc_now
	vmrs	r1, fpexc
	cmp	r0, r1
	bne	wrong
	mov	r0, #0x40000000
	vmsr	fpexc, r0
	point	r12, VALUES
	cp15_rows cp15_check
	bank_rows bank_check
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	vmov	r2, r3, d\n
	ldr	r0, [r12], #4
	mov	r1, r2
	cmp	r0, r1
	bne	wrong
	ldr	r0, [r12], #4
	mov	r1, r3
	cmp	r0, r1
	bne	wrong
	.endr
	ldr	r0, [r12]
	vmrs	r1, fpscr
	cmp	r0, r1
	bne	wrong
	b	2b

@ EL0 has no HVC: WFI is trapped, and a load from address 4 is how it complains.
user:
	general_load
	wfi
	general_check user_wrong
	blx	user_t32
	b	user
user_wrong:
	mov	r2, #4
	ldr	r2, [r2]
	b	user_wrong

	.thumb
	.thumb_func
user_t32:					@ the IT state must advance over what is trapped
	movs	r1, #0
	movs	r2, #0
	movs	r3, #0
	cmp	r1, r1
	itete	eq
	mrceq	p15, 0, r0, c9, c12, 0		@ PMCR; QEMU's WFI has advanced it already
	movne	r2, #1
	moveq	r3, #1
	movne	r1, #1
	movs	r0, #1
	cmp	r3, r0
	bne	4f
	orrs	r1, r2
	beq	5f
4:	movs	r2, #4
	ldr	r2, [r2]
	b	4b
5:	bx	lr

@ --- script ---
	.balign	4
	.arm
.macro	count n
	push	{r0, r1}
	base	r0
	add	r0, r0, #COUNTERS
	ldr	r1, [r0, #4 * \n]
	add	r1, r1, #1
	str	r1, [r0, #4 * \n]
.endm
on_und:						@ over the instruction: LR is behind it
	count	0
	pop	{r0, r1}
	movs	pc, lr
on_pabt:
	count	1
	mrc	p15, 0, r1, c5, c0, 1
	str	r1, [r0, #24]
	mrc	p15, 0, r1, c6, c0, 2
	str	r1, [r0, #28]
	pop	{r0, r1}
	subs	pc, lr, #4
on_dabt:
	count	2
	mrc	p15, 0, r1, c5, c0, 0
	str	r1, [r0, #16]
	mrc	p15, 0, r1, c6, c0, 0
	str	r1, [r0, #20]
	pop	{r0, r1}
	subs	pc, lr, #8
on_irq:
	count	3
	pop	{r0, r1}
	subs	pc, lr, #4

.macro	expect r, value				@ R0 expected, R1 found
	mov	r1, \r
	mov	r0, #\value
	cmp	r0, r1
	bne	wrong
.endm
.macro	expect_t r, value
	mov	r1, \r
	movs	r0, #\value
	cmp	r0, r1
	bne	wrong_t
.endm

script:
	base	r0
	add	r0, r0, #0x80000
	mov	sp, r0
	.irp	r, sp_und, sp_abt, sp_irq, sp_fiq
	sub	r0, r0, #0x1000
	msr	\r, r0
	.endr
	base	r0
	add	r0, r0, #VECTORS
	mcr	p15, 0, r0, c12, c0, 0
	mrc	p15, 0, r0, c1, c0, 2
	orr	r0, r0, #0xf00000
	mcr	p15, 0, r0, c1, c0, 2
	isb

@ Registers that trap: EL2 answers, HVC #4 asks it whether R0 is what it answered.
	mrc	p15, 0, r0, c1, c0, 1		@ ACTLR
	hvc	#4
	mrc	p15, 0, r0, c0, c1, 0		@ ID_PFR0
	hvc	#4
	mrc	p15, 0, r0, c9, c12, 0		@ PMCR
	hvc	#4
	mcr	p15, 0, r0, c9, c12, 0
	mrrc	p15, 0, r0, r1, c2		@ TTBR0, 64 bits
	hvc	#4
	mrc	p14, 0, r0, c0, c1, 0		@ DBGDSCRint
	hvc	#4
	vmrs	r0, mvfr0
	hvc	#4
	wfi
	wfe
	smc	#0

@ A condition that holds, and one that EL2 makes fail before it looks.
	mov	r3, #7
	cmp	r3, #7
	mrceq	p15, 0, r0, c1, c0, 1
	hvc	#4
	mov	r0, #1
	hvc	#5				@ the next trap is one whose condition has failed
	mrceq	p15, 0, r0, c1, c0, 1
	mov	r3, r0
	expect	r3, 1

@ Exceptions that EL2 injects at the instruction behind the HVC.
	mov	r5, #0
	hvc	#0x10				@ UND skips it
	mov	r5, #9
	expect	r5, 0
	hvc	#0x11				@ PABT returns to it
	mov	r5, #1
	expect	r5, 1
	hvc	#0x12				@ DABT too
	mov	r5, #2
	expect	r5, 2
	cmp	r5, #2				@ flags survive an IRQ
	hvc	#0x13
	movne	r5, #9
	moveq	r5, #3
	expect	r5, 3

@ A device: with a syndrome, and forms without one.
	mov	r8, #0x10000000
	movw	r1, #0x8281
	movt	r1, #0x8483
	str	r1, [r8]
	ldr	r0, [r8]
	cmp	r0, r1
	bne	wrong
	ldrb	r0, [r8, #1]
	expect	r0, 0x82
	movw	r1, #0x8281
	movt	r1, #0x8483
	ldrsb	r2, [r8, #1]
	mvn	r3, #0x7d
	cmp	r2, r3
	bne	wrong
	ldrsh	r2, [r8]
	movw	r3, #0x8281
	movt	r3, #0xffff
	cmp	r2, r3
	bne	wrong
	strh	r1, [r8, #4]
	mov	r2, #0x55
	strb	r2, [r8, #6]
	ldr	r2, [r8, #4]
	movw	r3, #0x8281
	movt	r3, #0x0055
	cmp	r2, r3
	bne	wrong
	mov	r4, r8				@ written back
	str	r1, [r4], #8
	str	r1, [r4, #4]!
	sub	r4, r4, r8
	mov	r9, r1
	expect	r4, 12
	mov	r1, r9
	ldrd	r6, r7, [r8, #8]
	cmp	r7, r1
	bne	wrong
	mov	r6, r1
	strd	r6, r7, [r8, #16]
	ldr	r0, [r8, #20]
	cmp	r0, r1
	bne	wrong

@ The same in T32.
	blx	script_t32
	hvc	#3
	b	.

	.thumb
wrong_t:
	hvc	#2
	b	wrong_t
	.thumb_func
script_t32:
	push	{lr}
	mrc	p15, 0, r0, c1, c0, 1
	hvc	#4
	mrrc	p15, 0, r0, r1, c2
	hvc	#4
	wfi
	wfe
	smc	#0

@ Trapped at each place of an IT block: what follows runs as if it had not been.
	movs	r2, #0
	movs	r3, #0
	movs	r4, #0
	cmp	r2, r2
	itete	eq
	mrceq	p15, 0, r0, c1, c0, 1
	movne	r2, #1
	moveq	r3, #1
	movne	r4, #1
	hvc	#4
	expect_t r2, 0
	expect_t r3, 1
	expect_t r4, 0
	movs	r2, #0
	cmp	r2, r2
	itett	eq
	moveq	r3, #2
	movne	r2, #2
	mrceq	p15, 0, r0, c1, c0, 1
	moveq	r4, #2
	hvc	#4
	expect_t r2, 0
	expect_t r3, 2
	expect_t r4, 2
	cmp	r2, r2
	itt	eq
	moveq	r3, #3
	mrceq	p15, 0, r0, c1, c0, 1
	movs	r4, #3				@ the block has ended
	hvc	#4
	expect_t r3, 3
	expect_t r4, 3

@ A condition that has failed: the ELSE part runs.
	movs	r0, #1
	movs	r2, #0
	hvc	#5
	cmp	r0, r0
	ite	eq
	mrceq	p15, 0, r0, c1, c0, 1
	movne	r2, #5
	mov	r3, r0
	expect_t r3, 1
	expect_t r2, 5

	movs	r5, #0
	hvc	#0x10
	movs	r5, #9				@ 16 bits: LR of UND is behind it
	expect_t r5, 0
	hvc	#0x11
	movs	r5, #1
	expect_t r5, 1
	hvc	#0x12
	movs	r5, #2
	expect_t r5, 2
	hvc	#6				@ an IRQ behind the next trap, inside the block
	cmp	r5, r5
	ittet	eq
	mrceq	p15, 0, r0, c1, c0, 1
	moveq	r5, #3
	movne	r5, #9
	moveq	r6, #4
	hvc	#4
	movs	r7, #5
	expect_t r5, 3
	expect_t r6, 4
	expect_t r7, 5

	mov	r8, #0x10000000
	movw	r1, #0x4241
	movt	r1, #0x4443
	str.w	r1, [r8]
	ldr.w	r0, [r8]
	cmp	r0, r1
	bne	wrong_t
	mov	r4, r8
	str	r1, [r4, #32]
	ldr	r0, [r4, #32]
	cmp	r0, r1
	bne	wrong_t
	str	r1, [r4], #8
	ldr	r2, [r4, #-8]!
	cmp	r2, r1
	bne	wrong_t
	cmp	r4, r8
	bne	wrong_t
	strd	r1, r2, [r8, #40]
	ldrd	r6, r7, [r8, #40]
	cmp	r7, r1
	bne	wrong_t
	pop	{pc}
