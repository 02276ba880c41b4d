/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "mpam_pe.h"

#define MASK_EL1           UINT64_C(0x0000ffffffffffff)
#define KEY(op1, crm, op2) ((op1) << 8 | (crm) << 4 | (op2))

void mpam_pe_reset(struct mpam_pe *pe, const struct mpam_pe_params *p, uint64_t unknown)
{
	*pe = (struct mpam_pe){.p = *p};
	pe->mpam0 = pe->mpam1 = unknown & MASK_EL1;
	pe->mpam2 = unknown & MASK_EL1;
	pe->mpamsm = unknown & UINT64_C(0x0000ff00ffff0000);
	pe->vpmv = unknown & ((UINT64_C(1) << (4 * (p->vpmr_max + 1))) - 1);
	for (unsigned i = 0; i < 8; i++)
		pe->vpm[i] = unknown * (2 * i + 3);
}

static bool enabled(const struct mpam_pe *pe)
{
	return pe->p.has_el3 ? pe->p.el3_mpamen : (pe->mpam2 >> 63) & 1;
}

/* Finds the storage behind a register name used at EL2; NULL: UNDEFINED there. */
static uint64_t *storage(struct mpam_pe *pe, unsigned key, uint64_t *mask)
{
	const struct mpam_pe_params *p = &pe->p;

	*mask = MASK_EL1;
	switch (key) {
	case KEY(0, 5, 0): /* MPAM1_EL1, redirected when E2H is set */
		if (p->e2h)
			break;
		return &pe->mpam1;
	case KEY(5, 5, 0): /* MPAM1_EL12 */
		return p->e2h ? &pe->mpam1 : NULL;
	case KEY(0, 5, 1):
		return &pe->mpam0;
	case KEY(0, 5, 3):
		*mask = UINT64_C(0x0000ff00ffff0000);
		return p->has_sme ? &pe->mpamsm : NULL;
	case KEY(4, 4, 0):
		*mask = UINT64_C(0x80000103);
		return p->has_hcr ? &pe->hcr : NULL;
	case KEY(4, 4, 1):
		*mask = (UINT64_C(1) << (4 * (p->vpmr_max + 1))) - 1;
		return p->has_hcr ? &pe->vpmv : NULL;
	case KEY(4, 5, 4):
		*mask = ~UINT64_C(0);
		return p->has_bw ? &pe->bw2 : NULL;
	case KEY(4, 5, 0):
		break;
	default:
		if (key >> 4 == KEY(4, 6, 0) >> 4 && (key & 15) < 8) {
			*mask = ~UINT64_C(0);
			return p->has_hcr && (key & 15) <= p->vpmr_max ? &pe->vpm[key & 15] : NULL;
		}
		return NULL;
	}
	*mask = MASK_EL1 | UINT64_C(3) << 48; /* MPAM2_EL2 */
	if (p->has_sme)
		*mask |= UINT64_C(1) << 50;
	if (p->has_tidr)
		*mask |= UINT64_C(1) << 58;
	if (!p->has_el3)
		*mask |= UINT64_C(1) << 63;
	return &pe->mpam2;
}

static uint64_t idr(const struct mpam_pe_params *p)
{
	return (uint64_t)p->partid_max | (uint64_t)p->has_hcr << 17 | (uint64_t)p->vpmr_max << 18 |
	       (uint64_t)p->pmg_max << 32 | (uint64_t)p->has_bw << 56 | (uint64_t)p->has_tidr << 58;
}

uint64_t mpam_pe_read(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2)
{
	uint64_t mask, v, *at;

	pe->reads++;
	if (KEY(op1, crm, op2) == KEY(0, 4, 4))
		return idr(&pe->p);
	at = storage(pe, KEY(op1, crm, op2), &mask);
	if (!at) {
		pe->undefined++;
		return 0;
	}
	v = *at & mask;
	if ((at == &pe->mpam2 || at == &pe->mpam1) && enabled(pe))
		v |= UINT64_C(1) << 63; /* MPAMEN, a copy unless this is the highest level */
	return v;
}

