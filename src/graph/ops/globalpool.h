/* SPDX-License-Identifier: MIT */
/*
 * The sizes of a pool over all pixels, for the ops avgpool.c and concatpool.c.
 */
#ifndef IC_GRAPH_OPS_GLOBALPOOL_H
#define IC_GRAPH_OPS_GLOBALPOOL_H

#include "graph/op.h"

static inline struct ic_globalpool ic_globalpool_of(const struct ic_call *call)
{
    const struct ic_shape in = call->in[0];

    return (struct ic_globalpool){
        .batch = call->batch,
        .pixels = in.height * in.width,
        .channels = in.channels,
        .type = call->in_type,
    };
}

#endif
