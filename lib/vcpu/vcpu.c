/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu.h>
#include <libarmvirt/vectors.h>

#define OFFSET(field, number) \
	_Static_assert(offsetof(struct armvirt_vcpu, field) == (number), #field " has moved")
OFFSET(frame.x, ARMVIRT_VCPU_X(0));
OFFSET(frame.pc, ARMVIRT_VCPU_PC);
OFFSET(frame.pstate, ARMVIRT_VCPU_PSTATE);
OFFSET(exit_pstate, ARMVIRT_VCPU_EXIT_PSTATE);
OFFSET(esr, ARMVIRT_VCPU_ESR);
OFFSET(disr, ARMVIRT_VCPU_DISR);
OFFSET(far, ARMVIRT_VCPU_FAR);
OFFSET(hpfar, ARMVIRT_VCPU_HPFAR);
OFFSET(host_sp, ARMVIRT_VCPU_HOST_SP);
OFFSET(modes, ARMVIRT_VCPU_MODES);
OFFSET(cpu, ARMVIRT_VCPU_CPU);
OFFSET(host, ARMVIRT_VCPU_HOST);
OFFSET(guest_keys, ARMVIRT_VCPU_KEYS);
OFFSET(el2_keys, ARMVIRT_VCPU_KEYS + 8);
OFFSET(traps, ARMVIRT_VCPU_TRAPS);
OFFSET(el1, ARMVIRT_VCPU_EL1);
OFFSET(impdef, ARMVIRT_VCPU_IMPDEF);
OFFSET(ras, ARMVIRT_VCPU_RAS);
OFFSET(fp, ARMVIRT_VCPU_FP);
_Static_assert(sizeof(struct armvirt_vcpu) == ARMVIRT_VCPU_SIZE, "the structure has grown");
_Static_assert(_Alignof(struct armvirt_vcpu) == ARMVIRT_VCPU_ALIGN, "alignment");
_Static_assert(offsetof(struct armvirt_fp, fpsr) == ARMVIRT_FP_FPSR, "fpsr has moved");
_Static_assert(offsetof(struct armvirt_fp, fpcr) == ARMVIRT_FP_FPCR, "fpcr has moved");
_Static_assert(offsetof(struct armvirt_cpu, el2_keys) == ARMVIRT_CPU_EL2_KEYS, "keys have moved");
_Static_assert(offsetof(struct armvirt_el2_keys, mode) == ARMVIRT_EL2_KEYS_MODE, "mode");
_Static_assert(offsetof(struct armvirt_el2_frame, sp) == ARMVIRT_EL2_FRAME_SP, "sp");
_Static_assert(offsetof(struct armvirt_el2_frame, pc) == ARMVIRT_EL2_FRAME_PC, "pc");
_Static_assert(offsetof(struct armvirt_el2_frame, pstate) == ARMVIRT_EL2_FRAME_PSTATE, "pstate");
_Static_assert(offsetof(struct armvirt_el2_frame, esr) == ARMVIRT_EL2_FRAME_ESR, "esr");
_Static_assert(offsetof(struct armvirt_el2_frame, far) == ARMVIRT_EL2_FRAME_FAR, "far");
_Static_assert(offsetof(struct armvirt_el2_frame, hpfar) == ARMVIRT_EL2_FRAME_HPFAR, "hpfar");
_Static_assert(offsetof(struct armvirt_el2_frame, vector) == ARMVIRT_EL2_FRAME_VECTOR, "vector");
_Static_assert(sizeof(struct armvirt_el2_frame) == ARMVIRT_EL2_FRAME_SIZE, "frame");

#define MODE(m) (UINT32_C(1) << (m))
enum { EL0T = 0x00, EL1T = 0x04, EL1H = 0x05 };
enum { USR = 0x10, FIQ = 0x11, IRQ = 0x12, SVC = 0x13, ABT = 0x17, UND = 0x1b, SYS = 0x1f };

#define PSTATE_M      UINT64_C(0x1f)
#define PSTATE_AIF    UINT64_C(0x1c0)
#define PSTATE_D      UINT64_C(0x200)
#define HCR_RW        (UINT64_C(1) << 31)
#define HCR_TGE       (UINT64_C(1) << 27)
#define SCTLR_RESET   UINT64_C(0x30d00800) /* bits that are RES1 where they have no meaning */
#define SCTLR32_RESET UINT64_C(0x00c50838)

uint64_t armvirt_vcpu_sets(const struct armvirt_features *f)
{
	static const struct {
		uint64_t sets;
		uint8_t feature;
	} needs[] = {
		{ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP, ARMVIRT_FEAT_AA32EL1},
		{ARMVIRT_SET_TCR2, ARMVIRT_FEAT_TCR2},
		{ARMVIRT_SET_SCTLR2, ARMVIRT_FEAT_SCTLR2},
		{ARMVIRT_SET_S1PIE, ARMVIRT_FEAT_S1PIE},
		{ARMVIRT_SET_S1POE, ARMVIRT_FEAT_S1POE},
		{ARMVIRT_SET_PAUTH, ARMVIRT_FEAT_PAUTH},
		{ARMVIRT_SET_MTE, ARMVIRT_FEAT_MTE2},
		{ARMVIRT_SET_SCXT, ARMVIRT_FEAT_CSV2_2},
		{ARMVIRT_SET_FPMR, ARMVIRT_FEAT_FPMR},
		{ARMVIRT_SET_SVE, ARMVIRT_FEAT_SVE},
		{ARMVIRT_SET_GCS, ARMVIRT_FEAT_GCS},
		{ARMVIRT_SET_PMU | ARMVIRT_SET_PMEV, ARMVIRT_FEAT_PMU},
		{ARMVIRT_SET_TRF, ARMVIRT_FEAT_TRF},
		{ARMVIRT_SET_SPE, ARMVIRT_FEAT_SPE},
		{ARMVIRT_SET_TRBE, ARMVIRT_FEAT_TRBE},
	};
	uint64_t sets = ARMVIRT_VCPU_OPTIONAL;

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (!armvirt_has(f, (enum armvirt_feature)needs[i].feature))
			sets &= ~needs[i].sets;
	}
	return sets;
}

