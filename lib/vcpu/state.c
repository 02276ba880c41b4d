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

/* Looking for a place changes nothing, so that the state of a constant vCPU can be asked for. */
static bool place_of(const struct armvirt_vcpu *vcpu, uint32_t id, struct armvirt_vcpu_place *place)
{
	uintptr_t same = (uintptr_t)vcpu;

	return armvirt_vcpu_find((struct armvirt_vcpu *)same, id, place) == ARMVIRT_OK;
}

static uint32_t next_id(const struct armvirt_vcpu *vcpu, uint32_t id)
{
	struct armvirt_vcpu_place place;

	for (id++; id < ARMVIRT_STATE_END; id++) {
		if (id > ARMVIRT_REGID_MAX && id < ARMVIRT_STATE_X)
			id = ARMVIRT_STATE_X;
		if (id > ARMVIRT_STATE_SVE_VL && id < ARMVIRT_STATE_Z)
			id = ARMVIRT_STATE_Z;
		if (place_of(vcpu, id, &place))
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
	struct armvirt_vcpu_place place;
	uint64_t v;

	if (!place_of(vcpu, id, &place))
		return 0;
	v = get(place.where, place.bytes);
	return id == ARMVIRT_STATE_PENDING ? !!(v & HCR_VSE) : v;
}

static void write_place(struct armvirt_vcpu *vcpu, uint32_t id, uint64_t v)
{
	struct armvirt_vcpu_place place;

	if (!place_of(vcpu, id, &place))
		return;
	if (id == ARMVIRT_STATE_PENDING)
		v = (vcpu->traps.hcr_el2 & ~HCR_VSE) | (v ? HCR_VSE : 0);
	put(place.where, v, place.bytes);
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
	struct armvirt_vcpu_place place;

	if (get(p + 4, 4))
		return ARMVIRT_E_CORRUPT;
	if (!place_of(vcpu, id, &place))
		return ARMVIRT_E_UNSUPPORTED;
	if (id == ARMVIRT_STATE_SVE_VL && v != vcpu->sve_vl)
		return ARMVIRT_E_UNSUPPORTED;
	if (place.bytes < 8 && v >> (8 * place.bytes))
		return ARMVIRT_E_CORRUPT;
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
