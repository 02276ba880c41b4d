/* SPDX-License-Identifier: BSD-2-Clause */
/* Any stage 1, walked and fetched through; the walk is the model's. */
#include <libarmvirt/guestwalk.h>

#include "fuzz.h"
#include "stage1.h"

#define BASE 0x40000000

static _Alignas(4096) uint8_t memory[3 * 4096];

static bool read_memory(void *context, uint64_t pa, unsigned bytes, uint8_t *to)
{
	(void)context;
	if (pa < BASE || pa - BASE > sizeof(memory) - bytes)
		return false;
	memcpy(to, memory + (pa - BASE), bytes);
	return true;
}

static void to_model(struct model_s1_regs *r, const struct armvirt_guest_mmu *mmu)
{
	*r = (struct model_s1_regs){.hcr = mmu->hcr,
				    .sctlr = mmu->sctlr,
				    .tcr = mmu->tcr,
				    .tcr2 = mmu->tcr2,
				    .ttbr = {mmu->ttbr0, mmu->ttbr1},
				    .mair = {mmu->mair, mmu->mair2},
				    .pir = {mmu->pire0, mmu->pir},
				    .por = {mmu->por0, mmu->por},
				    .dacr = mmu->dacr,
				    .pa_bits = mmu->pa_bits,
				    .lva = mmu->has & ARMVIRT_GUEST_HAS_LVA,
				    .lpa2 = mmu->has & ARMVIRT_GUEST_HAS_LPA2,
				    .ttst = mmu->has & ARMVIRT_GUEST_HAS_TTST,
				    .haf = mmu->has & ARMVIRT_GUEST_HAS_HAF,
				    .hdbs = mmu->has & ARMVIRT_GUEST_HAS_HDBS,
				    .hpds = mmu->has & ARMVIRT_GUEST_HAS_HPD,
				    .aa32hpd = mmu->has & ARMVIRT_GUEST_HAS_HPD32,
				    .e0pd = mmu->has & ARMVIRT_GUEST_HAS_E0PD,
				    .pan3 = mmu->has & ARMVIRT_GUEST_HAS_PAN3,
				    .pauth = mmu->has & ARMVIRT_GUEST_HAS_TBID,
				    .mte4 = mmu->has & ARMVIRT_GUEST_HAS_MTX,
				    .s1pie = mmu->has & ARMVIRT_GUEST_HAS_S1PIE,
				    .s1poe = mmu->has & ARMVIRT_GUEST_HAS_S1POE,
				    .aie = mmu->has & ARMVIRT_GUEST_HAS_AIE};
}

static void compare(const struct armvirt_guest_mmu *mmu, const struct armvirt_guest_memory *guest,
		    const struct armvirt_guest_access *a)
{
	const struct model_s1_access m = {a->va,
					  a->fetch   ? 'x'
					  : a->write ? 'w'
						     : 'r',
					  !a->el0, a->pan};
	struct armvirt_guest_translation t;
	struct model_s1_regs regs;
	struct model_s1_result want;

	if (armvirt_guest_translate(&t, mmu, guest, a) != ARMVIRT_OK)
		return;
	to_model(&regs, mmu);
	model_s1_translate(&regs, &m, read_memory, NULL, &want);
	REQUIRE(t.status == model_s1_status(&want) && t.level == want.level);
	REQUIRE(t.ipa == want.pa && t.attr == want.attr && t.sh == want.sh);
	REQUIRE(t.walk == want.slot && t.fsr == model_s1_fsr(&regs, &m, &want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t pa_bits[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	const struct armvirt_guest_span span = {BASE, sizeof(memory), memory};
	const struct armvirt_guest_memory guest = {&span, 1};
	struct armvirt_guest_mmu mmu = {.hcr = 0};
	struct armvirt_guest_access access = {.va = 0};
	struct armvirt_frame frame = {.pc = 0};
	uint32_t word = 0;
	uint8_t flags, pa;

	TAKE(flags);
	TAKE(pa);
	TAKE(mmu.has);
	TAKE(mmu.hcr);
	TAKE(mmu.sctlr);
	TAKE(mmu.tcr);
	TAKE(mmu.tcr2);
	TAKE(mmu.ttbr0);
	TAKE(mmu.ttbr1);
	TAKE(mmu.mair);
	TAKE(mmu.mair2);
	TAKE(mmu.pir);
	TAKE(mmu.pire0);
	TAKE(mmu.por);
	TAKE(mmu.por0);
	TAKE(mmu.dacr);
	TAKE(access.va);
	TAKE(frame.pstate);
	TAKE(memory);
	if (mmu.has & ARMVIRT_GUEST_HAS_HDBS) /* never alone */
		mmu.has |= ARMVIRT_GUEST_HAS_HAF;
	mmu.pa_bits = pa_bits[pa & 7];
	access.write = flags & 1 && !(flags & 2);
	access.fetch = flags & 2;
	access.el0 = flags & 4;
	access.pan = flags & 8;
	compare(&mmu, &guest, &access);
	frame.pc = access.va;
	if (armvirt_guest_fetch(&word, &mmu, &guest, &frame) != ARMVIRT_OK)
		REQUIRE(word == 0);
	else if (frame.pstate & 0x10 && frame.pstate & 0x20)
		REQUIRE(word < 0xe800 || word >= 0xe8000000);
	return 0;
}
