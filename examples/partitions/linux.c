/* SPDX-License-Identifier: BSD-2-Clause */
/* What the general-purpose guest does that leads here. */
#include "linux.h"

#include <libarmvirt/inject.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/psci.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/smccc.h>
#include <libarmvirt/sysreg.h>

#include "../common/gic.h"
#include "../minivisor/config.h"
#include "../minivisor/pl011.h"

static struct pl011 uart;
static struct armvirt_psci_cpu psci_cpu;
static struct armvirt_psci psci;
static bool in_line;

static const struct config *config(void)
{
	return (const struct config *)(uintptr_t)CONFIG_PA;
}

bool linux_loaded(void)
{
	return config()->magic == CONFIG_MAGIC && config()->version == 1;
}

bool linux_column(void)
{
	return in_line;
}

void linux_reset(unsigned p)
{
	struct armvirt_vcpu *v = &states[p].vcpu;

	v->frame.pc = config()->kernel_ipa;
	v->frame.x[0] = config()->dtb_ipa;
	v->frame.x[1] = v->frame.x[2] = v->frame.x[3] = 0;
	psci_cpu = (struct armvirt_psci_cpu){.state = ARMVIRT_PSCI_STATE_ON};
	psci = (struct armvirt_psci){
		.cpu = &psci_cpu,
		.cpu_count = 1,
		.ram = {partitions[p].region[0].ipa, partitions[p].region[0].bytes},
	};
	pl011_reset(&uart);
}

static void inject(struct armvirt_vcpu *v, const struct armvirt_abort_request *abort)
{
	const struct armvirt_excwhere live = {false, false};
	struct armvirt_excregs regs;
	const struct armvirt_exctarget guest = {&v->frame, &regs, &guest_features};
	enum armvirt_status s;

	armvirt_hw_excregs_load(&regs, &live);
	s = abort ? armvirt_inject_abort(&guest, abort) : armvirt_inject_undef(&guest);
	if (s == ARMVIRT_OK)
		armvirt_hw_excregs_store(&regs, &live);
}

static void console_out(uint8_t byte)
{
	if (!in_line)
		print("linux| ");
	console_byte(byte);
	in_line = byte != '\n';
}

static uint64_t uart_access(struct virq *q, const struct armvirt_mmio *m)
{
	uint32_t offset = (uint32_t)(m->ipa - PL011_BASE);
	bool before = pl011_line(&uart);
	uint64_t value = 0;
	int byte;

	if (m->write) {
		byte = pl011_write(&uart, offset, (uint32_t)m->value);
		if (byte >= 0)
			console_out((uint8_t)byte);
	} else {
		value = pl011_read(&uart, offset);
	}
	if (pl011_line(&uart) != before)
		virq_act(q, armvirt_vgic_set_line(&q->gic, 0, PL011_INTID, !before));
	return value;
}

static bool device(struct virq *q, const struct armvirt_mmio *m, uint64_t *value)
{
	uint64_t distributor = m->ipa - GICD_BASE, redistributor = m->ipa - GICR_BASE;

	if (m->ipa - PL011_BASE < PL011_BYTES) {
		*value = uart_access(q, m);
		return true;
	}
	if (distributor >= GICD_BYTES && redistributor >= GICR_STRIDE)
		return false;
	virq_sync(q);
	if (distributor < GICD_BYTES && m->write)
		virq_act(q, armvirt_vgic_dist_write(&q->gic, 0, (uint32_t)distributor, m->bytes,
						    m->value));
	else if (distributor < GICD_BYTES)
		*value = armvirt_vgic_dist_read(&q->gic, 0, (uint32_t)distributor, m->bytes);
	else if (m->write)
		virq_act(q, armvirt_vgic_redist_write(&q->gic, 0, (uint32_t)redistributor, m->bytes,
						      m->value));
	else
		*value = armvirt_vgic_redist_read(&q->gic, 0, (uint32_t)redistributor, m->bytes);
	return true;
}

