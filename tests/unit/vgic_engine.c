/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry and exit on the model, scenario by scenario. Each known bug of other hypervisors has a
 * name. */
#define RIG_V2
#include "test.h"
#include "vgic_rig.h"

#define SPURIOUS 1023

static void open_rig(unsigned lrs, unsigned vcpus)
{
	assert_int_equal(rig_open(rig_shape(lrs, 5, 5), vcpus, 64, false), 0);
	rig_boot();
}

static void edge_config(uint32_t intid)
{
	rig_bit(0x180, intid, 0);
	rig_dist(0xc00 + intid / 16 * 4,
		 (uint32_t)armvirt_vgic_dist_read(&rig_vm, 0, 0xc00 + intid / 16 * 4, 4) |
			 UINT32_C(2) << intid % 16 * 2);
	rig_bit(0x100, intid, 0);
}

static uint32_t ack(unsigned n)
{
	return vcpuif_iar(&rig_cpu[n], 1);
}

static void eoi(unsigned n, uint32_t intid)
{
	rig_switch(n);
	vcpuif_eoir(&rig_cpu[n], 1, intid);
	if (rig_cpu[n].deactivated)
		rig_deactivated(rig_cpu[n].deactivated);
}

static void nothing_pending_costs_nothing(void **state)
{
	(void)state;
	open_rig(4, 1);
	rig_cpu[0].reg_accesses = 0;
	for (int i = 0; i < 10; i++)
		rig_enter(0);
	assert_int_equal(rig_cpu[0].reg_accesses, 0);
	assert_false(armvirt_vgic_flush_needed(&rig_vcpu[0]));
}

static void level_is_sampled_again(void **state)
{
	(void)state;
	open_rig(4, 1);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, true));
	rig_settle();
	assert_int_equal(ack(0), 40);
	assert_int_equal(ack(0), SPURIOUS);
	eoi(0, 40);
	assert_int_equal(rig_settle(), 1); /* its end is a maintenance interrupt */
	assert_int_equal(ack(0), 40);      /* the line is still up */
	rig_sync(0);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, false));
	rig_enter(0);
	eoi(0, 40);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
	assert_int_equal(rig_vcpu[0].image.used, 0);
}

/* A pending line that falls before it was acknowledged is gone. */
static void xen_line_drop_withdraws(void **state)
{
	(void)state;
	open_rig(4, 1);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, true));
	rig_settle();
	assert_true(vcpuif_irq(&rig_cpu[0]));
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, false));
	rig_settle();
	assert_false(vcpuif_irq(&rig_cpu[0]));
	/* but a latch stays */
	rig_bit(0x200, 40, 0);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, true));
	rig_settle();
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, false));
	rig_settle();
	assert_int_equal(ack(0), 40);
	eoi(0, 40);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

static void freebsd_level_never_pending_and_active(void **state)
{
	(void)state;
	open_rig(4, 1);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, true));
	rig_settle();
	ack(0);
	rig_sync(0);
	rig_bit(0x200, 40, 0);
	rig_enter(0);
	assert_int_equal(rig_vcpu[0].image.lr[0] >> 62, ARMVIRT_VGIC_LR_ACTIVE);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40, false));
	eoi(0, 40);
	rig_settle();
	assert_int_equal(ack(0), 40); /* the latch */
	eoi(0, 40);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

static void edge_while_active_comes_again(void **state)
{
	(void)state;
	open_rig(4, 1);
	edge_config(41);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 41));
	rig_settle();
	assert_int_equal(ack(0), 41);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 41));
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 41)); /* two edges are one pending */
	rig_settle();
	eoi(0, 41);
	rig_settle();
	assert_int_equal(ack(0), 41);
	eoi(0, 41);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

static void priority_order_beyond_list_registers(void **state)
{
	(void)state;
	for (unsigned lrs = 1; lrs <= 16; lrs++) {
		uint32_t last = 0;

		open_rig(lrs, 1);
		for (uint32_t i = 0; i < 32; i++) {
			edge_config(32 + i);
			rig_prio(32 + i, (uint8_t)((i * 7 % 29) << 3), 0);
		}
		for (uint32_t i = 0; i < 32; i++) {
			rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
			rig_settle();
		}
		for (uint32_t i = 0; i < 32; i++) {
			uint32_t intid = ack(0), prio;

			assert_in_range(intid, 32, 63);
			prio = (intid - 32) * 7 % 29;
			assert_true(prio >= last);
			last = prio;
			eoi(0, intid);
			assert_true(rig_settle() <= 2);
		}
		assert_int_equal(ack(0), SPURIOUS);
	}
}

