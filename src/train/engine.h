/*
 * A model ready to run: backend, device, graph and network, opened in that order and
 * closed together. What train, eval, predict, bench and dump all begin with.
 */
#ifndef IC_TRAIN_ENGINE_H
#define IC_TRAIN_ENGINE_H

#include "graph/fold.h"
#include "graph/net.h"
#include "model/model.h"

struct ic_engine_options {
    const char *device;    /* name of a backend */
    const char *conv;      /* word of --conv */
    const char *precision; /* word of --precision */
    int threads;           /* at least 1 */
    struct ic_plan_options plan;
    enum ic_fold fold; /* batch norms into convolutions */
};

/* All zero is closed. Not to be moved while open: the net points to the graph. */
struct ic_engine {
    const struct ic_backend *backend;
    struct ic_device *device;
    struct ic_graph graph;
    struct ic_net *net; /* parameters and states are zero at first */
};

/* Backend and device alone, and the algorithm that a graph on them is to ask for; the
 * options of the network and of its plan are not looked at. */
ic_status ic_engine_open_device(struct ic_engine *engine,
                                const struct ic_engine_options *options,
                                enum ic_conv_algorithm *ret_algorithm,
                                struct ic_error *error);

ic_status ic_engine_open(struct ic_engine *engine, const struct ic_model *model,
                         const struct ic_engine_options *options,
                         struct ic_error *error);
void ic_engine_close(struct ic_engine *engine); /* all zero is fine */

#endif
