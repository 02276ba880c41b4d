/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bare guests share. */
#ifndef EXAMPLES_GUEST_H
#define EXAMPLES_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_UART UINT64_C(0x09000000)
#define GUEST_GICD UINT64_C(0x08000000)
#define GUEST_GICR UINT64_C(0x080a0000)

#define read_sysreg(name)                                                   \
	__extension__({                                                     \
		uint64_t value_;                                            \
		__asm__ volatile("mrs %0, " name : "=r"(value_)::"memory"); \
		value_;                                                     \
	})
#define write_sysreg(name, v) \
	__asm__ volatile("msr " name ", %0\n\tisb" ::"r"((uint64_t)(v)) : "memory")

struct smccc {
	uint64_t x[4];
};

void guest_main(uint64_t dtb);
void guest_second(uint64_t stack);
void guest_irq(void);
void guest_fault(void); /* notes the syndrome and steps over the instruction */
void start_second(void);
__attribute__((noreturn)) void guest_power_off(void);
void guest_hvc(struct smccc *s);
void guest_smc(struct smccc *s);

/* What guest_fault() noted; fault_count tells whether anything happened. */
extern volatile uint64_t fault_esr, fault_far;
extern volatile unsigned fault_count;

static inline volatile uint32_t *mmio32(uint64_t address)
{
	return (volatile uint32_t *)(uintptr_t)address;
}

void say(const char *text);
void say_hex(uint64_t v);
void say_number(uint64_t v);

#endif
