/*
 * bfloat16: the upper half of an fp32 number, so 8 bits of exponent and 7 of mantissa.
 */
#ifndef IC_BACKEND_CUDA_BF16_H
#define IC_BACKEND_CUDA_BF16_H

#include <stdint.h>
#include <string.h>

#include "base/everywhere.h"

/* The nearest, of two equally near the one whose last bit is 0; beyond the largest it
 * is infinite. What is not a number stays so. */
IC_EVERYWHERE uint16_t ic_bf16_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

IC_EVERYWHERE float ic_bf16_float(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
