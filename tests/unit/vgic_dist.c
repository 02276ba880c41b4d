/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's registers: total, defined, and what Linux reads first. */
#include <libarmvirt/vgic.h>

#include "test.h"

static const struct armvirt_vgic_caps caps = {4, 5, 5, 16,
					      ARMVIRT_VGIC_CAP_TDIR | ARMVIRT_VGIC_CAP_A3V};
static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu[8];
static struct {
	uint64_t before[8];
	armvirt_vgic_irq_t word[992];
	uint64_t after[8];
} spi;

static void make(unsigned vcpus, unsigned spis, bool v2)
{
	const struct armvirt_vgic_config c = {.caps = &caps,
					      .spi = spi.word,
					      .vcpu = vcpu,
					      .vcpu_stride = sizeof(vcpu[0]),
					      .vcpu_count = vcpus,
					      .spi_count = spis,
					      .v2 = v2};

	memset(&spi, 0xa5, sizeof(spi));
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), 0);
}

static uint64_t rd(uint32_t offset, unsigned size)
{
	return armvirt_vgic_dist_read(&vm, 0, offset, size);
}

static void wr(uint32_t offset, unsigned size, uint64_t value)
{
	armvirt_vgic_dist_write(&vm, 0, offset, size, value);
}

static void identity(void **state)
{
	(void)state;
	make(2, 256, false);
	assert_int_equal(rd(0, 4), 0x50); /* DS, ARE */
	assert_int_equal(rd(4, 4) & 0x1f, 8);
	assert_int_equal(rd(4, 4) >> 19 & 0x1f, 9);
	assert_int_equal(rd(0xffe8, 4) & 0xf0, 0x30);
	wr(0, 4, UINT32_MAX);
	assert_int_equal(rd(0, 4), 0x53);
	make(1, 988, false);
	assert_int_equal(rd(4, 4) & 0x1f, 31);
	wr(0x17c, 4, UINT32_MAX); /* 1020 to 1023 do not exist */
	assert_int_equal(rd(0x17c, 4), 0x0fffffff);
	make(8, 288, true);
	assert_int_equal(rd(4, 4), 9 | 7 << 5);
	assert_int_equal(rd(0xfe8, 4), 0x20);
	assert_int_equal(rd(0x800, 4), 0x01010101);
	assert_int_equal(armvirt_vgic_dist_read(&vm, 5, 0x804, 4), 0x20202020);
}

static void redistributor(void **state)
{
	(void)state;
	make(3, 32, false);
	assert_int_equal(armvirt_vgic_set_affinity(&vm, 2, 0x01020300), 0);
	assert_int_equal(armvirt_vgic_set_affinity(&vm, 1, 0x01020300), ARMVIRT_E_EXISTS);
	assert_int_equal(armvirt_vgic_set_affinity(&vm, 3, 1), ARMVIRT_E_ARG);
	assert_true(armvirt_vgic_redist_read(&vm, 2, 8, 8) ==
		    (UINT64_C(0x01020300) << 32 | 2 << 8 | 1 << 4));
	assert_int_equal(armvirt_vgic_redist_read(&vm, 2, 12, 4), 0x01020300);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 1, 8, 4), 1 << 8);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 0, 0x14, 4), 6);
	armvirt_vgic_redist_write(&vm, 0, 0x14, 4, 0);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 0, 0x14, 4), 0);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 1, 0x14, 4), 6);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 0, 0x10c00, 4), 0xaaaaaaaa);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 0, 0x10c04, 4), 0);
}

static void fields(void **state)
{
	(void)state;
	make(2, 64, false);
	wr(0x400 + 40, 1, 0xff);
	assert_int_equal(rd(0x400 + 40, 4), 0xf8);
	wr(0x400 + 40, 4, 0x08101820);
	assert_int_equal(rd(0x400 + 41, 1), 0x18);
	assert_int_equal(rd(0x400 + 41, 4), 0); /* misaligned */
	assert_int_equal(rd(0x400 + 40, 2), 0); /* no such width */
	assert_int_equal(rd(0x104, 1), 0);
	wr(0xc08, 4, UINT32_MAX);
	assert_int_equal(rd(0xc08, 4), 0xaaaaaaaa);
	wr(0x104, 4, 1);
	wr(0xc08, 4, 0); /* 32 is enabled: keeps its trigger */
	assert_int_equal(rd(0xc08, 4), 2);
	wr(0x84, 4, 0x5a5a5a5a);
	assert_int_equal(rd(0x84, 4), 0x5a5a5a5a);
	/* the private bank is the redistributors' */
	wr(0x100, 4, UINT32_MAX);
	assert_int_equal(rd(0x100, 4), 0);
	assert_int_equal(armvirt_vgic_redist_read(&vm, 0, 0x10100, 4), 0);
}

