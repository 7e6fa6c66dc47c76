/* SPDX-License-Identifier: MIT */
/*
 * Measures the most that this processor can do, to compare with what a network gets.
 */
#ifndef IC_BACKEND_CPU_MEASURE_H
#define IC_BACKEND_CPU_MEASURE_H

/* Billions of operations per second (a multiply-add is two) of `threads` threads at
 * once, in registers alone: no program is faster. The median of a few tries; takes
 * about a second. */
double ic_cpu_measure_fma(int threads);

/* The same for single-precision matrix products of 1024 x 1024, one per thread. 0 when
 * there is no memory for them. */
double ic_cpu_measure_sgemm(int threads);

/* Billions of bytes per second between memory and `threads` threads that read two
 * arrays of 256 MiB and write a third; as in STREAM, the lines that a write loads first
 * do not count. 0 when there is no memory for the arrays. */
double ic_cpu_measure_memory(int threads);

#endif
