/* SPDX-License-Identifier: BSD-2-Clause */
/* Birth, power loss and death of a component; parameters at random. */
#include <stdlib.h>
#include <string.h>

#include "msc_internal.h"

static void *zeroed(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		abort();
	return p;
}

struct msc *msc_new(const struct msc_params *p, uint64_t seed)
{
	struct msc *m = zeroed(1, sizeof(*m));
	unsigned n;

	m->p = *p;
	m->rng = seed | 1;
	n = msc_controls(m);
	m->winwd = zeroed(n, sizeof(*m->winwd));
	m->internal = zeroed(p->partid_max + 1, sizeof(*m->internal));
	m->mapped = zeroed(p->partid_max + 1, sizeof(*m->mapped));
	m->enabled = zeroed(p->partid_max + 1, sizeof(*m->enabled));
	for (unsigned k = 0; k < 16; k++) {
		const struct msc_ris_params *r = &p->ris[k];
		struct msc_res *res = &m->res[k];

		if (!msc_ris_exists(m, k))
			continue;
		res->set = zeroed(n, sizeof(*res->set));
		for (unsigned i = 0; i < n; i++) {
			res->set[i].cpbm = zeroed(r->cpor ? msc_words(r->cpbm_wd) : 0, 4);
			res->set[i].pbm = zeroed(r->mbw_pbm ? msc_words(r->mbw_pbm_wd) : 0, 4);
		}
		res->csu = zeroed(r->csu_count, sizeof(*res->csu));
		res->mbwu = zeroed(r->mbwu_count, sizeof(*res->mbwu));
		res->line = zeroed(p->lines, sizeof(*res->line));
	}
	msc_power_cycle(m, true);
	return m;
}

void msc_free(struct msc *m)
{
	unsigned n = msc_controls(m);

	for (unsigned k = 0; k < 16; k++) {
		if (!m->res[k].set)
			continue;
		for (unsigned i = 0; i < n; i++) {
			free(m->res[k].set[i].cpbm);
			free(m->res[k].set[i].pbm);
		}
		free(m->res[k].set);
		free(m->res[k].csu);
		free(m->res[k].mbwu);
		free(m->res[k].line);
	}
	free(m->winwd);
	free(m->internal);
	free(m->mapped);
	free(m->enabled);
	free(m);
}

static uint32_t noise(struct msc *m)
{
	return (uint32_t)(msc_random(&m->rng) >> 20);
}

static void scramble_set(struct msc *m, unsigned k, unsigned i)
{
	const struct msc_ris_params *r = &m->p.ris[k];
	struct msc_set *s = &m->res[k].set[i];

	for (unsigned j = 0; j < K_COUNT; j++)
		s->simple[j] = noise(m);
	for (unsigned w = 0; r->cpor && w < msc_words(r->cpbm_wd); w++)
		s->cpbm[w] = noise(m);
	for (unsigned w = 0; r->mbw_pbm && w < msc_words(r->mbw_pbm_wd); w++)
		s->pbm[w] = noise(m);
}

static void scramble_mon(struct msc *m, struct msc_mon *mon, enum msc_nrdy policy)
{
	*mon = (struct msc_mon){
		.flt = noise(m),
		.ctl = noise(m) &
		       0x7fffffff, /* not counting, or the traffic model would have to guess */
		.value = noise(m) & 0x7fffffff,
		.value_l = noise(m),
		.nrdy = policy != MSC_NRDY_NEVER && (noise(m) & 1),
	};
}

void msc_power_cycle(struct msc *m, bool all)
{
	unsigned n = msc_controls(m);

	m->part_sel = m->p.nrw ? 1u << 16 : 0;
	m->mon_sel = 0;
	m->ecr = 0;
	m->esr_lo = m->esr_hi = 0;
	for (unsigned i = 0; i < n; i++)
		m->winwd[i] = noise(m) & 0xffffff;
	for (unsigned i = 0; i <= m->p.partid_max; i++) {
		m->internal[i] = noise(m) % n;
		m->mapped[i] = noise(m) & 1;
		m->enabled[i] = noise(m) & 1;
	}
	m->enabled[0] = true;
	for (unsigned k = 0; k < 16; k++) {
		if (!m->res[k].set)
			continue;
		for (unsigned i = all ? 0 : 1; i < n; i++)
			scramble_set(m, k, i);
		for (unsigned i = 0; i < m->p.ris[k].csu_count; i++)
			scramble_mon(m, &m->res[k].csu[i], m->p.ris[k].csu_nrdy);
		for (unsigned i = 0; i < m->p.ris[k].mbwu_count; i++)
			scramble_mon(m, &m->res[k].mbwu[i], m->p.ris[k].mbwu_nrdy);
		for (unsigned i = 0; i < m->p.lines; i++)
			m->res[k].line[i].req = -1;
	}
}

