/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011 of QEMU's virt machine as the console of an example, and formatted text on it. */
#ifndef EXAMPLES_COMMON_CONSOLE_H
#define EXAMPLES_COMMON_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define CONSOLE_BASE  0x09000000u
#define CONSOLE_INTID 33u

void console_init(void);
void console_byte(uint8_t byte);
int console_poll(void);          /* a received byte, or -1 */
void console_interrupt(bool on); /* CONSOLE_INTID while bytes wait */

/* %s %c %d %u %x with optional 0, width, -, and l: the subset that the examples need. */
void vprint(const char *format, va_list arguments);
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

#endif
