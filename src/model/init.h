/* SPDX-License-Identifier: MIT */
/*
 * Initial weights: convolutions Kaiming normal with fan_out, batch norm 1 and 0,
 * running statistics 0 and 1, linear layers as torch.nn.Linear.
 */
#ifndef IC_MODEL_INIT_H
#define IC_MODEL_INIT_H

#include "graph/net.h"

/* Parameter p draws from the stream (seed, IC_RANDOM_INIT, 0, p). */
ic_status ic_init_weights(struct ic_net *net, uint64_t seed, struct ic_error *error);

#endif
