/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that the visitor sees, in the kernel's own slot. */
#include "partitions.h"

#include "guests/rt.h"
#include "linux.h"
#include "shares.h"

enum { FRAMES_A_TABLE = 100, FRAMES_ALL = 300, FRAMES_MOST = 3000 };

static const volatile struct rt_report *report_of(unsigned p)
{
	const struct region *ram = &partitions[p].region[0];

	return (const void *)(uintptr_t)(ram->pa + (RT_REPORT_IPA - RT_RAM_IPA));
}

static bool linux_ended(void)
{
	for (unsigned p = 0; p < PARTITIONS; p++) {
		if (partitions[p].kind == LINUX && states[p].ended && states[p].incarnation)
			return true;
	}
	return false;
}

static void table_print(uint64_t frame)
{
	if (linux_column())
		print("\n");
	print("\n%lu ms, %lu major frames, ticks of %lu ns\n",
	      frame * schedule_frame_ticks() * 1000 / clock_hz(), frame,
	      UINT64_C(1000000000) / clock_hz());
	print("partition   slots   kept  release  latency  taken  device  exits    restarts  took  "
	      "last fault\n");
	for (unsigned p = 0; p < PARTITIONS; p++) {
		const struct partition_state *s = &states[p];
		static const struct rt_report none;
		const volatile struct rt_report *r =
			partitions[p].kind == REAL_TIME ? report_of(p) : &none;

		print("%-10s %6lu %6lu %8lu %8lu %6lu %7lu %6lu %11lu %5lu  %s\n",
		      partitions[p].name, s->slots, s->kept, s->release_worst,
		      (uint64_t)r->latency_max, (uint64_t)r->gap_max, (uint64_t)r->device, s->exits,
		      s->incarnation ? s->incarnation - 1 : 0, s->restart_worst,
		      fault_name((enum fault)s->last_fault));
	}
}

static void faults_print(void)
{
	print("\nfaults contained:");
	for (unsigned f = FAULT_MEMORY; f < FAULTS; f++) {
		uint64_t n = 0;

		if (f == FAULT_ENDED)
			continue;
		for (unsigned p = 0; p < PARTITIONS; p++)
			n += states[p].faults[f];
		if (n != 0)
			print(" %s %lu,", fault_name((enum fault)f), n);
	}
	print(" all others went on\n");
}

static void plan_print(void)
{
	print("\nMPAM plan           PARTID  cache  exclusive  bandwidth min/max  priority\n");
	for (unsigned i = 0; i < partition_plan.count; i++) {
		const struct armvirt_mpam_partition *m = &partition_plan.partition[i];

		print("  %-16s %7u %u-%u/%u  %-9s %10u/%-9u %u\n", m->name, m->partid,
		      m->cache.first, m->cache.first + m->cache.count - 1, m->cache.of,
		      m->cache_exclusive ? "yes" : "no", m->mbw_min,
		      m->mbw_max ? m->mbw_max : ARMVIRT_MPAM_WHOLE, m->priority);
	}
	print("  on this machine: %s\n", shares_verdict());
}

void report_start(void)
{
	print("partitions: %u partitions, %u slots in a major frame\n", PARTITIONS, SLOTS);
	print("all memory of the kernel, known when it was linked: %lu bytes\n",
	      memory_static_bytes());
	plan_print();
}

void report_tick(uint64_t frame)
{
	if (frame != 0 && frame % FRAMES_A_TABLE == 0)
		table_print(frame);
	if (frame < (linux_loaded() ? FRAMES_MOST : FRAMES_ALL) && !linux_ended())
		return;
	if (frame % FRAMES_A_TABLE != 0)
		table_print(frame);
	faults_print();
	if (linux_loaded())
		print("linux: %s\n", linux_ended() ? fault_name(FAULT_ENDED) : "still runs");
	print("partitions: ended after %lu frames\n", frame);
	power_off();
}
