/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/s2fault.h>

static bool of_guest(const struct armvirt_exit *exit)
{
	return exit->kind == ARMVIRT_EXIT_DABT || exit->kind == ARMVIRT_EXIT_IABT;
}

void armvirt_s2_fault_find(struct armvirt_s2_finding *finding, const struct armvirt_s2 *s,
			   const struct armvirt_exit *exit)
{
	const struct armvirt_abort *a = &exit->u.abort;

	*finding = (struct armvirt_s2_finding){.lookup = ARMVIRT_E_ABSENT};
	if (!of_guest(exit) ||
	    (a->ipa_source != ARMVIRT_IPA_EXACT && a->ipa_source != ARMVIRT_IPA_DESCRIPTOR))
		return;
	finding->lookup = armvirt_s2_lookup(s, a->ipa, &finding->leaf);
	if (finding->lookup == ARMVIRT_OK) {
		finding->attr = armvirt_s2_leaf_attr(s, &finding->leaf);
	} else if (finding->lookup == ARMVIRT_E_ABSENT) {
		enum armvirt_status status = armvirt_s2_annotation(s, a->ipa, &finding->note);

		/* somebody has begun to map it since: enter the guest and see */
		if (status == ARMVIRT_RETRY || status == ARMVIRT_E_EXISTS)
			finding->lookup = ARMVIRT_RETRY;
	}
}

/* What the access needs. A descriptor that is fetched is read; its update is a write. */
static armvirt_s2_attr_t needed(const struct armvirt_exit *exit)
{
	const struct armvirt_abort *a = &exit->u.abort;
	bool permission = a->fault == ARMVIRT_FAULT_PERMISSION;

	if (a->flags & ARMVIRT_ABORT_S1PTW)
		return permission ? ARMVIRT_S2_R | ARMVIRT_S2_W : ARMVIRT_S2_R;
	if (exit->kind == ARMVIRT_EXIT_IABT)
		return exit->el == 0 ? ARMVIRT_S2_X_EL0 : ARMVIRT_S2_X_EL1;
	/* Maintenance says "write" always, but only invalidation needs the permission. */
	if (a->flags & ARMVIRT_ABORT_CM)
		return permission ? ARMVIRT_S2_R | ARMVIRT_S2_W : ARMVIRT_S2_R;
	return a->flags & ARMVIRT_ABORT_WRITE ? ARMVIRT_S2_W : ARMVIRT_S2_R;
}

static enum armvirt_s2_verdict mapped(const struct armvirt_exit *exit, armvirt_s2_attr_t attr)
{
	armvirt_s2_attr_t missing = needed(exit) & ~attr;

	if (attr & ARMVIRT_S2_OLD)
		return ARMVIRT_VERDICT_ACCESS_FLAG;
	if (!missing)
		return ARMVIRT_VERDICT_RETRY;
	if (missing == ARMVIRT_S2_W && attr & ARMVIRT_S2_TRACKED)
		return ARMVIRT_VERDICT_DIRTY;
	if (exit->u.abort.flags & ARMVIRT_ABORT_S1PTW)
		return ARMVIRT_VERDICT_STAGE1_WALK;
	return ARMVIRT_VERDICT_PERMISSION;
}

static enum armvirt_s2_verdict absent(const struct armvirt_exit *exit, enum armvirt_s2_kind kind)
{
	bool walk = exit->u.abort.flags & ARMVIRT_ABORT_S1PTW;

	switch (kind) {
	case ARMVIRT_S2_KIND_NONE:
		return ARMVIRT_VERDICT_UNMAPPED;
	case ARMVIRT_S2_KIND_PENDING:
		return ARMVIRT_VERDICT_RETRY;
	case ARMVIRT_S2_KIND_TRAP: /* a device serves no walk */
		return walk ? ARMVIRT_VERDICT_STAGE1_WALK : ARMVIRT_VERDICT_DEVICE;
	default:
		return ARMVIRT_VERDICT_ANNOTATED;
	}
}

