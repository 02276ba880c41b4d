/* SPDX-License-Identifier: BSD-2-Clause */
/* Every geometry against the table of legal combinations, and nothing else accepted. */
#include "test.h"

#include <libarmvirt/s2.h>

#include "../model/geometry.h"

struct row {
	int granule, ds, ipa, t0sz, start, sl2, sl0, entries, concat, bytes, align, min_pa;
	int lpa; /* FEAT_LPA in the row */
	int seen;
};

static struct row rows[400];
static unsigned row_count;

static int number(const char *s)
{
	if (!strcmp(s, "-"))
		return 0;
	if (!strncmp(s, "0b", 2))
		return (int)strtol(s + 2, NULL, 2);
	return (int)strtol(s, NULL, 10);
}

static int load(void **state)
{
	FILE *f = fopen(TEST_DATA "/vtcr_geometry.tsv", "r");
	char line[400], *field[14];

	(void)state;
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		struct row *r = &rows[row_count];
		unsigned n = 0;

		for (char *p = strtok(line, "\t\n"); p && n < 14; p = strtok(NULL, "\t\n"))
			field[n++] = p;
		assert_int_equal(n, 14);
		r->granule = !strcmp(field[0], "4K") ? 12 : !strcmp(field[0], "16K") ? 14 : 16;
		r->ds = number(field[2]);
		r->ipa = number(field[3]);
		r->t0sz = number(field[4]);
		r->start = number(field[5]);
		r->sl2 = number(field[6]);
		r->sl0 = number(field[7]);
		r->entries = number(field[8]);
		r->concat = number(field[9]);
		r->bytes = number(field[10]);
		r->align = number(field[11]);
		r->min_pa = number(field[12]);
		r->lpa = strstr(field[13], "FEAT_LPA") && !strstr(field[13], "FEAT_LPA2");
		row_count += r->ipa >= 32;
	}
	fclose(f);
	return 0;
}

static struct row *find(int granule, int ds, int ipa, int start, int pa)
{
	for (unsigned i = 0; i < row_count; i++) {
		struct row *r = &rows[i];

		if (r->granule == granule && r->ds == ds && r->ipa == ipa && r->start == start &&
		    r->min_pa <= pa && (!r->lpa || pa == 52))
			return r;
	}
	return NULL;
}

static void check(const struct armvirt_s2_geometry *g, const struct row *r, int pa)
{
	static const int ps[] = {32, 36, 40, 42, 44, 48, 52};

	assert_int_equal(g->vtcr & 63, r->t0sz);
	assert_int_equal((g->vtcr >> 6) & 3, r->sl0);
	assert_int_equal((g->vtcr >> 33) & 1, r->sl2);
	assert_int_equal((g->vtcr >> 32) & 1, r->ds);
	assert_int_equal((g->vtcr >> 14) & 3, r->granule == 12 ? 0 : r->granule == 16 ? 1 : 2);
	assert_int_equal((g->vtcr >> 8) & 0x3f, 0x35);
	assert_true((g->vtcr >> 31) & 1);
	assert_int_equal(ps[(g->vtcr >> 16) & 7], g->pa_bits);
	assert_int_equal(g->pa_bits, pa > 48 && !r->ds && r->granule != 16 ? 48 : pa);
	assert_int_equal(g->start_level, r->start);
	assert_int_equal(g->root_entries, r->entries);
	assert_int_equal(g->root_count, r->concat);
	assert_int_equal(g->root_bytes, r->bytes);
	/* A root of a few entries is aligned to 64 bytes, which 52-bit addresses ask for. */
	assert_int_equal(g->root_align, r->align < 64 ? 64 : r->align);
}

static unsigned accepted_combinations;

