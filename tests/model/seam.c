/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine that serves the seam of the library on a PC. */
#include <stddef.h>
#include <stdint.h>

#include "seam.h"

uint64_t armvirt_model_desc_load(const uint64_t *p)
{
	return *p;
}

uint64_t armvirt_model_desc_load_acquire(const uint64_t *p)
{
	return *p;
}

void armvirt_model_desc_store(uint64_t *p, uint64_t v)
{
	*p = v;
}

void armvirt_model_desc_store_release(uint64_t *p, uint64_t v)
{
	*p = v;
}

uint64_t armvirt_model_desc_cas(uint64_t *p, uint64_t expected, uint64_t desired)
{
	uint64_t found = *p;

	if (found == expected)
		*p = desired;
	return found;
}

uint64_t armvirt_model_desc_xchg(uint64_t *p, uint64_t v)
{
	uint64_t found = *p;

	*p = v;
	return found;
}

void armvirt_model_dsb_ishst(void)
{
}

void armvirt_model_dsb_ish(void)
{
}

void armvirt_model_dsb_nsh(void)
{
}

void armvirt_model_isb(void)
{
}

void armvirt_model_tlbi(int op, uint64_t operand)
{
	(void)op;
	(void)operand;
}

static uint64_t regs[16];

void armvirt_model_write_reg(int reg, uint64_t v)
{
	regs[reg & 15] = v;
}

uint64_t armvirt_model_read_reg(int reg)
{
	return regs[reg & 15];
}

void armvirt_model_dcache_clean_inval(const void *va, size_t bytes)
{
	(void)va;
	(void)bytes;
}

void armvirt_model_icache_inval_all_is(void)
{
}
