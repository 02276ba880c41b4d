/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walker of a guest's stage 1: random geometries and mappings are built table by table from
 * the meaning of their fields, and the walker has to find what was put in.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/guestwalk.h>

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static unsigned below(unsigned n)
{
	return (unsigned)((next() >> 20) % n);
}

static bool coin(void)
{
	return next() >> 33 & 1;
}

enum { PAGES = 6 };

/* One mapping, by meaning. */
struct mapping {
	unsigned granule; /* 12, 14, 16 */
	unsigned va_bits;
	bool upper, wide, big_endian; /* wide: 52-bit addresses */
	unsigned out_bits;
	int leaf_level;
	uint64_t va, pa;
	bool user, readonly, pxn, uxn, af, dbm;
	/* what each table on the way takes away */
	bool no_user[5], no_write[5], no_pexec[5], no_uexec[5];
	bool hpd, wxn, epan, ha, hd;
	unsigned attr_index, sh;
	int break_level; /* an invalid descriptor at this level; 9: none */
};

static _Alignas(65536) uint8_t memory[PAGES][65536];
static uint64_t memory_base;

/* Bits that a level resolves, by counting from the page upwards. */
static void resolve(const struct mapping *m, int level, unsigned *low, unsigned *count)
{
	unsigned at = m->granule, per = m->granule - 3;

	for (int l = 3; l > level; l--)
		at += per;
	*low = at;
	*count = per;
	if (at + per > m->va_bits)
		*count = m->va_bits - at;
}

static int first_level(const struct mapping *m)
{
	unsigned low, count;

	for (int level = 3;; level--) {
		resolve(m, level, &low, &count);
		if (low + count == m->va_bits)
			return level;
	}
}

static bool leaf_possible(const struct mapping *m, int level)
{
	if (level == 3)
		return true;
	switch (m->granule) {
	case 12:
		return level == 2 || level == 1 || (level == 0 && m->wide);
	case 14:
		return level == 2 || (level == 1 && m->wide);
	default:
		return level == 2 || (level == 1 && m->wide);
	}
}

static uint64_t place_address(const struct mapping *m, uint64_t pa)
{
	if (!m->wide)
		return pa;
	if (m->granule == 16) /* 51:48 at 15:12 */
		return (pa & 0xffffffffffff) | (pa >> 48 & 15) << 12;
	return (pa & 0x3ffffffffffff) | (pa >> 50 & 3) << 8; /* 51:50 at 9:8 */
}

static void random_mapping(struct mapping *m)
{
	memset(m, 0, sizeof(*m));
	m->granule = 12 + 2 * below(3);
	m->wide = coin();
	m->out_bits = m->wide ? 52 : 48;
	m->va_bits = (m->granule == 16 ? 17 : 16) + below(m->wide ? 36 : 32);
	if (m->va_bits > (m->wide ? 52u : 48u))
		m->va_bits = m->wide ? 52 : 48;
	m->upper = coin();
	m->big_endian = below(4) == 0;
	do {
		m->leaf_level = first_level(m) + (int)below((unsigned)(4 - first_level(m)));
	} while (!leaf_possible(m, m->leaf_level));
	m->user = coin();
	m->readonly = coin();
	m->pxn = coin();
	m->uxn = coin();
	m->af = below(8) != 0;
	m->dbm = below(4) == 0;
	m->ha = coin();
	m->hd = m->ha && coin();
	m->hpd = below(4) == 0;
	m->wxn = coin();
	m->epan = coin();
	m->attr_index = below(8);
	m->sh = below(4);
	m->break_level = below(8) == 0 ? first_level(m) + (int)below(4) : 9;
	for (unsigned i = 0; i < 5; i++) {
		m->no_user[i] = below(6) == 0;
		m->no_write[i] = below(6) == 0;
		m->no_pexec[i] = below(6) == 0;
		m->no_uexec[i] = below(6) == 0;
	}
	m->va = next() & (((uint64_t)1 << m->va_bits) - 1);
	if (m->upper)
		m->va |= ~(uint64_t)0 << m->va_bits;
}

static void put(const struct mapping *m, unsigned page, uint64_t index, uint64_t value)
{
	uint8_t *at = &memory[page][8 * index];

	for (unsigned i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * (m->big_endian ? 7 - i : i));
}

