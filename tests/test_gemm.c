/* SPDX-License-Identifier: MIT */
/*
 * Matrix products of every layout, small ones and ones that BLAS computes, around the
 * sizes of the small ones' blocks: exact on whole numbers, written and added, against
 * loops in double; nothing outside the result is written. Values that are not finite
 * stay in the rows and columns that they belong to.
 */
#include <math.h>

#include "backend/cpu/gemm.h"
#include "backend/cpu/gemm_small.h"
#include "check.h"
#include "kit.h"

struct size {
    size_t m, n, k;
};

/* Blocks have 4 rows, 32 columns and a depth of 64; the last three are the largest
 * small product, and two that are BLAS's. */
static const struct size sizes[] = {
    {1, 1, 1},     {1, 1, 0},       {3, 2, 1},       {4, 32, 64},
    {5, 33, 65},   {3, 31, 63},     {64, 37, 50},    {2, 70, 200},
    {130, 5, 129}, {1, 100, 512},   {8, 64, 17},     {40, 1, 300},
    {9, 96, 128},  {100, 100, 100}, {100, 101, 100}, {150, 120, 70},
};

enum { SIZES = sizeof sizes / sizeof *sizes, WIDER = 3 };

/* The matrix of `rows` x `columns` that lies in `data`, with rows wider by `wider`. */
static struct ic_matrix layout(const float *data, size_t rows, size_t columns,
                               bool transposed, size_t wider)
{
    return (struct ic_matrix){data, (transposed ? rows : columns) + wider, transposed};
}

static float element(struct ic_matrix m, size_t i, size_t j)
{
    return m.transposed ? m.data[j * m.stride + i] : m.data[i * m.stride + j];
}

static void test_size(struct kit *kit, const struct size *s, bool a_transposed,
                      bool b_transposed, bool accumulate)
{
    const size_t stride = s->n + WIDER, count = (s->m + 1) * stride;
    const size_t most =
        (s->m + WIDER) * (s->k + WIDER) + (s->k + WIDER) * (s->n + WIDER);
    const struct ic_matrix a =
        layout(kit_whole(kit, most, 4, 1), s->m, s->k, a_transposed, WIDER);
    const struct ic_matrix b =
        layout(kit_whole(kit, most, 4, 2), s->k, s->n, b_transposed, 1);
    float *const found = kit_whole(kit, count, 9, 3);
    double *const expected = kit_host(kit, count, sizeof *expected);

    for (size_t i = 0; i < count; i++)
        expected[i] = found[i];
    for (size_t i = 0; i < s->m; i++) {
        for (size_t j = 0; j < s->n; j++) {
            double *const e = expected + i * stride + j;

            *e = accumulate ? *e : 0;
            for (size_t p = 0; p < s->k; p++)
                *e += (double)element(a, i, p) * element(b, p, j);
        }
    }
    ic_gemm(found, stride, a, b, s->m, s->n, s->k, accumulate);
    if (!kit_equal(found, expected, count))
        CHECK_FAIL("%zu x %zu x %zu%s%s%s", s->m, s->n, s->k,
                   a_transposed ? ", a transposed" : "",
                   b_transposed ? ", b transposed" : "", accumulate ? ", added" : "");
}

static void test_sizes(struct kit *kit, void *data)
{
    for (size_t i = 0; i < SIZES; i++)
        for (int kind = 0; kind < 8; kind++)
            test_size(kit, &sizes[i], kind & 1, kind & 2, kind & 4);
}

/* A NaN in row 5 of a and an infinity in column 34 of b. */
static void test_special(struct kit *kit, void *data)
{
    enum { M = 7, N = 37, K = 70 };
    float *const a = kit_whole(kit, M * K, 4, 1), *const b =
                                                      kit_whole(kit, K * N, 4, 2);
    float *const c = kit_host(kit, M * N, sizeof *c);

    for (size_t i = 0; i < M * K; i++)
        a[i] += 5; /* nowhere 0, which times infinity is NaN */
    a[5 * K + 66] = NAN;
    b[3 * N + 34] = INFINITY;
    for (size_t i = 0; i < M * N; i++)
        c[i] = NAN; /* is overwritten */
    ic_gemm_small(c, N, (struct ic_matrix){a, K, false},
                  (struct ic_matrix){b, N, false}, M, N, K, false);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            if (i == 5    ? !isnan(c[i * N + j])
                : j == 34 ? !isinf(c[i * N + j])
                          : !isfinite(c[i * N + j]))
                CHECK_FAIL("row %zu, column %zu is %g", i, j, (double)c[i * N + j]);
}

/* Without accumulation nothing of c is read, and with k = 0 the result is 0. */
static void test_overwrites(struct kit *kit, void *data)
{
    float c[2] = {NAN, NAN};

    ic_gemm(c, 2, (struct ic_matrix){NULL, 1, false},
            (struct ic_matrix){NULL, 2, false}, 1, 2, 0, false);
    CHECK(c[0] == 0 && c[1] == 0);
}

int main(void)
{
    ic_gemm_set_up();
    kit_run(1, test_sizes, NULL);
    kit_run(1, test_special, NULL);
    kit_run(1, test_overwrites, NULL);
    return check_result() | kit_result();
}
