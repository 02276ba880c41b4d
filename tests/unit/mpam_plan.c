/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/mpam_plan.h>

#include "msc.h"

#define PLACES 3

static struct armvirt_msc msc[PLACES];
static struct armvirt_msc_ris ris[PLACES][ARMVIRT_MSC_RIS_MAX];
static uint32_t shadow[PLACES][200000];
static struct msc *model[PLACES];
static struct armvirt_mpam_place place[PLACES];

static uint32_t port_read(void *context, uint32_t offset)
{
	return msc_rd(context, offset);
}

static void port_write(void *context, uint32_t offset, uint32_t value)
{
	msc_wr(context, offset, value);
}

static void component(unsigned i, const struct msc_params *p, uint64_t cpus, uint16_t partid_max)
{
	struct armvirt_msc_port port = {port_read, port_write, NULL};
	struct armvirt_msc_cursor c = {0};

	if (model[i])
		msc_free(model[i]);
	port.context = model[i] = msc_new(p, 77 + i);
	assert_int_equal(armvirt_msc_probe(&msc[i], sizeof(msc[i]), &port, ris[i],
					   ARMVIRT_MSC_RIS_MAX, NULL),
			 ARMVIRT_OK);
	assert_int_equal(
		armvirt_msc_attach(&msc[i], shadow[i], COUNT_OF(shadow[i]), partid_max, NULL),
		ARMVIRT_OK);
	assert_int_equal(armvirt_msc_replay(&msc[i], &c, UINT32_MAX, NULL), ARMVIRT_OK);
	place[i] = (struct armvirt_mpam_place){&msc[i], cpus};
}

static struct msc_params cache(unsigned portions)
{
	struct msc_params p = {.version = 0x11, .partid_max = 31, .pmg_max = 1, .lines = 512};

	p.ris[0] = (struct msc_ris_params){.cpor = true,
					   .cpbm_wd = portions,
					   .msmon_csu = true,
					   .csu_count = 8,
					   .intpri = true,
					   .int_wd = 3};
	return p;
}

static struct msc_params channel(void)
{
	struct msc_params p = {.version = 0x11, .partid_max = 63, .pmg_max = 1, .lines = 16};

	p.ris[0] = (struct msc_ris_params){.mbw_max = true, .mbw_min = true, .bwa_wd = 7};
	return p;
}

static const struct armvirt_mpam_partition good[] = {
	{.name = "rest", .partid = 0, .partid_count = 1, .cpus = 0xf, .cache = {0, 1, 4}},
	{.name = "control",
	 .partid = 1,
	 .partid_count = 2,
	 .cpus = 0x2,
	 .cache = {1, 1, 4},
	 .cache_exclusive = true,
	 .mbw_min = 300,
	 .priority = 255},
	{.name = "linux",
	 .partid = 3,
	 .partid_count = 8,
	 .cpus = 0xc,
	 .cache = {2, 2, 4},
	 .mbw_max = 500,
	 .mbw_hard = true},
};

static struct armvirt_mpam_machine machine = {.place = place, .count = 2, .partid_max = 31};

static unsigned run_all(const struct armvirt_mpam_plan *plan)
{
	struct armvirt_mpam_plan_cursor c = {0};
	struct armvirt_mpam_step step;
	struct armvirt_msc_report report;
	unsigned n = 0;

	while (armvirt_mpam_plan_next(plan, &machine, &c, &step)) {
		assert_int_equal(armvirt_mpam_step_run(&machine, &step, &report), ARMVIRT_OK);
		n++;
	}
	assert_false(armvirt_mpam_plan_next(plan, &machine, &c, &step));
	return n;
}

static void a_good_plan_reaches_the_registers(void **state)
{
	struct armvirt_mpam_plan plan = {good, COUNT_OF(good), 0xf};
	struct armvirt_mpam_verdict v;
	struct msc_params c = cache(18), m = channel();
	unsigned long before;

	(void)state;
	component(0, &c, 0xf, 31);
	component(1, &m, 0xf, 31);
	machine.count = 2;
	before = msc_accesses(model[0]) + msc_accesses(model[1]);
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_OK);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_NONE);
	assert_int_equal(msc_accesses(model[0]) + msc_accesses(model[1]), before);
	assert_int_equal(run_all(&plan), 64);
	/* 18 portions in quarters, inwards: 0-3, 5-8, 9-17 */
	assert_int_equal(msc_peek(model[0], 0, 0, 0x1000), 0x0000f);
	assert_int_equal(msc_peek(model[0], 0, 1, 0x1000), 0x001e0);
	assert_int_equal(msc_peek(model[0], 0, 2, 0x1000), 0x001e0);
	assert_int_equal(msc_peek(model[0], 0, 3, 0x1000), 0x3fe00);
	assert_int_equal(msc_peek(model[0], 0, 10, 0x1000), 0x3fe00);
	assert_int_equal(msc_peek(model[0], 0, 11, 0x1000), 0x0000f); /* nobody's: as PARTID 0 */
	assert_int_equal(msc_peek(model[0], 0, 31, 0x1000), 0x0000f);
	assert_int_equal(msc_peek(model[0], 0, 1, 0x400), 0); /* 0 is the highest here */
	assert_int_equal(msc_peek(model[0], 0, 3, 0x400), 7);
	assert_int_equal(msc_peek(model[1], 0, 1, 0x200), 39u << 9); /* 30 % of 128, rounded up */
	assert_int_equal(msc_peek(model[1], 0, 3, 0x208), 63u << 9 | UINT32_C(1) << 31);
	assert_int_equal(msc_peek(model[1], 0, 1, 0x208), 0xfe00);
}

