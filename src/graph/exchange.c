/* SPDX-License-Identifier: MIT */
/*
 * Adds up the gradients of several ranks. See exchange.h.
 */
#include "graph/exchange.h"

#include <assert.h>
#include <stdlib.h>

/* In floats: the largest chunk, a fourth of a second-level cache; all chunks that come
 * in for a round; the smallest chunk, below which messages cost more than bytes. */
enum { CHUNK = 1 << 16, RECEIVED = 1 << 20, CHUNK_LEAST = 1 << 12 };

/* Rounds that are on their way at a time: while one is waited for and added up, the
 * network carries the others. */
enum { ROUNDS = 3 };
_Static_assert((int)ROUNDS < (int)IC_COMM_LISTS, "and one that is being named");

/* Slices begin at multiples of UNIT floats: 256 bytes, as the blocks do. */
enum { UNIT = 64 };

/* --- sums, slices, chunks --------------------------------------------------------- */

/* Gives the sums that a rank holds when its stretch is done; returns their number. */
static int sums_of(int leaves, int rank, int size,
                   struct ic_exchange_sum sums[IC_TREE_NODES])
{
    const struct ic_stretch stretch = ic_stretch_of((size_t)leaves, rank, size);
    struct ic_tree tree = ic_tree_begin((int)stretch.first, leaves);
    int block;

    while ((size_t)tree.next < stretch.end) {
        ic_tree_add_leaf(&tree);
        while (ic_tree_join(&tree, &block))
            continue;
    }
    for (int i = 0; i < tree.count; i++)
        sums[i] = (struct ic_exchange_sum){tree.nodes[i], rank, i};
    return tree.count;
}

/* The slice that a rank owns. */
static struct ic_stretch slice_of(size_t floats, int rank, int size)
{
    return ic_stretch_of_batches(floats, UNIT, rank, size);
}

/* Floats of the longest slice. */
static size_t longest_slice(size_t floats, int size)
{
    const size_t units = (floats + UNIT - 1) / UNIT;

    return (units + (size_t)size - 1) / (size_t)size * UNIT;
}

/* Floats of a chunk where the other ranks hold `foreign` sums. */
static size_t chunk_of(size_t floats, int foreign, int size)
{
    size_t chunk = RECEIVED / (size_t)(foreign > 0 ? foreign : 1);

    chunk = chunk > CHUNK ? CHUNK : chunk < CHUNK_LEAST ? CHUNK_LEAST : chunk;
    return chunk < longest_slice(floats, size) ? chunk : longest_slice(floats, size);
}

static int count_sums(int leaves, int size, int but_rank)
{
    struct ic_exchange_sum sums[IC_TREE_NODES];
    int count = 0;

    for (int rank = 0; rank < size; rank++)
        if (rank != but_rank)
            count += sums_of(leaves, rank, size, sums);
    return count;
}

size_t ic_exchange_bytes(int leaves, size_t floats, int rank, int size)
{
    const int foreign = count_sums(leaves, size, rank);

    return size > 1 ? ROUNDS * (size_t)foreign * chunk_of(floats, foreign, size) *
                          sizeof(float)
                    : 0;
}

ic_status ic_exchange_open(struct ic_exchange *exchange, struct ic_comm *comm,
                           int leaves, size_t floats, ic_exchange_add *add,
                           void *context, struct ic_error *error)
{
    const int rank = ic_comm_rank(comm), size = ic_comm_size(comm);
    const int foreign = count_sums(leaves, size, rank);
    const size_t count = (size_t)count_sums(leaves, size, -1);

    assert(leaves >= size);
    *exchange = (struct ic_exchange){.comm = comm,
                                     .leaves = leaves,
                                     .foreign_count = foreign,
                                     .floats = floats,
                                     .chunk = chunk_of(floats, foreign, size),
                                     .add = add,
                                     .context = context};
    exchange->sums = calloc(count + IC_TREE_NODES, sizeof *exchange->sums);
    exchange->received =
        malloc(ic_exchange_bytes(leaves, floats, rank, size) + sizeof(float));
    if (exchange->sums == NULL || exchange->received == NULL) {
        ic_exchange_close(exchange);
        return ic_fail_memory(error, "the exchange of gradients",
                              ic_exchange_bytes(leaves, floats, rank, size));
    }
    for (int r = 0; r < size; r++)
        exchange->sum_count +=
            sums_of(leaves, r, size, exchange->sums + exchange->sum_count);
    return IC_OK;
}

void ic_exchange_close(struct ic_exchange *exchange)
{
    free(exchange->sums);
    free(exchange->received);
    *exchange = (struct ic_exchange){0};
}

/* --- a round ---------------------------------------------------------------------- */