/* Nested to the last level: more active than list registers, each preempting the other. */
static void linux_6_12_active_overflow(void **state)
{
	(void)state;
	for (unsigned lrs = 1; lrs <= 5; lrs++) {
		open_rig(lrs, 1);
		for (uint32_t i = 0; i < 30; i++) {
			edge_config(32 + i);
			rig_prio(32 + i, (uint8_t)((30 - i) << 3), 0);
		}
		for (uint32_t i = 0; i < 30; i++) {
			rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
			assert_int_not_equal(rig_settle(), 0xffff);
			assert_int_equal(ack(0), 32 + i);
			assert_int_not_equal(rig_settle(), 0xffff);
		}
		rig_sync(0);
		for (uint32_t i = 0; i < 30; i++)
			assert_true(rig_get(0x300, 32 + i, 0));
		rig_enter(0);
		for (uint32_t i = 30; i-- > 0;) {
			eoi(0, 32 + i);
			assert_int_not_equal(rig_settle(), 0xffff);
			rig_sync(0);
			assert_false(rig_get(0x300, 32 + i, 0));
			assert_true(i == 0 || rig_get(0x300, 32 + i - 1, 0));
			rig_enter(0);
		}
		assert_int_equal(vcpuif_rpr(&rig_cpu[0]), 0xff);
		assert_int_equal(ack(0), SPURIOUS);
	}
}

/* Every list register active and nothing more to do: no maintenance interrupt comes back for ever.
 */
static void bao_398_npie_storm(void **state)
{
	(void)state;
	for (unsigned lrs = 1; lrs <= 4; lrs++) {
		open_rig(lrs, 1);
		for (uint32_t i = 0; i < lrs + 3; i++) {
			edge_config(32 + i);
			rig_prio(32 + i, (uint8_t)((20 - i) << 3), 0);
			rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
			rig_settle();
			assert_int_equal(ack(0), 32 + i);
			assert_true(rig_settle() <= 1);
			assert_int_equal(vcpuif_misr(&rig_cpu[0]), 0);
		}
		assert_int_equal(rig_settle(), 0);
	}
}

/* A disabled, active, linked interrupt is still the guest's to deactivate, and its end is seen. */
static void bao_371_disabled_active_hw(void **state)
{
	(void)state;
	open_rig(4, 1);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 27, true), 0);
	rig_phys[0][27] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 27));
	rig_settle();
	assert_int_equal(ack(0), 27);
	rig_sync(0);
	rig_bit(0x180, 27, 0);
	rig_enter(0);
	assert_true(rig_phys[0][27]);
	eoi(0, 27);
	rig_round(0);
	assert_false(rig_phys[0][27]);
	assert_int_equal(armvirt_vgic_ppi_active(&rig_vcpu[0]), 0);
}

static void hw_withdraw_gives_back(void **state)
{
	(void)state;
	open_rig(4, 1);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 27, true), 0);
	rig_phys[0][27] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 27));
	rig_settle();
	rig_sync(0);
	assert_int_equal(armvirt_vgic_ppi_active(&rig_vcpu[0]), 1u << 27);
	rig_do(armvirt_vgic_hw_withdraw(&rig_vm, 0, 27));
	rig_enter(0);
	assert_false(vcpuif_irq(&rig_cpu[0]));
	assert_false(rig_phys[0][27]);
	/* disabled while pending: kept, physically active, until it is enabled again */
	rig_phys[0][27] = 1;
	rig_bit(0x180, 27, 0);
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 27));
	rig_settle();
	assert_false(vcpuif_irq(&rig_cpu[0]));
	assert_true(rig_phys[0][27]);
	rig_bit(0x100, 27, 0);
	rig_settle();
	assert_int_equal(ack(0), 27);
	eoi(0, 27);
	rig_round(0);
	assert_false(rig_phys[0][27]);
	assert_int_equal(rig_bad, 0);
}

