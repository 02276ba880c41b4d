/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARMVIRT_LIB_MPAM_PLAN_H
#define ARMVIRT_LIB_MPAM_PLAN_H

#include <libarmvirt/mpam_plan.h>

#define PLAN_CACHE (ARMVIRT_MSC_CPBM | ARMVIRT_MSC_CMAX)
#define PLAN_CHANNEL \
	(ARMVIRT_MSC_MBW_MIN | ARMVIRT_MSC_MBW_MAX | ARMVIRT_MSC_MBW_PBM | ARMVIRT_MSC_MBW_PROP)

/* A share of a cache that is less than all of it. */
static inline bool plan_wants_cache(const struct armvirt_mpam_partition *p)
{
	return p->cache.of != 0 && (p->cache.count < p->cache.of || p->cache_exclusive);
}

static inline bool plan_wants_bandwidth(const struct armvirt_mpam_partition *p)
{
	return p->mbw_min != 0 || (p->mbw_max != 0 && p->mbw_max < ARMVIRT_MPAM_WHOLE);
}

/* The settings of a partition in an instance: the flaw if they cannot be expressed. */
enum armvirt_mpam_flaw armvirt_mpam_plan_settings(const struct armvirt_mpam_partition *p,
						  const struct armvirt_msc_ris *r,
						  struct armvirt_msc_settings *s);

/* Who owns a PARTID; partition 0's index for none. */
unsigned armvirt_mpam_plan_owner(const struct armvirt_mpam_plan *plan, uint32_t partid);

#endif
