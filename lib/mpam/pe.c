/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/mpam.h>
#include <libarmvirt/regs.h>

#define ID_FIELD            0xf
#define MPAMIDR_HAS_BW_CTRL (UINT64_C(1) << 56)
/* MPAMSM_EL1 has the data fields of MPAM1_EL1 only. */
#define MPAMSM_FIELDS (ARMVIRT_MPAM1_EL1_PMG_D | ARMVIRT_MPAM1_EL1_PARTID_D)

#define DEFAULT_PARTID 0
#define DEFAULT_PMG    0

static unsigned id_field(const struct armvirt_idregs *id, enum armvirt_idreg reg, unsigned shift)
{
	return (unsigned)(id->reg[reg] >> shift) & ID_FIELD;
}

enum armvirt_status armvirt_mpam_caps_derive(struct armvirt_mpam_caps *caps,
					     const struct armvirt_idregs *id)
{
	unsigned major =
		id_field(id, ARMVIRT_IDREG_ID_AA64PFR0_EL1, ARMVIRT_ID_AA64PFR0_EL1_MPAM_SHIFT);
	unsigned minor = id_field(id, ARMVIRT_IDREG_ID_AA64PFR1_EL1,
				  ARMVIRT_ID_AA64PFR1_EL1_MPAM_FRAC_SHIFT);
	uint64_t idr = id->reg[ARMVIRT_IDREG_MPAMIDR_EL1];

	if (major > 1 || (major == 0 && minor == 0))
		return ARMVIRT_E_UNSUPPORTED;
	*caps = (struct armvirt_mpam_caps){
		.partid_max = (uint16_t)(idr & ARMVIRT_MPAMIDR_EL1_PARTID_MAX),
		.pmg_max = (uint8_t)((idr & ARMVIRT_MPAMIDR_EL1_PMG_MAX) >>
				     ARMVIRT_MPAMIDR_EL1_PMG_MAX_SHIFT),
		.version = (uint8_t)(major << 4 | minor),
		.has_hcr = (idr & ARMVIRT_MPAMIDR_EL1_HAS_HCR) != 0,
		.has_tidr = (idr & ARMVIRT_MPAMIDR_EL1_HAS_TIDR) != 0,
		.has_bw = (idr & MPAMIDR_HAS_BW_CTRL) != 0,
		.has_sm = id_field(id, ARMVIRT_IDREG_ID_AA64PFR1_EL1,
				   ARMVIRT_ID_AA64PFR1_EL1_SME_SHIFT) != 0,
		.el2_is_highest = id_field(id, ARMVIRT_IDREG_ID_AA64PFR0_EL1,
					   ARMVIRT_ID_AA64PFR0_EL1_EL3_SHIFT) == 0,
	};
	if (caps->has_hcr) {
		uint64_t vpmr_max =
			(idr & ARMVIRT_MPAMIDR_EL1_VPMR_MAX) >> ARMVIRT_MPAMIDR_EL1_VPMR_MAX_SHIFT;

		caps->vpm_count = (uint8_t)(4 * (vpmr_max + 1));
	}
	return ARMVIRT_OK;
}

void armvirt_mpam_caps_meet(struct armvirt_mpam_caps *caps, const struct armvirt_mpam_caps *other)
{
	if (other->partid_max < caps->partid_max)
		caps->partid_max = other->partid_max;
	if (other->pmg_max < caps->pmg_max)
		caps->pmg_max = other->pmg_max;
	if (other->vpm_count < caps->vpm_count)
		caps->vpm_count = other->vpm_count;
	if (other->version < caps->version)
		caps->version = other->version;
	caps->has_hcr &= other->has_hcr;
	caps->has_tidr &= other->has_tidr;
	/* A register that only one of them has stays as EL2 was set up: trapped. */
	caps->has_sm &= other->has_sm;
	caps->has_bw &= other->has_bw;
	caps->el2_is_highest &= other->el2_is_highest;
}

static bool tag_fits(struct armvirt_mpam_tag tag, const struct armvirt_mpam_caps *caps)
{
	return tag.partid <= caps->partid_max && tag.pmg <= caps->pmg_max;
}

/* Data and instruction accesses alike. */
static uint64_t tag_value(struct armvirt_mpam_tag tag)
{
	return (uint64_t)tag.pmg << ARMVIRT_MPAM1_EL1_PMG_D_SHIFT |
	       (uint64_t)tag.pmg << ARMVIRT_MPAM1_EL1_PMG_I_SHIFT |
	       (uint64_t)tag.partid << ARMVIRT_MPAM1_EL1_PARTID_D_SHIFT | tag.partid;
}

static enum armvirt_status request_check(const struct armvirt_mpam_vm_request *r,
					 const struct armvirt_mpam_caps *caps)
{
	unsigned most = r->shape == ARMVIRT_MPAM_VIRTUAL ? caps->vpm_count : 1;

	if (r->flags & ~ARMVIRT_MPAM_APP_LOCK)
		return ARMVIRT_E_ARG;
	if (!caps->has_hcr && (r->shape == ARMVIRT_MPAM_VIRTUAL || r->flags != 0))
		return ARMVIRT_E_UNSUPPORTED;
	if (!tag_fits(r->own, caps))
		return ARMVIRT_E_RANGE;
	if (r->shape == ARMVIRT_MPAM_HOST)
		return r->partid_count == 0 ? ARMVIRT_OK : ARMVIRT_E_ARG;
	if ((r->shape != ARMVIRT_MPAM_HIDDEN && r->shape != ARMVIRT_MPAM_VIRTUAL) ||
	    r->partid == NULL || r->partid_count == 0)
		return ARMVIRT_E_ARG;
	if (r->partid_count > most || r->pmg > caps->pmg_max || r->pmg_max > caps->pmg_max)
		return ARMVIRT_E_RANGE;
	for (unsigned i = 0; i < r->partid_count; i++) {
		if (r->partid[i] == DEFAULT_PARTID)
			return ARMVIRT_E_DENIED;
		if (r->partid[i] > caps->partid_max)
			return ARMVIRT_E_RANGE;
	}
	return ARMVIRT_OK;
}

