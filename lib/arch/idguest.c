/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/idregs.h>
#include <libarmvirt/regs.h>

/* op0 = 3, op1 = 0, CRn = 0, by CRm and op2: index of the register, plus one. */
static const uint8_t id_space[64] = {
	[0 * 8 + 0] = ARMVIRT_IDREG_MIDR_EL1 + 1,
	[0 * 8 + 5] = ARMVIRT_IDREG_MPIDR_EL1 + 1,
	[0 * 8 + 6] = ARMVIRT_IDREG_REVIDR_EL1 + 1,
	[1 * 8 + 0] = ARMVIRT_IDREG_ID_PFR0_EL1 + 1,
	[1 * 8 + 1] = ARMVIRT_IDREG_ID_PFR1_EL1 + 1,
	[1 * 8 + 2] = ARMVIRT_IDREG_ID_DFR0_EL1 + 1,
	[1 * 8 + 3] = ARMVIRT_IDREG_ID_AFR0_EL1 + 1,
	[1 * 8 + 4] = ARMVIRT_IDREG_ID_MMFR0_EL1 + 1,
	[1 * 8 + 5] = ARMVIRT_IDREG_ID_MMFR1_EL1 + 1,
	[1 * 8 + 6] = ARMVIRT_IDREG_ID_MMFR2_EL1 + 1,
	[1 * 8 + 7] = ARMVIRT_IDREG_ID_MMFR3_EL1 + 1,
	[2 * 8 + 0] = ARMVIRT_IDREG_ID_ISAR0_EL1 + 1,
	[2 * 8 + 1] = ARMVIRT_IDREG_ID_ISAR1_EL1 + 1,
	[2 * 8 + 2] = ARMVIRT_IDREG_ID_ISAR2_EL1 + 1,
	[2 * 8 + 3] = ARMVIRT_IDREG_ID_ISAR3_EL1 + 1,
	[2 * 8 + 4] = ARMVIRT_IDREG_ID_ISAR4_EL1 + 1,
	[2 * 8 + 5] = ARMVIRT_IDREG_ID_ISAR5_EL1 + 1,
	[2 * 8 + 6] = ARMVIRT_IDREG_ID_MMFR4_EL1 + 1,
	[2 * 8 + 7] = ARMVIRT_IDREG_ID_ISAR6_EL1 + 1,
	[3 * 8 + 0] = ARMVIRT_IDREG_MVFR0_EL1 + 1,
	[3 * 8 + 1] = ARMVIRT_IDREG_MVFR1_EL1 + 1,
	[3 * 8 + 2] = ARMVIRT_IDREG_MVFR2_EL1 + 1,
	[3 * 8 + 4] = ARMVIRT_IDREG_ID_PFR2_EL1 + 1,
	[3 * 8 + 5] = ARMVIRT_IDREG_ID_DFR1_EL1 + 1,
	[3 * 8 + 6] = ARMVIRT_IDREG_ID_MMFR5_EL1 + 1,
	[4 * 8 + 0] = ARMVIRT_IDREG_ID_AA64PFR0_EL1 + 1,
	[4 * 8 + 1] = ARMVIRT_IDREG_ID_AA64PFR1_EL1 + 1,
	[4 * 8 + 2] = ARMVIRT_IDREG_ID_AA64PFR2_EL1 + 1,
	[4 * 8 + 4] = ARMVIRT_IDREG_ID_AA64ZFR0_EL1 + 1,
	[4 * 8 + 5] = ARMVIRT_IDREG_ID_AA64SMFR0_EL1 + 1,
	[4 * 8 + 7] = ARMVIRT_IDREG_ID_AA64FPFR0_EL1 + 1,
	[5 * 8 + 0] = ARMVIRT_IDREG_ID_AA64DFR0_EL1 + 1,
	[5 * 8 + 1] = ARMVIRT_IDREG_ID_AA64DFR1_EL1 + 1,
	[5 * 8 + 2] = ARMVIRT_IDREG_ID_AA64DFR2_EL1 + 1,
	[5 * 8 + 4] = ARMVIRT_IDREG_ID_AA64AFR0_EL1 + 1,
	[5 * 8 + 5] = ARMVIRT_IDREG_ID_AA64AFR1_EL1 + 1,
	[6 * 8 + 0] = ARMVIRT_IDREG_ID_AA64ISAR0_EL1 + 1,
	[6 * 8 + 1] = ARMVIRT_IDREG_ID_AA64ISAR1_EL1 + 1,
	[6 * 8 + 2] = ARMVIRT_IDREG_ID_AA64ISAR2_EL1 + 1,
	[6 * 8 + 3] = ARMVIRT_IDREG_ID_AA64ISAR3_EL1 + 1,
	[7 * 8 + 0] = ARMVIRT_IDREG_ID_AA64MMFR0_EL1 + 1,
	[7 * 8 + 1] = ARMVIRT_IDREG_ID_AA64MMFR1_EL1 + 1,
	[7 * 8 + 2] = ARMVIRT_IDREG_ID_AA64MMFR2_EL1 + 1,
	[7 * 8 + 3] = ARMVIRT_IDREG_ID_AA64MMFR3_EL1 + 1,
	[7 * 8 + 4] = ARMVIRT_IDREG_ID_AA64MMFR4_EL1 + 1,
};

