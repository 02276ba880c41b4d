/* SPDX-License-Identifier: BSD-2-Clause */
#include "test.h"

#include <libarmvirt/base.h>

static void every_number_has_a_text_of_its_own(void **state)
{
	unsigned known = 0;

	(void)state;
	for (int a = -128; a < 128; a++) {
		const char *text = armvirt_strstatus((enum armvirt_status)a);

		assert_non_null(text);
		assert_true(strlen(text) > 3);
		if (strcmp(text, "unknown status") == 0)
			continue;
		known++;
		for (int b = a + 1; b < 128; b++)
			assert_string_not_equal(text, armvirt_strstatus((enum armvirt_status)b));
	}
	assert_int_equal(known, 21);
}

static void library_and_header_agree_on_the_version(void **state)
{
	(void)state;
	assert_int_equal(armvirt_version(), ARMVIRT_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_a_text_of_its_own),
		cmocka_unit_test(library_and_header_agree_on_the_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
