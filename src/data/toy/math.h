/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of the drawings.
 *
 * The same picture must come out on every machine. So nothing here calls the
 * mathematics library, whose last bits differ between machines (sqrtf is rounded
 * correctly everywhere), and products are not contracted into fused multiply-adds,
 * which only some processors have. Every .c file in this folder includes this header,
 * if only through another.
 */
#ifndef IC_DATA_TOY_MATH_H
#define IC_DATA_TOY_MATH_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif

#include "base/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* How many entries a table has. */
#define IC_TOY_COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

/* As displayed, 0 to 1; values beyond are cut at the end. */
struct ic_toy_colour {
    float r, g, b;
};

static inline float ic_toy_clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

static inline float ic_toy_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* The largest integer that is not above x; floorf is a call where SSE 4.1 is not
 * assumed. */
static inline int32_t ic_toy_floor(float x)
{
    const int32_t i = (int32_t)x;

    return i - (x < (float)i);
}

/* 0 below `low`, 1 above `high`, a smooth cubic between them. */
static inline float ic_toy_step(float low, float high, float x)
{
    const float t = ic_toy_clamp((x - low) / (high - low), 0, 1);

    return t * t * (3 - 2 * t);
}

/* sin(2 pi turns) by Taylor's polynomial on a quarter turn; the error is below 2e-4. */
static inline float ic_toy_sin(float turns)
{
    float t = turns - (float)ic_toy_floor(turns + 0.5f); /* -0.5 .. 0.5 */
    float a, a2;

    if (t > 0.25f)
        t = 0.5f - t;
    if (t < -0.25f)
        t = -0.5f - t;
    a = t * 6.28318531f;
    a2 = a * a;
    return a * (1 - a2 * (1 / 6.0f - a2 * (1 / 120.0f - a2 / 5040)));
}

static inline float ic_toy_cos(float turns)
{
    return ic_toy_sin(turns + 0.25f);
}

static inline struct ic_toy_colour ic_toy_blend(struct ic_toy_colour a,
                                                struct ic_toy_colour b, float t)
{
    const struct ic_toy_colour c = {ic_toy_mix(a.r, b.r, t), ic_toy_mix(a.g, b.g, t),
                                    ic_toy_mix(a.b, b.b, t)};
    return c;
}

static inline struct ic_toy_colour ic_toy_dim(struct ic_toy_colour a, float factor)
{
    const struct ic_toy_colour c = {a.r * factor, a.g * factor, a.b * factor};

    return c;
}

/* A number that depends on all three: Bob Jenkins's style of integer mixing, with the
 * constants of Wellons's lowbias32. */
static inline uint32_t ic_toy_hash(uint32_t seed, int32_t x, int32_t y)
{
    uint32_t h = seed + (uint32_t)x * 0x9e3779b1u + (uint32_t)y * 0x85ebca77u;

    h = (h ^ h >> 16) * 0x7feb352du;
    h = (h ^ h >> 15) * 0x846ca68bu;
    return h ^ h >> 16;
}

/* Value noise between -1 and 1: a hash at the integer points, smooth between them. */
static inline float ic_toy_noise(uint32_t seed, float x, float y)
{
    const int32_t i = ic_toy_floor(x), j = ic_toy_floor(y);
    const float u = ic_toy_step(0, 1, x - (float)i),
                v = ic_toy_step(0, 1, y - (float)j);
    const float scale = 2 / 16777216.0f;
    const float a = (float)(ic_toy_hash(seed, i, j) >> 8);
    const float b = (float)(ic_toy_hash(seed, i + 1, j) >> 8);
    const float c = (float)(ic_toy_hash(seed, i, j + 1) >> 8);
    const float d = (float)(ic_toy_hash(seed, i + 1, j + 1) >> 8);

    return ic_toy_mix(ic_toy_mix(a, b, u), ic_toy_mix(c, d, u), v) * scale - 1;
}

/* Two octaves of value noise. */
static inline float ic_toy_cloud(uint32_t seed, float x, float y)
{
    return (ic_toy_noise(seed, x, y) * 2 + ic_toy_noise(seed + 1, x * 2, y * 2)) / 3;
}

/* Draws from a stream: uniform between two bounds; true with a probability. */
static inline float ic_toy_range(struct ic_random *random, float low, float high)
{
    return low + (high - low) * (float)ic_random_uniform(random);
}

static inline bool ic_toy_chance(struct ic_random *random, float probability)
{
    return ic_random_uniform(random) < (double)probability;
}

#endif
