/* SPDX-License-Identifier: BSD-2-Clause */
/* A call of a routine with every register known that EL0 has. */
#ifndef TESTS_UNIT_ASM_CALL_H
#define TESTS_UNIT_ASM_CALL_H

#define ASM_NZCV 248
#define ASM_FPSR 256
#define ASM_V    272

#ifndef __ASSEMBLER__

#include <stdint.h>

struct asm_registers {
	uint64_t x[31]; /* X18 and X30 are neither given nor taken */
	uint64_t nzcv;
	uint64_t fpsr, fpcr;
	uint64_t v[32][2];
};

typedef void asm_routine(void);

void asm_call(asm_routine *routine, struct asm_registers *r);

#endif
#endif
