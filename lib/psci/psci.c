/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of the target is taken by one compare-and-swap: of two CPU_ON at once one succeeds. */
#include <libarmvirt/psci.h>

#define MPIDR_AFFINITY UINT64_C(0xff00ffffff)
#define PSCI_1_1       0x10001
#define SMCCC_1_1      0x10001

#define ON         ARMVIRT_PSCI_STATE_ON
#define OFF        ARMVIRT_PSCI_STATE_OFF
#define ON_PENDING ARMVIRT_PSCI_STATE_ON_PENDING
/* Private: owned by a CPU_ON that has not written the entry point yet. Reported as ON_PENDING. */
#define CLAIMED 3

static bool exchange(struct armvirt_psci_cpu *c, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(&c->state, &from, to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

static uint32_t state_of(const struct armvirt_psci_cpu *c)
{
	uint32_t s = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE);

	return s == CLAIMED ? ON_PENDING : s;
}

bool armvirt_psci_knows(const struct armvirt_psci *vm, uint32_t function, bool aarch32)
{
	if ((function & ARMVIRT_PSCI_64) && aarch32)
		return false;
	switch (function) {
	case ARMVIRT_PSCI_SYSTEM_RESET2:
	case ARMVIRT_PSCI_SYSTEM_RESET2 | ARMVIRT_PSCI_64:
		return !(vm->flags & ARMVIRT_PSCI_FLAG_NO_RESET2);
	case ARMVIRT_PSCI_VERSION:
	case ARMVIRT_PSCI_CPU_SUSPEND:
	case ARMVIRT_PSCI_CPU_SUSPEND | ARMVIRT_PSCI_64:
	case ARMVIRT_PSCI_CPU_OFF:
	case ARMVIRT_PSCI_CPU_ON:
	case ARMVIRT_PSCI_CPU_ON | ARMVIRT_PSCI_64:
	case ARMVIRT_PSCI_AFFINITY_INFO:
	case ARMVIRT_PSCI_AFFINITY_INFO | ARMVIRT_PSCI_64:
	case ARMVIRT_PSCI_MIGRATE_INFO_TYPE:
	case ARMVIRT_PSCI_SYSTEM_OFF:
	case ARMVIRT_PSCI_SYSTEM_RESET:
	case ARMVIRT_PSCI_FEATURES:
	case ARMVIRT_SMCCC_VERSION:
	case ARMVIRT_SMCCC_ARCH_FEATURES:
		return true;
	default:
		return false;
	}
}

static int64_t cpu_on(struct armvirt_psci *vm, const struct armvirt_psci_request *r,
		      uint32_t *target)
{
	/* AArch32: bit 0 selects T32, whose instructions need two bytes only */
	uint64_t align = !r->aarch32 ? 3 : r->x2 & 1 ? 0 : 3;
	struct armvirt_psci_cpu *c = NULL;

	for (uint32_t i = 0; i < vm->cpu_count; i++)
		if (vm->cpu[i].mpidr == r->x1) {
			c = &vm->cpu[i];
			*target = i;
		}
	if (!c)
		return ARMVIRT_PSCI_INVALID_PARAMETERS;
	if ((r->x2 & align) || r->x2 < vm->ram.base || r->x2 - vm->ram.base >= vm->ram.size)
		return ARMVIRT_PSCI_INVALID_ADDRESS;
	if (!exchange(c, OFF, CLAIMED))
		return state_of(c) == ON ? ARMVIRT_PSCI_ALREADY_ON : ARMVIRT_PSCI_ON_PENDING;
	c->entry = r->x2;
	c->context = r->x3;
	c->wide = !r->aarch32;
	c->big = r->big_endian;
	__atomic_store_n(&c->state, ON_PENDING, __ATOMIC_RELEASE);
	return ARMVIRT_PSCI_SUCCESS;
}

/* Any on: ON; else any on its way: ON_PENDING; else OFF; nobody there: an error. */
static int64_t affinity_info(const struct armvirt_psci *vm, uint64_t affinity, uint64_t level)
{
	static const uint8_t skip[4] = {0, 8, 16, 24};
	uint64_t mask;
	bool pending = false, found = false;

	if (level > 3 || (affinity & ~MPIDR_AFFINITY))
		return ARMVIRT_PSCI_INVALID_PARAMETERS;
	mask = MPIDR_AFFINITY & ~((UINT64_C(1) << skip[level]) - 1);
	for (uint32_t i = 0; i < vm->cpu_count; i++) {
		uint32_t s;

		if ((vm->cpu[i].mpidr ^ affinity) & mask)
			continue;
		s = state_of(&vm->cpu[i]);
		if (s == ON)
			return ARMVIRT_PSCI_STATE_ON;
		pending = pending || s == ON_PENDING;
		found = true;
	}
	if (!found)
		return ARMVIRT_PSCI_INVALID_PARAMETERS;
	return pending ? ARMVIRT_PSCI_STATE_ON_PENDING : ARMVIRT_PSCI_STATE_OFF;
}

static bool is_last(const struct armvirt_psci *vm, unsigned self)
{
	for (uint32_t i = 0; i < vm->cpu_count; i++)
		if (i != self && state_of(&vm->cpu[i]) != OFF)
			return false;
	return true;
}

/* Original format: StateID 15:0, StateType 16, PowerLevel 25:24. A power-down state may be taken as
 * a standby: the call returns. */
static int64_t suspend(uint64_t state)
{
	return state & ~UINT64_C(0x0301ffff) ? ARMVIRT_PSCI_INVALID_PARAMETERS
					     : ARMVIRT_PSCI_SUCCESS;
}

static struct armvirt_psci_result reset2(const struct armvirt_psci_request *r)
{
	/* vendor-specific resets have bit 31 set; of the others 0 is the only one defined */
	if (r->x1 & UINT64_C(0x80000000))
		return (struct armvirt_psci_result){.ret = ARMVIRT_PSCI_NOT_SUPPORTED};
	if (r->x1)
		return (struct armvirt_psci_result){.ret = ARMVIRT_PSCI_INVALID_PARAMETERS};
	return (struct armvirt_psci_result){.action = ARMVIRT_PSCI_SYSTEM_RESTART_WARM};
}

static struct armvirt_psci_request narrow(const struct armvirt_psci_request *request)
{
	struct armvirt_psci_request r = *request;

	if (!(r.function & ARMVIRT_PSCI_64)) {
		r.x1 = (uint32_t)r.x1;
		r.x2 = (uint32_t)r.x2;
		r.x3 = (uint32_t)r.x3;
	}
	return r;
}

struct armvirt_psci_result armvirt_psci_call(struct armvirt_psci *vm, unsigned self,
					     const struct armvirt_psci_request *request)
{
	struct armvirt_psci_request r = narrow(request);
	struct armvirt_psci_result out = {.ret = ARMVIRT_PSCI_NOT_SUPPORTED};

	if (self >= vm->cpu_count || !armvirt_psci_knows(vm, r.function, r.aarch32))
		return out;
	switch (r.function & ~ARMVIRT_PSCI_64) {
	case ARMVIRT_PSCI_VERSION:
		out.ret = PSCI_1_1;
		break;
	case ARMVIRT_PSCI_CPU_SUSPEND:
		out.ret = suspend(r.x1);
		out.action = out.ret ? ARMVIRT_PSCI_RETURN : ARMVIRT_PSCI_WAIT;
		break;
	case ARMVIRT_PSCI_CPU_OFF:
		out.ret = ARMVIRT_PSCI_DENIED;
		if (!(vm->flags & ARMVIRT_PSCI_FLAG_KEEP_LAST) || !is_last(vm, self))
			out.action = ARMVIRT_PSCI_STOP;
		break;
	case ARMVIRT_PSCI_CPU_ON:
		out.ret = cpu_on(vm, &r, &out.target);
		out.action = out.ret ? ARMVIRT_PSCI_RETURN : ARMVIRT_PSCI_START;
		break;
	case ARMVIRT_PSCI_AFFINITY_INFO:
		out.ret = affinity_info(vm, r.x1, r.x2);
		break;
	case ARMVIRT_PSCI_MIGRATE_INFO_TYPE:
		out.ret = 2; /* no Trusted OS that needs migration */
		break;
	case ARMVIRT_PSCI_SYSTEM_OFF:
		out.ret = ARMVIRT_PSCI_INTERNAL_FAILURE; /* if it returned */
		out.action = ARMVIRT_PSCI_SYSTEM_STOP;
		break;
	case ARMVIRT_PSCI_SYSTEM_RESET:
		out.ret = ARMVIRT_PSCI_INTERNAL_FAILURE;
		out.action = ARMVIRT_PSCI_SYSTEM_RESTART;
		break;
	case ARMVIRT_PSCI_SYSTEM_RESET2:
		out = reset2(&r);
		break;
	case ARMVIRT_PSCI_FEATURES:
		/* no flag is set of any: original StateID format, platform-coordinated */
		out.ret = armvirt_psci_knows(vm, (uint32_t)r.x1, r.aarch32) &&
					  (uint32_t)r.x1 != ARMVIRT_SMCCC_ARCH_FEATURES
				  ? ARMVIRT_PSCI_SUCCESS
				  : ARMVIRT_PSCI_NOT_SUPPORTED;
		break;
	case ARMVIRT_SMCCC_VERSION:
		out.ret = SMCCC_1_1;
		break;
	case ARMVIRT_SMCCC_ARCH_FEATURES:
		out.ret = (uint32_t)r.x1 == ARMVIRT_SMCCC_VERSION ||
					  (uint32_t)r.x1 == ARMVIRT_SMCCC_ARCH_FEATURES
				  ? ARMVIRT_PSCI_SUCCESS
				  : ARMVIRT_PSCI_NOT_SUPPORTED;
		break;
	default:
		break;
	}
	return out;
}

enum armvirt_status armvirt_psci_started(struct armvirt_psci *vm, unsigned cpu)
{
	return cpu < vm->cpu_count && exchange(&vm->cpu[cpu], ON_PENDING, ON) ? ARMVIRT_OK
									      : ARMVIRT_E_STATE;
}

enum armvirt_status armvirt_psci_refused(struct armvirt_psci *vm, unsigned cpu)
{
	return cpu < vm->cpu_count && exchange(&vm->cpu[cpu], ON_PENDING, OFF) ? ARMVIRT_OK
									       : ARMVIRT_E_STATE;
}

enum armvirt_status armvirt_psci_stopped(struct armvirt_psci *vm, unsigned cpu)
{
	return cpu < vm->cpu_count && exchange(&vm->cpu[cpu], ON, OFF) ? ARMVIRT_OK
								       : ARMVIRT_E_STATE;
}
