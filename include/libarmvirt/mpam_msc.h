/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief MPAM in memory-system components: controls, monitors, errors.
 */
#ifndef LIBARMVIRT_MPAM_MSC_H
#define LIBARMVIRT_MPAM_MSC_H

#include <libarmvirt/mpam.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @defgroup mpam_msc MPAM, memory-system components
 * @brief Programs caches and memory channels (MSCs) that share by PARTID.
 *
 * The way of one component: armvirt_msc_probe(), armvirt_mpam_space_join() with its
 * limits, armvirt_mpam_space_freeze(), armvirt_msc_attach() with memory for a shadow of all
 * settings (PARTID 0 is sane from here on), armvirt_msc_replay() until it returns @ref ARMVIRT_OK
 * (every other PARTID is), then armvirt_msc_apply() at will. After the component lost power:
 * armvirt_msc_replay() again.
 *
 * Nothing waits, allocates or takes a lock. **Every function here that touches the component is a
 * critical section** of the caller: a component has one selector for all its settings and one for
 * all its monitors, and an access in between by another agent diverts the rest. So hold one lock a
 * component around each call, never map the page to a guest, and call only from a CPU that can
 * reach the component while it has power. The library reads the selector back at the end and says
 * @ref ARMVIRT_E_BUSY when somebody else has moved it.
 *
 * No barrier is issued. Accesses to one component stay in order (Device memory); issue a DSB after
 * programming and before the first request that shall be treated by it.
 *
 * Each function's comment gives its number of register accesses as a constant or formula;
 * the tests count them.
 * @{
 */

/** Access to the registers of one component: 32-bit, at byte offsets in its page. */
struct armvirt_msc_port {
	uint32_t (*read)(void *context, uint32_t offset);              /**< one load */
	void (*write)(void *context, uint32_t offset, uint32_t value); /**< one store */
	void *context; /**< handed to both; for armvirt_hw_msc_read() the page */
};

/** @name Controls of a resource instance
 * Bits of @ref armvirt_msc_ris.controls and @ref armvirt_msc_settings.set.
 * @{ */
#define ARMVIRT_MSC_CMAX       0x001u /**< cache: maximum capacity */
#define ARMVIRT_MSC_CMIN       0x002u /**< cache: minimum capacity */
#define ARMVIRT_MSC_CASSOC     0x004u /**< cache: maximum associativity */
#define ARMVIRT_MSC_MBW_MIN    0x008u /**< bandwidth: minimum */
#define ARMVIRT_MSC_MBW_MAX    0x010u /**< bandwidth: maximum */
#define ARMVIRT_MSC_MBW_WINDOW 0x020u /**< bandwidth: accounting window of min and max */
#define ARMVIRT_MSC_INTPRI     0x040u /**< priority inside the component */
#define ARMVIRT_MSC_DSPRI      0x080u /**< priority of the requests that it makes */
#define ARMVIRT_MSC_MBW_PROP   0x100u /**< bandwidth: proportional stride */
#define ARMVIRT_MSC_CPBM       0x200u /**< cache: portion bitmap */
#define ARMVIRT_MSC_MBW_PBM    0x400u /**< bandwidth: portion bitmap */
/** @} */

/** @name Features of a component
 * Bits of @ref armvirt_msc.features.
 * @{ */
#define ARMVIRT_MSC_HAS_RIS        0x01u /**< several resource instances */
#define ARMVIRT_MSC_HAS_NARROWING  0x02u /**< request PARTIDs map to fewer internal ones */
#define ARMVIRT_MSC_HAS_ERRORS     0x04u /**< reports errors */
#define ARMVIRT_MSC_HAS_ERRORS_EXT 0x08u /**< with the resource instance */
#define ARMVIRT_MSC_HAS_DISABLE    0x10u /**< PARTIDs can be disabled */
#define ARMVIRT_MSC_HAS_FORGET     0x20u /**< and their settings forgotten (NFU) */
#define ARMVIRT_MSC_HAS_CAPTURE    0x40u /**< monitors can be captured by software */
#define ARMVIRT_MSC_HAS_OVERFLOWS  0x80u /**< one register sums up pending overflows */
/** @} */

/** @name Known deviations
 * Bits of @ref armvirt_msc_quirks.flags.
 * @{ */
#define ARMVIRT_MSC_QUIRK_NRDY 0x1u /**< NRDY says nothing: only the settling time counts */
#define ARMVIRT_MSC_QUIRK_LONG 0x2u /**< the long bandwidth counter is not to be used */
/** @} */

/** Deviations of one implementation from the architecture, by MPAMF_IIDR or platform. */
struct armvirt_msc_quirks {
	uint32_t flags;         /**< QUIRK bits */
	uint8_t mbwu_shift;     /**< bandwidth counters count units of 2^n bytes */
	uint16_t mbw_min_floor; /**< smallest bandwidth minimum that works, as a fraction */
};

/** What a type of monitors of one resource instance can do. */
struct armvirt_msc_monitors {
	uint16_t count;     /**< instances; 0: there is none */
	uint8_t bits;       /**< of the counter: 31, 44 or 63 */
	uint8_t scale;      /**< bandwidth, 31 bits: bytes >> scale can be counted */
	bool capture;       /**< has a capture register */
	bool direction;     /**< bandwidth: reads and writes can be told apart */
	bool exclude_clean; /**< storage: can leave clean lines out */
	bool read_only;     /**< storage: the value cannot be written */
	bool no_partid;     /**< storage: cannot match a PARTID */
	bool no_pmg;        /**< storage: cannot match a PMG */
	bool overflow_bits; /**< has a bitmap of overflows */
};

/** Type of a monitor. */
enum armvirt_msc_monitor_type {
	ARMVIRT_MSC_STORAGE = 0,  /**< bytes of a cache that are in use (CSU) */
	ARMVIRT_MSC_BANDWIDTH = 1 /**< bytes transferred (MBWU) */
};

/** One resource instance: what can be controlled and monitored. Written by armvirt_msc_probe(). */
struct armvirt_msc_ris {
	uint32_t controls;     /**< which controls exist */
	uint32_t shadow;       /**< first word of its settings in the shadow; private */
	uint16_t cpbm_bits;    /**< cache portions */
	uint16_t mbw_pbm_bits; /**< bandwidth portions */
	uint16_t record;       /**< words of one PARTID's settings; private */
	uint8_t registers;     /**< which registers a record starts with; private */
	uint8_t cmax_bits;     /**< width of CMAX and CMIN */
	uint8_t cassoc_bits;   /**< width of CASSOC */
	uint8_t mbw_bits;      /**< width of MBW_MIN, MBW_MAX and of the stride */
	uint8_t intpri_bits;   /**< width of INTPRI */
	uint8_t dspri_bits;    /**< width of DSPRI */
	bool intpri_zero_low;  /**< INTPRI: 0 is the lowest priority, else the highest */
	bool dspri_zero_low;   /**< DSPRI: the same */
	bool cmax_soft;        /**< CMAX can be a soft limit */
	bool mbw_soft;         /**< MBW_MAX can be a soft limit */
	bool mbw_hard;         /**< MBW_MAX can be a hard limit */
	struct armvirt_msc_monitors monitors[2]; /**< by @ref armvirt_msc_monitor_type */
};

/** Resource instances that the architecture allows. */
#define ARMVIRT_MSC_RIS_MAX 16

/** One component. Fields are to be read only. */
struct armvirt_msc {
	struct armvirt_msc_port port;     /**< its registers */
	struct armvirt_msc_ris *ris;      /**< caller's array, ris_count used */
	uint32_t *shadow;                 /**< caller's memory, NULL before armvirt_msc_attach() */
	struct armvirt_msc_quirks quirks; /**< as given */
	uint32_t features;                /**< ARMVIRT_MSC_HAS_* */
	uint32_t iidr;                    /**< MPAMF_IIDR: who made it */
	uint16_t partid_max;              /**< largest PARTID of a request */
	uint16_t control_max;             /**< largest PARTID that has settings (internal PARTID) */
	uint16_t partid_limit;            /**< largest request PARTID with a shadow */
	uint16_t control_limit;           /**< largest PARTID with shadowed settings */
	uint8_t pmg_max;                  /**< largest PMG */
	uint8_t ris_count;                /**< resource instances, 1 without RIS */
	uint8_t version;                  /**< 0x10, 0x11 or 0x01 */
};

/** Whose settings. With narrowing, partid is an internal PARTID. */
struct armvirt_msc_target {
	uint8_t ris;     /**< resource instance */
	uint16_t partid; /**< PARTID */
};

/** Portions: those of @p words, or if that is NULL the @p count ones from @p first on. */
struct armvirt_msc_portions {
	const uint32_t *words; /**< bitmap of the control's width, bit 0 of word 0 is portion 0 */
	uint16_t first;        /**< first portion */
	uint16_t count;        /**< how many, at least 1 */
};

/** Settings of one PARTID in one resource instance. Fractions: armvirt_mpam_fraction_encode();
 *  bits below the width of a control are dropped. */
struct armvirt_msc_settings {
	uint32_t set;                        /**< which controls to set; the others keep theirs */
	struct armvirt_msc_portions cpbm;    /**< cache portions, not empty */
	struct armvirt_msc_portions mbw_pbm; /**< bandwidth portions, not empty */
	uint16_t cmax;                       /**< fraction, limit */
	uint16_t cmin;                       /**< fraction, guarantee */
	uint16_t cassoc;                     /**< fraction, limit */
	uint16_t mbw_min;                    /**< fraction, guarantee */
	uint16_t mbw_max;                    /**< fraction, limit */
	uint32_t window;                     /**< 1/256 microseconds, below 2^24 */
	uint32_t stride; /**< cost of bandwidth, 1 to 2^width; 0: not proportional */
	uint16_t intpri; /**< raw, see intpri_zero_low */
	uint16_t dspri;  /**< raw, see dspri_zero_low */
	bool cmax_soft;  /**< CMAX is a soft limit */
	bool mbw_hard;   /**< MBW_MAX is a hard limit */
};

/** The first place where a component did not keep what was written. */
struct armvirt_msc_report {
	uint32_t differ;                  /**< controls that read back differently; 0: none */
	uint32_t offset;                  /**< register */
	uint32_t wrote;                   /**< value written (or expected) */
	uint32_t read;                    /**< value read */
	struct armvirt_msc_target target; /**< whose settings */
};

/**
 * @brief Finds out what a component can do.
 * @param msc      written whole on success
 * @param size     sizeof(struct armvirt_msc)
 * @param port     copied
 * @param ris      caller's array, first ris_count entries written
 * @param capacity entries of @p ris, @ref ARMVIRT_MSC_RIS_MAX always suffices
 * @param quirks   copied; NULL: none
 * @retval ARMVIRT_E_SIZE        @p size is another
 * @retval ARMVIRT_E_NOMEM       more instances than @p capacity
 * @retval ARMVIRT_E_UNSUPPORTED a version of the architecture that the library does not know
 * @retval ARMVIRT_E_HARDWARE    ID registers contradict themselves
 *
 * Critical section; changes the selector only. 5 accesses and at most 9 for each instance. An
 * instance number without any feature (numbers may have gaps) is kept, with no controls and no
 * monitors.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_probe(struct armvirt_msc *msc, size_t size,
							const struct armvirt_msc_port *port,
							struct armvirt_msc_ris *ris,
							unsigned capacity,
							const struct armvirt_msc_quirks *quirks);

/** What the component can tell apart, for armvirt_mpam_space_join(). Pure. */
struct armvirt_mpam_limits armvirt_msc_limits(const struct armvirt_msc *msc);

/** 32-bit words of shadow that PARTIDs 0 to @p partid_limit need. Pure. */
uint32_t armvirt_msc_shadow_words(const struct armvirt_msc *msc, uint16_t partid_limit);

/**
 * @brief Gives the component its shadow, filled with defaults, and programs PARTID 0 with them.
 * @param msc          probed
 * @param shadow       memory; stays the component's
 * @param words        size of it
 * @param partid_limit largest PARTID in use, of the frozen space
 * @param report       written if not NULL, also with a refusal by hardware
 * @retval ARMVIRT_E_NOMEM    fewer words than armvirt_msc_shadow_words()
 * @retval ARMVIRT_E_RANGE    @p partid_limit above the component's
 * @retval ARMVIRT_E_HARDWARE PARTID 0 did not read back; the component is not attached
 * @retval ARMVIRT_E_BUSY     somebody else moved the selector; not attached
 *
 * Defaults: all portions, no limit, no guarantee, lowest priority, not proportional, a window of
 * one millisecond, enabled; with narrowing, every request PARTID maps to internal PARTID 0.
 * Critical section; the accesses of one PARTID in every instance.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_attach(struct armvirt_msc *msc, uint32_t *shadow,
							 uint32_t words, uint16_t partid_limit,
							 struct armvirt_msc_report *report);

/** Where a walk over all settings stands. Zero to start one. */
struct armvirt_msc_cursor {
	uint32_t id;   /**< next PARTID */
	uint8_t ris;   /**< next resource instance */
	uint8_t phase; /**< 0 settings, 1 mapping and enables, 2 done */
};

/**
 * @brief Programs every PARTID of the component, first time or after power loss.
 * @param msc    attached
 * @param cursor zeroed for the first call, then handed back
 * @param budget steps for this call, at least 1; a step is one PARTID in one instance
 * @param report written if not NULL when a step is refused by hardware
 * @retval ARMVIRT_OK         all done
 * @retval ARMVIRT_MORE       budget spent
 * @retval ARMVIRT_E_HARDWARE one step read back differently; the cursor stands behind it, go on if
 *                            you like
 * @retval ARMVIRT_E_BUSY     somebody else moved the selector; the cursor stands before the step
 * @retval ARMVIRT_E_STATE    not attached
 * @retval ARMVIRT_E_ARG      no budget
 *
 * PARTID 0 comes first. PARTIDs without a shadow get the defaults. Critical section a call; each
 * step at most armvirt_msc_accesses() of all controls. Monitors are not touched: see
 * armvirt_msc_monitor_resume().
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_replay(struct armvirt_msc *msc,
							 struct armvirt_msc_cursor *cursor,
							 unsigned budget,
							 struct armvirt_msc_report *report);

/**
 * @brief Compares every setting with the shadow and writes none: the health check.
 *
 * Like armvirt_msc_replay(), with @ref ARMVIRT_E_MISMATCH for a difference.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_verify(struct armvirt_msc *msc,
							 struct armvirt_msc_cursor *cursor,
							 unsigned budget,
							 struct armvirt_msc_report *report);

/**
 * @brief Sets controls of one PARTID in one instance, reads each back.
 * @param msc    attached
 * @param target whose
 * @param s      what
 * @param report written if not NULL, with ARMVIRT_OK, ARMVIRT_E_HARDWARE and ARMVIRT_E_BUSY
 * @retval ARMVIRT_E_STATE       not attached
 * @retval ARMVIRT_E_ARG         unknown control, or none
 * @retval ARMVIRT_E_RANGE       no such instance or PARTID; an empty bitmap or one wider than the
 * control; a value wider than its control
 * @retval ARMVIRT_E_UNSUPPORTED a control, or a kind of limit, that the instance lacks
 * @retval ARMVIRT_E_HARDWARE    something did not stick: the report says what, the old settings
 * were written back, the shadow is unchanged
 * @retval ARMVIRT_E_BUSY        somebody else moved the selector: settings of other PARTIDs may
 * have been hit; the shadow is unchanged, armvirt_msc_replay() repairs
 *
 * The accounting window is the one control that a component may round: then the report names it and
 * the result is still @ref ARMVIRT_OK.
 *
 * Critical section. Exactly armvirt_msc_accesses() register accesses when it succeeds.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_apply(struct armvirt_msc *msc,
							struct armvirt_msc_target target,
							const struct armvirt_msc_settings *s,
							struct armvirt_msc_report *report);

/** Register accesses of setting @p controls in one instance: 2 + 2 x registers. Pure. */
unsigned armvirt_msc_accesses(const struct armvirt_msc_ris *ris, uint32_t controls);

/**
 * @brief The settings in force, from the shadow: fractions as the component keeps them.
 *
 * @p s->set tells which controls exist; bitmaps point into the shadow. Per-object; touches no
 * register.
 * @retval ARMVIRT_E_STATE not attached
 * @retval ARMVIRT_E_RANGE no such instance or PARTID
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_settings_get(const struct armvirt_msc *msc,
							       struct armvirt_msc_target target,
							       struct armvirt_msc_settings *s);

/** A request PARTID and the internal one that it uses. */
struct armvirt_msc_mapping {
	uint16_t request;  /**< what requests carry */
	uint16_t internal; /**< whose settings they use */
};

/**
 * @brief Maps a request PARTID to an internal one.
 * @retval ARMVIRT_E_STATE       not attached
 * @retval ARMVIRT_E_UNSUPPORTED no narrowing
 * @retval ARMVIRT_E_RANGE       no such PARTID
 * @retval ARMVIRT_E_HARDWARE    did not stick; the old mapping was written back
 * @retval ARMVIRT_E_BUSY        somebody else moved the selector
 *
 * Critical section, at most 6 accesses. Settings of the internal PARTID come first.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_narrow(struct armvirt_msc *msc,
							 struct armvirt_msc_mapping mapping);

/** Whether a PARTID may use the component. */
enum armvirt_msc_use {
	ARMVIRT_MSC_ENABLED = 0,  /**< by its settings */
	ARMVIRT_MSC_DISABLED = 1, /**< least resources; settings are kept */
	ARMVIRT_MSC_FORGOTTEN = 2 /**< least resources; the component may forget the settings (the
				       shadow does not) */
};

/**
 * @brief Enables or disables a request PARTID in all instances.
 * @retval ARMVIRT_E_STATE       not attached
 * @retval ARMVIRT_E_ARG         not a use
 * @retval ARMVIRT_E_UNSUPPORTED no disabling, or no forgetting
 * @retval ARMVIRT_E_RANGE       no such PARTID
 * @retval ARMVIRT_E_HARDWARE    did not stick; the old state was written back
 * @retval ARMVIRT_E_BUSY        somebody else moved the selector
 *
 * Critical section, at most 6 accesses. Enabling a forgotten PARTID: replay or apply its settings
 * first.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_use_set(struct armvirt_msc *msc, uint16_t partid,
							  enum armvirt_msc_use use);

/** @name Errors
 * @{ */

/** Why a component raised its error interrupt: MPAMF_ESR.ERRCODE. */
enum armvirt_msc_errcode {
	ARMVIRT_MSC_ERR_NONE = 0,           /**< no error */
	ARMVIRT_MSC_ERR_PARTID_SEL = 1,     /**< selected PARTID out of range */
	ARMVIRT_MSC_ERR_REQ_PARTID = 2,     /**< PARTID of a request out of range */
	ARMVIRT_MSC_ERR_MONITOR_CONFIG = 3, /**< PARTID or PMG of a monitor out of range */
	ARMVIRT_MSC_ERR_REQ_PMG = 4,        /**< PMG of a request out of range */
	ARMVIRT_MSC_ERR_MONITOR = 5,        /**< selected monitor out of range */
	ARMVIRT_MSC_ERR_INTERNAL = 6,       /**< internal PARTID missing or out of range */
	ARMVIRT_MSC_ERR_UNEXPECTED = 7,     /**< internal PARTID where a request PARTID belongs */
	ARMVIRT_MSC_ERR_RIS_UNDEFINED = 8,  /**< no such instance selected */
	ARMVIRT_MSC_ERR_RIS_NO_CONTROL = 9, /**< the instance lacks the control */
	ARMVIRT_MSC_ERR_MON_RIS = 10,       /**< no such instance selected for monitors */
	ARMVIRT_MSC_ERR_RIS_NO_MONITOR = 11 /**< the instance lacks the type of monitor */
};

/** One recorded error. */
struct armvirt_msc_error {
	uint8_t code;     /**< @ref armvirt_msc_errcode, or a value above the last: unknown */
	uint8_t ris;      /**< instance, 0 if the component does not tell */
	uint8_t pmg;      /**< PMG, where the code has one */
	uint16_t id;      /**< PARTID, or monitor for code 5, 10 and 11 */
	bool overwritten; /**< earlier errors were lost */
};

/**
 * @brief Takes the recorded error out of the component, which ends its interrupt.
 * @retval ARMVIRT_E_ABSENT      none is recorded
 * @retval ARMVIRT_E_UNSUPPORTED the component reports none
 *
 * Touches neither selector nor settings: needs no lock but against itself, so an error interrupt
 * may be served at any time. 2 to 6 accesses. An error in the architecture's sense is a mistake of
 * programs, not damage: partitions go on.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_error_take(struct armvirt_msc *msc,
							     struct armvirt_msc_error *error);

/**
 * @brief Switches the error interrupt on or off. 1 access.
 * @retval ARMVIRT_E_UNSUPPORTED the component reports no errors
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_error_interrupt(struct armvirt_msc *msc, bool on);

/** Short English text of an error code, never NULL. Pure. */
const char *armvirt_msc_errcode_text(uint8_t code);

/** @} */

/** @name Monitors
 * @{ */

/** Which transfers a bandwidth monitor counts. */
enum armvirt_msc_direction {
	ARMVIRT_MSC_BOTH = 0,   /**< reads and writes */
	ARMVIRT_MSC_WRITES = 1, /**< writes */
	ARMVIRT_MSC_READS = 2   /**< reads */
};

/** What armvirt_msc_monitor_start() shall start. */
struct armvirt_msc_monitor_config {
	enum armvirt_msc_monitor_type type;   /**< storage or bandwidth */
	uint8_t ris;                          /**< instance */
	uint16_t index;                       /**< monitor of that instance */
	bool match_partid;                    /**< only requests with tag.partid */
	bool match_pmg;                       /**< only requests with tag.pmg */
	struct armvirt_mpam_tag tag;          /**< always of requests, never internal */
	enum armvirt_msc_direction direction; /**< bandwidth */
	bool exclude_clean;                   /**< storage: leave clean lines out */
	bool scaled;                          /**< bandwidth, 31 bits: count in units of 2^scale */
	bool interrupt;                       /**< raise the overflow interrupt */
	uint8_t capture;    /**< capture event 1 to 7 (7: armvirt_msc_capture()), 0: none */
	bool capture_reset; /**< start again from 0 at each capture */
	uint64_t settle;    /**< longest time not ready, in units of `now` */
};

/** One monitor that runs. The caller's memory; its fields are private. */
struct armvirt_msc_monitor {
	uint64_t total;    /**< bytes accumulated */
	uint64_t last;     /**< counter at the last reading */
	uint64_t deadline; /**< must be ready at this time */
	uint64_t settle;   /**< as configured */
	uint32_t select;   /**< MON_SEL */
	uint32_t filter;   /**< FLT */
	uint32_t control;  /**< CTL, enabled, no status */
	uint8_t type;      /**< @ref armvirt_msc_monitor_type */
	uint8_t bits;      /**< of the counter */
	uint8_t shift;     /**< bytes a count, as a power of two */
	bool read_only;    /**< the value cannot be written */
};

/** What armvirt_msc_monitor_read() found. */
struct armvirt_msc_reading {
	uint64_t bytes; /**< storage: in use now; bandwidth: since the start */
	bool wrapped;   /**< the counter overflowed since the last reading (it was accounted for) */
};

/**
 * @brief Configures and starts one monitor.
 * @retval ARMVIRT_E_RANGE       no such instance, monitor, PARTID or PMG, or capture above 7
 * @retval ARMVIRT_E_ARG         unknown type or direction
 * @retval ARMVIRT_E_UNSUPPORTED a filter or capture that it lacks
 * @retval ARMVIRT_E_HARDWARE    the configuration did not read back; the monitor is off
 * @retval ARMVIRT_E_BUSY        somebody else moved the selector
 *
 * Critical section of the monitors' selector, at most 14 accesses, does not wait: the monitor may
 * not be ready for settle units after @p now.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_msc_monitor_start(struct armvirt_msc *msc, struct armvirt_msc_monitor *monitor,
			  const struct armvirt_msc_monitor_config *config, uint64_t now);

/**
 * @brief Reads a monitor and accumulates.
 * @retval ARMVIRT_RETRY      not ready yet: ask again later
 * @retval ARMVIRT_E_HARDWARE not ready although its settling time is over
 * @retval ARMVIRT_E_MISMATCH not configured as it was: power was lost, or another agent was here;
 *                            armvirt_msc_monitor_resume()
 * @retval ARMVIRT_E_BUSY     somebody else moved the selector
 *
 * Critical section, never waits, at most 12 accesses. A bandwidth counter may overflow once between
 * two readings and nothing is lost: read at least every range / peak rate seconds, where the range
 * is 2^31 counts of 2^scale bytes, 2^44 or 2^63 bytes.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_monitor_read(struct armvirt_msc *msc,
							       struct armvirt_msc_monitor *monitor,
							       uint64_t now,
							       struct armvirt_msc_reading *reading);

/**
 * @brief What the last capture event saved, in bytes.
 * @retval ARMVIRT_RETRY  it was not ready when captured
 * @retval ARMVIRT_E_BUSY somebody else moved the selector
 *
 * Critical section, at most 6 accesses.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_msc_monitor_captured(struct armvirt_msc *msc, const struct armvirt_msc_monitor *monitor,
			     uint64_t *bytes);

/**
 * @brief Captures all monitors of the component that listen to event 7, at once. 1 access.
 * @retval ARMVIRT_E_UNSUPPORTED the component cannot
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_capture(struct armvirt_msc *msc);

/**
 * @brief Starts a monitor again as it was, after power loss: the total stays, what was counted
 *        since the last reading is lost.
 *
 * Results as armvirt_msc_monitor_start().
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_msc_monitor_resume(struct armvirt_msc *msc, struct armvirt_msc_monitor *monitor,
			   uint64_t now);

/**
 * @brief Stops a monitor.
 * @retval ARMVIRT_E_BUSY somebody else moved the selector
 *
 * Critical section, 3 accesses.
 */
ARMVIRT_NODISCARD enum armvirt_status
armvirt_msc_monitor_stop(struct armvirt_msc *msc, const struct armvirt_msc_monitor *monitor);

/** A group of 32 monitors. */
struct armvirt_msc_monitor_group {
	enum armvirt_msc_monitor_type type; /**< storage or bandwidth */
	uint8_t ris;                        /**< instance */
	uint16_t first;                     /**< first monitor, a multiple of 32 */
};

/**
 * @brief Which of 32 monitors have an overflow pending.
 * @retval ARMVIRT_E_UNSUPPORTED the type has no such register: read the monitors one by one
 * @retval ARMVIRT_E_RANGE       no such instance or monitor
 * @retval ARMVIRT_E_BUSY        somebody else moved the selector
 *
 * Critical section, 3 accesses. A reading clears a monitor's overflow.
 */
ARMVIRT_NODISCARD enum armvirt_status armvirt_msc_overflows(struct armvirt_msc *msc,
							    struct armvirt_msc_monitor_group group,
							    uint32_t *bits);

/**
 * @brief Bytes a second, rounded down, saturating.
 * @param bytes   transferred
 * @param elapsed {ticks that passed, ticks a second}: part / whole is seconds; both below 2^48
 *
 * Pure. Exact while part x whole < 2^64; beyond, both are halved until they fit. 0 if no time
 * passed.
 */
uint64_t armvirt_msc_rate(uint64_t bytes, struct armvirt_mpam_ratio elapsed);

/** @} */

/** @name Hardware
 * @{ */

/** @ref armvirt_msc_port.read of a component in memory: @p context is its page, mapped as Device.
 */
uint32_t armvirt_hw_msc_read(void *context, uint32_t offset);

/** @ref armvirt_msc_port.write of the same. */
void armvirt_hw_msc_write(void *context, uint32_t offset, uint32_t value);

/** @} */

/** @} */

#ifdef __cplusplus
}
#endif

#endif
