/* SPDX-License-Identifier: MIT */
/*
 * The names of the convolution algorithms and of the precisions, as users write them.
 */
#include "backend/shapes.h"

const char *const ic_conv_algorithm_names[] = {
    [IC_CONV_AUTO] = "auto",     [IC_CONV_IM2COL] = "im2col",
    [IC_CONV_DIRECT] = "direct", [IC_CONV_WINOGRAD] = "winograd",
    [IC_CONV_AMX] = "amx",       [IC_CONV_CUDNN] = "cudnn",
    [IC_CONV_ALGORITHMS] = NULL,
};

const char *const ic_precision_names[] = {
    [IC_PRECISION_FP32] = "fp32",
    [IC_PRECISION_TF32] = "tf32",
    [IC_PRECISION_BF16] = "bf16",
    [IC_PRECISIONS] = NULL,
};

const char *ic_conv_algorithm_name(enum ic_conv_algorithm algorithm)
{
    return (unsigned)algorithm < IC_CONV_ALGORITHMS ? ic_conv_algorithm_names[algorithm]
                                                    : NULL;
}

const char *ic_precision_name(enum ic_precision precision)
{
    return (unsigned)precision < IC_PRECISIONS ? ic_precision_names[precision] : NULL;
}
