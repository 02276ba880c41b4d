/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest consists of: memory, interrupts, power control, virtual CPUs, a UART. */
#include "chip.h"

static uint64_t roots[GUESTS_MAX][ROOT_BYTES / 8] __attribute__((aligned(ROOT_BYTES)));
static uint64_t tables[GUESTS_MAX][TABLES][TABLE_BYTES / 8] __attribute__((aligned(TABLE_BYTES)));

#define MPIDR_RES1 (UINT64_C(1) << 31)
#define SCTLR_EE   (UINT64_C(1) << 25)

/* --- the same for every guest --- */

static void choose_geometry(void)
{
	const struct armvirt_s2_config wish = {
		.granule = ARMVIRT_GRANULE_4K,
		.ipa_bits = IPA_BITS,
		.start_level = ARMVIRT_S2_START_AUTO,
	};

	if (armvirt_s2_geometry_solve(&machine.geometry, &machine.features, &wish))
		refuse("this CPU cannot translate %u-bit guest addresses with a 4K granule (rule "
		       "%u); try "
		       "--cpu max",
		       wish.ipa_bits, armvirt_s2_geometry_check(&machine.features, &wish));
}

/* What a guest may see, and from that what traps: shown is what is switched or harmless. */
static void choose_policy(void)
{
	struct armvirt_policy policy = armvirt_policy_preset(ARMVIRT_POLICY_DEFAULT);

	policy.ipa_bits = IPA_BITS;
	policy.pmu_reserved = counter_count() >= 2;
	/* Who has a CPU alone waits there; who shares one gives it away. */
	policy.trap_wfi = policy.trap_wfe = machine.shared;
	must(armvirt_idregs_limit(&machine.guest_id, &machine.features.id, &policy),
	     "ID registers");
	armvirt_features_derive(&machine.guest_features, &machine.guest_id);
	must(armvirt_trapcfg_build(&machine.traps, &machine.features, &machine.guest_features,
				   &policy),
	     "trap configuration");
	/* Nothing else uses the physical timer: a guest has it as it is. */
	machine.timers = (struct armvirt_timer_vm){.physical = ARMVIRT_TIMER_PHYSICAL_DIRECT};
}

static uint32_t gich_vtr(void)
{
	return *(volatile uint32_t *)(uintptr_t)(GICH_BASE + 4);
}

/* --- one guest --- */

static void make_stage2(struct guest *g)
{
	unsigned i = g->number - 1;
	const struct armvirt_s2_memory memory = {roots[i], (uintptr_t)roots[i], 0};
	const struct armvirt_s2_map_request ram = {
		.ipa = RAM_IPA,
		.pa = RAM_PA + i * RAM_STRIDE(machine.config.ram_bytes),
		.size = machine.config.ram_bytes,
		.attr = armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX),
	};
	/* A guest of a GICv2 finds the virtual CPU interface where it looks for its own. */
	const struct armvirt_s2_map_request gicv = {
		.ipa = GICC_BASE,
		.pa = GICV_BASE,
		.size = GICC_BYTES,
		.attr = armvirt_s2_attr(ARMVIRT_S2_DEVICE_nGnRE, ARMVIRT_S2_R | ARMVIRT_S2_W),
	};
	struct armvirt_s2_update u;
	struct armvirt_tlb_target target;

	must(armvirt_s2_init(&g->s2, &machine.geometry, &memory), "stage 2");
	must(armvirt_pool_add_memory(&g->pool, tables[i], sizeof(tables[i]), TABLE_BYTES),
	     "stage 2");
	armvirt_s2_begin(&u, &g->s2, &g->pool, 0);
	must(armvirt_s2_map(&u, &ram), "the guest's memory");
	if (machine.v2)
		must(armvirt_s2_map(&u, &gicv), "the guest's CPU interface");
	target = (struct armvirt_tlb_target){armvirt_s2_vttbr(&g->s2, (uint16_t)g->number),
					     machine.geometry.vtcr, 0};
	armvirt_s2_commit(&u, &target, &g->pool);
}

static void make_interrupts(struct guest *g, unsigned vcpus)
{
	const struct armvirt_vgic_config wish = {
		.caps = &machine.vgic_caps,
		.spi = g->spis,
		.vcpu = &g->vcpu[0].vgic,
		.vcpu_stride = sizeof(g->vcpu[0]),
		.vcpu_count = vcpus,
		.spi_count = GIC_SPIS,
		.v2 = machine.v2,
	};

	must(armvirt_vgic_init(&g->vgic, &wish, sizeof(g->vgic)), "virtual GIC");
	for (unsigned i = 0; i < vcpus; i++) {
		must(armvirt_vgic_link(&g->vgic, i, VTIMER_INTID, true), "virtual timer");
		must(armvirt_vgic_link(&g->vgic, i, PTIMER_INTID, true), "physical timer");
	}
}

