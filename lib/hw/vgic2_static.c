/* SPDX-License-Identifier: BSD-2-Clause */
/* The same source on the static profile of the engine. */
#define ARMVIRT_VGIC_STATIC
#include "vgic2.c"
