/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief The virtual interrupt controller: GICv3 and GICv2.
 */
#ifndef LIBARMVIRT_VGIC_H
#define LIBARMVIRT_VGIC_H

#include <libarmvirt/base.h>
#include <libarmvirt/regs.h>
#include <libarmvirt/sysreg.h>
#ifdef ARMVIRT_VGIC_STATIC
#include <libarmvirt/vgic_static.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup vgic Virtual GIC
 * @brief Interrupts of a guest: distributor, redistributors, list registers.
 *
 * A pure state machine. The caller owns all memory. One 32-bit word holds an interrupt; a
 * @ref armvirt_vgic_vcpu holds what one vCPU needs, the image of its list registers included.
 * What must happen elsewhere comes back as @ref armvirt_vgic_actions; nothing calls back.
 *
 * The life of a vCPU on a CPU: armvirt_hw_vgic_load(), then any number of
 * { armvirt_hw_vgic_enter() if armvirt_vgic_flush_needed(), guest runs, armvirt_hw_vgic_sync() if
 * the exit asks what the guest did }, then armvirt_hw_vgic_put(). Each may be left out and each may
 * be called again: sync reads what the CPU has now and leaves nothing there that a second sync
 * would take up twice; enter reads back first whenever it has something to list. What a guest does
 * between two calls is seen by the next. An exit whose handling does not touch interrupts costs the
 * two loads of armvirt_vgic_flush_needed().
 *
 * Two profiles from one source, one archive. The SMP profile (armvirt_vgic_*) lets any CPU raise
 * interrupts and emulate registers at any time without a lock. The static profile is for partitions
 * whose calls never overlap: define ARMVIRT_VGIC_STATIC before including this header and the same
 * calls name functions without atomics.
 *
 * Concurrency class "owner": only the CPU that the vCPU is loaded on, or any one CPU while it is
 * loaded nowhere. Class "shared": any CPU, any time (static profile: exclusive).
 *
 * Sources: GIC architecture specification (IHI 0069, IHI 0048), list registers and maintenance
 * interrupts of the virtual CPU interface, register descriptions of GICD_*, GICR_*, ICH_*.
 * @{
 */

#define ARMVIRT_VGIC_LR_MAX   16  /**< list registers that the architecture allows */
#define ARMVIRT_VGIC_VCPU_MAX 64  /**< vCPUs of a GICv3 machine; a GICv2 machine has at most 8 */
#define ARMVIRT_VGIC_SPI_MAX  988 /**< shared interrupts, INTID 32 to 1019 */

/** Bytes of the words of @p n shared interrupts; n rounds up to whole registers of 32. */
#define ARMVIRT_VGIC_SPI_BYTES(n) ((((n) + 31u) / 32u) * 128u)

/** The state of one interrupt. Its bits are private to the library. */
typedef uint32_t armvirt_vgic_irq_t;

/** @name Flags of armvirt_vgic_caps
 * @{ */
#define ARMVIRT_VGIC_CAP_TDIR UINT32_C(0x01) /**< ICH_HCR_EL2.TDIR exists (VTR.TDS) */
#define ARMVIRT_VGIC_CAP_A3V  UINT32_C(0x02) /**< affinity level 3 in SGI registers */
#define ARMVIRT_VGIC_CAP_SEIS UINT32_C(0x04) /**< virtual SErrors can be generated locally */
#define ARMVIRT_VGIC_CAP_NMI  UINT32_C(0x08) /**< FEAT_GICv3_NMI */
#define ARMVIRT_VGIC_CAP_V2   UINT32_C(0x10) /**< GICv2: GICH and GICV instead of registers */
/** @} */

/** Shape of a virtual CPU interface. */
struct armvirt_vgic_caps {
	uint8_t lr_count; /**< list registers, 1 to 16 */
	uint8_t pri_bits; /**< priority bits, 5 to 8 */
	uint8_t pre_bits; /**< preemption bits, 5 to 7, not more than pri_bits */
	uint8_t id_bits;  /**< bits of an INTID: 10 (GICv2), 16 or 24 */
	uint32_t flags;   /**< ARMVIRT_VGIC_CAP_* */
};

/**
 * @brief Shape from ICH_VTR_EL2.
 * @param caps written whole on success
 * @param vtr  ICH_VTR_EL2
 * @param nmi  whether ID_AA64PFR1_EL1.NMI says that there are non-maskable interrupts
 * @return ARMVIRT_OK; ARMVIRT_E_HARDWARE if a field has a value that the architecture reserves
 *
 * Pure.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_caps_from_vtr(struct armvirt_vgic_caps *caps,
								 uint64_t vtr, bool nmi);

/** Shape from GICH_VTR of a GICv2; at most 16 list registers are used. As
 *  armvirt_vgic_caps_from_vtr(). Pure. */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_vgic_caps_from_gich_vtr(struct armvirt_vgic_caps *caps, uint32_t vtr);

/** @name List registers, usable alone
 * @{ */

/** State of a list register, as encoded. */
enum armvirt_vgic_lr_state {
	ARMVIRT_VGIC_LR_INVALID = 0,       /**< empty */
	ARMVIRT_VGIC_LR_PENDING = 1,       /**< pending */
	ARMVIRT_VGIC_LR_ACTIVE = 2,        /**< active */
	ARMVIRT_VGIC_LR_PENDING_ACTIVE = 3 /**< both; never with a physical interrupt */
};

/** A list register in one form for GICv2 and GICv3. */
struct armvirt_vgic_lr {
	uint32_t vintid; /**< the guest's INTID */
	uint16_t pintid; /**< physical INTID if hw */
	uint8_t prio;    /**< priority, 0 highest, unimplemented low bits zero */
	uint8_t state;   /**< an @ref armvirt_vgic_lr_state */
	uint8_t source;  /**< sender of a GICv2 SGI, 0 to 7 */
	bool group1;     /**< group 1, else group 0 */
	bool hw;         /**< linked to pintid, which the guest's deactivation deactivates */
	bool eoi;        /**< maintenance interrupt when it becomes invalid */
	bool nmi;        /**< non-maskable (FEAT_GICv3_NMI) */
};

/**
 * @brief Encodes ICH_LR<n>_EL2.
 * @param out  written on success
 * @param lr   what to encode
 * @param caps the shape
 * @return ARMVIRT_OK; ARMVIRT_E_RANGE for an INTID that does not exist or may not be used so
 *         (special INTIDs, pintid below 16 or from 1020 on); ARMVIRT_E_ATTR for an illegal
 *         combination: hw with pending and active, hw with eoi, hw for an SGI or LPI, nmi without
 *         the feature or in group 0, a source without GICv2, priority bits that do not exist, a
 *         state above 3.
 *
 * Pure. Source: ICH_LR<n>_EL2.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_lr_encode(uint64_t *out,
							     const struct armvirt_vgic_lr *lr,
							     const struct armvirt_vgic_caps *caps);

/** Decodes ICH_LR<n>_EL2; every value has a meaning. Pure. */
void armvirt_vgic_lr_decode(struct armvirt_vgic_lr *out, uint64_t lr,
			    const struct armvirt_vgic_caps *caps);

/** Encodes GICH_LR<n>; as armvirt_vgic_lr_encode() with the limits of GICv2. Pure. */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_lr2_encode(uint32_t *out,
							      const struct armvirt_vgic_lr *lr);

/** Decodes GICH_LR<n>. Pure. */
void armvirt_vgic_lr2_decode(struct armvirt_vgic_lr *out, uint32_t lr);

/** GICH_LR<n> from the form of ICH_LR<n>_EL2 that the engine keeps. Pure, branch-free. */
uint32_t armvirt_vgic_lr_to_gich(uint64_t lr);
/** The form of ICH_LR<n>_EL2 from GICH_LR<n>. Pure. */
uint64_t armvirt_vgic_lr_from_gich(uint32_t lr);

/**
 * @brief Whether a set of list registers of unknown origin may be loaded.
 * @param lr    the registers; caps->lr_count of them
 * @param caps  the shape
 * @return ARMVIRT_OK; ARMVIRT_E_CORRUPT if one is illegal or two hold one INTID
 *
 * Pure; at most 120 comparisons.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_lr_check(const uint64_t *lr,
							    const struct armvirt_vgic_caps *caps);
/** @} */

/** What the CPU must hold while the vCPU is loaded. */
struct armvirt_vgic_image {
	uint64_t lr[ARMVIRT_VGIC_LR_MAX]; /**< ICH_LR<n>_EL2 */
	uint64_t ap1r[4];                 /**< ICH_AP1R<n>_EL2; bit 63 of the first is NMI */
	uint32_t ap0r[4];                 /**< ICH_AP0R<n>_EL2 (GICv2: GICH_APR first) */
	uint32_t vmcr;                    /**< ICH_VMCR_EL2 */
	uint32_t hcr;                     /**< ICH_HCR_EL2, EOIcount as read back */
	uint16_t used;                    /**< list registers that hold something */
	uint16_t latched;                 /**< level-triggered and pending by a latch too */
	uint16_t dirty;                   /**< list registers that the CPU does not have yet */
	uint16_t reserved;                /**< zero */
};

/** What one vCPU has. Fill by armvirt_vgic_vcpu_init(); fields are private but for image. */
struct armvirt_vgic_vcpu {
	struct armvirt_vgic_image image; /**< registers */
	uint32_t hint[32]; /**< by priority: blocks of 32 INTIDs that may have something pending */
	uint32_t candidate[32];      /**< by block: INTIDs that may be pending */
	uint32_t hint_any;           /**< priorities with a hint */
	uint32_t attention;          /**< work for the next flush */
	uint32_t parked;             /**< blocks with something pending in a disabled group */
	uint32_t adopt;              /**< blocks with an active interrupt to take over */
	armvirt_vgic_irq_t priv[32]; /**< SGIs and PPIs */
	uint16_t act[32];            /**< INTIDs active outside the list registers, highest last */
	uint8_t source[16];          /**< GICv2: senders of each pending SGI */
	uint32_t hcr_loaded;         /**< ICH_HCR_EL2 as the CPU has it */
	uint8_t act_count;           /**< entries of act */
	uint8_t overflow;            /**< something deliverable is outside the list registers */
	uint8_t parked_groups;       /**< groups of what is parked */
	uint8_t reserved;            /**< zero */
	uint8_t index;               /**< number of the vCPU */
	uint8_t target;              /**< its code in an interrupt's word */
	uint8_t groups;    /**< groups enabled when last seen, of the guest's CPU interface */
	uint8_t asleep;    /**< GICR_WAKER.ProcessorSleep */
	uint32_t loaded;   /**< on a CPU */
	uint32_t affinity; /**< Aff3.Aff2.Aff1.Aff0 */
	uint32_t usual;    /**< what the words of its usual candidates share */
};

/** What a virtual machine has. Holds no pointer: moves with its memory as one block. */
struct armvirt_vgic {
	struct armvirt_vgic_caps caps; /**< the shape */
	int64_t spi_offset;    /**< from this object to 32 words before the shared interrupts */
	int64_t pintid_offset; /**< to the physical INTIDs, 0: equal to the virtual ones */
	int64_t vcpu_offset;   /**< to the first vCPU */
	uint32_t vcpu_stride;  /**< bytes from one vCPU to the next */
	uint16_t spi_count;    /**< shared interrupts, a multiple of 32 or 988 */
	uint8_t vcpu_count;    /**< vCPUs */
	uint8_t v2;            /**< the guest sees a GICv2 */
	uint32_t ctlr;         /**< group enables of GICD_CTLR */
	uint32_t iidr;         /**< GICD_IIDR and GICR_IIDR */
};

/** How a virtual machine's interrupts shall be. */
struct armvirt_vgic_config {
	const struct armvirt_vgic_caps *caps; /**< shape of the CPUs, copied */
	armvirt_vgic_irq_t *spi; /**< ARMVIRT_VGIC_SPI_BYTES(spi_count), 8-aligned, NULL if none */
	const uint16_t *pintid;  /**< physical INTID of each shared interrupt; NULL: the same */
	struct armvirt_vgic_vcpu *vcpu; /**< first vCPU; the others follow at the stride */
	uint32_t vcpu_stride;           /**< bytes, a multiple of 8, at least the size of one */
	uint32_t vcpu_count;            /**< 1 to 64, 1 to 8 if v2 */
	uint32_t spi_count;             /**< 0 to 988, rounded up to a multiple of 32 (988 stays) */
	bool v2;                        /**< the guest sees a GICv2, else a GICv3 */
};

/** @name Flags of armvirt_vgic_actions
 * @{ */
#define ARMVIRT_VGIC_MORE UINT16_C(1) /**< work is left: carry out the actions, call again */
/** @} */

/**
 * What a call leaves to its caller. kick: send each vCPU out of the guest, so that it flushes (its
 * own caller may skip itself). deactivate: bit n says that the guest's interrupt base + n was
 * linked to a physical one which is active and which nobody else will deactivate: write
 * armvirt_vgic_pintid() of it to ICC_DIR_EL1 (GICv2: GICC_DIR), EOImode 1, on the CPU that took it
 * if it is a PPI.
 */
struct armvirt_vgic_actions {
	uint64_t kick;       /**< vCPUs to send through their next flush */
	uint32_t deactivate; /**< physical deactivations owed */
	uint16_t base;       /**< INTID of bit 0 of deactivate */
	uint16_t flags;      /**< ARMVIRT_VGIC_MORE */
};

/**
 * @brief Makes a virtual machine's interrupt controller, everything disabled.
 * @param vm     written whole
 * @param config what it shall be; spi and vcpu memory is written whole
 * @param size   sizeof(struct armvirt_vgic)
 * @return ARMVIRT_OK; ARMVIRT_E_SIZE if @p size is another; ARMVIRT_E_ARG for a count or shape
 *         outside its range or memory that is missing; ARMVIRT_E_ALIGN
 *
 * vCPU n gets affinity Aff0 = n mod 16, Aff1 = n / 16; change it by armvirt_vgic_set_affinity().
 * Exclusive. Issues no barrier.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_vgic_init(struct armvirt_vgic *vm, const struct armvirt_vgic_config *config, size_t size);

/**
 * @brief Gives a vCPU its affinity, before the guest runs.
 * @return ARMVIRT_OK; ARMVIRT_E_ARG if there is no such vCPU; ARMVIRT_E_EXISTS if another has it
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_set_affinity(struct armvirt_vgic *vm,
								unsigned vcpu, uint32_t affinity);

/**
 * @brief Links an interrupt to a physical one (the same INTID, or config.pintid), or ends it.
 * @return ARMVIRT_OK; ARMVIRT_E_ARG if there is no such vCPU or interrupt or it is an SGI;
 *         ARMVIRT_E_STATE if it is pending or active now
 *
 * @p vcpu counts for a PPI only. Shared.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_link(struct armvirt_vgic *vm, unsigned vcpu,
							uint32_t intid, bool linked);

/**
 * @brief Back to the state after armvirt_vgic_init(), links and affinities kept, 32 interrupts a
 *        call.
 * @param vm      no vCPU may be loaded
 * @param cursor  0 at first; the call advances it
 * @param actions what to deactivate
 * @return ARMVIRT_MORE until all is reset, then ARMVIRT_OK
 *
 * For reset and for teardown: no physical interrupt stays active. Exclusive.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_reset(struct armvirt_vgic *vm, uint32_t *cursor,
							 struct armvirt_vgic_actions *actions);

/**
 * @brief Resets the CPU interface of a vCPU that is loaded nowhere: before CPU_ON.
 *
 * List registers go back into their interrupts' words, VMCR and the active priorities to zero; the
 * interrupts' own state stays, as the architecture has it. Owner.
 */
struct armvirt_vgic_actions armvirt_vgic_vcpu_reset(struct armvirt_vgic *vm, unsigned vcpu);

/** vCPU @p index of a virtual machine, which must exist. Pure. */
static inline struct armvirt_vgic_vcpu *armvirt_vgic_get_vcpu(const struct armvirt_vgic *vm,
							      unsigned index)
{
	return (struct armvirt_vgic_vcpu *)((uintptr_t)vm + (uintptr_t)vm->vcpu_offset +
					    (uintptr_t)index * vm->vcpu_stride);
}

/** Physical INTID of a linked interrupt. Pure. */
uint32_t armvirt_vgic_pintid(const struct armvirt_vgic *vm, uint32_t intid);

/** @name Raising interrupts. Shared; constant time. An INTID or vCPU that does not exist does
 * nothing.
 * @{ */

/** The line of a level-triggered interrupt (of an edge-triggered one: its rising edges). @p vcpu
 *  counts for a PPI only. A line that falls withdraws what the guest has not acknowledged yet. */
struct armvirt_vgic_actions armvirt_vgic_set_line(struct armvirt_vgic *vm, unsigned vcpu,
						  uint32_t intid, bool level);

/** One edge (a message, a pulse): pending until acknowledged, whatever the trigger is. */
struct armvirt_vgic_actions armvirt_vgic_set_edge(struct armvirt_vgic *vm, unsigned vcpu,
						  uint32_t intid);

/** A physical interrupt was acknowledged (and its priority dropped, EOImode 1) for the linked
 *  interrupt @p intid: pending, and the guest's deactivation will deactivate it. */
struct armvirt_vgic_actions armvirt_vgic_hw_irq(struct armvirt_vgic *vm, unsigned vcpu,
						uint32_t intid);

/** A linked interrupt whose physical line has fallen: what is not acknowledged is withdrawn and the
 *  physical interrupt given back (see actions.deactivate). */
struct armvirt_vgic_actions armvirt_vgic_hw_withdraw(struct armvirt_vgic *vm, unsigned vcpu,
						     uint32_t intid);

/**
 * @brief A trapped write of ICC_SGI1R_EL1 (group 1), ICC_SGI0R_EL1 or ICC_ASGI1R_EL1 (group 0).
 * @param vm     the machine
 * @param vcpu   the sender
 * @param value  what was written
 * @param group1 which of them
 *
 * Absent targets are ignored; a target whose SGI is in the other group is not interrupted. Linear
 * in the number of vCPUs. Shared.
 */
struct armvirt_vgic_actions armvirt_vgic_sgi(struct armvirt_vgic *vm, unsigned vcpu, uint64_t value,
					     bool group1);
/** @} */

/** @name Registers of the guest. Total: whatever is not there reads as zero and ignores writes.
 * @{ */

/**
 * @brief Reads a register of the distributor (GICv3, or GICv2 if the machine is one).
 * @param vm     the machine
 * @param vcpu   who reads (banked registers of GICv2)
 * @param offset from the base of the frame, any
 * @param size   1, 2, 4 or 8 bytes; anything else reads as zero
 *
 * Sees vCPUs that run in the guest as of their last sync. At most 32 words. Shared.
 */
uint64_t armvirt_vgic_dist_read(const struct armvirt_vgic *vm, unsigned vcpu, uint32_t offset,
				unsigned size);
/** Writes a register of the distributor: as armvirt_vgic_dist_read(). */
struct armvirt_vgic_actions armvirt_vgic_dist_write(struct armvirt_vgic *vm, unsigned vcpu,
						    uint32_t offset, unsigned size, uint64_t value);
/** Reads a register of the redistributor of @p vcpu: offsets 0 to 0x1ffff, RD frame first. As
 *  armvirt_vgic_dist_read(). */
uint64_t armvirt_vgic_redist_read(const struct armvirt_vgic *vm, unsigned vcpu, uint32_t offset,
				  unsigned size);
/** Writes a register of the redistributor of @p vcpu, whoever writes. */
struct armvirt_vgic_actions armvirt_vgic_redist_write(struct armvirt_vgic *vm, unsigned vcpu,
						      uint32_t offset, unsigned size,
						      uint64_t value);

/**
 * @brief A trapped write of ICC_DIR_EL1 (GICV_DIR): the list registers must have been read back.
 *
 * Ignored unless the guest's EOImode is 1. The interrupt may be in a list register of this vCPU or
 * of another, or in none. Owner.
 */
struct armvirt_vgic_actions armvirt_vgic_dir(struct armvirt_vgic *vm, unsigned vcpu,
					     uint32_t intid);
/** @} */

/** @name Entry and exit
 * @{ */

/** Whether armvirt_vgic_flush() has anything to do: always, while something deliverable waits
 * outside the list registers. Two loads. Owner. */
static inline bool armvirt_vgic_flush_needed(const struct armvirt_vgic_vcpu *v)
{
	return (__atomic_load_n(&v->hint_any, __ATOMIC_RELAXED) |
		__atomic_load_n(&v->attention, __ATOMIC_RELAXED)) != 0;
}

/**
 * @brief Fills the image from what is pending, highest priority first. The image must be current
 *        (armvirt_vgic_fold() since the guest last ran).
 *
 * At most 32 blocks of 32 words a call, else ARMVIRT_VGIC_MORE. Nothing to do costs two loads.
 * Owner.
 */
struct armvirt_vgic_actions armvirt_vgic_flush(struct armvirt_vgic *vm,
					       struct armvirt_vgic_vcpu *v);

/**
 * @brief Takes up what the guest did: image.lr of the used list registers, image.hcr.EOIcount and
 *        image.vmcr have been read back.
 *
 * At most 16 list registers; at most one deactivation a call, else ARMVIRT_VGIC_MORE. Owner.
 */
struct armvirt_vgic_actions armvirt_vgic_fold(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v);

/** Whether the guest would take an interrupt now (group enables, priority mask and running
 *  priority considered), or has one to find at the next flush: a WFI must not block. The image must
 *  be current. Owner. */
bool armvirt_vgic_deliverable(const struct armvirt_vgic *vm, const struct armvirt_vgic_vcpu *v);

/** Linked PPIs (bit n: INTID n) that must be active in the physical redistributor while this vCPU
 *  is loaded, and no other linked ones: for GICR_ISACTIVER0 and GICR_ICACTIVER0 when vCPUs share a
 *  CPU. Owner. */
uint32_t armvirt_vgic_ppi_active(const struct armvirt_vgic_vcpu *v);
/** @} */

/** @name The CPU interface without virtualization hardware, or trapped
 * @{ */

/** A register of the virtual CPU interface. */
enum armvirt_vgic_cpuif_reg {
	ARMVIRT_VGIC_CPUIF_PMR,     /**< ICC_PMR_EL1, GICC_PMR */
	ARMVIRT_VGIC_CPUIF_CTLR,    /**< ICC_CTLR_EL1 */
	ARMVIRT_VGIC_CPUIF_BPR0,    /**< ICC_BPR0_EL1 */
	ARMVIRT_VGIC_CPUIF_BPR1,    /**< ICC_BPR1_EL1 */
	ARMVIRT_VGIC_CPUIF_IGRPEN0, /**< ICC_IGRPEN0_EL1 */
	ARMVIRT_VGIC_CPUIF_IGRPEN1, /**< ICC_IGRPEN1_EL1 */
	ARMVIRT_VGIC_CPUIF_IAR0,    /**< ICC_IAR0_EL1: reading acknowledges */
	ARMVIRT_VGIC_CPUIF_IAR1,    /**< ICC_IAR1_EL1: reading acknowledges */
	ARMVIRT_VGIC_CPUIF_EOIR0,   /**< ICC_EOIR0_EL1 */
	ARMVIRT_VGIC_CPUIF_EOIR1,   /**< ICC_EOIR1_EL1 */
	ARMVIRT_VGIC_CPUIF_HPPIR0,  /**< ICC_HPPIR0_EL1 */
	ARMVIRT_VGIC_CPUIF_HPPIR1,  /**< ICC_HPPIR1_EL1 */
	ARMVIRT_VGIC_CPUIF_RPR,     /**< ICC_RPR_EL1 */
	ARMVIRT_VGIC_CPUIF_DIR,     /**< ICC_DIR_EL1 */
	ARMVIRT_VGIC_CPUIF_SRE,     /**< ICC_SRE_EL1: reads 7, ignores writes */
	ARMVIRT_VGIC_CPUIF_AP0R0,   /**< ICC_AP0R0_EL1 */
	ARMVIRT_VGIC_CPUIF_AP0R1,   /**< ICC_AP0R1_EL1 */
	ARMVIRT_VGIC_CPUIF_AP0R2,   /**< ICC_AP0R2_EL1 */
	ARMVIRT_VGIC_CPUIF_AP0R3,   /**< ICC_AP0R3_EL1 */
	ARMVIRT_VGIC_CPUIF_AP1R0,   /**< ICC_AP1R0_EL1 */
	ARMVIRT_VGIC_CPUIF_AP1R1,   /**< ICC_AP1R1_EL1 */
	ARMVIRT_VGIC_CPUIF_AP1R2,   /**< ICC_AP1R2_EL1 */
	ARMVIRT_VGIC_CPUIF_AP1R3,   /**< ICC_AP1R3_EL1 */
	ARMVIRT_VGIC_CPUIF_COUNT    /**< number of registers */
};

/** What armvirt_vgic_sysreg() works on, and what it leaves to do. */
struct armvirt_vgic_trap {
	struct armvirt_vgic *vm;             /**< the machine */
	struct armvirt_vgic_actions actions; /**< of the last access: carry them out */
	uint32_t vcpu;                       /**< who accesses */
	uint32_t reserved;                   /**< zero */
};

/**
 * @brief Serves a trapped access of an ICC_* register of EL1: MSR and MRS, and from AArch32 MCR,
 *        MRC and MCRR.
 * @param trap   machine and vCPU; actions is written
 * @param access which register and direction
 * @param value  the operand of a write; receives the answer of a read
 * @return ARMVIRT_OK; ARMVIRT_E_ABSENT if there is no such register (another one, an active
 *         priorities register beyond the preemption bits, a GICv2 machine or no such vCPU);
 *         ARMVIRT_E_DENIED for a write of a register that is read only or the reverse. The answer
 *         to both is armvirt_inject_undef().
 *
 * What must stand: for ICC_SGI1R, ASGI1R and SGI0R nothing (class shared). For ICC_DIR the image is
 * current: armvirt_hw_vgic_sync() before, armvirt_hw_vgic_enter() after. For the others the vCPU is
 * in the image and not in the CPU: armvirt_hw_vgic_put() before, load and enter after, or a machine
 * without such hardware; then armvirt_vgic_fold() and armvirt_vgic_flush() follow. Owner.
 *
 * Source: ICC_* and ICV_* register descriptions.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_vgic_sysreg_access(struct armvirt_vgic_trap *trap,
			   const struct armvirt_sysreg_access *access, uint64_t *value);

/** Handler for a row of @ref armvirt_sysreg_entry that calls armvirt_vgic_sysreg_access() on the
 *  @ref armvirt_vgic_trap that stands @a arg bytes behind the context of the dispatch. */
enum armvirt_status armvirt_vgic_sysreg(void *context, const struct armvirt_sysreg_entry *entry,
					const struct armvirt_sysreg_access *access,
					uint64_t *value);

/** One row of the two lists below: the AArch64 register, or its AArch32 equivalent. */
#define ARMVIRT_VGIC_SYSREG_ROW(space, name, access, offset)                                  \
	{                                                                                     \
		(space) | ((space) ? ARMVIRT_SYSREG_##name & 0x3fff : ARMVIRT_SYSREG_##name), \
			(access), 0, (offset), armvirt_vgic_sysreg                            \
	}

/** Rows of every ICC_* register but those for SGIs: ARMVIRT_SYSREG_A64 or ARMVIRT_SYSREG_CP15. */
#define ARMVIRT_VGIC_SYSREG_ROWS(space, offset)                                             \
	ARMVIRT_VGIC_SYSREG_ROW(space, ICC_PMR_EL1, ARMVIRT_SYSREG_RW, offset),             \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_CTLR_EL1, ARMVIRT_SYSREG_RW, offset),    \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_SRE_EL1, ARMVIRT_SYSREG_RW, offset),     \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_BPR0_EL1, ARMVIRT_SYSREG_RW, offset),    \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_BPR1_EL1, ARMVIRT_SYSREG_RW, offset),    \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_IGRPEN0_EL1, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_IGRPEN1_EL1, ARMVIRT_SYSREG_RW, offset), \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP0R0_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP0R1_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP0R2_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP0R3_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP1R0_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP1R1_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP1R2_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_AP1R3_EL1, ARMVIRT_SYSREG_RW, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_IAR0_EL1, ARMVIRT_SYSREG_R, offset),     \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_IAR1_EL1, ARMVIRT_SYSREG_R, offset),     \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_HPPIR0_EL1, ARMVIRT_SYSREG_R, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_HPPIR1_EL1, ARMVIRT_SYSREG_R, offset),   \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_RPR_EL1, ARMVIRT_SYSREG_R, offset),      \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_EOIR0_EL1, ARMVIRT_SYSREG_W, offset),    \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_EOIR1_EL1, ARMVIRT_SYSREG_W, offset),    \
		ARMVIRT_VGIC_SYSREG_ROW(space, ICC_DIR_EL1, ARMVIRT_SYSREG_W, offset)