/* An active linked interrupt that leaves its list register is deactivated physically at its end. */
static void hw_evicted_is_not_orphaned(void **state)
{
	(void)state;
	open_rig(1, 1);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 27, true), 0);
	rig_prio(27, 0xa0, 0);
	edge_config(40);
	rig_prio(40, 0x50, 0);
	rig_phys[0][27] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 27));
	rig_settle();
	assert_int_equal(ack(0), 27);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	assert_int_equal(ack(0), 40);
	rig_settle();
	eoi(0, 40);
	rig_settle();
	assert_true(rig_phys[0][27]);
	eoi(0, 27);
	rig_settle();
	assert_false(rig_phys[0][27]);
	assert_int_equal(rig_bad, 0);
}

/* DIR of an interrupt that another vCPU has in a list register reaches it. */
static void gunyah_cross_vcpu_dir(void **state)
{
	(void)state;
	open_rig(4, 2);
	edge_config(45);
	for (unsigned i = 0; i < 2; i++)
		vcpuif_ctlr_write(&rig_cpu[i], true, false);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 45));
	rig_settle();
	assert_int_equal(ack(0), 45);
	eoi(0, 45);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 45)); /* stays pending behind the active one */
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
	assert_true(vcpuif_dir(&rig_cpu[1], 45)); /* traps */
	rig_sync(1);
	rig_do(armvirt_vgic_dir(&rig_vm, 1, 45));
	assert_true(rig_kicked & 1);
	rig_enter(1);
	rig_settle();
	assert_int_equal(ack(0), 45);
	eoi(0, 45);
	assert_true(vcpuif_dir(&rig_cpu[0], 45));
	rig_sync(0);
	rig_do(armvirt_vgic_dir(&rig_vm, 0, 45));
	rig_enter(0);
	assert_int_equal(rig_vcpu[0].image.used, 0);
	/* in EOImode 0 it traps too, and is ignored */
	vcpuif_ctlr_write(&rig_cpu[0], false, false);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 45));
	rig_settle();
	assert_int_equal(ack(0), 45);
	rig_sync(0);
	rig_do(armvirt_vgic_dir(&rig_vm, 0, 45));
	rig_enter(0);
	assert_int_equal(rig_vcpu[0].image.lr[0] >> 62, 2);
}

static void reroute_while_listed(void **state)
{
	(void)state;
	open_rig(4, 2);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 50, true));
	rig_settle();
	assert_true(vcpuif_irq(&rig_cpu[0]));
	rig_do(armvirt_vgic_dist_write(&rig_vm, 0, 0x6000 + 8 * 50, 8, 1));
	rig_settle();
	assert_false(vcpuif_irq(&rig_cpu[0]));
	assert_int_equal(ack(1), 50);
	rig_do(armvirt_vgic_dist_write(&rig_vm, 0, 0x6000 + 8 * 50, 8, 0));
	rig_settle();
	eoi(1, 50); /* the active one stays where it was taken */
	rig_settle();
	assert_false(vcpuif_irq(&rig_cpu[1]));
	assert_int_equal(ack(0), 50);
}

static void disabled_group_blocks_nobody(void **state)
{
	(void)state;
	open_rig(1, 1);
	for (uint32_t i = 40; i < 43; i++)
		edge_config(i);
	rig_dist(0x84, ~(UINT32_C(1) << 8)); /* 40 in group 0 */
	rig_prio(40, 0x00, 0);
	rig_prio(41, 0x80, 0);
	rig_prio(42, 0x90, 0);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	assert_true(vcpuif_irq(&rig_cpu[0]));
	vcpuif_igrpen_write(&rig_cpu[0], 0, false);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 41));
	rig_settle();
	assert_int_equal(ack(0), 41);
	eoi(0, 41);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
	vcpuif_igrpen_write(&rig_cpu[0], 0, true); /* a maintenance interrupt tells */
	assert_int_not_equal(rig_settle(), 0);
	assert_int_equal(vcpuif_iar(&rig_cpu[0], 0), 40);
	vcpuif_eoir(&rig_cpu[0], 0, 40);
	rig_settle();
	/* the same by the distributor */
	rig_dist(0, 1);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 42));
	rig_settle();
	assert_false(vcpuif_irq(&rig_cpu[0]));
	rig_dist(0, 3);
	rig_settle();
	assert_int_equal(ack(0), 42);
}

