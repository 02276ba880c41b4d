/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The settings of one PARTID in one resource instance are a record of 32-bit
 * words: the images of the registers that the instance has, in the order in which they are
 * written. One walk over its elements serves apply, replay and verify.
 *
 * The shadow: a word for each request PARTID (its mapping and use), then for each
 * instance the records of PARTIDs 0 to control_limit.
 */
#ifndef ARMVIRT_LIB_MPAM_MSC_RECORD_H
#define ARMVIRT_LIB_MPAM_MSC_RECORD_H

#include <libarmvirt/mpam_msc.h>

/* Word of a request PARTID. */
#define STATE_INTERNAL  0xffff
#define STATE_USE_SHIFT 16

struct msc_element {
	uint32_t offset;   /* register */
	uint32_t controls; /* that it carries */
	uint32_t mask;     /* bits that are kept */
	bool rounded;      /* the component may keep another value */
};

void armvirt_msc_record_layout(struct armvirt_msc_ris *r);
struct msc_element armvirt_msc_record_element(const struct armvirt_msc_ris *r, unsigned i);

/* The default value of an element. */
uint32_t armvirt_msc_record_default(const struct armvirt_msc *msc, const struct armvirt_msc_ris *r,
				    unsigned i);

/* The shadowed record, NULL if that PARTID has none. */
uint32_t *armvirt_msc_record_shadow(const struct armvirt_msc *msc, struct armvirt_msc_target t);

/* PART_SEL for a PARTID's settings. */
uint32_t armvirt_msc_record_select(const struct armvirt_msc *msc, struct armvirt_msc_target t);

/* Writes a PARTID's record, or its defaults, and compares; or compares only. */
enum armvirt_status armvirt_msc_record_program(const struct armvirt_msc *msc,
					       struct armvirt_msc_target t, bool write,
					       struct armvirt_msc_report *report);

/* Mapping and use of a request PARTID, written and compared, or compared only. */
enum armvirt_status armvirt_msc_state_program(const struct armvirt_msc *msc, uint16_t partid,
					      uint32_t state, bool write,
					      struct armvirt_msc_report *report);

/* Compares one element that was read and notes a difference. */
void armvirt_msc_report_compare(struct armvirt_msc_report *report, const struct msc_element *e,
				uint32_t expected, uint32_t read);

#endif
