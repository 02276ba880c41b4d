/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking an exception to EL1, written from the architecture's pseudocode (AArch64.TakeException,
 * AArch32.EnterMode, GetPSRFromPSTATE): PSTATE is a set of fields here, and becomes a word only
 * where the architecture makes it one.
 */
#ifndef TESTS_MODEL_ENTRY_H
#define TESTS_MODEL_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

/* ProcState */
struct model_pstate {
	bool n, z, c, v, q, d, a, i, f, pan, uao, dit, tco, ssbs, il, ss, t, e, sp, nrw;
	bool allint, pm, ppend, exlock;
	unsigned btype, it, ge, el, m; /* m: AArch32 mode */
};

/* What the pseudocode asks with IsFeatureImplemented(). */
struct model_entry_features {
	bool pan, uao, dit, ssbs, mte, bti, nmi, ebep, sebep, gcs, doublefault2;
};

struct model_machine {
	struct model_pstate pstate;
	uint64_t pc;
	uint64_t vbar, sctlr, sctlr2, gcscr, ttbcr;
	uint64_t spsr, elr, esr, far; /* EL1 */
	uint32_t spsr_abt, spsr_und, spsr_irq, spsr_fiq, dfsr, ifsr, dfar, ifar;
	uint64_t r[31]; /* X0 to X30 */
	bool el1_aarch32;
	struct model_entry_features has;
};

enum model_exception {
	MODEL_EXC_UNDEF,
	MODEL_EXC_IABT,
	MODEL_EXC_DABT,
	MODEL_EXC_IRQ,
	MODEL_EXC_FIQ,
	MODEL_EXC_SERROR
};

struct model_fault_record {
	unsigned status; /* as in ESR_ELx */
	bool write;
	uint64_t va;
};

/* The word that SPSR_EL2 holds for this PSTATE, and back. */
uint64_t model_spsr64(const struct model_machine *m);
void model_pstate_from_spsr64(struct model_machine *m, uint64_t spsr);

void model_take(struct model_machine *m, enum model_exception what,
		const struct model_fault_record *fault);

#endif