/* The group goes off while the rest waits outside: the others still come. */
static void group_off_under_overflow(void **state)
{
	(void)state;
	open_rig(2, 1);
	for (uint32_t i = 40; i < 46; i++) {
		edge_config(i);
		rig_prio(i, (uint8_t)(i - 40) << 3, 0);
	}
	rig_dist(0x84, ~UINT32_C(0x0700)); /* 40 to 42 in group 0 */
	for (uint32_t i = 40; i < 46; i++)
		rig_do(armvirt_vgic_set_edge(&rig_vm, 0, i));
	rig_settle();
	vcpuif_igrpen_write(&rig_cpu[0], 0, false);
	rig_settle();
	assert_int_equal(ack(0), 43);
}

/* More than any ring: every interrupt at once, none lost. */
static void jailhouse_ring_overflow(void **state)
{
	(void)state;
	assert_int_equal(rig_open(rig_shape(4, 5, 5), 1, 988, false), 0);
	rig_boot();
	for (uint32_t i = 32; i < 1020; i++)
		edge_config(i);
	for (uint32_t i = 0; i < 1020; i++)
		rig_do(armvirt_vgic_set_edge(&rig_vm, 0, i));
	for (uint32_t i = 0; i < 1020; i++) {
		uint32_t intid;

		rig_settle();
		intid = ack(0);
		assert_int_not_equal(intid, SPURIOUS);
		eoi(0, intid);
	}
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

static void sgis(void **state)
{
	(void)state;
	open_rig(4, 4);
	rig_do(armvirt_vgic_sgi(&rig_vm, 0, UINT64_C(5) << 24 | 0xa, true));
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
	assert_int_equal(ack(1), 5);
	assert_int_equal(ack(2), SPURIOUS);
	assert_int_equal(ack(3), 5);
	rig_do(armvirt_vgic_sgi(&rig_vm, 2, UINT64_C(1) << 40 | 6u << 24, true));
	rig_settle();
	assert_int_equal(ack(2), SPURIOUS);
	assert_int_equal(ack(0), 6);
	/* absent targets, the other group, another cluster */
	rig_kicked = 0;
	rig_do(armvirt_vgic_sgi(&rig_vm, 0, UINT64_C(5) << 24 | 0xfff0, true));
	rig_do(armvirt_vgic_sgi(&rig_vm, 0, UINT64_C(5) << 24 | 0xf, false));
	rig_do(armvirt_vgic_sgi(&rig_vm, 0, UINT64_C(5) << 24 | 0x1000f, true));
	rig_do(armvirt_vgic_sgi(&rig_vm, 0, UINT64_C(1) << 44 | 0xf, true));
	assert_int_equal(rig_kicked, 0);
}

static void active_bits_by_registers(void **state)
{
	(void)state;
	open_rig(2, 1);
	edge_config(40);
	rig_bit(0x300, 40, 0);
	rig_settle();
	assert_true(rig_get(0x300, 40, 0));
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS); /* active: cannot be taken */
	rig_bit(0x380, 40, 0);
	assert_false(rig_get(0x300, 40, 0));
	rig_settle();
	assert_int_equal(ack(0), 40);
	rig_bit(0x380, 40, 0); /* in a list register now */
	assert_false(rig_get(0x300, 40, 0));
	rig_settle();
	assert_int_equal(rig_vcpu[0].image.used, 0);
	eoi(0, 40);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	rig_bit(0x280, 40, 0);
	assert_false(rig_get(0x200, 40, 0));
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

static void put_and_load(void **state)
{
	(void)state;
	open_rig(3, 1);
	for (uint32_t i = 40; i < 46; i++) {
		edge_config(i);
		rig_prio(i, (uint8_t)(0x80 - (i - 40) * 8), 0);
		rig_do(armvirt_vgic_set_edge(&rig_vm, 0, i));
	}
	rig_settle();
	assert_int_equal(ack(0), 45);
	rig_put(0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(vcpuif_lr_read(&rig_cpu[0], i), 0);
	assert_int_equal(vcpuif_hcr_read(&rig_cpu[0]), 0);
	vcpuif_init(&rig_cpu[0], &rig_cpu[0].shape);
	rig_load(0);
	rig_enter(0);
	assert_int_equal(vcpuif_rpr(&rig_cpu[0]), 0x58);
	assert_int_equal(ack(0), SPURIOUS);
	eoi(0, 45);
	rig_settle();
	for (uint32_t i = 44; i >= 40; i--) {
		assert_int_equal(ack(0), i);
		eoi(0, i);
		rig_settle();
	}
}

static void reset_owes_nothing(void **state)
{
	uint32_t cursor = 0;
	struct armvirt_vgic_actions a;
	enum armvirt_status s;

	(void)state;
	open_rig(4, 2);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 27, true), 0);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 77, true), 0);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 2000, true), ARMVIRT_E_ARG);
	rig_phys[0][27] = rig_phys[0][77] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 27));
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 77));
	rig_settle();
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 77, false), ARMVIRT_E_STATE);
	rig_put(0);
	rig_put(1);
	rig_at = 0;
	do {
		s = armvirt_vgic_reset(&rig_vm, &cursor, &a);
		rig_do(a);
	} while (s == ARMVIRT_MORE);
	assert_false(rig_phys[0][27] || rig_phys[0][77]);
	assert_int_equal(rig_bad, 0);
	assert_int_equal(armvirt_vgic_dist_read(&rig_vm, 0, 0x104, 4), 0);
	rig_boot();
	rig_phys[0][77] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 77)); /* links stay */
	rig_settle();
	assert_int_equal(ack(0), 77);
}

