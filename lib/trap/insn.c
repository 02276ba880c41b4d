/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/insn.h>

static inline uint32_t bits(uint32_t word, unsigned msb, unsigned lsb)
{
	return word >> lsb & ((UINT32_C(2) << (msb - lsb)) - 1);
}

static inline int32_t signed_bits(uint32_t word, unsigned msb, unsigned lsb)
{
	return (int32_t)(word << (31 - msb)) >> (31 - msb + lsb);
}

static void start(struct armvirt_insn *i, uint32_t word)
{
	*i = (struct armvirt_insn){
		.form = ARMVIRT_INSN_OFFSET,
		.count = 1,
		.reg = {(uint8_t)bits(word, 4, 0), (uint8_t)bits(word, 14, 10)},
		.base = (uint8_t)bits(word, 9, 5),
		.index = ARMVIRT_INSN_NO_REG,
		.insn_bytes = 4,
	};
}

/* size and opc of general registers: false if unallocated or a prefetch. */
static bool transfer_general(struct armvirt_insn *i, uint32_t size, uint32_t opc)
{
	i->bytes = UINT32_C(1) << size;
	i->write = opc == 0;
	i->wide = size == 3;
	if (opc < 2)
		return true;
	i->sign_extend = true;
	i->wide = opc == 2;
	return size + (opc & 1) < 3;
}

/* size and opc of V registers. */
static bool transfer_vector(struct armvirt_insn *i, uint32_t size, uint32_t opc)
{
	i->vector = true;
	i->write = !(opc & 1);
	i->bytes = opc & 2 ? 16 : UINT32_C(1) << size;
	return !(opc & 2) || size == 0;
}

/* Ordered and exclusive: only LDAR, STLR, LDLAR, STLLR are plain accesses. */
static enum armvirt_insn_class ordered(struct armvirt_insn *i, uint32_t word)
{
	bool pair = bits(word, 21, 21), plain = bits(word, 23, 23);

	if (!plain)
		return pair && !bits(word, 31, 31) ? ARMVIRT_INSN_ATOMIC : ARMVIRT_INSN_EXCLUSIVE;
	if (pair)
		return ARMVIRT_INSN_ATOMIC;
	if (bits(word, 20, 16) != 31 || bits(word, 14, 10) != 31)
		return ARMVIRT_INSN_OTHER;
	(void)transfer_general(i, bits(word, 31, 30), bits(word, 22, 22));
	i->ordered = true;
	return ARMVIRT_INSN_ACCESS;
}

static enum armvirt_insn_class literal(struct armvirt_insn *i, uint32_t word)
{
	uint32_t opc = bits(word, 31, 30);

	i->form = ARMVIRT_INSN_LITERAL;
	i->offset = signed_bits(word, 23, 5) * 4;
	if (bits(word, 26, 26)) {
		i->vector = true;
		i->bytes = UINT32_C(4) << opc;
		return opc < 3 ? ARMVIRT_INSN_ACCESS : ARMVIRT_INSN_OTHER;
	}
	i->bytes = opc == 1 ? 8 : 4;
	i->sign_extend = opc == 2;
	i->wide = opc != 0;
	return opc < 3 ? ARMVIRT_INSN_ACCESS : ARMVIRT_INSN_PREFETCH;
}

static enum armvirt_insn_class pair(struct armvirt_insn *i, uint32_t word)
{
	static const uint8_t forms[4] = {ARMVIRT_INSN_OFFSET, ARMVIRT_INSN_POST,
					 ARMVIRT_INSN_OFFSET, ARMVIRT_INSN_PRE};
	uint32_t opc = bits(word, 31, 30), mode = bits(word, 24, 23);
	bool load = bits(word, 22, 22);

