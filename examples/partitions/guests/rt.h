/* SPDX-License-Identifier: BSD-2-Clause */
/* What a real-time guest and the partition kernel agree on. */
#ifndef PARTITIONS_RT_H
#define PARTITIONS_RT_H

/* Memory of a real-time guest as it sees it; its report is the last page. */
#define RT_RAM_IPA    0x40000000
#define RT_RAM_BYTES  0x40000
#define RT_REPORT_IPA 0x4003f000

/* Entry: x0 incarnation (0 at first, then one more after each restart), x1 ticks of a major
 * frame, x2 counter at the start of the guest's slot, x3 ticks of the slot. */

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Read by the kernel only; it believes nothing of it. */
struct rt_report {
	uint64_t heartbeat;   /* changes while the guest is well */
	uint64_t activations; /* timer interrupts served */
	uint64_t latency_max; /* ticks from the timer's deadline to its handler */
	uint64_t latency_sum; /* of all activations */
	uint64_t gap_max;     /* longest time that was taken away while it computed */
	uint64_t device;      /* interrupts of the device that it owns */
};

#define RT_TIMER_INTID 27

#define sysreg_read(name)                                               \
	__extension__({                                                 \
		uint64_t v_;                                            \
		__asm__ volatile("mrs %0, " name : "=r"(v_)::"memory"); \
		v_;                                                     \
	})
#define sysreg_write(name, v) \
	__asm__ volatile("msr " name ", %0\n\tisb" ::"r"((uint64_t)(v)) : "memory")

static inline uint64_t rt_now(void)
{
	__asm__ volatile("isb" ::: "memory"); /* orders the reading behind what was asked before */
	return sysreg_read("cntvct_el0");
}

static inline volatile struct rt_report *rt_report(void)
{
	return (volatile struct rt_report *)(uintptr_t)RT_REPORT_IPA;
}

static inline void rt_interrupts_on(void)
{
	sysreg_write("s3_0_c4_c6_0", 0xff); /* ICC_PMR_EL1 */
	sysreg_write("s3_0_c12_c12_7", 1);  /* ICC_IGRPEN1_EL1 */
	__asm__ volatile("msr daifclr, #2");
}

static inline uint32_t rt_acknowledge(void)
{
	return (uint32_t)sysreg_read("s3_0_c12_c12_0") & 0xffffff; /* ICC_IAR1_EL1 */
}

static inline void rt_finish(uint32_t intid)
{
	sysreg_write("s3_0_c12_c12_1",
		     intid); /* ICC_EOIR1_EL1: deactivates the physical one, too */
}

void rt_main(uint64_t incarnation, uint64_t frame, uint64_t start, uint64_t slot);
void rt_irq(void);
void rt_fault(void);
#endif

#endif
