/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's virtual CPU interface against the model, no library code in between: the same
 * list registers, the same accesses of a guest at EL1, the same answers and the same registers.
 *
 * Differences of the emulator, by name:
 *  - eoir-counts: in EOImode 1 an EOIR of an INTID in no list register counts in EOIcount; the
 *    architecture counts DIR only. The model does so too on request (eoir_counts).
 *  - preempt-mask: an interrupt is compared with the running priority cut by its own binary point;
 * the running priority is what was cut at its own acknowledgement. The model does so too on
 * request.
 *  - misr-vgrp0d: ICH_MISR_EL2.VGrp0D says that group 1 is disabled; it is to say so of group 0.
 *  - vmcr-pmr-width: ICH_VMCR_EL2.VPMR keeps bits of a priority that are not implemented.
 */
#include "system.h"
#include "vcpuif.h"

uint64_t guest_access(unsigned n, uint64_t value);
extern char vgic_vectors[];

enum {
	IAR0,
	IAR1,
	EOIR0,
	EOIR1,
	DIR,
	PMR_W,
	BPR0_W,
	BPR1_W,
	EN0,
	EN1,
	CTLR,
	HPPIR0,
	HPPIR1,
	RPR,
	PMR,
	BPR0,
	BPR1,
	ISR,
	SRE
};

#define ICH_HCR   "s3_4_c12_c11_0"
#define ICH_VTR   "s3_4_c12_c11_1"
#define ICH_MISR  "s3_4_c12_c11_2"
#define ICH_EISR  "s3_4_c12_c11_3"
#define ICH_ELRSR "s3_4_c12_c11_5"
#define ICH_VMCR  "s3_4_c12_c11_7"
#define ICH_AP0R0 "s3_4_c12_c8_0"
#define ICH_AP1R0 "s3_4_c12_c9_0"

static struct vcpuif model;
static uint64_t state, start;
static unsigned long step_count;

