/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 tables under a guest that really loads, stores and fetches, at EL1 and EL0: whether an
 * access is allowed, the fault that it takes, and the access flag and dirty state that hardware
 * (or, where it has none, the library's answer to the fault) leaves behind. The walker of
 * tests/model says what is expected; what the library then reports as young and as dirty must be
 * the pages that were touched, no more and no fewer. Stage 1 is off (HCR_EL2.DC).
 * Arguments: probes, seed.
 */
#include <libarmvirt/libarmvirt.h>

#include "system.h"
#include "walker.h"

#define BIT(n)      (UINT64_C(1) << (n))
#define HCR_BITS    (BIT(31) | BIT(13) | BIT(12) | BIT(0)) /* RW, TWI, DC, VM */
#define SCTLR_BITS  (UINT64_C(0x30d00800) | BIT(16))       /* RES1, nTWI: WFI of EL0 is EL2's */
#define WFI         UINT32_C(0xd503207f)
#define TABLES      UINT64_C(0x50000000) /* RAM, used as it is: EL2 runs with its MMU off */
#define TABLE_BYTES (UINT64_C(64) << 20)
#define CODE        UINT64_C(0x5f000000)
#define DATA        UINT64_C(0x60000000)
#define DATA_BYTES  (UINT64_C(512) << 20)

enum { LOAD, STORE, FETCH, KINDS };
enum { EC_WFX = 0x01, EC_IABT = 0x20, EC_DABT = 0x24, VMID = 7, WORDS = 16384 / 64 };
enum { FAULT_NONE = -1, FSC_TRANSLATION = 4, FSC_ACCESS = 8, FSC_PERMISSION = 12 };

extern const char s2_vectors[];
unsigned s2_irq(struct armvirt_vcpu *v);
void s2_el2(struct armvirt_el2_frame *f);

static struct armvirt_features features;
static struct armvirt_s2 s2;
static struct armvirt_pool pool, limbo;
static struct model_stage2 model;
static struct armvirt_vcpu vcpu;
static struct armvirt_cpu cpu;
static uint64_t seed, window, page, block, probes, faults, hardware, answered, reported;
static uint64_t touched[WORDS], written[WORDS];

struct probe {
	uint64_t ipa;
	unsigned kind, el;
};

static uint64_t below(uint64_t n)
{
	return random_next(&seed) % n;
}

unsigned s2_irq(struct armvirt_vcpu *v)
{
	(void)v;
	fail("interrupt");
}

void s2_el2(struct armvirt_el2_frame *f)
{
	fail("EL2 at %lx: ESR %lx, FAR %lx", f->pc, f->esr, f->far);
}

static uint64_t read_memory(void *context, uint64_t pa)
{
	(void)context;
	return *(const volatile uint64_t *)(uintptr_t)pa;
}

static void look(uint64_t ipa, struct model_walk *w)
{
	model_stage2_walk(&model, read_memory, NULL, ipa, w);
}

/* XN[1:0], bits 54:53: 00 both, 01 EL0 only, 10 none, 11 EL1 only; without FEAT_XNX bit 54 alone.
 */
static bool may_fetch(uint64_t desc, unsigned el)
{
	unsigned xn = desc >> 53 & 3;

	if (!s2.g.xnx)
		return !(xn & 2);
	return xn == 0 || (xn == 1 && el == 0) || (xn == 3 && el == 1);
}

static bool may(uint64_t desc, const struct probe *p)
{
	switch (p->kind) {
	case LOAD:
		return desc & BIT(6);
	case STORE:
		return (desc & BIT(7)) || (model.hd && (desc & BIT(51)));
	default:
		return may_fetch(desc, p->el);
	}
}

/* The fault status code that the access must take, or FAULT_NONE. */
static int expected(const struct probe *p, const struct model_walk *w)
{
	if (w->fault == MODEL_FAULT_TRANSLATION)
		return w->level < 0 ? 0x2b : FSC_TRANSLATION + w->level;
	if (w->fault == MODEL_FAULT_ADDRESS_SIZE)
		fail("IPA %lx: the tables have an address beyond the physical ones", p->ipa);
	if (w->fault == MODEL_FAULT_ACCESS_FLAG && !model.ha)
		return FSC_ACCESS + w->level;
	return may(w->desc, p) ? FAULT_NONE : FSC_PERMISSION + w->level;
}

static void load_vcpu(void)
{
	if (armvirt_hw_vcpu_load(&cpu, &vcpu) != ARMVIRT_OK)
		fail("load");
}

/* One access by the guest; its syndrome. */
static uint64_t run(const struct probe *p)
{
	static const unsigned entry[KINDS] = {0, 8, 0};
	unsigned cause;

	vcpu.frame.pc = p->kind == FETCH ? p->ipa : window + 2 * block + entry[p->kind];
	vcpu.frame.pstate = p->el ? 0x3c5 : 0x3c0;
	vcpu.frame.x[1] = p->ipa;
	load_vcpu();
	cause = armvirt_vcpu_enter(&vcpu) & 0xff;
	if (cause != ARMVIRT_CAUSE_SYNC)
		fail("exit %u", cause);
	return vcpu.esr;
}

static void check_fault(const struct probe *p, const struct model_walk *w, int fsc)
{
	uint64_t esr = vcpu.esr;
	unsigned ec = p->kind == FETCH ? EC_IABT : EC_DABT;

	if (esr >> 26 != ec || (esr & 0x3f) != (unsigned)fsc || (esr & BIT(7)) ||
	    vcpu.far != p->ipa)
		fail("EL%u access %u of %lx: ESR %lx, FAR %lx; expected FSC %x, descriptor %lx",
		     p->el, p->kind, p->ipa, esr, vcpu.far, (unsigned)fsc, w->desc);
	if (p->kind != FETCH && !!(esr & BIT(6)) != (p->kind == STORE))
		fail("WnR of ESR %lx", esr);
	if (fsc < FSC_PERMISSION && vcpu.hpfar << 8 >> 12 << 12 != p->ipa >> 12 << 12)
		fail("HPFAR %lx for %lx", vcpu.hpfar, p->ipa);
	faults++;
}

static void mark(uint64_t *bits, uint64_t ipa, uint64_t span)
{
	uint64_t first = (ipa & ~(span - 1)) - window;

	for (uint64_t n = first / page; n < (first + span) / page; n++)
		bits[n / 64] |= BIT(n % 64);
}

/* Only AF and, after a store to a DBM entry, S2AP[1] may have changed; on success they must. */
static void check_update(const struct probe *p, const struct model_walk *before, bool allowed)
{
	uint64_t now = read_memory(NULL, before->slot_pa), want = before->desc;

	if (before->fault == MODEL_FAULT_TRANSLATION) {
		if (now != before->desc)
			fail("IPA %lx: hardware wrote an invalid descriptor", p->ipa);
		return;
	}
	if (model.ha)
		want |= BIT(10);
	if (allowed && p->kind == STORE && model.hd && (want & BIT(51)))
		want |= BIT(7);
	if (now != want && (allowed || now != before->desc))
		fail("EL%u access %u of %lx: descriptor %lx became %lx, not %lx", p->el, p->kind,
		     p->ipa, before->desc, now, want);
	hardware += now != before->desc;
	if (allowed || ((now ^ before->desc) & BIT(10)))
		mark(touched, p->ipa, before->span);
	if (allowed && p->kind == STORE && (now & s2.g.track))
		mark(written, p->ipa, before->span);
}

/* Hardware's part is the library's where hardware has none: then the access is tried again. */
static bool answer(const struct probe *p, int level)
{
	struct armvirt_tlb_target t = {vcpu.traps.vttbr_el2, s2.g.vtcr, ARMVIRT_TLB_LOADED};
	struct armvirt_tlb_plan plan;

	if (armvirt_s2_fault_fix(&s2, p->ipa & ~(page - 1), p->kind == STORE, &plan) != ARMVIRT_OK)
		return false;
	armvirt_hw_tlb_execute(&plan, &t);
	answered++;
	mark(touched, p->ipa, armvirt_s2_span(&s2.g, level));
	return true;
}

static void probe(void)
{
	struct probe p = {window + below(2) * block + below(24) * page + below(page / 8) * 8,
			  (unsigned)below(KINDS), (unsigned)below(2)};

	for (unsigned tries = 0; tries < 3; tries++) {
		struct model_walk w;
		int fsc;

		look(p.ipa, &w);
		fsc = expected(&p, &w);
		if (w.fault != MODEL_FAULT_TRANSLATION)
			*(volatile uint32_t *)(uintptr_t)w.pa = WFI;
		probes++;
		if (run(&p) >> 26 == EC_WFX) {
			if (fsc != FAULT_NONE)
				fail("EL%u access %u of %lx: allowed, FSC %x expected; descriptor "
				     "%lx, VTCR %lx",
				     p.el, p.kind, p.ipa, (unsigned)fsc, w.desc, s2.g.vtcr);
			check_update(&p, &w, true);
			return;
		}
		check_fault(&p, &w, fsc);
		check_update(&p, &w, false);
		if (!answer(&p, w.level))
			return;
	}
	fail("EL%u access %u of %lx: the library's answer does not help", p.el, p.kind, p.ipa);
}

/* Normal memory of the RAM above DATA, any permissions, young or old, tracked or not. */
static armvirt_s2_attr_t random_attr(void)
{
	uint64_t bits;
	armvirt_s2_attr_t attr;

	do {
		attr = (below(2) ? ARMVIRT_S2_NORMAL_WB : ARMVIRT_S2_NORMAL_NC) |
		       ((armvirt_s2_attr_t)random_next(&seed) & 0xff0);
	} while (armvirt_s2_attr_encode(&s2.g, attr, &bits));
	return attr;
}

static struct armvirt_ipa_range random_range(void)
{
	uint64_t from = window + below(2) * block;

	if (below(3) == 0)
		return (struct armvirt_ipa_range){from, block};
	return (struct armvirt_ipa_range){from + below(20) * page, (1 + below(12)) * page};
}

static enum armvirt_status change(struct armvirt_s2_update *u)
{
	struct armvirt_ipa_range r = random_range();
	const struct armvirt_s2_protection p = {(uint32_t)random_next(&seed) & 0xf0, 0};
	const struct armvirt_s2_protection q = {0, (uint32_t)random_next(&seed) & 0xf0};
	struct armvirt_s2_map_request m = {r.base, DATA, r.size, random_attr(),
					   ARMVIRT_S2_MAP_REPLACE};

	if (r.size == block)
		m.pa += below(DATA_BYTES / block) * block;
	else
		m.pa += below(1024) * page;
	m.flags |= below(4) ? 0 : ARMVIRT_S2_MAP_PAGES;
	switch (below(8)) {
	case 0:
		return armvirt_s2_unmap(u, r);
	case 1:
		return armvirt_s2_protect(u, r, &p);
	case 2:
		return armvirt_s2_protect(u, r, &q);
	case 3:
		return below(2) ? armvirt_s2_split(u, r, 3) : armvirt_s2_fold(u, r);
	default:
		return armvirt_s2_map(u, &m);
	}
}

static void commit(struct armvirt_s2_update *u)
{
	const struct armvirt_tlb_target t = {vcpu.traps.vttbr_el2, s2.g.vtcr, ARMVIRT_TLB_LOADED};

	armvirt_s2_commit(u, &t, &limbo);
	armvirt_pool_move(&pool, &limbo);
}

static void compare(const char *what, const uint64_t *said, const uint64_t *right)
{
	for (unsigned n = 0; n < WORDS * 64; n++) {
		bool is = said[n / 64] >> n % 64 & 1, should = right[n / 64] >> n % 64 & 1;

		if (is != should)
			fail("page %lx is %sreported as %s", window + n * page, is ? "" : "not ",
			     what);
		reported += is;
	}
}

static uint64_t found[WORDS];

/* One verb, an update of its own: what it reports is in found. */
static void collect(bool age, enum armvirt_s2_dirty_mode mode, bool report)
{
	const struct armvirt_ipa_range all = {window, 2 * block};
	const struct armvirt_s2_bitmap bitmap = {found, window, 2 * block / page};
	const struct armvirt_s2_bitmap *to = report ? &bitmap : NULL;
	struct armvirt_s2_update u;
	enum armvirt_status s;

	memset(found, 0, sizeof(found));
	armvirt_s2_begin(&u, &s2, &pool, 0);
	s = age ? armvirt_s2_age(&u, all, to) : armvirt_s2_dirty(&u, all, mode, to);
	commit(&u);
	if (s != ARMVIRT_OK)
		fail("%s: %d", age ? "age" : "dirty", s);
}

/* All old and clean; accesses; what is young and dirty then, and that nothing is afterwards. */
static void harvest(enum armvirt_s2_dirty_mode mode)
{
	static const uint64_t none[WORDS];

	memset(touched, 0, sizeof(touched));
	memset(written, 0, sizeof(written));
	collect(true, mode, below(2));
	collect(false, mode, false);
	for (unsigned n = 0; n < 60; n++)
		probe();
	collect(true, mode, true);
	compare("young", found, touched);
	collect(true, mode, true);
	compare("young", found, none);
	collect(false, ARMVIRT_S2_DIRTY_COLLECT, true);
	compare("dirty", found, written);
	collect(false, ARMVIRT_S2_DIRTY_COLLECT, true);
	compare("dirty", found, none);
}

/* Every set of permissions that can be encoded, against what was asked for. */
static void permissions(void)
{
	static const uint32_t right[2][KINDS] = {{ARMVIRT_S2_R, ARMVIRT_S2_W, ARMVIRT_S2_X_EL0},
						 {ARMVIRT_S2_R, ARMVIRT_S2_W, ARMVIRT_S2_X_EL1}};

	for (unsigned n = 0; n < 16; n++) {
		struct armvirt_s2_map_request m = {window, DATA + n * page, page,
						   armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, n << 4),
						   ARMVIRT_S2_MAP_REPLACE};
		struct armvirt_s2_update u;
		enum armvirt_status s;

		armvirt_s2_begin(&u, &s2, &pool, 0);
		s = armvirt_s2_map(&u, &m);
		commit(&u);
		if (s == ARMVIRT_E_ATTR)
			continue;
		if (s != ARMVIRT_OK)
			fail("map: %d", s);
		*(volatile uint32_t *)(uintptr_t)m.pa = WFI;
		for (unsigned i = 0; i < 2 * KINDS; i++) {
			const struct probe p = {window, i / 2, i & 1};
			bool allowed = run(&p) >> 26 == EC_WFX;

			*(volatile uint32_t *)(uintptr_t)m.pa = WFI;
			if (allowed != !!(m.attr & right[p.el][p.kind]))
				fail("permissions %x: EL%u access %u is %s", n, p.el, p.kind,
				     allowed ? "allowed" : "refused");
			probes++;
		}
	}
}