/* The guest runs after a sync without an enter, twice over: what it did is seen, and once. */
static void sync_without_enter_is_seen(void **state)
{
	(void)state;
	open_rig(4, 1);
	edge_config(40);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	rig_sync(0);
	assert_int_equal(ack(0), 40);
	rig_sync(0);
	assert_true(rig_get(0x300, 40, 0));
	assert_false(rig_get(0x200, 40, 0));
	eoi(0, 40);
	rig_sync(0);
	rig_sync(0);
	assert_false(rig_get(0x300, 40, 0));
	/* a level-triggered one: its end is no maintenance interrupt any more once it was seen */
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 41, true));
	rig_settle();
	assert_int_equal(ack(0), 41);
	rig_sync(0);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 41, false));
	rig_settle();
	eoi(0, 41);
	assert_int_not_equal(vcpuif_misr(&rig_cpu[0]), 0);
	rig_sync(0);
	assert_int_equal(vcpuif_misr(&rig_cpu[0]), 0);
	assert_false(armvirt_vgic_flush_needed(&rig_vcpu[0]));
}

/* The guest runs between a sync and the enter: the enter lists on what is, not on what was. */
static void enter_after_a_stale_sync(void **state)
{
	(void)state;
	open_rig(1, 1);
	edge_config(40);
	edge_config(41);
	rig_prio(40, 0x80, 0);
	rig_prio(41, 0x80, 0);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 40));
	rig_settle();
	rig_sync(0);
	assert_int_equal(ack(0), 40);
	rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 41));
	rig_enter(0);
	rig_settle();
	eoi(0, 40);
	rig_settle();
	assert_int_equal(ack(0), 41);
	eoi(0, 41);
	rig_settle();
	assert_int_equal(ack(0), SPURIOUS);
}

/* A deactivation that is only counted is taken up by one sync, not by each. */
static void eoicount_is_taken_up_once(void **state)
{
	(void)state;
	open_rig(1, 1);
	for (uint32_t i = 0; i < 4; i++) {
		edge_config(32 + i);
		rig_prio(32 + i, (uint8_t)((4 - i) << 3), 0);
		rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
		rig_settle();
		assert_int_equal(ack(0), 32 + i);
	}
	for (uint32_t i = 4; i-- > 0;) {
		eoi(0, 32 + i);
		rig_sync(0);
		rig_sync(0);
		for (uint32_t k = 0; k < 4; k++)
			assert_int_equal(rig_get(0x300, 32 + k, 0), k < i);
	}
	rig_settle();
	assert_int_equal(vcpuif_hcr_read(&rig_cpu[0]) >> 27, 0);
}

