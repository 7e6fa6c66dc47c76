/* SPDX-License-Identifier: MIT */
/*
 * Exercise 13.2: a dot product of bf16 numbers.
 *
 * a and b hold the upper halves of floats. Widen them (which is exact), multiply and
 * add in float, from left to right and from 0 on, and round once, at the end: return
 * the bf16 number nearest to the sum, as a float. round_bf16 rounds a float.
 */
#include <stdint.h>
#include <string.h>

static float round_bf16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static float widen(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float dot(const uint16_t *a, const uint16_t *b, int count)
{
    float sum = 0;

    /* The mistake: the sum is rounded after each addition, as if it were stored. From
     * 256 on it does not notice an added 1 any more. */
    for (int i = 0; i < count; i++)
        sum = round_bf16(sum + widen(a[i]) * widen(b[i]));
    return sum;
}
