/* SPDX-License-Identifier: MIT */
/*
 * An engine is a model ready to run: backend, device, graph and network, opened in that
 * order and closed together. Training, scoring, bench and dump all begin with one.
 */
#ifndef IC_MODEL_ENGINE_H
#define IC_MODEL_ENGINE_H

#include "backend/compute.h"
#include "graph/fold.h"
#include "graph/net.h"
#include "model/model.h"

struct ic_engine_options {
    struct ic_compute compute;
    struct ic_plan_options plan;
    enum ic_fold fold; /* batch norms into convolutions */
};

/* All zero means closed. Must not be moved while open: the net points to the graph. */
struct ic_engine {
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_graph graph;
    struct ic_net *net; /* parameters and states are zero at first */
};

ic_status ic_engine_open(struct ic_engine *engine, const struct ic_model *model,
                         const struct ic_engine_options *options,
                         struct ic_error *error);
void ic_engine_close(struct ic_engine *engine); /* all zero is fine */

#endif