static void set_up(enum armvirt_granule granule, bool lpa2, uint32_t update)
{
	struct armvirt_s2_config c = {granule, 0, ARMVIRT_S2_START_AUTO, 0};
	struct armvirt_s2_memory m = {(uint64_t *)(uintptr_t)TABLES, TABLES, 0};
	struct armvirt_s2_geometry g;
	uint64_t root;

	c.flags = update | (lpa2 ? ARMVIRT_S2_USE_LPA2 : 0) | (below(2) ? ARMVIRT_S2_NO_FWB : 0);
	do {
		c.ipa_bits = (uint8_t)(36 + below((uint64_t)features.pa_bits - 35));
	} while (armvirt_s2_geometry_solve(&g, &features, &c));
	page = g.page_mask + 1;
	block = armvirt_s2_span(&g, 2);
	root = (g.root_bytes + page - 1) & ~(page - 1);
	pool = limbo = (struct armvirt_pool){0};
	if (armvirt_s2_init(&s2, &g, &m) ||
	    armvirt_pool_add_memory(&pool, (void *)(uintptr_t)(TABLES + root), 100 * page, page))
		fail("init");
	window = below((g.ipa_limit >> 1) / block / 2) * 2 * block;
	model_stage2_decode(&model, g.vtcr, armvirt_s2_vttbr(&s2, VMID));
	vcpu.traps.vtcr_el2 = g.vtcr;
	vcpu.traps.vttbr_el2 = armvirt_s2_vttbr(&s2, VMID);
	vcpu.traps.hcr_el2 = HCR_BITS | (g.fwb ? BIT(46) : 0);
	load_vcpu();
	__asm__ volatile("isb; tlbi alle1; dsb nsh; isb" ::: "memory");
}

