/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor side of MPAM, loaded into the model's processor by the library's own code. */
#include "test.h"

#include <libarmvirt/mpam.h>

#include "mpam_pe.h"

static struct mpam_pe pe;

uint64_t armvirt_model_mpam_read(unsigned sysreg);
void armvirt_model_mpam_write(unsigned sysreg, uint64_t value);
uint64_t armvirt_model_mpam_hcr(void);

/* op0 = 3 and CRn = 10 of all of them. */
uint64_t armvirt_model_mpam_read(unsigned sysreg)
{
	assert_int_equal(sysreg & 0xc780, 0xc500);
	return mpam_pe_read(&pe, sysreg >> 11 & 7, sysreg >> 3 & 15, sysreg & 7);
}

void armvirt_model_mpam_write(unsigned sysreg, uint64_t value)
{
	assert_int_equal(sysreg & 0xc780, 0xc500);
	mpam_pe_write(&pe, sysreg >> 11 & 7, sysreg >> 3 & 15, sysreg & 7, value);
}

uint64_t armvirt_model_mpam_hcr(void)
{
	return pe.p.e2h ? UINT64_C(1) << 34 : 0;
}

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

/* A processor at random, and what the library makes of its ID registers. */
static void processor(struct armvirt_mpam_caps *caps)
{
	struct mpam_pe_params p = {
		.partid_max = below(4) ? 1 + below(63) : 1 + below(65535),
		.pmg_max = below(256),
		.has_hcr = below(4) != 0,
		.has_tidr = below(2),
		.has_sme = below(2),
		.has_bw = below(2),
		.has_el3 = below(2),
		.el3_mpamen = true,
		.e2h = below(2),
		.wrap_to_zero = below(2),
		.pmg_kept_on_error = below(2),
	};
	struct armvirt_idregs id = {{0}};

	if (p.has_hcr)
		p.vpmr_max = below(8);
	mpam_pe_reset(&pe, &p, rnd());
	id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(1) << 40 | (uint64_t)p.has_el3 << 12;
	id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = UINT64_C(1) << 16 | (uint64_t)p.has_sme << 24;
	id.reg[ARMVIRT_IDREG_MPAMIDR_EL1] = mpam_pe_read(&pe, 0, 4, 4);
	assert_int_equal(armvirt_mpam_caps_derive(caps, &id), ARMVIRT_OK);
	assert_int_equal(caps->partid_max, p.partid_max);
	assert_int_equal(caps->pmg_max, p.pmg_max);
	assert_int_equal(caps->vpm_count, p.has_hcr ? 4 * (p.vpmr_max + 1) : 0);
	assert_int_equal(caps->version, 0x11);
	assert_int_equal(caps->el2_is_highest, !p.has_el3);
}

static bool owned(const uint16_t *list, unsigned count, unsigned partid)
{
	for (unsigned i = 0; i < count; i++) {
		if (list[i] == partid)
			return true;
	}
	return false;
}

static void versions_are_told_apart(void **state)
{
	struct armvirt_mpam_caps caps, before;
	struct armvirt_idregs id = {{0}};

	(void)state;
	memset(&caps, 0x5a, sizeof(caps));
	before = caps;
	assert_int_equal(armvirt_mpam_caps_derive(&caps, &id), ARMVIRT_E_UNSUPPORTED);
	id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(2) << 40;
	assert_int_equal(armvirt_mpam_caps_derive(&caps, &id), ARMVIRT_E_UNSUPPORTED);
	assert_memory_equal(&caps, &before, sizeof(caps));
	id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = 0;
	id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = UINT64_C(1) << 16;
	assert_int_equal(armvirt_mpam_caps_derive(&caps, &id), ARMVIRT_OK);
	assert_int_equal(caps.version, 0x01);
	assert_int_equal(caps.partid_max, 0);
	id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(1) << 40;
	id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = 0;
	assert_int_equal(armvirt_mpam_caps_derive(&caps, &id), ARMVIRT_OK);
	assert_int_equal(caps.version, 0x10);
}

