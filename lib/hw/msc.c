/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam_msc.h>

/* One load or store each, in assembly, so that no compiler makes an instruction of it whose abort
 * carries no syndrome (a page that a hypervisor emulates). */

uint32_t armvirt_hw_msc_read(void *context, uint32_t offset)
{
	const char *at = (const char *)context + offset;
	uint32_t v;

	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
	return v;
}

void armvirt_hw_msc_write(void *context, uint32_t offset, uint32_t value)
{
	char *at = (char *)context + offset;

	__asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(at) : "memory");
}
