/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU's GIC registers by encoding, for the library's register code on a PC. */
#include <stdio.h>
#include <stdlib.h>

#include "vcpuif.h"

unsigned long long vcpuif_steps;

void armvirt_model_vgic_step(void);

void armvirt_model_vgic_step(void)
{
	vcpuif_steps++;
}

struct vcpuif *vcpuif_cpu;
void (*vcpuif_dir_hook)(unsigned pintid);

static unsigned encoding_of(const char *s)
{
	unsigned op0, op1, n, m, op2;

	if (sscanf(s, "S%u_%u_C%u_C%u_%u", &op0, &op1, &n, &m, &op2) != 5) {
		fprintf(stderr, "model: encoding %s\n", s);
		abort();
	}
	return op0 << 16 | op1 << 12 | n << 8 | m << 4 | op2;
}

static void undefined(const char *s)
{
	fprintf(stderr, "model: access of %s, which does not exist here\n", s);
	abort();
}

static unsigned ap_count(const struct vcpuif *c)
{
	return 1u << (c->shape.pre_bits - 5);
}

uint64_t armvirt_model_gic_read(const char *s);
void armvirt_model_gic_write(const char *s, uint64_t v);

uint64_t armvirt_model_gic_read(const char *s)
{
	struct vcpuif *c = vcpuif_cpu;
	unsigned e = encoding_of(s), n = (e & 7) | (e >> 1 & 8);

	c->reg_accesses++;
	switch (e & ~7u) {
	case 0x34cc0:
	case 0x34cd0:
		if (n >= c->shape.lrs)
			undefined(s);
		return vcpuif_lr_read(c, n);
	case 0x34c80:
	case 0x34c90:
		if ((e & 7) >= ap_count(c))
			undefined(s);
		return vcpuif_ap_read(c, e >> 4 & 1, e & 7);
	default:
		break;
	}
	switch (e) {
	case 0x34cb0:
		return vcpuif_hcr_read(c);
	case 0x34cb1: /* TDS, A3V, 16 bits of INTID */
		return (uint64_t)(c->shape.lrs - 1) | (uint64_t)(c->shape.pre_bits - 1) << 26 |
		       (uint64_t)(c->shape.pri_bits - 1) << 29 | 1u << 19 | 1u << 21;
	case 0x34cb2:
		return vcpuif_misr(c);
	case 0x34cb3:
		return vcpuif_eisr(c);
	case 0x34cb5:
		return vcpuif_elrsr(c);
	case 0x34cb7:
		return vcpuif_vmcr_read(c);
	case 0x30041:
		return 0; /* ID_AA64PFR1_EL1 */
	default:
		undefined(s);
	}
	return 0;
}

void armvirt_model_gic_write(const char *s, uint64_t v)
{
	struct vcpuif *c = vcpuif_cpu;
	unsigned e = encoding_of(s), n = (e & 7) | (e >> 1 & 8);

	c->reg_accesses++;
	switch (e & ~7u) {
	case 0x34cc0:
	case 0x34cd0:
		if (n >= c->shape.lrs)
			undefined(s);
		vcpuif_lr_write(c, n, v);
		return;
	case 0x34c80:
	case 0x34c90:
		if ((e & 7) >= ap_count(c))
			undefined(s);
		vcpuif_ap_write(c, e >> 4 & 1, e & 7, (uint32_t)v);
		return;
	default:
		break;
	}
	switch (e) {
	case 0x34cb0:
		vcpuif_hcr_write(c, (uint32_t)v);
		return;
	case 0x34cb7:
		vcpuif_vmcr_write(c, (uint32_t)v);
		return;
	case 0x30cb1:
		if (vcpuif_dir_hook)
			vcpuif_dir_hook((unsigned)v);
		return;
	default:
		undefined(s);
	}
}
