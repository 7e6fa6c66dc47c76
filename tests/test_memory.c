/*
 * Memory for large arrays: every byte can be used, the array begins where vectors and
 * pages do, and what no machine has is refused.
 */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int main(void)
{
    const size_t huge = (size_t)1 << 21;
    const size_t sizes[] = {0,        1,    255,      256,         257,
                            huge - 1, huge, huge + 1, 5 * huge + 7};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *const memory = ic_memory_alloc(sizes[i]);

        CHECK(memory != NULL && (uintptr_t)memory % 256 == 0);
        CHECK(sizes[i] < huge || (uintptr_t)memory % huge == 0);
        if (memory != NULL)
            memset(memory, 0xa5, sizes[i]);
        free(memory);
    }
    CHECK(ic_memory_alloc(SIZE_MAX) == NULL);
    CHECK(ic_memory_alloc(SIZE_MAX - huge) == NULL);
    CHECK(ic_memory_alloc(SIZE_MAX / 2) == NULL);
    return check_result();
}
