/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/inject.h>

#define EL0T   0x0ull
#define EL1T   0x4ull
#define EL1H   0x5ull
#define USR32  0x10ull
#define SVC32  0x13ull
#define DAIF   0x3c0ull
#define BIT(n) (1ull << (n))
#define VBAR   0xffff800010000800ull

static struct armvirt_frame frame;
static struct armvirt_excregs regs;
static struct armvirt_features features;
static const struct armvirt_exctarget target = {&frame, &regs, &features};

static void feature(enum armvirt_feature x)
{
	features.has[x / 64] |= 1ull << (x % 64);
}

static int reset(void **state)
{
	(void)state;
	memset(&frame, 0, sizeof(frame));
	memset(&regs, 0, sizeof(regs));
	memset(&features, 0, sizeof(features));
	frame.pc = 0x4000;
	frame.pstate = EL1H;
	regs.vbar = VBAR;
	return 0;
}

static void undefined_goes_to_the_vector_of_the_source(void **state)
{
	const struct {
		uint64_t pstate, offset;
	} rows[] = {{EL1T, 0}, {EL1H, 0x200}, {EL0T, 0x400}, {USR32, 0x600}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		reset(NULL);
		frame.pstate = rows[i].pstate;
		assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
		assert_int_equal(frame.pc, VBAR + rows[i].offset);
		assert_int_equal(frame.pstate, EL1H | DAIF);
		assert_int_equal(regs.elr, 0x4000);
		assert_int_equal(regs.spsr, rows[i].pstate);
		assert_int_equal(regs.esr, BIT(25));
		assert_int_equal(regs.far, 0);
	}
}

/* D2: the new PSTATE is not a constant. */
static void d2_flags_and_feature_bits_of_pstate_are_right(void **state)
{
	const uint64_t old = EL1H | BIT(31) | BIT(29) | BIT(24) | BIT(22) | BIT(23) | BIT(21) |
			     BIT(20) | BIT(12) | BIT(10) | BIT(34);

	(void)state;
	frame.pstate = old;
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
	assert_int_equal(frame.pstate, EL1H | DAIF | BIT(31) | BIT(29) | BIT(24));
	assert_int_equal(regs.spsr, old);

	feature(ARMVIRT_FEAT_PAN);
	feature(ARMVIRT_FEAT_SSBS);
	feature(ARMVIRT_FEAT_MTE);
	feature(ARMVIRT_FEAT_NMI);
	feature(ARMVIRT_FEAT_GCS);
	feature(ARMVIRT_FEAT_EBEP);
	frame.pstate = EL1H;
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
	assert_int_equal(frame.pstate, EL1H | DAIF | BIT(22) | BIT(25) | BIT(13) | BIT(32));

	regs.sctlr = BIT(23) | BIT(44) | BIT(62); /* SPAN, DSSBS, SPINTMASK */
	regs.gcscr = BIT(6);
	frame.pstate = EL1H | BIT(22);
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
	assert_int_equal(frame.pstate,
			 EL1H | DAIF | BIT(22) | BIT(12) | BIT(25) | BIT(32) | BIT(34));
	frame.pstate = EL0T;
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
	assert_int_equal(frame.pstate, EL1H | DAIF | BIT(12) | BIT(25) | BIT(32));
}

/* D3: the class says whether the exception level was the same. */
static void d3_aborts_name_the_level_that_they_come_from(void **state)
{
	const struct armvirt_abort_request data = {.va = 0x1234, .status = 0x10, .write = true};
	const struct armvirt_abort_request fetch = {.va = 0x5678, .status = 0x10, .fetch = true};

	(void)state;
	assert_int_equal(armvirt_inject_abort(&target, &data), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x25ull << 26 | BIT(25) | BIT(6) | 0x10);
	assert_int_equal(regs.far, 0x1234);
	frame.pstate = EL0T;
	assert_int_equal(armvirt_inject_abort(&target, &data), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x24ull << 26 | BIT(25) | BIT(6) | 0x10);
	frame.pstate = USR32;
	assert_int_equal(armvirt_inject_abort(&target, &fetch), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x20ull << 26 | BIT(25) | 0x10);
	frame.pstate = EL1T;
	assert_int_equal(armvirt_inject_abort(&target, &fetch), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x21ull << 26 | BIT(25) | 0x10);
	assert_int_equal(regs.far, 0x5678);
}

