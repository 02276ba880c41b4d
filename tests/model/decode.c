/* SPDX-License-Identifier: BSD-2-Clause */
#include "decode.h"

#include <string.h>

static inline unsigned field(uint64_t v, unsigned msb, unsigned lsb)
{
	return (unsigned)(v >> lsb & ((UINT64_C(2) << (msb - lsb)) - 1));
}

static inline bool bit(uint64_t v, unsigned n)
{
	return v >> n & 1;
}

enum model_layout model_layout(unsigned ec)
{
	switch (ec) {
	case 0x00: /* UNKNOWN */
	case 0x09: /* PAUTH_TRAP */
	case 0x0e: /* ILLEGAL_STATE */
	case 0x19: /* SVE */
	case 0x1f: /* IMPDEF_EL3 */
	case 0x22: /* PC_ALIGN */
	case 0x26: /* SP_ALIGN */
		return MODEL_NONE;
	case 0x01:
		return MODEL_WFX;
	case 0x03:
	case 0x05:
	case 0x08:
		return MODEL_MCR;
	case 0x04:
	case 0x0c:
		return MODEL_MCRR;
	case 0x06:
		return MODEL_LDC;
	case 0x07:
		return MODEL_FP;
	case 0x0a:
		return MODEL_OTHER;
	case 0x0d:
		return MODEL_BTI;
	case 0x11:
	case 0x12:
	case 0x15:
	case 0x16:
		return MODEL_SVC_HVC;
	case 0x13:
		return MODEL_SMC32;
	case 0x17:
		return MODEL_SMC64;
	case 0x14:
		return MODEL_MSRR;
	case 0x18:
		return MODEL_MSR;
	case 0x1a:
		return MODEL_ERET;
	case 0x1b:
		return MODEL_TSTART;
	case 0x1c:
		return MODEL_PACFAIL;
	case 0x1d:
		return MODEL_SME;
	case 0x1e:
		return MODEL_GPC;
	case 0x20:
	case 0x21:
		return MODEL_IABT;
	case 0x24:
	case 0x25:
		return MODEL_DABT;
	case 0x27:
		return MODEL_MOPS;
	case 0x28:
	case 0x2c:
		return MODEL_FPEXC;
	case 0x2d:
		return MODEL_GCS;
	case 0x2f:
		return MODEL_SERROR;
	case 0x30:
	case 0x31:
	case 0x3a:
		return MODEL_BREAKPOINT;
	case 0x32:
	case 0x33:
		return MODEL_STEP;
	case 0x34:
	case 0x35:
		return MODEL_WATCHPOINT;
	case 0x38:
	case 0x3c:
		return MODEL_BRK;
	case 0x3d:
		return MODEL_PROFILING;
	default:
		return MODEL_RESERVED;
	}
}

enum model_fault model_fault(unsigned fsc, int *level)
{
	*level = -128;
	if (fsc < 0x10) { /* four classes of levels 0 to 3 */
		*level = (int)(fsc & 3);
		if (fsc < 4)
			return MODEL_F_ADDRESS_SIZE;
		if (fsc < 8)
			return MODEL_F_TRANSLATION;
		return fsc < 12 ? MODEL_F_ACCESS_FLAG : MODEL_F_PERMISSION;
	}
	if (fsc == 0x10)
		return MODEL_F_EXTERNAL;
	if (fsc == 0x11)
		return MODEL_F_TAG_CHECK;
	if (fsc >= 0x12 && fsc <= 0x17) { /* level 0 at 0x14 */
		*level = (int)fsc - 0x14;
		return MODEL_F_EXTERNAL_WALK;
	}
	if (fsc == 0x18)
		return MODEL_F_PARITY;
	if (fsc >= 0x1a && fsc <= 0x1f) {
		*level = (int)fsc - 0x1c;
		return MODEL_F_PARITY_WALK;
	}
	if (fsc == 0x21)
		return MODEL_F_ALIGNMENT;
	if (fsc >= 0x22 && fsc <= 0x27) {
		*level = (int)fsc - 0x24;
		return MODEL_F_GPF_WALK;
	}
	if (fsc == 0x28)
		return MODEL_F_GPF;
	if (fsc == 0x29 || fsc == 0x2c) {
		*level = fsc == 0x29 ? -1 : -2;
		return MODEL_F_ADDRESS_SIZE;
	}
	if (fsc == 0x2a || fsc == 0x2b) {
		*level = fsc == 0x2b ? -1 : -2;
		return MODEL_F_TRANSLATION;
	}
	if (fsc == 0x30)
		return MODEL_F_TLB_CONFLICT;
	if (fsc == 0x31)
		return MODEL_F_HW_UPDATE;
	if (fsc == 0x34)
		return MODEL_F_LOCKDOWN;
	return fsc == 0x35 ? MODEL_F_EXCLUSIVE : MODEL_F_RESERVED;
}

