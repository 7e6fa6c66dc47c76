/* SPDX-License-Identifier: MIT */
/* Exercise 13.1: against the two neighbours, in double precision. */
#include "kit.h"

static float from_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static void try(uint32_t bits)
{
    const float x = from_bits(bits);
    const uint32_t low = bits & 0xffff0000, high = low + 0x10000;
    const double below = from_bits(low);
    const double
        above = /* beyond the largest, the step goes on as if there were more */
        isinf(from_bits(high)) ? 2 * below - from_bits(low - 0x10000) : from_bits(high);
    const double to_low = fabs((double)x - below), to_high = fabs(above - (double)x);
    const uint32_t nearest = to_low < to_high                            ? low
                             : to_high < to_low || (high >> 16 & 1) == 0 ? high
                                                                         : low;

    begin("%.9g", x);
    same("the nearest bf16 number", from_bits((uint32_t)bf16_of(x) << 16),
         from_bits(nearest));
}

int main(void)
{
    uint32_t bits = 12345;

    for (int i = 0; i < 20000; i++) {
        bits = bits * 1664525u + 1013904223u;
        if ((bits & 0x7f800000) != 0x7f800000) {
            try(bits);
            try((bits & 0xffff0000) | 0x8000); /* a tie */
        }
    }
    try(0);
    try(0x80000000);
    try(0x7f7fffff); /* the largest float */
    begin("infinity");
    same("its bf16 number", from_bits((uint32_t)bf16_of(INFINITY) << 16), INFINITY);
    begin("a NaN");
    same("whether it stays one",
         isnan(from_bits((uint32_t)bf16_of(from_bits(0x7f800001)) << 16)), 1);
    same("whether it stays one",
         isnan(from_bits((uint32_t)bf16_of(from_bits(0xffffffff)) << 16)), 1);
    return right();
}
