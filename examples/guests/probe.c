/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare guest that looks whether its hypervisor keeps its word: one line a
 * question, "ok" or "WRONG", the number of wrong answers at the end.
 */
#include "guest.h"

#define PSCI_VERSION       0x84000000u
#define PSCI_FEATURES      0x8400000au
#define SMCCC_VERSION      0x80000000u
#define PSCI_CPU_OFF       0x84000002u
#define PSCI_CPU_ON        0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u
enum { EC_UNKNOWN = 0x00, EC_SYSREG = 0x18, EC_DABT = 0x25 };
enum { TIMER_PPI = 27, PHYSICAL_TIMER_PPI = 30, UART_SPI = 33 };
enum { UART_IMSC = 0x38, UART_TX = 1 << 5 };

static unsigned wrong;
static volatile unsigned ticks;
static volatile uint64_t last_intid;
static volatile uint64_t second; /* what the second CPU got */
static volatile bool released;   /* it may go */

static void answer(const char *question, bool good)
{
	say(good ? "  ok     " : "  WRONG  ");
	say(question);
	say("\r\n");
	wrong += !good;
}

void guest_second(uint64_t stack)
{
	struct smccc s = {{PSCI_CPU_OFF}};

	second = stack;
	while (!released)
		__asm__ volatile("yield");
	guest_hvc(&s);
	answer("CPU_OFF does not return", false);
}

void guest_irq(void)
{
	uint64_t intid = read_sysreg("s3_0_c12_c12_0");

	last_intid = intid;
	if (intid == TIMER_PPI) {
		ticks++;
		write_sysreg("cntv_ctl_el0", 0);
	}
	if (intid == PHYSICAL_TIMER_PPI) {
		ticks++;
		write_sysreg("cntp_ctl_el0", 0);
	}
	if (intid == UART_SPI)
		*mmio32(GUEST_UART + UART_IMSC) = 0;
	if (intid < 1020)
		write_sysreg("s3_0_c12_c12_1", intid);
}

static unsigned faulted_with(unsigned before)
{
	return fault_count == before + 1 ? (unsigned)(fault_esr >> 26) : ~0u;
}

static void calls(void)
{
	struct smccc s = {{PSCI_VERSION}};

	guest_hvc(&s);
	answer("PSCI_VERSION by HVC is at least 1.1", s.x[0] >= 0x10001 && s.x[0] < 0x20000);
	s = (struct smccc){{PSCI_VERSION}};
	guest_smc(&s);
	answer("PSCI_VERSION by SMC is at least 1.1", s.x[0] >= 0x10001 && s.x[0] < 0x20000);
	s = (struct smccc){{PSCI_FEATURES, SMCCC_VERSION}};
	guest_hvc(&s);
	answer("PSCI_FEATURES knows SMCCC_VERSION", s.x[0] == 0);
	s = (struct smccc){{0xc6001234, 1, 2, 3}};
	guest_hvc(&s);
	answer("an unknown hypercall returns -1 in 64 bits", s.x[0] == ~UINT64_C(0));
	s = (struct smccc){{0x8400ffff, 1, 2, 3}};
	guest_smc(&s);
	answer("an unknown SMC returns -1 in 64 bits", s.x[0] == ~UINT64_C(0));
}

static int64_t psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	struct smccc s = {{function, a, b, c}};

	guest_hvc(&s);
	return (int64_t)s.x[0];
}

