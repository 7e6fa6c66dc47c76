/* SPDX-License-Identifier: MIT */
/*
 * Reads the directory of a zip file whose entries are stored uncompressed, as PyTorch
 * writes them.
 *
 * Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.4.
 */
#ifndef IC_FORMAT_ZIP_H
#define IC_FORMAT_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct ic_zip_entry {
    const char *name;      /* never used as a path */
    const uint8_t *record; /* within the file's bytes, before the data */
    const uint8_t *data;
    size_t size;
};

struct ic_zip {
    struct ic_zip_entry *entries; /* in strcmp order */
    size_t count;
};

/* Reads the directory of a zip file in memory; names and entries live in `arena`.
 * Refuses compressed or encrypted entries (nothing is ever unpacked, so nothing can
 * grow), duplicate names, names that differ from those before the data, entries outside
 * the file or overlapping each other, and archives beyond 4 GiB. */
ic_status ic_zip_read(const uint8_t *bytes, size_t size, struct ic_arena *arena,
                      const char *path, struct ic_zip *ret_zip, struct ic_error *error);

/* The entry of that name, or NULL. */
const struct ic_zip_entry *ic_zip_find(const struct ic_zip *zip, const char *name);

#endif
