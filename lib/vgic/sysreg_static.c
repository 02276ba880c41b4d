/* SPDX-License-Identifier: BSD-2-Clause */
/* The same source without atomics, under other names. */
#define ARMVIRT_VGIC_STATIC
#include "sysreg.c"
