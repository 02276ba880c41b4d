/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MPAM registers of a processor that has none: each access is UNDEFINED at
 * EL2, and the vectors hand it to the model's processor. So the instructions of
 * armvirt_hw_mpam_*() are executed as they are, encodings included.
 */
#include "system.h"

#include <libarmvirt/mpam.h>
#include <libarmvirt/vcpu.h>

#include "mpam_pe.h"

#define HCR_E2H (UINT64_C(1) << 34)

enum { ROUNDS = 2000 };

static struct mpam_pe pe;
static uint64_t rng = 88172645463325252;
static unsigned emulated, passed;

extern const char mpam_vectors[];
struct armvirt_vcpu *mpam_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
unsigned mpam_irq(struct armvirt_vcpu *vcpu);
void mpam_undefined(struct armvirt_el2_frame *f);

struct armvirt_vcpu *mpam_general(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	(void)answer;
	fail("guest exit %u", cause);
	return vcpu;
}

unsigned mpam_irq(struct armvirt_vcpu *vcpu)
{
	(void)vcpu;
	fail("interrupt");
}

/* MRS or MSR S3_<op1>_C10_<CRm>_<op2> */
void mpam_undefined(struct armvirt_el2_frame *f)
{
	uint32_t insn = *(const uint32_t *)(uintptr_t)f->pc;
	unsigned op1 = insn >> 16 & 7, crm = insn >> 8 & 15, op2 = insn >> 5 & 7, rt = insn & 31;

	if (f->esr >> 26 != 0 || (insn & 0xffd8f000) != 0xd518a000)
		fail("ESR 0x%lx at 0x%lx", f->esr, f->pc);
	if (insn >> 21 & 1) {
		uint64_t v = mpam_pe_read(&pe, op1, crm, op2);

		if (rt != 31)
			f->x[rt] = v;
	} else {
		mpam_pe_write(&pe, op1, crm, op2, rt == 31 ? 0 : f->x[rt]);
	}
	f->pc += 4;
	emulated++;
}

static unsigned below(unsigned n)
{
	return (unsigned)(random_next(&rng) >> 32) % n;
}

static void processor(struct armvirt_mpam_caps *caps, bool e2h)
{
	struct mpam_pe_params p = {
		.partid_max = 1 + below(1000),
		.pmg_max = below(256),
		.has_hcr = below(4) != 0,
		.has_tidr = below(2),
		.has_sme = below(2),
		.has_bw = below(2),
		.has_el3 = below(2),
		.el3_mpamen = true,
		.e2h = e2h,
	};
	struct armvirt_idregs id = {{0}};

	if (p.has_hcr)
		p.vpmr_max = below(8);
	mpam_pe_reset(&pe, &p, random_next(&rng));
	id.reg[ARMVIRT_IDREG_ID_AA64PFR0_EL1] = UINT64_C(1) << 40 | (uint64_t)p.has_el3 << 12;
	id.reg[ARMVIRT_IDREG_ID_AA64PFR1_EL1] = (uint64_t)p.has_sme << 24;
	id.reg[ARMVIRT_IDREG_MPAMIDR_EL1] = armvirt_hw_mpam_idr_read();
	if (armvirt_mpam_caps_derive(caps, &id) != ARMVIRT_OK || caps->partid_max != p.partid_max)
		fail("capabilities");
}

static void check_tags(const struct armvirt_mpam_vm *vm, const struct armvirt_mpam_caps *caps)
{
	for (unsigned i = 0; i < 40; i++) {
		struct armvirt_mpam_tag in = {(uint16_t)below(caps->partid_max + 20u),
					      (uint8_t)below(256)};
		struct armvirt_mpam_tag out = armvirt_mpam_translate(vm, caps, in);
		uint64_t v = (uint64_t)in.pmg << 40 | (uint64_t)in.pmg << 32 |
			     (uint64_t)in.partid << 16 | in.partid;

		(void)mpam_pe_guest(&pe, 0, 5, 0, true, &v);
		(void)mpam_pe_guest(&pe, 0, 5, 1, true, &v);
		for (int what = 0; what < 4; what++) {
			struct mpam_pe_tag tag = mpam_pe_tag(&pe, what & 1, what >> 1);

			if (tag.partid != out.partid || tag.pmg != out.pmg)
				fail("shape %u: PARTID %u becomes %u.%u, expected %u.%u", vm->shape,
				     in.partid, tag.partid, tag.pmg, out.partid, out.pmg);
		}
	}
}

static void one(bool e2h)
{
	struct armvirt_mpam_caps caps;
	struct armvirt_mpam_vm vm;
	struct armvirt_mpam_vcpu vcpu, back;
	uint16_t list[ARMVIRT_MPAM_VPARTIDS_MAX];
	struct armvirt_mpam_vm_request r = {.partid = list, .partid_count = 1};

	processor(&caps, e2h);
	r.shape = caps.has_hcr && below(2) ? ARMVIRT_MPAM_VIRTUAL : ARMVIRT_MPAM_HIDDEN;
	if (r.shape == ARMVIRT_MPAM_VIRTUAL)
		r.partid_count = (uint16_t)(1 + below(caps.vpm_count));
	for (unsigned i = 0; i < r.partid_count; i++)
		list[i] = (uint16_t)(1 + below(caps.partid_max));
	r.own.partid = (uint16_t)below(caps.partid_max + 1u);
	if (armvirt_mpam_vm_build(&vm, &caps, &r) != ARMVIRT_OK)
		fail("armvirt_mpam_vm_build()");
	armvirt_mpam_vcpu_reset(&vcpu, &vm);
	armvirt_hw_mpam_load(&vm, &vcpu);
	if (pe.undefined != 0)
		fail("%u accesses to registers that this processor lacks", pe.undefined);
	if (!armvirt_hw_mpam_enabled() || mpam_pe_tag(&pe, 2, false).partid != r.own.partid)
		fail("EL2's own PARTID");
	check_tags(&vm, &caps);
	back = vcpu;
	armvirt_hw_mpam_save(&vm, &back);
	if (r.shape == ARMVIRT_MPAM_VIRTUAL &&
	    ((back.mpam1 ^ pe.mpam1) << 16 != 0 || back.mpam0 != pe.mpam0))
		fail("what the guest wrote was not saved");
	passed++;
}

void system_main(void)
{
	bool vhe = (read_sysreg("id_aa64mmfr1_el1") >> 8 & 15) != 0;

	write_sysreg("vbar_el2", (uintptr_t)mpam_vectors);
	__asm__ volatile("isb");
	for (unsigned i = 0; i < ROUNDS; i++)
		one(false);
	if (vhe) {
		write_sysreg("hcr_el2", read_sysreg("hcr_el2") | HCR_E2H);
		__asm__ volatile("isb");
		for (unsigned i = 0; i < ROUNDS; i++)
			one(true);
	}
	print("%u accesses were the model's\n", emulated);
	finish(passed, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
