/*
 * How the convolutions write their sums to an output pixel: see conv.h.
 */
#include "backend/bf16.h"
#include "backend/cpu/conv.h"
#include "backend/cpu/correlation.h"
#include "backend/cpu/typed.h"

IC_INLINE void finish(const struct ic_epilogue *e, void *out, const void *residual,
                      const float *sums, const float *bias, size_t columns,
                      enum ic_type type)
{
#pragma omp simd
    for (size_t c = 0; c < columns; c++) {
        float v = sums[c] + bias[c];

        if (residual != NULL)
            v += ic_load(residual, c, type);
        ic_store(out, c, e->relu ? ic_cpu_rectify(v) : v, type);
    }
}

static IC_TARGET_CLONES void finish_columns(const struct ic_correlation *c, void *out,
                                            const float *sums, size_t at, size_t column,
                                            size_t columns)
{
    const struct ic_epilogue *const e = c->epilogue;
    const void *const residual =
        e->residual != NULL ? ic_const_element(e->residual, at, c->type) : NULL;

    if (c->type == IC_TYPE_BF16)
        finish(e, out, residual, sums, e->bias + column, columns, IC_TYPE_BF16);
    else
        finish(e, out, residual, sums, e->bias + column, columns, IC_TYPE_FP32);
}

void ic_conv_write(const struct ic_correlation *c, void *pixel, const float *sums,
                   size_t column, size_t columns)
{
    const size_t bytes = (size_t)((char *)pixel - (char *)c->out);
    const size_t at = bytes / ic_type_bytes(c->type) + column;
    void *const out = ic_element(pixel, column, c->type);

    if (c->epilogue == NULL)
        ic_typed_narrow(out, sums, columns, c->accumulate, c->type);
    else
        finish_columns(c, out, sums, at, column, columns);
}
