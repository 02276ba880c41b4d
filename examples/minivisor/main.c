/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minivisor: Linux guests on libarmvirt, a type-I hypervisor in little more than a thousand lines.
 * main.c brings EL2 up on every CPU; machine.c makes the guests; schedule.c says who runs; guest.c
 * answers what a guest does; terminal.c shares the console; report.c tells the visitor about it.
 */
#include "minivisor.h"

#include "../common/console.h"
#include "../common/mem.h"
#include "chip.h"

enum { SELF_TABLES = 16 };

struct machine machine;
struct cpu cpus[CPUS_MAX];

static uint64_t self_root[ROOT_BYTES / 8] __attribute__((aligned(ROOT_BYTES)));
static uint64_t self_tables[SELF_TABLES][TABLE_BYTES / 8] __attribute__((aligned(TABLE_BYTES)));

void minivisor_main(unsigned el);
void minivisor_secondary(struct cpu *c);

void must(enum armvirt_status s, const char *what)
{
	if (s)
		refuse("%s: %s", what, armvirt_strstatus(s));
}

static void check_config(void)
{
	struct config *c = &machine.config;

	memcpy(c, (const void *)(uintptr_t)CONFIG_PA, sizeof(*c));
	if (c->magic != CONFIG_MAGIC || c->version != 1)
		refuse("no guest was loaded: start minivisor by tools/demo");
	if (c->vcpus < 1 || c->vcpus > VCPUS_MAX)
		refuse("a guest can have 1 to %u virtual CPUs", VCPUS_MAX);
	if (c->guests < 1 || c->guests > GUESTS_MAX)
		refuse("minivisor runs 1 to %u guests", GUESTS_MAX);
	if (c->kernel_ipa < RAM_IPA || c->kernel_ipa - RAM_IPA >= c->ram_bytes)
		refuse("the kernel lies outside the guest's memory");
	machine.guest_count = (unsigned)c->guests;
}

/* Which interrupt controller there is, and by it which CPUs. */
static void look_around(void)
{
	struct armvirt_idregs id;

	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&machine.features, &id);
	machine.features.pmu_counters = counter_count();
	machine.v2 = !armvirt_has(&machine.features, ARMVIRT_FEAT_GIC3);
	if (machine.v2 && gic2_version() != 2)
		refuse("there is neither a GICv3 nor a GICv2: use gic-version=3");
	machine.cpu_count = machine.v2 ? gic2_cpu_count() : gic_cpu_count();
	if (machine.cpu_count > CPUS_MAX)
		refuse("minivisor runs on 1 to %u CPUs", CPUS_MAX);
}

/* --- EL2 itself --- */

static void map_add(struct armvirt_el2_map *map, struct armvirt_pool *pool, uint64_t from,
		    uint64_t to, enum armvirt_el2_kind kind)
{
	must(armvirt_el2_map_add(map, pool,
				 &(struct armvirt_el2_region){from, from, to - from, kind}),
	     "map of EL2");
}

/* Text executable, constants readable, data writable, devices; nothing else, never both W and X. */
static void map_self(struct armvirt_el2_values *values)
{
	const struct armvirt_el2_map_config wish = {ARMVIRT_GRANULE_4K, IPA_BITS, false};
	const struct armvirt_s2_memory memory = {self_root, (uintptr_t)self_root, 0};
	static struct armvirt_el2_map map;
	static struct armvirt_s2_geometry g;
	static struct armvirt_pool pool;

	must(armvirt_el2_geometry_solve(&g, &machine.features, &wish), "map of EL2");
	must(armvirt_el2_map_init(&map, &g, &memory), "map of EL2");
	must(armvirt_pool_add_memory(&pool, self_tables, sizeof(self_tables), TABLE_BYTES),
	     "map of EL2");
	map_add(&map, &pool, (uintptr_t)image_text, (uintptr_t)image_rodata, ARMVIRT_EL2_TEXT);
	map_add(&map, &pool, (uintptr_t)image_rodata, (uintptr_t)image_data, ARMVIRT_EL2_RODATA);
	map_add(&map, &pool, (uintptr_t)image_data, (uintptr_t)image_end, ARMVIRT_EL2_DATA);
	map_add(&map, &pool, CONSOLE_BASE, CONSOLE_BASE + 0x1000, ARMVIRT_EL2_DEVICE);
	map_add(&map, &pool, GICD_BASE, GICD_BASE + GICD_BYTES, ARMVIRT_EL2_DEVICE);
	if (machine.v2) {
		map_add(&map, &pool, GICC_BASE, GICC_BASE + GICC_BYTES, ARMVIRT_EL2_DEVICE);
		map_add(&map, &pool, GICH_BASE, GICH_BASE + GICH_BYTES, ARMVIRT_EL2_DEVICE);
	} else {
		map_add(&map, &pool, GICR_BASE, GICR_BASE + machine.cpu_count * GICR_STRIDE,
			ARMVIRT_EL2_DEVICE);
	}
	armvirt_el2_map_values(&map, values);
}

