/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor as an oracle of stage-2 tables: random maps of every granule that it offers, and
 * AT S12E1R, S12E1W, S12E0R, S12E0W against the independent walker of tests/model: address,
 * memory type, shareability, fault and its level. Stage 1 is off (HCR_EL2.DC), nothing is updated
 * by hardware. The contiguous hint and the levels of break-before-make do not show here: QEMU
 * has no TLB that they matter to; tests/model judges them.
 */
#include <libarmvirt/libarmvirt.h>

#include "system.h"
#include "walker.h"

#define BIT(n)      (UINT64_C(1) << (n))
#define HCR_VM      BIT(0)
#define HCR_DC      BIT(12)
#define HCR_RW      BIT(31)
#define HCR_FWB     BIT(46)
#define TABLES      UINT64_C(0x50000000) /* RAM, used as it is: EL2 runs with its MMU off */
#define TABLE_BYTES (UINT64_C(64) << 20)

enum { PAR_F = 1 };

static struct armvirt_features features;
static struct armvirt_s2 s2;
static struct armvirt_pool pool, limbo;
static struct model_stage2 model;
static uint64_t seed, probes, faults, window;
static uint32_t config_flags;

static uint64_t below(uint64_t n)
{
	return random_next(&seed) % n;
}

static uint64_t read_memory(void *context, uint64_t pa)
{
	(void)context;
	return *(const volatile uint64_t *)(uintptr_t)pa;
}

static uint64_t translate(unsigned kind, uint64_t va)
{
	switch (kind) {
	case 0:
		__asm__ volatile("at s12e1r, %0" ::"r"(va) : "memory");
		break;
	case 1:
		__asm__ volatile("at s12e1w, %0" ::"r"(va) : "memory");
		break;
	case 2:
		__asm__ volatile("at s12e0r, %0" ::"r"(va) : "memory");
		break;
	default:
		__asm__ volatile("at s12e0w, %0" ::"r"(va) : "memory");
		break;
	}
	__asm__ volatile("isb" ::: "memory");
	return read_sysreg("par_el1");
}

static unsigned fault_code(unsigned base, int level)
{
	if (level >= 0)
		return base + (unsigned)level;
	return base == 4 ? 0x2b : 0x29; /* level -1: translation, address size */
}

/* What FST must say, or -1 for a translation. */
static int expected_fault(const struct model_walk *w, bool write)
{
	switch (w->fault) {
	case MODEL_FAULT_TRANSLATION:
		return (int)fault_code(4, w->level);
	case MODEL_FAULT_ADDRESS_SIZE:
		return (int)fault_code(0, w->level);
	case MODEL_FAULT_ACCESS_FLAG:
		return (int)fault_code(8, w->level);
	case MODEL_FAULT_NONE:
		break;
	}
	if (!(w->desc & (write ? BIT(7) : BIT(6))))
		return (int)fault_code(12, w->level);
	return -1;
}

/* PAR_EL1.ATTR where stage 1 says Normal write-back. */
static unsigned expected_attr(uint64_t desc)
{
	static const uint8_t device[4] = {0x00, 0x04, 0x08, 0x0c};
	static const uint8_t half[4] = {0, 4, 0xb, 0xf};
	unsigned mem = (desc >> 2) & 15;

	if (mem < 4)
		return device[mem];
	if (s2.g.fwb)
		return mem == 5 ? 0x44 : 0xff;
	return (unsigned)half[mem >> 2] << 4 | half[mem & 3];
}

static unsigned expected_sh(uint64_t desc)
{
	unsigned attr = expected_attr(desc);

	if (attr < 0x10 || attr == 0x44)
		return 2;
	return (config_flags & ARMVIRT_S2_USE_LPA2) ? 3 : (desc >> 8) & 3;
}

