/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when the guest leaves. The library says why it left and does
 * what the architecture prescribes; here is only what this machine consists of.
 */
#include "minivisor.h"

#include "../common/console.h"
#include "../common/gic.h"

#define GICR_BYTES GICR_STRIDE /* one vCPU */

static struct armvirt_frame *const frame = &machine.vcpu.frame;

/* Makes the guest take an abort, or makes its instruction UNDEFINED. */
static void inject(const struct armvirt_abort_request *abort)
{
	const struct armvirt_excwhere live = {false, false};
	struct armvirt_excregs regs;
	const struct armvirt_exctarget guest = {frame, &regs, &machine.guest_features};
	enum armvirt_status s;

	armvirt_hw_excregs_load(&regs, &live);
	s = abort ? armvirt_inject_abort(&guest, abort) : armvirt_inject_undef(&guest);
	if (s)
		finish("an exception that it cannot take");
	armvirt_hw_excregs_store(&regs, &live);
}

static void undefined(void)
{
	machine.exits[CAUSE_UNDEFINED]++;
	inject(NULL);
}

static void act(struct armvirt_vgic_actions actions)
{
	armvirt_hw_vgic_deactivate(&machine.vgic, &actions);
}

static bool vgic_current; /* read back since the guest last ran */

/* Reads back what the guest did to its interrupts, before any question about them. */
static void vgic_sync(void)
{
	act(armvirt_hw_vgic_sync(&machine.vgic, &machine.vgic_vcpu));
	vgic_current = true;
}

/* New interrupts into the list registers. */
static void vgic_flush(void)
{
	act(armvirt_hw_vgic_enter(&machine.vgic, &machine.vgic_vcpu));
	vgic_current = false;
}

/* Before the guest goes on: most exits did not touch interrupts and owe nothing. */
static inline void vgic_enter(void)
{
	if (vgic_current || armvirt_vgic_flush_needed(&machine.vgic_vcpu))
		vgic_flush();
}

/* --- devices --- */

static bool uart_level;

static void uart_line_moved(void)
{
	uart_level = !uart_level;
	act(armvirt_vgic_set_line(&machine.vgic, 0, PL011_INTID, uart_level));
}

static inline void uart_line(void)
{
	if (pl011_line(&machine.uart) != uart_level)
		uart_line_moved();
}

/* Bytes for the guest wait in the machine's UART while the guest's is full. */
static void console_input(void)
{
	int byte;

	while (pl011_room(&machine.uart) && (byte = console_poll()) >= 0)
		pl011_receive(&machine.uart, (uint8_t)byte);
	console_interrupt(pl011_room(&machine.uart));
	uart_line();
}

static uint64_t uart(const struct armvirt_mmio *m)
{
	uint32_t offset = (uint32_t)(m->ipa - PL011_BASE);
	uint64_t value = 0;
	int byte;

	machine.exits[CAUSE_UART]++;
	if (m->write) {
		byte = pl011_write(&machine.uart, offset, (uint32_t)m->value);
		if (byte >= 0)
			console_byte((uint8_t)byte);
	} else {
		value = pl011_read(&machine.uart, offset);
		if (offset == 0)
			console_input(); /* there is room again */
	}
	uart_line();
	return value;
}

static uint64_t distributor(const struct armvirt_mmio *m)
{
	uint32_t offset = (uint32_t)(m->ipa - GICD_BASE);

	machine.exits[CAUSE_GICD]++;
	vgic_sync();
	if (!m->write)
		return armvirt_vgic_dist_read(&machine.vgic, 0, offset, m->bytes);
	act(armvirt_vgic_dist_write(&machine.vgic, 0, offset, m->bytes, m->value));
	return 0;
}

static uint64_t redistributor(const struct armvirt_mmio *m)
{
	uint32_t offset = (uint32_t)(m->ipa - GICR_BASE);

	machine.exits[CAUSE_GICR]++;
	vgic_sync();
	if (!m->write)
		return armvirt_vgic_redist_read(&machine.vgic, 0, offset, m->bytes);
	act(armvirt_vgic_redist_write(&machine.vgic, 0, offset, m->bytes, m->value));
	return 0;
}

static bool device(const struct armvirt_mmio *m, uint64_t *value)
{
	if (m->ipa - PL011_BASE < PL011_BYTES)
		*value = uart(m);
	else if (m->ipa - GICD_BASE < GICD_BYTES)
		*value = distributor(m);
	else if (m->ipa - GICR_BASE < GICR_BYTES)
		*value = redistributor(m);
	else
		return false;
	return true;
}

static void aborted(const struct armvirt_exit *e)
{
	machine.exits[CAUSE_NOTHING_THERE]++;
	inject(&(struct armvirt_abort_request){
		.va = e->u.abort.va,
		.status = ARMVIRT_STATUS_EXTERNAL,
		.fetch = e->kind == ARMVIRT_EXIT_IABT,
		.write = (e->u.abort.flags & ARMVIRT_ABORT_WRITE) != 0,
		.va_unknown = (e->u.abort.flags & ARMVIRT_ABORT_FNV) != 0,
	});
}

