/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register table as public data: the compact form says what the text of the table says, read
 * here word by word; fields; and which bits are reserved, by two readings of ID registers.
 */
#include "qemu_idregs.h"
#include "register_rows.h"

#include <libarmvirt/idregs.h>
#include <libarmvirt/reginfo.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/s2.h>
#include <libarmvirt/sysreg_names.h>
#include <libarmvirt/vcpu.h>

static struct cpu_model cpu[CPUS_MAX];
static uint64_t seed = 1;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static const struct reg_row *row_named(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
		if (strcmp(reg_rows[i].name, name) == 0)
			return &reg_rows[i];
	}
	fail_msg("no register %s", name);
	return NULL;
}

static const struct field_row *field_named(const char *reg, const char *name, const char *format)
{
	for (size_t i = 0; i < COUNT_OF(field_rows); i++) {
		const struct field_row *f = &field_rows[i];

		if (strcmp(f->reg, reg) == 0 && strcmp(f->name, name) == 0 &&
		    (!f->format[0] || strcmp(f->format, format) == 0))
			return f;
	}
	return NULL;
}

/* One "!REG.FIELD:ways" of the table: what the library must say in one layout. */
static void check_trap(const struct reg_row *r, const char *text,
		       const struct armvirt_reginfo_trap *t, unsigned e2h)
{
	static const char *const younger[][2] = {
		{"TFP", "FPEN"}, {"TZ", "ZEN"}, {"TSM", "SMEN"}, {"EL1PCEN", "EL1PTEN"}};
	char reg[32], field[32], ways[4];
	bool negative = text[0] == '!';
	const struct field_row *f;

	assert_int_equal(sscanf(text + negative, "%31[^.].%31[^:]:%3s", reg, field, ways), 3);
	for (size_t i = 0; e2h && i < COUNT_OF(younger); i++) {
		if (strcmp(field, younger[i][0]) == 0) {
			snprintf(field, sizeof(field), "%s", younger[i][1]);
			negative = true; /* all of them allow by ones */
		}
	}
	assert_int_equal(armvirt_reginfo_control_key((enum armvirt_control)t->control),
			 row_named(reg)->key);
	assert_int_equal(!!(t->ways & ARMVIRT_WAY_READ), strchr(ways, 'R') != NULL);
	assert_int_equal(!!(t->ways & ARMVIRT_WAY_WRITE), strpbrk(ways, "WX") != NULL);
	f = field_named(reg, field, e2h ? "E2H1" : "E2H0");
	if (!f) {
		assert_int_equal(t->mask[e2h] | t->traps[e2h], 0);
		assert_false(armvirt_reginfo_traps(t, random64(), e2h));
		return;
	}
	for (unsigned n = 0; n < 8; n++) {
		uint64_t value = random64();

		if (armvirt_reginfo_traps(t, value, e2h) != ((value >> f->lsb & 1) != negative))
			fail_msg("%s: %s, E2H %u, %llx", r->name, text, e2h,
				 (unsigned long long)value);
	}
}

/* ICV_ names stand for nothing of their own: the table is asked by encoding. */
static bool hidden_name(const struct reg_row *r)
{
	return strcmp(armvirt_sysreg_name(r->key), r->name) != 0;
}

static void traps_are_those_of_the_table(void **state)
{
	unsigned count = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
		const struct reg_row *r = &reg_rows[i];
		struct armvirt_reginfo_trap t;
		char text[512];
		unsigned n = 0;

		if (hidden_name(r))
			continue;
		snprintf(text, sizeof(text), "%s", strcmp(r->traps, "-") ? r->traps : "");
		for (char *w = strtok(text, " "); w; w = strtok(NULL, " "), n++) {
			assert_true(armvirt_reginfo_trap_at(r->key, n, &t));
			check_trap(r, w, &t, 0);
			check_trap(r, w, &t, 1);
		}
		assert_false(armvirt_reginfo_trap_at(r->key, n, &t));
		count += n;
	}
	assert_true(count > 2000);
}

