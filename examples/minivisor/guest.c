/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when the guest leaves. The library says why it left and does
 * what the architecture prescribes; here is only what this machine consists of.
 */
#include "minivisor.h"

#include "../common/console.h"
#include "../common/gic.h"

enum { EC_HVC = 0x16, EC_SYSREG = 0x18, EC_DATA_ABORT = 0x24 };
enum { GICD_ISPENDR = 0x200, GICD_IPRIORITYR = 0x400, GICR_SGI_FRAME = 0x10000 };

/* Makes the guest take an abort, or makes its instruction UNDEFINED. */
static void inject(struct vcpu *v, const struct armvirt_abort_request *abort)
{
	const struct armvirt_excwhere live = {false, false};
	struct armvirt_excregs regs;
	const struct armvirt_exctarget guest = {&v->core.frame, &regs, &machine.guest_features};
	enum armvirt_status s;

	armvirt_hw_excregs_load(&regs, &live);
	s = abort ? armvirt_inject_abort(&guest, abort) : armvirt_inject_undef(&guest);
	if (s)
		guest_end(v->guest, "an exception that it cannot take");
	armvirt_hw_excregs_store(&regs, &live);
}

static void undefined(struct vcpu *v)
{
	v->exits[CAUSE_UNDEFINED]++;
	inject(v, NULL);
}

/* --- the virtual GIC --- */

/* What of the registers depends on the list registers: pending and active, ISPENDR to ICACTIVER. */
static bool is_state(uint32_t offset)
{
	return offset - GICD_ISPENDR < GICD_IPRIORITYR - GICD_ISPENDR;
}

static uint64_t distributor_read(struct vcpu *v, uint32_t offset, unsigned bytes)
{
	v->exits[CAUSE_GICD]++;
	if (is_state(offset) || machine.v2)
		vgic_sync(v);
	return armvirt_vgic_dist_read(&v->guest->vgic, v->index, offset, bytes);
}

static void distributor_write(struct vcpu *v, uint32_t offset, unsigned bytes, uint64_t value)
{
	v->exits[CAUSE_GICD]++;
	vgic_act(v, armvirt_vgic_dist_write(&v->guest->vgic, v->index, offset, bytes, value));
}

static inline uint64_t redistributor_bytes(const struct guest *g)
{
	return machine.v2 ? 0 : (uint64_t)guest_vcpus(g) * GICR_STRIDE;
}

static uint64_t redistributor_read(struct vcpu *v, uint32_t offset, unsigned bytes)
{
	v->exits[CAUSE_GICR]++;
	if (is_state(offset % GICR_STRIDE - GICR_SGI_FRAME))
		vgic_sync(v);
	return armvirt_vgic_redist_read(&v->guest->vgic, offset / GICR_STRIDE, offset % GICR_STRIDE,
					bytes);
}

static void redistributor_write(struct vcpu *v, uint32_t offset, unsigned bytes, uint64_t value)
{
	unsigned whose = offset / GICR_STRIDE;
	struct armvirt_vgic_actions actions;

	v->exits[CAUSE_GICR]++;
	actions = armvirt_vgic_redist_write(&v->guest->vgic, whose, offset % GICR_STRIDE, bytes,
					    value);
	if (whose != v->index && actions.deactivate) { /* private: its own CPU must do it */
		__atomic_fetch_or(&v->guest->vcpu[whose].owed, actions.deactivate,
				  __ATOMIC_RELEASE);
		actions.kick |= UINT64_C(1) << whose;
		actions.deactivate = 0;
	}
	vgic_act(v, actions);
}

/* --- the UART --- */

void uart_line_moved(struct guest *g)
{
	struct armvirt_vgic_actions a;

	g->uart_level = !g->uart_level;
	a = armvirt_vgic_set_line(&g->vgic, 0, PL011_INTID, g->uart_level);
	vcpus_kick(g, a.kick);
}

static uint64_t uart_read(struct vcpu *v, uint32_t offset)
{
	struct guest *g = v->guest;
	uint64_t value;

	v->exits[CAUSE_UART]++;
	lock(&g->lock);
	value = pl011_read(&g->uart, offset);
	uart_line(g);
	unlock(&g->lock);
	if (offset == 0)
		terminal_input(); /* there is room again */
	return value;
}

static void uart_write(struct vcpu *v, uint32_t offset, uint32_t value)
{
	struct guest *g = v->guest;
	int byte;

	v->exits[CAUSE_UART]++;
	lock(&g->lock);
	byte = pl011_write(&g->uart, offset, value);
	if (byte >= 0 && machine.guest_count == 1)
		console_byte((uint8_t)byte);
	else if (byte >= 0)
		terminal_share(g, (uint8_t)byte);
	uart_line(g);
	unlock(&g->lock);
}

/* --- loads and stores outside RAM. False: there is no device at this address. --- */

