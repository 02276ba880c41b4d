/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * @brief Everything: includes each public header.
 */
#ifndef LIBARMVIRT_LIBARMVIRT_H
#define LIBARMVIRT_LIBARMVIRT_H

#include <libarmvirt/base.h>
#include <libarmvirt/features.h>
#include <libarmvirt/frame.h>
#include <libarmvirt/mpam.h>

#endif
