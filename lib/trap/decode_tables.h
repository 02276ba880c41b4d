/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fault status code and an exception class mean; for decode.c alone. */
#ifndef ARMVIRT_LIB_TRAP_DECODE_TABLES_H
#define ARMVIRT_LIB_TRAP_DECODE_TABLES_H

#include <libarmvirt/exit.h>

/* Where the address of a fault is: HPFAR_EL2 always, HPFAR_EL2 for descriptors, through stage 1. */
#define EXACT      1
#define DESCRIPTOR 2
#define TRANSLATE  4
/* The syndrome has bits that mean something for this class only. */
#define RARE 8

#define NO_LEVEL ARMVIRT_FAULT_NO_LEVEL

#define HOW_RESERVED      0
#define HOW_ADDRESS_SIZE  (EXACT | DESCRIPTOR)
#define HOW_TRANSLATION   (EXACT | DESCRIPTOR)
#define HOW_ACCESS_FLAG   (EXACT | DESCRIPTOR)
#define HOW_PERMISSION    (TRANSLATE | DESCRIPTOR | RARE)
#define HOW_EXTERNAL      RARE
#define HOW_EXTERNAL_WALK RARE
#define HOW_PARITY        RARE
#define HOW_PARITY_WALK   RARE
#define HOW_TAG_CHECK     0
#define HOW_ALIGNMENT     0
#define HOW_GPF           DESCRIPTOR
#define HOW_GPF_WALK      DESCRIPTOR
#define HOW_TLB_CONFLICT  0
#define HOW_HW_UPDATE     TRANSLATE
#define HOW_LOCKDOWN      0
#define HOW_EXCLUSIVE     0

struct status {
	uint8_t fault;
	int8_t level;
	uint8_t how;
	uint8_t unused; /* four bytes: the index is a shift */
};

/* clang-format off */
#define STATUS(class, level) {ARMVIRT_FAULT_##class, level, HOW_##class, 0}
/* clang-format on */

static const struct status statuses[64] = {
	[0x00] = STATUS(ADDRESS_SIZE, 0),
	[0x01] = STATUS(ADDRESS_SIZE, 1),
	[0x02] = STATUS(ADDRESS_SIZE, 2),
	[0x03] = STATUS(ADDRESS_SIZE, 3),
	[0x04] = STATUS(TRANSLATION, 0),
	[0x05] = STATUS(TRANSLATION, 1),
	[0x06] = STATUS(TRANSLATION, 2),
	[0x07] = STATUS(TRANSLATION, 3),
	[0x08] = STATUS(ACCESS_FLAG, 0),
	[0x09] = STATUS(ACCESS_FLAG, 1),
	[0x0a] = STATUS(ACCESS_FLAG, 2),
	[0x0b] = STATUS(ACCESS_FLAG, 3),
	[0x0c] = STATUS(PERMISSION, 0),
	[0x0d] = STATUS(PERMISSION, 1),
	[0x0e] = STATUS(PERMISSION, 2),
	[0x0f] = STATUS(PERMISSION, 3),
	[0x10] = STATUS(EXTERNAL, NO_LEVEL),
	[0x11] = STATUS(TAG_CHECK, NO_LEVEL),
	[0x12] = STATUS(EXTERNAL_WALK, -2),
	[0x13] = STATUS(EXTERNAL_WALK, -1),
	[0x14] = STATUS(EXTERNAL_WALK, 0),
	[0x15] = STATUS(EXTERNAL_WALK, 1),
	[0x16] = STATUS(EXTERNAL_WALK, 2),
	[0x17] = STATUS(EXTERNAL_WALK, 3),
	[0x18] = STATUS(PARITY, NO_LEVEL),
	[0x19] = STATUS(RESERVED, NO_LEVEL),
	[0x1a] = STATUS(PARITY_WALK, -2),
	[0x1b] = STATUS(PARITY_WALK, -1),
	[0x1c] = STATUS(PARITY_WALK, 0),
	[0x1d] = STATUS(PARITY_WALK, 1),
	[0x1e] = STATUS(PARITY_WALK, 2),
	[0x1f] = STATUS(PARITY_WALK, 3),
	[0x20] = STATUS(RESERVED, NO_LEVEL),
	[0x21] = STATUS(ALIGNMENT, NO_LEVEL),
	[0x22] = STATUS(GPF_WALK, -2),
	[0x23] = STATUS(GPF_WALK, -1),
	[0x24] = STATUS(GPF_WALK, 0),
	[0x25] = STATUS(GPF_WALK, 1),
	[0x26] = STATUS(GPF_WALK, 2),
	[0x27] = STATUS(GPF_WALK, 3),
	[0x28] = STATUS(GPF, NO_LEVEL),
	[0x29] = STATUS(ADDRESS_SIZE, -1),
	[0x2a] = STATUS(TRANSLATION, -2),
	[0x2b] = STATUS(TRANSLATION, -1),
	[0x2c] = STATUS(ADDRESS_SIZE, -2),
	[0x2d] = STATUS(RESERVED, NO_LEVEL),
	[0x2e] = STATUS(RESERVED, NO_LEVEL),
	[0x2f] = STATUS(RESERVED, NO_LEVEL),
	[0x30] = STATUS(TLB_CONFLICT, NO_LEVEL),
	[0x31] = STATUS(HW_UPDATE, NO_LEVEL),
	[0x32] = STATUS(RESERVED, NO_LEVEL),
	[0x33] = STATUS(RESERVED, NO_LEVEL),
	[0x34] = STATUS(LOCKDOWN, NO_LEVEL),
	[0x35] = STATUS(EXCLUSIVE, NO_LEVEL),
	[0x36] = STATUS(RESERVED, NO_LEVEL),
	[0x37] = STATUS(RESERVED, NO_LEVEL),
	[0x38] = STATUS(RESERVED, NO_LEVEL),
	[0x39] = STATUS(RESERVED, NO_LEVEL),
	[0x3a] = STATUS(RESERVED, NO_LEVEL),
	[0x3b] = STATUS(RESERVED, NO_LEVEL),
	[0x3c] = STATUS(RESERVED, NO_LEVEL),
	[0x3d] = STATUS(RESERVED, NO_LEVEL),
	[0x3e] = STATUS(RESERVED, NO_LEVEL),
	[0x3f] = STATUS(RESERVED, NO_LEVEL),
};

