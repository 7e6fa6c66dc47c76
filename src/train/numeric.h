/* SPDX-License-Identifier: MIT */
/*
 * Finds numbers that are not finite, and the layer where they began.
 */
#ifndef IC_TRAIN_NUMERIC_H
#define IC_TRAIN_NUMERIC_H

#include "data/loader.h"
#include "graph/net.h"

/* After ic_net_backward: the L2 norm of all gradients together, where the gradients of
 * frozen weights are zero (see ic_net_freeze). Not finite exactly when one of them is
 * not. */
double ic_numeric_gradient_norm(struct ic_net *net);

/* Refuses a loss or a gradient (by its norm) that is not finite with IC_ERR_NUMERIC.
 * The message names the layer where it began: forward, the first layer whose weights or
 * running statistics are not finite; backward, the first whose gradient is not. */
ic_status ic_numeric_check_step(struct ic_net *net, double loss, double gradient_norm,
                                int64_t step, double learning_rate,
                                const struct ic_dataset *dataset,
                                const struct ic_batch *batch, struct ic_error *error);

/* Before a file is written: refuses weights, running statistics and optimiser state
 * that are not finite, naming the array. */
ic_status ic_numeric_check_weights(struct ic_net *net, struct ic_error *error);

/* "images/a.jpg, images/b.jpg": as many names of a batch's pictures as fit `size`, with
 * "and N more" after them. */
void ic_numeric_name_pictures(char *text, size_t size, const struct ic_dataset *dataset,
                              const struct ic_batch *batch);

#endif
