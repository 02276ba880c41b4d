/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 workloads through the public interface, one a run: tools/bench counts
 * the instructions of the functions called work_* (and base_*, the harness's own
 * loop) with callgrind; without it the program prints nanoseconds. With BENCH_EVENTS, and the
 * library built on the counting seam of s2_events.c, it prints TLBI, DSB and ISB instead.
 */
#define _POSIX_C_SOURCE 199309L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libarmvirt/libarmvirt.h>

#if defined(BENCH_EVENTS)
#include "s2_events.h"
#endif

#define PAGE   UINT64_C(4096)
#define BLOCK  (UINT64_C(2) << 20)
#define GIB    (UINT64_C(1) << 30)
#define TABLES 9000
#define PAGES  262144u
#define PA_OFF (UINT64_C(1) << 32)
#define RAM    armvirt_s2_attr(ARMVIRT_S2_NORMAL_WB, ARMVIRT_S2_RWX)
#define WORK   __attribute__((noinline, noclone)) void

static struct armvirt_s2 s2;
static struct armvirt_pool pool, limbo;
static uint8_t *memory;
static uint64_t *flat, random_ipa[PAGES], words[PAGES / 64];
volatile uint64_t sink;

static void check(enum armvirt_status status)
{
	if (status < 0) {
		fprintf(stderr, "bench: %s\n", armvirt_strstatus(status));
		exit(1);
	}
}

static void init(bool hw)
{
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO, 0};
	struct armvirt_features f;
	struct armvirt_s2_geometry g;
	struct armvirt_s2_memory m;

	memset(&f, 0, sizeof(f));
	f.pa_bits = 48;
	f.s2_granule_4k = 1;
	for (unsigned x = 0; x < ARMVIRT_FEAT_COUNT; x++) {
		if (x == ARMVIRT_FEAT_S2FWB || x == ARMVIRT_FEAT_XNX ||
		    x == ARMVIRT_FEAT_TLBIRANGE || x == ARMVIRT_FEAT_TTL || x == ARMVIRT_FEAT_HAF ||
		    x == ARMVIRT_FEAT_HDBS)
			f.has[x / 64] |= UINT64_C(1) << (x % 64);
	}
	if (hw)
		c.flags = ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY;
	check(armvirt_s2_geometry_solve(&g, &f, &c));
	memory = aligned_alloc(65536, (TABLES + 16) * PAGE);
	memset(memory, 0, (TABLES + 16) * PAGE); /* faults every page in */
	m.root = (uint64_t *)memory;
	m.root_pa = PA_OFF;
	m.va_minus_pa = (uint64_t)(uintptr_t)memory - PA_OFF;
	check(armvirt_s2_init(&s2, &g, &m));
	check(armvirt_pool_add_memory(&pool, memory + 16 * PAGE, TABLES * PAGE, PAGE));
	flat = aligned_alloc(65536, PAGES * 8);
	memset(flat, 0, PAGES * 8);
	for (unsigned i = 0, r = 12345; i < PAGES; i++) {
		r = r * 1664525u + 1013904223u;
		random_ipa[i] = (uint64_t)(r >> 10) * PAGE % (16 * GIB);
	}
}

static void commit(struct armvirt_s2_update *u)
{
	const struct armvirt_tlb_target t = {0, 0, ARMVIRT_TLB_LOADED};

	armvirt_s2_commit(u, &t, &limbo);
}

static void map(uint64_t pa, uint64_t size, uint32_t flags)
{
	struct armvirt_s2_map_request r = {0, pa, size, RAM, flags};
	struct armvirt_s2_update u;

	armvirt_s2_begin(&u, &s2, &pool, 0);
	check(armvirt_s2_map(&u, &r));
	commit(&u);
}

WORK work_raw(void)
{
	uint64_t d = 0x7ff | PA_OFF;

	for (volatile uint64_t *p = flat; p != flat + PAGES; d += PAGE)
		*p++ = d;
}

WORK work_map_4k(void)
{
	map(GIB + PAGE, GIB, 0);
}

WORK work_map_2m(void)
{
	map(GIB + BLOCK, 64 * GIB, 0);
}

WORK work_fault_random(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct armvirt_s2_fault_request r = {random_ipa[i], GIB + random_ipa[i], RAM};

		check(armvirt_s2_fault_map(&s2, &r, &pool));
	}
}

WORK base_fault_random(void)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct armvirt_s2_fault_request r = {random_ipa[i], GIB + random_ipa[i], RAM};

		__asm__ volatile("" ::"r"(&r) : "memory");
		check(ARMVIRT_OK);
	}
}

WORK work_lookup_random(void)
{
	struct armvirt_s2_leaf leaf;
	uint64_t sum = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		check(armvirt_s2_lookup(&s2, random_ipa[i], &leaf));
		sum += leaf.pa;
	}
	sink = sum;
}

