/* SPDX-License-Identifier: BSD-2-Clause */
/* Worlds of the random stage-2 run: features, geometry, memory; comparison with the reference. */
#include "s2_world.h"

struct world w;
uint64_t total_ops, words[BITMAP_MAX], dirty_words[BITMAP_MAX];
char failure[512];
static uint64_t random_state;

void seed_random(uint64_t seed)
{
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint64_t roll(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * UINT64_C(0x2545f4914f6cdd1d) >> 11;
}

uint64_t below(uint64_t n)
{
	return n ? roll() % n : 0;
}

bool chance(unsigned percent)
{
	return below(100) < percent;
}

void fail(const char *what, uint64_t a, uint64_t b)
{
	if (!failure[0])
		snprintf(failure, sizeof(failure), "%s (0x%llx, 0x%llx), world cell %u, op %llu",
			 what, (unsigned long long)a, (unsigned long long)b, w.cell,
			 (unsigned long long)total_ops);
}

uint64_t unit_bytes(void)
{
	return UINT64_C(1) << w.unit_shift;
}

uint64_t ipa_of(unsigned u)
{
	return w.base + ((uint64_t)u << w.unit_shift);
}

/* ---- what the machine reports ---- */

/* At any store of an update: what it does not name is as it was, or under way, never another. */
static void bystander(void *context)
{
	uint64_t offset = below((uint64_t)UNITS << w.unit_shift);
	const struct unit *x = &w.unit[offset >> w.unit_shift];
	struct armvirt_s2_leaf leaf;
	enum armvirt_status s = armvirt_s2_lookup(&w.s, w.base + offset, &leaf);
	unsigned in = 0;

	(void)context;
	for (unsigned i = 0; i < w.busy_count; i++)
		in |= (offset >> w.unit_shift) - w.busy[i][0] < w.busy[i][1];
	if (!in && s == ARMVIRT_OK &&
	    (x->kind != 1 || leaf.pa != x->pa + (offset & (unit_bytes() - 1))))
		fail("a bystander saw another address", w.base + offset, leaf.pa);
	if (!in && s == ARMVIRT_E_ABSENT && x->kind == 1)
		fail("a bystander saw nothing", w.base + offset, 0);
	if (s != ARMVIRT_OK && s != ARMVIRT_RETRY && s != ARMVIRT_E_ABSENT)
		fail("a lookup during an update", (uint64_t)(unsigned)s, 0);
}

static void turn(void *context)
{
	(void)context;
	if (w.turn)
		w.turn();
}

static void stored(void *context)
{
	(void)context;
	if (w.stop_after)
		w.stopped();
}

void accessed(void *context, uint64_t ipa, uint64_t size, uint64_t desc, bool write)
{
	(void)context;
	if (ipa + size <= w.base)
		return;
	for (unsigned u = 0; u < UNITS; u++) {
		if (ipa_of(u) + unit_bytes() <= ipa)
			u += (unsigned)((ipa - ipa_of(u)) >> w.unit_shift);
		if (u >= UNITS || ipa_of(u) >= ipa + size)
			break;
		w.unit[u].written |= write && (desc & w.s.g.track) && ((desc >> 7) & 1);
		w.unit[u].accessed |= (w.s.g.flags & ARMVIRT_S2_USE_HW_AF) != 0;
	}
}

/* ---- comparison ---- */

static unsigned expected_memory(unsigned type)
{
	if (!w.s.g.fwb)
		return type;
	return type == ARMVIRT_S2_NORMAL_WB ? 6 : type == ARMVIRT_S2_AS_GUEST ? 7 : type;
}

static unsigned expected_xn(uint32_t attr)
{
	bool el1 = attr & ARMVIRT_S2_X_EL1, el0 = attr & ARMVIRT_S2_X_EL0;

	return el1 ? (el0 ? 0 : 3) : (el0 ? 1 : 2);
}

static void compare_leaf(const struct unit *x, const struct model_walk *k, uint64_t at,
			 uint64_t off)
{
	uint64_t d = k->desc;
	bool tracked = x->attr & ARMVIRT_S2_TRACKED;

	if (k->fault != MODEL_FAULT_NONE && k->fault != MODEL_FAULT_ACCESS_FLAG)
		fail("mapped, but faults", at, d);
	else if (k->pa != x->pa + off)
		fail("another address", at, k->pa);
	else if (((d >> 2) & 15) != expected_memory(x->attr & 15))
		fail("another memory type", at, d);
	else if (((d >> 6) & 1) != ((x->attr >> 4) & 1) ||
		 ((d >> 53) & 3) != expected_xn(x->attr) ||
		 ((d >> 55) & 7) != ((x->attr >> 12) & 7))
		fail("other permissions", at, d);
	else if (!!(d & w.s.g.track) != tracked)
		fail("tracking differs", at, d);
	else if (!tracked && ((d >> 7) & 1) != ((x->attr >> 5) & 1))
		fail("write permission differs", at, d);
}

/* Entries of a run with the contiguous hint, at levels 3 and 2, by the architecture. */
static unsigned run_entries(int level)
{
	if (level < 2)
		return 1;
	return w.s.g.granule_shift == 12 ? 16 : w.s.g.granule_shift == 14 && level == 3 ? 128 : 32;
}

/* The hint is true of its whole run: valid, linear, of one kind; flags that hardware sets aside. */
static void compare_run(const struct model_walk *k)
{
	const uint64_t flags = UINT64_C(1) << 10 | UINT64_C(1) << 7;
	unsigned n = run_entries(k->level), index = (unsigned)(k->slot_pa / 8) & (n - 1);
	const uint64_t *slot =
		(const uint64_t *)(const void *)(w.memory + (k->slot_pa - PA_BASE)) - index;

	if (!(k->desc & 1) || !((k->desc >> 52) & 1))
		return;
	for (unsigned i = 0; i < n; i++) {
		if ((slot[i] ^ (slot[0] + i * k->span)) & ~flags)
			fail("a contiguous run is not whole", k->slot_pa + 8 * (i - index),
			     slot[i]);
	}
}

void compare(unsigned u)
{
	const struct unit *x = &w.unit[u];
	uint64_t granule = UINT64_C(1) << w.s.g.granule_shift;
	uint64_t off[2] = {0, unit_bytes() - granule};
	struct model_walk k;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t at = ipa_of(u) + off[i];

		model_machine_walk(w.machine, at, &k);
		compare_run(&k);
		if (x->kind == 1) {
			compare_leaf(x, &k, at, off[i]);
		} else if (k.fault != MODEL_FAULT_TRANSLATION || (k.desc & 1)) {
			fail("not mapped, but translates", at, k.desc);
		} else if (x->kind ? (k.desc >> 60 != x->kind ||
				      ((k.desc >> 12) & ((UINT64_C(1) << 48) - 1)) != x->pa)
				   : k.desc != 0) {
			fail("another annotation", at, k.desc);
		}
	}
}