static void data_abort(struct armvirt_vcpu *v, struct virq *q, const struct armvirt_exit *e)
{
	struct armvirt_mmio m;
	uint64_t value = 0;

	if (armvirt_mmio_start(&m, e, &v->frame, armvirt_hw_guest_sctlr(false)) == ARMVIRT_OK &&
	    device(q, &m, &value)) {
		armvirt_mmio_finish(&m, &v->frame, value);
		return;
	}
	inject(v, &(struct armvirt_abort_request){
			  .va = e->u.abort.va,
			  .status = ARMVIRT_STATUS_EXTERNAL,
			  .fetch = e->kind == ARMVIRT_EXIT_IABT,
			  .write = (e->u.abort.flags & ARMVIRT_ABORT_WRITE) != 0,
			  .va_unknown = (e->u.abort.flags & ARMVIRT_ABORT_FNV) != 0,
		  });
}

static void sysreg(struct armvirt_vcpu *v, struct virq *q, const struct armvirt_exit *e)
{
	const struct armvirt_sysreg_access *a = &e->u.sysreg;
	uint64_t value[2] = {0, 0};

	if (!a->read && a->key == ARMVIRT_SYSREG_ICC_SGI1R_EL1) {
		armvirt_sysreg_operand(e, &v->frame, value);
		virq_sync(q);
		virq_act(q, armvirt_vgic_sgi(&q->gic, 0, value[0], true));
	} else if ((a->read ? armvirt_idregs_guest_read(&guest_id, a->key, value)
			    : armvirt_idregs_guest_write(&guest_id, a->key)) != ARMVIRT_OK) {
		inject(v, NULL);
		return;
	}
	armvirt_sysreg_complete(e, &v->frame, value);
}

static enum fault call(struct armvirt_vcpu *v, const struct armvirt_exit *e)
{
	struct armvirt_smccc_call c;
	struct armvirt_psci_result r = {ARMVIRT_PSCI_NOT_SUPPORTED, ARMVIRT_PSCI_RETURN, 0};

	if (armvirt_smccc_decode(&c, e, &v->frame) != ARMVIRT_OK) {
		inject(v, NULL);
		return FAULT_NONE;
	}
	if (c.valid)
		r = armvirt_psci_call(&psci, 0,
				      &(struct armvirt_psci_request){.function = c.function,
								     .x1 = v->frame.x[1],
								     .x2 = v->frame.x[2],
								     .x3 = v->frame.x[3],
								     .aarch32 = e->aarch32});
	if (r.action != ARMVIRT_PSCI_RETURN && r.action != ARMVIRT_PSCI_WAIT)
		return FAULT_ENDED;
	armvirt_smccc_return(e, &v->frame, r.ret);
	return FAULT_NONE;
}

enum fault linux_exit(unsigned p, struct armvirt_vcpu *v)
{
	const struct armvirt_exit_regs regs = {v->esr, v->far, v->hpfar, v->frame.pstate};
	struct virq *q = &states[p].virq;
	enum fault fault = FAULT_NONE;
	struct armvirt_exit e;

	armvirt_exit_decode(&e, &regs);
	if (!armvirt_exit_cond_passes(&e, v->frame.pstate)) {
		armvirt_exit_skip(&e, &v->frame);
		return FAULT_NONE;
	}
	switch (e.kind) {
	case ARMVIRT_EXIT_DABT:
	case ARMVIRT_EXIT_IABT:
		data_abort(v, q, &e);
		break;
	case ARMVIRT_EXIT_SYSREG:
		sysreg(v, q, &e);
		break;
	case ARMVIRT_EXIT_HVC:
	case ARMVIRT_EXIT_SMC:
		fault = call(v, &e);
		break;
	case ARMVIRT_EXIT_FP:
		armvirt_hw_vcpu_fp_load(&the_cpu);
		break;
	default:
		inject(v, NULL);
	}
	virq_enter(q);
	return fault;
}
