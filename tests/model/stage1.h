/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's stage 1, from its registers and memory alone: AArch64, AArch32 long and short. */
#ifndef TESTS_MODEL_STAGE1_H
#define TESTS_MODEL_STAGE1_H

#include <stdbool.h>
#include <stdint.h>

/* The registers of the EL1&0 regime. AArch32: TTBCR2:TTBCR, MAIR1:MAIR0 or NMRR:PRRR. */
struct model_s1_regs {
	uint64_t hcr, sctlr, tcr, tcr2, ttbr[2], mair[2], pir[2], por[2]; /* pir, por: EL0, EL1 */
	uint32_t dacr;
	unsigned pa_bits;
	/* what is implemented */
	bool lva, lpa2, ttst, haf, hdbs, hpds, aa32hpd, e0pd, pan3, pauth, mte4, s1pie, s1poe, aie;
};

struct model_s1_access {
	uint64_t va;
	char kind; /* r, w, x */
	unsigned el;
	bool pan;
};

enum model_s1_fault {
	MODEL_S1_NONE,
	MODEL_S1_TRANSLATION,
	MODEL_S1_ADDRESS_SIZE,
	MODEL_S1_ACCESS_FLAG,
	MODEL_S1_PERMISSION,
	MODEL_S1_DOMAIN,
	MODEL_S1_EXTERNAL /* on the walk */
};

struct model_s1_result {
	enum model_s1_fault fault;
	int level;
	uint64_t pa;       /* without a fault */
	unsigned attr, sh; /* without a fault, as PAR_EL1.ATTR and SH */
	uint64_t slot;     /* of the last descriptor, 0: none */
	unsigned domain;   /* short descriptors: once one is known */
};

/* Reads 4 or 8 bytes as they lie in memory; false: an External abort. */
typedef bool model_s1_read_fn(void *context, uint64_t pa, unsigned bytes, uint8_t *to);

void model_s1_translate(const struct model_s1_regs *r, const struct model_s1_access *a,
			model_s1_read_fn *read, void *context, struct model_s1_result *out);

/* Fault status as PAR_EL1.FST has it, 0xff without a fault; DFSR or IFSR of AArch32. */
unsigned model_s1_status(const struct model_s1_result *result);
uint32_t model_s1_fsr(const struct model_s1_regs *r, const struct model_s1_access *a,
		      const struct model_s1_result *result);

#endif