void compare_range(unsigned u, unsigned n)
{
	for (unsigned i = 0; i < n && !failure[0]; i += n > 64 ? 1 + (unsigned)below(n / 32) : 1)
		compare(u + i);
	for (unsigned i = 0; i < 12 && !failure[0]; i++)
		compare((unsigned)below(UNITS));
	if (u + n < UNITS)
		compare(u + n);
	if (u)
		compare(u - 1);
}

void compare_all(void)
{
	for (unsigned u = 0; u < UNITS && !failure[0]; u++)
		compare(u);
	if (w.pool.count + armvirt_s2_table_count(&w.s) != w.pages)
		fail("table pages leaked or appeared", w.pool.count, armvirt_s2_table_count(&w.s));
}

/* ---- worlds ---- */

static void set_feature(struct armvirt_features *f, enum armvirt_feature x)
{
	f->has[(unsigned)x / 64] |= UINT64_C(1) << ((unsigned)x % 64);
}

/* Fifteen cells: five of granule and LPA2, times three levels of break-before-make. */
static void random_features(struct armvirt_features *f, struct armvirt_s2_config *c, unsigned cell)
{
	static const enum armvirt_granule granules[5] = {ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K,
							 ARMVIRT_GRANULE_64K, ARMVIRT_GRANULE_4K,
							 ARMVIRT_GRANULE_16K};
	static const uint8_t pa[] = {40, 44, 48, 52};
	bool lpa2 = cell % 5 >= 3;

	memset(f, 0, sizeof(*f));
	f->pa_bits = lpa2 ? (uint8_t)(chance(50) ? 52 : 48) : pa[below(4)];
	f->s2_granule_4k = f->s2_granule_16k = 2;
	f->s2_granule_64k = 1;
	f->bbm_level = (uint8_t)(cell / 5);
	if (chance(60))
		set_feature(f, ARMVIRT_FEAT_S2FWB);
	if (chance(70))
		set_feature(f, ARMVIRT_FEAT_XNX);
	if (chance(60))
		set_feature(f, ARMVIRT_FEAT_TLBIRANGE);
	if (chance(70))
		set_feature(f, ARMVIRT_FEAT_TTL);
	if (chance(50))
		set_feature(f, ARMVIRT_FEAT_VMID16);
	set_feature(f, ARMVIRT_FEAT_HAF);
	set_feature(f, ARMVIRT_FEAT_HDBS);
	if (f->bbm_level == 2 && chance(30))
		f->bbm_level = 3; /* not known yet: taken for 2 */
	c->granule = granules[cell % 5];
	c->start_level = ARMVIRT_S2_START_AUTO;
	c->flags = (lpa2 ? ARMVIRT_S2_USE_LPA2 : 0) | (chance(85) ? ARMVIRT_S2_ALLOW_CONFLICT : 0);
	if (chance(50))
		c->flags |= ARMVIRT_S2_USE_HW_AF | (chance(70) ? ARMVIRT_S2_USE_HW_DIRTY : 0);
	if (chance(60))
		c->flags |= ARMVIRT_S2_USE_CONTIGUOUS;
	c->ipa_bits = (uint8_t)(f->pa_bits - below(f->pa_bits - 36 + 1));
	if (!lpa2 && c->granule != ARMVIRT_GRANULE_64K && c->ipa_bits > 48)
		c->ipa_bits = 48;
}

