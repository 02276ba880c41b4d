/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MINIVISOR_LOCK_H
#define MINIVISOR_LOCK_H

#include <stdint.h>

/* Held for a few device registers at most. EL2 masks interrupts, so a holder is never interrupted.
 */
typedef uint32_t lock_t;

static inline void lock(lock_t *l)
{
	while (__atomic_exchange_n(l, 1, __ATOMIC_ACQUIRE))
		__asm__ volatile("yield");
}

static inline void unlock(lock_t *l)
{
	__atomic_store_n(l, 0, __ATOMIC_RELEASE);
}

#endif
