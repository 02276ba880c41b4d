/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_regs.h"

#define CTL_STATUSES (CTL_STATUS | CTL_STATUS_L)
/* What must read back as written; the rest of CTL is fields of later architectures. */
#define CTL_COMPARED                                               \
	(CTL_TYPE | CTL_MATCH_PARTID | CTL_MATCH_PMG | CTL_SCLEN | \
	 (UINT32_C(7) << CTL_CAPT_SHIFT) | CTL_EN)

static bool is_long(const struct armvirt_msc_monitor *m)
{
	return m->bits > 31;
}

static uint64_t range_mask(const struct armvirt_msc_monitor *m)
{
	return (UINT64_C(1) << m->bits) - 1;
}

/* A 64-bit register by halves: a carry between them shows in the high half and is read again.
 * Two carries would need 2^32 counts between two loads. */
static uint64_t read_long(const struct armvirt_msc *msc, uint32_t offset)
{
	uint32_t high = msc_read(msc, offset + 4);
	uint32_t low = msc_read(msc, offset);
	uint32_t after = msc_read(msc, offset + 4);

	if (high != after)
		low = msc_read(msc, offset);
	return (uint64_t)after << 32 | low;
}

static uint64_t read_value(const struct armvirt_msc *msc, const struct armvirt_msc_monitor *m,
			   bool captured, bool *not_ready)
{
	uint64_t v;

	if (is_long(m)) {
		v = read_long(msc, captured ? MSMON_MBWU_L_CAPT : MSMON_MBWU_L);
		*not_ready = v >> 63 != 0;
	} else {
		v = msc_read(msc, captured ? MSMON_CAPTURE(m->type) : MSMON_VALUE(m->type));
		*not_ready = (v & VALUE_NRDY) != 0;
	}
	return v & range_mask(m);
}

static void zero_value(const struct armvirt_msc *msc, const struct armvirt_msc_monitor *m)
{
	if (m->read_only)
		return;
	if (is_long(m)) {
		msc_write(msc, MSMON_MBWU_L + 4, 0);
		msc_write(msc, MSMON_MBWU_L, 0);
	} else {
		msc_write(msc, MSMON_VALUE(m->type), 0);
	}
}

static enum armvirt_status config_check(const struct armvirt_msc *msc,
					const struct armvirt_msc_monitor_config *c)
{
	const struct armvirt_msc_monitors *can;

	if ((c->type != ARMVIRT_MSC_STORAGE && c->type != ARMVIRT_MSC_BANDWIDTH) ||
	    (c->direction != ARMVIRT_MSC_BOTH && c->direction != ARMVIRT_MSC_WRITES &&
	     c->direction != ARMVIRT_MSC_READS))
		return ARMVIRT_E_ARG;
	if (c->ris >= msc->ris_count)
		return ARMVIRT_E_RANGE;
	can = &msc->ris[c->ris].monitors[c->type];
	if (c->index >= can->count || c->tag.partid > msc->partid_max ||
	    c->tag.pmg > msc->pmg_max || c->capture > 7)
		return ARMVIRT_E_RANGE;
	if ((c->match_partid && can->no_partid) || (c->match_pmg && can->no_pmg) ||
	    (c->direction != ARMVIRT_MSC_BOTH && !can->direction) ||
	    (c->exclude_clean && !can->exclude_clean) ||
	    (c->scaled && (can->bits != 31 || can->scale == 0)) ||
	    ((c->capture || c->capture_reset) && !can->capture))
		return ARMVIRT_E_UNSUPPORTED;
	return ARMVIRT_OK;
}

static void config_encode(const struct armvirt_msc *msc, struct armvirt_msc_monitor *m,
			  const struct armvirt_msc_monitor_config *c)
{
	const struct armvirt_msc_monitors *can = &msc->ris[c->ris].monitors[c->type];
	bool bandwidth = c->type == ARMVIRT_MSC_BANDWIDTH;

	*m = (struct armvirt_msc_monitor){
		.settle = c->settle,
		.select = (uint32_t)c->ris << SEL_RIS_SHIFT | c->index,
		.filter = (uint32_t)c->tag.pmg << FLT_PMG_SHIFT | c->tag.partid,
		.control = CTL_EN | (bandwidth ? CTL_TYPE_MBWU : CTL_TYPE_CSU) |
			   (uint32_t)c->capture << CTL_CAPT_SHIFT,
		.type = (uint8_t)c->type,
		.bits = can->bits,
		.shift = bandwidth ? msc->quirks.mbwu_shift : 0,
		.read_only = can->read_only,
	};
	if (bandwidth)
		m->filter |= (uint32_t)c->direction << FLT_RWBW_SHIFT;
	else if (c->exclude_clean)
		m->filter |= FLT_XCL;
	if (c->match_partid)
		m->control |= CTL_MATCH_PARTID;
	if (c->match_pmg)
		m->control |= CTL_MATCH_PMG;
	if (c->capture_reset)
		m->control |= CTL_CAPT_RESET;
	if (c->interrupt)
		m->control |= is_long(m) ? CTL_INTR_L : CTL_INTR;
	if (c->scaled) {
		m->control |= CTL_SCLEN;
		m->shift = (uint8_t)(m->shift + can->scale);
	}
}