static void flaws_are_found(void **state)
{
	struct armvirt_mpam_partition p[3];
	struct armvirt_mpam_plan plan = {p, 3, 0xf};
	struct armvirt_mpam_verdict v;
	struct msc_params c = cache(18), m = channel();

	(void)state;
	component(0, &c, 0xf, 31);
	component(1, &m, 0xf, 31);
	machine.count = 2;
#define FLAW(change, status, expected)                                                    \
	do {                                                                              \
		memcpy(p, good, sizeof(p));                                               \
		plan.count = 3;                                                           \
		change;                                                                   \
		assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), status);   \
		assert_int_equal(v.flaw, expected);                                       \
		assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, NULL), status); \
	} while (0)
	FLAW((void)0, ARMVIRT_OK, ARMVIRT_MPAM_FLAW_NONE);
	FLAW(p[2].mbw_min = 500, ARMVIRT_OK, ARMVIRT_MPAM_FLAW_NONE);
	FLAW(p[0].mbw_min = 700, ARMVIRT_OK, ARMVIRT_MPAM_FLAW_NONE);
	FLAW(p[2].partid_count = 29, ARMVIRT_OK, ARMVIRT_MPAM_FLAW_NONE); /* up to the last */
	FLAW(p[2].partid_count = 30, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_PARTID_RANGE);
	FLAW((p[0].cache.count = 5), ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_RANGE);
	assert_int_equal(v.partition, 0);
	FLAW(p[0].partid = 20, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_NO_DEFAULT);
	FLAW(plan.count = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_NO_DEFAULT);
	FLAW(p[2].partid_count = 30, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_PARTID_RANGE);
	FLAW(p[2].partid_count = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_PARTID_RANGE);
	FLAW(p[2].partid = 2, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_PARTID_SHARED);
	assert_int_equal(v.partition, 2);
	assert_int_equal(v.other, 1);
	FLAW(p[1].cpus = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CPU);
	FLAW(p[1].cpus = 0x10, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CPU);
	FLAW(p[1].cache.count = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_RANGE);
	FLAW(p[1].cache.count = 4, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_RANGE);
	FLAW(p[1].cache.of = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_RANGE);
	FLAW(p[1].cache.first = 2, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_OVERLAP);
	FLAW(p[0].cache.of = 0, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_CACHE_OVERLAP);
	FLAW((p[1].cache = (struct armvirt_mpam_share){249, 1, 1000}, p[1].cache_exclusive = false),
	     ARMVIRT_E_UNSUPPORTED, ARMVIRT_MPAM_FLAW_CACHE_FINE);
	FLAW(p[1].mbw_min = 1001, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_MBW_RANGE);
	FLAW(p[2].mbw_max = 1001, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_MBW_RANGE);
	FLAW(p[2].mbw_min = 501, ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_MBW_RANGE);
	FLAW((p[0].mbw_min = 701), ARMVIRT_E_ARG, ARMVIRT_MPAM_FLAW_MBW_SUM);
	FLAW(p[2].mbw_max = 7, ARMVIRT_E_UNSUPPORTED, ARMVIRT_MPAM_FLAW_MBW_FINE);
	assert_int_equal(v.place, 1);
