/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/exit.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/mmio_inline.h>

#define EL0T  0x0ull
#define EL1T  0x4ull
#define EL1H  0x5ull
#define SVC32 0x13ull
#define USR32 0x10ull
#define T32   (1ull << 5)

#define ESR(ec, il, iss) ((uint64_t)(ec) << 26 | (uint64_t)(il) << 25 | (iss))

static struct armvirt_exit decode(uint64_t esr, uint64_t far, uint64_t hpfar, uint64_t pstate)
{
	struct armvirt_exit exit;
	const struct armvirt_exit_regs regs = {esr, far, hpfar, pstate};

	memset(&exit, 0xa5, sizeof(exit));
	armvirt_exit_decode(&exit, &regs);
	return exit;
}

/* IT bits of ITSTATE in the layout of SPSR. */
static uint64_t it_bits(unsigned it)
{
	return (uint64_t)(it >> 2) << 10 | (uint64_t)(it & 3) << 25;
}

static void a_device_store_is_described_whole(void **state)
{
	/* STR W3 at IPA 0x9000018: the commonest exit of a Linux guest */
	struct armvirt_exit e = decode(0x93830046, 0xffff800011000018, 0x90000, EL1H);

	(void)state;
	assert_int_equal(e.kind, ARMVIRT_EXIT_DABT);
	assert_int_equal(e.ec, 0x24);
	assert_int_equal(e.el, 1);
	assert_false(e.aarch32);
	assert_int_equal(e.insn_bytes, 4);
	assert_int_equal(e.u.abort.fault, ARMVIRT_FAULT_TRANSLATION);
	assert_int_equal(e.u.abort.level, 2);
	assert_int_equal(e.u.abort.status, 6);
	assert_int_equal(e.u.abort.ipa_source, ARMVIRT_IPA_EXACT);
	assert_int_equal(e.u.abort.ipa, 0x9000018);
	assert_int_equal(e.u.abort.va, 0xffff800011000018);
	assert_int_equal(e.u.abort.bytes, 4);
	assert_int_equal(e.u.abort.reg, 3);
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_ISV | ARMVIRT_ABORT_WRITE);
}

static void the_address_of_a_permission_fault_is_not_taken_from_hpfar(void **state)
{
	struct armvirt_exit e = decode(ESR(0x24, 1, 0x0f), 0x1234, 0xabcd0, EL1H);

	(void)state;
	assert_int_equal(e.u.abort.ipa_source, ARMVIRT_IPA_TRANSLATE);
	assert_int_equal(e.u.abort.ipa, 0);
	e = decode(ESR(0x24, 1, 0x0f | 1 << 7), 0x1234, 0xabcd0, EL1H);
	assert_int_equal(e.u.abort.ipa_source, ARMVIRT_IPA_DESCRIPTOR);
	assert_int_equal(e.u.abort.ipa, 0xabcd000);
	e = decode(ESR(0x24, 1, 0x10), 0x1234, 0xabcd0, EL1H);
	assert_int_equal(e.u.abort.ipa_source, ARMVIRT_IPA_NONE);
	e = decode(ESR(0x25, 1, 0x04), 0x1234, 0xabcd0, EL1H);
	assert_int_equal(e.u.abort.ipa_source, ARMVIRT_IPA_NONE);
}

static void bits_without_their_valid_bit_are_not_passed_on(void **state)
{
	struct armvirt_exit e = decode(ESR(0x24, 1, 0xfff << 12 & 0xffc000), 0, 0, EL1H);

	(void)state;
	assert_int_equal(e.u.abort.bytes, 0);
	assert_int_equal(e.u.abort.reg, 0xff);
	assert_int_equal(e.u.abort.flags & ~(ARMVIRT_ABORT_PFV | ARMVIRT_ABORT_FNP), 0);
	/* nor when a descriptor was being fetched */
	e = decode(ESR(0x24, 1, 0x1ffc086), 0, 0, EL1H);
	assert_int_equal(e.u.abort.bytes, 0);
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_S1PTW);
	/* FnV only with an External abort */
	e = decode(ESR(0x24, 1, 0x406), 0x77, 0, EL1H);
	assert_int_equal(e.u.abort.va, 0x77);
	e = decode(ESR(0x24, 1, 0x410), 0x77, 0, EL1H);
	assert_int_equal(e.u.abort.va, 0);
	assert_true(e.u.abort.flags & ARMVIRT_ABORT_FNV);
}

