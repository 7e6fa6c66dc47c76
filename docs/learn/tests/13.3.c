/* SPDX-License-Identifier: MIT */
/* Exercise 13.3: the result is the true sum, rounded, where a plain sum is off by per
 * cents. */
#include "kit.h"

int main(void)
{
    static float numbers[1000000];

    begin("1 2 3");
    same("the sum", careful_sum((const float[]){1, 2, 3}, 3), 6);
    begin("2^24 and four ones");
    same("the sum", careful_sum((const float[]){16777216, 1, 1, 1, 1}, 5), 16777220);
    for (int i = 0; i < 1000000; i++)
        numbers[i] = 0.1f;
    begin("0.1 a million times");
    same("the sum", careful_sum(numbers, 1000000), (float)(1e6 * (double)0.1f));
    numbers[0] = 16777216;
    for (int i = 1; i < 1000; i++)
        numbers[i] = 0.25f;
    begin("2^24 and 999 quarters");
    same("the sum", careful_sum(numbers, 1000), (float)(16777216 + 999 * 0.25));
    return right();
}
