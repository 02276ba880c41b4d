/* SPDX-License-Identifier: BSD-2-Clause */
/* Components of MPAM: the directed cases. The rest is tests/random/mpam_msc.c. */
#include "test.h"

#include <libarmvirt/mpam_msc.h>

#include "msc.h"

static struct armvirt_msc msc;
static struct armvirt_msc_ris ris[ARMVIRT_MSC_RIS_MAX];
static uint32_t shadow[100000];
static struct msc *model;

static uint32_t port_read(void *context, uint32_t offset)
{
	return msc_rd(context, offset);
}

static void port_write(void *context, uint32_t offset, uint32_t value)
{
	msc_wr(context, offset, value);
}

/* A cache with everything, MPAM v1.1. */
static struct msc_params cache(void)
{
	struct msc_params p = {
		.version = 0x11,
		.partid_max = 31,
		.pmg_max = 3,
		.esr = true,
		.extd_esr = true,
		.has_ris = true,
		.local_capture = true,
		.endis = true,
		.lines = 256,
		.nrdy_ticks = 10,
	};

	p.ris[0] = (struct msc_ris_params){
		.cpor = true,
		.cpbm_wd = 16,
		.cmax = true,
		.cmax_wd = 8,
		.mbw_max = true,
		.bwa_wd = 6,
		.msmon_csu = true,
		.csu_count = 4,
		.csu_capture = true,
		.csu_nrdy = MSC_NRDY_TICKS,
		.msmon_mbwu = true,
		.mbwu_count = 40,
		.mbwu_capture = true,
		.ofsr = true,
		.scale = 4,
	};
	return p;
}

static void open_quirky(const struct msc_params *p, const struct armvirt_msc_quirks *quirks)
{
	struct armvirt_msc_port port = {port_read, port_write, NULL};

	if (model)
		msc_free(model);
	model = msc_new(p, 12345);
	port.context = model;
	assert_int_equal(armvirt_msc_probe(&msc, sizeof(msc), &port, ris, COUNT_OF(ris), quirks),
			 ARMVIRT_OK);
	assert_int_equal(armvirt_msc_attach(&msc, shadow, COUNT_OF(shadow), msc.partid_max, NULL),
			 ARMVIRT_OK);
}

static void open(const struct msc_params *p)
{
	open_quirky(p, NULL);
}

/* A port that answers nonsense in one place. */
static struct {
	uint32_t offset, value;
} lie;

static uint32_t lying_read(void *context, uint32_t offset)
{
	return offset == lie.offset ? lie.value : msc_rd(context, offset);
}

