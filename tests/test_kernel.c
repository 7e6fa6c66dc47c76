/* SPDX-License-Identifier: MIT */
/*
 * The inner loops of the convolutions, for every kind of processor that this machine
 * can run. The products are exact on whole numbers, for full and partial blocks,
 * written and added, and write nothing outside the block. Winograd's transforms agree
 * with their matrices. The multiply-adds that measure the processor are really
 * executed.
 */
#include <math.h>

#include "backend/cpu/kernel.h"
#include "check.h"
#include "kit.h"

enum { SPACE = 77, WIDTH = 50, MOST_RUN = 40, RUNS = 3 };

/* Runs dot with windows that start anywhere and overlap, in rows of `pitch` floats. */
static void test_dot(struct kit *kit, const struct ic_kernels *kernels, size_t rows,
                     size_t columns, size_t runs, size_t run, bool accumulate)
{
    const size_t pitch = 97, offset = 5, column = 11;
    const float *const source = kit_whole(kit, 4 * pitch + 20 * SPACE, 4, 1);
    const float *const panel = kit_whole(kit, RUNS * MOST_RUN * IC_PANEL, 4, 2);
    float *const found = kit_whole(kit, IC_DOT_ROWS * WIDTH, 9, 3);
    double *const expected = kit_host(kit, IC_DOT_ROWS * WIDTH, sizeof *expected);
    const float *in[IC_DOT_ROWS] = {NULL};
    float *out[IC_DOT_ROWS] = {NULL};
    const struct ic_dot dot = {out,   in,   rows, column, columns,   offset,
                               pitch, runs, run,  panel,  accumulate};

    for (size_t i = 0; i < IC_DOT_ROWS * WIDTH; i++)
        expected[i] = found[i];
    for (size_t i = 0; i < rows; i++) { /* backwards, to test the pointers */
        in[i] = source + (rows - 1 - i) * SPACE / 2;
        out[i] = found + (rows - 1 - i) * WIDTH;
        for (size_t j = 0; j < columns; j++) {
            double *const e = expected + (rows - 1 - i) * WIDTH + column + j;

            *e = accumulate ? *e : 0;
            for (size_t r = 0; r < runs; r++)
                for (size_t p = 0; p < run; p++)
                    *e += (double)in[i][offset + r * pitch + p] *
                          panel[(r * run + p) * IC_PANEL + j];
        }
    }
    kernels->dot(&dot);
    if (!kit_equal(found, expected, IC_DOT_ROWS * WIDTH))
        CHECK_FAIL("%s: dot of %zu rows, %zu columns, %zu runs of %zu", kernels->name,
                   rows, columns, runs, run);
}

static void test_outer(struct kit *kit, const struct ic_kernels *kernels, size_t rows,
                       size_t count, bool accumulate)
{
    const size_t offset = 3, guarded = (IC_OUTER_ROWS + 1) * IC_PANEL;
    const float *const panel = kit_whole(kit, count * IC_PANEL, 4, 4);
    float *const found = kit_whole(kit, guarded, 9, 5);
    double *const expected = kit_host(kit, guarded, sizeof *expected);
    const float **const in = kit_host(kit, count, sizeof *in);
    const struct ic_outer outer = {found, in, rows, offset, count, panel, accumulate};

    /* Each stretch ends with its memory, so that valgrind sees a read past the end. */
    for (size_t p = 0; p < count; p++)
        in[p] = kit_whole(kit, offset + rows, 4, 100 + p);
    for (size_t i = 0; i < guarded; i++)
        expected[i] = found[i];
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < IC_PANEL; j++) {
            double *const e = expected + i * IC_PANEL + j;

            *e = accumulate ? *e : 0;
            for (size_t p = 0; p < count; p++)
                *e += (double)in[p][offset + i] * panel[p * IC_PANEL + j];
        }
    }
    kernels->outer(&outer);
    if (!kit_equal(found, expected, guarded))
        CHECK_FAIL("%s: outer of %zu rows, %zu points", kernels->name, rows, count);
}

/* The matrices as winograd.h gives them, and the transform by definition: out = M in
 * M^T. */
#define R 1.41421356237309504880
static const double patch[6][6] = {
    {1, 0, -5 / 2.0, 0, 1, 0},      {0, -R, -2, R / 2, 1, 0},
    {0, R, -2, -R / 2, 1, 0},       {0, -R / 2, -1 / 2.0, R, 1, 0},
    {0, R / 2, -1 / 2.0, -R, 1, 0}, {0, 1, 0, -5 / 2.0, 0, 1}};
static const double taps[6][6] = {{1},
                                  {-2 / 3.0, -R / 3, -1 / 3.0},
                                  {-2 / 3.0, R / 3, -1 / 3.0},
                                  {1 / 6.0, R / 6, 1 / 3.0},
                                  {1 / 6.0, -R / 6, 1 / 3.0},
                                  {0, 0, 1}};
