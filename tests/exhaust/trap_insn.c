/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The A64 load and store decoder against Capstone: random words of the load/store space, the same
 * answer to "is it a plain load or store", and the same registers, width, direction, addressing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <capstone/capstone.h>

#include <libarmvirt/insn.h>

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* A register of Capstone: number and bytes; 31 is SP or ZR. */
struct reg {
	unsigned number, bytes;
	bool vector;
};

static bool reg_of(arm64_reg r, struct reg *out)
{
	static const struct {
		arm64_reg first, last;
		unsigned bytes;
		bool vector;
	} banks[] = {
		{ARM64_REG_W0, ARM64_REG_W30, 4, false}, {ARM64_REG_X0, ARM64_REG_X28, 8, false},
		{ARM64_REG_B0, ARM64_REG_B31, 1, true},  {ARM64_REG_H0, ARM64_REG_H31, 2, true},
		{ARM64_REG_S0, ARM64_REG_S31, 4, true},  {ARM64_REG_D0, ARM64_REG_D31, 8, true},
		{ARM64_REG_Q0, ARM64_REG_Q31, 16, true},
	};

	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		if (r >= banks[i].first && r <= banks[i].last) {
			*out = (struct reg){(unsigned)(r - banks[i].first), banks[i].bytes,
					    banks[i].vector};
			return true;
		}
	}
	if (r == ARM64_REG_X29 || r == ARM64_REG_X30)
		*out = (struct reg){r == ARM64_REG_X29 ? 29 : 30, 8, false};
	else if (r == ARM64_REG_SP || r == ARM64_REG_XZR)
		*out = (struct reg){31, 8, false};
	else if (r == ARM64_REG_WSP || r == ARM64_REG_WZR)
		*out = (struct reg){31, 4, false};
	else
		return false;
	return true;
}

/* What a mnemonic says: bytes 0 means the register's own. */
struct mnemonic {
	const char *name;
	unsigned bytes;
	bool sign, write, pair, ordered, unprivileged;
};

static const struct mnemonic mnemonics[] = {
	{"ldr", 0, 0, 0, 0, 0, 0},      {"str", 0, 0, 1, 0, 0, 0},
	{"ldrb", 1, 0, 0, 0, 0, 0},     {"strb", 1, 0, 1, 0, 0, 0},
	{"ldrh", 2, 0, 0, 0, 0, 0},     {"strh", 2, 0, 1, 0, 0, 0},
	{"ldrsb", 1, 1, 0, 0, 0, 0},    {"ldrsh", 2, 1, 0, 0, 0, 0},
	{"ldrsw", 4, 1, 0, 0, 0, 0},    {"ldur", 0, 0, 0, 0, 0, 0},
	{"stur", 0, 0, 1, 0, 0, 0},     {"ldurb", 1, 0, 0, 0, 0, 0},
	{"sturb", 1, 0, 1, 0, 0, 0},    {"ldurh", 2, 0, 0, 0, 0, 0},
	{"sturh", 2, 0, 1, 0, 0, 0},    {"ldursb", 1, 1, 0, 0, 0, 0},
	{"ldursh", 2, 1, 0, 0, 0, 0},   {"ldursw", 4, 1, 0, 0, 0, 0},
	{"ldtr", 0, 0, 0, 0, 0, 1},     {"sttr", 0, 0, 1, 0, 0, 1},
	{"ldtrb", 1, 0, 0, 0, 0, 1},    {"sttrb", 1, 0, 1, 0, 0, 1},
	{"ldtrh", 2, 0, 0, 0, 0, 1},    {"sttrh", 2, 0, 1, 0, 0, 1},
	{"ldtrsb", 1, 1, 0, 0, 0, 1},   {"ldtrsh", 2, 1, 0, 0, 0, 1},
	{"ldtrsw", 4, 1, 0, 0, 0, 1},   {"ldp", 0, 0, 0, 1, 0, 0},
	{"stp", 0, 0, 1, 1, 0, 0},      {"ldnp", 0, 0, 0, 1, 0, 0},
	{"stnp", 0, 0, 1, 1, 0, 0},     {"ldpsw", 4, 1, 0, 1, 0, 0},
	{"ldar", 0, 0, 0, 0, 1, 0},     {"ldarb", 1, 0, 0, 0, 1, 0},
	{"ldarh", 2, 0, 0, 0, 1, 0},    {"stlr", 0, 0, 1, 0, 1, 0},
	{"stlrb", 1, 0, 1, 0, 1, 0},    {"stlrh", 2, 0, 1, 0, 1, 0},
	{"ldlar", 0, 0, 0, 0, 1, 0},    {"ldlarb", 1, 0, 0, 0, 1, 0},
	{"ldlarh", 2, 0, 0, 0, 1, 0},   {"stllr", 0, 0, 1, 0, 1, 0},
	{"stllrb", 1, 0, 1, 0, 1, 0},   {"stllrh", 2, 0, 1, 0, 1, 0},
	{"ldapr", 0, 0, 0, 0, 1, 0},    {"ldaprb", 1, 0, 0, 0, 1, 0},
	{"ldaprh", 2, 0, 0, 0, 1, 0},   {"stlur", 0, 0, 1, 0, 1, 0},
	{"stlurb", 1, 0, 1, 0, 1, 0},   {"stlurh", 2, 0, 1, 0, 1, 0},
	{"ldapur", 0, 0, 0, 0, 1, 0},   {"ldapurb", 1, 0, 0, 0, 1, 0},
	{"ldapurh", 2, 0, 0, 0, 1, 0},  {"ldapursb", 1, 1, 0, 0, 1, 0},
	{"ldapursh", 2, 1, 0, 0, 1, 0}, {"ldapursw", 4, 1, 0, 0, 1, 0},
};

