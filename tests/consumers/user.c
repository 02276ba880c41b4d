/* SPDX-License-Identifier: BSD-2-Clause */
/* An outside program: nothing but the public headers, linked against what was built or installed. */
#include <libarmvirt/libarmvirt.h>

#if !__STDC_HOSTED__ /* for EL2 */
void _start(void);

void _start(void)
{
	for (;;) {
		if (armvirt_version() != ARMVIRT_VERSION || !armvirt_strstatus(ARMVIRT_OK))
			__builtin_trap();
	}
}
#else
#include <stdio.h>

int main(void)
{
	printf("libarmvirt %u.%u.%u: %s\n", armvirt_version() >> 16, armvirt_version() >> 8 & 0xff,
	       armvirt_version() & 0xff, armvirt_strstatus(ARMVIRT_E_NOMEM));
	return armvirt_version() != ARMVIRT_VERSION;
}
#endif
