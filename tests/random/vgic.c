/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random events against an interrupt controller of the plainest kind: a state per interrupt, no
 * list registers. After each event, with every kick and maintenance interrupt served, what each
 * vCPU's CPU interface signals must be what that controller would signal. GICv3, and with the
 * argument v2 a GICv2 with GICH, whose SGIs are delivered once for each sender. Built a second time
 * with the static profile.
 *
 * ARMVIRT_TEST_SEED replays a run, ARMVIRT_TEST_SCALE is quick, full or long.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RIG_V2
#include "../unit/vgic_rig.h"

#define INTIDS   96 /* SGIs, PPIs, 64 SPIs */
#define SPURIOUS 1023

static uint64_t rng, seed;
static unsigned long event, acks, settled_most;
static const char *what = "";
static bool v2; /* a GICv2 */

static void dump(void);

#define CHECK(x)                                                                                 \
	do {                                                                                     \
		if (!(x)) {                                                                      \
			fprintf(stderr,                                                          \
				"%s:%d: %s\nafter %s, event %lu of ARMVIRT_TEST_SEED=%" PRIu64   \
				", %u LRs, %u and %u bits, %u vCPUs, EOImode %d\n",              \
				__FILE__, __LINE__, #x, what, event, seed, rig_cpu[0].shape.lrs, \
				rig_cpu[0].shape.pri_bits, rig_cpu[0].shape.pre_bits, rig_count, \
				rig_cpu[0].eoimode);                                             \
			dump();                                                                  \
			exit(1);                                                                 \
		}                                                                                \
	} while (0)

/* The world at a failure. */
static void dump(void)
{
	for (unsigned v = 0; v < rig_count; v++) {
		const struct armvirt_vgic_vcpu *p = &rig_vcpu[v];

		fprintf(stderr, "vCPU %u: vmcr %08x hcr %08x rpr %02x hints %08x, outside:", v,
			vcpuif_vmcr_read(&rig_cpu[v]), vcpuif_hcr_read(&rig_cpu[v]),
			vcpuif_rpr(&rig_cpu[v]), p->hint_any);
		for (unsigned i = 0; i < p->act_count; i++)
			fprintf(stderr, " %u", p->act[i]);
		fprintf(stderr, "\n");
		for (unsigned i = 0; i < rig_cpu[v].shape.lrs; i++) {
			unsigned intid = rig_cpu[v].lr[i].intid;

			fprintf(stderr, "  LR%u %016" PRIx64 " image %016" PRIx64 " word %08x\n", i,
				vcpuif_lr_read(&rig_cpu[v], i), p->image.lr[i],
				intid < 32 ? p->priv[intid] : rig_spi[intid - 32]);
		}
	}
}

static uint64_t rnd(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng >> 11;
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() % n);
}

/* The plain controller. Private interrupts have a state per vCPU. */
struct plain {
	bool enabled, group1, edge, line, latch, active, linked;
	uint8_t prio;
	uint8_t target;  /* who gets it */
	uint8_t sources; /* GICv2 SGI: who sent it, latch if any */
	uint8_t taker;   /* who has it active */
};

static struct plain shared[INTIDS], private[RIG_VCPUS][32];
static uint32_t dist_groups;
static struct {
	unsigned intid[64];
	unsigned char group[64];
	unsigned
		dropped; /* of these, from the top: priority dropped, not deactivated (EOImode 1) */
	unsigned count;
	unsigned waiting[64]; /* EOImode 1: to be deactivated */
	unsigned waiting_count;
} stack[RIG_VCPUS];

static struct plain *at(unsigned vcpu, unsigned intid)
{
	return intid < 32 ? &private[vcpu][intid] : &shared[intid];
}

static bool pending(const struct plain *p)
{
	return p->latch || (!p->edge && p->line);
}

