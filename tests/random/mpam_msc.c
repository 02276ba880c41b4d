/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random operations on random components. After each, the component's own
 * settings (read past its registers) are compared with what this test expects.
 *
 * ARMVIRT_TEST_SEED replays a run, ARMVIRT_TEST_SCALE is quick, full or long.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libarmvirt/mpam_msc.h>

#include "msc.h"

#define OFFSETS_MAX 1200

static uint64_t rng, seed;
static unsigned long operation;

#define CHECK(x)                                                                             \
	do {                                                                                 \
		if (!(x)) {                                                                  \
			fprintf(stderr,                                                      \
				"%s:%d: %s\noperation %lu, ARMVIRT_TEST_SEED=%" PRIu64 "\n", \
				__FILE__, __LINE__, #x, operation, seed);                    \
			exit(1);                                                             \
		}                                                                            \
	} while (0)

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng >> 11;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

struct expect_monitor {
	bool on;
	struct armvirt_msc_monitor mon;
	struct armvirt_msc_monitor_config config;
	uint64_t bytes;    /* what must have been counted */
	uint64_t unscaled; /* bytes that matched, for scaled counters */
	uint64_t started;
};

/* One component, the library's view of it and the test's expectation. */
struct world {
	struct msc_params p;
	struct msc *m;
	struct armvirt_msc msc;
	struct armvirt_msc_ris ris[ARMVIRT_MSC_RIS_MAX];
	uint32_t *shadow;
	unsigned controls, requests, limit, ris_count;
	uint32_t offset[16][OFFSETS_MAX];
	unsigned offsets[16];
	uint32_t *expect[16]; /* [partid * offsets + i] */
	unsigned *internal;
	unsigned *use;
	uint64_t now;
	struct expect_monitor monitor[4];
	bool locked, meddle, meddled;
	unsigned long meddle_at;
};

static uint32_t port_read(void *context, uint32_t offset)
{
	return msc_rd(context, offset);
}

static void port_write(void *context, uint32_t offset, uint32_t value)
{
	msc_wr(context, offset, value);
}

/* Another agent, which respects the lock unless told otherwise. */
static void agent(void *arg, struct msc *m, uint32_t offset, bool write)
{
	struct world *w = arg;

	(void)offset;
	(void)write;
	if (w->locked && !w->meddle)
		return;
	if (w->locked && w->meddle_at-- != 0)
		return;
	msc_wr(m, 0x100, (uint32_t)rnd() & 0x0f01007f);
	msc_wr(m, 0x800, (uint32_t)rnd() & 0x0f00001f);
	w->meddled = true;
	w->meddle = false;
}

/* Which registers an instance has, from the parameters alone. */
static void offsets_list(struct world *w, unsigned k)
{
	const struct msc_ris_params *r = &w->p.ris[k];
	unsigned n = 0;
	uint32_t *o = w->offset[k];

	if (r->cmax)
		o[n++] = 0x108;
	if (r->cmin)
		o[n++] = 0x110;
	if (r->cassoc)
		o[n++] = 0x118;
	if (r->mbw_min)
		o[n++] = 0x200;
	if (r->mbw_max)
		o[n++] = 0x208;
	if (r->intpri || r->dspri)
		o[n++] = 0x400;
	if (r->mbw_prop)
		o[n++] = 0x500;
	for (unsigned i = 0; r->cpor && i < (r->cpbm_wd + 31) / 32; i++)
		o[n++] = 0x1000 + 4 * i;
	for (unsigned i = 0; r->mbw_pbm && i < (r->mbw_pbm_wd + 31) / 32; i++)
		o[n++] = 0x2000 + 4 * i;
	w->offsets[k] = n;
}

static uint32_t top(unsigned width)
{
	return (0xffffu << (16 - width)) & 0xffff;
}

static uint32_t width_mask(unsigned bits, unsigned word)
{
	return bits - word * 32 >= 32 ? UINT32_MAX : (1u << (bits - word * 32)) - 1;
}

static uint32_t default_value(const struct msc_ris_params *r, uint32_t offset)
{
	uint32_t v = 0;

	switch (offset) {
	case 0x108:
		return top(r->cmax_wd);
	case 0x118:
		return top(r->cassoc_wd);
	case 0x208:
		return top(r->bwa_wd);
	case 0x110:
	case 0x200:
	case 0x500:
		return 0;
	case 0x400:
		if (r->intpri && !r->int_low)
			v |= (1u << r->int_wd) - 1;
		if (r->dspri && !r->ds_low)
			v |= ((1u << r->ds_wd) - 1) << 16;
		return v;
	default:
		if (offset >= 0x2000)
			return width_mask(r->mbw_pbm_wd, (offset - 0x2000) / 4);
		return width_mask(r->cpbm_wd, (offset - 0x1000) / 4);
	}
}

static void compare_set(struct world *w, unsigned k, unsigned partid)
{
	for (unsigned i = 0; i < w->offsets[k]; i++)
		CHECK(msc_peek(w->m, k, partid, w->offset[k][i]) ==
		      w->expect[k][partid * w->offsets[k] + i]);
}

static void compare_state(struct world *w, unsigned partid)
{
	if (w->p.nrw)
		CHECK(msc_peek_internal(w->m, partid) == w->internal[partid]);
	if (w->p.endis)
		CHECK(msc_peek_enabled(w->m, partid) == (w->use[partid] == 0));
}

static void compare_all(struct world *w)
{
	for (unsigned k = 0; k < w->ris_count; k++) {
		for (unsigned i = 0; i < w->controls; i++)
			compare_set(w, k, i);
	}
	for (unsigned i = 0; i < w->requests; i++)
		compare_state(w, i);
}

static void probe_matches(struct world *w)
{
	bool window = false;

	CHECK(w->msc.partid_max == w->p.partid_max && w->msc.pmg_max == w->p.pmg_max);
	CHECK(w->msc.ris_count == w->ris_count && w->msc.version == w->p.version);
	CHECK(w->msc.control_max + 1u == w->controls);
	for (unsigned k = 0; k < w->ris_count; k++) {
		const struct msc_ris_params *p = &w->p.ris[k];
		const struct armvirt_msc_ris *r = &w->ris[k];
		unsigned n = 0;

		CHECK(!(r->controls & ARMVIRT_MSC_CPBM) == !p->cpor);
		CHECK(!p->cpor || r->cpbm_bits == p->cpbm_wd);
		CHECK(!(r->controls & ARMVIRT_MSC_CMAX) == !p->cmax);
		CHECK(!(r->controls & ARMVIRT_MSC_CMIN) == !p->cmin);
		CHECK(!(r->controls & ARMVIRT_MSC_CASSOC) == !p->cassoc);
		CHECK(!(r->controls & ARMVIRT_MSC_MBW_MAX) == !p->mbw_max);
		CHECK(!(r->controls & ARMVIRT_MSC_MBW_MIN) == !p->mbw_min);
		CHECK(!(r->controls & ARMVIRT_MSC_MBW_PBM) == !p->mbw_pbm);
		CHECK(!(r->controls & ARMVIRT_MSC_MBW_PROP) == !p->mbw_prop);
		/* one window for the component, kept with the first instance that announces it */
		CHECK(!(r->controls & ARMVIRT_MSC_MBW_WINDOW) == !(p->windwr && !window));
		window |= p->windwr;
		CHECK(!(r->controls & ARMVIRT_MSC_INTPRI) == !p->intpri);
		CHECK(!(r->controls & ARMVIRT_MSC_DSPRI) == !p->dspri);
		CHECK(r->monitors[0].count == (p->msmon_csu ? p->csu_count : 0));
		CHECK(r->monitors[1].count == (p->msmon_mbwu ? p->mbwu_count : 0));
		if (p->msmon_csu) {
			CHECK(r->monitors[0].capture == p->csu_capture);
			CHECK(r->monitors[0].read_only == p->csu_ro);
			CHECK(r->monitors[0].exclude_clean == p->csu_xcl);
			CHECK(r->monitors[0].no_pmg == p->csu_no_pmg);
			CHECK(r->monitors[0].no_partid == p->csu_no_partid);
			CHECK(r->monitors[0].overflow_bits == p->ofsr);
		}
		if (p->msmon_mbwu) {
			CHECK(r->monitors[1].capture == p->mbwu_capture);
			CHECK(r->monitors[1].direction == p->mbwu_rwbw);
			CHECK(r->monitors[1].overflow_bits == p->ofsr);
			CHECK(r->monitors[1].scale == p->scale);
		}
		if (p->msmon_mbwu)
			CHECK(r->monitors[1].bits == (p->mbwu_long ? (p->mbwu_lwd ? 63 : 44) : 31));
		for (unsigned i = 0; i < w->offsets[k]; i++)
			n += 2;
		if (r->controls & ARMVIRT_MSC_MBW_WINDOW)
			n += 2;
		CHECK(armvirt_msc_accesses(r, UINT32_MAX) == n + 2);
	}
}

static void replay(struct world *w)
{
	struct armvirt_msc_cursor c = {0};
	enum armvirt_status s;

	do {
		w->locked = true;
		s = armvirt_msc_replay(&w->msc, &c, 1 + below(50), NULL);
		w->locked = false;
		CHECK(s == ARMVIRT_OK || s == ARMVIRT_MORE);
	} while (s == ARMVIRT_MORE);
}

static void open_world(struct world *w)
{
	const struct armvirt_msc_port port = {port_read, port_write, NULL};
	struct armvirt_msc_port with = port;
	uint32_t words;
	unsigned long before;

	memset(w, 0, sizeof(*w));
	msc_params_random(&w->p, &rng);
	w->m = msc_new(&w->p, rnd());
	with.context = w->m;
	w->ris_count = w->p.has_ris ? w->p.ris_max + 1 : 1;
	w->requests = w->p.partid_max + 1;
	w->controls = w->p.nrw ? w->p.intpartid_max + 1 : w->requests;
	w->locked = true;
	msc_on_access(w->m, agent, w);
	CHECK(armvirt_msc_probe(&w->msc, sizeof(w->msc), &with, w->ris, w->ris_count - 1, NULL) ==
	      ARMVIRT_E_NOMEM);
	before = msc_accesses(w->m);
	CHECK(armvirt_msc_probe(&w->msc, sizeof(w->msc), &with, w->ris, ARMVIRT_MSC_RIS_MAX,
				NULL) == ARMVIRT_OK);
	CHECK(msc_accesses(w->m) - before <= 5 + 9ul * w->ris_count);
	for (unsigned k = 0; k < w->ris_count; k++)
		offsets_list(w, k);
	probe_matches(w);
	w->limit = below(w->requests);
	if (w->limit == 0)
		w->limit = w->requests - 1;
	words = armvirt_msc_shadow_words(&w->msc, (uint16_t)w->limit);
	w->shadow = malloc(4 * (words + 1));
	w->shadow[words] = 0xdeadbeef;
	w->internal = calloc(w->requests, sizeof(*w->internal));
	w->use = calloc(w->requests, sizeof(*w->use));
	for (unsigned k = 0; k < w->ris_count; k++) {
		w->expect[k] = malloc(4 * (w->controls * w->offsets[k] + 1));
		for (unsigned i = 0; i < w->controls * w->offsets[k]; i++)
			w->expect[k][i] =
				default_value(&w->p.ris[k], w->offset[k][i % w->offsets[k]]);
	}
	for (unsigned i = 0; !w->p.nrw && i < w->requests; i++)
		w->internal[i] = i;
	CHECK(armvirt_msc_attach(&w->msc, w->shadow, words - 1, (uint16_t)w->limit, NULL) ==
	      ARMVIRT_E_NOMEM);
	CHECK(armvirt_msc_attach(&w->msc, w->shadow, words, (uint16_t)w->limit, NULL) ==
	      ARMVIRT_OK);
	/* PARTID 0 before anything else */
	for (unsigned k = 0; k < w->ris_count; k++)
		compare_set(w, k, 0);
	compare_state(w, 0);
	w->locked = false;
	replay(w);
	compare_all(w);
	CHECK(w->shadow[words] == 0xdeadbeef);
	CHECK(msc_bad_accesses(w->m) == 0);
	CHECK(!msc_error_irq(w->m));
}

/* Which kinds of components a run has met: a run that misses one has tested less than it says. */
enum kind {
	KIND_V1_0,
	KIND_V1_1,
	KIND_V0_1,
	KIND_RIS,
	KIND_RIS_GAP,
	KIND_NARROWING,
	KIND_NO_ERRORS,
	KIND_WIDE_ERRORS,
	KIND_DISABLE,
	KIND_FORGET,
	KIND_WIDE_BITMAP,
	KIND_LONG_44,
	KIND_LONG_63,
	KIND_SCALED,
	KIND_NRDY_TICKS,
	KIND_NRDY_SOFTWARE,
	KIND_NRDY_ON_ENABLE,
	KIND_PRIORITY_INVERTED,
	KIND_HARD_ONLY,
	KIND_SOFT_ONLY,
	KINDS
};

static const char kind_name[KINDS][20] = {
	"v1.0",
	"v1.1",
	"v0.1",
	"instances",
	"gaps",
	"narrowing",
	"no errors",
	"wide errors",
	"disabling",
	"forgetting",
	"wide bitmaps",
	"44 bits",
	"63 bits",
	"scaled",
	"not ready: time",
	"not ready: software",
	"not ready: enable",
	"0 is high",
	"hard only",
	"soft only",
};

static unsigned long met[KINDS];

static void kinds_count(const struct world *w)
{
	const struct msc_params *p = &w->p;

	met[KIND_V1_0] += p->version == 0x10;
	met[KIND_V1_1] += p->version == 0x11;
	met[KIND_V0_1] += p->version == 0x01;
	met[KIND_RIS] += w->ris_count > 1;
	met[KIND_NARROWING] += p->nrw;
	met[KIND_NO_ERRORS] += !p->esr;
	met[KIND_WIDE_ERRORS] += p->extd_esr;
	met[KIND_DISABLE] += p->endis;
	met[KIND_FORGET] += p->nfu;
	for (unsigned k = 0; k < w->ris_count; k++) {
		const struct msc_ris_params *r = &p->ris[k];

		met[KIND_RIS_GAP] += w->ris_count > 1 && w->ris[k].controls == 0 && !r->msmon_csu &&
				     !r->msmon_mbwu;
		met[KIND_WIDE_BITMAP] += r->cpor && r->cpbm_wd > 32;
		met[KIND_LONG_44] += r->msmon_mbwu && r->mbwu_long && !r->mbwu_lwd;
		met[KIND_LONG_63] += r->msmon_mbwu && r->mbwu_lwd;
		met[KIND_SCALED] += r->msmon_mbwu && !r->mbwu_long && r->scale;
		met[KIND_NRDY_TICKS] += r->msmon_csu && r->csu_nrdy == MSC_NRDY_TICKS;
		met[KIND_NRDY_SOFTWARE] += r->msmon_mbwu && r->mbwu_nrdy == MSC_NRDY_SOFTWARE;
		met[KIND_NRDY_ON_ENABLE] += r->msmon_mbwu && r->mbwu_nrdy == MSC_NRDY_ON_ENABLE;
		met[KIND_PRIORITY_INVERTED] += r->intpri && !r->int_low;
		met[KIND_HARD_ONLY] += r->mbw_max && r->max_lim == 2;
		met[KIND_SOFT_ONLY] += r->mbw_max && r->max_lim == 1;
	}
}

static void kinds_print(bool all)
{
	for (unsigned i = 0; i < KINDS; i++) {
		printf("%s%s %lu", i ? ", " : "", kind_name[i], met[i]);
		if (all)
			CHECK(met[i] > 0);
	}
	printf("\n");
}

static void close_world(struct world *w)
{
	kinds_count(w);
	CHECK(w->shadow[armvirt_msc_shadow_words(&w->msc, (uint16_t)w->limit)] == 0xdeadbeef);
	for (unsigned k = 0; k < w->ris_count; k++)
		free(w->expect[k]);
	free(w->shadow);
	free(w->internal);
	free(w->use);
	msc_free(w->m);
}

/* Random settings, the bitmaps in one of both forms; words must hold the widest bitmap. */
static void settings_random(struct armvirt_msc_settings *s, const struct armvirt_msc_ris *r,
			    uint32_t *cpbm, uint32_t *pbm)
{
	memset(s, 0, sizeof(*s));
	s->set = (uint32_t)rnd() & r->controls;
	s->cmax = (uint16_t)rnd();
	s->cmin = (uint16_t)rnd();
	s->cassoc = (uint16_t)rnd();
	s->mbw_min = (uint16_t)rnd();
	s->mbw_max = (uint16_t)rnd();
	s->window = (uint32_t)rnd() & 0xffffff;
	s->stride = r->mbw_bits ? below((1u << r->mbw_bits) + 1) : 0;
	s->intpri = (uint16_t)(rnd() & ((1u << r->intpri_bits) - 1));
	s->dspri = (uint16_t)(rnd() & ((1u << r->dspri_bits) - 1));
	s->cmax_soft = r->cmax_soft && below(2);
	s->mbw_hard = r->mbw_hard && (!r->mbw_soft || below(2));
	for (int which = 0; which < 2; which++) {
		unsigned bits = which ? r->mbw_pbm_bits : r->cpbm_bits;
		struct armvirt_msc_portions *p = which ? &s->mbw_pbm : &s->cpbm;
		uint32_t *words = which ? pbm : cpbm;

		if (bits == 0)
			continue;
		if (below(2)) {
			p->first = (uint16_t)below(bits);
			p->count = (uint16_t)(1 + below(bits - p->first));
			continue;
		}
		for (unsigned i = 0; i < (bits + 31) / 32; i++)
			words[i] = (uint32_t)rnd() & width_mask(bits, i);
		words[below(bits) / 32] |= 1;
		p->words = words;
	}
}

static uint32_t portion_bits(const struct armvirt_msc_portions *p, unsigned word)
{
	uint32_t v = 0;

	if (p->words)
		return p->words[word];
	for (unsigned i = 0; i < 32; i++) {
		unsigned at = word * 32 + i;

		v |= (uint32_t)(at >= p->first && at < (unsigned)p->first + p->count) << i;
	}
	return v;
}

static uint32_t expected_value(const struct world *w, unsigned k, uint32_t offset,
			       const struct armvirt_msc_settings *s, uint32_t old)
{
	const struct msc_ris_params *r = &w->p.ris[k];

	switch (offset) {
	case 0x108:
		return s->set & ARMVIRT_MSC_CMAX
			       ? (s->cmax & top(r->cmax_wd)) | (uint32_t)s->cmax_soft << 31
			       : old;
	case 0x110:
		return s->set & ARMVIRT_MSC_CMIN ? s->cmin & top(r->cmax_wd) : old;
	case 0x118:
		return s->set & ARMVIRT_MSC_CASSOC ? s->cassoc & top(r->cassoc_wd) : old;
	case 0x200:
		return s->set & ARMVIRT_MSC_MBW_MIN ? s->mbw_min & top(r->bwa_wd) : old;
	case 0x208:
		return s->set & ARMVIRT_MSC_MBW_MAX
			       ? (s->mbw_max & top(r->bwa_wd)) |
					 (r->max_lim == 0 ? (uint32_t)s->mbw_hard << 31 : 0)
			       : old;
	case 0x400:
		if (s->set & ARMVIRT_MSC_INTPRI)
			old = (old & 0xffff0000) | s->intpri;
		if (s->set & ARMVIRT_MSC_DSPRI)
			old = (old & 0xffff) | (uint32_t)s->dspri << 16;
		return old;
	case 0x500:
		if (!(s->set & ARMVIRT_MSC_MBW_PROP))
			return old;
		return s->stride ? (s->stride - 1) | UINT32_C(1) << 31 : 0;
	default:
		if (offset >= 0x2000)
			return s->set & ARMVIRT_MSC_MBW_PBM
				       ? portion_bits(&s->mbw_pbm, (offset - 0x2000) / 4)
				       : old;
		return s->set & ARMVIRT_MSC_CPBM ? portion_bits(&s->cpbm, (offset - 0x1000) / 4)
						 : old;
	}
}

static struct armvirt_msc_target target_random(struct world *w)
{
	unsigned most = w->limit + 1 < w->controls ? w->limit + 1 : w->controls;

	return (struct armvirt_msc_target){(uint8_t)below(w->ris_count), (uint16_t)below(most)};
}

static void settings_read_back(struct world *w, struct armvirt_msc_target t)
{
	struct armvirt_msc_settings got;
	const uint32_t *e = w->expect[t.ris] + t.partid * w->offsets[t.ris];

	CHECK(armvirt_msc_settings_get(&w->msc, t, &got) == ARMVIRT_OK);
	CHECK(got.set == w->ris[t.ris].controls);
	for (unsigned i = 0; i < w->offsets[t.ris]; i++) {
		uint32_t v = expected_value(w, t.ris, w->offset[t.ris][i], &got, 0);

		CHECK(v == e[i]);
	}
}

static void op_apply(struct world *w)
{
	static uint32_t cpbm[1024], pbm[128];
	struct armvirt_msc_target t = target_random(w);
	const struct armvirt_msc_ris *r = &w->ris[t.ris];
	struct armvirt_msc_settings s;
	struct armvirt_msc_report report;
	unsigned long before;
	uint32_t *e = w->expect[t.ris] + t.partid * w->offsets[t.ris];
	enum armvirt_status status;

	settings_random(&s, r, cpbm, pbm);
	before = msc_accesses(w->m);
	w->locked = true;
	status = armvirt_msc_apply(&w->msc, t, &s, &report);
	w->locked = false;
	if (s.set == 0) {
		CHECK(status == ARMVIRT_E_ARG && msc_accesses(w->m) == before);
		return;
	}
	CHECK(status == ARMVIRT_OK);
	CHECK((report.differ & ~ARMVIRT_MSC_MBW_WINDOW) == 0);
	CHECK(msc_accesses(w->m) - before == armvirt_msc_accesses(r, s.set) ||
	      ((s.set & (ARMVIRT_MSC_INTPRI | ARMVIRT_MSC_DSPRI)) &&
	       msc_accesses(w->m) - before == armvirt_msc_accesses(r, s.set)));
	for (unsigned i = 0; i < w->offsets[t.ris]; i++)
		e[i] = expected_value(w, t.ris, w->offset[t.ris][i], &s, e[i]);
	if (s.set & ARMVIRT_MSC_MBW_WINDOW)
		CHECK((msc_peek(w->m, t.ris, t.partid, 0x220) & 0xffff00) == (s.window & 0xffff00));
	compare_set(w, t.ris, t.partid);
	settings_read_back(w, t);
}

/* Every kind of bad input: refused by its code, nothing accessed, nothing changed. */
static void op_bad_apply(struct world *w)
{
	static uint32_t cpbm[1024], pbm[128];
	struct armvirt_msc_target t = target_random(w);
	const struct armvirt_msc_ris *r = &w->ris[t.ris];
	struct armvirt_msc_settings s;
	enum armvirt_status want = ARMVIRT_E_RANGE, got;
	unsigned long before = msc_accesses(w->m);
	unsigned kind = below(10);

	settings_random(&s, r, cpbm, pbm);
	if (s.set == 0)
		s.set = r->controls;
	if (s.set == 0)
		return;
	if (kind == 0) {
		t.partid = (uint16_t)(w->limit + 1 + below(3));
	} else if (kind == 1) {
		t.ris = (uint8_t)(w->ris_count + below(16));
	} else if (kind == 2) {
		s.set |= 0x800;
		want = ARMVIRT_E_ARG;
	} else if (kind == 3 && r->controls != 0x7ff) {
		s.set |= ~r->controls & 0x7ff;
		want = ARMVIRT_E_UNSUPPORTED;
	} else if (kind == 4 && (r->controls & ARMVIRT_MSC_CPBM)) {
		s.set |= ARMVIRT_MSC_CPBM;
		memset(cpbm, 0, sizeof(cpbm));
		s.cpbm = (struct armvirt_msc_portions){below(2) ? cpbm : NULL, 0, 0};
	} else if (kind == 5 && (r->controls & ARMVIRT_MSC_MBW_PBM)) {
		s.set |= ARMVIRT_MSC_MBW_PBM;
		s.mbw_pbm = (struct armvirt_msc_portions){NULL, (uint16_t)below(r->mbw_pbm_bits),
							  (uint16_t)(r->mbw_pbm_bits + 1)};
	} else if (kind == 6 && (r->controls & ARMVIRT_MSC_CPBM) && r->cpbm_bits % 32) {
		s.set |= ARMVIRT_MSC_CPBM;
		memset(cpbm, 0, sizeof(cpbm));
		cpbm[r->cpbm_bits / 32] = 1u << (r->cpbm_bits % 32) | 1;
		s.cpbm.words = cpbm;
	} else if (kind == 7 && (r->controls & ARMVIRT_MSC_CMAX) && !r->cmax_soft) {
		s.set |= ARMVIRT_MSC_CMAX;
		s.cmax_soft = true;
		want = ARMVIRT_E_UNSUPPORTED;
	} else if (kind == 8 && (r->controls & ARMVIRT_MSC_MBW_MAX) &&
		   !(r->mbw_hard && r->mbw_soft)) {
		s.set |= ARMVIRT_MSC_MBW_MAX;
		s.mbw_hard = !r->mbw_hard;
		s.mbw_max = 0x1234;
		want = ARMVIRT_E_UNSUPPORTED;
	} else if (kind == 9 && (r->controls & ARMVIRT_MSC_INTPRI) && r->intpri_bits < 16) {
		s.set |= ARMVIRT_MSC_INTPRI;
		s.intpri = (uint16_t)(1u << r->intpri_bits);
	} else {
		return;
	}
	w->locked = true;
	got = armvirt_msc_apply(&w->msc, t, &s, NULL);
	w->locked = false;
	CHECK(got == want);
	CHECK(msc_accesses(w->m) == before);
}

/* A register that does not keep what is written: refused, the rest intact. */
static void op_broken(struct world *w)
{
	static uint32_t cpbm[1024], pbm[128];
	struct armvirt_msc_target t = target_random(w);
	const struct armvirt_msc_ris *r = &w->ris[t.ris];
	struct armvirt_msc_settings s;
	struct armvirt_msc_report report;
	uint32_t *e = w->expect[t.ris] + t.partid * w->offsets[t.ris], offset;
	unsigned i;
	enum armvirt_status status;
	bool changes;

	if (w->offsets[t.ris] == 0)
		return;
	i = below(w->offsets[t.ris]);
	offset = w->offset[t.ris][i];
	settings_random(&s, r, cpbm, pbm);
	if (s.set == 0)
		return;
	changes = expected_value(w, t.ris, offset, &s, e[i]) != e[i];
	msc_break(w->m, offset);
	w->locked = true;
	status = armvirt_msc_apply(&w->msc, t, &s, &report);
	w->locked = false;
	msc_break(w->m, 0);
	if (changes) {
		CHECK(status == ARMVIRT_E_HARDWARE);
		CHECK(report.differ != 0 && report.offset != 0);
		CHECK(report.target.partid == t.partid && report.target.ris == t.ris);
	} else {
		CHECK(status == ARMVIRT_OK);
		for (unsigned j = 0; j < w->offsets[t.ris]; j++)
			e[j] = expected_value(w, t.ris, w->offset[t.ris][j], &s, e[j]);
	}
	compare_set(w, t.ris, t.partid);
}

static void op_state(struct world *w)
{
	unsigned partid = below(w->limit + 1), internal, use;
	unsigned long before = msc_accesses(w->m);
	enum armvirt_status status;

	internal = below(w->limit + 1 < w->controls ? w->limit + 1 : w->controls);
	w->locked = true;
	status = armvirt_msc_narrow(
		&w->msc, (struct armvirt_msc_mapping){(uint16_t)partid, (uint16_t)internal});
	if (w->p.nrw) {
		CHECK(status == ARMVIRT_OK);
		w->internal[partid] = internal;
	} else {
		CHECK(status == ARMVIRT_E_UNSUPPORTED);
	}
	use = below(w->p.nfu ? 3 : 2);
	status = armvirt_msc_use_set(&w->msc, (uint16_t)partid, (enum armvirt_msc_use)use);
	CHECK(status == (w->p.endis ? ARMVIRT_OK : ARMVIRT_E_UNSUPPORTED));
	if (w->p.endis)
		w->use[partid] = use;
	CHECK(msc_accesses(w->m) - before <= 12);
	CHECK(armvirt_msc_narrow(&w->msc,
				 (struct armvirt_msc_mapping){(uint16_t)(w->limit + 1), 0}) ==
	      (w->p.nrw ? ARMVIRT_E_RANGE : ARMVIRT_E_UNSUPPORTED));
	CHECK(armvirt_msc_use_set(&w->msc, (uint16_t)partid, (enum armvirt_msc_use)3) ==
	      ARMVIRT_E_ARG);
	if (use == 2 && w->p.endis) {
		/* the settings may be gone: the shadow knows them */
		w->locked = false;
		replay(w);
		w->locked = true;
	}
	w->locked = false;
	compare_state(w, partid);
}

static void monitors_resume(struct world *w)
{
	for (unsigned i = 0; i < 4; i++) {
		struct expect_monitor *e = &w->monitor[i];
		struct armvirt_msc_reading reading;

		if (!e->on)
			continue;
		w->locked = true;
		CHECK(armvirt_msc_monitor_read(&w->msc, &e->mon, w->now, &reading) ==
		      ARMVIRT_E_MISMATCH);
		CHECK(armvirt_msc_monitor_resume(&w->msc, &e->mon, w->now) == ARMVIRT_OK);
		w->locked = false;
		e->started = w->now;
		e->bytes = e->mon.total;
		e->unscaled = 0;
	}
}

static void op_power(struct world *w)
{
	struct armvirt_msc_cursor c = {0};
	enum armvirt_status s;
	unsigned differences = 0;

	msc_power_cycle(w->m, below(2));
	w->locked = true;
	do {
		s = armvirt_msc_verify(&w->msc, &c, 1 + below(50), NULL);
		CHECK(s == ARMVIRT_OK || s == ARMVIRT_MORE || s == ARMVIRT_E_MISMATCH);
		differences += s == ARMVIRT_E_MISMATCH;
	} while (s != ARMVIRT_OK && differences < 3);
	w->locked = false;
	replay(w);
	c = (struct armvirt_msc_cursor){0};
	w->locked = true;
	CHECK(armvirt_msc_verify(&w->msc, &c, UINT32_MAX, NULL) == ARMVIRT_OK);
	w->locked = false;
	compare_all(w);
	monitors_resume(w);
}

/* Mistakes of the other agent. */
static void errors_drop(struct world *w)
{
	struct armvirt_msc_error error;

	w->locked = true;
	while (armvirt_msc_error_take(&w->msc, &error) == ARMVIRT_OK)
		;
	w->locked = false;
}

/* Somebody writes the selectors in the middle, against the lock: said, and repaired by a replay. */
static void op_meddle(struct world *w)
{
	static uint32_t cpbm[1024], pbm[128];
	struct armvirt_msc_target t = target_random(w);
	struct armvirt_msc_settings s;
	struct armvirt_msc_report report;
	uint32_t *e = w->expect[t.ris] + t.partid * w->offsets[t.ris];
	enum armvirt_status status;
	unsigned n;
	unsigned long bad = msc_bad_accesses(w->m);

	settings_random(&s, &w->ris[t.ris], cpbm, pbm);
	if (s.set == 0)
		return;
	n = armvirt_msc_accesses(&w->ris[t.ris], s.set);
	w->meddle = true;
	w->meddled = false;
	w->meddle_at =
		1 + below(n - 1); /* after the selector was written, before it is read back */
	w->locked = true;
	status = armvirt_msc_apply(&w->msc, t, &s, &report);
	w->locked = false;
	w->meddle = false;
	CHECK(w->meddled);
	if (status == ARMVIRT_OK) {
		/* the meddler chose the same selector: by chance nothing happened */
		for (unsigned i = 0; i < w->offsets[t.ris]; i++)
			e[i] = expected_value(w, t.ris, w->offset[t.ris][i], &s, e[i]);
		CHECK(msc_bad_accesses(w->m) == bad || w->p.check_selectors);
	} else {
		CHECK(status == ARMVIRT_E_BUSY);
	}
	replay(w);
	compare_all(w);
	/* what the meddler did is not the library's doing */
	errors_drop(w);
}

static void op_error(struct world *w)
{
	struct armvirt_msc_error error;
	struct msc_request r = {.partid = w->p.partid_max + 1 + below(5),
				.pmg = below(w->p.pmg_max + 1),
				.bytes = 0};
	unsigned twice = below(2);

	w->locked = true;
	CHECK(armvirt_msc_error_interrupt(&w->msc, true) ==
	      (w->p.esr ? ARMVIRT_OK : ARMVIRT_E_UNSUPPORTED));
	msc_traffic(w->m, &r);
	if (twice)
		msc_traffic(w->m, &r);
	if (!w->p.esr) {
		CHECK(armvirt_msc_error_take(&w->msc, &error) == ARMVIRT_E_UNSUPPORTED);
		w->locked = false;
		return;
	}
	CHECK(msc_error_irq(w->m));
	CHECK(armvirt_msc_error_take(&w->msc, &error) == ARMVIRT_OK);
	CHECK(error.code == ARMVIRT_MSC_ERR_REQ_PARTID && error.id == r.partid);
	CHECK(error.pmg == r.pmg && error.overwritten == twice);
	CHECK(!msc_error_irq(w->m));
	CHECK(armvirt_msc_error_take(&w->msc, &error) == ARMVIRT_E_ABSENT);
	w->locked = false;
}

/* Monitors. */

static bool counts(const struct expect_monitor *e, const struct msc_request *r)
{
	if (e->config.ris != r->ris)
		return false;
	if (e->config.match_partid && e->config.tag.partid != r->partid)
		return false;
	if (e->config.match_pmg && e->config.tag.pmg != r->pmg)
		return false;
	return e->config.direction == ARMVIRT_MSC_BOTH ||
	       (e->config.direction == ARMVIRT_MSC_WRITES) == r->write;
}

/* No counter may pass its range twice between two readings: that much is the caller's part. */
static bool all_ready(const struct world *w)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct expect_monitor *e = &w->monitor[i];

		if (e->on && w->now < e->started + e->config.settle)
			return false;
	}
	return true;
}

