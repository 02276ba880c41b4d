/* SPDX-License-Identifier: BSD-2-Clause */
/* Aborts, where their addresses are, errors and debug exceptions. */
#include "reading_internal.h"

/* ---- fault status ----------------------------------------------------------------------- */

static void set_fault(struct reading_abort *a, enum reading_fault fault)
{
	a->fault = fault;
}

static void set_fault_level(struct reading_abort *a, enum reading_fault fault, int level)
{
	a->fault = fault;
	a->level_valid = true;
	a->level = level;
}

/* 0x00 to 0x0F: the four faults of a lookup, levels 0 to 3 in the low two bits. */
static void status_of_lookup(struct reading_abort *a, unsigned fsc)
{
	int level = (int)(fsc & 3);

	if (fsc < 0x04)
		set_fault_level(a, READING_FAULT_ADDRESS_SIZE, level);
	else if (fsc < 0x08)
		set_fault_level(a, READING_FAULT_TRANSLATION, level);
	else if (fsc < 0x0c)
		set_fault_level(a, READING_FAULT_ACCESS_FLAG, level);
	else
		set_fault_level(a, READING_FAULT_PERMISSION, level);
}

/* 0x10 to 0x17. */
static void status_of_external(const struct reading_features *f, struct reading_abort *a,
			       unsigned fsc, bool data)
{
	if (fsc == 0x10)
		set_fault(a, READING_FAULT_EXTERNAL);
	else if (fsc == 0x11 && data && f->mte2)
		set_fault(a, READING_FAULT_TAG_CHECK);
	else if (fsc == 0x12 && f->d128)
		set_fault_level(a, READING_FAULT_EXTERNAL_WALK, -2);
	else if (fsc == 0x13 && f->lpa2)
		set_fault_level(a, READING_FAULT_EXTERNAL_WALK, -1);
	else if (fsc >= 0x14)
		set_fault_level(a, READING_FAULT_EXTERNAL_WALK, (int)fsc - 0x14);
}

/* 0x18 to 0x1F: without FEAT_RAS. */
static void status_of_parity(const struct reading_features *f, struct reading_abort *a,
			     unsigned fsc)
{
	if (f->ras)
		return;
	if (fsc == 0x18)
		set_fault(a, READING_FAULT_PARITY);
	else if (fsc == 0x1a && f->d128)
		set_fault_level(a, READING_FAULT_PARITY_WALK, -2);
	else if (fsc == 0x1b && f->lpa2)
		set_fault_level(a, READING_FAULT_PARITY_WALK, -1);
	else if (fsc >= 0x1c)
		set_fault_level(a, READING_FAULT_PARITY_WALK, (int)fsc - 0x1c);
}

/* 0x22 to 0x28: granule protection faults. */
static void status_of_gpf(const struct reading_features *f, struct reading_abort *a, unsigned fsc)
{
	if (!f->rme)
		return;
	if (fsc == 0x22 && f->d128)
		set_fault_level(a, READING_FAULT_GPF_WALK, -2);
	else if (fsc == 0x23 && f->lpa2)
		set_fault_level(a, READING_FAULT_GPF_WALK, -1);
	else if (fsc >= 0x24 && fsc <= 0x27)
		set_fault_level(a, READING_FAULT_GPF_WALK, (int)fsc - 0x24);
	else if (fsc == 0x28)
		set_fault(a, READING_FAULT_GPF);
}

