/* SPDX-License-Identifier: MIT */
/*
 * Times each pass of each node, as the network's observer, and writes the table.
 */
#include "cli/bench_layers.h"

#include <stdlib.h>

#include "base/machine.h"
#include "base/median.h"
#include "graph/op.h"

/* A pass of a node, or an extra. */
struct row {
    double *seconds; /* of each step */
    struct ic_task_log log;
};

struct ic_bench_layers {
    const struct ic_engine *engine;
    struct ic_observer observer;
    int batch, steps, step;
    double start;
    struct row *rows; /* IC_PASSES rows per node, then the extras */
    double *seconds;  /* of all rows */
};

static int row_count(const struct ic_bench_layers *layers)
{
    return layers->engine->graph.count * IC_PASSES + IC_BENCH_EXTRAS;
}

static struct row *node_row(const struct ic_bench_layers *layers, int node,
                            enum ic_pass pass)
{
    return &layers->rows[node * IC_PASSES + (int)pass];
}

static struct row *extra_row(const struct ic_bench_layers *layers,
                             enum ic_bench_extra extra)
{
    return node_row(layers, layers->engine->graph.count, 0) + extra;
}

/* --- timing ----------------------------------------------------------------------- */

static void begin(struct ic_bench_layers *layers, struct row *row)
{
    layers->engine->backend->watch(layers->engine->device, &row->log);
    layers->start = ic_machine_seconds();
}

/* Ends a row. The step's own sync reports a fault of the device. */
static void end(struct ic_bench_layers *layers, struct row *row)
{
    const struct ic_engine *const engine = layers->engine;
    struct ic_error error;

    (void)engine->backend->sync(engine->device, &error);
    row->seconds[layers->step] += ic_machine_seconds() - layers->start;
    engine->backend->watch(engine->device, NULL);
}

static void begin_node(void *context, int node, enum ic_pass pass)
{
    begin(context, node_row(context, node, pass));
}

static void end_node(void *context, int node, enum ic_pass pass)
{
    end(context, node_row(context, node, pass));
}

void ic_bench_layers_begin(struct ic_bench_layers *layers, enum ic_bench_extra extra)
{
    begin(layers, extra_row(layers, extra));
}

void ic_bench_layers_end(struct ic_bench_layers *layers, enum ic_bench_extra extra)
{
    end(layers, extra_row(layers, extra));
}

void ic_bench_layers_step(struct ic_bench_layers *layers, int step)
{
    layers->step = step;
    ic_net_observe(layers->engine->net, &layers->observer);
}

/* --- the table -------------------------------------------------------------------- */

void ic_bench_layers_head(FILE *text)
{
    fprintf(text, "%-21s %-10s %-11s %9s %8s %-8s %6s\n", "layer", "op", "pass", "ms",
            "GFLOP/s", "alg", "tasks");
}

static void write_row(const struct ic_bench_layers *layers, struct row *row,
                      const char *const names[3], double gflop, const char *algorithm,
                      FILE *text)
{
    double seconds;

    if (row->log.count == 0)
        return;
    seconds = ic_median(row->seconds, (size_t)layers->steps);
    fprintf(text, "%-21s %-10s %-11s %9.3f", names[0], names[1], names[2],
            1e3 * seconds);
    if (gflop > 0 && seconds > 0)
        fprintf(text, " %8.1f", gflop / seconds);
    else
        fprintf(text, " %8s", "-");
    fprintf(text, " %-8s %6zu\n", algorithm, ic_task_log_fewest(&row->log));
}

static const char *forward_name(const struct ic_bench_layers *layers)
{
    return ic_net_plan(layers->engine->net)->options.training ? "forward" : "inference";
}

