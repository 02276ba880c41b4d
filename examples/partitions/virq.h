/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts and timer of a partition. What is its own is hardware-linked: the physical interrupt
 * becomes the guest's without a copy, and the guest deactivates it itself. */
#ifndef PARTITIONS_VIRQ_H
#define PARTITIONS_VIRQ_H

#include <libarmvirt/timer.h>
#include <libarmvirt/vgic.h>

enum { VTIMER_INTID = 27, HTIMER_INTID = 26, VIRQ_SPIS = 64 };

struct virq {
	struct armvirt_vgic gic;
	struct armvirt_vgic_vcpu cpu;
	struct armvirt_timer_vcpu timer;
	armvirt_vgic_irq_t spis[VIRQ_SPIS] __attribute__((aligned(8)));
	uint16_t spi; /* shared interrupt that it owns, 0: none */
};

void virq_caps(void);
/* @ready: enabled for a guest that never programs its interrupt controller. */
void virq_init(struct virq *v, uint16_t spi, bool ready);
void virq_load(struct virq *v);
void virq_put(struct virq *v);
bool virq_physical(struct virq *v, uint32_t intid); /* taken and dropped: now the guest's */
void virq_act(struct virq *v, struct armvirt_vgic_actions actions);
void virq_sync(struct virq *v);     /* before any question about its interrupts */
void virq_enter(struct virq *v);    /* before it goes on */
void virq_maintain(struct virq *v); /* after a maintenance interrupt */

#endif
