/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtual machine on modelled CPUs: one CPU a vCPU, kicks delivered at once or on demand. */
#ifndef TESTS_UNIT_VGIC_RIG_H
#define TESTS_UNIT_VGIC_RIG_H

#include <string.h>

#include <libarmvirt/vgic.h>

#include "vcpuif.h"

#define RIG_VCPUS 8

static struct armvirt_vgic rig_vm;
static struct armvirt_vgic_vcpu rig_vcpu[RIG_VCPUS];
static armvirt_vgic_irq_t rig_spi[992] __attribute__((aligned(8)));
static struct vcpuif rig_cpu[RIG_VCPUS];
static unsigned rig_count;
static uint64_t rig_kicked;               /* vCPUs that have to go through an exit */
static uint8_t rig_phys[RIG_VCPUS][1024]; /* physical interrupts that are active */
static unsigned rig_at;                   /* CPU that runs */
static unsigned rig_bad;                  /* deactivations of what was not active */

/* Worst of each call: accesses of the CPU's registers (deactivations apart) over the bound that
 * docs/vgic.md states for the shape, and words of state looked at. */
enum rig_call { RIG_LOAD, RIG_PUT, RIG_SYNC, RIG_ENTER, RIG_MAINTAIN, RIG_CALLS };
static unsigned long long rig_accesses, rig_steps, rig_dirs, rig_worst[RIG_CALLS];
static unsigned rig_over; /* calls that took more accesses than their bound */

static inline unsigned rig_bound(enum rig_call call)
{
	const struct vcpuif_shape *s = &rig_cpu[0].shape;
	unsigned n = s->lrs, ap = s->one_apr ? 1 : 2u << (s->pre_bits - 5);

	switch (call) {
	case RIG_LOAD:
		return 2 + n + ap;
	case RIG_PUT:
		return 5 + 2 * n + ap;
	default:
		return 4 + 2 * n;
	}
}

static inline void rig_begin(unsigned n)
{
	rig_accesses = rig_cpu[n].reg_accesses;
	rig_steps = vcpuif_steps;
	rig_dirs = 0;
}

static inline void rig_end(unsigned n, enum rig_call call)
{
	if (rig_cpu[n].reg_accesses - rig_accesses - rig_dirs > rig_bound(call))
		rig_over++;
	if (vcpuif_steps - rig_steps > rig_worst[call])
		rig_worst[call] = vcpuif_steps - rig_steps;
}

static inline void rig_deactivated(unsigned pintid)
{
	unsigned at = pintid < 32 ? rig_at : 0;

	if (pintid >= 1024 || !rig_phys[at][pintid])
		rig_bad++;
	else
		rig_phys[at][pintid] = 0;
}

/* By ICC_DIR_EL1, which is no access of a list register. */
static inline void rig_dir(unsigned pintid)
{
	rig_dirs++;
	rig_deactivated(pintid);
}

static inline void rig_do(struct armvirt_vgic_actions a)
{
	rig_kicked |= a.kick;
	for (unsigned i = 0; i < 32; i++)
		if (a.deactivate >> i & 1)
			rig_deactivated(a.base + i);
}

static inline struct vcpuif_shape rig_shape(unsigned lrs, unsigned pri, unsigned pre)
{
	return (struct vcpuif_shape){.lrs = lrs, .pri_bits = pri, .pre_bits = pre};
}

static inline int rig_caps(struct armvirt_vgic_caps *caps, const struct vcpuif_shape *s)
{
	if (!s->v2)
		return armvirt_hw_vgic_caps(caps);
	return armvirt_vgic_caps_from_gich_vtr(caps, (s->lrs - 1) | (s->pre_bits - 1) << 26 |
							     (s->pri_bits - 1) << 29);
}

static inline int rig_open(struct vcpuif_shape shape, unsigned vcpus, unsigned spis, bool v2)
{
	struct armvirt_vgic_caps caps;
	struct armvirt_vgic_config config = {.caps = &caps,
					     .spi = rig_spi,
					     .vcpu = rig_vcpu,
					     .vcpu_stride = sizeof(rig_vcpu[0]),
					     .vcpu_count = vcpus,
					     .spi_count = spis,
					     .v2 = v2};
	int s;

	shape.v2 = shape.one_apr = v2;
	rig_count = vcpus;
	rig_kicked = 0;
	rig_bad = 0;
	memset(rig_phys, 0, sizeof(rig_phys));
	vcpuif_dir_hook = rig_dir;
	for (unsigned i = 0; i < vcpus; i++)
		vcpuif_init(&rig_cpu[i], &shape);
	vcpuif_cpu = &rig_cpu[0];
	s = rig_caps(&caps, &shape);
	if (s == 0)
		s = armvirt_vgic_init(&rig_vm, &config, sizeof(rig_vm));
	return s;
}

static inline void rig_switch(unsigned n)
{
	rig_at = n;
	vcpuif_cpu = &rig_cpu[n];
}

#ifdef RIG_V2
#define RIG_GICH(n) ((uintptr_t)&rig_cpu[n])

