/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_regs.h>

/* Go with the FP registers. */
#define FP_SETS (ARMVIRT_SET_A32FP | ARMVIRT_SET_FPMR | ARMVIRT_SET_SVE)

static void *at(struct armvirt_vcpu *vcpu, size_t offset)
{
	return (char *)vcpu + offset;
}

/* Breakpoints, watchpoints and counters are two registers each. */
static unsigned item_of(const struct armvirt_ctx_place *p)
{
	bool items = p->set == ARMVIRT_SET_BRP_BIT || p->set == ARMVIRT_SET_WRP_BIT ||
		     p->set == ARMVIRT_SET_PMEV_BIT;

	return items ? p->offset / 16u : 0;
}

static enum armvirt_status find_switched(struct armvirt_vcpu *vcpu, uint32_t id,
					 struct armvirt_vcpu_place *place)
{
	struct armvirt_ctx_place p;
	struct armvirt_vcpu_place found = {.bytes = 8, .holder = ARMVIRT_HOLDER_EL1};

	if (!armvirt_ctx_find_id(id, &p))
		return ARMVIRT_E_ARG;
	found.set = p.set;
	found.item = (uint8_t)item_of(&p);
	switch (p.set) {
	case ARMVIRT_SET_EL1_BIT:
		found.where = at(vcpu, offsetof(struct armvirt_vcpu, el1) + p.offset);
		break;
	case ARMVIRT_SET_IMPDEF_BIT:
		found.where = at(vcpu, offsetof(struct armvirt_vcpu, impdef) + p.offset);
		break;
	case ARMVIRT_SET_RAS_BIT:
		found.where = at(vcpu, offsetof(struct armvirt_vcpu, ras) + p.offset);
		break;
	case ARMVIRT_SET_FP_BIT:
		found.holder = ARMVIRT_HOLDER_FP;
		found.where = p.offset == ARMVIRT_CTX_FP_FPCR ? &vcpu->fp.fpcr : &vcpu->fp.fpsr;
		break;
	default:
		if (!(vcpu->sets >> p.set & 1))
			return ARMVIRT_E_ABSENT;
		if (FP_SETS >> p.set & 1)
			found.holder = ARMVIRT_HOLDER_FP;
		found.where = at(vcpu, vcpu->set_offset[p.set] + p.offset);
		break;
	}
	*place = found;
	return ARMVIRT_OK;
}

static enum armvirt_status find_vector(struct armvirt_vcpu *vcpu, uint32_t id,
				       struct armvirt_vcpu_place *place)
{
	size_t vl = vcpu->sve_vl, offset;
	bool p = id >= ARMVIRT_STATE_P;
	unsigned n = p ? (id - ARMVIRT_STATE_P) / 4 : (id - ARMVIRT_STATE_Z) / 32;
	unsigned word = p ? (id - ARMVIRT_STATE_P) % 4 : (id - ARMVIRT_STATE_Z) % 32;
	size_t length = p ? vl / 8 : vl;

	if (!p && word < 2)
		return ARMVIRT_E_ARG;
	if (8 * word >= length)
		return ARMVIRT_E_ABSENT;
	offset = (p ? 32 * vl : 0) + n * length + (size_t)8 * word;
	*place = (struct armvirt_vcpu_place){
		.where = (char *)vcpu->sve + offset,
		.bytes = (uint8_t)(length - 8 * word < 8 ? length - 8 * word : 8),
		.holder = ARMVIRT_HOLDER_FP,
		.set = 0xff,
	};
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_find(struct armvirt_vcpu *vcpu, uint32_t id,
				      struct armvirt_vcpu_place *place)
{
	struct armvirt_vcpu_place found = {.bytes = 8, .set = 0xff};
	uint32_t half = id - ARMVIRT_STATE_V;

	if (id <= ARMVIRT_REGID_MAX)
		return find_switched(vcpu, id, place);
	if (id >= ARMVIRT_STATE_Z && id < ARMVIRT_STATE_END)
		return find_vector(vcpu, id, place);
	if (id >= ARMVIRT_STATE_X && id < ARMVIRT_STATE_X + 31) {
		found.where = &vcpu->frame.x[id - ARMVIRT_STATE_X];
	} else if (id == ARMVIRT_STATE_PC) {
		found.where = &vcpu->frame.pc;
	} else if (id == ARMVIRT_STATE_PSTATE) {
		found.where = &vcpu->frame.pstate;
	} else if (id == ARMVIRT_STATE_PENDING) {
		found.where = &vcpu->traps.hcr_el2;
	} else if (id == ARMVIRT_STATE_SVE_VL) {
		if (!vcpu->sve)
			return ARMVIRT_E_ABSENT;
		found.where = &vcpu->sve_vl;
	} else if (half < 64) {
		found.holder = ARMVIRT_HOLDER_FP;
		found.where = vcpu->sve ? (char *)vcpu->sve + half / 2 * vcpu->sve_vl + half % 2 * 8
					: (char *)&vcpu->fp.v[half / 2][half % 2];
	} else {
		return ARMVIRT_E_ARG;
	}
	*place = found;
	return ARMVIRT_OK;
}
