/* SPDX-License-Identifier: MIT */
/*
 * The mark of a function that stands in a header and is compiled with its caller: for
 * the processor, and in a file that nvcc compiles also for the GPU.
 */
#ifndef IC_BASE_EVERYWHERE_H
#define IC_BASE_EVERYWHERE_H

#ifdef __CUDACC__
#define IC_EVERYWHERE static inline __host__ __device__
#else
#define IC_EVERYWHERE static inline
#endif

#endif
