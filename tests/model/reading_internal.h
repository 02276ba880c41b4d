/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the two sources of the second reading. */
#ifndef TESTS_MODEL_READING_INTERNAL_H
#define TESTS_MODEL_READING_INTERNAL_H

#include "reading.h"

static inline uint32_t bits(uint64_t value, unsigned high, unsigned low)
{
	uint64_t shifted = value >> low;

	return (uint32_t)(shifted & ((UINT64_C(1) << (high - low + 1)) - 1));
}

static inline bool bit(uint64_t value, unsigned n)
{
	return (value >> n & 1) != 0;
}

void reading_instruction_abort(struct reading *r, const struct reading_features *f, uint64_t esr);
void reading_data_abort(struct reading *r, const struct reading_features *f, uint64_t esr);
void reading_gpc(struct reading *r, const struct reading_features *f, uint64_t esr);
void reading_find_ipa(struct reading *r, uint64_t far, uint64_t hpfar);
void reading_serror(struct reading *r, const struct reading_features *f, uint64_t esr);
void reading_debug_status(struct reading *r, uint64_t esr);
void reading_step(struct reading *r, uint64_t esr);
void reading_watchpoint(struct reading *r, const struct reading_features *f, uint64_t esr);

#endif