static unsigned upto(uint64_t *rng, unsigned n)
{
	return (unsigned)(msc_random(rng) >> 24) % (n + 1);
}

static bool coin(uint64_t *rng)
{
	return upto(rng, 1);
}

static void random_ris(struct msc_ris_params *r, uint64_t *rng, bool old)
{
	*r = (struct msc_ris_params){
		.cpor = coin(rng),
		.cmax = coin(rng),
		.cmin = !old && coin(rng),
		.cassoc = !old && coin(rng),
		.softlim = !old && coin(rng),
		.mbw_min = coin(rng),
		.mbw_max = coin(rng),
		.mbw_prop = coin(rng),
		.mbw_pbm = coin(rng),
		.windwr = coin(rng),
		.intpri = coin(rng),
		.dspri = coin(rng),
		.int_low = coin(rng),
		.ds_low = coin(rng),
		.cmax_wd = 1 + upto(rng, 15),
		.cassoc_wd = 1 + upto(rng, 15),
		.bwa_wd = 1 + upto(rng, 15),
		.max_lim = upto(rng, 2),
		.int_wd = 1 + upto(rng, 15),
		.ds_wd = 1 + upto(rng, 15),
		.msmon_csu = coin(rng),
		.msmon_mbwu = coin(rng),
		.csu_capture = coin(rng),
		.csu_xcl = coin(rng),
		.csu_ro = coin(rng),
		.csu_no_pmg = !old && coin(rng),
		.csu_no_partid = !upto(rng, 5),
		.mbwu_capture = coin(rng),
		.mbwu_rwbw = coin(rng),
		.mbwu_long = !old && coin(rng),
		.mbwu_lwd = coin(rng),
		.ofsr = coin(rng),
		.csu_nrdy = (enum msc_nrdy)upto(rng, 1),
		.mbwu_nrdy = (enum msc_nrdy)upto(rng, 3),
	};
	r->cpbm_wd = upto(rng, 3) ? 1 + upto(rng, 31) : 1 + upto(rng, upto(rng, 7) ? 200 : 32767);
	r->mbw_pbm_wd = upto(rng, 3) ? 1 + upto(rng, 31) : 1 + upto(rng, 4095);
	if (r->msmon_csu)
		r->csu_count = 1 + upto(rng, 40);
	if (r->msmon_mbwu)
		r->mbwu_count = 1 + upto(rng, 40);
	r->scale = upto(rng, 6);
	if (!r->mbwu_long)
		r->mbwu_lwd = false;
}

void msc_params_random(struct msc_params *p, uint64_t *rng)
{
	static const unsigned versions[] = {0x10, 0x11, 0x11, 0x01};
	bool old;

	memset(p, 0, sizeof(*p));
	p->version = versions[upto(rng, 3)];
	old = p->version == 0x10;
	p->partid_max = 1 + upto(rng, upto(rng, 3) ? 14 : 100);
	p->pmg_max = upto(rng, 255);
	p->has_ris = !old && coin(rng);
	p->ris_max = p->has_ris ? upto(rng, upto(rng, 2) ? 3 : 15) : 0;
	p->nrw = !upto(rng, 3);
	p->intpartid_max = p->nrw ? upto(rng, p->partid_max) : 0;
	p->esr = old || coin(rng);
	p->extd_esr = !old && p->esr && coin(rng);
	p->endis = !old && coin(rng);
	p->nfu = p->endis && !p->nrw && coin(rng);
	p->local_capture = coin(rng);
	p->oflow_sr = coin(rng);
	p->report_ris_errors = coin(rng);
	p->check_selectors = coin(rng);
	p->window_coarse = coin(rng);
	p->nrdy_ticks = 1 + upto(rng, 20);
	p->lines = 64 + upto(rng, 192);
	for (unsigned i = 0; i <= p->ris_max; i++) {
		random_ris(&p->ris[i], rng, old);
		/* numbers may have gaps */
		if (p->ris_max > 0 && !upto(rng, 5))
			memset(&p->ris[i], 0, sizeof(p->ris[i]));
	}
}
