/*
 * Batch normalisation, for its two files: batchnorm.c (forward) and
 * batchnorm_backward.c.
 *
 * The rows are cut into chunks that stay in the cache; a task is a chunk. Sums over the
 * rows of a chunk are taken in float, sums over the chunks in double and in order.
 * Within a chunk the channels go in blocks of LANES, whose sums fit the registers.
 */
#ifndef IC_BACKEND_CPU_BATCHNORM_H
#define IC_BACKEND_CPU_BATCHNORM_H

#include "backend/cpu/cpu.h"

enum { IC_BATCHNORM_LANES = 64 };

/* Rows of a chunk: about 64 KiB of them. */
static inline size_t ic_batchnorm_chunk(const struct ic_batchnorm *bn)
{
    const size_t rows = (1 << 14) / (size_t)bn->channels;

    return rows < 16 ? 16 : rows > 512 ? 512 : rows;
}

static inline size_t ic_batchnorm_chunks(const struct ic_batchnorm *bn)
{
    return ic_cpu_parts(bn->rows, ic_batchnorm_chunk(bn));
}

/* What a chunk leaves for each channel. Forward: the mean, and the sum of squared
 * differences from it. Backward: two sums. The workspace holds, for each chunk, `first`
 * of all channels and then `second` of all channels. */
struct ic_batchnorm_sums {
    double *first, *second;
};

static inline struct ic_batchnorm_sums
ic_batchnorm_sums_of(void *workspace, const struct ic_batchnorm *bn, size_t chunk)
{
    const size_t channels = (size_t)bn->channels;
    double *const sums = (double *)workspace + 2 * chunk * channels;

    return (struct ic_batchnorm_sums){sums, sums + channels};
}

#endif
