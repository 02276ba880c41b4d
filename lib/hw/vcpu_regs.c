/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_regs.h>

#include "lib/hw/seam.h"
#include "lib/hw/vcpu.h"

#define HCR_VSE (UINT64_C(1) << 8)

/* Only what is switched is in the CPU; the rest of a loaded vCPU stays in memory. */
static bool switched(const struct armvirt_cpu *cpu, const struct armvirt_vcpu_place *place,
		     uint32_t id)
{
	switch (place->set) {
	case ARMVIRT_SET_IMPDEF_BIT:
		return cpu->has >> ARMVIRT_CPU_IMPDEF & 1;
	case ARMVIRT_SET_RAS_BIT:
		return cpu->has >> ARMVIRT_CPU_RAS & 1;
	case ARMVIRT_SET_PAUTH_BIT:
		return !cpu->el2_keys ||
		       (cpu->el2_keys->mode == ARMVIRT_KEYS_APIA &&
			id != ARMVIRT_REGID_APIAKEYLO_EL1 && id != ARMVIRT_REGID_APIAKEYHI_EL1);
	case ARMVIRT_SET_BRP_BIT:
		return place->item < cpu->brp_count;
	case ARMVIRT_SET_WRP_BIT:
		return place->item < cpu->wrp_count;
	case ARMVIRT_SET_PMEV_BIT:
		return place->item < cpu->pmev_count;
	default:
		return true;
	}
}

static const struct armvirt_cpu *holder_of(const struct armvirt_vcpu *vcpu,
					   const struct armvirt_vcpu_place *place)
{
	if (place->holder == ARMVIRT_HOLDER_EL1)
		return vcpu->cpu;
	return place->holder == ARMVIRT_HOLDER_FP ? vcpu->fp_cpu : NULL;
}

static unsigned e2h(const struct armvirt_cpu *cpu)
{
	return cpu->has >> ARMVIRT_CPU_E2H & 1;
}

static uint64_t read_memory(const struct armvirt_vcpu_place *place)
{
	uint64_t v = 0;

	__builtin_memcpy(&v, place->where, place->bytes);
	return v;
}

static uint64_t pending(struct armvirt_vcpu *vcpu)
{
	armvirt_hw_vcpu_set_hcr(vcpu, (struct armvirt_bits){0, 0}); /* collects what was taken */
	return !!(vcpu->traps.hcr_el2 & HCR_VSE);
}

enum armvirt_status armvirt_hw_vcpu_read(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu,
					 uint32_t id, uint64_t *value)
{
	const struct armvirt_cpu *holder;
	struct armvirt_vcpu_place place;
	enum armvirt_status s = armvirt_vcpu_find(vcpu, id, &place);

	if (s != ARMVIRT_OK)
		return s;
	holder = id == ARMVIRT_STATE_PENDING ? vcpu->cpu : holder_of(vcpu, &place);
	if (holder && holder != cpu)
		return ARMVIRT_E_BUSY;
	if (id == ARMVIRT_STATE_PENDING) {
		*value = pending(vcpu);
	} else if (holder && place.holder == ARMVIRT_HOLDER_EL1 && switched(cpu, &place, id)) {
		*value = armvirt_hw_ctx_read(id, 0, e2h(cpu));
	} else {
		if (holder && place.holder == ARMVIRT_HOLDER_FP)
			armvirt_hw_fp_copy_out(cpu);
		*value = read_memory(&place);
	}
	return ARMVIRT_OK;
}

static bool fits(const struct armvirt_vcpu *vcpu, const struct armvirt_vcpu_place *place,
		 uint32_t id, uint64_t value)
{
	if (id == ARMVIRT_STATE_PSTATE)
		return vcpu->modes >> (value & 31) & 1;
	if (id == ARMVIRT_STATE_PENDING)
		return value <= 1;
	if (id == ARMVIRT_STATE_SVE_VL)
		return value == vcpu->sve_vl;
	return place->bytes == 8 || value >> (8 * place->bytes) == 0;
}

static void write_one(struct armvirt_cpu *cpu, struct armvirt_vcpu_place *place, bool fp_held,
		      uint64_t value)
{
	if (fp_held)
		armvirt_hw_fp_copy_out(cpu);
	__builtin_memcpy(place->where, &value, place->bytes);
	if (fp_held)
		armvirt_hw_fp_copy_in(cpu);
}

enum armvirt_status armvirt_hw_vcpu_write(struct armvirt_cpu *cpu, struct armvirt_vcpu *vcpu,
					  uint32_t id, uint64_t value)
{
	const struct armvirt_cpu *holder;
	struct armvirt_vcpu_place place;
	enum armvirt_status s = armvirt_vcpu_find(vcpu, id, &place);

	if (s != ARMVIRT_OK)
		return s;
	if (!fits(vcpu, &place, id, value))
		return ARMVIRT_E_MISMATCH;
	holder = id == ARMVIRT_STATE_PENDING ? vcpu->cpu : holder_of(vcpu, &place);
	if (holder && holder != cpu)
		return ARMVIRT_E_BUSY;
	if (id == ARMVIRT_STATE_PENDING) {
		armvirt_hw_vcpu_set_hcr(vcpu, (struct armvirt_bits){HCR_VSE, value ? HCR_VSE : 0});
	} else if (holder && place.holder == ARMVIRT_HOLDER_EL1 && switched(cpu, &place, id)) {
		armvirt_hw_ctx_write(id, value, e2h(cpu));
		armvirt_seam_isb(); /* orders the write before a read through another name */
	} else {
		write_one(cpu, &place, holder && place.holder == ARMVIRT_HOLDER_FP, value);
	}
	return ARMVIRT_OK;
}