static uint64_t leaf_descriptor(struct mapping *m)
{
	unsigned low, count;
	uint64_t d;

	resolve(m, m->leaf_level, &low, &count);
	m->pa = next() & (((uint64_t)1 << m->out_bits) - 1);
	m->pa = m->pa >> low << low;
	d = place_address(m, m->pa) | 1 | (m->leaf_level == 3 ? 2 : 0) |
	    (uint64_t)m->attr_index << 2 | (uint64_t)m->user << 6 | (uint64_t)m->readonly << 7 |
	    (uint64_t)m->af << 10 | (uint64_t)m->dbm << 51 | (uint64_t)m->pxn << 53 |
	    (uint64_t)m->uxn << 54;
	if (!(m->wide && m->granule != 16)) /* there SH is in TCR_EL1 */
		d |= (uint64_t)m->sh << 8;
	m->pa += m->va & (((uint64_t)1 << low) - 1);
	return d;
}

static uint64_t build(struct mapping *m, struct armvirt_guest_mmu *mmu)
{
	int level = first_level(m);
	unsigned page = 0;

	memset(memory, 0, sizeof(memory));
	memory_base = m->wide ? (uint64_t)5 << 49 : 0x40000000;
	for (;; level++, page++) {
		unsigned low, count;
		uint64_t index;

		resolve(m, level, &low, &count);
		index = m->va >> low & (((uint64_t)1 << count) - 1);
		if (level == m->break_level) {
			put(m, page, index, next() & ~(uint64_t)1);
			break;
		}
		if (level == m->leaf_level) {
			put(m, page, index, leaf_descriptor(m));
			break;
		}
		put(m, page, index,
		    place_address(m, memory_base + (uint64_t)(page + 1) * sizeof(memory[0])) | 3 |
			    (uint64_t)m->no_pexec[page] << 59 | (uint64_t)m->no_uexec[page] << 60 |
			    (uint64_t)m->no_user[page] << 61 | (uint64_t)m->no_write[page] << 62);
	}
	mmu->ttbr0 = mmu->ttbr1 = next();
	*(m->upper ? &mmu->ttbr1 : &mmu->ttbr0) =
		m->wide ? (memory_base & 0xffffffffffff) | (memory_base >> 48 & 15) << 2
			: memory_base |
				  (next() & ((uint64_t)0xffff << 48)); /* the ASID is no address */
	return page;
}

static void registers(const struct mapping *m, struct armvirt_guest_mmu *mmu)
{
	unsigned tg = m->upper ? (m->granule == 12   ? 2
				  : m->granule == 14 ? 1
						     : 3)
			       : (m->granule == 12   ? 0
				  : m->granule == 14 ? 2
						     : 1);
	unsigned at = m->upper ? 16 : 0;

	mmu->tcr = (uint64_t)(64 - m->va_bits) << at | (uint64_t)tg << (m->upper ? 30 : 14) |
		   (uint64_t)m->sh << (at + 12) | (uint64_t)(m->wide ? 6 : 5) << 32 |
		   (uint64_t)m->ha << 39 | (uint64_t)m->hd << 40 |
		   (uint64_t)m->hpd << (m->upper ? 42 : 41) |
		   (uint64_t)(m->wide && m->granule != 16) << 59;
	mmu->hcr = (uint64_t)1 << 31; /* RW */
	mmu->sctlr = 1 | 1 << 2 | 1 << 12 | (uint64_t)m->wxn << 19 | (uint64_t)m->big_endian << 25 |
		     (uint64_t)m->epan << 57;
	mmu->mair = next();
	mmu->tcr2 = 0;
	mmu->pa_bits = 52;
	mmu->has = (m->wide ? ARMVIRT_GUEST_HAS_LVA | ARMVIRT_GUEST_HAS_LPA2 : 0) |
		   ARMVIRT_GUEST_HAS_TTST | ARMVIRT_GUEST_HAS_HAF | ARMVIRT_GUEST_HAS_HDBS |
		   ARMVIRT_GUEST_HAS_HPD | ARMVIRT_GUEST_HAS_PAN3;
}

