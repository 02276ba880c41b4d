/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "msc_internal.h"

uint64_t msc_random(uint64_t *rng)
{
	*rng ^= *rng << 13;
	*rng ^= *rng >> 7;
	*rng ^= *rng << 17;
	return *rng;
}

static uint32_t poison(struct msc *m)
{
	return (uint32_t)(msc_random(&m->rng) >> 16);
}

void msc_error(struct msc *m, unsigned code, unsigned id, unsigned pmg, unsigned ris)
{
	uint32_t overwritten = m->esr_lo >> 24 & 15 ? UINT32_C(1) << 31 : 0;

	if (!m->p.esr)
		return;
	m->esr_lo = overwritten | code << 24 | (pmg & 0xff) << 16 | (id & 0xffff);
	m->esr_hi = m->p.extd_esr ? ris & 15 : 0;
}

/* ID registers. */

static const struct msc_ris_params *selected_ris(const struct msc *m)
{
	unsigned ris = m->p.has_ris ? m->part_sel >> 24 & 15 : 0;

	return msc_ris_exists(m, ris) ? &m->p.ris[ris] : NULL;
}

static bool any_mbw(const struct msc_ris_params *r)
{
	return r->mbw_min || r->mbw_max || r->mbw_prop || r->mbw_pbm || r->windwr;
}

static uint32_t idr_low(const struct msc *m)
{
	const struct msc_ris_params *r = selected_ris(m);
	uint32_t v = m->p.partid_max | m->p.pmg_max << 16;

	if (m->p.nrw)
		v |= UINT32_C(1) << 31;
	if (m->p.version != 0x10)
		v |= 1u << 28;
	if (!r)
		return v;
	if (r->cmax || r->cmin || r->cassoc)
		v |= 1u << 24;
	if (r->cpor)
		v |= 1u << 25;
	if (any_mbw(r))
		v |= 1u << 26;
	if (r->intpri || r->dspri)
		v |= 1u << 27;
	if (r->msmon_csu || r->msmon_mbwu)
		v |= 1u << 30;
	return v;
}

static uint32_t idr_high(const struct msc *m)
{
	if (m->p.version == 0x10)
		return 0;
	return (uint32_t)m->p.has_ris | (uint32_t)m->p.extd_esr << 6 | (uint32_t)m->p.esr << 7 |
	       (uint32_t)m->p.endis << 10 | (uint32_t)m->p.nfu << 11 |
	       (m->p.has_ris ? m->p.ris_max : 0) << 24;
}

static uint32_t monitor_idr(const struct msc *m, const struct msc_ris_params *r, uint32_t offset)
{
	switch (offset) {
	case 0x80:
		return (uint32_t)r->msmon_csu << 16 | (uint32_t)r->msmon_mbwu << 17 |
		       (uint32_t)m->p.oflow_sr << 28 | (uint32_t)m->p.local_capture << 31;
	case 0x88:
		if (!r->msmon_csu)
			return 0;
		return r->csu_count | (uint32_t)r->csu_no_pmg << 22 |
		       (uint32_t)r->csu_no_partid << 23 | (uint32_t)r->ofsr << 26 |
		       (uint32_t)r->csu_xcl << 29 | (uint32_t)r->csu_ro << 30 |
		       (uint32_t)r->csu_capture << 31;
	default:
		if (!r->msmon_mbwu)
			return 0;
		return r->mbwu_count | r->scale << 16 | (uint32_t)r->ofsr << 26 |
		       (uint32_t)r->mbwu_rwbw << 28 | (uint32_t)r->mbwu_lwd << 29 |
		       (uint32_t)r->mbwu_long << 30 | (uint32_t)r->mbwu_capture << 31;
	}
}

