/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of the MPAM system registers and the ID fields that announce them. */
#ifndef ARMVIRT_LIB_MPAM_PE_REGS_H
#define ARMVIRT_LIB_MPAM_PE_REGS_H

#include <libarmvirt/base.h>

#define PE_BIT(n) (UINT64_C(1) << (n))

#define PFR0_EL3_SHIFT      12
#define PFR0_MPAM_SHIFT     40
#define PFR1_MPAMFRAC_SHIFT 16
#define PFR1_SME_SHIFT      24
#define ID_FIELD            0xf

#define MPAMIDR_PARTID_MAX     0xffff
#define MPAMIDR_HAS_HCR        PE_BIT(17)
#define MPAMIDR_VPMR_MAX_SHIFT 18
#define MPAMIDR_VPMR_MAX       0x7
#define MPAMIDR_PMG_MAX_SHIFT  32
#define MPAMIDR_PMG_MAX        0xff
#define MPAMIDR_HAS_BW_CTRL    PE_BIT(56)
#define MPAMIDR_HAS_TIDR       PE_BIT(58)

/* MPAM0_EL1, MPAM1_EL1 and MPAM2_EL2 alike; MPAMSM_EL1 has the data fields only. */
#define MPAMX_PARTID_D_SHIFT 16
#define MPAMX_PMG_I_SHIFT    32
#define MPAMX_PMG_D_SHIFT    40
#define MPAMX_DATA           UINT64_C(0x0000ff00ffff0000)

#define MPAM2_MPAMEN       PE_BIT(63)
#define MPAM2_TIDR         PE_BIT(58)
#define MPAM2_ENMPAMSM     PE_BIT(50)
#define MPAM2_TRAPMPAM0EL1 PE_BIT(49)
#define MPAM2_TRAPMPAM1EL1 PE_BIT(48)

#define MPAMHCR_TRAP_MPAMIDR PE_BIT(31)
#define MPAMHCR_GSTAPP_PLK   PE_BIT(8)
#define MPAMHCR_EL1_VPMEN    PE_BIT(1)
#define MPAMHCR_EL0_VPMEN    PE_BIT(0)

#define DEFAULT_PARTID 0
#define DEFAULT_PMG    0

#endif