static inline bool device_read(struct vcpu *v, uint64_t ipa, unsigned bytes, uint64_t *value)
{
	if (ipa - PL011_BASE < PL011_BYTES)
		*value = uart_read(v, (uint32_t)(ipa - PL011_BASE));
	else if (ipa - GICD_BASE < GICD_BYTES)
		*value = distributor_read(v, (uint32_t)(ipa - GICD_BASE), bytes);
	else if (ipa - GICR_BASE < redistributor_bytes(v->guest))
		*value = redistributor_read(v, (uint32_t)(ipa - GICR_BASE), bytes);
	else
		return false;
	return true;
}

static inline bool device_write(struct vcpu *v, uint64_t ipa, unsigned bytes, uint64_t value)
{
	if (ipa - PL011_BASE < PL011_BYTES)
		uart_write(v, (uint32_t)(ipa - PL011_BASE), (uint32_t)value);
	else if (ipa - GICD_BASE < GICD_BYTES)
		distributor_write(v, (uint32_t)(ipa - GICD_BASE), bytes, value);
	else if (ipa - GICR_BASE < redistributor_bytes(v->guest))
		redistributor_write(v, (uint32_t)(ipa - GICR_BASE), bytes, value);
	else
		return false;
	return true;
}

/* A plain load or store that hit a device: by far the most frequent exit. */
static inline bool plain_access(struct vcpu *v)
{
	struct armvirt_frame *frame = &v->core.frame;
	const struct armvirt_exit_regs regs = {v->core.esr, v->core.far, v->core.hpfar,
					       frame->pstate};
	struct armvirt_mmio m;
	uint64_t value = 0;

	if (!armvirt_mmio_inline_decode(&m, &regs, frame, armvirt_hw_guest_sctlr(false)))
		return false;
	if (!(m.write ? device_write(v, m.ipa, m.bytes, m.value)
		      : device_read(v, m.ipa, m.bytes, &value)))
		return false;
	armvirt_mmio_inline_finish(&m, frame, value);
	return true;
}

/* Any other: the guest may be big-endian. */
static bool other_access(struct vcpu *v, const struct armvirt_exit *e)
{
	struct armvirt_frame *frame = &v->core.frame;
	struct armvirt_mmio m;
	uint64_t value = 0;

	if (armvirt_mmio_start(&m, e, frame, armvirt_hw_guest_sctlr(false)) != ARMVIRT_OK)
		return false;
	if (!(m.write ? device_write(v, m.ipa, m.bytes, m.value)
		      : device_read(v, m.ipa, m.bytes, &value)))
		return false;
	armvirt_mmio_finish(&m, frame, value);
	return true;
}

static void aborted(struct vcpu *v, const struct armvirt_exit *e)
{
	v->exits[CAUSE_NOTHING_THERE]++;
	inject(v, &(struct armvirt_abort_request){
			  .va = e->u.abort.va,
			  .status = ARMVIRT_STATUS_EXTERNAL,
			  .fetch = e->kind == ARMVIRT_EXIT_IABT,
			  .write = (e->u.abort.flags & ARMVIRT_ABORT_WRITE) != 0,
			  .va_unknown = (e->u.abort.flags & ARMVIRT_ABORT_FNV) != 0,
		  });
}

/* --- system registers --- */

/* ID registers and others of a fixed value. False: this is none, or no read. */
static bool fixed_register(struct vcpu *v)
{
	const struct armvirt_sysreg_access a = armvirt_sysreg_access_decode(v->core.esr);
	struct armvirt_frame *frame = &v->core.frame;
	uint64_t value;

	if (!a.read || armvirt_idregs_guest_read(&machine.guest_id, a.key, &value) != ARMVIRT_OK)
		return false;
	v->exits[CAUSE_FIXED_REGISTER]++;
	if (a.rt < 31)
		frame->x[a.rt] = value;
	armvirt_frame_skip(frame, 4);
	return true;
}

/* Registers of the CPU interface that trap. False: this is none of them. */
static bool cpu_interface(struct vcpu *v, armvirt_sysreg_key_t key, uint64_t value)
{
	struct armvirt_vgic *gic = &v->guest->vgic;

	switch (key) {
	case ARMVIRT_SYSREG_ICC_SGI1R_EL1:
		vgic_act(v, armvirt_vgic_sgi(gic, v->index, value, true));
		return true;
	case ARMVIRT_SYSREG_ICC_SGI0R_EL1:
	case ARMVIRT_SYSREG_ICC_ASGI1R_EL1:
		vgic_act(v, armvirt_vgic_sgi(gic, v->index, value, false));
		return true;
	case ARMVIRT_SYSREG_ICC_DIR_EL1:
		vgic_sync(v);
		vgic_act(v, armvirt_vgic_dir(gic, v->index, (uint32_t)value & 0xffffff));
		return true;
	default:
		return false;
	}
}

static void sysreg(struct vcpu *v, const struct armvirt_exit *e)
{
	const struct armvirt_sysreg_access *a = &e->u.sysreg;
	uint64_t value[2] = {0, 0};

	if (!a->read)
		armvirt_sysreg_operand(e, &v->core.frame, value);
	if (!a->read && cpu_interface(v, a->key, value[0])) {
		v->exits[CAUSE_SYSREG]++;
	} else if (!a->read &&
		   armvirt_idregs_guest_write(&machine.guest_id, a->key) == ARMVIRT_OK) {
		v->exits[CAUSE_FIXED_REGISTER]++;
	} else {
		undefined(v);
		return;
	}
	armvirt_sysreg_complete(e, &v->core.frame, value);
}

