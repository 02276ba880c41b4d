/* SPDX-License-Identifier: BSD-2-Clause */
/* Events at the seam since the counters were cleared. */
#ifndef BENCH_S2_EVENTS_H
#define BENCH_S2_EVENTS_H

struct bench_events {
	unsigned tlbi, dsb, isb;
};

extern struct bench_events bench_events;

#endif
