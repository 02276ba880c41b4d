/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache: lines are allocated as the settings allow. */
#include "msc_internal.h"

unsigned msc_lines(const struct msc *m)
{
	return m->p.lines;
}

int msc_line_owner(const struct msc *m, unsigned ris, unsigned line)
{
	return m->res[ris].line[line].req;
}

/* Lines are spread over the portions of the bitmap. */
unsigned msc_line_portion(const struct msc *m, unsigned ris, unsigned line)
{
	return m->p.ris[ris].cpor ? line % m->p.ris[ris].cpbm_wd : 0;
}

static bool portion_allowed(const struct msc *m, unsigned ris, const struct msc_set *s,
			    unsigned line)
{
	unsigned p = msc_line_portion(m, ris, line);

	return !m->p.ris[ris].cpor || (s->cpbm[p / 32] >> (p % 32) & 1);
}

/* Lines that CMAX grants: the upper end of its range. */
static unsigned granted(const struct msc *m, unsigned ris, const struct msc_set *s)
{
	unsigned width = m->p.ris[ris].cmax_wd;
	uint32_t v = (s->simple[K_CMAX] & 0xffff) >> (16 - width);

	return (unsigned)(((uint64_t)(v + 1) * m->p.lines) >> width);
}

static void allocate(struct msc *m, const struct msc_request *r, unsigned internal)
{
	const struct msc_set *s = &m->res[r->ris].set[internal];
	struct msc_line *line = m->res[r->ris].line;
	unsigned start = (unsigned)(msc_random(&m->rng) >> 20) % m->p.lines, own = 0;
	bool full = false, soft = m->p.ris[r->ris].softlim && (s->simple[K_CMAX] >> 31);

	if (m->p.ris[r->ris].cmax) {
		for (unsigned i = 0; i < m->p.lines; i++)
			own += line[i].req >= 0 && line[i].internal == (int)internal;
		full = own >= granted(m, r->ris, s);
	}
	for (unsigned i = 0; i < m->p.lines; i++) {
		unsigned at = (start + i) % m->p.lines;

		if (!portion_allowed(m, r->ris, s, at))
			continue;
		if (full && line[at].internal != (int)internal && !(soft && line[at].req < 0))
			continue;
		if (full && line[at].req < 0 && !soft)
			continue;
		line[at] = (struct msc_line){(int)r->partid, (int)internal, (int)r->pmg, r->write};
		return;
	}
}

void msc_traffic(struct msc *m, const struct msc_request *request)
{
	struct msc_request r = *request;
	unsigned internal;

	if (r.partid > m->p.partid_max) {
		msc_error(m, 2, r.partid, r.pmg, 0);
		r.partid = r.pmg = 0;
	}
	if (r.pmg > m->p.pmg_max) {
		msc_error(m, 4, r.partid, r.pmg, 0);
		r.partid = r.pmg = 0;
	}
	internal = r.partid;
	if (m->p.nrw) {
		if (!m->mapped[r.partid]) {
			msc_error(m, 6, r.partid, 0, 0);
			return;
		}
		internal = m->internal[r.partid];
	}
	msc_count(m, &r);
	if (m->p.endis && !m->enabled[r.partid])
		return; /* no portion is its own */
	allocate(m, &r, internal);
}
