/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_state.h>

#include "test.h"

#define SETS                                                                         \
	(ARMVIRT_SET_PAUTH | ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP | ARMVIRT_SET_PMU | \
	 ARMVIRT_SET_BRP)

typedef union {
	struct armvirt_vcpu v;
	uint8_t bytes[ARMVIRT_VCPU_BYTES(SETS)];
} memory_t;

static memory_t a, b, before;
static uint8_t image[8192], broken[8192];
static struct armvirt_features f;
static uint64_t seed;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int set_up(void **state)
{
	const char *text = getenv("ARMVIRT_TEST_SEED");

	(void)state;
	seed = text ? strtoull(text, NULL, 0) : 0x9e3779b97f4a7c15;
	print_message("ARMVIRT_TEST_SEED=%llu\n", (unsigned long long)seed);
	memset(f.has, 0xff, sizeof(f.has));
	return 0;
}

static void make(memory_t *m, uint64_t sets)
{
	struct armvirt_vcpu_shape shape = {.bytes = sizeof(*m), .sets = sets};

	assert_int_equal(armvirt_vcpu_init_sets(&m->v, &shape, &f), ARMVIRT_OK);
}

static void fill(memory_t *m)
{
	uint64_t *frame = m->v.frame.x, *fp = &m->v.fp.v[0][0];
	uint64_t *el1 = &m->v.el1.sctlr_el1;

	for (unsigned i = 0; i < 32; i++)
		frame[i] = next();
	for (unsigned i = 0; i < sizeof(m->v.fp) / 8; i++)
		fp[i] = next();
	for (unsigned i = 0; i < (sizeof(m->v.el1) + sizeof(m->v.impdef) + sizeof(m->v.ras)) / 8;
	     i++)
		el1[i] = next();
	for (size_t i = sizeof(m->v); i < sizeof(m->v) + ARMVIRT_CTX_BYTES(SETS); i += 8)
		*(uint64_t *)(void *)(m->bytes + i) = next();
	m->v.frame.pstate = (next() & 0xf0000000) | 0x3c5;
	m->v.traps.hcr_el2 = UINT64_C(1) << 8;
}

static void round_trip(void **state)
{
	size_t need;

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		make(&a, SETS);
		fill(&a);
		make(&b, SETS);
		need = armvirt_vcpu_state_bytes(&a.v);
		assert_true(need < sizeof(image));
		memset(image, 0xaa, sizeof(image));
		assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need - 1), ARMVIRT_E_SIZE);
		assert_int_equal(image[0], 0xaa);
		/* at an odd address: no alignment is asked for */
		assert_int_equal(armvirt_vcpu_state_save(&a.v, image + 1, need), ARMVIRT_OK);
		assert_int_equal(image[need + 1], 0xaa);
		assert_int_equal(armvirt_vcpu_state_restore(&b.v, image + 1, need), ARMVIRT_OK);
		assert_memory_equal(&a, &b, sizeof(a)); /* nothing is missing */
	}
}

static void the_format_stays(void **state)
{
	static const uint8_t header[] = {'A', 'V', 'R', 'T', 'V', 'C', 'P', 'U', 1, 0, 0, 0};

	(void)state;
	make(&a, 0);
	a.v.el1.sctlr_el1 = 0x1122334455667788;
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, sizeof(image)), ARMVIRT_OK);
	assert_memory_equal(image, header, sizeof(header));
	assert_int_equal(image[32], ARMVIRT_REGID_SCTLR_EL1);
	assert_int_equal(image[40], 0x88);
	assert_int_equal(image[47], 0x11);
}

static void a_vcpu_that_runs_is_refused(void **state)
{
	struct armvirt_cpu cpu = {0};
	size_t need;

	(void)state;
	make(&a, SETS);
	need = armvirt_vcpu_state_bytes(&a.v);
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need), ARMVIRT_OK);
	a.v.cpu = &cpu;
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_vcpu_state_restore(&a.v, image, need), ARMVIRT_E_STATE);
	a.v.cpu = NULL;
	a.v.fp_cpu = &cpu;
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need), ARMVIRT_E_STATE);
	assert_int_equal(armvirt_vcpu_state_restore(&a.v, image, need), ARMVIRT_E_STATE);
}

static enum armvirt_status try(size_t bytes)
{
	enum armvirt_status s;

	make(&b, SETS);
	before = b;
	s = armvirt_vcpu_state_restore(&b.v, broken, bytes);
	if (s != ARMVIRT_OK)
		assert_memory_equal(&b, &before, sizeof(b));
	return s;
}

