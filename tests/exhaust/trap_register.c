/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every trapped MSR, MRS and SYS: all five numbers, both directions and all registers through the
 * decoder, and the name of what it found against the rows of the register table. The argument is
 * the table, lib/arch/registers.tsv; its numbers are read here, not those of the generator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/exit.h>
#include <libarmvirt/sysreg_names.h>

#define ROWS 4096

static struct row {
	char name[32];
	unsigned op0, op1, crn, crm, op2;
	bool seen;
} rows[ROWS];
static unsigned count;

static bool read_row(const char *line)
{
	struct row *r = &rows[count];
	unsigned id;

	if (count == ROWS || sscanf(line, "%u\t%31[^\t]\t%u\t%u\t%u\t%u\t%u\t", &id, r->name,
				    &r->op0, &r->op1, &r->crn, &r->crm, &r->op2) != 7)
		return false;
	if (r->op0 > 3 || r->op1 > 7 || r->crn > 15 || r->crm > 15 || r->op2 > 7)
		return false;
	count++;
	return true;
}

static bool read_table(const char *path)
{
	static char line[65536];
	FILE *in = fopen(path, "r");

	if (!in)
		return false;
	while (fgets(line, sizeof(line), in)) {
		if (line[0] != '#' && strncmp(line, "id\t", 3) != 0 && !read_row(line)) {
			printf("no row: %.60s\n", line);
			fclose(in);
			return false;
		}
	}
	fclose(in);
	return count > 1000;
}

/* Whether the name stands in a row of this encoding; NULL must be in none. */
static bool named_right(const struct row *n, const char *name)
{
	bool any = false, found = false;

	for (unsigned i = 0; i < count; i++) {
		struct row *r = &rows[i];

		if (r->op0 != n->op0 || r->op1 != n->op1 || r->crn != n->crn || r->crm != n->crm ||
		    r->op2 != n->op2)
			continue;
		any = true;
		r->seen = true;
		found |= name && strcmp(name, r->name) == 0;
	}
	/* EL2 has the physical interface where EL1 may have the virtual one */
	return any ? found && strncmp(name, "ICV_", 4) != 0 : !name;
}

static bool decode_all(const struct row *n, unsigned ec, uint32_t space, uint32_t *key)
{
	for (unsigned i = 0; i < 64; i++) {
		unsigned rt = i / 2;
		struct armvirt_exit_regs regs = {.pstate = 5};
		struct armvirt_exit e;

		regs.esr = ec * UINT64_C(0x4000000) + 0x2000000 + n->op0 * 0x100000u +
			   n->op2 * 0x20000u + n->op1 * 0x4000u + n->crn * 0x400u + rt * 0x20u +
			   n->crm * 2u + i % 2;
		if (ec == 0x14 && rt % 2)
			continue; /* pairs begin at an even register */
		armvirt_exit_decode(&e, &regs);
		*key = e.u.sysreg.key;
		if (e.kind != (ec == 0x14 ? ARMVIRT_EXIT_SYSREG128 : ARMVIRT_EXIT_SYSREG) ||
		    *key != space + ARMVIRT_SYSREG_KEY(n->op0, n->op1, n->crn, n->crm, n->op2) ||
		    e.u.sysreg.rt != rt || e.u.sysreg.rt2 != (ec == 0x14 ? rt + 1 : 31) ||
		    e.u.sysreg.read != (bool)(i % 2)) {
			printf("esr %#llx is not decoded\n", (unsigned long long)regs.esr);
			return false;
		}
	}
	return true;
}

static bool check(const struct row *n)
{
	uint32_t key;
	const char *name;

	if (!decode_all(n, 0x14, ARMVIRT_SYSREG_A64_128, &key) || armvirt_sysreg_name(key) ||
	    !decode_all(n, 0x18, ARMVIRT_SYSREG_A64, &key))
		return false;
	name = armvirt_sysreg_name(key);
	if (!named_right(n, name)) {
		printf("S%u_%u_C%u_C%u_%u is named %s\n", n->op0, n->op1, n->crn, n->crm, n->op2,
		       name ? name : "nothing");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned named = 0;

	if (argc != 2 || !read_table(argv[1])) {
		printf("usage: %s registers.tsv\n", argv[0]);
		return 2;
	}
	for (unsigned i = 0; i < 65536; i++) {
		struct row n = {.op0 = i / 16384,
				.op1 = i / 2048 % 8,
				.crn = i / 128 % 16,
				.crm = i / 8 % 16,
				.op2 = i % 8};

		if (!check(&n))
			return 1;
	}
	for (unsigned i = 0; i < count; i++)
		named += rows[i].seen;
	printf("65536 encodings, %u of %u rows found\n", named, count);
	return named != count;
}
