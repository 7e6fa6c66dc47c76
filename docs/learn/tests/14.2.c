/* SPDX-License-Identifier: MIT */
/* Exercise 14.2: against the tree written as a recursion; leaves whose sums are
 * rounded. */
#include "kit.h"

/* The sum of the leaves first .. end - 1; `width` is a power of two that covers them.
 */
static float by_recursion(const float *leaves, int first, int end, int width)
{
    if (end - first == 1)
        return leaves[first];
    while (width / 2 >= end - first)
        width /= 2;
    return by_recursion(leaves, first, first + width / 2, width / 2) +
           by_recursion(leaves, first + width / 2, end, width / 2);
}

int main(void)
{
    float leaves[70];

    for (int i = 0; i < 70; i++)
        leaves[i] = (i % 3 == 0 ? 16777216.0f : 1.0f) / (float)(1 << i % 5) *
                    (i % 4 == 1 ? -1.0f : 1.0f);
    for (int count = 1; count <= 70; count++) {
        begin("%d leaves", count);
        same("the sum", tree_sum(leaves, count), by_recursion(leaves, 0, count, 128));
    }
    begin("2^24 1 1 1");
    same("the sum", tree_sum((const float[]){16777216, 1, 1, 1}, 4), 16777218);
    return right();
}
