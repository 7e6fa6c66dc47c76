/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests against goldens of whole networks: the golden's lines, a network
 * with weights from the formula, and its tensors against the golden's vectors.
 *
 * A golden vector is a tensor's norm, its first and last element, and eight products
 * with directions of +1 and -1. The mean square of the products of a difference
 * estimates the difference's squared norm.
 */
#ifndef IC_TESTS_GOLDEN_NETWORK_H
#define IC_TESTS_GOLDEN_NETWORK_H

#include <stdbool.h>

#include "model/engine.h"
#include "model/names.h"

#define GOLDEN_NUMBERS 20 /* the most in a line */
#define GOLDEN_VECTOR  11 /* norm, first, last, eight products */

/* --- the file --------------------------------------------------------------------- */

struct golden_entry {
    char key[16], name[64];
    double numbers[GOLDEN_NUMBERS];
    int count;
};

struct golden_file {
    struct golden_entry *entries; /* owned */
    int count;
};

/* Reads tests/golden/NAME (or a path), which has lines "key name number ...", or ends
 * the test as broken. */
struct golden_file golden_read(const char *name);

/* The numbers of the entry with that key, name and count of numbers. Where none exists,
 * NULL; golden_need ends the test instead. */
const double *golden_find(const struct golden_file *golden, const char *key,
                          const char *name, int count);
const double *golden_need(const struct golden_file *golden, const char *key,
                          const char *name, int count);

/* --- the network ------------------------------------------------------------------ */

/* A function that fills a network's weights: formula_weights and the like. */
typedef void golden_weights(float *out, const struct ic_array *array, unsigned stream);

/* A view of an open engine, which outlives it. */
struct golden_network {
    struct ic_engine *engine;
    struct ic_weight_name *names;
    size_t name_count;
    struct ic_arena arena;
    float *scratch, *vector; /* room for any array; owned */
};

/* Opens a model of `classes` classes with its engine for training on two threads, and
 * the view. Ends the test when it cannot. The caller closes all three. */
void golden_network_open(struct golden_network *network, struct ic_engine *engine,
                         struct ic_model *model,
                         const struct ic_engine_options *options, const char *arch,
                         const char *head, int classes, int size);
void golden_network_close(struct golden_network *network);

/* Sets parameters and states, and the optimiser's two slots to zero. */
void golden_network_set(struct golden_network *network, golden_weights *weights);

/* The block of parameters or states that tensor `i` of the names lies in. */
const float *golden_network_block(const struct golden_network *network, size_t i);

/* Copies tensor `i`, which lies in `block`, to network->vector, in the file's layout.
 */
void golden_network_read(struct golden_network *network, size_t i, const float *block);

/* ||network->vector - golden vector||, as estimated by the eight products; infinite
 * when an element is not finite. */
double golden_network_error(const struct golden_network *network, size_t i,
                            const double golden[GOLDEN_VECTOR]);

#endif
