/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/exit.h>

/* Text stands in the entry itself: a pointer would be an absolute relocation. */
static const char exit_names[ARMVIRT_EXIT_COUNT][28] = {
	[ARMVIRT_EXIT_UNKNOWN] = "undefined instruction",
	[ARMVIRT_EXIT_WFX] = "wait for interrupt or event",
	[ARMVIRT_EXIT_CP15] = "CP15 access",
	[ARMVIRT_EXIT_CP15_64] = "CP15 64-bit access",
	[ARMVIRT_EXIT_CP14] = "CP14 access",
	[ARMVIRT_EXIT_CP14_LDST] = "CP14 load or store",
	[ARMVIRT_EXIT_FP] = "FP or SIMD use",
	[ARMVIRT_EXIT_CP10] = "VMRS access",
	[ARMVIRT_EXIT_PAUTH] = "pointer authentication use",
	[ARMVIRT_EXIT_LS64] = "64-byte access or CSYNC",
	[ARMVIRT_EXIT_CP14_64] = "CP14 64-bit access",
	[ARMVIRT_EXIT_BTI] = "branch target",
	[ARMVIRT_EXIT_ILLEGAL] = "illegal execution state",
	[ARMVIRT_EXIT_SVC] = "SVC",
	[ARMVIRT_EXIT_HVC] = "HVC",
	[ARMVIRT_EXIT_SMC] = "SMC",
	[ARMVIRT_EXIT_SYSREG128] = "128-bit register access",
	[ARMVIRT_EXIT_SYSREG] = "system register access",
	[ARMVIRT_EXIT_SVE] = "SVE use",
	[ARMVIRT_EXIT_ERET] = "ERET",
	[ARMVIRT_EXIT_TSTART] = "TSTART",
	[ARMVIRT_EXIT_PACFAIL] = "pointer authentication",
	[ARMVIRT_EXIT_SME] = "SME use",
	[ARMVIRT_EXIT_GPC] = "granule protection check",
	[ARMVIRT_EXIT_IMPDEF] = "implementation defined",
	[ARMVIRT_EXIT_IABT] = "instruction abort",
	[ARMVIRT_EXIT_IABT_SAME] = "instruction abort at EL2",
	[ARMVIRT_EXIT_PC_ALIGN] = "PC alignment",
	[ARMVIRT_EXIT_DABT] = "data abort",
	[ARMVIRT_EXIT_DABT_SAME] = "data abort at EL2",
	[ARMVIRT_EXIT_SP_ALIGN] = "SP alignment",
	[ARMVIRT_EXIT_MOPS] = "memory copy or set",
	[ARMVIRT_EXIT_FP_EXC] = "floating-point exception",
	[ARMVIRT_EXIT_GCS] = "guarded control stack",
	[ARMVIRT_EXIT_SERROR] = "SError",
	[ARMVIRT_EXIT_BREAKPOINT] = "breakpoint",
	[ARMVIRT_EXIT_STEP] = "software step",
	[ARMVIRT_EXIT_WATCHPOINT] = "watchpoint",
	[ARMVIRT_EXIT_BKPT] = "breakpoint instruction",
	[ARMVIRT_EXIT_VECTOR] = "vector catch",
	[ARMVIRT_EXIT_PROFILING] = "profiling",
	[ARMVIRT_EXIT_RESERVED] = "reserved",
};

static const char fault_names[ARMVIRT_FAULT_COUNT][32] = {
	[ARMVIRT_FAULT_RESERVED] = "reserved",
	[ARMVIRT_FAULT_ADDRESS_SIZE] = "address size fault",
	[ARMVIRT_FAULT_TRANSLATION] = "translation fault",
	[ARMVIRT_FAULT_ACCESS_FLAG] = "access flag fault",
	[ARMVIRT_FAULT_PERMISSION] = "permission fault",
	[ARMVIRT_FAULT_EXTERNAL] = "external abort",
	[ARMVIRT_FAULT_EXTERNAL_WALK] = "external abort on a walk",
	[ARMVIRT_FAULT_PARITY] = "parity or ECC error",
	[ARMVIRT_FAULT_PARITY_WALK] = "parity or ECC error on a walk",
	[ARMVIRT_FAULT_TAG_CHECK] = "tag check fault",
	[ARMVIRT_FAULT_ALIGNMENT] = "alignment fault",
	[ARMVIRT_FAULT_GPF] = "granule protection fault",
	[ARMVIRT_FAULT_GPF_WALK] = "granule protection, on a walk",
	[ARMVIRT_FAULT_TLB_CONFLICT] = "TLB conflict abort",
	[ARMVIRT_FAULT_HW_UPDATE] = "unsupported atomic update",
	[ARMVIRT_FAULT_LOCKDOWN] = "lockdown fault",
	[ARMVIRT_FAULT_EXCLUSIVE] = "unsupported exclusive access",
	[ARMVIRT_FAULT_DEBUG] = "debug exception",
	[ARMVIRT_FAULT_GPT] = "granule protection table fault",
};

const char *armvirt_exit_name(enum armvirt_exit_kind kind)
{
	if ((unsigned)kind >= ARMVIRT_EXIT_COUNT)
		kind = ARMVIRT_EXIT_RESERVED;
	return exit_names[kind];
}

const char *armvirt_fault_name(enum armvirt_fault fault)
{
	if ((unsigned)fault >= ARMVIRT_FAULT_COUNT)
		fault = ARMVIRT_FAULT_RESERVED;
	return fault_names[fault];
}
