/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/inject.h>

#include "lib/hw/sysreg.h"

/* The loaded guest's registers: EL12 names where E2H redirects the EL1 ones. */
#define READ(e2h, name) ((e2h) ? armvirt_mrs(name##_EL12) : armvirt_mrs(name##_EL1))
#define WRITE(e2h, name, v)                          \
	do {                                         \
		if (e2h)                             \
			armvirt_msr(name##_EL12, v); \
		else                                 \
			armvirt_msr(name##_EL1, v);  \
	} while (0)

#define SCTLR_EL1  "s3_0_c1_c0_0"
#define SCTLR_EL12 "s3_5_c1_c0_0"
#define TCR_EL1    "s3_0_c2_c0_2"
#define TCR_EL12   "s3_5_c2_c0_2"
#define SPSR_EL1   "s3_0_c4_c0_0"
#define SPSR_EL12  "s3_5_c4_c0_0"
#define ELR_EL1    "s3_0_c4_c0_1"
#define ELR_EL12   "s3_5_c4_c0_1"
#define ESR_EL1    "s3_0_c5_c2_0"
#define ESR_EL12   "s3_5_c5_c2_0"
#define FAR_EL1    "s3_0_c6_c0_0"
#define FAR_EL12   "s3_5_c6_c0_0"
#define VBAR_EL1   "s3_0_c12_c0_0"
#define VBAR_EL12  "s3_5_c12_c0_0"
#define IFSR32_EL2 "s3_4_c5_c0_1"
#define SPSR_IRQ   "s3_4_c4_c3_0"
#define SPSR_ABT   "s3_4_c4_c3_1"
#define SPSR_UND   "s3_4_c4_c3_2"
#define SPSR_FIQ   "s3_4_c4_c3_3"

void armvirt_hw_excregs_load(struct armvirt_excregs *regs, const struct armvirt_excwhere *where)
{
	bool e2h = where->e2h;

	*regs = (struct armvirt_excregs){
		.vbar = READ(e2h, VBAR),
		.sctlr = READ(e2h, SCTLR),
		.tcr = READ(e2h, TCR),
		.spsr = READ(e2h, SPSR),
		.elr = READ(e2h, ELR),
		.esr = READ(e2h, ESR),
		.far = READ(e2h, FAR),
		.el1_aarch32 = where->el1_aarch32,
	};
	if (!where->el1_aarch32)
		return;
	regs->ifsr32 = armvirt_mrs(IFSR32_EL2);
	regs->spsr_irq = armvirt_mrs(SPSR_IRQ);
	regs->spsr_abt = armvirt_mrs(SPSR_ABT);
	regs->spsr_und = armvirt_mrs(SPSR_UND);
	regs->spsr_fiq = armvirt_mrs(SPSR_FIQ);
}

void armvirt_hw_excregs_store(const struct armvirt_excregs *regs,
			      const struct armvirt_excwhere *where)
{
	bool e2h = where->e2h;

	WRITE(e2h, SPSR, regs->spsr);
	WRITE(e2h, ELR, regs->elr);
	WRITE(e2h, ESR, regs->esr);
	WRITE(e2h, FAR, regs->far);
	if (!where->el1_aarch32)
		return;
	armvirt_msr(IFSR32_EL2, regs->ifsr32);
	armvirt_msr(SPSR_IRQ, regs->spsr_irq);
	armvirt_msr(SPSR_ABT, regs->spsr_abt);
	armvirt_msr(SPSR_UND, regs->spsr_und);
	armvirt_msr(SPSR_FIQ, regs->spsr_fiq);
}

uint64_t armvirt_hw_guest_sctlr(bool e2h)
{
	return READ(e2h, SCTLR);
}
