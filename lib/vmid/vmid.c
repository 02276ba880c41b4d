/* SPDX-License-Identifier: BSD-2-Clause */
/* Identifiers by generation, after the scheme that ASIDs have had for long. */
#include <libarmvirt/vmid.h>

#define GENERATION    (UINT64_C(1) << 16)
#define NUMBER(value) ((uint32_t)(value)&0xffff)
#define IDLE          UINT64_C(1)

static bool test_and_set(struct armvirt_vmids *v, uint32_t number)
{
	uint64_t bit = UINT64_C(1) << (number % 64), old = v->used[number / 64];

	v->used[number / 64] = old | bit;
	return old & bit;
}

enum armvirt_status armvirt_vmids_init(struct armvirt_vmids *v, const struct armvirt_s2_geometry *g,
				       const struct armvirt_vmids_memory *m)
{
	uint64_t *words = (uint64_t *)m->start;
	size_t bytes = ARMVIRT_VMIDS_BYTES(g->vmid_bits, m->cpus);

	/* Each CPU may hold one over a rollover, 0 is nobody's, one must be left. */
	if (!m->cpus || m->cpus + 2u > 1u << g->vmid_bits)
		return ARMVIRT_E_ARG;
	if ((uintptr_t)words & 7)
		return ARMVIRT_E_ALIGN;
	if (m->bytes < bytes)
		return ARMVIRT_E_SIZE;
	for (size_t i = 0; i < bytes / 8; i++)
		words[i] = 0;
	v->generation = GENERATION;
	v->active = words;
	v->reserved = words + m->cpus;
	v->used = words + 2 * (size_t)m->cpus;
	v->next = 1;
	v->cpus = m->cpus;
	v->bits = g->vmid_bits;
	(void)test_and_set(v, 0);
	return ARMVIRT_OK;
}

/* Begins a generation in which only what runs now has an identifier. */
static void roll_over(struct armvirt_vmids *v)
{
	for (size_t i = 0; i < ((size_t)1 << v->bits) / 64; i++)
		v->used[i] = 0;
	(void)test_and_set(v, 0);
	__atomic_store_n(&v->generation, v->generation + GENERATION, __ATOMIC_RELAXED);
	for (unsigned cpu = 0; cpu < v->cpus; cpu++) {
		uint64_t value = __atomic_exchange_n(&v->active[cpu], 0, __ATOMIC_RELAXED);

		/* 0: two rollovers in a row, what it held then it holds still. */
		if (!value)
			value = v->reserved[cpu];
		if (value == IDLE)
			value = 0;
		v->reserved[cpu] = value;
		if (value)
			(void)test_and_set(v, NUMBER(value));
	}
	v->next = 1;
}

/* Keeps the identifier of a machine that ran through the rollover. */
static bool keeps(struct armvirt_vmids *v, uint64_t value)
{
	uint64_t fresh = (v->generation & ~(GENERATION - 1)) | NUMBER(value);
	bool found = false;

	/* It may have run on several CPUs: each must learn the new generation. */
	for (unsigned cpu = 0; cpu < v->cpus; cpu++) {
		if (value && v->reserved[cpu] == value) {
			v->reserved[cpu] = fresh;
			found = true;
		}
	}
	return found;
}

static uint32_t find_free(const struct armvirt_vmids *v)
{
	uint32_t count = 1u << v->bits;

	for (uint32_t n = v->next; n < count;) {
		uint64_t free = ~v->used[n / 64] >> (n % 64);

		if (free)
			return n + (uint32_t)__builtin_ctzll(free);
		n = (n | 63) + 1;
	}
	return 0;
}

static uint64_t new_value(struct armvirt_vmids *v, uint64_t old, struct armvirt_tlb_plan *plan)
{
	uint32_t n;

	if (keeps(v, old))
		return v->generation | NUMBER(old);
	/* The number it had may still be free in this generation. */
	if (old && !test_and_set(v, NUMBER(old)))
		return v->generation | NUMBER(old);
	n = find_free(v);
	if (!n) {
		roll_over(v);
		plan->kind[plan->count++] = ARMVIRT_TLB_ALL_VMIDS;
		plan->flags |= ARMVIRT_TLB_ICACHE;
		/* This machine may itself run on another CPU. */
		if (keeps(v, old))
			return v->generation | NUMBER(old);
		n = find_free(v);
	}
	(void)test_and_set(v, n);
	v->next = n;
	return v->generation | n;
}

void armvirt_vmid_enter_slow(struct armvirt_vmids *v, struct armvirt_vmid *vmid, unsigned cpu,
			     struct armvirt_tlb_plan *plan)
{
	uint64_t value = vmid->value;

	*plan = (struct armvirt_tlb_plan){0};
	if ((value ^ v->generation) >> 16) {
		value = new_value(v, value, plan);
		/* Release: whoever sees it finds its own CPU's entry 0 and waits for the plan. */
		__atomic_store_n(&vmid->value, value, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&v->active[cpu], value, __ATOMIC_RELAXED);
}

void armvirt_vmid_guard_check(struct armvirt_vmid_guard *guard, unsigned cpu, unsigned vcpu,
			      struct armvirt_tlb_plan *plan)
{
	*plan = (struct armvirt_tlb_plan){0};
	if (guard->last[cpu] == vcpu)
		return;
	if (guard->last[cpu] != 0xffff) {
		plan->kind[plan->count++] = ARMVIRT_TLB_VMID_LOCAL;
		plan->flags |= ARMVIRT_TLB_ICACHE_LOCAL;
	}
	guard->last[cpu] = (uint16_t)vcpu;
}
