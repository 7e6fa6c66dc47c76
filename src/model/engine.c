/* SPDX-License-Identifier: MIT */
/*
 * Opens a model on a device. See engine.h.
 */
#include "model/engine.h"

#include <string.h>

ic_status ic_engine_open(struct ic_engine *engine, const struct ic_model *model,
                         const struct ic_engine_options *options,
                         struct ic_error *error)
{
    enum ic_conv_algorithm algorithm;
    enum ic_type type;
    ic_status status;

    memset(engine, 0, sizeof *engine);
    status = ic_compute_open(&options->compute, &engine->backend, &engine->device,
                             &algorithm, &type, error);
    if (status == IC_OK)
        status = ic_model_build(model, algorithm, type, &engine->graph, error);
    if (status == IC_OK && options->fold != IC_FOLD_NONE)
        status = ic_graph_fold(&engine->graph, options->fold, error);
    if (status == IC_OK)
        status = ic_net_open(&engine->graph, engine->backend, engine->device,
                             &options->plan, &engine->net, error);
    if (status != IC_OK)
        ic_engine_close(engine);
    return status;
}

void ic_engine_close(struct ic_engine *engine)
{
    ic_net_close(engine->net);
    ic_graph_free(&engine->graph);
    if (engine->backend != NULL)
        engine->backend->close(engine->device);
    memset(engine, 0, sizeof *engine);
}
