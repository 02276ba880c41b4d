/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and writes of system registers, by encoding: assemblers of any age take them. */
#ifndef ARMVIRT_LIB_HW_SYSREG_H
#define ARMVIRT_LIB_HW_SYSREG_H

#include <libarmvirt/base.h>

#if defined(ARMVIRT_SEAM_MODEL)
uint64_t armvirt_model_mrs(const char *encoding);
void armvirt_model_msr(const char *encoding, uint64_t value);
unsigned armvirt_model_rdvl(void);

#define armvirt_mrs(encoding)        armvirt_model_mrs(encoding)
#define armvirt_msr(encoding, value) armvirt_model_msr(encoding, value)
#define armvirt_isb()                ((void)0)
#define armvirt_ic_iallu()           ((void)0)
#define armvirt_rdvl()               armvirt_model_rdvl()
#else
unsigned armvirt_hw_sve_vl(void);

#define armvirt_mrs(encoding)                                                   \
	__extension__({                                                         \
		uint64_t value_;                                                \
		__asm__ volatile("mrs %0, " encoding : "=r"(value_)::"memory"); \
		value_;                                                         \
	})
#define armvirt_msr(encoding, value) \
	__asm__ volatile("msr " encoding ", %x0" ::"rZ"((uint64_t)(value)) : "memory")
#define armvirt_isb()      __asm__ volatile("isb" ::: "memory")
#define armvirt_ic_iallu() __asm__ volatile("ic iallu" ::: "memory")
#define armvirt_rdvl()     armvirt_hw_sve_vl()
#endif

