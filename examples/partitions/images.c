/* SPDX-License-Identifier: BSD-2-Clause */
#include "images.h"

extern const char image_control[], image_control_end[];
extern const char image_rogue[], image_rogue_end[];

struct image image_get(unsigned n)
{
	if (n == 0)
		return (struct image){image_control, (size_t)(image_control_end - image_control)};
	return (struct image){image_rogue, (size_t)(image_rogue_end - image_rogue)};
}
