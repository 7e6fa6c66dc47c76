/* SPDX-License-Identifier: MIT */
/*
 * The names of a network's arrays in weights files, and their order there.
 */
#ifndef IC_MODEL_NAMES_H
#define IC_MODEL_NAMES_H

#include "graph/graph.h"

/* One tensor of a weights file. */
struct ic_weight_name {
    const char *name;
    const struct ic_array *array; /* of the graph; NULL: a num_batches_tracked */
    bool is_state;                /* the array is in the block of states */
};

/* Lists all tensors in the order of torchvision's state_dict, allocated in `arena`. */
ic_status ic_weight_names(const struct ic_graph *graph, struct ic_arena *arena,
                          struct ic_weight_name **ret_names, size_t *ret_count,
                          struct ic_error *error);

#endif
