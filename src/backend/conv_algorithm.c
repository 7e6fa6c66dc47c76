/*
 * The names of the convolution algorithms, as users write them.
 */
#include "backend/backend.h"

const char *ic_conv_algorithm_name(enum ic_conv_algorithm algorithm)
{
    static const char *const names[IC_CONV_ALGORITHMS] = {
        [IC_CONV_AUTO] = "auto",     [IC_CONV_IM2COL] = "im2col",
        [IC_CONV_DIRECT] = "direct", [IC_CONV_WINOGRAD] = "winograd",
        [IC_CONV_CUDNN] = "cudnn",
    };

    if ((unsigned)algorithm >= IC_CONV_ALGORITHMS)
        return NULL;
    return names[algorithm];
}