static void status_of(const struct reading_features *f, struct reading_abort *a, unsigned fsc,
		      bool data)
{
	if (fsc < 0x10)
		status_of_lookup(a, fsc);
	else if (fsc < 0x18)
		status_of_external(f, a, fsc, data);
	else if (fsc < 0x20)
		status_of_parity(f, a, fsc);
	else if (fsc == 0x21 && data)
		set_fault(a, READING_FAULT_ALIGNMENT);
	else if (fsc >= 0x22 && fsc <= 0x28)
		status_of_gpf(f, a, fsc);
	else if (fsc == 0x29 && f->lpa2)
		set_fault_level(a, READING_FAULT_ADDRESS_SIZE, -1);
	else if (fsc == 0x2a && f->d128)
		set_fault_level(a, READING_FAULT_TRANSLATION, -2);
	else if (fsc == 0x2b && f->lpa2)
		set_fault_level(a, READING_FAULT_TRANSLATION, -1);
	else if (fsc == 0x2c && f->d128)
		set_fault_level(a, READING_FAULT_ADDRESS_SIZE, -2);
	else if (fsc == 0x30)
		set_fault(a, READING_FAULT_TLB_CONFLICT);
	else if (fsc == 0x31 && f->hafdbs)
		set_fault(a, READING_FAULT_ATOMIC_UPDATE);
	else if (fsc == 0x34 && data)
		set_fault(a, READING_FAULT_LOCKDOWN);
	else if (fsc == 0x35 && data)
		set_fault(a, READING_FAULT_EXCLUSIVE);
}

/* ---- aborts ----------------------------------------------------------------------------- */

static bool is_external(const struct reading_abort *a)
{
	return a->fault == READING_FAULT_EXTERNAL || a->fault == READING_FAULT_EXTERNAL_WALK;
}

/* A parity or ECC error is an External abort, too, but says no more than its type. */
static bool is_external_or_parity(const struct reading_abort *a)
{
	return is_external(a) || a->fault == READING_FAULT_PARITY ||
	       a->fault == READING_FAULT_PARITY_WALK;
}

static enum reading_error synchronous_error(const struct reading_features *f, unsigned set)
{
	if (set == 0)
		return READING_ERROR_RECOVERABLE;
	if (set == 2 && !f->rasv2)
		return READING_ERROR_UNCONTAINABLE;
	if (set == 3)
		return READING_ERROR_RESTARTABLE;
	return READING_ERROR_RESERVED;
}

/* What instruction and data aborts share, and the ISS2 flags both have. */
static void read_abort_common(struct reading *r, const struct reading_features *f, uint64_t esr,
			      bool data)
{
	struct reading_abort *a = &r->abort;
	bool permission;

	status_of(f, a, bits(esr, 5, 0), data);
	permission = a->fault == READING_FAULT_PERMISSION;
	a->stage1_walk = bit(esr, 7);
	a->external_type = is_external_or_parity(a) && bit(esr, 9);
	a->error_valid = a->fault == READING_FAULT_EXTERNAL && f->ras;
	if (a->error_valid)
		a->error = synchronous_error(f, bits(esr, 12, 11));
	a->assured_only = permission && f->the && bit(esr, 39);
	a->overlay = permission && f->poe && bit(esr, 38);
	if (permission || a->fault == READING_FAULT_EXTERNAL_WALK ||
	    a->fault == READING_FAULT_GPF_WALK)
		a->hdbss = f->hdbss && bit(esr, 43);
	r->far = 0;
	r->far_valid = !(a->fault == READING_FAULT_EXTERNAL && bit(esr, 10));
}

void reading_instruction_abort(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	struct reading_abort *a = &r->abort;

	read_abort_common(r, f, esr, false);
	a->top_level = a->fault == READING_FAULT_PERMISSION && f->the && bit(esr, 21);
	a->dirty = a->fault == READING_FAULT_PERMISSION && f->s2pie && bit(esr, 37);
	a->pfar_valid = is_external(a) && f->pfar && bit(esr, 14);
}

/* ISS[23:14] with ISV set. */
static void read_access(struct reading_abort *a, uint64_t esr)
{
	a->bytes = 1u << bits(esr, 23, 22);
	a->sign = bit(esr, 21);
	a->register_number = bits(esr, 20, 16);
	a->wide = bit(esr, 15);
	a->acquire = bit(esr, 14);
}

