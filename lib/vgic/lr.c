/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers in both formats, and the shape of a virtual CPU interface. */
#include "irq.h"

#define LR_NMI       (UINT64_C(1) << 59)
#define GICH_HW      (UINT32_C(1) << 31)
#define GICH_GROUP1  (UINT32_C(1) << 30)
#define GICH_EOI     (UINT32_C(1) << 19)
#define GICH_SRC(lr) ((lr) >> 10 & 7)
#define LPI_FIRST    8192

enum armvirt_status armvirt_vgic_caps_from_vtr(struct armvirt_vgic_caps *caps, uint64_t vtr,
					       bool nmi)
{
	struct armvirt_vgic_caps c = {
		.lr_count = (uint8_t)((vtr & 31) + 1),
		.pri_bits = (uint8_t)((vtr >> 29 & 7) + 1),
		.pre_bits = (uint8_t)((vtr >> 26 & 7) + 1),
		.id_bits = (vtr >> 23 & 7) == 1 ? 24 : 16,
	};

	if (c.lr_count > ARMVIRT_VGIC_LR_MAX || c.pri_bits < 5 || c.pre_bits < 5 ||
	    c.pre_bits > 7 || c.pre_bits > c.pri_bits || (vtr >> 23 & 7) > 1)
		return ARMVIRT_E_HARDWARE;
	c.flags = (vtr >> 19 & 1 ? ARMVIRT_VGIC_CAP_TDIR : 0) |
		  (vtr >> 21 & 1 ? ARMVIRT_VGIC_CAP_A3V : 0) |
		  (vtr >> 22 & 1 ? ARMVIRT_VGIC_CAP_SEIS : 0) | (nmi ? ARMVIRT_VGIC_CAP_NMI : 0);
	*caps = c;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_caps_from_gich_vtr(struct armvirt_vgic_caps *caps, uint32_t vtr)
{
	uint32_t lr_count = (vtr & 63) + 1;

	if ((vtr >> 29) != 4 || (vtr >> 26 & 7) != 4)
		return ARMVIRT_E_HARDWARE;
	*caps = (struct armvirt_vgic_caps){
		.lr_count = (uint8_t)(lr_count < 16 ? lr_count : 16),
		.pri_bits = 5,
		.pre_bits = 5,
		.id_bits = 10,
		.flags = ARMVIRT_VGIC_CAP_V2,
	};
	return ARMVIRT_OK;
}

/* What both formats refuse. */
static enum armvirt_status check(const struct armvirt_vgic_lr *lr)
{
	if (lr->vintid >= 1020 && lr->vintid < LPI_FIRST)
		return ARMVIRT_E_RANGE;
	if (lr->hw && (lr->pintid < 16 || lr->pintid >= 1020))
		return ARMVIRT_E_RANGE;
	if (lr->state > ARMVIRT_VGIC_LR_PENDING_ACTIVE || (lr->hw && lr->eoi))
		return ARMVIRT_E_ATTR;
	if (lr->hw && lr->state == ARMVIRT_VGIC_LR_PENDING_ACTIVE)
		return ARMVIRT_E_ATTR;
	if (lr->hw && (lr->vintid < 16 || lr->vintid >= LPI_FIRST))
		return ARMVIRT_E_ATTR;
	if (!lr->hw && lr->pintid)
		return ARMVIRT_E_ATTR;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vgic_lr_encode(uint64_t *out, const struct armvirt_vgic_lr *lr,
					   const struct armvirt_vgic_caps *caps)
{
	enum armvirt_status s = check(lr);

	if (s != ARMVIRT_OK)
		return s;
	if (lr->vintid >> caps->id_bits)
		return ARMVIRT_E_RANGE;
	if (lr->nmi && (!(caps->flags & ARMVIRT_VGIC_CAP_NMI) || !lr->group1))
		return ARMVIRT_E_ATTR;
	if (lr->source || lr->prio & (0xff >> caps->pri_bits))
		return ARMVIRT_E_ATTR;
	*out = (uint64_t)lr->state << LR_STATE_SHIFT | (lr->hw ? LR_HW : 0) |
	       (lr->group1 ? LR_GROUP1 : 0) | (lr->nmi ? LR_NMI : 0) |
	       (uint64_t)lr->prio << LR_PRIO_SHIFT | (uint64_t)lr->pintid << LR_PID_SHIFT |
	       (lr->eoi ? LR_EOI : 0) | lr->vintid;
	return ARMVIRT_OK;
}

void armvirt_vgic_lr_decode(struct armvirt_vgic_lr *out, uint64_t lr,
			    const struct armvirt_vgic_caps *caps)
{
	bool hw = lr & LR_HW;

	*out = (struct armvirt_vgic_lr){
		.vintid = (uint32_t)lr & ((UINT32_C(1) << caps->id_bits) - 1),
		.pintid = hw ? (uint16_t)(lr >> LR_PID_SHIFT & 0x1fff) : 0,
		.prio = (uint8_t)(lr >> LR_PRIO_SHIFT & (0xff00 >> caps->pri_bits) & 0xff),
		.state = (uint8_t)(lr >> LR_STATE_SHIFT),
		.group1 = lr & LR_GROUP1,
		.hw = hw,
		.eoi = !hw && (lr & LR_EOI),
		.nmi = (lr & LR_NMI) && (caps->flags & ARMVIRT_VGIC_CAP_NMI),
	};
}

enum armvirt_status armvirt_vgic_lr2_encode(uint32_t *out, const struct armvirt_vgic_lr *lr)
{
	enum armvirt_status s = check(lr);

	if (s != ARMVIRT_OK)
		return s;
	if (lr->vintid >= 1020)
		return ARMVIRT_E_RANGE;
	if (lr->nmi || (lr->prio & 7) || lr->source > 7 || (lr->source && lr->vintid >= 16))
		return ARMVIRT_E_ATTR;
	*out = (lr->hw ? GICH_HW | (uint32_t)lr->pintid << 10
		       : (lr->eoi ? GICH_EOI : 0) | (uint32_t)lr->source << 10) |
	       (lr->group1 ? GICH_GROUP1 : 0) | (uint32_t)lr->state << 28 |
	       (uint32_t)(lr->prio >> 3) << 23 | lr->vintid;
	return ARMVIRT_OK;
}

void armvirt_vgic_lr2_decode(struct armvirt_vgic_lr *out, uint32_t lr)
{
	bool hw = lr & GICH_HW;

	*out = (struct armvirt_vgic_lr){
		.vintid = lr & 0x3ff,
		.pintid = hw ? (uint16_t)(lr >> 10 & 0x3ff) : 0,
		.prio = (uint8_t)((lr >> 23 & 31) << 3),
		.state = lr >> 28 & 3,
		.source = hw ? 0 : (uint8_t)GICH_SRC(lr),
		.group1 = lr & GICH_GROUP1,
		.hw = hw,
		.eoi = !hw && (lr & GICH_EOI),
	};
}

uint32_t armvirt_vgic_lr_to_gich(uint64_t lr)
{
	uint32_t hw = (uint32_t)(lr >> 61 & 1), all = 0u - hw;
	uint32_t linked = (uint32_t)(lr >> LR_PID_SHIFT & 0x3ff) << 10;
	uint32_t soft = (uint32_t)(lr >> 41 & 1) << 19 | (uint32_t)(lr & 0x1c00);

	return hw << 31 | (uint32_t)(lr >> 60 & 1) << 30 | (uint32_t)(lr >> 62) << 28 |
	       (uint32_t)(lr >> 51 & 31) << 23 | (linked & all) | (soft & ~all) |
	       (uint32_t)(lr & 0x3ff);
}

uint64_t armvirt_vgic_lr_from_gich(uint32_t lr)
{
	uint64_t hw = lr >> 31, all = 0u - hw;
	uint64_t linked = (uint64_t)(lr >> 10 & 0x3ff) << LR_PID_SHIFT;
	uint64_t soft = (uint64_t)(lr >> 19 & 1) << 41 | (lr & 0x1c00);

	return hw << 61 | (uint64_t)(lr >> 30 & 1) << 60 | (uint64_t)(lr >> 28 & 3) << 62 |
	       (uint64_t)(lr >> 23 & 31) << 51 | (linked & all) | (soft & ~all) | (lr & 0x3ff);
}

enum armvirt_status armvirt_vgic_lr_check(const uint64_t *lr, const struct armvirt_vgic_caps *caps)
{
	for (unsigned i = 0; i < caps->lr_count; i++) {
		struct armvirt_vgic_lr d;
		uint64_t again;

		if (!(lr[i] & LR_STATE))
			continue;
		armvirt_vgic_lr_decode(&d, lr[i], caps);
		if (armvirt_vgic_lr_encode(&again, &d, caps) != ARMVIRT_OK || again != lr[i])
			return ARMVIRT_E_CORRUPT;
		for (unsigned k = 0; k < i; k++)
			if ((lr[k] & LR_STATE) && (uint32_t)lr[k] == (uint32_t)lr[i])
				return ARMVIRT_E_CORRUPT;
	}
	return ARMVIRT_OK;
}