	if (opc == 3)
		return ARMVIRT_INSN_OTHER;
	i->form = forms[mode];
	i->count = 2;
	i->write = !load;
	i->vector = bits(word, 26, 26);
	if (i->vector) {
		i->bytes = UINT32_C(4) << opc;
	} else if (opc == 1) { /* LDPSW; STGP stores a tag too */
		if (mode == 0)
			return ARMVIRT_INSN_OTHER;
		if (!load)
			return ARMVIRT_INSN_TAG;
		i->bytes = 4;
		i->sign_extend = i->wide = true;
	} else {
		i->bytes = opc == 2 ? 8 : 4;
		i->wide = opc == 2;
	}
	i->offset = signed_bits(word, 21, 15) * (int32_t)i->bytes;
	return ARMVIRT_INSN_ACCESS;
}

/* Registers with unscaled, unsigned or register offset, before or after: size, V and opc. */
static enum armvirt_insn_class transfer(struct armvirt_insn *i, uint32_t word, bool may_prefetch)
{
	uint32_t size = bits(word, 31, 30), opc = bits(word, 23, 22);

	if (bits(word, 26, 26))
		return transfer_vector(i, size, opc) ? ARMVIRT_INSN_ACCESS : ARMVIRT_INSN_OTHER;
	if (size == 3 && opc == 2)
		return may_prefetch ? ARMVIRT_INSN_PREFETCH : ARMVIRT_INSN_OTHER;
	return transfer_general(i, size, opc) ? ARMVIRT_INSN_ACCESS : ARMVIRT_INSN_OTHER;
}

static enum armvirt_insn_class unscaled(struct armvirt_insn *i, uint32_t word)
{
	static const uint8_t forms[4] = {ARMVIRT_INSN_OFFSET, ARMVIRT_INSN_POST,
					 ARMVIRT_INSN_OFFSET, ARMVIRT_INSN_PRE};
	uint32_t mode = bits(word, 11, 10);

	i->form = forms[mode];
	i->offset = signed_bits(word, 20, 12);
	i->unprivileged = mode == 2;
	if (i->unprivileged && bits(word, 26, 26))
		return ARMVIRT_INSN_OTHER;
	return transfer(i, word, mode == 0);
}

static unsigned log2_of(uint32_t bytes)
{
	return (unsigned)__builtin_ctz(bytes);
}

static enum armvirt_insn_class register_offset(struct armvirt_insn *i, uint32_t word)
{
	enum armvirt_insn_class c = transfer(i, word, true);

	i->extend = (uint8_t)bits(word, 15, 13);
	if (!(i->extend & 2))
		return ARMVIRT_INSN_OTHER;
	i->index = (uint8_t)bits(word, 20, 16);
	if (c == ARMVIRT_INSN_ACCESS && bits(word, 12, 12))
		i->shift = (uint8_t)log2_of(i->bytes);
	return c;
}

/* The atomics; LDAPR lives among them. */
static enum armvirt_insn_class atomic(struct armvirt_insn *i, uint32_t word)
{
	if (bits(word, 26, 26))
		return ARMVIRT_INSN_ATOMIC; /* FEAT_LSFE */
	/* LDAPR: A=1, R=0, Rs=31, o3=1, opc=100 */
	if (bits(word, 23, 12) == 0xbfc) {
		(void)transfer_general(i, bits(word, 31, 30), 1);
		i->ordered = true;
		return ARMVIRT_INSN_ACCESS;
	}
	return ARMVIRT_INSN_ATOMIC;
}

static enum armvirt_insn_class single(struct armvirt_insn *i, uint32_t word)
{
	if (bits(word, 24, 24)) {
		enum armvirt_insn_class c = transfer(i, word, true);

		i->offset = (int32_t)(bits(word, 21, 10) * i->bytes);
		return c;
	}
	if (!bits(word, 21, 21))
		return unscaled(i, word);
	switch (bits(word, 11, 10)) {
	case 0:
		return atomic(i, word);
	case 2:
		return register_offset(i, word);
	default:
		if (bits(word, 31, 30) != 3 || bits(word, 26, 26))
			return ARMVIRT_INSN_OTHER;
		return ARMVIRT_INSN_SIGNED;
	}
}

/* 29:24 = 0b011x01: acquire and release with offset, tags, copies, wide atomics. */
static enum armvirt_insn_class release_consistent(struct armvirt_insn *i, uint32_t word)
{
	bool vector = bits(word, 26, 26);

