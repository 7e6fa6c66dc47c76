/* SPDX-License-Identifier: MIT */
/*
 * Runs steps of a network on one random batch.
 */
#include "cli/bench_step.h"

#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/memory.h"
#include "base/random.h"
#include "cli/team.h"
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
    struct ic_comm *comm = ic_team_comm();
    const struct ic_freeze freeze = {
        .groups = bench->mode == IC_BENCH_FROZEN ? IC_GROUP_HEAD : 0};
    const struct ic_engine_options engine = {
        .compute = asked->compute,
        .plan = {.batch = training ? asked->micro_batch : asked->batch,
                 .step = asked->batch,
                 .training = training,
                 .slots = training ? ic_optimizer_slots(IC_OPTIMIZER_ADAM) : 0,
                 .rank = ic_comm_rank(comm),
                 .ranks = ic_comm_size(comm),
                 .ranks_here = ic_comm_local_size(comm)},
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
    if (status == IC_OK && training)
        status = ic_net_join(bench->engine.net, comm, error);
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

/* Waits for the device; adds the seconds since `*start`, which becomes now. */
static ic_status lap(const struct ic_bench *bench, double *start, double *seconds,
                     struct ic_error *error)
{
    const ic_status status = bench->engine.backend->sync(bench->engine.device, error);
    const double now = ic_machine_seconds();

    *seconds += now - *start;
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

struct ic_stretch ic_bench_own(const struct ic_bench *bench)
{
    return ic_plan_own_pictures(&ic_net_plan(bench->engine.net)->options,
                                bench->options->batch);
}

static ic_status input(struct ic_bench *bench, int first, int count, double *start,
                       double *seconds, struct ic_error *error)
{
    const size_t side = (size_t)bench->options->size;

    begin(bench, IC_BENCH_INPUT);
    ic_net_input(bench->engine.net, bench->rgb + (size_t)first * side * side * 3, count,
                 bench->model.mean, bench->model.std);
    end(bench, IC_BENCH_INPUT);
    return lap(bench, start, &seconds[IC_BENCH_OF_INPUT], error);
}

/* Computes the gradients of a micro-batch. */
static ic_status compute(struct ic_bench *bench, int first, int count, double *start,
                         double *seconds, struct ic_error *error)
{
    struct ic_net *net = bench->engine.net;
    ic_status status = input(bench, first, count, start, seconds, error);

    ic_net_forward(net, true);
    begin(bench, IC_BENCH_LOSS);
    ic_net_loss(net, bench->labels + first, 0, true, NULL);
    end(bench, IC_BENCH_LOSS);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_FORWARD], error);
    ic_net_backward(net);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_BACKWARD], error);
    return status;
}

/* Takes a step as train/step.c does. */
static ic_status train(struct ic_bench *bench, double *start, double *seconds,
                       struct ic_error *error)
{
    const struct ic_rates rates = {.lr = {1e-4, 1e-4, 1e-4}, .momentum = 0.9};
    const struct ic_stretch own = ic_bench_own(bench);
    const int micro = bench->options->micro_batch;
    struct ic_net *net = bench->engine.net;
    ic_status status = IC_OK;

    ic_net_begin_step(net, bench->options->batch);
    for (int first = (int)own.first; first < (int)own.end && status == IC_OK;
         first += micro) {
        const int left = (int)own.end - first;

        status =
            compute(bench, first, left < micro ? left : micro, start, seconds, error);
    }
    status = ic_comm_agree(ic_team_comm(), status, NULL, error);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_WAITING], error);
    if (status == IC_OK)
        status = ic_net_end_step(net, error);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_EXCHANGE], error);
    begin(bench, IC_BENCH_UPDATE);
    ic_optimizer_step(&bench->optimizer, net, &rates, 1);
    end(bench, IC_BENCH_UPDATE);
    if (status == IC_OK)
        status = lap(bench, start, &seconds[IC_BENCH_OF_UPDATE], error);
    return status;
}

static ic_status infer(struct ic_bench *bench, double *start, double *seconds,
                       struct ic_error *error)
{
    const ic_status status =
        input(bench, 0, bench->options->batch, start, seconds, error);

    if (status != IC_OK)
        return status;
    ic_net_forward(bench->engine.net, false);
    ic_net_logits(bench->engine.net, bench->logits);
    return lap(bench, start, &seconds[IC_BENCH_OF_FORWARD], error);
}

ic_status ic_bench_step(struct ic_bench *bench, double seconds[IC_BENCH_PHASES],
                        struct ic_error *error)
{
    const double first = ic_machine_seconds();
    double start = first;
    ic_status status;

    memset(seconds, 0, IC_BENCH_PHASES * sizeof *seconds);
    if (bench->mode == IC_BENCH_INFER)
        status = infer(bench, &start, seconds, error);
    else
        status = train(bench, &start, seconds, error);
    seconds[IC_BENCH_OF_STEP] = start - first;
    return status;
}
