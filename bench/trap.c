/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation of the trap module, N times; bench/trap.sh counts the instructions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/exit.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/sysreg.h>

static struct armvirt_sysreg_entry rows[ARMVIRT_SYSREG_ENTRIES_MAX];
static struct armvirt_sysreg_index table_index;
static struct armvirt_exit exit_record;
static struct armvirt_exit_regs regs;
static struct armvirt_frame frame;
static struct armvirt_mmio mmio;

static __attribute__((noinline, noclone)) enum armvirt_status
handler(void *context, const struct armvirt_sysreg_entry *entry,
	const struct armvirt_sysreg_access *access, uint64_t *value)
{
	(void)context;
	(void)entry;
	(void)access;
	__asm__ volatile("" ::"r"(value) : "memory");
	return ARMVIRT_OK;
}

static __attribute__((noinline)) void empty(struct armvirt_exit *e,
					    const struct armvirt_exit_regs *r)
{
	__asm__ volatile("" ::"r"(e), "r"(r) : "memory");
}

/* What finding the handler costs on top of calling it. */
static inline void dispatch(uint32_t key)
{
	const struct armvirt_sysreg_entry *e = armvirt_sysreg_find(&table_index, key);

	e->handler(NULL, e, NULL, NULL);
}

static uint64_t syndrome_of(const char *operation)
{
	if (strcmp(operation, "permission") == 0)
		return 0x9200004f;
	if (strcmp(operation, "sysreg") == 0)
		return 0x6234f8e1; /* MRS X7, CNTVCT_EL0 */
	if (strcmp(operation, "hvc") == 0)
		return 0x5a000000;
	return 0x93830046; /* STR W3 to a device */
}

static void run(const char *operation, uint32_t count, uint32_t n)
{
	if (strcmp(operation, "empty") == 0) {
		for (uint32_t i = 0; i < n; i++)
			empty(&exit_record, &regs);
	} else if (strcmp(operation, "direct") == 0) {
		for (uint32_t i = 0; i < n; i++)
			handler(NULL, rows, NULL, NULL);
	} else if (strcmp(operation, "dispatch") == 0) {
		for (uint32_t i = 0; i < n; i++)
			dispatch(rows[count / 2].key);
	} else if (strcmp(operation, "mmio_decode") == 0) {
		for (uint32_t i = 0; i < n; i++) {
			if (armvirt_mmio_decode(&mmio, &regs, &frame, 0) == ARMVIRT_OK)
				armvirt_mmio_finish(&mmio, &frame, 0);
		}
	} else if (strcmp(operation, "mmio") == 0) {
		armvirt_exit_decode(&exit_record, &regs);
		for (uint32_t i = 0; i < n; i++) {
			if (armvirt_mmio_start(&mmio, &exit_record, &frame, 0) == ARMVIRT_OK)
				armvirt_mmio_finish(&mmio, &frame, 0);
		}
	} else {
		for (uint32_t i = 0; i < n; i++)
			armvirt_exit_decode(&exit_record, &regs);
	}
}

int main(int argc, char **argv)
{
	uint32_t count, n;

	if (argc != 4)
		return 1;
	count = (uint32_t)strtoul(argv[2], NULL, 10);
	n = (uint32_t)strtoul(argv[3], NULL, 10);
	if (strcmp(argv[1], "size") == 0) {
		printf("%zu\n", sizeof(table_index));
		return 0;
	}
	for (uint32_t i = 0; i < count; i++)
		rows[i] = (struct armvirt_sysreg_entry){0xc000 + i * 7, ARMVIRT_SYSREG_RW, 0, 0,
							handler};
	if (armvirt_sysreg_index_init(
		    &table_index, &(const struct armvirt_sysreg_table){rows, count}) != ARMVIRT_OK)
		return 1;
	regs = (struct armvirt_exit_regs){syndrome_of(argv[1]), 0xffff800011000018, 0x90000, 5};
	run(argv[1], count, n);
	return 0;
}
