/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's device tree: the addresses and interrupts of QEMU's virt machine. */
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "examples/minivisor/config.h"
#include "mkguest.h"

enum { PHANDLE_GIC = 1, PHANDLE_CLOCK = 2 };
enum { SPI = 0, PPI = 1, LEVEL_HIGH = 4 };

#define UART_CLOCK 24000000

/* A tree in the making; the first error is kept, and everything after it is idle. */
struct tree {
	void *fdt;
	int error;
};

static void step(struct tree *t, int result)
{
	if (!t->error)
		t->error = result;
}

static void begin(struct tree *t, const char *name)
{
	if (!t->error)
		step(t, fdt_begin_node(t->fdt, name));
}

static void end(struct tree *t)
{
	if (!t->error)
		step(t, fdt_end_node(t->fdt));
}

static void bytes(struct tree *t, const char *name, const void *value, size_t size)
{
	if (!t->error)
		step(t, fdt_property(t->fdt, name, value, (int)size));
}

static void text(struct tree *t, const char *name, const char *value)
{
	bytes(t, name, value, strlen(value) + 1);
}

/* Several strings: the literal holds \0 between them. */
#define texts(t, name, literal) bytes(t, name, literal, sizeof(literal))

static void cells(struct tree *t, const char *name, unsigned count, ...)
{
	fdt32_t value[16];
	va_list list;

	va_start(list, count);
	for (unsigned i = 0; i < count; i++)
		value[i] = cpu_to_fdt32(va_arg(list, uint32_t));
	va_end(list);
	bytes(t, name, value, count * sizeof(value[0]));
}

static void wide(struct tree *t, const char *name, uint64_t value)
{
	cells(t, name, 2, (uint32_t)(value >> 32), (uint32_t)value);
}

static void chosen(struct tree *t, const struct guest *g)
{
	begin(t, "chosen");
	text(t, "bootargs", g->append);
	text(t, "stdout-path", "/pl011@9000000");
	if (g->initrd.bytes) {
		wide(t, "linux,initrd-start", g->initrd.ipa);
		wide(t, "linux,initrd-end", g->initrd.ipa + g->initrd.bytes);
	}
	end(t);
	begin(t, "aliases");
	text(t, "serial0", "/pl011@9000000");
	end(t);
}

static void processors(struct tree *t, const struct guest *g)
{
	begin(t, "cpus");
	cells(t, "#address-cells", 1, 1);
	cells(t, "#size-cells", 1, 0);
	for (unsigned i = 0; i < g->cpus; i++) {
		/* As on QEMU: 16 CPUs a cluster with GICv3 (8 with GICv2), by affinity. */
		unsigned cluster = g->gic == 3 ? 16 : 8;
		uint32_t mpidr = (i / cluster) << 8 | i % cluster;
		char name[24];

		snprintf(name, sizeof(name), "cpu@%x", mpidr);
		begin(t, name);
		text(t, "device_type", "cpu");
		text(t, "compatible", "arm,armv8");
		cells(t, "reg", 1, mpidr);
		text(t, "enable-method", "psci");
		end(t);
	}
	end(t);
	begin(t, "psci");
	texts(t, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	text(t, "method", "hvc");
	end(t);
}

static void interrupts(struct tree *t, const struct guest *g)
{
	/* A GICv2 PPI names its CPUs in bits 15:8. */
	uint32_t level = LEVEL_HIGH | (g->gic == 2 ? ((1U << g->cpus) - 1) << 8 : 0);

	begin(t, "intc@8000000");
	text(t, "compatible", g->gic == 3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
	cells(t, "#interrupt-cells", 1, 3);
	cells(t, "#address-cells", 1, 0);
	bytes(t, "interrupt-controller", "", 0);
	if (g->gic == 3)
		cells(t, "reg", 8, 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0xf60000);
	else
		cells(t, "reg", 8, 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x10000);
	cells(t, "phandle", 1, PHANDLE_GIC);
	end(t);
	begin(t, "timer"); /* secure, non-secure, virtual, EL2: the third is the guest's */
	texts(t, "compatible", "arm,armv8-timer");
	cells(t, "interrupts", 12, PPI, 13, level, PPI, 14, level, PPI, 11, level, PPI, 10, level);
	bytes(t, "always-on", "", 0);
	end(t);
}

static void uart(struct tree *t)
{
	begin(t, "apb-pclk");
	text(t, "compatible", "fixed-clock");
	cells(t, "#clock-cells", 1, 0);
	cells(t, "clock-frequency", 1, UART_CLOCK);
	text(t, "clock-output-names", "clk24mhz");
	cells(t, "phandle", 1, PHANDLE_CLOCK);
	end(t);
	begin(t, "pl011@9000000");
	texts(t, "compatible", "arm,pl011\0arm,primecell");
	cells(t, "reg", 4, 0, 0x09000000, 0, 0x1000);
	cells(t, "interrupts", 3, SPI, 1, LEVEL_HIGH);
	cells(t, "clocks", 2, PHANDLE_CLOCK, PHANDLE_CLOCK);
	texts(t, "clock-names", "uartclk\0apb_pclk");
	end(t);
}

size_t build_tree(const struct guest *g, void *buffer, size_t capacity)
{
	struct tree t = {.fdt = buffer};

	step(&t, fdt_create(buffer, (int)capacity));
	step(&t, fdt_finish_reservemap(buffer));
	begin(&t, "");
	cells(&t, "#address-cells", 1, 2);
	cells(&t, "#size-cells", 1, 2);
	text(&t, "compatible", "linux,dummy-virt");
	text(&t, "model", "libarmvirt minivisor guest");
	cells(&t, "interrupt-parent", 1, PHANDLE_GIC);
	chosen(&t, g);
	begin(&t, "memory@40000000");
	text(&t, "device_type", "memory");
	cells(&t, "reg", 4, (uint32_t)(RAM_IPA >> 32), (uint32_t)RAM_IPA,
	      (uint32_t)(g->ram_bytes >> 32), (uint32_t)g->ram_bytes);
	end(&t);
	processors(&t, g);
	interrupts(&t, g);
	uart(&t);
	end(&t);
	if (!t.error)
		step(&t, fdt_finish(buffer));
	if (t.error)
		refuse("the device tree cannot be built: %s", fdt_strerror(t.error));
	return fdt_totalsize(buffer);
}
