/* SPDX-License-Identifier: MIT */
/*
 * A 128-bit hash that tells contents apart: FNV-1a of Fowler, Noll and Vo (RFC 9923).
 * It is no defence against somebody who searches for two contents with the same hash.
 */
#ifndef IC_BASE_FINGERPRINT_H
#define IC_BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ic_fingerprint {
    uint64_t high, low;
};

/* Starts the fingerprint of a sequence of bytes, empty so far; ic_fingerprint_add
 * appends to the sequence. */
struct ic_fingerprint ic_fingerprint_begin(void);
void ic_fingerprint_add(struct ic_fingerprint *fingerprint, const void *bytes,
                        size_t size);

/* The fingerprint of a file's content, which is read piece by piece. */
ic_status ic_fingerprint_file(const char *path, struct ic_fingerprint *fingerprint,
                              struct ic_error *error);

#endif