static void map_code(void)
{
	static const uint32_t code[4] = {0xf9400020, WFI, 0xf9000021, WFI}; /* LDR, STR */
	struct armvirt_s2_map_request m = {window + 2 * block, CODE, page,
					   armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX),
					   0};
	struct armvirt_s2_update u;

	memcpy((void *)(uintptr_t)CODE, code, sizeof(code));
	armvirt_s2_begin(&u, &s2, &pool, 0);
	if (armvirt_s2_map(&u, &m) != ARMVIRT_OK)
		fail("the code");
	commit(&u);
}

static void world(enum armvirt_granule granule, bool lpa2, uint32_t update)
{
	struct armvirt_s2_update u;

	set_up(granule, lpa2, update);
	map_code();
	permissions();
	for (unsigned round = 0; round < 12; round++) {
		armvirt_s2_begin(&u, &s2, &pool, 0);
		for (unsigned n = 0; n < 6; n++)
			(void)!change(&u);
		commit(&u);
		harvest(below(3) ? ARMVIRT_S2_DIRTY_START : ARMVIRT_S2_DIRTY_STOP);
	}
}

static void prepare(void)
{
	struct armvirt_el2_config c = {.features = &features, .vectors = s2_vectors};
	static struct armvirt_idregs id;

	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	if (armvirt_hw_el2_setup(&cpu, &c) != ARMVIRT_OK ||
	    armvirt_vcpu_init(&vcpu, sizeof(vcpu), &features) != ARMVIRT_OK)
		fail("set-up");
	vcpu.traps = cpu.now;
	vcpu.el1.sctlr_el1 = SCTLR_BITS;
	armvirt_vcpu_set_stack(&vcpu, stacks[1]);
}

