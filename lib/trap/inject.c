/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/exit.h>
#include <libarmvirt/inject.h>

#include "lib/trap/inject32.h"
#include "lib/trap/pstate.h"

#define BIT(n) (UINT64_C(1) << (n))

#define ESR_EC_SHIFT 26
#define ESR_EC       (UINT64_C(0x3f) << ESR_EC_SHIFT)
#define ESR_IL       BIT(25)
#define ESR_ISS      UINT64_C(0x1ffffff)
#define ESR_ISS2     (UINT64_C(0xffffff) << 32)
#define ESR_SET      (BIT(11) | BIT(12))

#define EC_UNKNOWN 0x00
#define EC_IABT    0x20
#define EC_DABT    0x24
#define EC_SERROR  0x2f

#define SCTLR_SPAN      BIT(23)
#define SCTLR_DSSBS     BIT(44)
#define SCTLR_SPINTMASK BIT(62)
#define SCTLR2_EASE     BIT(5)
#define GCSCR_EXLOCKEN  BIT(6)

#define VECTOR_SYNC   0x000
#define VECTOR_IRQ    0x080
#define VECTOR_FIQ    0x100
#define VECTOR_SERROR 0x180

/* Classes that EL1 takes synchronously. */
static const uint64_t el1_classes =
	BIT(0x00) | BIT(0x01) | BIT(0x03) | BIT(0x04) | BIT(0x05) | BIT(0x06) | BIT(0x07) |
	BIT(0x09) | BIT(0x0a) | BIT(0x0c) | BIT(0x0d) | BIT(0x0e) | BIT(0x11) | BIT(0x14) |
	BIT(0x15) | BIT(0x18) | BIT(0x19) | BIT(0x1b) | BIT(0x1c) | BIT(0x1d) | BIT(0x20) |
	BIT(0x21) | BIT(0x22) | BIT(0x24) | BIT(0x25) | BIT(0x26) | BIT(0x27) | BIT(0x28) |
	BIT(0x2c) | BIT(0x2d) | BIT(0x30) | BIT(0x31) | BIT(0x32) | BIT(0x33) | BIT(0x34) |
	BIT(0x35) | BIT(0x38) | BIT(0x3c) | BIT(0x3d);
/* Those that come as a pair: lower exception level, same exception level (one more). */
static const uint64_t paired_classes = BIT(0x20) | BIT(0x24) | BIT(0x30) | BIT(0x32) | BIT(0x34);
/* Those whose IL is always one. */
static const uint64_t il_classes = BIT(0x00) | BIT(0x0e) | BIT(0x20) | BIT(0x21) | BIT(0x22) |
				   BIT(0x24) | BIT(0x25) | BIT(0x26) | BIT(0x30) | BIT(0x31) |
				   BIT(0x32) | BIT(0x33) | BIT(0x34) | BIT(0x35);

static bool injectable(const struct armvirt_exctarget *t)
{
	uint64_t pstate = t->frame->pstate;

	/* EL1 in AArch32 under a guest in AArch64 cannot be; EL2 is nobody's guest here. */
	if (t->regs->el1_aarch32)
		return (pstate & PS_AA32) != 0;
	if (pstate & PS_AA32)
		return ps_el(pstate) == 0;
	return ps_el(pstate) <= 1;
}

/* Vector of an exception to EL1: by where it comes from. */
static uint64_t vector_base(uint64_t pstate)
{
	if (pstate & PS_AA32)
		return 0x600;
	if (ps_el(pstate) == 0)
		return 0x400;
	return pstate & PS_SP ? 0x200 : 0x000;
}

/* PSTATE at the first instruction of the handler: what is not named here becomes zero. */
static uint64_t entry_pstate(const struct armvirt_exctarget *t)
{
	const struct armvirt_features *f = t->features;
	const struct armvirt_excregs *r = t->regs;
	uint64_t old = t->frame->pstate;
	uint64_t ps = PS_EL1H | PS_D | PS_A | PS_I | PS_F | (old & (PS_NZCV | PS_DIT));

	if (armvirt_has(f, ARMVIRT_FEAT_PAN))
		ps |= r->sctlr & SCTLR_SPAN ? old & PS_PAN : PS_PAN;
	if (armvirt_has(f, ARMVIRT_FEAT_SSBS) && r->sctlr & SCTLR_DSSBS)
		ps |= PS_SSBS;
	if (armvirt_has(f, ARMVIRT_FEAT_MTE))
		ps |= PS_TCO;
	if (armvirt_has(f, ARMVIRT_FEAT_NMI) && !(r->sctlr & SCTLR_SPINTMASK))
		ps |= PS_ALLINT;
	if (armvirt_has(f, ARMVIRT_FEAT_EBEP))
		ps |= PS_PM;
	/* An exception from EL0 never locks. */
	if (armvirt_has(f, ARMVIRT_FEAT_GCS) && r->gcscr & GCSCR_EXLOCKEN && ps_el(old) == 1)
		ps |= PS_EXLOCK;
	return ps;
}

static void enter64(const struct armvirt_exctarget *t, uint64_t offset)
{
	struct armvirt_frame *frame = t->frame;
	struct armvirt_excregs *r = t->regs;
	uint64_t ps = entry_pstate(t);

	r->spsr = frame->pstate;
	r->elr = frame->pstate & PS_AA32 ? (uint32_t)frame->pc : frame->pc;
	frame->pc = (r->vbar & ~UINT64_C(0x7ff)) + vector_base(frame->pstate) + offset;
	frame->pstate = ps;
}

