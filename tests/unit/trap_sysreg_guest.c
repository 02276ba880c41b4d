/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ready-made handlers, through the dispatch: every encoding of AArch64 that has a fixed value,
 * the AArch32 equivalents by a list written from the architecture, timers against arithmetic.
 */
#include "qemu_idregs.h"

#include <libarmvirt/regs.h>
#include <libarmvirt/sysreg_guest.h>

#define EL1H  0x3c5
#define SVC32 0x1d3

struct guest {
	uint64_t front; /* so that no offset is zero */
	const struct armvirt_idregs *id;
	struct armvirt_timer_trap timer;
};

static const struct armvirt_sysreg_entry rows[] = {
	ARMVIRT_SYSREG_ID_ROWS(offsetof(struct guest, id)),
	ARMVIRT_SYSREG_ID32_ROWS(offsetof(struct guest, id)),
	ARMVIRT_SYSREG_DEBUG_ROWS(offsetof(struct guest, id)),
	ARMVIRT_SYSREG_TIMER_ROWS(offsetof(struct guest, timer)),
	ARMVIRT_SYSREG_TIMER32_ROWS(offsetof(struct guest, timer)),
};

static struct armvirt_sysreg_index table_index;
static struct armvirt_idregs shown;
static struct armvirt_timer_vcpu timers;
static struct armvirt_timer_vm vm;
static struct guest guest = {.id = &shown, .timer = {.timers = &timers, .vm = &vm}};
static uint64_t seed = 1;

static uint64_t random64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static int make_index(void **state)
{
	const struct armvirt_sysreg_table table = {rows, COUNT_OF(rows)};

	(void)state;
	assert_int_equal(armvirt_sysreg_index_init(&table_index, &table), ARMVIRT_OK);
	return 0;
}

static enum armvirt_exit_kind kind_of(uint32_t key)
{
	switch (key & 0xf0000) {
	case ARMVIRT_SYSREG_CP15:
		return ARMVIRT_EXIT_CP15;
	case ARMVIRT_SYSREG_CP15_64:
		return ARMVIRT_EXIT_CP15_64;
	case ARMVIRT_SYSREG_CP14:
		return ARMVIRT_EXIT_CP14;
	case ARMVIRT_SYSREG_CP10:
		return ARMVIRT_EXIT_CP10;
	default:
		return ARMVIRT_EXIT_SYSREG;
	}
}

/* One access by x3 (and x4); of AArch32 in SVC mode. */
static enum armvirt_status go(uint32_t key, bool read, uint64_t *value)
{
	bool a32 = key >> 16 != 0, pair = (key & 0xf0000) == ARMVIRT_SYSREG_CP15_64;
	struct armvirt_frame f = {.pc = 0x100, .pstate = a32 ? SVC32 : EL1H};
	struct armvirt_exit e = {.kind = kind_of(key), .aarch32 = a32, .insn_bytes = 4};
	enum armvirt_status status;

	e.u.sysreg = (struct armvirt_sysreg_access){key, 3, pair ? 4 : 31, read};
	e.cond = 14;
	f.x[3] = pair ? (uint32_t)*value : *value;
	f.x[4] = *value >> 32;
	status = armvirt_sysreg_emulate(&table_index, &guest, &e, &f);
	assert_int_equal(f.pc, status == ARMVIRT_OK ? 0x104 : 0x100);
	if (status == ARMVIRT_OK && read)
		*value = pair ? f.x[4] << 32 | f.x[3] : f.x[3];
	return status;
}

static void show(enum armvirt_policy_preset preset, const struct armvirt_idregs *machine)
{
	struct armvirt_policy p = armvirt_policy_preset(preset);

	assert_int_equal(armvirt_idregs_limit(&shown, machine, &p), ARMVIRT_OK);
}

static struct cpu_model cpus[CPUS_MAX];

/* Registers that need no row: nothing traps them, and the list leaves them out. */
static bool answered_by_hardware(uint32_t key)
{
	return key == ARMVIRT_SYSREG_MIDR_EL1 || key == ARMVIRT_SYSREG_MPIDR_EL1 ||
	       key == ARMVIRT_SYSREG_ICC_SRE_EL1 || key == ARMVIRT_SYSREG_DCZID_EL0;
}

/* Whatever has a fixed value is served so, and nothing else is. */
static void fixed_values_of_every_encoding(void **state)
{
	unsigned count = read_cpus(cpus), served = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < count * 3; i++) {
		show((enum armvirt_policy_preset)(i % 3), &cpus[i / 3].id);
		for (uint32_t key = 0x8000; key < 0x10000; key++) {
			uint64_t want = 0, got = 0, junk = random64();
			enum armvirt_status read = armvirt_idregs_guest_read(&shown, key, &want);
			enum armvirt_status write = armvirt_idregs_guest_write(&shown, key);
			enum armvirt_status status;

			if (answered_by_hardware(key) ||
			    armvirt_sysreg_group(key) == ARMVIRT_SYSREG_TIMER)
				continue;
			status = go(key, true, &got);
			assert_int_equal(status == ARMVIRT_OK, read == ARMVIRT_OK);
			if (status == ARMVIRT_OK)
				assert_int_equal(got, want);
			assert_int_equal(go(key, false, &junk) == ARMVIRT_OK, write == ARMVIRT_OK);
			served += read == ARMVIRT_OK;
			refused += read != ARMVIRT_OK;
		}
	}
	assert_true(served > count * 210 && refused > 0);
}