static const struct mnemonic *find(const char *name)
{
	for (size_t i = 0; i < sizeof(mnemonics) / sizeof(mnemonics[0]); i++) {
		if (strcmp(mnemonics[i].name, name) == 0)
			return &mnemonics[i];
	}
	return NULL;
}

static bool differs(const cs_insn *c, uint32_t word, const char *what)
{
	printf("%#010x %s %s: %s differs\n", word, c->mnemonic, c->op_str, what);
	return false;
}

#define SAME(a, b, what)                               \
	do {                                           \
		if ((a) != (b))                        \
			return differs(c, word, what); \
	} while (0)

static bool same_address(const struct armvirt_insn *i, const cs_insn *c, uint32_t word,
			 const cs_arm64_op *mem, const cs_arm64_op *post)
{
	struct reg base, index;
	unsigned extend = 3;

	if (mem->type == ARM64_OP_IMM) { /* literal: Capstone gives the target, the PC is 0 */
		SAME(i->form, ARMVIRT_INSN_LITERAL, "form");
		SAME((int64_t)i->offset, mem->imm, "target");
		return true;
	}
	if (!reg_of(mem->mem.base, &base))
		return differs(c, word, "base unknown");
	SAME(i->base, base.number, "base");
	SAME(i->form,
	     post                         ? ARMVIRT_INSN_POST
	     : c->detail->arm64.writeback ? ARMVIRT_INSN_PRE
					  : ARMVIRT_INSN_OFFSET,
	     "form");
	if (mem->mem.index == ARM64_REG_INVALID) {
		SAME(i->index, ARMVIRT_INSN_NO_REG, "index");
		SAME((int64_t)i->offset, post ? post->imm : mem->mem.disp, "offset");
		return true;
	}
	if (!reg_of(mem->mem.index, &index))
		return differs(c, word, "index unknown");
	SAME(i->index, index.number, "index");
	if (mem->ext == ARM64_EXT_UXTW)
		extend = 2;
	else if (mem->ext == ARM64_EXT_SXTW)
		extend = 6;
	else if (mem->ext == ARM64_EXT_SXTX)
		extend = 7;
	SAME(i->extend, extend, "extend");
	SAME(i->shift, mem->shift.type == ARM64_SFT_LSL ? mem->shift.value : 0, "shift");
	return true;
}

static bool same(const struct armvirt_insn *i, const cs_insn *c, uint32_t word)
{
	const struct mnemonic *m = find(c->mnemonic);
	const cs_arm64 *d = &c->detail->arm64;
	unsigned registers = m->pair ? 2 : 1;

	if (d->op_count < registers + 1)
		return differs(c, word, "operands");
	SAME(i->count, registers, "count");
	for (unsigned n = 0; n < registers; n++) {
		struct reg r;

		if (!reg_of(d->operands[n].reg, &r))
			return differs(c, word, "register unknown");
		SAME(i->reg[n], r.number, "register");
		SAME(i->bytes, m->bytes ? m->bytes : r.bytes, "bytes");
		SAME(i->vector, r.vector, "bank");
		if (!r.vector && !m->write)
			SAME(i->wide, r.bytes == 8, "width");
	}
	SAME(i->write, m->write, "direction");
	SAME(i->sign_extend, m->sign, "sign");
	SAME(i->ordered, m->ordered, "order");
	SAME(i->unprivileged, m->unprivileged, "privilege");
	return same_address(i, c, word, &d->operands[registers],
			    d->op_count > registers + 1 ? &d->operands[registers + 1] : NULL);
}

