/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a: for each byte, hash = (hash ^ byte) * (2^88 + 0x13b), modulo 2^128. See
 * fingerprint.h.
 */
#include "base/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>

#define PIECE ((size_t)1 << 20) /* bytes of a file read at a time */

__extension__ typedef unsigned __int128 wide;

struct ic_fingerprint ic_fingerprint_begin(void)
{
    return (struct ic_fingerprint){0x6c62272e07bb0142, 0x62b821756295c58d};
}

void ic_fingerprint_add(struct ic_fingerprint *fingerprint, const void *bytes,
                        size_t size)
{
    const uint8_t *at = bytes;
    wide hash = (wide)fingerprint->high << 64 | fingerprint->low;

    for (size_t i = 0; i < size; i++) {
        hash ^= at[i];
        hash = (hash << 88) + hash * 0x13b;
    }
    fingerprint->high = (uint64_t)(hash >> 64);
    fingerprint->low = (uint64_t)hash;
}

ic_status ic_fingerprint_file(const char *path, struct ic_fingerprint *fingerprint,
                              struct ic_error *error)
{
    uint8_t *bytes = malloc(PIECE);
    FILE *stream = NULL;
    ic_status status = IC_OK;
    size_t got;

    *fingerprint = ic_fingerprint_begin();
    if (bytes == NULL)
        return ic_fail_memory(error, path, PIECE);
    stream = fopen(path, "rb");
    if (stream == NULL) {
        status = ic_fail_errno(error, "cannot open %s", path);
        goto out;
    }
    while ((got = fread(bytes, 1, PIECE, stream)) > 0)
        ic_fingerprint_add(fingerprint, bytes, got);
    if (ferror(stream))
        status = ic_fail_errno(error, "cannot read %s", path);
out:
    if (stream != NULL)
        fclose(stream);
    free(bytes);
    return status;
}
