/* SPDX-License-Identifier: MIT */
/* Exercise 14.1: all small cases, and a large one. */
#include "kit.h"

int main(void)
{
    for (int count = 0; count <= 20; count++)
        for (int size = 1; size <= 8; size++) {
            int64_t next = 0;

            for (int rank = 0; rank < size; rank++) {
                const struct stretch s = stretch_of(count, rank, size);
                const int64_t length = s.end - s.first;

                begin("%d micro-batches, rank %d of %d", count, rank, size);
                same("first", (double)s.first, (double)next);
                same("whether the length is even or one more",
                     length == count / size ||
                         length == count / size + (count % size > 0),
                     1);
                same("first by the formula", (double)s.first, count * rank / size);
                next = s.end;
            }
            same("the last end", (double)next, count);
        }
    begin("2^40 micro-batches, rank 1048575 of 1048576");
    same("first", (double)stretch_of((int64_t)1 << 40, 1048575, 1048576).first,
         1048575.0 * 1048576.0);
    return right();
}
