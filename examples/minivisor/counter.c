/* SPDX-License-Identifier: BSD-2-Clause */
#include "counter.h"

/*
 * Of N event counters the guest's share ends at MDCR_EL2.HPMN = N - 1; the last
 * one is EL2's. Its filter leaves EL1 and EL0 out and takes EL2 in: P, U, NSH.
 */
enum { INST_RETIRED = 0x08 };
#define FILTER_EL2 (UINT64_C(1) << 31 | UINT64_C(1) << 30 | UINT64_C(1) << 27)

uint8_t counter_count(void)
{
	uint64_t dfr0, pmcr;

	__asm__("mrs %0, id_aa64dfr0_el1" : "=r"(dfr0));
	dfr0 = dfr0 >> 8 & 15;
	if (dfr0 == 0 || dfr0 == 15)
		return 0;
	__asm__("mrs %0, pmcr_el0" : "=r"(pmcr));
	return (uint8_t)(pmcr >> 11 & 31);
}

void counter_start(void)
{
	uint64_t last = counter_count() - 1;

	__asm__ volatile("isb\n\t"
			 "msr pmselr_el0, %0\n\t"
			 "isb\n\t"
			 "msr pmxevtyper_el0, %1\n\t"
			 "msr pmxevcntr_el0, xzr\n\t"
			 "msr pmcntenset_el0, %2\n\t"
			 "isb" ::"r"(last),
			 "r"(FILTER_EL2 | INST_RETIRED), "r"(UINT64_C(1) << last));
}

uint64_t counter_read(void)
{
	uint64_t last = counter_count() - 1, v;

	__asm__ volatile("msr pmselr_el0, %1\n\t"
			 "isb\n\t"
			 "mrs %0, pmxevcntr_el0\n\t"
			 "msr pmselr_el0, xzr"
			 : "=r"(v)
			 : "r"(last));
	return v & 0xffffffff;
}
