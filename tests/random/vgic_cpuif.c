/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU interface in software against the model of the hardware: the same list registers, the
 * same accesses, the same answers and the same registers afterwards. GICv3 by register, GICv2 by
 * address.
 *
 * ARMVIRT_TEST_SEED replays a run, ARMVIRT_TEST_SCALE is quick, full or long.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libarmvirt/vgic.h>

#include "vcpuif.h"

static uint64_t rng, seed;
static unsigned long op;

#define CHECK(x)                                                                               \
	do {                                                                                   \
		if (!(x)) {                                                                    \
			fprintf(stderr,                                                        \
				"%s:%d: %s\noperation %lu of ARMVIRT_TEST_SEED=%" PRIu64 "\n", \
				__FILE__, __LINE__, #x, op, seed);                             \
			exit(1);                                                               \
		}                                                                              \
	} while (0)

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng >> 11;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu;
static armvirt_vgic_irq_t spi[64] __attribute__((aligned(8)));
static struct vcpuif model;

static void fill(void)
{
	unsigned base = 16 + below(40);

	vcpu.image.used = 0;
	for (unsigned i = 0; i < vm.caps.lr_count; i++) {
		uint64_t lr = rnd() & 3, intid = base + i;
		bool hw = below(4) == 0;

		if (hw && lr == 3)
			lr = 1;
		if (vm.v2 && below(4) == 0) {
			intid = i | (rnd() & 7) << 10;
			hw = false;
		}
		/* distinct priorities: among equals the choice is the implementation's */
		lr = lr << 62 | (uint64_t)(below(2)) << 60 |
		     (uint64_t)(((i * 11 + base) & 31) << 3) << 48 | intid;
		lr |= hw ? UINT64_C(1) << 61 | (intid & 0x3ff) << 32 : (uint64_t)below(2) << 41;
		vcpu.image.lr[i] = lr;
		vcpu.image.used |= (uint16_t)(1u << i);
		vcpuif_lr_write(&model, i, lr);
	}
	for (unsigned i = 0; i < 1u << (vm.caps.pre_bits - 5); i++) {
		uint32_t a = below(3) ? 0 : (uint32_t)rnd() & (uint32_t)rnd() & (uint32_t)rnd();
		uint32_t b =
			below(3) ? 0 : (uint32_t)rnd() & (uint32_t)rnd() & (uint32_t)rnd() & ~a;

		vcpu.image.ap0r[i] = a;
		vcpu.image.ap1r[i] = b;
		vcpuif_ap_write(&model, 0, i, a);
		vcpuif_ap_write(&model, 1, i, b);
	}
	vcpu.image.vmcr = ((uint32_t)rnd() & 0xfffc0013) | (below(2) ? 0xff000003 : 0);
	vcpuif_vmcr_write(&model, vcpu.image.vmcr);
	vcpu.image.hcr = 1;
	vcpuif_hcr_write(&model, 1);
}

static void compare(void)
{
	for (unsigned i = 0; i < vm.caps.lr_count; i++)
		CHECK(vcpuif_lr_read(&model, i) == vcpu.image.lr[i]);
	for (unsigned i = 0; i < 1u << (vm.caps.pre_bits - 5); i++) {
		CHECK(vcpuif_ap_read(&model, 0, i) == vcpu.image.ap0r[i]);
		CHECK(vcpuif_ap_read(&model, 1, i) == vcpu.image.ap1r[i]);
	}
	CHECK(vcpuif_hcr_read(&model) == vcpu.image.hcr);
	CHECK((vcpuif_vmcr_read(&model) & 0xff000213) == (vcpu.image.vmcr & 0xff000213));
	CHECK(armvirt_vgic_deliverable(&vm, &vcpu) == vcpuif_irq(&model));
	for (unsigned g = 0; g < 2; g++) {
		CHECK(armvirt_vgic_cpuif_read(&vm, &vcpu, ARMVIRT_VGIC_CPUIF_BPR0 + g) ==
		      vcpuif_bpr_read(&model, g));
		CHECK(armvirt_vgic_cpuif_read(&vm, &vcpu, ARMVIRT_VGIC_CPUIF_HPPIR0 + g) ==
		      vcpuif_hppir(&model, g));
	}
	CHECK(armvirt_vgic_cpuif_read(&vm, &vcpu, ARMVIRT_VGIC_CPUIF_RPR) == vcpuif_rpr(&model));
	CHECK(armvirt_vgic_cpuif_read(&vm, &vcpu, ARMVIRT_VGIC_CPUIF_PMR) ==
	      vcpuif_pmr_read(&model));
}

static struct armvirt_vgic_actions put(enum armvirt_vgic_cpuif_reg reg, uint64_t v)
{
	return armvirt_vgic_cpuif_write(&vm, &vcpu, reg, v);
}

static void step(void)
{
	unsigned g = below(2), v = (unsigned)rnd() & 0xff;
	struct armvirt_vgic_actions a = {0};
	uint32_t intid;

	op++;
	switch (below(8)) {
	case 0:
	case 1:
		CHECK(armvirt_vgic_cpuif_read(&vm, &vcpu, ARMVIRT_VGIC_CPUIF_IAR0 + g) ==
		      vcpuif_iar(&model, g));
		break;
	case 2:
	case 3:
		intid = (uint32_t)vcpu.image.lr[below(vm.caps.lr_count)];
		if (below(8) == 0)
			intid = below(1024);
		a = put(ARMVIRT_VGIC_CPUIF_EOIR0 + g, intid);
		vcpuif_eoir(&model, g, intid);
		CHECK((a.deactivate != 0) == (model.deactivated != 0));
		if (a.deactivate)
			CHECK(a.base + (unsigned)__builtin_ctz(a.deactivate) == model.deactivated);
		break;
	case 4:
		put(ARMVIRT_VGIC_CPUIF_PMR, v);
		vcpuif_pmr_write(&model, v);
		break;
	case 5:
		put(ARMVIRT_VGIC_CPUIF_BPR0 + g, v);
		vcpuif_bpr_write(&model, g, v);
		break;
	case 6:
		put(ARMVIRT_VGIC_CPUIF_IGRPEN0 + g, v & 1);
		vcpuif_igrpen_write(&model, g, v & 1);
		break;
	default:
		put(ARMVIRT_VGIC_CPUIF_CTLR, v & 3);
		vcpuif_ctlr_write(&model, v & 2, v & 1);
		break;
	}
	compare();
}

static void episode(unsigned lrs, unsigned pri, unsigned pre, bool v2)
{
	struct armvirt_vgic_caps caps = {(uint8_t)lrs, (uint8_t)pri, (uint8_t)pre, 16, 0};
	const struct armvirt_vgic_config config = {.caps = &caps,
						   .spi = spi,
						   .vcpu = &vcpu,
						   .vcpu_stride = sizeof(vcpu),
						   .vcpu_count = 1,
						   .spi_count = 64,
						   .v2 = v2};
	const struct vcpuif_shape shape = {.lrs = lrs, .pri_bits = pri, .pre_bits = pre, .v2 = v2};

	CHECK(armvirt_vgic_init(&vm, &config, sizeof(vm)) == ARMVIRT_OK);
	vcpuif_init(&model, &shape);
	fill();
	for (unsigned i = 0; i < 40; i++)
		step();
}

int main(void)
{
	const char *s = getenv("ARMVIRT_TEST_SEED"), *scale = getenv("ARMVIRT_TEST_SCALE");
	unsigned long total = 200000;

	if (scale && !strcmp(scale, "full"))
		total = 5000000;
	if (scale && !strcmp(scale, "long"))
		total = 200000000;
	/* The same run every time, but for the long one. */
	seed = s ? strtoull(s, NULL, 0) : total > 5000000 ? (uint64_t)time(NULL) : 1795399485;
	rng = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	while (op < total)
		for (unsigned lrs = 1; lrs <= 16; lrs++)
			for (unsigned pre = 5; pre <= 7; pre++)
				for (unsigned pri = pre; pri <= 8; pri++) {
					episode(lrs, pri, pre, false);
					if (pri == 5)
						episode(lrs, 5, 5, true);
				}
	printf("%lu operations, ARMVIRT_TEST_SEED=%" PRIu64 "\n", op, seed);
	return 0;
}
