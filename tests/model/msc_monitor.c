/* SPDX-License-Identifier: BSD-2-Clause */
/* Monitors, and the traffic that they see. */
#include "msc_internal.h"

#define EN       (UINT32_C(1) << 31)
#define STATUS   (UINT32_C(1) << 26)
#define STATUS_L (UINT32_C(1) << 15)
#define MASK31   UINT64_C(0x7fffffff)

static uint64_t long_mask(const struct msc_ris_params *r)
{
	return r->mbwu_lwd ? (UINT64_C(1) << 63) - 1 : (UINT64_C(1) << 44) - 1;
}

/* The selected monitor of a type, NULL with the error noted. */
static struct msc_mon *selected(struct msc *m, bool csu, unsigned *ris)
{
	unsigned index = m->mon_sel & 0xffff, count;

	*ris = m->p.has_ris ? m->mon_sel >> 24 & 15 : 0;
	if (!msc_ris_exists(m, *ris)) {
		m->bad++;
		if (m->p.report_ris_errors)
			msc_error(m, 10, index, 0, *ris);
		return NULL;
	}
	count = csu ? m->p.ris[*ris].csu_count : m->p.ris[*ris].mbwu_count;
	if (count == 0) {
		m->bad++;
		if (m->p.report_ris_errors && m->p.has_ris)
			msc_error(m, 11, index, 0, *ris);
		return NULL;
	}
	if (index >= count) {
		m->bad++;
		msc_error(m, 5, index, 0, *ris);
		return NULL;
	}
	return csu ? &m->res[*ris].csu[index] : &m->res[*ris].mbwu[index];
}

static void unready(struct msc *m, struct msc_mon *mon, enum msc_nrdy policy, bool enabled_now)
{
	if (policy == MSC_NRDY_NEVER || (policy == MSC_NRDY_SOFTWARE && enabled_now))
		return;
	mon->nrdy = mon->nrdy_l = true;
	mon->ready_in = m->p.nrdy_ticks;
}

static uint32_t nrdy_bit(bool nrdy)
{
	return (uint32_t)nrdy << 31;
}

static uint32_t csu_value(struct msc *m, unsigned ris, struct msc_mon *mon)
{
	if (mon->ctl & EN)
		mon->value = (uint64_t)msc_occupancy(m, ris, mon) * MSC_LINE_BYTES;
	return (uint32_t)(mon->nrdy ? msc_random(&m->rng) & MASK31 : mon->value & MASK31) |
	       nrdy_bit(mon->nrdy);
}

static uint32_t ofsr(struct msc *m, bool csu)
{
	unsigned ris = m->p.has_ris ? m->mon_sel >> 24 & 15 : 0, first = m->mon_sel & 0xffe0, count;
	uint32_t v = 0;

	if (!msc_ris_exists(m, ris) || !m->p.ris[ris].ofsr) {
		m->bad++;
		return 0;
	}
	count = csu ? m->p.ris[ris].csu_count : m->p.ris[ris].mbwu_count;
	for (unsigned i = 0; i < 32 && first + i < count; i++) {
		const struct msc_mon *mon =
			csu ? &m->res[ris].csu[first + i] : &m->res[ris].mbwu[first + i];

		v |= (uint32_t)((mon->ctl & (STATUS | STATUS_L)) != 0) << i;
	}
	return v;
}

uint32_t msc_mon_rd(struct msc *m, uint32_t offset)
{
	bool csu = offset == 0x810 || offset == 0x818 || offset == 0x840 || offset == 0x848;
	const struct msc_ris_params *r;
	struct msc_mon *mon;
	unsigned ris;

	if (offset == 0x800)
		return m->mon_sel;
	if (offset == 0x858 || offset == 0x898)
		return ofsr(m, offset == 0x858);
	mon = selected(m, csu, &ris);
	if (!mon)
		return (uint32_t)(msc_random(&m->rng) >> 8);
	r = &m->p.ris[ris];
	switch (offset) {
	case 0x810:
	case 0x820:
		return mon->flt;
	case 0x818:
		return (mon->ctl & ~UINT32_C(0xff)) | 0x43;
	case 0x828:
		return (mon->ctl & ~UINT32_C(0xff)) | 0x42;
	case 0x840:
		return csu_value(m, ris, mon);
	case 0x848:
		return r->csu_capture
			       ? (uint32_t)(mon->capture & MASK31) | nrdy_bit(mon->capture_nrdy)
			       : 0;
	case 0x860:
		return (uint32_t)(mon->value & MASK31) | nrdy_bit(mon->nrdy);
	case 0x868:
		return r->mbwu_capture
			       ? (uint32_t)(mon->capture & MASK31) | nrdy_bit(mon->capture_nrdy)
			       : 0;
	case 0x880:
		return r->mbwu_long ? (uint32_t)mon->value_l : 0;
	case 0x884:
		return r->mbwu_long ? (uint32_t)(mon->value_l >> 32) | nrdy_bit(mon->nrdy_l) : 0;
	case 0x890:
		return r->mbwu_long && r->mbwu_capture ? (uint32_t)mon->capture_l : 0;
	case 0x894:
		return r->mbwu_long && r->mbwu_capture
			       ? (uint32_t)(mon->capture_l >> 32) | nrdy_bit(mon->capture_nrdy_l)
			       : 0;
	default:
		m->bad++;
		return 0;
	}
}