/* A maintenance interrupt reads back once. */
static void maintain_reads_back_once(void **state)
{
	unsigned long long both;

	(void)state;
	open_rig(4, 1);
	rig_do(armvirt_vgic_set_line(&rig_vm, 0, 41, true));
	rig_settle();
	assert_int_equal(ack(0), 41);
	eoi(0, 41);
	rig_cpu[0].reg_accesses = 0;
	rig_maintain(0);
	both = rig_cpu[0].reg_accesses;
	assert_int_equal(both, 4); /* VMCR, ELRSR, the list register read and written */
	assert_int_equal(ack(0), 41);
	eoi(0, 41);
	rig_cpu[0].reg_accesses = 0;
	rig_sync(0);
	rig_enter(0);
	assert_true(rig_cpu[0].reg_accesses > both);
}

static void sgir(unsigned from, uint32_t intid, uint32_t mask)
{
	rig_do(armvirt_vgic_dist_write(&rig_vm, from, 0xf00, 4, mask << 16 | intid));
	assert_int_not_equal(rig_settle(), 0xffff);
}

static uint32_t ack_v2(void)
{
	uint32_t id = vcpuif_iar(&rig_cpu[0], 0);

	if (id != SPURIOUS)
		vcpuif_eoir(&rig_cpu[0], 0, id);
	assert_int_not_equal(rig_settle(), 0xffff);
	return id;
}

/* GICv2: an SGI is delivered once for each sender, however often each has sent. */
static void v2_sgi_once_for_each_sender(void **state)
{
	uint32_t first, second;

	(void)state;
	for (unsigned lrs = 1; lrs <= 4; lrs++) {
		assert_int_equal(rig_open(rig_shape(lrs, 5, 5), 4, 64, true), 0);
		rig_boot();
		sgir(1, 3, 1);
		sgir(1, 3, 1);
		assert_int_equal(ack_v2(), 1 << 10 | 3);
		assert_int_equal(ack_v2(), SPURIOUS);
		sgir(2, 3, 1);
		sgir(3, 3, 1);
		sgir(2, 3, 1);
		first = ack_v2();
		second = ack_v2();
		assert_true((first == (2 << 10 | 3) && second == (3 << 10 | 3)) ||
			    (first == (3 << 10 | 3) && second == (2 << 10 | 3)));
		assert_int_equal(ack_v2(), SPURIOUS);
	}
}

/* GICD_CPENDSGIR takes back what one sender sent, listed or not, and leaves the others. */
static void v2_cpendsgir_takes_one_sender(void **state)
{
	(void)state;
	for (unsigned gone = 1; gone <= 2; gone++) {
		assert_int_equal(rig_open(rig_shape(4, 5, 5), 4, 64, true), 0);
		rig_boot();
		sgir(1, 3, 1);
		sgir(2, 3, 1);
		rig_sync(0);
		assert_int_equal(armvirt_vgic_dist_read(&rig_vm, 0, 0xf23, 1), 6);
		rig_do(armvirt_vgic_dist_write(&rig_vm, 0, 0xf13, 1, 1u << gone));
		rig_settle();
		rig_sync(0);
		assert_int_equal(armvirt_vgic_dist_read(&rig_vm, 0, 0xf13, 1), 6 & ~(1u << gone));
		assert_int_equal(ack_v2(), (3 - gone) << 10 | 3);
		assert_int_equal(ack_v2(), SPURIOUS);
	}
}

/* What leaves its list register because its group is off comes back when the group does, though
 * there was no room for the rest. */
static void group_off_victim_comes_back(void **state)
{
	(void)state;
	for (unsigned lrs = 1; lrs <= 4; lrs++) {
		open_rig(lrs, 1);
		rig_dist(0x84, ~UINT32_C(1)); /* 32 in group 0 */
		for (uint32_t i = 0; i < 10; i++) {
			edge_config(32 + i);
			rig_prio(32 + i, i ? 0x40 : 0x08, 0);
		}
		rig_settle();
		rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32));
		rig_settle();
		vcpuif_igrpen_write(&rig_cpu[0], 0, false);
		for (uint32_t i = 1; i < 10; i++)
			rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
		rig_settle();
		assert_int_not_equal(vcpuif_hppir(&rig_cpu[0], 1), SPURIOUS);
		vcpuif_igrpen_write(&rig_cpu[0], 0, true);
		rig_settle();
		assert_int_equal(vcpuif_iar(&rig_cpu[0], 0), 32);
	}
}