static bool walk_or_memory_error(enum model_fault f)
{
	return f == MODEL_F_EXTERNAL || f == MODEL_F_EXTERNAL_WALK || f == MODEL_F_PARITY ||
	       f == MODEL_F_PARITY_WALK;
}

/* IPAValid(): what the pseudocode reports, for an abort of stage 2. */
static void find_ipa(struct model_abort *m, uint64_t far, uint64_t hpfar)
{
	uint64_t page = (uint64_t)((hpfar >> 4) & ((UINT64_C(1) << 44) - 1)) * 4096;
	bool three = m->fault == MODEL_F_ACCESS_FLAG || m->fault == MODEL_F_TRANSLATION ||
		     m->fault == MODEL_F_ADDRESS_SIZE;
	bool gpf = m->fault == MODEL_F_GPF || m->fault == MODEL_F_GPF_WALK;

	if (m->s1ptw && (three || gpf || m->fault == MODEL_F_PERMISSION)) {
		m->ipa_from = MODEL_IPA_HPFAR_PAGE;
		m->ipa = page;
	} else if (!m->s1ptw && three) {
		m->ipa_from = MODEL_IPA_HPFAR;
		m->ipa = page + far % 4096;
	} else if (!m->s1ptw && (m->fault == MODEL_F_PERMISSION || m->fault == MODEL_F_HW_UPDATE)) {
		m->ipa_from = MODEL_IPA_ASK_STAGE1;
	}
}

static void data_side(struct model_abort *m, uint64_t esr)
{
	bool lst = field(esr, 12, 11) != 0 &&
		   (m->fault == MODEL_F_TRANSLATION || m->fault == MODEL_F_ACCESS_FLAG ||
		    m->fault == MODEL_F_PERMISSION);

	m->vncr = bit(esr, 13);
	m->cm = bit(esr, 8);
	/* UNKNOWN where the access itself is not supported */
	m->wnr = bit(esr, 6) && m->fault != MODEL_F_HW_UPDATE && m->fault != MODEL_F_EXCLUSIVE;
	m->gcs = bit(esr, 32 + 8);
	if (bit(esr, 24)) {
		if (m->s1ptw || m->vncr || m->gcs) /* no access of a register: ISV cannot be 1 */
			return;
		m->isv = true;
		m->bytes = lst ? 64 : 1u << field(esr, 23, 22);
		m->sse = bit(esr, 21);
		m->srt = field(esr, 20, 16);
		m->sf = bit(esr, 15);
		m->ar = bit(esr, 14);
	} else {
		m->fnp = bit(esr, 15);
	}
}

void model_abort(struct model_abort *m, uint64_t esr, uint64_t far, uint64_t hpfar)
{
	unsigned ec = field(esr, 31, 26);
	bool data = ec == 0x24 || ec == 0x25;

	memset(m, 0, sizeof(*m));
	m->fault = model_fault(field(esr, 5, 0), &m->level);
	m->s1ptw = bit(esr, 7);
	if (data)
		data_side(m, esr);
	else if (m->fault == MODEL_F_TAG_CHECK || m->fault == MODEL_F_ALIGNMENT ||
		 m->fault == MODEL_F_LOCKDOWN || m->fault == MODEL_F_EXCLUSIVE)
		m->fault = MODEL_F_RESERVED; /* codes of data alone */
	if (m->fault == MODEL_F_PERMISSION) {
		m->assured_only = bit(esr, 32 + 7);
		m->overlay = bit(esr, 32 + 6);
		m->dirty = bit(esr, 32 + 5);
		m->tag_access = data && bit(esr, 32 + 9);
		m->tnd = data && bit(esr, 32 + 10);
		m->toplevel = bit(esr, 21) && !(data && bit(esr, 24));
	}
	if (m->fault == MODEL_F_PERMISSION || m->fault == MODEL_F_EXTERNAL_WALK ||
	    m->fault == MODEL_F_GPF_WALK)
		m->hdbss = bit(esr, 32 + 11);
	if (m->fault == MODEL_F_EXTERNAL || m->fault == MODEL_F_EXTERNAL_WALK)
		m->pfv = bit(esr, 14) && !(data && bit(esr, 24));
	if (walk_or_memory_error(m->fault))
		m->ea = bit(esr, 9);
	if (m->fault == MODEL_F_EXTERNAL) {
		m->fnv = bit(esr, 10);
		m->set = 1 + field(esr, 12, 11);
	}
	m->va = m->fnv ? 0 : far;
	if ((ec == 0x20 || ec == 0x24) && !m->vncr)
		find_ipa(m, far, hpfar);
}

static void coprocessor(struct model_fields *m, uint64_t esr)
{
	m->op2 = field(esr, 19, 17);
	m->op1 = field(esr, 16, 14);
	m->crn = field(esr, 13, 10);
	m->rt = field(esr, 9, 5);
	m->crm = field(esr, 4, 1);
	m->read = bit(esr, 0);
	m->rt2 = 31;
}

