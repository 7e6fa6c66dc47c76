/* SPDX-License-Identifier: MIT */
/*
 * Marks a function that is defined in a header and compiled with its caller: for the
 * CPU and, in a file that nvcc compiles, also for the GPU.
 */
#ifndef IC_BASE_EVERYWHERE_H
#define IC_BASE_EVERYWHERE_H

#ifdef __CUDACC__
#define IC_EVERYWHERE static inline __host__ __device__
#else
#define IC_EVERYWHERE static inline
#endif

#endif
