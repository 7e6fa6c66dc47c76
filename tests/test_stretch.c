/* SPDX-License-Identifier: MIT */
/*
 * Stretches of ranks cover a line in order, and are equally long.
 */
#include "base/stretch.h"

#include "check.h"

/* The stretches of all ranks join without a gap, and their lengths differ by at most
 * one. */
static void check_cover(size_t count, int size)
{
    size_t end = 0, shortest = SIZE_MAX, longest = 0;

    for (int rank = 0; rank < size; rank++) {
        const struct ic_stretch stretch = ic_stretch_of(count, rank, size);
        const size_t length = stretch.end - stretch.first;

        CHECK(stretch.first == end && stretch.end >= stretch.first);
        end = stretch.end;
        shortest = length < shortest ? length : shortest;
        longest = length > longest ? length : longest;
    }
    CHECK(end == count);
    CHECK(longest - shortest == (count % (size_t)size != 0));
}

int main(void)
{
    const int most = 1 << 20;

    for (size_t count = 0; count <= 40; count++)
        for (int size = 1; size <= 13; size++)
            check_cover(count, size);
    CHECK(ic_stretch_of(10, 0, 4).end == 2 && ic_stretch_of(10, 1, 4).end == 5);

    /* The largest numbers do not overflow. */
    check_cover((size_t)1 << 40, 3);
    CHECK(ic_stretch_of((size_t)1 << 40, most - 1, most).end == (size_t)1 << 40);
    CHECK(ic_stretch_of((size_t)1 << 40, most - 1, most).first ==
          ((size_t)1 << 40) - ((size_t)1 << 20));
    return check_result();
}
