/* SPDX-License-Identifier: MIT */
/*
 * Small matrix products, which BLAS would compute with memory that it allocates for
 * each: the kernels that OpenBLAS 0.3.21 has for them on processors with AVX-512 do not
 * look whether they got that memory, and a process that had none left was ended by a
 * segmentation fault in the middle of a step.
 *
 * The result is cut into blocks of ROWS x COLUMNS sums, which stay in registers while
 * the loop goes along k. What the loop reads of b is copied before: DEPTH x COLUMNS of
 * it lie one row after the other on the stack, whichever way b lies in memory, and are
 * used by all rows of a.
 */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm_small.h"

enum { ROWS = 4, COLUMNS = 32, DEPTH = 64 };

/* Element (i, j) of a matrix is at data[i * down + j * right]. */
struct steps {
    const float *data;
    size_t down, right;
};

static struct steps steps_of(struct ic_matrix m)
{
    return (struct steps){m.data, m.transposed ? 1 : m.stride,
                          m.transposed ? m.stride : 1};
}

/* panel = b, with `depth` rows of `columns`; zeros fill it up to COLUMNS. */
static void copy(float panel[DEPTH][COLUMNS], struct steps b, size_t depth,
                 size_t columns)
{
    if (columns < COLUMNS)
        memset(panel, 0, depth * sizeof panel[0]);
    if (b.right == 1)
        for (size_t p = 0; p < depth; p++)
            memcpy(panel[p], b.data + p * b.down, columns * sizeof(float));
    else
        for (size_t j = 0; j < columns; j++)
            for (size_t p = 0; p < depth; p++)
                panel[p][j] = b.data[p * b.down + j * b.right];
}

/* c += a panel, for `rows` rows of c of `columns` columns. Rows of a past the last
 * repeat the last and are not stored. */
static IC_TARGET_CLONES void add_block(float *c, size_t stride, struct steps a,
                                       float panel[DEPTH][COLUMNS], size_t rows,
                                       size_t columns, size_t depth)
{
    float sums[ROWS][COLUMNS] = {{0}};
    const float *in[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        in[i] = a.data + (i < rows ? i : rows - 1) * a.down;
    for (size_t p = 0; p < depth; p++)
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < COLUMNS; j++)
                sums[i][j] += in[i][p * a.right] * panel[p][j];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            c[i * stride + j] += sums[i][j];
}

void ic_gemm_small(float *c, size_t stride, struct ic_matrix a, struct ic_matrix b,
                   size_t m, size_t n, size_t k, bool accumulate)
{
    const struct steps left = steps_of(a), right = steps_of(b);
    float panel[DEPTH][COLUMNS];

    for (size_t i = 0; i < m && !accumulate; i++)
        memset(c + i * stride, 0, n * sizeof *c);
    for (size_t column = 0; column < n; column += COLUMNS) {
        const size_t columns = ic_min(COLUMNS, n - column);

        for (size_t p = 0; p < k; p += DEPTH) {
            const size_t depth = ic_min(DEPTH, k - p);
            struct steps from = right, rows = left;

            from.data += p * right.down + column * right.right;
            copy(panel, from, depth, columns);
            for (size_t row = 0; row < m; row += ROWS) {
                rows.data = left.data + row * left.down + p * left.right;
                add_block(c + row * stride + column, stride, rows, panel,
                          ic_min(ROWS, m - row), columns, depth);
            }
        }
    }
}
