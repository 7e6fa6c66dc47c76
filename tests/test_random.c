/* SPDX-License-Identifier: MIT */
/*
 * The random numbers: the known answers of Philox's authors, independent streams, and
 * statistics with bounds that a correct generator misses about once in a million seeds
 * (the seeds are fixed, so the result is always the same).
 */
#include "base/random.h"

#include "base/philox.h"

#include <stdbool.h>
#include <stdint.h>

#include "check.h"

/* The known-answer file "kat_vectors" of the Random123 library, philox4x32 10. */
static void test_known_answers(void)
{
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t out[4];

        ic_philox4x32(out, cases[i].counter, cases[i].key);
        for (int j = 0; j < 4; j++)
            CHECK_INT(out[j], cases[i].expected[j]);
    }
}

/* A stream is the sequence of blocks whose counter starts (0, index, epoch, use). The
 * layout is part of every result: it must not change. */
static void test_stream_layout(void)
{
    const uint32_t key[2] = {0x89abcdef, 0x01234567};
    struct ic_random random;

    ic_random_init(&random, 0x0123456789abcdef, IC_RANDOM_AUGMENT, 5, 77);
    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t counter[4] = {block, 77, 5, IC_RANDOM_AUGMENT};
        uint32_t expected[4];

        ic_philox4x32(expected, counter, key);
        for (int j = 0; j < 4; j++)
            CHECK_INT(ic_random_u32(&random), expected[j]);
    }
}

/* Streams that differ in one of seed (either half), use, epoch or index share no block.
 */
static void test_streams_differ(void)
{
    static const struct {
        uint64_t seed;
        enum ic_random_use use;
        uint32_t epoch, index;
    } cases[] = {
        {42, IC_RANDOM_INIT, 0, 0},
        {43, IC_RANDOM_INIT, 0, 0},
        {42 + (UINT64_C(1) << 32), IC_RANDOM_INIT, 0, 0},
        {42, IC_RANDOM_SPLIT, 0, 0},
        {42, IC_RANDOM_INIT, 1, 0},
        {42, IC_RANDOM_INIT, 0, 1},
    };
    enum { STREAMS = sizeof cases / sizeof cases[0], NUMBERS = 64 };
    uint32_t numbers[STREAMS][NUMBERS];

    for (int i = 0; i < STREAMS; i++) {
        struct ic_random random;

        ic_random_init(&random, cases[i].seed, cases[i].use, cases[i].epoch,
                       cases[i].index);
        for (int k = 0; k < NUMBERS; k++)
            numbers[i][k] = ic_random_u32(&random);
    }
    for (int i = 0; i < STREAMS; i++)
        for (int j = 0; j < i; j++)
            for (int k = 0; k < NUMBERS; k++)
                for (int l = 0; l < NUMBERS; l++)
                    CHECK(numbers[i][k] != numbers[j][l]);
}

/* Opening a stream again gives the same numbers: no state is hidden. */
static void test_repeatable(void)
{
    struct ic_random a, b;

    ic_random_init(&a, 7, IC_RANDOM_TOY, 1, 2);
    ic_random_u32(&a);
    ic_random_init(&a, 7, IC_RANDOM_TOY, 1, 2);
    ic_random_init(&b, 7, IC_RANDOM_TOY, 1, 2);
    for (int i = 0; i < 100; i++)
        CHECK_INT(ic_random_u32(&a), ic_random_u32(&b));
}

