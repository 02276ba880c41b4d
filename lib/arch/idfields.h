/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of the ID registers: how several CPUs' values become one, and what a guest may see. */
#ifndef ARMVIRT_LIB_ARCH_IDFIELDS_H
#define ARMVIRT_LIB_ARCH_IDFIELDS_H

#include <libarmvirt/idregs.h>

enum armvirt_id_rule {
	ARMVIRT_ID_LOWER,         /* unsigned, 0 promises nothing */
	ARMVIRT_ID_SIGNED,        /* signed, -1 promises nothing */
	ARMVIRT_ID_BUT_15,        /* unsigned, but 15 promises nothing */
	ARMVIRT_ID_EXACT,         /* must be equal, else `hidden` */
	ARMVIRT_ID_HIGHER,        /* the larger promises less */
	ARMVIRT_ID_HIGHER_OR_ZERO /* the same, and 0 says "not known": the least of promises */
};

/*
 * A row tells the value that a guest sees: `hidden` while a bit of `show` is missing from the
 * policy, otherwise at most `cap` (`base` with an Armv8.0 policy).
 */
struct armvirt_id_field {
	uint32_t show; /* ARMVIRT_SHOW_..., all of them needed */
	uint8_t reg;   /* enum armvirt_idreg */
	uint8_t shift;
	uint8_t width;
	uint8_t rule; /* enum armvirt_id_rule */
	uint8_t cap;
	uint8_t base;
	uint8_t hidden;
	uint8_t reserved;
};

/* Row i, NULL behind the last. */
const struct armvirt_id_field *armvirt_id_field(unsigned i);

static inline unsigned armvirt_id_get(const struct armvirt_id_field *f,
				      const struct armvirt_idregs *id)
{
	return (unsigned)(id->reg[f->reg] >> f->shift) & ((1u << f->width) - 1);
}

static inline int armvirt_id_order(const struct armvirt_id_field *f, unsigned value)
{
	bool negative = (f->rule == ARMVIRT_ID_SIGNED && value >> (f->width - 1)) ||
			(f->rule == ARMVIRT_ID_BUT_15 && value == 15);

	return negative ? (int)value - (1 << f->width) : (int)value;
}

#endif