static uint32_t id_rd(const struct msc *m, uint32_t offset)
{
	const struct msc_ris_params *r = selected_ris(m);

	switch (offset) {
	case 0x00:
		return idr_low(m);
	case 0x04:
		return idr_high(m);
	case 0x18:
		return 0x1234543b;
	case 0x20:
		return m->p.version;
	case 0x50:
		return m->p.nrw ? m->p.intpartid_max : 0;
	default:
		break;
	}
	if (!r)
		return 0;
	switch (offset) {
	case 0x30:
		return r->cpor ? r->cpbm_wd : 0;
	case 0x38:
		if (!(r->cmax || r->cmin || r->cassoc))
			return 0;
		return r->cmax_wd | r->cassoc_wd << 8 | (uint32_t)r->cassoc << 28 |
		       (uint32_t)r->cmin << 29 | (uint32_t)!r->cmax << 30 |
		       (uint32_t)r->softlim << 31;
	case 0x40:
		if (!any_mbw(r))
			return 0;
		return r->bwa_wd | r->max_lim << 8 | (uint32_t)r->mbw_min << 10 |
		       (uint32_t)r->mbw_max << 11 | (uint32_t)r->mbw_pbm << 12 |
		       (uint32_t)r->mbw_prop << 13 | (uint32_t)r->windwr << 14 |
		       r->mbw_pbm_wd << 16;
	case 0x48:
		return (uint32_t)r->intpri | (uint32_t)r->int_low << 1 | r->int_wd << 4 |
		       (uint32_t)r->dspri << 16 | (uint32_t)r->ds_low << 17 | r->ds_wd << 20;
	case 0x80:
	case 0x88:
	case 0x90:
		return monitor_idr(m, r, offset);
	default:
		return 0;
	}
}

/* Settings. */

static uint32_t top(unsigned width)
{
	return (0xffffu << (16 - width)) & 0xffff;
}

/* Which storage an offset names in an instance, and which of its bits exist. */
static uint32_t *setting(const struct msc *m, unsigned ris, unsigned partid, uint32_t offset,
			 uint32_t *mask)
{
	const struct msc_ris_params *r = &m->p.ris[ris];
	struct msc_set *s = &m->res[ris].set[partid];
	uint32_t in = r->intpri ? (1u << r->int_wd) - 1 : 0,
		 ds = r->dspri ? (1u << r->ds_wd) - 1 : 0;

	switch (offset) {
	case R_CMAX:
		*mask = top(r->cmax_wd) | (uint32_t)r->softlim << 31;
		return r->cmax ? &s->simple[K_CMAX] : NULL;
	case R_CMIN:
		*mask = top(r->cmax_wd);
		return r->cmin ? &s->simple[K_CMIN] : NULL;
	case R_CASSOC:
		*mask = top(r->cassoc_wd);
		return r->cassoc ? &s->simple[K_CASSOC] : NULL;
	case R_MIN:
		*mask = top(r->bwa_wd);
		return r->mbw_min ? &s->simple[K_MIN] : NULL;
	case R_MAX:
		*mask = top(r->bwa_wd) | (r->max_lim == 0 ? UINT32_C(1) << 31 : 0);
		return r->mbw_max ? &s->simple[K_MAX] : NULL;
	case R_PRI:
		*mask = in | ds << 16;
		return r->intpri || r->dspri ? &s->simple[K_PRI] : NULL;
	case R_PROP:
		*mask = ((1u << r->bwa_wd) - 1) | UINT32_C(1) << 31;
		return r->mbw_prop ? &s->simple[K_PROP] : NULL;
	default:
		break;
	}
	if (offset >= R_PBM) {
		unsigned w = (offset - R_PBM) / 4, left = r->mbw_pbm_wd - w * 32;

		if (!r->mbw_pbm || w >= msc_words(r->mbw_pbm_wd))
			return NULL;
		*mask = left < 32 ? (1u << left) - 1 : UINT32_MAX;
		return &s->pbm[w];
	}
	if (offset >= R_CPBM) {
		unsigned w = (offset - R_CPBM) / 4, left = r->cpbm_wd - w * 32;

		if (!r->cpor || w >= msc_words(r->cpbm_wd))
			return NULL;
		*mask = left < 32 ? (1u << left) - 1 : UINT32_MAX;
		return &s->cpbm[w];
	}
	return NULL;
}

static bool windwr(const struct msc *m)
{
	for (unsigned i = 0; i < 16; i++) {
		if (msc_ris_exists(m, i) && m->p.ris[i].windwr)
			return true;
	}
	return false;
}

/* Checks PART_SEL for an access that wants settings; false: an error, and poison. */
static bool select_settings(struct msc *m, unsigned *ris, unsigned *partid)
{
	unsigned most = msc_controls(m) - 1;
	bool internal = m->part_sel >> 16 & 1;

	*partid = m->part_sel & 0xffff;
	*ris = m->p.has_ris ? m->part_sel >> 24 & 15 : 0;
	if (m->p.nrw && !internal) {
		msc_error(m, 6, *partid, 0, 0);
		return false;
	}
	if (!m->p.nrw && internal) {
		msc_error(m, 7, *partid, 0, 0);
		return false;
	}
	if (*partid > most) {
		msc_error(m, m->p.nrw ? 6 : 1, *partid, 0, *ris);
		return false;
	}
	return true;
}

