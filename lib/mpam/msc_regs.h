/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory-mapped registers of an MPAM component (Arm IHI 0099, chapter 9). */
#ifndef ARMVIRT_LIB_MPAM_MSC_REGS_H
#define ARMVIRT_LIB_MPAM_MSC_REGS_H

#include <libarmvirt/mpam_msc.h>

#define BIT(n) (UINT32_C(1) << (n))

#define MPAMF_IDR_L         0x000
#define IDR_PMG_MAX_SHIFT   16
#define IDR_HAS_CCAP        BIT(24)
#define IDR_HAS_CPOR        BIT(25)
#define IDR_HAS_MBW         BIT(26)
#define IDR_HAS_PRI         BIT(27)
#define IDR_EXT             BIT(28)
#define IDR_HAS_MSMON       BIT(30)
#define IDR_HAS_NRW         BIT(31)
#define MPAMF_IDR_H         0x004
#define IDR_H_HAS_RIS       BIT(0)
#define IDR_H_HAS_EXTD_ESR  BIT(6)
#define IDR_H_HAS_ESR       BIT(7)
#define IDR_H_HAS_ENDIS     BIT(10)
#define IDR_H_HAS_NFU       BIT(11)
#define IDR_H_RIS_MAX_SHIFT 24
#define MPAMF_IIDR          0x018
#define MPAMF_AIDR          0x020
#define MPAMF_CPOR_IDR      0x030
#define MPAMF_CCAP_IDR      0x038
#define CCAP_CMAX_WD        0x3f
#define CCAP_CASSOC_SHIFT   8
#define CCAP_CASSOC_WD      0x1f
#define CCAP_HAS_CASSOC     BIT(28)
#define CCAP_HAS_CMIN       BIT(29)
#define CCAP_NO_CMAX        BIT(30)
#define CCAP_HAS_SOFTLIM    BIT(31)
#define MPAMF_MBW_IDR       0x040
#define MBW_BWA_WD          0x3f
#define MBW_MAX_LIM_SHIFT   8
#define MBW_HAS_MIN         BIT(10)
#define MBW_HAS_MAX         BIT(11)
#define MBW_HAS_PBM         BIT(12)
#define MBW_HAS_PROP        BIT(13)
#define MBW_WINDWR          BIT(14)
#define MBW_PBM_WD_SHIFT    16
#define MBW_PBM_WD          0x1fff
#define MPAMF_PRI_IDR       0x048
#define PRI_HAS             BIT(0)
#define PRI_ZERO_LOW        BIT(1)
#define PRI_WD_SHIFT        4
#define PRI_WD              0x3f
#define PRI_DS_SHIFT        16
#define MPAMF_NRW_IDR       0x050
#define MPAMF_MSMON_IDR     0x080
#define MSMON_HAS_CSU       BIT(16)
#define MSMON_HAS_MBWU      BIT(17)
#define MSMON_HAS_OFLOW_SR  BIT(28)
#define MSMON_HAS_LOCAL     BIT(31)
#define MPAMF_CSUMON_IDR    0x088
#define CSUMON_NO_PMG       BIT(22)
#define CSUMON_NO_PARTID    BIT(23)
#define MON_HAS_OFSR        BIT(26)
#define CSUMON_HAS_XCL      BIT(29)
#define CSUMON_RO           BIT(30)
#define MON_HAS_CAPTURE     BIT(31)
#define MPAMF_MBWUMON_IDR   0x090
#define MBWUMON_SCALE_SHIFT 16
#define MBWUMON_HAS_RWBW    BIT(28)
#define MBWUMON_LWD         BIT(29)
#define MBWUMON_HAS_LONG    BIT(30)

#define MPAMF_ECR      0x0f0
#define MPAMF_ESR_L    0x0f8
#define MPAMF_ESR_H    0x0fc
#define ESR_PMG_SHIFT  16
#define ESR_CODE_SHIFT 24
#define ESR_OVRWR      BIT(31)

#define MPAMCFG_PART_SEL   0x100
#define SEL_INTERNAL       BIT(16)
#define SEL_RIS_SHIFT      24
#define MPAMCFG_EN         0x300
#define MPAMCFG_DIS        0x310
#define DIS_NFU            BIT(31)
#define MPAMCFG_EN_FLAGS   0x320
#define MPAMCFG_INTPARTID  0x600
#define INTPARTID_INTERNAL BIT(16)
#define MPAMCFG_CPBM       0x1000
#define MPAMCFG_MBW_PBM    0x2000

#define MSMON_CFG_MON_SEL 0x800
#define MSMON_CAPT_EVNT   0x808
#define CAPT_EVNT_NOW     BIT(0)
#define MSMON_CFG_FLT(t)  (0x810 + (t)*0x10)
#define FLT_PMG_SHIFT     16
#define FLT_RWBW_SHIFT    30
#define FLT_XCL           BIT(31)
#define MSMON_CFG_CTL(t)  (0x818 + (t)*0x10)
#define CTL_TYPE          0xff
#define CTL_TYPE_CSU      0x43
#define CTL_TYPE_MBWU     0x42
#define CTL_INTR_L        BIT(14)
#define CTL_STATUS_L      BIT(15)
#define CTL_MATCH_PARTID  BIT(16)
#define CTL_MATCH_PMG     BIT(17)
#define CTL_SCLEN         BIT(19)
#define CTL_INTR          BIT(25)
#define CTL_STATUS        BIT(26)
#define CTL_CAPT_RESET    BIT(27)
#define CTL_CAPT_SHIFT    28
#define CTL_EN            BIT(31)
#define MSMON_VALUE(t)    (0x840 + (t)*0x20)
#define MSMON_CAPTURE(t)  (0x848 + (t)*0x20)
#define MSMON_MBWU_L      0x880
#define MSMON_MBWU_L_CAPT 0x890
#define MSMON_CSU_OFSR    0x858
#define MSMON_MBWU_OFSR   0x898
#define VALUE_NRDY        BIT(31)

static inline uint32_t msc_read(const struct armvirt_msc *msc, uint32_t offset)
{
	return msc->port.read(msc->port.context, offset);
}

static inline void msc_write(const struct armvirt_msc *msc, uint32_t offset, uint32_t value)
{
	msc->port.write(msc->port.context, offset, value);
}

#endif
