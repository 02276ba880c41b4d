/* SPDX-License-Identifier: BSD-2-Clause */
/* Lays out a guest for minivisor: what the three parts share. */
#ifndef MKGUEST_H
#define MKGUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MIB UINT64_C(0x100000)

/* One thing in the guest's RAM. */
struct item {
	const char *file;
	uint64_t ipa;
	uint64_t bytes;
};

/* What was asked for, and what follows from it. */
struct guest {
	struct item kernel, initrd, dtb;
	uint64_t kernel_end; /* of what the kernel needs in memory, .bss included */
	uint64_t ram_bytes;
	uint64_t flags;
	unsigned cpus, guests, gic;
	bool raw;
	const char *append;
	const char *out; /* directory */
};

/* Ends the program with one line on the standard error. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads up to capacity bytes from the head of a file, and tells its size. */
size_t read_head(const char *what, const char *file, void *head, size_t capacity, uint64_t *bytes);

/* kernel.c: checks the kernel, sets its place and end. */
void place_kernel(struct guest *g);

/* tree.c: writes the device tree into buffer, returns its size. */
size_t build_tree(const struct guest *g, void *buffer, size_t capacity);

#endif