/* The first vCPU is on, the others wait for CPU_ON; all are numbered as the vGIC numbers them. */
static void make_psci(struct guest *g, unsigned vcpus)
{
	for (unsigned i = 0; i < vcpus; i++)
		g->psci_cpu[i] = (struct armvirt_psci_cpu){
			.mpidr = g->vcpu[i].vgic.affinity,
			.state = i ? ARMVIRT_PSCI_STATE_OFF : ARMVIRT_PSCI_STATE_ON,
		};
	g->psci = (struct armvirt_psci){
		.cpu = g->psci_cpu,
		.cpu_count = vcpus,
		.ram = {RAM_IPA, machine.config.ram_bytes},
	};
}

void vcpu_reset(struct vcpu *v, uint64_t entry, uint64_t context)
{
	const struct armvirt_vcpu_shape shape = {
		.bytes = sizeof(v->memory),
		.sets = machine.traps.sets & ARMVIRT_VCPU_OPTIONAL,
	};
	struct armvirt_vcpu_traps *t = &v->core.traps;

	must(armvirt_vcpu_init_sets(&v->core, &shape, &machine.features), "virtual CPU");
	armvirt_vcpu_set_stack(&v->core, v->cpu->stack + sizeof(v->cpu->stack));
	v->core.frame.pc = entry;
	v->core.frame.x[0] = context;
	if (v->guest->psci_cpu[v->index].big)
		v->core.el1.sctlr_el1 |= SCTLR_EE;
	must(armvirt_vcpu_set_traps(&v->core, &machine.traps, false), "virtual CPU");
	t->cnthctl_el2 = armvirt_timer_cnthctl(&machine.timers, false);
	t->hcr_el2 |= machine.geometry.fwb ? ARMVIRT_HCR_EL2_FWB : 0;
	t->vpidr_el2 = machine.features.id.reg[ARMVIRT_IDREG_MIDR_EL1];
	t->vmpidr_el2 = MPIDR_RES1 | v->vgic.affinity;
	t->vtcr_el2 = machine.geometry.vtcr;
	t->vttbr_el2 = armvirt_s2_vttbr(&v->guest->s2, (uint16_t)v->guest->number);
	v->timer = (struct armvirt_timer_vcpu){0};
}

/* vCPUs are dealt out to the CPUs in turn, and stay. */
static void make_vcpus(struct guest *g, unsigned vcpus)
{
	for (unsigned i = 0; i < vcpus; i++) {
		struct vcpu *v = &g->vcpu[i];
		struct cpu *c = &cpus[((g->number - 1) * vcpus + i) % machine.cpu_count];

		v->guest = g;
		v->index = i;
		v->cpu = c;
		machine.cpus_busy += c->vcpu_count == 0;
		c->vcpu[c->vcpu_count++] = v;
	}
}

void machine_make(void)
{
	unsigned vcpus = (unsigned)machine.config.vcpus;

	for (unsigned i = 0; i < machine.guest_count; i++) {
		machine.guest[i].number = i + 1;
		make_vcpus(&machine.guest[i], vcpus);
	}
	machine.shared = vcpus * machine.guest_count > machine.cpu_count;
	choose_geometry();
	choose_policy();
	if (machine.v2)
		must(armvirt_vgic_caps_from_gich_vtr(&machine.vgic_caps, gich_vtr()),
		     "virtual GIC");
	else
		must(armvirt_hw_vgic_caps(&machine.vgic_caps), "virtual GIC");
	for (unsigned i = 0; i < machine.guest_count; i++) {
		struct guest *g = &machine.guest[i];

		make_stage2(g);
		make_interrupts(g, vcpus);
		make_psci(g, vcpus);
		pl011_reset(&g->uart);
		vcpu_reset(&g->vcpu[0], machine.config.kernel_ipa, machine.config.dtb_ipa);
		g->vcpu[0].state = VCPU_READY;
	}
	machine.smccc_version =
		(uint64_t)armvirt_psci_call(
			&machine.guest[0].psci, 0,
			&(struct armvirt_psci_request){.function = ARMVIRT_SMCCC_VERSION})
			.ret;
}
