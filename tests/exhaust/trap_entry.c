/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception entry: the library against the pseudocode in tests/model, over every source state,
 * every combination of the PSTATE bits that entry keeps or changes (2^16), of the SCTLR bits that
 * it reads, and of features; the rest random.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/inject.h>

#include "entry.h"

#define BIT(n) (UINT64_C(1) << (n))

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

struct scene {
	struct armvirt_frame frame;
	struct armvirt_excregs regs;
	struct armvirt_features features;
	struct model_machine model;
	struct armvirt_abort_request request;
	enum model_exception what;
};

static void feature(struct scene *s, enum armvirt_feature x, bool on)
{
	if (on)
		s->features.has[x / 64] |= BIT(x % 64);
}

static void set_features(struct scene *s, unsigned mask)
{
	const struct model_entry_features has = {
		.pan = mask & 1,
		.ssbs = mask >> 1 & 1,
		.mte = mask >> 2 & 1,
		.nmi = mask >> 3 & 1,
		.gcs = mask >> 4 & 1,
		.ebep = mask >> 5 & 1,
		.doublefault2 = mask >> 6 & 1,
		.uao = true,
		.dit = true,
		.bti = true,
		.sebep = mask >> 5 & 1,
	};

	s->model.has = has;
	feature(s, ARMVIRT_FEAT_PAN, has.pan);
	feature(s, ARMVIRT_FEAT_SSBS, has.ssbs);
	feature(s, ARMVIRT_FEAT_MTE, has.mte);
	feature(s, ARMVIRT_FEAT_NMI, has.nmi);
	feature(s, ARMVIRT_FEAT_GCS, has.gcs);
	feature(s, ARMVIRT_FEAT_EBEP, has.ebep);
	feature(s, ARMVIRT_FEAT_DOUBLEFAULT2, has.doublefault2);
}

/* The same machine twice: words for the library, fields for the model. */
static void build(struct scene *s, uint64_t spsr, uint64_t sctlr, unsigned features)
{
	static const uint8_t statuses[] = {0x05, 0x06, 0x07, 0x09, 0x0b, 0x0d,
					   0x0f, 0x10, 0x15, 0x16, 0x21, 0x30};
	struct model_machine *m = &s->model;

	memset(s, 0, sizeof(*s));
	set_features(s, features);
	s->regs.el1_aarch32 = m->el1_aarch32 = (spsr & BIT(4)) && next() & 1;
	if ((spsr & BIT(4)) && !s->regs.el1_aarch32)
		spsr &= ~UINT64_C(15); /* AArch32 EL0 below AArch64 EL1 */
	s->regs.vbar = m->vbar = next();
	s->regs.sctlr = m->sctlr = sctlr;
	s->regs.sctlr2 = m->sctlr2 = next();
	s->regs.gcscr = m->gcscr = next();
	s->regs.tcr = m->ttbcr = next();
	s->regs.far = m->far = next();
	m->dfar = (uint32_t)m->far;
	m->ifar = (uint32_t)(m->far >> 32);
	s->frame.pc = m->pc = spsr & BIT(4) ? (uint32_t)next() : next();
	model_pstate_from_spsr64(m, spsr);
	s->frame.pstate = model_spsr64(m);
	s->request.va = next();
	s->request.write = next() >> 20 & 1;
	s->request.status = statuses[(next() >> 20) % sizeof(statuses)];
}

static enum armvirt_status inject(struct scene *s)
{
	const struct armvirt_exctarget t = {&s->frame, &s->regs, &s->features};

	switch (s->what) {
	case MODEL_EXC_UNDEF:
		return armvirt_inject_undef(&t);
	case MODEL_EXC_IABT:
		s->request.fetch = true;
		return armvirt_inject_abort(&t, &s->request);
	case MODEL_EXC_DABT:
		return armvirt_inject_abort(&t, &s->request);
	case MODEL_EXC_IRQ:
		return armvirt_inject_irq(&t);
	case MODEL_EXC_FIQ:
		return armvirt_inject_fiq(&t);
	default:
		return armvirt_inject_serror(&t, s->request.status);
	}
}