/* The best that a vCPU could be given; 1023: none. */
static unsigned plain_best(unsigned vcpu)
{
	unsigned best = SPURIOUS, prio = 256;
	const struct vcpuif *c = &rig_cpu[vcpu];

	for (unsigned i = 0; i < INTIDS; i++) {
		const struct plain *p = at(vcpu, i);

		if (!p->enabled || !pending(p) || p->active || (i >= 32 && p->target != vcpu))
			continue;
		if (!(dist_groups >> p->group1 & 1) || !(p->group1 ? c->en1 : c->en0))
			continue;
		if (p->prio < prio) {
			prio = p->prio;
			best = i;
		}
	}
	return best;
}

static bool plain_signals(unsigned vcpu, unsigned intid)
{
	const struct vcpuif *c = &rig_cpu[vcpu];
	const struct plain *p = at(vcpu, intid);
	uint32_t rpr = vcpuif_rpr(c);
	bool idle = true;

	for (unsigned i = 0; i < 4u; i++)
		if (i < 1u << (c->shape.pre_bits - 5))
			idle = idle && !vcpuif_ap_read(c, 0, i) && !vcpuif_ap_read(c, 1, i);
	/* binary points stay at their smallest: the preemption bits are what counts */
	return p->prio < c->pmr && (idle || (p->prio & (0xffu << (8 - c->shape.pre_bits))) < rpr);
}

/* An exit that synced goes back: by an enter, by one if there is something to flush, or without if
 * it is to come with the next kick or maintenance interrupt. */
static void resume(unsigned v)
{
	if (below(2))
		rig_enter(v);
	else
		rig_resume(v);
}

static void round_somehow(unsigned v)
{
	switch (below(4)) {
	case 0:
		rig_maintain(v);
		break;
	case 1:
		rig_sync(v);
		rig_sync(v);
		rig_enter(v);
		break;
	default:
		rig_round(v);
	}
}

static void check_list_registers(void)
{
	unsigned char seen[INTIDS + 1024];

	memset(seen, 0, sizeof(seen));
	for (unsigned v = 0; v < rig_count; v++)
		for (unsigned i = 0; i < rig_cpu[v].shape.lrs; i++) {
			const struct vcpuif_lr *l = &rig_cpu[v].lr[i];
			unsigned key = l->intid < 32 ? INTIDS + v * 32 + l->intid : l->intid;

			if (!l->pending && !l->active)
				continue;
			CHECK(l->intid < INTIDS);
			CHECK(!seen[key]);
			seen[key] = 1;
			CHECK(!(l->pending && l->active && (l->hw || l->eoi)));
			CHECK(!l->hw || l->pintid == l->intid);
		}
}

static void check_vcpu(unsigned v)
{
	const struct vcpuif *c = &rig_cpu[v];
	unsigned best = plain_best(v);
	bool want = best != SPURIOUS && plain_signals(v, best);
	uint32_t got;

	CHECK(vcpuif_misr(c) == 0);
	if (vcpuif_irq(c) != want && best != SPURIOUS)
		fprintf(stderr, "vCPU %u: best %u, latch %d line %d sources %x, word %08x\n", v,
			best, at(v, best)->latch, at(v, best)->line, at(v, best)->sources,
			best < 32 ? rig_vcpu[v].priv[best] : rig_spi[best - 32]);
	CHECK(vcpuif_irq(c) == want);
	if (best == SPURIOUS || !want)
		return;
	got = vcpuif_hppir(c, at(v, best)->group1);
	if (got == SPURIOUS) /* one as urgent of the other group */
		got = vcpuif_hppir(c, !at(v, best)->group1);
	got &= 0x3ff;
	CHECK(got < INTIDS);
	if (at(v, got)->prio != at(v, best)->prio)
		fprintf(stderr, "vCPU %u has %u, should have %u, word %08x\n", v, got, best,
			best < 32 ? rig_vcpu[v].priv[best] : rig_spi[best - 32]);
	CHECK(at(v, got)->prio == at(v, best)->prio);
	CHECK(at(v, got)->enabled && pending(at(v, got)) && !at(v, got)->active);
}

