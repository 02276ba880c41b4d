/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SMP profile under ThreadSanitizer: each thread runs a vCPU (its owner calls, its guest on the
 * CPU interface in software) and at the same time raises, routes, configures and reads anybody's
 * interrupts. No event is lost, no shared interrupt is active twice, and nothing is left pending in
 * the end.
 *
 * ARMVIRT_TEST_SEED replays the streams (not their interleaving), ARMVIRT_TEST_SCALE is quick, full
 * or long.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libarmvirt/vgic.h>

#define VCPUS  4
#define SPIS   64
#define INTIDS (32 + SPIS)

static struct armvirt_vgic vm;
static struct armvirt_vgic_vcpu vcpu[VCPUS];
static armvirt_vgic_irq_t spi[SPIS] __attribute__((aligned(8)));
/* Events of a shared interrupt (of a private one: by vCPU), and how many of them its last
 * acknowledgement came after. */
static uint64_t sent[VCPUS][INTIDS], seen[VCPUS][INTIDS];
static uint8_t active[INTIDS];
static unsigned long rounds = 20000, acks;
static uint64_t seed = 1795399490;

#define CHECK(x)                                                                                \
	do {                                                                                    \
		if (!(x)) {                                                                     \
			fprintf(stderr, "%s:%d: %s, ARMVIRT_TEST_SEED=%" PRIu64 "\n", __FILE__, \
				__LINE__, #x, seed);                                            \
			exit(1);                                                                \
		}                                                                               \
	} while (0)

static unsigned below(uint64_t *s, unsigned n)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (unsigned)((*s >> 11) % n);
}

static void turn(unsigned v)
{
	struct armvirt_vgic_actions a;

	do
		a = armvirt_vgic_fold(&vm, &vcpu[v]);
	while (a.flags & ARMVIRT_VGIC_MORE);
	do
		a = armvirt_vgic_flush(&vm, &vcpu[v]);
	while (a.flags & ARMVIRT_VGIC_MORE);
}