/* One line of tests/data/trap_bits.tsv: a bit, and what it traps. */
struct listed {
	char control[16], e2h[4], place[8], when[4], ways[4];
};

static bool traps_as_listed(const struct listed *l, uint32_t key, unsigned e2h)
{
	uint64_t bit = UINT64_C(1) << strtoul(l->place, NULL, 0);
	struct armvirt_reginfo_trap t;
	unsigned ways = strcmp(l->ways, "RW") == 0 ? 3 : l->ways[0] == 'R' ? 1 : 2, found = 0;

	for (unsigned i = 0; armvirt_reginfo_trap_at(key, i, &t); i++)
		found += t.mask[e2h] == bit && t.ways == ways &&
			 t.traps[e2h] == (l->when[0] == '1' ? bit : 0) &&
			 armvirt_reginfo_control_key((enum armvirt_control)t.control) ==
				 row_named(l->control)->key;
	return found == 1;
}

static void check_listed(const struct listed *l, char *targets, unsigned count[2])
{
	for (char *name = strtok(targets, ","); name; name = strtok(NULL, ",")) {
		uint32_t key = row_named(name)->key;

		for (unsigned e2h = 0; e2h < 2; e2h++) {
			if (l->e2h[0] != '-' && (unsigned)(l->e2h[0] - '0') != e2h)
				continue;
			count[e2h]++;
			if (!traps_as_listed(l, key, e2h))
				fail_msg("%s: %s bit %s, E2H %u", name, l->control, l->place, e2h);
		}
	}
}

static unsigned offsets_of_the_table(void)
{
	unsigned count = 0;

	for (unsigned offset = 0; offset < 4096; offset += 8)
		count += armvirt_reginfo_at_vncr(offset) != 0;
	return count;
}

static void traps_of_the_table(unsigned total[2])
{
	struct armvirt_reginfo_trap t;

	for (uint32_t key = 0; key < 0x10000; key++) {
		for (unsigned i = 0; armvirt_reginfo_trap_at(key, i, &t); i++) {
			total[0] += t.mask[0] != 0;
			total[1] += t.mask[1] != 0;
		}
	}
}

/* The other way round, from a second listing: every bit of the trap registers, every offset. */
static void a_second_listing_agrees(void **state)
{
	static char line[8192], targets[8000];
	unsigned count[2] = {0}, total[2] = {0}, offsets = 0;
	FILE *f = fopen(TEST_DATA "/trap_bits.tsv", "r");
	struct listed l;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || strncmp(line, "control", 7) == 0)
			continue;
		assert_int_equal(sscanf(line, "%15s %3s %7s %3s %3s %7999[^\n]", l.control, l.e2h,
					l.place, l.when, l.ways, targets),
				 6);
		if (strcmp(l.control, "VNCR") != 0) {
			check_listed(&l, targets, count);
			continue;
		}
		offsets++;
		if (armvirt_reginfo_at_vncr((unsigned)strtoul(l.place, NULL, 0)) !=
		    row_named(targets)->key)
			fail_msg("VNCR %s is not %s", l.place, targets);
	}
	fclose(f);
	traps_of_the_table(total);
	assert_int_equal(count[0], total[0]);
	assert_int_equal(count[1], total[1]);
	assert_int_equal(offsets, offsets_of_the_table());
}

static void check_row(const struct reg_row *r)
{
	struct armvirt_reginfo info;
	const char *slash = strchr(r->reset, '/');

	assert_true(armvirt_reginfo_find(r->key, &info));
	assert_string_equal(info.feature, strcmp(r->feature, "-") ? r->feature : "");
	assert_int_equal(info.vncr,
			 r->vncr[0] == '-' ? ARMVIRT_VNCR_NONE : strtoul(r->vncr, NULL, 16));
	if (info.vncr != ARMVIRT_VNCR_NONE)
		assert_int_equal(armvirt_reginfo_at_vncr(info.vncr), r->key);
	assert_int_equal(info.alias, strcmp(r->alias, "-") ? row_named(r->alias)->key : 0);
	if (info.alias) {
		struct armvirt_reginfo other;

		assert_true(armvirt_reginfo_find(info.alias, &other));
		assert_int_equal(other.alias_of, r->key);
		assert_int_equal(info.alias_of | other.alias, 0);
	}
	if (r->reset[0] == '=')
		assert_int_equal(info.reset_copy, row_named(r->reset + 1)->key);
	else if (r->reset[0] == '-')
		assert_int_equal(info.reset_mask | info.reset | info.reset_copy, 0);
	else
		assert_true(info.reset == strtoull(r->reset, NULL, 16) &&
			    info.reset_mask ==
				    (slash ? strtoull(slash + 1, NULL, 16) : ~UINT64_C(0)) &&
			    (info.reset & ~info.reset_mask) == 0);
}

