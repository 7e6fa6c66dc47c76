/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, for its two files: batchnorm.c (forward) and
 * batchnorm_backward.c.
 *
 * The rows are cut into chunks that stay in the cache. Sums over the rows of a chunk
 * are taken in float, sums over the chunks in double and in order. Within a chunk the
 * channels go by LANES, whose sums fit the registers. A task is a chunk, or some
 * channels of a chunk where chunks are few.
 */
#ifndef IC_BACKEND_CPU_BATCHNORM_H
#define IC_BACKEND_CPU_BATCHNORM_H

#include "backend/cpu/cpu.h"

enum {
    IC_BATCHNORM_LANES = 64,
    IC_BATCHNORM_TASKS = 32,  /* with fewer chunks than this, a task is only */
    IC_BATCHNORM_BLOCK = 32,  /* this many channels of a chunk */
    IC_BATCHNORM_FINISH = 16, /* channels of a task that combines the chunks */
};

/* Rows of a chunk: about 64 KiB of them. */
static inline size_t ic_batchnorm_chunk(const struct ic_batchnorm *bn)
{
    const size_t rows = (1 << 14) / (size_t)bn->channels;

    return rows < 16 ? 16 : rows > 512 ? 512 : rows;
}

static inline size_t ic_batchnorm_chunks(const struct ic_batchnorm *bn)
{
    return ic_parts(bn->rows, ic_batchnorm_chunk(bn));
}

/* The part that a task works on: rows of some channels. */
struct ic_batchnorm_part {
    size_t chunk, first, rows; /* the chunk, its first row, and how many */
    size_t channel, end;
};

/* Blocks of a chunk, each a task of its own. */
static inline size_t ic_batchnorm_blocks(const struct ic_batchnorm *bn)
{
    return ic_batchnorm_chunks(bn) < IC_BATCHNORM_TASKS
               ? ic_parts((size_t)bn->channels, IC_BATCHNORM_BLOCK)
               : 1;
}

static inline size_t ic_batchnorm_tasks(const struct ic_batchnorm *bn)
{
    return ic_batchnorm_chunks(bn) * ic_batchnorm_blocks(bn);
}

static inline struct ic_batchnorm_part
ic_batchnorm_part_of(const struct ic_batchnorm *bn, size_t task)
{
    const size_t blocks = ic_batchnorm_blocks(bn), channels = (size_t)bn->channels;
    struct ic_batchnorm_part part = {.chunk = task / blocks, .end = channels};

    part.first = part.chunk * ic_batchnorm_chunk(bn);
    part.rows = ic_min(ic_batchnorm_chunk(bn), bn->rows - part.first);
    if (blocks > 1) {
        part.channel = task % blocks * IC_BATCHNORM_BLOCK;
        part.end = ic_min(part.channel + IC_BATCHNORM_BLOCK, channels);
    }
    return part;
}

/* The normalised x, as forward computes it, and backward for the ReLU's mask. */
IC_INLINE float ic_batchnorm_value(float x, float mean, float scale, float bias)
{
    return (x - mean) * scale + bias;
}

/* The results of a chunk for each channel. Forward: the mean, and the sum of squared
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