static void probe_refuses_nonsense(void **state)
{
	static const struct {
		uint32_t offset, value;
		enum armvirt_status status;
	} cases[] = {
		{0x20, 0x20, ARMVIRT_E_UNSUPPORTED},      /* MPAMv2 */
		{0x20, 0x00, ARMVIRT_E_UNSUPPORTED},      /* no MPAM at all */
		{0x20, 0xff, ARMVIRT_E_UNSUPPORTED},      /* no power */
		{0x30, 0, ARMVIRT_E_HARDWARE},            /* no portions */
		{0x30, 0x8001, ARMVIRT_E_HARDWARE},       /* more than there are registers */
		{0x38, 0, ARMVIRT_E_HARDWARE},            /* capacity of no bits */
		{0x38, 17, ARMVIRT_E_HARDWARE},           /* or of too many */
		{0x38, 1u << 28 | 8, ARMVIRT_E_HARDWARE}, /* associativity of no bits */
		{0x40, 1u << 11, ARMVIRT_E_HARDWARE},     /* bandwidth of no bits */
		{0x40, 1u << 11 | 17, ARMVIRT_E_HARDWARE},
		{0x40, 1u << 12 | 1, ARMVIRT_E_HARDWARE}, /* no bandwidth portions */
		{0x40, 4097u << 16 | 1u << 12 | 1, ARMVIRT_E_HARDWARE},
	};
	struct msc_params p = cache();
	struct armvirt_msc_port port = {lying_read, port_write, NULL};
	struct armvirt_msc m, before;

	(void)state;
	open(&p);
	port.context = model;
	memset(&m, 0x5a, sizeof(m));
	before = m;
	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		lie.offset = cases[i].offset;
		lie.value = cases[i].value;
		assert_int_equal(armvirt_msc_probe(&m, sizeof(m), &port, ris, COUNT_OF(ris), NULL),
				 cases[i].status);
		assert_memory_equal(&m, &before, sizeof(m));
	}
	lie.offset = 0xffff;
	assert_int_equal(armvirt_msc_probe(&m, sizeof(m) - 8, &port, ris, COUNT_OF(ris), NULL),
			 ARMVIRT_E_SIZE);
	assert_int_equal(armvirt_msc_probe(&m, sizeof(m), &port, ris, 0, NULL), ARMVIRT_E_NOMEM);
	/* narrowing to more than there is */
	p.nrw = true;
	p.intpartid_max = 7;
	open(&p);
	port.context = model;
	lie.offset = 0x50;
	lie.value = 32;
	assert_int_equal(armvirt_msc_probe(&m, sizeof(m), &port, ris, COUNT_OF(ris), NULL),
			 ARMVIRT_E_HARDWARE);
	/* priority of no bits */
	p.ris[0].intpri = p.ris[0].dspri = true;
	p.ris[0].int_wd = p.ris[0].ds_wd = 4;
	open(&p);
	port.context = model;
	lie.offset = 0x48;
	lie.value = 1;
	assert_int_equal(armvirt_msc_probe(&m, sizeof(m), &port, ris, COUNT_OF(ris), NULL),
			 ARMVIRT_E_HARDWARE);
	lie.value = 1u << 16 | 17u << 20;
	assert_int_equal(armvirt_msc_probe(&m, sizeof(m), &port, ris, COUNT_OF(ris), NULL),
			 ARMVIRT_E_HARDWARE);
}

static void nothing_works_before_attach(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_cursor c = {0};
	struct armvirt_msc_settings s = {.set = ARMVIRT_MSC_CMAX};
	struct armvirt_msc_target t = {0, 1};

	(void)state;
	open(&p);
	assert_int_equal(armvirt_msc_attach(&msc, shadow, COUNT_OF(shadow), 32, NULL),
			 ARMVIRT_E_RANGE);
	msc_break(model, 0x108); /* PARTID 0 cannot be made sane */
	msc_power_cycle(model, true);
	assert_int_equal(armvirt_msc_attach(&msc, shadow, COUNT_OF(shadow), 31, NULL),
			 ARMVIRT_E_HARDWARE);
	assert_int_equal(armvirt_msc_replay(&msc, &c, 1, NULL), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_msc_verify(&msc, &c, 1, NULL), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_msc_apply(&msc, t, &s, NULL), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_msc_settings_get(&msc, t, &s), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){0, 0}),
			 ARMVIRT_E_STATE);
	assert_int_equal(armvirt_msc_use_set(&msc, 1, ARMVIRT_MSC_DISABLED), ARMVIRT_E_STATE);
	msc_break(model, 0);
	assert_int_equal(armvirt_msc_attach(&msc, shadow, COUNT_OF(shadow), 31, NULL), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_replay(&msc, &c, 0, NULL), ARMVIRT_E_ARG);
}

/* An unused PARTID gets as little as one that is used gets by mistake: lowest priority, no
 * guarantee. */
static void defaults_give_nobody_a_lead(void **state)
{
	struct msc_params p = cache();

	(void)state;
	for (unsigned low = 0; low < 2; low++) {
		p.ris[0].intpri = p.ris[0].dspri = true;
		p.ris[0].int_low = low;
		p.ris[0].ds_low = !low;
		p.ris[0].int_wd = 3;
		p.ris[0].ds_wd = 5;
		p.ris[0].mbw_min = true;
		open(&p);
		assert_int_equal(msc_peek(model, 0, 0, 0x400), low ? 31u << 16 : 7);
		assert_int_equal(msc_peek(model, 0, 0, 0x200), 0);
		assert_int_equal(msc_peek(model, 0, 0, 0x208), 0xfc00);
		assert_int_equal(msc_peek(model, 0, 0, 0x1000), 0xffff);
	}
}

