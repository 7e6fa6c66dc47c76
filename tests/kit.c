/* SPDX-License-Identifier: MIT */
/*
 * Functions that kernel tests share; see kit.h.
 */
#include "kit.h"
#include "backend/registry.h"

#include <math.h>

#include "backend/bf16.h"
#include "check.h"

/* All backends. A backend that is not built or has no device is left out, with a line
 * that says so; the CPU is always present. Each has the type fp32. */
static struct {
    const char *name;
    const char *module; /* a file; NULL: ic_backend_find knows where it is */
    bool told;          /* whether its absence was printed */
} backends[] = {
    {.name = "cpu"},
    {.name = "cuda"},
    {.name = "emulated", .module = "tests/emulated/im2cat-cuda.so"},
    {.name = "reference"},
};

enum { CPU, CUDA, EMULATED, REFERENCE, BACKENDS = sizeof backends / sizeof *backends };

/* The guard's bytes make NaN of any type, which a sum that reads too far takes over. */
enum { GUARD = 64, GUARD_BYTE = 0xff };

/* A double that is rounded to a float is off by half a digit of the 24 at most. The
 * reference computes in double, and is held to that. */
static const double ROUNDED_ONCE = 0x1.01p-24;

enum { BF16_DIGITS = 8, TF32_DIGITS = 11 }; /* in binary, with the leading 1 */

struct kit_block {
    struct kit_block *next;
    void *memory;
    size_t bytes;
    bool device;
};

static struct kit_block *add_block(struct kit *kit, size_t bytes, bool device)
{
    struct kit_block *block = check_alloc(1, sizeof *block);

    block->next = kit->blocks;
    block->bytes = bytes;
    block->device = device;
    kit->blocks = block;
    return block;
}

void *kit_host(struct kit *kit, size_t count, size_t size)
{
    struct kit_block *block = add_block(kit, count * size, false);

    block->memory = check_alloc(count, size);
    return block->memory;
}