/* A guest without MPAM: every register traps or does not exist, one PARTID for all it does. */
static void hidden_guest_reaches_nothing(void **state)
{
	static const unsigned regs[][3] = {{0, 4, 4}, {0, 5, 0}, {0, 5, 1}, {0, 5, 3},
					   {4, 4, 0}, {4, 5, 0}, {4, 6, 0}, {4, 6, 7}};

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct armvirt_mpam_caps caps;
		struct armvirt_mpam_vm vm;
		struct armvirt_mpam_vcpu vcpu;
		uint16_t partid;
		struct armvirt_mpam_vm_request r = {.partid = &partid, .partid_count = 1};

		processor(&caps);
		partid = (uint16_t)(1 + below(caps.partid_max));
		r.pmg = (uint8_t)below(caps.pmg_max + 1u);
		r.own = (struct armvirt_mpam_tag){(uint16_t)below(caps.partid_max + 1u), 0};
		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_OK);
		armvirt_mpam_vcpu_reset(&vcpu, &vm);
		armvirt_hw_mpam_load(&vm, &vcpu);
		assert_int_equal(pe.undefined, 0);
		assert_true(armvirt_hw_mpam_enabled());
		for (unsigned i = 0; i < COUNT_OF(regs); i++) {
			for (int write = 0; write < 2; write++) {
				uint64_t v = rnd();
				enum mpam_pe_outcome o = mpam_pe_guest(&pe, regs[i][0], regs[i][1],
								       regs[i][2], write, &v);

				if (i == 0 && !write && vm.idr_visible)
					assert_int_equal(o, MPAM_PE_DONE);
				else
					assert_int_not_equal(o, MPAM_PE_DONE);
			}
		}
		assert_int_equal(vm.idr_visible, !pe.p.has_hcr && !pe.p.has_tidr);
		for (int el = 0; el < 2; el++) {
			for (int instruction = 0; instruction < 2; instruction++) {
				struct mpam_pe_tag tag = mpam_pe_tag(&pe, el, instruction);

				assert_int_equal(tag.partid, partid);
				assert_int_equal(tag.pmg, r.pmg);
			}
		}
		assert_int_equal(mpam_pe_tag(&pe, 2, false).partid, r.own.partid);
		assert_int_equal(mpam_pe_tag(&pe, 2, true).partid, r.own.partid);
		assert_int_equal(pe.mpamsm,
				 pe.p.has_sme ? vm.fixed & UINT64_C(0xff00ffff0000) : pe.mpamsm);
	}
}

/* A guest with a space of its own never reaches a PARTID that is not its own or the default. */
static void virtual_guest_stays_in_its_space(void **state)
{
	unsigned built = 0;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		struct armvirt_mpam_caps caps;
		struct armvirt_mpam_vm vm;
		struct armvirt_mpam_vcpu vcpu;
		uint16_t list[ARMVIRT_MPAM_VPARTIDS_MAX];
		uint64_t v;
		struct armvirt_mpam_vm_request r = {.shape = ARMVIRT_MPAM_VIRTUAL,
						    .partid = list,
						    .flags = below(2) ? ARMVIRT_MPAM_APP_LOCK : 0};

		processor(&caps);
		r.partid_count = (uint16_t)(1 + below(caps.vpm_count ? caps.vpm_count : 4));
		r.pmg_max = (uint8_t)below(caps.pmg_max + 1u);
		for (unsigned i = 0; i < r.partid_count; i++)
			list[i] = (uint16_t)(1 + below(caps.partid_max));
		if (!caps.has_hcr) {
			assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r),
					 ARMVIRT_E_UNSUPPORTED);
			continue;
		}
		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_OK);
		built++;
		armvirt_mpam_vcpu_reset(&vcpu, &vm);
		armvirt_hw_mpam_load(&vm, &vcpu);
		assert_int_equal(pe.undefined, 0);
		assert_int_equal(mpam_pe_guest(&pe, 0, 4, 4, false, &v), MPAM_PE_TRAP_EL2);
		assert_int_equal(armvirt_mpam_guest_idr(&vm, &v), ARMVIRT_OK);
		assert_int_equal(v, (uint64_t)r.pmg_max << 32 | (r.partid_count - 1u));
		assert_int_not_equal(mpam_pe_guest(&pe, 0, 5, 3, false, &v), MPAM_PE_DONE);
		for (unsigned vpartid = 0; vpartid < 0x10000; vpartid++) {
			unsigned pmg = vpartid & 0xff;
			uint64_t reg = (uint64_t)pmg << 40 | (uint64_t)pmg << 32 |
				       (uint64_t)vpartid << 16 | vpartid;
			struct armvirt_mpam_tag in = {(uint16_t)vpartid, (uint8_t)pmg};
			struct armvirt_mpam_tag out = armvirt_mpam_translate(&vm, &caps, in);
			struct mpam_pe_tag tag;
			uint64_t w = reg;

			assert_int_equal(mpam_pe_guest(&pe, 0, 5, 0, true, &w), MPAM_PE_DONE);
			assert_int_equal(mpam_pe_guest(&pe, 0, 5, 1, true, &w), MPAM_PE_DONE);
			for (int what = 0; what < 4; what++) {
				tag = mpam_pe_tag(&pe, what & 1, what >> 1);
				if (vpartid > caps.partid_max)
					assert_int_equal(tag.partid, 0);
				else
					assert_true(owned(list, r.partid_count, tag.partid));
				if (vpartid < r.partid_count && vpartid <= caps.partid_max)
					assert_int_equal(tag.partid, list[vpartid]);
				if (!pe.p.wrap_to_zero && !pe.p.pmg_kept_on_error) {
					assert_int_equal(tag.partid, out.partid);
					assert_int_equal(tag.pmg, out.pmg);
				}
			}
		}
		armvirt_hw_mpam_save(&vm, &vcpu);
		assert_int_equal(vcpu.mpam0 & 0xffff, 0xffff);
		assert_int_equal(vcpu.mpam1 & UINT64_C(0xffffffffffff), pe.mpam1);
	}
	assert_true(built > 100);
}

