/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine of minivisor: its CPUs, its guests and their virtual CPUs, and what its parts share.
 */
#ifndef MINIVISOR_H
#define MINIVISOR_H

#include <libarmvirt/libarmvirt.h>

#include "config.h"
#include "counter.h"
#include "lock.h"
#include "pl011.h"

/* Why a guest left, for the table at the end. */
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
	CAUSE_KICK,
	CAUSE_INTERRUPT,
	CAUSE_UNDEFINED,
	CAUSE_COUNT
};

enum {
	KICK_SGI = 1,
	MAINTENANCE_INTID = 25,
	SLICE_INTID = 26,
	VTIMER_INTID = 27,
	PTIMER_INTID = 30
};
#define GUEST_TIMERS (UINT32_C(1) << VTIMER_INTID | UINT32_C(1) << PTIMER_INTID)

enum { GIC_SPIS = 256, TABLE_BYTES = 4096, ROOT_BYTES = 16 * TABLE_BYTES, TABLES = 64 };
enum { IPA_BITS = 40, CPU_STACK_BYTES = 0x4000 };

enum vcpu_state {
	VCPU_OFF,    /* until PSCI CPU_ON */
	VCPU_READY,  /* runs, or would */
	VCPU_WAITING /* for an interrupt, or until wake */
};

/* Everything of a virtual CPU belongs to the physical CPU that runs it, unless it is said
 * otherwise. */
struct vcpu {
	union { /* first: the vectors hand out this one. With every set that a policy can ask for */
		struct armvirt_vcpu core;
		uint8_t memory[ARMVIRT_VCPU_BYTES(ARMVIRT_VCPU_OPTIONAL)];
	};
	struct armvirt_vgic_vcpu vgic;   /* the library shares what must be shared */
	struct armvirt_timer_vcpu timer; /* while it is on no CPU */
	struct guest *guest;
	struct cpu *cpu; /* never changes */
	unsigned index;  /* in its guest */
	enum vcpu_state state;
	uint64_t wake; /* WAITING: physical count of its timers' next interrupt */
	uint32_t owed; /* private interrupts to deactivate; any CPU */
	uint64_t exits[CAUSE_COUNT];
};

/* A virtual machine: written before it runs; then as the library says, or under the lock. */
struct guest {
	struct vcpu vcpu[VCPUS_MAX];
	struct armvirt_s2 s2;
	struct armvirt_pool pool;
	struct armvirt_vgic vgic;
	armvirt_vgic_irq_t spis[GIC_SPIS] __attribute__((aligned(8)));
	struct armvirt_psci psci;
	struct armvirt_psci_cpu psci_cpu[VCPUS_MAX];
	unsigned number;   /* from 1: its name, and its VMID */
	const char *ended; /* how, NULL while it runs; any CPU */
	bool off;          /* it powered itself off: all is well */
	lock_t lock;       /* of uart and uart_level */
	bool uart_level;
	struct pl011 uart;
};

/* A physical CPU; TPIDR_EL2 points at its own. */
struct cpu {
	uint8_t stack[CPU_STACK_BYTES]
		__attribute__((aligned(16))); /* first: start.S counts on it */
	struct armvirt_cpu core;
	struct vcpu *current; /* whose interrupts and timers are in the CPU, or NULL */
	struct vcpu *vcpu[GUESTS_MAX * VCPUS_MAX]; /* that it runs, by turns */
	unsigned vcpu_count, turn;
	bool woken; /* a vCPU that waits here was sent something by another one of this CPU */
	unsigned index;
	uint64_t mpidr;
	bool up; /* the first CPU waits for it */
};

