/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/trap/inject32.h"

#include <libarmvirt/exit.h>

#include "lib/trap/pstate.h"

#define BIT(n) (UINT64_C(1) << (n))

/* SCTLR of AArch32, in SCTLR_EL1 */
#define SCTLR_V     BIT(13)
#define SCTLR_SPAN  BIT(23)
#define SCTLR_EE    BIT(25)
#define SCTLR_TE    BIT(30)
#define SCTLR_DSSBS BIT(31)
#define TTBCR_EAE   BIT(31)

/* DFSR and IFSR */
#define FSR_DOMAIN_SHIFT 4

#define FSR_LPAE BIT(9)
#define FSR_FS4  BIT(10)
#define FSR_WNR  BIT(11)
#define FSR_FNV  BIT(16)

struct entry {
	uint8_t mode, offset, lr_a32, lr_t32;
	uint8_t lr;   /* X register that LR of the mode is */
	uint8_t mask; /* PSTATE.{A,F} set beside I: bit 1 A, bit 0 F */
};

static const struct entry entries[] = {
	[ARMVIRT_VECTOR32_UNDEF] = {PS_M_UND, 0x04, 4, 2, 22, 0},
	[ARMVIRT_VECTOR32_PREFETCH] = {PS_M_ABT, 0x0c, 4, 4, 20, 2},
	[ARMVIRT_VECTOR32_DATA] = {PS_M_ABT, 0x10, 8, 8, 20, 2},
	[ARMVIRT_VECTOR32_IRQ] = {PS_M_IRQ, 0x18, 4, 4, 16, 2},
	[ARMVIRT_VECTOR32_FIQ] = {PS_M_FIQ, 0x1c, 4, 4, 30, 3},
};

/* SPSR_<mode> keeps DIT at 21, where SPSR_EL2 has SS, and has no DIT at 24. */
static uint64_t spsr32(uint64_t pstate)
{
	uint64_t spsr = pstate & UINT32_MAX & ~(PS_SS | PS_DIT);

	return pstate & PS_DIT ? spsr | BIT(21) : spsr;
}

static uint64_t *spsr_slot(struct armvirt_excregs *r, uint8_t mode)
{
	switch (mode) {
	case PS_M_UND:
		return &r->spsr_und;
	case PS_M_IRQ:
		return &r->spsr_irq;
	case PS_M_FIQ:
		return &r->spsr_fiq;
	default:
		return &r->spsr_abt;
	}
}

static uint64_t entry_pstate32(const struct armvirt_exctarget *t, const struct entry *e)
{
	uint64_t old = t->frame->pstate, sctlr = t->regs->sctlr;
	uint64_t ps = e->mode | PS_I;

	ps |= old & (PS_NZCV | PS_Q | PS_GE | PS_DIT | PS_A | PS_F | PS_PAN);
	if (e->mask & 2)
		ps |= PS_A;
	if (e->mask & 1)
		ps |= PS_F;
	if (sctlr & SCTLR_TE)
		ps |= PS_T;
	if (sctlr & SCTLR_EE)
		ps |= PS_E;
	if (armvirt_has(t->features, ARMVIRT_FEAT_PAN) && !(sctlr & SCTLR_SPAN))
		ps |= PS_PAN;
	if (armvirt_has(t->features, ARMVIRT_FEAT_SSBS) && sctlr & SCTLR_DSSBS)
		ps |= PS_SSBS32;
	return ps;
}

void armvirt_enter32_(const struct armvirt_exctarget *t, enum armvirt_vector32 vector)
{
	const struct entry *e = &entries[vector];
	struct armvirt_frame *frame = t->frame;
	struct armvirt_excregs *r = t->regs;
	uint64_t ps = entry_pstate32(t, e);
	uint32_t base = r->sctlr & SCTLR_V ? UINT32_C(0xffff0000) : (uint32_t)r->vbar & ~31u;

	*spsr_slot(r, e->mode) = spsr32(frame->pstate);
	frame->x[e->lr] = (uint32_t)(frame->pc + (frame->pstate & PS_T ? e->lr_t32 : e->lr_a32));
	frame->pc = base + e->offset;
	frame->pstate = ps;
}

#define DOMAIN_FAULT 0x3d /* as PAR_EL1 has it: level 1, level 2 */

/* Fault status of the short-descriptor format, by class; walks and pages differ by level. */
static uint32_t short_status(uint8_t status)
{
	bool page = armvirt_fault_level(status) >= 2;

	if (status == DOMAIN_FAULT || status == DOMAIN_FAULT + 1) /* only this format has it */
		return status == DOMAIN_FAULT ? 0x09 : 0x0b;
	switch (armvirt_fault_class(status)) {
	case ARMVIRT_FAULT_TRANSLATION:
		return page ? 0x07 : 0x05;
	case ARMVIRT_FAULT_ACCESS_FLAG:
		return page ? 0x06 : 0x03;
	case ARMVIRT_FAULT_PERMISSION:
		return page ? 0x0f : 0x0d;
	case ARMVIRT_FAULT_EXTERNAL_WALK:
		return page ? 0x0e : 0x0c;
	case ARMVIRT_FAULT_PARITY:
		return 0x19;
	case ARMVIRT_FAULT_PARITY_WALK:
		return page ? 0x1e : 0x1c;
	case ARMVIRT_FAULT_ALIGNMENT:
		return 0x01;
	case ARMVIRT_FAULT_TLB_CONFLICT:
		return 0x10;
	case ARMVIRT_FAULT_LOCKDOWN:
		return 0x14;
	case ARMVIRT_FAULT_EXCLUSIVE:
		return 0x15;
	default:
		return 0x08;
	}
}

static uint64_t fault_status(uint64_t tcr, uint8_t long_status, uint32_t short_fs)
{
	if (tcr & TTBCR_EAE)
		return FSR_LPAE | (long_status & 0x3f);
	return (short_fs & 0xf) | (short_fs & 0x10 ? FSR_FS4 : 0);
}

void armvirt_abort32_(const struct armvirt_exctarget *t, const struct armvirt_abort_request *r)
{
	struct armvirt_excregs *regs = t->regs;
	uint64_t fsr = fault_status(regs->tcr, r->status, short_status(r->status));
	uint64_t va = (uint32_t)r->va;

	if (r->va_unknown && armvirt_fault_class(r->status) == ARMVIRT_FAULT_EXTERNAL)
		fsr |= FSR_FNV;
	if (r->fetch) {
		regs->ifsr32 = fsr;
		regs->far = (regs->far & UINT32_MAX) | va << 32;
		armvirt_enter32_(t, ARMVIRT_VECTOR32_PREFETCH);
	} else {
		if (!(regs->tcr & TTBCR_EAE))
			fsr |= (uint64_t)(r->domain & 15) << FSR_DOMAIN_SHIFT;
		regs->esr = fsr | (r->write ? FSR_WNR : 0);
		regs->far = (regs->far & ~(uint64_t)UINT32_MAX) | va;
		armvirt_enter32_(t, ARMVIRT_VECTOR32_DATA);
	}
}

void armvirt_serror32_(const struct armvirt_exctarget *t)
{
	/* asynchronous External abort: 0x11 long, 0b10110 short */
	t->regs->esr = fault_status(t->regs->tcr, 0x11, 0x16);
	armvirt_enter32_(t, ARMVIRT_VECTOR32_DATA);
}
