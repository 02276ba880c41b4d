/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of a partition: hardware-linked, deactivated by the guest itself. */
#ifndef PARTITIONS_VIRQ_H
#define PARTITIONS_VIRQ_H

#include <stdbool.h>
#include <stdint.h>

enum { VTIMER_INTID = 27, HTIMER_INTID = 26 };

struct virq {
	uint64_t lr[2]; /* ICH_LR<n>_EL2: the timer's and the device's */
	uint64_t vmcr, ap1r;
	uint16_t spi;
};

void virq_init(struct virq *v, uint16_t spi);
void virq_load(struct virq *v);
void virq_put(struct virq *v);
bool virq_physical(struct virq *v, uint32_t intid); /* taken and dropped: now the guest's */

#endif