/** Rows of the three SGI registers: of AArch64, and of AArch32, which writes them by MCRR. */
#define ARMVIRT_VGIC_SYSREG_SGI_ROWS(offset)                                                  \
	ARMVIRT_VGIC_SYSREG_ROW(ARMVIRT_SYSREG_A64, ICC_SGI1R_EL1, ARMVIRT_SYSREG_W, offset), \
		ARMVIRT_VGIC_SYSREG_ROW(ARMVIRT_SYSREG_A64, ICC_ASGI1R_EL1, ARMVIRT_SYSREG_W, \
					offset),                                              \
		ARMVIRT_VGIC_SYSREG_ROW(ARMVIRT_SYSREG_A64, ICC_SGI0R_EL1, ARMVIRT_SYSREG_W,  \
					offset),                                              \
		{ARMVIRT_SYSREG_CP15_64 | 0 << 11 | 12 << 3, ARMVIRT_SYSREG_W, 0, (offset),   \
		 armvirt_vgic_sysreg},                                                        \
		{ARMVIRT_SYSREG_CP15_64 | 1 << 11 | 12 << 3, ARMVIRT_SYSREG_W, 0, (offset),   \
		 armvirt_vgic_sysreg},                                                        \
	{                                                                                     \
		ARMVIRT_SYSREG_CP15_64 | 2 << 11 | 12 << 3, ARMVIRT_SYSREG_W, 0, (offset),    \
			armvirt_vgic_sysreg                                                   \
	}