/* Kind in 5:0, bit 7: the ISS holds CV and COND. */
#define CONDITIONAL 0x80
#define KIND(kind)  (uint8_t)(ARMVIRT_EXIT_##kind + 1) /* so that 0 is reserved */

static const uint8_t ec_table[64] = {
	[0x00] = KIND(UNKNOWN),
	[0x01] = KIND(WFX) | CONDITIONAL,
	[0x03] = KIND(CP15) | CONDITIONAL,
	[0x04] = KIND(CP15_64) | CONDITIONAL,
	[0x05] = KIND(CP14) | CONDITIONAL,
	[0x06] = KIND(CP14_LDST) | CONDITIONAL,
	[0x07] = KIND(FP) | CONDITIONAL,
	[0x08] = KIND(CP10) | CONDITIONAL,
	[0x09] = KIND(PAUTH),
	[0x0a] = KIND(LS64),
	[0x0c] = KIND(CP14_64) | CONDITIONAL,
	[0x0d] = KIND(BTI),
	[0x0e] = KIND(ILLEGAL),
	[0x11] = KIND(SVC),
	[0x12] = KIND(HVC),
	[0x13] = KIND(SMC) | CONDITIONAL,
	[0x14] = KIND(SYSREG128),
	[0x15] = KIND(SVC),
	[0x16] = KIND(HVC),
	[0x17] = KIND(SMC),
	[0x18] = KIND(SYSREG),
	[0x19] = KIND(SVE),
	[0x1a] = KIND(ERET),
	[0x1b] = KIND(TSTART),
	[0x1c] = KIND(PACFAIL),
	[0x1d] = KIND(SME),
	[0x1e] = KIND(GPC),
	[0x1f] = KIND(IMPDEF),
	[0x20] = KIND(IABT),
	[0x21] = KIND(IABT_SAME),
	[0x22] = KIND(PC_ALIGN),
	[0x24] = KIND(DABT),
	[0x25] = KIND(DABT_SAME),
	[0x26] = KIND(SP_ALIGN),
	[0x27] = KIND(MOPS),
	[0x28] = KIND(FP_EXC),
	[0x2c] = KIND(FP_EXC),
	[0x2d] = KIND(GCS),
	[0x2f] = KIND(SERROR),
	[0x30] = KIND(BREAKPOINT),
	[0x31] = KIND(BREAKPOINT),
	[0x32] = KIND(STEP),
	[0x33] = KIND(STEP),
	[0x34] = KIND(WATCHPOINT),
	[0x35] = KIND(WATCHPOINT),
	[0x38] = KIND(BKPT),
	[0x3a] = KIND(VECTOR),
	[0x3c] = KIND(BKPT),
	[0x3d] = KIND(PROFILING),
};

#endif