static void probe(void)
{
	uint64_t ipa = window + below(UINT64_C(1) << 32), par;
	unsigned kind = (unsigned)below(4), sh;
	struct model_walk w;
	int fst;

	ipa &= (UINT64_C(1) << s2.g.ipa_bits) - 1;
	if (below(16) == 0) /* anywhere below the physical size: beyond that stage 1 faults */
		ipa = random_next(&seed) >> (64 - (features.pa_bits > 48 ? 48 : features.pa_bits));
	model_stage2_walk(&model, read_memory, NULL, ipa, &w);
	fst = expected_fault(&w, kind & 1);
	/* QEMU 10 ends in an assertion at AT where stage 2 denies permission: left out here. */
	if (w.fault == MODEL_FAULT_NONE && fst >= 0)
		return;
	par = translate(kind, ipa);
	probes++;
	if (fst >= 0) {
		faults++;
		if (!(par & PAR_F) || ((par >> 1) & 0x3f) != (unsigned)fst || !((par >> 9) & 1))
			fail("IPA %lx, AT %u: PAR %lx, FST %x expected; VTCR %lx, level %d, "
			     "descriptor %lx",
			     ipa, kind, par, (unsigned)fst, s2.g.vtcr, w.level, w.desc);
		return;
	}
	if ((par & PAR_F) || (par & UINT64_C(0xffffffffff000)) != (w.pa & ~UINT64_C(0xfff)) ||
	    par >> 56 != expected_attr(w.desc))
		fail("IPA %lx, AT %u: PAR %lx; VTCR %lx, level %d, descriptor %lx, PA %lx, ATTR %x",
		     ipa, kind, par, s2.g.vtcr, w.level, w.desc, w.pa, expected_attr(w.desc));
	sh = (par >> 7) & 3;
	if (sh != expected_sh(w.desc))
		fail("IPA %lx: SH %u, %u expected; descriptor %lx", ipa, sh, expected_sh(w.desc),
		     w.desc);
}

static armvirt_s2_attr_t random_attr(void)
{
	uint64_t bits;
	armvirt_s2_attr_t attr;

	do {
		attr = (armvirt_s2_attr_t)random_next(&seed) & 0x77ff;
	} while (armvirt_s2_attr_encode(&s2.g, attr, &bits));
	return attr;
}

static enum armvirt_status change(struct armvirt_s2_update *u)
{
	uint64_t page = UINT64_C(1) << s2.g.granule_shift, limit = UINT64_C(1) << s2.g.pa_bits;
	uint64_t unit = below(2) ? page : UINT64_C(1) << s2.g.shift[3 - (below(4) == 0)];
	uint64_t ipa = (window + below(UINT64_C(1) << 32)) & ~(unit - 1);
	struct armvirt_ipa_range r = {ipa, unit * (1 + below(40))};
	const struct armvirt_s2_protection p = {0, (uint32_t)below(4) << 4};
	const struct armvirt_s2_note note = {ARMVIRT_S2_KIND_TRAP, below(BIT(48))};
	struct armvirt_s2_map_request q = {ipa, 0, r.size, random_attr(), 0};

	q.pa = below(3) ? (below(limit / unit) * unit) : (below(limit / page) * page);
	if (q.size > limit - q.pa)
		q.pa = 0;
	q.flags = (below(2) ? ARMVIRT_S2_MAP_PAGES : 0) | (below(2) ? ARMVIRT_S2_MAP_REPLACE : 0);
	switch (below(10)) {
	case 0:
		return armvirt_s2_unmap(u, r);
	case 1:
		return armvirt_s2_protect(u, r, &p);
	case 2:
		return armvirt_s2_annotate(u, r, &note);
	case 3:
		return armvirt_s2_split(u, r, 3);
	case 4:
		return armvirt_s2_fold(u, r);
	case 5:
		return armvirt_s2_age(u, r, NULL);
	default:
		return armvirt_s2_map(u, &q);
	}
}