static void capture(struct msc *m, unsigned ris, bool csu, struct msc_mon *mon)
{
	bool has = csu ? m->p.ris[ris].csu_capture : m->p.ris[ris].mbwu_capture;

	if (!has || (mon->ctl >> 28 & 7) != 7)
		return;
	if (csu && (mon->ctl & EN))
		mon->value = (uint64_t)msc_occupancy(m, ris, mon) * MSC_LINE_BYTES;
	mon->capture = mon->value;
	mon->capture_l = mon->value_l;
	mon->capture_nrdy = mon->nrdy;
	mon->capture_nrdy_l = mon->nrdy_l;
	mon->nrdy = mon->nrdy_l = false;
	if (mon->ctl >> 27 & 1)
		mon->value = mon->value_l = 0;
}

static void capture_all(struct msc *m)
{
	if (!m->p.local_capture)
		return;
	for (unsigned k = 0; k < 16; k++) {
		if (!m->res[k].set)
			continue;
		for (unsigned i = 0; i < m->p.ris[k].csu_count; i++)
			capture(m, k, true, &m->res[k].csu[i]);
		for (unsigned i = 0; i < m->p.ris[k].mbwu_count; i++)
			capture(m, k, false, &m->res[k].mbwu[i]);
	}
}

static uint32_t ctl_mask(const struct msc_ris_params *r, bool csu)
{
	uint32_t mask = EN | STATUS | UINT32_C(1) << 25 | UINT32_C(1) << 24;

	if (csu ? r->csu_capture : r->mbwu_capture)
		mask |= UINT32_C(0x78000000);
	if (csu)
		return mask | (uint32_t)!r->csu_no_partid << 16 | (uint32_t)!r->csu_no_pmg << 17;
	mask |= UINT32_C(3) << 16 | UINT32_C(1) << 19;
	return r->mbwu_long ? mask | STATUS_L | UINT32_C(1) << 14 : mask;
}

static void flt_wr(struct msc *m, unsigned ris, bool csu, struct msc_mon *mon, uint32_t v)
{
	const struct msc_ris_params *r = &m->p.ris[ris];
	uint32_t mask = 0x00ffffff;

	if (csu && r->csu_xcl)
		mask |= EN;
	if (!csu && r->mbwu_rwbw)
		mask |= UINT32_C(3) << 30;
	mon->flt = v & mask;
	unready(m, mon, csu ? r->csu_nrdy : r->mbwu_nrdy, false);
}

static void ctl_wr(struct msc *m, unsigned ris, bool csu, struct msc_mon *mon, uint32_t v)
{
	const struct msc_ris_params *r = &m->p.ris[ris];
	enum msc_nrdy policy = csu ? r->csu_nrdy : r->mbwu_nrdy;
	uint32_t old = mon->ctl;

	mon->ctl = v & ctl_mask(r, csu);
	if ((old ^ mon->ctl) & ~(STATUS | STATUS_L)) {
		bool only_enable = ((old ^ mon->ctl) & ~(STATUS | STATUS_L)) == EN;

		unready(m, mon, policy, only_enable);
	}
	if ((mon->ctl & EN) && !(old & EN) &&
	    ((mon->flt & 0xffff) > m->p.partid_max || (mon->flt >> 16 & 0xff) > m->p.pmg_max)) {
		m->bad++;
		msc_error(m, 3, mon->flt & 0xffff, mon->flt >> 16, ris);
	}
}