/* By hand from the architecture: the mapping of CP15 c0, c1 and of the registers of VMRS. */
static void aarch32_views(void **state)
{
#define P15(a, b, c, d) (ARMVIRT_SYSREG_CP15 | (a) << 11 | (b) << 7 | (c) << 3 | (d))
#define MVFR(r)         (ARMVIRT_SYSREG_CP10 | 7 << 11 | (r) << 7)
	static const struct {
		uint32_t key;
		enum armvirt_idreg reg;
	} rows32[] = {
		{P15(0, 0, 0, 1), ARMVIRT_IDREG_CTR_EL0},
		{P15(0, 0, 0, 6), ARMVIRT_IDREG_REVIDR_EL1},
		{P15(0, 0, 1, 0), ARMVIRT_IDREG_ID_PFR0_EL1},
		{P15(0, 0, 1, 1), ARMVIRT_IDREG_ID_PFR1_EL1},
		{P15(0, 0, 1, 2), ARMVIRT_IDREG_ID_DFR0_EL1},
		{P15(0, 0, 1, 3), ARMVIRT_IDREG_ID_AFR0_EL1},
		{P15(0, 0, 1, 4), ARMVIRT_IDREG_ID_MMFR0_EL1},
		{P15(0, 0, 1, 7), ARMVIRT_IDREG_ID_MMFR3_EL1},
		{P15(0, 0, 2, 0), ARMVIRT_IDREG_ID_ISAR0_EL1},
		{P15(0, 0, 2, 5), ARMVIRT_IDREG_ID_ISAR5_EL1},
		{P15(0, 0, 2, 6), ARMVIRT_IDREG_ID_MMFR4_EL1},
		{P15(0, 0, 2, 7), ARMVIRT_IDREG_ID_ISAR6_EL1},
		{P15(0, 0, 3, 4), ARMVIRT_IDREG_ID_PFR2_EL1},
		{P15(0, 0, 3, 5), ARMVIRT_IDREG_ID_DFR1_EL1},
		{P15(0, 0, 3, 6), ARMVIRT_IDREG_ID_MMFR5_EL1},
		{P15(1, 0, 0, 1), ARMVIRT_IDREG_CLIDR_EL1},
		{P15(1, 0, 0, 7), ARMVIRT_IDREG_AIDR_EL1},
		{MVFR(7), ARMVIRT_IDREG_MVFR0_EL1},
		{MVFR(6), ARMVIRT_IDREG_MVFR1_EL1},
		{MVFR(5), ARMVIRT_IDREG_MVFR2_EL1},
	};
	/* c0, c3, 0 to 3 and 7 are not MVFR here; c4 to c7 hold no AArch64 names; TCMTR, TLBTR,
	 * JIDR */
	static const uint32_t zero[] = {P15(0, 0, 3, 0), P15(0, 0, 3, 1),
					P15(0, 0, 3, 2), P15(0, 0, 3, 3),
					P15(0, 0, 3, 7), P15(0, 0, 4, 0),
					P15(0, 0, 5, 0), P15(0, 0, 6, 0),
					P15(0, 0, 7, 0), P15(0, 0, 0, 2),
					P15(0, 0, 0, 3), P15(2, 0, 0, 0),
					P15(0, 1, 0, 1), ARMVIRT_SYSREG_CP14 | 7 << 11};
	uint64_t value;

	(void)state;
	for (unsigned r = 0; r < ARMVIRT_IDREG_COUNT; r++)
		shown.reg[r] = random64() | 0x10101010;
	for (size_t i = 0; i < COUNT_OF(rows32); i++) {
		value = 0;
		assert_int_equal(go(rows32[i].key, true, &value), ARMVIRT_OK);
		assert_int_equal(value, (uint32_t)shown.reg[rows32[i].reg]);
		assert_int_equal(go(rows32[i].key, false, &value), ARMVIRT_E_DENIED);
	}
	for (size_t i = 0; i < COUNT_OF(zero); i++) {
		value = 0;
		assert_int_equal(go(zero[i], true, &value), ARMVIRT_OK);
		assert_int_equal(value, 0);
	}
	assert_int_equal(go(P15(2, 0, 0, 0), false, &value), ARMVIRT_OK); /* CSSELR */
	assert_int_equal(go(P15(0, 1, 0, 1), false, &value), ARMVIRT_OK); /* ACTLR */
	shown.reg[ARMVIRT_IDREG_ID_MMFR4_EL1] = 0x10;
	assert_int_equal(go(P15(0, 1, 0, 3), true, &value), ARMVIRT_OK); /* ACTLR2 */
	assert_int_equal(value, 0);
	assert_int_equal(go(P15(0, 1, 0, 3), false, &value), ARMVIRT_OK);
	shown.reg[ARMVIRT_IDREG_ID_MMFR4_EL1] = 0x1;
	assert_int_equal(go(P15(0, 1, 0, 3), true, &value), ARMVIRT_E_DENIED);
	shown.reg[ARMVIRT_IDREG_MIDR_EL1] = 0x410fd034;
	assert_int_equal(go(MVFR(0), true, &value), ARMVIRT_OK); /* FPSID */
	assert_int_equal(value, 0x41030000);
	assert_int_equal(go(MVFR(0), false, &value), ARMVIRT_OK);
	assert_int_equal(go(MVFR(1), true, &value), ARMVIRT_E_ABSENT); /* FPSCR is no constant */
}