/* Both halves of a router on their own: bao read one for the other. */
static void bao_router_halves(void **state)
{
	(void)state;
	make(2, 64, false);
	assert_int_equal(armvirt_vgic_set_affinity(&vm, 1, 0x81000203), 0);
	wr(0x6000 + 8 * 40, 8, UINT64_C(0x8100000203));
	assert_true(rd(0x6000 + 8 * 40, 8) == UINT64_C(0x8100000203));
	assert_int_equal(rd(0x6000 + 8 * 40, 4), 0x203);
	assert_int_equal(rd(0x6004 + 8 * 40, 4), 0x81);
	wr(0x6000 + 8 * 40, 8, 0);
	assert_int_equal(rd(0x6000 + 8 * 40, 8), 0);
	wr(0x6000 + 8 * 40, 8, UINT64_C(1) << 31); /* no 1 of N */
	assert_int_equal(rd(0x6000 + 8 * 40, 8), 0);
	assert_int_equal(rd(0x6000 + 8 * 31, 8), 0);
}

static void v2_targets(void **state)
{
	(void)state;
	make(3, 64, true);
	wr(0x800 + 40, 4, 0xffff0502);
	assert_int_equal(rd(0x800 + 40, 4), 0x07070502); /* absent CPUs read as zero */
	wr(0x800 + 41, 1, 4);
	assert_int_equal(rd(0x800 + 41, 1), 4);
	wr(0x800, 4, 0);
	assert_int_equal(rd(0x800, 4), 0x01010101);
	/* SGIs with several senders */
	armvirt_vgic_dist_write(&vm, 0, 0xf00, 4, 2 << 16 | 3);
	armvirt_vgic_dist_write(&vm, 2, 0xf00, 4, 1 << 24 | 3);
	assert_int_equal(armvirt_vgic_dist_read(&vm, 1, 0xf20, 4), UINT64_C(0x05000000));
	assert_int_equal(armvirt_vgic_dist_read(&vm, 0, 0xf23, 1), 4);
	armvirt_vgic_dist_write(&vm, 1, 0xf13, 1, 1);
	assert_int_equal(armvirt_vgic_dist_read(&vm, 1, 0xf13, 1), 4);
	assert_int_equal(armvirt_vgic_dist_read(&vm, 1, 0x200, 4), 8);
	armvirt_vgic_dist_write(&vm, 1, 0xf13, 1, 0xff);
	assert_int_equal(armvirt_vgic_dist_read(&vm, 1, 0x200, 4), 0);
}

/* Every offset, every width, several values: defined, reserved bits zero, memory around untouched.
 */
static void sweep(void **state)
{
	static const uint64_t values[] = {0,
					  UINT64_MAX,
					  UINT64_C(0x5555555555555555),
					  UINT64_C(0xaaaaaaaaaaaaaaaa),
					  0x80,
					  UINT64_C(0x100000001)};
	static const unsigned sizes[] = {0, 1, 2, 3, 4, 5, 8, 16};
	uint64_t guard[8];

	(void)state;
	memset(guard, 0xa5, sizeof(guard));
	for (unsigned v2 = 0; v2 < 2; v2++)
		for (unsigned frame = 0; frame < 2; frame++) {
			make(v2 ? 8 : 3, v2 ? 988 : 64, v2);
			for (uint32_t off = 0; off < (frame ? 0x20100u : 0x10100u); off++)
				for (unsigned k = 0; k < COUNT_OF(values) * COUNT_OF(sizes); k++) {
					unsigned size = sizes[k % COUNT_OF(sizes)], who = off % 9;
					uint64_t value = values[k / COUNT_OF(sizes)], got;

					if (frame) {
						armvirt_vgic_redist_write(&vm, who, off, size,
									  value);
						got = armvirt_vgic_redist_read(&vm, who, off, size);
					} else {
						armvirt_vgic_dist_write(&vm, who, off, size, value);
						got = armvirt_vgic_dist_read(&vm, who, off, size);
					}
					if (size == 0 || size == 3 || size == 5 || size == 16 ||
					    (size && off % size) || who >= vm.vcpu_count)
						assert_int_equal(got, 0);
					if (size < 8)
						assert_int_equal(got >> (8 * size), 0);
				}
			assert_memory_equal(spi.before, guard, sizeof(guard));
			assert_memory_equal(spi.after, guard, sizeof(guard));
		}
}

static void refusals(void **state)
{
	struct armvirt_vgic_caps bad = caps;
	struct armvirt_vgic_config c = {.caps = &caps,
					.spi = spi.word,
					.vcpu = vcpu,
					.vcpu_stride = sizeof(vcpu[0]),
					.vcpu_count = 1,
					.spi_count = 32};

	(void)state;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm) - 8), ARMVIRT_E_SIZE);
	c.vcpu_count = 0;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	c.vcpu_count = 65;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	c.vcpu_count = 9;
	c.v2 = true;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	c.v2 = false;
	c.vcpu_count = 1;
	c.spi_count = 989;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	c.spi_count = 32;
	c.spi = NULL;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	c.spi = spi.word;
	c.vcpu_stride -= 8;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ALIGN);
	c.vcpu_stride += 8;
	c.caps = &bad;
	bad.lr_count = 17;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
	bad = caps;
	bad.pre_bits = 6;
	assert_int_equal(armvirt_vgic_init(&vm, &c, sizeof(vm)), ARMVIRT_E_ARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity),   cmocka_unit_test(redistributor),
		cmocka_unit_test(fields),     cmocka_unit_test(bao_router_halves),
		cmocka_unit_test(v2_targets), cmocka_unit_test(sweep),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
