/* SPDX-License-Identifier: MIT */
/*
 * Writes a block's 32 x 32 sums to the pixels of the output: see amx.h.
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

void ic_amx_finish(const struct ic_amx *kernels,
                   const struct ic_correlation *correlation,
                   const struct ic_amx_block *block, size_t count, void *stack,
                   const float *sums, size_t column)
{
    const size_t columns = (size_t)correlation->out_channels - column;
    const struct ic_epilogue *const e = correlation->epilogue;
    struct ic_amx_rows rows = {.out = (uint16_t *)stack + column,
                               .sums = sums,
                               .count = count,
                               .row = block->row,
                               .place = block->place,
                               .accumulate = correlation->accumulate};

    if (e != NULL) {
        rows.bias = e->bias + column;
        rows.relu = e->relu;
    }
    if (e != NULL && e->residual != NULL) /* of the output's shape and type */
        rows.residual =
            (const uint16_t *)((const char *)e->residual +
                               ((char *)rows.out - (char *)correlation->out));
    if (columns >= IC_PANEL)
        kernels->finish(&rows);
    else
        ic_amx_finish_columns(&rows, columns);
}
