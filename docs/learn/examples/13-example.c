/* SPDX-License-Identifier: MIT */
/*
 * Lesson 13: what bf16 keeps of a number, of a sum and of an update.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The nearest bf16 number, as a float; ties go to even. (No NaN here.) */
static float round_bf16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    memcpy(&x, &bits, sizeof x);
    return x;
}

int main(void)
{
    const float numbers[] = {3.14159274f, 257, 258, 259, 1.00390625f, 0.1f};
    float sum = 0, rounded_sum = 0, weight = 1, rounded_weight = 1;
    float many = 0;

    for (int i = 0; i < 6; i++)
        printf("%.9g becomes %.9g\n", numbers[i], round_bf16(numbers[i]));
    for (int i = 0; i < 1000; i++) {
        sum += 1;
        rounded_sum = round_bf16(rounded_sum + 1);
    }
    printf("1000 ones: %g in float, then rounded %g; rounded at each step %g\n", sum,
           round_bf16(sum), rounded_sum);
    for (int i = 0; i < 100; i++) {
        weight -= 0.001f;
        rounded_weight = round_bf16(rounded_weight - 0.001f);
    }
    printf("1, less 0.001 a hundred times: %.4g in float, %g in bf16\n", weight,
           rounded_weight);
    printf("(2^24 + 1) + 1 = %.9g, 2^24 + (1 + 1) = %.9g\n", 16777216.0f + 1 + 1,
           16777216.0f + (1.0f + 1));
    for (int i = 0; i < 10000000; i++)
        many += 0.1f;
    printf("0.1 ten million times, in float: %.9g\n", many);
    return 0;
}
