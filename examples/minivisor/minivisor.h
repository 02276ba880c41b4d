/* SPDX-License-Identifier: BSD-2-Clause */
/* The one virtual machine of minivisor and what its parts share. */
#ifndef MINIVISOR_H
#define MINIVISOR_H

#include <libarmvirt/libarmvirt.h>

#include "config.h"
#include "pl011.h"

/* Why the guest left, for the table at the end. */
enum cause {
	CAUSE_UART,
	CAUSE_GICD,
	CAUSE_GICR,
	CAUSE_NOTHING_THERE,
	CAUSE_FIXED_REGISTER,
	CAUSE_SYSREG,
	CAUSE_CALL,
	CAUSE_WAIT,
	CAUSE_FP,
	CAUSE_TIMER,
	CAUSE_INTERRUPT,
	CAUSE_UNDEFINED,
	CAUSE_SERROR,
	CAUSE_COUNT
};

enum { VTIMER_INTID = 27, PTIMER_INTID = 30 };
enum { GIC_SPIS = 256, TABLE_BYTES = 4096, TABLES = 64 };

struct machine {
	struct config config;
	/* the CPU */
	struct armvirt_features features;
	struct armvirt_cpu cpu;
	/* the guest */
	union { /* with every set that a policy can ask for behind it */
		struct armvirt_vcpu vcpu;
		uint8_t vcpu_memory[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL)];
	};
	struct armvirt_idregs guest_id;         /* what it may see */
	struct armvirt_features guest_features; /* the same, as features */
	struct armvirt_trapcfg traps;
	struct armvirt_s2_geometry geometry;
	struct armvirt_s2 s2;
	struct armvirt_pool pool;
	struct armvirt_vgic_caps vgic_caps;
	struct armvirt_vgic vgic;
	struct armvirt_vgic_vcpu vgic_vcpu;
	struct armvirt_psci psci;
	struct armvirt_psci_cpu psci_cpu;
	struct pl011 uart;
	uint64_t exits[CAUSE_COUNT];
};

extern struct machine machine;

/* guest.c: called by the vectors */
unsigned guest_irq(struct armvirt_vcpu *vcpu);
struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
void hypervisor_exception(const struct armvirt_el2_frame *frame);

/* report.c */
void report_banner(void);
__attribute__((noreturn)) void finish(const char *how); /* the tables, then power off */
__attribute__((noreturn, format(printf, 1, 2))) void refuse(const char *format, ...);

/* start.S */
uint64_t firmware(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
extern char boot_stack_end[], minivisor_vectors[], image_text[], image_rodata[], image_data[],
	image_end[];

#endif