static void a_syndrome_is_refused_where_isv_is_zero(void **state)
{
	const uint64_t isv = ESR(0x24, 1, 1 << 24 | 3 << 22 | 5 << 16 | 3 << 14 | 6);
	struct armvirt_exit e = decode(isv, 0, 0, EL1H);

	(void)state;
	assert_int_equal(e.u.abort.bytes, 8);
	e = decode(isv | 1ull << 26 | ARMVIRT_ABORT_VNCR, 0, 0, EL1H);
	assert_int_equal(e.u.abort.bytes, 0);
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_VNCR);
	e = decode(isv | ARMVIRT_ABORT_GCS, 0, 0, EL1H);
	assert_int_equal(e.u.abort.reg, 0xff);
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_GCS);
}

static void abort_flags_belong_to_their_fault_classes(void **state)
{
	const uint64_t all = UINT64_C(0xfff) << 37 | ARMVIRT_ABORT_PFV | ARMVIRT_ABORT_WRITE;
	const uint64_t walk = ARMVIRT_ABORT_PFV | ARMVIRT_ABORT_HDBSS;
	const uint64_t permission = ARMVIRT_ABORT_DIRTY | ARMVIRT_ABORT_OVERLAY |
				    ARMVIRT_ABORT_ASSURED_ONLY | ARMVIRT_ABORT_HDBSS;
	const struct {
		unsigned status;
		uint64_t data, instruction;
	} t[] = {
		{0x06, ARMVIRT_ABORT_WRITE, 0},
		{0x0f,
		 ARMVIRT_ABORT_WRITE | permission | ARMVIRT_ABORT_TAG_ACCESS | ARMVIRT_ABORT_TND,
		 permission},
		{0x10, ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_PFV, ARMVIRT_ABORT_PFV},
		{0x15, ARMVIRT_ABORT_WRITE | walk, walk},
		{0x25, ARMVIRT_ABORT_WRITE | ARMVIRT_ABORT_HDBSS, ARMVIRT_ABORT_HDBSS},
		{0x28, ARMVIRT_ABORT_WRITE, 0},
		{0x31, 0, 0}, /* WnR is UNKNOWN */
		{0x35, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(t); i++) {
		struct armvirt_exit e = decode(ESR(0x24, 1, t[i].status) | all, 0, 0, EL1H);

		assert_int_equal(e.u.abort.flags, t[i].data | ARMVIRT_ABORT_GCS);
		e = decode(ESR(0x20, 1, t[i].status) | all, 0, 0, EL1H);
		assert_int_equal(e.u.abort.flags, t[i].instruction);
	}
}

static void a_fetch_has_no_status_of_data(void **state)
{
	const uint8_t data_only[] = {0x11, 0x21, 0x34, 0x35};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(data_only); i++) {
		struct armvirt_exit e = decode(ESR(0x20, 1, data_only[i]), 0, 0, EL1H);

		assert_int_equal(e.u.abort.fault, ARMVIRT_FAULT_RESERVED);
		assert_int_equal(e.u.abort.status, data_only[i]);
		e = decode(ESR(0x24, 1, data_only[i]), 0, 0, EL1H);
		assert_int_not_equal(e.u.abort.fault, ARMVIRT_FAULT_RESERVED);
	}
}

/* SAS says doubleword for LD64B, ST64B, ST64BV and ST64BV0: only LST tells them apart. */
static void sixty_four_bytes_are_no_doubleword(void **state)
{
	const uint8_t statuses[] = {0x06, 0x0a, 0x0f};
	const uint64_t access = 1 << 24 | 3 << 22 | 8 << 16 | 1 << 15 | 1 << 6;
	struct armvirt_frame f = {.pstate = EL1H};
	struct armvirt_mmio m;

	(void)state;
	for (unsigned lst = 0; lst < 4; lst++) {
		for (size_t i = 0; i < COUNT_OF(statuses); i++) {
			uint64_t esr = ESR(0x24, 1, access | lst << 11 | statuses[i]);
			struct armvirt_exit_regs regs = {esr, 0x40, 0x100, EL1H};
			struct armvirt_exit e = decode(esr, 0x40, 0x100, EL1H);

			assert_int_equal(e.u.abort.bytes, lst ? 64 : 8);
			assert_int_equal(e.u.abort.reg, 8);
			if (lst)
				assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0),
						 ARMVIRT_E_SYNDROME);
			if (lst || statuses[i] != 6)
				assert_int_equal(armvirt_mmio_decode(&m, &regs, &f, 0),
						 ARMVIRT_E_SYNDROME);
		}
	}
	/* SET of an External abort, with ISV by a processor without FEAT_RAS */
	assert_int_equal(decode(ESR(0x24, 1, access | 3 << 11 | 0x15), 0, 0, EL1H).u.abort.bytes,
			 8);
}

