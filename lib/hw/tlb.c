/* SPDX-License-Identifier: BSD-2-Clause */
/* Executes a TLB plan: the only place that invalidates. */
#include <libarmvirt/tlb.h>

#include <lib/hw/seam.h>

#define HCR_TGE (UINT64_C(1) << 27)
#define TCR_EPD (UINT64_C(1) << 7 | UINT64_C(1) << 23)
#define SCTLR_M (UINT64_C(1) << 0)

/* What was in the registers that name the virtual machine. */
struct context {
	uint64_t vttbr, vtcr, hcr, tcr, sctlr;
};

static enum armvirt_seam_reg tcr_of(const struct armvirt_tlb_target *t)
{
	return t->flags & ARMVIRT_TLB_HOST_E2H ? ARMVIRT_SEAM_TCR_EL12 : ARMVIRT_SEAM_TCR_EL1;
}

static enum armvirt_seam_reg sctlr_of(const struct armvirt_tlb_target *t)
{
	return t->flags & ARMVIRT_TLB_HOST_E2H ? ARMVIRT_SEAM_SCTLR_EL12 : ARMVIRT_SEAM_SCTLR_EL1;
}

static void keep_out_walks(struct context *c, const struct armvirt_tlb_target *t)
{
	c->tcr = armvirt_seam_read_reg(tcr_of(t));
	c->sctlr = armvirt_seam_read_reg(sctlr_of(t));
	armvirt_seam_write_reg(tcr_of(t), c->tcr | TCR_EPD);
	armvirt_seam_isb(); /* orders no-walk before stage 1 goes on */
	armvirt_seam_write_reg(sctlr_of(t), c->sctlr | SCTLR_M);
	armvirt_seam_isb(); /* orders both before the new stage 2 */
}

static void enter(struct context *c, const struct armvirt_tlb_target *t)
{
	if (t->flags & ARMVIRT_TLB_HOST_E2H) {
		c->hcr = armvirt_seam_read_reg(ARMVIRT_SEAM_HCR_EL2);
		/* With TGE the operations would act on EL2&0. */
		armvirt_seam_write_reg(ARMVIRT_SEAM_HCR_EL2, c->hcr & ~HCR_TGE);
	}
	if (!(t->flags & ARMVIRT_TLB_LOADED)) {
		if (t->flags & ARMVIRT_TLB_ERRATUM_SPECULATIVE_AT)
			keep_out_walks(c, t);
		c->vttbr = armvirt_seam_read_reg(ARMVIRT_SEAM_VTTBR_EL2);
		c->vtcr = armvirt_seam_read_reg(ARMVIRT_SEAM_VTCR_EL2);
		armvirt_seam_write_reg(ARMVIRT_SEAM_VTCR_EL2, t->vtcr);
		armvirt_seam_write_reg(ARMVIRT_SEAM_VTTBR_EL2, t->vttbr);
	}
	if ((t->flags & ARMVIRT_TLB_HOST_E2H) || !(t->flags & ARMVIRT_TLB_LOADED))
		armvirt_seam_isb(); /* orders the new VMID before the operations */
}

static void leave(const struct context *c, const struct armvirt_tlb_target *t)
{
	if (!(t->flags & ARMVIRT_TLB_LOADED)) {
		armvirt_seam_write_reg(ARMVIRT_SEAM_VTTBR_EL2, c->vttbr);
		armvirt_seam_write_reg(ARMVIRT_SEAM_VTCR_EL2, c->vtcr);
		if (t->flags & ARMVIRT_TLB_ERRATUM_SPECULATIVE_AT) {
			armvirt_seam_isb(); /* orders the old stage 2 before walks are let in */
			armvirt_seam_write_reg(sctlr_of(t), c->sctlr);
			armvirt_seam_isb(); /* orders stage 1 as it was before walks are let in */
			armvirt_seam_write_reg(tcr_of(t), c->tcr);
		}
	}
	if (t->flags & ARMVIRT_TLB_HOST_E2H)
		armvirt_seam_write_reg(ARMVIRT_SEAM_HCR_EL2, c->hcr);
}

static enum armvirt_seam_tlbi operation(enum armvirt_tlb_kind kind)
{
	switch (kind) {
	case ARMVIRT_TLB_IPA:
		return ARMVIRT_TLBI_IPAS2E1IS;
	case ARMVIRT_TLB_IPA_LAST:
		return ARMVIRT_TLBI_IPAS2LE1IS;
	case ARMVIRT_TLB_RANGE:
		return ARMVIRT_TLBI_RIPAS2E1IS;
	case ARMVIRT_TLB_RANGE_LAST:
		return ARMVIRT_TLBI_RIPAS2LE1IS;
	case ARMVIRT_TLB_VMID:
		return ARMVIRT_TLBI_VMALLS12E1IS;
	case ARMVIRT_TLB_EL2_VA:
		return ARMVIRT_TLBI_VAE2IS;
	case ARMVIRT_TLB_EL2_ALL:
		return ARMVIRT_TLBI_ALLE2IS;
	case ARMVIRT_TLB_ALL_VMIDS:
		return ARMVIRT_TLBI_ALLE1IS;
	case ARMVIRT_TLB_VMID_LOCAL:
		return ARMVIRT_TLBI_VMALLE1;
	}
	return ARMVIRT_TLBI_ALLE1IS; /* not a kind: too much rather than too little */
}

void armvirt_hw_tlb_execute(const struct armvirt_tlb_plan *plan,
			    const struct armvirt_tlb_target *target)
{
	struct context c = {0};

	if (!plan->count) {
		if (plan->flags & ARMVIRT_TLB_PUBLISH) {
			armvirt_seam_dsb_ishst(); /* orders new descriptors before walks */
			armvirt_seam_isb();       /* orders that before walks for this CPU */
		}
		return;
	}
	/* Orders the breaks, and walks for the context that is left, before the operations. */
	armvirt_seam_dsb_ish();
	enter(&c, target);
	for (unsigned i = 0; i < plan->count && i < ARMVIRT_TLB_OPS; i++)
		armvirt_seam_tlbi(operation((enum armvirt_tlb_kind)plan->kind[i]),
				  plan->operand[i]);
	armvirt_seam_dsb_ish(); /* orders stage 2 gone before combined entries go */
	if (plan->flags & ARMVIRT_TLB_COMBINED) {
		armvirt_seam_tlbi(ARMVIRT_TLBI_VMALLE1IS, 0);
		armvirt_seam_dsb_ish(); /* orders combined entries gone before the return */
	}
	if (target->flags & ARMVIRT_TLB_ERRATUM_REPEAT) {
		armvirt_seam_tlbi(ARMVIRT_TLBI_VALE2IS, 0);
		armvirt_seam_dsb_ish(); /* orders completion of all of the above, which it alone may
					   not */
	}
	if (plan->flags & ARMVIRT_TLB_ICACHE)
		armvirt_seam_icache_inval_all_is();
	if (plan->flags & ARMVIRT_TLB_ICACHE_LOCAL)
		armvirt_seam_icache_inval_all();
	leave(&c, target);
	armvirt_seam_isb(); /* orders the restored context before what follows */
}