/* D13: EASE moves External aborts from every source state, AArch32 EL0 included. */
static void d13_ease_moves_external_aborts_to_the_serror_vector(void **state)
{
	const struct {
		uint64_t pstate, offset;
	} rows[] = {{EL1T, 0x180}, {EL1H, 0x380}, {EL0T, 0x580}, {USR32, 0x780}};
	struct armvirt_abort_request r = {.status = 0x10};

	(void)state;
	feature(ARMVIRT_FEAT_DOUBLEFAULT2);
	regs.sctlr2 = BIT(5);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		frame.pstate = rows[i].pstate;
		assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
		assert_int_equal(frame.pc, VBAR + rows[i].offset);
	}
	r.status = 0x06; /* no External abort */
	frame.pstate = EL1H;
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(frame.pc, VBAR + 0x200);
	r.status = 0x10;
	features.has[ARMVIRT_FEAT_DOUBLEFAULT2 / 64] = 0;
	frame.pstate = EL1H;
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(frame.pc, VBAR + 0x200);
}

static void ease_asks_every_external_status_and_no_other(void **state)
{
	/* 0x10, 0x12 to 0x18, 0x1a to 0x1f */
	const uint64_t external = BIT(0x10) | (0x7full << 0x12) | (0x3full << 0x1a);

	(void)state;
	feature(ARMVIRT_FEAT_DOUBLEFAULT2);
	regs.sctlr2 = BIT(5);
	for (unsigned status = 0; status < 64; status++) {
		const struct armvirt_abort_request r = {.status = (uint8_t)status};

		frame.pstate = EL1H;
		assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
		assert_int_equal(frame.pc, VBAR + (external >> status & 1 ? 0x380 : 0x200));
	}
}

static void an_unknown_address_is_said_for_external_aborts_only(void **state)
{
	struct armvirt_abort_request r = {.status = 0x10, .va_unknown = true};

	(void)state;
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x25ull << 26 | BIT(25) | BIT(10) | 0x10);
	r.status = 0x14;
	frame.pstate = EL1H;
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x25ull << 26 | BIT(25) | 0x14);
}

static void the_upper_half_of_an_aarch32_pc_does_not_reach_elr(void **state)
{
	(void)state;
	frame.pstate = USR32;
	frame.pc = 0xdeadbeef00004000;
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_OK);
	assert_int_equal(regs.elr, 0x4000);
}

static void forwarded_syndromes_lose_what_only_el2_sees(void **state)
{
	/* a stage-2 syndrome with ISV, S1PTW and VNCR turned into a stage-1 abort */
	struct armvirt_sync s = {0x24ull << 26 | 0x1ffffff, 0x99, true};

	(void)state;
	s.esr = (s.esr & ~0x3full) | 0x07;
	assert_int_equal(armvirt_inject_sync(&target, &s), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x25ull << 26 | BIT(25) | BIT(8) | BIT(6) | 0x07);
	assert_int_equal(regs.far, 0x99);
	/* an FP trap keeps its ISS and IL, and leaves FAR alone */
	s = (struct armvirt_sync){0x07ull << 26 | 0x1e00000, 0x55, false};
	frame.pstate = USR32;
	assert_int_equal(armvirt_inject_sync(&target, &s), ARMVIRT_OK);
	assert_int_equal(regs.esr, 0x07ull << 26 | 0x1e00000);
	assert_int_equal(regs.far, 0x99);
}

static void classes_that_el1_never_takes_are_refused(void **state)
{
	const struct armvirt_frame before = frame;
	const unsigned never[] = {0x02, 0x08, 0x12, 0x13, 0x16, 0x17, 0x1a,
				  0x1e, 0x1f, 0x23, 0x2f, 0x36, 0x3a, 0x3f};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(never); i++) {
		const struct armvirt_sync s = {(uint64_t)never[i] << 26, 0, false};

		assert_int_equal(armvirt_inject_sync(&target, &s), ARMVIRT_E_SYNDROME);
	}
	assert_memory_equal(&frame, &before, sizeof(frame));
}

