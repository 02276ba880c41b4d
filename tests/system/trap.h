/* SPDX-License-Identifier: BSD-2-Clause */
/* Offsets of struct native, for trap_vectors.S. */
#ifndef TESTS_SYSTEM_TRAP_H
#define TESTS_SYSTEM_TRAP_H

#define NATIVE_X      0
#define NATIVE_PC     248
#define NATIVE_PSTATE 256
#define NATIVE_VECTOR 264

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* A guest for one exception: in as it starts, out as it arrives at EL2 from its vector. */
struct native {
	uint64_t x[31], pc, pstate;
	uint64_t vector; /* number of the EL2 vector that was taken */
};

_Static_assert(offsetof(struct native, pc) == NATIVE_PC, "pc");
_Static_assert(offsetof(struct native, vector) == NATIVE_VECTOR, "vector");

void native_run(struct native *n);
extern char trap_vectors[], guest_vectors[], guest_vectors32[];
#endif
#endif
