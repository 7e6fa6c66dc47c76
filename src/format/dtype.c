/* SPDX-License-Identifier: MIT */
/*
 * Element types of tensors: their names and sizes in safetensors files, and their
 * values as floats.
 *
 * Sources: IEEE 754-2019, section 3.4 (binary16); bfloat16 is the upper half of a
 * float.
 */
#include "format/tensor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[IC_DTYPES] = {
    [IC_F32] = {"F32", 4}, [IC_F16] = {"F16", 2}, [IC_BF16] = {"BF16", 2},
    [IC_F64] = {"F64", 8}, [IC_I64] = {"I64", 8}, [IC_I32] = {"I32", 4},
    [IC_U8] = {"U8", 1},
};

const char *ic_dtype_name(enum ic_dtype dtype)
{
    assert((unsigned)dtype < IC_DTYPES);
    return dtypes[dtype].name;
}

size_t ic_dtype_size(enum ic_dtype dtype)
{
    assert((unsigned)dtype < IC_DTYPES);
    return dtypes[dtype].size;
}

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* binary16: sign, 5 bits of exponent with bias 15, 10 bits of fraction. A float, with
 * exponent bias 127, represents every value exactly. */
static float float_of_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = half >> 10 & 31, fraction = half & 1023;

    if (exponent == 31) /* infinity and NaN */
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0) { /* zero and subnormals: fraction * 2^-24 */
        const float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return float_of_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13);
}

/* The data may be unaligned, so every element is copied before it is read. */
bool ic_tensor_to_float(float *out, const struct ic_tensor *tensor)
{
    const uint8_t *data = tensor->data;
    uint16_t half;
    double wide;

    switch (tensor->dtype) {
    case IC_F32:
        if (tensor->count > 0)
            memcpy(out, data, tensor->size);
        return true;
    case IC_F16:
        for (size_t i = 0; i < tensor->count; i++) {
            memcpy(&half, data + 2 * i, sizeof half);
            out[i] = float_of_half(half);
        }
        return true;
    case IC_BF16:
        for (size_t i = 0; i < tensor->count; i++) {
            memcpy(&half, data + 2 * i, sizeof half);
            out[i] = float_of_bits((uint32_t)half << 16);
        }
        return true;
    case IC_F64:
        for (size_t i = 0; i < tensor->count; i++) {
            memcpy(&wide, data + 8 * i, sizeof wide);
            out[i] = (float)wide;
        }
        return true;
    default:
        return false;
    }
}

/* An element of `size` bytes whose bits of `exponent` are all 1 is infinite or NaN. */
static bool exponents_below(const struct ic_tensor *tensor, size_t size,
                            uint32_t exponent)
{
    const uint8_t *data = tensor->data;
    bool finite = true;

    for (size_t i = 0; i < tensor->count; i++) {
        uint32_t bits = 0;

        memcpy(&bits, data + size * i, size);
        finite &= (bits & exponent) != exponent;
    }
    return finite;
}

bool ic_tensor_is_finite(const struct ic_tensor *tensor)
{
    const uint8_t *data = tensor->data;
    double wide;

    switch (tensor->dtype) {
    case IC_F32:
        return exponents_below(tensor, 4, 0x7f800000);
    case IC_F16:
        return exponents_below(tensor, 2, 0x7c00);
    case IC_BF16:
        return exponents_below(tensor, 2, 0x7f80);
    case IC_F64:
        for (size_t i = 0; i < tensor->count; i++) {
            memcpy(&wide, data + 8 * i, sizeof wide);
            if (!isfinite((float)wide))
                return false;
        }
        return true;
    default:
        return true;
    }
}

const struct ic_tensor *ic_tensor_find(const struct ic_tensor_list *list,
                                       const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}
