/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/base.h>

uint32_t armvirt_version(void)
{
	return ARMVIRT_VERSION;
}