static void host_is_not_trapped(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct armvirt_mpam_caps caps;
		struct armvirt_mpam_vm vm;
		struct armvirt_mpam_vcpu vcpu, back;
		struct armvirt_mpam_vm_request r = {.shape = ARMVIRT_MPAM_HOST};
		uint64_t v;

		processor(&caps);
		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_OK);
		armvirt_mpam_vcpu_reset(&vcpu, &vm);
		vcpu.mpam1 = 5 << 16;
		vcpu.mpam0 = 6 << 16;
		armvirt_hw_mpam_load(&vm, &vcpu);
		assert_int_equal(pe.undefined, 0);
		assert_int_equal(mpam_pe_guest(&pe, 0, 4, 4, false, &v), MPAM_PE_DONE);
		assert_int_equal(mpam_pe_guest(&pe, 0, 5, 0, false, &v), MPAM_PE_DONE);
		assert_int_equal(mpam_pe_guest(&pe, 0, 5, 1, false, &v), MPAM_PE_DONE);
		if (caps.partid_max >= 6) {
			assert_int_equal(mpam_pe_tag(&pe, 1, false).partid, 5);
			assert_int_equal(mpam_pe_tag(&pe, 0, false).partid, 6);
			assert_int_equal(
				armvirt_mpam_translate(&vm, &caps, (struct armvirt_mpam_tag){6, 0})
					.partid,
				6);
		}
		assert_int_equal(armvirt_mpam_guest_idr(&vm, &v), ARMVIRT_E_DENIED);
		armvirt_hw_mpam_save(&vm, &back);
		assert_int_equal(back.mpam0, vcpu.mpam0);
		assert_int_equal(back.mpam1 & ~(UINT64_C(1) << 63), vcpu.mpam1);
	}
}

/* The map is complete before it is enabled, and EL2's own register comes last. */
static void order_of_the_writes(void **state)
{
	struct mpam_pe_params p = {.partid_max = 63,
				   .pmg_max = 1,
				   .vpmr_max = 7,
				   .has_hcr = true,
				   .has_tidr = true,
				   .has_sme = true,
				   .has_bw = true};
	static const uint16_t list[] = {9, 8, 7, 6, 5};
	static const unsigned expected[] = {0x461, 0x460, 0x441, 0x440, 0x050,
					    0x051, 0x053, 0x454, 0x450};
	struct armvirt_mpam_caps caps = {.partid_max = 63,
					 .pmg_max = 1,
					 .vpm_count = 32,
					 .has_hcr = true,
					 .has_tidr = true,
					 .has_sm = true,
					 .has_bw = true};
	struct armvirt_mpam_vm_request r = {
		.shape = ARMVIRT_MPAM_VIRTUAL, .partid = list, .partid_count = COUNT_OF(list)};
	struct armvirt_mpam_vcpu vcpu;
	struct armvirt_mpam_vm vm;

	(void)state;
	mpam_pe_reset(&pe, &p, ~UINT64_C(0));
	pe.bw2 = ~UINT64_C(0);
	assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_OK);
	armvirt_mpam_vcpu_reset(&vcpu, &vm);
	armvirt_hw_mpam_load(&vm, &vcpu);
	assert_int_equal(pe.log_count, COUNT_OF(expected));
	for (unsigned i = 0; i < COUNT_OF(expected); i++)
		assert_int_equal(pe.log[i], expected[i]);
	assert_int_equal(pe.vpm[0], UINT64_C(0x0006000700080009));
	assert_int_equal(pe.vpm[1], 5);
	assert_int_equal(pe.vpmv, 0x1f);
	assert_int_equal(pe.bw2, 0);
	assert_int_equal(pe.hcr, 0x80000003);
	assert_int_equal(pe.mpam2, UINT64_C(0x8400000000000000));
	/* the constant accesses of a load that docs/mpam.md publishes */
	assert_int_equal(pe.writes, 9);
	assert_int_equal(pe.reads, 0);
	assert_int_equal(armvirt_hw_mpam_idr_read() & 0xffff, 63);
}

