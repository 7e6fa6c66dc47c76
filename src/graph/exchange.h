/* SPDX-License-Identifier: MIT */
/*
 * Adds up the gradients of a step whose micro-batches several ranks computed.
 *
 * Each rank has added up its stretch of the micro-batches as far as the tree of the
 * step lets it (tree.h), and holds the sums that are left. Together the sums of all
 * ranks make the tree complete. To share the work, the gradient is cut into as many
 * slices as there are ranks, and each rank owns one:
 *
 *     1. every rank sends its sums to the owners, to each of them its slice,
 *     2. the owner adds them up along the tree,
 *     3. the owner sends the finished slice to all.
 *
 * So a rank sends and receives 2 (P - 1) / P gradients of P ranks where it holds one
 * sum, as many bytes as the best all-reduce does. Slices travel chunk by chunk, and a
 * few chunks are on their way at a time: only these need memory to come into, the
 * adding finds them in the cache, and the network carries one chunk while another is
 * added up.
 *
 * The tree determines which two sums are added, and a + b is b + a, bit for bit. So the
 * result does not depend on the number of ranks.
 */
#ifndef IC_GRAPH_EXCHANGE_H
#define IC_GRAPH_EXCHANGE_H

#include <stddef.h>

#include "base/stretch.h"
#include "comm/comm.h"
#include "graph/tree.h"

/* sum += x, count floats, on the host. */
typedef void ic_exchange_add(void *context, float *sum, const float *x, size_t count);

/* A sum that a rank holds when its stretch is done. */
struct ic_exchange_sum {
    struct ic_tree_node node;
    int rank, block; /* in which of the rank's blocks it is */
};

/* All zero is closed. */
struct ic_exchange {
    struct ic_comm *comm;
    int leaves;
    size_t floats, chunk;         /* floats of a gradient; of a chunk */
    struct ic_exchange_sum *sums; /* of all ranks, in the order of the tree; owned */
    int sum_count, foreign_count; /* of all ranks; of the others */
    float *received;              /* chunks of the others' sums; owned */
    ic_exchange_add *add;
    void *context;
};

/* For steps of `leaves` micro-batches, at least one for each rank, with gradients of
 * `floats`. */
ic_status ic_exchange_open(struct ic_exchange *exchange, struct ic_comm *comm,
                           int leaves, size_t floats, ic_exchange_add *add,
                           void *context, struct ic_error *error);
void ic_exchange_close(struct ic_exchange *exchange);

/* Bytes of host memory that an exchange takes on rank `rank` of `size`. */
size_t ic_exchange_bytes(int leaves, size_t floats, int rank, int size);

/* Adds up a step: `blocks` (host) holds this rank's sums as the tree of its stretch
 * left them, each `stride` floats after the one before. The first `floats` of the first
 * block, at most as many as the exchange was opened for, become the sum over all
 * micro-batches. Only the first step allocates. */
ic_status ic_exchange_step(struct ic_exchange *exchange, float *blocks, size_t stride,
                           size_t floats, struct ic_error *error);

#endif
