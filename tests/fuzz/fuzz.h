/* SPDX-License-Identifier: MIT */
/*
 * Functions that the libFuzzer targets of this folder share. `make fuzz` builds the
 * targets; docs/building.md shows how to run one.
 *
 * A target defines fuzz_seeds and LLVMFuzzerTestOneInput. The latter gives any bytes to
 * a reader and ends the process by a signal when the reader breaks its promise: one
 * line that says why the bytes are refused, or values that can be used.
 */
#ifndef IC_TESTS_FUZZ_H
#define IC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Hands good files and odd ones to fuzz_seed; mutations start from them. */
void fuzz_seeds(void);
void fuzz_seed(const void *bytes, size_t size);

/* Makes a file in memory of these bytes, replacing the one before. Returns its path. */
const char *fuzz_file(const void *bytes, size_t size);

/* Ends the process unless `condition` holds. */
void fuzz_check(int condition);

/* Checks that a refusal is one line that is not empty. */
void fuzz_check_refusal(const struct ic_error *error);

/* Reads all bytes, so that a sanitizer sees a read past the end. */
void fuzz_read(const void *bytes, size_t size);

/* Opens the bytes as a weights file and, if it is one, reads all its tensors. */
void fuzz_weights(const void *bytes, size_t size);

#endif
