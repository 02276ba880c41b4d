/* SPDX-License-Identifier: BSD-2-Clause */
/* Any line for the armvirt command. */
#include <stdio.h>

#include "fuzz.h"
#include "tools/armvirt/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	struct options o = {.pstate = 5, .level = 3, .stage = 2, .granule = 4};
	char line[256];
	struct words w;
	command_fn run;
	size_t length;

	if (!null)
		null = fopen("/dev/null", "w");
	if (!null || size < 1)
		return 0;
	o.level = (int)(data[0] & 7) - 1;
	o.stage = 1 + (data[0] >> 3 & 1);
	o.granule = 4u << 2 * (data[0] >> 4 & 1);
	o.lpa2 = data[0] & 64;
	o.fwb = data[0] & 128;
	length = size - 1 < sizeof(line) - 1 ? size - 1 : sizeof(line) - 1;
	memcpy(line, data + 1, length);
	line[length] = '\0';
	if (!split_words(line, &w) || w.count == 0)
		return 0;
	run = command_named(w.word[0]);
	if (!run)
		return 0;
	memmove(w.word, w.word + 1, --w.count * sizeof(w.word[0]));
	run(&w, &o, null, null);
	return 0;
}
