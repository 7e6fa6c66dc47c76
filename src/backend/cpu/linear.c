/* SPDX-License-Identifier: MIT */
/*
 * The fully connected layer: three matrix products, each cut into blocks of its result,
 * so that no block needs another's sums.
 */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"

enum {
    COLUMNS = 64, /* of a block, if there are enough blocks */
    TASKS = 32,   /* at least, if blocks of LEAST x LEAST still allow it */
    LEAST = 8
};

struct linear {
    float *out, *dbias;
    const float *dy, *x, *weight, *bias;
    size_t batch, in, outs;
    bool accumulate;

    size_t rows, columns; /* of the result */
    size_t height, width; /* of a block */
};

/* Cuts the result by its size alone: first into narrower blocks, then into lower ones.
 */
static size_t cut(struct linear *l, size_t rows, size_t columns)
{
    l->rows = l->height = rows;
    l->columns = columns;
    l->width = COLUMNS;
    while (l->width > LEAST && ic_parts(columns, l->width) < TASKS)
        l->width /= 2;
    while (l->height > LEAST &&
           ic_parts(columns, l->width) * ic_parts(rows, l->height) < TASKS)
        l->height = ic_parts(l->height, 2);
    return ic_parts(columns, l->width) * ic_parts(rows, l->height);
}

struct block {
    size_t row, rows, column, columns;
};

static struct block block_of(const struct linear *l, size_t index)
{
    const size_t across = ic_parts(l->columns, l->width);
    struct block b = {.row = index / across * l->height,
                      .column = index % across * l->width};

    b.rows = ic_min(l->height, l->rows - b.row);
    b.columns = ic_min(l->width, l->columns - b.column);
    return b;
}

static struct linear linear_args(const struct ic_linear *linear)
{
    return (struct linear){.batch = (size_t)linear->batch,
                           .in = (size_t)linear->in_features,
                           .outs = (size_t)linear->out_features};
}

/* --- y = x weight^T + bias -------------------------------------------------------- */

static void forward_part(const void *args, size_t index, int thread)
{
    const struct linear *const l = args;
    const struct block b = block_of(l, index);
    const struct ic_matrix x = {l->x + b.row * l->in, l->in, false};
    const struct ic_matrix weight = {l->weight + b.column * l->in, l->in, true};
    float *const out = l->out + b.row * l->outs + b.column;

    if (l->bias != NULL)
        for (size_t n = 0; n < b.rows; n++)
            memcpy(out + n * l->outs, l->bias + b.column, b.columns * sizeof(float));
    ic_gemm(out, l->outs, x, weight, b.rows, b.columns, l->in, l->bias != NULL);
}

/* No workspace: the blocks are products of the arrays themselves. */
size_t ic_cpu_linear_workspace(struct ic_device *device, const struct ic_linear *linear,
                               bool training)
{
    return 0;
}

void ic_cpu_linear_forward(struct ic_device *device, float *y, const float *x,
                           const float *weight, const float *bias, void *workspace,
                           const struct ic_linear *linear)
{
    struct linear l = linear_args(linear);

    l.out = y;
    l.x = x;
    l.weight = weight;
    l.bias = bias;
    ic_cpu_run(device, cut(&l, l.batch, l.outs), forward_part, &l);
}

/* --- dx = dy weight --------------------------------------------------------------- */

static void input_part(const void *args, size_t index, int thread)
{
    const struct linear *const l = args;
    const struct block b = block_of(l, index);
    const struct ic_matrix dy = {l->dy + b.row * l->outs, l->outs, false};
    const struct ic_matrix weight = {l->weight + b.column, l->in, false};

    ic_gemm(l->out + b.row * l->in + b.column, l->in, dy, weight, b.rows, b.columns,
            l->outs, l->accumulate);
}

void ic_cpu_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const float *weight, void *workspace,
                                  const struct ic_linear *linear, bool accumulate)
{
    struct linear l = linear_args(linear);

    l.out = dx;
    l.dy = dy;
    l.weight = weight;
    l.accumulate = accumulate;
    ic_cpu_run(device, cut(&l, l.batch, l.in), input_part, &l);
}

/* --- dweight = dy^T x, dbias = the sum of dy over the batch ----------------------- */

/* The blocks at the left edge also sum dbias of their rows. */
static void weight_part(const void *args, size_t index, int thread)
{
    const struct linear *const l = args;
    const struct block b = block_of(l, index);
    const struct ic_matrix dy = {l->dy + b.row, l->outs, true};
    const struct ic_matrix x = {l->x + b.column, l->in, false};

    if (l->out != NULL)
        ic_gemm(l->out + b.row * l->in + b.column, l->in, dy, x, b.rows, b.columns,
                l->batch, false);
    if (l->dbias == NULL || b.column > 0)
        return;
    memset(l->dbias + b.row, 0, b.rows * sizeof(float));
    for (size_t n = 0; n < l->batch; n++)
        for (size_t j = b.row; j < b.row + b.rows; j++)
            l->dbias[j] += l->dy[n * l->outs + j];
}

void ic_cpu_linear_backward_weight(struct ic_device *device, float *dweight,
                                   float *dbias, const float *dy, const float *x,
                                   void *workspace, const struct ic_linear *linear)
{
    struct linear l = linear_args(linear);

    l.out = dweight;
    l.dbias = dbias;
    l.dy = dy;
    l.x = x;
    ic_cpu_run(device, cut(&l, l.outs, l.in), weight_part, &l);
}
