/* SPDX-License-Identifier: MIT */
/*
 * The writer of protobuf's wire format, against bytes from the format's own description
 * or assembled by hand.
 */
#include "bytes.h"
#include "check.h"
#include "folder.h"
#include "format/protobuf.h"

static char *folder, *path;
static struct ic_error error;

/* Commits the message, compares the file's bytes, and frees it. */
static void check_bytes(struct ic_protobuf *message, const void *expected, size_t size)
{
    uint8_t *found = NULL;
    size_t found_size = 0;

    CHECK_OK(ic_protobuf_commit(message, path, &error));
    CHECK_OK(ic_file_read(path, 1 << 24, &found, &found_size, &error));
    CHECK_INT(found_size, size);
    for (size_t i = 0; i < size && i < found_size; i++)
        if (found[i] != ((const uint8_t *)expected)[i]) {
            CHECK_FAIL("byte %zu is 0x%02x, expected 0x%02x", i, found[i],
                       ((const uint8_t *)expected)[i]);
            break;
        }
    free(found);
    ic_protobuf_free(message);
}

#define CHECK_BYTES(message, ...)                                    \
    do {                                                             \
        const uint8_t check_expected[] = {__VA_ARGS__};              \
        check_bytes(message, check_expected, sizeof check_expected); \
    } while (0)

/* The examples of protobuf.dev/programming-guides/encoding. */
static void test_specification(void)
{
    struct ic_protobuf *message = ic_protobuf_new();

    ic_protobuf_int(message, 1, 150);
    CHECK_BYTES(message, 0x08, 0x96, 0x01);

    message = ic_protobuf_new();
    ic_protobuf_text(message, 2, "testing");
    CHECK_BYTES(message, 0x12, 0x07, 't', 'e', 's', 't', 'i', 'n', 'g');

    message = ic_protobuf_new();
    ic_protobuf_begin(message, 3);
    ic_protobuf_int(message, 1, 150);
    ic_protobuf_end(message);
    CHECK_BYTES(message, 0x1a, 0x03, 0x08, 0x96, 0x01);

    message = ic_protobuf_new();
    ic_protobuf_int(message, 6, 1); /* repeated, unpacked */
    ic_protobuf_int(message, 6, 2);
    ic_protobuf_int(message, 6, 3);
    CHECK_BYTES(message, 0x30, 0x01, 0x30, 0x02, 0x30, 0x03);

    message = ic_protobuf_new();
    ic_protobuf_int(message, 1, -2); /* as uint64: ten bytes */
    CHECK_BYTES(message, 0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0x01);
}

/* Values around which a varint, or a key, becomes longer. */
static void test_edges(void)
{
    struct ic_protobuf *message = ic_protobuf_new();

    ic_protobuf_int(message, 1, 0);
    ic_protobuf_int(message, 1, 127);
    ic_protobuf_int(message, 1, 128);
    ic_protobuf_int(message, 1, 16383);
    ic_protobuf_int(message, 1, 16384);
    ic_protobuf_int(message, 15, 1);
    ic_protobuf_int(message, 16, 1);
    ic_protobuf_int(message, 20, INT64_MAX);
    CHECK_BYTES(message, 0x08, 0x00, 0x08, 0x7f, 0x08, 0x80, 0x01, 0x08, 0xff, 0x7f,
                0x08, 0x80, 0x80, 0x01, 0x78, 0x01, 0x80, 0x01, 0x01, 0xa0, 0x01, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);

    message = ic_protobuf_new();
    ic_protobuf_float(message, 2, 1e-5f); /* 0x3727c5ac */
    ic_protobuf_bytes(message, 9, NULL, 0);
    ic_protobuf_text(message, 1, "");
    ic_protobuf_bytes(message, 9, "\0\xff", 2);
    ic_protobuf_begin(message, 7);
    ic_protobuf_end(message);
    CHECK_BYTES(message, 0x15, 0xac, 0xc5, 0x27, 0x37, 0x4a, 0x00, 0x0a, 0x00, 0x4a,
                0x02, 0x00, 0xff, 0x3a, 0x00);

    check_bytes(ic_protobuf_new(), "", 0);
}

/* --- sources ---------------------------------------------------------------------- */

