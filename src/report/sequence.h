/* SPDX-License-Identifier: MIT */
/*
 * The tensors of a dump in the order in which they are computed. The first one that two
 * dumps disagree on is where an error is; the later ones only carry it on.
 */
#ifndef IC_REPORT_SEQUENCE_H
#define IC_REPORT_SEQUENCE_H

#include "report/node_list.h"

/* What a tensor of a dump is. */
enum ic_stage {
    IC_STAGE_PIXELS,     /* pixels */
    IC_STAGE_INPUT,      /* input */
    IC_STAGE_LABELS,     /* labels */
    IC_STAGE_ARRAY,      /* a parameter or running statistics before the pass */
    IC_STAGE_ACTIVATION, /* activation.NODE */
    IC_STAGE_STATISTICS, /* updated running statistics */
    IC_STAGE_LOGITS,     /* logits */
    IC_STAGE_LOSSES,     /* losses */
    IC_STAGE_LOSS,       /* loss */
    IC_STAGE_GRADIENT,   /* gradient.NODE */
    IC_STAGE_GRAD,       /* NAME.grad */
    IC_STAGE_SLOT,       /* optimizer.SLOT.NAME */
    IC_STAGE_UPDATED     /* an updated parameter */
};

struct ic_sequence_entry {
    const char *name; /* of the tensor */
    enum ic_stage stage;
    int node;          /* number of the node; -1: of no node */
    const char *array; /* name of the parameter or statistics; NULL: of none */
};

struct ic_sequence {
    struct ic_sequence_entry *entries;
    size_t count;
};

/* The network forward, node by node: its arrays, its output, its updated statistics;
 * then the loss; then backward, node by node: the gradient of its output and those of
 * its parameters; then the step. All that a dump may hold, in the arena. */
ic_status ic_sequence_make(struct ic_sequence *sequence,
                           const struct ic_node_list *nodes, struct ic_arena *arena,
                           struct ic_error *error);

#endif
