/*
 * Measures the processor: multiply-adds in registers, and BLAS on large matrices.
 *
 * A chain is a vector that is multiplied and added to again and again. A processor has
 * several multiply-adds under way, so there must be more chains than its latency times
 * its units (8 to 10), but not more than there are registers: two counts are tried and
 * the better one taken.
 */
#include "backend/cpu/measure.h"

#include <stdlib.h>

#include "backend/cpu/cpu.h"
#include "backend/cpu/gemm.h"
#include "base/machine.h"

enum {
    TRIES = 5,
    LANES = 16, /* floats in a vector: AVX-512's; two registers of AVX2 */
    MAX_CHAINS = 12,
    ROUNDS = 1 << 22,
    SIDE = 1024, /* of the matrices */
};

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

/* `count` is a constant where this is inlined, so that x stays in registers. */
IC_INLINE float run_chains(int count)
{
    vector x[MAX_CHAINS], sum = {0};
    float total = 0;

    for (int c = 0; c < count; c++)
        for (int i = 0; i < LANES; i++)
            x[c][i] = (float)(c + i);
    for (int round = 0; round < ROUNDS; round++)
        for (int c = 0; c < count; c++)
            x[c] = x[c] * 0.5f + 1.0f;
    for (int c = 0; c < count; c++)
        sum += x[c];
    for (int i = 0; i < LANES; i++)
        total += sum[i];
    return total;
}

IC_TARGET_CLONES static float run_6_chains(void)
{
    return run_chains(6);
}

IC_TARGET_CLONES static float run_12_chains(void)
{
    return run_chains(12);
}

struct chains {
    float (*run)(void);
    float *results; /* one a thread, so that the work is not in vain */
};

static void chains_task(const void *args, size_t index, int thread)
{
    const struct chains *const chains = args;

    chains->results[index] = chains->run();
}

struct products {
    float *matrices; /* three a thread */
};

static void product_task(const void *args, size_t index, int thread)
{
    const struct products *const products = args;
    const size_t size = (size_t)SIDE * SIDE;
    float *a = products->matrices + 3 * size * index;
    const struct ic_matrix left = {a, SIDE, false}, right = {a + size, SIDE, false};

    ic_gemm(a + 2 * size, SIDE, left, right, SIDE, SIDE, SIDE, false);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Runs a task once a thread, several times; `work` operations each. */
static double median_rate(int threads, double work,
                          void (*task)(const void *args, size_t index, int thread),
                          const void *args)
{
    const struct ic_device device = {.threads = threads};
    double rates[TRIES];

    ic_cpu_run(&device, (size_t)threads, task, args);
    for (int i = 0; i < TRIES; i++) {
        const double start = ic_machine_seconds();
        ic_cpu_run(&device, (size_t)threads, task, args);
        rates[i] = 1e-9 * work * threads / (ic_machine_seconds() - start);
    }
    qsort(rates, TRIES, sizeof rates[0], compare);
    return rates[TRIES / 2];
}

double ic_cpu_measure_fma(int threads)
{
    const double work = 2.0 * LANES * ROUNDS;
    float *results = calloc((size_t)threads, sizeof *results);
    const struct chains few = {run_6_chains, results}, many = {run_12_chains, results};
    double rate_of_few, rate_of_many;

    if (results == NULL)
        return 0;
    rate_of_few = median_rate(threads, 6 * work, chains_task, &few);
    rate_of_many = median_rate(threads, 12 * work, chains_task, &many);
    free(results);
    return rate_of_few > rate_of_many ? rate_of_few : rate_of_many;
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
    rate = median_rate(threads, 2.0 * SIDE * SIDE * SIDE, product_task, &products);
    free(products.matrices);
    return rate;
}
