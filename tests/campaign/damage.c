/* SPDX-License-Identifier: MIT */
/*
 * Damaged files. `damage check CHECKPOINT COUNT SEED` changes a checkpoint in memory in
 * COUNT ways, and refuses each as a resume does; a way that is taken is printed, and
 * the exit status is 1. `damage make FILE OUT SEED` writes a damaged copy.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/safetensors.h"

static uint64_t state;

/* xorshift64*, Vigna, "An experimental exploration of Marsaglia's xorshift generators,
 * scrambled", ACM TOMS 42, 2016: from 0 to limit - 1 */
static size_t draw(size_t limit)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (size_t)((state * 2685821657736338717u >> 16) % limit);
}

/* Changes the bytes in one of seven ways; `bytes` has room for 64 more. */
static const char *damage(uint8_t *bytes, size_t *size)
{
    const size_t at = draw(*size), most = *size - at < 64 ? *size - at : 64;
    const size_t length = 1 + draw(most), from = draw(*size - length + 1);

    switch (draw(7)) {
    case 0:
        bytes[at] ^= (uint8_t)(1u << draw(8));
        return "a changed bit";
    case 1:
        bytes[at] = (uint8_t)draw(256);
        return "another byte";
    case 2:
        memset(bytes + at, 0, length);
        return "zeros";
    case 3:
        memmove(bytes + at, bytes + from, length);
        return "bytes of another place";
    case 4:
        *size = at;
        return "a cut";
    case 5:
        memmove(bytes + at, bytes + at + length, *size - at - length);
        *size -= length;
        return "missing bytes";
    default:
        memmove(bytes + at + length, bytes + at, *size - at);
        *size += length;
        return "inserted bytes";
    }
}

static uint8_t *copy(const uint8_t *bytes, size_t size)
{
    uint8_t *result = calloc(size + 65, 1);

    if (result == NULL)
        exit(99);
    memcpy(result, bytes, size);
    return result;
}

static int check(const uint8_t *bytes, size_t size, const char *path, long count)
{
    long refused = 0, without_effect = 0, taken = 0;

    for (long i = 0; i < count; i++) {
        const uint64_t seed = state;
        uint8_t *changed = copy(bytes, size);
        size_t changed_size = size;
        const char *how = damage(changed, &changed_size);
        struct ic_safetensors *file = NULL;
        struct ic_error error;
        ic_status status;

        if (changed_size == size && memcmp(changed, bytes, size) == 0) {
            without_effect++;
            free(changed);
            continue;
        }
        changed[changed_size] = 0;
        status = ic_safetensors_parse(path, changed, changed_size, &file, &error);
        if (status == IC_OK) {
            status = ic_safetensors_verify(file, path, &error);
            ic_safetensors_close(file);
        }
        if (status != IC_OK) {
            refused++;
            continue;
        }
        taken++;
        printf("%s, state %" PRIu64 ": taken\n", how, seed);
    }
    printf("checkpoints: %ld damaged, %ld refused, %ld taken\n", count - without_effect,
           refused, taken);
    return taken > 0 || refused == 0;
}

int main(int argc, char **argv)
{
    struct ic_error error;
    uint8_t *bytes;
    size_t size;
    int result;

    if (argc != 5 || ic_file_read(argv[2], 1 << 24, &bytes, &size, &error) != IC_OK ||
        size == 0)
        return 99;
    state = strtoull(argv[4], NULL, 10) * 2 + 1;
    for (int i = 0; i < 20; i++) /* small seeds have few bits */
        draw(2);
    if (strcmp(argv[1], "check") == 0) {
        result = check(bytes, size, argv[2], atol(argv[3]));
    } else {
        uint8_t *changed = copy(bytes, size);

        damage(changed, &size);
        result = ic_file_write(argv[3], changed, size, &error) == IC_OK ? 0 : 99;
        free(changed);
    }
    free(bytes);
    return result;
}
