/* SPDX-License-Identifier: BSD-2-Clause */
/* Patching of the running image: what this CPU has is applied, and counted. */
#include <libarmvirt/patch.h>

#include "switch.h"

extern const struct armvirt_patch patched_patches[], own_patches[];
extern char text_start[], text_end[];
uint64_t patch_me(void);

static unsigned patch(const struct armvirt_patch *table, uint64_t capabilities,
		      const struct armvirt_features *f)
{
	struct armvirt_patch_text text = {(uintptr_t)text_start, (uint64_t)(text_end - text_start),
					  text_start};
	unsigned applied = 77, seen = 77;

	if (armvirt_patch_apply(table, capabilities, &text, &applied) != ARMVIRT_OK)
		fail("patching");
	armvirt_hw_patch_sync(text_start, text.bytes, f);
	if (armvirt_patch_verify(table, capabilities, &text, &seen) != ARMVIRT_OK ||
	    seen != applied)
		fail("patched %u, found %u", applied, seen);
	return applied;
}

/* The erets of the table, its six slots that look for deferred errors, and its eight hardened ones.
 */
enum { ERETS = 3, DEFERRING = 6, SLOTS = 8 };

void patch_image(const struct armvirt_features *f)
{
	uint64_t can = armvirt_patch_capabilities(f);
	bool sb = can >> ARMVIRT_PATCH_SB & 1, ras = can >> ARMVIRT_PATCH_RAS & 1;
	bool bhb = can & (1u << ARMVIRT_PATCH_CLRBHB | 1u << ARMVIRT_PATCH_NO_BHB);
	unsigned expected = (sb ? ERETS : 0) + (ras ? DEFERRING : 0) + (bhb ? SLOTS : 0);
	unsigned applied;

	if (patch_me() != 1 || patch(own_patches, 0, f) != 0 || patch_me() != 1)
		fail("patched without reason");
	if (patch(own_patches, UINT64_C(1) << ARMVIRT_PATCH_USER, f) != 1 || patch_me() != 2)
		fail("one capability");
	if (patch(own_patches, UINT64_C(3) << ARMVIRT_PATCH_USER, f) != 1 || patch_me() != 3)
		fail("the last one that applies");
	if (patch(patched_patches, 0, f) != 0)
		fail("vectors patched without reason");
	applied = patch(patched_patches, can, f);
	if (applied != expected)
		fail("vectors: %u sites patched, not %u", applied, expected);
	if (patch(armvirt_hw_resume_patches, can, f) != (sb ? 1 : 0) ||
	    patch(armvirt_hw_serror_patches, can, f) != (sb ? 1 : 0))
		fail("sites of the library");
	print("patched %u sites: SB %u, RAS %u, branch history %u\n", applied, sb, ras, bhb);
}
