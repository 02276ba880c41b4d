/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest pays, in ticks of its own counter. Under QEMU's instruction
 * clock on a CPU whose counter runs at 1 GHz a tick is an instruction: the
 * figures are instructions, the guest's own of the empty loop taken off.
 */
#include "guest.h"

enum { ROUNDS = 1000, LATENCIES = 100 };
enum { TIMER_PPI = 27, WAKE_SGI = 1 };
#define SMCCC_VERSION 0x80000000u
#define PSCI_CPU_ON   0xc4000003u

static volatile uint64_t arrival;
static volatile bool second_up;

/* The emulator's clock counts what this CPU spins, unless it lets the others run. */
static inline void relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

static uint64_t now(void)
{
	return read_sysreg("cntvct_el0");
}

static void line(const char *name, uint64_t ticks)
{
	say(name);
	say(" ");
	say_number(ticks);
	say("\r\n");
}

#define MEASURE(name, ...)                                 \
	do {                                               \
		uint64_t from_, empty_, full_;             \
		from_ = now();                             \
		for (unsigned i_ = 0; i_ < ROUNDS; i_++)   \
			__asm__ volatile("" ::: "memory"); \
		empty_ = now() - from_;                    \
		from_ = now();                             \
		for (unsigned i_ = 0; i_ < ROUNDS; i_++) { \
			__VA_ARGS__;                       \
		}                                          \
		full_ = now() - from_;                     \
		line(name, (full_ - empty_) / ROUNDS);     \
	} while (0)

static void hvc(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("hvc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

void guest_irq(void)
{
	uint64_t at = now(), intid = read_sysreg("s3_0_c12_c12_0");

	arrival = at;
	if (intid == TIMER_PPI)
		write_sysreg("cntv_ctl_el0", 0);
	if (intid < 1020)
		write_sysreg("s3_0_c12_c12_1", intid);
}

static void gic(unsigned cpu)
{
	uint64_t rd = GUEST_GICR + cpu * UINT64_C(0x20000);

	write_sysreg("s3_0_c12_c12_5", 1);
	write_sysreg("s3_0_c4_c6_0", 0xf0);
	write_sysreg("s3_0_c12_c12_7", 1);
	*mmio32(GUEST_GICD) = 1 << 4 | 1 << 1;
	*mmio32(rd + 0x14) &= ~2u;
	*mmio32(rd + 0x10000 + 0x80) = 0xffffffff;
	*mmio32(rd + 0x10000 + 0x100) = 1u << TIMER_PPI | 1u << WAKE_SGI;
	__asm__ volatile("msr daifclr, #2");
}

/* From the moment at which the timer's condition holds to the first instruction of the handler's C.
 */
static void timer_latency(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < LATENCIES; i++) {
		uint64_t deadline = now() + 20000;

		arrival = 0;
		write_sysreg("cntv_cval_el0", deadline);
		write_sysreg("cntv_ctl_el0", 1);
		while (!arrival)
			;
		sum += arrival - deadline;
	}
	line("timer_latency", sum / LATENCIES);
}

void guest_second(uint64_t stack)
{
	(void)stack;
	gic(1);
	second_up = true;
	for (;;)
		__asm__ volatile("wfi");
}

static void sgi_other(void)
{
	static uint64_t stack[1024] __attribute__((aligned(16)));
	struct smccc s = {{PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)start_second,
			   (uint64_t)(uintptr_t)(stack + 1024)}};
	uint64_t sum = 0;

	guest_hvc(&s);
	if (s.x[0])
		return; /* one vCPU: nothing to measure */
	while (!second_up)
		relax();
	for (unsigned i = 0; i < LATENCIES; i++) {
		uint64_t from, settle = now() + 50000;

		while (now() < settle)
			relax();
		arrival = 0;
		from = now();
		write_sysreg("s3_0_c12_c11_5", (uint64_t)WAKE_SGI << 24 | 2);
		while (!arrival)
			relax();
		sum += arrival - from;
	}
	line("sgi_other", sum / LATENCIES);
}

void guest_main(uint64_t dtb)
{
	(void)dtb;
	MEASURE("smccc_version", hvc(SMCCC_VERSION));
	MEASURE("idreg_read", (void)read_sysreg("id_aa64pfr0_el1"));
	MEASURE("gicd_read", (void)*mmio32(GUEST_GICD + 4));
	gic(0);
	timer_latency();
	sgi_other();
}
