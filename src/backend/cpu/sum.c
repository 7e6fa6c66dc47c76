/* SPDX-License-Identifier: MIT */
/*
 * The sum of squares, over fixed parts in a fixed order.
 */
#include "backend/cpu/cpu.h"

enum { SUM_PARTS = 256, SUM_LEAST = 1 << 12, SUM_LANES = 16 };

struct sum_squares {
    const float *x;
    size_t count, size; /* elements, and elements of a part */
    double *parts;
};

/* Keeps 16 sums side by side, so that the loop runs in vectors in a defined order. */
static IC_TARGET_CLONES void sum_part(const void *args, size_t index, int thread)
{
    const struct sum_squares *const sum = args;
    const size_t first = index * sum->size;
    const size_t count = ic_min(sum->size, sum->count - first);
    const float *const x = sum->x + first;
    double lanes[SUM_LANES] = {0}, total = 0;
    size_t i = 0;

    for (; i + SUM_LANES <= count; i += SUM_LANES)
        for (size_t j = 0; j < SUM_LANES; j++)
            lanes[j] += (double)x[i + j] * x[i + j];
    for (; i < count; i++)
        lanes[i % SUM_LANES] += (double)x[i] * x[i];
    for (size_t j = 0; j < SUM_LANES; j++)
        total += lanes[j];
    sum->parts[index] = total;
}

double ic_cpu_sum_squares(struct ic_device *device, const float *x, size_t count)
{
    double parts[SUM_PARTS], total = 0;
    struct sum_squares sum = {.x = x, .count = count, .parts = parts};
    size_t used;

    sum.size = ic_parts(count, SUM_PARTS);
    if (sum.size < SUM_LEAST)
        sum.size = SUM_LEAST;
    used = ic_parts(count, sum.size);
    ic_cpu_run(device, used, sum_part, &sum);
    for (size_t i = 0; i < used; i++)
        total += parts[i];
    return total;
}
