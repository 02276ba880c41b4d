/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPU interface in software against the model of the hardware: the same list registers, the
 * same accesses, the same answers and the same registers afterwards. GICv3 by call or as a trapped
 * access of AArch64 or AArch32 through the dispatch of system registers, GICv2 by call.
 *
 * ARMVIRT_TEST_SEED replays a run, ARMVIRT_TEST_SCALE is quick, full or long.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libarmvirt/regs.h>
#include <libarmvirt/sysreg.h>
#include <libarmvirt/vgic.h>

#include "vcpuif.h"

static uint64_t rng, seed;
static unsigned long op;

#define CHECK(x)                                                                               \
	do {                                                                                   \
		if (!(x)) {                                                                    \
			fprintf(stderr,                                                        \
				"%s:%d: %s\noperation %lu of ARMVIRT_TEST_SEED=%" PRIu64 "\n", \
				__FILE__, __LINE__, #x, op, seed);                             \
			exit(1);                                                               \
		}                                                                              \
	} while (0)

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng >> 11;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu;
static armvirt_vgic_irq_t spi[64] __attribute__((aligned(8)));
static struct vcpuif model;

static struct guest {
	uint64_t own[3]; /* the trap stands behind other things */
	struct armvirt_vgic_trap trap;
} guest;

static const struct armvirt_sysreg_entry rows[] = {
	ARMVIRT_VGIC_SYSREG_ROWS(ARMVIRT_SYSREG_A64, offsetof(struct guest, trap)),
	ARMVIRT_VGIC_SYSREG_ROWS(ARMVIRT_SYSREG_CP15, offsetof(struct guest, trap)),
	ARMVIRT_VGIC_SYSREG_SGI_ROWS(offsetof(struct guest, trap)),
};
static struct armvirt_sysreg_index rows_index;

/* What the processor records of MSR, MRS, MCR, MRC, and of MCRR with op2 8. Rt is 3, Rt2 is 4. */
static struct armvirt_exit trapped(unsigned crn, unsigned crm, unsigned op2, bool a32, bool read)
{
	struct armvirt_exit_regs r = {.pstate = a32 ? 0x13 : 5};
	struct armvirt_exit e;

	if (op2 >= 8)
		r.esr = UINT64_C(0x04) << 26 | 1 << 25 | 1 << 24 | 14 << 20 | (op2 - 8) << 16 |
			4 << 10 | 3 << 5 | crm << 1 | read;
	else if (a32)
		r.esr = UINT64_C(0x03) << 26 | 1 << 25 | 1 << 24 | 14 << 20 | op2 << 17 |
			crn << 10 | 3 << 5 | crm << 1 | read;
	else
		r.esr = UINT64_C(0x18) << 26 | 1 << 25 | 3 << 20 | op2 << 17 | crn << 10 | 3 << 5 |
			crm << 1 | read;
	armvirt_exit_decode(&e, &r);
	return e;
}

static enum armvirt_status trap(unsigned crn, unsigned crm, unsigned op2, bool read,
				uint64_t *value)
{
	struct armvirt_frame frame = {.pc = 0x1000};
	bool sgi = crn == 12 && crm == 11 && op2 >= 5 && op2 < 8; /* no MCR form of those */
	bool a32 = !sgi && (op2 >= 8 || below(2));
	struct armvirt_exit e = trapped(crn, crm, op2, a32, read);
	enum armvirt_status s;

	frame.x[3] = *value | (a32 ? rnd() << 53 : 0); /* upper halves are nothing to AArch32 */
	if (op2 >= 8) {
		frame.x[3] = (uint32_t)*value;
		frame.x[4] = *value >> 32;
	}
	s = armvirt_sysreg_emulate(&rows_index, &guest, &e, &frame);
	CHECK(frame.pc == (s == ARMVIRT_OK ? 0x1004 : 0x1000));
	if (read)
		*value = frame.x[3];
	return s;
}

/* Where the registers are in the instruction: CRn, CRm, op2. */
static const uint8_t place[ARMVIRT_VGIC_CPUIF_COUNT][3] = {
	[ARMVIRT_VGIC_CPUIF_PMR] = {4, 6, 0},       [ARMVIRT_VGIC_CPUIF_CTLR] = {12, 12, 4},
	[ARMVIRT_VGIC_CPUIF_BPR0] = {12, 8, 3},     [ARMVIRT_VGIC_CPUIF_BPR1] = {12, 12, 3},
	[ARMVIRT_VGIC_CPUIF_IGRPEN0] = {12, 12, 6}, [ARMVIRT_VGIC_CPUIF_IGRPEN1] = {12, 12, 7},
	[ARMVIRT_VGIC_CPUIF_IAR0] = {12, 8, 0},     [ARMVIRT_VGIC_CPUIF_IAR1] = {12, 12, 0},
	[ARMVIRT_VGIC_CPUIF_EOIR0] = {12, 8, 1},    [ARMVIRT_VGIC_CPUIF_EOIR1] = {12, 12, 1},
	[ARMVIRT_VGIC_CPUIF_HPPIR0] = {12, 8, 2},   [ARMVIRT_VGIC_CPUIF_HPPIR1] = {12, 12, 2},
	[ARMVIRT_VGIC_CPUIF_RPR] = {12, 11, 3},     [ARMVIRT_VGIC_CPUIF_DIR] = {12, 11, 1},
	[ARMVIRT_VGIC_CPUIF_SRE] = {12, 12, 5},     [ARMVIRT_VGIC_CPUIF_AP0R0] = {12, 8, 4},
	[ARMVIRT_VGIC_CPUIF_AP0R1] = {12, 8, 5},    [ARMVIRT_VGIC_CPUIF_AP0R2] = {12, 8, 6},
	[ARMVIRT_VGIC_CPUIF_AP0R3] = {12, 8, 7},    [ARMVIRT_VGIC_CPUIF_AP1R0] = {12, 9, 0},
	[ARMVIRT_VGIC_CPUIF_AP1R1] = {12, 9, 1},    [ARMVIRT_VGIC_CPUIF_AP1R2] = {12, 9, 2},
	[ARMVIRT_VGIC_CPUIF_AP1R3] = {12, 9, 3},
};

static uint64_t get(unsigned reg)
{
	uint64_t value = 0;

	if (vm.v2 || below(2))
		return armvirt_vgic_cpuif_read(&vm, &vcpu, (enum armvirt_vgic_cpuif_reg)reg);
	CHECK(trap(place[reg][0], place[reg][1], place[reg][2], true, &value) == ARMVIRT_OK);
	return value;
}

static struct armvirt_vgic_actions put(unsigned reg, uint64_t v)
{
	if (vm.v2 || below(2))
		return armvirt_vgic_cpuif_write(&vm, &vcpu, (enum armvirt_vgic_cpuif_reg)reg, v);
	CHECK(trap(place[reg][0], place[reg][1], place[reg][2], false, &v) == ARMVIRT_OK);
	return guest.trap.actions;
}

static void fill(void)
{
	unsigned base = 16 + below(40);

	vcpu.image.used = 0;
	for (unsigned i = 0; i < vm.caps.lr_count; i++) {
		uint64_t lr = rnd() & 3, intid = base + i;
		bool hw = below(4) == 0;

		if (hw && lr == 3)
			lr = 1;
		if (vm.v2 && below(4) == 0) {
			intid = i | (rnd() & 7) << 10;
			hw = false;
		}
		/* distinct priorities: among equals the choice is the implementation's */
		lr = lr << 62 | (uint64_t)(below(2)) << 60 |
		     (uint64_t)(((i * 11 + base) & 31) << 3) << 48 | intid;
		lr |= hw ? UINT64_C(1) << 61 | (intid & 0x3ff) << 32 : (uint64_t)below(2) << 41;
		vcpu.image.lr[i] = lr;
		vcpu.image.used |= (uint16_t)(1u << i);
		vcpuif_lr_write(&model, i, lr);
	}
	for (unsigned i = 0; i < 1u << (vm.caps.pre_bits - 5); i++) {
		uint32_t a = below(3) ? 0 : (uint32_t)rnd() & (uint32_t)rnd() & (uint32_t)rnd();
		uint32_t b =
			below(3) ? 0 : (uint32_t)rnd() & (uint32_t)rnd() & (uint32_t)rnd() & ~a;

		vcpu.image.ap0r[i] = a;
		vcpu.image.ap1r[i] = b;
		vcpuif_ap_write(&model, 0, i, a);
		vcpuif_ap_write(&model, 1, i, b);
	}
	vcpu.image.vmcr = ((uint32_t)rnd() & 0xfffc0013) | (below(2) ? 0xff000003 : 0);
	vcpuif_vmcr_write(&model, vcpu.image.vmcr);
	vcpu.image.hcr = 1;
	vcpuif_hcr_write(&model, 1);
}

static void compare(void)
{
	for (unsigned i = 0; i < vm.caps.lr_count; i++)
		CHECK(vcpuif_lr_read(&model, i) == vcpu.image.lr[i]);
	for (unsigned i = 0; i < 1u << (vm.caps.pre_bits - 5); i++) {
		CHECK(vcpuif_ap_read(&model, 0, i) == vcpu.image.ap0r[i]);
		CHECK(vcpuif_ap_read(&model, 1, i) == vcpu.image.ap1r[i]);
	}
	CHECK(vcpuif_hcr_read(&model) == vcpu.image.hcr);
	CHECK((vcpuif_vmcr_read(&model) & 0xff000213) == (vcpu.image.vmcr & 0xff000213));
	CHECK(armvirt_vgic_deliverable(&vm, &vcpu) == vcpuif_irq(&model));
	for (unsigned g = 0; g < 2; g++) {
		CHECK(get(ARMVIRT_VGIC_CPUIF_BPR0 + g) == vcpuif_bpr_read(&model, g));
		CHECK(get(ARMVIRT_VGIC_CPUIF_HPPIR0 + g) == vcpuif_hppir(&model, g));
	}
	CHECK(get(ARMVIRT_VGIC_CPUIF_RPR) == vcpuif_rpr(&model));
	CHECK(get(ARMVIRT_VGIC_CPUIF_PMR) == vcpuif_pmr_read(&model));
}

static void step(void)
{
	unsigned g = below(2), v = (unsigned)rnd() & 0xff;
	struct armvirt_vgic_actions a = {0};
	uint32_t intid;

	op++;
	switch (below(10)) {
	case 8:
		intid = (uint32_t)vcpu.image.lr[below(vm.caps.lr_count)];
		if (vcpuif_active(&model, intid) || !model.eoimode) { /* the rest is the engine's */
			a = put(ARMVIRT_VGIC_CPUIF_DIR, intid);
			vcpuif_dir(&model, intid);
			CHECK((a.deactivate != 0) == (model.deactivated != 0));
		}
		break;
	case 9:
		v = below(1u << (vm.caps.pre_bits - 5));
		intid = (uint32_t)rnd() & (uint32_t)rnd() & ~vcpuif_ap_read(&model, !g, v);
		put((g ? ARMVIRT_VGIC_CPUIF_AP1R0 : ARMVIRT_VGIC_CPUIF_AP0R0) + v, intid);
		vcpuif_ap_write(&model, g, v, intid);
		CHECK(get((g ? ARMVIRT_VGIC_CPUIF_AP1R0 : ARMVIRT_VGIC_CPUIF_AP0R0) + v) == intid);
		break;
	case 0:
	case 1:
		CHECK(get(ARMVIRT_VGIC_CPUIF_IAR0 + g) == vcpuif_iar(&model, g));
		break;
	case 2:
	case 3:
		intid = (uint32_t)vcpu.image.lr[below(vm.caps.lr_count)];
		if (below(8) == 0)
			intid = below(1024);
		a = put(ARMVIRT_VGIC_CPUIF_EOIR0 + g, intid);
		vcpuif_eoir(&model, g, intid);
		CHECK((a.deactivate != 0) == (model.deactivated != 0));
		if (a.deactivate)
			CHECK(a.base + (unsigned)__builtin_ctz(a.deactivate) == model.deactivated);
		break;
	case 4:
		put(ARMVIRT_VGIC_CPUIF_PMR, v);
		vcpuif_pmr_write(&model, v);
		break;
	case 5:
		put(ARMVIRT_VGIC_CPUIF_BPR0 + g, v);
		vcpuif_bpr_write(&model, g, v);
		break;
	case 6:
		put(ARMVIRT_VGIC_CPUIF_IGRPEN0 + g, v & 1);
		vcpuif_igrpen_write(&model, g, v & 1);
		break;
	default:
		put(ARMVIRT_VGIC_CPUIF_CTLR, v & 3);
		vcpuif_ctlr_write(&model, v & 2, v & 1);
		break;
	}
	compare();
}

static void episode(unsigned lrs, unsigned pri, unsigned pre, bool v2)
{
	struct armvirt_vgic_caps caps = {(uint8_t)lrs, (uint8_t)pri, (uint8_t)pre, 16, 0};
	const struct armvirt_vgic_config config = {.caps = &caps,
						   .spi = spi,
						   .vcpu = &vcpu,
						   .vcpu_stride = sizeof(vcpu),
						   .vcpu_count = 1,
						   .spi_count = 64,
						   .v2 = v2};
	const struct vcpuif_shape shape = {.lrs = lrs, .pri_bits = pri, .pre_bits = pre, .v2 = v2};

	CHECK(armvirt_vgic_init(&vm, &config, sizeof(vm)) == ARMVIRT_OK);
	guest.trap = (struct armvirt_vgic_trap){.vm = &vm};
	vcpuif_init(&model, &shape);
	fill();
	for (unsigned i = 0; i < 40; i++)
		step();
}

/* What the dispatch refuses, and what the registers without state answer. */
static void edges(void)
{
	uint64_t v = 0;

	episode(4, 5, 5, false);
	CHECK(get(ARMVIRT_VGIC_CPUIF_SRE) == 7);
	put(ARMVIRT_VGIC_CPUIF_SRE, 0);
	CHECK(get(ARMVIRT_VGIC_CPUIF_SRE) == 7);
	CHECK(get(ARMVIRT_VGIC_CPUIF_CTLR) >> 8 == 4); /* 5 bits of priority, 16 of INTID */
	for (unsigned n = 1; n < 4; n++) {
		CHECK(trap(12, 8, 4 + n, true, &v) == ARMVIRT_E_ABSENT);
		CHECK(trap(12, 9, n, false, &v) == ARMVIRT_E_ABSENT);
	}
	CHECK(trap(12, 8, 0, false, &v) == ARMVIRT_E_DENIED); /* IAR0 */
	CHECK(trap(12, 8, 1, true, &v) == ARMVIRT_E_DENIED);  /* EOIR0 */
	CHECK(trap(12, 11, 1, true, &v) == ARMVIRT_E_DENIED); /* DIR */
	CHECK(trap(12, 9, 5, true, &v) == ARMVIRT_E_ABSENT);  /* NMIAR1 */
	CHECK(trap(12, 12, 8 + 3, false, &v) == ARMVIRT_E_ABSENT);
	episode(4, 5, 5, true);
	CHECK(trap(4, 6, 0, true, &v) == ARMVIRT_E_ABSENT); /* a GICv2 has no registers */
}

/* SGIs from each of the registers, by MSR and by MCRR: the target's group decides. */
static void sgis(void)
{
	static struct armvirt_vgic_vcpu cpu[4];
	const struct armvirt_vgic_caps caps = {4, 5, 5, 16, 0};
	const struct armvirt_vgic_config config = {
		.caps = &caps, .vcpu = cpu, .vcpu_stride = sizeof(cpu[0]), .vcpu_count = 4};

	for (unsigned n = 0; n < 200; n++) {
		uint32_t group1 = (uint32_t)rnd() & 0xffff, intid = below(16), mask = below(16);
		bool all = below(4) == 0;
		unsigned which = below(3), from = below(4); /* SGI1R, ASGI1R, SGI0R */
		uint64_t v = (uint64_t)all << 40 | intid << 24 | mask;

		CHECK(armvirt_vgic_init(&vm, &config, sizeof(vm)) == ARMVIRT_OK);
		guest.trap = (struct armvirt_vgic_trap){.vm = &vm, .vcpu = from};
		for (unsigned i = 0; i < 4; i++) {
			armvirt_vgic_redist_write(&vm, i, 0x10080, 4, group1);
			armvirt_vgic_redist_write(&vm, i, 0x10100, 4, UINT32_MAX);
		}
		if (below(2))
			CHECK(trap(12, 12, 8 + which, false, &v) == ARMVIRT_OK);
		else
			CHECK(trap(12, 11, 5 + which, false, &v) == ARMVIRT_OK);
		for (unsigned i = 0; i < 4; i++) {
			bool hit = (all ? i != from : mask >> i & 1) &&
				   (group1 >> intid & 1) == (which == 0);

			CHECK(!hit || armvirt_vgic_redist_read(&vm, i, 0x10200, 4) >> intid & 1);
			CHECK(hit || armvirt_vgic_redist_read(&vm, i, 0x10200, 4) == 0);
			CHECK((guest.trap.actions.kick >> i & 1) == hit);
		}
	}
}

int main(void)
{
	const char *s = getenv("ARMVIRT_TEST_SEED"), *scale = getenv("ARMVIRT_TEST_SCALE");
	unsigned long total = 200000;

	if (scale && !strcmp(scale, "full"))
		total = 5000000;
	if (scale && !strcmp(scale, "long"))
		total = 200000000;
	/* The same run every time, but for the long one. */
	seed = s ? strtoull(s, NULL, 0) : total > 5000000 ? (uint64_t)time(NULL) : 1795399485;
	rng = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	CHECK(sizeof(rows) / sizeof(rows[0]) ==
	      2 * ARMVIRT_VGIC_SYSREG_ROW_COUNT + ARMVIRT_VGIC_SYSREG_SGI_ROW_COUNT);
	CHECK(armvirt_sysreg_index_init(
		      &rows_index, &(struct armvirt_sysreg_table){
					   rows, sizeof(rows) / sizeof(rows[0])}) == ARMVIRT_OK);
	edges();
	sgis();
	while (op < total)
		for (unsigned lrs = 1; lrs <= 16; lrs++)
			for (unsigned pre = 5; pre <= 7; pre++)
				for (unsigned pri = pre; pri <= 8; pri++) {
					episode(lrs, pri, pre, false);
					if (pri == 5)
						episode(lrs, 5, 5, true);
				}
	printf("%lu operations, ARMVIRT_TEST_SEED=%" PRIu64 "\n", op, seed);
	return 0;
}
