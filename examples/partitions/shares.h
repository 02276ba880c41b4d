/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan of shares (MPAM): checked against this machine, loaded with each partition. */
#ifndef PARTITIONS_SHARES_H
#define PARTITIONS_SHARES_H

#include "partitions.h"

void shares_start(const struct armvirt_features *f);
void shares_load(unsigned p);
const char *shares_verdict(void); /* whether, and if not why not, the plan is enforced */

#endif
