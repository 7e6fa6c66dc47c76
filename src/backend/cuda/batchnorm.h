/*
 * Batch normalisation, for its two files: batchnorm.cu (forward) and
 * batchnorm_backward.cu.
 *
 * The rows are cut into chunks; a thread goes down a channel of a chunk. The workspace
 * holds two sums of all channels for each chunk, and behind them three floats a
 * channel.
 */
#ifndef IC_BACKEND_CUDA_BATCHNORM_H
#define IC_BACKEND_CUDA_BATCHNORM_H

#include "backend/cuda/cuda.h"

/* Rows of a chunk: few enough that there are threads for every core of the GPU. */
enum { IC_CUDA_CHUNK = 128 };

IC_EVERYWHERE size_t ic_cuda_batchnorm_chunks(const struct ic_batchnorm *bn)
{
    return ic_cuda_parts(bn->rows, IC_CUDA_CHUNK);
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
