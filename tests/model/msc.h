/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memory-system component with MPAM, written from the register descriptions
 * and rules of Arm IHI 0099; shares no header with the library. It is a cache (or a
 * channel, or both in several resource instances) whose contents follow its
 * settings. Whatever the architecture leaves UNKNOWN reads as poison.
 */
#ifndef TESTS_MODEL_MSC_H
#define TESTS_MODEL_MSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum msc_nrdy {
	MSC_NRDY_NEVER,     /* always ready */
	MSC_NRDY_TICKS,     /* set by configuration, cleared by hardware after a while */
	MSC_NRDY_SOFTWARE,  /* set by configuration, cleared by writing the value only */
	MSC_NRDY_ON_ENABLE, /* as before, and set by enabling too */
	MSC_NRDY_STUCK      /* never ready: broken */
};

struct msc_ris_params {
	bool cpor, cmax, cmin, cassoc, softlim, mbw_min, mbw_max, mbw_prop, mbw_pbm, windwr;
	bool intpri, dspri, int_low, ds_low;
	unsigned cpbm_wd, cmax_wd, cassoc_wd, bwa_wd, mbw_pbm_wd, max_lim, int_wd, ds_wd;
	bool msmon_csu, msmon_mbwu, csu_capture, csu_xcl, csu_ro, csu_no_pmg, csu_no_partid;
	bool mbwu_capture, mbwu_rwbw, mbwu_long, mbwu_lwd, ofsr;
	unsigned csu_count, mbwu_count, scale;
	enum msc_nrdy csu_nrdy, mbwu_nrdy;
};

struct msc_params {
	unsigned version, partid_max, pmg_max, ris_max, intpartid_max;
	bool has_ris, nrw, esr, extd_esr, endis, nfu, local_capture, oflow_sr;
	bool report_ris_errors; /* errors that may or may not be reported */
	bool check_selectors;   /* out-of-range selectors are refused at once, not when used */
	bool window_coarse;     /* the accounting window keeps its upper bits only */
	unsigned nrdy_ticks, lines;
	struct msc_ris_params ris[16];
};

struct msc;

struct msc *msc_new(const struct msc_params *p, uint64_t seed);
void msc_free(struct msc *m);

/* Parameters at random: everything that may vary does. */
void msc_params_random(struct msc_params *p, uint64_t *rng);

uint32_t msc_rd(struct msc *m, uint32_t offset);
void msc_wr(struct msc *m, uint32_t offset, uint32_t value);
/* Accesses that are not 32 bits wide: RAZ/WI, counted. */
uint64_t msc_rd_width(struct msc *m, uint32_t offset, unsigned width);

void msc_tick(struct msc *m, unsigned n);
/* Everything but PARTID 0 becomes random; with all = true, that too. */
void msc_power_cycle(struct msc *m, bool all);
bool msc_error_irq(const struct msc *m);
bool msc_overflow_irq(const struct msc *m);

/* Called before every access. */
void msc_on_access(struct msc *m, void (*hook)(void *, struct msc *, uint32_t, bool), void *arg);
unsigned long msc_accesses(const struct msc *m);
unsigned long msc_bad_accesses(const struct msc *m); /* what the library should never do */
/* Writes to this register are lost from now on (0: none), or all bits inverted. */
void msc_break(struct msc *m, uint32_t offset);

struct msc_request {
	unsigned ris, partid, pmg;
	uint64_t bytes;
	bool write;
};

/* A request arrives: counts as bandwidth and allocates a line of the cache. */
void msc_traffic(struct msc *m, const struct msc_request *r);
/* Lines of the cache of an instance. */
unsigned msc_lines(const struct msc *m);
int msc_line_owner(const struct msc *m, unsigned ris, unsigned line); /* -1: empty */
unsigned msc_line_portion(const struct msc *m, unsigned ris, unsigned line);
#define MSC_LINE_BYTES 64

/* The settings in force, past all registers: for comparisons. */
uint32_t msc_peek(const struct msc *m, unsigned ris, unsigned partid, uint32_t offset);
unsigned msc_peek_internal(const struct msc *m, unsigned reqpartid);
bool msc_peek_enabled(const struct msc *m, unsigned reqpartid);
/* True count of a bandwidth monitor's matches since it was enabled. */
void msc_poke_counter(struct msc *m, unsigned ris, unsigned index, uint64_t value);

#endif
