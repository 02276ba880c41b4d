/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/patch.h>

#define NOP UINT32_C(0xd503201f)

static uint64_t address(const int32_t *offset)
{
	return (uintptr_t)offset + (uint64_t)(int64_t)*offset;
}

static unsigned field(const struct armvirt_features *f, enum armvirt_idreg reg, unsigned shift)
{
	return f->id.reg[reg] >> shift & 15;
}

uint64_t armvirt_patch_capabilities(const struct armvirt_features *f)
{
	bool sb = field(f, ARMVIRT_IDREG_ID_AA64ISAR1_EL1, 36) >= 1;
	bool clrbhb = field(f, ARMVIRT_IDREG_ID_AA64ISAR2_EL1, 28) >= 1;
	bool csv2_3 = field(f, ARMVIRT_IDREG_ID_AA64PFR0_EL1, 56) >= 3;
	bool ecbhb = field(f, ARMVIRT_IDREG_ID_AA64MMFR1_EL1, 60) >= 1;

	return (uint64_t)sb << ARMVIRT_PATCH_SB |
	       (uint64_t)armvirt_has(f, ARMVIRT_FEAT_RAS) << ARMVIRT_PATCH_RAS |
	       (uint64_t)clrbhb << ARMVIRT_PATCH_CLRBHB |
	       (uint64_t)(csv2_3 || ecbhb) << ARMVIRT_PATCH_NO_BHB;
}

/* B, BL, B.cond, CBZ, TBZ, ADR, ADRP, LDR of a literal. */
static bool depends_on_address(uint32_t insn)
{
	return (insn & 0x7c000000) == 0x14000000 || (insn & 0xff000000) == 0x54000000 ||
	       (insn & 0x7c000000) == 0x34000000 || (insn & 0x1f000000) == 0x10000000 ||
	       (insn & 0x3b000000) == 0x18000000;
}

static uint32_t new_word(const struct armvirt_patch *p, unsigned n)
{
	const void *code = (const char *)&p->replacement + p->replacement;

	return 4 * n < p->bytes ? ((const uint32_t *)code)[n] : NOP;
}

static enum armvirt_status check(const struct armvirt_patch *p,
				 const struct armvirt_patch_text *text)
{
	uint64_t at = address(&p->site) - text->base;

	if (p->site_bytes % 4 || p->bytes % 4 || p->bytes > p->site_bytes || p->capability > 63 ||
	    address(&p->site) % 4)
		return ARMVIRT_E_CORRUPT;
	if (at > text->bytes || text->bytes - at < p->site_bytes)
		return ARMVIRT_E_RANGE;
	for (unsigned n = 0; n < p->bytes / 4u; n++) {
		if (depends_on_address(new_word(p, n)))
			return ARMVIRT_E_CORRUPT;
	}
	return ARMVIRT_OK;
}

static bool applies(const struct armvirt_patch *p, uint64_t capabilities)
{
	return capabilities >> p->capability & 1;
}

/* Whether no later entry overrules it. */
static bool counts(const struct armvirt_patch *p, const struct armvirt_patch *end,
		   uint64_t capabilities)
{
	if (!applies(p, capabilities))
		return false;
	for (const struct armvirt_patch *q = p + 1; q < end; q++) {
		if (address(&q->site) == address(&p->site) && applies(q, capabilities))
			return false;
	}
	return true;
}

static uint32_t *word_at(const struct armvirt_patch *p, const struct armvirt_patch_text *text)
{
	void *at = (char *)text->alias + (address(&p->site) - text->base);

	return at;
}

static const struct armvirt_patch *end_of(const struct armvirt_patch *table)
{
	return table + (uint32_t)table->site / sizeof(*table);
}

static enum armvirt_status check_all(const struct armvirt_patch *table,
				     const struct armvirt_patch_text *text)
{
	if ((uint32_t)table->site % sizeof(*table) || table->site < (int32_t)sizeof(*table))
		return ARMVIRT_E_CORRUPT;
	for (const struct armvirt_patch *p = table + 1; p < end_of(table); p++) {
		enum armvirt_status s = check(p, text);

		if (s != ARMVIRT_OK)
			return s;
	}
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_patch_apply(const struct armvirt_patch *table, uint64_t capabilities,
					const struct armvirt_patch_text *text, unsigned *applied)
{
	enum armvirt_status s = check_all(table, text);
	unsigned done = 0;

	if (s != ARMVIRT_OK)
		return s;
	for (const struct armvirt_patch *p = table + 1; p < end_of(table); p++) {
		volatile uint32_t *word = word_at(p, text);

		if (!counts(p, end_of(table), capabilities))
			continue;
		for (unsigned n = 0; n < p->site_bytes / 4u; n++)
			word[n] = new_word(p, n);
		done++;
	}
	*applied = done;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_patch_verify(const struct armvirt_patch *table, uint64_t capabilities,
					 const struct armvirt_patch_text *text, unsigned *applied)
{
	enum armvirt_status s = check_all(table, text);
	unsigned done = 0;

	if (s != ARMVIRT_OK)
		return s;
	for (const struct armvirt_patch *p = table + 1; p < end_of(table); p++) {
		const volatile uint32_t *word = word_at(p, text);

		if (!counts(p, end_of(table), capabilities))
			continue;
		for (unsigned n = 0; n < p->site_bytes / 4u; n++) {
			if (word[n] != new_word(p, n))
				return ARMVIRT_E_MISMATCH;
		}
		done++;
	}
	*applied = done;
	return ARMVIRT_OK;
}
