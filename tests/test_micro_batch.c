/* SPDX-License-Identifier: MIT */
/*
 * A step of several micro-batches. Its gradients are those of the micro-batches, added
 * in the order of the tree that is written down here, and its running statistics move
 * in the order of the micro-batches: bit for bit, on every backend and with any number
 * of threads.
 */
#include "base/random.h"
#include "check.h"
#include "graph/net.h"
#include "graph/ops.h"
#include "kit.h"
#include "model/init.h"

enum { MOST = 16, SIZE = 9, PICTURE = 3 * SIZE * SIZE, CLASSES = 3 };

static struct ic_error error;

static const float mean[3] = {0.5f, 0.4f, 0.3f}, deviation[3] = {0.2f, 0.25f, 0.3f};
static uint8_t rgb[MOST * PICTURE];
static int32_t labels[MOST];

/* The last micro-batch is smaller where the division leaves a remainder. */
static const struct step {
    int pictures, micro_batch;
    const char *tree;
    int blocks;
} steps[] = {
    {4, 4, "0", 1},
    {7, 4, "(0+1)", 2},
    {8, 4, "(0+1)", 2},
    {8, 3, "((0+1)+2)", 2},
    {13, 3, "(((0+1)+(2+3))+4)", 3},
    {15, 2, "(((0+1)+(2+3))+((4+5)+(6+7)))", 4},
    {16, 2, "(((0+1)+(2+3))+((4+5)+(6+7)))", 4},
};

enum { STEPS = sizeof steps / sizeof *steps };

static void draw_pictures(void)
{
    struct ic_random random;

    ic_random_init(&random, 5, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < MOST * PICTURE; i++)
        rgb[i] = (uint8_t)ic_random_below(&random, 256);
    for (int i = 0; i < MOST; i++)
        labels[i] = i % CLASSES;
}

/* Every kind of layer that has parameters, with a residual. */
static void build(struct ic_graph *graph)
{
    int x, y;

    ic_graph_init(graph, SIZE, SIZE, 3, IC_CONV_AUTO);
    x = ic_conv2d(graph, "one", 0, 6, 3, 1, 1);
    x = ic_batchnorm(graph, "two", x, IC_NO_RESIDUAL, true);
    y = ic_conv2d(graph, "three", x, 6, 3, 1, 1);
    x = ic_batchnorm(graph, "four", y, x, true);
    x = ic_conv2d(graph, "five", x, 5, 3, 2, 1);
    x = ic_avgpool(graph, "pool", x);
    x = ic_linear(graph, "six", x, 7);
    ic_linear(graph, "seven", x, CLASSES);
    CHECK_OK(ic_graph_finish(graph, &error));
}

