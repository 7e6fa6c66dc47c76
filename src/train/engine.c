/*
 * Opens a model on a device. See engine.h.
 */
#include "train/engine.h"

#include <string.h>

#include "train/words.h"

ic_status ic_engine_open_device(struct ic_engine *engine,
                                const struct ic_engine_options *options,
                                enum ic_conv_algorithm *ret_algorithm,
                                struct ic_error *error)
{
    struct ic_device_options device_options = {.threads = options->threads};
    ic_status status;

    memset(engine, 0, sizeof *engine);
    status = ic_word_conv(options->conv, ret_algorithm, error);
    if (status == IC_OK)
        status =
            ic_word_precision(options->precision, &device_options.precision, error);
    if (status == IC_OK)
        status = ic_backend_find(options->device, &engine->backend, error);
    if (status == IC_OK)
        status = ic_backend_check_conv(engine->backend, *ret_algorithm, error);
    if (status == IC_OK)
        status = engine->backend->open(&device_options, &engine->device, error);
    if (status != IC_OK)
        ic_engine_close(engine);
    return status;
}

ic_status ic_engine_open(struct ic_engine *engine, const struct ic_model *model,
                         const struct ic_engine_options *options,
                         struct ic_error *error)
{
    enum ic_conv_algorithm algorithm;
    ic_status status = ic_engine_open_device(engine, options, &algorithm, error);

    if (status == IC_OK)
        status = ic_model_build(model, algorithm, IC_TYPE_FP32, &engine->graph, error);
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
