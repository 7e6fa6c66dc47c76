/* SPDX-License-Identifier: MIT */
/*
 * ic_layout: no two buffers with overlapping lifetimes overlap in memory, the block is
 * no smaller than the peak and no larger than the sum, and known cases share as they
 * should.
 */
#include "base/random.h"
#include "base/size.h"
#include "check.h"
#include "graph/layout.h"

static struct ic_error error;

static int overlap(size_t a, size_t a_size, size_t b, size_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

/* Checks the property pair by pair, and the two bounds on the block. */
static void check_layout(const struct ic_buffer *buffers, size_t count, size_t bytes)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const struct ic_buffer *a = &buffers[i];

        sum += ic_size_align(a->size, IC_ALIGNMENT);
        CHECK(a->offset % IC_ALIGNMENT == 0);
        CHECK(a->offset + a->size <= bytes);
        for (size_t j = 0; j < i; j++) {
            const struct ic_buffer *b = &buffers[j];
            const int together = a->first <= b->last && b->first <= a->last;

            if (together && overlap(a->offset, a->size, b->offset, b->size))
                CHECK_FAIL("buffers %zu and %zu overlap", i, j);
        }
    }
    CHECK(bytes <= sum);
    for (int step = 0; step < 64; step++) {
        size_t alive = 0;

        for (size_t i = 0; i < count; i++)
            if (buffers[i].first <= step && step <= buffers[i].last)
                alive += buffers[i].size;
        CHECK(bytes >= alive);
    }
}

static void test_chain_takes_two_places(void)
{
    /* a is read while b is written, b while c is written: a and c share. */
    struct ic_buffer chain[] = {{1024, 0, 1, 9}, {1024, 1, 2, 9}, {1024, 2, 3, 9}};
    size_t bytes;

    CHECK_OK(ic_layout(chain, 3, &bytes, &error));
    check_layout(chain, 3, bytes);
    CHECK_INT(bytes, 2048);
    CHECK_INT(chain[0].offset, chain[2].offset);
}

static void test_gap_between_two_is_used(void)
{
    /* The small buffers fit below one another where the large one is dead. */
    struct ic_buffer buffers[] = {
        {4096, 0, 3, 9}, {4096, 4, 7, 9}, {256, 0, 7, 9}, {512, 8, 9, 9}};
    size_t bytes;

    CHECK_OK(ic_layout(buffers, 4, &bytes, &error));
    check_layout(buffers, 4, bytes);
    CHECK_INT(bytes, 4096 + 256);
}

/* The largest comes first: the two small ones then fit beside and below it. */
static void test_largest_first(void)
{
    struct ic_buffer buffers[] = {{256, 0, 1, 9}, {256, 1, 2, 9}, {512, 2, 3, 9}};
    size_t bytes;

    CHECK_OK(ic_layout(buffers, 3, &bytes, &error));
    check_layout(buffers, 3, bytes);
    CHECK_INT(bytes, 256 + 512);
}

static void test_nothing(void)
{
    struct ic_buffer empty = {0, 0, 0, 9};
    size_t bytes = 1;

    CHECK_OK(ic_layout(NULL, 0, &bytes, &error));
    CHECK_INT(bytes, 0);
    CHECK_OK(ic_layout(&empty, 1, &bytes, &error));
    CHECK_INT(bytes, 0);
}

static void test_sizes_that_overflow(void)
{
    struct ic_buffer huge[] = {{SIZE_MAX - 8, 0, 1, 0}, {16, 0, 1, 0}};
    struct ic_buffer many[] = {
        {SIZE_MAX / 2, 0, 1, 0}, {SIZE_MAX / 2, 0, 1, 0}, {SIZE_MAX / 2, 0, 1, 0}};
    size_t bytes;

    CHECK_FAILS(ic_layout(huge, 2, &bytes, &error), IC_ERR_LIMIT, "larger than any");
    CHECK_FAILS(ic_layout(many, 3, &bytes, &error), IC_ERR_LIMIT, "larger than any");
}

static void test_random_lives(void)
{
    for (uint32_t round = 0; round < 200; round++) {
        struct ic_buffer buffers[60];
        struct ic_random random;
        const size_t count = 1 + round % 60;
        size_t bytes;

        ic_random_init(&random, 1, IC_RANDOM_BENCH, 0, round);
        for (size_t i = 0; i < count; i++) {
            buffers[i].size = ic_random_below(&random, 5000);
            buffers[i].first = (int)ic_random_below(&random, 60);
            buffers[i].last = buffers[i].first + (int)ic_random_below(&random, 20);
        }
        CHECK_OK(ic_layout(buffers, count, &bytes, &error));
        check_layout(buffers, count, bytes);
    }
}

int main(void)
{
    test_chain_takes_two_places();
    test_gap_between_two_is_used();
    test_largest_first();
    test_nothing();
    test_sizes_that_overflow();
    test_random_lives();
    return check_result();
}