#define KEY_ID_SPACE        0xc000u /* op0 = 3, op1 = 0, CRn = 0, CRm = 0, op2 = 0 */
#define ICC_SRE_ON          (ARMVIRT_ICC_SRE_EL1_SRE | ARMVIRT_ICC_SRE_EL1_DFB | ARMVIRT_ICC_SRE_EL1_DIB)
#define OS_LOCK_IMPLEMENTED 8u    /* OSLM = 2: implemented, and unlocked */
#define CLAIM_TAGS          0xffu /* eight of them; none is ever set */

static unsigned field(const struct armvirt_idregs *g, enum armvirt_idreg reg, unsigned shift)
{
	return (unsigned)(g->reg[reg] >> shift) & 15;
}

/* In the row of CRm = 0 only what is allocated exists; the other rows read as zero elsewhere. */
static enum armvirt_status read_id_space(const struct armvirt_idregs *g, unsigned at,
					 uint64_t *value)
{
	if (id_space[at] == 0 && at < 8)
		return ARMVIRT_E_DENIED;
	*value = id_space[at] ? g->reg[id_space[at] - 1] : 0;
	return ARMVIRT_OK;
}

/* One set, one way, lines as long as CTR_EL0 says: what CLIDR_EL1 of a guest promises. */
static uint64_t fictitious_ccsidr(const struct armvirt_idregs *g)
{
	unsigned words = field(g, ARMVIRT_IDREG_CTR_EL0, ARMVIRT_CTR_EL0_DMINLINE_SHIFT);

	return words > 2 ? words - 2 : 0; /* log2 of bytes, less 4 */
}

/* Breakpoints and watchpoints: those that ID_AA64DFR0_EL1 counts. */
static bool debug_pair_exists(const struct armvirt_idregs *g, uint32_t key)
{
	unsigned n = key >> 3 & 15, op2 = key & 7;
	unsigned shift =
		op2 < 6 ? ARMVIRT_ID_AA64DFR0_EL1_BRPS_SHIFT : ARMVIRT_ID_AA64DFR0_EL1_WRPS_SHIFT;

	return op2 >= 4 && n <= field(g, ARMVIRT_IDREG_ID_AA64DFR0_EL1, shift);
}

/* Debug has no feature bit that says "none": what is not switched does nothing. */
static enum armvirt_status read_debug(const struct armvirt_idregs *g, uint32_t key, uint64_t *value)
{
	switch (key) {
	case ARMVIRT_SYSREG_OSLSR_EL1:
		*value = OS_LOCK_IMPLEMENTED;
		return ARMVIRT_OK;
	case ARMVIRT_SYSREG_DBGCLAIMSET_EL1:
		*value = CLAIM_TAGS;
		return ARMVIRT_OK;
	case ARMVIRT_SYSREG_MDSCR_EL1:
	case ARMVIRT_SYSREG_MDCCINT_EL1:
	case ARMVIRT_SYSREG_MDRAR_EL1:
	case ARMVIRT_SYSREG_OSDTRRX_EL1:
	case ARMVIRT_SYSREG_OSDTRTX_EL1:
	case ARMVIRT_SYSREG_OSECCR_EL1:
	case ARMVIRT_SYSREG_OSDLR_EL1:
	case ARMVIRT_SYSREG_DBGPRCR_EL1:
	case ARMVIRT_SYSREG_DBGCLAIMCLR_EL1:
	case ARMVIRT_SYSREG_DBGAUTHSTATUS_EL1:
	case ARMVIRT_SYSREG_MDCCSR_EL0:
	case ARMVIRT_SYSREG_DBGDTR_EL0:
	case ARMVIRT_SYSREG_DBGDTRRX_EL0:
		break;
	default:
		if (key >> 7 != ARMVIRT_SYSREG_DBGBVR0_EL1 >> 7 || !debug_pair_exists(g, key))
			return ARMVIRT_E_DENIED;
		break;
	}
	*value = 0;
	return ARMVIRT_OK;
}

