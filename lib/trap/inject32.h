/* SPDX-License-Identifier: BSD-2-Clause */
/* Exception entry to AArch32 EL1. */
#ifndef ARMVIRT_LIB_TRAP_INJECT32_H
#define ARMVIRT_LIB_TRAP_INJECT32_H

#include <libarmvirt/inject.h>

enum armvirt_vector32 {
	ARMVIRT_VECTOR32_UNDEF,
	ARMVIRT_VECTOR32_PREFETCH,
	ARMVIRT_VECTOR32_DATA,
	ARMVIRT_VECTOR32_IRQ,
	ARMVIRT_VECTOR32_FIQ,
};

/* Pseudocode AArch32.EnterMode(), with the return address that the vector asks for. */
void armvirt_enter32_(const struct armvirt_exctarget *t, enum armvirt_vector32 vector);

/* Fault status, fault address, entry. */
void armvirt_abort32_(const struct armvirt_exctarget *t, const struct armvirt_abort_request *r);

/* An asynchronous Data Abort. */
void armvirt_serror32_(const struct armvirt_exctarget *t);

#endif