#undef FLAW
	/* the same plan on poorer machines */
	memcpy(p, good, sizeof(p));
	c.ris[0].cpor = false;
	c.ris[0].cmax = true;
	c.ris[0].cmax_wd = 4;
	component(0, &c, 0xf, 31);
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED);
	assert_int_equal(v.partition, 1);
	p[1].cache_exclusive = false;
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_OK);
	p[1].cache = (struct armvirt_mpam_share){0, 1, 17}; /* a sixteenth is the smallest */
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_CACHE_FINE);
	p[1].cache = good[1].cache;
	m.ris[0].max_lim = 1;
	component(1, &m, 0xf, 31);
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED);
	p[2].mbw_hard = false;
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_OK);
	m.ris[0].mbw_min = false;
	component(1, &m, 0xf, 31);
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED);
	machine.count = 1; /* no channel at all */
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_MBW_UNSUPPORTED);
	machine.count = 0; /* no cache either */
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_CACHE_UNSUPPORTED);
	machine.count = 2;
	component(1, &m, 0xf, 30); /* attached for too few PARTIDs */
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_STATE);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_NOT_ATTACHED);
	c.nrw = true;
	c.intpartid_max = 1;
	component(0, &c, 0xf, 31);
	assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_E_UNSUPPORTED);
	assert_int_equal(v.flaw, ARMVIRT_MPAM_FLAW_NARROW);
	for (int i = -1; i < 20; i++)
		assert_true(strlen(armvirt_mpam_flaw_text((enum armvirt_mpam_flaw)i)) > 3);
}

/* Traffic of all partitions over caches of random shape, programmed from random contents: no
 * line of an exclusive share is ever held by anybody else. */
static void exclusive_shares_are_never_entered(void **state)
{
	static const struct armvirt_mpam_partition parts[] = {
		{.name = "rest", .partid = 5, .partid_count = 1, .cpus = 1, .cache = {2, 2, 10}},
		{.name = "zero", .partid = 0, .partid_count = 1, .cpus = 1, .cache = {0, 2, 10}},
		{.name = "a",
		 .partid = 1,
		 .partid_count = 2,
		 .cpus = 1,
		 .cache = {4, 3, 10},
		 .cache_exclusive = true},
		{.name = "b",
		 .partid = 3,
		 .partid_count = 2,
		 .cpus = 1,
		 .cache = {7, 3, 10},
		 .cache_exclusive = true},
	};
	const struct armvirt_mpam_plan plan = {parts, COUNT_OF(parts), 1};
	uint64_t rng = 424242;
	unsigned narrowed = 0;

	(void)state;
	machine = (struct armvirt_mpam_machine){.place = place, .count = 1, .partid_max = 12};
	for (unsigned round = 0; round < 150; round++) {
		struct msc_params p;
		struct armvirt_mpam_verdict v;

		msc_params_random(&p, &rng);
		if (p.partid_max < 12)
			p.partid_max = 12;
		if (p.nrw && p.intpartid_max < 3)
			p.intpartid_max = 3;
		for (unsigned k = 0; k < 16; k++) {
			p.ris[k].cpor = k <= p.ris_max;
			if (p.ris[k].cpor && p.ris[k].cpbm_wd < 10)
				p.ris[k].cpbm_wd = 10;
		}
		component(0, &p, 1, 12);
		assert_int_equal(armvirt_mpam_plan_check(&plan, &machine, &v), ARMVIRT_OK);
		run_all(&plan);
		narrowed += p.nrw;
		for (unsigned partid = 0; partid <= 12; partid++) {
			static const uint8_t owner[13] = {1, 2, 2, 3, 3, 0, 1, 1, 1, 1, 1, 1, 1};
			const struct armvirt_mpam_share *want = &parts[owner[partid]].cache;
			unsigned wd = p.ris[0].cpbm_wd,
				 internal = msc_peek_internal(model[0], partid);

			for (unsigned i = 0; i < wd; i++) {
				uint32_t word =
					msc_peek(model[0], 0, internal, 0x1000 + i / 32 * 4);
				bool inside =
					i * 10 >= want->first * wd &&
					(i + 1) * 10 <= (unsigned)(want->first + want->count) * wd;

				assert_int_equal(word >> (i % 32) & 1, inside);
			}
		}
		for (unsigned i = 0; i < 3000; i++) {
			struct msc_request r = {.ris = (unsigned)(rng >> 33) % (p.ris_max + 1),
						.partid = (unsigned)(rng >> 20) % 13,
						.bytes = 64,
						.write = rng >> 60 & 1};

			rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407;
			msc_traffic(model[0], &r);
		}
		for (unsigned k = 0; k <= p.ris_max; k++) {
			unsigned wd = p.ris[k].cpbm_wd;

			for (unsigned i = 0; i < msc_lines(model[0]); i++) {
				unsigned portion = msc_line_portion(model[0], k, i);
				int owner = msc_line_owner(model[0], k, i);

				if (owner < 0)
					continue;
				/* portion lies in part portion*10/wd; compare without rounding */
				if (owner == 1 || owner == 2)
					assert_true(portion * 10 >= 4 * wd &&
						    (portion + 1) * 10 <= 7 * wd);
				else if (owner == 3 || owner == 4)
					assert_true(portion * 10 >= 7 * wd);
				else
					assert_true((portion + 1) * 10 <= 4 * wd);
			}
		}
	}
	assert_true(narrowed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_plan_reaches_the_registers),
		cmocka_unit_test(flaws_are_found),
		cmocka_unit_test(exclusive_shares_are_never_entered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