static void hostile_input(void **state)
{
	size_t need, refused = 0;

	(void)state;
	make(&a, SETS);
	fill(&a);
	need = armvirt_vcpu_state_bytes(&a.v);
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need), ARMVIRT_OK);
	memcpy(broken, image, sizeof(image));
	for (size_t n = 0; n < need; n++)
		assert_int_equal(try(n), ARMVIRT_E_SIZE);
	assert_int_equal(try(need + 16), ARMVIRT_E_SIZE);
	/* every bit of the header and of every number */
	for (size_t bit = 0; bit < 8 * need; bit++) {
		bool value = bit / 8 >= 32 && bit / 8 % 16 >= 8;

		if (value)
			continue;
		broken[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(try(need), ARMVIRT_OK);
		refused++;
		broken[bit / 8] = image[bit / 8];
	}
	assert_true(refused > 4000);
	/* random bytes anywhere */
	for (unsigned round = 0; round < 20000; round++) {
		size_t at = next() % need;

		broken[at] = (uint8_t)next();
		if (try(need) == ARMVIRT_OK)
			assert_true(b.v.modes >> (b.v.frame.pstate & 31) & 1);
		broken[at] = image[at];
	}
}

static uint8_t *record(uint32_t id)
{
	uint8_t *p = broken + ARMVIRT_STATE_HEADER_BYTES;

	while ((uint32_t)(p[0] | p[1] << 8) != id)
		p += ARMVIRT_STATE_RECORD_BYTES;
	return p;
}

static void what_exactly_is_wrong(void **state)
{
	size_t need;

	(void)state;
	make(&a, SETS);
	need = armvirt_vcpu_state_bytes(&a.v);
	assert_int_equal(armvirt_vcpu_state_save(&a.v, broken, need), ARMVIRT_OK);
	for (unsigned m = 0; m < 32; m++) {
		record(ARMVIRT_STATE_PSTATE)[8] = (uint8_t)(0xc0 | m);
		assert_int_equal(try(need), a.v.modes >> m & 1 ? ARMVIRT_OK : ARMVIRT_E_CORRUPT);
	}
	record(ARMVIRT_STATE_PSTATE)[8] = 0xc5;
	record(ARMVIRT_STATE_PENDING)[8] = 2;
	assert_int_equal(try(need), ARMVIRT_E_CORRUPT);
	record(ARMVIRT_STATE_PENDING)[8] = 1;
	assert_int_equal(try(need), ARMVIRT_OK);
	assert_int_equal(b.v.traps.hcr_el2, 0x100);
	memcpy(record(ARMVIRT_STATE_X + 1), record(ARMVIRT_STATE_X), 4); /* twice the same */
	assert_int_equal(try(need), ARMVIRT_E_ORDER);
	broken[8] = 2;
	assert_int_equal(try(need), ARMVIRT_E_UNSUPPORTED);

	make(&b, 0); /* a vCPU without the sets */
	assert_int_equal(armvirt_vcpu_state_save(&a.v, image, need), ARMVIRT_OK);
	assert_int_equal(armvirt_vcpu_state_restore(&b.v, image, need), ARMVIRT_E_UNSUPPORTED);
}