static void replay_reports_and_goes_on(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_cursor c = {0};
	struct armvirt_msc_report report;
	enum armvirt_status s;
	unsigned failures = 0;

	(void)state;
	open(&p);
	msc_break(model, 0x1000);
	do {
		s = armvirt_msc_replay(&msc, &c, 1000, &report);
		if (s == ARMVIRT_E_HARDWARE) {
			failures++;
			assert_int_equal(report.differ, ARMVIRT_MSC_CPBM);
			assert_int_equal(report.offset, 0x1000);
			assert_int_equal(report.wrote, 0xffff);
		}
	} while (s != ARMVIRT_OK);
	assert_in_range(failures, 30, 31); /* one may hold all ones by chance */
	msc_break(model, 0);
	c = (struct armvirt_msc_cursor){0};
	assert_int_equal(armvirt_msc_verify(&msc, &c, 1000, &report), ARMVIRT_E_MISMATCH);
	c = (struct armvirt_msc_cursor){0};
	assert_int_equal(armvirt_msc_replay(&msc, &c, 64, NULL), ARMVIRT_OK);
	c = (struct armvirt_msc_cursor){0};
	assert_int_equal(armvirt_msc_verify(&msc, &c, 64, NULL), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_verify(&msc, &c, 64, NULL), ARMVIRT_OK); /* done stays done */
}

/* Writes of another agent's error between the halves of the status. */
static unsigned error_at;

static void late_error(void *arg, struct msc *m, uint32_t offset, bool write)
{
	struct msc_request r = {.partid = 77, .pmg = 2};

	(void)arg;
	(void)offset;
	(void)write;
	if (error_at > 0 && --error_at == 0)
		msc_traffic(m, &r);
}

static void errors_are_taken_at_any_time(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_error e;
	struct msc_request r = {.partid = 50, .pmg = 1};

	(void)state;
	open(&p);
	assert_int_equal(armvirt_msc_error_interrupt(&msc, true), ARMVIRT_OK);
	for (unsigned when = 0; when < 5; when++) {
		msc_traffic(model, &r);
		error_at = when;
		msc_on_access(model, late_error, NULL);
		assert_int_equal(armvirt_msc_error_take(&msc, &e), ARMVIRT_OK);
		msc_on_access(model, NULL, NULL);
		assert_int_equal(e.code, ARMVIRT_MSC_ERR_REQ_PARTID);
		if (when >= 1 &&
		    when <= 3) { /* seen: the latest of the two, and that there were two */
			assert_int_equal(e.id, 77);
			assert_true(e.overwritten);
		} else { /* too late to be seen, or none */
			assert_int_equal(e.id, 50);
		}
		assert_false(msc_error_irq(model));
	}
	/* each code of the architecture, as configuration mistakes of somebody else */
	msc_wr(model, 0x100, 40);
	msc_rd(model, 0x108);
	assert_int_equal(armvirt_msc_error_take(&msc, &e), ARMVIRT_OK);
	assert_int_equal(e.code, ARMVIRT_MSC_ERR_PARTID_SEL);
	assert_int_equal(e.id, 40);
	msc_wr(model, 0x800, 999);
	msc_rd(model, 0x860);
	assert_int_equal(armvirt_msc_error_take(&msc, &e), ARMVIRT_OK);
	assert_int_equal(e.code, ARMVIRT_MSC_ERR_MONITOR);
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(strcmp(armvirt_msc_errcode_text((uint8_t)i), "unknown error") == 0,
				 i > 11);
}

static void reports_of_ris(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_error e;

	(void)state;
	p.ris_max = 2;
	p.ris[2] = p.ris[0];
	p.report_ris_errors = true;
	open(&p);
	assert_int_equal(ris[1].controls, 0); /* a gap in the numbers */
	msc_wr(model, 0x100, 5u << 24);
	msc_rd(model, 0x108);
	assert_int_equal(armvirt_msc_error_take(&msc, &e), ARMVIRT_OK);
	assert_int_equal(e.code, ARMVIRT_MSC_ERR_RIS_UNDEFINED);
	assert_int_equal(e.ris, 5);
	assert_false(e.overwritten);
}

