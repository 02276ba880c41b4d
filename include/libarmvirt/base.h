/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Types, status codes and version that every module shares.
 */
#ifndef LIBARMVIRT_BASE_H
#define LIBARMVIRT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup base Base
 * @brief Status codes, scalar domains, version.
 * @{
 */

/** Major part of the version of this header. */
#define ARMVIRT_VERSION_MAJOR 0
/** Minor part of the version of this header. */
#define ARMVIRT_VERSION_MINOR 1
/** Patch part of the version of this header. */
#define ARMVIRT_VERSION_PATCH 0
/** Version of this header as one comparable number, 0xMMmmpp. */
#define ARMVIRT_VERSION                                                                            \
	((ARMVIRT_VERSION_MAJOR << 16) | (ARMVIRT_VERSION_MINOR << 8) | ARMVIRT_VERSION_PATCH)

/** Makes the compiler warn when a status is ignored. */
#define ARMVIRT_NODISCARD __attribute__((warn_unused_result))

/** An intermediate physical address (what a guest takes for physical). */
typedef uint64_t armvirt_ipa_t;
/** A physical address. */
typedef uint64_t armvirt_pa_t;

/** A range of intermediate physical addresses, [base, base + size). */
struct armvirt_ipa_range {
	armvirt_ipa_t base; /**< first address */
	uint64_t size;      /**< bytes; the range must not wrap */
};

/**
 * Result of an operation. Zero is done, positive values are flow (nothing is
 * wrong, the caller has something to do), negative values are refusals after
 * which nothing has changed and no output has been written. The numbers are
 * fixed for ever.
 */
enum armvirt_status {
	ARMVIRT_OK = 0,    /**< done */
	ARMVIRT_RETRY = 1, /**< nothing to do, enter the guest again (or call again) */
	ARMVIRT_MORE = 2,  /**< the budget is spent, call again to go on */

	/* the caller's fault */
	ARMVIRT_E_ARG = -1,     /**< an argument is outside its domain */
	ARMVIRT_E_ALIGN = -2,   /**< an address or a size is not aligned as required */
	ARMVIRT_E_RANGE = -3,   /**< a range is empty, wraps, or leaves the address space */
	ARMVIRT_E_EXISTS = -4,  /**< something is there already */
	ARMVIRT_E_ABSENT = -5,  /**< nothing is there */
	ARMVIRT_E_SIZE = -6,    /**< an object has another size than the library expects */
	ARMVIRT_E_STATE = -7,   /**< the object is not in a state that allows this */
	ARMVIRT_E_ATTR = -8,    /**< an attribute does not exist or cannot be encoded */
	ARMVIRT_E_ORDER = -9,   /**< a table that must be sorted is not */
	ARMVIRT_E_MISMATCH = -10, /**< something else is there than the caller said */

	/* the guest's or the data's fault */
	ARMVIRT_E_CORRUPT = -32, /**< stored data cannot be what the library wrote */
	ARMVIRT_E_SYNDROME = -33, /**< a syndrome is reserved or lacks the information needed */
	ARMVIRT_E_DENIED = -34,  /**< a guest may not do this */

	/* resources and hardware */
	ARMVIRT_E_NOMEM = -64,       /**< the memory given does not suffice */
	ARMVIRT_E_UNSUPPORTED = -65, /**< this processor lacks the feature */
	ARMVIRT_E_BUSY = -66,        /**< another agent holds what is needed */
	ARMVIRT_E_FULL = -67,        /**< an identifier space or table is exhausted */
	ARMVIRT_E_HARDWARE = -68     /**< hardware answered what it may not answer */
};

/**
 * @brief Short English text of a status, never NULL; "unknown status" for a
 *        number that is not in @ref armvirt_status.
 *
 * Pure. The text is static and has no full stop.
 */
const char *armvirt_strstatus(enum armvirt_status status);

/**
 * @brief Version of the library that was linked, comparable with
 *        @ref ARMVIRT_VERSION of the header. Pure.
 */
uint32_t armvirt_version(void);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
