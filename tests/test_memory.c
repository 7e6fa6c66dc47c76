/* SPDX-License-Identifier: MIT */
/*
 * Memory for large arrays: every byte is usable, the array is aligned for vectors and
 * pages, and a size that no machine has is refused.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const size_t huge = (size_t)1 << 21;

static void check_place(const unsigned char *memory, size_t bytes)
{
    CHECK(memory != NULL && (uintptr_t)memory % 256 == 0);
    CHECK(bytes < huge || (uintptr_t)memory % huge == 0);
}

static void check_plain(size_t bytes)
{
    unsigned char *const memory = ic_memory_alloc(bytes);

    check_place(memory, bytes);
    if (memory != NULL)
        memset(memory, 0xa5, bytes);
    free(memory);
}

/* Twice, so that freed memory may be reused. */
static void check_zeroed(size_t bytes)
{
    for (int turn = 0; turn < 2; turn++) {
        unsigned char *const memory = ic_memory_zeroed(bytes);
        size_t at = 0;

        check_place(memory, bytes);
        while (memory != NULL && at < bytes && memory[at] == 0)
            at++;
        CHECK(at == bytes);
        if (memory != NULL)
            memset(memory, 0xa5, bytes);
        ic_memory_release(memory);
    }
}

int main(void)
{
    const size_t sizes[] = {0,        1,    255,      256,         257,
                            huge - 1, huge, huge + 1, 5 * huge + 7};
    const size_t none_has[] = {SIZE_MAX, SIZE_MAX - huge, SIZE_MAX / 2};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_plain(sizes[i]);
        check_zeroed(sizes[i]);
    }
    for (size_t i = 0; i < sizeof none_has / sizeof *none_has; i++) {
        CHECK(ic_memory_alloc(none_has[i]) == NULL);
        CHECK(ic_memory_zeroed(none_has[i]) == NULL);
    }
    ic_memory_release(NULL);
    return check_result();
}