static struct armvirt_msc_monitor_config bandwidth_of(uint16_t partid)
{
	return (struct armvirt_msc_monitor_config){.type = ARMVIRT_MSC_BANDWIDTH,
						   .index = 33,
						   .match_partid = true,
						   .tag = {partid, 0},
						   .settle = 5};
}

static void capture_saves_all_at_once(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_monitor a, b;
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct msc_request r = {.partid = 3, .bytes = 1000};
	struct armvirt_msc_reading reading;
	uint64_t bytes;

	(void)state;
	open(&p);
	c.capture = 7;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &a, &c, 0), ARMVIRT_OK);
	c.index = 1;
	c.capture_reset = true;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &b, &c, 0), ARMVIRT_OK);
	msc_traffic(model, &r);
	assert_int_equal(armvirt_msc_capture(&msc), ARMVIRT_OK);
	msc_traffic(model, &r);
	assert_int_equal(armvirt_msc_monitor_captured(&msc, &a, &bytes), ARMVIRT_OK);
	assert_int_equal(bytes, 1000);
	assert_int_equal(armvirt_msc_monitor_captured(&msc, &b, &bytes), ARMVIRT_OK);
	assert_int_equal(bytes, 1000);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &a, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 2000);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &b, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 1000); /* since the capture */
	c.capture = 8;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &b, &c, 0), ARMVIRT_E_RANGE);
	p.local_capture = false;
	open(&p);
	assert_int_equal(armvirt_msc_capture(&msc), ARMVIRT_E_UNSUPPORTED);
	p.ris[0].mbwu_capture = false;
	open(&p);
	c.capture = 0; /* a reset at captures that never come */
	assert_int_equal(armvirt_msc_monitor_start(&msc, &b, &c, 0), ARMVIRT_E_UNSUPPORTED);
	c.capture_reset = false;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &b, &c, 0), ARMVIRT_OK);
	c.capture = 7;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &b, &c, 0), ARMVIRT_E_UNSUPPORTED);
}

static void overflows_are_found_and_cleared(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_monitor m;
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct msc_request r = {.partid = 3, .bytes = 1000};
	struct armvirt_msc_monitor_group g = {ARMVIRT_MSC_BANDWIDTH, 0, 32};
	struct armvirt_msc_reading reading;
	uint32_t bits;

	(void)state;
	open(&p);
	c.interrupt = true;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_OK);
	msc_poke_counter(model, 0, 33, 0x7fffff00);
	m.last = 0x7fffff00;
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_OK);
	assert_int_equal(bits & 2, 0); /* the others hold what they woke up with */
	msc_traffic(model, &r);
	assert_true(msc_overflow_irq(model));
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_OK);
	assert_int_equal(bits & 2, 2);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 1000);
	assert_true(reading.wrapped);
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_OK);
	assert_int_equal(bits & 2, 0);
	msc_traffic(model, &r);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 2000);
	assert_false(reading.wrapped);
	/* a whole range plus something: the status alone tells */
	r.bytes = (UINT64_C(1) << 31) - 1;
	msc_traffic(model, &r);
	r.bytes = 11;
	msc_traffic(model, &r);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 2000 + (UINT64_C(1) << 31) + 10);
	g.first = 31;
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_E_RANGE);
	g.first = 64;
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_E_RANGE);
	p.ris[0].ofsr = false;
	open(&p);
	g.first = 0;
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_E_UNSUPPORTED);
}

/* An overflow between any two accesses of a reading. */
static unsigned traffic_at;

static void late_traffic(void *arg, struct msc *m, uint32_t offset, bool write)
{
	struct msc_request r = {.partid = 3, .bytes = 0x200};

	(void)arg;
	(void)offset;
	(void)write;
	if (traffic_at > 0 && --traffic_at == 0)
		msc_traffic(m, &r);
}