static uint64_t rnd(void)
{
	return random_next(&state) >> 8;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

static uint64_t lr_get(unsigned n)
{
	switch (n) {
	case 0:
		return read_sysreg("s3_4_c12_c12_0");
	case 1:
		return read_sysreg("s3_4_c12_c12_1");
	case 2:
		return read_sysreg("s3_4_c12_c12_2");
	default:
		return read_sysreg("s3_4_c12_c12_3");
	}
}

static void lr_set(unsigned n, uint64_t v)
{
	vcpuif_lr_write(&model, n, v);
	switch (n) {
	case 0:
		write_sysreg("s3_4_c12_c12_0", v);
		break;
	case 1:
		write_sysreg("s3_4_c12_c12_1", v);
		break;
	case 2:
		write_sysreg("s3_4_c12_c12_2", v);
		break;
	default:
		write_sysreg("s3_4_c12_c12_3", v);
		break;
	}
}

static void same(const char *what, uint64_t cpu, uint64_t want)
{
	if (cpu == want)
		return;
	print("seed=%lu step %lu\n", start, step_count);
	for (unsigned i = 0; i < 4; i++)
		print("LR%u cpu %016lx model %016lx\n", i, lr_get(i), vcpuif_lr_read(&model, i));
	print("VMCR cpu %08lx model %08x HCR cpu %08lx model %08x\n", read_sysreg(ICH_VMCR),
	      vcpuif_vmcr_read(&model), read_sysreg(ICH_HCR), vcpuif_hcr_read(&model));
	fail("%s: cpu %lx, model %lx", what, cpu, want);
}

static void compare(void)
{
	for (unsigned i = 0; i < 4; i++)
		same("LR", lr_get(i), vcpuif_lr_read(&model, i));
	same("ELRSR", read_sysreg(ICH_ELRSR), vcpuif_elrsr(&model));
	same("EISR", read_sysreg(ICH_EISR), vcpuif_eisr(&model));
	same("MISR", read_sysreg(ICH_MISR) & ~UINT64_C(0x20),
	     vcpuif_misr(&model) & ~UINT32_C(0x20));
	same("misr-vgrp0d", read_sysreg(ICH_MISR) >> 5 & 1,
	     (model.hcr & 0x21) == 0x21 && !model.en1);
	same("HCR", read_sysreg(ICH_HCR), vcpuif_hcr_read(&model));
	same("VMCR", read_sysreg(ICH_VMCR) & 0xf8fc0213, vcpuif_vmcr_read(&model) & 0xf8fc0213);
	same("AP0R0", read_sysreg(ICH_AP0R0), vcpuif_ap_read(&model, 0, 0));
	same("AP1R0", read_sysreg(ICH_AP1R0), vcpuif_ap_read(&model, 1, 0));
	same("HPPIR0", guest_access(HPPIR0, 0), vcpuif_hppir(&model, 0));
	same("HPPIR1", guest_access(HPPIR1, 0), vcpuif_hppir(&model, 1));
	same("RPR", guest_access(RPR, 0), vcpuif_rpr(&model));
	same("PMR", guest_access(PMR, 0), vcpuif_pmr_read(&model));
	same("BPR0", guest_access(BPR0, 0), vcpuif_bpr_read(&model, 0));
	same("BPR1", guest_access(BPR1, 0), vcpuif_bpr_read(&model, 1));
	same("signal", (guest_access(ISR, 0) & 0xc0) != 0, vcpuif_irq(&model));
}

/* New list registers with distinct priorities: among equals the choice is the implementation's. */
static void fresh(void)
{
	unsigned base = 40 + below(60);
	uint32_t vmcr = ((uint32_t)rnd() & 0xf8fc0213) | (below(2) ? 0xf8000003 : 0);
	uint32_t ap = below(2) ? 0 : (uint32_t)(rnd() & rnd() & rnd());
	uint32_t hcr = 1 | ((uint32_t)rnd() & 0xfe);

	for (unsigned i = 0; i < 4; i++)
		lr_set(i, rnd() << 62 | (uint64_t)below(2) << 60 |
				  (uint64_t)((i * 11 + base) % 32 << 3) << 48 |
				  (uint64_t)below(2) << 41 | (base + i));
	write_sysreg(ICH_AP0R0, ap & 0x55555555);
	vcpuif_ap_write(&model, 0, 0, ap & 0x55555555);
	write_sysreg(ICH_AP1R0, ap & 0xaaaaaaaa);
	vcpuif_ap_write(&model, 1, 0, ap & 0xaaaaaaaa);
	write_sysreg(ICH_VMCR, vmcr);
	vcpuif_vmcr_write(&model, vmcr);
	write_sysreg(ICH_HCR, hcr);
	vcpuif_hcr_write(&model, hcr);
}

/* The group that an EOIR must name: of the highest active priority, else UNPREDICTABLE. */
static unsigned running_group(unsigned otherwise)
{
	uint32_t ap0 = vcpuif_ap_read(&model, 0, 0), ap1 = vcpuif_ap_read(&model, 1, 0);
	uint32_t lowest = (ap0 | ap1) & (0u - (ap0 | ap1));

	return !lowest ? otherwise : !(ap0 & lowest);
}

static void step(void)
{
	unsigned g = below(2);
	uint64_t v = rnd() & 0xff, intid = lr_get(below(4)) & 0xffff;

	if (below(8) == 0)
		intid = below(1020);
	switch (below(9)) {
	case 0:
	case 1:
		same("IAR", guest_access(IAR0 + g, 0), vcpuif_iar(&model, g));
		break;
	case 2:
	case 3:
		g = running_group(g);
		guest_access(EOIR0 + g, intid);
		vcpuif_eoir(&model, g, (uint32_t)intid);
		break;
	case 4:
		guest_access(DIR, intid);
		vcpuif_dir(&model, (uint32_t)intid);
		break;
	case 5:
		guest_access(PMR_W, v);
		vcpuif_pmr_write(&model, (unsigned)v);
		break;
	case 6:
		guest_access(g ? BPR1_W : BPR0_W, v & 7);
		vcpuif_bpr_write(&model, g, v & 7);
		break;
	case 7:
		guest_access(g ? EN1 : EN0, v & 1);
		vcpuif_igrpen_write(&model, g, v & 1);
		break;
	default:
		guest_access(CTLR, v & 3);
		vcpuif_ctlr_write(&model, v & 2, v & 1);
		break;
	}
}

void system_main(void)
{
	const struct vcpuif_shape shape = {
		.lrs = 4, .pri_bits = 5, .pre_bits = 5, .eoir_counts = true, .masks_running = true};
	uint64_t steps = argument("steps", 20000);

	start = state = argument("seed", 1);
	write_sysreg("vbar_el2", (uintptr_t)vgic_vectors);
	write_sysreg("s3_4_c12_c9_5", 0xf); /* ICC_SRE_EL2: SRE, Enable */
	__asm__ volatile("isb");
	if ((read_sysreg(ICH_VTR) & 0x1f) != 3 || read_sysreg(ICH_VTR) >> 26 != 0x24)
		fail("ICH_VTR_EL2 %lx: this test knows 4 list registers, 5 and 5 bits",
		     read_sysreg(ICH_VTR));
	write_sysreg("hcr_el2", UINT64_C(1) << 31 | 1 << 4 | 1 << 3); /* RW, IMO, FMO */
	write_sysreg("sctlr_el1", 0x30d00800);
	__asm__ volatile("isb");
	guest_access(SRE, 7);
	vcpuif_init(&model, &shape);
	for (step_count = 0; step_count < steps; step_count++) {
		if (step_count % 25 == 0)
			fresh();
		else
			step();
		compare();
	}
	print("%lu steps, seed=%lu\n", step_count, start);
	finish(1, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