static void states_that_are_no_guest_are_refused(void **state)
{
	const struct armvirt_abort_request r = {.status = 0x10};
	const struct armvirt_sync s = {BIT(25), 0, false};

	(void)state;
	const uint64_t wrong[] = {0x8, 0x9, 0xc, 0xd, SVC32};
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		frame.pstate = wrong[i];
		assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_E_STATE);
		assert_int_equal(armvirt_inject_sync(&target, &s), ARMVIRT_E_STATE);
		assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_E_STATE);
		assert_int_equal(armvirt_inject_irq(&target), ARMVIRT_E_STATE);
		assert_int_equal(armvirt_inject_fiq(&target), ARMVIRT_E_STATE);
		assert_int_equal(armvirt_inject_serror(&target, 0), ARMVIRT_E_STATE);
		assert_int_equal(frame.pstate, wrong[i]);
		assert_int_equal(frame.pc, 0x4000);
	}
	regs.el1_aarch32 = true;
	frame.pstate = EL1H;
	assert_int_equal(armvirt_inject_undef(&target), ARMVIRT_E_STATE);
	frame.pstate = SVC32;
	assert_int_equal(armvirt_inject_sync(&target, &s), ARMVIRT_E_STATE);
}

static void interrupts_and_serror_take_their_vectors(void **state)
{
	(void)state;
	assert_int_equal(armvirt_inject_irq(&target), ARMVIRT_OK);
	assert_int_equal(frame.pc, VBAR + 0x280);
	assert_int_equal(regs.esr, 0);
	reset(NULL);
	frame.pstate = EL0T;
	assert_int_equal(armvirt_inject_fiq(&target), ARMVIRT_OK);
	assert_int_equal(frame.pc, VBAR + 0x500);
	reset(NULL);
	assert_int_equal(armvirt_inject_serror(&target, 0x3000011), ARMVIRT_OK);
	assert_int_equal(frame.pc, VBAR + 0x380);
	assert_int_equal(regs.esr, 0x2full << 26 | BIT(25) | 0x1000011);
	assert_int_equal(armvirt_vsesr(0x3000011), 0x1000011);
}

/* D4: the link registers of AArch32, by the architecture's table. */
static void d4_aarch32_link_registers_have_their_offsets(void **state)
{
	const struct armvirt_abort_request data = {.va = 0x1234, .status = 0x10, .write = true};
	const struct armvirt_abort_request fetch = {.va = 0x5678, .status = 0x10, .fetch = true};
	const struct {
		int what;
		unsigned vector, mode, lr, a32, t32;
	} rows[] = {{0, 0x04, 0x1b, 22, 4, 2}, {1, 0x0c, 0x17, 20, 4, 4},
		    {2, 0x10, 0x17, 20, 8, 8}, {3, 0x18, 0x12, 16, 4, 4},
		    {4, 0x1c, 0x11, 30, 4, 4}, {5, 0x10, 0x17, 20, 8, 8}};

	(void)state;
	for (unsigned i = 0; i < 2 * COUNT_OF(rows); i++) {
		bool t32 = i & 1;
		enum armvirt_status status = ARMVIRT_E_ARG;

		reset(NULL);
		regs.el1_aarch32 = true;
		regs.vbar = 0x80000000;
		regs.tcr = BIT(31);
		frame.pstate = SVC32 | (t32 ? BIT(5) : 0) | BIT(24) | BIT(21) | BIT(30);
		switch (rows[i / 2].what) {
		case 0:
			status = armvirt_inject_undef(&target);
			break;
		case 1:
			status = armvirt_inject_abort(&target, &fetch);
			break;
		case 2:
			status = armvirt_inject_abort(&target, &data);
			break;
		case 3:
			status = armvirt_inject_irq(&target);
			break;
		case 4:
			status = armvirt_inject_fiq(&target);
			break;
		case 5:
			status = armvirt_inject_serror(&target, 0);
			break;
		}
		assert_int_equal(status, ARMVIRT_OK);
		assert_int_equal(frame.pc, 0x80000000 + rows[i / 2].vector);
		assert_int_equal(frame.x[rows[i / 2].lr],
				 0x4000 + (t32 ? rows[i / 2].t32 : rows[i / 2].a32));
		assert_int_equal(frame.pstate & 0x1f, rows[i / 2].mode);
		assert_int_equal(frame.pstate & (BIT(24) | BIT(21) | BIT(30) | BIT(5)),
				 BIT(24) | BIT(30));
	}
}