static void a_profiling_exception_tells_its_reason(void **state)
{
	(void)state;
	assert_int_equal(decode(ESR(0x3d, 1, 0), 0, 0, EL1H).u.code, 0);
	assert_int_equal(decode(ESR(0x3d, 1, 1), 0, 0, EL1H).u.code, 1);
	assert_int_equal(decode(ESR(0x3d, 1, 2), 0, 0, EL1H).u.code, 2);
	assert_int_equal(decode(ESR(0x3d, 1, 1 << 23 | 4), 0, 0, EL1H).u.code, 4);
}

static void gcs_fields_belong_to_their_types(void **state)
{
	const uint64_t fields = 3 << 10 | 7 << 5;
	struct armvirt_exit e = decode(ESR(0x2d, 1, fields | 1), 0, 0, EL1H); /* GCSPOPM */

	(void)state;
	assert_int_equal(e.u.gcs.instruction, 1);
	assert_int_equal(e.u.gcs.reg, 7);
	assert_int_equal(e.u.gcs.address, 0xff);
	assert_int_equal(decode(ESR(0x2d, 1, fields | 5), 0, 0, EL1H).u.gcs.reg, 0xff);
	assert_int_equal(decode(ESR(0x2d, 1, fields | 8), 0, 0, EL1H).u.gcs.reg, 0xff);
	assert_int_equal(decode(ESR(0x2d, 1, fields | 9), 0, 0, EL1H).u.gcs.reg, 7);
	e = decode(ESR(0x2d, 1, 1 << 20 | fields | 1), 0, 0, EL1H);
	assert_int_equal(e.u.gcs.type, 1);
	assert_int_equal(e.u.gcs.instruction, 0);
	assert_int_equal(e.u.gcs.reg, 0xff);
	e = decode(ESR(0x2d, 1, 2 << 20 | fields | 1), 0, 0, EL1H);
	assert_int_equal(e.u.gcs.instruction, 0);
	assert_int_equal(e.u.gcs.reg, 7);
	assert_int_equal(e.u.gcs.address, 3);
}

static void a_watchpoint_tells_of_gcs_and_of_its_address(void **state)
{
	uint64_t esr = ESR(0x34, 1, 1 << 15 | 0x22) | ARMVIRT_ABORT_GCS;
	struct armvirt_exit e = decode(esr, 0x1234, 0, EL1H);

	(void)state;
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_FNP | ARMVIRT_ABORT_GCS);
	assert_int_equal(e.u.abort.va, 0x1234);
	e = decode(esr | ARMVIRT_ABORT_FNV, 0x1234, 0, EL1H);
	assert_int_equal(e.u.abort.flags, ARMVIRT_ABORT_FNV | ARMVIRT_ABORT_GCS);
	assert_int_equal(e.u.abort.va, 0);
}

/* The short way finds what the whole decode finds: each register, direction and Rt field. */
static void the_syndrome_alone_gives_the_same_access(void **state)
{
	(void)state;
	for (uint32_t iss = 0; iss < 1u << 22; iss += 3) {
		uint64_t esr = ESR(0x18, 1, iss);
		struct armvirt_exit e = decode(esr, 0, 0, EL1H);
		struct armvirt_sysreg_access a = armvirt_sysreg_access_decode(esr);

		if (a.key != e.u.sysreg.key || a.rt != e.u.sysreg.rt || a.rt2 != e.u.sysreg.rt2 ||
		    a.read != e.u.sysreg.read)
			fail_msg("ISS 0x%x", (unsigned)iss);
	}
}

