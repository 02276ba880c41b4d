/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Emulation of trapped system registers: find the handler, call it, complete the access.
 */
#ifndef LIBARMVIRT_SYSREG_H
#define LIBARMVIRT_SYSREG_H

#include <libarmvirt/exit.h>
#include <libarmvirt/frame.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup trap
 * @{
 */

/** The register may be read. */
#define ARMVIRT_SYSREG_R 1
/** The register may be written. */
#define ARMVIRT_SYSREG_W 2
/** The register may be read and written. */
#define ARMVIRT_SYSREG_RW 3

/** One emulated register: a row of the caller's constant table. */
struct armvirt_sysreg_entry {
	armvirt_sysreg_key_t key; /**< which register; each key once in a table */
	uint16_t access;          /**< ARMVIRT_SYSREG_R, W or RW: anything else is UNDEFINED */
	uint16_t id;              /**< the caller's own */
	uint64_t arg;             /**< the caller's own, or what the library's handler wants */
	/**
	 * Serves one access. @p value has two words: of a write, what the guest wrote (pair
	 * accesses: the low word or doubleword first; MCRR: one 64-bit number); of a read, zero,
	 * to be replaced. Returns ARMVIRT_OK: the library writes the register and steps over the
	 * instruction; ARMVIRT_RETRY: nothing is written, the guest executes the instruction
	 * again; negative: nothing is written, armvirt_sysreg_emulate() returns the same.
	 */
	enum armvirt_status (*handler)(void *context, const struct armvirt_sysreg_entry *entry,
				       const struct armvirt_sysreg_access *access, uint64_t *value);
};

/** Buckets of the index. */
#define ARMVIRT_SYSREG_BUCKETS 256
/** Slots of the index. */
#define ARMVIRT_SYSREG_SLOTS 2048
/** Largest number of rows of a table. */
#define ARMVIRT_SYSREG_ENTRIES_MAX 1536

/**
 * A perfect hash over a table of the caller's: two dependent loads lead to the only row that may
 * match, at every table size. About 4.6 KiB; read-only after armvirt_sysreg_index_init(), so it
 * may be shared by all CPUs and virtual machines.
 */
struct armvirt_sysreg_index {
	const struct armvirt_sysreg_entry *entry; /**< the caller's table */
	uint16_t seed[ARMVIRT_SYSREG_BUCKETS];    /**< displacement by bucket */
	uint16_t slot[ARMVIRT_SYSREG_SLOTS];      /**< row number by slot */
};

/** A table and the number of its rows. */
struct armvirt_sysreg_table {
	const struct armvirt_sysreg_entry *entry; /**< rows, in any order */
	uint32_t count;                           /**< their number, 1 to the maximum */
};

/**
 * @brief Builds the index of a table.
 * @param index written whole on success; on refusal it must not be used
 * @param table the caller's rows; they must live as long as the index
 * @return ARMVIRT_OK; ARMVIRT_E_ARG if the table is empty, a row has no handler, no access or a
 *         key outside 19:0; ARMVIRT_E_FULL if it has too many rows or (practically never) no
 *         displacement is found; ARMVIRT_E_EXISTS if a key stands twice.
 *
 * Takes time proportional to 256 times the rows: for start-up, not for a hot path. Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_sysreg_index_init(struct armvirt_sysreg_index *index,
			  const struct armvirt_sysreg_table *table);

/** The row of a key, or NULL. Constant time; any value of @p key is allowed. Pure. */
const struct armvirt_sysreg_entry *armvirt_sysreg_find(const struct armvirt_sysreg_index *index,
						       armvirt_sysreg_key_t key);

/**
 * @brief Serves a trapped access to a system register from beginning to end.
 * @param index   from armvirt_sysreg_index_init()
 * @param context handed to the handler
 * @param exit    an exit with member sysreg
 * @param frame   the guest
 * @return ARMVIRT_OK: done and stepped over (also when an AArch32 condition failed);
 *         ARMVIRT_RETRY: the handler wants the instruction executed again;
 *         ARMVIRT_E_ABSENT: no row, and ARMVIRT_E_DENIED: not in this direction: the caller's
 *         answer is armvirt_inject_undef(); ARMVIRT_E_ARG: the exit is of another kind;
 *         or what the handler returned. With a negative result nothing has changed.
 *
 * Unallocated ID registers (armvirt_sysreg_is_id()) read zero without a row. Concurrency: the
 * index is only read; the rest is the handler's.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_sysreg_emulate(const struct armvirt_sysreg_index *index, void *context,
		       const struct armvirt_exit *exit, struct armvirt_frame *frame);

/**
 * @brief What a trapped write carries.
 * @param exit  an exit with member sysreg
 * @param frame the guest
 * @param value receives two words, as @ref armvirt_sysreg_entry describes
 *
 * Pure. For users who dispatch on their own.
 */
void armvirt_sysreg_operand(const struct armvirt_exit *exit, const struct armvirt_frame *frame,
			    uint64_t *value);

/**
 * @brief Completes a trapped access: a read writes the general register (or, MRC to
 *        APSR_nzcv, the flags), and the instruction is stepped over.
 * @param exit  an exit with member sysreg
 * @param frame the guest
 * @param value two words (ignored for a write)
 *
 * Pure.
 */
void armvirt_sysreg_complete(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			     const uint64_t *value);

/** Group of a register, for answers to whole groups. */
enum armvirt_sysreg_group {
	ARMVIRT_SYSREG_OTHER = 0,  /**< none of these */
	ARMVIRT_SYSREG_ID = 1,     /**< ID space: reads as zero where unallocated */
	ARMVIRT_SYSREG_DEBUG = 2,  /**< breakpoints, watchpoints, OS lock, DCC */
	ARMVIRT_SYSREG_TRACE = 3,  /**< trace unit, trace filter, TRBE, BRBE */
	ARMVIRT_SYSREG_PMU = 4,    /**< performance monitors, statistical profiling, AMU */
	ARMVIRT_SYSREG_TIMER = 5,  /**< generic timer of EL0 and EL1 */
	ARMVIRT_SYSREG_GIC = 6,    /**< ICC_* */
	ARMVIRT_SYSREG_IMPDEF = 7, /**< IMPLEMENTATION DEFINED space */
	ARMVIRT_SYSREG_SYS = 8     /**< op0 = 1: cache, TLB and other instructions */
};

/** The group of a register by its key. Pure. */
enum armvirt_sysreg_group armvirt_sysreg_group(armvirt_sysreg_key_t key);

/**
 * @brief Whether a register lies in the ID space: op0 = 3, op1 = 0, CRn = 0, CRm = 1 to 7, or the
 *        AArch32 equivalent. Unallocated registers there read as zero. Pure.
 */
bool armvirt_sysreg_is_id(armvirt_sysreg_key_t key);

/** Handler: reads as zero, ignores writes. */
enum armvirt_status armvirt_sysreg_raz_wi(void *context, const struct armvirt_sysreg_entry *entry,
					  const struct armvirt_sysreg_access *access,
					  uint64_t *value);

/** Handler: reads the row's arg, ignores writes. */
enum armvirt_status armvirt_sysreg_constant(void *context, const struct armvirt_sysreg_entry *entry,
					    const struct armvirt_sysreg_access *access,
					    uint64_t *value);

/** Handler: UNDEFINED in both directions. */
enum armvirt_status armvirt_sysreg_undefined(void *context,
					     const struct armvirt_sysreg_entry *entry,
					     const struct armvirt_sysreg_access *access,
					     uint64_t *value);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
