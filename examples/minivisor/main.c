/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minivisor: one guest on libarmvirt, a type-I hypervisor in a few hundred
 * lines. main.c brings EL2, the tables and the virtual CPU up; guest.c answers
 * what the guest does; report.c tells the visitor about it.
 */
#include "minivisor.h"

#include "../common/console.h"
#include "../common/gic.h"
#include "../common/mem.h"
#include "counter.h"

enum { ROOT_BYTES = 16 * TABLE_BYTES, SELF_TABLES = 16 };
enum { IPA_BITS = 40, VMID = 1, MAINTENANCE_INTID = 25 };

struct machine machine;

static uint64_t guest_root[ROOT_BYTES / 8] __attribute__((aligned(ROOT_BYTES)));
static uint64_t guest_tables[TABLES][TABLE_BYTES / 8] __attribute__((aligned(TABLE_BYTES)));
static uint64_t self_root[ROOT_BYTES / 8] __attribute__((aligned(ROOT_BYTES)));
static uint64_t self_tables[SELF_TABLES][TABLE_BYTES / 8] __attribute__((aligned(TABLE_BYTES)));
static armvirt_vgic_irq_t spis[GIC_SPIS] __attribute__((aligned(8)));

#define MPIDR_RES1 (UINT64_C(1) << 31)

void minivisor_main(unsigned el);

static void must(enum armvirt_status s, const char *what)
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
	if (c->vcpus != 1 || c->guests != 1)
		refuse("minivisor runs one guest with one virtual CPU so far: leave out --vcpus "
		       "and "
		       "--guests");
	if (c->kernel_ipa < RAM_IPA || c->kernel_ipa - RAM_IPA >= c->ram_bytes)
		refuse("the kernel lies outside the guest's memory");
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
	map_add(&map, &pool, GICR_BASE, GICR_BASE + GICR_STRIDE, ARMVIRT_EL2_DEVICE);
	armvirt_el2_map_values(&map, values);
}

static void set_up_el2(void)
{
	struct armvirt_el2_values v;
	struct armvirt_el2_config c = {
		.features = &machine.features,
		.pmu_reserved = counter_count() >= 2,
		.vectors = minivisor_vectors,
		.mmu = true,
	};

	map_self(&v);
	c.ttbr0_el2 = v.ttbr0;
	c.tcr_el2 = v.tcr;
	c.mair_el2 = v.mair;
	must(armvirt_hw_el2_setup(&machine.cpu, &c), "EL2");
}

/* --- the guest --- */

static void make_stage2(void)
{
	const struct armvirt_s2_config wish = {
		.granule = ARMVIRT_GRANULE_4K,
		.ipa_bits = IPA_BITS,
		.start_level = ARMVIRT_S2_START_AUTO,
	};
	const struct armvirt_s2_memory memory = {guest_root, (uintptr_t)guest_root, 0};
	const struct armvirt_s2_map_request ram = {
		.ipa = RAM_IPA,
		.pa = RAM_PA,
		.size = machine.config.ram_bytes,
		.attr = armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX),
	};
	struct armvirt_s2_update u;
	struct armvirt_tlb_target target;

	if (armvirt_s2_geometry_solve(&machine.geometry, &machine.features, &wish))
		refuse("this CPU cannot translate %u-bit guest addresses with a 4K granule (rule "
		       "%u); try "
		       "--cpu max",
		       wish.ipa_bits, armvirt_s2_geometry_check(&machine.features, &wish));
	must(armvirt_s2_init(&machine.s2, &machine.geometry, &memory), "stage 2");
	must(armvirt_pool_add_memory(&machine.pool, guest_tables, sizeof(guest_tables),
				     TABLE_BYTES),
	     "stage 2");
	armvirt_s2_begin(&u, &machine.s2, &machine.pool, 0);
	must(armvirt_s2_map(&u, &ram), "the guest's memory");
	target = (struct armvirt_tlb_target){armvirt_s2_vttbr(&machine.s2, VMID),
					     machine.geometry.vtcr, 0};
	armvirt_s2_commit(&u, &target, &machine.pool);
}