static void overflow_in_the_middle_of_a_reading(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_reading reading;
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct armvirt_msc_monitor m;

	(void)state;
	for (unsigned wide = 0; wide < 3; wide++) {
		unsigned bits[] = {31, 44, 63};
		uint64_t at = (UINT64_C(1) << bits[wide]) - 0x100;

		p.ris[0].mbwu_long = wide > 0;
		p.ris[0].mbwu_lwd = wide == 2;
		for (unsigned when = 1; when < 14; when++) {
			open(&p);
			assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_OK);
			assert_int_equal(m.bits, bits[wide]);
			msc_poke_counter(model, 0, 33, at);
			m.last = at;
			traffic_at = when;
			msc_on_access(model, late_traffic, NULL);
			assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading),
					 ARMVIRT_OK);
			msc_on_access(model, NULL, NULL);
			assert_int_equal(reading.bytes == 0 || reading.bytes == 0x200, 1);
			if (traffic_at > 0) {
				traffic_at = 1;
				late_traffic(NULL, model, 0, false);
			}
			for (unsigned i = 0; i < 3; i++) {
				assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading),
						 ARMVIRT_OK);
				assert_int_equal(reading.bytes, 0x200);
			}
		}
	}
}

static void readiness_by_policy(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_monitor_config c = {
		.type = ARMVIRT_MSC_STORAGE, .match_partid = true, .tag = {4, 0}, .settle = 20};
	struct armvirt_msc_quirks q = {.flags = ARMVIRT_MSC_QUIRK_NRDY};
	struct armvirt_msc_monitor m;
	struct armvirt_msc_reading reading = {99, false};

	(void)state;
	open(&p);
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 100), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 100, &reading), ARMVIRT_RETRY);
	msc_tick(model, 9);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 119, &reading), ARMVIRT_RETRY);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 120, &reading), ARMVIRT_E_HARDWARE);
	assert_int_equal(reading.bytes, 99);
	msc_tick(model, 1);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 110, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 0);
	/* a component whose bit is stuck: with the quirk only time counts */
	p.ris[0].csu_nrdy = MSC_NRDY_STUCK;
	open_quirky(&p, &q);
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 100), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 119, &reading), ARMVIRT_RETRY);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 120, &reading), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_monitor_stop(&msc, &m), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 120, &reading), ARMVIRT_E_MISMATCH);
}

static void quirks_are_data(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_quirks q = {
		.flags = ARMVIRT_MSC_QUIRK_LONG, .mbwu_shift = 6, .mbw_min_floor = 0x0800};
	struct armvirt_msc_settings s = {.set = ARMVIRT_MSC_MBW_MIN, .mbw_min = 0x0400};
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct msc_request r = {.partid = 3, .bytes = 1000};
	struct armvirt_msc_reading reading;
	struct armvirt_msc_monitor m;

	(void)state;
	p.ris[0].mbw_min = true;
	p.ris[0].mbwu_long = true;
	open_quirky(&p, &q);
	assert_int_equal(msc_peek(model, 0, 0, 0x200), 0x0800);
	assert_int_equal(armvirt_msc_apply(&msc, (struct armvirt_msc_target){0, 2}, &s, NULL),
			 ARMVIRT_OK);
	assert_int_equal(msc_peek(model, 0, 2, 0x200), 0x0800);
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_OK);
	assert_int_equal(m.bits, 31);
	msc_traffic(model, &r);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 9, &reading), ARMVIRT_OK);
	assert_int_equal(reading.bytes, 64000);
}

static void monitor_refusals(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_monitor_config c;
	struct armvirt_msc_monitor m;

	(void)state;
	open(&p);
#define REFUSED(change, status)                                                       \
	do {                                                                          \
		unsigned long before_ = msc_accesses(model);                          \
		c = bandwidth_of(3);                                                  \
		change;                                                               \
		assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), status); \
		assert_int_equal(msc_accesses(model), before_);                       \
	} while (0)
	REFUSED(c.type = (enum armvirt_msc_monitor_type)2, ARMVIRT_E_ARG);
	REFUSED(c.direction = (enum armvirt_msc_direction)3, ARMVIRT_E_ARG);
	REFUSED(c.ris = 1, ARMVIRT_E_RANGE);
	REFUSED(c.index = 40, ARMVIRT_E_RANGE);
	REFUSED(c.tag.partid = 32, ARMVIRT_E_RANGE);
	REFUSED(c.tag.pmg = 4, ARMVIRT_E_RANGE);
	REFUSED(c.direction = ARMVIRT_MSC_READS, ARMVIRT_E_UNSUPPORTED);
	REFUSED(c.exclude_clean = true, ARMVIRT_E_UNSUPPORTED);
