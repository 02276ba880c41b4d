/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program for the user space of a Linux guest, without a C library: is every CPU that Linux has
 * really there, each second, while CPUs come and go?
 *
 *     armvirt-stress SECONDS
 *
 * A worker on each CPU counts, sleeps a millisecond (the CPU's own timer: how late?) and asks all
 * others for a memory barrier (an interrupt to each that runs a worker, and back: how long?). Each
 * second one CPU is unplugged or plugged in again. A CPU that was there the whole second and did
 * not count has stalled.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CPUS_MAX = 8, RDWR = 2, SIGCHLD = 17, SIGKILL = 9 };
enum {
	SYS_OPENAT = 56,
	SYS_CLOSE = 57,
	SYS_WRITE = 64,
	SYS_EXIT = 94,
	SYS_NANOSLEEP = 101,
	SYS_SCHED_SETAFFINITY = 122,
	SYS_KILL = 129,
	SYS_GETCPU = 168,
	SYS_CLONE = 220,
	SYS_MMAP = 222,
	SYS_MEMBARRIER = 283
};
enum { GLOBAL_EXPEDITED = 2, REGISTER_GLOBAL_EXPEDITED = 4 };

/* What a worker tells; times in microseconds. */
struct report {
	volatile uint64_t counted; /* read while it runs, the others after its end */
	uint64_t late_sum, late_count, late_most;
	uint64_t trip_sum, trip_count, trip_most;
};

static long call(long n, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
	register uint64_t x8 __asm__("x8") = (uint64_t)n;
	register uint64_t x0 __asm__("x0") = a;
	register uint64_t x1 __asm__("x1") = b;
	register uint64_t x2 __asm__("x2") = c;
	register uint64_t x3 __asm__("x3") = d;
	register uint64_t x4 __asm__("x4") = e;
	register uint64_t x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return (long)x0;
}

#define call3(n, a, b, c)                                                                        \
	call(n, (uint64_t)(uintptr_t)(a), (uint64_t)(uintptr_t)(b), (uint64_t)(uintptr_t)(c), 0, \
	     0, 0)

static uint64_t microseconds(void)
{
	uint64_t count, frequency;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count)::"memory");
	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	return count / (frequency / 1000000);
}

static void rest(uint64_t us)
{
	const uint64_t time[2] = {us / 1000000, us % 1000000 * 1000};

	call3(SYS_NANOSLEEP, time, 0, 0);
}

/* --- text --- */

static void say(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	call3(SYS_WRITE, 1, text, n);
}

