/* SPDX-License-Identifier: BSD-2-Clause */
#include "shares.h"

/* The components that this platform has. QEMU's machine has none; a board lists its own here,
 * probed and attached by armvirt_msc_probe() and armvirt_msc_attach(). */
static const struct armvirt_mpam_machine components = {.partid_max = 31};

static struct armvirt_mpam_vm vms[PARTITIONS];
static struct armvirt_mpam_vcpu vcpus[PARTITIONS];
static struct armvirt_mpam_verdict verdict;
static bool present;

/* partition_plan: the kernel's share first, then the partitions' in their order. */
static const struct armvirt_mpam_partition *share(unsigned p)
{
	return &partition_plan.partition[p + 1];
}

static void partition_start(unsigned p, const struct armvirt_mpam_caps *caps)
{
	const struct armvirt_mpam_vm_request r = {
		.shape = ARMVIRT_MPAM_HIDDEN,
		.partid = &share(p)->partid,
		.partid_count = 1,
	};

	if (armvirt_mpam_vm_build(&vms[p], caps, &r) != ARMVIRT_OK)
		stop("%s: its PARTID does not exist on this CPU", partitions[p].name);
	armvirt_mpam_vcpu_reset(&vcpus[p], &vms[p]);
}

/* Settings before the first request that shall be treated by them. */
static void plan_run(void)
{
	struct armvirt_mpam_plan_cursor c = {0};
	struct armvirt_mpam_step step;
	struct armvirt_msc_report report;

	while (armvirt_mpam_plan_next(&partition_plan, &components, &c, &step)) {
		if (armvirt_mpam_step_run(&components, &step, &report) != ARMVIRT_OK)
			stop("share of %s: component %u does not keep it",
			     partition_plan.partition[step.partition].name, step.place);
	}
	__asm__ volatile("dsb sy" ::: "memory"); /* orders the settings before the requests */
}

void shares_start(const struct armvirt_features *f)
{
	struct armvirt_mpam_caps caps;
	enum armvirt_status s = armvirt_mpam_plan_check(&partition_plan, &components, &verdict);

	if (s == ARMVIRT_E_ARG)
		stop("plan of shares: %s (partition %u)", armvirt_mpam_flaw_text(verdict.flaw),
		     verdict.partition);
	if (armvirt_mpam_caps_derive(&caps, &f->id) != ARMVIRT_OK || s != ARMVIRT_OK)
		return;
	plan_run();
	for (unsigned p = 0; p < PARTITIONS; p++)
		partition_start(p, &caps);
	present = true;
}

void shares_load(unsigned p)
{
	if (present)
		armvirt_hw_mpam_load(&vms[p], &vcpus[p]);
}

const char *shares_verdict(void)
{
	if (present)
		return "enforced";
	if (verdict.flaw != ARMVIRT_MPAM_FLAW_NONE)
		return armvirt_mpam_flaw_text(verdict.flaw);
	return "this CPU has no MPAM";
}
