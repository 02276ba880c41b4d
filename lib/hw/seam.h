/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam: every load, store and exchange of a live descriptor, every barrier
 * and every TLB or cache operation of the library goes through here.
 *
 *  - AArch64: inline assembly, no call.
 *  - Other machines: plain atomics and compiler barriers (benchmarks, and users
 *    who unit-test their own code on a PC).
 *  - With ARMVIRT_SEAM_MODEL: calls of the functions below, which the machine
 *    of tests/model defines. The sources of the library are the same.
 *
 * Tables that are not linked yet are filled with plain stores: only what a
 * table walker can reach counts as live.
 */
#ifndef ARMVIRT_LIB_HW_SEAM_H
#define ARMVIRT_LIB_HW_SEAM_H

#include <libarmvirt/base.h>

/* TLB invalidations of the EL1&0 regime (current VMID) and of EL2. */
enum armvirt_seam_tlbi {
	ARMVIRT_TLBI_IPAS2E1IS,     /* one IPA, every level unless TTL says */
	ARMVIRT_TLBI_IPAS2LE1IS,    /* one IPA, last level only */
	ARMVIRT_TLBI_RIPAS2E1IS,    /* range of IPAs (FEAT_TLBIRANGE) */
	ARMVIRT_TLBI_RIPAS2LE1IS,   /* range of IPAs, last level only */
	ARMVIRT_TLBI_VMALLE1IS,     /* stage 1 and combined entries of the VMID */
	ARMVIRT_TLBI_VMALLE1,       /* the same, this CPU only */
	ARMVIRT_TLBI_VMALLS12E1IS,  /* both stages of the VMID */
	ARMVIRT_TLBI_VMALLS12E1,    /* the same, this CPU only */
	ARMVIRT_TLBI_ALLE1IS,       /* every VMID */
	ARMVIRT_TLBI_ALLE1,         /* the same, this CPU only */
	ARMVIRT_TLBI_VAE2IS,        /* one VA of EL2 or EL2&0 */
	ARMVIRT_TLBI_VALE2IS,       /* the same, last level only */
	ARMVIRT_TLBI_ALLE2IS,       /* all of EL2 or EL2&0 */
	ARMVIRT_TLBI_ALLE2,         /* the same, this CPU only */
	ARMVIRT_TLBI_COUNT
};

/* System registers that TLB maintenance switches and restores. */
enum armvirt_seam_reg {
	ARMVIRT_SEAM_VTTBR_EL2,
	ARMVIRT_SEAM_VTCR_EL2,
	ARMVIRT_SEAM_HCR_EL2,
	ARMVIRT_SEAM_TCR_EL1,
	ARMVIRT_SEAM_SCTLR_EL1,
	ARMVIRT_SEAM_TCR_EL12,
	ARMVIRT_SEAM_SCTLR_EL12,
	ARMVIRT_SEAM_CTR_EL0, /* read only */
	ARMVIRT_SEAM_REG_COUNT
};

#if defined(ARMVIRT_SEAM_MODEL)

uint64_t armvirt_model_desc_load(const uint64_t *p);
uint64_t armvirt_model_desc_load_acquire(const uint64_t *p);
void armvirt_model_desc_store(uint64_t *p, uint64_t v);
void armvirt_model_desc_store_release(uint64_t *p, uint64_t v);
uint64_t armvirt_model_desc_cas(uint64_t *p, uint64_t expected, uint64_t desired);
uint64_t armvirt_model_desc_xchg(uint64_t *p, uint64_t v);
void armvirt_model_dsb_ishst(void);
void armvirt_model_dsb_ish(void);
void armvirt_model_dsb_nsh(void);
void armvirt_model_isb(void);
void armvirt_model_tlbi(int op, uint64_t operand);
void armvirt_model_write_reg(int reg, uint64_t v);
uint64_t armvirt_model_read_reg(int reg);
void armvirt_model_dcache_clean_inval(const void *va, size_t bytes);
void armvirt_model_icache_inval_all_is(void);
void armvirt_model_icache_inval_all(void);

