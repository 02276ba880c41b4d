/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GICv2: the GICH and GICV registers of the machine against the model, and the library's engine
 * on them. GICV is memory: the "guest" is this program at EL2.
 *
 * Differences of the emulator, by name:
 *  - gich-eoi-unlisted: an EOIR of an INTID in no list register counts in GICH_HCR.EOICount but
 * drops no priority; the architecture does both. Only what is listed is ended here.
 *  - gicv-group-off: a pending interrupt of a disabled group is acknowledged, and hides others,
 * while the other group is enabled; the architecture passes it over. Both groups are on or off
 * here. (GICV_AIAR and its like are not there: group 1 is acknowledged with AckCtl.)
 */
#include <libarmvirt/vgic.h>

#include "system.h"
#include "vcpuif.h"

#define GICH ((uintptr_t)0x08030000)
#define GICV ((uintptr_t)0x08040000)

enum { HCR = 0, VTR = 4, VMCR = 8, MISR = 0x10, EISR = 0x20, ELRSR = 0x30, APR = 0xf0, LR = 0x100 };
enum { CTLR = 0, PMR = 4, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18, DIR = 0x1000 };

#define SPURIOUS 1023
#define ACKCTL   4

static struct vcpuif model;
static uint64_t state, start;
static unsigned long step_count;

static uint32_t get(uintptr_t base, unsigned offset)
{
	return *(volatile uint32_t *)(base + offset);
}

static void put(uintptr_t base, unsigned offset, uint32_t v)
{
	*(volatile uint32_t *)(base + offset) = v;
}