/* Acknowledges and ends what is there. False: nothing was. */
static bool take(unsigned v)
{
	uint32_t intid = (uint32_t)armvirt_vgic_cpuif_read(&vm, &vcpu[v], ARMVIRT_VGIC_CPUIF_IAR1);
	unsigned at = intid < 32 ? v : 0;

	if (intid == 1023)
		return false;
	CHECK(intid < INTIDS);
	if (intid >= 32)
		CHECK(__atomic_exchange_n(&active[intid], 1, __ATOMIC_ACQ_REL) == 0);
	__atomic_store_n(&seen[at][intid], __atomic_load_n(&sent[at][intid], __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
	__atomic_fetch_add(&acks, 1, __ATOMIC_RELAXED);
	if (intid >= 32)
		__atomic_store_n(&active[intid], 0, __ATOMIC_RELEASE);
	armvirt_vgic_cpuif_write(&vm, &vcpu[v], ARMVIRT_VGIC_CPUIF_EOIR1, intid);
	return true;
}

static void raise(uint64_t *s, unsigned from)
{
	unsigned to = below(s, VCPUS), intid = below(s, INTIDS), at = intid < 32 ? to : 0;

	if (intid < 16) {
		__atomic_fetch_add(&sent[to][intid], 1, __ATOMIC_RELEASE);
		armvirt_vgic_sgi(&vm, from, (uint64_t)intid << 24 | 1u << to, true);
		return;
	}
	__atomic_fetch_add(&sent[at][intid], 1, __ATOMIC_RELEASE);
	armvirt_vgic_set_edge(&vm, to, intid);
}

static void configure(uint64_t *s, unsigned v)
{
	unsigned intid = 32 + below(s, SPIS), bit = 1u << intid % 32;

	switch (below(s, 5)) {
	case 0:
		armvirt_vgic_dist_write(&vm, v, 0x6000 + 8 * intid, 8, below(s, VCPUS));
		break;
	case 1:
		armvirt_vgic_dist_write(&vm, v, 0x400 + intid, 1, below(s, 32) << 3);
		break;
	case 2:
		armvirt_vgic_dist_write(&vm, v, 0x180 + intid / 32 * 4, 4, bit);
		armvirt_vgic_dist_write(&vm, v, 0x100 + intid / 32 * 4, 4, bit);
		break;
	case 3:
		armvirt_vgic_dist_write(&vm, v, 0, 4, below(s, 8) ? 2 : 3);
		break;
	default:
		armvirt_vgic_dist_read(&vm, v, 0x200 + intid / 32 * 4, 4);
		armvirt_vgic_redist_read(&vm, below(s, VCPUS), 0x10200, 4);
		armvirt_vgic_dist_read(&vm, v, 0x300 + intid / 32 * 4, 4);
	}
}

static void *run(void *arg)
{
	unsigned v = (unsigned)(uintptr_t)arg;
	uint64_t s = (seed + v) * UINT64_C(0x9e3779b97f4a7c15) | 1;

	for (unsigned long i = 0; i < rounds; i++) {
		for (unsigned n = below(&s, 4); n--;)
			raise(&s, v);
		if (below(&s, 4) == 0)
			configure(&s, v);
		turn(v);
		if (below(&s, 4))
			take(v);
	}
	return NULL;
}

static void open_machine(void)
{
	const struct armvirt_vgic_caps caps = {4, 5, 5, 16, ARMVIRT_VGIC_CAP_TDIR};
	const struct armvirt_vgic_config config = {.caps = &caps,
						   .spi = spi,
						   .vcpu = vcpu,
						   .vcpu_stride = sizeof(vcpu[0]),
						   .vcpu_count = VCPUS,
						   .spi_count = SPIS};

	CHECK(armvirt_vgic_init(&vm, &config, sizeof(vm)) == ARMVIRT_OK);
	for (uint32_t off = 0xc08; off < 0xc08 + SPIS / 4; off += 4)
		armvirt_vgic_dist_write(&vm, 0, off, 4, UINT32_C(0xaaaaaaaa));
	for (uint32_t n = 4; n <= SPIS / 8; n += 4) {
		armvirt_vgic_dist_write(&vm, 0, 0x80 + n, 4, UINT32_MAX);
		armvirt_vgic_dist_write(&vm, 0, 0x100 + n, 4, UINT32_MAX);
	}
	for (unsigned v = 0; v < VCPUS; v++) {
		armvirt_vgic_redist_write(&vm, v, 0x10c04, 4, UINT32_C(0xaaaaaaaa));
		armvirt_vgic_redist_write(&vm, v, 0x10080, 4, UINT32_MAX);
		armvirt_vgic_redist_write(&vm, v, 0x10100, 4, UINT32_MAX);
		vcpu[v].image.vmcr = UINT32_C(0xff000002);
		turn(v);
	}
	armvirt_vgic_dist_write(&vm, 0, 0, 4, 2);
}

int main(void)
{
	const char *s = getenv("ARMVIRT_TEST_SEED"), *scale = getenv("ARMVIRT_TEST_SCALE");
	pthread_t t[VCPUS];
	bool again = true;

	if (scale)
		rounds = !strcmp(scale, "long")   ? 5000000
			 : !strcmp(scale, "full") ? 200000
						  : rounds;
	if (s)
		seed = strtoull(s, NULL, 0);
	open_machine();
	for (uintptr_t v = 0; v < VCPUS; v++)
		CHECK(pthread_create(&t[v], NULL, run, (void *)v) == 0);
	for (unsigned v = 0; v < VCPUS; v++)
		pthread_join(t[v], NULL);
	while (again) {
		again = false;
		for (unsigned v = 0; v < VCPUS; v++) {
			turn(v);
			again = take(v) || again;
		}
	}
	for (unsigned v = 0; v < VCPUS; v++) {
		CHECK(armvirt_vgic_redist_read(&vm, v, 0x10200, 4) == 0);
		CHECK(!armvirt_vgic_deliverable(&vm, &vcpu[v]));
		for (unsigned i = 0; i < INTIDS; i++)
			CHECK(seen[v][i] == sent[v][i]);
	}
	for (uint32_t n = 4; n <= SPIS / 8; n += 4)
		CHECK(armvirt_vgic_dist_read(&vm, 0, 0x200 + n, 4) == 0);
	printf("%lu rounds of %u threads, %lu acknowledged, ARMVIRT_TEST_SEED=%" PRIu64 "\n",
	       rounds, VCPUS, acks, seed);
	return 0;
}