#undef REFUSED
	/* a component that does not keep the filter: the monitor stays off */
	c = bandwidth_of(3);
	msc_break(model, 0x820);
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_E_HARDWARE);
	msc_break(model, 0);
	msc_wr(model, 0x800, 33);
	assert_int_equal(msc_rd(model, 0x828) >> 31, 0);
}

/* Another agent moves a selector after the library has written it: said by every function. */
static struct {
	uint32_t selector, value;
	unsigned at;
} meddling;

static void meddle(void *arg, struct msc *m, uint32_t offset, bool write)
{
	(void)arg;
	(void)offset;
	(void)write;
	if (meddling.at > 0 && --meddling.at == 0)
		msc_wr(m, meddling.selector, meddling.value);
}

static void meddle_with(uint32_t selector, uint32_t value)
{
	meddling.selector = selector;
	meddling.value = value;
	meddling.at = 2;
	msc_on_access(model, meddle, NULL);
}

static void a_moved_selector_is_noticed(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct armvirt_msc_monitor_group g = {ARMVIRT_MSC_BANDWIDTH, 0, 0};
	struct armvirt_msc_settings s = {.set = ARMVIRT_MSC_CMAX, .cmax = 0x1200};
	struct armvirt_msc_reading reading;
	struct armvirt_msc_monitor m;
	struct armvirt_msc_cursor cursor = {0};
	uint64_t bytes = 7;
	uint32_t bits = 7;

	(void)state;
	p.nrw = true;
	p.intpartid_max = 15;
	open(&p);
	c.capture = 7;
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_OK);
	meddle_with(0x800, 2);
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_E_BUSY);
	meddle_with(0x800, 2);
	assert_int_equal(armvirt_msc_monitor_read(&msc, &m, 99, &reading), ARMVIRT_E_BUSY);
	meddle_with(0x800, 2);
	assert_int_equal(armvirt_msc_monitor_captured(&msc, &m, &bytes), ARMVIRT_E_BUSY);
	meddle_with(0x800, 2);
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_E_BUSY);
	meddle_with(0x800, 2);
	assert_int_equal(armvirt_msc_monitor_stop(&msc, &m), ARMVIRT_E_BUSY);
	meddle_with(0x100, 9);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){5, 5}),
			 ARMVIRT_E_BUSY);
	meddle_with(0x100, 9);
	assert_int_equal(armvirt_msc_use_set(&msc, 5, ARMVIRT_MSC_DISABLED), ARMVIRT_E_BUSY);
	meddle_with(0x100, 9);
	assert_int_equal(armvirt_msc_apply(&msc, (struct armvirt_msc_target){0, 5}, &s, NULL),
			 ARMVIRT_E_BUSY);
	meddle_with(0x100, 9);
	assert_int_equal(armvirt_msc_replay(&msc, &cursor, 99, NULL), ARMVIRT_E_BUSY);
	assert_int_equal(cursor.id, 0);
	meddle_with(0x100, 9);
	assert_int_equal(armvirt_msc_attach(&msc, shadow, COUNT_OF(shadow), 31, NULL),
			 ARMVIRT_E_BUSY);
	msc_on_access(model, NULL, NULL);
	assert_int_equal(bytes, 7);
	assert_int_equal(bits, 7);
}