static void check_physical(void)
{
	for (unsigned v = 0; v < rig_count; v++)
		for (unsigned i = 16; i < INTIDS; i++) {
			const struct plain *p = at(v, i);

			if (!p->linked || (i >= 32 && v))
				continue;
			/* physically idle: nothing of it may be left; busy: the guest still owes it
			 */
			if (rig_phys[v][i])
				CHECK(p->latch || p->active);
		}
	CHECK(rig_bad == 0);
}

static void check_registers(void)
{
	unsigned v = below(rig_count), i = below(INTIDS);
	const struct plain *p = at(v, i);

	for (unsigned k = 0; k < rig_count; k++)
		rig_sync(k);
	CHECK(rig_get(0x100, i, v) == p->enabled);
	CHECK(rig_get(0x080, i, v) == p->group1);
	if (rig_get(0x200, i, v) != pending(p))
		fprintf(stderr, "vCPU %u INTID %u line %d latch %d active %d word %08x\n", v, i,
			p->line, p->latch, p->active,
			i < 32 ? rig_vcpu[v].priv[i] : rig_spi[i - 32]);
	CHECK(rig_get(0x200, i, v) == pending(p));
	CHECK(rig_get(0x380, i, v) == p->active);
	for (unsigned k = 0; k < rig_count; k++)
		resume(k);
}

static void settle_and_check(void)
{
	unsigned exits = rig_settle();

	CHECK(exits != 0xffff);
	CHECK(rig_over == 0);
	if (exits > settled_most)
		settled_most = exits;
	check_list_registers();
	for (unsigned v = 0; v < rig_count; v++)
		check_vcpu(v);
	check_physical();
	if (below(8) == 0)
		check_registers();
}

/* The guest acknowledges. */
static void do_ack(unsigned v)
{
	unsigned best = plain_best(v), group = best < INTIDS ? at(v, best)->group1 : below(2);
	bool want = best != SPURIOUS && plain_signals(v, best);
	uint32_t got = vcpuif_iar(&rig_cpu[v], group);
	struct plain *p;

	if (got == SPURIOUS && want) {
		group = !group;
		got = vcpuif_iar(&rig_cpu[v], group);
	}
	CHECK((got != SPURIOUS) == want);
	if (!want)
		return;
	p = at(v, got & 0x3ff);
	CHECK(p->prio == at(v, best)->prio && pending(p) && p->enabled && !p->active);
	if (v2 && (got & 0x3ff) < 16) { /* one sender of perhaps many */
		CHECK(p->sources >> (got >> 10) & 1);
		p->sources = (uint8_t)(p->sources & ~(1u << (got >> 10)));
	}
	p->latch = p->sources != 0;
	p->active = true;
	p->taker = (uint8_t)v;
	CHECK(stack[v].count < 64);
	stack[v].group[stack[v].count] = (unsigned char)group;
	stack[v].intid[stack[v].count++] = got;
	acks++;
}

static void physical_end(unsigned v)
{
	if (rig_cpu[v].deactivated) {
		rig_at = v;
		rig_deactivated(rig_cpu[v].deactivated);
	}
}

static void do_eoi(unsigned v)
{
	unsigned intid, group;

	if (!stack[v].count)
		return;
	intid = stack[v].intid[--stack[v].count];
	group = stack[v].group[stack[v].count];
	vcpuif_eoir(&rig_cpu[v], group, intid);
	physical_end(v);
	if (rig_cpu[v].eoimode)
		stack[v].waiting[stack[v].waiting_count++] = intid;
	else
		at(v, intid & 0x3ff)->active = false;
}