static void write_extra(const struct ic_bench_layers *layers, enum ic_bench_extra extra,
                        FILE *text)
{
    static const char *const names[IC_BENCH_EXTRAS][2] = {
        [IC_BENCH_INPUT] = {"input", "normalize"},
        [IC_BENCH_LOSS] = {"output", "loss"},
        [IC_BENCH_UPDATE] = {"parameters", "adam"},
    };
    const char *const passes[IC_BENCH_EXTRAS] = {
        [IC_BENCH_INPUT] = forward_name(layers),
        [IC_BENCH_LOSS] = "loss",
        [IC_BENCH_UPDATE] = "update",
    };

    write_row(layers, extra_row(layers, extra),
              (const char *[]){names[extra][0], names[extra][1], passes[extra]}, 0, "-",
              text);
}

static void write_node(const struct ic_bench_layers *layers, int i, enum ic_pass pass,
                       FILE *text)
{
    const struct ic_graph *const graph = &layers->engine->graph;
    const struct ic_node *const node = &graph->nodes[i];
    const struct ic_shape in = graph->nodes[node->inputs[0]].out;
    const bool split = node->op->backward_weight != NULL;
    const char *const passes[IC_PASSES] = {
        [IC_PASS_FORWARD] = forward_name(layers),
        [IC_PASS_RECOMPUTE] = "recompute",
        [IC_PASS_WEIGHT_GRADIENT] = "weight-grad",
        [IC_PASS_BACKWARD] = split ? "data-grad" : "backward",
    };
    const char *const names[3] = {node->name, node->op->name, passes[pass]};
    const char *algorithm = "-";
    double gflop = 0;

    if (node->op->gemm != NULL) {
        const struct ic_gemm_size size = node->op->gemm(node, in);

        gflop = 2e-9 * layers->batch * (double)(size.m * size.n * size.k);
    }
    if (node->op->algorithm != NULL)
        algorithm =
            node->op->algorithm(node, in, layers->engine->backend, layers->batch);
    write_row(layers, node_row(layers, i, pass), names, gflop, algorithm, text);
}

void ic_bench_layers_write(struct ic_bench_layers *layers, FILE *text)
{
    const int count = layers->engine->graph.count;

    write_extra(layers, IC_BENCH_INPUT, text);
    for (int i = 1; i < count; i++)
        write_node(layers, i, IC_PASS_FORWARD, text);
    write_extra(layers, IC_BENCH_LOSS, text);
    for (int i = count - 1; i >= 1; i--) {
        write_node(layers, i, IC_PASS_RECOMPUTE, text);
        write_node(layers, i, IC_PASS_WEIGHT_GRADIENT, text);
        write_node(layers, i, IC_PASS_BACKWARD, text);
    }
    write_extra(layers, IC_BENCH_UPDATE, text);
}

/* --- opening and closing ---------------------------------------------------------- */

ic_status ic_bench_layers_open(const struct ic_engine *engine, int batch, int steps,
                               struct ic_bench_layers **ret_layers,
                               struct ic_error *error)
{
    struct ic_bench_layers *layers = calloc(1, sizeof *layers);
    size_t count;

    *ret_layers = NULL;
    if (layers == NULL)
        return ic_fail_memory(error, "a table of layers", sizeof *layers);
    layers->engine = engine;
    layers->batch = batch;
    layers->steps = steps;
    layers->observer = (struct ic_observer){begin_node, end_node, layers};
    count = (size_t)row_count(layers);
    layers->rows = calloc(count, sizeof *layers->rows);
    layers->seconds = calloc(count * (size_t)steps, sizeof *layers->seconds);
    if (layers->rows == NULL || layers->seconds == NULL) {
        ic_bench_layers_close(layers);
        return ic_fail_memory(error, "the times of layers",
                              count * (size_t)steps * sizeof *layers->seconds);
    }
    for (size_t i = 0; i < count; i++)
        layers->rows[i].seconds = layers->seconds + i * (size_t)steps;
    *ret_layers = layers;
    return IC_OK;
}

void ic_bench_layers_close(struct ic_bench_layers *layers)
{
    if (layers == NULL)
        return;
    free(layers->rows);
    free(layers->seconds);
    free(layers);
}