static void every_combination(void **state)
{
	static const int sizes[] = {32, 36, 40, 42, 44, 48, 52};
	static const int granules[] = {12, 14, 16};
	struct armvirt_features f;
	unsigned accepted = 0, unseen = 0;

	(void)state;
	for (unsigned i = 0; i < 7 * 3 * 2 * 30 * 7; i++) {
		int pa = sizes[i % 7], granule = granules[i / 7 % 3], ds = (int)(i / 21 % 2);
		int ipa = 25 + (int)(i / 42 % 30), start = -2 + (int)(i / 1260 % 7);
		struct armvirt_s2_config c = {(enum armvirt_granule)granule, (uint8_t)ipa,
					      (int8_t)start, ds ? ARMVIRT_S2_USE_LPA2 : 0};
		struct armvirt_s2_geometry g;
		struct row *r = ipa >= 32 && ipa <= pa ? find(granule, ds, ipa, start, pa) : NULL;
		enum armvirt_status status;

		memset(&f, 0, sizeof(f));
		f.pa_bits = (uint8_t)pa;
		f.s2_granule_4k = f.s2_granule_16k = 2;
		f.s2_granule_64k = 1;
		status = armvirt_s2_geometry_solve(&g, &f, &c);
		if (!r) {
			assert_true(status < 0);
			assert_int_not_equal(armvirt_s2_geometry_check(&f, &c), 0);
			continue;
		}
		assert_int_equal(status, ARMVIRT_OK);
		assert_int_equal(armvirt_s2_geometry_check(&f, &c), 0);
		check(&g, r, pa);
		r->seen = 1;
		accepted++;
	}
	for (unsigned i = 0; i < row_count; i++)
		unseen += !rows[i].seen;
	assert_int_equal(unseen, 0);
	assert_true(accepted > 300);
	accepted_combinations = accepted;
}

static void all_features(struct armvirt_features *f, unsigned pa)
{
	memset(f, 0, sizeof(*f));
	f->pa_bits = (uint8_t)pa;
	f->s2_granule_4k = f->s2_granule_16k = 2;
	f->s2_granule_64k = 1;
}

/* What the rules allow, the library solves, and to the same fields; the others it refuses. */
static bool solves(const struct model_fields *m, const struct model_root *root)
{
	struct armvirt_s2_config c = {(enum armvirt_granule)root->page_bits,
				      (uint8_t)root->input_bits, (int8_t)root->start_level,
				      m->ds ? ARMVIRT_S2_USE_LPA2 : 0};
	struct armvirt_features f;
	struct armvirt_s2_geometry g;

	all_features(&f, m->pa_max);
	if (armvirt_s2_geometry_solve(&g, &f, &c))
		return false;
	assert_int_equal(g.vtcr & 63, m->t0sz);
	assert_int_equal((g.vtcr >> 6) & 3, m->sl0);
	assert_int_equal((g.vtcr >> 14) & 3, m->tg0);
	assert_int_equal((g.vtcr >> 32) & 1, m->ds);
	assert_int_equal((g.vtcr >> 33) & 1, m->sl2);
	assert_int_equal(g.root_count, root->tables);
	assert_int_equal(g.root_bytes, root->bytes);
	assert_int_equal(g.root_align, root->bytes < 64 ? 64 : root->bytes);
	return true;
}

static bool in_table(const struct model_fields *m, const struct model_root *root)
{
	struct row *r = find((int)root->page_bits, (int)m->ds, (int)root->input_bits,
			     root->start_level, (int)m->pa_max);

	return r && r->sl0 == (int)m->sl0 && r->sl2 == (int)m->sl2 &&
	       r->concat == (int)root->tables && r->bytes == (int)root->bytes;
}

/* The fields of VTCR_EL2 one by one: rules, table and library say the same. */
static void rules_table_and_library_agree(void **state)
{
	static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52};
	unsigned legal = 0;

	(void)state;
	for (unsigned i = 0; i < 1u << 12; i++) {
		for (unsigned n = 0; n < COUNT_OF(sizes); n++) {
			struct model_fields m = {i & 3,       i >> 2 & 63, i >> 8 & 3,
						 i >> 10 & 1, i >> 11 & 1, sizes[n]};
			struct model_root root;

			if (!model_root_of(&m, &root) || root.input_bits < 32)
				continue;
			assert_true(solves(&m, &root));
			assert_true(in_table(&m, &root));
			legal++;
		}
	}
	assert_int_equal(legal, accepted_combinations);
}