static void do_dir(unsigned v)
{
	unsigned k, intid, who = v;

	if (!rig_cpu[v].eoimode || !stack[v].waiting_count)
		return;
	k = below(stack[v].waiting_count);
	intid = stack[v].waiting[k];
	stack[v].waiting[k] = stack[v].waiting[--stack[v].waiting_count];
	if (intid >= 32 && intid < INTIDS)
		who = below(rig_count); /* any CPU may deactivate a shared one */
	/* GICV_DIR is in a page of its own, which the guest does not have */
	if (v2 || vcpuif_dir(&rig_cpu[who], intid)) {
		rig_sync(who);
		rig_do(armvirt_vgic_dir(&rig_vm, who, intid));
		resume(who);
	} else {
		physical_end(who);
	}
	at(v, intid & 0x3ff)->active = false;
}

static void do_line(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);

	if (intid < 16 || p->linked)
		return;
	if (!p->line && p->edge)
		p->latch = true;
	p->line = !p->line;
	rig_do(armvirt_vgic_set_line(&rig_vm, v, intid, p->line));
}

static void do_edge(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);

	if (p->linked)
		return;
	if (v2 && intid < 16) { /* GICD_SPENDSGIR */
		unsigned from = below(rig_count);

		p->sources = (uint8_t)(p->sources | 1u << from);
		p->latch = true;
		rig_do(armvirt_vgic_dist_write(&rig_vm, v, 0xf20 + intid, 1, 1u << from));
		return;
	}
	p->latch = true;
	if (below(2))
		rig_do(armvirt_vgic_set_edge(&rig_vm, v, intid));
	else
		rig_bit(0x200, intid, v);
}

static void do_physical(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);

	if (!p->linked || rig_phys[intid < 32 ? v : 0][intid])
		return;
	rig_phys[intid < 32 ? v : 0][intid] = 1;
	p->latch = true;
	rig_do(armvirt_vgic_hw_irq(&rig_vm, v, intid));
}

static void do_withdraw(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);

	if (!p->linked || !rig_phys[intid < 32 ? v : 0][intid])
		return;
	for (unsigned k = 0; k < rig_count; k++)
		rig_sync(k);
	rig_at = intid < 32 ? v : 0;
	p->latch = false;
	if (below(2))
		rig_do(armvirt_vgic_hw_withdraw(&rig_vm, v, intid));
	else
		rig_bit(0x280, intid, v);
	for (unsigned k = 0; k < rig_count; k++)
		resume(k);
}

/* GICD_SGIR: a list, all others, oneself. */
static void do_sgi_v2(unsigned v)
{
	unsigned intid = below(16), filter = below(3), mask = (unsigned)rnd() & 0xff;

	rig_do(armvirt_vgic_dist_write(&rig_vm, v, 0xf00, 4, filter << 24 | mask << 16 | intid));
	for (unsigned k = 0; k < rig_count; k++)
		if (filter == 0 ? mask >> k & 1 : (filter == 1) == (k != v)) {
			at(k, intid)->latch = true;
			at(k, intid)->sources = (uint8_t)(at(k, intid)->sources | 1u << v);
		}
}

static void do_sgi(unsigned v)
{
	unsigned intid = below(16), mask = (unsigned)rnd() & 0xffff, group = below(2);
	bool all = below(8) == 0;

	if (v2) {
		do_sgi_v2(v);
		return;
	}
	rig_do(armvirt_vgic_sgi(&rig_vm, v, (uint64_t)all << 40 | (uint64_t)intid << 24 | mask,
				group));
	for (unsigned k = 0; k < rig_count; k++)
		if ((all ? k != v : mask >> k & 1) && at(k, intid)->group1 == group)
			at(k, intid)->latch = true;
}

static void do_config(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);
	unsigned k = below(6);

	switch (k) {
	case 0:
		p->enabled = !p->enabled;
		rig_bit(p->enabled ? 0x100 : 0x180, intid, v);
		break;
	case 1:
		if (p->active)
			break;
		p->prio = (uint8_t)(rnd() & 0xf8);
		rig_prio(intid, p->prio, v);
		break;
	case 2:
		if (intid < 32)
			break;
		p->target = (uint8_t)below(rig_count);
		if (v2) { /* the lowest of the CPUs named; none is possible too */
			unsigned mask = below(8) ? 1u << p->target : 0;

			mask |= mask ? (unsigned)rnd() & 0xff & ~(mask - 1) : 0;
			p->target = mask ? p->target : 0xff;
			rig_do(armvirt_vgic_dist_write(&rig_vm, v, 0x800 + intid, 1, mask));
			break;
		}
		rig_do(armvirt_vgic_dist_write(&rig_vm, v, 0x6000 + 8 * intid, 8, p->target));
		break;
	case 3:
		if (intid < 32 || p->enabled || p->linked)
			break;
		p->edge = !p->edge;
		{
			uint32_t off = 0xc00 + intid / 16 * 4, bit = UINT32_C(2) << intid % 16 * 2;
			uint32_t cfg = (uint32_t)armvirt_vgic_dist_read(&rig_vm, v, off, 4);

			rig_dist(off, p->edge ? cfg | bit : cfg & ~bit);
		}
		break;
	case 4:
		if (p->linked)
			break;
		for (unsigned n = 0; n < rig_count; n++)
			rig_sync(n);
		if (v2 && intid < 16) {
			unsigned from = below(rig_count);

			p->sources = (uint8_t)(p->sources & ~(1u << from));
			p->latch = p->sources != 0;
			rig_do(armvirt_vgic_dist_write(&rig_vm, v, 0xf10 + intid, 1, 1u << from));
		} else {
			p->latch = false;
			rig_bit(0x280, intid, v);
		}
		for (unsigned n = 0; n < rig_count; n++)
			resume(n);
		break;
	default:
		if (p->active)
			break;
		p->group1 = !p->group1;
		{
			bool mine = intid < 32 && !v2;
			uint32_t off = 0x80 + intid / 32 * 4, g;

			g = (uint32_t)(mine ? armvirt_vgic_redist_read(&rig_vm, v, 0x10080, 4)
					    : armvirt_vgic_dist_read(&rig_vm, v, off, 4));
			g ^= UINT32_C(1) << intid % 32;
			rig_do(mine ? armvirt_vgic_redist_write(&rig_vm, v, 0x10080, 4, g)
				    : armvirt_vgic_dist_write(&rig_vm, v, off, 4, g));
		}
		break;
	}
}

/* Active bits by register: exact in EOImode 1, where every deactivation names its interrupt. */
static void do_active(unsigned v, unsigned intid)
{
	struct plain *p = at(v, intid);

	if (!rig_cpu[v].eoimode || p->linked || (v2 && intid < 16))
		return;
	for (unsigned n = 0; n < rig_count; n++)
		rig_sync(n);
	p->active = below(2);
	rig_bit(p->active ? 0x300 : 0x380, intid, v);
	for (unsigned n = 0; n < rig_count; n++)
		resume(n);
}

static uint8_t record[2][2][65536];

/* Saved, restored into a machine fresh from init, saved again: the same bytes, the same guest. */
static void do_save(void)
{
	size_t size = armvirt_vgic_save_size(&rig_vm);
	struct armvirt_vgic_config config = {.spi = rig_spi,
					     .vcpu = rig_vcpu,
					     .vcpu_stride = sizeof(rig_vcpu[0]),
					     .vcpu_count = rig_count,
					     .spi_count = 64,
					     .v2 = v2};
	struct armvirt_vgic_caps caps = rig_vm.caps;

	for (unsigned v = 0; v < rig_count; v++)
		for (unsigned i = 0; i < INTIDS; i++)
			if (rig_phys[v][i])
				return; /* what is physical stays behind */
	for (unsigned v = 0; v < rig_count; v++)
		rig_put(v);
	CHECK(size <= sizeof(record[0][0]));
	CHECK(armvirt_vgic_save(&rig_vm, record[0][0], size) == ARMVIRT_OK);
	CHECK(armvirt_vgic_save(&rig_vm, record[0][0], size - 1) == ARMVIRT_E_NOMEM);
	config.caps = &caps;
	memset(rig_vcpu, 0x5a, sizeof(rig_vcpu));
	CHECK(armvirt_vgic_init(&rig_vm, &config, sizeof(rig_vm)) == ARMVIRT_OK);
	for (unsigned v = 0; v < rig_count; v++)
		for (unsigned i = 16; i < INTIDS; i++)
			if (at(v, i)->linked)
				CHECK(armvirt_vgic_link(&rig_vm, v, i, true) == ARMVIRT_OK);
	CHECK(armvirt_vgic_restore(&rig_vm, record[0][0], size) == ARMVIRT_OK);
	CHECK(armvirt_vgic_save(&rig_vm, record[0][1], size) == ARMVIRT_OK);
	CHECK(memcmp(record[0][0], record[0][1], size) == 0);
	/* a hostile record is refused, or is one that could have been saved: no crash either way */
	for (unsigned k = 0; k < 4; k++) {
		enum armvirt_status s;

		memcpy(record[1][0], record[0][0], size);
		for (unsigned n = 0; n < 1 + k; n++)
			record[1][0][below((unsigned)size)] ^= (uint8_t)(1u << below(8));
		s = armvirt_vgic_restore(&rig_vm, record[1][0], size);
		CHECK(s == ARMVIRT_OK || s == ARMVIRT_E_CORRUPT);
		CHECK(armvirt_vgic_save(&rig_vm, record[1][1], size) == ARMVIRT_OK);
		CHECK(memcmp(record[1][1], s == ARMVIRT_OK ? record[1][0] : record[0][0], size) ==
		      0);
		CHECK(armvirt_vgic_init(&rig_vm, &config, sizeof(rig_vm)) == ARMVIRT_OK);
		for (unsigned v = 0; v < rig_count; v++)
			for (unsigned i = 16; i < INTIDS; i++)
				if (at(v, i)->linked)
					CHECK(armvirt_vgic_link(&rig_vm, v, i, true) == ARMVIRT_OK);
		CHECK(armvirt_vgic_restore(&rig_vm, record[0][0], size) == ARMVIRT_OK);
	}
	for (unsigned v = 0; v < rig_count; v++) {
		vcpuif_init(&rig_cpu[v], &rig_cpu[v].shape);
		rig_load(v);
		rig_enter(v);
	}
}

static void do_cpu(unsigned v)
{
	switch (below(5)) {
	case 0:
		vcpuif_igrpen_write(&rig_cpu[v], below(2), below(4) != 0);
		break;
	case 1:
		vcpuif_pmr_write(&rig_cpu[v], below(3) ? 0xff : below(256));
		break;
	case 2:
		dist_groups = below(4) ? 3 : below(4);
		rig_dist(0, dist_groups);
		break;
	case 3:
		do_save();
		break;
	default: /* to another time slice and back */
		rig_put(v);
		for (unsigned i = 0; i < rig_cpu[v].shape.lrs; i++)
			CHECK(vcpuif_lr_read(&rig_cpu[v], i) >> 62 == 0);
		CHECK(vcpuif_hcr_read(&rig_cpu[v]) == 0);
		rig_load(v);
		rig_enter(v);
		break;
	}
}

/* Several events before anybody comes to flush them. */
static void do_burst(void)
{
	for (unsigned n = 2 + below(24), first = below(INTIDS); n--;) {
		unsigned v = below(rig_count),
			 intid = below(3) ? below(INTIDS) : (first + n) % INTIDS;

		switch (below(5)) {
		case 0:
			do_line(v, intid);
			break;
		case 1:
			do_physical(v, below(2) ? 27 : 80 + below(4));
			break;
		case 2:
			do_sgi(v);
			break;
		default:
			do_edge(v, intid);
		}
	}
}

