/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief MPAM in the processor: which partition a virtual machine's requests carry.
 */
#ifndef LIBARMVIRT_MPAM_H
#define LIBARMVIRT_MPAM_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup mpam MPAM, processor side
 * @brief Partition identifiers of virtual machines: values for the EL2 registers,
 *        allocation, fractions.
 *
 * Every memory request carries a PARTID and a PMG; the memory-system components
 * (@ref mpam_msc) treat it by them. A virtual machine gets one of three shapes:
 *
 *  - @ref ARMVIRT_MPAM_HIDDEN (what a zeroed request asks for): the guest sees no
 *    MPAM, each of its accesses to an MPAM register traps, and all its requests carry
 *    one PARTID. Needs nothing but MPAM.
 *  - `ARMVIRT_MPAM_VIRTUAL`: the guest has a PARTID space of its own, 0 to n - 1, which
 *    the processor maps to any n physical PARTIDs. Needs MPAMIDR_EL1.HAS_HCR.
 *  - `ARMVIRT_MPAM_HOST`: physical PARTIDs and no trap, for a host at EL1 or EL0.
 *
 * Two facts to design with. While MPAMEN is 0, and whenever a guest with a virtual
 * space names a PARTID above the processor's own maximum, requests carry the default
 * PARTID 0: so give PARTID 0 settings that may be reached by anybody (a small share),
 * in every component, before anything else, and never hand it out. And lines that are
 * cached, and requests in flight, keep the PARTID with which they were made: a PARTID
 * that changes hands must cool down first (@ref armvirt_mpam_space).
 *
 * The library was verified against a model written from the architecture, not on silicon:
 * see docs/mpam.md.
 * @{
 */

/** What the MPAM of one processor, or of every processor of a set, can do. */
struct armvirt_mpam_caps {
	uint16_t partid_max; /**< largest PARTID */
	uint8_t pmg_max;     /**< largest PMG */
	uint8_t vpm_count; /**< virtual PARTIDs that the map holds: 0 without HAS_HCR, else 4 to 32
			    */
	uint8_t version;   /**< 0x10 for v1.0, 0x11 for v1.1, 0x01 for v0.1 */
	bool has_hcr;      /**< MPAMHCR_EL2, MPAMVPMV_EL2 and MPAMVPMn_EL2 exist */
	bool has_tidr;     /**< MPAM2_EL2.TIDR traps MPAMIDR_EL1 without MPAMHCR_EL2 */
	bool has_sm;       /**< MPAMSM_EL1 exists (FEAT_SME) */
	bool has_bw;       /**< MPAMBW registers exist (FEAT_MPAM_PE_BW_CTRL) */
	bool el2_is_highest; /**< no EL3: MPAMEN is ours to set, in MPAM2_EL2 */
};

/** A partition and a monitoring group: what a memory request carries. */
struct armvirt_mpam_tag {
	uint16_t partid; /**< partition identifier */
	uint8_t pmg;     /**< performance monitoring group */
};

/** Shape of a virtual machine's MPAM, see the group's text. */
enum armvirt_mpam_shape {
	ARMVIRT_MPAM_HIDDEN = 0,  /**< no MPAM in the guest, one PARTID */
	ARMVIRT_MPAM_VIRTUAL = 1, /**< a PARTID space of its own */
	ARMVIRT_MPAM_HOST = 2     /**< physical PARTIDs, no trap */
};

/** EL0 is held to the PARTIDs of EL1 (MPAMHCR_EL2.GSTAPP_PLK); needs HAS_HCR. */
#define ARMVIRT_MPAM_APP_LOCK 0x1u

/** Virtual PARTIDs that the architecture can map at most. */
#define ARMVIRT_MPAM_VPARTIDS_MAX 32

/** What armvirt_mpam_vm_build() shall make. */
struct armvirt_mpam_vm_request {
	enum armvirt_mpam_shape shape; /**< @ref armvirt_mpam_shape */
	uint32_t flags;                /**< 0 or @ref ARMVIRT_MPAM_APP_LOCK */
	const uint16_t *partid;        /**< physical PARTIDs: virtual PARTID i is partid[i] */
	uint16_t partid_count;         /**< VIRTUAL: 1 to caps->vpm_count; HIDDEN: 1; HOST: 0 */
	uint8_t pmg_max;               /**< VIRTUAL: largest PMG that the guest is told of */
	uint8_t pmg;                   /**< HIDDEN: PMG of the guest's requests */
	struct armvirt_mpam_tag own;   /**< of EL2 itself while this virtual machine is loaded */
};

/**
 * The MPAM registers of EL2 for one virtual machine, as values. Written by
 * armvirt_mpam_vm_build(), the same for each of its virtual CPUs, loaded by
 * armvirt_hw_mpam_load(). Holds no pointer.
 */
struct armvirt_mpam_vm {
	uint64_t mpam2;   /**< MPAM2_EL2 */
	uint64_t hcr;     /**< MPAMHCR_EL2; not loaded unless has_hcr */
	uint64_t vpmv;    /**< MPAMVPMV_EL2: which virtual PARTIDs are mapped */
	uint64_t vpm[8];  /**< MPAMVPM0_EL2 to MPAMVPM7_EL2; the first vpm_regs exist */
	uint64_t fixed;   /**< HIDDEN: MPAM0_EL1 and MPAM1_EL1 of the guest */
	uint16_t count;   /**< virtual PARTIDs */
	uint8_t shape;    /**< @ref armvirt_mpam_shape */
	uint8_t vpm_regs; /**< MPAMVPMn_EL2 to load: the ones with a valid entry */
	uint8_t pmg_max;  /**< largest PMG that the guest is told of */
	bool has_hcr;     /**< MPAMHCR_EL2 and the map are to be loaded */
	bool has_sm;      /**< MPAMSM_EL1 is to be loaded */
	bool has_bw;      /**< MPAMBW2_EL2 is to be loaded (with 0: all trapped) */
	bool idr_visible; /**< this processor cannot hide MPAMIDR_EL1 from the guest */
};

/** The MPAM registers of one virtual CPU: its save set. */
struct armvirt_mpam_vcpu {
	uint64_t mpam1;  /**< MPAM1_EL1 */
	uint64_t mpam0;  /**< MPAM0_EL1 */
	uint64_t mpamsm; /**< MPAMSM_EL1, 0 without FEAT_SME */
};

/**
 * @brief Derives what MPAM can do from ID registers.
 * @param caps written whole on success
 * @param id   ID registers of one CPU, or sanitised over all (the smallest
 *             MPAMIDR_EL1 fields)
 * @retval ARMVIRT_E_UNSUPPORTED no MPAM, or a major version that the library does not know
 *
 * Pure. MPAMIDR_EL1 traps to EL3 on machines whose firmware has MPAM3_EL3.TRAPLOWER
 * set, and most such firmware dies of it: read it only if the platform promises
 * otherwise. An MPAMIDR_EL1 of 0 is understood as "no PARTID but 0".
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_caps_derive(struct armvirt_mpam_caps *caps,
							       const struct armvirt_idregs *id);

/**
 * @brief Reduces @p caps to what @p other can do as well, for a virtual CPU that may
 *        run on either. Pure.
 */
void armvirt_mpam_caps_meet(struct armvirt_mpam_caps *caps, const struct armvirt_mpam_caps *other);

/**
 * @brief Makes the EL2 register values of a virtual machine.
 * @param vm   written whole on success
 * @param caps of the processors on which it may run
 * @param r    the wish
 * @retval ARMVIRT_E_ARG         unknown shape or flag, or a count that the shape does not take
 * @retval ARMVIRT_E_RANGE       a PARTID or PMG above the maxima, or a list longer than the map
 * @retval ARMVIRT_E_UNSUPPORTED VIRTUAL or APP_LOCK without HAS_HCR
 * @retval ARMVIRT_E_DENIED      PARTID 0 for a guest: it is everybody's, see the group's text
 *
 * Pure. Virtual PARTIDs from partid_count upwards are left invalid, and the processor
 * takes virtual PARTID 0 for them. Implements the traps of MPAM2_EL2 and MPAMHCR_EL2 so that
 * whatever the guest may not use reaches EL2.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_mpam_vm_build(struct armvirt_mpam_vm *vm, const struct armvirt_mpam_caps *caps,
		      const struct armvirt_mpam_vm_request *r);

/**
 * @brief Reset values of a virtual CPU's MPAM registers: the fixed PARTID (HIDDEN) or
 *        virtual PARTID 0 and PMG 0. Pure.
 */
void armvirt_mpam_vcpu_reset(struct armvirt_mpam_vcpu *vcpu, const struct armvirt_mpam_vm *vm);

/**
 * @brief What requests of EL1 and EL0 carry when the guest has put @p guest into
 *        MPAM1_EL1 or MPAM0_EL1 (or in HIDDEN, what they carry in any case).
 *
 * Pure. Follows GenPARTID, MAP_vPARTID and GenPMG of the architecture's pseudocode. Where that
 * leaves a choice to the processor (a virtual PARTID above the map, a PMG next to
 * a PARTID that is out of range) the pseudocode's own choice is taken; every choice
 * ends at a PARTID of the virtual machine or at PARTID 0.
 */
struct armvirt_mpam_tag armvirt_mpam_translate(const struct armvirt_mpam_vm *vm,
					       const struct armvirt_mpam_caps *caps,
					       struct armvirt_mpam_tag guest);

/**
 * @brief The value of MPAMIDR_EL1 that the guest may see: its own PARTID_MAX and PMG_MAX
 *        and nothing else. Pure.
 * @retval ARMVIRT_E_DENIED HIDDEN: inject an Undefined Instruction exception
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_guest_idr(const struct armvirt_mpam_vm *vm,
							     uint64_t *value);

/** @name Allocation of PARTIDs
 * @{ */

/** What one agent (a processor, or a memory-system component) can tell apart. */
struct armvirt_mpam_limits {
	uint16_t partid_max; /**< largest PARTID */
	uint8_t pmg_max;     /**< largest PMG */
};

/** @ref armvirt_mpam_slot.ready of a PARTID that is in use. */
#define ARMVIRT_MPAM_IN_USE UINT64_MAX

/** State of one PARTID. */
struct armvirt_mpam_slot {
	uint64_t ready; /**< free from this time on, or @ref ARMVIRT_MPAM_IN_USE */
};

/**
 * The PARTIDs of a machine, one space (Non-secure, say). First every agent joins,
 * then the space is frozen, then PARTIDs are handed out. PARTID 0 never is. Times are the caller's:
 * any unit, never going back. All functions are per-object: the caller keeps two out of one space.
 */
struct armvirt_mpam_space {
	struct armvirt_mpam_slot *slot;    /**< one a PARTID, the caller's memory */
	uint32_t slot_count;               /**< slots that exist */
	struct armvirt_mpam_limits limits; /**< smallest of all agents, final when frozen */
	uint16_t agent_count;              /**< agents that joined */
	bool frozen;                       /**< no smaller agent may join any more */
};

/** An empty space over the caller's @p count slots. PARTIDs without a slot are not handed out. */
void armvirt_mpam_space_init(struct armvirt_mpam_space *s, struct armvirt_mpam_slot *slot,
			     uint32_t count);

/**
 * @brief Counts an agent in.
 * @retval ARMVIRT_E_STATE the space is frozen and the agent is smaller: it must stay
 *         unused, or requests that it carries would be mistaken for others
 * @retval ARMVIRT_E_FULL 65535 agents
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_space_join(struct armvirt_mpam_space *s,
							      struct armvirt_mpam_limits agent);

/**
 * @brief Ends joining; from now on PARTIDs can be taken.
 * @retval ARMVIRT_E_STATE no agent has joined, or frozen already
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_space_freeze(struct armvirt_mpam_space *s);

/**
 * @brief Takes the lowest PARTID that is free and cool at @p now. At most slot_count steps.
 * @retval ARMVIRT_E_STATE not frozen
 * @retval ARMVIRT_E_BUSY  every free PARTID is still cooling down
 * @retval ARMVIRT_E_FULL  every PARTID is in use
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_partid_take(struct armvirt_mpam_space *s,
							       uint64_t now, uint16_t *partid);

/**
 * @brief Takes one PARTID of the caller's choice (a static plan).
 * @retval ARMVIRT_E_STATE  not frozen
 * @retval ARMVIRT_E_RANGE  no such PARTID, or PARTID 0
 * @retval ARMVIRT_E_EXISTS in use
 * @retval ARMVIRT_E_BUSY   cooling down
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_partid_claim(struct armvirt_mpam_space *s,
								uint64_t now, uint16_t partid);

/**
 * @brief Gives a PARTID back; it is handed out again from @p ready on (the time when its lines
 *        have left the caches: after a flush, or after a worst case that the platform knows).
 * @retval ARMVIRT_E_RANGE  no such PARTID, or PARTID 0
 * @retval ARMVIRT_E_ABSENT it is not in use
 * @retval ARMVIRT_E_ARG    @p ready is @ref ARMVIRT_MPAM_IN_USE
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_partid_give(struct armvirt_mpam_space *s,
							       uint16_t partid, uint64_t ready);

/** @} */

/** @name Fractions
 * @{ */

/** A share: part / whole, with part <= whole and 0 < whole < 2^48. Percent: {p, 100};
 *  bytes per second: {rate, peak rate}. */
struct armvirt_mpam_ratio {
	uint64_t part;  /**< numerator */
	uint64_t whole; /**< denominator */
};

/** Which way a share is rounded to what a control of few bits can express. */
enum armvirt_mpam_bound {
	ARMVIRT_MPAM_AT_MOST, /**< limit: the control grants the largest share not above the wish */
	ARMVIRT_MPAM_AT_LEAST /**< guarantee: the smallest share not below the wish, or the largest
				   there is */
};

/**
 * @brief Encodes a share as the fixed-point fraction of a control with @p width bits.
 * @param ratio    the share
 * @param width    implemented bits, 1 to 16
 * @param bound    how it is meant
 * @param fraction written on success: left justified in 16 bits, lower bits 0
 * @retval ARMVIRT_E_ARG   a ratio or width outside its domain
 * @retval ARMVIRT_E_RANGE AT_MOST a share of less than 2^-width: not expressible
 *
 * Pure. A control of w bits with value v stands for the range from v to v + 2^-w; maximum
 * controls take its upper end and minimum controls its lower end, as the architecture
 * recommends (IHI 0099, "The fixed-point fractional format", whose tables the tests hold). So
 * AT_MOST 50 % of 8 bits is 0x7f00 and 100 % is 0xff00.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_mpam_fraction_encode(struct armvirt_mpam_ratio ratio,
								   unsigned width,
								   enum armvirt_mpam_bound bound,
								   uint16_t *fraction);

/**
 * @brief The share that a fraction grants, as parts of 2^16: 0 to 65536.
 * @param fraction left justified; bits below @p width are ignored
 * @param width    implemented bits, 1 to 16
 * @param bound    which end of the range
 *
 * Pure. Exact: for @ref ARMVIRT_MPAM_AT_MOST the upper end, else the lower; all ones is 65536
 * either way.
 */
uint32_t armvirt_mpam_fraction_decode(uint16_t fraction, unsigned width,
				      enum armvirt_mpam_bound bound);

/** @} */

/** @name Hardware
 * These touch the CPU: AArch64, EL2.
 * @{ */

/**
 * @brief MPAMIDR_EL1. Only where MPAM exists and firmware does not trap it, see
 *        armvirt_mpam_caps_derive().
 */
uint64_t armvirt_hw_mpam_idr_read(void);

/**
 * @brief Loads the registers of a virtual machine and of one of its virtual CPUs.
 *
 * At EL2, with the CPU not running a guest. Order: MPAMVPMn_EL2, MPAMVPMV_EL2, MPAMHCR_EL2,
 * MPAM1_EL1, MPAM0_EL1, MPAMSM_EL1, MPAMBW2_EL2, MPAM2_EL2; so the map is complete before it is
 * enabled. With HCR_EL2.E2H set the EL1 register is reached by its EL12 name. No barrier is issued:
 * the ERET into the guest makes EL1 and EL0 values effective; issue an ISB if EL2's own PARTID
 * (mpam2) changed and EL2 is to use it before. The settings of every physical PARTID must be in
 * every component, followed by a DSB, before the first load (@ref mpam_msc).
 */
void armvirt_hw_mpam_load(const struct armvirt_mpam_vm *vm, const struct armvirt_mpam_vcpu *vcpu);

/**
 * @brief Saves what the guest may have changed: MPAM1_EL1, MPAM0_EL1 and MPAMSM_EL1. Nothing
 *        for a HIDDEN one, whose registers are constant.
 */
void armvirt_hw_mpam_save(const struct armvirt_mpam_vm *vm, struct armvirt_mpam_vcpu *vcpu);

/** Whether MPAM is enabled (MPAM2_EL2.MPAMEN); else all requests carry PARTID 0. */
bool armvirt_hw_mpam_enabled(void);

/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif
