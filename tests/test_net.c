/* SPDX-License-Identifier: MIT */
/*
 * A network as a whole: gradients against central differences, the memory plan against
 * a plan without sharing, evaluation plans against training plans, and equal bits for
 * any number of threads.
 */
#include "backend/registry.h"
#include "base/random.h"
#include "check.h"
#include "graph/net.h"
#include "graph/ops.h"
#include "model/arch.h"
#include "model/init.h"

static struct ic_error error;
static const struct ic_backend *backend;

/* A network with its device, on random pictures. */
struct bench {
    struct ic_device *device;
    struct ic_net *net;
    int batch;
    int32_t *labels;
};

static float *random_floats(size_t count, uint32_t stream)
{
    float *out = check_alloc(count, sizeof *out);
    struct ic_random random;

    ic_random_init(&random, 7, IC_RANDOM_BENCH, 0, stream);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)ic_random_normal(&random);
    return out;
}

/* Gives the network its initial weights. They are drawn once for each size of network:
 * drawing millions of normal numbers takes longer than what is tested. */
static void init_weights(struct ic_net *net)
{
    static float *params, *states; /* of the last network */
    static size_t param_floats, state_floats;
    const struct ic_graph *graph = ic_net_graph(net);
    struct ic_device *device = ic_net_device(net);

    if (graph->param_floats == param_floats && graph->state_floats == state_floats) {
        backend->upload(device, ic_net_params(net), params,
                        param_floats * sizeof *params);
        backend->upload(device, ic_net_states(net), states,
                        state_floats * sizeof *states);
        return;
    }
    CHECK_OK(ic_init_weights(net, 11, &error));
    free(params), free(states);
    param_floats = graph->param_floats;
    state_floats = graph->state_floats;
    params = check_alloc(param_floats + 1, sizeof *params);
    states = check_alloc(state_floats + 1, sizeof *states);
    backend->download(device, params, ic_net_params(net),
                      param_floats * sizeof *params);
    backend->download(device, states, ic_net_states(net),
                      state_floats * sizeof *states);
}

static struct bench open_bench(const struct ic_graph *graph, int threads,
                               struct ic_plan_options options)
{
    const struct ic_device_options device_options = {.threads = threads};
    const struct ic_shape in = graph->nodes[0].out;
    const int classes = graph->nodes[graph->count - 1].out.channels;
    struct bench bench = {.batch = options.batch};
    float *pixels;

