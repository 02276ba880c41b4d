/* SPDX-License-Identifier: BSD-2-Clause */
#include "virq.h"

#include "../common/gic.h"

#define ICH_HCR  "s3_4_c12_c11_0"
#define ICH_VMCR "s3_4_c12_c11_7"
#define ICH_AP1R "s3_4_c12_c9_0"
#define ICH_LR0  "s3_4_c12_c12_0"
#define ICH_LR1  "s3_4_c12_c12_1"

#define LR_PENDING  (UINT64_C(1) << 62)
#define LR_ACTIVE   (UINT64_C(1) << 63)
#define LR_HW       (UINT64_C(1) << 61)
#define LR_GROUP1   (UINT64_C(1) << 60)
#define LR_PRIORITY (UINT64_C(0x80) << 48)
#define LR_PINTID   32

#define GICR_SGI (GICR_BASE + 0x10000u)

static volatile uint32_t *gic_at(uint64_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

#define ich_read(name)                                        \
	__extension__({                                       \
		uint64_t v_;                                  \
		__asm__ volatile("mrs %0, " name : "=r"(v_)); \
		v_;                                           \
	})
#define ich_write(name, v) __asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(v)) : "memory")

void virq_init(struct virq *v, uint16_t spi)
{
	*v = (struct virq){.spi = spi, .vmcr = UINT64_C(0xf8) << 24};
}

void virq_load(struct virq *v)
{
	bool timer_active = (v->lr[0] & (LR_PENDING | LR_ACTIVE)) != 0;

	ich_write(ICH_VMCR, v->vmcr);
	ich_write(ICH_AP1R, v->ap1r);
	ich_write(ICH_LR0, v->lr[0]);
	ich_write(ICH_LR1, v->lr[1]);
	ich_write(ICH_HCR, 1);
	/* The timer's interrupt is one a CPU: its active state is the loaded partition's. */
	*gic_at(GICR_SGI + (timer_active ? 0x300 : 0x380)) = UINT32_C(1) << VTIMER_INTID;
	if (v->spi)
		*gic_at(GICD_BASE + 0x100 + v->spi / 32 * 4u) = UINT32_C(1) << (v->spi % 32);
}

void virq_put(struct virq *v)
{
	/* What is not its partition's time must not interrupt the others. */
	if (v->spi)
		*gic_at(GICD_BASE + 0x180 + v->spi / 32 * 4u) = UINT32_C(1) << (v->spi % 32);
	v->vmcr = ich_read(ICH_VMCR);
	v->ap1r = ich_read(ICH_AP1R);
	v->lr[0] = ich_read(ICH_LR0);
	v->lr[1] = ich_read(ICH_LR1);
	ich_write(ICH_HCR, 0);
}

bool virq_physical(struct virq *v, uint32_t intid)
{
	uint64_t lr =
		LR_PENDING | LR_HW | LR_GROUP1 | LR_PRIORITY | (uint64_t)intid << LR_PINTID | intid;

	if (intid == VTIMER_INTID)
		ich_write(ICH_LR0, lr);
	else if (intid == v->spi)
		ich_write(ICH_LR1, lr);
	else
		return false;
	return true;
}
