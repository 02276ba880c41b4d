/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief MPAM: a constant partition plan, checked as a whole and turned into steps.
 */
#ifndef LIBARMVIRT_MPAM_PLAN_H
#define LIBARMVIRT_MPAM_PLAN_H

#include <libarmvirt/mpam_msc.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup mpam_plan MPAM, partition plans
 * @brief Who gets which share of caches and memory bandwidth, as one const table.
 *
 * A plan says what is wanted in units of its own; armvirt_mpam_plan_check() tells whether it is
 * sound and whether these components can do it, before any of them is touched. Then
 * armvirt_mpam_plan_next() yields one step after the other, and armvirt_mpam_step_run() performs
 * it. Nothing is allocated and no step needs memory besides its structure.
 *
 * PARTIDs that no partition names are treated like PARTID 0, so that nothing escapes the plan.
 * @{
 */

/** Parts first to first + count - 1 of a resource that is cut in @p of equal parts; of = 0: no
 * wish. */
struct armvirt_mpam_share {
	uint16_t first; /**< first part */
	uint16_t count; /**< parts, at least 1 */
	uint16_t of;    /**< parts that the whole has */
};

/** Unit of bandwidth in a plan: 1000 is all. */
#define ARMVIRT_MPAM_WHOLE 1000

/** One partition of a plan. */
struct armvirt_mpam_partition {
	char name[16];                   /**< for people */
	uint16_t partid;                 /**< its first PARTID */
	uint16_t partid_count;           /**< how many it has */
	uint64_t cpus;                   /**< bit n: may run on CPU n */
	struct armvirt_mpam_share cache; /**< of each cache on its way */
	bool cache_exclusive;            /**< nobody else may allocate there */
	bool mbw_hard;                   /**< mbw_max also holds while bandwidth is free */
	uint16_t mbw_max;                /**< limit of bandwidth, of 1000; 0: none */
	uint16_t mbw_min;                /**< guarantee of bandwidth, of 1000; 0: none */
	uint8_t priority;                /**< 0 lowest to 255 highest, where priorities exist */
};

/** A plan. */
struct armvirt_mpam_plan {
	const struct armvirt_mpam_partition *partition; /**< one has PARTID 0 */
	uint16_t count;                                 /**< of them */
	uint64_t cpus;                                  /**< CPUs that the machine has */
};

/** A component, and whose requests pass it. */
struct armvirt_mpam_place {
	struct armvirt_msc *msc; /**< attached */
	uint64_t cpus;           /**< bit n: requests of CPU n */
};

/** The machine that a plan is for. */
struct armvirt_mpam_machine {
	const struct armvirt_mpam_place *place; /**< components */
	uint16_t count;                         /**< of them */
	uint16_t partid_max;                    /**< of the frozen space */
};

/** What can be wrong with a plan. */
enum armvirt_mpam_flaw {
	ARMVIRT_MPAM_FLAW_NONE = 0,          /**< nothing */
	ARMVIRT_MPAM_FLAW_NO_DEFAULT,        /**< no partition has PARTID 0 */
	ARMVIRT_MPAM_FLAW_PARTID_RANGE,      /**< no PARTID, or above the space */
	ARMVIRT_MPAM_FLAW_PARTID_SHARED,     /**< two partitions have one PARTID */
	ARMVIRT_MPAM_FLAW_CPU,               /**< no CPU, or one that the machine lacks */
	ARMVIRT_MPAM_FLAW_CACHE_RANGE,       /**< empty share, or one above the whole */
	ARMVIRT_MPAM_FLAW_CACHE_OVERLAP,     /**< an exclusive share overlaps another */
	ARMVIRT_MPAM_FLAW_CACHE_FINE,        /**< the share is smaller than a cache can cut */
	ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED, /**< a cache cannot do it, or there is none */
	ARMVIRT_MPAM_FLAW_MBW_RANGE,         /**< above 1000, or the guarantee above the limit */
	ARMVIRT_MPAM_FLAW_MBW_SUM,           /**< guarantees sum up to more than 1000 */
	ARMVIRT_MPAM_FLAW_MBW_FINE,          /**< the limit is smaller than a channel can express */
	ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED,   /**< a channel cannot do it, or there is none */
	ARMVIRT_MPAM_FLAW_NARROW,            /**< more partitions than a component tells apart */
	ARMVIRT_MPAM_FLAW_NOT_ATTACHED /**< a component is not attached, or for too few PARTIDs */
};

/** Where the first flaw was found. */
struct armvirt_mpam_verdict {
	enum armvirt_mpam_flaw flaw; /**< what */
	uint16_t partition;          /**< whose, by index */
	uint16_t other;              /**< the second partition, where there is one */
	uint16_t place;              /**< component, where there is one */
	uint8_t ris;                 /**< its resource instance */
};

/**
 * @brief Checks a plan as a whole against a machine.
 * @param plan    to be checked
 * @param machine what it is for
 * @param verdict written always; NULL is allowed
 * @retval ARMVIRT_E_ARG         the plan contradicts itself or its machine
 * @retval ARMVIRT_E_UNSUPPORTED the plan is sound but the components cannot do it
 * @retval ARMVIRT_E_STATE       a component is not ready
 *
 * Pure: touches no register. Shares are mapped to portions inwards (the first whole portion inside
 * to the last), so shares that do not overlap never meet in a portion.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_mpam_plan_check(const struct armvirt_mpam_plan *plan,
			const struct armvirt_mpam_machine *machine,
			struct armvirt_mpam_verdict *verdict);

/** Short English text of a flaw, never NULL. Pure. */
const char *armvirt_mpam_flaw_text(enum armvirt_mpam_flaw flaw);

/** One step of programming. */
struct armvirt_mpam_step {
	uint16_t place;                     /**< component */
	bool narrow;                        /**< a mapping, else settings */
	uint16_t partition;                 /**< whose, by index */
	struct armvirt_msc_target target;   /**< settings: of whom */
	struct armvirt_msc_settings s;      /**< settings: what; holds no pointer */
	struct armvirt_msc_mapping mapping; /**< mapping */
};

/** Where the steps stand. Zero to start. Private. */
struct armvirt_mpam_plan_cursor {
	uint16_t place; /**< component */
	uint8_t ris;    /**< instance */
	uint8_t phase;  /**< 0 settings, 1 mappings */
	uint32_t id;    /**< PARTID */
};

/**
 * @brief Yields the next step of a plan that was checked.
 * @return whether there was one; @p step is written then
 *
 * Pure. Each component: the settings of PARTID 0 in each instance, of PARTID 1, and so on up to the
 * space's largest; then mappings, if it narrows.
 */
bool armvirt_mpam_plan_next(const struct armvirt_mpam_plan *plan,
			    const struct armvirt_mpam_machine *machine,
			    struct armvirt_mpam_plan_cursor *cursor,
			    struct armvirt_mpam_step *step);

/**
 * @brief Performs one step: armvirt_msc_apply() or armvirt_msc_narrow(), with their results.
 *
 * Critical section of its component.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_mpam_step_run(const struct armvirt_mpam_machine *machine,
		      const struct armvirt_mpam_step *step, struct armvirt_msc_report *report);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