static struct ic_net *open_net(struct kit *kit, const struct ic_graph *graph,
                               const struct step *step)
{
    const struct ic_plan_options options = {.batch = step->micro_batch,
                                            .step = step->pictures,
                                            .training = true,
                                            .slots = 1};
    struct ic_net *net = NULL;

    if (ic_net_open(graph, kit->backend, kit->device, &options, &net, &error) !=
        IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    CHECK_OK(ic_init_weights(net, 11, &error));
    return net;
}

static int micro_batches(const struct step *step)
{
    return (step->pictures + step->micro_batch - 1) / step->micro_batch;
}

static void compute(struct ic_net *net, const struct step *step, int number)
{
    const int first = number * step->micro_batch, left = step->pictures - first;

    ic_net_input(net, rgb + first * PICTURE,
                 left < step->micro_batch ? left : step->micro_batch, mean, deviation);
    ic_net_forward(net, true);
    ic_net_loss(net, labels + first, 0.1f, true, NULL);
    ic_net_backward(net);
}

/* The gradients of one micro-batch, which are those of a step that begins with it. */
static float *leaf(struct kit *kit, const struct ic_graph *graph,
                   const struct step *step, int number)
{
    struct ic_net *net = open_net(kit, graph, step);
    float *grads;

    ic_net_begin_step(net, step->pictures);
    compute(net, step, number);
    grads = kit_read(kit, ic_net_grads(net), graph->param_floats);
    ic_net_close(net);
    return grads;
}

/* Element i of the sum that `tree` describes; advances `tree` past it. */
static float evaluate(const char **tree, float *const *leaves, size_t i)
{
    float left, right;

    if (**tree != '(')
        return leaves[*(*tree)++ - '0'][i];
    ++*tree;
    left = evaluate(tree, leaves, i);
    ++*tree;
    right = evaluate(tree, leaves, i);
    ++*tree;
    return left + right;
}

static void check_gradients(struct kit *kit, const struct step *step)
{
    struct ic_graph graph;
    struct ic_net *net;
    float *leaves[MOST], *found;
    double *expected;

    build(&graph);
    for (int k = 0; k < micro_batches(step); k++)
        leaves[k] = leaf(kit, &graph, step, k);
    expected = kit_host(kit, graph.param_floats, sizeof *expected);
    for (size_t i = 0; i < graph.param_floats; i++) {
        const char *tree = step->tree;

        expected[i] = evaluate(&tree, leaves, i);
        CHECK(*tree == '\0');
    }
    net = open_net(kit, &graph, step);
    CHECK_INT(ic_net_plan(net)->grad_bytes,
              (size_t)step->blocks * ic_net_plan(net)->param_bytes);
    for (int again = 0; again < 2; again++) { /* the first step leaves nothing behind */
        ic_net_begin_step(net, step->pictures);
        for (int k = 0; k < micro_batches(step); k++)
            compute(net, step, k);
        CHECK_OK(ic_net_end_step(net, &error));
        found = kit_read(kit, ic_net_grads(net), graph.param_floats);
        kit_check_equal(kit, step->tree, found, expected, graph.param_floats);
    }
    ic_net_close(net);
    ic_graph_free(&graph);
}

/* Rounding tells the order of a sum, and the reference rounds nothing on the way. */
static void test_gradients(struct kit *kit, void *data)
{
    if (kit->reference)
        return;
    for (int i = 0; i < STEPS; i++)
        check_gradients(kit, &steps[i]);
}

/* --- running statistics ----------------------------------------------------------- */

static float *moved(struct kit *kit, const struct ic_graph *graph, struct ic_net *net)
{
    float *const states = kit_read(kit, ic_net_states(net), graph->state_floats);

    ic_net_close(net);
    return states;
}

/* The statistics move as if each micro-batch were a step of its own, in order, which
 * differs from another order. They all move at the end of the step. */
static void check_statistics(struct kit *kit, const struct step *step)
{
    const int count = micro_batches(step);
    struct ic_graph graph;
    struct ic_net *whole, *one_by_one, *backwards;
    float *found, *expected;
    size_t bytes;

    build(&graph);
    bytes = graph.state_floats * sizeof(float);
    whole = open_net(kit, &graph, step);
    one_by_one = open_net(kit, &graph, step);
    backwards = open_net(kit, &graph, step);
    expected = kit_read(kit, ic_net_states(whole), graph.state_floats);
    ic_net_begin_step(whole, step->pictures);
    for (int k = 0; k < count; k++) {
        compute(whole, step, k);
        compute(one_by_one, step, k);
        compute(backwards, step, count - 1 - k);
    }
    found = kit_read(kit, ic_net_states(whole), graph.state_floats);
    CHECK(memcmp(found, expected, bytes) == 0);
    CHECK_OK(ic_net_end_step(whole, &error));
    found = moved(kit, &graph, whole);
    CHECK(memcmp(found, expected, bytes) != 0);
    expected = moved(kit, &graph, one_by_one);
    CHECK(memcmp(found, expected, bytes) == 0);
    expected = moved(kit, &graph, backwards);
    CHECK((memcmp(found, expected, bytes) != 0) == (count > 1));
    ic_graph_free(&graph);
}

static void test_statistics(struct kit *kit, void *data)
{
    for (int i = 0; i < STEPS; i++)
        check_statistics(kit, &steps[i]);
}

/* --- bits ------------------------------------------------------------------------- */

static size_t floats_of_all(void)
{
    struct ic_graph graph;
    size_t floats;

    build(&graph);
    floats = graph.param_floats + graph.state_floats;
    ic_graph_free(&graph);
    return floats;
}

static void run_for_bits(struct kit *kit, void *data, float *result)
{
    const struct step *step = data;
    struct ic_graph graph;
    struct ic_net *net;

    build(&graph);
    net = open_net(kit, &graph, step);
    ic_net_begin_step(net, step->pictures);
    for (int k = 0; k < micro_batches(step); k++)
        compute(net, step, k);
    CHECK_OK(ic_net_end_step(net, &error));
    memcpy(result, kit_read(kit, ic_net_grads(net), graph.param_floats),
           graph.param_floats * sizeof *result);
    memcpy(result + graph.param_floats,
           kit_read(kit, ic_net_states(net), graph.state_floats),
           graph.state_floats * sizeof *result);
    ic_net_close(net);
    ic_graph_free(&graph);
}

int main(void)
{
    draw_pictures();
    for (int threads = 1; threads <= 3; threads++) {
        kit_run(threads, test_gradients, NULL);
        kit_run(threads, test_statistics, NULL);
    }
    for (int i = 0; i < STEPS; i++)
        kit_run_threads(run_for_bits, (void *)&steps[i], floats_of_all());
    return check_result() | kit_result();
}