/** Number of rows of ARMVIRT_VGIC_SYSREG_ROWS(). */
#define ARMVIRT_VGIC_SYSREG_ROW_COUNT 23
/** Number of rows of ARMVIRT_VGIC_SYSREG_SGI_ROWS(). */
#define ARMVIRT_VGIC_SYSREG_SGI_ROW_COUNT 6

/** What the hardware would answer on the image, acknowledging included; registers that are written
 *  only read as zero. Call armvirt_vgic_fold() and armvirt_vgic_flush() afterwards. Owner. */
uint64_t armvirt_vgic_cpuif_read(const struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				 enum armvirt_vgic_cpuif_reg reg);
/** What the hardware would do to the image; physical deactivations that it would have done come as
 *  actions. As armvirt_vgic_cpuif_read(). */
struct armvirt_vgic_actions armvirt_vgic_cpuif_write(struct armvirt_vgic *vm,
						     struct armvirt_vgic_vcpu *v,
						     enum armvirt_vgic_cpuif_reg reg,
						     uint64_t value);
/** Reads a register of the memory-mapped CPU interface of a GICv2, offsets 0 to 0x1fff. Reading
 *  GICC_IAR acknowledges. Owner. */
uint64_t armvirt_vgic_gicc_read(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v,
				uint32_t offset, unsigned size);