static void op_traffic(struct world *w)
{
	unsigned n = 1 + below(20), large = all_ready(w) ? below(n) : n;

	for (unsigned k = 0; k < n; k++) {
		struct msc_request r = {.ris = below(w->ris_count),
					.partid = below(w->requests),
					.pmg = below(w->p.pmg_max + 1),
					.bytes = k == large ? rnd() % (UINT64_C(1) << 31)
							    : 64 * (1 + below(100)),
					.write = below(2)};

		if (k == large && below(4))
			r.bytes = (UINT64_C(1) << 31) - 200000 + below(70000);
		msc_traffic(w->m, &r);
		for (unsigned i = 0; i < 4; i++) {
			struct expect_monitor *e = &w->monitor[i];

			if (e->on && e->config.type == ARMVIRT_MSC_BANDWIDTH && counts(e, &r)) {
				e->bytes += r.bytes;
				e->unscaled += r.bytes;
			}
		}
	}
}

static void monitor_check(struct world *w, struct expect_monitor *e);

static void op_monitor_start(struct world *w)
{
	struct expect_monitor *e = &w->monitor[below(4)];
	const struct armvirt_msc_monitors *can;
	struct armvirt_msc_monitor_config c = {
		.type = (enum armvirt_msc_monitor_type)below(2),
		.ris = (uint8_t)below(w->ris_count),
		.match_partid = below(2),
		.match_pmg = below(2),
		.tag = {(uint16_t)below(w->requests), (uint8_t)below(w->p.pmg_max + 1)},
		.direction = (enum armvirt_msc_direction)below(3),
		.exclude_clean = below(2),
		.scaled = below(2),
		.interrupt = below(2),
		.settle = w->p.nrdy_ticks + 1,
	};
	unsigned long before = msc_accesses(w->m);
	bool refused;

	if (e->on) {
		w->locked = true;
		CHECK(armvirt_msc_monitor_stop(&w->msc, &e->mon) == ARMVIRT_OK);
		w->locked = false;
		e->on = false;
		before = msc_accesses(w->m);
	}
	can = &w->ris[c.ris].monitors[c.type];
	if (can->count == 0) {
		CHECK(armvirt_msc_monitor_start(&w->msc, &e->mon, &c, w->now) == ARMVIRT_E_RANGE);
		return;
	}
	c.index = (uint16_t)below(can->count);
	for (unsigned i = 0; i < 4; i++) {
		const struct expect_monitor *o = &w->monitor[i];

		if (o->on && o->config.type == c.type && o->config.ris == c.ris &&
		    o->config.index == c.index)
			return;
	}
	refused = (c.match_partid && can->no_partid) || (c.match_pmg && can->no_pmg) ||
		  (c.direction != ARMVIRT_MSC_BOTH && !can->direction) ||
		  (c.exclude_clean && !can->exclude_clean) ||
		  (c.scaled && (can->bits != 31 || can->scale == 0));
	w->locked = true;
	if (refused) {
		CHECK(armvirt_msc_monitor_start(&w->msc, &e->mon, &c, w->now) ==
		      ARMVIRT_E_UNSUPPORTED);
		CHECK(msc_accesses(w->m) == before);
		w->locked = false;
		return;
	}
	CHECK(armvirt_msc_monitor_start(&w->msc, &e->mon, &c, w->now) == ARMVIRT_OK);
	CHECK(msc_accesses(w->m) - before <= 14);
	w->locked = false;
	e->on = true;
	e->config = c;
	e->bytes = e->unscaled = 0;
	e->started = w->now;
	if (c.type == ARMVIRT_MSC_BANDWIDTH && below(3) == 0) {
		/* shortly before the end of its range */
		uint64_t range = UINT64_C(1) << can->bits;
		uint64_t at = range - 1 - below(1000);

		msc_poke_counter(w->m, c.ris, c.index, at);
		if (can->bits < 63) {
			e->mon.last = at;
		} else {
			e->mon.last = at;
		}
	}
}