static unsigned ec_of(uint64_t esr)
{
	return esr >> ESR_EC_SHIFT & 0x3f;
}

static bool is_abort(unsigned ec)
{
	return ec == EC_IABT || ec == EC_IABT + 1 || ec == EC_DABT || ec == EC_DABT + 1;
}

/* Synchronous External aborts and parity errors, on walks or not. */
static bool is_external(unsigned status)
{
	return status >= 0x10 && status <= 0x1f && status != 0x11 && status != 0x19;
}

static uint64_t adapt_abort(uint64_t esr, unsigned ec)
{
	uint64_t iss = esr & ESR_ISS, keep;

	/* EA, CM, WnR and the status; bits 24:13 and S1PTW describe what only EL2 sees. */
	keep = ec >= EC_DABT ? UINT64_C(0x37f) : UINT64_C(0x23f);
	if (!is_external((unsigned)(iss & 0x3f)))
		keep &= ~ARMVIRT_ABORT_EA;
	if ((iss & 0x3f) == ARMVIRT_STATUS_EXTERNAL)
		keep |= ESR_SET | ARMVIRT_ABORT_FNV;
	return (esr & (ESR_EC | ESR_ISS2)) | ESR_IL | (iss & keep);
}

static uint64_t adapt(uint64_t esr, uint64_t pstate)
{
	unsigned ec = ec_of(esr);

	esr &= ESR_EC | ESR_IL | ESR_ISS | ESR_ISS2;
	if (is_abort(ec))
		esr = adapt_abort(esr, ec);
	if (il_classes >> ec & 1)
		esr |= ESR_IL;
	if (paired_classes >> (ec & ~1u) & 1)
		esr = (esr & ~BIT(ESR_EC_SHIFT)) | (uint64_t)(ps_el(pstate) == 1) << ESR_EC_SHIFT;
	return esr;
}

static void sync64(const struct armvirt_exctarget *t, const struct armvirt_sync *sync)
{
	uint64_t esr = adapt(sync->esr, t->frame->pstate);
	uint64_t offset = VECTOR_SYNC;

	if (is_abort(ec_of(esr)) && is_external(esr & 0x3f) && t->regs->sctlr2 & SCTLR2_EASE &&
	    armvirt_has(t->features, ARMVIRT_FEAT_DOUBLEFAULT2))
		offset = VECTOR_SERROR;
	enter64(t, offset);
	t->regs->esr = esr;
	if (sync->set_far)
		t->regs->far = sync->far;
}

enum armvirt_status armvirt_inject_sync(const struct armvirt_exctarget *t,
					const struct armvirt_sync *sync)
{
	if (!injectable(t) || t->regs->el1_aarch32)
		return ARMVIRT_E_STATE;
	if (!(el1_classes >> ec_of(sync->esr) & 1))
		return ARMVIRT_E_SYNDROME;
	sync64(t, sync);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_inject_undef(const struct armvirt_exctarget *t)
{
	const struct armvirt_sync undef = {(uint64_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL, 0, false};

	if (!injectable(t))
		return ARMVIRT_E_STATE;
	if (t->regs->el1_aarch32)
		armvirt_enter32_(t, ARMVIRT_VECTOR32_UNDEF);
	else
		sync64(t, &undef);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_inject_abort(const struct armvirt_exctarget *t,
					 const struct armvirt_abort_request *r)
{
	struct armvirt_sync sync = {0, r->va, true};

	if (!injectable(t))
		return ARMVIRT_E_STATE;
	if (t->regs->el1_aarch32) {
		armvirt_abort32_(t, r);
		return ARMVIRT_OK;
	}
	sync.esr = (uint64_t)(r->fetch ? EC_IABT : EC_DABT) << ESR_EC_SHIFT | ESR_IL |
		   (r->status & 0x3f);
	if (r->write && !r->fetch)
		sync.esr |= ARMVIRT_ABORT_WRITE;
	if (r->va_unknown)
		sync.esr |= ARMVIRT_ABORT_FNV;
	sync64(t, &sync);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_inject_irq(const struct armvirt_exctarget *t)
{
	if (!injectable(t))
		return ARMVIRT_E_STATE;
	if (t->regs->el1_aarch32)
		armvirt_enter32_(t, ARMVIRT_VECTOR32_IRQ);
	else
		enter64(t, VECTOR_IRQ);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_inject_fiq(const struct armvirt_exctarget *t)
{
	if (!injectable(t))
		return ARMVIRT_E_STATE;
	if (t->regs->el1_aarch32)
		armvirt_enter32_(t, ARMVIRT_VECTOR32_FIQ);
	else
		enter64(t, VECTOR_FIQ);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_inject_serror(const struct armvirt_exctarget *t, uint32_t iss)
{
	if (!injectable(t))
		return ARMVIRT_E_STATE;
	if (t->regs->el1_aarch32) {
		armvirt_serror32_(t);
		return ARMVIRT_OK;
	}
	enter64(t, VECTOR_SERROR);
	t->regs->esr = (uint64_t)EC_SERROR << ESR_EC_SHIFT | ESR_IL | (iss & ESR_ISS);
	return ARMVIRT_OK;
}
