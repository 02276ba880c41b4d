/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual GIC CPU interface: list registers, active priorities and the registers that a guest
 * sees, written from the architecture. It shares nothing with the library.
 */
#ifndef TESTS_MODEL_VCPUIF_H
#define TESTS_MODEL_VCPUIF_H

#include <stdbool.h>
#include <stdint.h>

/* What the architecture leaves to the implementation. */
struct vcpuif_shape {
	unsigned lrs;      /* 1 to 16 */
	unsigned pri_bits; /* 5 to 8 */
	unsigned pre_bits; /* 5 to 7 */
	bool v2;           /* GICv2: source CPU in 12:10 of an SGI */
	bool one_apr; /* GICv2 with GICH: the active priorities of both groups in one register */
	bool eoir_counts;   /* EOIR of an unlisted INTID counts in EOImode 1 too (some
			       implementations) */
	bool masks_running; /* the running priority is cut by the candidate's binary point */
};

struct vcpuif_lr {
	bool pending, active;
	bool hw, eoi, group1;
	unsigned intid, source, pintid, prio;
	bool owed; /* EOI maintenance is due: until rewritten */
};

struct vcpuif {
	struct vcpuif_shape shape;
	struct vcpuif_lr lr[16];
	bool level0[128], level1[128]; /* active preemption levels by group */
	unsigned pmr, bpr0, bpr1;
	bool eoimode, cbpr, en0, en1;
	uint32_t hcr;      /* without EOIcount */
	unsigned eoicount; /* 5 bits */
	/* what happened outside */
	unsigned deactivated;            /* physical INTID deactivated by the last call, 0 none */
	unsigned long long accesses;     /* of list registers by the hypervisor */
	unsigned long long reg_accesses; /* of all registers by the hypervisor */
};

/* The CPU that register accesses by encoding reach, and what hears of physical deactivations. */
extern struct vcpuif *vcpuif_cpu;
extern void (*vcpuif_dir_hook)(unsigned pintid);

/* Words of the library's state that were looked at, counted by its code built for the model. */
extern unsigned long long vcpuif_steps;

void vcpuif_init(struct vcpuif *c, const struct vcpuif_shape *shape);

/* The hypervisor's side. */
void vcpuif_lr_write(struct vcpuif *c, unsigned n, uint64_t value);
uint64_t vcpuif_lr_read(struct vcpuif *c, unsigned n);
void vcpuif_vmcr_write(struct vcpuif *c, uint32_t value);
uint32_t vcpuif_vmcr_read(const struct vcpuif *c);
void vcpuif_hcr_write(struct vcpuif *c, uint32_t value);
uint32_t vcpuif_hcr_read(const struct vcpuif *c);
void vcpuif_ap_write(struct vcpuif *c, unsigned group, unsigned n, uint32_t value);
uint32_t vcpuif_ap_read(const struct vcpuif *c, unsigned group, unsigned n);
uint32_t vcpuif_elrsr(const struct vcpuif *c);
uint32_t vcpuif_eisr(const struct vcpuif *c);
uint32_t vcpuif_misr(const struct vcpuif *c);

/* The guest's side. */
bool vcpuif_irq(const struct vcpuif *c); /* a virtual interrupt is signalled */
uint32_t vcpuif_iar(struct vcpuif *c, unsigned group);
void vcpuif_eoir(struct vcpuif *c, unsigned group, uint32_t intid);
bool vcpuif_dir(struct vcpuif *c, uint32_t intid); /* true: it traps (TDIR, TC) and does nothing */
bool vcpuif_active(const struct vcpuif *c, uint32_t intid); /* in a list register */
uint32_t vcpuif_hppir(const struct vcpuif *c, unsigned group);
uint32_t vcpuif_rpr(const struct vcpuif *c);
void vcpuif_pmr_write(struct vcpuif *c, unsigned value);
unsigned vcpuif_pmr_read(const struct vcpuif *c);
void vcpuif_bpr_write(struct vcpuif *c, unsigned group, unsigned value);
unsigned vcpuif_bpr_read(const struct vcpuif *c, unsigned group);
void vcpuif_igrpen_write(struct vcpuif *c, unsigned group, bool on);
void vcpuif_ctlr_write(struct vcpuif *c, bool eoimode, bool cbpr);

#endif