enum { UNIT = 3 };

/* Byte i of the values is i modulo 256. */
static ic_status read_pattern(const void *context, void *bytes, size_t offset,
                              size_t size, struct ic_error *failure)
{
    uint8_t *out = bytes;

    CHECK(offset % UNIT == 0 && size % UNIT == 0);
    if (offset + size > *(const size_t *)context)
        return ic_fail(failure, IC_ERR_DEVICE, "the device is gone");
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(offset + i);
    return IC_OK;
}

static void put_pattern(struct bytes *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes_put(out, &(uint8_t){(uint8_t)i}, 1);
}

/* Sources inside messages whose lengths take one, two and four bytes. When a message
 * ends, everything after a source and before the end of the message moves. */
static void test_sources(void)
{
    static const size_t all = SIZE_MAX / 2;
    const struct ic_source source = {UNIT, &all, read_pattern};
    struct ic_protobuf *message = ic_protobuf_new();
    struct bytes expected = {0};

    ic_protobuf_begin(message, 1);
    ic_protobuf_begin(message, 2);
    ic_protobuf_text(message, 3, "a");
    ic_protobuf_source(message, 4, 120, &source);
    ic_protobuf_end(message);
    ic_protobuf_source(message, 5, 6, &source);
    ic_protobuf_int(message, 6, 1);
    ic_protobuf_end(message);
    ic_protobuf_source(message, 7, 3 << 20, &source);
    ic_protobuf_source(message, 8, 0, &source);

    bytes_put(&expected,
              "\x0a\x89\x01\x12\x7d\x1a\x01"
              "a\x22\x78",
              10);
    put_pattern(&expected, 120);
    bytes_put(&expected, "\x2a\x06", 2);
    put_pattern(&expected, 6);
    bytes_put(&expected, "\x30\x01\x3a\x80\x80\xc0\x01", 7);
    put_pattern(&expected, 3 << 20);
    bytes_put(&expected, "\x42\x00", 2);
    check_bytes(message, expected.at, expected.size);
    bytes_free(&expected);
}

/* --- what fails ------------------------------------------------------------------- */

static void check_untouched(void)
{
    uint8_t *found = NULL;
    size_t size = 0;

    CHECK_OK(ic_file_read(path, 100, &found, &size, &error));
    CHECK(size == 3 && memcmp(found, "old", 3) == 0);
    free(found);
    CHECK_INT(folder_entries(folder), 1);
}

static void test_failures(void)
{
    static const size_t little = 3 << 20;
    const struct ic_source source = {UNIT, &little, read_pattern};
    struct ic_protobuf *message = ic_protobuf_new();

    folder_put_text(folder, "file", "old");
    ic_protobuf_source(message, 1, 6 << 20, &source); /* fails in the middle */
    CHECK_FAILS(ic_protobuf_commit(message, path, &error), IC_ERR_DEVICE, "is gone");
    ic_protobuf_free(message);
    check_untouched();

    message = ic_protobuf_new();
    ic_protobuf_begin(message, 1);
    ic_protobuf_source(message, 1, INT32_MAX, &source);
    ic_protobuf_end(message);
    CHECK_FAILS(ic_protobuf_commit(message, path, &error), IC_ERR_LIMIT,
                "it would have 2147483659 bytes, and a protobuf file has at most "
                "2147483647");
    ic_protobuf_free(message);
    check_untouched();

    message = ic_protobuf_new();
    ic_protobuf_source(message, 1, SIZE_MAX - 100, &source);
    ic_protobuf_source(message, 1, 200, &source);
    CHECK_FAILS(ic_protobuf_commit(message, path, &error), IC_ERR_LIMIT, path);
    ic_protobuf_free(message);
    check_untouched();

    message = ic_protobuf_new();
    CHECK_FAILS(ic_protobuf_commit(message, folder, &error), IC_ERR_USAGE, "a folder");
    ic_protobuf_free(message);
    ic_protobuf_free(NULL);
}

int main(void)
{
    folder = folder_make();
    path = folder_path(folder, "file");
    test_specification();
    test_edges();
    test_sources();
    test_failures();
    free(path);
    folder_remove(folder);
    return check_result();
}
