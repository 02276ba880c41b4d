/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/base.h>

/* Text stands in the entry itself: a pointer would be an absolute relocation. */
struct text {
	int8_t status;
	char text[55];
};

static const struct text texts[] = {
	{ARMVIRT_OK, "done"},
	{ARMVIRT_RETRY, "retry"},
	{ARMVIRT_MORE, "budget spent, more to do"},
	{ARMVIRT_E_ARG, "argument out of its domain"},
	{ARMVIRT_E_ALIGN, "misaligned address or size"},
	{ARMVIRT_E_RANGE, "range empty, wrapping or outside the address space"},
	{ARMVIRT_E_EXISTS, "already present"},
	{ARMVIRT_E_ABSENT, "not present"},
	{ARMVIRT_E_SIZE, "object of another size than the library expects"},
	{ARMVIRT_E_STATE, "not allowed in this state"},
	{ARMVIRT_E_ATTR, "attribute that does not exist or cannot be encoded"},
	{ARMVIRT_E_ORDER, "table not sorted"},
	{ARMVIRT_E_MISMATCH, "something else is there"},
	{ARMVIRT_E_CORRUPT, "corrupted data"},
	{ARMVIRT_E_SYNDROME, "reserved or incomplete syndrome"},
	{ARMVIRT_E_DENIED, "denied to the guest"},
	{ARMVIRT_E_NOMEM, "not enough memory given"},
	{ARMVIRT_E_UNSUPPORTED, "not supported by this processor"},
	{ARMVIRT_E_BUSY, "busy"},
	{ARMVIRT_E_FULL, "exhausted"},
	{ARMVIRT_E_HARDWARE, "hardware answered nonsense"},
};

const char *armvirt_strstatus(enum armvirt_status status)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].status == (int)status)
			return texts[i].text;
	}
	return "unknown status";
}
