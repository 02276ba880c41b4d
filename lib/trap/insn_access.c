/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/insn.h>

static uint64_t reg_read(const struct armvirt_insn_regs *regs, uint8_t reg)
{
	return reg < 31 ? regs->frame->x[reg] : 0;
}

/* The shifts of A32: by a count of 0, right shifts are by 32 and a rotation takes the carry. */
static uint32_t shifted32(uint32_t value, const struct armvirt_insn *insn, uint64_t pstate)
{
	unsigned n = insn->shift;

	switch (insn->shift_type) {
	case 0:
		return value << n;
	case 1:
		return n ? value >> n : 0;
	case 2:
		return (uint32_t)((int32_t)value >> (n ? n : 31));
	default:
		return n ? value >> n | value << (32 - n)
			 : value >> 1 | (uint32_t)(pstate >> 29 & 1) << 31;
	}
}

static uint64_t index_value(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs)
{
	uint64_t value;

	if (insn->index == ARMVIRT_INSN_NO_REG)
		return 0;
	value = reg_read(regs, insn->index);
	if (insn->aarch32) {
		value = shifted32((uint32_t)value, insn, regs->frame->pstate);
		return insn->subtract ? 0 - value : value;
	}
	if (insn->extend == 2)
		value = (uint32_t)value;
	else if (insn->extend == 6)
		value = (uint64_t)(int32_t)(uint32_t)value;
	return value << insn->shift;
}

/* What an address computation ends in. */
static uint64_t address(const struct armvirt_insn *insn, uint64_t value)
{
	return insn->aarch32 ? (uint32_t)value : value;
}

static uint64_t offset_value(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs)
{
	return index_value(insn, regs) + (uint64_t)(int64_t)insn->offset;
}

static uint64_t base_value(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs)
{
	if (insn->form == ARMVIRT_INSN_LITERAL)
		return regs->frame->pc & (insn->aarch32 ? ~UINT64_C(3) : UINT64_MAX);
	return insn->base == 31 ? *regs->sp : regs->frame->x[insn->base];
}

static bool is_zero(const struct armvirt_insn *insn)
{
	return insn->bytes == 0;
}

/* The low bytes of a value, swapped for a big-endian guest; general registers have 8 at most. */
static uint64_t in_order(const struct armvirt_insn_regs *regs, uint64_t value, uint32_t bytes)
{
	unsigned unused = 64 - 8 * bytes;

	return regs->swap ? __builtin_bswap64(value << unused) : value << unused >> unused;
}

/* DC ZVA: an X register, aligned to the block. */
static void zero_access(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs,
			struct armvirt_memop *op)
{
	uint32_t block = UINT32_C(4) << (regs->dczid & 15);

	*op = (struct armvirt_memop){.va = reg_read(regs, insn->base) & ~(uint64_t)(block - 1),
				     .bytes = block,
				     .reg = 31,
				     .write = true};
}

void armvirt_insn_accesses(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs,
			   struct armvirt_memop *op)
{
	uint64_t va;

	if (is_zero(insn)) {
		zero_access(insn, regs, op);
		return;
	}
	va = base_value(insn, regs);
	if (insn->form != ARMVIRT_INSN_POST)
		va += offset_value(insn, regs);
	for (unsigned n = 0; n < insn->count; n++) {
		uint64_t value = 0;

		if (insn->write && !insn->vector)
			value = in_order(regs, reg_read(regs, insn->reg[n]), insn->bytes);
		op[n] = (struct armvirt_memop){.va = address(insn, va + n * insn->bytes),
					       .value = value,
					       .bytes = insn->bytes,
					       .reg = insn->reg[n],
					       .vector = insn->vector,
					       .write = insn->write};
	}
}

static uint64_t extended(const struct armvirt_insn *insn, uint64_t value)
{
	unsigned unused = 64 - 8 * insn->bytes;

	value <<= unused;
	value = insn->sign_extend ? (uint64_t)((int64_t)value >> unused) : value >> unused;
	return insn->wide ? value : (uint32_t)value;
}

void armvirt_insn_finish(const struct armvirt_insn *insn, const struct armvirt_insn_regs *regs,
			 const uint64_t *value)
{
	struct armvirt_frame *frame = regs->frame;

	if (!is_zero(insn) && (insn->form == ARMVIRT_INSN_PRE || insn->form == ARMVIRT_INSN_POST)) {
		uint64_t base = address(insn, base_value(insn, regs) + offset_value(insn, regs));

		if (insn->base == 31)
			*regs->sp = base;
		else
			frame->x[insn->base] = base;
	}
	/* After the writeback: a load into the base wins. */
	for (unsigned n = 0; n < insn->count && !insn->write && !insn->vector; n++) {
		if (insn->reg[n] < 31)
			frame->x[insn->reg[n]] =
				extended(insn, in_order(regs, value[n], insn->bytes));
	}
	armvirt_frame_skip(frame, insn->insn_bytes);
}

const char *armvirt_insn_class_name(enum armvirt_insn_class c)
{
	/* Text stands in the entry itself: a pointer would be an absolute relocation. */
	static const char names[][24] = {
		"load or store",      "DC ZVA",     "prefetch",
		"cache maintenance",  "exclusive",  "atomic",
		"SIMD structure",     "SVE or SME", "allocation tags",
		"memory copy or set", "multiple",   "authenticated load",
		"no load or store",
	};

	return names[(unsigned)c < sizeof(names) / sizeof(names[0]) ? (unsigned)c
								    : ARMVIRT_INSN_OTHER];
}