void *kit_bytes(struct kit *kit, const void *host, size_t bytes)
{
    struct kit_block *block = add_block(kit, bytes, true);
    uint8_t *whole = check_alloc(bytes + GUARD, 1);
    struct ic_error error;

    if (kit->backend->alloc(kit->device, bytes + GUARD, &block->memory, &error) !=
        IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    if (host != NULL && bytes > 0)
        memcpy(whole, host, bytes);
    else
        memset(whole, 0xff, bytes);
    memset(whole + bytes, GUARD_BYTE, GUARD);
    kit->backend->upload(kit->device, block->memory, whole, bytes + GUARD);
    free(whole);
    return block->memory;
}

float *kit_floats(struct kit *kit, const float *host, size_t count)
{
    return kit_bytes(kit, host, count * sizeof(float));
}

void *kit_typed(struct kit *kit, const float *values, size_t count, enum ic_type type)
{
    const size_t bytes = count * ic_type_bytes(type);
    char *host;

    if (values == NULL)
        return kit_bytes(kit, NULL, bytes);
    host = kit_host(kit, count, ic_type_bytes(type));
    for (size_t i = 0; i < count; i++)
        ic_store(host, i, values[i], type);
    return kit_bytes(kit, host, bytes);
}

void *kit_read_bytes(struct kit *kit, const void *memory, size_t bytes)
{
    void *host = kit_host(kit, bytes, 1);
    struct ic_error error;

    CHECK_OK(kit->backend->sync(kit->device, &error));
    kit->backend->download(kit->device, host, memory, bytes);
    return host;
}

float *kit_read(struct kit *kit, const float *memory, size_t count)
{
    return kit_read_bytes(kit, memory, count * sizeof(float));
}

float *kit_read_typed(struct kit *kit, const void *array, size_t count,
                      enum ic_type type)
{
    const void *const host = kit_read_bytes(kit, array, count * ic_type_bytes(type));
    float *const values = kit_host(kit, count, sizeof *values);

    for (size_t i = 0; i < count; i++)
        values[i] = ic_load(host, i, type);
    return values;
}

/* Checks the guard after a device array. */
static void check_guard(struct kit *kit, const struct kit_block *block)
{
    uint8_t *whole = check_alloc(block->bytes + GUARD, 1);

    kit->backend->download(kit->device, whole, block->memory, block->bytes + GUARD);
    for (size_t i = block->bytes; i < block->bytes + GUARD; i++) {
        if (whole[i] == GUARD_BYTE)
            continue;
        CHECK_FAIL("%s: byte %zu behind an array of %zu bytes was written",
                   kit->backend->name, i - block->bytes, block->bytes);
        break;
    }
    free(whole);
}

static void release_all(struct kit *kit)
{
    while (kit->blocks != NULL) {
        struct kit_block *block = kit->blocks;

        kit->blocks = block->next;
        if (block->device) {
            check_guard(kit, block);
            kit->backend->release(kit->device, block->memory);
        } else {
            free(block->memory);
        }
        free(block);
    }
}

static enum ic_type type_of(enum ic_precision precision)
{
    return precision == IC_PRECISION_BF16 ? IC_TYPE_BF16 : IC_TYPE_FP32;
}

/* Whether a backend, where it is present, has the precision. */
static bool has_precision(int i, enum ic_precision precision)
{
    if (i == REFERENCE)
        return precision == IC_PRECISION_FP32;
    return i != CPU || precision != IC_PRECISION_TF32;
}

static bool open_kit(struct kit *kit, int i, enum ic_precision precision, int threads)
{
    const struct ic_device_options options = {.threads = threads,
                                              .precision = precision};
    struct ic_error error;
    ic_status status;

    *kit = (struct kit){.precision = precision,
                        .type = type_of(precision),
                        .emulated = i == EMULATED,
                        .gpu = i == CUDA,
                        .reference = i == REFERENCE};
    if (backends[i].module != NULL)
        status = ic_backend_load(backends[i].module, &kit->backend, &error);
    else
        status = ic_backend_find(backends[i].name, &kit->backend, &error);
    if (status == IC_OK)
        status = kit->backend->open(&options, &kit->device, &error);
    if (status != IC_OK && !backends[i].told) {
        if (i == CUDA)
            fprintf(stderr, "left out: the device %s: %s\n", backends[i].name,
                    error.message);
        else /* make check builds it */
            CHECK_FAIL("%s cannot be opened: %s", backends[i].name, error.message);
        backends[i].told = true;
    }
    return status == IC_OK;
}

/* Returns on how many backends the test ran. */
static int run_in(enum ic_precision precision, enum ic_conv_algorithm algorithm,
                  int threads, void (*test)(struct kit *kit, void *data), void *data)
{
    int run = 0;

    for (int i = 0; i < BACKENDS; i++) {
        struct kit kit;

        if (!has_precision(i, precision) || !open_kit(&kit, i, precision, threads))
            continue;
        if (kit.backend->conv2d_has(algorithm)) {
            test(&kit, data);
            run++;
        }
        release_all(&kit);
        kit.backend->close(kit.device);
    }
    return run;
}

void kit_run_conv(enum ic_conv_algorithm algorithm, int threads,
                  void (*test)(struct kit *kit, void *data), void *data)
{
    int run = 0;

    for (int p = 0; p < IC_PRECISIONS; p++)
        run += run_in((enum ic_precision)p, algorithm, threads, test, data);
    CHECK(run > 0);
}

void kit_run_precisions(int threads, void (*test)(struct kit *kit, void *data),
                        void *data)
{
    kit_run_conv(IC_CONV_AUTO, threads, test, data);
}

void kit_run(int threads, void (*test)(struct kit *kit, void *data), void *data)
{
    CHECK(run_in(IC_PRECISION_FP32, IC_CONV_AUTO, threads, test, data) > 0);
}

void kit_types(int threads, void (*test)(struct kit *kit, void *data), void *data)
{
    CHECK(run_in(IC_PRECISION_FP32, IC_CONV_AUTO, threads, test, data) > 0);
    CHECK(run_in(IC_PRECISION_BF16, IC_CONV_AUTO, threads, test, data) > 0);
}

bool kit_cpu_has(enum ic_conv_algorithm algorithm)
{
    const struct ic_backend *backend;
    struct ic_error error;

    return ic_backend_find(backends[CPU].name, &backend, &error) == IC_OK &&
           backend->conv2d_has(algorithm);
}

static void run_threads_in(enum ic_precision precision,
                           void (*test)(struct kit *kit, void *data, float *result),
                           void *data, size_t count)
{
    static const int threads[] = {1, 2, 3, 7};
    float *first = check_alloc(count, sizeof *first);
    float *other = check_alloc(count, sizeof *other);

    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct kit kit;

        if (!open_kit(&kit, CPU, precision, threads[i])) {
            CHECK_FAIL("the CPU cannot be opened");
            break;
        }
        test(&kit, data, i == 0 ? first : other);
        release_all(&kit);
        kit.backend->close(kit.device);
        if (i > 0 && memcmp(first, other, count * sizeof *first) != 0)
            CHECK_FAIL("%s: %d threads give other bits than one",
                       ic_precision_name(precision), threads[i]);
    }
    free(first);
    free(other);
}

void kit_run_threads(void (*test)(struct kit *kit, void *data, float *result),
                     void *data, size_t count)
{
    run_threads_in(IC_PRECISION_FP32, test, data, count);
    run_threads_in(IC_PRECISION_BF16, test, data, count);
}

