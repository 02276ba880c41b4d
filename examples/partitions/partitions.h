/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A partition kernel: what runs is one const table (table.c), every byte of
 * memory is known when the kernel is linked, and each partition has its time
 * slots, its memory, its interrupts and its share of caches and bandwidth.
 */
#ifndef PARTITIONS_H
#define PARTITIONS_H

#include <libarmvirt/exit.h>
#include <libarmvirt/idregs.h>
#include <libarmvirt/mpam_plan.h>
#include <libarmvirt/s2.h>
#include <libarmvirt/trapcfg.h>
#include <libarmvirt/vcpu.h>

#include "../common/console.h"
#include "virq.h"

enum { PARTITIONS = 3, SLOTS = 4, TABLE_BYTES = 4096, MAP_REGIONS = 2 };

/* A slot of nobody: the kernel's own, for health monitoring. */
#define KERNEL_SLOT 0xff

enum guest_kind {
	REAL_TIME, /* bare metal, its image in the kernel; nothing is emulated for it */
	LINUX      /* general purpose, loaded by tools/demo; sees a small machine */
};

/* Memory or a device that a partition reaches. */
struct region {
	uint64_t ipa, pa, bytes;
	bool device;
};

/* One partition, const. */
struct partition {
	char name[12];
	struct region region[MAP_REGIONS]; /* the first is its RAM */
	uint16_t spi;                      /* shared interrupt that it owns, 0: none */
	uint8_t tables;                    /* stage-2 tables besides the root, exactly */
	uint16_t exit_budget;              /* exits in one slot: more is a fault; 0: no limit */
	uint8_t silent_limit; /* slots without a heartbeat: more is a fault; 0: has none */
	uint8_t image;        /* real time: which guest, see image_get() */
	enum guest_kind kind;
};

/* One slot of the major frame. */
struct slot {
	uint8_t partition; /* or KERNEL_SLOT */
	uint32_t microseconds;
};

extern const struct partition partitions[PARTITIONS];
extern const struct slot slots[SLOTS];
extern const struct armvirt_mpam_plan partition_plan;

/* Why a partition was stopped. */
enum fault {
	FAULT_NONE,
	FAULT_MEMORY,   /* reached for memory that it does not have */
	FAULT_CODE,     /* executed outside its memory */
	FAULT_REGISTER, /* accessed a system register that it may not */
	FAULT_STORM,    /* more exits than its budget */
	FAULT_SILENT,   /* no heartbeat */
	FAULT_SERROR,   /* an error of the machine while it ran */
	FAULT_OTHER,
	FAULT_ENDED, /* switched itself off: not a fault, and for good */
	FAULTS
};

/* What changes of a partition. */
struct partition_state {
	struct armvirt_vcpu vcpu;
	struct armvirt_s2 s2;
	struct virq virq;
	bool stopped;        /* until its next slot */
	bool ended;          /* for good */
	uint8_t silent;      /* slots without a heartbeat, in a row */
	uint8_t last_fault;  /* enum fault */
	uint32_t exits_here; /* in this slot */
	uint64_t heartbeat;
	/* the record */
	uint64_t slots, kept, exits, incarnation;
	uint64_t release_worst; /* ticks from the nominal start of a slot to the guest */
	uint64_t restart_worst; /* ticks that a restart took, in its own slot */
	uint64_t faults[FAULTS];
};

extern struct partition_state states[PARTITIONS];
extern struct armvirt_cpu the_cpu;
extern struct armvirt_idregs guest_id;         /* what the Linux guest may see */
extern struct armvirt_features guest_features; /* the same, as features */
extern struct armvirt_trapcfg traps[2];        /* by guest_kind */

/* schedule.c */
__attribute__((noreturn)) void schedule_start(void);
struct armvirt_vcpu *schedule_next(void); /* ends the slot; the vCPU of the next */
struct armvirt_vcpu *schedule_idle(void); /* the current partition has nothing more in its slot */
unsigned schedule_current(void);
uint64_t schedule_frame_ticks(void);
uint64_t schedule_slot_ticks(unsigned partition);
uint64_t clock_hz(void);

/* memory.c; the kernel's own map: kernel.h */
void memory_make_partition(unsigned p, const struct armvirt_features *f);
void memory_renew(unsigned p); /* its RAM as at the start */
uint64_t memory_static_bytes(void);

/* guest.c: called by the vectors */
struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer);
unsigned guest_irq(struct armvirt_vcpu *vcpu);
void kernel_exception(const struct armvirt_el2_frame *frame);

/* health.c */
void health_reset(unsigned p, uint64_t slot_start); /* a new incarnation */
void health_fault(unsigned p, enum fault why);      /* stopped until its next slot */
void health_slot_end(unsigned p);
const char *fault_name(enum fault f);

/* report.c */
void report_start(void);
void report_tick(uint64_t frame);               /* in the kernel's slot */
__attribute__((noreturn)) void power_off(void); /* start.S */
#define stop(...)                      \
	do {                           \
		print("partitions: "); \
		print(__VA_ARGS__);    \
		print("\n");           \
		power_off();           \
	} while (0)

#endif
