/* SPDX-License-Identifier: MIT */
/*
 * im2cat summary: describes the network with one row per layer and its cost, and the
 * memory that a batch takes. Nothing is computed and nothing is allocated.
 */
#include <inttypes.h>

#include "base/machine.h"
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "graph/op.h"
#include "model/engine.h"
#include "train/host_memory.h"
#include "train/ranks.h"

struct summary_options {
    const char *arch, *head;
    struct ic_compute compute;
    int classes, size, batch, micro_batch, ranks;
    double ema;
};

static const struct ic_option table[] = {
    IC_OPTION(struct summary_options, "arch", arch, .choices = ic_words_arch,
              .fallback = "resnet34", .help = "the network"),
    IC_OPTION(struct summary_options, "head", head, .choices = ic_words_head,
              .fallback = "plain", .help = "the network's last layers"),
    IC_OPTION(struct summary_options, "classes", classes, .value = "N", .fallback = "2",
              .min = 1, .max = 65536, .help = "outputs"),
    IC_OPTION(struct summary_options, "size", size, .value = "N", .fallback = "224",
              .min = 32, .max = 4096, .help = "side of the pictures, in pixels"),
    IC_OPTION_BATCH_AT_A_TIME(struct summary_options, batch, "64"),
    IC_OPTION_MICRO_BATCH(
        struct summary_options, micro_batch, .fallback = "0",
        .help =
            "as in train: shows the memory of training N pictures at a time; 0: all"),
    IC_OPTION(
        struct summary_options, "ranks", ranks, .value = "N", .fallback = "1", .min = 1,
        .max = 4096,
        .help = "processes of a distributed training: shows the memory of one of them"),
    IC_OPTION_EMA(struct summary_options, ema, .fallback = "0",
                  .help = "as in train: adds the memory of the EMA, unless 0"),
    IC_OPTION_DEVICE(struct summary_options, compute),
    IC_OPTION_CONV(struct summary_options, compute),
    IC_OPTION_PRECISION(struct summary_options, compute),
    {0}};

static uint64_t count_parameters(const struct ic_graph *graph,
                                 const struct ic_node *node)
{
    uint64_t count = 0;

    for (int i = 0; i < node->param_count; i++)
        count += graph->params[node->params[i]].count;
    return count;
}

/* The totals over all layers. */
struct total {
    uint64_t parameters, macs;
};

/* Prints the row of node `i` and adds it to the total. */
static void print_node(const struct ic_graph *graph, int i,
                       const struct ic_backend *backend, int batch, struct total *total)
{
    const struct ic_node *node = &graph->nodes[i];
    const struct ic_shape in = graph->nodes[node->inputs[0]].out;
    const uint64_t parameters = count_parameters(graph, node);
    char shape[40];

    snprintf(shape, sizeof shape, "%dx%dx%d", node->out.height, node->out.width,
             node->out.channels);
    printf("%-21s %-11s %9" PRIu64, node->name, shape, parameters);
    total->parameters += parameters;
    if (node->op->gemm != NULL) {
        const struct ic_gemm_size gemm = node->op->gemm(node, in);
        const uint64_t macs = gemm.m * gemm.n * gemm.k;

        total->macs += macs;
        printf(" %9.2f %6" PRIu64 " %4" PRIu64 " %4" PRIu64, 1e-6 * (double)macs,
               gemm.m, gemm.n, gemm.k);
    }
    if (node->op->algorithm != NULL)
        printf(" %s", node->op->algorithm(node, in, backend, batch));
    putchar('\n');
}

static void print_layers(const struct ic_graph *graph, const struct ic_backend *backend,
                         int batch)
{
    struct total total = {0};

    printf("%-21s %-11s %9s %9s %6s %4s %4s\n", "layer", "output", "params", "M MACs",
           "M", "N", "K");
    for (int i = 1; i < graph->count; i++)
        print_node(graph, i, backend, batch, &total);
    printf("%-33s %9" PRIu64 " %9.2f\n\n", "total", total.parameters,
           1e-6 * (double)total.macs);
    fputs("Output, MACs (multiply-adds, in millions) and the matrix product\n"
          "M x K times K x N are those of one picture's forward pass.\n\n",
          stdout);
}

static void print_bytes(const char *what, size_t bytes)
{
    printf("  %-43s %9.1f MiB\n", what, (double)bytes / (1 << 20));
}

