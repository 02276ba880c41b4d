/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam.h>

#define FRACTION_BITS 16
#define WHOLE_LIMIT   (UINT64_C(1) << 48) /* part << 16 must fit 64 bits */

enum armvirt_status armvirt_mpam_fraction_encode(struct armvirt_mpam_ratio ratio, unsigned width,
						 enum armvirt_mpam_bound bound, uint16_t *fraction)
{
	uint64_t steps, scaled;

	if (width == 0 || width > FRACTION_BITS || ratio.whole == 0 || ratio.whole >= WHOLE_LIMIT ||
	    ratio.part > ratio.whole)
		return ARMVIRT_E_ARG;
	scaled = ratio.part << width;
	steps = scaled / ratio.whole;
	if (bound == ARMVIRT_MPAM_AT_MOST) {
		if (steps == 0)
			return ARMVIRT_E_RANGE;
		steps--; /* value v grants v + 1 steps */
	} else {
		if (scaled % ratio.whole != 0)
			steps++;
		if (steps >> width != 0)
			steps = (UINT64_C(1) << width) - 1;
	}
	*fraction = (uint16_t)(steps << (FRACTION_BITS - width));
	return ARMVIRT_OK;
}

uint32_t armvirt_mpam_fraction_decode(uint16_t fraction, unsigned width,
				      enum armvirt_mpam_bound bound)
{
	unsigned below;
	uint32_t value, full;

	if (width == 0)
		return 0;
	below = width < FRACTION_BITS ? FRACTION_BITS - width : 0;
	value = (uint32_t)fraction >> below << below;
	full = UINT32_C(0xffff) >> below << below;
	if (bound == ARMVIRT_MPAM_AT_MOST || value == full)
		value += UINT32_C(1) << below;
	return value;
}
