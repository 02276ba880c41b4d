/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg_guest.h>

/* op1, CRn, CRm, op2 of all the names of the timers are one space: CRm 2 physical, 3 virtual. */
#define SPACE(key) ((key)&UINT32_C(0xf0000))

enum what { COUNT, TVAL, CTL, CVAL };

struct named {
	bool virt;
	bool self_synchronised;
	enum what what;
};

/* AArch64: CNT*CT_EL0 at CRm 0 (op2 1, 2, self-synchronised 5, 6), the timers by op2 0, 1, 2. */
static struct named name_a64(uint32_t key)
{
	unsigned crm = key >> 3 & 15, op2 = key & 7;
	struct named n = {.virt = crm == 3, .what = (enum what)(TVAL + (op2 & 3))};

	if (crm != 0)
		return n;
	n.what = COUNT;
	n.virt = !(op2 & 1);
	n.self_synchronised = op2 >= 5;
	return n;
}

/* MRRC and MCRR: op1 0 and 1 the counts, 2 and 3 the compare values, 8 and 9 the counts again. */
static struct named name_pair(uint32_t key)
{
	unsigned op1 = key >> 11 & 15;
	struct named n = {.virt = op1 & 1, .self_synchronised = op1 >= 8};

	n.what = op1 == 2 || op1 == 3 ? CVAL : COUNT;
	return n;
}

static uint64_t timer_read(const struct armvirt_timer *t, enum what what, uint64_t count)
{
	switch (what) {
	case TVAL:
		return armvirt_timer_read_tval(t, count);
	case CTL:
		return armvirt_timer_read_ctl(t, count);
	case CVAL:
		return t->cval;
	default:
		return count;
	}
}

static void timer_write(struct armvirt_timer *t, enum what what, uint64_t count, uint64_t value)
{
	switch (what) {
	case TVAL:
		armvirt_timer_write_tval(t, count, (uint32_t)value);
		break;
	case CTL:
		armvirt_timer_write_ctl(t, (uint32_t)value);
		break;
	case CVAL:
		t->cval = value;
		break;
	default: /* the counts are read only: the row says so */
		break;
	}
}

enum armvirt_status armvirt_sysreg_timer(void *context, const struct armvirt_sysreg_entry *entry,
					 const struct armvirt_sysreg_access *access,
					 uint64_t *value)
{
	struct armvirt_timer_trap *trap =
		(struct armvirt_timer_trap *)((uintptr_t)context + (uintptr_t)entry->arg);
	bool pair = SPACE(access->key) == ARMVIRT_SYSREG_CP15_64;
	struct named n = pair ? name_pair(access->key) : name_a64(access->key);
	struct armvirt_timer *t = n.virt ? &trap->timers->v : &trap->timers->p;
	uint64_t count = trap->physical - (n.virt ? trap->vm->voff : trap->vm->poff);

	if (n.self_synchronised && !trap->ecv)
		return ARMVIRT_E_DENIED;
	if (access->read) {
		*value = timer_read(t, n.what, count);
		return ARMVIRT_OK;
	}
	timer_write(t, n.what, count, *value);
	trap->written = 1;
	return ARMVIRT_OK;
}
