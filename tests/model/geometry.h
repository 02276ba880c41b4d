/* SPDX-License-Identifier: BSD-2-Clause */
/* Which fields of VTCR_EL2 may stand together, from the rules of the architecture. */
#ifndef TESTS_MODEL_GEOMETRY_H
#define TESTS_MODEL_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

struct model_fields {
	unsigned tg0, t0sz, sl0, sl2, ds; /* of VTCR_EL2 */
	unsigned pa_max;                  /* physical address bits of the processor */
};

struct model_root {
	unsigned page_bits, input_bits;
	int start_level;
	unsigned tables; /* concatenated */
	uint64_t bytes;  /* of all of them, and their alignment */
};

/* Whether a walk with these fields is defined; what its root is. */
bool model_root_of(const struct model_fields *f, struct model_root *out);

#endif