	if (bits(word, 21, 21)) {
		if (vector)
			return bits(word, 11, 10) == 1 ? ARMVIRT_INSN_COPY : ARMVIRT_INSN_OTHER;
		return bits(word, 31, 30) == 3 ? ARMVIRT_INSN_TAG : ARMVIRT_INSN_ATOMIC;
	}
	if (bits(word, 11, 10) == 1)
		return ARMVIRT_INSN_COPY;
	/* general registers at 00, V registers (FEAT_LRCPC3) at 10 */
	if (bits(word, 11, 10) != (vector ? 2 : 0))
		return ARMVIRT_INSN_OTHER;
	i->offset = signed_bits(word, 20, 12);
	i->ordered = true;
	return transfer(i, word, false);
}

static enum armvirt_insn_class system(struct armvirt_insn *i, uint32_t word)
{
	if (bits(word, 15, 12) != 7)
		return ARMVIRT_INSN_OTHER;
	/* op1 = 3, CRm = 4: ZVA, and GVA and GZVA, which set tags */
	if (bits(word, 18, 16) == 3 && bits(word, 11, 8) == 4) {
		if (bits(word, 7, 5) == 3 || bits(word, 7, 5) == 4)
			return ARMVIRT_INSN_TAG;
		if (bits(word, 7, 5) != 1)
			return ARMVIRT_INSN_OTHER;
		/* the base is an X register here, and 31 is XZR */
		i->base = (uint8_t)bits(word, 4, 0);
		i->reg[0] = 31;
		i->write = true;
		return ARMVIRT_INSN_ZERO;
	}
	return ARMVIRT_INSN_CACHE;
}

static enum armvirt_insn_class structure_or_ordered(struct armvirt_insn *i, uint32_t word)
{
	if (bits(word, 26, 26)) /* 0b00110x, with bit 31 clear */
		return bits(word, 31, 31) ? ARMVIRT_INSN_OTHER : ARMVIRT_INSN_STRUCTURE;
	if (bits(word, 24, 24)) /* unprivileged exclusives and compare and swap (FEAT_LSUI) */
		return ARMVIRT_INSN_EXCLUSIVE;
	return ordered(i, word);
}

/*
 * A load of one register twice, and a writeback to a transfer register, are CONSTRAINED
 * UNPREDICTABLE; to refuse them is permitted, and hides no value.
 */
static bool unpredictable(const struct armvirt_insn *i)
{
	bool writeback = i->form == ARMVIRT_INSN_PRE || i->form == ARMVIRT_INSN_POST;

	if (i->count == 2 && !i->write && i->reg[0] == i->reg[1])
		return true;
	if (!writeback || i->vector || i->base == 31)
		return false;
	return i->base == i->reg[0] || (i->count == 2 && i->base == i->reg[1]);
}

enum armvirt_insn_class armvirt_insn_decode(struct armvirt_insn *insn, uint32_t word)
{
	struct armvirt_insn i;
	enum armvirt_insn_class c;

	start(&i, word);
	if ((word & UINT32_C(0x9e000000)) == UINT32_C(0x84000000) ||
	    (word & UINT32_C(0xfe000000)) == UINT32_C(0xe0000000))
		return ARMVIRT_INSN_SVE;
	if ((word & UINT32_C(0xfff80000)) == UINT32_C(0xd5080000)) {
		c = system(&i, word);
	} else if ((word & UINT32_C(0x0a000000)) != UINT32_C(0x08000000)) {
		return ARMVIRT_INSN_OTHER;
	} else {
		switch (bits(word, 29, 28)) {
		case 0:
			c = structure_or_ordered(&i, word);
			break;
		case 1:
			c = bits(word, 24, 24) ? release_consistent(&i, word) : literal(&i, word);
			break;
		case 2:
			c = pair(&i, word);
			break;
		default:
			c = single(&i, word);
			break;
		}
	}
	if (c == ARMVIRT_INSN_ACCESS && unpredictable(&i))
		return ARMVIRT_INSN_OTHER;
	if (c == ARMVIRT_INSN_ACCESS || c == ARMVIRT_INSN_ZERO)
		*insn = i;
	return c;
}