/* Loads and stores that this Capstone does not know. */
static bool newer(uint32_t word)
{
	uint32_t op = word >> 24 & 0x3f;

	if (op == 0x19 || op == 0x1d) /* FEAT_LRCPC2, FEAT_LRCPC3 */
		return true;
	if ((word & 0x3fa08000) == 0x08800000) /* LDLAR, STLLR */
		return true;
	if ((word & 0x3ffffc00) == 0x38bfc000) /* LDAPR */
		return true;
	/* it takes LDTR of the base register for one with writeback */
	return (word & 0x3f200c00) == 0x38000800 && (word & 31) == (word >> 5 & 31);
}

/*
 * What the library refuses because it is CONSTRAINED UNPREDICTABLE, Capstone disassembles: fixed
 * ones that are not, and (stores) writeback to the register that is stored.
 */
static bool unpredictable(uint32_t word)
{
	uint32_t rt = word & 31, rt2 = word >> 10 & 31, rn = word >> 5 & 31;
	bool pair = (word & 0x3e000000) == 0x28000000;
	bool pre_post =
		pair ? word >> 23 & 1 : (word & 0x3f200400) == 0x38000400; /* general registers */

	if ((word & 0x3fa00000) == 0x08800000)
		return (word & 0x001f7c00) != 0x001f7c00;
	return pre_post && rn != 31 && (rn == rt || (pair && rn == rt2));
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	uint32_t words = !scale || strcmp(scale, "quick") == 0 ? 400000 : 10000000;
	uint32_t accesses = 0, refused = 0, unknown = 0;
	cs_insn *c;
	csh h;

	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%llu\n", (unsigned long long)state);
	if (cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &h) != CS_ERR_OK)
		return 1;
	cs_option(h, CS_OPT_DETAIL, CS_OPT_ON);
	c = cs_malloc(h);
	for (uint32_t n = 0; n < words; n++) {
		uint64_t random = next();
		uint32_t word = ((uint32_t)(random >> 16) & ~0x0a000000u) | 0x08000000u;
		uint8_t code[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16),
				   (uint8_t)(word >> 24)};
		const uint8_t *p = code;
		struct armvirt_insn i;
		enum armvirt_insn_class class;
		uint64_t address = 0;
		size_t size = 4;
		bool known, plain;

		/* ordered accesses have two fields of ones, which chance does not hit */
		if ((word & 0x3f000000) == 0x08000000 && random >> 60 == 0) {
			word |= 0x009f7c00;
			code[1] = (uint8_t)(word >> 8);
			code[2] = (uint8_t)(word >> 16);
		}
		class = armvirt_insn_decode(&i, word);
		known = cs_disasm_iter(h, &p, &size, &address, c);
		plain = known && find(c->mnemonic);
		if (class == ARMVIRT_INSN_ACCESS && !plain) {
			if (!known && newer(word)) {
				unknown++;
				continue;
			}
			printf("%#010x: Capstone says %s %s\n", word,
			       known ? c->mnemonic : "nothing", known ? c->op_str : "");
			return 1;
		}
		if (plain && class == ARMVIRT_INSN_OTHER && unpredictable(word)) {
			refused++;
			continue;
		}
		if (plain && class != ARMVIRT_INSN_ACCESS) {
			printf("%#010x %s %s: refused as %s\n", word, c->mnemonic, c->op_str,
			       armvirt_insn_class_name(class));
			return 1;
		}
		if (known && !plain && class == ARMVIRT_INSN_OTHER) {
			printf("%#010x %s %s: no class\n", word, c->mnemonic, c->op_str);
			return 1;
		}
		refused += !plain;
		if (!plain)
			continue;
		accesses++;
		if (!same(&i, c, word))
			return 1;
	}
	printf("%u words: %u accesses agree, %u refused by both, %u newer than Capstone\n", words,
	       accesses, refused, unknown);
	cs_free(c, 1);
	cs_close(&h);
	return accesses > words / 8 ? 0 : 1;
}