static void register_accesses_give_the_key(void **state)
{
	/* MRS X7, CNTVCT_EL0 (S3_3_C14_C0_2) and MSR ICC_SGI1R_EL1, X0 (S3_0_C12_C11_5) */
	struct armvirt_exit e =
		decode(ESR(0x18, 1, 3 << 20 | 2 << 17 | 3 << 14 | 14 << 10 | 7 << 5 | 0 << 1 | 1),
		       0, 0, EL1H);

	(void)state;
	assert_int_equal(e.kind, ARMVIRT_EXIT_SYSREG);
	assert_int_equal(e.u.sysreg.key, ARMVIRT_SYSREG_KEY(3, 3, 14, 0, 2));
	assert_int_equal(e.u.sysreg.rt, 7);
	assert_true(e.u.sysreg.read);
	e = decode(ESR(0x18, 1, 3 << 20 | 5 << 17 | 0 << 14 | 12 << 10 | 0 << 5 | 11 << 1), 0, 0,
		   EL1H);
	assert_int_equal(e.u.sysreg.key, ARMVIRT_SYSREG_KEY(3, 0, 12, 11, 5));
	assert_false(e.u.sysreg.read);
	/* MRRC p15, 1, R2, R3, c14 (CNTVCT) */
	e = decode(ESR(0x04, 1, 1 << 24 | 14 << 20 | 1 << 16 | 3 << 10 | 2 << 5 | 14 << 1 | 1), 0,
		   0, SVC32);
	assert_int_equal(e.u.sysreg.key, ARMVIRT_SYSREG_CP15_64 | 1 << 11 | 14 << 3);
	assert_int_equal(e.u.sysreg.rt, 2);
	assert_int_equal(e.u.sysreg.rt2, 3);
	/* MCR p15, 0, R4, c7, c5, 1 with the condition NE */
	e = decode(ESR(0x03, 1, 1 << 24 | 1 << 20 | 1 << 17 | 7 << 10 | 4 << 5 | 5 << 1), 0, 0,
		   SVC32);
	assert_int_equal(e.u.sysreg.key, ARMVIRT_SYSREG_CP15 | 7 << 7 | 5 << 3 | 1);
	assert_int_equal(e.cond, 1);
	/* MRRS X8, X9, TTBR0_EL1: the field holds the pair */
	e = decode(ESR(0x14, 1, 3 << 20 | 2 << 10 | 4 << 6 | 1), 0, 0, EL1H);
	assert_int_equal(e.u.sysreg.key,
			 ARMVIRT_SYSREG_A64_128 | ARMVIRT_SYSREG_KEY(3, 0, 2, 0, 0));
	assert_int_equal(e.u.sysreg.rt, 8);
	assert_int_equal(e.u.sysreg.rt2, 9);
}

static void conditions_follow_the_syndrome_then_the_it_block(void **state)
{
	const uint64_t z = 1ull << 30;
	struct armvirt_exit e = decode(ESR(0x03, 1, 1 << 24 | 0 << 20), 0, 0, SVC32); /* EQ */

	(void)state;
	assert_true(armvirt_exit_cond_passes(&e, SVC32 | z));
	assert_false(armvirt_exit_cond_passes(&e, SVC32));
	e = decode(ESR(0x03, 1, 0), 0, 0, SVC32 | T32);
	assert_int_equal(e.cond, ARMVIRT_COND_BY_IT);
	assert_false(armvirt_exit_cond_passes(&e, SVC32 | T32 | it_bits(0x08)));
	assert_true(armvirt_exit_cond_passes(&e, SVC32 | T32 | z | it_bits(0x08)));
	assert_true(armvirt_exit_cond_passes(&e, SVC32 | T32));
	/* 0b1111 is unconditional, not the opposite of AL */
	e = decode(ESR(0x03, 1, 1 << 24 | 15 << 20), 0, 0, SVC32);
	assert_true(armvirt_exit_cond_passes(&e, SVC32));
	/* SMC: CCKNOWNPASS clear says that COND need not be looked at */
	e = decode(ESR(0x13, 1, 1 << 24 | 0 << 20), 0, 0, SVC32);
	assert_true(armvirt_exit_cond_passes(&e, SVC32));
	e = decode(ESR(0x13, 1, 1 << 24 | 0 << 20 | 1 << 19), 0, 0, SVC32);
	assert_false(armvirt_exit_cond_passes(&e, SVC32));
	/* AArch64 has no conditions */
	e = decode(ESR(0x01, 1, 1 << 24 | 14 << 20), 0, 0, EL1H);
	assert_true(armvirt_exit_cond_passes(&e, EL1H));
}

static void every_condition_holds_as_the_flags_say(void **state)
{
	(void)state;
	for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
		bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;
		bool want[16] = {z,    !z,      c,       !c,     n,      !n,           v,
				 !v,   c && !z, !c || z, n == v, n != v, !z && n == v, z || n != v,
				 true, true};

		for (unsigned cond = 0; cond < 16; cond++) {
			struct armvirt_exit e =
				decode(ESR(0x03, 1, 1 << 24 | cond << 20), 0, 0, SVC32);

			assert_int_equal(armvirt_exit_cond_passes(&e, (uint64_t)nzcv << 28 | SVC32),
					 want[cond]);
		}
	}
}

