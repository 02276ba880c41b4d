/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's UART: a PL011 whose transmitter is always empty. */
#ifndef MINIVISOR_PL011_H
#define MINIVISOR_PL011_H

#include <stdbool.h>
#include <stdint.h>

#define PL011_BASE  0x09000000u
#define PL011_BYTES 0x1000u
#define PL011_INTID 33u

struct pl011 {
	uint32_t lcr_h, cr, ifls, imsc, ris, ibrd, fbrd;
	uint8_t fifo[16];
	uint8_t head, count;
};

void pl011_reset(struct pl011 *u);
uint32_t pl011_read(struct pl011 *u, unsigned offset);
/* The transmitted byte, or -1 when the write sent none. */
int pl011_write(struct pl011 *u, unsigned offset, uint32_t value);
bool pl011_room(const struct pl011 *u);
void pl011_receive(struct pl011 *u, uint8_t byte); /* there must be room */

static inline bool pl011_line(const struct pl011 *u)
{
	return (u->ris & u->imsc) != 0;
}

#endif