    if (backend->open(&device_options, &bench.device, &error) != IC_OK ||
        ic_net_open(graph, backend, bench.device, &options, &bench.net, &error) !=
            IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    init_weights(bench.net);
    pixels = random_floats(
        (size_t)options.batch * (size_t)(in.height * in.width * in.channels), 1);
    ic_net_input_floats(bench.net, pixels, options.batch);
    free(pixels);
    bench.labels = check_alloc((size_t)options.batch, sizeof *bench.labels);
    for (int i = 0; i < options.batch; i++)
        bench.labels[i] = i % classes;
    return bench;
}

static void close_bench(struct bench *bench)
{
    ic_net_close(bench->net);
    backend->close(bench->device);
    free(bench->labels);
}

static double loss(struct bench *bench, bool gradient)
{
    float *losses = check_alloc((size_t)bench->batch, sizeof *losses);
    double sum = 0;

    ic_net_forward(bench->net, true);
    ic_net_loss(bench->net, bench->labels, 0.1f, gradient, losses);
    for (int i = 0; i < bench->batch; i++)
        sum += losses[i];
    free(losses);
    return sum / bench->batch;
}

/* Host copy of a block as large as the parameters. */
static float *download(struct bench *bench, const float *block)
{
    const size_t floats = ic_net_graph(bench->net)->param_floats;
    float *host = check_alloc(floats, sizeof *host);

    backend->download(bench->device, host, block, floats * sizeof *host);
    return host;
}

/* d loss / d step along `direction`, by central differences. */
static double slope(struct bench *bench, const float *params, const float *direction,
                    double step)
{
    const size_t floats = ic_net_graph(bench->net)->param_floats;
    float *moved = check_alloc(floats, sizeof *moved);
    double side[2];

    for (int s = 0; s < 2; s++) {
        for (size_t i = 0; i < floats; i++)
            moved[i] = (float)(params[i] + (s ? step : -step) * direction[i]);
        backend->upload(bench->device, ic_net_params(bench->net), moved,
                        floats * sizeof *moved);
        side[s] = loss(bench, false);
    }
    backend->upload(bench->device, ic_net_params(bench->net), params,
                    floats * sizeof *params);
    free(moved);
    return (side[1] - side[0]) / (2 * step);
}

/* For each parameter array, the slope of the loss along its own gradient is the
 * gradient's norm. */
static void check_gradients(const struct ic_graph *graph, double step, double tolerance)
{
    const struct ic_plan_options options = {.batch = 4, .training = true};
    struct bench bench = open_bench(graph, 2, options);
    const size_t classes = ic_shape_count(graph->nodes[graph->count - 1].out);
    float *before = check_alloc(4 * classes, sizeof *before);
    float *after = check_alloc(4 * classes, sizeof *after);
    float *params, *grads, *direction;

    loss(&bench, true);
    ic_net_logits(bench.net, before);
    ic_net_backward(bench.net);
    ic_net_logits(bench.net, after); /* they last until the next batch */
    CHECK(memcmp(after, before, 4 * classes * sizeof *before) == 0);
    free(before);
    free(after);
    params = download(&bench, ic_net_params(bench.net));
    grads = download(&bench, ic_net_grads(bench.net));
    direction = check_alloc(graph->param_floats, sizeof *direction);
    for (int p = 0; p < graph->param_count; p++) {
        const struct ic_array *array = &graph->params[p];
        double norm = 0, found;

        for (size_t i = 0; i < array->count; i++)
            norm += (double)grads[array->offset + i] * grads[array->offset + i];
        norm = sqrt(norm);
        CHECK(norm > 0);
        memset(direction, 0, graph->param_floats * sizeof *direction);
        for (size_t i = 0; i < array->count; i++)
            direction[array->offset + i] = (float)(grads[array->offset + i] / norm);
        found = slope(&bench, params, direction, step);
        if (!(fabs(found - norm) <= tolerance * norm + 2e-4))
            CHECK_FAIL("%s: slope %.6g, gradient's norm %.6g", array->name, found,
                       norm);
    }
    free(params);
    free(grads);
    free(direction);
    close_bench(&bench);
}

static void test_two_blocks(void)
{
    struct ic_graph graph;
    int x, shortcut;

    ic_graph_init(&graph, 9, 11, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "stem", 0, 8, 3, 1, 1);
    x = shortcut = ic_batchnorm(&graph, "bn0", x, IC_NO_RESIDUAL, true);
    x = ic_conv2d(&graph, "a.conv1", x, 8, 3, 1, 1);
    x = ic_batchnorm(&graph, "a.bn1", x, IC_NO_RESIDUAL, true);
    x = ic_conv2d(&graph, "a.conv2", x, 8, 3, 1, 1);
    x = shortcut = ic_batchnorm(&graph, "a.bn2", x, shortcut, true);
    x = ic_conv2d(&graph, "b.conv1", x, 12, 3, 2, 1);
    x = ic_batchnorm(&graph, "b.bn1", x, IC_NO_RESIDUAL, true);
    x = ic_conv2d(&graph, "b.conv2", x, 12, 3, 1, 1);
    shortcut = ic_conv2d(&graph, "b.down", shortcut, 12, 1, 2, 0);
    shortcut = ic_batchnorm(&graph, "b.bn3", shortcut, IC_NO_RESIDUAL, false);
    x = ic_batchnorm(&graph, "b.bn2", x, shortcut, true);
    x = ic_avgpool(&graph, "pool", x);
    ic_linear(&graph, "fc", x, 3);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_gradients(&graph, 2e-3, 0.02);
    ic_graph_free(&graph);
}

/* A gradient from three consumers, and one through a max pool. */
static void test_many_consumers(void)
{
    struct ic_graph graph;
    int x, a, b, c;

    ic_graph_init(&graph, 8, 8, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "stem", 0, 6, 3, 1, 1);
    x = ic_maxpool(&graph, "pool", x, 3, 2, 1);
    a = ic_conv2d(&graph, "a", x, 6, 3, 1, 1);
    b = ic_conv2d(&graph, "b", x, 6, 1, 1, 0);
    c = ic_batchnorm(&graph, "c", a, x, false);
    c = ic_batchnorm(&graph, "d", b, c, true);
    c = ic_batchnorm(&graph, "e", x, c, true);
    ic_linear(&graph, "fc", c, 3);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_gradients(&graph, 2e-3, 0.02);
    ic_graph_free(&graph);
}

static void check_equal(const char *what, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(&a[i], &b[i], sizeof *a) != 0) {
            CHECK_FAIL("%s: element %zu is %.9g and %.9g", what, i, a[i], b[i]);
            return;
        }
    }
}