static void place_window(void)
{
	const struct armvirt_s2_geometry *g = &w.s.g;
	unsigned block = g->shift[3];
	uint64_t window, slots;

	/* Mostly pages; sometimes units of blocks, so that the levels above are seen. */
	w.unit_shift = g->granule_shift;
	if (chance(25) && block + 12 <= g->ipa_bits && g->granule_shift < 16)
		w.unit_shift = block;
	window = (uint64_t)UNITS << w.unit_shift;
	slots = (UINT64_C(1) << g->ipa_bits) / window;
	w.base = (chance(30) ? slots - 1 : below(slots)) * window;
}

void new_world(unsigned cell, uint64_t seed, enum model_mutant mutant)
{
	struct armvirt_s2_config c;
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;
	struct model_config mc;
	struct armvirt_features f;
	size_t page, root;

	memset(&w, 0, sizeof(w));
	w.cell = cell;
	random_features(&f, &c, cell);
	/* Any start level that goes with the size, often another than the library would take. */
	if (chance(50))
		c.start_level = (int8_t)((int)below(4) - 1);
	if (armvirt_s2_geometry_solve(&g, &f, &c))
		c.start_level = ARMVIRT_S2_START_AUTO;
	if (armvirt_s2_geometry_solve(&g, &f, &c)) {
		fail("geometry refused", c.ipa_bits, c.flags);
		return;
	}
	page = (size_t)1 << g.granule_shift;
	root = g.root_bytes < page ? page : g.root_bytes;
	w.pages = g.granule_shift == 16 ? 160 : MAX_PAGES;
	if (chance(10))
		w.pages = 20 + (size_t)below(60);
	w.memory =
		aligned_alloc(1u << 20, (root + w.pages * page + (1u << 20)) & ~((1u << 20) - 1u));
	m.root = (uint64_t *)w.memory;
	m.root_pa = PA_BASE;
	m.va_minus_pa = (uint64_t)(uintptr_t)w.memory - PA_BASE;
	memset(w.memory, 0, root);
	if (armvirt_s2_init(&w.s, &g, &m) ||
	    armvirt_pool_add_memory(&w.pool, w.memory + root, w.pages * page, page))
		fail("init refused", 0, 0);
	w.xnx = (f.has[ARMVIRT_FEAT_XNX / 64] >> (ARMVIRT_FEAT_XNX % 64)) & 1;
	place_window();
	mc = (struct model_config){.memory = w.memory,
				   .memory_pa = PA_BASE,
				   .memory_bytes = root + w.pages * page,
				   .vtcr = g.vtcr,
				   .vttbr = armvirt_s2_vttbr(&w.s, 5),
				   .bbm_level = g.bbm_level,
				   .seed = seed,
				   .mutant = mutant,
				   .freed = &w.limbo.count,
				   .bystander = bystander,
				   .turn = turn,
				   .stored = stored};
	w.machine = model_machine_new(&mc);
	model_machine_select(w.machine);
}

void end_world(void)
{
	if (!failure[0])
		compare_all();
	model_machine_delete(w.machine);
	free(w.memory);
}
