/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests, part of the kernel's constants: a restart copies them again. */
#ifndef PARTITIONS_IMAGES_H
#define PARTITIONS_IMAGES_H

#include <stddef.h>

struct image {
	const void *start;
	size_t bytes;
};

struct image image_get(unsigned n);

#endif
