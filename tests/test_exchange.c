/* SPDX-License-Identifier: MIT */
/*
 * The sum of gradients over ranks. For any number of leaves, ranks and floats it has
 * the bits of the tree as its definition says, written as a recursion over all leaves.
 */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "graph/exchange.h"

/* The gradient of leaf `leaf` at element i. Magnitudes vary, so that another order of
 * adding shows in the last bits. */
static float leaf_at(int leaf, size_t i)
{
    const uint32_t x = ((uint32_t)i * 2654435761u ^ (uint32_t)leaf * 2246822519u) >> 3;

    return ldexpf((float)(x % 65536) / 65536.0f - 0.5f, (int)(x >> 16) % 20 - 10);
}

/* The tree over the leaves from `first` on, where a full tree has `span` leaves. */
static float define(int first, int leaves, int span, size_t i)
{
    if (span == 1)
        return leaf_at(first, i);
    if (first + span / 2 >= leaves)
        return define(first, leaves, span / 2, i);
    return define(first, leaves, span / 2, i) +
           define(first + span / 2, leaves, span / 2, i);
}

static void add(void *context, float *sum, const float *x, size_t count)
{
    int *calls = context;

    (*calls)++;
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

/* The blocks of this rank, as a training would have added them up. */
static void compute_stretch(float *blocks, size_t stride, size_t floats, int leaves,
                            struct ic_stretch own)
{
    struct ic_tree tree = ic_tree_begin((int)own.first, leaves);

    while ((size_t)tree.next < own.end) {
        const int leaf = tree.next;
        float *to = blocks + (size_t)ic_tree_add_leaf(&tree) * stride;
        int block;

        for (size_t i = 0; i < floats; i++)
            to[i] = leaf_at(leaf, i);
        while (ic_tree_join(&tree, &block))
            for (size_t i = 0; i < floats; i++)
                blocks[(size_t)block * stride + i] +=
                    blocks[(size_t)(block + 1) * stride + i];
    }
}

static void check_exchange(struct ic_comm *comm, int leaves, size_t floats)
{
    const int rank = ic_comm_rank(comm), size = ic_comm_size(comm);
    const struct ic_stretch own = ic_stretch_of((size_t)leaves, rank, size);
    const int blocks = ic_tree_blocks((int)own.first, (int)own.end, leaves);
    const size_t stride = floats + 5;
    float *values = malloc((size_t)blocks * stride * sizeof *values);
    struct ic_exchange exchange;
    struct ic_error error;
    int calls = 0, span = 1;
    size_t wrong = 0;

    while (span < leaves)
        span *= 2;
    CHECK(ic_exchange_open(&exchange, comm, leaves, floats, add, &calls, &error) ==
          IC_OK);
    for (int step = 0; step < 2; step++) {
        const size_t some = step == 0 ? floats : (floats + 1) / 2;

        compute_stretch(values, stride, floats, leaves, own);
        CHECK(ic_exchange_step(&exchange, values, stride, some, &error) == IC_OK);
        for (size_t i = 0; i < some; i++) {
            const float expected = define(0, leaves, span, i);

            wrong += memcmp(&values[i], &expected, sizeof expected) != 0;
        }
    }
    if (wrong > 0)
        CHECK_FAIL("%d ranks, %d leaves, %zu floats: %zu are wrong", size, leaves,
                   floats, wrong);
    CHECK(size > 1 || calls == 0);
    ic_exchange_close(&exchange);
    free(values);
}

/* Runs in each of the ranks, which are processes that this one forks. */
static void run_ranks(int ranks)
{
    const struct ic_comm_options options = {"local", ranks, 60};
    struct ic_comm *comm;
    struct ic_error error;

    if (ic_comm_open(ranks > 1 ? &options : &(struct ic_comm_options){"none", 1, 60},
                     &comm, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        _exit(99);
    }
    for (int leaves = ranks; leaves <= 11; leaves++) {
        check_exchange(comm, leaves, 1);
        check_exchange(comm, leaves, 1000);
    }
    check_exchange(comm, 2 * ranks + 1, 64 * (size_t)ranks);
    check_exchange(comm, ranks, 300001); /* chunks of which the last is short */
    CHECK(ic_comm_sum(comm, &check_failures, &error) == IC_OK);
    ic_comm_close(comm, 99);
    _exit(check_failures > 0);
}

/* The memory of incoming gradients: at 2 ranks far less than a gradient, and bounded.
 */
static void check_bytes(void)
{
    const size_t floats = 21797672;

    CHECK_INT(ic_exchange_bytes(1, floats, 0, 1), 0);
    CHECK(ic_exchange_bytes(2, floats, 0, 2) <= floats * sizeof(float) / 8);
    CHECK(ic_exchange_bytes(256, floats, 0, 256) <= (size_t)20 << 20);
    CHECK(ic_exchange_bytes(2, 10, 1, 2) <= 1024);
}

int main(void)
{
    check_bytes();
    for (int ranks = 1; ranks <= 6; ranks++) {
        const pid_t pid = fork();
        int status = 0;

        if (pid == 0)
            run_ranks(ranks);
        waitpid(pid, &status, 0);
        CHECK_INT(status, 0);
    }
    return check_result();
}
