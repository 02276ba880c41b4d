/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * armvirt_hw_idregs_read() on a real processor model, compared with what others measured on it:
 * the line of tests/data/qemu_idregs.tsv that has its MIDR_EL1.
 */
#include <libarmvirt/features.h>
#include <libarmvirt/regs.h>

#include "system.h"

enum { COLUMNS = 14 }; /* name of the CPU, twelve registers, MIDR_EL1 */

__asm__(".section .rodata.idregs\n"
	"idregs_table: .incbin \"" QEMU_IDREGS "\"\n"
	"	.byte 0\n"
	".previous\n");
extern const char idregs_table[];

static const enum armvirt_idreg column[COLUMNS] = {
	ARMVIRT_IDREG_COUNT,
	ARMVIRT_IDREG_ID_AA64PFR0_EL1,
	ARMVIRT_IDREG_ID_AA64PFR1_EL1,
	ARMVIRT_IDREG_ID_AA64ZFR0_EL1,
	ARMVIRT_IDREG_ID_AA64SMFR0_EL1,
	ARMVIRT_IDREG_ID_AA64DFR0_EL1,
	ARMVIRT_IDREG_ID_AA64ISAR0_EL1,
	ARMVIRT_IDREG_ID_AA64ISAR1_EL1,
	ARMVIRT_IDREG_ID_AA64ISAR2_EL1,
	ARMVIRT_IDREG_ID_AA64MMFR0_EL1,
	ARMVIRT_IDREG_ID_AA64MMFR1_EL1,
	ARMVIRT_IDREG_ID_AA64MMFR2_EL1,
	ARMVIRT_IDREG_ID_AA64MMFR3_EL1,
	ARMVIRT_IDREG_MIDR_EL1,
};

static uint64_t hexadecimal(const char **s)
{
	uint64_t v = 0;

	for (; **s && **s != '\t' && **s != '\n'; (*s)++)
		v = v << 4 | (uint64_t)(**s <= '9' ? **s - '0' : (**s | 32) - 'a' + 10);
	return v;
}

/* Columns of a line that agree with the processor; MIDR_EL1 must. */
static unsigned compare(const char *line, const struct armvirt_idregs *id)
{
	unsigned equal = 0;
	bool same_cpu = false;

	for (unsigned c = 0; c < COLUMNS; c++) {
		uint64_t v = hexadecimal(&line);

		if (c > 0 && v == id->reg[column[c]]) {
			equal++;
			same_cpu = c == COLUMNS - 1;
		}
		line += *line == '\t';
	}
	return same_cpu ? equal : 0;
}

void system_secondary(uint64_t n)
{
	(void)n;
}

void system_main(void)
{
	static struct armvirt_idregs id;
	unsigned best = 0;

	for (size_t i = 0; i < ARMVIRT_IDREG_COUNT; i++)
		id.reg[i] = UINT64_C(0xdeadbeefdeadbeef);
	write_sysreg("s3_4_c12_c9_5", 0xf); /* ICC_SRE_EL2 */
	__asm__ volatile("isb");
	armvirt_hw_idregs_read(&id);
	for (const char *s = idregs_table; *s;) {
		unsigned equal = *s == '#' ? 0 : compare(s, &id);

		best = equal > best ? equal : best;
		while (*s && *s++ != '\n')
			;
	}
	if (best != COLUMNS - 1)
		fail("MIDR_EL1 %lx: %u of %u registers as measured", id.reg[ARMVIRT_IDREG_MIDR_EL1],
		     best, COLUMNS - 1);
	for (size_t i = 0; i < ARMVIRT_IDREG_COUNT; i++) {
		if (id.reg[i] == UINT64_C(0xdeadbeefdeadbeef))
			fail("register %lu is not written", i);
	}
	if (id.reg[ARMVIRT_IDREG_MPIDR_EL1] != read_sysreg("mpidr_el1") ||
	    id.reg[ARMVIRT_IDREG_CTR_EL0] != read_sysreg("ctr_el0") ||
	    (id.reg[ARMVIRT_IDREG_ICH_VTR_EL2] & 31) != 3) /* QEMU has four list registers */
		fail("MPIDR_EL1, CTR_EL0 or ICH_VTR_EL2");
	finish(best, 0);
}
