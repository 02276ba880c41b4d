/* SPDX-License-Identifier: BSD-2-Clause */
#include <libarmvirt/sysreg.h>

#include "lib/trap/pstate.h"

#define KEY_MASK UINT32_C(0xfffff)
#define NO_ROW   UINT16_MAX

/* Fibonacci hashing: the multiplier spreads the few bits that differ to the top. */
static inline uint32_t mix(uint32_t key)
{
	return key * UINT32_C(0x9e3779b1);
}

static inline uint32_t bucket_of(uint32_t key)
{
	return mix(key) >> 24;
}

/* The seed of a bucket spreads its keys anew. */
static inline uint32_t slot_of(uint32_t key, uint32_t seed)
{
	return mix(key) * seed >> 21;
}

const struct armvirt_sysreg_entry *armvirt_sysreg_find(const struct armvirt_sysreg_index *index,
						       armvirt_sysreg_key_t key)
{
	uint16_t row = index->slot[slot_of(key, index->seed[bucket_of(key)])];
	const struct armvirt_sysreg_entry *entry = &index->entry[row];

	/* An empty slot leads to row 0, which has another key. */
	return entry->key == key ? entry : NULL;
}

/* The rows of one bucket. More than this in one bucket does not happen with legal tables. */
#define BUCKET_ROWS 24

struct bucket {
	uint16_t row[BUCKET_ROWS];
	uint32_t count;
};

static enum armvirt_status gather(struct bucket *b, const struct armvirt_sysreg_table *table,
				  uint32_t number)
{
	b->count = 0;
	for (uint32_t i = 0; i < table->count; i++) {
		if (bucket_of(table->entry[i].key) != number)
			continue;
		for (uint32_t j = 0; j < b->count; j++) {
			if (table->entry[b->row[j]].key == table->entry[i].key)
				return ARMVIRT_E_EXISTS;
		}
		if (b->count == BUCKET_ROWS)
			return ARMVIRT_E_FULL;
		b->row[b->count++] = (uint16_t)i;
	}
	return ARMVIRT_OK;
}

/* Whether all rows of a bucket find free, different slots with a seed; takes them if so. */
static bool place(struct armvirt_sysreg_index *index, const struct bucket *b, uint32_t seed)
{
	uint32_t taken;

	for (taken = 0; taken < b->count; taken++) {
		uint32_t slot = slot_of(index->entry[b->row[taken]].key, seed);

		if (index->slot[slot] != NO_ROW)
			break;
		index->slot[slot] = b->row[taken];
	}
	if (taken == b->count)
		return true;
	while (taken-- > 0)
		index->slot[slot_of(index->entry[b->row[taken]].key, seed)] = NO_ROW;
	return false;
}

static enum armvirt_status place_bucket(struct armvirt_sysreg_index *index,
					const struct armvirt_sysreg_table *table, uint32_t number)
{
	struct bucket b;
	enum armvirt_status status = gather(&b, table, number);

	if (status != ARMVIRT_OK)
		return status;
	for (uint32_t seed = 0; seed < UINT16_MAX - BUCKET_ROWS; seed++) {
		if (place(index, &b, seed)) {
			index->seed[number] = (uint16_t)seed;
			return ARMVIRT_OK;
		}
	}
	return ARMVIRT_E_FULL;
}

static bool acceptable(const struct armvirt_sysreg_table *table)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct armvirt_sysreg_entry *e = &table->entry[i];

		if (!e->handler || e->key & ~KEY_MASK || !(e->access & ARMVIRT_SYSREG_RW) ||
		    e->access & ~ARMVIRT_SYSREG_RW)
			return false;
	}
	return table->count > 0;
}

/* While the index is built, seed[] holds the number of rows of buckets not yet placed. */
static enum armvirt_status place_all(struct armvirt_sysreg_index *index,
				     const struct armvirt_sysreg_table *table)
{
	/* Full buckets first, while there is room. */
	for (uint32_t size = BUCKET_ROWS; size > 0; size--) {
		for (uint32_t b = 0; b < ARMVIRT_SYSREG_BUCKETS; b++) {
			enum armvirt_status status;

			if (index->seed[b] != (uint16_t)(UINT16_MAX - size))
				continue;
			status = place_bucket(index, table, b);
			if (status != ARMVIRT_OK)
				return status;
		}
	}
	return ARMVIRT_OK;
}

enum armvirt_status armvirt_sysreg_index_init(struct armvirt_sysreg_index *index,
					      const struct armvirt_sysreg_table *table)
{
	enum armvirt_status status;

	if (table->count > ARMVIRT_SYSREG_ENTRIES_MAX)
		return ARMVIRT_E_FULL;
	if (!acceptable(table))
		return ARMVIRT_E_ARG;

	index->entry = table->entry;
	for (uint32_t i = 0; i < ARMVIRT_SYSREG_SLOTS; i++)
		index->slot[i] = NO_ROW;
	for (uint32_t i = 0; i < ARMVIRT_SYSREG_BUCKETS; i++)
		index->seed[i] = UINT16_MAX;
	for (uint32_t i = 0; i < table->count; i++) {
		uint32_t b = bucket_of(table->entry[i].key);

		if (index->seed[b] == (uint16_t)(UINT16_MAX - BUCKET_ROWS))
			return ARMVIRT_E_FULL;
		index->seed[b]--;
	}
	status = place_all(index, table);
	if (status != ARMVIRT_OK)
		return status;
	for (uint32_t i = 0; i < ARMVIRT_SYSREG_SLOTS; i++)
		index->slot[i] = index->slot[i] == NO_ROW ? 0 : index->slot[i];
	return ARMVIRT_OK;
}