/*
 * Off; filter and control; value to 0, which also clears NRDY where the component does not; on.
 * Some set NRDY when they are switched on: then the value is written again.
 */
static enum armvirt_status program(struct armvirt_msc *msc, struct armvirt_msc_monitor *m,
				   uint64_t now)
{
	uint32_t ctl = MSMON_CFG_CTL(m->type), flt = MSMON_CFG_FLT(m->type);
	bool not_ready, same;

	msc_write(msc, MSMON_CFG_MON_SEL, m->select);
	msc_write(msc, ctl, 0);
	msc_write(msc, flt, m->filter);
	msc_write(msc, ctl, m->control & ~CTL_EN);
	zero_value(msc, m);
	msc_write(msc, ctl, m->control);
	same = msc_read(msc, flt) == m->filter &&
	       ((msc_read(msc, ctl) ^ m->control) & CTL_COMPARED) == 0;
	if (m->type == ARMVIRT_MSC_BANDWIDTH) {
		uint32_t v = msc_read(msc, is_long(m) ? MSMON_MBWU_L + 4 : MSMON_VALUE(m->type));

		not_ready = (v & VALUE_NRDY) != 0;
		if (not_ready)
			zero_value(msc, m);
	}
	if (!same)
		msc_write(msc, ctl, 0);
	if (msc_read(msc, MSMON_CFG_MON_SEL) != m->select)
		return ARMVIRT_E_BUSY;
	if (!same)
		return ARMVIRT_E_HARDWARE;
	m->last = 0;
	m->deadline = now + m->settle;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_msc_monitor_start(struct armvirt_msc *msc,
					      struct armvirt_msc_monitor *monitor,
					      const struct armvirt_msc_monitor_config *config,
					      uint64_t now)
{
	struct armvirt_msc_monitor m;
	enum armvirt_status status = config_check(msc, config);

	if (status != ARMVIRT_OK)
		return status;
	config_encode(msc, &m, config);
	status = program(msc, &m, now);
	if (status == ARMVIRT_OK)
		*monitor = m;
	return status;
}

enum armvirt_status armvirt_msc_monitor_resume(struct armvirt_msc *msc,
					       struct armvirt_msc_monitor *monitor, uint64_t now)
{
	return program(msc, monitor, now);
}

/* What was counted since the last reading, from two readings with the status in between. If the
 * second is the smaller, the counter overflowed between them and the status tells nothing. */
static uint64_t counted(const struct armvirt_msc_monitor *m, uint64_t first, uint64_t second,
			bool status, bool *wrapped)
{
	uint64_t mask = range_mask(m), n = (first - m->last) & mask;

	*wrapped = first < m->last || second < first;
	if (status && second >= first && first >= m->last) {
		n += mask + 1;
		*wrapped = true;
	}
	return n + ((second - first) & mask);
}

static enum armvirt_status ready(const struct armvirt_msc *msc, const struct armvirt_msc_monitor *m,
				 bool not_ready, uint64_t now)
{
	bool settled = now >= m->deadline;

	if (msc->quirks.flags & ARMVIRT_MSC_QUIRK_NRDY)
		return settled ? ARMVIRT_OK : ARMVIRT_RETRY;
	if (!not_ready)
		return ARMVIRT_OK;
	return settled ? ARMVIRT_E_HARDWARE : ARMVIRT_RETRY;
}

enum armvirt_status armvirt_msc_monitor_read(struct armvirt_msc *msc,
					     struct armvirt_msc_monitor *monitor, uint64_t now,
					     struct armvirt_msc_reading *reading)
{
	uint32_t ctl, status_bit = is_long(monitor) ? CTL_STATUS_L : CTL_STATUS;
	uint64_t first, second, n;
	bool before, after, wrapped = false;
	enum armvirt_status status;

	msc_write(msc, MSMON_CFG_MON_SEL, monitor->select);
	first = read_value(msc, monitor, false, &before);
	ctl = msc_read(msc, MSMON_CFG_CTL(monitor->type));
	second = read_value(msc, monitor, false, &after);
	if (msc_read(msc, MSMON_CFG_MON_SEL) != monitor->select)
		return ARMVIRT_E_BUSY;
	if ((ctl ^ monitor->control) & CTL_COMPARED)
		return ARMVIRT_E_MISMATCH;
	status = ready(msc, monitor, before || after, now);
	if (status != ARMVIRT_OK)
		return status;
	if (monitor->type == ARMVIRT_MSC_STORAGE) {
		*reading = (struct armvirt_msc_reading){.bytes = second};
		return ARMVIRT_OK;
	}
	if (monitor->control & CTL_CAPT_RESET) {
		*reading = (struct armvirt_msc_reading){.bytes = second << monitor->shift};
		return ARMVIRT_OK;
	}
	n = counted(monitor, first, second, (ctl & status_bit) != 0, &wrapped);
	if (wrapped || (ctl & CTL_STATUSES))
		msc_write(msc, MSMON_CFG_CTL(monitor->type), monitor->control);
	monitor->last = second;
	monitor->total += n << monitor->shift;
	*reading = (struct armvirt_msc_reading){.bytes = monitor->total, .wrapped = wrapped};
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_msc_monitor_captured(struct armvirt_msc *msc,
						 const struct armvirt_msc_monitor *monitor,
						 uint64_t *bytes)
{
	uint64_t v;
	bool not_ready;

	msc_write(msc, MSMON_CFG_MON_SEL, monitor->select);
	v = read_value(msc, monitor, true, &not_ready);
	if (msc_read(msc, MSMON_CFG_MON_SEL) != monitor->select)
		return ARMVIRT_E_BUSY;
	if (not_ready && !(msc->quirks.flags & ARMVIRT_MSC_QUIRK_NRDY))
		return ARMVIRT_RETRY;
	*bytes = v << monitor->shift;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_msc_capture(struct armvirt_msc *msc)
{
	if (!(msc->features & ARMVIRT_MSC_HAS_CAPTURE))
		return ARMVIRT_E_UNSUPPORTED;
	msc_write(msc, MSMON_CAPT_EVNT, CAPT_EVNT_NOW);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_msc_monitor_stop(struct armvirt_msc *msc,
					     const struct armvirt_msc_monitor *monitor)
{
	msc_write(msc, MSMON_CFG_MON_SEL, monitor->select);
	msc_write(msc, MSMON_CFG_CTL(monitor->type), 0);
	return msc_read(msc, MSMON_CFG_MON_SEL) == monitor->select ? ARMVIRT_OK : ARMVIRT_E_BUSY;
}

enum armvirt_status armvirt_msc_overflows(struct armvirt_msc *msc,
					  struct armvirt_msc_monitor_group group, uint32_t *bits)
{
	const struct armvirt_msc_monitors *can;
	uint32_t select = (uint32_t)group.ris << SEL_RIS_SHIFT | group.first, v;

	if (group.ris >= msc->ris_count || group.first % 32 != 0 ||
	    (group.type != ARMVIRT_MSC_STORAGE && group.type != ARMVIRT_MSC_BANDWIDTH))
		return ARMVIRT_E_RANGE;
	can = &msc->ris[group.ris].monitors[group.type];
	if (group.first >= can->count)
		return ARMVIRT_E_RANGE;
	if (!can->overflow_bits)
		return ARMVIRT_E_UNSUPPORTED;
	msc_write(msc, MSMON_CFG_MON_SEL, select);
	v = msc_read(msc, group.type == ARMVIRT_MSC_STORAGE ? MSMON_CSU_OFSR : MSMON_MBWU_OFSR);
	if (msc_read(msc, MSMON_CFG_MON_SEL) != select)
		return ARMVIRT_E_BUSY;
	*bits = v;
	return ARMVIRT_OK;
}

uint64_t armvirt_msc_rate(uint64_t bytes, struct armvirt_mpam_ratio elapsed)
{
	uint64_t ticks = elapsed.part, hz = elapsed.whole, whole, rest;

	if (ticks == 0 || hz == 0)
		return 0;
	/* rest * hz must fit: rest < ticks */
	while (ticks > UINT64_MAX / hz) {
		ticks = (ticks >> 1) + 1;
		hz = (hz >> 1) + 1;
	}
	whole = bytes / ticks;
	rest = bytes % ticks;
	if (whole > (UINT64_MAX - hz) / hz)
		return UINT64_MAX;
	return whole * hz + rest * hz / ticks;
}
