/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_record.h"
#include "lib/mpam/msc_regs.h"

static bool width_good(unsigned bits, unsigned most)
{
	return bits >= 1 && bits <= most;
}

static bool probe_cache(const struct armvirt_msc *msc, struct armvirt_msc_ris *r, uint32_t idr)
{
	if (idr & IDR_HAS_CPOR) {
		r->controls |= ARMVIRT_MSC_CPBM;
		r->cpbm_bits = (uint16_t)msc_read(msc, MPAMF_CPOR_IDR);
		if (!width_good(r->cpbm_bits, 32768))
			return false;
	}
	if (idr & IDR_HAS_CCAP) {
		uint32_t v = msc_read(msc, MPAMF_CCAP_IDR);

		r->cmax_bits = v & CCAP_CMAX_WD;
		r->cassoc_bits = v >> CCAP_CASSOC_SHIFT & CCAP_CASSOC_WD;
		r->cmax_soft = (v & CCAP_HAS_SOFTLIM) != 0;
		if (!(v & CCAP_NO_CMAX))
			r->controls |= ARMVIRT_MSC_CMAX;
		if (v & CCAP_HAS_CMIN)
			r->controls |= ARMVIRT_MSC_CMIN;
		if (v & CCAP_HAS_CASSOC)
			r->controls |= ARMVIRT_MSC_CASSOC;
	}
	if ((r->controls & (ARMVIRT_MSC_CMAX | ARMVIRT_MSC_CMIN)) && !width_good(r->cmax_bits, 16))
		return false;
	return !(r->controls & ARMVIRT_MSC_CASSOC) || width_good(r->cassoc_bits, 16);
}

static bool probe_bandwidth(const struct armvirt_msc *msc, struct armvirt_msc_ris *r, uint32_t idr)
{
	uint32_t v, lim;

	if (!(idr & IDR_HAS_MBW))
		return true;
	v = msc_read(msc, MPAMF_MBW_IDR);
	lim = v >> MBW_MAX_LIM_SHIFT & 3;
	r->mbw_bits = v & MBW_BWA_WD;
	r->mbw_pbm_bits = v >> MBW_PBM_WD_SHIFT & MBW_PBM_WD;
	r->mbw_hard = lim != 1;
	r->mbw_soft = lim != 2;
	if (v & MBW_HAS_MIN)
		r->controls |= ARMVIRT_MSC_MBW_MIN;
	if (v & MBW_HAS_MAX)
		r->controls |= ARMVIRT_MSC_MBW_MAX;
	if (v & MBW_HAS_PROP)
		r->controls |= ARMVIRT_MSC_MBW_PROP;
	if (v & MBW_HAS_PBM)
		r->controls |= ARMVIRT_MSC_MBW_PBM;
	if (v & MBW_WINDWR)
		r->controls |= ARMVIRT_MSC_MBW_WINDOW;
	if ((v & (MBW_HAS_MIN | MBW_HAS_MAX | MBW_HAS_PROP)) && !width_good(r->mbw_bits, 16))
		return false;
	return !(v & MBW_HAS_PBM) || width_good(r->mbw_pbm_bits, 4096);
}

static bool probe_priority(const struct armvirt_msc *msc, struct armvirt_msc_ris *r, uint32_t idr)
{
	uint32_t in, ds;

	if (!(idr & IDR_HAS_PRI))
		return true;
	in = msc_read(msc, MPAMF_PRI_IDR);
	ds = in >> PRI_DS_SHIFT;
	if (in & PRI_HAS) {
		r->controls |= ARMVIRT_MSC_INTPRI;
		r->intpri_bits = in >> PRI_WD_SHIFT & PRI_WD;
		r->intpri_zero_low = (in & PRI_ZERO_LOW) != 0;
		if (!width_good(r->intpri_bits, 16))
			return false;
	}
	if (ds & PRI_HAS) {
		r->controls |= ARMVIRT_MSC_DSPRI;
		r->dspri_bits = ds >> PRI_WD_SHIFT & PRI_WD;
		r->dspri_zero_low = (ds & PRI_ZERO_LOW) != 0;
		if (!width_good(r->dspri_bits, 16))
			return false;
	}
	return true;
}

static void probe_monitors(struct armvirt_msc *msc, struct armvirt_msc_ris *r, uint32_t idr)
{
	struct armvirt_msc_monitors *csu = &r->monitors[ARMVIRT_MSC_STORAGE];
	struct armvirt_msc_monitors *mbwu = &r->monitors[ARMVIRT_MSC_BANDWIDTH];
	uint32_t mon, v;

	if (!(idr & IDR_HAS_MSMON))
		return;
	mon = msc_read(msc, MPAMF_MSMON_IDR);
	if (mon & MSMON_HAS_LOCAL)
		msc->features |= ARMVIRT_MSC_HAS_CAPTURE;
	if (mon & MSMON_HAS_OFLOW_SR)
		msc->features |= ARMVIRT_MSC_HAS_OVERFLOWS;
	if (mon & MSMON_HAS_CSU) {
		v = msc_read(msc, MPAMF_CSUMON_IDR);
		csu->count = (uint16_t)v;
		csu->bits = 31;
		csu->capture = (v & MON_HAS_CAPTURE) != 0;
		csu->exclude_clean = (v & CSUMON_HAS_XCL) != 0;
		csu->read_only = (v & CSUMON_RO) != 0;
		csu->no_partid = (v & CSUMON_NO_PARTID) != 0;
		csu->no_pmg = (v & CSUMON_NO_PMG) != 0;
		csu->overflow_bits = (v & MON_HAS_OFSR) != 0;
	}
	if (mon & MSMON_HAS_MBWU) {
		v = msc_read(msc, MPAMF_MBWUMON_IDR);
		mbwu->count = (uint16_t)v;
		mbwu->bits = 31;
		if ((v & MBWUMON_HAS_LONG) && !(msc->quirks.flags & ARMVIRT_MSC_QUIRK_LONG))
			mbwu->bits = v & MBWUMON_LWD ? 63 : 44;
		mbwu->scale = v >> MBWUMON_SCALE_SHIFT & 0x1f;
		mbwu->capture = (v & MON_HAS_CAPTURE) != 0;
		mbwu->direction = (v & MBWUMON_HAS_RWBW) != 0;
		mbwu->overflow_bits = (v & MON_HAS_OFSR) != 0;
	}
}