static uint32_t cfg_rd(struct msc *m, uint32_t offset)
{
	unsigned ris, partid;
	uint32_t mask, v, *at;

	if (!select_settings(m, &ris, &partid)) {
		m->bad++;
		return poison(m);
	}
	if (offset == R_WINWD)
		return m->winwd[partid];
	if (!msc_ris_exists(m, ris)) {
		m->bad++;
		if (m->p.report_ris_errors)
			msc_error(m, 8, partid, 0, ris);
		return poison(m);
	}
	at = setting(m, ris, partid, offset, &mask);
	if (!at) {
		m->bad++;
		if (m->p.report_ris_errors && m->p.has_ris)
			msc_error(m, 9, partid, 0, ris);
		return 0;
	}
	v = *at & mask;
	if (offset == R_MAX && m->p.ris[ris].max_lim == 2)
		v |= UINT32_C(1) << 31;
	return v;
}

static void cfg_wr(struct msc *m, uint32_t offset, uint32_t v)
{
	unsigned ris, partid;
	uint32_t mask, *at;

	if (!select_settings(m, &ris, &partid)) {
		m->bad++;
		return;
	}
	if (offset == R_WINWD) {
		if (windwr(m))
			m->winwd[partid] = v & (m->p.window_coarse ? 0xffff00 : 0xffffff);
		return;
	}
	if (!msc_ris_exists(m, ris)) {
		m->bad++;
		if (m->p.report_ris_errors)
			msc_error(m, 8, partid, 0, ris);
		return;
	}
	at = setting(m, ris, partid, offset, &mask);
	if (!at) {
		m->bad++;
		if (m->p.report_ris_errors && m->p.has_ris)
			msc_error(m, 9, partid, 0, ris);
		return;
	}
	*at = v & mask;
}

/* Registers of request PARTIDs: mapping and enables. */

static bool select_request(struct msc *m, unsigned *partid)
{
	*partid = m->part_sel & 0xffff;
	if (m->part_sel >> 16 & 1) {
		msc_error(m, 7, *partid, 0, 0);
		m->bad++;
		return false;
	}
	if (*partid > m->p.partid_max) {
		msc_error(m, 1, *partid, 0, m->part_sel >> 24 & 15);
		m->bad++;
		return false;
	}
	return true;
}

static uint32_t enable_flags(struct msc *m)
{
	unsigned partid, base;
	uint32_t v = 0;

	if (!m->p.endis || !select_request(m, &partid))
		return m->p.endis ? poison(m) : 0;
	base = partid & ~31u;
	for (unsigned i = 0; i < 32 && base + i <= m->p.partid_max; i++)
		v |= (uint32_t)m->enabled[base + i] << i;
	return v;
}

static void enable(struct msc *m, uint32_t v, bool on)
{
	unsigned partid = v & 0xffff;

	if (!m->p.endis || partid > m->p.partid_max) {
		m->bad++;
		return;
	}
	m->enabled[partid] = on;
	if (on || !(v >> 31) || !m->p.nfu)
		return;
	/* no future use: the settings are gone */
	for (unsigned k = 0; k < 16; k++) {
		uint32_t mask, *at;

		if (!msc_ris_exists(m, k))
			continue;
		for (uint32_t off = R_CMAX; off <= R_CPBM; off += 8) {
			at = setting(m, k, partid, off, &mask);
			if (at)
				*at = poison(m) & mask;
		}
	}
}

static void map(struct msc *m, uint32_t v)
{
	unsigned partid;

	if (!m->p.nrw) {
		m->bad++;
		return;
	}
	if (!select_request(m, &partid))
		return;
	if (!(v >> 16 & 1) || (v & 0xffff) > m->p.intpartid_max) {
		msc_error(m, 6, v & 0xffff, 0, 0);
		m->bad++;
		return;
	}
	m->internal[partid] = v & 0xffff;
	m->mapped[partid] = true;
}

static void part_sel_wr(struct msc *m, uint32_t v)
{
	v &= 0x0f01ffff;
	if (!m->p.has_ris)
		v &= 0x0001ffff;
	if (m->p.check_selectors && (v & 0xffff) > m->p.partid_max) {
		msc_error(m, 1, v & 0xffff, 0, v >> 24 & 15);
		m->bad++;
		return;
	}
	m->part_sel = v;
}