static void rows_are_those_of_the_table(void **state)
{
	struct armvirt_reginfo info, before;
	unsigned known = 0;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	info = before;
	for (size_t i = 0; i < COUNT_OF(reg_rows); i++) {
		if (!hidden_name(&reg_rows[i]))
			check_row(&reg_rows[i]);
	}
	for (uint32_t key = 0; key <= 0x10000; key++) {
		bool found = armvirt_reginfo_find(key, &info);

		known += found;
		assert_int_equal(found, armvirt_sysreg_name(key) != NULL);
		if (!found)
			assert_memory_equal(&info, &before, sizeof(info));
		else
			info = before;
	}
	assert_true(known > 1800);
	assert_int_equal(armvirt_reginfo_control_key(ARMVIRT_CONTROL_COUNT), 0);
	assert_int_equal(armvirt_reginfo_at_vncr(ARMVIRT_VNCR_NONE), 0);
}

/* From the descriptions of the registers, by hand: traps, aliases, offsets. */
static void known_registers(void **state)
{
	struct armvirt_reginfo info;
	struct armvirt_reginfo_trap t;

	(void)state;
	assert_true(armvirt_reginfo_find(ARMVIRT_SYSREG_SCTLR_EL1, &info));
	assert_int_equal(info.vncr, 0x110);
	assert_int_equal(info.alias, ARMVIRT_SYSREG_SCTLR_EL12);
	assert_int_equal(info.ways, ARMVIRT_WAY_READ | ARMVIRT_WAY_WRITE);
	assert_int_equal(info.reset & info.reset_mask, 0x30d00800);
	assert_int_equal(info.reset_mask & 0x1005, 0x1005);
	assert_true(armvirt_reginfo_find(ARMVIRT_SYSREG_HCR_EL2, &info));
	assert_int_equal(info.vncr, 0x78);
	assert_int_equal(info.trap_count, 1);
	assert_true(armvirt_reginfo_trap_at(ARMVIRT_SYSREG_HCR_EL2, 0, &t));
	assert_int_equal(t.control, ARMVIRT_CONTROL_HCR_EL2);
	assert_true(armvirt_reginfo_traps(&t, UINT64_C(1) << 42, true)); /* NV */
	assert_true(armvirt_reginfo_find(ARMVIRT_SYSREG_VPIDR_EL2, &info));
	assert_int_equal(info.reset_copy, ARMVIRT_SYSREG_MIDR_EL1);
	assert_true(armvirt_reginfo_find(ARMVIRT_SYSREG_ZCR_EL1, &info));
	assert_string_equal(info.feature, "FEAT_SVE");
	assert_true(armvirt_reginfo_trap_at(ARMVIRT_SYSREG_ZCR_EL1, 0, &t));
	assert_int_equal(t.control, ARMVIRT_CONTROL_CPTR_EL2);
	assert_true(armvirt_reginfo_traps(&t, 1 << 8, false));
	assert_false(armvirt_reginfo_traps(&t, 1 << 8 | 3 << 16, true));
	assert_true(armvirt_reginfo_traps(&t, 0, true));
}