/* D9: a skip that leaves BTYPE or SS makes the next instruction fault or step wrongly. */
static void d9_skipping_clears_btype_and_ss(void **state)
{
	struct armvirt_frame f = {.pc = 0x1000, .pstate = EL1H | 3 << 10 | 1 << 21 | 1ull << 33};

	(void)state;
	armvirt_frame_skip(&f, 4);
	assert_int_equal(f.pc, 0x1004);
	assert_int_equal(f.pstate, EL1H);
}

static void skipping_in_t32_advances_the_it_block(void **state)
{
	struct armvirt_frame f = {.pc = 0xfffffffe, .pstate = SVC32 | T32 | it_bits(0x0c)};

	(void)state;
	armvirt_frame_skip(&f, 2); /* ITTE: EQ, 3 left */
	assert_int_equal(f.pc, 0);
	assert_int_equal(f.pstate, SVC32 | T32 | it_bits(0x18));
	armvirt_frame_skip(&f, 4);
	assert_int_equal(f.pstate, SVC32 | T32);
	/* the mode bits of AArch32 share places with BTYPE: A32 keeps E, A, IT untouched */
	f.pstate = SVC32 | 1 << 9;
	armvirt_frame_skip(&f, 4);
	assert_int_equal(f.pstate, SVC32 | 1 << 9);
}

static void it_advances_as_the_pseudocode_says(void **state)
{
	(void)state;
	for (unsigned it = 0; it < 256; it++) {
		struct armvirt_frame f = {.pc = 0, .pstate = SVC32 | T32 | it_bits(it)};
		/* ITAdvance: IT<2:0> zero ends the block, else IT<4:0> shifts left */
		unsigned want = (it & 7) == 0 ? 0 : (it & 0xe0) | ((it & 0x1f) << 1 & 0x1f);

		armvirt_frame_skip(&f, 2);
		assert_int_equal(f.pstate, SVC32 | T32 | it_bits(want));
	}
}

/* D1: a trapped SMC returns to itself, an HVC behind itself. */
static void d1_smc_and_hvc_return_to_different_places(void **state)
{
	struct armvirt_exit smc = decode(ESR(0x17, 1, 0), 0, 0, EL1H);
	struct armvirt_exit hvc = decode(ESR(0x16, 1, 0), 0, 0, EL1H);
	struct armvirt_frame f = {.pc = 0x1000, .pstate = EL1H};

	(void)state;
	armvirt_exit_undo(&smc, &f);
	assert_int_equal(f.pc, 0x1000);
	armvirt_exit_skip(&smc, &f);
	assert_int_equal(f.pc, 0x1004);
	armvirt_exit_skip(&hvc, &f);
	assert_int_equal(f.pc, 0x1004);
	armvirt_exit_undo(&hvc, &f);
	assert_int_equal(f.pc, 0x1000);
}

static void waiting_instructions_tell_their_deadline(void **state)
{
	struct armvirt_frame f = {.pc = 0};
	struct armvirt_exit e =
		decode(ESR(0x01, 1, 1 << 24 | 14 << 20 | 9 << 5 | 1 << 2 | 2), 0, 0, EL1H);
	uint64_t deadline = 7;

	(void)state;
	f.x[9] = 0x123456789a;
	assert_true(e.u.wfx.timeout);
	assert_false(e.u.wfx.event);
	assert_int_equal(armvirt_wfx_deadline(&e, &f, &deadline), ARMVIRT_OK);
	assert_int_equal(deadline, 0x123456789a);
	e = decode(ESR(0x01, 1, 31 << 5 | 1 << 2 | 3), 0, 0, EL1H); /* WFET XZR */
	assert_int_equal(armvirt_wfx_deadline(&e, &f, &deadline), ARMVIRT_OK);
	assert_int_equal(deadline, 0);
	deadline = 7;
	e = decode(ESR(0x01, 1, 9 << 5 | 2), 0, 0, EL1H); /* RV clear */
	assert_int_equal(armvirt_wfx_deadline(&e, &f, &deadline), ARMVIRT_E_ABSENT);
	e = decode(ESR(0x01, 1, 0), 0, 0, EL1H);
	assert_int_equal(armvirt_wfx_deadline(&e, &f, &deadline), ARMVIRT_E_ABSENT);
	e = decode(ESR(0x16, 1, 0), 0, 0, EL1H);
	assert_int_equal(armvirt_wfx_deadline(&e, &f, &deadline), ARMVIRT_E_ARG);
	assert_int_equal(deadline, 7);
}