/* A head like fastai's. The drawn mask stays the same from pass to pass. */
static void test_pooled_and_dropped(void)
{
    struct ic_graph graph;
    int x;

    ic_graph_init(&graph, 5, 4, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "stem", 0, 8, 3, 1, 1);
    x = ic_concatpool(&graph, "pool", x);
    x = ic_batchnorm(&graph, "bn1", x, IC_NO_RESIDUAL, false);
    x = ic_dropout(&graph, "drop1", x, 0.25);
    x = ic_linear_unbiased(&graph, "fc1", x, 12);
    x = ic_relu(&graph, "relu", x);
    x = ic_batchnorm(&graph, "bn2", x, IC_NO_RESIDUAL, false);
    x = ic_dropout(&graph, "drop2", x, 0.5);
    ic_linear_unbiased(&graph, "fc2", x, 3);
    CHECK_OK(ic_graph_finish(&graph, &error));
    check_gradients(&graph, 1e-3, 0.03);
    ic_graph_free(&graph);
}

/* Another seed, step or layer drops other features; evaluation drops none. */
static void test_dropout_draws(void)
{
    static const struct {
        uint64_t seed;
        uint32_t step;
        bool training;
    } draws[] = {{1, 1, true}, {1, 1, true}, {2, 1, true}, {1, 2, true}, {1, 1, false}};
    const struct ic_plan_options options = {
        .batch = 3, .training = true, .keep_all = true};
    float y[5][2][3 * 40];
    struct ic_graph graph;
    struct bench bench;
    int layers[2], x;

    ic_graph_init(&graph, 1, 1, 40, IC_CONV_AUTO);
    layers[0] = x = ic_dropout(&graph, "a", 0, 0.5);
    layers[1] = ic_dropout(&graph, "b", 0, 0.5);
    x = ic_batchnorm(&graph, "c", x, layers[1], false);
    ic_linear(&graph, "fc", x, 2);
    CHECK_OK(ic_graph_finish(&graph, &error));
    bench = open_bench(&graph, 2, options);
    for (int i = 0; i < 5; i++) {
        ic_net_set_random(bench.net, draws[i].seed, draws[i].step);
        ic_net_forward(bench.net, draws[i].training);
        for (int k = 0; k < 2; k++)
            backend->download(bench.device, y[i][k],
                              ic_net_output(bench.net, layers[k]), sizeof y[i][k]);
    }
    check_equal("the same draw", y[1][0], y[0][0], 120);
    for (int i = 2; i < 5; i++)
        CHECK(memcmp(y[i][0], y[0][0], sizeof y[0][0]) != 0);
    CHECK(memcmp(y[0][0], y[0][1], sizeof y[0][0]) != 0);
    check_equal("evaluation", y[4][0], y[4][1], 120);
    for (int i = 0; i < 120; i++)
        CHECK(y[0][0][i] == 0 || y[0][0][i] == 2 * y[4][0][i]);
    close_bench(&bench);
    CHECK(ic_dropout(&graph, "d", 0, 1.0) == 0);
    CHECK_FAILS(ic_graph_finish(&graph, &error), IC_ERR_USAGE,
                "d: a dropout rate of 1");
    ic_graph_free(&graph);
}

