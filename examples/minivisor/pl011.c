/* SPDX-License-Identifier: BSD-2-Clause */
#include "pl011.h"

enum {
	DR = 0x00,
	FR = 0x18,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	ID = 0xfe0, /* eight identification registers */
};

enum { CR_ENABLE = 1 << 0, CR_TX = 1 << 8, CR_RX = 1 << 9 };
enum { FR_RXFE = 1 << 4, FR_RXFF = 1 << 6, FR_TXFE = 1 << 7 };
enum { INT_RX = 1 << 4, INT_TX = 1 << 5, INT_RT = 1 << 6, INT_ALL = 0x7ff };
enum { LCR_FIFO = 1 << 4 };

void pl011_reset(struct pl011 *u)
{
	*u = (struct pl011){.cr = CR_TX | CR_RX, .ifls = 0x12};
}

static unsigned depth(const struct pl011 *u)
{
	return u->lcr_h & LCR_FIFO ? sizeof(u->fifo) : 1;
}

static uint32_t receive_register(struct pl011 *u)
{
	uint8_t byte;

	if (!u->count)
		return 0;
	byte = u->fifo[u->head];
	u->head = (uint8_t)((u->head + 1u) % sizeof(u->fifo));
	if (--u->count == 0)
		u->ris &= ~(uint32_t)(INT_RX | INT_RT);
	return byte;
}

static uint32_t flags(const struct pl011 *u)
{
	return FR_TXFE | (u->count ? 0u : FR_RXFE) | (u->count >= depth(u) ? FR_RXFF : 0u);
}

uint32_t pl011_read(struct pl011 *u, unsigned offset)
{
	static const uint8_t id[8] = {0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

	switch (offset) {
	case DR:
		return receive_register(u);
	case FR:
		return flags(u);
	case IBRD:
		return u->ibrd;
	case FBRD:
		return u->fbrd;
	case LCR_H:
		return u->lcr_h;
	case CR:
		return u->cr;
	case IFLS:
		return u->ifls;
	case IMSC:
		return u->imsc;
	case RIS:
		return u->ris;
	case MIS:
		return u->ris & u->imsc;
	}
	if (offset >= ID && offset < ID + 4 * sizeof(id) && offset % 4 == 0)
		return id[(offset - ID) / 4];
	return 0;
}

int pl011_write(struct pl011 *u, unsigned offset, uint32_t value)
{
	switch (offset) {
	case DR:
		u->ris |= INT_TX; /* the byte has left: the FIFO is below its level again */
		return (int)(value & 0xff);
	case IBRD:
		u->ibrd = value & 0xffff;
		break;
	case FBRD:
		u->fbrd = value & 0x3f;
		break;
	case LCR_H:
		u->lcr_h = value & 0xff;
		break;
	case CR:
		u->cr = value & 0xff87;
		break;
	case IFLS:
		u->ifls = value & 0x3f;
		break;
	case IMSC:
		u->imsc = value & INT_ALL;
		break;
	case ICR:
		u->ris &= ~value;
		break;
	}
	return -1;
}

bool pl011_room(const struct pl011 *u)
{
	return u->count < depth(u);
}

void pl011_receive(struct pl011 *u, uint8_t byte)
{
	if ((u->cr & (CR_ENABLE | CR_RX)) != (CR_ENABLE | CR_RX))
		return; /* nobody listens: the wire does not wait */
	u->fifo[(u->head + u->count++) % sizeof(u->fifo)] = byte;
	u->ris |= INT_RX | INT_RT;
}