WORK base_lookup_random(void)
{
	struct armvirt_s2_leaf leaf = {0, 0, 0};
	uint64_t sum = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		__asm__ volatile("" ::"r"(&leaf), "r"(random_ipa[i]) : "memory");
		sum += leaf.pa;
	}
	sink = sum;
}

static void update(int what)
{
	const struct armvirt_s2_protection read_only = {0, ARMVIRT_S2_W};
	const struct armvirt_s2_bitmap bits = {words, 0, PAGES};
	const struct armvirt_ipa_range all = {0, GIB};
	struct armvirt_s2_update u;

	armvirt_s2_begin(&u, &s2, &pool, 0);
	switch (what) {
	case 0:
		check(armvirt_s2_protect(&u, all, &read_only));
		break;
	case 1:
		check(armvirt_s2_age(&u, all, &bits));
		break;
	case 2:
		check(armvirt_s2_unmap(&u, all));
		break;
	default:
		check(armvirt_s2_split(&u, all, 3));
		break;
	}
	commit(&u);
}

WORK work_write_protect(void)
{
	update(0);
}

WORK work_clear_af(void)
{
	update(1);
}

WORK work_unmap_4k(void)
{
	update(2);
}

WORK work_split_2m(void)
{
	update(3);
}

static struct armvirt_vmids vmids;
static struct armvirt_vmid vmid;
static uint64_t vmid_memory[ARMVIRT_VMIDS_BYTES(8, 8) / 8];

static void init_vmids(void)
{
	const struct armvirt_vmids_memory m = {vmid_memory, sizeof(vmid_memory), 8};
	struct armvirt_tlb_plan plan;

	check(armvirt_vmids_init(&vmids, &s2.g, &m));
	for (unsigned cpu = 0; cpu < 8; cpu++)
		armvirt_vmid_enter_slow(&vmids, &vmid, cpu, &plan);
}

WORK work_vmid_fast(void)
{
	unsigned good = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		good += armvirt_vmid_enter(&vmids, &vmid, i & 7);
		__asm__ volatile("" ::: "memory");
	}
	sink = good;
	if (good != PAGES)
		check(ARMVIRT_E_STATE);
}

WORK base_vmid_fast(void)
{
	unsigned good = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		good += i & 7;
		__asm__ volatile("" ::: "memory");
	}
	sink = good;
}

WORK base_nothing(void)
{
	__asm__ volatile("" ::: "memory");
}

struct workload {
	const char *name;
	void (*work)(void);
	void (*base)(void);
	unsigned ops;
	int prepare; /* 1: map pages, 2: map 2M blocks, 3: fault in */
	bool hw;
};

static const struct workload workloads[] = {
	{"raw", work_raw, base_nothing, PAGES, 0, false},
	{"map_4k", work_map_4k, base_nothing, PAGES, 0, false},
	{"map_2m", work_map_2m, base_nothing, 32768, 0, false},
	{"fault_random", work_fault_random, base_fault_random, PAGES, 0, false},
	{"lookup_random", work_lookup_random, base_lookup_random, PAGES, 3, false},
	{"write_protect", work_write_protect, base_nothing, PAGES, 1, false},
	{"write_protect_hw", work_write_protect, base_nothing, PAGES, 1, true},
	{"clear_af", work_clear_af, base_nothing, PAGES, 1, false},
	{"clear_af_hw", work_clear_af, base_nothing, PAGES, 1, true},
	{"unmap_4k", work_unmap_4k, base_nothing, PAGES, 1, false},
	{"vmid_fast", work_vmid_fast, base_vmid_fast, PAGES, 0, false},
	{"split_2m", work_split_2m, base_nothing, PAGES, 2, false},
};

#if defined(BENCH_EVENTS)
static void measure(const struct workload *w)
{
	bench_events = (struct bench_events){0, 0, 0};
	w->work();
	printf("%u %u %u\n", bench_events.tlbi, bench_events.dsb, bench_events.isb);
}
#else
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const struct workload *w)
{
	double before = now(), after, base;

	w->work();
	after = now();
	w->base();
	base = now() - after;
	printf("%u %.3f\n", w->ops, (after - before - base) / w->ops);
}
#endif

int main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
		const struct workload *w = &workloads[i];

		if (argc < 2) {
			printf("%s\n", w->name);
			continue;
		}
		if (strcmp(argv[1], w->name))
			continue;
		init(w->hw);
		init_vmids();
		if (w->prepare == 1)
			map(GIB + PAGE, GIB, 0);
		else if (w->prepare == 2)
			map(GIB + BLOCK, GIB, 0);
		else if (w->prepare == 3)
			work_fault_random();
		measure(w);
		return 0;
	}
	return argc < 2 ? 0 : 1;
}
