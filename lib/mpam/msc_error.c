/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

#include "lib/mpam/msc_regs.h"

/* Text stands in the entry itself: a pointer would be an absolute relocation. */
static const char texts[][44] = {
	"no error",
	"selected PARTID out of range",
	"PARTID of a request out of range",
	"PARTID or PMG of a monitor out of range",
	"PMG of a request out of range",
	"selected monitor out of range",
	"internal PARTID missing or out of range",
	"internal PARTID where a request's belongs",
	"no such resource instance",
	"resource instance lacks the control",
	"no such resource instance for a monitor",
	"resource instance lacks the monitor",
};

const char *armvirt_msc_errcode_text(uint8_t code)
{
	return code < sizeof(texts) / sizeof(texts[0]) ? texts[code] : "unknown error";
}

enum armvirt_status armvirt_msc_error_interrupt(struct armvirt_msc *msc, bool on)
{
	if (!(msc->features & ARMVIRT_MSC_HAS_ERRORS))
		return ARMVIRT_E_UNSUPPORTED;
	msc_write(msc, MPAMF_ECR, on ? 1 : 0);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_msc_error_take(struct armvirt_msc *msc, struct armvirt_msc_error *error)
{
	bool wide = (msc->features & ARMVIRT_MSC_HAS_ERRORS_EXT) != 0, again = false;
	uint32_t low, high = 0;

	if (!(msc->features & ARMVIRT_MSC_HAS_ERRORS))
		return ARMVIRT_E_UNSUPPORTED;
	low = msc_read(msc, MPAMF_ESR_L);
	if ((low >> ESR_CODE_SHIFT & 15) == 0)
		return ARMVIRT_E_ABSENT;
	if (wide) {
		uint32_t before = low;

		high = msc_read(msc, MPAMF_ESR_H);
		low = msc_read(msc, MPAMF_ESR_L);
		again = low != before; /* another error came in between: the halves may not match */
		if (again)
			high = msc_read(msc, MPAMF_ESR_H);
		msc_write(msc, MPAMF_ESR_H, 0);
	}
	msc_write(msc, MPAMF_ESR_L, 0);
	*error = (struct armvirt_msc_error){
		.code = low >> ESR_CODE_SHIFT & 15,
		.ris = high & 15,
		.pmg = (uint8_t)(low >> ESR_PMG_SHIFT),
		.id = (uint16_t)low,
		.overwritten = again || (low & ESR_OVRWR) != 0,
	};
	return ARMVIRT_OK;
}
