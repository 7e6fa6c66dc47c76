/* SPDX-License-Identifier: MIT */
/*
 * Measures the processor: multiply-adds in registers, BLAS on large matrices, and
 * memory bandwidth.
 *
 * Memory is measured by the triad of McCalpin's STREAM benchmark ("Memory bandwidth and
 * machine balance in current high performance computers", IEEE TCCA Newsletter, 1995):
 * a = b + s c over arrays that no cache holds.
 */
#include "backend/cpu/measure.h"

#include <stdlib.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "base/machine.h"
#include "base/median.h"

enum {
    TRIES = 5,
    ROUNDS = 1 << 22,
    SIDE = 1024,          /* of the matrices */
    TRIAD_PART = 1 << 18, /* floats of a task */
    TRIAD_PARTS = 1 << 8, /* of an array: 256 MiB */
};

struct multiply_adds {
    const struct ic_kernels *kernels;
    float *sums; /* one per thread */
};

static void multiply_adds_task(const void *args, size_t index, int thread)
{
    const struct multiply_adds *const m = args;

    m->kernels->multiply_add(m->sums + index, ROUNDS);
}

struct products {
    float *matrices; /* three per thread */
};

static void product_task(const void *args, size_t index, int thread)
{
    const struct products *const products = args;
    const size_t size = (size_t)SIDE * SIDE;
    float *a = products->matrices + 3 * size * index;
    const struct ic_matrix left = {a, SIDE, false}, right = {a + size, SIDE, false};

    ic_gemm(a + 2 * size, SIDE, left, right, SIDE, SIDE, SIDE, false);
}

/* Three arrays of TRIAD_PARTS parts. */
struct triad {
    float *a, *b, *c;
};

/* Each thread writes its parts first, so that the pages are not one shared zero. */
static void clear_task(const void *args, size_t index, int thread)
{
    const struct triad *const triad = args;
    const size_t first = index * TRIAD_PART;

    for (size_t i = first; i < first + TRIAD_PART; i++)
        triad->a[i] = triad->b[i] = triad->c[i] = 1;
}

static IC_TARGET_CLONES void triad_task(const void *args, size_t index, int thread)
{
    const struct triad *const triad = args;
    const size_t first = index * TRIAD_PART;
    float *restrict const a = triad->a + first;
    const float *restrict const b = triad->b + first, *restrict const c =
                                                          triad->c + first;

#pragma omp simd
    for (size_t i = 0; i < TRIAD_PART; i++)
        a[i] = b[i] + 0.5f * c[i];
}

/* Runs `count` tasks `prepare`, then `count` tasks `task` several times. `work` is the
 * work of all tasks. Returns billions per second; 0 if no threads can be started. */
static double median_rate(int threads, size_t count, double work,
                          void (*prepare)(const void *args, size_t index, int thread),
                          void (*task)(const void *args, size_t index, int thread),
                          const void *args)
{
    struct ic_device device = {.threads = threads};
    struct ic_error error;
    double rates[TRIES];

    if (ic_threads_start(threads, &device.team, &error) != IC_OK)
        return 0;
    ic_cpu_run(&device, count, prepare, args);
    for (int i = 0; i < TRIES; i++) {
        const double start = ic_machine_seconds();
        ic_cpu_run(&device, count, task, args);
        rates[i] = 1e-9 * work / (ic_machine_seconds() - start);
    }
    ic_threads_stop(device.team);
    return ic_median(rates, TRIES);
}

double ic_cpu_measure_fma(int threads)
{
    const size_t count = (size_t)threads;
    float *const sums = calloc(count, sizeof *sums);
    const struct multiply_adds m = {ic_kernels_get(0), sums};
    double rate;

    if (sums == NULL)
        return 0;
    rate = median_rate(threads, count,
                       2.0 * (double)m.kernels->multiply_add(sums, ROUNDS) * threads,
                       multiply_adds_task, multiply_adds_task, &m);
    free(sums);
    return rate;
}

double ic_cpu_measure_sgemm(int threads)
{
    const size_t floats = (size_t)threads * 3 * SIDE * SIDE;
    struct products products = {calloc(floats, sizeof *products.matrices)};
    double rate;

    if (products.matrices == NULL)
        return 0;
    for (size_t i = 0; i < floats; i++)
        products.matrices[i] = (float)(i % 97) / 97;
    ic_gemm_set_up();
    rate = median_rate(threads, (size_t)threads, 2.0 * SIDE * SIDE * SIDE * threads,
                       product_task, product_task, &products);
    free(products.matrices);
    return rate;
}

double ic_cpu_measure_memory(int threads)
{
    const size_t floats = (size_t)TRIAD_PARTS * TRIAD_PART;
    const double bytes = 3.0 * sizeof(float) * (double)floats;
    float *memory = malloc(3 * floats * sizeof *memory);
    const struct triad triad = {memory, memory + floats, memory + 2 * floats};
    double rate;

    if (memory == NULL)
        return 0;
    rate = median_rate(threads, TRIAD_PARTS, bytes, clear_task, triad_task, &triad);
    free(memory);
    return rate;
}
