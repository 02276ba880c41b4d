/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg_guest.h>

#define SPACE(key)       ((key)&UINT32_C(0xf0000))
#define CP15(a, b, c, d) (ARMVIRT_SYSREG_CP15 | ARMVIRT_SYSREG_CP_KEY(a, b, c, d))
#define VMRS(reg)        (ARMVIRT_SYSREG_CP10 | ARMVIRT_SYSREG_CP_KEY(7, reg, 0, 0))

/* FPSID: hardware, by the implementer of MIDR_EL1, of the last subarchitecture there was. */
#define FPSID_IMPLEMENTER  UINT64_C(0xff000000)
#define FPSID_SUBARCH_NULL UINT64_C(0x00030000)

/* The AArch64 register with the same content, 0 if there is none. */
static uint32_t same_in_a64(uint32_t key)
{
	switch (key) {
	case CP15(0, 0, 0, 1):
		return ARMVIRT_SYSREG_CTR_EL0;
	case CP15(0, 0, 0, 6):
		return ARMVIRT_SYSREG_REVIDR_EL1;
	case CP15(1, 0, 0, 0):
		return ARMVIRT_SYSREG_CCSIDR_EL1;
	case CP15(1, 0, 0, 1):
		return ARMVIRT_SYSREG_CLIDR_EL1;
	case CP15(1, 0, 0, 7):
		return ARMVIRT_SYSREG_AIDR_EL1;
	case CP15(2, 0, 0, 0):
		return ARMVIRT_SYSREG_CSSELR_EL1;
	case CP15(0, 1, 0, 1):
		return ARMVIRT_SYSREG_ACTLR_EL1;
	case VMRS(5):
		return ARMVIRT_SYSREG_MVFR2_EL1;
	case VMRS(6):
		return ARMVIRT_SYSREG_MVFR1_EL1;
	case VMRS(7):
		return ARMVIRT_SYSREG_MVFR0_EL1;
	case CP15(0, 0, 3, 4):
		return ARMVIRT_SYSREG_ID_PFR2_EL1;
	case CP15(0, 0, 3, 5):
		return ARMVIRT_SYSREG_ID_DFR1_EL1;
	case CP15(0, 0, 3, 6):
		return ARMVIRT_SYSREG_ID_MMFR5_EL1;
	default: /* c0, c1 and c0, c2: the names that AArch64 has at the same place */
		if ((key & ~UINT32_C(7)) == CP15(0, 0, 1, 0) ||
		    (key & ~UINT32_C(7)) == CP15(0, 0, 2, 0))
			return ARMVIRT_SYSREG_KEY(3, 0, 0, key >> 3 & 15, key & 7);
		return 0;
	}
}

/* What AArch32 alone has. */
static enum armvirt_status only_in_a32(const struct armvirt_idregs *id, uint32_t key, bool read,
				       uint64_t *value)
{
	uint64_t mmfr4 = id->reg[ARMVIRT_IDREG_ID_MMFR4_EL1];

	if (key == CP15(0, 1, 0, 3) && ARMVIRT_FIELD_GET(mmfr4, ARMVIRT_ID_MMFR4_EL1_AC2) == 0)
		return ARMVIRT_E_DENIED; /* no ACTLR2 */
	if (!read)
		return ARMVIRT_OK;
	*value = 0;
	if (key == VMRS(0))
		*value = (id->reg[ARMVIRT_IDREG_MIDR_EL1] & FPSID_IMPLEMENTER) | FPSID_SUBARCH_NULL;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_sysreg_idreg(void *context, const struct armvirt_sysreg_entry *entry,
					 const struct armvirt_sysreg_access *access,
					 uint64_t *value)
{
	const struct armvirt_idregs *id =
		*(const struct armvirt_idregs *const *)((uintptr_t)context + (uintptr_t)entry->arg);
	uint32_t key = access->key;

	if (SPACE(key) != ARMVIRT_SYSREG_A64) {
		key = same_in_a64(key);
		if (key == 0)
			return only_in_a32(id, access->key, access->read, value);
	}
	return access->read ? armvirt_idregs_guest_read(id, key, value)
			    : armvirt_idregs_guest_write(id, key);
}