static void choose_el2(void)
{
	struct armvirt_el2_values v;

	map_self(&v);
	machine.el2 = (struct armvirt_el2_config){
		.features = &machine.features,
		.pmu_reserved = counter_count() >= 2,
		.vectors = minivisor_vectors,
		.mmu = true,
		.ttbr0_el2 = v.ttbr0,
		.tcr_el2 = v.tcr,
		.mair_el2 = v.mair,
	};
}

static void set_up_cpu(struct cpu *c)
{
	__asm__ volatile("msr tpidr_el2, %0" ::"r"(c));
	must(armvirt_hw_el2_setup(&c->core, &machine.el2), "EL2");
	chip_cpu_init(c->index);
	chip_enable(c->index, KICK_SGI);
	chip_enable(c->index, MAINTENANCE_INTID);
	chip_enable(c->index, SLICE_INTID);
	chip_enable(c->index, VTIMER_INTID);
	chip_enable(c->index, PTIMER_INTID);
}

__attribute__((noreturn)) static void run(struct cpu *c)
{
	if (counter_wanted())
		counter_start();
	armvirt_vcpu_resume(&schedule(c)->core);
}

/* --- the other CPUs --- */

void minivisor_secondary(struct cpu *c)
{
	set_up_cpu(c);
	__atomic_store_n(&c->up, true, __ATOMIC_RELEASE);
	run(c);
}

/* They begin with their caches off: what they read must be in memory, not in ours. */
static void clean_data(void)
{
	uint64_t ctr, line;

	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	line = UINT64_C(4) << (ctr >> 16 & 15);
	for (uintptr_t p = (uintptr_t)image_data & ~(line - 1); p < (uintptr_t)image_end; p += line)
		__asm__ volatile("dc civac, %0" ::"r"(p) : "memory");
	__asm__ volatile("dsb sy" ::: "memory"); /* orders the cleaning before CPU_ON */
}

/* A GICv2 does not tell: as QEMU numbers them. */
static uint64_t mpidr(unsigned cpu)
{
	return machine.v2 ? cpu : gic_cpu_mpidr(cpu);
}

static void start_others(void)
{
	for (unsigned i = 1; i < machine.cpu_count; i++) {
		cpus[i].index = i;
		cpus[i].mpidr = mpidr(i);
	}
	if (machine.cpu_count > 1)
		clean_data();
	for (unsigned i = 1; i < machine.cpu_count; i++) {
		struct cpu *c = &cpus[i];

		if (firmware(ARMVIRT_PSCI_CPU_ON | ARMVIRT_PSCI_64, c->mpidr,
			     (uintptr_t)start_secondary, (uintptr_t)c))
			refuse("the machine does not start its CPU %u", i);
		while (!__atomic_load_n(&c->up, __ATOMIC_ACQUIRE))
			__asm__ volatile("yield");
	}
}

void minivisor_main(unsigned el)
{
	struct cpu *c = &cpus[0];

	console_init();
	if (el != 2)
		refuse("entered at EL%u, but EL2 is needed: use a CPU that has it, and "
		       "-M virt,virtualization=on",
		       el);
	check_config();
	look_around();
	c->mpidr = mpidr(0);
	choose_el2();
	if (machine.v2)
		gic2_init();
	else
		gic_init();
	set_up_cpu(c);
	machine_make();
	report_banner();
	start_others();
	chip_enable(0, CONSOLE_INTID);
	terminal_input();
	run(c);
}