struct timer_keys {
	uint32_t count, count_ss, tval, ctl, cval;
};

/* What a timer of the architecture answers, computed here. */
static void check_timer(const struct timer_keys *k, bool virt)
{
	struct armvirt_timer *t = virt ? &timers.v : &timers.p,
			     *other = virt ? &timers.p : &timers.v;
	uint64_t physical = random64(), offset = virt ? vm.voff : vm.poff, now = physical - offset;
	uint64_t value = random64() & 7, cval = random64();
	const struct armvirt_timer kept = *other;

	guest.timer.physical = physical;
	guest.timer.written = 0;
	assert_int_equal(go(k->count, false, &value), ARMVIRT_E_DENIED);
	assert_int_equal(guest.timer.written, 0);
	assert_int_equal(go(k->ctl, false, &value), ARMVIRT_OK);
	assert_int_equal(t->ctl, value & 3);
	assert_int_equal(go(k->cval, false, &cval), ARMVIRT_OK);
	assert_int_equal(t->cval, cval);
	assert_int_equal(guest.timer.written, 1);
	guest.timer.written = 0;
	value = 0;
	assert_int_equal(go(k->ctl, true, &value), ARMVIRT_OK);
	assert_int_equal(value, t->ctl | ((t->ctl & 1) && now >= cval ? 4 : 0));
	assert_int_equal(go(k->cval, true, &value), ARMVIRT_OK);
	assert_int_equal(value, cval);
	assert_int_equal(go(k->tval, true, &value), ARMVIRT_OK);
	assert_int_equal(value, (uint32_t)(cval - now));
	assert_int_equal(go(k->count, true, &value), ARMVIRT_OK);
	assert_int_equal(value, now);
	guest.timer.ecv = 0;
	assert_int_equal(go(k->count_ss, true, &value), ARMVIRT_E_DENIED);
	guest.timer.ecv = 1;
	assert_int_equal(go(k->count_ss, true, &value), ARMVIRT_OK);
	assert_int_equal(value, now);
	assert_int_equal(guest.timer.written, 0);
	value = random64();
	assert_int_equal(go(k->tval, false, &value), ARMVIRT_OK);
	assert_int_equal(t->cval, now + (uint64_t)(int64_t)(int32_t)value);
	assert_true(other->cval == kept.cval && other->ctl == kept.ctl);
}

static void timers_from_both_states(void **state)
{
#define P15_64(op1) (ARMVIRT_SYSREG_CP15_64 | (op1) << 11 | 14 << 3)
	static const struct timer_keys keys[2][2] = {
		{{ARMVIRT_SYSREG_KEY(3, 3, 14, 0, 1), ARMVIRT_SYSREG_KEY(3, 3, 14, 0, 5),
		  ARMVIRT_SYSREG_KEY(3, 3, 14, 2, 0), ARMVIRT_SYSREG_KEY(3, 3, 14, 2, 1),
		  ARMVIRT_SYSREG_KEY(3, 3, 14, 2, 2)},
		 {ARMVIRT_SYSREG_KEY(3, 3, 14, 0, 2), ARMVIRT_SYSREG_KEY(3, 3, 14, 0, 6),
		  ARMVIRT_SYSREG_KEY(3, 3, 14, 3, 0), ARMVIRT_SYSREG_KEY(3, 3, 14, 3, 1),
		  ARMVIRT_SYSREG_KEY(3, 3, 14, 3, 2)}},
		{{P15_64(0), P15_64(8), P15(0, 14, 2, 0), P15(0, 14, 2, 1), P15_64(2)},
		 {P15_64(1), P15_64(9), P15(0, 14, 3, 0), P15(0, 14, 3, 1), P15_64(3)}}};

	(void)state;
	for (unsigned n = 0; n < 4000; n++) {
		vm.voff = random64();
		vm.poff = random64();
		check_timer(&keys[n & 1][n >> 1 & 1], n >> 1 & 1);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_values_of_every_encoding),
		cmocka_unit_test(aarch32_views),
		cmocka_unit_test(timers_from_both_states),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0) | 1;
	print_message("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, make_index, NULL);
}