/* Vectors of this length: sizes, refusals, every byte found once by number, and there and back. */
static void vectors_of(unsigned vl)
{
	static _Alignas(16) uint8_t area[2][ARMVIRT_SVE_BYTES(ARMVIRT_SVE_VL_MAX) + 16],
		seen[sizeof(area[0])];
	struct armvirt_vcpu_sve s = {area[0], ARMVIRT_SVE_BYTES(vl) - 1, vl};
	struct armvirt_vcpu_place p;
	static uint8_t sve_image[32768];
	size_t need;

	make(&a, ARMVIRT_SET_SVE);
	make(&b, ARMVIRT_SET_SVE);
	armvirt_vcpu_set_stack(&a.v, area + 2);
	a.v.traps.hcr_el2 = UINT64_C(1) << 31;
	assert_int_equal(armvirt_vcpu_check(&a.v), ARMVIRT_E_STATE);
	memset(area, 0xaa, sizeof(area));
	assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s), ARMVIRT_E_SIZE);
	s.bytes++;
	s.area = area[0] + 8;
	assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s), ARMVIRT_E_ALIGN);
	assert_int_equal(area[0][8], 0xaa);
	s.area = area[0];
	assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s), ARMVIRT_OK);
	assert_int_equal(armvirt_vcpu_check(&a.v), ARMVIRT_OK);
	assert_int_equal(area[0][s.bytes - 1], 0);
	assert_int_equal(area[0][s.bytes], 0xaa);
	s.area = area[1];
	assert_int_equal(armvirt_vcpu_init_sve(&b.v, &s), ARMVIRT_OK);

	memset(seen, 0, sizeof(seen));
	for (uint32_t id = ARMVIRT_STATE_V; id < ARMVIRT_STATE_END; id++) {
		if (armvirt_vcpu_find(&a.v, id, &p) != ARMVIRT_OK || id == ARMVIRT_STATE_SVE_VL)
			continue;
		assert_int_equal(p.holder, ARMVIRT_HOLDER_FP);
		for (unsigned i = 0; i < p.bytes; i++)
			assert_int_equal(seen[(uint8_t *)p.where - area[0] + i]++, 0);
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		assert_int_equal(seen[i], i < 32 * vl + 17 * vl / 8);
	for (size_t i = 0; i < 32 * vl + 17 * vl / 8; i++)
		area[0][i] = (uint8_t)next();
	need = armvirt_vcpu_state_bytes(&a.v);
	assert_int_equal(armvirt_vcpu_state_save(&a.v, sve_image, need), ARMVIRT_OK);
	assert_int_equal(armvirt_vcpu_state_restore(&b.v, sve_image, need), ARMVIRT_OK);
	assert_memory_equal(area[0], area[1], sizeof(area[0]));
	s.vl = vl == 16 ? 32 : vl - 16; /* another length, then one half of a predicate too much */
	s.bytes = sizeof(area[1]);
	assert_int_equal(armvirt_vcpu_init_sve(&b.v, &s), ARMVIRT_OK);
	assert_int_equal(armvirt_vcpu_state_restore(&b.v, sve_image, need), ARMVIRT_E_UNSUPPORTED);
	if (vl % 64) {
		s.vl = vl;
		assert_int_equal(armvirt_vcpu_init_sve(&b.v, &s), ARMVIRT_OK);
		sve_image[need - 1] = 1;
		assert_int_equal(armvirt_vcpu_state_restore(&b.v, sve_image, need),
				 ARMVIRT_E_CORRUPT);
	}
}

static void vectors(void **state)
{
	static _Alignas(16) uint8_t area[ARMVIRT_SVE_BYTES(512)];
	struct armvirt_vcpu_place p;
	struct armvirt_cpu cpu = {0};

	(void)state;
	for (unsigned vl = 16; vl <= ARMVIRT_SVE_VL_MAX; vl += 16)
		vectors_of(vl);
	for (unsigned vl = 0; vl <= 512; vl++) {
		struct armvirt_vcpu_sve s = {area, sizeof(area), vl};
		bool good = vl && vl % 16 == 0 && vl <= 256;

		make(&a, ARMVIRT_SET_SVE);
		assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s),
				 good ? ARMVIRT_OK : ARMVIRT_E_ARG);
		a.v.fp_cpu = &cpu;
		assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s), ARMVIRT_E_STATE);
		make(&a, 0);
		assert_int_equal(armvirt_vcpu_init_sve(&a.v, &s), ARMVIRT_E_STATE);
	}
	assert_int_equal(armvirt_vcpu_find(&a.v, ARMVIRT_STATE_Z + 2, &p), ARMVIRT_E_ABSENT);
	assert_int_equal(armvirt_vcpu_find(&a.v, ARMVIRT_STATE_Z, &p), ARMVIRT_E_ARG);
	assert_int_equal(armvirt_vcpu_find(&a.v, ARMVIRT_STATE_SVE_VL, &p), ARMVIRT_E_ABSENT);
	assert_int_equal(armvirt_vcpu_find(&a.v, ARMVIRT_REGID_ZCR_EL1, &p), ARMVIRT_E_ABSENT);
}

/* Whether an exit is the lazy trap: of FP for all, of SVE only with the set, never for the owner.
 */
static void the_lazy_trap(void **state)
{
	struct armvirt_cpu cpu = {0};

	(void)state;
	for (unsigned sve = 0; sve < 2; sve++) {
		make(&a, sve ? ARMVIRT_SET_SVE : 0);
		for (uint64_t ec = 0; ec < 64; ec++) {
			a.v.fp_cpu = NULL;
			assert_int_equal(armvirt_vcpu_wants_fp(&a.v, ec << 26 | 1 << 25),
					 ec == 7 || (sve && ec == 0x19));
			a.v.fp_cpu = &cpu;
			assert_false(armvirt_vcpu_wants_fp(&a.v, ec << 26));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(the_format_stays),
		cmocka_unit_test(a_vcpu_that_runs_is_refused),
		cmocka_unit_test(hostile_input),
		cmocka_unit_test(what_exactly_is_wrong),
		cmocka_unit_test(vectors),
		cmocka_unit_test(the_lazy_trap),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