static void step(void)
{
	unsigned v = below(rig_count), intid = below(INTIDS);

	event++;
	switch (below(17)) {
	case 16:
		what = "burst";
		if (below(4) == 0)
			do_burst();
		break;
	case 0:
	case 1:
	case 2:
		what = "acknowledge";
		do_ack(v);
		break;
	case 3:
	case 4:
		what = "end";
		do_eoi(v);
		break;
	case 5:
		what = "deactivate";
		do_dir(v);
		break;
	case 6:
	case 7:
		what = "line";
		do_line(v, intid);
		break;
	case 8:
	case 9:
		what = "edge";
		do_edge(v, intid);
		break;
	case 10:
		what = "physical interrupt";
		do_physical(v, below(2) ? 27 : 80 + below(4));
		break;
	case 11:
		what = "withdraw";
		if (below(4) == 0)
			do_withdraw(v, below(2) ? 27 : 80 + below(4));
		break;
	case 12:
		what = "SGI";
		do_sgi(v);
		break;
	case 13:
		what = "active bit";
		if (below(4) == 0)
			do_active(v, intid);
		break;
	case 14:
		what = "CPU interface";
		do_cpu(v);
		break;
	default:
		what = "configuration";
		do_config(v, intid);
		break;
	}
	settle_and_check();
}

static void episode(unsigned lrs, unsigned pri, unsigned pre, unsigned steps)
{
	struct vcpuif_shape shape = rig_shape(lrs, pri, pre);
	bool eoimode = below(2);

	shape.eoir_counts = below(2);
	what = "start";
	CHECK(rig_open(shape, 1 + below(4), 64, v2) == 0);
	rig_round_by = round_somehow;
	memset(shared, 0, sizeof(shared));
	memset(private, 0, sizeof(private));
	memset(stack, 0, sizeof(stack));
	rig_boot();
	dist_groups = 3;
	for (unsigned i = 0; i < INTIDS; i++)
		for (unsigned v = 0; v < rig_count; v++) {
			struct plain *p = at(v, i);

			p->enabled = true;
			p->group1 = !v2;
			p->edge = i < 16;
			p->linked = i == 27 || (i >= 80 && i < 84);
			if (p->linked)
				CHECK(armvirt_vgic_link(&rig_vm, v, i, true) == 0);
			p->prio = (uint8_t)(rnd() & 0xf8);
			rig_prio(i, p->prio, v);
		}
	for (unsigned v = 0; v < rig_count; v++)
		vcpuif_ctlr_write(&rig_cpu[v], eoimode, false);
	for (unsigned i = 0; i < steps; i++)
		step();
}

int main(int argc, char **argv)
{
	const char *s = getenv("ARMVIRT_TEST_SEED"), *scale = getenv("ARMVIRT_TEST_SCALE");
	unsigned long total = 200000;

	if (scale && !strcmp(scale, "full"))
		total = 2000000;
	if (scale && !strcmp(scale, "long"))
		total = 50000000;
	v2 = argc > 1 && !strcmp(argv[1], "v2");
	/* The same run every time, but for the long one. */
	seed = s ? strtoull(s, NULL, 0) : total > 5000000 ? (uint64_t)time(NULL) : 1795399480;
	rng = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	while (event < total)
		for (unsigned lrs = 1; lrs <= 16; lrs++)
			for (unsigned pre = 5; pre <= (v2 ? 5 : 7); pre++)
				for (unsigned pri = pre; pri <= (v2 ? 5 : 8); pri++)
					episode(lrs, pri, pre, 50 + below(900));
	printf("%lu events, %lu acknowledged, at most %lu exits to settle, "
	       "ARMVIRT_TEST_SEED=%" PRIu64 "\n",
	       event, acks, settled_most, seed);
	printf("words looked at, most: load %llu, put %llu, sync %llu, enter %llu, maintain %llu\n",
	       rig_worst[RIG_LOAD], rig_worst[RIG_PUT], rig_worst[RIG_SYNC], rig_worst[RIG_ENTER],
	       rig_worst[RIG_MAINTAIN]);
	return 0;
}
