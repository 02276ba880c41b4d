/* SPDX-License-Identifier: BSD-2-Clause */
/* Any call through any filter that passes its check. */
#include <libarmvirt/smccc.h>

#include "fuzz.h"

enum { RULES = 16 };

static unsigned linear(const struct armvirt_smccc_rule *rule, uint32_t count,
		       const struct armvirt_smccc_call *call)
{
	for (uint32_t i = 0; i < count && call->valid; i++) {
		if (call->function >= rule[i].first && call->function <= rule[i].last)
			return rule[i].action;
	}
	return ARMVIRT_SMCCC_DENY;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct armvirt_exit_regs regs;
	struct armvirt_frame frame = {.pc = 0};
	struct armvirt_smccc_rule rule[RULES];
	struct armvirt_smccc_call call;
	struct armvirt_smccc_filter filter = {rule, 0};
	struct armvirt_exit exit;
	uint8_t count;

	TAKE(regs);
	TAKE(frame.x[0]);
	TAKE(count);
	TAKE(rule);
	filter.count = count % (RULES + 1);
	armvirt_exit_decode(&exit, &regs);
	if (armvirt_smccc_decode(&call, &exit, &frame) != ARMVIRT_OK)
		return 0;
	if (armvirt_smccc_filter_check(&filter) == ARMVIRT_OK)
		REQUIRE((unsigned)armvirt_smccc_filter_apply(&filter, &call) ==
			linear(rule, filter.count, &call));
	armvirt_smccc_return(&exit, &frame, -1);
	REQUIRE((uint32_t)frame.x[0] == UINT32_MAX);
	return 0;
}
