/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/insn.h>

#include "lib/trap/pstate.h"

#define PC 15

/* An instruction on its way: register numbers are still those of AArch32. */
struct draft {
	uint32_t rt, rt2, rn, rm; /* rm 16: none */
	int32_t offset;
	bool pre, add, writeback; /* P, U, W as they work, not as they are encoded */
};

#define NO_RM 16

static inline uint32_t bits(uint32_t word, unsigned msb, unsigned lsb)
{
	return word >> lsb & ((UINT32_C(2) << (msb - lsb)) - 1);
}

uint8_t armvirt_insn32_reg(uint64_t pstate, uint8_t reg)
{
	if (reg < 8 || (reg < 13 && (pstate & PS_M) != PS_M_FIQ))
		return reg;
	if (reg >= PC)
		return 0xff;
	switch (pstate & PS_M) {
	case PS_M_FIQ:
		return (uint8_t)(16 + reg);
	case PS_M_IRQ:
		return reg == 13 ? 17 : 16;
	case PS_M_SVC:
		return reg == 13 ? 19 : 18;
	case PS_M_ABT:
		return reg == 13 ? 21 : 20;
	case PS_M_UND:
		return reg == 13 ? 23 : 22;
	default:
		return reg;
	}
}

/* What must not be, or is UNPREDICTABLE: the PC where it cannot stand, writeback that collides. */
static bool sound(const struct armvirt_insn *i, const struct draft *d)
{
	if (d->rt == PC || d->rm == PC || (i->count == 2 && d->rt2 == PC))
		return false;
	if (i->count == 2 && !i->write && d->rt == d->rt2)
		return false;
	if (d->rn == PC) /* a literal: no index, no writeback, no store */
		return !d->writeback && d->rm == NO_RM && !i->write;
	return !d->writeback || (d->rn != d->rt && (i->count == 1 || d->rn != d->rt2));
}

static enum armvirt_insn_class finish(struct armvirt_insn *i, const struct draft *d,
				      uint64_t pstate)
{
	if (!sound(i, d))
		return ARMVIRT_INSN_OTHER;
	i->form = d->pre ? (d->writeback ? ARMVIRT_INSN_PRE : ARMVIRT_INSN_OFFSET)
			 : ARMVIRT_INSN_POST;
	i->offset = d->add ? d->offset : -d->offset;
	i->subtract = !d->add && d->rm != NO_RM;
	i->reg[0] = armvirt_insn32_reg(pstate, (uint8_t)d->rt);
	i->reg[1] = i->count == 2 ? armvirt_insn32_reg(pstate, (uint8_t)d->rt2) : 0;
	if (d->rm != NO_RM)
		i->index = armvirt_insn32_reg(pstate, (uint8_t)d->rm);
	if (d->rn == PC) { /* the PC reads as two instructions ahead */
		i->form = ARMVIRT_INSN_LITERAL;
		i->offset += pstate & PS_T ? 4 : 8;
	} else {
		i->base = armvirt_insn32_reg(pstate, (uint8_t)d->rn);
	}
	return ARMVIRT_INSN_ACCESS;
}

/* P, U, W of A32, at 24, 23, 21: P = 0, W = 1 is "unprivileged". */
static void indexing(struct draft *d, struct armvirt_insn *i, uint32_t w)
{
	d->pre = bits(w, 24, 24);
	d->add = bits(w, 23, 23);
	d->writeback = !d->pre || bits(w, 21, 21);
	i->unprivileged = !d->pre && bits(w, 21, 21);
}

static enum armvirt_insn_class a32_word_byte(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {.rt = bits(w, 15, 12), .rn = bits(w, 19, 16), .rm = NO_RM};

	indexing(&d, i, w);
	i->bytes = bits(w, 22, 22) ? 1 : 4;
	i->write = !bits(w, 20, 20);
	if (!bits(w, 25, 25)) {
		d.offset = (int32_t)bits(w, 11, 0);
		return finish(i, &d, pstate);
	}
	if (bits(w, 4, 4)) /* media instructions */
		return ARMVIRT_INSN_OTHER;
	d.rm = bits(w, 3, 0);
	i->shift = (uint8_t)bits(w, 11, 7);
	i->shift_type = (uint8_t)bits(w, 6, 5);
	return finish(i, &d, pstate);
}

