/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam of the library as counters: bench/s2.c with BENCH_EVENTS is linked with the library's
 * sources built on this one, and reports what a workload issued, not what a plan promises.
 */
#include "s2_events.h"

#include <lib/hw/seam.h>

struct bench_events bench_events;

uint64_t armvirt_model_desc_load(const uint64_t *p)
{
	return *p;
}

uint64_t armvirt_model_desc_load_acquire(const uint64_t *p)
{
	return *p;
}

void armvirt_model_desc_store(uint64_t *p, uint64_t v)
{
	*p = v;
}

void armvirt_model_desc_store_release(uint64_t *p, uint64_t v)
{
	*p = v;
}

uint64_t armvirt_model_desc_cas(uint64_t *p, uint64_t expected, uint64_t desired)
{
	uint64_t found = *p;

	if (found == expected)
		*p = desired;
	return found;
}

uint64_t armvirt_model_desc_xchg(uint64_t *p, uint64_t v)
{
	uint64_t found = *p;

	*p = v;
	return found;
}

void armvirt_model_dsb_ishst(void)
{
	bench_events.dsb++;
}

void armvirt_model_dsb_ish(void)
{
	bench_events.dsb++;
}

void armvirt_model_dsb_nsh(void)
{
	bench_events.dsb++;
}

void armvirt_model_isb(void)
{
	bench_events.isb++;
}

void armvirt_model_tlbi(int op, uint64_t operand)
{
	(void)op;
	(void)operand;
	bench_events.tlbi++;
}

void armvirt_model_write_reg(int reg, uint64_t v)
{
	(void)reg;
	(void)v;
}

uint64_t armvirt_model_read_reg(int reg)
{
	(void)reg;
	return 0;
}

/* As the real ones, these end with a barrier. */
void armvirt_model_dcache_clean_inval(const void *va, size_t bytes)
{
	(void)va;
	(void)bytes;
	bench_events.dsb++;
}

void armvirt_model_icache_inval_all_is(void)
{
	bench_events.dsb++;
}

void armvirt_model_icache_inval_all(void)
{
	bench_events.dsb++;
}