static void monitor_check(struct world *w, struct expect_monitor *e)
{
	struct armvirt_msc_reading reading;
	unsigned long before = msc_accesses(w->m);
	const struct msc_ris_params *p = &w->p.ris[e->config.ris];
	enum msc_nrdy policy = e->config.type == ARMVIRT_MSC_STORAGE ? p->csu_nrdy : p->mbwu_nrdy;
	enum armvirt_status s;

	w->locked = true;
	s = armvirt_msc_monitor_read(&w->msc, &e->mon, w->now, &reading);
	w->locked = false;
	CHECK(msc_accesses(w->m) - before <= 12);
	if (s == ARMVIRT_RETRY) {
		CHECK(policy == MSC_NRDY_TICKS && w->now < e->started + e->config.settle);
		return;
	}
	CHECK(s == ARMVIRT_OK);
	if (e->config.type == ARMVIRT_MSC_STORAGE) {
		unsigned lines = 0;

		if (e->config.exclude_clean || e->config.match_pmg)
			return; /* covered by the model's own count only */
		for (unsigned i = 0; i < msc_lines(w->m); i++) {
			int owner = msc_line_owner(w->m, e->config.ris, i);

			lines += owner >= 0 &&
				 (!e->config.match_partid || owner == (int)e->config.tag.partid);
		}
		CHECK(reading.bytes == (uint64_t)lines * MSC_LINE_BYTES);
		return;
	}
	if (e->config.scaled)
		CHECK(reading.bytes <= e->bytes &&
		      e->bytes - reading.bytes < (UINT64_C(1) << p->scale));
	else
		CHECK(reading.bytes == e->bytes);
}