#define armvirt_seam_desc_load(p)             armvirt_model_desc_load(p)
#define armvirt_seam_desc_load_acquire(p)     armvirt_model_desc_load_acquire(p)
#define armvirt_seam_desc_store(p, v)         armvirt_model_desc_store(p, v)
#define armvirt_seam_desc_store_release(p, v) armvirt_model_desc_store_release(p, v)
#define armvirt_seam_desc_cas(p, e, d)        armvirt_model_desc_cas(p, e, d)
#define armvirt_seam_desc_xchg(p, v)          armvirt_model_desc_xchg(p, v)
#define armvirt_seam_dsb_ishst()              armvirt_model_dsb_ishst()
#define armvirt_seam_dsb_ish()                armvirt_model_dsb_ish()
#define armvirt_seam_dsb_nsh()                armvirt_model_dsb_nsh()
#define armvirt_seam_isb()                    armvirt_model_isb()
#define armvirt_seam_tlbi(op, x)              armvirt_model_tlbi(op, x)
#define armvirt_seam_write_reg(r, v)          armvirt_model_write_reg(r, v)
#define armvirt_seam_read_reg(r)              armvirt_model_read_reg(r)
#define armvirt_seam_dcache_clean_inval(p, n) armvirt_model_dcache_clean_inval(p, n)
#define armvirt_seam_icache_inval_all_is()    armvirt_model_icache_inval_all_is()
#define armvirt_seam_icache_inval_all()       armvirt_model_icache_inval_all()

static inline bool armvirt_seam_desc_try(uint64_t *p, uint64_t *found, uint64_t desired)
{
	uint64_t expected = *found;

	*found = armvirt_model_desc_cas(p, expected, desired);
	return *found == expected;
}

#else /* the real thing, or its shadow on a PC */

#if defined(__aarch64__)
/* Aligned accesses of 64 bits are single-copy atomic; this way they take every addressing mode. */
#define ARMVIRT_SEAM_LOAD(p)     (*(const volatile uint64_t *)(p))
#define ARMVIRT_SEAM_STORE(p, v) (*(volatile uint64_t *)(p) = (v))
#else
#define ARMVIRT_SEAM_LOAD(p)     __atomic_load_n(p, __ATOMIC_RELAXED)
#define ARMVIRT_SEAM_STORE(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)
#endif

static inline uint64_t armvirt_seam_desc_load(const uint64_t *p)
{
	return ARMVIRT_SEAM_LOAD(p);
}

static inline uint64_t armvirt_seam_desc_load_acquire(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void armvirt_seam_desc_store(uint64_t *p, uint64_t v)
{
	ARMVIRT_SEAM_STORE(p, v);
}

static inline void armvirt_seam_desc_store_release(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* Returns what was found: equal to expected when the exchange took place. */
static inline uint64_t armvirt_seam_desc_cas(uint64_t *p, uint64_t expected, uint64_t desired)
{
	__atomic_compare_exchange_n(p, &expected, desired, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_ACQUIRE);
	return expected;
}

/* The same as a condition: true if the exchange took place; *found is what was found. */
static inline bool armvirt_seam_desc_try(uint64_t *p, uint64_t *found, uint64_t desired)
{
	return __atomic_compare_exchange_n(p, found, desired, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static inline uint64_t armvirt_seam_desc_xchg(uint64_t *p, uint64_t v)
{
	return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
}

#if defined(__aarch64__) && !defined(ARMVIRT_SEAM_HOST)

static inline void armvirt_seam_dsb_ishst(void)
{
	__asm__ volatile("dsb ishst" ::: "memory");
}

static inline void armvirt_seam_dsb_ish(void)
{
	__asm__ volatile("dsb ish" ::: "memory");
}

static inline void armvirt_seam_dsb_nsh(void)
{
	__asm__ volatile("dsb nsh" ::: "memory");
}

static inline void armvirt_seam_isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

/* TLBI by encoding, so that assemblers of any age take the range forms. */
#define ARMVIRT_SEAM_TLBI_CASE(op, enc)                                                            \
	case op:                                                                                   \
		__asm__ volatile("msr " enc ", %0" ::"r"(operand) : "memory");                     \
		break
#define ARMVIRT_SEAM_SYS(op1, cm, op2) "s1_" #op1 "_c8_c" #cm "_" #op2

static inline void armvirt_seam_tlbi(enum armvirt_seam_tlbi op, uint64_t operand)
{
	switch (op) {
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_IPAS2E1IS, ARMVIRT_SEAM_SYS(4, 0, 1));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_IPAS2LE1IS, ARMVIRT_SEAM_SYS(4, 0, 5));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_RIPAS2E1IS, ARMVIRT_SEAM_SYS(4, 0, 2));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_RIPAS2LE1IS, ARMVIRT_SEAM_SYS(4, 0, 6));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VMALLE1IS, ARMVIRT_SEAM_SYS(0, 3, 0));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VMALLE1, ARMVIRT_SEAM_SYS(0, 7, 0));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VMALLS12E1IS, ARMVIRT_SEAM_SYS(4, 3, 6));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VMALLS12E1, ARMVIRT_SEAM_SYS(4, 7, 6));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_ALLE1IS, ARMVIRT_SEAM_SYS(4, 3, 4));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_ALLE1, ARMVIRT_SEAM_SYS(4, 7, 4));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VAE2IS, ARMVIRT_SEAM_SYS(4, 3, 1));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_VALE2IS, ARMVIRT_SEAM_SYS(4, 3, 5));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_ALLE2IS, ARMVIRT_SEAM_SYS(4, 3, 0));
		ARMVIRT_SEAM_TLBI_CASE(ARMVIRT_TLBI_ALLE2, ARMVIRT_SEAM_SYS(4, 7, 0));
	case ARMVIRT_TLBI_COUNT:
		break;
	}
}