void model_fields(struct model_fields *m, enum model_layout layout, uint64_t esr)
{
	memset(m, 0, sizeof(*m));
	switch (layout) {
	case MODEL_WFX: /* TI, then whether the register counts, then the register */
		m->a = field(esr, 1, 0);
		m->b = m->a >= 2 && bit(esr, 2);
		m->c = m->b ? field(esr, 9, 5) : 0;
		break;
	case MODEL_MCR:
		coprocessor(m, esr);
		break;
	case MODEL_MCRR:
		m->op1 = field(esr, 19, 16);
		m->rt2 = field(esr, 14, 10);
		m->rt = field(esr, 9, 5);
		m->crm = field(esr, 4, 1);
		m->read = bit(esr, 0);
		break;
	case MODEL_LDC:
		m->a = field(esr, 19, 12);
		m->b = field(esr, 9, 5);
		m->c = field(esr, 4, 4);
		m->d = field(esr, 3, 1);
		m->read = bit(esr, 0);
		break;
	case MODEL_MSR:
		coprocessor(m, esr);
		m->op0 = field(esr, 21, 20);
		break;
	case MODEL_MSRR:
		coprocessor(m, esr);
		m->op0 = field(esr, 21, 20);
		m->rt = 2 * field(esr, 9, 6);
		m->rt2 = m->rt + 1;
		break;
	case MODEL_OTHER:
		m->a = field(esr, 24, 0);
		break;
	case MODEL_BTI:
	case MODEL_PACFAIL:
		m->a = field(esr, 1, 0);
		break;
	case MODEL_SVC_HVC:
	case MODEL_SMC64:
	case MODEL_BRK:
		m->a = field(esr, 15, 0);
		break;
	case MODEL_ERET:
		m->a = bit(esr, 1) ? (bit(esr, 0) ? 2 : 1) : 0;
		break;
	case MODEL_TSTART:
		m->a = field(esr, 9, 5);
		break;
	case MODEL_SME:
		m->a = field(esr, 2, 0);
		break;
	case MODEL_MOPS:
		m->a = field(esr, 14, 10);
		m->b = field(esr, 9, 5);
		m->c = field(esr, 4, 0);
		m->d = field(esr, 24, 0);
		break;
	case MODEL_FPEXC: /* valid, then IDF, IXF, UFF, OFF, DZF, IOF at their places */
		m->a = bit(esr, 23);
		if (m->a)
			m->b = field(esr, 7, 7) << 7 | field(esr, 4, 0);
		break;
	case MODEL_GCS: /* ExType, address register, other register, instruction */
		m->a = field(esr, 23, 20);
		m->b = m->a == 2 ? field(esr, 14, 10) : 0xff;
		m->d = m->a == 0 ? field(esr, 4, 0) : 0;
		m->c = m->a == 2 || (m->a == 0 && m->d != 5 && m->d != 8) ? field(esr, 9, 5) : 0xff;
		break;
	case MODEL_SERROR: /* IDS, AET + 1 when it means something */
		m->a = bit(esr, 24);
		m->b = !m->a && field(esr, 5, 0) == 0x11 ? 1 + field(esr, 12, 10) : 0;
		break;
	case MODEL_STEP:
		m->a = bit(esr, 24);
		m->b = m->a ? bit(esr, 6) : 0;
		break;
	case MODEL_WATCHPOINT: /* number or 0xff, FnP, VNCR, FnV | CM << 1 | WnR << 2 | GCS << 3 */
		m->a = bit(esr, 17) ? field(esr, 23, 18) : 0xff;
		m->b = bit(esr, 15) && !bit(esr, 10);
		m->c = bit(esr, 13);
		m->d = field(esr, 10, 10) | field(esr, 8, 8) << 1 | field(esr, 6, 6) << 2 |
		       field(esr, 40, 40) << 3;
		break;
	case MODEL_GPC: /* GPCSC, VNCR, CM | WnR << 1, S1PTW */
		m->a = field(esr, 19, 14);
		m->b = bit(esr, 13);
		m->c = field(esr, 8, 8) | field(esr, 6, 6) << 1;
		m->d = bit(esr, 7);
		break;
	case MODEL_PROFILING:
		m->a = field(esr, 5, 0);
		break;
	default:
		break;
	}
}

int model_condition(uint64_t esr, bool aarch32)
{
	unsigned ec = field(esr, 31, 26);
	enum model_layout layout = model_layout(ec);

	if (!aarch32)
		return -1;
	if (layout == MODEL_SMC32 && !bit(esr, 19)) /* CCKNOWNPASS */
		return -1;
	if (layout != MODEL_SMC32 && layout != MODEL_WFX && layout != MODEL_MCR &&
	    layout != MODEL_MCRR && layout != MODEL_LDC && layout != MODEL_FP)
		return -1;
	return bit(esr, 24) ? (int)field(esr, 23, 20) : -2;
}
