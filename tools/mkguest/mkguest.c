/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays out a guest for examples/minivisor: checks the kernel, places kernel,
 * initial file system and device tree in the guest's RAM, builds the device tree
 * and the configuration block, and prints what QEMU must load and where.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/minivisor/config.h"
#include "mkguest.h"

#define ALIGN_DOWN(x) ((x) & ~(2 * MIB - 1))
#define RAM_MAX       (UINT64_C(128) * 1024 * MIB)
#define APPEND_MAX    2047                   /* Linux takes 2048 with the terminator */
#define NEAR          (UINT64_C(2048) * MIB) /* tree and initrd stay this close to the kernel */

static const char usage[] =
	"usage: mkguest --kernel FILE --out DIRECTORY [option...]\n"
	"  --raw           the kernel is a flat binary, entered at RAM base + 0x80000\n"
	"  --initrd FILE   initial file system\n"
	"  --append TEXT   the guest's command line\n"
	"  --memory MIB    each guest's RAM, 16 to 131072 (512); 131072 for all together\n"
	"  --vcpus N       each guest's CPUs, 1 to 8 (1)\n"
	"  --guests N      how many guests, 1 to 4, all alike (1)\n"
	"  --gic 2|3       the guest's interrupt controller (3)\n"
	"  --statistics    count instructions at EL2\n"
	"  --interactive   the console takes input\n"
	"  --colour        the console understands colours\n"
	"Writes DIRECTORY/guest.dtb and DIRECTORY/config.bin; prints \"ADDRESS FILE\" lines.\n";

void refuse(const char *format, ...)
{
	va_list list;

	fputs("mkguest: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

size_t read_head(const char *what, const char *file, void *head, size_t capacity, uint64_t *bytes)
{
	FILE *f = fopen(file, "rb");
	size_t size;
	long end;

	if (!f)
		refuse("cannot open the %s '%s': %s", what, file, strerror(errno));
	size = fread(head, 1, capacity, f);
	if (ferror(f) || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0)
		refuse("cannot read the %s '%s': %s", what, file, strerror(errno));
	*bytes = (uint64_t)end;
	fclose(f);
	return size;
}

static void write_file(const struct guest *g, const char *name, const void *data, size_t bytes)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", g->out, name);
	f = fopen(path, "wb");
	if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f))
		refuse("cannot write '%s': %s", path, strerror(errno));
}

static unsigned number(const char *option, const char *text, unsigned low, unsigned high)
{
	char *rest;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &rest, 10);
	if (errno || rest == text || *rest || *text == '-' || v < low || v > high)
		refuse("--%s takes a number from %u to %u, not '%s'", option, low, high, text);
	return (unsigned)v;
}

enum {
	KERNEL,
	RAW,
	INITRD,
	APPEND,
	MEMORY,
	VCPUS,
	GUESTS,
	GIC,
	STATISTICS,
	INTERACTIVE,
	COLOUR,
	OUT,
	HELP
};

static const struct option options[] = {
	{"kernel", required_argument, NULL, KERNEL},
	{"raw", no_argument, NULL, RAW},
	{"initrd", required_argument, NULL, INITRD},
	{"append", required_argument, NULL, APPEND},
	{"memory", required_argument, NULL, MEMORY},
	{"vcpus", required_argument, NULL, VCPUS},
	{"guests", required_argument, NULL, GUESTS},
	{"gic", required_argument, NULL, GIC},
	{"statistics", no_argument, NULL, STATISTICS},
	{"interactive", no_argument, NULL, INTERACTIVE},
	{"colour", no_argument, NULL, COLOUR},
	{"out", required_argument, NULL, OUT},
	{"help", no_argument, NULL, HELP},
	{NULL, 0, NULL, 0},
};

static void take(struct guest *g, int option)
{
	switch (option) {
	case KERNEL:
		g->kernel.file = optarg;
		break;
	case RAW:
		g->raw = true;
		break;
	case INITRD:
		g->initrd.file = optarg;
		break;
	case APPEND:
		g->append = optarg;
		break;
	case MEMORY:
		g->ram_bytes = number("memory", optarg, 16, (unsigned)(RAM_MAX / MIB)) * MIB;
		break;
	case VCPUS:
		g->cpus = number("vcpus", optarg, 1, VCPUS_MAX);
		break;
	case GUESTS:
		g->guests = number("guests", optarg, 1, GUESTS_MAX);
		break;
	case GIC:
		g->gic = number("gic", optarg, 2, 3);
		break;
	case STATISTICS:
		g->flags |= CONFIG_STATISTICS;
		break;
	case INTERACTIVE:
		g->flags |= CONFIG_INTERACTIVE;
		break;
	case COLOUR:
		g->flags |= CONFIG_COLOUR;
		break;
	case OUT:
		g->out = optarg;
		break;
	case HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		fputs(usage, stderr);
		exit(2);
	}
}

