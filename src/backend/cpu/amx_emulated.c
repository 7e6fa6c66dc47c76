/* SPDX-License-Identifier: MIT */
/*
 * Products of bf16 tiles in plain C, with the bits of the processor's: see
 * amx_kernel.h. They let any machine test the code around the products.
 */
#include <string.h>

#include "backend/bf16.h"
#include "backend/cpu/amx_kernel.h"
#include "backend/cpu/cpu.h"

enum { SIZE = 16 }; /* rows of a tile, and its columns of 32 bits */

static void nothing(void) {}

/* c[m][n] += sum over k of a[m][k] b[k][n]. `c_pitch` in floats, `a_pitch` in bytes. A
 * float holds the product of two bf16 numbers exactly, 16 bits of it at most: adding it
 * rounds once, as the processor's fused addition does. */
IC_INLINE void multiply(float *c, size_t c_pitch, const char *a, size_t a_pitch,
                        const char *b)
{
    uint16_t left[2 * SIZE], right[SIZE][2 * SIZE];

    memcpy(right, b, sizeof right);
    for (size_t m = 0; m < SIZE; m++) {
        float even[SIZE] = {0}, odd[SIZE] = {0};

        memcpy(left, a + m * a_pitch, sizeof left);
        for (size_t r = 0; r < SIZE; r++)
            for (size_t n = 0; n < SIZE; n++) {
                even[n] += ic_bf16_float(left[2 * r]) * ic_bf16_float(right[r][2 * n]);
                odd[n] +=
                    ic_bf16_float(left[2 * r + 1]) * ic_bf16_float(right[r][2 * n + 1]);
            }
        for (size_t n = 0; n < SIZE; n++)
            c[m * c_pitch + n] += even[n] + odd[n];
    }
}

static IC_TARGET_CLONES void dot(const struct ic_amx_dot *d)
{
    const char *b = d->panel;

    memset(d->sums, 0, IC_AMX_BLOCK * IC_AMX_BLOCK * sizeof *d->sums);
    for (size_t s = 0; s < d->steps; s++, b += IC_AMX_STEP)
        for (size_t half = 0; half < 2; half++) {
            const char *const a = d->in + d->offset[s] + half * SIZE * d->pitch;
            float *const c = d->sums + half * SIZE * IC_AMX_BLOCK;

            multiply(c, IC_AMX_BLOCK, a, d->pitch, b);
            multiply(c + SIZE, IC_AMX_BLOCK, a, d->pitch, b + IC_AMX_TILE);
        }
}

static IC_TARGET_CLONES void outer(const struct ic_amx_outer *o)
{
    if (!o->accumulate)
        memset(o->sums, 0, IC_AMX_BLOCK * IC_AMX_BLOCK * sizeof *o->sums);
    for (size_t s = 0; s < o->steps; s++)
        for (size_t tile = 0; tile < 4; tile++)
            multiply(o->sums + tile * SIZE * SIZE, SIZE,
                     o->left + s * IC_AMX_STEP + tile / 2 * IC_AMX_TILE, IC_AMX_LINE,
                     o->right[tile % 2] + s * IC_AMX_TILE);
}

IC_INLINE void finish_rows(const struct ic_amx_rows *r, size_t columns)
{
    for (size_t i = 0; i < r->count; i++) {
        const float *const sum = r->sums + r->row[i] * IC_AMX_BLOCK;
        const uint16_t *const add =
            r->residual != NULL ? r->residual + r->place[i] : NULL;
        uint16_t *const out = r->out + r->place[i];

        for (size_t c = 0; c < columns; c++) {
            float v = sum[c];

            if (r->bias != NULL)
                v += r->bias[c];
            if (add != NULL)
                v += ic_bf16_float(add[c]);
            if (r->accumulate)
                v += ic_bf16_float(out[c]);
            out[c] = ic_bf16_of(r->relu ? ic_cpu_rectify(v) : v);
        }
    }
}

IC_TARGET_CLONES void ic_amx_finish_columns(const struct ic_amx_rows *rows,
                                            size_t columns)
{
    finish_rows(rows, columns);
}

static IC_TARGET_CLONES void finish(const struct ic_amx_rows *rows)
{
    finish_rows(rows, IC_AMX_BLOCK);
}

static void transpose(uint32_t *out, const uint32_t in[16][16])
{
    for (size_t r = 0; r < SIZE; r++)
        for (size_t i = 0; i < SIZE; i++)
            out[r * SIZE + i] = in[i][r];
}

static void turn(char *left, const uint16_t *const points[32])
{
    uint16_t row[2 * SIZE];

    for (size_t channel = 0; channel < 2 * SIZE; channel++) {
        for (size_t p = 0; p < 2 * SIZE; p++)
            row[p] = points[p][channel];
        memcpy(left + channel % 2 * IC_AMX_TILE + channel / 2 * IC_AMX_LINE, row,
               sizeof row);
    }
}

static void pair(char *const right[2], size_t half, const char *pixels, size_t pitch,
                 size_t rows)
{
    uint16_t first[2 * SIZE], second[2 * SIZE], row[2 * SIZE];

    for (size_t p = 0; p < 2 * rows; p++) {
        memcpy(first, pixels + p * pitch, sizeof first);
        memcpy(second, pixels + (p + 1) * pitch, sizeof second);
        for (size_t odd = 0; odd < 2; odd++) {
            for (size_t n = 0; n < SIZE; n++) {
                row[2 * n] = first[2 * n + odd];
                row[2 * n + 1] = second[2 * n + odd];
            }
            memcpy(right[p % 2] + odd * half + p / 2 * IC_AMX_LINE, row, sizeof row);
        }
    }
}

const struct ic_amx ic_amx_emulated = {
    .begin = nothing,
    .end = nothing,
    .dot = dot,
    .outer = outer,
    .finish = finish,
    .transpose = transpose,
    .turn = turn,
    .pair = pair,
};
