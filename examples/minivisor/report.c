/* SPDX-License-Identifier: BSD-2-Clause */
/* What a visitor sees before and after the guest. */
#include <stdarg.h>

#include "minivisor.h"

#include "../common/console.h"

static const char causes[CAUSE_COUNT][32] = {
	[CAUSE_UART] = "device access: UART",
	[CAUSE_GICD] = "device access: distributor",
	[CAUSE_GICR] = "device access: redistributor",
	[CAUSE_NOTHING_THERE] = "access to nothing, aborted",
	[CAUSE_FIXED_REGISTER] = "ID or fixed register",
	[CAUSE_SYSREG] = "other system register",
	[CAUSE_CALL] = "HVC and SMC",
	[CAUSE_WAIT] = "WFI and WFE",
	[CAUSE_FP] = "FP, first use",
	[CAUSE_TIMER] = "interrupt: timers",
	[CAUSE_KICK] = "interrupt: from another CPU",
	[CAUSE_INTERRUPT] = "interrupt: other",
	[CAUSE_UNDEFINED] = "made UNDEFINED",
};

static void banner_features(const struct armvirt_features *f)
{
	unsigned column = 99;

	print("  features:");
	for (unsigned i = 0; i < ARMVIRT_FEAT_COUNT; i++) {
		const char *name = armvirt_feature_name((enum armvirt_feature)i);

		if (!armvirt_has(f, (enum armvirt_feature)i))
			continue;
		if (column >= 6) {
			print("\n   ");
			column = 0;
		}
		print(" %-15s", name);
		column++;
	}
	print("\n");
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

void report_banner(void)
{
	const struct armvirt_features *f = &machine.features;
	const struct armvirt_s2_geometry *g = &machine.geometry;

	print("minivisor on libarmvirt %u.%u.%u, at EL2 of MIDR 0x%08lx\n", ARMVIRT_VERSION_MAJOR,
	      ARMVIRT_VERSION_MINOR, ARMVIRT_VERSION_PATCH, f->id.reg[ARMVIRT_IDREG_MIDR_EL1]);
	banner_features(f);
	print("  stage 2: 4K granule, %u-bit guest and %u-bit physical addresses, start level %d, "
	      "%u root table%s,\n           VTCR_EL2 0x%lx, %u-bit VMIDs\n",
	      g->ipa_bits, g->pa_bits, g->start_level, g->root_count, g->root_count > 1 ? "s" : "",
	      g->vtcr, g->vmid_bits);
	print("  virtual GIC: %u list registers, %u priority bits\n", machine.vgic_caps.lr_count,
	      machine.vgic_caps.pri_bits);
	if (machine.cpu_count > 1 || machine.guest_count > 1)
		print("  %u CPU%s for %u guest%s of %lu virtual CPU%s\n", machine.cpu_count,
		      plural(machine.cpu_count), machine.guest_count, plural(machine.guest_count),
		      machine.config.vcpus, plural(machine.config.vcpus));
	print("\n");
}

static uint64_t report_exits(const struct guest *g)
{
	uint64_t all = 0;

	print("\nexits by cause");
	if (machine.guest_count > 1)
		print(", guest %u: %s", g->number, g->ended);
	print("\n");
	for (unsigned i = 0; i < CAUSE_COUNT; i++) {
		uint64_t sum = 0;

		for (unsigned k = 0; k < guest_vcpus(g); k++)
			sum += g->vcpu[k].exits[i];
		all += sum;
		if (sum)
			print("  %-30s %10lu\n", causes[i], sum);
	}
	print("  %-30s %10lu\n", "in all", all);
	return all;
}

static void report_instructions(uint64_t instructions, uint64_t exits)
{
	print("instructions at EL2\n");
	print("  %-30s %10lu\n", "in all", instructions);
	print("  %-30s %10lu\n", "per exit", exits ? instructions / exits : 0);
}

static void report_map(const struct guest *g)
{
	struct armvirt_s2_iter it;
	struct armvirt_s2_run run;

	print("map of the guest\n");
	armvirt_s2_iterate(&it, &g->s2, (struct armvirt_ipa_range){0, 0});
	while (armvirt_s2_next(&it, &run)) {
		if (run.mapped)
			print("  0x%010lx to 0x%010lx at 0x%010lx %s%s%s\n", run.ipa,
			      run.ipa + run.size - 1, run.pa, run.attr & ARMVIRT_S2_R ? "r" : "-",
			      run.attr & ARMVIRT_S2_W ? "w" : "-",
			      run.attr & ARMVIRT_S2_X ? "x" : "-");
	}
	print("  stage-2 pages: %lu and %u of the root\n", (uint64_t)armvirt_s2_table_count(&g->s2),
	      machine.geometry.root_bytes / TABLE_BYTES);
}

__attribute__((noreturn)) static void power_off(void)
{
	firmware(ARMVIRT_PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		;
}

void finish(void)
{
	const char *verdict = machine.guest[0].ended;
	uint64_t instructions = counter_wanted() ? counter_read() : 0, exits = 0;

	for (unsigned i = 0; i < machine.guest_count; i++)
		exits += report_exits(&machine.guest[i]);
	if (counter_wanted())
		report_instructions(instructions, exits);
	for (unsigned i = 0; i < machine.guest_count; i++) {
		report_map(&machine.guest[i]);
		if (!machine.guest[i].off)
			verdict = machine.guest[i].ended;
	}
	print("minivisor: guest%s ended: %s\n", plural(machine.guest_count), verdict);
	power_off();
}

void refuse(const char *format, ...)
{
	va_list a;

	va_start(a, format);
	print("minivisor: guest ended: ");
	vprint(format, a);
	va_end(a);
	print("\n");
	power_off();
}

void hypervisor_exception(const struct armvirt_el2_frame *frame)
{
	refuse("minivisor itself failed: vector %lu, ESR 0x%lx, PC 0x%lx, FAR 0x%lx", frame->vector,
	       frame->esr, frame->pc, frame->far);
}