/* Of a second vCPU, if there is one, both starts of it at once are tried. */
static void power(void)
{
	static uint64_t stack[512] __attribute__((aligned(16)));
	uint64_t entry = (uint64_t)(uintptr_t)start_second,
		 top = (uint64_t)(uintptr_t)(stack + 512);
	int64_t first, again;

	answer("CPU_ON of the caller is ALREADY_ON", psci(PSCI_CPU_ON, 0, entry, 0) == -4);
	answer("CPU_ON of an absent CPU is INVALID_PARAMETERS",
	       psci(PSCI_CPU_ON, 0x99, entry, 0) == -2 &&
		       psci(PSCI_CPU_ON, UINT64_C(1) << 63, entry, 0) == -2);
	answer("AFFINITY_INFO knows the caller, and no absent CPU",
	       psci(PSCI_AFFINITY_INFO, 0, 0, 0) == 0 &&
		       psci(PSCI_AFFINITY_INFO, 0x99, 0, 0) == -2);
	if (psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1)
		return;
	answer("CPU_ON at no memory, or misaligned, is INVALID_ADDRESS",
	       psci(PSCI_CPU_ON, 1, 0x1000, 0) == -9 && psci(PSCI_CPU_ON, 1, entry + 2, 0) == -9);
	first = psci(PSCI_CPU_ON, 1, entry, top);
	again = psci(PSCI_CPU_ON, 1, entry, top);
	answer("CPU_ON starts it once, and is ALREADY_ON or ON_PENDING the second time",
	       first == 0 && (again == -4 || again == -5));
	while (!second)
		__asm__ volatile("yield");
	answer("the second CPU runs, with X0 as it was asked for", second == top);
	released = true;
	while (psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1)
		__asm__ volatile("yield");
	answer("it is off after CPU_OFF", true);
}

static void absent(void)
{
	unsigned before = fault_count;

	(void)*mmio32(0x20000000);
	answer("a load from nowhere takes a synchronous external abort",
	       faulted_with(before) == EC_DABT && (fault_esr & 0x3f) == 0x10 &&
		       fault_far == 0x20000000);
	before = fault_count;
	*mmio32(0x0a000000) = 1;
	answer("a store to nowhere takes a synchronous external abort",
	       faulted_with(before) == EC_DABT && (fault_esr & 0x3f) == 0x10 &&
		       (fault_esr & 1 << 6));
	before = fault_count;
	__asm__ volatile("ldp x2, x3, [%0]" ::"r"(UINT64_C(0x30000000)) : "x2", "x3", "memory");
	answer("a pair from nowhere takes an abort too", faulted_with(before) == EC_DABT);
}

#define UNDEFINED(what, insn)                                                      \
	do {                                                                       \
		unsigned before_ = fault_count;                                    \
		__asm__ volatile(insn ::: "x2", "memory");                         \
		answer(what " is UNDEFINED", faulted_with(before_) == EC_UNKNOWN); \
	} while (0)

static void hidden(void)
{
	UNDEFINED("PMCR_EL0 (no PMU shown)", "mrs x2, pmcr_el0");
	UNDEFINED("an implementation defined register", "mrs x2, s3_1_c15_c0_0");
	UNDEFINED("HCR_EL2", "mrs x2, hcr_el2");
	UNDEFINED("MPAM1_EL1", "mrs x2, s3_0_c10_c5_0");
	write_sysreg("cpacr_el1", 0x330000); /* or EL1's own trap comes first */
	UNDEFINED("ZCR_EL1 (no SVE shown)", "mrs x2, s3_0_c1_c2_0");
	answer("ID_AA64PFR0_EL1 shows no SVE, MPAM, AMU",
	       (read_sysreg("id_aa64pfr0_el1") & UINT64_C(0x0000ff0f00000000) &
		~UINT64_C(0xff000000000)) == 0);
	answer("ID_AA64DFR0_EL1 shows no PMU", (read_sysreg("id_aa64dfr0_el1") >> 8 & 15) == 0);
	answer("unallocated ID space reads zero", read_sysreg("s3_0_c0_c7_7") == 0);
}

