/* SPDX-License-Identifier: MIT */
/*
 * bfloat16, the upper half of an fp32 number (8 bits of exponent and 7 of mantissa),
 * and arrays whose element type is fp32 or bf16 (enum ic_type).
 *
 * Kernels compute in fp32: an element is widened when it is read, which is exact, and
 * rounded once when it is written. A loop that takes `type` as a constant, because the
 * function that holds it is inlined for each type, has no branch inside.
 */
#ifndef IC_BACKEND_BF16_H
#define IC_BACKEND_BF16_H

#include <stdint.h>
#include <string.h>

#include "backend/shapes.h"
#include "base/everywhere.h"

/* The nearest bf16 number, with ties to even; beyond the largest it is infinite. A NaN
 * stays a NaN, and becomes quiet. */
IC_EVERYWHERE uint16_t ic_bf16_of(float x)
{
    uint32_t bits;
    uint32_t rounded;

    memcpy(&bits, &x, sizeof bits);
    rounded = bits + 0x7fff + (bits >> 16 & 1);
    return (uint16_t)(((bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : rounded) >>
                      16);
}

IC_EVERYWHERE float ic_bf16_float(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Element i of an array of `type`, in fp32. */
IC_EVERYWHERE float ic_load(const void *array, size_t i, enum ic_type type)
{
    return type == IC_TYPE_BF16 ? ic_bf16_float(((const uint16_t *)array)[i])
                                : ((const float *)array)[i];
}

/* Rounds `value` to `type` and stores it as element i. */
IC_EVERYWHERE void ic_store(void *array, size_t i, float value, enum ic_type type)
{
    if (type == IC_TYPE_BF16)
        ((uint16_t *)array)[i] = ic_bf16_of(value);
    else
        ((float *)array)[i] = value;
}

/* `value` rounded as an element of `type` would hold it. */
IC_EVERYWHERE float ic_round(float value, enum ic_type type)
{
    return type == IC_TYPE_BF16 ? ic_bf16_float(ic_bf16_of(value)) : value;
}

/* The address of element i. */
IC_EVERYWHERE void *ic_element(void *array, size_t i, enum ic_type type)
{
    return (char *)array +
           i * (type == IC_TYPE_BF16 ? sizeof(uint16_t) : sizeof(float));
}

IC_EVERYWHERE const void *ic_const_element(const void *array, size_t i,
                                           enum ic_type type)
{
    return (const char *)array +
           i * (type == IC_TYPE_BF16 ? sizeof(uint16_t) : sizeof(float));
}

#endif