static void aarch32_fault_status_follows_the_table_format(void **state)
{
	struct armvirt_abort_request r = {.va = 0xaaaa1234, .status = 0x10, .write = true};

	(void)state;
	regs.el1_aarch32 = true;
	regs.sctlr = BIT(13) | BIT(25) | BIT(30);
	regs.far = 0x1111111122222222;
	frame.pstate = SVC32 | BIT(24);
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(regs.esr, BIT(11) | 0x08);
	assert_int_equal(regs.far, 0x11111111aaaa1234);
	assert_int_equal(frame.pc, 0xffff0010);
	assert_int_equal(frame.pstate, 0x17 | BIT(24) | BIT(5) | BIT(7) | BIT(8) | BIT(9));
	assert_int_equal(regs.spsr_abt, SVC32 | BIT(21)); /* DIT moves */
	frame.pstate = SVC32;
	r.fetch = true;
	r.status = 0x07;
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(regs.ifsr32, 0x07);
	assert_int_equal(regs.far, 0xaaaa1234aaaa1234);
	frame.pstate = SVC32;
	regs.tcr = BIT(31);
	assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
	assert_int_equal(regs.ifsr32, BIT(9) | 0x07);
	frame.pstate = SVC32;
	assert_int_equal(armvirt_inject_serror(&target, 0), ARMVIRT_OK);
	assert_int_equal(regs.esr, BIT(9) | 0x11);
	frame.pstate = SVC32;
	regs.tcr = 0;
	assert_int_equal(armvirt_inject_serror(&target, 0), ARMVIRT_OK);
	assert_int_equal(regs.esr, BIT(10) | 0x06);
}

static void every_fault_has_its_place_in_the_short_format(void **state)
{
	/* status, FS[4:0] */
	static const uint8_t rows[][2] = {
		{0x05, 0x05}, {0x06, 0x07}, {0x07, 0x07}, {0x09, 0x03}, {0x0a, 0x06}, {0x0b, 0x06},
		{0x0d, 0x0d}, {0x0e, 0x0f}, {0x0f, 0x0f}, {0x10, 0x08}, {0x15, 0x0c}, {0x16, 0x0e},
		{0x18, 0x19}, {0x1d, 0x1c}, {0x1e, 0x1e}, {0x21, 0x01}, {0x30, 0x10}, {0x34, 0x14},
		{0x35, 0x15}, {0x3d, 0x09}, {0x3e, 0x0b},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct armvirt_abort_request r = {.va = 0x1234, .status = rows[i][0]};
		unsigned fs = rows[i][1];

		reset(NULL);
		regs.el1_aarch32 = true;
		frame.pstate = SVC32;
		assert_int_equal(armvirt_inject_abort(&target, &r), ARMVIRT_OK);
		assert_int_equal(regs.esr, (fs & 0xf) | (fs & 0x10) << 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(undefined_goes_to_the_vector_of_the_source, reset),
		cmocka_unit_test_setup(d2_flags_and_feature_bits_of_pstate_are_right, reset),
		cmocka_unit_test_setup(d3_aborts_name_the_level_that_they_come_from, reset),
		cmocka_unit_test_setup(d13_ease_moves_external_aborts_to_the_serror_vector, reset),
		cmocka_unit_test_setup(ease_asks_every_external_status_and_no_other, reset),
		cmocka_unit_test_setup(an_unknown_address_is_said_for_external_aborts_only, reset),
		cmocka_unit_test_setup(the_upper_half_of_an_aarch32_pc_does_not_reach_elr, reset),
		cmocka_unit_test_setup(forwarded_syndromes_lose_what_only_el2_sees, reset),
		cmocka_unit_test_setup(classes_that_el1_never_takes_are_refused, reset),
		cmocka_unit_test_setup(states_that_are_no_guest_are_refused, reset),
		cmocka_unit_test_setup(interrupts_and_serror_take_their_vectors, reset),
		cmocka_unit_test_setup(d4_aarch32_link_registers_have_their_offsets, reset),
		cmocka_unit_test_setup(aarch32_fault_status_follows_the_table_format, reset),
		cmocka_unit_test_setup(every_fault_has_its_place_in_the_short_format, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
