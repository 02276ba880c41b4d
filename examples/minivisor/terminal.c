/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One console for several guests. A guest's output appears line by line with its name before it; at
 * an interactive terminal the guest in front is heard byte by byte, and has the keyboard.
 */
#include "minivisor.h"

#include "../common/console.h"

enum { LINE_BYTES = 240, TYPED_BYTES = 256, MENU_KEY = 0x1d /* Ctrl-] */ };

static struct {
	lock_t in;                  /* of the keyboard: taken before a guest's lock */
	uint8_t typed[TYPED_BYTES]; /* that the guest in front has not taken yet: a ring */
	unsigned typed_first, typed_count;
	bool menu;               /* the key was pressed */
	unsigned front;          /* guest with the keyboard; atomic */
	lock_t out;              /* of what follows: taken after a guest's lock */
	const struct guest *mid; /* whose line is unfinished on the screen */
	struct {
		uint8_t text[LINE_BYTES];
		unsigned count;
	} line[GUESTS_MAX];
} terminal;

static bool interactive(void)
{
	return (machine.config.flags & CONFIG_INTERACTIVE) != 0;
}

static struct guest *front(void)
{
	return &machine.guest[__atomic_load_n(&terminal.front, __ATOMIC_RELAXED)];
}

/* --- output; the lock is held --- */

static void end_line(void)
{
	if (terminal.mid)
		print("\n");
	terminal.mid = NULL;
}

static void begin_line(const struct guest *g)
{
	if (terminal.mid == g)
		return;
	end_line();
	if (machine.config.flags & CONFIG_COLOUR)
		print("\033[3%um[g%u]\033[0m ", 1 + g->number, g->number);
	else
		print("[g%u] ", g->number);
	terminal.mid = g;
}

static void put_byte(const struct guest *g, uint8_t byte)
{
	begin_line(g);
	console_byte(byte);
	if (byte == '\n')
		terminal.mid = NULL;
}

static void flush_line(const struct guest *g)
{
	unsigned i = g->number - 1;

	for (unsigned k = 0; k < terminal.line[i].count; k++)
		put_byte(g, terminal.line[i].text[k]);
	terminal.line[i].count = 0;
}

static void collect_byte(const struct guest *g, uint8_t byte)
{
	unsigned i = g->number - 1;

	terminal.line[i].text[terminal.line[i].count++] = byte;
	if (byte != '\n' && terminal.line[i].count < LINE_BYTES)
		return;
	flush_line(g);
	end_line();
}

void terminal_share(struct guest *g, uint8_t byte)
{
	lock(&terminal.out);
	if (interactive() && g == front())
		put_byte(g, byte);
	else
		collect_byte(g, byte);
	unlock(&terminal.out);
}

/* --- the menu --- */

static void say(const char *text)
{
	lock(&terminal.out);
	end_line();
	print("minivisor: %s\n", text);
	unlock(&terminal.out);
}

static void list_guests(void)
{
	lock(&terminal.out);
	end_line();
	for (unsigned i = 0; i < machine.guest_count; i++) {
		const struct guest *g = &machine.guest[i];
		const char *how = __atomic_load_n(&g->ended, __ATOMIC_ACQUIRE);
		unsigned on = 0;

		for (unsigned k = 0; k < guest_vcpus(g); k++)
			on += armvirt_psci_get_state(&g->psci, k) == ARMVIRT_PSCI_STATE_ON;
		print("minivisor: %s guest %u: %s, %u of %u virtual CPUs on\n",
		      g == front() ? "*" : " ", g->number, how ? how : "runs", how ? 0 : on,
		      guest_vcpus(g));
	}
	unlock(&terminal.out);
}

static void bring_to_front(unsigned i)
{
	struct guest *g = &machine.guest[i];

	__atomic_store_n(&terminal.front, i, __ATOMIC_RELAXED);
	lock(&terminal.out);
	end_line();
	print("minivisor: guest %u has the keyboard\n", g->number);
	flush_line(g); /* what it had begun to say */
	unlock(&terminal.out);
}

static void quit(void)
{
	for (unsigned i = 0; i < machine.guest_count; i++)
		guest_end(&machine.guest[i], "stopped from the menu");
}

/* Whether a byte is the terminal's own business. */
static bool command(int byte)
{
	if (!interactive())
		return false;
	if (!terminal.menu) {
		terminal.menu = byte == MENU_KEY;
		return terminal.menu;
	}
	terminal.menu = false;
	if (byte == MENU_KEY)
		return false; /* twice: for the guest */
	if (byte >= '1' && byte < '1' + (int)machine.guest_count)
		bring_to_front((unsigned)(byte - '1'));
	else if (byte == 'l')
		list_guests();
	else if (byte == 'q')
		quit();
	else
		say("Ctrl-] and: a digit, that guest's console; l, list of guests; q, quit; "
		    "Ctrl-], the key itself");
	return true;
}

/* What was typed goes to the guest in front as far as its UART has room. */
static void hand_over(struct guest *g)
{
	lock(&g->lock);
	while (terminal.typed_count && pl011_room(&g->uart)) {
		pl011_receive(&g->uart, terminal.typed[terminal.typed_first]);
		terminal.typed_first = (terminal.typed_first + 1) % TYPED_BYTES;
		terminal.typed_count--;
	}
	uart_line(g);
	unlock(&g->lock);
}

/* When a byte has come, or the guest has taken one. What finds no room waits in the machine's UART.
 */
void terminal_input(void)
{
	int byte;

	lock(&terminal.in);
	while (terminal.typed_count < TYPED_BYTES && (byte = console_poll()) >= 0) {
		if (command(byte))
			continue;
		terminal.typed[(terminal.typed_first + terminal.typed_count++) % TYPED_BYTES] =
			(uint8_t)byte;
	}
	console_interrupt(terminal.typed_count < TYPED_BYTES);
	hand_over(front());
	unlock(&terminal.in);
}

void terminal_close(struct guest *g)
{
	lock(&terminal.out);
	if (machine.guest_count > 1) {
		flush_line(g);
		end_line();
		print("minivisor: guest %u ended: %s\n", g->number, g->ended);
	}
	unlock(&terminal.out);
	for (unsigned i = 0; g == front() && i < machine.guest_count; i++)
		if (!__atomic_load_n(&machine.guest[i].ended, __ATOMIC_ACQUIRE))
			__atomic_store_n(&terminal.front, i, __ATOMIC_RELAXED);
}
