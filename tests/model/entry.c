/* SPDX-License-Identifier: BSD-2-Clause */
#include "entry.h"

#include <string.h>

static uint64_t at(bool v, unsigned n)
{
	return (uint64_t)v << n;
}

static bool is(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

/* GetPSRFromPSTATE(), for a target in AArch64. */
uint64_t model_spsr64(const struct model_machine *m)
{
	const struct model_pstate *p = &m->pstate;
	uint64_t s = at(p->n, 31) | at(p->z, 30) | at(p->c, 29) | at(p->v, 28);

	if (m->has.pan)
		s |= at(p->pan, 22);
	s |= at(p->il, 20) | at(p->ss, 21);
	if (m->has.dit)
		s |= at(p->dit, 24);
	if (m->has.ebep)
		s |= at(p->pm, 32);
	if (m->has.sebep)
		s |= at(p->ppend, 33);
	if (p->nrw) {
		s |= at(p->q, 27) | (uint64_t)(p->it & 3) << 25 | (uint64_t)(p->ge) << 16 |
		     (uint64_t)(p->it >> 2) << 10 | at(p->e, 9) | at(p->a, 8) | at(p->i, 7) |
		     at(p->f, 6) | at(p->t, 5) | at(1, 4) | (p->m & 15);
		if (m->has.ssbs)
			s |= at(p->ssbs, 23);
		return s;
	}
	if (m->has.uao)
		s |= at(p->uao, 23);
	if (m->has.mte)
		s |= at(p->tco, 25);
	if (m->has.nmi)
		s |= at(p->allint, 13);
	if (m->has.ssbs)
		s |= at(p->ssbs, 12);
	if (m->has.bti)
		s |= (uint64_t)p->btype << 10;
	if (m->has.gcs)
		s |= at(p->exlock, 34);
	return s | at(p->d, 9) | at(p->a, 8) | at(p->i, 7) | at(p->f, 6) | (uint64_t)p->el << 2 |
	       at(p->sp, 0);
}

void model_pstate_from_spsr64(struct model_machine *m, uint64_t s)
{
	struct model_pstate *p = &m->pstate;

	memset(p, 0, sizeof(*p));
	p->n = is(s, 31);
	p->z = is(s, 30);
	p->c = is(s, 29);
	p->v = is(s, 28);
	p->pan = m->has.pan && is(s, 22);
	p->ss = is(s, 21);
	p->il = is(s, 20);
	p->dit = m->has.dit && is(s, 24);
	p->pm = m->has.ebep && is(s, 32);
	p->ppend = m->has.sebep && is(s, 33);
	p->a = is(s, 8);
	p->i = is(s, 7);
	p->f = is(s, 6);
	if (is(s, 4)) {
		p->nrw = true;
		p->q = is(s, 27);
		p->it = (unsigned)(s >> 10 & 63) << 2 | (unsigned)(s >> 25 & 3);
		p->ge = s >> 16 & 15;
		p->e = is(s, 9);
		p->t = is(s, 5);
		p->ssbs = m->has.ssbs && is(s, 23);
		p->m = s & 31;
		p->el = p->m == 0x10 ? 0 : 1;
		return;
	}
	p->uao = m->has.uao && is(s, 23);
	p->tco = m->has.mte && is(s, 25);
	p->allint = m->has.nmi && is(s, 13);
	p->ssbs = m->has.ssbs && is(s, 12);
	p->btype = m->has.bti ? s >> 10 & 3 : 0;
	p->exlock = m->has.gcs && is(s, 34);
	p->d = is(s, 9);
	p->el = s >> 2 & 3;
	p->sp = is(s, 0);
}

/* Synchronous External aborts of any kind; SCTLR2_EL1.EASE routes them. */
static bool sync_external(const struct model_fault_record *f)
{
	switch (f->status) {
	case 0x10:
	case 0x12:
	case 0x13:
	case 0x14:
	case 0x15:
	case 0x16:
	case 0x17: /* External, with and without a walk */
	case 0x18:
	case 0x1a:
	case 0x1b:
	case 0x1c:
	case 0x1d:
	case 0x1e:
	case 0x1f: /* parity, with and without a walk */
		return true;
	default:
		return false;
	}
}

/* AArch64.TakeException(EL1, ...) behind AArch64.Abort(), AArch64.Undefined(), ... */
static void take64(struct model_machine *m, enum model_exception what,
		   const struct model_fault_record *fault)
{
	struct model_pstate *p = &m->pstate;
	uint64_t spsr = model_spsr64(m), pc = p->nrw ? (uint32_t)m->pc : m->pc;
	unsigned from = p->el;
	bool from_32 = p->nrw, abort = what == MODEL_EXC_IABT || what == MODEL_EXC_DABT;
	uint64_t vect = what == MODEL_EXC_IRQ      ? 0x80
			: what == MODEL_EXC_FIQ    ? 0x100
			: what == MODEL_EXC_SERROR ? 0x180
						   : 0;

	if (abort && sync_external(fault) && m->has.doublefault2 && is(m->sctlr2, 5))
		vect = 0x180;
	if (1 > from)
		vect += from_32 ? 0x600 : 0x400;
	else if (p->sp)
		vect += 0x200;

	if (what == MODEL_EXC_UNDEF) {
		m->esr = at(1, 25);
	} else if (abort) {
		uint64_t ec = what == MODEL_EXC_IABT ? 0x20 : 0x24;

		if (from == 1)
			ec += 1;
		m->esr = ec << 26 | at(1, 25) | fault->status;
		if (what == MODEL_EXC_DABT)
			m->esr |= at(fault->write, 6);
		m->far = fault->va;
	} else if (what == MODEL_EXC_SERROR) {
		m->esr = UINT64_C(0x2f) << 26 | at(1, 25) | fault->status;
	}

	if (m->has.gcs)
		p->exlock = from == 1 && is(m->gcscr, 6);
	p->el = 1;
	p->nrw = false;
	p->sp = true;
	m->spsr = spsr;
	m->elr = pc;
	p->ss = false;
	if (m->has.nmi)
		p->allint = !is(m->sctlr, 62);
	p->d = p->a = p->i = p->f = true;
	p->il = false;
	if (from_32) {
		p->it = 0;
		p->t = false;
	}
	if (m->has.pan && !is(m->sctlr, 23))
		p->pan = true;
	p->uao = false;
	p->btype = 0;
	if (m->has.ssbs)
		p->ssbs = is(m->sctlr, 44);
	if (m->has.mte)
		p->tco = true;
	if (m->has.ebep)
		p->pm = true;
	p->ppend = false;
	m->pc = (m->vbar >> 11 << 11) + vect;
}

/* GetPSRFromPSTATE(), for a target in AArch32: DIT is bit 21, there is no SS. */
static uint32_t spsr32(const struct model_machine *m)
{
	const struct model_pstate *p = &m->pstate;

	return (uint32_t)(at(p->n, 31) | at(p->z, 30) | at(p->c, 29) | at(p->v, 28) | at(p->q, 27) |
			  (uint64_t)(p->it & 3) << 25 | at(m->has.ssbs && p->ssbs, 23) |
			  at(m->has.pan && p->pan, 22) | at(m->has.dit && p->dit, 21) |
			  at(p->il, 20) | (uint64_t)p->ge << 16 | (uint64_t)(p->it >> 2) << 10 |
			  at(p->e, 9) | at(p->a, 8) | at(p->i, 7) | at(p->f, 6) | at(p->t, 5) |
			  at(1, 4) | (p->m & 15));
}

enum mode { FIQ = 0x11, IRQ = 0x12, ABT = 0x17, UND = 0x1b };

/* AArch32.EnterMode() */
static void enter_mode(struct model_machine *m, enum mode mode, unsigned lr_offset, unsigned vect)
{
	struct model_pstate *p = &m->pstate;
	uint32_t spsr = spsr32(m), base = is(m->sctlr, 13) ? 0xffff0000 : (uint32_t)m->vbar & ~31u;
	uint32_t *spsr_of = mode == FIQ   ? &m->spsr_fiq
			    : mode == IRQ ? &m->spsr_irq
			    : mode == ABT ? &m->spsr_abt
					  : &m->spsr_und;
	unsigned lr = mode == FIQ ? 30 : mode == IRQ ? 16 : mode == ABT ? 20 : 22;

	*spsr_of = spsr;
	m->r[lr] = (uint32_t)(m->pc + lr_offset);
	p->m = mode;
	p->el = 1;
	p->t = is(m->sctlr, 30);
	p->ss = false;
	if (mode == FIQ)
		p->a = p->i = p->f = true;
	else if (mode == ABT || mode == IRQ)
		p->a = p->i = true;
	else
		p->i = true;
	p->e = is(m->sctlr, 25);
	p->il = false;
	p->it = 0;
	if (m->has.pan && !is(m->sctlr, 23))
		p->pan = true;
	if (m->has.ssbs)
		p->ssbs = is(m->sctlr, 31);
	p->pm = p->ppend = false;
	m->pc = base + vect;
}

/* Status in the format of TTBCR.EAE, for the few that the test uses in the short format. */
static uint32_t fsr(const struct model_machine *m, unsigned status)
{
	unsigned fs;

	if (is(m->ttbcr, 31))
		return 0x200 | status;
	switch (status) {
	case 0x05:
		fs = 0x05; /* translation, section */
		break;
	case 0x06:
	case 0x07:
		fs = 0x07; /* translation, page */
		break;
	case 0x3d:
		fs = 0x09; /* domain, section */
		break;
	case 0x3e:
		fs = 0x0b; /* domain, page */
		break;
	case 0x09:
		fs = 0x03; /* access flag, section */
		break;
	case 0x0b:
		fs = 0x06;
		break;
	case 0x0d:
		fs = 0x0d; /* permission, section */
		break;
	case 0x0f:
		fs = 0x0f;
		break;
	case 0x11:
		fs = 0x16; /* asynchronous External abort */
		break;
	case 0x15:
		fs = 0x0c; /* External abort on a walk, first level */
		break;
	case 0x16:
		fs = 0x0e;
		break;
	case 0x21:
		fs = 0x01; /* alignment */
		break;
	case 0x30:
		fs = 0x10; /* TLB conflict */
		break;
	default:
		fs = 0x08; /* synchronous External abort */
		break;
	}
	return (fs & 15) | (fs >> 4) << 10;
}

static void take32(struct model_machine *m, enum model_exception what,
		   const struct model_fault_record *fault)
{
	switch (what) {
	case MODEL_EXC_UNDEF:
		enter_mode(m, UND, m->pstate.t ? 2 : 4, 0x04);
		break;
	case MODEL_EXC_IABT:
		m->ifsr = fsr(m, fault->status);
		m->ifar = (uint32_t)fault->va;
		enter_mode(m, ABT, 4, 0x0c);
		break;
	case MODEL_EXC_DABT:
		m->dfsr = fsr(m, fault->status) | (fault->write ? 1u << 11 : 0);
		m->dfar = (uint32_t)fault->va;
		enter_mode(m, ABT, 8, 0x10);
		break;
	case MODEL_EXC_IRQ:
		enter_mode(m, IRQ, 4, 0x18);
		break;
	case MODEL_EXC_FIQ:
		enter_mode(m, FIQ, 4, 0x1c);
		break;
	case MODEL_EXC_SERROR:
		m->dfsr = fsr(m, 0x11);
		enter_mode(m, ABT, 8, 0x10);
		break;
	}
}

void model_take(struct model_machine *m, enum model_exception what,
		const struct model_fault_record *fault)
{
	if (m->el1_aarch32)
		take32(m, what, fault);
	else
		take64(m, what, fault);
}
