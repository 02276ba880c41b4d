/* SPDX-License-Identifier: BSD-2-Clause */
/* What tools/demo leaves in memory for minivisor, and the map of both machines. */
#ifndef MINIVISOR_CONFIG_H
#define MINIVISOR_CONFIG_H

#include <stdint.h>

#define CONFIG_PA    UINT64_C(0x7ff00000)
#define CONFIG_MAGIC UINT64_C(0x3147464356524d41) /* "AMRVCFG1" */

#define RAM_IPA UINT64_C(0x40000000) /* the guest's RAM, as on QEMU's virt machine */
#define RAM_PA  UINT64_C(0x80000000) /* what backs that of the first guest */

enum { CONFIG_KERNEL_IMAGE = 0, CONFIG_KERNEL_RAW = 1 };
enum { CONFIG_STATISTICS = 1 << 0, CONFIG_INTERACTIVE = 1 << 1, CONFIG_COLOUR = 1 << 2 };
enum { VCPUS_MAX = 8, GUESTS_MAX = 4, CPUS_MAX = 8 };

/* Guests are loaded alike, one behind the other; RAM of each begins at a 2 MiB boundary. */
#define RAM_STRIDE(bytes) (((bytes) + 0x1fffff) & ~UINT64_C(0x1fffff))

struct config {
	uint64_t magic;
	uint64_t version;
	uint64_t ram_bytes;
	uint64_t kernel_kind;
	uint64_t kernel_ipa;
	uint64_t kernel_bytes;
	uint64_t initrd_ipa;
	uint64_t initrd_bytes;
	uint64_t dtb_ipa;
	uint64_t dtb_bytes;
	uint64_t flags;
	uint64_t vcpus;
	uint64_t guests;
};

#endif
