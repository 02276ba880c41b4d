/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/vcpu_state.h>

#define HCR_VSE (UINT64_C(1) << 8)

static void put(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* Where a register of the table lives in this vCPU: bytes from its start, 0 for nowhere. */
static size_t place_of_register(const struct armvirt_vcpu *vcpu, uint32_t id)
{
	struct armvirt_ctx_place place;

	if (!armvirt_ctx_find_id(id, &place))
		return 0;
	switch (place.set) {
	case ARMVIRT_SET_EL1_BIT:
		return offsetof(struct armvirt_vcpu, el1) + place.offset;
	case ARMVIRT_SET_IMPDEF_BIT:
		return offsetof(struct armvirt_vcpu, impdef) + place.offset;
	case ARMVIRT_SET_RAS_BIT:
		return offsetof(struct armvirt_vcpu, ras) + place.offset;
	case ARMVIRT_SET_FP_BIT:
		return place.offset == ARMVIRT_CTX_FP_FPCR ? offsetof(struct armvirt_vcpu, fp.fpcr)
							   : offsetof(struct armvirt_vcpu, fp.fpsr);
	default:
		return vcpu->sets >> place.set & 1 ? vcpu->set_offset[place.set] + place.offset : 0;
	}
}

/* The same for every number; X0 is at 0, so one more. */
static size_t place_of(const struct armvirt_vcpu *vcpu, uint32_t id)
{
	size_t place;

	if (id >= ARMVIRT_STATE_X && id < ARMVIRT_STATE_X + 31)
		return offsetof(struct armvirt_vcpu, frame.x) + 8 * (id - ARMVIRT_STATE_X) + 1;
	if (id == ARMVIRT_STATE_PC)
		return offsetof(struct armvirt_vcpu, frame.pc) + 1;
	if (id == ARMVIRT_STATE_PSTATE)
		return offsetof(struct armvirt_vcpu, frame.pstate) + 1;
	if (id == ARMVIRT_STATE_PENDING)
		return offsetof(struct armvirt_vcpu, traps.hcr_el2) + 1;
	if (id >= ARMVIRT_STATE_V && id < ARMVIRT_STATE_END)
		return offsetof(struct armvirt_vcpu, fp.v) + 8 * (id - ARMVIRT_STATE_V) + 1;
	if (id == 0 || id > ARMVIRT_REGID_MAX)
		return 0;
	place = place_of_register(vcpu, id);
	return place ? place + 1 : 0;
}

static uint32_t next_id(const struct armvirt_vcpu *vcpu, uint32_t id)
{
	for (id++; id < ARMVIRT_STATE_END; id++) {
		if (id > ARMVIRT_REGID_MAX && id < ARMVIRT_STATE_X)
			id = ARMVIRT_STATE_X;
		if (place_of(vcpu, id))
			return id;
	}
	return 0;
}

size_t armvirt_vcpu_state_bytes(const struct armvirt_vcpu *vcpu)
{
	size_t bytes = ARMVIRT_STATE_HEADER_BYTES;

	for (uint32_t id = next_id(vcpu, 0); id; id = next_id(vcpu, id))
		bytes += ARMVIRT_STATE_RECORD_BYTES;
	return bytes;
}

static uint64_t read_place(const struct armvirt_vcpu *vcpu, uint32_t id)
{
	const void *p = (const char *)vcpu + place_of(vcpu, id) - 1;
	uint64_t v = *(const uint64_t *)p;

	return id == ARMVIRT_STATE_PENDING ? !!(v & HCR_VSE) : v;
}

static void write_place(struct armvirt_vcpu *vcpu, uint32_t id, uint64_t v)
{
	void *p = (char *)vcpu + place_of(vcpu, id) - 1;

	if (id == ARMVIRT_STATE_PENDING)
		v = (vcpu->traps.hcr_el2 & ~HCR_VSE) | (v ? HCR_VSE : 0);
	*(uint64_t *)p = v;
}

enum armvirt_status armvirt_vcpu_state_save(const struct armvirt_vcpu *vcpu, void *buffer,
					    size_t bytes)
{
	size_t need = armvirt_vcpu_state_bytes(vcpu);
	uint8_t *p = buffer;

	if (vcpu->cpu || vcpu->fp_cpu)
		return ARMVIRT_E_STATE;
	if (bytes < need)
		return ARMVIRT_E_SIZE;
	put(p, ARMVIRT_STATE_MAGIC, 8);
	put(p + 8, ARMVIRT_STATE_VERSION, 4);
	put(p + 12, (need - ARMVIRT_STATE_HEADER_BYTES) / ARMVIRT_STATE_RECORD_BYTES, 4);
	put(p + 16, 0, 8);
	put(p + 24, 0, 8);
	p += ARMVIRT_STATE_HEADER_BYTES;
	for (uint32_t id = next_id(vcpu, 0); id; id = next_id(vcpu, id)) {
		put(p, id, 8);
		put(p + 8, read_place(vcpu, id), 8);
		p += ARMVIRT_STATE_RECORD_BYTES;
	}
	return ARMVIRT_OK;
}

static enum armvirt_status header_check(const uint8_t *p, size_t bytes)
{
	if (bytes < ARMVIRT_STATE_HEADER_BYTES)
		return ARMVIRT_E_SIZE;
	if (get(p, 8) != ARMVIRT_STATE_MAGIC || get(p + 8, 4) == 0)
		return ARMVIRT_E_CORRUPT;
	if (get(p + 8, 4) > ARMVIRT_STATE_VERSION)
		return ARMVIRT_E_UNSUPPORTED;
	if (get(p + 16, 8) || get(p + 24, 8))
		return ARMVIRT_E_CORRUPT;
	if ((bytes - ARMVIRT_STATE_HEADER_BYTES) / ARMVIRT_STATE_RECORD_BYTES != get(p + 12, 4) ||
	    bytes % ARMVIRT_STATE_RECORD_BYTES)
		return ARMVIRT_E_SIZE;
	return ARMVIRT_OK;
}

static enum armvirt_status record_check(const struct armvirt_vcpu *vcpu, const uint8_t *p)
{
	uint32_t id = (uint32_t)get(p, 4);
	uint64_t v = get(p + 8, 8);

	if (get(p + 4, 4))
		return ARMVIRT_E_CORRUPT;
	if (!place_of(vcpu, id))
		return ARMVIRT_E_UNSUPPORTED;
	if (id == ARMVIRT_STATE_PENDING && v > 1)
		return ARMVIRT_E_CORRUPT;
	if (id == ARMVIRT_STATE_PSTATE && !(vcpu->modes >> (v & 31) & 1))
		return ARMVIRT_E_CORRUPT;
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_vcpu_state_restore(struct armvirt_vcpu *vcpu, const void *buffer,
					       size_t bytes)
{
	const uint8_t *first = (const uint8_t *)buffer + ARMVIRT_STATE_HEADER_BYTES;
	const uint8_t *end = (const uint8_t *)buffer + bytes;
	enum armvirt_status s = header_check(buffer, bytes);
	unsigned vital = 0;
	uint32_t last = 0;

	if (s != ARMVIRT_OK)
		return s;
	if (vcpu->cpu || vcpu->fp_cpu)
		return ARMVIRT_E_STATE;
	for (const uint8_t *p = first; p < end; p += ARMVIRT_STATE_RECORD_BYTES) {
		uint32_t id = (uint32_t)get(p, 4);

		s = record_check(vcpu, p);
		if (s != ARMVIRT_OK)
			return s;
		if (id <= last)
			return ARMVIRT_E_ORDER;
		last = id;
		vital += id == ARMVIRT_STATE_PC || id == ARMVIRT_STATE_PSTATE;
	}
	if (vital != 2)
		return ARMVIRT_E_CORRUPT;
	for (const uint8_t *p = first; p < end; p += ARMVIRT_STATE_RECORD_BYTES)
		write_place(vcpu, (uint32_t)get(p, 4), get(p + 8, 8));
	return ARMVIRT_OK;
}
