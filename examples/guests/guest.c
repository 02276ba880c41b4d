/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

volatile uint64_t fault_esr, fault_far;
volatile unsigned fault_count;

void guest_fault(void)
{
	fault_esr = read_sysreg("esr_el1");
	fault_far = read_sysreg("far_el1");
	fault_count++;
	write_sysreg("elr_el1", read_sysreg("elr_el1") + 4);
}

void say(const char *text)
{
	for (; *text; text++) {
		while (*mmio32(GUEST_UART + 0x18) & 1 << 5)
			;
		*mmio32(GUEST_UART) = (uint8_t)*text;
	}
}

void say_hex(uint64_t v)
{
	char digits[17];

	for (unsigned i = 0; i < 16; i++)
		digits[i] = "0123456789abcdef"[v >> (60 - 4 * i) & 15];
	digits[16] = 0;
	say(digits);
}

void say_number(uint64_t v)
{
	char digits[21], *s = digits + 20;

	*s = 0;
	do {
		*--s = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	say(s);
}
