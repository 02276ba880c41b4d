/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Names of system registers, for messages.
 */
#ifndef LIBARMVIRT_SYSREG_NAMES_H
#define LIBARMVIRT_SYSREG_NAMES_H

#include <libarmvirt/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @addtogroup regs
 * @{
 */

/**
 * @brief Name of a register or SYS instruction as the architecture writes it, "SCTLR_EL1" or
 *        "TLBI VAE1IS"; NULL if the encoding is not allocated.
 * @param key ARMVIRT_SYSREG_...
 *
 * Pure; the text is static. Of two registers that share an encoding, the one that EL2 means. The
 * table is about 40 KiB and only linked if this is called.
 */
const char *armvirt_sysreg_name(uint32_t key);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
