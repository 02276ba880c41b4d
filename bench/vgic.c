/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation of the virtual GIC, N times; bench/vgic.sh counts the instructions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/vgic.h>

static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu, vcpu_then;
static armvirt_vgic_irq_t spi[64] __attribute__((aligned(8))), spi_then[64];

/* Everything enabled, edge-triggered, one priority; `raised` interrupts pending, nothing listed. */
static void prepare(unsigned raised)
{
	const struct armvirt_vgic_caps caps = {16, 5, 5, 16, ARMVIRT_VGIC_CAP_TDIR};
	const struct armvirt_vgic_config config = {.caps = &caps,
						   .spi = spi,
						   .vcpu = &vcpu,
						   .vcpu_stride = sizeof(vcpu),
						   .vcpu_count = 1,
						   .spi_count = 64};

	if (armvirt_vgic_init(&vm, &config, sizeof(vm)) != ARMVIRT_OK)
		exit(1);
	for (uint32_t off = 0xc08; off < 0xc18; off += 4)
		armvirt_vgic_dist_write(&vm, 0, off, 4, UINT32_C(0xaaaaaaaa));
	for (uint32_t n = 1; n < 3; n++) {
		armvirt_vgic_dist_write(&vm, 0, 0x80 + 4 * n, 4, UINT32_MAX);
		armvirt_vgic_dist_write(&vm, 0, 0x100 + 4 * n, 4, UINT32_MAX);
	}
	armvirt_vgic_redist_write(&vm, 0, 0x10080, 4, UINT32_MAX);
	armvirt_vgic_redist_write(&vm, 0, 0x10100, 4, UINT32_MAX);
	if (armvirt_vgic_link(&vm, 0, 27, true) != ARMVIRT_OK)
		exit(1);
	armvirt_vgic_dist_write(&vm, 0, 0, 4, 3);
	vcpu.image.vmcr = UINT32_C(0xff000003);
	armvirt_vgic_fold(&vm, &vcpu);
	armvirt_vgic_flush(&vm, &vcpu);
	/* the guest has taken one of each before */
	armvirt_vgic_set_edge(&vm, 0, 40);
	armvirt_vgic_flush(&vm, &vcpu);
	vcpu.image.lr[0] &= ~(UINT64_C(3) << 62);
	armvirt_vgic_fold(&vm, &vcpu);
	armvirt_vgic_flush(&vm, &vcpu);
	for (uint32_t i = 0; i < raised; i++)
		armvirt_vgic_set_edge(&vm, 0, 32 + i);
	vcpu_then = vcpu;
	memcpy(spi_then, spi, sizeof(spi));
}

static __attribute__((noinline)) void again(void)
{
	vcpu = vcpu_then;
	memcpy(spi, spi_then, sizeof(spi));
	__asm__ volatile("" ::: "memory");
}

static void inject(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		again();
		armvirt_vgic_set_edge(&vm, 0, 40);
		armvirt_vgic_flush(&vm, &vcpu);
	}
}

static void inject_linked(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		again();
		armvirt_vgic_hw_irq(&vm, 0, 27);
		armvirt_vgic_flush(&vm, &vcpu);
	}
}

static void flush(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		again();
		armvirt_vgic_flush(&vm, &vcpu);
	}
}

static void empty(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		again();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 1,
		 raised = argc > 3 ? (unsigned)atoi(argv[3]) : 0;

	prepare(raised);
	if (!strcmp(what, "inject"))
		inject(n);
	else if (!strcmp(what, "inject_linked"))
		inject_linked(n);
	else if (!strcmp(what, "flush"))
		flush(n);
	else
		empty(n);
	if (!strncmp(what, "inject", 6) && vcpu.image.used != 1)
		return 1;
	if (!strcmp(what, "flush") && __builtin_popcount(vcpu.image.used) != (int)raised)
		return 1;
	return 0;
}
