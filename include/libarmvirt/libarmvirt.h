/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Everything: includes each public header.
 */
#ifndef LIBARMVIRT_LIBARMVIRT_H
#define LIBARMVIRT_LIBARMVIRT_H

#include <libarmvirt/base.h>
#include <libarmvirt/context.h>
#include <libarmvirt/el2.h>
#include <libarmvirt/el2_setup.h>
#include <libarmvirt/exit.h>
#include <libarmvirt/features.h>
#include <libarmvirt/fixup.h>
#include <libarmvirt/frame.h>
#include <libarmvirt/guestwalk.h>
#include <libarmvirt/idregs.h>
#include <libarmvirt/inject.h>
#include <libarmvirt/insn.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/mmio_inline.h>
#include <libarmvirt/mpam.h>
#include <libarmvirt/mpam_msc.h>
#include <libarmvirt/mpam_plan.h>
#include <libarmvirt/patch.h>
#include <libarmvirt/pool.h>
#include <libarmvirt/psci.h>
#include <libarmvirt/reginfo.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/s2.h>
#include <libarmvirt/s2fault.h>
#include <libarmvirt/smccc.h>
#include <libarmvirt/sysreg.h>
#include <libarmvirt/sysreg_guest.h>
#include <libarmvirt/sysreg_names.h>
#include <libarmvirt/timer.h>
#include <libarmvirt/tlb.h>
#include <libarmvirt/trapcfg.h>
#include <libarmvirt/vcpu.h>
#include <libarmvirt/vcpu_move.h>
#include <libarmvirt/vcpu_regs.h>
#include <libarmvirt/vcpu_state.h>
#include <libarmvirt/vectors.h>
#include <libarmvirt/vgic.h>
#include <libarmvirt/vmid.h>

#endif