/* The table of access permissions, from the point of view of one access. */
static bool allowed(const struct mapping *m, unsigned tables, const struct armvirt_guest_access *a)
{
	bool user = m->user, writable = !m->readonly || (m->dbm && m->hd), pxn = m->pxn,
	     uxn = m->uxn;
	bool user_exec, kernel_exec;

	for (unsigned i = 0; i < tables && !m->hpd; i++) {
		user &= !m->no_user[i];
		writable &= !m->no_write[i];
		pxn |= m->no_pexec[i];
		uxn |= m->no_uexec[i];
	}
	user_exec = !uxn;
	kernel_exec = !pxn;
	if (user && writable) /* never executable at EL1 */
		kernel_exec = false;
	if (m->wxn && writable) {
		kernel_exec = false;
		if (user)
			user_exec = false;
	}
	if (a->fetch)
		return a->el0 ? user_exec : kernel_exec;
	if (a->el0 && !user)
		return false;
	if (!a->el0 && a->pan && (user || (m->epan && user_exec)))
		return false;
	return !a->write || writable;
}

static unsigned status_of(unsigned class_at_zero, int level)
{
	/* level -1 */
	if (level < 0)
		return class_at_zero == 4 ? 0x2b : class_at_zero == 0 ? 0x29 : 0x13;
	return class_at_zero + (unsigned)level;
}

static unsigned expected(const struct mapping *m, unsigned tables,
			 const struct armvirt_guest_access *a, int *level)
{
	bool broken = m->break_level <= m->leaf_level && m->break_level >= first_level(m);

	*level = broken ? m->break_level : m->leaf_level;
	if (broken)
		return status_of(4, m->break_level);
	if (!m->af && !m->ha)
		return status_of(8, m->leaf_level);
	return allowed(m, tables, a) ? ARMVIRT_GUEST_NO_FAULT : status_of(12, m->leaf_level);
}

/* A byte of MAIR_EL1; instructions come from Normal memory. */
static uint8_t attribute(const struct mapping *m, const struct armvirt_guest_mmu *mmu,
			 const struct armvirt_guest_access *a)
{
	uint8_t attr = mmu->mair >> 8 * m->attr_index & 0xff;

	return a->fetch && attr < 0x10 ? 0x44 : attr;
}

/* What is not cached is outer shareable; 1 is reserved. */
static unsigned shareability(const struct mapping *m, uint8_t attr)
{
	if (attr < 0x10 || attr == 0x44 || attr == 0x40)
		return 2;
	return m->sh == 1 ? 0 : m->sh;
}

static bool round_trip(void)
{
	struct mapping m;
	struct armvirt_guest_mmu mmu;
	struct armvirt_guest_span span;
	const struct armvirt_guest_memory mem = {&span, 1};
	unsigned tables;

	random_mapping(&m);
	registers(&m, &mmu);
	tables = (unsigned)build(&m, &mmu);
	span = (struct armvirt_guest_span){memory_base, sizeof(memory), memory};
	for (unsigned i = 0; i < 16; i++) {
		struct armvirt_guest_access a = {m.va, i & 1, !(i & 1) && i & 2, i & 4, i & 8};
		struct armvirt_guest_translation t;
		int level;
		unsigned want = expected(&m, tables, &a, &level);

		if (armvirt_guest_translate(&t, &mmu, &mem, &a) != ARMVIRT_OK || t.status != want ||
		    t.level != level ||
		    (want == ARMVIRT_GUEST_NO_FAULT &&
		     (t.ipa != m.pa || t.attr != attribute(&m, &mmu, &a) ||
		      t.sh != shareability(&m, t.attr)))) {
			printf("granule 2^%u, %u-bit VA %#" PRIx64
			       ", leaf at %d, access %u: status %#x "
			       "(want %#x), level %d, ipa %#" PRIx64 " (want %#" PRIx64 ")\n",
			       m.granule, m.va_bits, m.va, m.leaf_level, i, t.status, want, t.level,
			       t.ipa, m.pa);
			return false;
		}
	}
	return true;
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *seed = getenv("ARMVIRT_TEST_SEED");
	unsigned rounds = !scale || strcmp(scale, "quick") == 0 ? 4000 : 200000;

	state = seed ? strtoull(seed, NULL, 0) : 1;
	state = state ? state : 1;
	printf("ARMVIRT_TEST_SEED=%" PRIu64 "\n", state);
	for (unsigned i = 0; i < rounds; i++) {
		if (!round_trip())
			return 1;
	}
	printf("%u mappings, 16 accesses each, are found as they were made\n", rounds);
	return 0;
}
