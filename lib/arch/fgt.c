/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/arch/fgt.h"

#include <libarmvirt/regs.h>

static const struct armvirt_fgt_rule rules[] = {
#define RULE(mask, fgt, feature, negative) \
	{ARMVIRT_U64(mask), ARMVIRT_FGT_##fgt, ARMVIRT_FEAT_##feature, negative},
#include "lib/arch/fgt.inc"
};

const struct armvirt_fgt_rule *armvirt_fgt_rule(unsigned i)
{
	return i < sizeof(rules) / sizeof(rules[0]) ? &rules[i] : NULL;
}
