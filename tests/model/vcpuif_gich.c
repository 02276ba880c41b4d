/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICH registers of a GICv2, for the library's register code on a PC: the "address" of the
 * frame is that of the modelled CPU. */
#include <stdio.h>
#include <stdlib.h>

#include "vcpuif.h"

uint32_t armvirt_model_gich_read(uintptr_t gich, uint32_t offset);
void armvirt_model_gich_write(uintptr_t gich, uint32_t offset, uint32_t value);

static void absent(uint32_t offset)
{
	fprintf(stderr, "model: access of GICH + %#x, which does not exist here\n", offset);
	abort();
}

/* HW 31, Grp1 30, State 29:28, Priority 27:23, PhysicalID 19:10 (or EOI 19, CPUID 12:10),
 * VirtualID. */
static uint32_t lr_narrow(uint64_t v)
{
	uint32_t n = (uint32_t)(v >> 61 & 1) << 31 | (uint32_t)(v >> 60 & 1) << 30 |
		     (uint32_t)(v >> 62) << 28 | (uint32_t)(v >> 51 & 31) << 23 |
		     (uint32_t)(v & 0x3ff);

	if (v >> 61 & 1)
		return n | (uint32_t)(v >> 32 & 0x3ff) << 10;
	return n | (uint32_t)(v >> 41 & 1) << 19 | (uint32_t)(v >> 10 & 7) << 10;
}

static uint64_t lr_widen(uint32_t n)
{
	uint64_t v = (uint64_t)(n >> 31) << 61 | (uint64_t)(n >> 30 & 1) << 60 |
		     (uint64_t)(n >> 28 & 3) << 62 | (uint64_t)(n >> 23 & 31) << 51 | (n & 0x3ff);

	if (n >> 31)
		return v | (uint64_t)(n >> 10 & 0x3ff) << 32;
	return v | (uint64_t)(n >> 19 & 1) << 41 | (uint64_t)(n >> 10 & 7) << 10;
}

uint32_t armvirt_model_gich_read(uintptr_t gich, uint32_t offset)
{
	struct vcpuif *c = (struct vcpuif *)gich;

	c->reg_accesses++;
	if (offset >= 0x100 && offset < 0x100 + 4 * c->shape.lrs && offset % 4 == 0)
		return lr_narrow(vcpuif_lr_read(c, (offset - 0x100) / 4));
	switch (offset) {
	case 0x000:
		return vcpuif_hcr_read(c);
	case 0x008:
		return vcpuif_vmcr_read(c) & 0xf8fc021f;
	case 0x010:
		return vcpuif_misr(c);
	case 0x020:
		return vcpuif_eisr(c);
	case 0x030:
		return vcpuif_elrsr(c);
	case 0x0f0:
		return vcpuif_ap_read(c, 0, 0) | vcpuif_ap_read(c, 1, 0);
	default:
		absent(offset);
	}
	return 0;
}

void armvirt_model_gich_write(uintptr_t gich, uint32_t offset, uint32_t value)
{
	struct vcpuif *c = (struct vcpuif *)gich;

	c->reg_accesses++;
	if (offset >= 0x100 && offset < 0x100 + 4 * c->shape.lrs && offset % 4 == 0) {
		vcpuif_lr_write(c, (offset - 0x100) / 4, lr_widen(value));
		return;
	}
	switch (offset) {
	case 0x000:
		vcpuif_hcr_write(c, value & 0xf80000ff);
		return;
	case 0x008:
		vcpuif_vmcr_write(c, value & 0xf8fc021f);
		return;
	case 0x0f0:
		vcpuif_ap_write(c, 0, 0, value);
		vcpuif_ap_write(c, 1, 0, 0);
		return;
	default:
		absent(offset);
	}
}
