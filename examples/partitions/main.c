/* SPDX-License-Identifier: BSD-2-Clause */
/* Brings EL2 up, makes the partitions, starts the schedule. */
#include <libarmvirt/el2_setup.h>

#include "partitions.h"

#include "../common/gic.h"
#include "kernel.h"

struct partition_state states[PARTITIONS];
struct armvirt_cpu cpu;

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

		s = armvirt_hw_el2_setup(&cpu, &c);
	}
	if (s != ARMVIRT_OK)
		stop("EL2: %s", armvirt_strstatus(s));
	gic_init();
	gic_cpu_init(0);
	gic_enable(0, HTIMER_INTID);
	gic_enable(0, VTIMER_INTID);
	for (unsigned p = 0; p < PARTITIONS; p++) {
		memory_make_partition(p, &features);
		if (partitions[p].spi)
			gic_enable(0, partitions[p].spi);
	}
	report_start();
	schedule_start();
}
