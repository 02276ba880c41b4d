/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define REQUIRE(x)               \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

/* Takes an object off the input, padded with zeros. */
#define TAKE(object)                                                       \
	do {                                                               \
		size_t n_ = size < sizeof(object) ? size : sizeof(object); \
		memset(&(object), 0, sizeof(object));                      \
		memcpy(&(object), data, n_);                               \
		data += n_;                                                \
		size -= n_;                                                \
	} while (0)

#endif
