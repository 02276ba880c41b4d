/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Names of the static profile of the virtual GIC. Never include this yourself: define
 *        ARMVIRT_VGIC_STATIC before <libarmvirt/vgic.h>.
 */
#ifndef LIBARMVIRT_VGIC_STATIC_H
#define LIBARMVIRT_VGIC_STATIC_H

/** @cond */
#define armvirt_vgic_init          armvirt_vgic_static_init
#define armvirt_vgic_set_affinity  armvirt_vgic_static_set_affinity
#define armvirt_vgic_link          armvirt_vgic_static_link
#define armvirt_vgic_reset         armvirt_vgic_static_reset
#define armvirt_vgic_vcpu_reset    armvirt_vgic_static_vcpu_reset
#define armvirt_vgic_pintid        armvirt_vgic_static_pintid
#define armvirt_vgic_set_line      armvirt_vgic_static_set_line
#define armvirt_vgic_set_edge      armvirt_vgic_static_set_edge
#define armvirt_vgic_hw_irq        armvirt_vgic_static_hw_irq
#define armvirt_vgic_hw_withdraw   armvirt_vgic_static_hw_withdraw
#define armvirt_vgic_sgi           armvirt_vgic_static_sgi
#define armvirt_vgic_sgi_v2        armvirt_vgic_static_sgi_v2
#define armvirt_vgic_dist_read     armvirt_vgic_static_dist_read
#define armvirt_vgic_dist_write    armvirt_vgic_static_dist_write
#define armvirt_vgic_redist_read   armvirt_vgic_static_redist_read
#define armvirt_vgic_redist_write  armvirt_vgic_static_redist_write
#define armvirt_vgic_irq_read      armvirt_vgic_static_irq_read
#define armvirt_vgic_irq_write     armvirt_vgic_static_irq_write
#define armvirt_vgic_dir           armvirt_vgic_static_dir
#define armvirt_vgic_flush         armvirt_vgic_static_flush
#define armvirt_vgic_fold          armvirt_vgic_static_fold
#define armvirt_vgic_act_push      armvirt_vgic_static_act_push
#define armvirt_vgic_evict         armvirt_vgic_static_evict
#define armvirt_vgic_recall        armvirt_vgic_static_recall
#define armvirt_vgic_adopt         armvirt_vgic_static_adopt
#define armvirt_vgic_unlist        armvirt_vgic_static_unlist
#define armvirt_vgic_deliverable   armvirt_vgic_static_deliverable
#define armvirt_vgic_ppi_active    armvirt_vgic_static_ppi_active
#define armvirt_vgic_cpuif_read    armvirt_vgic_static_cpuif_read
#define armvirt_vgic_cpuif_write   armvirt_vgic_static_cpuif_write
#define armvirt_vgic_gicc_read     armvirt_vgic_static_gicc_read
#define armvirt_vgic_gicc_write    armvirt_vgic_static_gicc_write
#define armvirt_vgic_save_size     armvirt_vgic_static_save_size
#define armvirt_vgic_save          armvirt_vgic_static_save
#define armvirt_vgic_restore       armvirt_vgic_static_restore
#define armvirt_vgic_sysreg_access armvirt_vgic_static_sysreg_access
#define armvirt_vgic_sysreg        armvirt_vgic_static_sysreg
#define armvirt_hw_vgic_load       armvirt_hw_vgic_static_load
#define armvirt_hw_vgic_put        armvirt_hw_vgic_static_put
#define armvirt_hw_vgic_sync       armvirt_hw_vgic_static_sync
#define armvirt_hw_vgic_enter      armvirt_hw_vgic_static_enter
#define armvirt_hw_vgic_maintain   armvirt_hw_vgic_static_maintain
#define armvirt_hw_vgic2_load      armvirt_hw_vgic2_static_load
#define armvirt_hw_vgic2_put       armvirt_hw_vgic2_static_put
#define armvirt_hw_vgic2_sync      armvirt_hw_vgic2_static_sync
#define armvirt_hw_vgic2_enter     armvirt_hw_vgic2_static_enter
#define armvirt_hw_vgic2_maintain  armvirt_hw_vgic2_static_maintain
/** @endcond */

#endif
