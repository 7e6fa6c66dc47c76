/* SPDX-License-Identifier: MIT */
/*
 * Checks the gradients of a network against central differences of its loss, on the
 * reference device (backend/reference/): in double precision, a step of a millionth
 * leaves nine digits of a derivative, which no rounding of floats would.
 *
 *   dL/dw = (L(w + h) - L(w - h)) / 2h + O(h^2)
 *
 * The formula holds where L is smooth. A ReLU has a kink at 0, and a max pool where the
 * largest of its pixels changes; with a hundred thousand activations some are close to
 * one. So each loss is taken with a note of which way every ReLU and every max pool
 * went. A step on which one of them turned is tried again with a tenth of h, and then
 * counted, not judged. Where the two derivatives differ, h is halved, which shows how
 * much of the difference is the O(h^2): a batch norm over two rows curves the loss.
 *
 * The check judges the reference's own gradients, or those that another device has
 * computed from the same weights and batch.
 */
#ifndef IC_GRAPH_GRADCHECK_H
#define IC_GRAPH_GRADCHECK_H

#include "graph/net.h"

struct ic_gradcheck_options {
    int samples;      /* weights of each array, drawn by chance */
    double step;      /* h, times |w| where that is above 1 */
    double tolerance; /* of a difference, relative to the gradient: see below */
    uint64_t seed;
    const double *gradients; /* graph->param_floats to judge; NULL: the net's own */
};

/* The result for an array of parameters. A weight is wrong where the difference of its
 * two derivatives exceeds the tolerance times the largest of both and of `size`, plus
 * what the rounding of the losses and the O(h^2) explain. */
struct ic_gradcheck_row {
    const struct ic_array *array;
    double size;    /* root mean square of the array's gradient */
    double largest; /* of the differences that were judged */
    int judged, wrong;
    int kinks; /* weights beside a kink, which are not judged */
};

/* Goes through the arrays in order and calls `report` after each. The net is one of the
 * reference device, or of a table with its memory, has a plan for training with
 * keep_all, and a batch of input; `labels` are the batch's (host). */
ic_status ic_gradcheck(struct ic_net *net, const int32_t *labels,
                       const struct ic_gradcheck_options *options,
                       void (*report)(void *data, const struct ic_gradcheck_row *row),
                       void *data, struct ic_error *error);

#endif
