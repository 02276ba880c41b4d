/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/exit.h>

#include "lib/trap/pstate.h"

static bool holds(unsigned cond, uint64_t pstate)
{
	bool n = pstate >> 31 & 1, z = pstate >> 30 & 1, c = pstate >> 29 & 1, v = pstate >> 28 & 1;
	bool result;

	switch (cond >> 1) {
	case 0:
		result = z;
		break;
	case 1:
		result = c;
		break;
	case 2:
		result = n;
		break;
	case 3:
		result = v;
		break;
	case 4:
		result = c && !z;
		break;
	case 5:
		result = n == v;
		break;
	case 6:
		result = n == v && !z;
		break;
	default: /* always; 0xf is not the opposite of 0xe */
		return true;
	}
	return result != (cond & 1);
}

bool armvirt_exit_cond_passes(const struct armvirt_exit *exit, uint64_t pstate)
{
	unsigned it;

	if (exit->cond == ARMVIRT_COND_ALWAYS)
		return true;
	if (exit->cond != ARMVIRT_COND_BY_IT)
		return holds(exit->cond, pstate);
	/* Outside an IT block (low four bits zero) the instruction is unconditional. */
	it = pstate & PS_T ? ps_it(pstate) : 0;
	return it & 0xf ? holds(it >> 4, pstate) : true;
}

/* Pseudocode ITAdvance(): the next of the block, or its end. */
static uint64_t it_advance(uint64_t pstate)
{
	unsigned it = ps_it(pstate);

	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	return (pstate & ~PS_IT) | (uint64_t)(it >> 2) << 10 | (uint64_t)(it & 3) << 25;
}

void armvirt_frame_skip(struct armvirt_frame *frame, uint8_t insn_bytes)
{
	uint64_t pstate = frame->pstate & ~(PS_SS | PS_PPEND);

	if (pstate & PS_AA32) {
		frame->pc = (uint32_t)(frame->pc + insn_bytes);
		frame->pstate = pstate & PS_T ? it_advance(pstate) : pstate;
	} else {
		frame->pc += insn_bytes;
		frame->pstate = pstate & ~PS_BTYPE;
	}
}

void armvirt_exit_skip(const struct armvirt_exit *exit, struct armvirt_frame *frame)
{
	switch (exit->kind) {
	case ARMVIRT_EXIT_SVC:
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SERROR:
		return;
	default:
		armvirt_frame_skip(frame, exit->insn_bytes);
		return;
	}
}

void armvirt_exit_undo(const struct armvirt_exit *exit, struct armvirt_frame *frame)
{
	if (exit->kind != ARMVIRT_EXIT_SVC && exit->kind != ARMVIRT_EXIT_HVC)
		return;
	frame->pc -= exit->insn_bytes;
	if (frame->pstate & PS_AA32)
		frame->pc = (uint32_t)frame->pc;
}

enum armvirt_status armvirt_wfx_deadline(const struct armvirt_exit *exit,
					 const struct armvirt_frame *frame, uint64_t *deadline)
{
	uint8_t reg;

	if (exit->kind != ARMVIRT_EXIT_WFX)
		return ARMVIRT_E_ARG;
	reg = exit->u.wfx.reg;
	if (!exit->u.wfx.timeout || reg > 31)
		return ARMVIRT_E_ABSENT;
	*deadline = reg == 31 ? 0 : frame->x[reg];
	return ARMVIRT_OK;
}
