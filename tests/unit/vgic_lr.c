/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers: every field, every combination, both formats. */
#include <libarmvirt/vgic.h>

#include "test.h"

static const struct armvirt_vgic_caps full = {16, 8, 7, 16, 0};

/* Every combination of state, hw, eoi, group with every priority: legal or refused, by the rules.
 */
/* By field: the bytes between them are nobody's. */
static bool same(const struct armvirt_vgic_lr *a, const struct armvirt_vgic_lr *b)
{
	return a->vintid == b->vintid && a->pintid == b->pintid && a->prio == b->prio &&
	       a->state == b->state && a->source == b->source && a->group1 == b->group1 &&
	       a->hw == b->hw && a->eoi == b->eoi && a->nmi == b->nmi;
}

static void every_field(void **state)
{
	static const uint32_t vintids[] = {0,    15,   16,   31,   32,    1019,
					   1020, 1023, 8191, 8192, 65535, 65536};
	static const uint16_t pintids[] = {0, 15, 16, 1019, 1020, 8191};
	unsigned long legal = 0;

	(void)state;
	for (unsigned k = 0; k < 5 * 2 * 2 * 2 * 256; k++)
		for (unsigned v = 0; v < COUNT_OF(vintids); v++)
			for (unsigned p = 0; p < COUNT_OF(pintids); p++) {
				struct armvirt_vgic_lr lr = {.state = (uint8_t)(k % 5),
							     .hw = k / 5 & 1,
							     .eoi = k / 10 & 1,
							     .group1 = k / 20 & 1,
							     .prio = (uint8_t)(k / 40),
							     .vintid = vintids[v],
							     .pintid = pintids[p]};
				struct armvirt_vgic_lr back;
				uint64_t out = 0x1234;
				bool ok = lr.state < 4 && lr.vintid < 65536 &&
					  (lr.vintid < 1020 || lr.vintid >= 8192);

				if (lr.hw)
					ok = ok && lr.state != 3 && !lr.eoi && lr.vintid >= 16 &&
					     lr.vintid < 8192 && lr.pintid >= 16 &&
					     lr.pintid < 1020;
				else
					ok = ok && lr.pintid == 0;
				if (!ok) {
					assert_true(armvirt_vgic_lr_encode(&out, &lr, &full) < 0);
					assert_int_equal(out, 0x1234);
					continue;
				}
				legal++;
				assert_int_equal(armvirt_vgic_lr_encode(&out, &lr, &full), 0);
				assert_true(out ==
					    ((uint64_t)lr.state << 62 | (uint64_t)lr.hw << 61 |
					     (uint64_t)lr.group1 << 60 | (uint64_t)lr.prio << 48 |
					     (lr.hw ? (uint64_t)lr.pintid << 32
						    : (uint64_t)lr.eoi << 41) |
					     lr.vintid));
				armvirt_vgic_lr_decode(&back, out, &full);
				assert_true(same(&back, &lr));
			}
	assert_true(legal > 10000);
}

static void shapes(void **state)
{
	struct armvirt_vgic_lr lr = {.vintid = 40, .state = 1};
	uint64_t out;

	(void)state;
	for (uint8_t bits = 5; bits <= 8; bits++) {
		struct armvirt_vgic_caps c = {4, bits, 5, 16, 0};

		for (unsigned prio = 0; prio < 256; prio++) {
			lr.prio = (uint8_t)prio;
			assert_int_equal(armvirt_vgic_lr_encode(&out, &lr, &c) == 0,
					 prio % (1u << (8 - bits)) == 0);
		}
	}
	lr.prio = 0;
	lr.nmi = lr.group1 = true;
	assert_int_equal(armvirt_vgic_lr_encode(&out, &lr, &full), ARMVIRT_E_ATTR);
	{
		struct armvirt_vgic_caps c = full;

		c.flags = ARMVIRT_VGIC_CAP_NMI;
		assert_int_equal(armvirt_vgic_lr_encode(&out, &lr, &c), 0);
		assert_true(out >> 59 & 1);
		lr.group1 = false;
		assert_int_equal(armvirt_vgic_lr_encode(&out, &lr, &c), ARMVIRT_E_ATTR);
	}
}

