/* SPDX-License-Identifier: MIT */
/* Exercise 3.2: sums whose value depends on the order. 2^24 + 1 is 2^24 in float. */
#include "kit.h"

int main(void)
{
    const float big = 16777216;
    const float numbers[] = {big, 1, 1, 1, 1, -big, 0.5f};

    begin("2^24 1 1 1 1 -2^24 0.5");
    same("the sum in chunks of 1", sum_in_chunks(numbers, 7, 1), 0.5);
    same("the sum in chunks of 7", sum_in_chunks(numbers, 7, 7), 0.5);
    /* 2^24 + 1 + 1 is 2^24; 1 + 1 - 2^24 is exact; their sum is 2 */
    same("the sum in chunks of 3", sum_in_chunks(numbers, 7, 3), 2.5);
    begin("1 1 2^24");
    same("the sum in chunks of 2", sum_in_chunks((const float[]){1, 1, big}, 3, 2),
         16777218);
    begin("2^24 1 1");
    same("the sum in chunks of 2", sum_in_chunks((const float[]){big, 1, 1}, 3, 2),
         big);
    same("the sum of none", sum_in_chunks(numbers, 0, 4), 0);
    begin("1 2^24 1 1 1 1");
    same("the sum in chunks of 2",
         sum_in_chunks((const float[]){1, big, 1, 1, 1, 1}, 6, 2), 16777220);
    return right();
}
