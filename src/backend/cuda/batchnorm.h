/*
 * Batch normalisation, for its two files: batchnorm.cu (forward) and
 * batchnorm_backward.cu.
 *
 * For sums the rows are cut into chunks; a thread goes down a channel of a chunk. The
 * workspace holds two sums of all channels for each chunk, and behind them three floats
 * a channel.
 *
 * What has no sums goes down a channel of a strip of a few rows: to find its place a
 * thread divides 64-bit numbers, which costs a GPU more than an element's own work, and
 * so is done once a strip. Neighbouring threads take neighbouring channels of a row.
 */
#ifndef IC_BACKEND_CUDA_BATCHNORM_H
#define IC_BACKEND_CUDA_BATCHNORM_H

#include "backend/cuda/cuda.h"

/* Rows of a chunk: few enough that there are threads for every core of the GPU. */
enum { IC_CUDA_CHUNK = 128 };

/* Rows of a strip. */
enum { IC_CUDA_STRIP = 8 };

IC_EVERYWHERE size_t ic_cuda_batchnorm_chunks(const struct ic_batchnorm *bn)
{
    return ic_cuda_parts(bn->rows, IC_CUDA_CHUNK);
}

/* Channels of strips. */
IC_EVERYWHERE size_t ic_cuda_batchnorm_strips(const struct ic_batchnorm *bn)
{
    return ic_cuda_parts(bn->rows, IC_CUDA_STRIP) * (size_t)bn->channels;
}

/* The first sum of a channel of a chunk; the second is bn->channels behind it. */
IC_EVERYWHERE double *ic_cuda_batchnorm_sums(void *workspace,
                                             const struct ic_batchnorm *bn,
                                             size_t chunk, size_t channel)
{
    return (double *)workspace + 2 * chunk * (size_t)bn->channels + channel;
}

/* Three floats of each channel, behind the sums: [3][channels]. */
IC_EVERYWHERE float *ic_cuda_batchnorm_factors(void *workspace,
                                               const struct ic_batchnorm *bn)
{
    return (float *)ic_cuda_batchnorm_sums(workspace, bn, ic_cuda_batchnorm_chunks(bn),
                                           0);
}

#endif