/* Halfwords, signed loads, doublewords. */
static enum armvirt_insn_class a32_extra(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {.rt = bits(w, 15, 12), .rn = bits(w, 19, 16), .rm = NO_RM};
	uint32_t op = bits(w, 6, 5);
	bool load = bits(w, 20, 20), dual = !load && op >= 2;

	indexing(&d, i, w);
	if (bits(w, 22, 22)) {
		d.offset = (int32_t)(bits(w, 11, 8) << 4 | bits(w, 3, 0));
	} else {
		d.rm = bits(w, 3, 0);
		if (bits(w, 11, 8) != 0)
			return ARMVIRT_INSN_OTHER;
	}
	i->bytes = dual ? 4 : op == 2 ? 1 : 2;
	i->write = dual ? op == 3 : !load;
	i->sign_extend = load && op >= 2;
	if (dual) {
		i->count = 2;
		d.rt2 = d.rt + 1;
		if (d.rt & 1 || i->unprivileged || (!i->write && (d.rm == d.rt || d.rm == d.rt2)))
			return ARMVIRT_INSN_OTHER;
	}
	return finish(i, &d, pstate);
}

/* 27:23 = 0b00011, 7:4 = 0b1001: exclusives, and LDA and STL among them. */
static enum armvirt_insn_class a32_ordered(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	static const uint8_t sizes[4] = {4, 0, 1, 2};
	struct draft d = {.rn = bits(w, 19, 16), .rm = NO_RM, .pre = true, .add = true};
	bool load = bits(w, 20, 20);

	if (bits(w, 9, 8) != 0)
		return ARMVIRT_INSN_EXCLUSIVE;
	i->bytes = sizes[bits(w, 22, 21)];
	if (!i->bytes || bits(w, 11, 10) != 3 || (load ? bits(w, 3, 0) : bits(w, 15, 12)) != 15 ||
	    d.rn == PC)
		return ARMVIRT_INSN_OTHER;
	i->write = !load;
	i->ordered = true;
	d.rt = load ? bits(w, 15, 12) : bits(w, 3, 0);
	return finish(i, &d, pstate);
}

static enum armvirt_insn_class a32(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	if (bits(w, 31, 28) == 15) { /* PLD, PLI; SIMD element and structure loads and stores */
		if (bits(w, 27, 24) == 4)
			return bits(w, 20, 20) ? ARMVIRT_INSN_OTHER : ARMVIRT_INSN_STRUCTURE;
		return bits(w, 27, 26) == 1 && bits(w, 21, 20) == 1 && bits(w, 15, 12) == 15
			       ? ARMVIRT_INSN_PREFETCH
			       : ARMVIRT_INSN_OTHER;
	}
	switch (bits(w, 27, 25)) {
	case 0:
		if (!bits(w, 7, 7) || !bits(w, 4, 4))
			return ARMVIRT_INSN_OTHER;
		if (bits(w, 6, 5))
			return a32_extra(i, w, pstate);
		if (bits(w, 24, 23) == 3)
			return a32_ordered(i, w, pstate);
		return bits(w, 24, 23) == 2 && !bits(w, 21, 20) ? ARMVIRT_INSN_ATOMIC /* SWP */
								: ARMVIRT_INSN_OTHER;
	case 2:
	case 3:
		return a32_word_byte(i, w, pstate);
	case 4:
		return ARMVIRT_INSN_MULTIPLE;
	case 6: /* VLDR, VSTR, VLDM, VSTM; other coprocessors have no memory but DBGDTR */
		return bits(w, 11, 9) == 5 ? ARMVIRT_INSN_STRUCTURE : ARMVIRT_INSN_OTHER;
	default:
		return ARMVIRT_INSN_OTHER;
	}
}

/* 0b1111100: one register. */
static enum armvirt_insn_class t32_single(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {.rt = bits(w, 15, 12),
			  .rn = bits(w, 19, 16),
			  .rm = NO_RM,
			  .pre = true,
			  .add = true};
	uint32_t size = bits(w, 22, 21);

	i->write = !bits(w, 20, 20);
	i->sign_extend = bits(w, 24, 24);
	i->bytes = UINT32_C(1) << size;
	if (i->sign_extend && i->write)
		return ARMVIRT_INSN_STRUCTURE;
	if (size == 3 || (size == 2 && i->sign_extend))
		return ARMVIRT_INSN_OTHER;
	if (d.rn == PC) {
		d.add = bits(w, 23, 23);
		d.offset = (int32_t)bits(w, 11, 0);
	} else if (bits(w, 23, 23)) {
		d.offset = (int32_t)bits(w, 11, 0);
	} else if (bits(w, 11, 11)) {
		d.pre = bits(w, 10, 10);
		d.add = bits(w, 9, 9);
		d.writeback = bits(w, 8, 8);
		d.offset = (int32_t)bits(w, 7, 0);
		if (!d.pre && !d.writeback)
			return ARMVIRT_INSN_OTHER;
		i->unprivileged = bits(w, 10, 8) == 6;
	} else {
		if (bits(w, 10, 6) != 0)
			return ARMVIRT_INSN_OTHER;
		d.rm = bits(w, 3, 0);
		i->shift = (uint8_t)bits(w, 5, 4);
	}
	/* a byte or halfword that goes to the PC is a hint */
	if (!i->write && d.rt == PC && size < 2 && !d.writeback && !i->unprivileged)
		return ARMVIRT_INSN_PREFETCH;
	return finish(i, &d, pstate);
}

