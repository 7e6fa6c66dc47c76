/* SPDX-License-Identifier: MIT */
/*
 * Writes the sums of convolutions to an output pixel: see conv.h.
 */
#include "backend/bf16.h"
#include "backend/cpu/conv.h"
#include "backend/cpu/correlation.h"
#include "backend/cpu/typed.h"

IC_INLINE void finish_columns(void *out, const float *sums, const float *bias,
                              const void *residual, size_t columns, bool add, bool relu,
                              enum ic_type type)
{
#pragma omp simd
    for (size_t c = 0; c < columns; c++) {
        float v = sums[c] + bias[c];

        if (add)
            v += ic_load(residual, c, type);
        ic_store(out, c, relu ? ic_cpu_rectify(v) : v, type);
    }
}

/* out = sums + bias + residual (which may be NULL), then ReLU if `relu`. */
IC_INLINE void finish(void *out, const float *sums, const float *bias,
                      const void *residual, size_t columns, bool relu,
                      enum ic_type type)
{
    if (residual != NULL && relu)
        finish_columns(out, sums, bias, residual, columns, true, true, type);
    else if (residual != NULL)
        finish_columns(out, sums, bias, residual, columns, true, false, type);
    else if (relu)
        finish_columns(out, sums, bias, residual, columns, false, true, type);
    else
        finish_columns(out, sums, bias, residual, columns, false, false, type);
}

IC_TARGET_CLONES void ic_conv_write(const struct ic_correlation *c, void *pixel,
                                    const float *sums, size_t column, size_t columns)
{
    const struct ic_epilogue *const e = c->epilogue;
    const ptrdiff_t before = (char *)pixel - (char *)c->out;
    void *const out = ic_element(pixel, column, c->type);
    const void *residual = NULL;

    if (e == NULL) {
        ic_typed_narrow(out, sums, columns, c->accumulate, c->type);
        return;
    }
    if (e->residual != NULL) /* it has the output's shape and type */
        residual =
            ic_const_element((const char *)e->residual + before, column, c->type);
    if (c->type == IC_TYPE_BF16)
        finish(out, sums, e->bias + column, residual, columns, e->relu, IC_TYPE_BF16);
    else
        finish(out, sums, e->bias + column, residual, columns, e->relu, IC_TYPE_FP32);
}
