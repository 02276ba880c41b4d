/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MPAM of one processor: registers, traps, and what a request carries. Written
 * from the architecture's pseudocode; shares no header with the library.
 */
#ifndef TESTS_MODEL_MPAM_PE_H
#define TESTS_MODEL_MPAM_PE_H

#include <stdbool.h>
#include <stdint.h>

struct mpam_pe_params {
	unsigned partid_max, pmg_max, vpmr_max;
	bool has_hcr, has_tidr, has_sme, has_bw, has_el3, el3_mpamen;
	bool e2h, tge;
	/* choices that the architecture leaves to the processor */
	bool wrap_to_zero;      /* virtual PARTID above the map: entry 0 instead of modulo */
	bool pmg_kept_on_error; /* PARTID error does not force the default PMG */
};

struct mpam_pe {
	struct mpam_pe_params p;
	uint64_t mpam0, mpam1, mpam2, mpamsm, hcr, vpmv, vpm[8], bw2;
	unsigned undefined; /* accesses that would have been UNDEFINED */
	unsigned reads, writes;
	/* log of register writes: op1 << 8 | crm << 4 | op2 */
	unsigned log[64], log_count;
};

enum mpam_pe_outcome { MPAM_PE_DONE, MPAM_PE_TRAP_EL2, MPAM_PE_UNDEF };

struct mpam_pe_tag {
	unsigned partid, pmg;
};

void mpam_pe_reset(struct mpam_pe *pe, const struct mpam_pe_params *p, uint64_t unknown);

/* Register S3_<op1>_C10_C<crm>_<op2> accessed at EL2. */
uint64_t mpam_pe_read(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2);
void mpam_pe_write(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2, uint64_t v);

/* The same from EL1: whether it succeeds. */
enum mpam_pe_outcome mpam_pe_guest(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2,
				   bool write, uint64_t *value);

/* What a request from EL0, EL1 or EL2 carries. */
struct mpam_pe_tag mpam_pe_tag(const struct mpam_pe *pe, int el, bool instruction);

#endif