/* Every list register goes through put and load, the last one too. */
static void rmm_last_list_register(void **state)
{
	(void)state;
	for (unsigned lrs = 1; lrs <= 16; lrs++) {
		open_rig(lrs, 1);
		for (uint32_t i = 0; i < lrs; i++) {
			edge_config(32 + i);
			rig_prio(32 + i, (uint8_t)(i << 3), 0);
			rig_do(armvirt_vgic_set_edge(&rig_vm, 0, 32 + i));
		}
		rig_settle();
		rig_put(0);
		for (uint32_t i = 0; i < lrs; i++)
			assert_int_equal(vcpuif_lr_read(&rig_cpu[0], i) >> 62, 0);
		rig_load(0);
		rig_enter(0);
		for (uint32_t i = 0; i < lrs; i++) {
			assert_int_equal(ack(0), 32 + i);
			eoi(0, 32 + i);
		}
	}
}

/* A linked interrupt that is reported again while the guest has it active: never both in a list
 * register, and delivered once more after its end. */
static void xen_linked_again_while_active(void **state)
{
	(void)state;
	open_rig(4, 1);
	assert_int_equal(armvirt_vgic_link(&rig_vm, 0, 77, true), 0);
	rig_phys[0][77] = 1;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 77));
	rig_settle();
	assert_int_equal(ack(0), 77);
	rig_do(armvirt_vgic_hw_irq(&rig_vm, 0, 77));
	rig_settle();
	for (unsigned i = 0; i < 4; i++)
		assert_int_not_equal(vcpuif_lr_read(&rig_cpu[0], i) >> 62, 3);
	eoi(0, 77);
	rig_settle();
	assert_int_equal(ack(0), 77);
}

/* Several list registers end between two exits: each is taken up. */
static void bao_eisr_loop(void **state)
{
	(void)state;
	open_rig(4, 1);
	for (uint32_t i = 0; i < 4; i++) {
		rig_prio(40 + i, (uint8_t)(i << 3), 0);
		rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40 + i, true));
	}
	rig_settle();
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(ack(0), 40 + i);
		rig_do(armvirt_vgic_set_line(&rig_vm, 0, 40 + i, false));
		eoi(0, 40 + i);
	}
	assert_int_equal(vcpuif_eisr(&rig_cpu[0]), 15);
	assert_int_equal(rig_settle(), 1);
	assert_int_equal(vcpuif_elrsr(&rig_cpu[0]), 15);
	assert_int_equal(ack(0), SPURIOUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rmm_last_list_register),
		cmocka_unit_test(xen_linked_again_while_active),
		cmocka_unit_test(bao_eisr_loop),
		cmocka_unit_test(v2_sgi_once_for_each_sender),
		cmocka_unit_test(v2_cpendsgir_takes_one_sender),
		cmocka_unit_test(group_off_victim_comes_back),
		cmocka_unit_test(sync_without_enter_is_seen),
		cmocka_unit_test(enter_after_a_stale_sync),
		cmocka_unit_test(eoicount_is_taken_up_once),
		cmocka_unit_test(maintain_reads_back_once),
		cmocka_unit_test(nothing_pending_costs_nothing),
		cmocka_unit_test(level_is_sampled_again),
		cmocka_unit_test(xen_line_drop_withdraws),
		cmocka_unit_test(freebsd_level_never_pending_and_active),
		cmocka_unit_test(edge_while_active_comes_again),
		cmocka_unit_test(priority_order_beyond_list_registers),
		cmocka_unit_test(linux_6_12_active_overflow),
		cmocka_unit_test(bao_398_npie_storm),
		cmocka_unit_test(bao_371_disabled_active_hw),
		cmocka_unit_test(hw_withdraw_gives_back),
		cmocka_unit_test(hw_evicted_is_not_orphaned),
		cmocka_unit_test(gunyah_cross_vcpu_dir),
		cmocka_unit_test(reroute_while_listed),
		cmocka_unit_test(disabled_group_blocks_nobody),
		cmocka_unit_test(group_off_under_overflow),
		cmocka_unit_test(jailhouse_ring_overflow),
		cmocka_unit_test(sgis),
		cmocka_unit_test(active_bits_by_registers),
		cmocka_unit_test(put_and_load),
		cmocka_unit_test(reset_owes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