static enum armvirt_status probe_ris(struct armvirt_msc *msc, unsigned i, bool *window_found)
{
	struct armvirt_msc_ris *r = &msc->ris[i];
	uint32_t idr, select = (uint32_t)i << SEL_RIS_SHIFT;

	*r = (struct armvirt_msc_ris){0};
	msc_write(msc, MPAMCFG_PART_SEL, select);
	idr = msc_read(msc, MPAMF_IDR_L);
	if (!probe_cache(msc, r, idr) || !probe_bandwidth(msc, r, idr) ||
	    !probe_priority(msc, r, idr))
		return ARMVIRT_E_HARDWARE;
	/* One window for all instances: it is kept with the first that announces it. */
	if (*window_found)
		r->controls &= ~ARMVIRT_MSC_MBW_WINDOW;
	if (r->controls & ARMVIRT_MSC_MBW_WINDOW)
		*window_found = true;
	probe_monitors(msc, r, idr);
	armvirt_msc_record_layout(r);
	return ARMVIRT_OK;
}

static void probe_features(struct armvirt_msc *msc, uint32_t low, uint32_t high)
{
	if (low & IDR_HAS_NRW)
		msc->features |= ARMVIRT_MSC_HAS_NARROWING;
	/* v1.0 has no word to say so, and its error registers read as zero if there are none. */
	if ((high & IDR_H_HAS_ESR) || msc->version == 0x10)
		msc->features |= ARMVIRT_MSC_HAS_ERRORS;
	if (high & IDR_H_HAS_EXTD_ESR)
		msc->features |= ARMVIRT_MSC_HAS_ERRORS_EXT;
	if (high & IDR_H_HAS_ENDIS)
		msc->features |= ARMVIRT_MSC_HAS_DISABLE;
	if (high & IDR_H_HAS_NFU)
		msc->features |= ARMVIRT_MSC_HAS_FORGET;
	if (high & IDR_H_HAS_RIS)
		msc->features |= ARMVIRT_MSC_HAS_RIS;
}

enum armvirt_status armvirt_msc_probe(struct armvirt_msc *msc, size_t size,
				      const struct armvirt_msc_port *port,
				      struct armvirt_msc_ris *ris, unsigned capacity,
				      const struct armvirt_msc_quirks *quirks)
{
	struct armvirt_msc m = {.port = *port, .ris = ris, .ris_count = 1};
	uint32_t low, high = 0;
	bool window_found = false;

	if (size != sizeof(*msc))
		return ARMVIRT_E_SIZE;
	if (quirks)
		m.quirks = *quirks;
	m.version = (uint8_t)msc_read(&m, MPAMF_AIDR);
	if (m.version != 0x10 && m.version != 0x11 && m.version != 0x01)
		return ARMVIRT_E_UNSUPPORTED;
	m.iidr = msc_read(&m, MPAMF_IIDR);
	low = msc_read(&m, MPAMF_IDR_L);
	if (low & IDR_EXT)
		high = msc_read(&m, MPAMF_IDR_H);
	probe_features(&m, low, high);
	m.partid_max = (uint16_t)low;
	m.pmg_max = (uint8_t)(low >> IDR_PMG_MAX_SHIFT);
	m.control_max = m.partid_max;
	if (m.features & ARMVIRT_MSC_HAS_RIS)
		m.ris_count = (uint8_t)((high >> IDR_H_RIS_MAX_SHIFT & 15) + 1);
	if (m.ris_count > capacity)
		return ARMVIRT_E_NOMEM;
	if (m.features & ARMVIRT_MSC_HAS_NARROWING) {
		m.control_max = (uint16_t)msc_read(&m, MPAMF_NRW_IDR);
		if (m.control_max > m.partid_max)
			return ARMVIRT_E_HARDWARE;
	}
	for (unsigned i = 0; i < m.ris_count; i++) {
		enum armvirt_status status = probe_ris(&m, i, &window_found);

		if (status != ARMVIRT_OK)
			return status;
	}
	*msc = m;
	return ARMVIRT_OK;
}

struct armvirt_mpam_limits armvirt_msc_limits(const struct armvirt_msc *msc)
{
	return (struct armvirt_mpam_limits){msc->partid_max, msc->pmg_max};
}