void msc_mon_wr(struct msc *m, uint32_t offset, uint32_t v)
{
	bool csu = offset == 0x810 || offset == 0x818 || offset == 0x840 || offset == 0x848;
	struct msc_mon *mon;
	unsigned ris;

	if (offset == 0x800) {
		m->mon_sel = m->p.has_ris ? v & 0x0f00ffff : v & 0xffff;
		return;
	}
	if (offset == 0x808) {
		if (v & 1)
			capture_all(m);
		return;
	}
	mon = selected(m, csu, &ris);
	if (!mon)
		return;
	switch (offset) {
	case 0x810:
	case 0x820:
		flt_wr(m, ris, csu, mon, v);
		break;
	case 0x818:
	case 0x828:
		ctl_wr(m, ris, csu, mon, v);
		break;
	case 0x840:
		if (m->p.ris[ris].csu_ro)
			m->bad++;
		break; /* a measurement overwrites what is written, and NRDY is hardware's */
	case 0x860:
		mon->value = v & MASK31;
		mon->residue = 0;
		mon->nrdy = v >> 31;
		mon->ctl &= ~STATUS;
		break;
	case 0x880:
	case 0x884:
		if (offset == 0x884) {
			mon->value_l = (mon->value_l & 0xffffffff) | (uint64_t)(v & MASK31) << 32;
			mon->nrdy_l = v >> 31;
		} else {
			mon->value_l = (mon->value_l & ~UINT64_C(0xffffffff)) | v;
		}
		mon->value_l &= long_mask(&m->p.ris[ris]);
		mon->ctl &= ~STATUS_L;
		break;
	default:
		m->bad++;
		break;
	}
}

static void settle(struct msc_mon *mon, enum msc_nrdy policy, unsigned n)
{
	if (policy != MSC_NRDY_TICKS || !mon->nrdy)
		return;
	if (mon->ready_in > n) {
		mon->ready_in -= n;
		return;
	}
	mon->ready_in = 0;
	mon->nrdy = mon->nrdy_l = false;
}

void msc_tick(struct msc *m, unsigned n)
{
	for (unsigned k = 0; k < 16; k++) {
		if (!m->res[k].set)
			continue;
		for (unsigned i = 0; i < m->p.ris[k].csu_count; i++)
			settle(&m->res[k].csu[i], m->p.ris[k].csu_nrdy, n);
		for (unsigned i = 0; i < m->p.ris[k].mbwu_count; i++)
			settle(&m->res[k].mbwu[i], m->p.ris[k].mbwu_nrdy, n);
	}
}

static bool matches(const struct msc_mon *mon, int partid, int pmg)
{
	return (!(mon->ctl >> 16 & 1) || (int)(mon->flt & 0xffff) == partid) &&
	       (!(mon->ctl >> 17 & 1) || (int)(mon->flt >> 16 & 0xff) == pmg);
}

unsigned msc_occupancy(const struct msc *m, unsigned ris, const struct msc_mon *mon)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->p.lines; i++) {
		const struct msc_line *line = &m->res[ris].line[i];

		if (line->req < 0 || !matches(mon, line->req, line->pmg))
			continue;
		if ((mon->flt >> 31) && !line->dirty)
			continue;
		n++;
	}
	return n;
}

static void count_one(struct msc *m, const struct msc_ris_params *p, struct msc_mon *mon,
		      const struct msc_request *r)
{
	unsigned direction = mon->flt >> 30, shift = mon->ctl >> 19 & 1 ? p->scale : 0;
	uint64_t units, sum;

	(void)m;
	if (!(mon->ctl & EN) || !matches(mon, (int)r->partid, (int)r->pmg))
		return;
	if (p->mbwu_rwbw && ((direction == 1 && !r->write) || (direction == 2 && r->write)))
		return;
	mon->residue += r->bytes;
	units = mon->residue >> shift;
	mon->residue -= units << shift;
	sum = mon->value + units;
	if (sum > MASK31)
		mon->ctl |= STATUS;
	mon->value = sum & MASK31;
	if (!p->mbwu_long)
		return;
	sum = mon->value_l + r->bytes;
	if (sum > long_mask(p))
		mon->ctl |= STATUS_L;
	mon->value_l = sum & long_mask(p);
}

void msc_count(struct msc *m, const struct msc_request *r)
{
	for (unsigned i = 0; i < m->p.ris[r->ris].mbwu_count; i++)
		count_one(m, &m->p.ris[r->ris], &m->res[r->ris].mbwu[i], r);
}

bool msc_overflow_irq(const struct msc *m)
{
	for (unsigned k = 0; k < 16; k++) {
		for (unsigned i = 0; m->res[k].set && i < m->p.ris[k].mbwu_count; i++) {
			uint32_t ctl = m->res[k].mbwu[i].ctl;

			if (((ctl & STATUS) && (ctl >> 25 & 1)) ||
			    ((ctl & STATUS_L) && (ctl >> 14 & 1)))
				return true;
		}
	}
	return false;
}

void msc_poke_counter(struct msc *m, unsigned ris, unsigned index, uint64_t value)
{
	struct msc_mon *mon = &m->res[ris].mbwu[index];

	mon->value = value & MASK31;
	mon->value_l = value & long_mask(&m->p.ris[ris]);
}