/* ISS[23:14] with ISV clear. */
static void read_no_access(struct reading_abort *a, const struct reading_features *f, uint64_t esr)
{
	a->top_level = a->fault == READING_FAULT_PERMISSION && f->the && bit(esr, 21);
	a->update_valid = is_external(a) && f->rasv2;
	if (a->update_valid)
		a->update = bits(esr, 17, 16);
	a->far_imprecise = f->vectors && bit(esr, 15);
	a->pfar_valid = is_external(a) && f->pfar && bit(esr, 14);
}

static void read_ls64(struct reading_abort *a, const struct reading_features *f, uint64_t esr)
{
	if (a->fault != READING_FAULT_TRANSLATION && a->fault != READING_FAULT_ACCESS_FLAG &&
	    a->fault != READING_FAULT_PERMISSION)
		return;
	a->ls64_valid = f->ls64;
	if (!a->ls64_valid)
		return;
	a->ls64 = bits(esr, 12, 11);
	if (a->isv && a->ls64 != 0)
		a->bytes = 64; /* SAS says doubleword, for each of eight registers */
	a->status_valid = a->ls64 == 1 || a->ls64 == 3;
	if (a->status_valid)
		a->status_register = bits(esr, 36, 32);
}

void reading_data_abort(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	struct reading_abort *a = &r->abort;
	bool permission;

	read_abort_common(r, f, esr, true);
	permission = a->fault == READING_FAULT_PERMISSION;
	a->vncr = f->nv2 && bit(esr, 13);
	a->gcs = f->gcs && bit(esr, 40);
	/* ISV is 0 for these three: if it is not, it is no statement on the access */
	a->isv = bit(esr, 24) && !a->stage1_walk && !a->vncr && !a->gcs;
	if (a->isv)
		read_access(a, esr);
	else if (!bit(esr, 24))
		read_no_access(a, f, esr);
	a->maintenance = bit(esr, 8);
	a->write_valid =
		a->fault != READING_FAULT_ATOMIC_UPDATE && a->fault != READING_FAULT_EXCLUSIVE;
	a->write = a->write_valid && bit(esr, 6);
	read_ls64(a, f, esr);
	a->tag_not_data = permission && f->mte_canonical && bit(esr, 42);
	a->tag_access = permission && f->mte_perm && bit(esr, 41);
	a->dirty = permission && (f->s1pie || f->s2pie) && bit(esr, 37);
}

/* The code is one of a granule protection fault; its own status says what the check met. */
void reading_gpc(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	struct reading_abort *a = &r->abort;

	status_of(f, a, bits(esr, 5, 0), true);
	a->write_valid = true;
	a->write = bit(esr, 6);
	a->stage1_walk = bit(esr, 7);
	a->maintenance = bit(esr, 8);
	a->vncr = f->nv2 && bit(esr, 13);
	r->gpc.status = bits(esr, 19, 14);
	r->gpc.instruction = bit(esr, 20);
	r->gpc.on_stage2_walk = bit(esr, 21);
	r->far_valid = true;
}

/*
 * HPFAR_EL2 is written for a stage-2 translation, access flag or address size fault, for a
 * stage-2 permission fault on a stage-1 walk, and for a granule protection fault in the second
 * stage. A stage-2 fault is one from a lower Exception level: 0x21 and 0x25 are faults of EL2's
 * own regime, accesses through VNCR_EL2 included. Whether a granule protection fault is one of
 * the second stage the syndrome tells only on a stage-1 walk.
 */
static bool hpfar_is_written(const struct reading_abort *a)
{
	if (a->fault == READING_FAULT_ADDRESS_SIZE || a->fault == READING_FAULT_TRANSLATION ||
	    a->fault == READING_FAULT_ACCESS_FLAG)
		return true;
	if (a->fault == READING_FAULT_PERMISSION || a->fault == READING_FAULT_GPF ||
	    a->fault == READING_FAULT_GPF_WALK)
		return a->stage1_walk;
	return false;
}