static bool same(const struct scene *s, const char *name, uint64_t got, uint64_t want)
{
	if (got == want)
		return true;
	printf("exception %d: %s is %#llx, the pseudocode says %#llx\n", s->what, name,
	       (unsigned long long)got, (unsigned long long)want);
	return false;
}

static bool compare(const struct scene *s)
{
	const struct armvirt_excregs *r = &s->regs;
	const struct model_machine *m = &s->model;
	bool ok = same(s, "PSTATE", s->frame.pstate, model_spsr64(m)) &&
		  same(s, "PC", s->frame.pc, m->pc) && same(s, "SPSR_EL1", r->spsr, m->spsr) &&
		  same(s, "ELR_EL1", r->elr, m->elr) &&
		  same(s, "SPSR_abt", r->spsr_abt, m->spsr_abt) &&
		  same(s, "SPSR_und", r->spsr_und, m->spsr_und) &&
		  same(s, "SPSR_irq", r->spsr_irq, m->spsr_irq) &&
		  same(s, "SPSR_fiq", r->spsr_fiq, m->spsr_fiq) &&
		  same(s, "IFSR", r->ifsr32, m->ifsr) &&
		  same(s, "ESR_EL1", r->esr, m->el1_aarch32 ? m->dfsr : m->esr) &&
		  same(s, "FAR_EL1", r->far,
		       m->el1_aarch32 ? (uint64_t)m->ifar << 32 | m->dfar : m->far);

	for (unsigned i = 0; ok && i < 31; i++)
		ok = same(s, "X", s->frame.x[i], m->r[i]);
	return ok;
}

static bool check(uint64_t spsr, uint64_t sctlr, unsigned features)
{
	for (int what = MODEL_EXC_UNDEF; what <= MODEL_EXC_SERROR; what++) {
		struct model_fault_record fault;
		struct scene s;

		build(&s, spsr, sctlr, features);
		s.what = (enum model_exception)what;
		fault = (struct model_fault_record){s.request.status, s.request.write,
						    s.request.va};
		model_take(&s.model, s.what, &fault);
		if (inject(&s) != ARMVIRT_OK) {
			printf("refused: PSTATE %#llx\n", (unsigned long long)spsr);
			return false;
		}
		if (!compare(&s)) {
			printf("  from PSTATE %#llx, SCTLR %#llx, features %#x\n",
			       (unsigned long long)spsr, (unsigned long long)sctlr, features);
			return false;
		}
	}
	return true;
}

/* Spreads the bits of an index over the places of a mask. */
static uint64_t spread(uint64_t index, uint64_t places)
{
	uint64_t out = 0;

	for (; places; places &= places - 1, index >>= 1) {
		if (index & 1)
			out |= places & -places;
	}
	return out;
}

int main(void)
{
	static const uint8_t modes[] = {0x00, 0x04, 0x05, 0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f};
	const uint64_t kept = BIT(31) | BIT(28) | BIT(25) | BIT(24) | BIT(23) | BIT(22) | BIT(21) |
			      BIT(20) | BIT(13) | BIT(12) | BIT(10) | BIT(9) | BIT(5) | BIT(34);
	const uint64_t read = BIT(13) | BIT(23) | BIT(25) | BIT(30) | BIT(31) | BIT(44) | BIT(62);
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	unsigned step = !scale || strcmp(scale, "quick") == 0 ? 37 : 1;
	uint64_t count = 0;

	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%llu\n", (unsigned long long)state);
	for (unsigned mode = 0; mode < sizeof(modes); mode++) {
		for (uint64_t i = 0; i < (UINT64_C(1) << 21); i += step) {
			uint64_t noise = next() & (BIT(30) | BIT(29) | BIT(27) | BIT(26) | BIT(16) |
						   BIT(19) | BIT(11) | BIT(8) | BIT(7) | BIT(6) |
						   BIT(32) | BIT(33));
			uint64_t spsr = spread(i, kept) | noise | modes[mode];

			if (!(spsr & BIT(4)))
				spsr &= ~BIT(5);
			if (!check(spsr, spread(i >> 14, read) | (next() & ~read),
				   (unsigned)(next() >> 30 & 0x7f)))
				return 1;
			count += 6;
		}
	}
	printf("%llu exceptions agree\n", (unsigned long long)count);
	return 0;
}
