/* SPDX-License-Identifier: BSD-2-Clause */
#include "partitions.h"

#include "../common/gic.h"

enum {
	GICD_CTLR = 0,
	GICD_ISENABLER = 0x100,
	GICD_ICENABLER = 0x180,
	GICR_SGI = 0x10000,
	ISACTIVER = 0x300,
	ICACTIVER = 0x380
};

static struct armvirt_vgic_caps caps;
static const struct armvirt_timer_vm timer_vm; /* no offset: one clock for all */

static volatile uint32_t *gic_at(uint64_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

void virq_caps(void)
{
	if (armvirt_hw_vgic_caps(&caps) != ARMVIRT_OK)
		stop("this CPU has no virtual interrupts");
}

void virq_act(struct virq *v, struct armvirt_vgic_actions actions)
{
	armvirt_hw_vgic_deactivate(&v->gic, &actions);
}

static uint32_t bit(unsigned intid)
{
	return UINT32_C(1) << (intid % 32);
}

/* As the guest would do it: both groups off but Group 1, its two interrupts on. */
static void make_ready(struct virq *v)
{
	virq_act(v, armvirt_vgic_dist_write(&v->gic, 0, GICD_CTLR, 4, 2));
	virq_act(v, armvirt_vgic_redist_write(&v->gic, 0, GICR_SGI + 0x80, 4, UINT32_MAX));
	virq_act(v, armvirt_vgic_redist_write(&v->gic, 0, GICR_SGI + GICD_ISENABLER, 4,
					      bit(VTIMER_INTID)));
	if (v->spi == 0)
		return;
	virq_act(v, armvirt_vgic_dist_write(&v->gic, 0, 0x80 + v->spi / 32 * 4u, 4, UINT32_MAX));
	virq_act(v, armvirt_vgic_dist_write(&v->gic, 0, GICD_ISENABLER + v->spi / 32 * 4u, 4,
					    bit(v->spi)));
}

void virq_init(struct virq *v, uint16_t spi, bool ready)
{
	const struct armvirt_vgic_config config = {
		.caps = &caps,
		.spi = v->spis,
		.vcpu = &v->cpu,
		.vcpu_stride = sizeof(v->cpu),
		.vcpu_count = 1,
		.spi_count = VIRQ_SPIS,
	};

	v->spi = spi;
	if (spi) /* what an earlier incarnation left */
		*gic_at(GICD_BASE + ICACTIVER + spi / 32 * 4u) = bit(spi);
	v->timer = (struct armvirt_timer_vcpu){0};
	if (armvirt_vgic_init(&v->gic, &config, sizeof(v->gic)) != ARMVIRT_OK ||
	    armvirt_vgic_link(&v->gic, 0, VTIMER_INTID, true) != ARMVIRT_OK ||
	    (spi && armvirt_vgic_link(&v->gic, 0, spi, true) != ARMVIRT_OK))
		stop("virtual interrupts cannot be made");
	if (ready)
		make_ready(v);
}

void virq_load(struct virq *v)
{
	/* The timer's interrupt is one a CPU: its active state is the loaded partition's. */
	bool active = (armvirt_vgic_ppi_active(&v->cpu) & bit(VTIMER_INTID)) != 0;

	*gic_at(GICR_BASE + GICR_SGI + (active ? ISACTIVER : ICACTIVER)) = bit(VTIMER_INTID);
	armvirt_hw_vgic_load(&v->gic, &v->cpu);
	virq_enter(v);
	armvirt_hw_timer_load(&v->timer, &timer_vm, false);
	if (v->spi)
		*gic_at(GICD_BASE + GICD_ISENABLER + v->spi / 32 * 4u) = bit(v->spi);
}

void virq_put(struct virq *v)
{
	/* What is not its partition's time must not interrupt the others. */
	if (v->spi)
		*gic_at(GICD_BASE + GICD_ICENABLER + v->spi / 32 * 4u) = bit(v->spi);
	armvirt_hw_timer_put(&v->timer, &timer_vm, false);
	virq_act(v, armvirt_hw_vgic_put(&v->gic, &v->cpu));
}

bool virq_physical(struct virq *v, uint32_t intid)
{
	if (intid != VTIMER_INTID && (v->spi == 0 || intid != v->spi))
		return false;
	virq_act(v, armvirt_vgic_hw_irq(&v->gic, 0, intid));
	return true;
}

void virq_sync(struct virq *v)
{
	virq_act(v, armvirt_hw_vgic_sync(&v->gic, &v->cpu));
}

void virq_enter(struct virq *v)
{
	if (armvirt_vgic_flush_needed(&v->cpu))
		virq_act(v, armvirt_hw_vgic_enter(&v->gic, &v->cpu));
}

void virq_maintain(struct virq *v)
{
	virq_act(v, armvirt_hw_vgic_maintain(&v->gic, &v->cpu));
}