static void timer(void)
{
	uint64_t from;

	write_sysreg("s3_0_c12_c12_5", 1); /* ICC_SRE_EL1 */
	write_sysreg("s3_0_c4_c6_0", 0xf0);
	write_sysreg("s3_0_c12_c12_7", 1);
	*mmio32(GUEST_GICD) = 1 << 4 | 1 << 1;
	*mmio32(GUEST_GICR + 0x14) &= ~2u;
	*mmio32(GUEST_GICR + 0x10000 + 0x80) = 0xffffffff;
	*mmio32(GUEST_GICR + 0x10000 + 0x100) = 1u << TIMER_PPI | 1u << PHYSICAL_TIMER_PPI;
	__asm__ volatile("msr daifclr, #2");
	for (unsigned i = 0; i < 3; i++) {
		unsigned before = ticks;

		write_sysreg("cntv_tval_el0", read_sysreg("cntfrq_el0") / 1000);
		write_sysreg("cntv_ctl_el0", 1);
		from = read_sysreg("cntvct_el0");
		while (ticks == before &&
		       read_sysreg("cntvct_el0") - from < read_sysreg("cntfrq_el0"))
			;
		answer("the virtual timer's interrupt arrives", ticks == before + 1);
	}
	from = ticks;
	__asm__ volatile("msr daifset, #2"); /* or it may come before the WFI */
	write_sysreg("cntv_tval_el0", read_sysreg("cntfrq_el0") / 1000);
	write_sysreg("cntv_ctl_el0", 1);
	__asm__ volatile("wfi\n\tmsr daifclr, #2\n\tisb");
	answer("WFI wakes for the timer", ticks == from + 1);
	from = ticks;
	__asm__ volatile("msr daifset, #2");
	write_sysreg("cntp_tval_el0", read_sysreg("cntfrq_el0") / 1000);
	write_sysreg("cntp_ctl_el0", 1);
	__asm__ volatile("wfi\n\tmsr daifclr, #2\n\tisb");
	answer("the physical timer's too", ticks == from + 1);
}

static void uart(void)
{
	*mmio32(GUEST_GICD + 0x84) |= 2;
	*mmio32(GUEST_GICD + 0x104) = 2;
	last_intid = 0;
	say("  ");
	*mmio32(GUEST_UART + UART_IMSC) = UART_TX;
	for (unsigned i = 0; i < 1000 && last_intid != UART_SPI; i++)
		__asm__ volatile("isb");
	say("\r");
	answer("the UART's level interrupt arrives", last_intid == UART_SPI);
}

/* Without write-back of the address, which the syndrome of an abort does not describe. */
static void touch(uint64_t address, uint32_t value)
{
	__asm__ volatile("str %w0, [%1]\n\tldr %w0, [%1]" : "+r"(value) : "r"(address) : "memory");
}

static void touch_byte(uint64_t address)
{
	__asm__ volatile("strb %w0, [%1]\n\tldrb wzr, [%1]" ::"r"(0xff), "r"(address) : "memory");
}

/* Everything of the GIC is written and read; that the guest goes on is all that is asked for. */
static void gic_everywhere(void)
{
	static const uint64_t base[] = {GUEST_GICD, GUEST_GICR};
	static const uint32_t bytes[] = {0x10000, 0x20000}, value[] = {0xffffffff, 0, 0x55aa1234};

	__asm__ volatile("msr daifset, #2");
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned n = 0; n < 3; n++) {
			for (uint32_t offset = 0; offset < bytes[i]; offset += 4)
				touch(base[i] + offset, value[n]);
		}
		for (uint32_t offset = 0; offset < bytes[i]; offset += 7)
			touch_byte(base[i] + offset);
	}
	for (unsigned cluster = 0; cluster < 256; cluster++) /* SGIs to CPUs that are not there */
		write_sysreg("s3_0_c12_c11_5", (uint64_t)cluster << 16 | 0xffff | 5 << 24);
	answer("a guest that writes everywhere in its GIC goes on", true);
}

void guest_main(uint64_t dtb)
{
	say("probe: a bare guest, entered at EL");
	say_number(read_sysreg("CurrentEL") >> 2);
	say("\r\n");
	answer("entered at EL1", read_sysreg("CurrentEL") >> 2 == 1);
	answer("MMU and caches off", (read_sysreg("sctlr_el1") & 0x1005) == 0);
	answer("x0 is a device tree", *mmio32(dtb) == 0xedfe0dd0);
	calls();
	power();
	absent();
	hidden();
	timer();
	uart();
	gic_everywhere();
	say("probe: ");
	say_number(wrong);
	say(" wrong\r\n");
}