struct machine {
	struct config config;
	struct armvirt_features features;
	struct armvirt_el2_config el2;
	unsigned cpu_count;
	unsigned cpus_busy; /* that have a guest which runs; atomic */
	bool v2;            /* it has a GICv2, and so have the guests */
	bool shared;        /* there are more vCPUs than CPUs: they take turns */
	/* all guests are alike */
	struct armvirt_idregs guest_id;         /* what they may see */
	struct armvirt_features guest_features; /* the same, as features */
	struct armvirt_trapcfg traps;
	struct armvirt_s2_geometry geometry;
	struct armvirt_vgic_caps vgic_caps;
	struct armvirt_timer_vm timers;
	uint64_t smccc_version; /* what SMCCC_VERSION answers */
	struct guest guest[GUESTS_MAX];
	unsigned guest_count;
};

extern struct machine machine __attribute__((visibility("hidden")));
extern struct cpu cpus[CPUS_MAX] __attribute__((visibility("hidden")));

/*
 * Instructions at EL2 are shown if it was asked for and the PMU allows. With several CPUs the
 * emulator's clock, which all share, would count for each what the others do.
 */
static inline bool counter_wanted(void)
{
	return (machine.config.flags & CONFIG_STATISTICS) && machine.cpu_count == 1 &&
	       counter_count() >= 2;
}

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__("mrs %0, tpidr_el2" : "=r"(c));
	return c;
}

static inline unsigned guest_vcpus(const struct guest *g)
{
	return g->psci.cpu_count;
}

/* main.c */
void must(enum armvirt_status s, const char *what);

/* machine.c: what guests consist of */
void machine_make(void);
void vcpu_reset(struct vcpu *v, uint64_t entry, uint64_t context);

/* schedule.c */
struct vcpu *schedule(struct cpu *c);             /* the next one, ready to go on */
void schedule_wait(struct vcpu *v);               /* the current one waits for an interrupt */
void schedule_off(struct vcpu *v);                /* the current one is switched off */
bool schedule_wanted(struct cpu *c);              /* another one than the current should run now */
void vcpus_kick(struct guest *g, uint64_t vcpus); /* they look at their interrupts again */
void guest_end(struct guest *g, const char *how); /* the caller schedules then */

/* interrupt.c */
unsigned guest_irq(struct armvirt_vcpu *vcpu);                 /* called by the vectors */
bool physical_interrupt(struct cpu *c, uint32_t acknowledged); /* true: schedule */
void vgic_carry_out(struct vcpu *v, struct armvirt_vgic_actions actions);
void vgic_load(struct vcpu *v);
void vgic_put(struct vcpu *v);
void vgic_sync(struct vcpu *v);
void vgic_flush(struct vcpu *v);

/* What the library leaves to us: most often nothing but to flush, which comes anyway. */
static inline void vgic_act(struct vcpu *v, struct armvirt_vgic_actions actions)
{
	if (actions.deactivate || (actions.kick & ~(UINT64_C(1) << v->index)))
		vgic_carry_out(v, actions);
}

/* Before the guest goes on: most exits did not touch interrupts. */
static inline void vgic_enter(struct vcpu *v)
{
	if (armvirt_vgic_flush_needed(&v->vgic))
		vgic_flush(v);
}

/* guest.c: called by the vectors */
struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
void hypervisor_exception(const struct armvirt_el2_frame *frame);
void uart_line_moved(struct guest *g);

/* After each change of the UART, its lock held: the interrupt follows. */
static inline void uart_line(struct guest *g)
{
	if (pl011_line(&g->uart) != g->uart_level)
		uart_line_moved(g);
}

/* terminal.c: one console, several guests */
void terminal_share(struct guest *g, uint8_t byte); /* a byte that a guest sends */
void terminal_input(void);
void terminal_close(struct guest *g); /* it ended */

/* report.c */
void report_banner(void);
__attribute__((noreturn)) void finish(void); /* the tables, then power off */
__attribute__((noreturn, format(printf, 1, 2))) void refuse(const char *format, ...);

/* start.S */
uint64_t firmware(uint64_t function, uint64_t a, uint64_t b, uint64_t c);
extern char minivisor_vectors[], image_text[], image_rodata[], image_data[], image_end[];
void start_secondary(void);

#endif
