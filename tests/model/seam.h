/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's side of the seam; the library's side is lib/hw/seam.h. */
#ifndef TESTS_MODEL_SEAM_H
#define TESTS_MODEL_SEAM_H

#include <stddef.h>
#include <stdint.h>

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

#endif