#define ARMVIRT_SEAM_REG_WRITE(reg, name)                                                          \
	case reg:                                                                                  \
		__asm__ volatile("msr " name ", %0" ::"r"(v) : "memory");                          \
		break
#define ARMVIRT_SEAM_REG_READ(reg, name)                                                           \
	case reg:                                                                                  \
		__asm__ volatile("mrs %0, " name : "=r"(v)::"memory");                             \
		break

static inline void armvirt_seam_write_reg(enum armvirt_seam_reg reg, uint64_t v)
{
	switch (reg) {
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_VTTBR_EL2, "vttbr_el2");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_VTCR_EL2, "vtcr_el2");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_HCR_EL2, "hcr_el2");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_TCR_EL1, "tcr_el1");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_SCTLR_EL1, "sctlr_el1");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_TCR_EL12, "s3_5_c2_c0_2");
		ARMVIRT_SEAM_REG_WRITE(ARMVIRT_SEAM_SCTLR_EL12, "s3_5_c1_c0_0");
	case ARMVIRT_SEAM_CTR_EL0:
	case ARMVIRT_SEAM_REG_COUNT:
		break;
	}
}

static inline uint64_t armvirt_seam_read_reg(enum armvirt_seam_reg reg)
{
	uint64_t v = 0;

	switch (reg) {
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_VTTBR_EL2, "vttbr_el2");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_VTCR_EL2, "vtcr_el2");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_HCR_EL2, "hcr_el2");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_TCR_EL1, "tcr_el1");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_SCTLR_EL1, "sctlr_el1");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_TCR_EL12, "s3_5_c2_c0_2");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_SCTLR_EL12, "s3_5_c1_c0_0");
		ARMVIRT_SEAM_REG_READ(ARMVIRT_SEAM_CTR_EL0, "ctr_el0");
	case ARMVIRT_SEAM_REG_COUNT:
		break;
	}
	return v;
}

/* Cleans and invalidates to the point of coherency; ends with its own DSB. */
static inline void armvirt_seam_dcache_clean_inval(const void *va, size_t bytes)
{
	uint64_t ctr, line, p = (uint64_t)(uintptr_t)va, end = p + bytes;

	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	line = UINT64_C(4) << ((ctr >> 16) & 15);
	for (p &= ~(line - 1); p < end; p += line)
		__asm__ volatile("dc civac, %0" ::"r"(p) : "memory");
	armvirt_seam_dsb_ish(); /* orders the maintenance before what follows */
}

static inline void armvirt_seam_icache_inval_all_is(void)
{
	__asm__ volatile("ic ialluis" ::: "memory");
	armvirt_seam_dsb_ish(); /* orders the invalidation before what follows */
}

static inline void armvirt_seam_icache_inval_all(void)
{
	__asm__ volatile("ic iallu" ::: "memory");
	armvirt_seam_dsb_nsh(); /* orders the invalidation before what follows */
}

#else /* a PC: order is kept, nothing else happens */

static inline void armvirt_seam_dsb_ishst(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void armvirt_seam_dsb_ish(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void armvirt_seam_dsb_nsh(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void armvirt_seam_isb(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void armvirt_seam_tlbi(enum armvirt_seam_tlbi op, uint64_t operand)
{
	(void)op;
	(void)operand;
	__asm__ volatile("" ::: "memory");
}

static inline void armvirt_seam_write_reg(enum armvirt_seam_reg reg, uint64_t v)
{
	(void)reg;
	(void)v;
}

static inline uint64_t armvirt_seam_read_reg(enum armvirt_seam_reg reg)
{
	(void)reg;
	return 0;
}

static inline void armvirt_seam_dcache_clean_inval(const void *va, size_t bytes)
{
	(void)va;
	(void)bytes;
}

static inline void armvirt_seam_icache_inval_all_is(void)
{
}

static inline void armvirt_seam_icache_inval_all(void)
{
}

#endif
#endif /* ARMVIRT_SEAM_MODEL */

#endif
