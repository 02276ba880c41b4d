/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_MODEL_MSC_INTERNAL_H
#define TESTS_MODEL_MSC_INTERNAL_H

#include "msc.h"

#define R_CMAX   0x0108
#define R_CMIN   0x0110
#define R_CASSOC 0x0118
#define R_MIN    0x0200
#define R_MAX    0x0208
#define R_WINWD  0x0220
#define R_PRI    0x0400
#define R_PROP   0x0500
#define R_CPBM   0x1000
#define R_PBM    0x2000

enum { K_CMAX, K_CMIN, K_CASSOC, K_MIN, K_MAX, K_PRI, K_PROP, K_COUNT };

/* Settings of one PARTID in one resource instance. */
struct msc_set {
	uint32_t simple[K_COUNT];
	uint32_t *cpbm, *pbm;
};

struct msc_mon {
	uint32_t flt, ctl;
	uint64_t value, value_l, capture, capture_l;
	bool nrdy, nrdy_l, capture_nrdy, capture_nrdy_l;
	unsigned ready_in;
	uint64_t residue; /* bytes below the scale */
};

struct msc_line {
	int req, internal, pmg;
	bool dirty;
};

struct msc_res {
	struct msc_set *set; /* by (internal) PARTID */
	struct msc_mon *csu, *mbwu;
	struct msc_line *line;
};

struct msc {
	struct msc_params p;
	uint64_t rng;
	uint32_t part_sel, mon_sel, ecr, esr_lo, esr_hi;
	struct msc_res res[16];
	uint32_t *winwd;    /* by (internal) PARTID */
	unsigned *internal; /* by request PARTID */
	bool *mapped, *enabled;
	uint32_t broken;
	unsigned long accesses, bad;
	void (*hook)(void *, struct msc *, uint32_t, bool);
	void *hook_arg;
	bool in_hook;
};

uint64_t msc_random(uint64_t *rng);
void msc_error(struct msc *m, unsigned code, unsigned id, unsigned pmg, unsigned ris);
uint32_t msc_mon_rd(struct msc *m, uint32_t offset);
void msc_mon_wr(struct msc *m, uint32_t offset, uint32_t v);
unsigned msc_occupancy(const struct msc *m, unsigned ris, const struct msc_mon *mon);
void msc_count(struct msc *m, const struct msc_request *r);

static inline unsigned msc_words(unsigned bits)
{
	return (bits + 31) / 32;
}

static inline unsigned msc_controls(const struct msc *m)
{
	return (m->p.nrw ? m->p.intpartid_max : m->p.partid_max) + 1;
}

static inline bool msc_ris_exists(const struct msc *m, unsigned ris)
{
	return ris <= (m->p.has_ris ? m->p.ris_max : 0);
}

#endif