#define ARMVIRT_S_CURRENTEL      "s3_0_c4_c2_2"
#define ARMVIRT_S_AFSR0_EL1      "s3_0_c5_c1_0"
#define ARMVIRT_S_AFSR1_EL1      "s3_0_c5_c1_1"
#define ARMVIRT_S_AMAIR_EL1      "s3_0_c10_c3_0"
#define ARMVIRT_S_AFSR0_EL12     "s3_5_c5_c1_0"
#define ARMVIRT_S_AFSR1_EL12     "s3_5_c5_c1_1"
#define ARMVIRT_S_AMAIR_EL12     "s3_5_c10_c3_0"
#define ARMVIRT_S_MIDR_EL1       "s3_0_c0_c0_0"
#define ARMVIRT_S_MPIDR_EL1      "s3_0_c0_c0_5"
#define ARMVIRT_S_MDSCR_EL1      "s2_0_c0_c2_2"
#define ARMVIRT_S_MDCCINT_EL1    "s2_0_c0_c2_0"
#define ARMVIRT_S_SCTLR_EL1      "s3_0_c1_c0_0"
#define ARMVIRT_S_FAR_EL1        "s3_0_c6_c0_0"
#define ARMVIRT_S_FAR_EL2        "s3_4_c6_c0_0"
#define ARMVIRT_S_DISR_EL1       "s3_0_c12_c1_1"
#define ARMVIRT_S_LORC_EL1       "s3_0_c10_c4_3"
#define ARMVIRT_S_GCR_EL1        "s3_0_c1_c0_6"
#define ARMVIRT_S_SVCR           "s3_3_c4_c2_2"
#define ARMVIRT_S_PMCR_EL0       "s3_3_c9_c12_0"
#define ARMVIRT_S_PMSELR_EL0     "s3_3_c9_c12_5"
#define ARMVIRT_S_PMUSERENR_EL0  "s3_3_c9_c14_0"
#define ARMVIRT_S_AMUSERENR_EL0  "s3_3_c13_c2_3"
#define ARMVIRT_S_CNTP_CTL_EL0   "s3_3_c14_c2_1"
#define ARMVIRT_S_CNTV_CTL_EL0   "s3_3_c14_c3_1"
#define ARMVIRT_S_CNTP_CTL_EL02  "s3_5_c14_c2_1"
#define ARMVIRT_S_CNTV_CTL_EL02  "s3_5_c14_c3_1"
#define ARMVIRT_S_VPIDR_EL2      "s3_4_c0_c0_0"
#define ARMVIRT_S_VMPIDR_EL2     "s3_4_c0_c0_5"
#define ARMVIRT_S_SCTLR_EL2      "s3_4_c1_c0_0"
#define ARMVIRT_S_SCTLR2_EL2     "s3_4_c1_c0_3"
#define ARMVIRT_S_HCR_EL2        "s3_4_c1_c1_0"
#define ARMVIRT_S_MDCR_EL2       "s3_4_c1_c1_1"
#define ARMVIRT_S_CPTR_EL2       "s3_4_c1_c1_2"
#define ARMVIRT_S_HSTR_EL2       "s3_4_c1_c1_3"
#define ARMVIRT_S_HFGRTR_EL2     "s3_4_c1_c1_4"
#define ARMVIRT_S_HFGWTR_EL2     "s3_4_c1_c1_5"
#define ARMVIRT_S_HFGITR_EL2     "s3_4_c1_c1_6"
#define ARMVIRT_S_HACR_EL2       "s3_4_c1_c1_7"
#define ARMVIRT_S_ZCR_EL2        "s3_4_c1_c2_0"
#define ARMVIRT_S_TRFCR_EL2      "s3_4_c1_c2_1"
#define ARMVIRT_S_HCRX_EL2       "s3_4_c1_c2_2"
#define ARMVIRT_S_SMPRIMAP_EL2   "s3_4_c1_c2_5"
#define ARMVIRT_S_SMCR_EL2       "s3_4_c1_c2_6"
#define ARMVIRT_S_TTBR0_EL2      "s3_4_c2_c0_0"
#define ARMVIRT_S_TTBR1_EL2      "s3_4_c2_c0_1"
#define ARMVIRT_S_TCR_EL2        "s3_4_c2_c0_2"
#define ARMVIRT_S_TCR2_EL2       "s3_4_c2_c0_3"
#define ARMVIRT_S_VTTBR_EL2      "s3_4_c2_c1_0"
#define ARMVIRT_S_VTCR_EL2       "s3_4_c2_c1_2"
#define ARMVIRT_S_VNCR_EL2       "s3_4_c2_c2_0"
#define ARMVIRT_S_HDFGRTR2_EL2   "s3_4_c3_c1_0"
#define ARMVIRT_S_HDFGWTR2_EL2   "s3_4_c3_c1_1"
#define ARMVIRT_S_HFGRTR2_EL2    "s3_4_c3_c1_2"
#define ARMVIRT_S_HFGWTR2_EL2    "s3_4_c3_c1_3"
#define ARMVIRT_S_HDFGRTR_EL2    "s3_4_c3_c1_4"
#define ARMVIRT_S_HDFGWTR_EL2    "s3_4_c3_c1_5"
#define ARMVIRT_S_HAFGRTR_EL2    "s3_4_c3_c1_6"
#define ARMVIRT_S_HFGITR2_EL2    "s3_4_c3_c1_7"
#define ARMVIRT_S_VSESR_EL2      "s3_4_c5_c2_3"
#define ARMVIRT_S_TFSR_EL2       "s3_4_c5_c6_0"
#define ARMVIRT_S_MAIR_EL2       "s3_4_c10_c2_0"
#define ARMVIRT_S_AMAIR_EL2      "s3_4_c10_c3_0"
#define ARMVIRT_S_PMSCR_EL2      "s3_4_c9_c9_0"
#define ARMVIRT_S_BRBCR_EL2      "s2_4_c9_c0_0"
#define ARMVIRT_S_MPAMHCR_EL2    "s3_4_c10_c4_0"
#define ARMVIRT_S_MPAM2_EL2      "s3_4_c10_c5_0"
#define ARMVIRT_S_VBAR_EL2       "s3_4_c12_c0_0"
#define ARMVIRT_S_VDISR_EL2      "s3_4_c12_c1_1"
#define ARMVIRT_S_ICC_SRE_EL2    "s3_4_c12_c9_5"
#define ARMVIRT_S_ICH_HCR_EL2    "s3_4_c12_c11_0"
#define ARMVIRT_S_CONTEXTIDR_EL2 "s3_4_c13_c0_1"
#define ARMVIRT_S_SCXTNUM_EL2    "s3_4_c13_c0_7"
#define ARMVIRT_S_CNTVOFF_EL2    "s3_4_c14_c0_3"
#define ARMVIRT_S_CNTPOFF_EL2    "s3_4_c14_c0_6"
#define ARMVIRT_S_CNTHCTL_EL2    "s3_4_c14_c1_0"
#define ARMVIRT_S_CNTHP_CTL_EL2  "s3_4_c14_c2_1"
#define ARMVIRT_S_CNTHV_CTL_EL2  "s3_4_c14_c3_1"
#define ARMVIRT_S_GCSCR_EL2      "s3_4_c2_c5_0"

#endif
