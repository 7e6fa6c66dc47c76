/* SPDX-License-Identifier: MIT */
/*
 * Computes the features of all pictures once.
 *
 * While the body is frozen with its batch norm (struct ic_freeze), its pool's output
 * for a picture depends on the picture's view alone. Where every epoch shows the same
 * view (ic_augment_is_fixed), the body's forward pass runs once here, and the steps of
 * the phase begin behind the body: they neither read pictures nor run the body.
 */
#ifndef IC_TRAIN_FEATURES_H
#define IC_TRAIN_FEATURES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "comm/comm.h"
#include "data/loader.h"
#include "graph/net.h"

/* All zero is empty. */
struct ic_features {
    size_t bytes; /* of one picture */
    char *values; /* samples of the data set, bytes; owned */
    char *batch;  /* the features of a batch, contiguous; owned */
};

struct ic_features_options {
    struct ic_net *net;           /* frozen as it will be used */
    const struct ic_model *model; /* size, fit and normalisation */
    const struct ic_dataset *dataset;
    enum ic_decode decode;
    int batch, workers;
    const atomic_int *stop; /* nonzero ends the pass early; may be NULL */
    struct ic_comm *comm;   /* the ranks that share the work; NULL: this one is alone */
};

/* Computes the features in the order of the data set, so that they are the same bits
 * whenever a run is resumed. Each rank computes a stretch of the batches, and the ranks
 * gather them. When stopped (*ret_stopped, the same on all ranks), the features are
 * empty. */
ic_status ic_features_compute(struct ic_features *ret_features,
                              const struct ic_features_options *options,
                              bool *ret_stopped, struct ic_error *error);
void ic_features_free(struct ic_features *features); /* all zero is fine */

/* Sets the net's batch to the features of these samples of the data set, at most
 * options->batch of them. */
void ic_features_input(const struct ic_features *features, struct ic_net *net,
                       const uint32_t *samples, int count);

#endif
