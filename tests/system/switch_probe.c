/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults at EL2 that are expected, taken while the registers of a guest's exit still count. */
#include <libarmvirt/fixup.h>

#include "switch.h"

struct armvirt_probe probe_load(const volatile void *p);
struct armvirt_probe probe_store(volatile void *p, uint64_t value);
struct armvirt_probe probe_absent(void);
struct armvirt_probe probe_present(void);

/* Nothing answers at this address. */
#define NOWHERE ((volatile void *)UINT64_C(0x0b000000))

static void probe_library(volatile uint64_t *there)
{
	static struct armvirt_probe (*const reads[])(const volatile void *) = {
		armvirt_hw_probe_read8, armvirt_hw_probe_read16, armvirt_hw_probe_read32,
		armvirt_hw_probe_read64};
	static struct armvirt_probe (*const writes[])(volatile void *, uint64_t) = {
		armvirt_hw_probe_write8, armvirt_hw_probe_write16, armvirt_hw_probe_write32,
		armvirt_hw_probe_write64};

	for (unsigned i = 0; i < 4; i++) {
		uint64_t mask = ~UINT64_C(0) >> (64 - (8 << i)), v = UINT64_C(0xfedcba9876543210);
		struct armvirt_probe p;

		*there = 0;
		p = writes[i](there, v);
		if (p.esr || p.value != (uintptr_t)there || *there != (v & mask))
			fail("probe: write of %u bytes", 1 << i);
		*there = v;
		p = reads[i](there);
		if (p.esr || p.value != (v & mask))
			fail("probe: read of %u bytes", 1 << i);
		p = reads[i](NOWHERE);
		if (p.esr >> 26 != 0x25 || p.esr & 0x40 || p.value)
			fail("probe: read where nothing is: %lx", (unsigned long)p.esr);
		p = writes[i](NOWHERE, v);
		if (p.esr >> 26 != 0x25 || !(p.esr & 0x40))
			fail("probe: write where nothing is: %lx", (unsigned long)p.esr);
	}
}

static void probe_own(volatile uint64_t *there)
{
	struct armvirt_probe p = probe_load(NOWHERE);

	if (p.esr >> 26 != 0x25 || p.value)
		fail("own probe: load %lx", (unsigned long)p.esr);
	p = probe_store(NOWHERE, 1);
	if (p.esr >> 26 != 0x25)
		fail("own probe: store");
	*there = 77;
	p = probe_load(there);
	if (p.esr || p.value != 77)
		fail("own probe: load");
	p = probe_absent();
	if (p.esr != UINT64_C(0x02000000))
		fail("own probe: UNDEFINED instruction %lx", (unsigned long)p.esr);
	p = probe_present();
	if (p.esr || p.value != read_sysreg("midr_el1"))
		fail("own probe: MIDR_EL1");
}

/* Expected faults, also where the exit's ELR_EL2 and SPSR_EL2 are still needed. */
void provoke(bool library)
{
	volatile uint64_t there;
	uint64_t before[] = {read_sysreg("elr_el2"), read_sysreg("spsr_el2"),
			     read_sysreg("esr_el2"), read_sysreg("far_el2"),
			     read_sysreg("hpfar_el2")};

	if (library)
		probe_library(&there);
	else
		probe_own(&there);
	if (read_sysreg("elr_el2") != before[0] || read_sysreg("spsr_el2") != before[1] ||
	    read_sysreg("esr_el2") != before[2] || read_sysreg("far_el2") != before[3] ||
	    read_sysreg("hpfar_el2") != before[4])
		fail("an expected fault loses what the exit left");
}