static uint64_t rnd(void)
{
	return random_next(&state) >> 8;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

/* The form of GICH_LR, from the model's. */
static uint32_t lr_narrow(uint64_t v)
{
	return (uint32_t)(v >> 61 & 1) << 31 | (uint32_t)(v >> 60 & 1) << 30 |
	       (uint32_t)(v >> 62) << 28 | (uint32_t)(v >> 51 & 31) << 23 |
	       (uint32_t)(v >> 41 & 1) << 19 | (uint32_t)(v >> 10 & 7) << 10 |
	       (uint32_t)(v & 0x3ff);
}

static void same(const char *what, uint64_t gic, uint64_t want)
{
	if (gic == want)
		return;
	for (unsigned i = 0; i < 4; i++)
		print("LR%u %08x model %08x\n", i, get(GICH, LR + 4 * i),
		      lr_narrow(vcpuif_lr_read(&model, i)));
	print("VMCR %08x APR %08x, model %08x %08x\n", get(GICH, VMCR), get(GICH, APR),
	      vcpuif_vmcr_read(&model), vcpuif_ap_read(&model, 0, 0));
	fail("%s: GIC %lx, model %lx, seed=%lu step %lu", what, gic, want, start, step_count);
}

static void compare(void)
{
	for (unsigned i = 0; i < 4; i++)
		same("LR", get(GICH, LR + 4 * i), lr_narrow(vcpuif_lr_read(&model, i)));
	same("ELRSR", get(GICH, ELRSR), vcpuif_elrsr(&model));
	same("EISR", get(GICH, EISR), vcpuif_eisr(&model));
	same("MISR", get(GICH, MISR), vcpuif_misr(&model));
	same("HCR", get(GICH, HCR), vcpuif_hcr_read(&model));
	same("APR", get(GICH, APR), vcpuif_ap_read(&model, 0, 0));
	same("VMCR", get(GICH, VMCR) & 0xf8000203, vcpuif_vmcr_read(&model) & 0xf8000203);
	same("RPR", get(GICV, RPR), vcpuif_rpr(&model));
}

static void fresh(void)
{
	unsigned base = 40 + below(60);
	uint32_t vmcr = (below(2) ? 0xf8000000 : (uint32_t)rnd() & 0xf8000000) | 2 << 21 | 3 << 18 |
			ACKCTL | (below(4) ? 3 : 0) | (uint32_t)below(2) << 9;
	uint32_t hcr = 1 | ((uint32_t)rnd() & 0xfe);

	for (unsigned i = 0; i < 4; i++) {
		bool sgi = below(4) == 0;
		uint64_t v = rnd() << 62 | (uint64_t)below(2) << 60 |
			     (uint64_t)((i * 11 + base) % 32 << 3) << 48 |
			     (uint64_t)below(2) << 41 |
			     (sgi ? (uint64_t)below(8) << 10 | i : base + i);

		vcpuif_lr_write(&model, i, v);
		put(GICH, LR + 4 * i, lr_narrow(v));
	}
	put(GICH, APR, 0);
	vcpuif_ap_write(&model, 0, 0, 0);
	put(GICH, VMCR, vmcr);
	vcpuif_vmcr_write(&model, vmcr);
	put(GICH, HCR, hcr);
	vcpuif_hcr_write(&model, hcr);
}

static uint32_t model_iar(void)
{
	uint32_t id = vcpuif_iar(&model, 0);

	return id == SPURIOUS ? vcpuif_iar(&model, 1) : id;
}

/* The interrupt that an end must name: active, of the running priority. */
static const struct vcpuif_lr *running(void)
{
	const struct vcpuif_lr *r = NULL;

	for (unsigned i = 0; i < 4; i++)
		if (model.lr[i].active && model.lr[i].prio == vcpuif_rpr(&model))
			r = &model.lr[i];
	return r;
}

static void step(void)
{
	const struct vcpuif_lr *r = running();
	uint32_t v = (uint32_t)rnd(), id;

	switch (below(6)) {
	case 0:
	case 1:
		same("IAR", get(GICV, IAR), model_iar());
		break;
	case 2:
	case 3:
		if (!r)
			break;
		id = r->source << 10 | r->intid;
		put(GICV, EOIR, id);
		vcpuif_eoir(&model, r->group1, id);
		if (model.eoimode && below(2)) {
			put(GICV, DIR, id);
			vcpuif_dir(&model, id);
		}
		break;
	case 4:
		put(GICV, PMR, v & 0xf8);
		vcpuif_pmr_write(&model, v & 0xf8);
		break;
	default:
		put(GICV, CTLR, ACKCTL | (v & 3 ? 3 : 0) | (uint32_t)model.eoimode << 9);
		vcpuif_igrpen_write(&model, 0, v & 3);
		vcpuif_igrpen_write(&model, 1, v & 3);
		break;
	}
}

/* --- the engine --- */

#define INTIDS 64

static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu[4];
static armvirt_vgic_irq_t spi[32] __attribute__((aligned(8)));
static uint8_t prio[INTIDS], senders[INTIDS]; /* what is pending: of an SPI bit 0 */
static unsigned long acknowledged;

/* An exit, and one for each maintenance interrupt that follows. */
static void serve(void)
{
	struct armvirt_vgic_actions a;
	unsigned n = 0;

	do {
		if (n++ > 100)
			fail("maintenance interrupts without an end, MISR %x, seed=%lu",
			     get(GICH, MISR), start);
		do
			a = armvirt_hw_vgic2_maintain(&vm, &vcpu[0], GICH);
		while (a.flags & ARMVIRT_VGIC_MORE);
	} while (get(GICH, MISR));
}

static void engine_make(void)
{
	struct armvirt_vgic_caps caps;
	const struct armvirt_vgic_config config = {.caps = &caps,
						   .spi = spi,
						   .vcpu = vcpu,
						   .vcpu_stride = sizeof(vcpu[0]),
						   .vcpu_count = 4,
						   .spi_count = 32,
						   .v2 = true};

	if (armvirt_vgic_caps_from_gich_vtr(&caps, get(GICH, VTR)) != ARMVIRT_OK ||
	    armvirt_vgic_init(&vm, &config, sizeof(vm)) != ARMVIRT_OK)
		fail("no virtual GIC from GICH_VTR %x", get(GICH, VTR));
	for (uint32_t n = 0; n < INTIDS / 8; n += 4)
		armvirt_vgic_dist_write(&vm, 0, 0x100 + n, 4, UINT32_MAX);
	for (uint32_t i = 0; i < INTIDS; i++) {
		prio[i] = (uint8_t)(i * 37 & 0xf8);
		armvirt_vgic_dist_write(&vm, 0, 0x400 + i, 1, prio[i]);
	}
	armvirt_vgic_dist_write(&vm, 0, 0, 4, 1);
	vcpu[0].image.vmcr = 0xf8000001;
	for (unsigned i = 0; i < 4; i++)
		put(GICH, LR + 4 * i, 0);
	armvirt_hw_vgic2_load(&vm, &vcpu[0], GICH);
	serve();
}

static void event(void)
{
	unsigned intid = below(INTIDS), from = below(4);

	if (intid < 16) {
		armvirt_vgic_dist_write(&vm, from, 0xf00, 4, 1u << 16 | intid);
		senders[intid] |= (uint8_t)(1u << from);
	} else {
		armvirt_vgic_set_edge(&vm, 0, intid);
		senders[intid] = 1;
	}
}

/* Acknowledges, checks that nothing more urgent is pending, ends. */
static bool take(void)
{
	uint32_t id = get(GICV, IAR), intid = id & 0x3ff, from = id >> 10;

	for (unsigned i = 0; i < INTIDS; i++)
		if (senders[i] && prio[i] < 0xf8 && (id == SPURIOUS || prio[i] < prio[intid]))
			fail("IAR %x but %u is pending, seed=%lu", id, i, start);
	if (id == SPURIOUS)
		return false;
	if (intid >= INTIDS || !(senders[intid] >> from & 1))
		fail("IAR %x, which nobody sent, seed=%lu", id, start);
	senders[intid] = (uint8_t)(senders[intid] & ~(1u << from));
	put(GICV, EOIR, id);
	serve();
	acknowledged++;
	return true;
}

static void engine(unsigned long rounds)
{
	engine_make();
	for (unsigned long i = 0; i < rounds; i++) {
		for (unsigned n = below(4); n--;)
			event();
		serve();
		if (below(8) == 0) { /* to another time slice and back */
			armvirt_hw_vgic2_put(&vm, &vcpu[0], GICH);
			for (unsigned k = 0; k < 4; k++)
				if (get(GICH, LR + 4 * k) >> 28 & 3)
					fail("LR%u is left behind", k);
			armvirt_hw_vgic2_load(&vm, &vcpu[0], GICH);
			serve();
		}
		take();
	}
	while (take())
		;
	print("%lu acknowledged\n", acknowledged);
}

void system_main(void)
{
	const struct vcpuif_shape shape = {
		.lrs = 4, .pri_bits = 5, .pre_bits = 5, .v2 = true, .one_apr = true};
	uint64_t steps = argument("steps", 20000);

	start = state = argument("seed", 1);
	if ((get(GICH, VTR) & 0x3f) != 3)
		fail("GICH_VTR %x: this test knows 4 list registers", get(GICH, VTR));
	vcpuif_init(&model, &shape);
	for (step_count = 0; step_count < steps; step_count++) {
		if (step_count % 25 == 0)
			fresh();
		else
			step();
		compare();
	}
	print("%lu steps, seed=%lu\n", step_count, start);
	engine(20000);
	finish(2, 0);
}

void system_secondary(uint64_t cpu)
{
	(void)cpu;
}