/* Pearson's statistic for `bins` counts that should be equal. */
static double chi_square(const unsigned *counts, int bins, double total)
{
    const double expected = total / bins;
    double sum = 0;

    for (int i = 0; i < bins; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

/* Within five standard deviations of the mean of a chi-square distribution. */
static void check_chi_square(const unsigned *counts, int bins, double total)
{
    const double freedom = bins - 1;

    CHECK_NEAR(chi_square(counts, bins, total), freedom, 5 * sqrt(2 * freedom));
}

static void test_uniform(void)
{
    enum { BINS = 64, NUMBERS = 200000 };
    unsigned counts[BINS] = {0}, pairs[BINS] = {0};
    double sum = 0, previous = 0;
    struct ic_random random;

    ic_random_init(&random, 1, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < NUMBERS; i++) {
        const double u = ic_random_uniform(&random);

        if (!(u >= 0 && u < 1) || u * 0x1p32 != floor(u * 0x1p32))
            CHECK_FAIL("%.17g is no multiple of 2^-32 in [0, 1)", u);
        counts[(int)(u * BINS)]++;
        pairs[8 * (int)(previous * 8) + (int)(u * 8)]++;
        previous = u;
        sum += u;
    }
    CHECK_NEAR(sum / NUMBERS, 0.5, 5 * sqrt(1.0 / 12 / NUMBERS));
    check_chi_square(counts, BINS, NUMBERS);
    check_chi_square(pairs, BINS, NUMBERS);
}

/* Near 2^32 * 2 / 3 the plain method "scale and cut" would give some results twice as
 * often as others: half of the draws would fall into a third of the range. */
static void test_below(void)
{
    static const uint32_t ranges[] = {1, 2, 3, 7, 37, 1000, 0x80000001u, 0xffffffffu};
    const uint32_t wide = 0xaaaaaaabu;
    unsigned residues[3] = {0}, sevenths[7] = {0}, odd[2] = {0};
    struct ic_random random;

    ic_random_init(&random, 2, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (int k = 0; k < 1000; k++)
            CHECK(ic_random_below(&random, ranges[i]) < ranges[i]);
    for (int k = 0; k < 70000; k++) {
        residues[ic_random_below(&random, wide) % 3]++;
        odd[ic_random_below(&random, wide) % 2]++; /* 2 : 1 where none is rejected */
        sevenths[ic_random_below(&random, 7)]++;
    }
    check_chi_square(residues, 3, 70000);
    check_chi_square(odd, 2, 70000);
    check_chi_square(sevenths, 7, 70000);
}

static void test_normal(void)
{
    enum { NUMBERS = 200000 };
    double sum = 0, squares = 0, fourths = 0;
    int beyond_two = 0;
    struct ic_random random;

    ic_random_init(&random, 3, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < NUMBERS; i++) {
        const double x = ic_random_normal(&random);

        CHECK(isfinite(x));
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
        beyond_two += fabs(x) > 2;
    }
    CHECK_NEAR(sum / NUMBERS, 0, 5 / sqrt(NUMBERS));
    CHECK_NEAR(squares / NUMBERS, 1, 5 * sqrt(2.0 / NUMBERS));
    CHECK_NEAR(fourths / NUMBERS, 3, 5 * sqrt(96.0 / NUMBERS));
    CHECK_NEAR((double)beyond_two / NUMBERS, 0.0455003, 5 * sqrt(0.0455 / NUMBERS));
}

/* A normal number uses two uniform ones, so that a stream can be followed by hand. */
static void test_normal_formula(void)
{
    struct ic_random random, again;

    ic_random_init(&random, 4, IC_RANDOM_INIT, 0, 9);
    ic_random_init(&again, 4, IC_RANDOM_INIT, 0, 9);
    for (int i = 0; i < 9; i++) {
        const double u = ic_random_uniform(&again), v = ic_random_uniform(&again);

        CHECK_NEAR(ic_random_normal(&random),
                   sqrt(-2 * log(1 - u)) * cos(8 * atan(1) * v), 1e-14);
    }
}

/* Divides [0, 1] into `bins` (an even number) intervals that are equally probable under
 * Beta(a, a): up to 1/2 by the midpoint rule, from there mirrored. With x = sin(t)^2
 * the density is sin(t)^(2a-1) cos(t)^(2a-1), which is infinite at 0 for a < 1/2; t =
 * pi/4 s^power flattens that. */
static void beta_edges(double *edges, int bins, double a)
{
    enum { STEPS = 200000 };
    const double quarter = atan(1), power = 1 / fmin(2 * a, 1);
    double all = 0, below = 0;
    int edge = 1;

    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < STEPS; i++) {
            const double s = (i + 0.5) / STEPS, t = quarter * pow(s, power);
            const double part = pow(sin(t) * cos(t), 2 * a - 1) * pow(s, power - 1);

            if (pass == 0) {
                all += part;
                continue;
            }
            below += part;
            if (edge <= bins / 2 && below >= all * 2 * edge / bins * (1 - 1e-12)) {
                edges[edge] = pow(sin(t), 2);
                edges[bins - edge] = 1 - edges[edge];
                edge++;
            }
        }
    }
    CHECK_INT(edge, bins / 2 + 1);
}

/* Equal counts in equally probable intervals; the mean 1/2, the variance 1 / (8 a + 4).
 */
static void test_beta(void)
{
    enum { BINS = 16, NUMBERS = 40000 };
    static const double shapes[] = {0.15, 0.2, 0.4, 0.5, 1, 2.5, 30};
    struct ic_random random;

    for (uint32_t k = 0; k < sizeof shapes / sizeof shapes[0]; k++) {
        const double a = shapes[k], variance = 1 / (8 * a + 4);
        unsigned counts[BINS] = {0};
        double edges[BINS], sum = 0, squares = 0;

        beta_edges(edges, BINS, a);
        ic_random_init(&random, 8, IC_RANDOM_BENCH, 0, k);
        for (int i = 0; i < NUMBERS; i++) {
            const double x = ic_random_beta(&random, a);
            int bin = 0;

            if (!(x >= 0 && x <= 1))
                CHECK_FAIL("Beta(%g) gave %.17g", a, x);
            while (bin + 1 < BINS && x >= edges[bin + 1])
                bin++;
            counts[bin]++;
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }
        check_chi_square(counts, BINS, NUMBERS);
        CHECK_NEAR(sum / NUMBERS, 0.5, 5 * sqrt(variance / NUMBERS));
        CHECK_NEAR(squares / NUMBERS / variance, 1, 5 * sqrt(2.0 / NUMBERS));
    }
}

/* Shapes at the limits of what can be computed give numbers, not NaN. */
static void test_beta_extremes(void)
{
    static const double shapes[] = {1e-300, 1e-9, 1e9, 1e300};
    struct ic_random random;

    for (uint32_t k = 0; k < 4; k++) {
        ic_random_init(&random, 9, IC_RANDOM_BENCH, 0, k);
        for (int i = 0; i < 1000; i++) {
            const double x = ic_random_beta(&random, shapes[k]);

            if (k < 2)
                CHECK(x == 0 || x == 1);
            else
                CHECK_NEAR(x, 0.5, 1e-3);
        }
    }
}

static void test_permutation(void)
{
    enum { MOST = 1000 };
    static const uint32_t counts[] = {0, 1, 2, 3, 10, 255, MOST};
    uint32_t order[MOST + 1];
    struct ic_random random;

    ic_random_init(&random, 5, IC_RANDOM_SHUFFLE, 0, 0);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        bool seen[MOST] = {false};

        order[counts[i]] = 12345;
        ic_random_permutation(&random, order, counts[i]);
        for (uint32_t k = 0; k < counts[i]; k++) {
            CHECK(order[k] < counts[i] && !seen[order[k]]);
            seen[order[k] % MOST] = true;
        }
        CHECK_INT(order[counts[i]], 12345);
    }
}

/* All 24 orders of four elements occur equally often. */
static void test_permutation_uniform(void)
{
    enum { ORDERS = 24, TIMES = 24000 };
    unsigned counts[256] = {0}, found[ORDERS];
    int orders = 0;
    struct ic_random random;

    ic_random_init(&random, 6, IC_RANDOM_SHUFFLE, 0, 0);
    for (int i = 0; i < TIMES; i++) {
        uint32_t order[4];

        ic_random_permutation(&random, order, 4);
        counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    for (int code = 0; code < 256; code++)
        if (counts[code] > 0 && orders < ORDERS)
            found[orders++] = counts[code];
    CHECK_INT(orders, ORDERS);
    if (orders == ORDERS)
        check_chi_square(found, ORDERS, TIMES);
}

int main(void)
{
    test_known_answers();
    test_stream_layout();
    test_streams_differ();
    test_repeatable();
    test_uniform();
    test_below();
    test_normal();
    test_normal_formula();
    test_beta();
    test_beta_extremes();
    test_permutation();
    test_permutation_uniform();
    return check_result();
}
