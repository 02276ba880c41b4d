/* SPDX-License-Identifier: BSD-2-Clause */
/* The bare machine of the system tests: QEMU's virt, at EL2, one stack a CPU. */
#ifndef TESTS_SYSTEM_H
#define TESTS_SYSTEM_H

#define CPUS        4
#define STACK_SHIFT 14

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern uint8_t stacks[CPUS][1 << STACK_SHIFT];

/* The test: runs on CPU 0, and on others once cpus_start() was called. */
void system_main(void);
void system_secondary(uint64_t cpu);

/* %s %c %d %u %x with an optional width of x (zeros), l: nothing else. One CPU at a time. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);
__attribute__((noreturn)) void finish(unsigned passed, unsigned failed);
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

/* The number behind "name=" on the command line (-semihosting-config arg=...), or the default. */
uint64_t argument(const char *name, uint64_t otherwise);

void cpus_start(unsigned count); /* CPUs 1 to count - 1 enter system_secondary() */
uint64_t smc_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

void *memset(void *dst, int c, size_t n);
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);

struct lock {
	uint32_t held;
};
void lock(struct lock *l);
void unlock(struct lock *l);

uint64_t random_next(uint64_t *state); /* xorshift64* */

/* EL2's physical timer as a source of interrupts at any moment (GICv3, PPI 26). */
void tick_init(unsigned cpu);
void tick_after(uint64_t ticks);
bool tick_taken(void); /* acknowledges and ends an interrupt: whether it was the tick */

#define read_sysreg(name)                                                   \
	__extension__({                                                     \
		uint64_t value_;                                            \
		__asm__ volatile("mrs %0, " name : "=r"(value_)::"memory"); \
		value_;                                                     \
	})
#define write_sysreg(name, value) \
	__asm__ volatile("msr " name ", %x0" ::"rZ"((uint64_t)(value)) : "memory")
#endif
#endif
