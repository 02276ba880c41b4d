/* SPDX-License-Identifier: BSD-2-Clause */
/* A stage-2 table walk, from VTCR_EL2, VTTBR_EL2 and memory alone. */
#ifndef TESTS_MODEL_WALKER_H
#define TESTS_MODEL_WALKER_H

#include <stdbool.h>
#include <stdint.h>

/* Fault classes of a walk. */
enum model_fault {
	MODEL_FAULT_NONE,
	MODEL_FAULT_TRANSLATION,
	MODEL_FAULT_ADDRESS_SIZE,
	MODEL_FAULT_ACCESS_FLAG
};

/* A translation regime, decoded from its registers. */
struct model_stage2 {
	unsigned page_bits; /* 12, 14, 16 */
	unsigned input_bits;
	unsigned output_bits;
	int start_level;
	bool ds; /* LPA2 layout */
	bool ha, hd;
	unsigned vmid;
	uint64_t base; /* of the initial table */
	bool valid;    /* the fields can be used together */
};

struct model_walk {
	enum model_fault fault;
	int level;        /* where the walk ended */
	uint64_t slot_pa; /* of the descriptor that ended it */
	uint64_t desc;
	uint64_t pa;   /* of the address asked for */
	uint64_t span; /* bytes that the descriptor stands for */
};

typedef uint64_t model_read_fn(void *context, uint64_t pa);

void model_stage2_decode(struct model_stage2 *s, uint64_t vtcr, uint64_t vttbr);
void model_stage2_walk(const struct model_stage2 *s, model_read_fn *read, void *context,
		       uint64_t ipa, struct model_walk *out);

/* Address in a table descriptor, or in a leaf descriptor of a level. */
uint64_t model_next_table(const struct model_stage2 *s, uint64_t desc);
uint64_t model_leaf_address(const struct model_stage2 *s, uint64_t desc, int level);
unsigned model_level_bits(const struct model_stage2 *s, int level);

#endif
