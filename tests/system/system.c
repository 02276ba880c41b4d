/* SPDX-License-Identifier: BSD-2-Clause */
#include "system.h"

#include <stdarg.h>

enum { UART_DR = 0x09000000, UART_FR = 0x09000018, UART_FR_TXFF = 1 << 5 };
enum { SYS_EXIT_EXTENDED = 0x20, SYS_GET_CMDLINE = 0x15, APPLICATION_EXIT = 0x20026 };
#define PSCI_CPU_ON UINT64_C(0xc4000003)

uint64_t semihost(uint64_t operation, void *block);
extern char start_secondary[];

static void put(char c)
{
	while (*(volatile uint32_t *)(uintptr_t)UART_FR & UART_FR_TXFF)
		;
	*(volatile uint32_t *)(uintptr_t)UART_DR = (uint8_t)c;
}

static void put_number(uint64_t v, unsigned base, unsigned width)
{
	char text[24];
	unsigned n = 0;

	do {
		text[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v || n < width);
	while (n)
		put(text[--n]);
}

static void print_list(const char *f, va_list list)
{
	for (; *f; f++) {
		unsigned width = 0;
		bool wide = false;
		uint64_t v;

		if (*f != '%') {
			put(*f);
			continue;
		}
		for (f++; *f >= '0' && *f <= '9'; f++)
			width = width * 10 + (unsigned)(*f - '0');
		for (; *f == 'l'; f++)
			wide = true;
		if (*f == 's') {
			for (const char *s = va_arg(list, const char *); *s; s++)
				put(*s);
			continue;
		}
		v = wide ? va_arg(list, uint64_t) : va_arg(list, unsigned);
		if (*f == 'd' && (int64_t)(wide ? v : (uint64_t)(int)v) < 0) {
			put('-');
			v = wide ? -v : -(uint32_t)v & 0xffffffff;
		}
		put_number(v, *f == 'x' ? 16 : 10, width);
	}
}

void print(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	print_list(format, list);
	va_end(list);
}

static _Noreturn void stop(uint64_t status)
{
	uint64_t block[2] = {APPLICATION_EXIT, status};

	for (;;)
		semihost(SYS_EXIT_EXTENDED, block);
}

void finish(unsigned passed, unsigned failed)
{
	print("%u passed, %u failed\n", passed, failed);
	stop(failed != 0);
}

void fail(const char *format, ...)
{
	va_list list;

	print("FAIL: ");
	va_start(list, format);
	print_list(format, list);
	va_end(list);
	print("\n");
	stop(1);
}

uint64_t argument(const char *name, uint64_t otherwise)
{
	static char line[512];
	uint64_t block[2] = {(uint64_t)(uintptr_t)line, sizeof(line)};

	if (semihost(SYS_GET_CMDLINE, block))
		return otherwise;
	for (const char *s = line; *s; s++) {
		const char *n = name;
		uint64_t v = 0;

		if (s > line && s[-1] != ' ')
			continue;
		for (; *n && *s == *n; s++)
			n++;
		if (*n || *s != '=') {
			s -= *s == 0;
			continue;
		}
		for (s++; *s >= '0' && *s <= '9'; s++)
			v = v * 10 + (uint64_t)(*s - '0');
		return v;
	}
	return otherwise;
}

void cpus_start(unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		uint64_t r = smc_call(PSCI_CPU_ON, i, (uintptr_t)start_secondary, i);

		if (r)
			fail("CPU_ON of CPU %u: %ld", i, (long)r);
	}
}

void lock(struct lock *l)
{
	while (__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE))
		;
}

void unlock(struct lock *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

/* Keeps a compiler from making a call of memset out of the loop in memset. */
#define A_LOOP_IT_IS() __asm__ volatile("" ::: "memory")

void *memset(void *dst, int c, size_t n)
{
	uint8_t *d = dst;

	while (n--) {
		*d++ = (uint8_t)c;
		A_LOOP_IT_IS();
	}
	return dst;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	const uint8_t *s = src;
	uint8_t *d = dst;

	while (n--) {
		*d++ = *s++;
		A_LOOP_IT_IS();
	}
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	const uint8_t *s = src;
	uint8_t *d = dst;

	if (d < s)
		return memcpy(dst, src, n);
	while (n--) {
		d[n] = s[n];
		A_LOOP_IT_IS();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	for (; n; n--, p++, q++) {
		if (*p != *q)
			return *p - *q;
	}
	return 0;
}
