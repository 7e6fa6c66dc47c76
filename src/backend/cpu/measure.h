/* SPDX-License-Identifier: MIT */
/*
 * What this processor can do at most, to stand beside what the network gets from it.
 */
#ifndef IC_BACKEND_CPU_MEASURE_H
#define IC_BACKEND_CPU_MEASURE_H

/* Billions of operations a second (a multiply-add is two) of `threads` threads at once,
 * in registers alone: no program is faster. The median of a few tries; takes about a
 * second. */
double ic_cpu_measure_fma(int threads);

/* The same for single-precision matrix products of 1024 x 1024, one a thread. 0 when
 * there is no memory for them. */
double ic_cpu_measure_sgemm(int threads);

/* Billions of bytes a second between memory and `threads` threads that read two arrays
 * of 256 MiB and write a third; as in STREAM the lines that a write loads first do not
 * count. 0 when there is no memory for them. */
double ic_cpu_measure_memory(int threads);

#endif