static enum armvirt_s2_verdict by_tables(const struct armvirt_exit *exit,
					 const struct armvirt_s2_finding *finding)
{
	if (exit->u.abort.ipa_source == ARMVIRT_IPA_TRANSLATE)
		return ARMVIRT_VERDICT_TRANSLATE;
	if (exit->u.abort.ipa_source == ARMVIRT_IPA_NONE)
		return ARMVIRT_VERDICT_NONE;
	switch (finding->lookup) {
	case ARMVIRT_OK:
		return mapped(exit, finding->attr);
	case ARMVIRT_RETRY:
		return ARMVIRT_VERDICT_RETRY;
	case ARMVIRT_E_ABSENT:
		return absent(exit, finding->note.kind);
	case ARMVIRT_E_RANGE:
		return ARMVIRT_VERDICT_OUTSIDE;
	default:
		return ARMVIRT_VERDICT_CORRUPT;
	}
}

enum armvirt_s2_verdict armvirt_s2_fault_classify(const struct armvirt_exit *exit,
						  const struct armvirt_s2_finding *finding)
{
	if (!of_guest(exit))
		return ARMVIRT_VERDICT_NONE;
	switch (exit->u.abort.fault) {
	case ARMVIRT_FAULT_ADDRESS_SIZE:
		return ARMVIRT_VERDICT_OUTSIDE;
	case ARMVIRT_FAULT_TRANSLATION:
	case ARMVIRT_FAULT_ACCESS_FLAG:
	case ARMVIRT_FAULT_PERMISSION:
		return by_tables(exit, finding);
	case ARMVIRT_FAULT_EXTERNAL:
	case ARMVIRT_FAULT_EXTERNAL_WALK:
	case ARMVIRT_FAULT_PARITY:
	case ARMVIRT_FAULT_PARITY_WALK:
		return ARMVIRT_VERDICT_EXTERNAL;
	case ARMVIRT_FAULT_TLB_CONFLICT:
		return ARMVIRT_VERDICT_TLB_CONFLICT;
	case ARMVIRT_FAULT_GPF:
	case ARMVIRT_FAULT_GPF_WALK:
		return ARMVIRT_VERDICT_GRANULE;
	case ARMVIRT_FAULT_ALIGNMENT:
	case ARMVIRT_FAULT_TAG_CHECK:
	case ARMVIRT_FAULT_HW_UPDATE:
	case ARMVIRT_FAULT_LOCKDOWN:
	case ARMVIRT_FAULT_EXCLUSIVE:
		return ARMVIRT_VERDICT_UNSUPPORTED;
	default:
		return ARMVIRT_VERDICT_NONE;
	}
}

const char *armvirt_s2_verdict_name(enum armvirt_s2_verdict verdict)
{
	/* Text stands in the entry itself: a pointer would be an absolute relocation. */
	static const char names[ARMVIRT_VERDICT_COUNT][24] = {
		[ARMVIRT_VERDICT_RETRY] = "retry",
		[ARMVIRT_VERDICT_TRANSLATE] = "translate first",
		[ARMVIRT_VERDICT_UNMAPPED] = "unmapped",
		[ARMVIRT_VERDICT_DEVICE] = "device",
		[ARMVIRT_VERDICT_ANNOTATED] = "annotated",
		[ARMVIRT_VERDICT_ACCESS_FLAG] = "access flag",
		[ARMVIRT_VERDICT_DIRTY] = "tracked write",
		[ARMVIRT_VERDICT_PERMISSION] = "permission",
		[ARMVIRT_VERDICT_STAGE1_WALK] = "stage-1 walk",
		[ARMVIRT_VERDICT_OUTSIDE] = "outside",
		[ARMVIRT_VERDICT_TLB_CONFLICT] = "TLB conflict",
		[ARMVIRT_VERDICT_EXTERNAL] = "external",
		[ARMVIRT_VERDICT_UNSUPPORTED] = "unsupported access",
		[ARMVIRT_VERDICT_CORRUPT] = "corrupt table",
		[ARMVIRT_VERDICT_GRANULE] = "granule protection",
		[ARMVIRT_VERDICT_NONE] = "none",
	};

	return names[(unsigned)verdict < ARMVIRT_VERDICT_COUNT ? (unsigned)verdict
							       : (unsigned)ARMVIRT_VERDICT_NONE];
}
