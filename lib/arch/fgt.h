/* SPDX-License-Identifier: BSD-2-Clause */
/* Which bits of the fine-grained trap registers guard which feature. */
#ifndef ARMVIRT_LIB_ARCH_FGT_H
#define ARMVIRT_LIB_ARCH_FGT_H

#include <libarmvirt/trapcfg.h>

struct armvirt_fgt_rule {
	uint64_t mask;
	uint8_t reg;      /* enum armvirt_fgt */
	uint8_t feature;  /* enum armvirt_feature; the bits are RES0 without it */
	uint8_t negative; /* 1: a bit that is 0 traps */
};

/* Rule i, NULL behind the last. */
const struct armvirt_fgt_rule *armvirt_fgt_rule(unsigned i);

#endif