/* The floats of chunk `number` in the slice of a rank; none past its end. */
static struct ic_stretch chunk_in(const struct ic_exchange *exchange, int owner,
                                  size_t number)
{
    const int size = ic_comm_size(exchange->comm);
    const struct ic_stretch slice = slice_of(exchange->floats, owner, size);
    size_t first = slice.first + number * exchange->chunk;
    size_t end = first + exchange->chunk;

    if (end > slice.end)
        end = slice.end;
    if (first > end)
        first = end;
    return (struct ic_stretch){first, end};
}

static size_t bytes_of(struct ic_stretch chunk)
{
    return (chunk.end - chunk.first) * sizeof(float);
}

/* The memory that the chunks of a round come into. */
static float *room_of(const struct ic_exchange *exchange, size_t round)
{
    return exchange->received +
           round % ROUNDS * (size_t)exchange->foreign_count * exchange->chunk;
}

/* Sends this rank's sums of a chunk to the owners of the slices, and receives the
 * others' sums of its own slice. */
static void pass_sums(const struct ic_exchange *exchange, size_t round,
                      const float *blocks, size_t stride)
{
    const int rank = ic_comm_rank(exchange->comm), size = ic_comm_size(exchange->comm);
    const struct ic_stretch mine = chunk_in(exchange, rank, round);
    float *room = room_of(exchange, round);

    for (int i = 0; i < exchange->sum_count; i++) {
        const struct ic_exchange_sum *sum = &exchange->sums[i];

        if (sum->rank != rank) {
            ic_comm_receive(exchange->comm, sum->rank, room, bytes_of(mine));
            room += exchange->chunk;
            continue;
        }
        for (int k = 1; k < size; k++) {
            const int to = (rank + k) % size;
            const struct ic_stretch chunk = chunk_in(exchange, to, round);

            ic_comm_send(exchange->comm, to,
                         blocks + (size_t)sum->block * stride + chunk.first,
                         bytes_of(chunk));
        }
    }
}

/* Sends this rank's finished chunk to all others, and receives theirs. */
static void pass_results(const struct ic_exchange *exchange, size_t number,
                         float *result)
{
    const int rank = ic_comm_rank(exchange->comm), size = ic_comm_size(exchange->comm);
    const struct ic_stretch mine = chunk_in(exchange, rank, number);

    for (int k = 1; k < size; k++) {
        const int to = (rank + k) % size, from = (rank + size - k) % size;
        const struct ic_stretch chunk = chunk_in(exchange, from, number);

        ic_comm_send(exchange->comm, to, result + mine.first, bytes_of(mine));
        ic_comm_receive(exchange->comm, from, result + chunk.first, bytes_of(chunk));
    }
}

/* Adds up all ranks' sums of a chunk along the tree, into this rank's first block. */
static void add_up(const struct ic_exchange *exchange, size_t round, float *blocks,
                   size_t stride)
{
    const int rank = ic_comm_rank(exchange->comm);
    const struct ic_stretch mine = chunk_in(exchange, rank, round);
    float *const home = blocks + mine.first, *room = room_of(exchange, round);
    struct ic_tree tree = ic_tree_begin(0, exchange->leaves);
    float *at[IC_TREE_NODES];
    int block;

    for (int i = 0; i < exchange->sum_count && mine.end > mine.first; i++) {
        const struct ic_exchange_sum *sum = &exchange->sums[i];
        const int place = ic_tree_add_sum(&tree, sum->node);

        if (sum->rank == rank) {
            at[place] = home + (size_t)sum->block * stride;
        } else {
            at[place] = room;
            room += exchange->chunk;
        }
        while (ic_tree_join(&tree, &block)) {
            float *left = at[block], *right = at[block + 1];

            at[block] = right == home ? right : left;
            exchange->add(exchange->context, at[block], right == home ? left : right,
                          mine.end - mine.first);
        }
    }
    assert(mine.end == mine.first || (tree.count == 1 && at[0] == home));
}

/* In round r the sums of chunk r travel, and the results of the chunk that was added up
 * when the round began. */
ic_status ic_exchange_step(struct ic_exchange *exchange, float *blocks, size_t stride,
                           size_t floats, struct ic_error *error)
{
    const int size = ic_comm_size(exchange->comm);
    const size_t longest = longest_slice(floats, size);
    const size_t chunks = (longest + exchange->chunk - 1) / exchange->chunk;
    ic_status status = IC_OK;

    assert(floats <= stride);
    exchange->floats = floats;
    if (size == 1)
        return IC_OK;
    for (size_t round = 0; round < chunks + 2 * ROUNDS && status == IC_OK; round++) {
        if (round >= ROUNDS) {
            status = ic_comm_finish(exchange->comm, error);
            if (status == IC_OK && round - ROUNDS < chunks) {
                add_up(exchange, round - ROUNDS, blocks, stride);
                pass_results(exchange, round - ROUNDS, blocks);
            }
        }
        if (round < chunks)
            pass_sums(exchange, round, blocks, stride);
        if (status == IC_OK && round < chunks + ROUNDS)
            ic_comm_start(exchange->comm);
    }
    return status;
}
