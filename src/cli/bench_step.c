/*
 * A network on one random batch, and its steps.
 */
#include "cli/bench_step.h"

#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/init.h"
#include "train/schedule.h"

static void draw_batch(struct ic_bench *bench, size_t bytes)
{
    struct ic_random random;

    ic_random_init(&random, 42, IC_RANDOM_BENCH, 0, 0);
    for (size_t i = 0; i < bytes; i++)
        bench->rgb[i] = (uint8_t)(ic_random_u32(&random) >> 24);
    for (int i = 0; i < bench->options->batch; i++)
        bench->labels[i] = (int32_t)ic_random_below(&random, IC_BENCH_CLASSES);
}

ic_status ic_bench_open(struct ic_bench *bench, struct ic_error *error)
{
    const struct ic_bench_options *asked = bench->options;
    const bool training = bench->mode != IC_BENCH_INFER;
    const struct ic_freeze freeze = {
        .groups = bench->mode == IC_BENCH_FROZEN ? IC_GROUP_HEAD : 0};
    const struct ic_engine_options engine = {
        .compute = asked->compute,
        .plan = {.batch = asked->batch,
                 .training = training,
                 .slots = training ? ic_optimizer_slots(IC_OPTIMIZER_ADAM) : 0},
        .fold = training ? IC_FOLD_NONE : IC_FOLD_FOR_MANY,
    };
    const size_t count = (size_t)asked->batch;
    const size_t bytes = count * (size_t)asked->size * (size_t)asked->size * 3;
    ic_status status =
        ic_model_init(&bench->model, asked->arch, asked->head, NULL, IC_BENCH_CLASSES,
                      "folder", asked->size, IC_FIT_CROP, error);

    if (status == IC_OK)
        status = ic_engine_open(&bench->engine, &bench->model, &engine, error);
    if (status == IC_OK)
        status = ic_init_weights(bench->engine.net, 42, error);
    if (status == IC_OK)
        ic_net_pack_weights(bench->engine.net);
    if (status == IC_OK && training) {
        ic_net_freeze(bench->engine.net, freeze);
        status = ic_optimizer_open(&bench->optimizer, &bench->engine.graph,
                                   IC_OPTIMIZER_ADAM, 0.01, freeze, error);
    }
    if (status != IC_OK)
        return status;
    bench->rgb = ic_memory_alloc(bytes);
    bench->labels = calloc(count, sizeof *bench->labels);
    bench->logits = calloc(count * IC_BENCH_CLASSES, sizeof *bench->logits);
    if (bench->rgb == NULL || bench->labels == NULL || bench->logits == NULL)
        return ic_fail_memory(error, "a batch", bytes);
    draw_batch(bench, bytes);
    return IC_OK;
}

void ic_bench_close(struct ic_bench *bench)
{
    free(bench->rgb);
    free(bench->labels);
    free(bench->logits);
    ic_bench_layers_close(bench->layers);
    ic_optimizer_close(&bench->optimizer);
    ic_engine_close(&bench->engine);
    ic_model_free(&bench->model);
}

/* Waits for the device; the seconds since `*start`, which becomes now. */
static ic_status lap(const struct ic_bench *bench, double *start, double *seconds,
                     struct ic_error *error)
{
    const ic_status status = bench->engine.backend->sync(bench->engine.device, error);
    const double now = ic_machine_seconds();

    *seconds = now - *start;
    *start = now;
    return status;
}

static void begin(const struct ic_bench *bench, enum ic_bench_extra extra)
{
    if (bench->layers != NULL)
        ic_bench_layers_begin(bench->layers, extra);
}

static void end(const struct ic_bench *bench, enum ic_bench_extra extra)
{
    if (bench->layers != NULL)
        ic_bench_layers_end(bench->layers, extra);
}

static ic_status input(struct ic_bench *bench, double *start, double *seconds,
                       struct ic_error *error)
{
    begin(bench, IC_BENCH_INPUT);
    ic_net_input(bench->engine.net, bench->rgb, bench->options->batch,
                 bench->model.mean, bench->model.std);
    end(bench, IC_BENCH_INPUT);
    return lap(bench, start, seconds, error);
}

static ic_status train(struct ic_bench *bench, double *start, double *seconds,
                       struct ic_error *error)
{
    const struct ic_rates rates = {.lr = {1e-4, 1e-4, 1e-4}, .momentum = 0.9};
    struct ic_net *net = bench->engine.net;
    ic_status status;

    ic_net_forward(net, true);
    begin(bench, IC_BENCH_LOSS);
    ic_net_loss(net, bench->labels, 0, true, NULL);
    end(bench, IC_BENCH_LOSS);
    status = lap(bench, start, &seconds[IC_BENCH_OF_FORWARD], error);
    ic_net_backward(net);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_BACKWARD], error);
    begin(bench, IC_BENCH_UPDATE);
    ic_optimizer_step(&bench->optimizer, net, &rates, 1);
    end(bench, IC_BENCH_UPDATE);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_UPDATE], error);
    return status;
}

ic_status ic_bench_step(struct ic_bench *bench, double seconds[IC_BENCH_PHASES],
                        struct ic_error *error)
{
    const bool training = bench->mode != IC_BENCH_INFER;
    const double first = ic_machine_seconds();
    double start = first;
    ic_status status;

    memset(seconds, 0, IC_BENCH_PHASES * sizeof *seconds);
    status = input(bench, &start, &seconds[IC_BENCH_OF_INPUT], error);
    if (status == IC_OK && training)
        status = train(bench, &start, seconds, error);
    if (status == IC_OK && !training) {
        ic_net_forward(bench->engine.net, false);
        ic_net_logits(bench->engine.net, bench->logits);
        status = lap(bench, &start, &seconds[IC_BENCH_OF_FORWARD], error);
    }
    seconds[IC_BENCH_OF_STEP] = start - first;
    return status;
}
