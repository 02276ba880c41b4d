/* SPDX-License-Identifier: BSD-2-Clause */
/* The system: who there is, what each has, and when it runs. */
#include "partitions.h"

#include "guests/rt.h"

#define RAM_CONTROL UINT64_C(0x60000000)
#define RAM_ROGUE   UINT64_C(0x60200000)
#define RAM_LINUX   UINT64_C(0x80000000)
#define LINUX_BYTES UINT64_C(0x20000000)
#define RTC         UINT64_C(0x09010000)

const struct partition partitions[PARTITIONS] = {
	{
		.name = "control",
		.region = {{RT_RAM_IPA, RAM_CONTROL, RT_RAM_BYTES, false},
			   {RTC, RTC, 0x1000, true}},
		.spi = 34,
		.tables = 4, /* RAM: two levels; the device: two levels */
		.exit_budget = 100,
		.silent_limit = 4,
		.image = 0,
	},
	{
		.name = "rogue",
		.region = {{RT_RAM_IPA, RAM_ROGUE, RT_RAM_BYTES, false}},
		.tables = 2,
		.exit_budget = 500,
		.silent_limit = 4,
		.image = 1,
	},
	{
		.name = "linux",
		.kind = LINUX,
		.region = {{0x40000000, RAM_LINUX, LINUX_BYTES, false}},
		.tables = 1,
	},
};

const struct slot slots[SLOTS] = {
	{1, 4000},
	{0, 2000}, /* right after the one that misbehaves */
	{2, 12000},
	{KERNEL_SLOT, 2000},
};

static const struct armvirt_mpam_partition shares[] = {
	{.name = "kernel", .partid = 0, .partid_count = 1, .cpus = 1, .cache = {0, 2, 16}},
	{.name = "control",
	 .partid = 1,
	 .partid_count = 1,
	 .cpus = 1,
	 .cache = {2, 4, 16},
	 .cache_exclusive = true,
	 .mbw_min = 300,
	 .priority = 255},
	{.name = "rogue",
	 .partid = 2,
	 .partid_count = 1,
	 .cpus = 1,
	 .cache = {6, 2, 16},
	 .cache_exclusive = true,
	 .mbw_max = 200},
	{.name = "linux",
	 .partid = 3,
	 .partid_count = 8,
	 .cpus = 1,
	 .cache = {8, 8, 16},
	 .cache_exclusive = true,
	 .mbw_max = 500,
	 .priority = 128},
};

const struct armvirt_mpam_plan partition_plan = {shares, sizeof(shares) / sizeof(shares[0]), 1};
