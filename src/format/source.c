/* SPDX-License-Identifier: MIT */
/*
 * Writes the values of a source to a file. See source.h.
 */
#include "format/source.h"

#include <stdlib.h>

#define PIECE ((size_t)1 << 20) /* bytes read from a source at a time */

/* Bytes of a piece of a source: whole units, about PIECE, at least one unit. */
static size_t piece_of(const struct ic_source *source)
{
    const size_t units = PIECE / source->unit;

    return (units > 0 ? units : 1) * source->unit;
}

ic_status ic_source_write(const struct ic_source *source, size_t size,
                          struct ic_file_writer *file, struct ic_error *error)
{
    const size_t piece = piece_of(source);
    void *bytes = malloc(piece);
    ic_status status = IC_OK;

    if (bytes == NULL)
        return ic_fail_memory(error, file->path, piece);
    for (size_t at = 0; status == IC_OK && at < size; at += piece) {
        const size_t count = size - at < piece ? size - at : piece;

        status = source->read(source->context, bytes, at, count, error);
        if (status == IC_OK)
            status = ic_file_writer_add(file, bytes, count, error);
    }
    free(bytes);
    return status;
}
