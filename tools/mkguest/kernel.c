/* SPDX-License-Identifier: BSD-2-Clause */
/* Is this a kernel that can be entered, whole, and where does it go? */
#include <string.h>

#include "examples/minivisor/config.h"
#include "mkguest.h"

#define RAW_OFFSET                                                                    \
	UINT64_C(0x80000) /* where flat binaries for QEMU's virt machine expect to be \
			   */

static uint64_t little(const unsigned char *p, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

/*
 * The bytes that a file must have, from its PE header (every Image with an EFI
 * stub has one): the furthest end of a section. 0 when there is none.
 */
static uint64_t pe_bytes(const unsigned char *head, size_t size)
{
	uint64_t end = 0, pe = little(head + 0x3c, 4), sections, count;

	if (memcmp(head, "MZ", 2) != 0 || pe + 24 > size || memcmp(head + pe, "PE\0", 4) != 0)
		return 0;
	count = little(head + pe + 6, 2);
	sections = pe + 24 + little(head + pe + 20, 2);
	for (; count && sections + 40 <= size; count--, sections += 40) {
		uint64_t last = little(head + sections + 16, 4) + little(head + sections + 20, 4);

		if (last > end)
			end = last;
	}
	return end;
}

static _Noreturn void refuse_kind(const char *file, const unsigned char *head, size_t size)
{
	const char *advice = "it has no magic number at byte 56; use --raw for a flat binary";

	if (head[0] == 0x1f && head[1] == 0x8b)
		advice = "it is compressed; unpack it: gunzip -c FILE >Image";
	else if (memcmp(head, "\177ELF", 4) == 0)
		advice = "it is an ELF file; give arch/arm64/boot/Image, or objcopy -O binary and "
			 "--raw";
	else if (memcmp(head, "MZ\0\0zimg", 8) == 0)
		advice = "it is a compressed EFI image; build without CONFIG_EFI_ZBOOT";
	else if (size > 0x206 && memcmp(head + 0x202, "HdrS", 4) == 0)
		advice = "it is a kernel for x86";
	refuse("kernel '%s' is no arm64 Image: %s", file, advice);
}

/* The header: text_offset at 8, image_size at 16, flags at 24, magic at 56. */
static void place_image(struct guest *g, const unsigned char *head, size_t size)
{
	uint64_t offset, image, whole;

	if (size < 64)
		refuse("kernel '%s' is truncated: %zu bytes, the header alone has 64",
		       g->kernel.file, size);
	if (memcmp(head + 56, "ARMd", 4) != 0)
		refuse_kind(g->kernel.file, head, size);
	if (head[24] & 1)
		refuse("kernel '%s' is big-endian; minivisor enters little-endian guests",
		       g->kernel.file);
	image = little(head + 16, 8);
	/* Before Linux 3.17 the size was 0 and the offset was meant as 0x80000. */
	offset = image ? little(head + 8, 8) : RAW_OFFSET;
	whole = pe_bytes(head, size);
	if (whole > g->kernel.bytes)
		refuse("kernel '%s' is truncated: %llu of %llu bytes; fetch it again",
		       g->kernel.file, (unsigned long long)g->kernel.bytes,
		       (unsigned long long)whole);
	if (offset >= 2 * MIB || image > UINT64_C(1) << 40)
		refuse("kernel '%s' has a broken Image header", g->kernel.file);
	if (image < g->kernel.bytes)
		image = g->kernel.bytes;
	g->kernel.ipa = RAM_IPA + offset;
	g->kernel_end = g->kernel.ipa + image;
}

void place_kernel(struct guest *g)
{
	unsigned char head[4096] = {0};
	size_t size = read_head("kernel", g->kernel.file, head, sizeof(head), &g->kernel.bytes);

	if (g->kernel.bytes == 0)
		refuse("kernel '%s' is empty", g->kernel.file);
	if (g->raw) {
		g->kernel.ipa = RAM_IPA + RAW_OFFSET;
		g->kernel_end = g->kernel.ipa + g->kernel.bytes;
	} else {
		place_image(g, head, size);
	}
	if (g->kernel_end > RAM_IPA + g->ram_bytes)
		refuse("kernel '%s' needs %llu MiB, the guest has %llu; give more --memory",
		       g->kernel.file,
		       (unsigned long long)((g->kernel_end - RAM_IPA + MIB - 1) / MIB),
		       (unsigned long long)(g->ram_bytes / MIB));
}