static void say_number(uint64_t v)
{
	char digits[21], *s = digits + 20;

	*s = 0;
	do {
		*--s = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	say(s);
}

static void say_mean(const char *what, uint64_t sum, uint64_t count, uint64_t most)
{
	say(what);
	say_number(count ? sum / count : 0);
	say("/");
	say_number(most);
	say(" us");
}

/* --- CPUs --- */

static bool settle(unsigned cpu)
{
	const uint64_t mask = UINT64_C(1) << cpu;

	return call3(SYS_SCHED_SETAFFINITY, 0, sizeof(mask), &mask) == 0;
}

static bool here(unsigned cpu)
{
	unsigned now = ~0u;

	call3(SYS_GETCPU, &now, 0, 0);
	return now == cpu;
}

static bool plug(unsigned cpu, bool in)
{
	char path[] = "/sys/devices/system/cpu/cpu0/online";
	bool done;
	long file;

	path[sizeof("/sys/devices/system/cpu/cpu") - 1] = (char)('0' + cpu);
	file = call(SYS_OPENAT, (uint64_t)-100, (uint64_t)(uintptr_t)path, RDWR, 0, 0, 0);
	if (file < 0)
		return false;
	done = call3(SYS_WRITE, file, in ? "1" : "0", 1) == 1;
	call3(SYS_CLOSE, file, 0, 0);
	return done;
}

static void note(uint64_t *sum, uint64_t *count, uint64_t *most, uint64_t value)
{
	*sum += value;
	++*count;
	if (value > *most)
		*most = value;
}

__attribute__((noreturn)) static void worker(unsigned cpu, struct report *r)
{
	call3(SYS_MEMBARRIER, REGISTER_GLOBAL_EXPEDITED, 0, 0);
	for (;;) {
		uint64_t from;

		if (!here(cpu) && (!settle(cpu) || !here(cpu))) {
			rest(10000); /* it is unplugged */
			continue;
		}
		from = microseconds();
		rest(1000);
		note(&r->late_sum, &r->late_count, &r->late_most, microseconds() - from - 1000);
		from = microseconds();
		call3(SYS_MEMBARRIER, GLOBAL_EXPEDITED, 0, 0);
		note(&r->trip_sum, &r->trip_count, &r->trip_most, microseconds() - from);
		for (unsigned i = 0; i < 20000; i++)
			__asm__ volatile("" ::: "memory");
		if (here(cpu))
			r->counted++;
	}
}

/* --- the parent --- */

struct totals {
	uint64_t stalls, plugs, failures;
	uint64_t seen[CPUS_MAX]; /* counted at the last look */
	struct report all;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* One second: what each CPU counted. away: the CPU that was not there all the time. */
static void look(struct totals *t, struct report *shared, unsigned cpus, unsigned away)
{
	for (unsigned i = 0; i < cpus; i++) {
		uint64_t counted = shared[i].counted - t->seen[i];

		t->seen[i] += counted;
		say(" ");
		say_number(counted);
		if (counted == 0 && i != away) {
			say(" (STALLED)");
			t->stalls++;
		}
		t->all.counted += counted;
	}
	say("\n");
}

static void sum_up(struct totals *t, const struct report *r)
{
	t->all.late_sum += r->late_sum;
	t->all.late_count += r->late_count;
	t->all.late_most = larger(t->all.late_most, r->late_most);
	t->all.trip_sum += r->trip_sum;
	t->all.trip_count += r->trip_count;
	t->all.trip_most = larger(t->all.trip_most, r->trip_most);
}

static void run(struct totals *t, struct report *shared, unsigned cpus, unsigned seconds)
{
	unsigned victim = 0;

	for (unsigned s = 0; s < seconds; s++) {
		/* Unplugged in even seconds, plugged in again in odd ones: away during both. */
		if (cpus > 1 && s % 2 == 0)
			victim = 1 + s / 2 % (cpus - 1);
		if (cpus > 1 && !(s % 2 == 0 && s + 1 == seconds)) {
			t->plugs++;
			t->failures += !plug(victim, s % 2 != 0);
		}
		rest(1000000);
		say("stress: second ");
		say_number(s + 1);
		say(":");
		look(t, shared, cpus, cpus > 1 ? victim : CPUS_MAX);
	}
}

static unsigned start(struct report *shared, long *child)
{
	unsigned cpus = 0;

	while (cpus < CPUS_MAX && settle(cpus))
		cpus++;
	for (unsigned i = 0; i < cpus; i++) {
		child[i] = call(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0);
		if (child[i] == 0)
			worker(i, &shared[i]);
	}
	settle(0);
	return cpus;
}

static unsigned number(const char *s)
{
	unsigned v = 0;

	for (; s && *s >= '0' && *s <= '9' && v < 1000000; s++)
		v = v * 10 + (unsigned)(*s - '0');
	return v;
}

__attribute__((noreturn)) void stress_main(const uint64_t *stack);

void stress_main(const uint64_t *stack)
{
	unsigned seconds = stack[0] > 1 ? number((const char *)(uintptr_t)stack[2]) : 10, cpus;
	struct totals t = {0};
	long child[CPUS_MAX];
	struct report *shared;

	/* readable and writable, shared, anonymous */
	shared = (struct report *)(uintptr_t)call(SYS_MMAP, 0, 65536, 3, 0x21, (uint64_t)-1, 0);
	cpus = start(shared, child);
	run(&t, shared, cpus, seconds);
	for (unsigned i = 0; i < cpus; i++) {
		call3(SYS_KILL, child[i], SIGKILL, 0);
		sum_up(&t, &shared[i]);
	}
	say("stress: ");
	say_number(cpus);
	say(" CPUs, ");
	say_number(seconds);
	say(" s, ");
	say_number(t.all.counted);
	say(" rounds, ");
	say_number(t.plugs);
	say(" times plugged (");
	say_number(t.failures);
	say(" failed); late ");
	say_mean("", t.all.late_sum, t.all.late_count, t.all.late_most);
	say_mean(", IPI round trip ", t.all.trip_sum, t.all.trip_count, t.all.trip_most);
	say("; ");
	say_number(t.stalls);
	say(" stalled\n");
	call3(SYS_EXIT, t.stalls || t.failures || !cpus, 0, 0);
	for (;;)
		;
}

__asm__(".globl _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x0, sp\n"
	"	b stress_main\n");
