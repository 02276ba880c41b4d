/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guests of the world-switch test and their hypervisor share. */
#ifndef TESTS_SYSTEM_SWITCH_H
#define TESTS_SYSTEM_SWITCH_H

#define GUEST_X         0
#define GUEST_NZCV      248
#define GUEST_OUT       256
#define GUEST_NZCV_OUT  504
#define GUEST_REGISTERS 21
#define GUEST_OPTIONAL  41

#define SETS_AUX   0
#define SETS_PAUTH 1
#define SETS_SCXT  2
#define SETS_DEBUG 3
#define SETS_PMU   4
#define SETS_TIMER 5
#define SETS_MTE   6

#ifndef __ASSEMBLER__
#include <libarmvirt/vcpu.h>

#include "system.h"

struct guest_fp {
	_Alignas(16) uint64_t v[64]; /* what LDP of Q registers wants of Device memory */
	uint64_t fpcr, fpsr;
};

/* Z, P and FFR as STR of a vector lays them out. */
struct guest_sve {
	_Alignas(16) uint8_t bytes[ARMVIRT_SVE_BYTES(ARMVIRT_SVE_VL_MAX)];
};

struct guest {
	uint64_t x[31], nzcv; /* canaries */
	uint64_t out[31], nzcv_out;
	uint64_t value[GUEST_REGISTERS]; /* as the CPU took the canaries */
	uint64_t found[GUEST_REGISTERS];
	uint64_t optional[GUEST_OPTIONAL];
	uint64_t optional_found[GUEST_OPTIONAL];
	unsigned sets;
	uint64_t seed, rounds;
	uint64_t disr, ras;
	struct guest_fp fp, fp_out;
	uint64_t vl; /* bytes of its longest vector, 0: no SVE */
	uint64_t zcr, vl_now;
	struct guest_sve sve, sve_out;
	uint64_t denied, sme;
};

/* Applies what this CPU can do to the vectors for it, and counts. */
void patch_image(const struct armvirt_features *f);
/* Provokes faults with the probes of the library, or with the test's own. */
void provoke(bool library);
void guest_entry(struct guest *g, void *stack);
void guest_main(struct guest *g);
/* Enters the SError vector of EL2 as from the window of armvirt_hw_serror_sync(). */
uint64_t window_taken(const char *vector, uint64_t esr);
void guest_write(const uint64_t values[]);
void guest_read(uint64_t values[]);
void guest_write_sets(const uint64_t values[], unsigned sets);
void guest_read_sets(uint64_t values[], unsigned sets);
void guest_write_disr(uint64_t v);
uint64_t guest_read_disr(void);
void guest_round(struct guest *g, uint64_t spin);
void guest_fp_load(const struct guest_fp *fp);
void guest_fp_store(struct guest_fp *fp);
void guest_sve_load(const struct guest_sve *s);
void guest_sve_store(struct guest_sve *s);
uint64_t guest_set_zcr(uint64_t v); /* the length of vectors then */
uint64_t guest_get_zcr(void);
void guest_try_sve(void);
void guest_try_sme(void);
void guest_report(uint64_t index, uint64_t expected, uint64_t found);
#endif
#endif