/* All 2^32 of GICH would take a while: all fields, and the conversion keeps every one. */
static void gich(void **state)
{
	uint32_t x = 1;

	(void)state;
	for (unsigned i = 0; i < 2000000; i++) {
		struct armvirt_vgic_lr d;
		uint32_t lr, out;
		uint64_t wide;

		x = x * 1664525 + 1013904223;
		lr = (x ^ x >> 13) & ~UINT32_C(0x700000);
		if (!(lr >> 31))
			lr &= ~UINT32_C(0x7e000); /* bits that hold nothing */
		wide = armvirt_vgic_lr_from_gich(lr);
		assert_int_equal(armvirt_vgic_lr_to_gich(wide), lr);
		assert_int_equal(wide >> 62, lr >> 28 & 3);
		assert_int_equal(wide >> 48 & 0xff, (lr >> 23 & 31) << 3);
		armvirt_vgic_lr2_decode(&d, lr);
		if (armvirt_vgic_lr2_encode(&out, &d) == 0)
			assert_int_equal(out, lr);
		else
			assert_true(d.vintid >= 1020 ||
				    (d.hw && (d.pintid < 16 || d.pintid >= 1020)) ||
				    (d.hw && (d.vintid < 16 || d.state == 3)) ||
				    (d.source && d.vintid >= 16));
	}
}

static void vtr(void **state)
{
	struct armvirt_vgic_caps c;

	(void)state;
	/* what QEMU has: 4 list registers, 5 and 5 bits */
	assert_int_equal(armvirt_vgic_caps_from_vtr(&c, 0x90180003, false), 0);
	assert_int_equal(c.lr_count, 4);
	assert_int_equal(c.pri_bits, 5);
	assert_int_equal(c.pre_bits, 5);
	for (unsigned pri = 0; pri < 8; pri++)
		for (unsigned pre = 0; pre < 8; pre++)
			for (unsigned lrs = 0; lrs < 32; lrs++) {
				bool ok =
					pri >= 4 && pre >= 4 && pre <= 6 && pre <= pri && lrs < 16;

				assert_int_equal(armvirt_vgic_caps_from_vtr(
							 &c, (uint64_t)pri << 29 | pre << 26 | lrs,
							 true) == 0,
						 ok);
			}
	assert_int_equal(armvirt_vgic_caps_from_vtr(&c, 0x91980003, false), ARMVIRT_E_HARDWARE);
	assert_int_equal(armvirt_vgic_caps_from_gich_vtr(&c, 0x90000003), 0);
	assert_int_equal(c.lr_count, 4);
	assert_int_equal(armvirt_vgic_caps_from_gich_vtr(&c, 0x9000003f), 0);
	assert_int_equal(c.lr_count, 16);
	assert_int_equal(armvirt_vgic_caps_from_gich_vtr(&c, 3), ARMVIRT_E_HARDWARE);
}

static void sets(void **state)
{
	uint64_t lr[16] = {0};

	(void)state;
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), 0);
	lr[3] = UINT64_C(1) << 62 | 40;
	lr[9] = UINT64_C(2) << 62 | 41;
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), 0);
	lr[9]--;
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), ARMVIRT_E_CORRUPT);
	lr[9] = 40; /* not valid: no matter */
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), 0);
	lr[9] = UINT64_C(2) << 62 | UINT64_C(1) << 45 | 41; /* reserved bit */
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), ARMVIRT_E_CORRUPT);
	lr[9] = UINT64_C(3) << 62 | UINT64_C(1) << 61 | UINT64_C(50) << 32 | 41;
	assert_int_equal(armvirt_vgic_lr_check(lr, &full), ARMVIRT_E_CORRUPT);
}

/* What the caller pays. */
static void sizes(void **state)
{
	(void)state;
	_Static_assert(sizeof(armvirt_vgic_irq_t) == 4, "4 bytes an interrupt");
	_Static_assert(sizeof(struct armvirt_vgic_vcpu) <= 768, "768 bytes a vCPU");
	_Static_assert(ARMVIRT_VGIC_SPI_BYTES(988) <= 4096, "4 KiB for all shared interrupts");
	_Static_assert(sizeof(struct armvirt_vgic_actions) == 16, "returned in two registers");
	printf("vcpu %zu bytes, vm %zu bytes\n", sizeof(struct armvirt_vgic_vcpu),
	       sizeof(struct armvirt_vgic));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field), cmocka_unit_test(shapes), cmocka_unit_test(gich),
		cmocka_unit_test(vtr),         cmocka_unit_test(sets),   cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