static void print_plan(const struct ic_plan *plan, const struct ic_backend *backend)
{
    const struct ic_plan_options *const options = &plan->options;

    if (options->training && options->ranks > 1)
        printf("memory of one of %d ranks that train with Adam, batch %d, micro-batch "
               "%d:\n",
               options->ranks, options->step, options->batch);
    else if (options->step > options->batch)
        printf("memory of training with Adam, batch %d, micro-batch %d:\n",
               options->step, options->batch);
    else
        printf("memory of %s, batch %d:\n",
               options->training ? "training with Adam" : "inference", options->batch);
    print_bytes("parameters", plan->param_bytes);
    print_bytes("running statistics", plan->state_bytes);
    if (plan->options.average)
        print_bytes("moving average of the two", plan->average_bytes);
    if (plan->options.training) {
        print_bytes("gradients of the parameters", plan->grad_bytes);
        print_bytes("statistics of the micro-batches", plan->statistics_bytes);
        print_bytes("Adam's two moments", plan->slot_bytes);
    }
    print_bytes(plan->options.training ? "activations, their gradients, workspace"
                                       : "activations, workspace, folded weights",
                plan->activation_bytes + plan->packed_bytes);
    if (plan->exchange_bytes > 0 && backend->host_memory)
        print_bytes("gradients in transit between ranks", plan->exchange_bytes);
    print_bytes("together",
                plan->total_bytes + (backend->host_memory ? plan->exchange_bytes : 0));
    if (options->training && backend->host_memory)
        print_bytes("with the program and the batches read ahead",
                    ic_plan_needs(plan, backend));
}

/* The rank that keeps most gradients. */
static int fullest_rank(struct ic_plan_options options)
{
    int fullest = 0, most = 0;

    for (options.rank = 0; options.rank < options.ranks; options.rank++)
        if (ic_plan_gradient_blocks(&options) > most) {
            most = ic_plan_gradient_blocks(&options);
            fullest = options.rank;
        }
    return fullest;
}

/* Prints the memory of training, then of inference, for which the graph is folded. */
static ic_status print_memory(struct ic_engine *engine,
                              const struct summary_options *asked,
                              struct ic_error *error)
{
    const struct ic_backend *const backend = engine->backend;
    const int ranks = asked->ranks;
    const bool average = asked->ema > 0;
    const int threads = ic_machine_threads(asked->compute.threads);
    int micro = asked->micro_batch < asked->batch ? asked->micro_batch : asked->batch;
    ic_status status = ic_ranks_cut_batch(ranks, asked->batch, &micro, error);

    for (int training = 1; training >= 0 && status == IC_OK; training--) {
        struct ic_plan_options options = {.batch = training ? micro : asked->batch,
                                          .step = training ? asked->batch : 0,
                                          .training = training,
                                          .slots = training ? 2 : 0,
                                          .average = training && average,
                                          .ranks = training ? ranks : 1};
        struct ic_plan plan;

        options.rank = fullest_rank(options);
        ic_host_memory_add(&options, asked->size, 2 * threads);
        if (!training)
            status = ic_graph_fold(&engine->graph, IC_FOLD_FOR_MANY, error);
        if (status == IC_OK)
            status = ic_plan_make(&engine->graph, backend, engine->device, &options,
                                  &plan, error);
        if (status != IC_OK)
            break;
        print_plan(&plan, backend);
        ic_plan_free(&plan);
    }
    if (status == IC_OK)
        printf("memory available to this process: %.1f MiB\n",
               (double)backend->memory_limit(engine->device) / (1 << 20));
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct summary_options *asked = options->values;
    enum ic_conv_algorithm algorithm;
    enum ic_type type;
    struct ic_engine engine = {0};
    struct ic_model model = {0};
    ic_status status = ic_compute_open(&asked->compute, &engine.backend, &engine.device,
                                       &algorithm, &type, error);

    if (status == IC_OK)
        status = ic_model_init(&model, asked->arch, asked->head, NULL, asked->classes,
                               "folder", asked->size, IC_FIT_CROP, error);
    if (status == IC_OK)
        status = ic_model_build(&model, algorithm, type, &engine.graph, error);
    if (status == IC_OK) {
        print_layers(&engine.graph, engine.backend, asked->batch);
        status = print_memory(&engine, asked, error);
    }
    ic_engine_close(&engine);
    ic_model_free(&model);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_summary = {
    .name = "summary",
    .summary = "shows the layers of a network and the memory it takes",
    .operands = "",
    .text =
        "Prints one row per layer of a network: its output, parameters, multiply-adds, "
        "the size of its matrix product and the algorithm that computes it; then the "
        "memory that training and inference take for a batch.\n",
    .options = table,
    .values_size = sizeof(struct summary_options),
    .run = run,
};