/** Writes a register of the memory-mapped CPU interface of a GICv2. Owner. */
struct armvirt_vgic_actions armvirt_vgic_gicc_write(struct armvirt_vgic *vm,
						    struct armvirt_vgic_vcpu *v, uint32_t offset,
						    unsigned size, uint64_t value);
/** @} */

/** @name Saving and restoring
 * @{ */

/** Bytes that armvirt_vgic_save() writes. Pure. */
size_t armvirt_vgic_save_size(const struct armvirt_vgic *vm);

/**
 * @brief Writes the state as a flat, little-endian, versioned record; no vCPU may be loaded.
 * @param vm     unchanged for the guest; list registers go back into the words
 * @param buffer at least armvirt_vgic_save_size()
 * @param size   its bytes
 * @return ARMVIRT_OK; ARMVIRT_E_NOMEM
 *
 * A linked interrupt is saved without its physical state. Exclusive.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_save(struct armvirt_vgic *vm, void *buffer,
							size_t size);

/**
 * @brief Takes a record up into a machine of the same shape, fresh from armvirt_vgic_init().
 * @return ARMVIRT_OK; ARMVIRT_E_CORRUPT if the record is none, is of an unknown version or of
 *         another shape, or holds what cannot be; then nothing has changed
 *
 * Exclusive.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_vgic_restore(struct armvirt_vgic *vm,
							   const void *buffer, size_t size);
/** @} */

