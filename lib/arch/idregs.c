/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/arch/idfields.h"

#include <libarmvirt/regs.h>

struct armvirt_policy armvirt_policy_preset(enum armvirt_policy_preset preset)
{
	struct armvirt_policy p = {.show = ARMVIRT_SHOW_FP | ARMVIRT_SHOW_GIC, .migrates = 1};

	if (preset == ARMVIRT_POLICY_BASELINE)
		p.baseline = 1;
	else
		p.show |= ARMVIRT_SHOW_RAS;
	if (preset == ARMVIRT_POLICY_SUPPORTED)
		p.show = ARMVIRT_SHOW_ALL;
	return p;
}

static void put(struct armvirt_idregs *id, const struct armvirt_id_field *f, unsigned value)
{
	uint64_t mask = ((UINT64_C(1) << f->width) - 1) << f->shift;

	id->reg[f->reg] = (id->reg[f->reg] & ~mask) | ((uint64_t)value << f->shift);
}

static unsigned combine(const struct armvirt_id_field *f, unsigned a, unsigned b)
{
	bool less = armvirt_id_order(f, a) < armvirt_id_order(f, b);

	switch ((enum armvirt_id_rule)f->rule) {
	case ARMVIRT_ID_EXACT:
		return a == b ? a : f->hidden;
	case ARMVIRT_ID_HIGHER:
		return less ? b : a;
	case ARMVIRT_ID_HIGHER_OR_ZERO:
		return a == 0 || b == 0 ? 0 : less ? b : a;
	case ARMVIRT_ID_LOWER:
	case ARMVIRT_ID_SIGNED:
	case ARMVIRT_ID_BUT_15:
		break;
	}
	return less ? a : b;
}

/* A number that every CPU has one of, and that no combination of two can stand for. */
static bool own_number(unsigned reg)
{
	return reg == ARMVIRT_IDREG_MIDR_EL1 || reg == ARMVIRT_IDREG_MPIDR_EL1 ||
	       reg == ARMVIRT_IDREG_REVIDR_EL1 || reg == ARMVIRT_IDREG_AIDR_EL1 ||
	       reg == ARMVIRT_IDREG_CLIDR_EL1;
}

/* The bits that rows describe. */
static uint64_t described(unsigned reg)
{
	const struct armvirt_id_field *f;
	uint64_t mask = 0;

	for (unsigned i = 0; (f = armvirt_id_field(i)); i++) {
		if (f->reg == reg)
			mask |= ((UINT64_C(1) << f->width) - 1) << f->shift;
	}
	return mask;
}

/* What no row describes: AArch32 and GIC fields, taken for unsigned 4-bit numbers. */
static uint64_t lower_nibbles(uint64_t a, uint64_t b)
{
	uint64_t low = 0;

	for (unsigned s = 0; s < 64; s += 4) {
		uint64_t x = a >> s & 15, y = b >> s & 15;

		low |= (x < y ? x : y) << s;
	}
	return low;
}

void armvirt_idregs_sanitise(struct armvirt_idregs *all, const struct armvirt_idregs *cpu)
{
	const struct armvirt_id_field *f;

	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++) {
		uint64_t rows = described(r);
		uint64_t rest = lower_nibbles(all->reg[r] & ~rows, cpu->reg[r] & ~rows);

		if (!own_number(r))
			all->reg[r] = (all->reg[r] & rows) | rest;
	}
	for (unsigned i = 0; (f = armvirt_id_field(i)); i++)
		put(all, f, combine(f, armvirt_id_get(f, all), armvirt_id_get(f, cpu)));
}

static unsigned shown(const struct armvirt_id_field *f, const struct armvirt_policy *p, unsigned v)
{
	unsigned most = (f->show & ~p->show) ? f->hidden : p->baseline ? f->base : f->cap;

	return armvirt_id_order(f, v) < armvirt_id_order(f, most) ? v : most;
}

static bool policy_valid(const struct armvirt_policy *p)
{
	return !(p->show & ~ARMVIRT_SHOW_ALL) &&
	       (p->ipa_bits == 0 || (p->ipa_bits >= 32 && p->ipa_bits <= 52));
}

/* The largest size that the field can say and that does not exceed the guest's space. */
static unsigned pa_range(unsigned bits)
{
	static const uint8_t size[] = {32, 36, 40, 42, 44, 48, 52};
	unsigned n = sizeof(size) - 1;

	while (n > 0 && size[n] > bits)
		n--;
	return n;
}

static void limit_pa_range(struct armvirt_idregs *id, unsigned ipa_bits)
{
	uint64_t *r = &id->reg[ARMVIRT_IDREG_ID_AA64MMFR0_EL1];
	unsigned most = pa_range(ipa_bits ? ipa_bits : 52);

	if ((*r & ARMVIRT_ID_AA64MMFR0_EL1_PARANGE) > most)
		*r = (*r & ~ARMVIRT_ID_AA64MMFR0_EL1_PARANGE) | most;
}

#define CACHE_UNIFIED 4u

/* One unified cache at level 1; the points of unification follow CTR_EL0, as its rules say. */
static uint64_t fictitious_clidr(uint64_t ctr)
{
	uint64_t clidr = CACHE_UNIFIED << ARMVIRT_CLIDR_EL1_CTYPE1_SHIFT |
			 UINT64_C(1) << ARMVIRT_CLIDR_EL1_LOC_SHIFT;

	if (!(ctr & ARMVIRT_CTR_EL0_IDC))
		clidr |= UINT64_C(1) << ARMVIRT_CLIDR_EL1_LOUU_SHIFT |
			 UINT64_C(1) << ARMVIRT_CLIDR_EL1_LOUIS_SHIFT;
	return clidr;
}

static void clear_unknown(struct armvirt_idregs *guest, const struct armvirt_policy *p)
{
	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++) {
		bool aarch32 = r >= ARMVIRT_IDREG_ID_PFR0_EL1 && r <= ARMVIRT_IDREG_MVFR2_EL1;
		bool hidden = aarch32 ? !(p->show & ARMVIRT_SHOW_AA32)
				      : r == ARMVIRT_IDREG_ICH_VTR_EL2 ||
						(r == ARMVIRT_IDREG_MPAMIDR_EL1 &&
						 !(p->show & ARMVIRT_SHOW_MPAM));

		if (hidden)
			guest->reg[r] = 0;
		else if (!aarch32 && !own_number(r) && r != ARMVIRT_IDREG_MPAMIDR_EL1)
			guest->reg[r] &= described(r);
	}
}

enum armvirt_status armvirt_idregs_limit(struct armvirt_idregs *guest,
					 const struct armvirt_idregs *machine,
					 const struct armvirt_policy *p)
{
	const struct armvirt_id_field *f;

	if (!policy_valid(p))
		return ARMVIRT_E_ARG;
	if (guest != machine)
		*guest = *machine;
	clear_unknown(guest, p);
	for (unsigned i = 0; (f = armvirt_id_field(i)); i++)
		put(guest, f, shown(f, p, armvirt_id_get(f, guest)));
	limit_pa_range(guest, p->ipa_bits);
	if (!(guest->reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] & ARMVIRT_ID_AA64PFR1_EL1_MTE))
		guest->reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] &= ~ARMVIRT_ID_AA64PFR1_EL1_MTE_FRAC;
	guest->reg[ARMVIRT_IDREG_CTR_EL0] |= UINT64_C(1) << 31; /* RES1 */
	guest->reg[ARMVIRT_IDREG_CLIDR_EL1] = fictitious_clidr(guest->reg[ARMVIRT_IDREG_CTR_EL0]);
	return ARMVIRT_OK;
}