void system_main(void)
{
	const uint32_t af = ARMVIRT_S2_USE_HW_AF, dirty = af | ARMVIRT_S2_USE_HW_DIRTY;
	uint64_t wanted = argument("probes", 100000);
	unsigned updates;

	seed = argument("seed", 1) * 2654435761 + 1;
	prepare();
	updates = armvirt_has(&features, ARMVIRT_FEAT_HAF) +
		  armvirt_has(&features, ARMVIRT_FEAT_HDBS);
	print("seed %lu, hardware updates: %u\n", argument("seed", 1), updates);
	for (unsigned n = 0; probes < wanted; n++) {
		static const enum armvirt_granule granules[3] = {
			ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K, ARMVIRT_GRANULE_64K};
		const unsigned has[3] = {features.s2_granule_4k, features.s2_granule_16k,
					 features.s2_granule_64k};
		uint32_t update = n % 3 == 0 ? 0 : n % 3 == 1 ? af : dirty;

		if (updates < n % 3)
			continue;
		for (unsigned i = 0; i < 3; i++) {
			if (has[i])
				world(granules[i], has[i] == 2 && below(2), update);
		}
	}
	print("%lu accesses, %lu faults, %lu updates by hardware, %lu by the library, %lu pages "
	      "reported\n",
	      probes, faults, hardware, answered, reported);
	if (!faults || !answered || !reported || (updates && !hardware))
		fail("that cannot be");
	finish((unsigned)probes, 0);
}

void system_secondary(uint64_t n)
{
	(void)n;
}