static void map_fill(struct armvirt_mpam_vm *vm, const struct armvirt_mpam_vm_request *r)
{
	for (unsigned i = 0; i < r->partid_count; i++) {
		vm->vpm[i / 4] |= (uint64_t)r->partid[i] << (i % 4 * 16);
		vm->vpmv |= UINT64_C(1) << i;
	}
	vm->vpm_regs = (uint8_t)((r->partid_count + 3) / 4);
}

enum armvirt_status armvirt_mpam_vm_build(struct armvirt_mpam_vm *vm,
					  const struct armvirt_mpam_caps *caps,
					  const struct armvirt_mpam_vm_request *r)
{
	enum armvirt_status status = request_check(r, caps);

	if (status != ARMVIRT_OK)
		return status;
	*vm = (struct armvirt_mpam_vm){
		.mpam2 = tag_value(r->own) | ARMVIRT_MPAM2_EL2_MPAMEN,
		.count = r->partid_count,
		.shape = (uint8_t)r->shape,
		.has_hcr = caps->has_hcr,
		.has_sm = caps->has_sm,
		.has_bw = caps->has_bw,
	};
	if (r->flags & ARMVIRT_MPAM_APP_LOCK)
		vm->hcr |= ARMVIRT_MPAMHCR_EL2_GSTAPP_PLK;
	if (r->shape == ARMVIRT_MPAM_HOST) {
		vm->pmg_max = caps->pmg_max;
		vm->idr_visible = true;
		if (caps->has_sm)
			vm->mpam2 |= ARMVIRT_MPAM2_EL2_ENMPAMSM;
		return ARMVIRT_OK;
	}
	vm->idr_visible = !caps->has_hcr && !caps->has_tidr;
	if (caps->has_hcr)
		vm->hcr |= ARMVIRT_MPAMHCR_EL2_TRAP_MPAMIDR_EL1;
	if (caps->has_tidr)
		vm->mpam2 |= ARMVIRT_MPAM2_EL2_TIDR;
	if (r->shape == ARMVIRT_MPAM_VIRTUAL) {
		vm->hcr |= ARMVIRT_MPAMHCR_EL2_EL1_VPMEN | ARMVIRT_MPAMHCR_EL2_EL0_VPMEN;
		vm->pmg_max = r->pmg_max;
		map_fill(vm, r);
	} else {
		struct armvirt_mpam_tag tag = {r->partid[0], r->pmg};

		vm->mpam2 |= ARMVIRT_MPAM2_EL2_TRAPMPAM0EL1 | ARMVIRT_MPAM2_EL2_TRAPMPAM1EL1;
		vm->fixed = tag_value(tag);
	}
	return ARMVIRT_OK;
}

void armvirt_mpam_vcpu_reset(struct armvirt_mpam_vcpu *vcpu, const struct armvirt_mpam_vm *vm)
{
	vcpu->mpam1 = vm->fixed;
	vcpu->mpam0 = vm->fixed;
	vcpu->mpamsm = vm->has_sm ? vm->fixed & MPAMSM_FIELDS : 0;
}

/* MAP_vPARTID: an index above the map wraps, an entry that is not valid stands for entry 0. */
static uint32_t map_lookup(const struct armvirt_mpam_vm *vm, const struct armvirt_mpam_caps *caps,
			   uint16_t vpartid)
{
	unsigned i = vpartid % caps->vpm_count;

	if (!(vm->vpmv >> i & 1))
		i = 0;
	if (!(vm->vpmv >> i & 1))
		return UINT32_MAX;
	return (uint32_t)(vm->vpm[i / 4] >> (i % 4 * 16)) & 0xffff;
}

struct armvirt_mpam_tag armvirt_mpam_translate(const struct armvirt_mpam_vm *vm,
					       const struct armvirt_mpam_caps *caps,
					       struct armvirt_mpam_tag guest)
{
	struct armvirt_mpam_tag out = {DEFAULT_PARTID, DEFAULT_PMG};
	uint32_t partid = guest.partid;

	if (vm->shape == ARMVIRT_MPAM_HIDDEN) {
		partid = vm->fixed & 0xffff;
		guest.pmg = (uint8_t)(vm->fixed >> ARMVIRT_MPAM1_EL1_PMG_I_SHIFT);
	} else if (vm->shape == ARMVIRT_MPAM_VIRTUAL && partid <= caps->partid_max) {
		partid = map_lookup(vm, caps, guest.partid);
	}
	if (partid > caps->partid_max)
		return out;
	out.partid = (uint16_t)partid;
	if (guest.pmg <= caps->pmg_max)
		out.pmg = guest.pmg;
	return out;
}

enum armvirt_status armvirt_mpam_guest_idr(const struct armvirt_mpam_vm *vm, uint64_t *value)
{
	if (vm->shape != ARMVIRT_MPAM_VIRTUAL)
		return ARMVIRT_E_DENIED;
	*value = (uint64_t)vm->pmg_max << ARMVIRT_MPAMIDR_EL1_PMG_MAX_SHIFT |
		 (uint64_t)(vm->count - 1);
	return ARMVIRT_OK;
}