/* Gradients and states after one step of ResNet-18. */
static void one_step(struct bench *bench, float **ret_grads, float **ret_states)
{
    const struct ic_graph *graph = ic_net_graph(bench->net);

    loss(bench, true);
    ic_net_backward(bench->net);
    *ret_grads = download(bench, ic_net_grads(bench->net));
    *ret_states = check_alloc(graph->state_floats, sizeof **ret_states);
    backend->download(bench->device, *ret_states, ic_net_states(bench->net),
                      graph->state_floats * sizeof **ret_states);
}

/* The number of outputs that a plan recomputes. */
static int recomputed_count(const struct bench *bench, const struct ic_graph *graph)
{
    int count = 0;

    for (int i = 0; i < graph->count; i++)
        count += ic_net_plan(bench->net)->nodes[i].out_recomputed != IC_NO_BUFFER;
    return count;
}

/* Sharing memory, recomputing outputs, and any number of threads change no bit. */
static void test_plans_and_threads(const char *head)
{
    struct ic_graph graph;
    float *expected = NULL, *expected_states = NULL;
    size_t expected_bytes = 0;
    /* A GPU is not told a number of threads. */
    const int variants = strcmp(backend->name, "cpu") == 0 ? 4 : 2;

    ic_graph_init(&graph, 40, 40, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet18", head, 5);
    CHECK_OK(ic_graph_finish(&graph, &error));
    for (int variant = 0; variant < variants; variant++) {
        const int threads[] = {1, 1, 2, 3};
        const struct ic_plan_options options = {
            .batch = 3, .training = true, .keep_all = variant == 0};
        struct bench bench = open_bench(&graph, threads[variant], options);
        float *grads, *states;

        one_step(&bench, &grads, &states);
        if (variant == 0) {
            expected = grads;
            expected_states = states;
            expected_bytes = ic_net_plan(bench.net)->activation_bytes;
            CHECK(recomputed_count(&bench, &graph) == 0);
        } else {
            CHECK(recomputed_count(&bench, &graph) >= 8); /* one per block */
            check_equal("gradients", grads, expected, graph.param_floats);
            check_equal("states", states, expected_states, graph.state_floats);
            CHECK(ic_net_plan(bench.net)->activation_bytes < expected_bytes);
            free(grads);
            free(states);
        }
        close_bench(&bench);
    }
    free(expected);
    free(expected_states);
    ic_graph_free(&graph);
}

/* The logits of an evaluation plan, which works in place, against a training plan's
 * evaluation; also for a batch smaller than the plan's. */
static void test_evaluation(const char *head)
{
    struct ic_graph graph;
    float logits[2][15], *pixels;

    ic_graph_init(&graph, 40, 40, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet18", head, 5);
    CHECK_OK(ic_graph_finish(&graph, &error));
    pixels = random_floats(3 * 40 * 40 * 3, 1);
    for (int training = 0; training < 2; training++) {
        const struct ic_plan_options options = {.batch = 7, .training = training};
        struct bench bench = open_bench(&graph, 2, options);

        ic_net_input_floats(bench.net, pixels, 3);
        ic_net_forward(bench.net, false);
        ic_net_logits(bench.net, logits[training]);
        close_bench(&bench);
    }
    check_equal("logits", logits[0], logits[1], 15);
    free(pixels);
    ic_graph_free(&graph);
}

/* Two or three activations live at a time, not thirty. */
static void test_evaluation_plan_is_small(void)
{
    const struct ic_plan_options eval = {.batch = 8},
                                 train = {.batch = 8, .training = true, .slots = 2};
    const struct ic_device_options device_options = {.threads = 1};
    struct ic_device *device = NULL;
    struct ic_graph graph;
    struct ic_plan plan;
    size_t stem;

    CHECK_OK(backend->open(&device_options, &device, &error));
    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet34", "plain", 1000);
    CHECK_OK(ic_graph_finish(&graph, &error));
    stem = 8UL * 112 * 112 * 64 * sizeof(float);
    CHECK_OK(ic_plan_make(&graph, backend, device, &eval, &plan, &error));
    CHECK(plan.activation_bytes < 3 * stem);
    CHECK_INT(plan.grad_bytes, 0);
    ic_plan_free(&plan);
    CHECK_OK(ic_plan_make(&graph, backend, device, &train, &plan, &error));
    CHECK(plan.activation_bytes > 3 * stem);
    CHECK_INT(plan.grad_bytes, plan.param_bytes);
    CHECK_INT(plan.slot_bytes, 2 * plan.param_bytes);
    ic_plan_free(&plan);
    ic_graph_free(&graph);
    backend->close(device);
}

/* The batch that the refusal of one of a million pictures advises; 0 if none. */
static int advised_batch(const struct ic_graph *graph, struct ic_device *device,
                         struct ic_plan_options options)
{
    struct ic_net *net;
    const char *advice;
    int fits = 0;

    options.batch = 1000000;
    CHECK_FAILS(ic_net_open(graph, backend, device, &options, &net, &error),
                IC_ERR_LIMIT, "a batch of 1000000 needs ");
    CHECK(strstr(error.message, "a batch, or train's --micro-batch, of at most "));
    advice = strstr(error.message, "at most ");
    if (advice == NULL || sscanf(advice, "at most %d", &fits) != 1)
        CHECK_FAIL("no advice in \"%s\"", error.message);
    return fits;
}

/* Refused with the figure and the batch that would fit, before anything is allocated.
 * Ranks on one machine share its memory, and each of them fits less; a GPU's memory is
 * its own. */
static void test_beyond_the_machine(void)
{
    const struct ic_device_options device_options = {.threads = 1};
    struct ic_plan_options options = {.training = true, .average = true};
    struct ic_device *device = NULL;
    struct ic_graph graph;
    struct ic_plan plan;
    int fits, shared;

    CHECK_OK(backend->open(&device_options, &device, &error));
    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_arch_build(&graph, "resnet18", "plain", 2);
    CHECK_OK(ic_graph_finish(&graph, &error));
    fits = advised_batch(&graph, device, options);
    for (int more = 0; more < 2; more++) {
        options.batch = fits + more;
        CHECK_OK(ic_plan_make(&graph, backend, device, &options, &plan, &error));
        CHECK((plan.total_bytes > backend->memory_limit(device)) == (more == 1));
        ic_plan_free(&plan);
    }
    options.ranks_here = 2;
    shared = advised_batch(&graph, device, options);
    CHECK(backend->host_memory ? shared > 0 && shared <= fits / 2 : shared == fits);
    ic_graph_free(&graph);
    backend->close(device);
}

static void test_all(void)
{
    test_two_blocks();
    test_many_consumers();
    test_pooled_and_dropped();
    test_dropout_draws();
    for (int i = 0; i < 2; i++) {
        static const char *const heads[] = {"plain", "fastai"};

        test_plans_and_threads(heads[i]);
        test_evaluation(heads[i]);
    }
    test_evaluation_plan_is_small();
    test_beyond_the_machine();
}

/* On the CPU's kernel table, and on the GPU's by the emulated GPU. */
int main(void)
{
    CHECK_OK(ic_backend_find("cpu", &backend, &error));
    test_all();
    CHECK_OK(ic_backend_load("tests/emulated/im2cat-cuda.so", &backend, &error));
    if (backend != NULL)
        test_all();
    return check_result();
}
