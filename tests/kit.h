/* SPDX-License-Identifier: MIT */
/*
 * Shared by the kernel tests: every backend that is present, device arrays that notice
 * elements left unwritten and writes beyond their end, and test data.
 *
 * A test is a function of a kit. It takes arrays from the kit, calls kernels and reads
 * the results. The kit frees everything when the test is over.
 */
#ifndef IC_TESTS_KIT_H
#define IC_TESTS_KIT_H

#include "backend/backend.h"

struct kit {
    const struct ic_backend *backend;
    struct ic_device *device;
    enum ic_precision precision; /* of the device */
    enum ic_type type;           /* of activations: bf16 where the precision is bf16 */
    bool emulated;               /* the device is the emulated GPU */
    bool gpu;                    /* the device is a real GPU */
    bool reference;              /* the device is the reference */
    struct kit_block *blocks;
};

/* Calls test(kit, data) on every backend that can be opened here, with `threads`: the
 * CPU, the CUDA module on a GPU, its kernels on an emulated one (tests/emulated/), and
 * the reference. */
void kit_run(int threads, void (*test)(struct kit *kit, void *data), void *data);

/* kit_run in each precision that the backend has, for kernels that multiply matrices.
 */
void kit_run_precisions(int threads, void (*test)(struct kit *kit, void *data),
                        void *data);

/* kit_run for each type of activations that the backend has, fp32 and bf16. */
void kit_types(int threads, void (*test)(struct kit *kit, void *data), void *data);

/* kit_run on the backends that have the algorithm for convolutions. */
void kit_run_conv(enum ic_conv_algorithm algorithm, int threads,
                  void (*test)(struct kit *kit, void *data), void *data);

/* Whether the CPU has the algorithm. */
bool kit_cpu_has(enum ic_conv_algorithm algorithm);

/* On the CPU, for each type that it has, checks that the bits do not depend on the
 * number of threads. `test` writes `count` floats of results to `result`. */
void kit_run_threads(void (*test)(struct kit *kit, void *data, float *result),
                     void *data, size_t count);

/* Device memory, filled from the host, or, when `host` is NULL, with NaN (all bits 1),
 * so that an element that a kernel failed to write shows. Ends the test when memory is
 * short. */
void *kit_bytes(struct kit *kit, const void *host, size_t bytes);
float *kit_floats(struct kit *kit, const float *host, size_t count);

/* kit_bytes for an array of `type`, to which the values are rounded. */
void *kit_typed(struct kit *kit, const float *values, size_t count, enum ic_type type);

/* A copy on the host, freed with the kit. */
void *kit_read_bytes(struct kit *kit, const void *memory, size_t bytes);
float *kit_read(struct kit *kit, const float *memory, size_t count);
float *kit_read_typed(struct kit *kit, const void *array, size_t count,
                      enum ic_type type);

/* Host memory, zeroed, freed with the kit. */
void *kit_host(struct kit *kit, size_t count, size_t size);

/* Host arrays freed with the kit: normal numbers of variance 1, or whole numbers from
 * -`most` to `most`. The same `seed` gives the same numbers. */
float *kit_normal(struct kit *kit, size_t count, uint64_t seed);
float *kit_whole(struct kit *kit, size_t count, int most, uint64_t seed);

/* The nearest number of `digits` binary digits, ties to even, with the exponents of
 * fp32: infinite above their range, and coarser below it. */
double kit_round(double x, int digits);

/* A copy on the host, rounded as an array of `type` is. */
float *kit_rounded(struct kit *kit, const float *x, size_t count, enum ic_type type);

/* A copy on the host, as a product on the device reads an operand of `type`: in tf32,
 * fp32 operands are rounded too. */
float *kit_operands(struct kit *kit, const float *x, size_t count, enum ic_type type);

/* The tolerance for a product of such operands, where the CPU's is `tolerance`. A GPU
 * may sum thousands of products in one chain of floats, and has its own ways to round
 * to tf32 and to sum the products of tensor cores. */
double kit_tolerance(const struct kit *kit, double tolerance);

/* The inner product of two host arrays, in double. */
double kit_dot(const float *a, const float *b, size_t count);

/* Checks found == expected, element by element, and says where they first differ. */
bool kit_equal(const float *found, const double *expected, size_t count);

/* Fails a check, naming the backend, unless the relative norm of the difference is at
 * most `tolerance`. */
void kit_check_close(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count, double tolerance);
void kit_check_equal(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count);

/* check_result for an array of `type`. Each number of bf16 may be off by one rounding,
 * 2^-8 of itself, and by `tolerance` of the array's root mean square. Where the result
 * must be exact, each number is the one nearest to the expected value. */
void kit_check_close_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, double tolerance,
                           enum ic_type type);
void kit_check_equal_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, enum ic_type type);

/* Like check_result, for the checks in kit.c: main returns both. */
int kit_result(void);

#endif
