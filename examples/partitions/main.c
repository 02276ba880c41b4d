/* SPDX-License-Identifier: BSD-2-Clause */
/* Brings EL2 up, makes the partitions, starts the schedule. */
#include <libarmvirt/el2_setup.h>

#include "partitions.h"

#include "../common/gic.h"
#include "kernel.h"
#include "linux.h"
#include "shares.h"

struct partition_state states[PARTITIONS];
struct armvirt_cpu the_cpu;
struct armvirt_idregs guest_id;
struct armvirt_features guest_features;
struct armvirt_trapcfg traps[2];

enum { IPA_BITS = 32, MAINTENANCE_INTID = 25 };

/* What a kind of guest may see, and from that what traps. */
static void policy_make(enum guest_kind kind, const struct armvirt_features *machine)
{
	struct armvirt_policy policy = armvirt_policy_preset(
		kind == LINUX ? ARMVIRT_POLICY_DEFAULT : ARMVIRT_POLICY_BASELINE);
	enum armvirt_status s;

	policy.ipa_bits = IPA_BITS;
	policy.trap_setway = kind == REAL_TIME;
	if (kind == REAL_TIME)
		policy.show = ARMVIRT_SHOW_GIC;
	s = armvirt_idregs_limit(&guest_id, &machine->id, &policy);
	armvirt_features_derive(&guest_features, &guest_id);
	if (s == ARMVIRT_OK)
		s = armvirt_trapcfg_build(&traps[kind], machine, &guest_features, &policy);
	if (s != ARMVIRT_OK)
		stop("what guests may see: %s", armvirt_strstatus(s));
}

void partitions_main(unsigned el)
{
	static struct armvirt_features features;
	struct armvirt_idregs id;
	struct kernel_map map;
	enum armvirt_status s;

	console_init();
	if (el != 2)
		stop("entered at EL%u, but EL2 is needed: -M virt,virtualization=on", el);
	armvirt_hw_idregs_read(&id);
	armvirt_features_derive(&features, &id);
	kernel_map_make(&features, &map);
	{
		const struct armvirt_el2_config c = {
			.features = &features,
			.vectors = partition_vectors,
			.mmu = true,
			.ttbr0_el2 = map.ttbr0,
			.tcr_el2 = map.tcr,
			.mair_el2 = map.mair,
		};

		s = armvirt_hw_el2_setup(&the_cpu, &c);
	}
	if (s != ARMVIRT_OK)
		stop("EL2: %s", armvirt_strstatus(s));
	policy_make(REAL_TIME, &features);
	policy_make(LINUX, &features); /* last: guest_id is the Linux guest's */
	virq_caps();
	gic_init();
	gic_cpu_init(0);
	gic_enable(0, HTIMER_INTID);
	gic_enable(0, VTIMER_INTID);
	gic_enable(0, MAINTENANCE_INTID);
	for (unsigned p = 0; p < PARTITIONS; p++) {
		memory_make_partition(p, &features);
		if (partitions[p].spi)
			gic_enable(0, partitions[p].spi);
		states[p].ended = partitions[p].kind == LINUX && !linux_loaded();
	}
	shares_start(&features);
	report_start();
	schedule_start();
}
