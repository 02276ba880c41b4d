/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARTITIONS_KERNEL_H
#define PARTITIONS_KERNEL_H

#include <libarmvirt/features.h>

/* Values that switch the kernel's own map on. */
struct kernel_map {
	uint64_t ttbr0, tcr, mair;
};

void kernel_map_make(const struct armvirt_features *f, struct kernel_map *map);
void partitions_main(unsigned el);

extern const char partition_vectors[];

#endif
