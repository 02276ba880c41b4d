/* SPDX-License-Identifier: BSD-2-Clause */
/* The partition that runs a general-purpose guest: with devices to emulate, and calls. */
#ifndef PARTITIONS_LINUX_H
#define PARTITIONS_LINUX_H

#include "partitions.h"

bool linux_loaded(void); /* whether tools/demo put a guest into memory */
void linux_reset(unsigned p);
enum fault linux_exit(unsigned p, struct armvirt_vcpu *vcpu);
bool linux_column(void); /* whether its console is in the middle of a line */

#endif