static const double tile[6][6] = {{1, 1, 1, 1, 1, 0},
                                  {0, R / 2, -R / 2, R, -R, 0},
                                  {0, 1 / 2.0, 1 / 2.0, 2, 2, 0},
                                  {0, R / 4, -R / 4, 2 * R, -2 * R, 1}};

static const struct square {
    const double (*matrix)[6];
    bool transposed; /* the adjoint */
    size_t in, out;  /* lines */
} squares[IC_TRANSFORMS] = {
    [IC_PATCH] = {patch, false, 6, 6},       [IC_TILE] = {tile, false, 6, 4},
    [IC_TILE_GRADIENT] = {tile, true, 4, 6}, [IC_TAPS] = {taps, false, 3, 6},
    [IC_TAPS_GRADIENT] = {taps, true, 6, 3},
};

static double entry(const struct square *s, size_t i, size_t j)
{
    return s->transposed ? s->matrix[j][i] : s->matrix[i][j];
}

/* One channel of one element of the result. */
static double transformed(const struct square *s, const float *const *in, size_t i,
                          size_t j, size_t channel)
{
    double sum = 0;

    for (size_t k = 0; k < s->in; k++)
        for (size_t l = 0; l < s->in; l++)
            sum += entry(s, i, k) * in[k * s->in + l][channel] * entry(s, j, l);
    return sum;
}

/* Every input and output position has memory of its own that ends after its channels,
 * so that an access past the end shows. One position of the result is not requested. */
static void test_transform(struct kit *kit, const struct ic_kernels *kernels,
                           enum ic_transform_kind kind, size_t channels,
                           bool accumulate)
{
    const struct square *const s = &squares[kind];
    const size_t missing = s->out + 1;
    const float *in[36];
    float *out[36];
    double *expected[36];
    double error = 0, norm = 0;

    for (size_t i = 0; i < s->in * s->in; i++)
        in[i] = kit_normal(kit, channels, 200 + i);
    for (size_t i = 0; i < s->out * s->out; i++) {
        out[i] = i == missing ? NULL : kit_normal(kit, channels, 300 + i);
        expected[i] = kit_host(kit, channels, sizeof(double));
        for (size_t c = 0; c < channels && out[i] != NULL; c++)
            expected[i][c] = transformed(s, in, i / s->out, i % s->out, c) +
                             (accumulate ? out[i][c] : 0);
    }
    kernels->transform[kind](&(struct ic_transform){
        .out = out, .in = in, .channels = channels, .accumulate = accumulate});
    for (size_t i = 0; i < s->out * s->out; i++) {
        for (size_t c = 0; c < channels && out[i] != NULL; c++) {
            const double e = expected[i][c], d = out[i][c] - e;

            error += d * d;
            norm += e * e;
        }
    }
    if (!(error <= 1e-12 * norm))
        CHECK_FAIL("%s: transform %d of %zu channels is off by %g", kernels->name,
                   (int)kind, channels, sqrt(error / norm));
}

static void test_transforms(struct kit *kit, const struct ic_kernels *kernels)
{
    static const size_t channels[] = {1, 3, 4, 5, 8, 15, 16, 17, 33, 64};

    for (int kind = 0; kind < IC_TRANSFORMS; kind++)
        for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
            for (int accumulate = 0; accumulate < 2; accumulate++)
                test_transform(kit, kernels, (enum ic_transform_kind)kind, channels[i],
                               accumulate);
}

static void test_kernels(struct kit *kit, void *data)
{
    const struct ic_kernels *const kernels = ic_kernels_get(*(int *)data);
    static const size_t lengths[] = {0, 1, 2, 7, MOST_RUN};
    static const size_t columns[] = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32};

    for (size_t rows = 1; rows <= IC_DOT_ROWS; rows++) {
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            test_dot(kit, kernels, rows, columns[c], 2, 7, rows % 2 == 0);
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            for (size_t runs = 0; runs <= RUNS; runs++)
                test_dot(kit, kernels, rows, IC_PANEL, runs, lengths[n], runs % 2 == 0);
    }
    test_transforms(kit, kernels);
    for (size_t rows = 1; rows <= IC_OUTER_ROWS; rows++)
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            for (int accumulate = 0; accumulate < 2; accumulate++)
                test_outer(kit, kernels, rows, lengths[n], accumulate);
}

/* Each sum of x = x / 2 + 1 tends to 2, so half the total is the number of sums per
 * round. */
static void test_multiply_add(const struct ic_kernels *kernels)
{
    enum { ROUNDS = 100 };
    float sum = 0;
    const size_t count = kernels->multiply_add(&sum, ROUNDS);

    if (count == 0 || count % ROUNDS != 0 || sum != 2.0f * (float)(count / ROUNDS))
        CHECK_FAIL("%s: %zu multiply-adds give %g", kernels->name, count, sum);
}

int main(void)
{
    int count = 0;

    for (; ic_kernels_get(count) != NULL; count++)
        kit_run(1, test_kernels, &count);
    for (int i = 0; i < count; i++)
        test_multiply_add(ic_kernels_get(i));
    CHECK(count > 0);
    return check_result() | kit_result();
}
