/* SPDX-License-Identifier: MIT */
/*
 * Exercise 14.1: a rank's stretch.
 *
 * There are `count` micro-batches, 0 .. count - 1, and `size` ranks. Rank r computes
 * those from first to end - 1, where
 *
 *   first = count * r / size        end = count * (r + 1) / size       (rounded down)
 *
 * The count is up to 2^40 and the size up to 2^20: mind the type of the product. The
 * test also checks that lengths differ by one at most, and that no micro-batch is left
 * out.
 */
#include <stdint.h>

struct stretch {
    int64_t first, end;
};

static struct stretch stretch_of(int64_t count, int rank, int size)
{
    struct stretch s = {0, 0};

    s.first = count * rank / size;
    s.end = count * (rank + 1) / size;
    return s;
}
