/* SPDX-License-Identifier: MIT */
/*
 * FNV-1a of 128 bits, against known values: in one piece, in several pieces, and of a
 * file.
 */
#include "base/fingerprint.h"

#include "check.h"
#include "folder.h"

static struct ic_error error;

static void check(const char *text, uint64_t high, uint64_t low)
{
    struct ic_fingerprint found = ic_fingerprint_begin();

    ic_fingerprint_add(&found, text, strlen(text));
    if (found.high != high || found.low != low)
        CHECK_FAIL("\"%s\" has another fingerprint", text);
}

static void test_file(void)
{
    char *folder = folder_make(), *path = folder_path(folder, "file");
    const size_t size = (3 << 20) + 1;
    uint8_t *bytes = check_alloc(size, 1);
    struct ic_fingerprint found, expected = ic_fingerprint_begin();

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * i >> 3);
    folder_put(folder, "file", bytes, size);
    ic_fingerprint_add(&expected, bytes, 5);
    ic_fingerprint_add(&expected, bytes + 5, size - 5);
    CHECK_OK(ic_fingerprint_file(path, &found, &error));
    CHECK(found.high == expected.high && found.low == expected.low);
    CHECK_FAILS(ic_fingerprint_file(folder, &found, &error), IC_ERR_IO, folder);
    unlink(path);
    CHECK_FAILS(ic_fingerprint_file(path, &found, &error), IC_ERR_IO, "cannot open");
    free(bytes);
    free(path);
    folder_remove(folder);
}

int main(void)
{
    check("", 0x6c62272e07bb0142, 0x62b821756295c58d);
    check("a", 0xd228cb696f1a8caf, 0x78912b704e4a8964);
    check("foobar", 0x343e1662793c64bf, 0x6f0d3597ba446f18);
    test_file();
    return check_result();
}
