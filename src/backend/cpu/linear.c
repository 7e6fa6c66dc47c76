/*
 * The fully connected layer: three matrix products, each cut along the columns of its
 * result, so that no part needs another's sums.
 */
#include <string.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"

enum { COLUMNS = 64 }; /* of a part */

struct linear {
    float *out, *dbias;
    const float *dy, *x, *weight, *bias;
    size_t batch, in, outs;
    bool accumulate;
};

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
    const size_t first = index * COLUMNS;
    const size_t columns = ic_cpu_min(COLUMNS, l->outs - first);
    const struct ic_matrix x = {l->x, l->in, false};
    const struct ic_matrix weight = {l->weight + first * l->in, l->in, true};

    if (l->bias != NULL)
        for (size_t n = 0; n < l->batch; n++)
            memcpy(l->out + n * l->outs + first, l->bias + first,
                   columns * sizeof(float));
    ic_gemm(l->out + first, l->outs, x, weight, l->batch, columns, l->in,
            l->bias != NULL);
}

void ic_cpu_linear_forward(struct ic_device *device, float *y, const float *x,
                           const float *weight, const float *bias,
                           const struct ic_linear *linear)
{
    struct linear l = linear_args(linear);

    l.out = y;
    l.x = x;
    l.weight = weight;
    l.bias = bias;
    ic_cpu_run(device, ic_cpu_parts(l.outs, COLUMNS), forward_part, &l);
}

/* --- dx = dy weight --------------------------------------------------------------- */

static void input_part(const void *args, size_t index, int thread)
{
    const struct linear *const l = args;
    const size_t first = index * COLUMNS;
    const size_t columns = ic_cpu_min(COLUMNS, l->in - first);
    const struct ic_matrix dy = {l->dy, l->outs, false};
    const struct ic_matrix weight = {l->weight + first, l->in, false};

    ic_gemm(l->out + first, l->in, dy, weight, l->batch, columns, l->outs,
            l->accumulate);
}

void ic_cpu_linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const float *weight, const struct ic_linear *linear,
                                  bool accumulate)
{
    struct linear l = linear_args(linear);

    l.out = dx;
    l.dy = dy;
    l.weight = weight;
    l.accumulate = accumulate;
    ic_cpu_run(device, ic_cpu_parts(l.in, COLUMNS), input_part, &l);
}

/* --- dweight = dy^T x, dbias = the sum of dy over the batch ----------------------- */

static void weight_part(const void *args, size_t index, int thread)
{
    const struct linear *const l = args;
    const size_t first = index * COLUMNS;
    const size_t columns = ic_cpu_min(COLUMNS, l->outs - first);
    const struct ic_matrix dy = {l->dy + first, l->outs, true};
    const struct ic_matrix x = {l->x, l->in, false};

    ic_gemm(l->out + first * l->in, l->in, dy, x, columns, l->in, l->batch,
            l->accumulate);
    if (l->dbias == NULL)
        return;
    if (!l->accumulate)
        memset(l->dbias + first, 0, columns * sizeof(float));
    for (size_t n = 0; n < l->batch; n++)
        for (size_t j = first; j < first + columns; j++)
            l->dbias[j] += l->dy[n * l->outs + j];
}

void ic_cpu_linear_backward_weight(struct ic_device *device, float *dweight,
                                   float *dbias, const float *dy, const float *x,
                                   const struct ic_linear *linear, bool accumulate)
{
    struct linear l = linear_args(linear);

    l.out = dweight;
    l.dbias = dbias;
    l.dy = dy;
    l.x = x;
    l.accumulate = accumulate;
    ic_cpu_run(device, ic_cpu_parts(l.outs, COLUMNS), weight_part, &l);
}
