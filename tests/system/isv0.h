/* SPDX-License-Identifier: BSD-2-Clause */
/* Offsets of struct guest_state, for isv0.S. */
#ifndef TESTS_SYSTEM_ISV0_H
#define TESTS_SYSTEM_ISV0_H

#define STATE_PC     248
#define STATE_SP     264
#define STATE_VECTOR 272
#define STATE_V      288

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#include <libarmvirt/frame.h>

struct guest_state {
	struct armvirt_frame frame;
	uint64_t sp;
	uint64_t vector; /* number of the EL2 vector that was taken */
	uint64_t unused;
	uint64_t v[32][2];
};

_Static_assert(offsetof(struct guest_state, frame.pc) == STATE_PC, "pc");
_Static_assert(offsetof(struct guest_state, sp) == STATE_SP, "sp");
_Static_assert(offsetof(struct guest_state, vector) == STATE_VECTOR, "vector");
_Static_assert(offsetof(struct guest_state, v) == STATE_V, "v");

void isv0_run(struct guest_state *s);
extern char isv0_vectors[], guest_vectors[];
#endif
#endif