static uint64_t load(unsigned sas, unsigned sse, unsigned sf, uint64_t pstate, uint64_t sctlr,
		     uint64_t value)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = pstate};
	struct armvirt_mmio m;
	struct armvirt_exit e =
		decode(ESR(0x24, 1, 1 << 24 | sas << 22 | sse << 21 | 5 << 16 | sf << 15 | 6), 0, 0,
		       pstate);

	f.x[5] = 0xdeadbeefdeadbeef;
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, sctlr), ARMVIRT_OK);
	assert_false(m.write);
	armvirt_mmio_finish(&m, &f, value);
	assert_int_equal(f.pc, 0x104);
	return f.x[5];
}

/* D7, D8: sign extension into a W register stops at bit 31; SSE and SF are applied. */
static void d7_d8_loads_are_extended_to_the_register_width(void **state)
{
	const uint64_t v = 0x8182838485868788;

	(void)state;
	assert_int_equal(load(0, 0, 0, EL1H, 0, v), 0x88);
	assert_int_equal(load(0, 1, 0, EL1H, 0, v), 0xffffff88);
	assert_int_equal(load(0, 1, 1, EL1H, 0, v), 0xffffffffffffff88);
	assert_int_equal(load(1, 0, 0, EL1H, 0, v), 0x8788);
	assert_int_equal(load(1, 1, 0, EL1H, 0, v), 0xffff8788);
	assert_int_equal(load(1, 1, 1, EL1H, 0, v), 0xffffffffffff8788);
	assert_int_equal(load(2, 0, 0, EL1H, 0, v), 0x85868788);
	assert_int_equal(load(2, 1, 1, EL1H, 0, v), 0xffffffff85868788);
	assert_int_equal(load(2, 0, 1, EL1H, 0, v), 0x85868788);
	assert_int_equal(load(3, 0, 1, EL1H, 0, v), v);
	assert_int_equal(load(0, 1, 0, SVC32, 0, v), 0xffffff88);
}

static void big_endian_guests_see_bytes_swapped(void **state)
{
	const uint64_t ee = 1 << 25, e0e = 1 << 24, v = 0x0102030485868708;

	(void)state;
	assert_int_equal(load(2, 0, 0, EL1H, ee, v), 0x08878685);
	assert_int_equal(load(2, 0, 0, EL1T, ee, v), 0x08878685);
	assert_int_equal(load(1, 1, 1, EL1H, ee, 0x7f80), 0xffffffffffff807f);
	assert_int_equal(load(2, 0, 0, EL1H, e0e, v), 0x85868708);
	assert_int_equal(load(3, 0, 1, EL0T, e0e, v), 0x0887868504030201);
	assert_int_equal(load(2, 0, 0, EL0T, ee, v), 0x85868708);
	assert_int_equal(load(2, 0, 0, SVC32 | 1 << 9, 0, v), 0x08878685);
	assert_int_equal(load(2, 0, 0, USR32, ee | e0e, v), 0x85868708);
	assert_int_equal(load(0, 0, 0, EL1H, ee, v), 0x08);
}

/* The shortcut and the long way agree wherever the shortcut answers, and it answers where promised.
 */
static void the_shortcut_is_the_long_way(void **state)
{
	uint64_t x = 88172645463325252, taken = 0;

	(void)state;
	for (unsigned i = 0; i < 1000000; i++) {
		struct armvirt_frame f = {.pstate = i & 1 ? EL1H : i & 2 ? EL0T : SVC32};
		struct armvirt_exit_regs r = {.pstate = f.pstate};
		struct armvirt_mmio a, b;
		struct armvirt_exit e;
		enum armvirt_status s, t;
		uint64_t sctlr;

		for (unsigned n = 0; n < 31; n++)
			f.x[n] = x * (n + 1);
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		r.far = x;
		r.hpfar = x >> 3;
		sctlr = x >> 5;
		r.esr = UINT64_C(0x24) << 26 | (x >> 20 & 0x3ffffff);
		if (i & 8)
			r.esr = (r.esr | 3 << 24) & ~UINT64_C(0x39b8);
		if ((i & 0x70) == 0)
			r.esr |= ARMVIRT_ABORT_GCS;
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		s = armvirt_mmio_decode(&a, &r, &f, sctlr);
		armvirt_exit_decode(&e, &r);
		t = armvirt_mmio_start(&b, &e, &f, sctlr);
		if (s) {
			assert_int_equal(s, ARMVIRT_E_SYNDROME);
			assert_false(t == ARMVIRT_OK && !e.aarch32 &&
				     e.u.abort.fault == ARMVIRT_FAULT_TRANSLATION &&
				     e.u.abort.level >= 0);
			continue;
		}
		taken++;
		assert_int_equal(t, ARMVIRT_OK);
		assert_int_equal(a.ipa, b.ipa);
		assert_int_equal(a.value, b.value);
		assert_int_equal(a.bytes, b.bytes);
		assert_int_equal(a.reg, b.reg);
		assert_int_equal(a.insn_bytes, e.insn_bytes);
		assert_true(a.write == b.write && a.sign_extend == b.sign_extend &&
			    a.wide == b.wide && a.swap == b.swap && a.ordered == b.ordered);
	}
	assert_true(taken > 100000);
}