static void reset(struct armvirt_vcpu *vcpu, const struct armvirt_features *f)
{
	*vcpu = (struct armvirt_vcpu){0};
	vcpu->modes = MODE(EL0T) | MODE(EL1T) | MODE(EL1H);
	if (armvirt_has(f, ARMVIRT_FEAT_AA32EL0))
		vcpu->modes |= MODE(USR);
	vcpu->frame.pstate = PSTATE_D | PSTATE_AIF | EL1H;
	vcpu->el1.sctlr_el1 = SCTLR_RESET;
}

enum armvirt_status armvirt_vcpu_init(struct armvirt_vcpu *vcpu, size_t bytes,
				      const struct armvirt_features *f)
{
	if (bytes != sizeof(*vcpu))
		return ARMVIRT_E_SIZE;
	if ((uintptr_t)vcpu % ARMVIRT_VCPU_ALIGN)
		return ARMVIRT_E_ALIGN;
	reset(vcpu, f);
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_init_sets(struct armvirt_vcpu *vcpu,
					   const struct armvirt_vcpu_shape *shape,
					   const struct armvirt_features *f)
{
	size_t offset = sizeof(*vcpu);

	if (shape->sets & ~ARMVIRT_VCPU_OPTIONAL)
		return ARMVIRT_E_ARG;
	if (shape->sets & ~armvirt_vcpu_sets(f))
		return ARMVIRT_E_UNSUPPORTED;
	if (shape->bytes < ARMVIRT_VCPU_BYTES(shape->sets))
		return ARMVIRT_E_SIZE;
	if ((uintptr_t)vcpu % ARMVIRT_VCPU_ALIGN)
		return ARMVIRT_E_ALIGN;
	reset(vcpu, f);
	vcpu->sets = shape->sets;
	for (unsigned bit = 0; bit < ARMVIRT_SET_COUNT; bit++) {
		uint64_t mask = shape->sets & UINT64_C(1) << bit;

		if (!mask)
			continue;
		vcpu->set_offset[bit] = (uint16_t)offset;
		offset += ARMVIRT_CTX_BYTES(mask);
	}
	for (size_t i = sizeof(*vcpu); i < offset; i += 8)
		*(uint64_t *)(void *)((char *)vcpu + i) = 0;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_init_sve(struct armvirt_vcpu *vcpu,
					  const struct armvirt_vcpu_sve *s)
{
	if (!(vcpu->sets & ARMVIRT_SET_SVE) || vcpu->fp_cpu)
		return ARMVIRT_E_STATE;
	if (s->vl == 0 || s->vl > ARMVIRT_SVE_VL_MAX || s->vl % 16)
		return ARMVIRT_E_ARG;
	if (s->bytes < ARMVIRT_SVE_BYTES(s->vl))
		return ARMVIRT_E_SIZE;
	if ((uintptr_t)s->area % 16)
		return ARMVIRT_E_ALIGN;
	for (size_t i = 0; i < ARMVIRT_SVE_BYTES(s->vl); i += 8)
		*(uint64_t *)(void *)((char *)s->area + i) = 0;
	vcpu->sve = s->area;
	vcpu->sve_vl = s->vl;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_init_aarch32(struct armvirt_vcpu *vcpu,
					      const struct armvirt_features *f)
{
	uint64_t sets = ARMVIRT_SET_A32 | ARMVIRT_SET_A32FP;

	if (!armvirt_has(f, ARMVIRT_FEAT_AA32EL1))
		return ARMVIRT_E_UNSUPPORTED;
	if ((vcpu->sets & sets) != sets)
		return ARMVIRT_E_STATE;
	vcpu->fp_policy = ARMVIRT_FP_EAGER;
	vcpu->modes =
		MODE(USR) | MODE(FIQ) | MODE(IRQ) | MODE(SVC) | MODE(ABT) | MODE(UND) | MODE(SYS);
	vcpu->frame.pstate = PSTATE_AIF | SVC;
	vcpu->el1.sctlr_el1 = SCTLR32_RESET;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_check(const struct armvirt_vcpu *vcpu)
{
	bool aarch64;

	if ((uintptr_t)vcpu % ARMVIRT_VCPU_ALIGN)
		return ARMVIRT_E_ALIGN;
	aarch64 = vcpu->modes & MODE(EL1H);
	if (vcpu->host_sp == 0 || vcpu->host_sp % 16)
		return ARMVIRT_E_STATE;
	if (vcpu->sets & ARMVIRT_SET_SVE && !vcpu->sve)
		return ARMVIRT_E_STATE;
	if (!(vcpu->modes >> (vcpu->frame.pstate & PSTATE_M) & 1))
		return ARMVIRT_E_ARG;
	if (vcpu->traps.hcr_el2 & HCR_TGE || !(vcpu->traps.hcr_el2 & HCR_RW) == aarch64)
		return ARMVIRT_E_MISMATCH;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_set_traps(struct armvirt_vcpu *vcpu,
					   const struct armvirt_trapcfg *t, bool e2h)
{
	struct armvirt_vcpu_traps *v = &vcpu->traps;
	uint64_t mine = ARMVIRT_VCPU_OPTIONAL & ~ARMVIRT_SET_TIMER;

	if (t->sets & ARMVIRT_SET_SME)
		return ARMVIRT_E_UNSUPPORTED;
	if (t->sets & mine & ~vcpu->sets)
		return ARMVIRT_E_STATE;
	v->hcr_el2 = t->hcr_el2;
	v->cptr_el2 = t->cptr_el2[e2h];
	v->mdcr_el2 = t->mdcr_el2;
	v->hstr_el2 = t->hstr_el2;
	v->cnthctl_el2 = t->cnthctl_el2[e2h];
	v->hcrx_el2 = t->hcrx_el2;
	v->hfgrtr_el2 = t->fgt[ARMVIRT_FGT_HFGRTR];
	v->hfgwtr_el2 = t->fgt[ARMVIRT_FGT_HFGWTR];
	v->hfgitr_el2 = t->fgt[ARMVIRT_FGT_HFGITR];
	v->hdfgrtr_el2 = t->fgt[ARMVIRT_FGT_HDFGRTR];
	v->hdfgwtr_el2 = t->fgt[ARMVIRT_FGT_HDFGWTR];
	v->hafgrtr_el2 = t->fgt[ARMVIRT_FGT_HAFGRTR];
	v->hfgrtr2_el2 = t->fgt[ARMVIRT_FGT_HFGRTR2];
	v->hfgwtr2_el2 = t->fgt[ARMVIRT_FGT_HFGWTR2];
	v->hfgitr2_el2 = t->fgt[ARMVIRT_FGT_HFGITR2];
	v->hdfgrtr2_el2 = t->fgt[ARMVIRT_FGT_HDFGRTR2];
	v->hdfgwtr2_el2 = t->fgt[ARMVIRT_FGT_HDFGWTR2];
	return ARMVIRT_OK;
}
