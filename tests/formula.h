/* SPDX-License-Identifier: MIT */
/*
 * Weights, pictures and directions computed by a formula, so that two programs have the
 * same ones without storing them. scripts/formula.py has the formula in Python.
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

/* x = offset + slope * u, where u >= `turn` negates the offset. */
struct formula_line {
    double offset, slope, turn;
};

static inline struct formula_line formula_line_of(const struct ic_array *array)
{
    const int *const dims = array->dims;

    if (array->rank == 4)
        return (struct formula_line){0, sqrt(6.0 / (dims[0] * dims[1] * dims[2])), 1};
    if (strncmp(array->name, "fc.", 3) == 0)
        return (struct formula_line){0, 1 / sqrt(512), 1};
    if (array->rank == 2)
        return (struct formula_line){0, sqrt(6.0 / dims[1]), 1};
    if (formula_ends_with(array->name, ".weight"))
        return (struct formula_line){1, 0.25, 1};
    if (formula_ends_with(array->name, ".bias"))
        return (struct formula_line){3, 0.5, 0.5};
    if (formula_ends_with(array->name, ".running_var"))
        return (struct formula_line){1, 0.5, 1};
    return (struct formula_line){0, 0.125, 1};
}

/* Fills a whole tensor, in the file's layout; `stream` is its index in the state_dict.
 */
static inline void formula_weights(float *out, const struct ic_array *array,
                                   unsigned stream)
{
    const struct formula_line line = formula_line_of(array);

    for (size_t i = 0; i < array->count; i++) {
        const double u = formula_uniform(stream, i);

        out[i] = (float)((u < line.turn ? line.offset : -line.offset) + u * line.slope);
    }
}

/* Multiplies negative values by one factor and the others by another. */
static inline void formula_scale(float *values, size_t count, float negative,
                                 float positive)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= values[i] < 0 ? negative : positive;
}

/* formula_weights for networks of bottlenecks: see bottleneck_weight in formula.py. */
static inline void formula_bottleneck_weights(float *out, const struct ic_array *array,
                                              unsigned stream)
{
    formula_weights(out, array, stream);
    if (formula_ends_with(array->name, ".bn3.weight"))
        formula_scale(out, array->count, 1.0f / 4, 1.0f / 4);
    else if (formula_ends_with(array->name, ".bn2.bias"))
        formula_scale(out, array->count, 51.0f / 64, 51.0f / 64);
}

/* formula_weights for fastai's network and many steps of training: see tame_weight in
 * formula.py. */
static inline void formula_tame_weights(float *out, const struct ic_array *array,
                                        unsigned stream)
{
    const char *const name = array->name;
    const size_t count = array->count;

    formula_weights(out, array, stream);
    if (strcmp(name, "1.4.weight") == 0)
        for (size_t i = 0; i < count; i++)
            out[i] += 1.0f / 64;
    else if (strcmp(name, "1.2.bias") == 0)
        formula_scale(out, count, -1.0f / 4, 1.0f / 4);
    else if (strcmp(name, "1.6.bias") == 0)
        formula_scale(out, count, 1.0f / 64, 1.0f / 64);
    else if (formula_ends_with(name, ".bn2.weight") || strcmp(name, "1.8.weight") == 0)
        formula_scale(out, count, 1.0f / 8, 1.0f / 8);
    else if (formula_ends_with(name, ".bn2.bias") ||
             formula_ends_with(name, ".downsample.1.bias"))
        formula_scale(out, count, 2, 2);
    else if (formula_ends_with(name, ".bias"))
        formula_scale(out, count, 16, 2);
}

/* The batch of a step, batch x size x size x 3: squares of 8 x 8 pixels, and noise. */
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

/* The same batch as bytes, with something to learn: half of each square shows its
 * label. */
static inline void formula_class_pictures(uint8_t *out, const int32_t *labels, int step,
                                          int batch, int size)
{
    const int tiles = size / 8;

    for (int n = 0; n < batch; n++)
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < size; y++)
                for (int x = 0; x < size; x++) {
                    const int plane = n * 3 + c;
                    const int tile = (y / 8) * tiles + x / 8, area = tiles * tiles;
                    const int pixel = (plane * size + y) * size + x;
                    const double own = formula_uniform(1000 + 2 * (unsigned)step,
                                                       (size_t)(plane * area + tile));
                    const double common = formula_uniform(900 + (unsigned)labels[n],
                                                          (size_t)(c * area + tile));
                    const double noise =
                        formula_uniform(1001 + 2 * (unsigned)step, (size_t)pixel);

                    out[((n * size + y) * size + x) * 3 + c] =
                        (uint8_t)((1.5 * (own + common) / 2 + 0.5 * noise + 2) * 64);
                }
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