void mpam_pe_write(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2, uint64_t v)
{
	uint64_t mask, *at = storage(pe, KEY(op1, crm, op2), &mask);

	pe->writes++;
	if (pe->log_count < sizeof(pe->log) / sizeof(pe->log[0]))
		pe->log[pe->log_count++] = KEY(op1, crm, op2);
	if (at)
		*at = v & mask;
	else
		pe->undefined++;
}

enum mpam_pe_outcome mpam_pe_guest(struct mpam_pe *pe, unsigned op1, unsigned crm, unsigned op2,
				   bool write, uint64_t *value)
{
	uint64_t *at;

	switch (KEY(op1, crm, op2)) {
	case KEY(0, 4, 4):
		if (write)
			return MPAM_PE_UNDEF;
		if ((pe->p.has_hcr && (pe->hcr >> 31 & 1)) || (pe->mpam2 >> 58 & 1))
			return MPAM_PE_TRAP_EL2;
		*value = idr(&pe->p);
		return MPAM_PE_DONE;
	case KEY(0, 5, 0):
		if (pe->mpam2 >> 48 & 1)
			return MPAM_PE_TRAP_EL2;
		at = &pe->mpam1;
		break;
	case KEY(0, 5, 1):
		if (pe->mpam2 >> 49 & 1)
			return MPAM_PE_TRAP_EL2;
		at = &pe->mpam0;
		break;
	case KEY(0, 5, 3):
		if (!pe->p.has_sme)
			return MPAM_PE_UNDEF;
		if (!(pe->mpam2 >> 50 & 1))
			return MPAM_PE_TRAP_EL2;
		at = &pe->mpamsm;
		break;
	default:
		return MPAM_PE_UNDEF; /* EL2 registers without nested virtualization */
	}
	if (write)
		*at = *value & MASK_EL1;
	else
		*value = *at;
	return MPAM_PE_DONE;
}

static bool is_virtual(const struct mpam_pe *pe, int el)
{
	if (!pe->p.has_hcr)
		return false;
	if (el == 0)
		return (pe->hcr & 1) && !(pe->p.e2h && pe->p.tge);
	return el == 1 && (pe->hcr >> 1 & 1);
}

/* MAP_vPARTID; returns whether an error was found. */
static bool map(const struct mpam_pe *pe, unsigned *partid)
{
	unsigned top = 4 * pe->p.vpmr_max + 3, virt = *partid;

	if (virt > top)
		virt = pe->p.wrap_to_zero ? 0 : virt % (top + 1);
	if (!(pe->vpmv >> virt & 1))
		virt = 0;
	*partid = 0;
	if (!(pe->vpmv >> virt & 1))
		return true;
	*partid = pe->vpm[virt / 4] >> (virt % 4 * 16) & 0xffff;
	if (*partid <= pe->p.partid_max)
		return false;
	*partid = 0;
	return true;
}

struct mpam_pe_tag mpam_pe_tag(const struct mpam_pe *pe, int el, bool instruction)
{
	struct mpam_pe_tag tag = {0, 0};
	uint64_t reg;
	unsigned pmg;
	bool error = false;

	if (!enabled(pe))
		return tag;
	if (el == 0 && pe->p.has_hcr && (pe->hcr >> 8 & 1) && !pe->p.tge)
		el = 1; /* GSTAPP_PLK */
	reg = el == 0 ? pe->mpam0 : el == 1 ? pe->mpam1 : pe->mpam2;
	tag.partid = reg >> (instruction ? 0 : 16) & 0xffff;
	pmg = reg >> (instruction ? 32 : 40) & 0xff;
	if (tag.partid > pe->p.partid_max) {
		tag.partid = 0;
		error = true;
	} else if (is_virtual(pe, el)) {
		error = map(pe, &tag.partid);
	}
	if (pmg <= pe->p.pmg_max && (!error || pe->p.pmg_kept_on_error))
		tag.pmg = pmg;
	return tag;
}