/* A new vCPU holds the start values of the table in every register of every set. */
static void a_new_vcpu_starts_so(void **state)
{
	static union {
		struct armvirt_vcpu v;
		char bytes[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL)];
	} memory;
	const struct armvirt_vcpu_shape shape = {sizeof(memory), ARMVIRT_VCPU_OPTIONAL};
	struct armvirt_features f;
	unsigned checked = 0;

	(void)state;
	memset(&memory, 0x5a, sizeof(memory));
	memset(&f, 0, sizeof(f));
	memset(f.has, 0xff, sizeof(f.has));
	assert_int_equal(armvirt_vcpu_init_sets(&memory.v, &shape, &f), ARMVIRT_OK);
	for (unsigned id = 1; id <= ARMVIRT_REGID_MAX; id++) {
		struct armvirt_ctx_place place;
		struct armvirt_reginfo info;
		const char *set = NULL;
		uint64_t value;

		if (!armvirt_ctx_find_id(id, &place))
			continue;
		if (place.set == ARMVIRT_SET_EL1_BIT)
			set = (const char *)&memory.v.el1;
		else if (place.set == ARMVIRT_SET_IMPDEF_BIT)
			set = (const char *)&memory.v.impdef;
		else if (place.set == ARMVIRT_SET_RAS_BIT)
			set = (const char *)&memory.v.ras;
		else if (ARMVIRT_VCPU_OPTIONAL >> place.set & 1)
			set = memory.bytes + memory.v.set_offset[place.set];
		if (!set)
			continue;
		memcpy(&value, set + place.offset, sizeof(value));
		assert_true(armvirt_reginfo_find(armvirt_ctx_key(id), &info));
		if ((value & info.reset_mask) != info.reset || (value & ~info.reset_mask))
			fail_msg("%s starts as %llx", armvirt_sysreg_name(armvirt_ctx_key(id)),
				 (unsigned long long)value);
		checked++;
	}
	assert_true(checked > 200);
}

/* One field against single bits. */
static void check_field(uint64_t value, uint64_t got, uint64_t put, uint64_t set, uint64_t max,
			const unsigned place[2], uint64_t number)
{
	unsigned msb = place[0], lsb = place[1], width = msb - lsb + 1;

	assert_true(width == 64 ? max == UINT64_MAX : max == (UINT64_C(1) << width) - 1);
	for (unsigned bit = 0; bit < 64; bit++) {
		bool inside = bit >= lsb && bit <= msb;

		if (bit < width)
			assert_int_equal(got >> bit & 1, value >> (lsb + bit) & 1);
		else
			assert_int_equal(got >> bit & 1, 0);
		assert_int_equal(put >> bit & 1, inside ? number >> (bit - lsb) & 1 : 0);
		assert_int_equal(set >> bit & 1,
				 (inside ? number >> (bit - lsb) : value >> bit) & 1);
	}
}

_Static_assert(ARMVIRT_FIELD_GET(0x96000050, ARMVIRT_ESR_EL2_EC) == 0x25, "a constant");