/* Inline or called, from the decision to the guest's registers; big-endian accesses are left alone.
 */
static void the_inline_form_is_the_function(void **state)
{
	uint64_t x = 88172645463325252, taken = 0, left = 0;

	(void)state;
	for (unsigned i = 0; i < 500000; i++) {
		struct armvirt_frame f = {.pstate = i & 1 ? EL1H : i & 2 ? EL0T : SVC32}, g;
		struct armvirt_exit_regs r = {.pstate = f.pstate};
		struct armvirt_mmio a, b;
		uint64_t sctlr;

		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		for (unsigned n = 0; n < 31; n++)
			f.x[n] = x * (n + 1);
		f.pc = x;
		f.pstate |= x & (UINT64_C(0xf) << 28 | UINT64_C(7) << 32 | 0x204c00);
		r.far = x;
		r.hpfar = x >> 3;
		sctlr = i & 4 ? x >> 5 : 0;
		r.esr = UINT64_C(0x24) << 26 | (x >> 20 & 0x3ffffff);
		if (i & 8)
			r.esr = (r.esr | 1 << 24) & ~UINT64_C(0x39b8);
		r.pstate = f.pstate;
		g = f;
		if (armvirt_mmio_decode(&a, &r, &f, sctlr) != ARMVIRT_OK || a.swap) {
			assert_false(armvirt_mmio_inline_decode(&b, &r, &g, sctlr));
			continue;
		}
		if (!armvirt_mmio_inline_decode(&b, &r, &g, sctlr)) {
			assert_true(sctlr & 3 << 24);
			left++;
			continue;
		}
		taken++;
		assert_true(a.ipa == b.ipa && a.value == b.value && a.bytes == b.bytes &&
			    a.reg == b.reg && a.insn_bytes == b.insn_bytes && a.write == b.write &&
			    a.sign_extend == b.sign_extend && a.wide == b.wide &&
			    a.swap == b.swap && a.ordered == b.ordered);
		armvirt_mmio_finish(&a, &f, x * 7);
		armvirt_mmio_inline_finish(&b, &g, x * 7);
		assert_memory_equal(f.x, g.x, sizeof(f.x));
		assert_true(f.pc == g.pc && f.pstate == g.pstate);
	}
	assert_true(taken > 30000 && left > 1000);
}

static void stores_are_masked_and_swapped(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H};
	struct armvirt_mmio m;
	struct armvirt_exit e = decode(ESR(0x24, 1, 1 << 24 | 1 << 22 | 2 << 16 | 1 << 14 | 0x46),
				       0xffff0abc, 0x1230, EL1H);

	(void)state;
	f.x[2] = 0x1122334455667788;
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_OK);
	assert_true(m.write && m.ordered && !m.swap);
	assert_int_equal(m.value, 0x7788);
	assert_int_equal(m.ipa, 0x123abc);
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 1 << 25), ARMVIRT_OK);
	assert_int_equal(m.value, 0x8877);
	armvirt_mmio_finish(&m, &f, 0x55);
	assert_int_equal(f.x[2], 0x1122334455667788);
	assert_int_equal(f.pc, 0x104);
	/* register 31 stores zero and loads nowhere */
	e = decode(ESR(0x24, 1, 1 << 24 | 3 << 22 | 31 << 16 | 1 << 15 | 0x46), 0, 0, EL1H);
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_OK);
	assert_int_equal(m.value, 0);
	m.write = false;
	armvirt_mmio_finish(&m, &f, 0x55);
	assert_int_equal(f.pc, 0x108);
}

