/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam.h>

void armvirt_mpam_space_init(struct armvirt_mpam_space *s, struct armvirt_mpam_slot *slot,
			     uint32_t count)
{
	*s = (struct armvirt_mpam_space){
		.slot = slot,
		.slot_count = count,
		.limits = {.partid_max = UINT16_MAX, .pmg_max = UINT8_MAX},
	};
	for (uint32_t i = 0; i < count; i++)
		slot[i].ready = 0;
}

enum armvirt_status armvirt_mpam_space_join(struct armvirt_mpam_space *s,
					    struct armvirt_mpam_limits agent)
{
	if (s->agent_count == UINT16_MAX)
		return ARMVIRT_E_FULL;
	if (s->frozen &&
	    (agent.partid_max < s->limits.partid_max || agent.pmg_max < s->limits.pmg_max))
		return ARMVIRT_E_STATE;
	if (agent.partid_max < s->limits.partid_max)
		s->limits.partid_max = agent.partid_max;
	if (agent.pmg_max < s->limits.pmg_max)
		s->limits.pmg_max = agent.pmg_max;
	s->agent_count++;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_mpam_space_freeze(struct armvirt_mpam_space *s)
{
	if (s->frozen || s->agent_count == 0)
		return ARMVIRT_E_STATE;
	if (s->slot_count > (uint32_t)s->limits.partid_max + 1)
		s->slot_count = (uint32_t)s->limits.partid_max + 1;
	s->frozen = true;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_mpam_partid_take(struct armvirt_mpam_space *s, uint64_t now,
					     uint16_t *partid)
{
	bool cooling = false;

	if (!s->frozen)
		return ARMVIRT_E_STATE;
	for (uint32_t i = 1; i < s->slot_count; i++) {
		if (s->slot[i].ready == ARMVIRT_MPAM_IN_USE)
			continue;
		if (s->slot[i].ready <= now) {
			s->slot[i].ready = ARMVIRT_MPAM_IN_USE;
			*partid = (uint16_t)i;
			return ARMVIRT_OK;
		}
		cooling = true;
	}
	return cooling ? ARMVIRT_E_BUSY : ARMVIRT_E_FULL;
}

enum armvirt_status armvirt_mpam_partid_claim(struct armvirt_mpam_space *s, uint64_t now,
					      uint16_t partid)
{
	if (!s->frozen)
		return ARMVIRT_E_STATE;
	if (partid == 0 || partid >= s->slot_count)
		return ARMVIRT_E_RANGE;
	if (s->slot[partid].ready == ARMVIRT_MPAM_IN_USE)
		return ARMVIRT_E_EXISTS;
	if (s->slot[partid].ready > now)
		return ARMVIRT_E_BUSY;
	s->slot[partid].ready = ARMVIRT_MPAM_IN_USE;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_mpam_partid_give(struct armvirt_mpam_space *s, uint16_t partid,
					     uint64_t ready)
{
	if (partid == 0 || partid >= s->slot_count)
		return ARMVIRT_E_RANGE;
	if (ready == ARMVIRT_MPAM_IN_USE)
		return ARMVIRT_E_ARG;
	if (s->slot[partid].ready != ARMVIRT_MPAM_IN_USE)
		return ARMVIRT_E_ABSENT;
	s->slot[partid].ready = ready;
	return ARMVIRT_OK;
}
