/* SPDX-License-Identifier: MIT */
/*
 * Batch normalisation, for its two files: batchnorm.cu (forward) and
 * batchnorm_backward.cu.
 *
 * For sums the rows are cut into chunks; a thread goes down a channel of a chunk. The
 * workspace holds three floats per channel, in as much space as a chunk takes, and
 * after them, for each chunk, two sums of all channels.
 *
 * In passes without sums a thread goes down a channel of a strip of a few rows: to find
 * its place it divides 64-bit numbers, which costs a GPU more than an element's own
 * work, and so is done once per strip. Neighbouring threads take neighbouring channels
 * of a row.
 */
#ifndef IC_BACKEND_CUDA_BATCHNORM_H
#define IC_BACKEND_CUDA_BATCHNORM_H

#include "backend/cuda/cuda.h"

/* Rows of a chunk: at most IC_CUDA_CHUNK_MOST, and fewer where that leaves too little
 * work for a GPU, which keeps a quarter of a million threads under way. */
enum { IC_CUDA_CHUNK_MOST = 128, IC_CUDA_CHUNK_LEAST = 16, IC_CUDA_THREADS = 1 << 18 };

static inline size_t ic_cuda_batchnorm_chunk(const struct ic_batchnorm *bn)
{
    size_t chunk = IC_CUDA_CHUNK_MOST;

    while (chunk > IC_CUDA_CHUNK_LEAST &&
           ic_parts(bn->rows, chunk) * (size_t)bn->channels < IC_CUDA_THREADS)
        chunk /= 2;
    return chunk;
}

/* Rows of a strip. */
enum { IC_CUDA_STRIP = 8 };

/* Channels of all strips together: the threads of a pass. */
static inline size_t ic_cuda_batchnorm_strips(const struct ic_batchnorm *bn)
{
    return ic_parts(bn->rows, IC_CUDA_STRIP) * (size_t)bn->channels;
}

/* The normalised x, as forward computes it, and backward for the ReLU's mask. */
IC_EVERYWHERE float ic_cuda_batchnorm_value(float x, float mean, float scale,
                                            float bias)
{
    return (x - mean) * scale + bias;
}

/* The first sum of a channel of a chunk; the second is bn->channels after it. */
IC_EVERYWHERE double *ic_cuda_batchnorm_sums(void *workspace,
                                             const struct ic_batchnorm *bn,
                                             size_t chunk, size_t channel)
{
    return (double *)workspace + 2 * (1 + chunk) * (size_t)bn->channels + channel;
}

/* Three floats for each channel: [3][channels]. */
IC_EVERYWHERE float *ic_cuda_batchnorm_factors(void *workspace)
{
    return (float *)workspace;
}

#endif
