/* SPDX-License-Identifier: MIT */
/*
 * Widens and rounds rows of activations. See typed.h.
 */
#include "backend/cpu/typed.h"

#include <string.h>

#include "backend/cpu/cpu.h"

IC_TARGET_CLONES void ic_typed_widen(float *restrict out, const void *restrict in,
                                     size_t count, enum ic_type type)
{
    if (type == IC_TYPE_FP32)
        memcpy(out, in, count * sizeof *out);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = ic_load(in, i, IC_TYPE_BF16);
}

IC_TARGET_CLONES void ic_typed_narrow(void *restrict out, const float *restrict in,
                                      size_t count, bool accumulate, enum ic_type type)
{
    float *const floats = out;

    if (type == IC_TYPE_FP32 && !accumulate)
        memcpy(out, in, count * sizeof *in);
    else if (type == IC_TYPE_FP32)
        for (size_t i = 0; i < count; i++)
            floats[i] += in[i];
    else if (!accumulate)
        for (size_t i = 0; i < count; i++)
            ic_store(out, i, in[i], IC_TYPE_BF16);
    else
        for (size_t i = 0; i < count; i++)
            ic_store(out, i, ic_load(out, i, IC_TYPE_BF16) + in[i], IC_TYPE_BF16);
}

IC_TARGET_CLONES void ic_typed_round(float *restrict out, const float *restrict in,
                                     size_t count, enum ic_type type)
{
    if (type == IC_TYPE_FP32)
        memcpy(out, in, count * sizeof *out);
    else
        for (size_t i = 0; i < count; i++)
            out[i] = ic_round(in[i], IC_TYPE_BF16);
}