/* --- data ------------------------------------------------------------------------- */

/* The tests' own random numbers (Steele, Lea, Flood, "SplitMix", 2014). */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A sum of three uniform numbers between -1 and 1: nearly normal, variance 1. */
float *kit_normal(struct kit *kit, size_t count, uint64_t seed)
{
    float *x = kit_host(kit, count, sizeof *x);

    for (size_t i = 0; i < count; i++) {
        double sum = 0;

        for (int j = 0; j < 3; j++)
            sum += (double)(int64_t)next(&seed) * 0x1p-63;
        x[i] = (float)sum;
    }
    return x;
}

float *kit_whole(struct kit *kit, size_t count, int most, uint64_t seed)
{
    float *x = kit_host(kit, count, sizeof *x);

    for (size_t i = 0; i < count; i++)
        x[i] = (float)((int)(next(&seed) % (uint64_t)(2 * most + 1)) - most);
    return x;
}

double kit_round(double x, int digits)
{
    int exponent;
    double step;

    if (x == 0 || !isfinite(x))
        return x;
    frexp(x, &exponent); /* |x| is at least 2^(exponent - 1) */
    step = ldexp(1, (exponent > -125 ? exponent : -125) - digits);
    x = nearbyint(x / step) * step;
    return fabs(x) < 0x1p128 ? x : copysign(INFINITY, x);
}

float *kit_rounded(struct kit *kit, const float *x, size_t count, enum ic_type type)
{
    float *const rounded = kit_host(kit, count, sizeof *rounded);

    for (size_t i = 0; i < count; i++)
        rounded[i] = (float)kit_round(x[i], type == IC_TYPE_BF16 ? BF16_DIGITS : 24);
    return rounded;
}

float *kit_operands(struct kit *kit, const float *x, size_t count, enum ic_type type)
{
    const bool tf32 = kit->precision == IC_PRECISION_TF32 && type == IC_TYPE_FP32;
    float *const rounded = kit_rounded(kit, x, count, type);

    for (size_t i = 0; i < count && tf32; i++)
        rounded[i] = (float)kit_round(x[i], TF32_DIGITS);
    return rounded;
}

double kit_tolerance(const struct kit *kit, double tolerance)
{
    if (!kit->gpu)
        return tolerance;
    return kit->precision == IC_PRECISION_TF32 ? 2e-3 : 10 * tolerance;
}

double kit_dot(const float *a, const float *b, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* --- checks ----------------------------------------------------------------------- */

bool kit_equal(const float *found, const double *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i] == expected[i])
            continue;
        fprintf(stderr, "element %zu of %zu is %.9g, expected %.9g\n", i, count,
                found[i], expected[i]);
        return false;
    }
    return true;
}

void kit_check_close(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count, double tolerance)
{
    const double off = check_relative_norm(found, expected, count);

    if (kit->reference && tolerance > ROUNDED_ONCE)
        tolerance = ROUNDED_ONCE;
    if (!(off <= tolerance))
        CHECK_FAIL("%s, %s: %s is off by %.3g (relative norm), not within %.3g",
                   kit->backend->name, ic_precision_name(kit->precision), what, off,
                   tolerance);
}

void kit_check_equal(const struct kit *kit, const char *what, const float *found,
                     const double *expected, size_t count)
{
    if (!kit_equal(found, expected, count))
        CHECK_FAIL("%s, %s: %s is not exact", kit->backend->name,
                   ic_precision_name(kit->precision), what);
}

void kit_check_close_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, double tolerance,
                           enum ic_type type)
{
    double squares = 0, scale;

    if (type != IC_TYPE_BF16) {
        kit_check_close(kit, what, found, expected, count, tolerance);
        return;
    }
    for (size_t i = 0; i < count; i++)
        squares += expected[i] * expected[i];
    scale = count > 0 ? sqrt(squares / (double)count) : 0;
    for (size_t i = 0; i < count; i++)
        if (!(fabs(found[i] - expected[i]) <=
              0x1p-8 * fabs(expected[i]) + tolerance * scale)) {
            CHECK_FAIL("%s, bf16: element %zu of %s is %.9g, expected %.9g",
                       kit->backend->name, i, what, found[i], expected[i]);
            return;
        }
}

void kit_check_equal_typed(const struct kit *kit, const char *what, const float *found,
                           const double *expected, size_t count, enum ic_type type)
{
    double *const rounded = check_alloc(count, sizeof *rounded);

    for (size_t i = 0; i < count; i++)
        rounded[i] =
            type == IC_TYPE_BF16 ? kit_round(expected[i], BF16_DIGITS) : expected[i];
    kit_check_equal(kit, what, found, rounded, count);
    free(rounded);
}

int kit_result(void)
{
    return check_result();
}
