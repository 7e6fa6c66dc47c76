/* SPDX-License-Identifier: MIT */
/*
 * Optimisers on a tiny network: fastai's own trajectories, and which stretch of the
 * parameter block gets which learning rate and decay.
 */
#include "backend/registry.h"
#include "check.h"
#include "golden.h"
#include "graph/ops.h"
#include "train/numeric.h"
#include "train/optimizer.h"

static struct ic_error error;

static const struct ic_backend *backend;
static struct ic_device *device;

/* A linear layer of 3 features and 2 classes: 6 weights that decay, 2 biases. */
static void build_linear(struct ic_graph *graph)
{
    ic_graph_init(graph, 1, 1, 3, IC_CONV_AUTO);
    ic_linear(graph, "fc", 0, 2);
    CHECK_OK(ic_graph_finish(graph, &error));
}

static struct ic_net *open_net(const struct ic_graph *graph,
                               enum ic_optimizer_kind kind)
{
    const struct ic_plan_options options = {
        .batch = 1, .training = true, .slots = ic_optimizer_slots(kind)};
    struct ic_net *net = NULL;

    if (ic_net_open(graph, backend, device, &options, &net, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    return net;
}

/* Number i of the golden file is element i of the weight, then of the bias. */
static float *element(const struct ic_net *net, float *block, int i)
{
    const struct ic_array *arrays = ic_net_graph(net)->params;

    return i < 6 ? block + arrays[0].offset + i : block + arrays[1].offset + i - 6;
}

static void upload(struct ic_net *net, float *block, double (*value)(int i, int t),
                   int t)
{
    for (int i = 0; i < 8; i++) {
        const float number = (float)value(i, t);

        backend->upload(device, element(net, block, i), &number, sizeof number);
    }
}

static double first_parameter(int i, int t)
{
    (void)t;
    return cos(i);
}

static double gradient(int i, int t)
{
    return 0.1 * sin(0.7 * i + 0.3 * t);
}

/* --- fastai's trajectories -------------------------------------------------------- */

static void compare_step(struct ic_net *net, const char *line, int step)
{
    int used = 0, number;

    CHECK_INT(sscanf(line, "step %d %n", &number, &used), 1);
    CHECK_INT(number, step);
    for (int i = 0; i < 8; i++) {
        double expected;
        float found;
        int length = 0;

        CHECK_INT(sscanf(line + used, "%lf %n", &expected, &length), 1);
        used += length;
        backend->download(device, &found, element(net, ic_net_params(net), i),
                          sizeof found);
        CHECK_NEAR(found, expected, 2e-6);
    }
}

static void follow(FILE *golden, const char *name, int steps, double lr, double decay,
                   double most)
{
    const struct ic_phase phase = ic_phase_one_cycle(1, lr);
    struct ic_optimizer optimizer;
    enum ic_optimizer_kind kind;
    struct ic_graph graph;
    struct ic_net *net;
    char line[400];
    int clipped = 0;

    CHECK_OK(ic_optimizer_find(name, &kind, &error));
    build_linear(&graph);
    net = open_net(&graph, kind);
    CHECK_OK(ic_optimizer_open(&optimizer, &graph, kind, decay, (struct ic_freeze){0},
                               &error));
    upload(net, ic_net_params(net), first_parameter, 0);
    for (int t = 0; t < steps && golden_line(golden, line, sizeof line); t++) {
        const struct ic_rates rates = ic_phase_rates(&phase, (double)t / steps);
        double factor;

        upload(net, ic_net_grads(net), gradient, t);
        factor = ic_optimizer_clip(ic_numeric_gradient_norm(net), most);
        clipped += factor < 1;
        ic_optimizer_step(&optimizer, net, &rates, factor);
        CHECK_OK(backend->sync(device, &error));
        compare_step(net, line, t);
    }
    CHECK_INT(optimizer.step, steps);
    CHECK(most > 0 ? clipped > 0 && clipped < steps : clipped == 0);
    ic_optimizer_close(&optimizer);
    ic_net_close(net);
    ic_graph_free(&graph);
}

static void against_fastai(void)
{
    FILE *golden = golden_open("optimizer.txt");
    char line[400], name[20];
    int steps, followed = 0;
    double lr, decay, most;

    while (golden_line(golden, line, sizeof line)) {
        CHECK_INT(sscanf(line, "optimizer %19s %d %lf %lf %lf", name, &steps, &lr,
                         &decay, &most),
                  5);
        follow(golden, name, steps, lr, decay, most);
        followed++;
    }
    CHECK_INT(followed, 4);
    fclose(golden);
}

/* --- spans ------------------------------------------------------------------------ */

/* The layers, with their groups: conv (0), batch norm (0), linear with bias (0), linear
 * (1), linear with bias (2). */
static void build_groups(struct ic_graph *graph)
{
    int x;

    ic_graph_init(graph, 4, 4, 3, IC_CONV_AUTO);
    graph->group = 0;
    x = ic_conv2d(graph, "a", 0, 5, 3, 1, 1);
    x = ic_batchnorm(graph, "b", x, IC_NO_RESIDUAL, true);
    x = ic_avgpool(graph, "c", x);
    x = ic_linear(graph, "d", x, 7);
    graph->group = 1;
    x = ic_linear_unbiased(graph, "e", x, 3);
    graph->group = 2;
    ic_linear(graph, "f", x, 2);
    CHECK_OK(ic_graph_finish(graph, &error));
}

/* Every parameter is in exactly one span, with the rule of its group and kind, except
 * frozen parameters, which are in none. */
static void check_cover(const struct ic_graph *graph, struct ic_freeze freeze)
{
    struct ic_optimizer optimizer;
    size_t covered = 0, expected = 0;

    CHECK_OK(
        ic_optimizer_open(&optimizer, graph, IC_OPTIMIZER_ADAM, 0.1, freeze, &error));
    for (int i = 0; i < graph->param_count; i++) {
        const struct ic_array *array = &graph->params[i];
        const bool norm = strncmp(array->name, "b.", 2) == 0;
        const bool weight = !norm && strstr(array->name, ".weight") != NULL;
        const bool frozen = array->group < freeze.groups && (freeze.norms || !norm);

        for (size_t k = array->offset; k < array->offset + array->count; k++) {
            int found = 0;

            for (size_t s = 0; s < optimizer.span_count; s++) {
                const struct ic_update_span *span = &optimizer.spans[s];

                if (k >= span->offset && k < span->offset + span->count) {
                    CHECK_INT(optimizer.rules[s].group, array->group);
                    CHECK_INT(optimizer.rules[s].decays, weight);
                    found++;
                }
            }
            CHECK_INT(found, !frozen);
            expected += !frozen;
        }
    }
    for (size_t s = 0; s < optimizer.span_count; s++)
        covered += optimizer.spans[s].count;
    CHECK_INT(covered, expected);
    ic_optimizer_close(&optimizer);
    ic_optimizer_close(&optimizer); /* closing twice is allowed */
}

/* The arguments that a step passes to the backend: the groups' learning rates, and
 * decay on weights alone. */
static void check_rates(const struct ic_graph *graph)
{
    const struct ic_rates rates = {.lr = {0.5, 0.25, 0.125}, .momentum = 0.9};
    struct ic_net *net = open_net(graph, IC_OPTIMIZER_SGD);
    struct ic_optimizer optimizer;

    CHECK_OK(ic_optimizer_open(&optimizer, graph, IC_OPTIMIZER_SGD, 0.75,
                               (struct ic_freeze){0}, &error));
    ic_optimizer_step(&optimizer, net, &rates, 1);
    for (size_t s = 0; s < optimizer.span_count; s++) {
        CHECK_NEAR(optimizer.spans[s].rate, rates.lr[optimizer.rules[s].group], 0);
        CHECK_NEAR(optimizer.spans[s].weight_decay,
                   optimizer.rules[s].decays ? 0.75 : 0, 0);
    }
    ic_optimizer_close(&optimizer);
    ic_net_close(net);
}

static void spans(void)
{
    struct ic_graph graph;

    build_groups(&graph);
    for (int frozen = 0; frozen <= 3; frozen++)
        for (int norms = 0; norms < 2; norms++)
            check_cover(&graph, (struct ic_freeze){frozen, norms});
    check_rates(&graph);
    ic_graph_free(&graph);
}

static void names(void)
{
    enum ic_optimizer_kind kind;

    CHECK_OK(ic_optimizer_find("adam", &kind, &error));
    CHECK_INT(kind, IC_OPTIMIZER_ADAM);
    CHECK_FAILS(ic_optimizer_find("rmsprop", &kind, &error), IC_ERR_USAGE,
                "--optimizer is rmsprop, must be adam or sgd");
    CHECK_STRING(ic_optimizer_slot_name(IC_OPTIMIZER_ADAM, 1), "square");
    CHECK_STRING(ic_optimizer_slot_name(IC_OPTIMIZER_SGD, 0), "velocity");
}

int main(void)
{
    const struct ic_device_options options = {.threads = 2};

    if (ic_backend_find("cpu", &backend, &error) != IC_OK ||
        backend->open(&options, &device, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 99;
    }
    against_fastai();
    spans();
    names();
    backend->close(device);
    return check_result();
}
