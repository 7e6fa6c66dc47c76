/*
 * The names of the precisions, as users write them.
 */
#include "backend/shapes.h"

const char *ic_precision_name(enum ic_precision precision)
{
    static const char *const names[IC_PRECISIONS] = {
        [IC_PRECISION_FP32] = "fp32",
        [IC_PRECISION_TF32] = "tf32",
        [IC_PRECISION_BF16] = "bf16",
    };

    if ((unsigned)precision >= IC_PRECISIONS)
        return NULL;
    return names[precision];
}