/* --- system registers --- */

static void sysreg(const struct armvirt_exit *e)
{
	const struct armvirt_sysreg_access *a = &e->u.sysreg;
	uint64_t value[2] = {0, 0};

	if (!a->read && a->key == ARMVIRT_SYSREG_ICC_SGI1R_EL1) {
		machine.exits[CAUSE_SYSREG]++;
		armvirt_sysreg_operand(e, frame, value);
		vgic_sync();
		act(armvirt_vgic_sgi(&machine.vgic, 0, value[0], true));
	} else if (a->read ? armvirt_idregs_guest_read(&machine.guest_id, a->key, value) ==
				     ARMVIRT_OK
			   : armvirt_idregs_guest_write(&machine.guest_id, a->key) == ARMVIRT_OK) {
		machine.exits[CAUSE_FIXED_REGISTER]++;
	} else {
		undefined();
		return;
	}
	armvirt_sysreg_complete(e, frame, value);
}

/* --- calls --- */

static void call(const struct armvirt_exit *e)
{
	struct armvirt_smccc_call c;
	struct armvirt_psci_result r = {ARMVIRT_SMCCC_NOT_SUPPORTED, ARMVIRT_PSCI_RETURN, 0};

	machine.exits[CAUSE_CALL]++;
	if (armvirt_smccc_decode(&c, e, frame)) { /* a number in the instruction: nobody's */
		inject(NULL);
		return;
	}
	if (c.valid)
		r = armvirt_psci_call(&machine.psci, 0,
				      &(struct armvirt_psci_request){.function = c.function,
								     .x1 = frame->x[1],
								     .x2 = frame->x[2],
								     .x3 = frame->x[3],
								     .aarch32 = e->aarch32});
	switch (r.action) {
	case ARMVIRT_PSCI_SYSTEM_STOP:
		finish("powered off");
	case ARMVIRT_PSCI_SYSTEM_RESTART:
	case ARMVIRT_PSCI_SYSTEM_RESTART_WARM:
		finish("asked for a reset, which minivisor does not do");
	case ARMVIRT_PSCI_STOP:
		finish("switched its only CPU off");
	default: /* CPU_SUSPEND may return at once */
		armvirt_smccc_return(e, frame, r.ret);
	}
}

static void synchronous(struct armvirt_vcpu *v)
{
	const struct armvirt_exit_regs regs = {v->esr, v->far, v->hpfar, v->frame.pstate};
	struct armvirt_exit e;
	struct armvirt_mmio m;
	uint64_t value = 0;

	/* By far the most frequent first: a device's register. */
	if (armvirt_mmio_decode(&m, &regs, frame, armvirt_hw_guest_sctlr(false)) == ARMVIRT_OK &&
	    device(&m, &value)) {
		armvirt_mmio_finish(&m, frame, value);
		return;
	}
	armvirt_exit_decode(&e, &regs);
	if (!armvirt_exit_cond_passes(&e, v->frame.pstate)) {
		armvirt_exit_skip(&e, frame);
		return;
	}
	switch (e.kind) {
	case ARMVIRT_EXIT_DABT:
	case ARMVIRT_EXIT_IABT:
		aborted(&e);
		break;
	case ARMVIRT_EXIT_SYSREG:
		sysreg(&e);
		break;
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SMC:
		call(&e);
		break;
	case ARMVIRT_EXIT_FP:
		machine.exits[CAUSE_FP]++;
		armvirt_hw_vcpu_fp_load(&machine.cpu);
		break;
	default:
		undefined();
	}
}

struct armvirt_vcpu *guest_exit(struct armvirt_vcpu *vcpu, unsigned cause, unsigned answer)
{
	(void)answer;
	if (cause != ARMVIRT_CAUSE_SYNC)
		finish("an SError that nobody expected");
	synchronous(vcpu);
	vgic_enter();
	return vcpu;
}

/* --- physical interrupts --- */

unsigned guest_irq(struct armvirt_vcpu *vcpu)
{
	uint32_t intid = gic_acknowledge();

	(void)vcpu;
	if (intid >= GIC_SPURIOUS)
		return 0;
	gic_drop(intid);
	if (intid == VTIMER_INTID || intid == PTIMER_INTID) { /* active until the guest ends it */
		machine.exits[CAUSE_TIMER]++;
		vgic_sync();
		act(armvirt_vgic_hw_irq(&machine.vgic, 0, intid));
	} else {
		machine.exits[CAUSE_INTERRUPT]++;
		if (intid == CONSOLE_INTID)
			console_input();
		else { /* maintenance: its cause goes away before it is deactivated */
			vgic_sync();
			vgic_flush();
		}
		gic_deactivate(intid);
	}
	vgic_enter();
	return 0;
}
