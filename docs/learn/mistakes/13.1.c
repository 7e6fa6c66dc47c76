/* SPDX-License-Identifier: MIT */
/*
 * Exercise 13.1: from float to bf16.
 *
 * Return the upper 16 bits of the bf16 number that is nearest to x. Where two are as
 * near, take the one whose last bit is 0. What is beyond the largest becomes infinite.
 * A NaN must stay a NaN (its exponent is all ones, its mantissa is not zero).
 */
#include <stdint.h>
#include <string.h>

static uint16_t bf16_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    /* The mistake: the lower half is cut off. Every number becomes smaller, by a 256th
     * at most and a 512th on average, always in the same direction: in long sums it
     * adds up. */
    return (uint16_t)(bits >> 16);
}
