/* SPDX-License-Identifier: MIT */
/*
 * The moving average of a network's weights and running statistics, against figures
 * from PyTorch; which of the two sets a pass reads; and what the plan counts.
 */
#include "backend/registry.h"
#include "check.h"
#include "golden.h"
#include "graph/net.h"
#include "graph/ops.h"

static struct ic_error error;
static const struct ic_backend *backend;
static struct ic_device *device;

/* A batch norm of 3 channels: weight, bias, running mean, running variance. */
static void build(struct ic_graph *graph)
{
    ic_graph_init(graph, 1, 1, 3, IC_CONV_AUTO);
    ic_batchnorm(graph, "bn", 0, IC_NO_RESIDUAL, false);
    CHECK_OK(ic_graph_finish(graph, &error));
}

static struct ic_net *open_net(const struct ic_graph *graph, bool average)
{
    const struct ic_plan_options options = {
        .batch = 2, .training = true, .slots = 1, .average = average};
    struct ic_net *net = NULL;

    if (ic_net_open(graph, backend, device, &options, &net, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    return net;
}

/* Array k of the four in the golden file, of the selected set. */
static float *array(struct ic_net *net, int k)
{
    const struct ic_graph *graph = ic_net_graph(net);

    return k < 2 ? ic_net_params(net) + graph->params[k].offset
                 : ic_net_states(net) + graph->states[k - 2].offset;
}

static void set_weights(struct ic_net *net, double (*value)(int i, int t), int t)
{
    for (int k = 0; k < 4; k++) {
        float values[3];

        for (int i = 0; i < 3; i++)
            values[i] = (float)value(3 * k + i, t);
        backend->upload(device, array(net, k), values, sizeof values);
    }
}

static double golden_value(int i, int t)
{
    return cos(i + 0.3 * t);
}

/* --- PyTorch's figures ------------------------------------------------------------ */

static void compare_step(struct ic_net *net, const char *line, int step)
{
    int used = 0, number;

    CHECK_INT(sscanf(line, "step %d %n", &number, &used), 1);
    CHECK_INT(number, step);
    ic_net_select(net, IC_NET_AVERAGE);
    for (int k = 0; k < 4; k++) {
        float found[3];

        backend->download(device, found, array(net, k), sizeof found);
        for (int i = 0; i < 3; i++) {
            double expected;
            int length = 0;

            CHECK_INT(sscanf(line + used, "%lf %n", &expected, &length), 1);
            used += length;
            CHECK_NEAR(found[i], expected, 1e-6);
        }
    }
    ic_net_select(net, IC_NET_WEIGHTS);
}

static void against_pytorch(void)
{
    FILE *golden = golden_open("average.txt");
    char line[400];
    int steps, followed = 0;
    double decay;
    struct ic_graph graph;

    build(&graph);
    while (golden_line(golden, line, sizeof line)) {
        struct ic_net *net = open_net(&graph, true);

        CHECK_INT(sscanf(line, "average %lf %d", &decay, &steps), 2);
        for (int t = 0; t < steps && golden_line(golden, line, sizeof line); t++) {
            set_weights(net, golden_value, t);
            ic_net_average(net, t == 0 ? 0 : decay);
            CHECK_OK(backend->sync(device, &error));
            compare_step(net, line, t);
        }
        ic_net_close(net);
        followed++;
    }
    CHECK_INT(followed, 3);
    ic_graph_free(&graph);
    fclose(golden);
}

/* --- which set a pass takes ------------------------------------------------------- */

static double positive(int i, int t)
{
    return 1 + i + 10 * t;
}

static void evaluate(struct ic_net *net, float logits[6])
{
    const float pixels[6] = {1, 2, 3, -1, 0, 5};

    ic_net_input_floats(net, pixels, 2);
    ic_net_forward(net, false);
    ic_net_logits(net, logits);
}

/* Evaluation with the average gives the bits of a network that has the average as its
 * weights. A training pass updates the running statistics of the weights alone. */
static void passes(void)
{
    struct ic_graph graph;
    struct ic_net *net, *plain;
    float logits[6], weights[6], average[6], before[3], after[3];

    build(&graph);
    net = open_net(&graph, true);
    plain = open_net(&graph, false);
    set_weights(plain, positive, 0);
    set_weights(net, positive, 0);
    ic_net_average(net, 0);
    set_weights(net, positive, 1);
    evaluate(net, weights);
    ic_net_select(net, IC_NET_AVERAGE);
    evaluate(net, average);
    backend->download(device, before, array(net, 2), sizeof before);
    ic_net_select(net, IC_NET_WEIGHTS);
    evaluate(plain, logits);
    CHECK(memcmp(average, logits, sizeof logits) == 0);
    CHECK(memcmp(weights, logits, sizeof logits) != 0);
    evaluate(net, logits);
    CHECK(memcmp(weights, logits, sizeof logits) == 0);

    ic_net_forward(net, true);
    ic_net_select(net, IC_NET_AVERAGE);
    backend->download(device, after, array(net, 2), sizeof after);
    CHECK(memcmp(before, after, sizeof after) == 0);
    ic_net_select(net, IC_NET_WEIGHTS);
    backend->download(device, after, array(net, 2), sizeof after);
    CHECK(after[0] != (float)positive(6, 1));
    ic_net_close(net);
    ic_net_close(plain);
    ic_graph_free(&graph);
}

/* The second set is one block of parameters and one of states, and nothing else. */
static void memory(void)
{
    struct ic_graph graph;
    struct ic_net *nets[2];
    const struct ic_plan *with, *without;

    build(&graph);
    for (int average = 0; average < 2; average++)
        nets[average] = open_net(&graph, average == 1);
    without = ic_net_plan(nets[0]);
    with = ic_net_plan(nets[1]);
    CHECK_INT(without->average_bytes, 0);
    CHECK_INT(with->average_bytes, with->param_bytes + with->state_bytes);
    CHECK_INT(with->total_bytes, without->total_bytes + with->average_bytes);
    CHECK_INT(with->total_bytes, with->param_bytes + with->state_bytes +
                                     with->average_bytes + with->grad_bytes +
                                     with->statistics_bytes + with->slot_bytes +
                                     with->activation_bytes);
    ic_net_close(nets[0]);
    ic_net_close(nets[1]);
    ic_graph_free(&graph);
}

int main(void)
{
    const struct ic_device_options options = {.threads = 2};

    if (ic_backend_find("cpu", &backend, &error) != IC_OK ||
        backend->open(&options, &device, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 99;
    }
    against_pytorch();
    passes();
    memory();
    backend->close(device);
    return check_result();
}
