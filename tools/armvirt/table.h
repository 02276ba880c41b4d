/* SPDX-License-Identifier: BSD-2-Clause */
/* The project's register table, as the command carries it along. */
#ifndef TOOLS_ARMVIRT_TABLE_H
#define TOOLS_ARMVIRT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

/* A row: pointers into the table, not terminated. */
struct row {
	const char *name, *access, *feature, *fields;
	size_t name_length, access_length, feature_length, fields_length;
	uint32_t key;
};

/* Rows in turn; false behind the last. Start with *at = NULL. */
bool next_row(const char **at, struct row *row);

/* Takes the next "[layout/]NAME=msb[:lsb][?feature]" off a list of fields; layout gets "" or it. */
bool next_field(const char **at, const char *end, struct field *field, char layout[8]);

/* The name of a register, or S3_4_C1_C1_0 for one that has none. */
void sysreg_name(char *buffer, size_t size, uint32_t key);

#endif
