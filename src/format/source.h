/* SPDX-License-Identifier: MIT */
/*
 * A source computes values while they are written, so that they need not all be in
 * memory.
 */
#ifndef IC_FORMAT_SOURCE_H
#define IC_FORMAT_SOURCE_H

#include <stddef.h>

#include "base/error.h"
#include "base/file.h"

/* read(context, bytes, offset, size) gives `size` bytes of the values, from byte
 * `offset` on. Both are multiples of `unit`, which divides the total size. The context
 * must stay valid until all is written. */
struct ic_source {
    size_t unit;
    const void *context;
    ic_status (*read)(const void *context, void *bytes, size_t offset, size_t size,
                      struct ic_error *error);
};

/* Writes the source's `size` bytes piece by piece: about 1 MiB each, or one unit where
 * a unit is larger. */
ic_status ic_source_write(const struct ic_source *source, size_t size,
                          struct ic_file_writer *file, struct ic_error *error);

#endif