/* The page. */

static void access(struct msc *m, uint32_t offset, bool write)
{
	m->accesses++;
	if (m->hook && !m->in_hook) {
		m->in_hook = true;
		m->hook(m->hook_arg, m, offset, write);
		m->in_hook = false;
	}
}

static bool is_cfg(uint32_t offset)
{
	return (offset >= R_CMAX && offset <= 0x2ff) || offset == R_PRI || offset == R_PROP ||
	       (offset >= R_CPBM && offset < 0x2200);
}

uint32_t msc_rd(struct msc *m, uint32_t offset)
{
	unsigned partid;

	access(m, offset, false);
	if (offset % 4 != 0) {
		m->bad++;
		return 0;
	}
	if (offset < 0xd0)
		return id_rd(m, offset);
	if (is_cfg(offset))
		return cfg_rd(m, offset);
	if (offset >= 0x800 && offset < 0x900)
		return msc_mon_rd(m, offset);
	switch (offset) {
	case 0xf0:
		return m->p.esr ? m->ecr : 0;
	case 0xf8:
		return m->p.esr ? m->esr_lo : 0;
	case 0xfc:
		return m->p.esr && m->p.extd_esr ? m->esr_hi : 0;
	case 0x100:
		return m->part_sel;
	case 0x320:
		return enable_flags(m);
	case 0x600:
		if (!m->p.nrw)
			return 0;
		if (!select_request(m, &partid))
			return poison(m);
		return m->mapped[partid] ? m->internal[partid] | 1u << 16 : poison(m);
	default:
		m->bad++;
		return 0;
	}
}

void msc_wr(struct msc *m, uint32_t offset, uint32_t v)
{
	access(m, offset, true);
	if (m->broken && offset == m->broken)
		return;
	if (is_cfg(offset)) {
		cfg_wr(m, offset, v);
		return;
	}
	if (offset >= 0x800 && offset < 0x900) {
		msc_mon_wr(m, offset, v);
		return;
	}
	switch (offset) {
	case 0xf0:
		m->ecr = v & 1;
		break;
	case 0xf8:
		m->esr_lo = v & 0x8fffffff;
		break;
	case 0xfc:
		if ((m->esr_lo >> 24 & 15) == 0)
			m->bad++; /* the high half is to be cleared first */
		m->esr_hi = v & 15;
		break;
	case 0x100:
		part_sel_wr(m, v);
		break;
	case 0x300:
		enable(m, v, true);
		break;
	case 0x310:
		enable(m, v, false);
		break;
	case 0x600:
		map(m, v);
		break;
	default:
		m->bad++;
		break;
	}
}

uint64_t msc_rd_width(struct msc *m, uint32_t offset, unsigned width)
{
	uint32_t low;

	if (width == 32)
		return msc_rd(m, offset);
	if (width == 64 && offset % 8 == 0) {
		low = msc_rd(m, offset);
		return (uint64_t)msc_rd(m, offset + 4) << 32 | low;
	}
	m->bad++;
	return 0;
}

bool msc_error_irq(const struct msc *m)
{
	return (m->ecr & 1) && (m->esr_lo >> 24 & 15);
}

void msc_on_access(struct msc *m, void (*hook)(void *, struct msc *, uint32_t, bool), void *arg)
{
	m->hook = hook;
	m->hook_arg = arg;
}

unsigned long msc_accesses(const struct msc *m)
{
	return m->accesses;
}

unsigned long msc_bad_accesses(const struct msc *m)
{
	return m->bad;
}

void msc_break(struct msc *m, uint32_t offset)
{
	m->broken = offset;
}

uint32_t msc_peek(const struct msc *m, unsigned ris, unsigned partid, uint32_t offset)
{
	uint32_t mask, *at;

	if (offset == R_WINWD)
		return m->winwd[partid];
	at = setting(m, ris, partid, offset, &mask);
	return at ? *at & mask : 0;
}

unsigned msc_peek_internal(const struct msc *m, unsigned reqpartid)
{
	return m->p.nrw ? m->internal[reqpartid] : reqpartid;
}

bool msc_peek_enabled(const struct msc *m, unsigned reqpartid)
{
	return !m->p.endis || m->enabled[reqpartid];
}