/** @name The CPU's registers (AArch64 at EL2)
 * @{ */

/** Shape of this CPU from ICH_VTR_EL2 and ID_AA64PFR1_EL1; GIC system registers must be there. */
ARMVIRT_NODISCARD enum armvirt_status armvirt_hw_vgic_caps(struct armvirt_vgic_caps *caps);

/** Loads a vCPU: VMCR, active priorities, the used list registers, then ICH_HCR_EL2. Needs
 *  ICC_SRE_EL2.SRE and HCR_EL2.IMO and FMO for the guest. Issues no barrier: the exception return
 *  synchronises. */
void armvirt_hw_vgic_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v);

/** Reads everything back, folds, leaves the CPU with no list register in use and ICH_HCR_EL2 zero.
 *  The same CPU as armvirt_hw_vgic_load(). Deactivations are carried out. */
struct armvirt_vgic_actions armvirt_hw_vgic_put(struct armvirt_vgic *vm,
						struct armvirt_vgic_vcpu *v);

/**
 * @brief Reads back what the guest has done, and folds: before any question about this vCPU.
 *
 * Costs nothing but ICH_VMCR_EL2 if no list register is in use. What it took up (ended interrupts,
 * EOIcount) is cleared in the CPU at once, so it may be called at any time and again, with or
 * without an enter before the guest goes on. Deactivations are carried out by ICC_DIR_EL1 (EOImode
 * 1). Afterwards armvirt_vgic_flush_needed() says whether enter has work. Does nothing if the vCPU
 * is not loaded.
 */