void reading_find_ipa(struct reading *r, uint64_t far, uint64_t hpfar)
{
	const struct reading_abort *a = &r->abort;

	if (r->class != READING_INSTRUCTION_LOWER && r->class != READING_DATA_LOWER)
		return;
	if (a->vncr)
		return;
	if (hpfar_is_written(a)) {
		r->ipa_source = READING_IPA_HPFAR;
		r->ipa = (uint64_t)bits(hpfar, 35, 4) << 12;
		r->ipa |= (uint64_t)bits(hpfar, 47, 36) << 44;
		r->ipa_nonsecure = bit(hpfar, 63);
		r->ipa_has_offset = !a->stage1_walk;
		if (r->ipa_has_offset)
			r->ipa |= far % 4096;
	} else if (!a->stage1_walk && (a->fault == READING_FAULT_PERMISSION ||
				       a->fault == READING_FAULT_ATOMIC_UPDATE)) {
		/*
		 * Stage 1 let the access through, so that FAR_EL2 translates: of the guest's
		 * own access, or of the update of its stage-2 descriptor.
		 */
		r->ipa_source = READING_IPA_WALK;
	}
}

/* ---- SError and debug ------------------------------------------------------------------- */

static enum reading_error asynchronous_error(unsigned aet)
{
	if (aet == 0)
		return READING_ERROR_UNCONTAINABLE;
	if (aet == 1)
		return READING_ERROR_UNRECOVERABLE;
	if (aet == 2)
		return READING_ERROR_RESTARTABLE;
	if (aet == 3)
		return READING_ERROR_RECOVERABLE;
	if (aet == 6)
		return READING_ERROR_CORRECTED;
	return READING_ERROR_RESERVED;
}

void reading_serror(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	struct reading_serror *s = &r->serror;
	unsigned dfsc = bits(esr, 5, 0);

	s->impdef = bit(esr, 24);
	if (s->impdef) {
		s->syndrome = bits(esr, 23, 0);
		return;
	}
	if (!f->ras)
		return;
	s->detailed = dfsc == 0x11;
	s->code_reserved = dfsc != 0 && dfsc != 0x11;
	if (!s->detailed)
		return;
	s->error = asynchronous_error(bits(esr, 12, 10));
	s->external_type = bit(esr, 9);
	s->synchronized = f->iesb && bit(esr, 13);
	s->pfar_valid = f->pfar && bit(esr, 14);
	if (!f->rasv2)
		return;
	r->far_valid = bit(esr, 15);
	s->update = bits(esr, 17, 16);
	s->at_elr = bit(esr, 18);
	s->write_valid = bit(esr, 7);
	s->write = s->write_valid && bit(esr, 6);
}

void reading_debug_status(struct reading *r, uint64_t esr)
{
	r->debug_status = bits(esr, 5, 0) == 0x22 ? READING_FAULT_DEBUG : READING_FAULT_RESERVED;
}

void reading_step(struct reading *r, uint64_t esr)
{
	reading_debug_status(r, esr);
	r->step_valid = bit(esr, 24);
	r->step_exclusive = r->step_valid && bit(esr, 6);
}

void reading_watchpoint(struct reading *r, const struct reading_features *f, uint64_t esr)
{
	struct reading_watchpoint *w = &r->watchpoint;

	reading_debug_status(r, esr);
	w->number_valid = f->debugv8p2 && bit(esr, 17);
	if (w->number_valid)
		w->number = bits(esr, 23, 18);
	r->far_valid = !(f->vectors && bit(esr, 10));
	w->false_positive = f->vectors && bit(esr, 16);
	w->far_imprecise = f->vectors && r->far_valid && bit(esr, 15);
	w->vncr = f->nv2 && bit(esr, 13);
	w->maintenance = bit(esr, 8);
	w->write = bit(esr, 6);
	w->gcs = f->gcs && bit(esr, 40);
}
