/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "console.h"

enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, ICR = 0x44 };
enum { FR_RXFE = 1 << 4, FR_TXFF = 1 << 5 };

static volatile uint32_t *reg(unsigned offset)
{
	return (volatile uint32_t *)(uintptr_t)(CONSOLE_BASE + offset);
}

void console_init(void)
{
	*reg(CR) = 0;
	*reg(ICR) = 0x7ff;
	*reg(LCR_H) = 3 << 5 | 1 << 4; /* 8 bits, FIFOs on */
	*reg(IFLS) = 0;                /* receive interrupt at one eighth */
	*reg(IMSC) = 0;
	*reg(CR) = 1 << 9 | 1 << 8 | 1; /* receive, transmit, on */
}

void console_byte(uint8_t byte)
{
	while (*reg(FR) & FR_TXFF)
		;
	*reg(DR) = byte;
}

void console_interrupt(bool on)
{
	*reg(IMSC) = on ? 1 << 4 | 1 << 6 : 0; /* receive, receive time-out */
}

int console_poll(void)
{
	return *reg(FR) & FR_RXFE ? -1 : (int)(*reg(DR) & 0xff);
}

struct spec {
	unsigned width;
	bool left, zero, wide;
};

static void pad(unsigned from, unsigned to, char c)
{
	while (from++ < to)
		console_byte((uint8_t)c);
}

static void put_text(const char *s, struct spec p)
{
	unsigned n = 0;

	while (s[n])
		n++;
	if (!p.left)
		pad(n, p.width, ' ');
	for (unsigned i = 0; i < n; i++) {
		if (s[i] == '\n')
			console_byte('\r');
		console_byte((uint8_t)s[i]);
	}
	if (p.left)
		pad(n, p.width, ' ');
}

static void put_number(uint64_t v, unsigned base, bool minus, struct spec p)
{
	char buffer[24], *s = buffer + sizeof(buffer);

	*--s = 0;
	do {
		*--s = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	if (p.zero) {
		while ((size_t)(buffer + sizeof(buffer) - 1 - s) < p.width && s > buffer + 1)
			*--s = '0';
	}
	if (minus)
		*--s = '-';
	put_text(s, p);
}

static const char *parse(const char *f, struct spec *p)
{
	*p = (struct spec){0};
	for (; *f == '-' || *f == '0'; f++) {
		p->left |= *f == '-';
		p->zero |= *f == '0';
	}
	for (; *f >= '0' && *f <= '9'; f++)
		p->width = p->width * 10 + (unsigned)(*f - '0');
	for (; *f == 'l'; f++)
		p->wide = true;
	return f;
}

void vprint(const char *format, va_list a)
{
	struct spec p;

	for (const char *f = format; *f; f++) {
		int64_t d;

		if (*f != '%') {
			put_text((char[]){*f, 0}, (struct spec){0});
			continue;
		}
		f = parse(f + 1, &p);
		switch (*f) {
		case 's':
			put_text(va_arg(a, const char *), p);
			break;
		case 'c':
			put_text((char[]){(char)va_arg(a, int), 0}, p);
			break;
		case 'd':
			d = p.wide ? va_arg(a, int64_t) : va_arg(a, int);
			put_number(d < 0 ? 0 - (uint64_t)d : (uint64_t)d, 10, d < 0, p);
			break;
		case 'u':
			put_number(p.wide ? va_arg(a, uint64_t) : va_arg(a, unsigned), 10, false,
				   p);
			break;
		case 'x':
			put_number(p.wide ? va_arg(a, uint64_t) : va_arg(a, unsigned), 16, false,
				   p);
			break;
		default:
			console_byte((uint8_t)*f);
		}
	}
}

void print(const char *format, ...)
{
	va_list a;

	va_start(a, format);
	vprint(format, a);
	va_end(a);
}
