/*
 * The way of a block's 32 x 32 sums to the pixels of the output: see amx.h.
 */
#include "backend/bf16.h"
#include "backend/cpu/amx.h"

void ic_amx_blocks(struct ic_amx_block *table, const struct ic_amx_grid *grid,
                   const struct ic_correlation *correlation)
{
    const char *const first = ic_correlation_pixel(correlation, 0);
    const size_t points = ic_amx_grid_most_points(grid);

    for (size_t start = 0; start < points; start += IC_AMX_BLOCK, table++) {
        size_t point;

        table->count = 0;
        for (size_t i = 0; i < ic_min(IC_AMX_BLOCK, points - start); i++) {
            if (!ic_amx_grid_point(grid, start + i, &point))
                continue;
            table->row[table->count] = (uint8_t)i;
            table->place[table->count++] =
                (size_t)((const char *)ic_correlation_pixel(correlation, point) -
                         first) /
                sizeof(uint16_t);
        }
    }
}

size_t ic_amx_block_count(const struct ic_amx_block *block, size_t rows)
{
    size_t count = block->count;

    while (count > 0 && block->row[count - 1] >= rows)
        count--;
    return count;
}

IC_INLINE void finish_rows(const struct ic_amx_block *block, size_t count,
                           uint16_t *out, const float *sums, const float *bias,
                           const uint16_t *residual, size_t columns, bool accumulate,
                           bool relu)
{
    for (size_t i = 0; i < count; i++) {
        const float *const sum = sums + block->row[i] * IC_AMX_BLOCK;
        uint16_t *const to = out + block->place[i];
        const uint16_t *const add =
            residual != NULL ? residual + block->place[i] : NULL;

#pragma omp simd
        for (size_t c = 0; c < columns; c++) {
            float v = sum[c];

            if (bias != NULL)
                v += bias[c];
            if (residual != NULL)
                v += ic_bf16_float(add[c]);
            if (accumulate)
                v += ic_bf16_float(to[c]);
            to[c] = ic_bf16_of(relu ? ic_cpu_rectify(v) : v);
        }
    }
}

/* What is decided once for all rows is taken out of the loop: each call is compiled
 * with its own constants. */
IC_INLINE void finish_columns(const struct ic_correlation *c,
                              const struct ic_amx_block *block, size_t count,
                              uint16_t *out, const float *sums, size_t column,
                              size_t columns)
{
    const struct ic_epilogue *const e = c->epilogue;
    const float *bias;
    const uint16_t *residual;

    if (e == NULL) {
        if (c->accumulate)
            finish_rows(block, count, out, sums, NULL, NULL, columns, true, false);
        else
            finish_rows(block, count, out, sums, NULL, NULL, columns, false, false);
        return;
    }
    bias = e->bias + column;
    if (e->residual == NULL) {
        if (e->relu)
            finish_rows(block, count, out, sums, bias, NULL, columns, false, true);
        else
            finish_rows(block, count, out, sums, bias, NULL, columns, false, false);
        return;
    }
    /* It has the output's shape and type. */
    residual =
        (const uint16_t *)((const char *)e->residual + ((char *)out - (char *)c->out));
    if (e->relu)
        finish_rows(block, count, out, sums, bias, residual, columns, false, true);
    else
        finish_rows(block, count, out, sums, bias, residual, columns, false, false);
}

IC_TARGET_CLONES void ic_amx_finish(const struct ic_correlation *correlation,
                                    const struct ic_amx_block *block, size_t count,
                                    void *stack, const float *sums, size_t column)
{
    const size_t columns = (size_t)correlation->out_channels - column;
    uint16_t *const out = (uint16_t *)stack + column;

    if (columns >= IC_PANEL)
        finish_columns(correlation, block, count, out, sums, column, IC_PANEL);
    else
        finish_columns(correlation, block, count, out, sums, column, columns);
}