static void op_monitor_read(struct world *w)
{
	for (unsigned i = 0; i < 4; i++) {
		if (w->monitor[i].on)
			monitor_check(w, &w->monitor[i]);
	}
}

static void op_time(struct world *w)
{
	unsigned n = 1 + below(20);

	w->now += n;
	msc_tick(w->m, n);
}

/* Between two calls anybody may use the selectors: each call selects for itself. */
static void between(struct world *w)
{
	msc_wr(w->m, 0x100, (uint32_t)rnd() & 0x0f01ffff);
	msc_wr(w->m, 0x800, (uint32_t)rnd() & 0x0f00ffff);
	errors_drop(w);
}

static void one(struct world *w)
{
	unsigned long bad = msc_bad_accesses(w->m);
	unsigned what = below(32);

	/* 31-bit counters wrap at 2 GiB: keep one large request between two readings */
	switch (what) {
	case 0:
		op_power(w);
		return; /* verify reads poison on purpose */
	case 1:
		op_meddle(w);
		return;
	case 2:
		op_error(w);
		break;
	case 3:
	case 4:
		op_state(w);
		break;
	case 5:
	case 6:
		op_bad_apply(w);
		break;
	case 7:
		op_broken(w);
		break;
	case 8:
	case 9:
	case 10:
		op_monitor_start(w);
		break;
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
	case 16:
	case 17:
		op_traffic(w);
		op_monitor_read(w);
		break;
	case 18:
	case 19:
		op_time(w);
		break;
	default:
		op_apply(w);
		break;
	}
	CHECK(msc_bad_accesses(w->m) == bad);
	if (below(64) == 0)
		compare_all(w);
}

int main(void)
{
	const char *scale = getenv("ARMVIRT_TEST_SCALE"), *given = getenv("ARMVIRT_TEST_SEED");
	unsigned long total = 200000, worlds = 0;
	static struct world w;

	if (scale && strcmp(scale, "quick") == 0)
		total = 20000;
	else if (scale && strcmp(scale, "long") == 0)
		total = 10000000;
	/* The same run every time, but for the long one. */
	seed = given            ? strtoull(given, NULL, 0)
	       : total > 200000 ? (uint64_t)time(NULL) * 2654435761u
				: UINT64_C(4765772176209697086);
	printf("ARMVIRT_TEST_SEED=%" PRIu64 "\n", seed);
	rng = seed * 2 + 1;
	for (unsigned i = 0; i < 20; i++)
		rnd();
	while (operation < total) {
		unsigned n = 100 + below(400);

		open_world(&w);
		worlds++;
		for (; n > 0 && operation < total; n--, operation++) {
			one(&w);
			if (below(8) == 0)
				between(&w);
		}
		compare_all(&w);
		close_world(&w);
	}
	printf("%lu operations on %lu components\n", operation, worlds);
	kinds_print(total >= 200000);
	return 0;
}
