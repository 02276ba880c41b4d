/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worst cases that docs/vgic.md states, provoked and counted: words of state that a call looks
 * at. Accesses of registers are counted by the random test on every call.
 */
#include "test.h"
#include "vgic_rig.h"

#define WORDS(bound, call)                                                     \
	do {                                                                   \
		unsigned long long before_ = vcpuif_steps, took_;              \
		call;                                                          \
		took_ = vcpuif_steps - before_;                                \
		printf("%5llu of %5u  %s\n", took_, (unsigned)(bound), #call); \
		assert_true(took_ > 0 && took_ <= (bound));                    \
	} while (0)

/* All shared interrupts there can be, every one pending, the priorities mixed in every block. */
static void flood(unsigned lrs, bool enabled)
{
	assert_int_equal(rig_open(rig_shape(lrs, 5, 5), 1, 988, false), 0);
	rig_boot();
	for (uint32_t n = 8; n < 256; n += 4)
		rig_dist(0xc00 + n, UINT32_C(0xaaaaaaaa));
	for (uint32_t i = 32; i < 1020; i++) {
		rig_bit(0x180, i, 0);
		rig_prio(i, (uint8_t)(i % 31 << 3), 0); /* the lowest is masked */
	}
	for (uint32_t n = 8; n < 256; n += 4)
		rig_dist(0xc00 + n, UINT32_C(0xaaaaaaaa));
	vcpuif_igrpen_write(&rig_cpu[0], 1, enabled);
	rig_settle();
	for (uint32_t n = 4; n < 128; n += 4)
		rig_dist(0x100 + n, UINT32_MAX);
	rig_settle();
	for (uint32_t i = 32; i < 1020; i++)
		armvirt_vgic_set_edge(&rig_vm, 0, i);
}

static void events(void **state)
{
	uint64_t all = UINT64_C(1) << 40;

	(void)state;
	flood(4, true);
	WORDS(16, armvirt_vgic_set_edge(&rig_vm, 0, 40));
	WORDS(16, armvirt_vgic_set_line(&rig_vm, 0, 41, true));
	WORDS(16, armvirt_vgic_set_line(&rig_vm, 0, 41, false));
	WORDS(32 * 16, armvirt_vgic_dist_write(&rig_vm, 0, 0x204, 4, UINT32_MAX));
	WORDS(32 * 16, armvirt_vgic_dist_write(&rig_vm, 0, 0x284, 4, UINT32_MAX));
	WORDS(32 * 16, armvirt_vgic_dist_write(&rig_vm, 0, 0x184, 4, UINT32_MAX));
	WORDS(32 * 16, armvirt_vgic_dist_write(&rig_vm, 0, 0x304, 4, UINT32_MAX));
	WORDS(32 * 2, armvirt_vgic_dist_read(&rig_vm, 0, 0x204, 4));
	assert_int_equal(rig_open(rig_shape(4, 5, 5), 8, 64, false), 0);
	rig_boot();
	WORDS(8 * 16, armvirt_vgic_sgi(&rig_vm, 0, all | 3 << 24, true));
}

/* One flush looks at 32 blocks; an enter repeats it until every priority of every block was. */
static void overflow(void **state)
{
	struct armvirt_vgic_actions a;
	unsigned flushes = 0;

	(void)state;
	for (unsigned lrs = 1; lrs <= 16; lrs += 5) {
		flood(lrs, true);
		rig_sync(0);
		do {
			unsigned long long before = vcpuif_steps;

			a = armvirt_vgic_flush(&rig_vm, &rig_vcpu[0]);
			assert_true(vcpuif_steps - before <= 32 * 32 * 8);
			assert_true(++flushes <= 32);
		} while (a.flags & ARMVIRT_VGIC_MORE);
		flushes = 0;
		rig_enter(0);
		assert_int_not_equal(rig_settle(), 0xffff);
		/* the guest goes through them all, in order of priority */
		for (unsigned n = 0, prio = 0; n < 988; n++) {
			uint32_t intid = vcpuif_iar(&rig_cpu[0], 1);

			assert_in_range(intid, 32, 1019);
			assert_true(intid % 31 >= prio);
			prio = intid % 31;
			vcpuif_eoir(&rig_cpu[0], 1, intid);
			assert_int_not_equal(rig_settle(), 0xffff);
		}
		assert_int_equal(vcpuif_iar(&rig_cpu[0], 1), 1023);
	}
	assert_true(rig_worst[RIG_SYNC] <= 16 * 8 + 32 * 8);
	assert_true(rig_worst[RIG_ENTER] <= 32 * 32 * 32 * 8);
	assert_int_equal(rig_over, 0);
	printf("words looked at, most: sync %llu, enter %llu\n", rig_worst[RIG_SYNC],
	       rig_worst[RIG_ENTER]);
}

/* A group that is enabled brings back everything that waited for it. */
static void group_enable(void **state)
{
	struct armvirt_vgic_actions a;
	unsigned flushes = 0;

	(void)state;
	flood(4, false);
	rig_enter(0);
	rig_settle();
	vcpuif_igrpen_write(&rig_cpu[0], 1, true);
	rig_sync(0);
	do {
		unsigned long long before = vcpuif_steps;

		a = armvirt_vgic_flush(&rig_vm, &rig_vcpu[0]);
		assert_true(vcpuif_steps - before <= 2 * 32 * 32 * 8);
		assert_true(++flushes <= 32);
	} while (a.flags & ARMVIRT_VGIC_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(overflow),
		cmocka_unit_test(group_enable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
