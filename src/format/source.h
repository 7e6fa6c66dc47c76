/* SPDX-License-Identifier: MIT */
/*
 * Values that are made while they are written, so that they need not all be in memory.
 */
#ifndef IC_FORMAT_SOURCE_H
#define IC_FORMAT_SOURCE_H

#include <stddef.h>

#include "base/error.h"
#include "base/file.h"

/* read(context, bytes, offset, size) gives the `size` bytes that begin at byte `offset`
 * of them. Both are multiples of `unit`, which divides the size of the whole. The
 * context must stay until all is written. */
struct ic_source {
    size_t unit;
    const void *context;
    ic_status (*read)(const void *context, void *bytes, size_t offset, size_t size,
                      struct ic_error *error);
};

/* Writes the `size` bytes that the source has, a piece at a time: about 1 MiB, or one
 * unit where that is larger. */
ic_status ic_source_write(const struct ic_source *source, size_t size,
                          struct ic_file_writer *file, struct ic_error *error);

#endif