static void what_is_no_described_access_is_refused(void **state)
{
	struct armvirt_frame f = {.pc = 0x100, .pstate = EL1H};
	struct armvirt_mmio m, before;
	const uint64_t esr[] = {
		ESR(0x24, 1, 0x46),                    /* ISV clear */
		ESR(0x24, 1, 1 << 24 | 1 << 7 | 6),    /* descriptor */
		ESR(0x24, 1, 1 << 24 | 1 << 8 | 0x46), /* cache maintenance */
		ESR(0x24, 1, 1 << 24 | 3 << 22 | 6),   /* 64 bits through W */
		ESR(0x20, 1, 6),
		ESR(0x16, 1, 0),
		ESR(0x25, 1, 1 << 24 | 2 << 22 | 6), /* EL2's own */
	};

	(void)state;
	memset(&m, 0x5a, sizeof(m));
	before = m;
	for (size_t i = 0; i < COUNT_OF(esr); i++) {
		struct armvirt_exit e = decode(esr[i], 0, 0, EL1H);

		assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_E_SYNDROME);
	}
	struct armvirt_exit e = decode(ESR(0x24, 1, 1 << 24 | 2 << 22 | 1 << 15 | 6), 0, 0, SVC32);
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_E_SYNDROME);
	e = decode(ESR(0x24, 1, 1 << 24 | 2 << 22 | 31 << 16 | 6), 0, 0, SVC32);
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_E_SYNDROME);
	e = decode(ESR(0x24, 1, 1 << 24 | 2 << 22 | 0x0f), 0, 0, EL1H); /* permission */
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_E_ABSENT);
	assert_memory_equal(&m, &before, sizeof(m));
	e.u.abort.ipa = 0x42;
	e.u.abort.ipa_source = ARMVIRT_IPA_EXACT;
	assert_int_equal(armvirt_mmio_start(&m, &e, &f, 0), ARMVIRT_OK);
	assert_int_equal(m.ipa, 0x42);
}

static void names_are_there_for_every_number(void **state)
{
	(void)state;
	for (int i = -1; i <= ARMVIRT_EXIT_COUNT; i++)
		assert_true(strlen(armvirt_exit_name((enum armvirt_exit_kind)i)) >= 3);
	for (int i = -1; i <= ARMVIRT_FAULT_COUNT; i++)
		assert_true(strlen(armvirt_fault_name((enum armvirt_fault)i)) >= 3);
	assert_string_equal(armvirt_exit_name((enum armvirt_exit_kind)99), "reserved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_store_is_described_whole),
		cmocka_unit_test(the_address_of_a_permission_fault_is_not_taken_from_hpfar),
		cmocka_unit_test(bits_without_their_valid_bit_are_not_passed_on),
		cmocka_unit_test(a_syndrome_is_refused_where_isv_is_zero),
		cmocka_unit_test(abort_flags_belong_to_their_fault_classes),
		cmocka_unit_test(a_fetch_has_no_status_of_data),
		cmocka_unit_test(sixty_four_bytes_are_no_doubleword),
		cmocka_unit_test(a_profiling_exception_tells_its_reason),
		cmocka_unit_test(gcs_fields_belong_to_their_types),
		cmocka_unit_test(a_watchpoint_tells_of_gcs_and_of_its_address),
		cmocka_unit_test(register_accesses_give_the_key),
		cmocka_unit_test(the_syndrome_alone_gives_the_same_access),
		cmocka_unit_test(conditions_follow_the_syndrome_then_the_it_block),
		cmocka_unit_test(every_condition_holds_as_the_flags_say),
		cmocka_unit_test(d9_skipping_clears_btype_and_ss),
		cmocka_unit_test(skipping_in_t32_advances_the_it_block),
		cmocka_unit_test(it_advances_as_the_pseudocode_says),
		cmocka_unit_test(d1_smc_and_hvc_return_to_different_places),
		cmocka_unit_test(waiting_instructions_tell_their_deadline),
		cmocka_unit_test(d7_d8_loads_are_extended_to_the_register_width),
		cmocka_unit_test(big_endian_guests_see_bytes_swapped),
		cmocka_unit_test(the_shortcut_is_the_long_way),
		cmocka_unit_test(the_inline_form_is_the_function),
		cmocka_unit_test(stores_are_masked_and_swapped),
		cmocka_unit_test(what_is_no_described_access_is_refused),
		cmocka_unit_test(names_are_there_for_every_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
