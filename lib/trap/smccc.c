/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/smccc.h>

enum armvirt_status armvirt_smccc_decode(struct armvirt_smccc_call *call,
					 const struct armvirt_exit *exit,
					 const struct armvirt_frame *frame)
{
	uint32_t function = (uint32_t)frame->x[0];

	if (exit->kind != ARMVIRT_EXIT_HVC && exit->kind != ARMVIRT_EXIT_SMC)
		return ARMVIRT_E_ARG;
	if (exit->u.call.imm != 0)
		return ARMVIRT_E_DENIED;

	call->smc = exit->kind == ARMVIRT_EXIT_SMC;
	call->fast = (function & ARMVIRT_SMCCC_FAST) != 0;
	call->wide = (function & ARMVIRT_SMCCC_64) != 0;
	call->valid = !(call->fast && function & ARMVIRT_SMCCC_RESERVED) &&
		      !(call->wide && exit->aarch32);
	/* In a yielding call bit 16 belongs to the number. */
	call->sve_hint = call->fast && function & ARMVIRT_SMCCC_SVE_HINT;
	if (call->fast)
		function &= ~ARMVIRT_SMCCC_SVE_HINT;
	call->function = function;
	call->owner = function >> 24 & 0x3f;
	call->number = (uint16_t)function;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_smccc_filter_check(const struct armvirt_smccc_filter *filter)
{
	for (uint32_t i = 0; i < filter->count; i++) {
		const struct armvirt_smccc_rule *r = &filter->rule[i];

		if (r->last < r->first)
			return ARMVIRT_E_RANGE;
		if (i > 0 && r->first <= r[-1].last)
			return ARMVIRT_E_ORDER;
	}
	return ARMVIRT_OK;
}

enum armvirt_smccc_action armvirt_smccc_filter_apply(const struct armvirt_smccc_filter *filter,
						     const struct armvirt_smccc_call *call)
{
	uint32_t low = 0, high = filter->count;

	if (!call->valid)
		return ARMVIRT_SMCCC_DENY;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct armvirt_smccc_rule *r = &filter->rule[middle];

		if (call->function < r->first)
			high = middle;
		else if (call->function > r->last)
			low = middle + 1;
		else
			return (enum armvirt_smccc_action)r->action;
	}
	return ARMVIRT_SMCCC_DENY;
}

void armvirt_smccc_return(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			  int64_t result)
{
	frame->x[0] = exit->aarch32 ? (uint32_t)result : (uint64_t)result;
	armvirt_exit_skip(exit, frame);
}

void armvirt_smccc_return4(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			   const uint64_t *result)
{
	for (unsigned i = 0; i < 4; i++)
		frame->x[i] = exit->aarch32 ? (uint32_t)result[i] : result[i];
	armvirt_exit_skip(exit, frame);
}
