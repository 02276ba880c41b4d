/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg_names.h>

#define NAME_BYTES 24

/* The text inside the entries: no pointers, so no relocations. */
static const struct {
	uint16_t key;
	char name[NAME_BYTES];
} name_of[] = {
#define NAME(key, text) {key, text},
#include "lib/arch/sysreg_names.inc"
#undef NAME
};

#define NAME(key, text) _Static_assert(sizeof(text) <= NAME_BYTES, text);
#include "lib/arch/sysreg_names.inc"

const char *armvirt_sysreg_name(uint32_t key)
{
	size_t low = 0, high = sizeof(name_of) / sizeof(name_of[0]);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (name_of[middle].key == key)
			return name_of[middle].name;
		if (name_of[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