/* A GICv2 hands deactivations to its caller, and wants to be called again after them. */
#define RIG_HW(call, name, n)                                                                      \
	do {                                                                                       \
		struct armvirt_vgic_actions a_;                                                    \
		rig_switch(n);                                                                     \
		do {                                                                               \
			rig_begin(n);                                                              \
			a_ = rig_vm.v2                                                             \
				     ? armvirt_hw_vgic2_##call(&rig_vm, &rig_vcpu[n], RIG_GICH(n)) \
				     : armvirt_hw_vgic_##call(&rig_vm, &rig_vcpu[n]);              \
			rig_end(n, RIG_##name);                                                    \
			rig_do(a_);                                                                \
		} while (rig_vm.v2 && (a_.flags & ARMVIRT_VGIC_MORE));                             \
	} while (0)
#else
#define RIG_HW(call, name, n)                                          \
	do {                                                           \
		rig_switch(n);                                         \
		rig_begin(n);                                          \
		rig_do(armvirt_hw_vgic_##call(&rig_vm, &rig_vcpu[n])); \
		rig_end(n, RIG_##name);                                \
	} while (0)
#endif

static inline void rig_load(unsigned n)
{
	rig_switch(n);
	rig_begin(n);
#ifdef RIG_V2
	if (rig_vm.v2)
		armvirt_hw_vgic2_load(&rig_vm, &rig_vcpu[n], RIG_GICH(n));
	else
#endif
		armvirt_hw_vgic_load(&rig_vm, &rig_vcpu[n]);
	rig_end(n, RIG_LOAD);
}

static inline void rig_put(unsigned n)
{
	RIG_HW(put, PUT, n);
}

static inline void rig_sync(unsigned n)
{
	RIG_HW(sync, SYNC, n);
}

static inline void rig_enter(unsigned n)
{
	rig_kicked &= ~(UINT64_C(1) << n);
	RIG_HW(enter, ENTER, n);
}

static inline void rig_maintain(unsigned n)
{
	rig_kicked &= ~(UINT64_C(1) << n);
	RIG_HW(maintain, MAINTAIN, n);
}

/* As the contract has it: enter if there is something to flush. */
static inline void rig_resume(unsigned n)
{
	if (armvirt_vgic_flush_needed(&rig_vcpu[n]))
		rig_enter(n);
}

/* An exit with nothing else to do, and back. */
static inline void rig_round(unsigned n)
{
	rig_sync(n);
	rig_enter(n);
}

static void (*rig_round_by)(unsigned n) = rig_round;

/* Every kick and every maintenance interrupt is served. Returns the number of exits, 0xffff if they
 * would not end. */
static inline unsigned rig_settle(void)
{
	unsigned exits = 0;

	for (unsigned again = 1; again;) {
		again = 0;
		for (unsigned i = 0; i < rig_count; i++) {
			if (!(rig_kicked >> i & 1) && !vcpuif_misr(&rig_cpu[i]))
				continue;
			rig_round_by(i);
			again = 1;
			if (++exits > 4000)
				return 0xffff;
		}
	}
	return exits;
}

static inline void rig_dist(uint32_t offset, uint32_t value)
{
	rig_do(armvirt_vgic_dist_write(&rig_vm, 0, offset, 4, value));
}

static inline void rig_prio(uint32_t intid, uint8_t prio, unsigned vcpu)
{
	if (intid >= 32 || rig_vm.v2)
		rig_do(armvirt_vgic_dist_write(&rig_vm, vcpu, 0x400 + intid, 1, prio));
	else
		rig_do(armvirt_vgic_redist_write(&rig_vm, vcpu, 0x10400 + intid, 1, prio));
}

/* One bit of a set or clear register: 0x080 group, 0x100 enable, ... */
static inline void rig_bit(uint32_t base, uint32_t intid, unsigned vcpu)
{
	uint32_t bit = UINT32_C(1) << intid % 32;

	if (intid >= 32 || rig_vm.v2)
		rig_do(armvirt_vgic_dist_write(&rig_vm, vcpu, base + intid / 32 * 4, 4, bit));
	else
		rig_do(armvirt_vgic_redist_write(&rig_vm, vcpu, 0x10000 + base, 4, bit));
}

static inline bool rig_get(uint32_t base, uint32_t intid, unsigned vcpu)
{
	uint64_t v = intid >= 32 || rig_vm.v2
			     ? armvirt_vgic_dist_read(&rig_vm, vcpu, base + intid / 32 * 4, 4)
			     : armvirt_vgic_redist_read(&rig_vm, vcpu, 0x10000 + base, 4);

	return v >> intid % 32 & 1;
}

/* All groups on, priority mask open, every interrupt in group 1 and enabled, vCPUs in the guest. */
static inline void rig_boot(void)
{
	uint32_t grp = rig_vm.v2 ? 0 : UINT32_MAX;

	rig_dist(0, 3);
	for (unsigned i = 0; i < rig_count; i++) {
		rig_do(armvirt_vgic_redist_write(&rig_vm, i, 0x10080, 4, grp));
		rig_do(armvirt_vgic_redist_write(&rig_vm, i, 0x10100, 4, UINT32_MAX));
		rig_do(armvirt_vgic_dist_write(&rig_vm, i, 0x100, 4, UINT32_MAX));
	}
	for (uint32_t n = 4; n < 128; n += 4) {
		rig_dist(0x80 + n, grp);
		rig_dist(0x100 + n, UINT32_MAX);
	}
	for (unsigned i = 0; i < rig_count; i++) {
		rig_load(i);
		rig_enter(i);
		vcpuif_pmr_write(&rig_cpu[i], 0xff);
		vcpuif_igrpen_write(&rig_cpu[i], 0, true);
		vcpuif_igrpen_write(&rig_cpu[i], 1, true);
	}
	rig_settle();
	for (unsigned i = 0; i < rig_count; i++)
		rig_round(i);
}

#endif