static void refusals_leave_the_output_alone(void **state)
{
	static const uint16_t zero[] = {3, 0}, high[] = {3, 64}, good[] = {3, 4, 5, 6, 7};
	struct armvirt_mpam_caps caps = {
		.partid_max = 63, .pmg_max = 3, .vpm_count = 4, .has_hcr = true};
	const struct {
		struct armvirt_mpam_vm_request r;
		enum armvirt_status status;
	} cases[] = {
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = zero, .partid_count = 2},
		 ARMVIRT_E_DENIED},
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = high, .partid_count = 2},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = good, .partid_count = 5},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = good, .partid_count = 0}, ARMVIRT_E_ARG},
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = NULL, .partid_count = 1}, ARMVIRT_E_ARG},
		{{.shape = ARMVIRT_MPAM_VIRTUAL, .partid = good, .partid_count = 1, .pmg_max = 4},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = good, .partid_count = 2},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = zero + 1, .partid_count = 1},
		 ARMVIRT_E_DENIED},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = good, .partid_count = 1, .pmg = 4},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = good, .partid_count = 1, .flags = 2},
		 ARMVIRT_E_ARG},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = good, .partid_count = 1, .own = {64, 0}},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_HIDDEN, .partid = good, .partid_count = 1, .own = {0, 4}},
		 ARMVIRT_E_RANGE},
		{{.shape = ARMVIRT_MPAM_HOST, .partid = good, .partid_count = 1}, ARMVIRT_E_ARG},
		{{.shape = (enum armvirt_mpam_shape)7, .partid = good, .partid_count = 1},
		 ARMVIRT_E_ARG},
	};
	struct armvirt_mpam_vm vm, before;

	(void)state;
	memset(&vm, 0x5a, sizeof(vm));
	before = vm;
	for (unsigned i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &cases[i].r), cases[i].status);
		assert_memory_equal(&vm, &before, sizeof(vm));
	}
	caps.has_hcr = false;
	caps.vpm_count = 0;
	{
		struct armvirt_mpam_vm_request r = {
			.partid = good, .partid_count = 1, .flags = ARMVIRT_MPAM_APP_LOCK};

		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_E_UNSUPPORTED);
		r.flags = 0;
		assert_int_equal(armvirt_mpam_vm_build(&vm, &caps, &r), ARMVIRT_OK);
	}
}

static void caps_meet_takes_the_smaller(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 1000; round++) {
		struct armvirt_mpam_caps a, b, m;

		processor(&a);
		processor(&b);
		m = a;
		armvirt_mpam_caps_meet(&m, &b);
		assert_int_equal(m.partid_max,
				 a.partid_max < b.partid_max ? a.partid_max : b.partid_max);
		assert_int_equal(m.pmg_max, a.pmg_max < b.pmg_max ? a.pmg_max : b.pmg_max);
		assert_int_equal(m.vpm_count,
				 a.vpm_count < b.vpm_count ? a.vpm_count : b.vpm_count);
		assert_int_equal(m.has_hcr, a.has_hcr && b.has_hcr);
		assert_int_equal(m.has_tidr, a.has_tidr && b.has_tidr);
		assert_int_equal(m.has_sm, a.has_sm && b.has_sm);
		assert_int_equal(m.has_bw, a.has_bw && b.has_bw);
		assert_int_equal(m.el2_is_highest, a.el2_is_highest && b.el2_is_highest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_told_apart),
		cmocka_unit_test(hidden_guest_reaches_nothing),
		cmocka_unit_test(virtual_guest_stays_in_its_space),
		cmocka_unit_test(host_is_not_trapped),
		cmocka_unit_test(order_of_the_writes),
		cmocka_unit_test(refusals_leave_the_output_alone),
		cmocka_unit_test(caps_meet_takes_the_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