struct armvirt_vgic_actions armvirt_hw_vgic_sync(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v);

/**
 * @brief Before the guest goes on: lists what is pending.
 *
 * If armvirt_vgic_flush_needed(): reads back, flushes, writes the list registers that changed, and
 * ICH_HCR_EL2 if it did. Else no register access. Does nothing if the vCPU is not loaded.
 */
struct armvirt_vgic_actions armvirt_hw_vgic_enter(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v);

/** armvirt_hw_vgic_sync() and armvirt_hw_vgic_enter() in one, which reads back once: for a
 *  maintenance interrupt. */
struct armvirt_vgic_actions armvirt_hw_vgic_maintain(struct armvirt_vgic *vm,
						     struct armvirt_vgic_vcpu *v);

/** Carries out deactivations by ICC_DIR_EL1 and forgets them. */
void armvirt_hw_vgic_deactivate(const struct armvirt_vgic *vm,
				struct armvirt_vgic_actions *actions);

/** As armvirt_hw_vgic_load(), for a GICv2 whose GICH registers are at @p gich. */
void armvirt_hw_vgic2_load(struct armvirt_vgic *vm, struct armvirt_vgic_vcpu *v, uintptr_t gich);
/** As armvirt_hw_vgic_put(); deactivations are left to the caller (GICC_DIR). With
 *  ARMVIRT_VGIC_MORE it is still loaded: deactivate, call again. */
struct armvirt_vgic_actions armvirt_hw_vgic2_put(struct armvirt_vgic *vm,
						 struct armvirt_vgic_vcpu *v, uintptr_t gich);
/** As armvirt_hw_vgic_sync(); deactivations are left to the caller. Call again while
 *  ARMVIRT_VGIC_MORE. */
struct armvirt_vgic_actions armvirt_hw_vgic2_sync(struct armvirt_vgic *vm,
						  struct armvirt_vgic_vcpu *v, uintptr_t gich);
/** As armvirt_hw_vgic_enter(). With ARMVIRT_VGIC_MORE nothing was listed: deactivate, call again.
 */
struct armvirt_vgic_actions armvirt_hw_vgic2_enter(struct armvirt_vgic *vm,
						   struct armvirt_vgic_vcpu *v, uintptr_t gich);
/** As armvirt_hw_vgic_maintain(), with the answers of armvirt_hw_vgic2_enter(). */
struct armvirt_vgic_actions armvirt_hw_vgic2_maintain(struct armvirt_vgic *vm,
						      struct armvirt_vgic_vcpu *v, uintptr_t gich);
/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif
