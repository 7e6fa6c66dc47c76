/* SPDX-License-Identifier: MIT */
/*
 * A network with its batch norms folded into convolutions, against itself unfolded. The
 * logits agree with running statistics that differ from a fresh network's, also for a
 * batch smaller than the plan's, and arrays keep their names and positions.
 */
#include "backend/registry.h"
#include "check.h"
#include "graph/fold.h"
#include "graph/net.h"
#include "graph/op.h"
#include "graph/ops.h"
#include "model/arch.h"
#include "model/init.h"

#include "base/random.h"

enum { BATCH = 7, SIDE = 40, CLASSES = 5, LOGITS = BATCH * CLASSES };

static struct ic_error error;
static const struct ic_backend *backend;

static float *random_floats(size_t count, uint32_t stream)
{
    float *out = check_alloc(count, sizeof *out);
    struct ic_random random;

    ic_random_init(&random, 7, IC_RANDOM_BENCH, 0, stream);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)ic_random_normal(&random);
    return out;
}

/* Weights of a network, drawn once: drawing millions of normal numbers takes longer
 * than what is tested. */
struct weights {
    float *states, *params;
};

/* Draws scales, biases, means and variances that all differ, in the ranges of a network
 * after some training: neither branch vanishes. */
static struct weights draw(struct ic_net *net)
{
    const struct ic_graph *graph = ic_net_graph(net);
    float *states = random_floats(graph->state_floats, 2);
    float *params = check_alloc(graph->param_floats, sizeof *params);

    CHECK_OK(ic_init_weights(net, 11, &error));
    for (size_t i = 0; i < graph->state_floats; i++)
        states[i] = 1 + 0.5f * tanhf(states[i]);
    backend->download(ic_net_device(net), params, ic_net_params(net),
                      graph->param_floats * sizeof *params);
    for (int p = 0; p < graph->param_count; p++) {
        const struct ic_array *array = &graph->params[p];

        for (size_t i = 0; array->rank == 1 && i < array->count; i++)
            params[array->offset + i] += 0.1f * (float)(i % 7);
    }
    return (struct weights){states, params};
}

/* The logits of `count` pictures. The first run of a network draws its weights. */
static void run(const struct ic_graph *graph, struct weights *weights, int threads,
                int count, float *logits)
{
    const struct ic_device_options device_options = {.threads = threads};
    const struct ic_plan_options options = {.batch = BATCH};
    float *pixels = random_floats((size_t)BATCH * SIDE * SIDE * 3, 1);
    struct ic_device *device;
    struct ic_net *net;

    CHECK_OK(backend->open(&device_options, &device, &error));
    CHECK_OK(ic_net_open(graph, backend, device, &options, &net, &error));
    if (weights->params == NULL)
        *weights = draw(net);
    backend->upload(device, ic_net_states(net), weights->states,
                    graph->state_floats * sizeof *weights->states);
    backend->upload(device, ic_net_params(net), weights->params,
                    graph->param_floats * sizeof *weights->params);
    ic_net_pack_weights(net);
    ic_net_input_floats(net, pixels, count);
    ic_net_forward(net, false);
    ic_net_logits(net, logits);
    ic_net_close(net);
    backend->close(device);
    free(pixels);
}

static void build(struct ic_graph *graph, const char *arch, const char *head,
                  enum ic_conv_algorithm algorithm)
{
    ic_graph_init(graph, SIDE, SIDE, 3, algorithm);
    ic_arch_build(graph, arch, head, CLASSES);
    CHECK_OK(ic_graph_finish(graph, &error));
}

static double distance(const float *a, const float *b)
{
    double difference = 0, norm = 0;

    for (int i = 0; i < LOGITS; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        norm += (double)a[i] * a[i];
    }
    return sqrt(difference / norm);
}

static void test_logits(const char *arch, const char *head,
                        enum ic_conv_algorithm algorithm)
{
    float plain[LOGITS], folded[LOGITS], again[LOGITS], first[LOGITS];
    struct weights weights = {NULL, NULL};
    struct ic_graph graph;

    build(&graph, arch, head, algorithm);
    run(&graph, &weights, 2, BATCH, plain);
    CHECK_OK(ic_graph_fold(&graph, IC_FOLD_FOR_MANY, &error));
    run(&graph, &weights, 2, BATCH, folded);
    if (!(distance(plain, folded) <= 1e-5))
        CHECK_FAIL("%s, %s, %s: the logits of the folded network are %.3g away", arch,
                   head, ic_conv_algorithm_name(algorithm), distance(plain, folded));
    run(&graph, &weights, 1, BATCH, again);
    CHECK(memcmp(folded, again, sizeof folded) == 0);
    run(&graph, &weights, 2, 1, first);
    for (int c = 0; c < CLASSES; c++)
        CHECK_NEAR(first[c], folded[c], 1e-4);
    ic_graph_free(&graph);
    free(weights.states);
    free(weights.params);
}

static int count_ops(const struct ic_graph *graph, const char *name)
{
    int count = 0;

    for (int i = 1; i < graph->count; i++)
        count += strcmp(graph->nodes[i].op->name, name) == 0;
    return count;
}

/* All 20 pairs of ResNet-18 are folded and nothing else; arrays stay as they were. */
static void test_nodes(void)
{
    struct ic_graph plain, folded;

    build(&plain, "resnet18", "fastai", IC_CONV_AUTO);
    build(&folded, "resnet18", "fastai", IC_CONV_AUTO);
    CHECK_OK(ic_graph_fold(&folded, IC_FOLD_FOR_MANY, &error));
    CHECK_INT(count_ops(&folded, "conv2d"), 0);
    CHECK_INT(count_ops(&folded, "conv2d+bn"), 20);
    CHECK_INT(count_ops(&folded, "batchnorm"), count_ops(&plain, "batchnorm") - 20);
    CHECK_INT(folded.count, plain.count - 20);
    CHECK_INT(folded.param_floats, plain.param_floats);
    CHECK_INT(folded.param_count, plain.param_count);
    for (int i = 0; i < plain.param_count; i++) {
        CHECK_STRING(folded.params[i].name, plain.params[i].name);
        CHECK(folded.params[i].offset == plain.params[i].offset);
    }
    ic_graph_free(&plain);
    ic_graph_free(&folded);
}

/* A convolution with other readers, and one without a norm, stay unfolded. */
static void test_what_stays(void)
{
    struct ic_graph graph;
    int x, y;

    ic_graph_init(&graph, 8, 8, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "a", 0, 6, 3, 1, 1);
    y = ic_batchnorm(&graph, "bn", x, IC_NO_RESIDUAL, true);
    y = ic_conv2d(&graph, "b", y, 6, 1, 1, 0);
    y = ic_batchnorm(&graph, "sum", y, x, true);
    ic_conv2d(&graph, "c", y, 6, 3, 1, 1);
    CHECK_OK(ic_graph_finish(&graph, &error));
    CHECK_OK(ic_graph_fold(&graph, IC_FOLD_FOR_MANY, &error));
    CHECK_INT(graph.count, 5);
    CHECK_INT(count_ops(&graph, "conv2d"), 2);
    CHECK_INT(count_ops(&graph, "conv2d+bn"), 1);
    CHECK_STRING(graph.nodes[3].name, "sum");
    CHECK_INT(graph.nodes[3].inputs[0], 2);
    CHECK_INT(graph.nodes[3].inputs[1], 1);
    ic_graph_free(&graph);
}

/* One picture has 16 tiles of 4 x 4 pixels. Winograd's form of the weights pays where
 * it is used again, but not where it is computed for one picture. */
static void test_algorithm(void)
{
    for (enum ic_fold fold = IC_FOLD_FOR_MANY; fold <= IC_FOLD_FOR_ONE; fold++) {
        const char *const expected = fold == IC_FOLD_FOR_ONE ? "direct" : "winograd";
        struct ic_graph graph;
        const struct ic_node *node;
        int x;

        ic_graph_init(&graph, 14, 14, 256, IC_CONV_AUTO);
        x = ic_conv2d(&graph, "conv", 0, 256, 3, 1, 1);
        ic_batchnorm(&graph, "bn", x, IC_NO_RESIDUAL, true);
        CHECK_OK(ic_graph_finish(&graph, &error));
        CHECK_OK(ic_graph_fold(&graph, fold, &error));
        node = &graph.nodes[1];
        CHECK_STRING(node->op->algorithm(node, graph.nodes[0].out, backend, 1),
                     expected);
        CHECK_STRING(node->op->algorithm(node, graph.nodes[0].out, backend, 2),
                     "winograd");
        ic_graph_free(&graph);
    }
}

int main(void)
{
    if (ic_backend_find("cpu", &backend, &error) != IC_OK)
        return 99;
    test_nodes();
    test_what_stays();
    test_algorithm();
    for (int a = 0; a < IC_CONV_ALGORITHMS; a++)
        if (backend->conv2d_has((enum ic_conv_algorithm)a))
            test_logits("resnet18", a % 2 ? "fastai" : "plain",
                        (enum ic_conv_algorithm)a);
    test_logits("resnet34", "plain", IC_CONV_AUTO);
    test_logits("resnet50", "fastai", IC_CONV_AUTO);
    return check_result();
}