static void make_interrupts(void)
{
	const struct armvirt_vgic_config wish = {
		.caps = &machine.vgic_caps,
		.spi = spis,
		.vcpu = &machine.vgic_vcpu,
		.vcpu_stride = sizeof(machine.vgic_vcpu),
		.vcpu_count = 1,
		.spi_count = GIC_SPIS,
	};

	if (!armvirt_has(&machine.features, ARMVIRT_FEAT_GIC3))
		refuse("this CPU has no GIC system registers: use gic-version=3");
	must(armvirt_hw_vgic_caps(&machine.vgic_caps), "virtual GIC");
	must(armvirt_vgic_init(&machine.vgic, &wish, sizeof(machine.vgic)), "virtual GIC");
	must(armvirt_vgic_link(&machine.vgic, 0, VTIMER_INTID, true), "virtual timer");
	must(armvirt_vgic_link(&machine.vgic, 0, PTIMER_INTID, true), "physical timer");
	gic_init();
	gic_cpu_init(0);
	gic_enable(0, VTIMER_INTID);
	gic_enable(0, PTIMER_INTID);
	gic_enable(0, MAINTENANCE_INTID);
	gic_enable(0, CONSOLE_INTID);
	console_interrupt(true);
}

/* What the guest may see, and from that what traps: shown is what is switched or harmless. */
static void make_policy(void)
{
	struct armvirt_policy policy = armvirt_policy_preset(ARMVIRT_POLICY_DEFAULT);

	policy.ipa_bits = IPA_BITS;
	policy.pmu_reserved = counter_count() >= 2;
	must(armvirt_idregs_limit(&machine.guest_id, &machine.features.id, &policy),
	     "ID registers");
	armvirt_features_derive(&machine.guest_features, &machine.guest_id);
	must(armvirt_trapcfg_build(&machine.traps, &machine.features, &machine.guest_features,
				   &policy),
	     "trap configuration");
}

static void make_psci(void)
{
	machine.psci_cpu = (struct armvirt_psci_cpu){.state = ARMVIRT_PSCI_STATE_ON};
	machine.psci = (struct armvirt_psci){
		.cpu = &machine.psci_cpu,
		.cpu_count = 1,
		.ram = {RAM_IPA, machine.config.ram_bytes},
	};
}

static void make_vcpu(void)
{
	struct armvirt_vcpu *v = &machine.vcpu;
	/* Nothing else uses the physical timer: the guest has it as it is. */
	const struct armvirt_timer_vm timers = {.physical = ARMVIRT_TIMER_PHYSICAL_DIRECT};
	const struct armvirt_vcpu_shape shape = {
		.bytes = sizeof(machine.vcpu_memory),
		.sets = machine.traps.sets & ARMVIRT_VCPU_OPTIONAL,
	};

	must(armvirt_vcpu_init_sets(v, &shape, &machine.features), "virtual CPU");
	armvirt_vcpu_set_stack(v, boot_stack_end);
	v->frame.pc = machine.config.kernel_ipa;
	v->frame.x[0] = machine.config.dtb_ipa;
	must(armvirt_vcpu_set_traps(v, &machine.traps, false), "virtual CPU");
	v->traps.cnthctl_el2 = armvirt_timer_cnthctl(&timers, false);
	v->traps.hcr_el2 |= machine.geometry.fwb ? ARMVIRT_HCR_EL2_FWB : 0;
	v->traps.vpidr_el2 = machine.features.id.reg[ARMVIRT_IDREG_MIDR_EL1];
	v->traps.vmpidr_el2 = MPIDR_RES1;
	v->traps.vtcr_el2 = machine.geometry.vtcr;
	v->traps.vttbr_el2 = armvirt_s2_vttbr(&machine.s2, VMID);
	pl011_reset(&machine.uart);
}

void minivisor_main(unsigned el)
{
	struct armvirt_idregs id;

	console_init();
	if (el != 2)
		refuse("entered at EL%u, but EL2 is needed: use a CPU that has it, and "
		       "-M virt,virtualization=on",
		       el);
	check_config();
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&machine.features, &id);
	machine.features.pmu_counters = counter_count();
	set_up_el2();
	make_stage2();
	make_interrupts();
	make_policy();
	make_psci();
	make_vcpu();
	report_banner();
	must(armvirt_hw_vcpu_load(&machine.cpu, &machine.vcpu), "virtual CPU");
	armvirt_hw_vgic_load(&machine.vgic, &machine.vgic_vcpu);
	if (machine.config.flags & CONFIG_STATISTICS)
		counter_start();
	armvirt_vcpu_resume(&machine.vcpu);
}