/* 0b1110100, bit 22 set, no P and no W: exclusives, table branches, LDA and STL. */
static enum armvirt_insn_class t32_ordered(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {.rt = bits(w, 15, 12),
			  .rn = bits(w, 19, 16),
			  .rm = NO_RM,
			  .pre = true,
			  .add = true};
	uint32_t op = bits(w, 7, 4);

	if (!bits(w, 23, 23) || op >= 12 || (op >= 4 && op <= 7))
		return ARMVIRT_INSN_EXCLUSIVE;
	if (op < 8 || op == 11 || d.rn == PC || bits(w, 11, 8) != 15 || bits(w, 3, 0) != 15)
		return ARMVIRT_INSN_OTHER;
	i->bytes = UINT32_C(1) << (op - 8);
	i->write = !bits(w, 20, 20);
	i->ordered = true;
	return finish(i, &d, pstate);
}

static enum armvirt_insn_class t32_dual(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {.rt = bits(w, 15, 12),
			  .rt2 = bits(w, 11, 8),
			  .rn = bits(w, 19, 16),
			  .rm = NO_RM,
			  .offset = (int32_t)bits(w, 7, 0) * 4,
			  .pre = bits(w, 24, 24),
			  .add = bits(w, 23, 23),
			  .writeback = bits(w, 21, 21)};

	i->count = 2;
	i->bytes = 4;
	i->write = !bits(w, 20, 20);
	return finish(i, &d, pstate);
}

static enum armvirt_insn_class t32_wide(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	switch (bits(w, 31, 25)) {
	case 0x7c:
		return t32_single(i, w, pstate);
	case 0x74:
		if (!bits(w, 22, 22))
			return ARMVIRT_INSN_MULTIPLE;
		if (bits(w, 24, 24) || bits(w, 21, 21))
			return t32_dual(i, w, pstate);
		return t32_ordered(i, w, pstate);
	case 0x76:
		return bits(w, 11, 9) == 5 ? ARMVIRT_INSN_STRUCTURE : ARMVIRT_INSN_OTHER;
	default:
		return ARMVIRT_INSN_OTHER;
	}
}

/* Register offset: what 11:9 says. */
static void t32_kind(struct armvirt_insn *i, uint32_t kind)
{
	static const uint8_t bytes[8] = {4, 2, 1, 1, 4, 2, 1, 2};

	i->bytes = bytes[kind];
	i->write = kind < 3;
	i->sign_extend = kind == 3 || kind == 7;
}

static enum armvirt_insn_class t32_narrow(struct armvirt_insn *i, uint32_t w, uint64_t pstate)
{
	struct draft d = {
		.rt = bits(w, 2, 0), .rn = bits(w, 5, 3), .rm = NO_RM, .pre = true, .add = true};
	uint32_t op = bits(w, 15, 12);

	i->write = !bits(w, 11, 11);
	switch (op) {
	case 4: /* literal */
		if (!bits(w, 11, 11))
			return ARMVIRT_INSN_OTHER;
		d.rn = PC;
		break;
	case 5:
		t32_kind(i, bits(w, 11, 9));
		d.rm = bits(w, 8, 6);
		return finish(i, &d, pstate);
	case 6:
	case 7:
	case 8:
		i->bytes = op == 6 ? 4 : op == 7 ? 1 : 2;
		d.offset = (int32_t)(bits(w, 10, 6) * i->bytes);
		return finish(i, &d, pstate);
	case 9: /* SP */
		d.rn = 13;
		break;
	case 11: /* PUSH, POP */
		return bits(w, 10, 9) == 2 ? ARMVIRT_INSN_MULTIPLE : ARMVIRT_INSN_OTHER;
	case 12:
		return ARMVIRT_INSN_MULTIPLE;
	default:
		return ARMVIRT_INSN_OTHER;
	}
	i->bytes = 4;
	d.rt = bits(w, 10, 8);
	d.offset = (int32_t)bits(w, 7, 0) * 4;
	return finish(i, &d, pstate);
}

enum armvirt_insn_class armvirt_insn32_decode(struct armvirt_insn *insn,
					      const struct armvirt_insn32 *i)
{
	struct armvirt_insn out = {.count = 1,
				   .index = ARMVIRT_INSN_NO_REG,
				   .extend = 3,
				   .insn_bytes = 4,
				   .aarch32 = true};
	enum armvirt_insn_class c;

	if (!(i->pstate & PS_T)) {
		c = a32(&out, i->word, i->pstate);
	} else if (i->word >> 16) {
		c = t32_wide(&out, i->word, i->pstate);
	} else {
		out.insn_bytes = 2;
		c = t32_narrow(&out, i->word, i->pstate);
	}
	if (c == ARMVIRT_INSN_ACCESS)
		*insn = out;
	return c;
}
