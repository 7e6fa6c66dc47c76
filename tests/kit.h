/* SPDX-License-Identifier: MIT */
/*
 * What kernel tests share: every backend that is present, device arrays that notice
 * what was not written and what was written beyond their end, and test data.
 *
 * A test is a function of a kit. It takes arrays from the kit, calls kernels, reads the
 * results; the kit frees everything when the test is over.
 */
#ifndef IC_TESTS_KIT_H
#define IC_TESTS_KIT_H

#include "backend/backend.h"

struct kit {
    const struct ic_backend *backend;
    struct ic_device *device;
    enum ic_precision precision; /* of the device */
    enum ic_type type;           /* of activations: bf16 where the precision is */
    bool emulated;               /* the device is the emulated GPU */
    bool gpu;                    /* it is a real one */
    struct kit_block *blocks;
};

/* Calls test(kit, data) on every backend that can be opened here, with `threads`: the
 * CPU, the CUDA module on a GPU, and its kernels on an emulated one (tests/emulated/).
 */
void kit_run(int threads, void (*test)(struct kit *kit, void *data), void *data);

/* The same in each precision that the backend has, for what multiplies matrices. */
void kit_run_precisions(int threads, void (*test)(struct kit *kit, void *data),
                        void *data);

/* The same for each type of activations that the backend has, in fp32 and in bf16. */
void kit_types(int threads, void (*test)(struct kit *kit, void *data), void *data);

/* The same on those that have the algorithm for convolutions. */
void kit_run_conv(enum ic_conv_algorithm algorithm, int threads,
                  void (*test)(struct kit *kit, void *data), void *data);

/* Whether the CPU has the algorithm. */
bool kit_cpu_has(enum ic_conv_algorithm algorithm);

/* On the CPU, for each type that it has: checks that the bits do not depend on the
 * number of threads: `test` writes `count` floats of results to `result`. */
void kit_run_threads(void (*test)(struct kit *kit, void *data, float *result),
                     void *data, size_t count);

/* Device memory, filled from the host, or, when `host` is NULL, with NaN (all bits 1),
 * which shows what a kernel failed to write. Ends the test when there is none. */
void *kit_bytes(struct kit *kit, const void *host, size_t bytes);
float *kit_floats(struct kit *kit, const float *host, size_t count);

/* The same as an array of `type`, to which the values are rounded. */
void *kit_typed(struct kit *kit, const float *values, size_t count, enum ic_type type);

/* A copy on the host, freed with the kit. */
void *kit_read_bytes(struct kit *kit, const void *memory, size_t bytes);
float *kit_read(struct kit *kit, const float *memory, size_t count);
float *kit_read_typed(struct kit *kit, const void *array, size_t count,
                      enum ic_type type);

/* Host memory, zeroed, freed with the kit. */
void *kit_host(struct kit *kit, size_t count, size_t size);

/* Host arrays freed with the kit: normal numbers of variance 1, whole numbers from
 * -`most` to `most`. The same `seed` gives the same numbers. */
float *kit_normal(struct kit *kit, size_t count, uint64_t seed);
float *kit_whole(struct kit *kit, size_t count, int most, uint64_t seed);

/* The nearest number of `digits` binary digits, of two equally near the one whose last
 * digit is 0, with the exponents of fp32: infinite beyond them, and coarser below. */
double kit_round(double x, int digits);

/* A copy on the host, rounded as an array of `type` is. */
float *kit_rounded(struct kit *kit, const float *x, size_t count, enum ic_type type);

/* A copy on the host, as a product on the device reads an operand of `type`: in tf32
 * fp32 is rounded, too. */
float *kit_operands(struct kit *kit, const float *x, size_t count, enum ic_type type);

/* What a product of such operands may be off by, where the CPU has `tolerance`. A GPU
 * may sum thousands of products in one chain of floats, and has its own ways to round
 * to tf32 and to sum what tensor cores multiply. */
double kit_tolerance(const struct kit *kit, double tolerance);

/* Inner product of two host arrays, in double. */
double kit_dot(const float *a, const float *b, size_t count);

/* found == expected, element by element. Says where they first differ. */
bool kit_equal(const float *found, const double *expected, size_t count);

/* Fails a check, naming the backend, unless the relative norm of the difference is at
 * most `tolerance`. */
void kit_check_close(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count, double tolerance);
void kit_check_equal(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count);

/* The same for an array of `type`. Each number of bf16 may be off by one rounding, 2^-8
 * of itself, and by `tolerance` of the array's root mean square; where it is to be
 * exact, it is the nearest one to what is expected. */
void kit_check_close_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, double tolerance,
                           enum ic_type type);
void kit_check_equal_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, enum ic_type type);

/* As check_result, of the checks in kit.c: main returns both. */
int kit_result(void);

#endif