/* From the top of RAM down: the device tree, then the initial file system. */
static void place_rest(struct guest *g)
{
	uint64_t top = RAM_IPA + (g->ram_bytes < NEAR ? g->ram_bytes : NEAR);
	unsigned char head[1];

	if (g->initrd.file)
		read_head("initrd", g->initrd.file, head, sizeof(head), &g->initrd.bytes);
	if (g->initrd.file && g->initrd.bytes == 0)
		refuse("initrd '%s' is empty", g->initrd.file);
	g->dtb.ipa = ALIGN_DOWN(top - 2 * MIB);
	if (g->initrd.bytes > g->dtb.ipa - RAM_IPA)
		refuse("initrd '%s' (%llu MiB) does not fit %llu MiB of memory; give more --memory",
		       g->initrd.file, (unsigned long long)(g->initrd.bytes / MIB),
		       (unsigned long long)(g->ram_bytes / MIB));
	g->initrd.ipa = ALIGN_DOWN(g->dtb.ipa - g->initrd.bytes);
	if (g->initrd.ipa < g->kernel_end)
		refuse("kernel, initrd and device tree need %llu MiB, the guest has %llu; give "
		       "more "
		       "--memory",
		       (unsigned long long)((g->kernel_end - g->initrd.ipa) / MIB + 2 +
					    g->ram_bytes / MIB),
		       (unsigned long long)(g->ram_bytes / MIB));
}

static void write_config(const struct guest *g)
{
	const struct config c = {
		.magic = CONFIG_MAGIC,
		.version = 1,
		.ram_bytes = g->ram_bytes,
		.kernel_kind = g->raw ? CONFIG_KERNEL_RAW : CONFIG_KERNEL_IMAGE,
		.kernel_ipa = g->kernel.ipa,
		.kernel_bytes = g->kernel.bytes,
		.initrd_ipa = g->initrd.bytes ? g->initrd.ipa : 0,
		.initrd_bytes = g->initrd.bytes,
		.dtb_ipa = g->dtb.ipa,
		.dtb_bytes = g->dtb.bytes,
		.flags = g->flags,
		.vcpus = g->cpus,
		.guests = g->guests,
	};

	write_file(g, "config.bin", &c, sizeof(c)); /* little-endian, as the PC is */
}

/* Every guest has its copy, in RAM of its own. */
static void print_loads(const struct guest *g, const char *directory, const struct item *what)
{
	for (unsigned i = 0; what->bytes && i < g->guests; i++) {
		uint64_t pa = what->ipa - RAM_IPA + RAM_PA + i * RAM_STRIDE(g->ram_bytes);

		printf("0x%llx %s%s\n", (unsigned long long)pa, directory, what->file);
	}
}

int main(int argc, char **argv)
{
	struct guest g = {.ram_bytes = 512 * MIB,
			  .cpus = 1,
			  .guests = 1,
			  .gic = 3,
			  .append = "",
			  .dtb.file = "guest.dtb"};
	static unsigned char tree[64 * 1024];
	char out[4096];
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(&g, option);
	if (!g.kernel.file || !g.out || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (strlen(g.append) > APPEND_MAX)
		refuse("the command line has %zu bytes, a guest takes %d", strlen(g.append),
		       APPEND_MAX);
	if (g.ram_bytes * g.guests > RAM_MAX)
		refuse("%u guests of %llu MiB are too much; together they can have %llu", g.guests,
		       (unsigned long long)(g.ram_bytes / MIB),
		       (unsigned long long)(RAM_MAX / MIB));
	place_kernel(&g);
	place_rest(&g);
	g.dtb.bytes = build_tree(&g, tree, sizeof(tree));
	write_file(&g, "guest.dtb", tree, g.dtb.bytes);
	write_config(&g);
	print_loads(&g, "", &g.kernel);
	print_loads(&g, "", &g.initrd);
	snprintf(out, sizeof(out), "%s/", g.out);
	print_loads(&g, out, &g.dtb);
	printf("0x%llx %sconfig.bin\n", (unsigned long long)CONFIG_PA, out);
	return 0;
}
