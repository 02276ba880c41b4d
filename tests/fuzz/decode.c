/* SPDX-License-Identifier: BSD-2-Clause */
/* Any syndrome with any guest state: decode, verdict, MMIO, skip, dispatch, injection. */
#include <libarmvirt/exit.h>
#include <libarmvirt/inject.h>
#include <libarmvirt/mmio.h>
#include <libarmvirt/s2fault.h>
#include <libarmvirt/sysreg.h>

#include "fuzz.h"

static enum armvirt_status answer(void *context, const struct armvirt_sysreg_entry *entry,
				  const struct armvirt_sysreg_access *access, uint64_t *value)
{
	(void)context;
	REQUIRE(entry->key == access->key);
	value[0] ^= entry->arg;
	return ARMVIRT_OK;
}

static void dispatch(const struct armvirt_exit *exit, struct armvirt_frame *frame)
{
	static const struct armvirt_sysreg_entry rows[] = {
		{ARMVIRT_SYSREG_KEY(3, 3, 14, 3, 1), ARMVIRT_SYSREG_RW, 0, 1, answer},
		{ARMVIRT_SYSREG_CP15 | 7 << 7, ARMVIRT_SYSREG_RW, 0, 1, answer},
		{ARMVIRT_SYSREG_CP15_64 | 14 << 3, ARMVIRT_SYSREG_RW, 0, 1, answer},
	};
	static struct armvirt_sysreg_index index;
	const struct armvirt_sysreg_table table = {rows, sizeof(rows) / sizeof(rows[0])};

	if (!index.entry)
		REQUIRE(armvirt_sysreg_index_init(&index, &table) == ARMVIRT_OK);
	(void)!armvirt_sysreg_emulate(&index, NULL, exit, frame);
}

static void inject(struct armvirt_frame *frame, const uint8_t *data, size_t size)
{
	struct armvirt_excregs regs;
	struct armvirt_features features;
	struct armvirt_sync sync;
	struct armvirt_abort_request request;
	const struct armvirt_exctarget t = {frame, &regs, &features};
	uint8_t aarch32, set_far, flags;

	TAKE(aarch32);
	TAKE(flags);
	TAKE(set_far);
	TAKE(sync.esr);
	TAKE(sync.far);
	TAKE(request.va);
	TAKE(request.status);
	memset(&regs, 0, sizeof(regs));
	memset(&features, 0, sizeof(features));
	TAKE(features.has);
	TAKE(regs.sctlr);
	TAKE(regs.vbar);
	sync.set_far = set_far & 1;
	request.fetch = flags & 1;
	request.write = flags & 2;
	request.va_unknown = flags & 4;
	regs.el1_aarch32 = aarch32 & 1;
	if (armvirt_inject_sync(&t, &sync) == ARMVIRT_OK)
		REQUIRE((frame->pstate & 0x1f) == 5 && (frame->pstate & 0x3c0) == 0x3c0);
	(void)!armvirt_inject_abort(&t, &request);
	(void)!armvirt_inject_undef(&t);
	(void)!armvirt_inject_serror(&t, (uint32_t)sync.far);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct armvirt_exit_regs regs;
	struct armvirt_frame frame;
	struct armvirt_exit exit;
	struct armvirt_mmio mmio;
	struct armvirt_s2_finding finding = {.lookup = ARMVIRT_E_ABSENT};
	uint64_t deadline;
	uint8_t kind;

	TAKE(regs);
	TAKE(frame);
	TAKE(kind);
	armvirt_exit_decode(&exit, &regs);
	REQUIRE(exit.kind < ARMVIRT_EXIT_COUNT && exit.el <= 3);
	REQUIRE(exit.insn_bytes == 2 || exit.insn_bytes == 4);
	finding.note.kind = (enum armvirt_s2_kind)(kind & 15);
	REQUIRE(armvirt_s2_fault_classify(&exit, &finding) < ARMVIRT_VERDICT_COUNT);
	if (armvirt_mmio_start(&mmio, &exit, &frame, regs.far) == ARMVIRT_OK)
		REQUIRE(mmio.reg <= 31 && mmio.bytes <= 8);
	(void)!armvirt_wfx_deadline(&exit, &frame, &deadline);
	dispatch(&exit, &frame);
	if (armvirt_exit_cond_passes(&exit, frame.pstate))
		armvirt_exit_undo(&exit, &frame);
	armvirt_exit_skip(&exit, &frame);
	inject(&frame, data, size);
	return 0;
}
