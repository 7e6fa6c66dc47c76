/*
 * Weights, pictures and directions from a formula, so that two programs have the same
 * ones without storing any. scripts/golden-pytorch.py has it in Python.
 */
#ifndef IC_TESTS_FORMULA_H
#define IC_TESTS_FORMULA_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/names.h"
#include "model/weights.h"

/* SplitMix64 (Steele, Lea, Flood 2014) after (stream << 32) + i + 1 steps. */
static inline uint64_t formula_hash(unsigned stream, size_t i)
{
    uint64_t z = (((uint64_t)stream << 32) + i + 1) * 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* A multiple of 2^-23 in [-1, 1). */
static inline double formula_uniform(unsigned stream, size_t i)
{
    return (double)(formula_hash(stream, i) >> 40) / 8388608 - 1;
}

static inline bool formula_ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Element i of a tensor; `stream` is its place in the state_dict, i counts in the
 * file's layout. */
static inline float formula_weight(const struct ic_array *array, unsigned stream,
                                   size_t i)
{
    const double u = formula_uniform(stream, i);

    if (array->rank == 4)
        return (float)(u *
                       sqrt(6.0 / (array->dims[0] * array->dims[1] * array->dims[2])));
    if (strncmp(array->name, "fc.", 3) == 0)
        return (float)(u / sqrt(512));
    if (formula_ends_with(array->name, ".weight"))
        return (float)(1 + u / 4);
    if (formula_ends_with(array->name, ".bias"))
        return (float)((u < 0.5 ? 3.0 : -3.0) + u / 2);
    if (formula_ends_with(array->name, ".running_var"))
        return (float)(1 + u / 2);
    return (float)(u / 8);
}

/* The batch of a step: batch x size x size x 3. Squares of 8 x 8 pixels, and noise. */
static inline void formula_pictures(float *out, int step, int batch, int size)
{
    const int tiles = size / 8;

    for (int n = 0; n < batch; n++)
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < size; y++)
                for (int x = 0; x < size; x++) {
                    const int plane = n * 3 + c;
                    const int tile = (plane * tiles + y / 8) * tiles + x / 8;
                    const int pixel = (plane * size + y) * size + x;
                    out[((n * size + y) * size + x) * 3 + c] =
                        (float)(1.5 * formula_uniform(1000 + 2 * (unsigned)step,
                                                      (size_t)tile) +
                                0.5 * formula_uniform(1001 + 2 * (unsigned)step,
                                                      (size_t)pixel));
                }
}

static inline void formula_labels(int32_t *out, int step, int batch, int classes)
{
    for (int k = 0; k < batch; k++)
        out[k] = (step + 3 * k) % classes;
}

/* The dot products with eight directions of +1 and -1. */
static inline void formula_project(double products[8], const float *vector,
                                   unsigned stream, size_t count)
{
    memset(products, 0, 8 * sizeof *products);
    for (size_t i = 0; i < count; i++) {
        const uint64_t bits = formula_hash(2000 + stream, i);

        for (int d = 0; d < 8; d++)
            products[d] += bits >> d & 1 ? vector[i] : -vector[i];
    }
}

#endif