/* Error records of FEAT_RAS, which is all that is shown: ERRIDR_EL1.NUM = 0, none to select. */
static bool is_error_record(uint32_t key)
{
	switch (key) {
	case ARMVIRT_SYSREG_ERRIDR_EL1:
	case ARMVIRT_SYSREG_ERRSELR_EL1:
	case ARMVIRT_SYSREG_ERXFR_EL1:
	case ARMVIRT_SYSREG_ERXCTLR_EL1:
	case ARMVIRT_SYSREG_ERXSTATUS_EL1:
	case ARMVIRT_SYSREG_ERXADDR_EL1:
	case ARMVIRT_SYSREG_ERXMISC0_EL1:
	case ARMVIRT_SYSREG_ERXMISC1_EL1:
		return true;
	default:
		return false;
	}
}

static enum armvirt_status read_error_record(const struct armvirt_idregs *g, uint64_t *value)
{
	if (field(g, ARMVIRT_IDREG_ID_AA64PFR0_EL1, ARMVIRT_ID_AA64PFR0_EL1_RAS_SHIFT) == 0)
		return ARMVIRT_E_DENIED;
	*value = 0;
	return ARMVIRT_OK;
}

static enum armvirt_status give(uint64_t *value, uint64_t result)
{
	*value = result;
	return ARMVIRT_OK;
}

static enum armvirt_status read_other(const struct armvirt_idregs *g, uint32_t key, uint64_t *value)
{
	const uint64_t *r = g->reg;
	unsigned gic = field(g, ARMVIRT_IDREG_ID_AA64PFR0_EL1, ARMVIRT_ID_AA64PFR0_EL1_GIC_SHIFT);
	unsigned mte = field(g, ARMVIRT_IDREG_ID_AA64PFR1_EL1, ARMVIRT_ID_AA64PFR1_EL1_MTE_SHIFT);

	switch (key) {
	case ARMVIRT_SYSREG_ACTLR_EL1:
	case ARMVIRT_SYSREG_CSSELR_EL1:
		return give(value, 0);
	case ARMVIRT_SYSREG_CCSIDR_EL1:
		return give(value, fictitious_ccsidr(g));
	case ARMVIRT_SYSREG_CLIDR_EL1:
		return give(value, r[ARMVIRT_IDREG_CLIDR_EL1]);
	case ARMVIRT_SYSREG_AIDR_EL1:
		return give(value, r[ARMVIRT_IDREG_AIDR_EL1]);
	case ARMVIRT_SYSREG_CTR_EL0:
		return give(value, r[ARMVIRT_IDREG_CTR_EL0]);
	case ARMVIRT_SYSREG_DCZID_EL0:
		return give(value, r[ARMVIRT_IDREG_DCZID_EL0]);
	case ARMVIRT_SYSREG_GMID_EL1:
		return mte >= 2 ? give(value, r[ARMVIRT_IDREG_GMID_EL1]) : ARMVIRT_E_DENIED;
	case ARMVIRT_SYSREG_ICC_SRE_EL1:
		return gic ? give(value, ICC_SRE_ON) : ARMVIRT_E_DENIED;
	default:
		return ARMVIRT_E_DENIED;
	}
}

enum armvirt_status armvirt_idregs_guest_read(const struct armvirt_idregs *guest, uint32_t key,
					      uint64_t *value)
{
	if (key - KEY_ID_SPACE < 64)
		return read_id_space(guest, key - KEY_ID_SPACE, value);
	if (key >> 14 == 2)
		return read_debug(guest, key, value);
	if (is_error_record(key))
		return read_error_record(guest, value);
	return read_other(guest, key, value);
}

enum armvirt_status armvirt_idregs_guest_write(const struct armvirt_idregs *guest, uint32_t key)
{
	uint64_t value = 0;

	switch (key) { /* read-only, or not trapped for its value: a write is UNDEFINED */
	case ARMVIRT_SYSREG_CCSIDR_EL1:
	case ARMVIRT_SYSREG_CLIDR_EL1:
	case ARMVIRT_SYSREG_AIDR_EL1:
	case ARMVIRT_SYSREG_GMID_EL1:
	case ARMVIRT_SYSREG_CTR_EL0:
	case ARMVIRT_SYSREG_DCZID_EL0:
	case ARMVIRT_SYSREG_ERRIDR_EL1:
	case ARMVIRT_SYSREG_ERXFR_EL1:
	case ARMVIRT_SYSREG_MDRAR_EL1:
	case ARMVIRT_SYSREG_OSLSR_EL1:
	case ARMVIRT_SYSREG_DBGAUTHSTATUS_EL1:
	case ARMVIRT_SYSREG_MDCCSR_EL0:
		return ARMVIRT_E_DENIED;
	case ARMVIRT_SYSREG_OSLAR_EL1: /* write-only */
		return ARMVIRT_OK;
	default:
		break;
	}
	if (key - KEY_ID_SPACE < 64)
		return ARMVIRT_E_DENIED;
	return armvirt_idregs_guest_read(guest, key, &value);
}