static void set_up(enum armvirt_granule granule, bool lpa2)
{
	struct armvirt_s2_config c = {granule, 0, ARMVIRT_S2_START_AUTO, 0};
	struct armvirt_s2_memory m = {(uint64_t *)(uintptr_t)TABLES, TABLES, 0};
	uint64_t page = UINT64_C(1) << granule, root;
	struct armvirt_s2_geometry g;

	c.flags = (lpa2 ? ARMVIRT_S2_USE_LPA2 : 0) | (below(2) ? ARMVIRT_S2_USE_CONTIGUOUS : 0) |
		  (below(2) ? ARMVIRT_S2_NO_FWB : 0) | (below(2) ? ARMVIRT_S2_ALLOW_CONFLICT : 0);
	config_flags = c.flags;
	do {
		c.ipa_bits = (uint8_t)(36 + below((uint64_t)features.pa_bits - 35));
		c.start_level = below(2) ? ARMVIRT_S2_START_AUTO : (int8_t)below(4) - 1;
	} while (armvirt_s2_geometry_solve(&g, &features, &c));
	root = (g.root_bytes + page - 1) & ~(page - 1);
	pool = limbo = (struct armvirt_pool){0};
	if (armvirt_s2_init(&s2, &g, &m) ||
	    armvirt_pool_add_memory(
		    &pool, (void *)(uintptr_t)(TABLES + root),
		    ((TABLE_BYTES - root) / page < 600 ? (TABLE_BYTES - root) / page : 600) * page,
		    page))
		fail("init");
	window = below(UINT64_C(1) << (c.ipa_bits - 33)) << 33;
	model_stage2_decode(&model, g.vtcr, armvirt_s2_vttbr(&s2, 7));
	write_sysreg("hcr_el2", HCR_RW | HCR_VM | HCR_DC | (g.fwb ? HCR_FWB : 0));
	write_sysreg("vtcr_el2", g.vtcr);
	write_sysreg("vttbr_el2", armvirt_s2_vttbr(&s2, 7));
	__asm__ volatile("isb; tlbi alle1; dsb nsh; isb" ::: "memory");
}

static void world(enum armvirt_granule granule, bool lpa2)
{
	struct armvirt_tlb_target t = {0, 0, ARMVIRT_TLB_LOADED};
	struct armvirt_s2_update u;
	unsigned refused = 0;

	set_up(granule, lpa2);
	t.vttbr = armvirt_s2_vttbr(&s2, 7);
	t.vtcr = s2.g.vtcr;
	for (unsigned i = 0; i < 60; i++) {
		armvirt_s2_begin(&u, &s2, &pool, 0);
		for (unsigned j = 0; j < 4; j++)
			refused += change(&u) < 0;
		armvirt_s2_commit(&u, &t, &limbo);
		armvirt_pool_move(&pool, &limbo);
		for (unsigned j = 0; j < 40; j++)
			probe();
	}
	if (refused > 200)
		fail("%u of 240 changes refused", refused);
}

void system_main(void)
{
	static const enum armvirt_granule granules[3] = {ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K,
							 ARMVIRT_GRANULE_64K};
	struct armvirt_idregs id;
	uint64_t wanted = argument("probes", 100000);

	seed = argument("seed", 1) * 2654435761 + 1;
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	print("seed %lu, PA %u bits, granules 4K %u 16K %u 64K %u\n", argument("seed", 1),
	      features.pa_bits, features.s2_granule_4k, features.s2_granule_16k,
	      features.s2_granule_64k);
	while (probes < wanted) {
		for (unsigned i = 0; i < 3; i++) {
			unsigned has = i == 0   ? features.s2_granule_4k
				       : i == 1 ? features.s2_granule_16k
						: features.s2_granule_64k;

			if (has)
				world(granules[i], false);
			if (has == 2)
				world(granules[i], true);
		}
	}
	print("%lu probes, %lu of them faults\n", probes, faults);
	finish((unsigned)probes, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