/* --- calls --- */

static void call(struct vcpu *v, const struct armvirt_exit *e)
{
	struct armvirt_frame *frame = &v->core.frame;
	struct armvirt_smccc_call c;
	struct armvirt_psci_result r = {ARMVIRT_SMCCC_NOT_SUPPORTED, ARMVIRT_PSCI_RETURN, 0};

	v->exits[CAUSE_CALL]++;
	if (armvirt_smccc_decode(&c, e, frame)) { /* a number in the instruction: nobody's */
		inject(v, NULL);
		return;
	}
	if (c.valid)
		r = armvirt_psci_call(&v->guest->psci, v->index,
				      &(struct armvirt_psci_request){.function = c.function,
								     .x1 = frame->x[1],
								     .x2 = frame->x[2],
								     .x3 = frame->x[3],
								     .aarch32 = e->aarch32});
	armvirt_smccc_return(e, frame, r.ret);
	switch (r.action) {
	case ARMVIRT_PSCI_SYSTEM_STOP:
		v->guest->off = true;
		guest_end(v->guest, "powered off");
		break;
	case ARMVIRT_PSCI_SYSTEM_RESTART:
	case ARMVIRT_PSCI_SYSTEM_RESTART_WARM:
		guest_end(v->guest, "asked for a reset, which minivisor does not do");
		break;
	case ARMVIRT_PSCI_START:
		vcpus_kick(v->guest, UINT64_C(1) << r.target);
		break;
	case ARMVIRT_PSCI_STOP:
		schedule_off(v);
		break;
	default: /* CPU_SUSPEND may return at once */
		break;
	}
}

/* WFI and WFE trap where vCPUs share a CPU. */
static void waits(struct vcpu *v, const struct armvirt_exit *e)
{
	v->exits[CAUSE_WAIT]++;
	armvirt_exit_skip(e, &v->core.frame);
	v->cpu->woken = true; /* somebody else's turn */
	if (e->u.wfx.event)
		return;
	vgic_sync(v);
	if (!armvirt_vgic_deliverable(&v->guest->vgic, &v->vgic))
		schedule_wait(v);
}

/* Everything that is not one of the short paths of frequent(). */
static __attribute__((noinline)) void decoded(struct vcpu *v)
{
	struct armvirt_frame *frame = &v->core.frame;
	const struct armvirt_exit_regs regs = {v->core.esr, v->core.far, v->core.hpfar,
					       frame->pstate};
	struct armvirt_exit e;

	armvirt_exit_decode(&e, &regs);
	if (!armvirt_exit_cond_passes(&e, frame->pstate)) {
		armvirt_exit_skip(&e, frame);
		return;
	}
	switch (e.kind) {
	case ARMVIRT_EXIT_DABT:
	case ARMVIRT_EXIT_IABT:
		if (!other_access(v, &e))
			aborted(v, &e);
		break;
	case ARMVIRT_EXIT_SYSREG:
		sysreg(v, &e);
		break;
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SMC:
		call(v, &e);
		break;
	case ARMVIRT_EXIT_WFX:
		waits(v, &e);
		break;
	case ARMVIRT_EXIT_FP:
		v->exits[CAUSE_FP]++;
		armvirt_hw_vcpu_fp_load(&v->cpu->core);
		break;
	default:
		undefined(v);
	}
}

/* Software asks for the version of the calling convention before each use of it. */
static inline bool version_call(struct vcpu *v)
{
	struct armvirt_frame *frame = &v->core.frame;

	if ((uint32_t)frame->x[0] != ARMVIRT_SMCCC_VERSION || (v->core.esr & 0xffff))
		return false;
	v->exits[CAUSE_CALL]++;
	frame->x[0] = machine.smccc_version;
	return true;
}

/* The frequent ones first. */
static inline bool frequent(struct vcpu *v)
{
	switch (v->core.esr >> 26) {
	case EC_DATA_ABORT:
		return plain_access(v);
	case EC_SYSREG:
		return fixed_register(v);
	case EC_HVC:
		return version_call(v);
	default:
		return false;
	}
}

struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *core, unsigned cause, unsigned answer)
{
	struct vcpu *v = (struct vcpu *)core;
	struct cpu *c = v->cpu;

	(void)answer; /* of guest_irq(): somebody else's turn */
	if (cause == ARMVIRT_CAUSE_SYNC) {
		if (!frequent(v))
			decoded(v);
	} else if (cause == ARMVIRT_CAUSE_IRQ || cause == ARMVIRT_CAUSE_FIQ) {
		c->woken = true;
	} else {
		guest_end(v->guest, "an SError that nobody expected");
	}
	if (c->woken)
		return &schedule(c)->core;
	vgic_enter(v);
	return core;
}
