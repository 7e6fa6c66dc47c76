/* SPDX-License-Identifier: MIT */
/*
 * Sums over many threads' results, as a tree: each level adds FAN rows into the first
 * of them, in order, until one is left. So a sum has one order, whatever runs first.
 */
#include "backend/cuda/cuda.h"

enum { FAN = 16 };

struct rows {
    double *rows;
    size_t count, width;
    size_t step; /* distance between rows that still count */
};

/* One thread per column of a group of FAN rows. */
IC_EVERYWHERE void add_group(const struct rows *r, size_t i)
{
    const size_t first = i / r->width * FAN * r->step;
    double *const sum = r->rows + first * r->width + i % r->width;

    for (size_t j = 1; j < FAN && first + j * r->step < r->count; j++)
        *sum += sum[j * r->step * r->width];
}

IC_KERNEL(add_group, struct rows)

void ic_cuda_sum_rows(struct ic_device *device, double *rows, size_t count,
                      size_t width)
{
    struct rows r = {rows, count, width, 1};

    for (; r.step < count; r.step *= FAN)
        add_group_each(device, ic_parts(count, FAN * r.step) * width, &r);
}

/* --- sum of squares --------------------------------------------------------------- */

struct squares {
    double *sums;
    const float *x;
    size_t count, threads;
};

/* Sums every `threads`-th element, so that neighbouring threads read neighbours. */
IC_EVERYWHERE void sum_stride(const struct squares *s, size_t i)
{
    double sum = 0;

    for (size_t j = i; j < s->count; j += s->threads)
        sum += (double)s->x[j] * s->x[j];
    s->sums[i] = sum;
}

IC_KERNEL(sum_stride, struct squares)

double ic_cuda_sum_squares(struct ic_device *device, const float *x, size_t count)
{
    const struct squares s = {ic_cuda_scratch(device), x, count,
                              ic_min(count, IC_CUDA_SCRATCH)};
    double sum = 0;

    if (count == 0)
        return 0;
    sum_stride_each(device, s.threads, &s);
    ic_cuda_sum_rows(device, s.sums, s.threads, 1);
    ic_cuda_download(device, &sum, s.sums, sizeof sum);
    return sum;
}
