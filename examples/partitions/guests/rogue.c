/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The misbehaving guest: in each incarnation it does something else that a
 * partition must not get away with. With ROGUE_TAME it only waits: the
 * measurement that the other one is compared with.
 */
#include "rt.h"

enum misdeed {
	CALL_STORM,     /* hypercalls as fast as it can */
	FOREIGN_MEMORY, /* a store outside its memory */
	TIMER_STORM,    /* an interrupt that is always due */
	POWER_OFF,      /* asks to switch the machine off */
	DEAF,           /* masks everything, spins, gives no heartbeat */
	FOREIGN_CODE,   /* jumps out of its memory */
	REGISTERS,      /* writes system registers that are not its own */
	DEVICE_STORM,   /* hammers an interrupt controller */
	CACHES,         /* set/way maintenance, the classic to stop a machine */
	MISDEEDS
};

static volatile unsigned faults;

void rt_irq(void)
{
	uint32_t intid = rt_acknowledge();

	if (intid < 1020)
		rt_finish(intid); /* without quieting the timer: it comes again at once */
}

/* An instruction that is UNDEFINED here: on to the next, the worst answer. */
void rt_fault(void)
{
	faults++;
	sysreg_write("elr_el1", sysreg_read("elr_el1") + 4);
}

static void call(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("hvc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

static void secure_call(uint64_t function)
{
	register uint64_t x0 __asm__("x0") = function;

	__asm__ volatile("smc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

static void timer_storm(void)
{
	sysreg_write("cntv_cval_el0", 0);
	sysreg_write("cntv_ctl_el0", 1);
	rt_interrupts_on();
	for (;;)
		rt_report()->heartbeat++;
}

static void registers(void)
{
	for (;;) {
		sysreg_write("s3_4_c1_c1_0", 0);   /* HCR_EL2 */
		sysreg_write("s3_4_c2_c1_0", 0);   /* VTTBR_EL2 */
		sysreg_write("s3_0_c10_c5_0", ~0); /* MPAM1_EL1 */
		sysreg_write("s3_3_c9_c12_0", 1);  /* PMCR_EL0 */
		sysreg_write("s3_3_c14_c2_1", 1);  /* CNTP_CTL_EL0 */
	}
}

void rt_main(uint64_t incarnation, uint64_t major, uint64_t start, uint64_t slot)
{
	(void)major;
	(void)start;
	(void)slot;
#ifdef ROGUE_TAME
	for (;;) {
		rt_report()->heartbeat++;
		__asm__ volatile("wfi");
	}
#endif
	switch ((enum misdeed)(incarnation % MISDEEDS)) {
	case CALL_STORM:
		for (;;)
			call(0xc6000000 + rt_report()->heartbeat++);
	case FOREIGN_MEMORY:
		*(volatile uint64_t *)(uintptr_t)0x60000000 = ~UINT64_C(0);
		break;
	case TIMER_STORM:
		timer_storm();
		break;
	case POWER_OFF:
		secure_call(0x84000008);
		call(0x84000008);
		break;
	case DEAF:
		__asm__ volatile("msr daifset, #15");
		for (;;)
			;
	case FOREIGN_CODE:
		((void (*)(void))(uintptr_t)0x50000000)();
		break;
	case REGISTERS:
		registers();
		break;
	case DEVICE_STORM:
		for (;;)
			*(volatile uint32_t *)(uintptr_t)0x08000100 = ~UINT32_C(0);
	case CACHES:
		for (uint64_t i = 0;; i += 32)
			__asm__ volatile("dc cisw, %0" ::"r"(i & 0xffffffe0) : "memory");
	case MISDEEDS:
		break;
	}
}