static void automatic_choice_is_the_shortest_walk(void **state)
{
	struct armvirt_features f;
	struct armvirt_s2_geometry g;

	(void)state;
	memset(&f, 0, sizeof(f));
	f.pa_bits = 52;
	f.s2_granule_4k = f.s2_granule_16k = 2;
	f.s2_granule_64k = 1;
	for (unsigned i = 0; i < row_count; i++) {
		struct armvirt_s2_config c = {(enum armvirt_granule)rows[i].granule,
					      (uint8_t)rows[i].ipa, ARMVIRT_S2_START_AUTO,
					      rows[i].ds ? ARMVIRT_S2_USE_LPA2 : 0};

		assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
		assert_true(g.start_level >= rows[i].start);
	}
}

static void refusals_name_their_rule(void **state)
{
	struct armvirt_features f;
	struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO, 0};

	(void)state;
	memset(&f, 0, sizeof(f));
	f.pa_bits = 40;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_GRANULE);
	f.s2_granule_4k = 1;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_NONE);
	c.flags = ARMVIRT_S2_USE_LPA2;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_LPA2);
	c.flags = ARMVIRT_S2_USE_HW_AF;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_HW_AF);
	c.flags = ARMVIRT_S2_USE_HW_DIRTY;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_HW_DIRTY);
	c.flags = 1u << 30;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_FLAGS);
	c.flags = 0;
	c.ipa_bits = 31;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_IPA_BITS);
	c.ipa_bits = 41;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_PA_BITS);
	c.ipa_bits = 40;
	c.start_level = 3;
	assert_int_equal(armvirt_s2_geometry_check(&f, &c), ARMVIRT_S2_RULE_START_LEVEL);
}

/* Attributes to bits and back, all of them, in every kind of geometry. */
static void attributes_round_trip(void **state)
{
	struct armvirt_features f;
	struct armvirt_s2_geometry g;

	(void)state;
	for (unsigned kind = 0; kind < 16; kind++) {
		struct armvirt_s2_config c = {ARMVIRT_GRANULE_4K, 40, ARMVIRT_S2_START_AUTO,
					      kind & 1 ? ARMVIRT_S2_USE_LPA2 : 0};
		unsigned good = 0;

		memset(&f, 0, sizeof(f));
		f.pa_bits = 48;
		f.s2_granule_4k = 2;
		f.has[ARMVIRT_FEAT_S2FWB / 64] |= (uint64_t)(kind >> 1 & 1)
						  << (ARMVIRT_FEAT_S2FWB % 64);
		f.has[ARMVIRT_FEAT_XNX / 64] |= (uint64_t)(kind >> 2 & 1)
						<< (ARMVIRT_FEAT_XNX % 64);
		f.has[ARMVIRT_FEAT_HAF / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_HAF % 64);
		f.has[ARMVIRT_FEAT_HDBS / 64] |= UINT64_C(1) << (ARMVIRT_FEAT_HDBS % 64);
		if (kind & 8)
			c.flags |= ARMVIRT_S2_USE_HW_AF | ARMVIRT_S2_USE_HW_DIRTY;
		assert_int_equal(armvirt_s2_geometry_solve(&g, &f, &c), ARMVIRT_OK);
		for (uint32_t a = 0; a < 1u << 16; a++) {
			uint64_t bits = 0;

			if (armvirt_s2_attr_encode(&g, a, &bits)) {
				assert_int_equal(bits, 0);
				continue;
			}
			assert_int_equal(bits & g.leaf_zero[4] & ~UINT64_C(3), 0);
			assert_int_equal(bits & (g.addr_low | g.addr_high), 0);
			assert_int_equal(armvirt_s2_attr_decode(&g, bits), a);
			good++;
		}
		/* types x permissions x share x old, tracked, software */
		assert_int_equal(good, (kind & 2 ? 7u : 13u) * (kind & 4 ? 16u : 8u) *
					       (kind & 1 ? 1u : 3u) * 32u);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_combination),
		cmocka_unit_test(rules_table_and_library_agree),
		cmocka_unit_test(automatic_choice_is_the_shortest_walk),
		cmocka_unit_test(refusals_name_their_rule),
		cmocka_unit_test(attributes_round_trip),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
