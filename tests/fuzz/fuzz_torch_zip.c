/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes PyTorch's zip checkpoints. The input is a zip file, or else the pickle of a
 * good one. A directory gives each size twice. The two are made equal first, else no
 * mutation of one size would get past the other.
 */
#include "format/torch.h"
#include "format/zip.h"
#include "fuzz.h"
#include "torch_files.h"

void fuzz_seeds(void)
{
    /* Opcodes that today's state dicts do not use. */
    static const char other[] =
        "]q\0(J\1\0\0\0K\1M\1\1\x8b\2\0\0\0\1\1G01234567U\1aT\1\0\0\0aC\1a"
        "B\1\0\0\0a\x88N)h\0j\0\0\0\0r\1\0\0\0\x85\x87\x8c\5torch\x8c\x0c"
        "FloatStorage\x93"
        "e.";
    static const char wrap[] = "\x80\x04\x95\0\0\0\0\0\0\0\0}\x94\x8c\5model\x94";
    static const char *const types[] = {"FloatStorage", "HalfStorage", "ByteStorage"};
    const struct torch_shape transposed = {6, 0, {2, 3}, {1, 2}};
    struct bytes pickle = {0}, file = {0};

    for (int i = 0; i < 3; i++) {
        bytes_clear(&pickle);
        pickle_dict(&pickle, types[i], i == 1 ? &transposed : &torch_plain, i == 2);
        fuzz_seed(pickle.at, pickle.size);
        torch_make_zip(&file, pickle.at, pickle.size);
        fuzz_seed(file.at, file.size);
    }
    bytes_clear(&pickle);
    bytes_put(&pickle, wrap, sizeof wrap - 1);
    pickle_dict(&pickle, "DoubleStorage", &torch_plain, false);
    pickle.size--; /* the end */
    bytes_put(&pickle, "}bq\1s.", 6);
    fuzz_seed(pickle.at, pickle.size);
    fuzz_seed(other, sizeof other - 1);
    bytes_free(&pickle);
    bytes_free(&file);
}

/* Does so in everything that looks like a directory record of 46 bytes. */
static void repair_sizes(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + 46 <= size; at++)
        if (memcmp(bytes + at, "PK\1\2", 4) == 0)
            memcpy(bytes + at + 20, bytes + at + 24, 4);
}

/* Reads all entries, whether a checkpoint needs them or not. */
static void read_entries(const uint8_t *bytes, size_t size)
{
    struct ic_arena arena = {0};
    struct ic_zip zip;
    struct ic_error error = {.message = ""};

    if (ic_zip_read(bytes, size, &arena, "file", &zip, &error) != IC_OK)
        fuzz_check_refusal(&error);
    else
        for (size_t i = 0; i < zip.count; i++) {
            fuzz_read(zip.entries[i].data, zip.entries[i].size);
            fuzz_check(ic_zip_find(&zip, zip.entries[i].name) == &zip.entries[i]);
        }
    ic_arena_free(&arena);
}

static void test_zip(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size); /* ends where the bytes do */

    if (copy == NULL)
        return;
    memcpy(copy, bytes, size);
    repair_sizes(copy, size);
    read_entries(copy, size);
    fuzz_weights(copy, size);
    free(copy);
}

static void test_pickle(const uint8_t *bytes, size_t size)
{
    struct bytes file = {0};

    torch_make_zip(&file, bytes, size);
    fuzz_weights(file.at, file.size);
    bytes_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (ic_torch_recognises(bytes, size))
        test_zip(bytes, size);
    else
        test_pickle(bytes, size);
    return 0;
}
