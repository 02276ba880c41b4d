/* SPDX-License-Identifier: BSD-2-Clause */
/* An event counter that only EL2 has and that counts only EL2's instructions. */
#ifndef MINIVISOR_COUNTER_H
#define MINIVISOR_COUNTER_H

#include <stdint.h>

uint8_t counter_count(void); /* of the PMU; two are needed to spare one */
void counter_start(void);    /* once MDCR_EL2 has HPME and HPMN for it */
uint64_t counter_read(void);

#endif
