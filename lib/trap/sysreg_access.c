/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg.h>

#include "lib/trap/pstate.h"

#define SPACE(key) ((key)&UINT32_C(0xf0000))

static uint64_t reg_read(const struct armvirt_frame *frame, uint8_t reg)
{
	return reg < 31 ? frame->x[reg] : 0;
}

static void reg_write(struct armvirt_frame *frame, uint8_t reg, uint64_t value)
{
	if (reg < 31)
		frame->x[reg] = value;
}

static bool is_pair(const struct armvirt_sysreg_access *a)
{
	uint32_t space = SPACE(a->key);

	return space == ARMVIRT_SYSREG_CP15_64 || space == ARMVIRT_SYSREG_CP14_64;
}

void armvirt_sysreg_operand(const struct armvirt_exit *exit, const struct armvirt_frame *frame,
			    uint64_t *value)
{
	const struct armvirt_sysreg_access *a = &exit->u.sysreg;

	value[0] = 0;
	value[1] = 0;
	if (a->read)
		return;
	value[0] = reg_read(frame, a->rt);
	if (SPACE(a->key) == ARMVIRT_SYSREG_A64_128)
		value[1] = reg_read(frame, a->rt2);
	else if (is_pair(a))
		value[0] = (uint32_t)value[0] | reg_read(frame, a->rt2) << 32;
	else if (exit->aarch32)
		value[0] = (uint32_t)value[0];
}

static void write_back(const struct armvirt_exit *exit, struct armvirt_frame *frame,
		       const uint64_t *value)
{
	const struct armvirt_sysreg_access *a = &exit->u.sysreg;

	if (SPACE(a->key) == ARMVIRT_SYSREG_A64_128) {
		reg_write(frame, a->rt, value[0]);
		reg_write(frame, a->rt2, value[1]);
	} else if (is_pair(a)) {
		reg_write(frame, a->rt, (uint32_t)value[0]);
		reg_write(frame, a->rt2, value[0] >> 32);
	} else if (!exit->aarch32) {
		reg_write(frame, a->rt, value[0]);
	} else if (a->rt == 31) { /* MRC to APSR_nzcv */
		frame->pstate = (frame->pstate & ~PS_NZCV) | (value[0] & PS_NZCV);
	} else {
		reg_write(frame, a->rt, (uint32_t)value[0]);
	}
}

void armvirt_sysreg_complete(const struct armvirt_exit *exit, struct armvirt_frame *frame,
			     const uint64_t *value)
{
	if (exit->u.sysreg.read)
		write_back(exit, frame, value);
	armvirt_frame_skip(frame, exit->insn_bytes);
}

static bool has_sysreg(const struct armvirt_exit *exit)
{
	switch (exit->kind) {
	case ARMVIRT_EXIT_SYSREG:
	case ARMVIRT_EXIT_SYSREG128:
	case ARMVIRT_EXIT_CP15:
	case ARMVIRT_EXIT_CP15_64:
	case ARMVIRT_EXIT_CP14:
	case ARMVIRT_EXIT_CP14_64:
	case ARMVIRT_EXIT_CP10:
		return true;
	default:
		return false;
	}
}

static enum armvirt_status no_row(const struct armvirt_exit *exit, struct armvirt_frame *frame)
{
	static const uint64_t zero[2];

	if (!exit->u.sysreg.read || !armvirt_sysreg_is_id(exit->u.sysreg.key))
		return ARMVIRT_E_ABSENT;
	armvirt_sysreg_complete(exit, frame, zero);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_sysreg_emulate(const struct armvirt_sysreg_index *index, void *context,
					   const struct armvirt_exit *exit,
					   struct armvirt_frame *frame)
{
	const struct armvirt_sysreg_access *a = &exit->u.sysreg;
	const struct armvirt_sysreg_entry *entry;
	enum armvirt_status status;
	uint64_t value[2];

	if (!has_sysreg(exit))
		return ARMVIRT_E_ARG;
	if (!armvirt_exit_cond_passes(exit, frame->pstate)) {
		armvirt_frame_skip(frame, exit->insn_bytes);
		return ARMVIRT_OK;
	}
	entry = armvirt_sysreg_find(index, a->key);
	if (!entry)
		return no_row(exit, frame);
	if (!(entry->access & (a->read ? ARMVIRT_SYSREG_R : ARMVIRT_SYSREG_W)))
		return ARMVIRT_E_DENIED;
	armvirt_sysreg_operand(exit, frame, value);
	status = entry->handler(context, entry, a, value);
	if (status == ARMVIRT_OK)
		armvirt_sysreg_complete(exit, frame, value);
	return status;
}

enum armvirt_status armvirt_sysreg_raz_wi(void *context, const struct armvirt_sysreg_entry *entry,
					  const struct armvirt_sysreg_access *access,
					  uint64_t *value)
{
	(void)context;
	(void)entry;
	(void)access;
	value[0] = 0;
	value[1] = 0;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_sysreg_constant(void *context, const struct armvirt_sysreg_entry *entry,
					    const struct armvirt_sysreg_access *access,
					    uint64_t *value)
{
	(void)context;
	(void)access;
	value[0] = entry->arg;
	value[1] = 0;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_sysreg_undefined(void *context,
					     const struct armvirt_sysreg_entry *entry,
					     const struct armvirt_sysreg_access *access,
					     uint64_t *value)
{
	(void)context;
	(void)entry;
	(void)access;
	(void)value;
	return ARMVIRT_E_DENIED;
}