#define FIELD(f, msb, lsb)                                                                         \
	{                                                                                          \
		uint64_t value = random64(), number = random64();                                  \
                                                                                                   \
		check_field(value, ARMVIRT_FIELD_GET(value, ARMVIRT_##f),                          \
			    ARMVIRT_FIELD(ARMVIRT_##f, number),                                    \
			    ARMVIRT_FIELD_SET(value, ARMVIRT_##f, number),                         \
			    ARMVIRT_FIELD_MAX(ARMVIRT_##f), (const unsigned[]){msb, lsb}, number); \
		count++;                                                                           \
	}

static void fields_are_read_and_written(void **state)
{
	unsigned count = 0;

	(void)state;
#include "fields.inc"
	assert_true(count > 1500);
}
#undef FIELD

/* Fields of an AArch32 view or by another bit of the register: not told apart by E2H. */
static bool has_other_formats(const char *reg)
{
	for (size_t f = 0; f < COUNT_OF(field_rows); f++) {
		const struct field_row *r = &field_rows[f];

		if (strcmp(r->reg, reg) == 0 && r->format[0] && strncmp(r->format, "E2H", 3) != 0)
			return true;
	}
	return false;
}

/* Two readings of ID registers: lib/arch/features.tsv, and the questions of features.h. */
static void reserved_bits_agree(void **state)
{
	unsigned cpus = read_cpus(cpu), compared = 0;
	const char *last = "";

	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		struct armvirt_features host;

		armvirt_features_derive(&host, &cpu[i].id);
		for (size_t f = 0; f < COUNT_OF(field_rows); f++) {
			uint32_t key = row_named(field_rows[f].reg)->key;

			if (strcmp(field_rows[f].reg, last) == 0)
				continue;
			last = field_rows[f].reg;
			if (has_other_formats(last))
				continue;
			for (unsigned e2h = 0; e2h < 2; e2h++) {
				struct armvirt_reserved r, any;
				uint64_t zeros, ones;

				row_reserved(&host, last, e2h, &zeros, &ones);
				assert_true(armvirt_idregs_reserved_layout(
					&cpu[i].id, key,
					e2h ? ARMVIRT_LAYOUT_E2H1 : ARMVIRT_LAYOUT_E2H0, &r));
				if (r.zeros != zeros || r.ones != ones)
					fail_msg("%s: %s, E2H %u: %llx %llx, not %llx %llx",
						 cpu[i].name, last, e2h,
						 (unsigned long long)r.zeros,
						 (unsigned long long)r.ones,
						 (unsigned long long)zeros,
						 (unsigned long long)ones);
				assert_true(armvirt_idregs_reserved(&cpu[i].id, key, &any));
				assert_int_equal(any.zeros & ~r.zeros, 0);
				compared++;
			}
		}
	}
	assert_true(compared > 500);
}

/* VTTBR_EL2 of an empty table with the largest VMID. */
static uint64_t vttbr(const struct armvirt_s2_geometry *g, const struct armvirt_features *host)
{
	struct armvirt_s2_memory m = {.root_pa = 0x40000000};
	static struct armvirt_s2 s;
	uint64_t value;

	m.root = aligned_alloc(g->root_align,
			       g->root_bytes < g->root_align ? g->root_align : g->root_bytes);
	assert_non_null(m.root);
	m.va_minus_pa = (uint64_t)(uintptr_t)m.root - m.root_pa;
	assert_int_equal(armvirt_s2_init(&s, g, &m), ARMVIRT_OK);
	value = armvirt_s2_vttbr(&s, armvirt_has(host, ARMVIRT_FEAT_VMID16) ? 0xffff : 0xff);
	free(m.root);
	return value;
}

/* What stage 2 wants in its registers, for every geometry on every machine. */
static void stage2_values_exist(void **state)
{
	static const enum armvirt_granule granules[] = {ARMVIRT_GRANULE_4K, ARMVIRT_GRANULE_16K,
							ARMVIRT_GRANULE_64K};
	unsigned cpus = read_cpus(cpu), solved = 0;

	(void)state;
	for (unsigned i = 0; i < cpus; i++) {
		struct armvirt_features host;

		armvirt_features_derive(&host, &cpu[i].id);
		for (unsigned n = 0; n < 3 * 21; n++) {
			struct armvirt_s2_config c = {.granule = granules[n / 21],
						      .ipa_bits = (uint8_t)(32 + n % 21),
						      .start_level = ARMVIRT_S2_START_AUTO};
			struct armvirt_s2_geometry g;

			if (armvirt_s2_geometry_solve(&g, &host, &c) != ARMVIRT_OK)
				continue;
			row_check_value(&host, cpu[i].name, "VTCR_EL2", 0, g.vtcr);
			row_check_value(&host, cpu[i].name, "VTTBR_EL2", 0, vttbr(&g, &host));
			solved++;
		}
	}
	assert_true(solved > 200);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traps_are_those_of_the_table),
		cmocka_unit_test(a_second_listing_agrees),
		cmocka_unit_test(rows_are_those_of_the_table),
		cmocka_unit_test(known_registers),
		cmocka_unit_test(a_new_vcpu_starts_so),
		cmocka_unit_test(fields_are_read_and_written),
		cmocka_unit_test(reserved_bits_agree),
		cmocka_unit_test(stage2_values_exist),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