/* A mapping or an enable that does not stick: the old one is written back, the shadow keeps it. */
static void states_that_do_not_stick(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_cursor cursor = {0};

	(void)state;
	p.nrw = true;
	p.intpartid_max = 15;
	open(&p);
	assert_int_equal(armvirt_msc_replay(&msc, &cursor, 9999, NULL), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){5, 4}), ARMVIRT_OK);
	msc_break(model, 0x600);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){5, 3}),
			 ARMVIRT_E_HARDWARE);
	msc_break(model, 0x310);
	assert_int_equal(armvirt_msc_use_set(&msc, 5, ARMVIRT_MSC_DISABLED), ARMVIRT_E_HARDWARE);
	assert_int_equal(armvirt_msc_use_set(&msc, 5, ARMVIRT_MSC_FORGOTTEN),
			 ARMVIRT_E_UNSUPPORTED);
	msc_break(model, 0);
	assert_int_equal(msc_peek_internal(model, 5), 4);
	assert_true(msc_peek_enabled(model, 5));
	cursor = (struct armvirt_msc_cursor){0};
	assert_int_equal(armvirt_msc_verify(&msc, &cursor, 9999, NULL), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){32, 0}),
			 ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_msc_narrow(&msc, (struct armvirt_msc_mapping){0, 16}),
			 ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_msc_use_set(&msc, 32, ARMVIRT_MSC_ENABLED), ARMVIRT_E_RANGE);
}

static void ranges_of_the_small_functions(void **state)
{
	struct msc_params p = cache();
	struct armvirt_msc_settings s;
	struct armvirt_msc_monitor_group g = {ARMVIRT_MSC_BANDWIDTH, 1, 0};
	struct armvirt_msc_monitor_config c = bandwidth_of(3);
	struct armvirt_msc_monitor m;
	uint32_t bits;

	(void)state;
	open(&p);
	assert_int_equal(armvirt_msc_settings_get(&msc, (struct armvirt_msc_target){1, 0}, &s),
			 ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_msc_settings_get(&msc, (struct armvirt_msc_target){0, 32}, &s),
			 ARMVIRT_E_RANGE);
	assert_int_equal(armvirt_msc_overflows(&msc, g, &bits), ARMVIRT_E_RANGE);
	/* a monitor is off before its filter changes, and while it is configured */
	assert_int_equal(armvirt_msc_monitor_start(&msc, &m, &c, 0), ARMVIRT_OK);
	assert_int_equal(armvirt_msc_monitor_stop(&msc, &m), ARMVIRT_OK);
	msc_wr(model, 0x800, 33);
	assert_int_equal(msc_rd(model, 0x828), 0x42);
}

static void rates(void **state)
{
	(void)state;
	assert_int_equal(armvirt_msc_rate(1000, (struct armvirt_mpam_ratio){0, 100}), 0);
	assert_int_equal(armvirt_msc_rate(1000, (struct armvirt_mpam_ratio){100, 0}), 0);
	assert_int_equal(armvirt_msc_rate(1000, (struct armvirt_mpam_ratio){50, 100}), 2000);
	assert_int_equal(armvirt_msc_rate(10, (struct armvirt_mpam_ratio){3, 1}), 3);
	assert_int_equal(armvirt_msc_rate(UINT64_C(1) << 63, (struct armvirt_mpam_ratio){1, 2}),
			 UINT64_MAX);
	/* 300 GB/s over an hour of a 1 GHz counter */
	assert_int_equal(
		armvirt_msc_rate(UINT64_C(300000000000) * 3600,
				 (struct armvirt_mpam_ratio){UINT64_C(3600000000000), 1000000000}) /
			100000,
		3000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_refuses_nonsense),
		cmocka_unit_test(nothing_works_before_attach),
		cmocka_unit_test(defaults_give_nobody_a_lead),
		cmocka_unit_test(replay_reports_and_goes_on),
		cmocka_unit_test(errors_are_taken_at_any_time),
		cmocka_unit_test(reports_of_ris),
		cmocka_unit_test(capture_saves_all_at_once),
		cmocka_unit_test(overflows_are_found_and_cleared),
		cmocka_unit_test(overflow_in_the_middle_of_a_reading),
		cmocka_unit_test(readiness_by_policy),
		cmocka_unit_test(quirks_are_data),
		cmocka_unit_test(monitor_refusals),
		cmocka_unit_test(a_moved_selector_is_noticed),
		cmocka_unit_test(states_that_do_not_stick),
		cmocka_unit_test(ranges_of_the_small_functions),
		cmocka_unit_test(rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
