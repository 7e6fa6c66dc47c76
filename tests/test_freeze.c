/* SPDX-License-Identifier: MIT */
/*
 * Frozen layers: which gradients and statistics a step leaves alone, and that the other
 * gradients are those of a step without freezing, or agree with central differences. A
 * step that starts from features equals one that starts from the pictures.
 */
#include "backend/registry.h"
#include "base/random.h"
#include "check.h"
#include "graph/net.h"
#include "graph/op.h"
#include "graph/ops.h"
#include "graph/pack.h"
#include "model/arch.h"
#include "model/init.h"

enum { BATCH = 4, SIZE = 40, CLASSES = 3, PIXELS = BATCH * SIZE * SIZE * 3 };

static const float marker = 1234.5f; /* a value that no kernel writes */

static struct ic_error error;
static const struct ic_backend *backend;
static struct ic_device *device;
static struct ic_graph graph;
static struct ic_net *net;
static float pixels[PIXELS];

/* A ResNet-18 whose running statistics come from a few batches. Its convolutions give a
 * picture the same bits in any batch, whereas `auto` picks an algorithm by the batch.
 */
static void open_net(const char *head)
{
    const struct ic_plan_options options = {.batch = BATCH, .training = true};
    struct ic_random random;

    ic_graph_init(&graph, SIZE, SIZE, 3, IC_CONV_DIRECT);
    ic_arch_build(&graph, "resnet18", head, CLASSES);
    CHECK_OK(ic_graph_finish(&graph, &error));
    if (ic_net_open(&graph, backend, device, &options, &net, &error) != IC_OK ||
        ic_init_weights(net, 11, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    ic_random_init(&random, 7, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)ic_random_normal(&random);
    for (int i = 0; i < 20; i++) {
        ic_net_input_floats(net, pixels, BATCH);
        ic_net_forward(net, true);
    }
}

static void close_net(void)
{
    ic_net_close(net);
    ic_graph_free(&graph);
}

static float *download(const float *block, size_t floats)
{
    float *host = check_alloc(floats, sizeof *host);

    backend->download(device, host, block, floats * sizeof *host);
    return host;
}

/* The results of one step. */
struct result {
    float losses[BATCH], *grads, *states;
};

static void free_result(struct result *result)
{
    free(result->grads);
    free(result->states);
}

/* Runs a step's passes on the batch that is set; the running statistics start as they
 * were. */
static struct result pass(void)
{
    static const int32_t labels[BATCH] = {0, 2, 1, 2};
    float *before = download(ic_net_states(net), graph.state_floats);
    struct result result;

    backend->fill(device, ic_net_grads(net), marker, graph.param_floats);
    ic_net_set_random(net, 5, 6);
    ic_net_forward(net, true);
    ic_net_loss(net, labels, 0, true, result.losses);
    ic_net_backward(net);
    result.grads = download(ic_net_grads(net), graph.param_floats);
    result.states = download(ic_net_states(net), graph.state_floats);
    backend->upload(device, ic_net_states(net), before,
                    graph.state_floats * sizeof(float));
    free(before);
    return result;
}

static struct result step(struct ic_freeze freeze)
{
    ic_net_freeze(net, freeze);
    ic_net_input_floats(net, pixels, BATCH);
    return pass();
}

static bool untouched(const struct ic_array *array, const float *grads)
{
    for (size_t i = 0; i < array->count; i++)
        if (grads[array->offset + i] != marker)
            return false;
    return true;
}

static void check_same(const struct ic_array *array, const float *found,
                       const float *expected, bool same)
{
    const bool are = memcmp(found + array->offset, expected + array->offset,
                            array->count * sizeof(float)) == 0;

    if (are != same)
        CHECK_FAIL("%s: %s", array->name, are ? "has not moved" : "is another one");
}

/* Only the gradients of weights are left out; the others are unchanged. */
static void weights_frozen(void)
{
    struct result all = step((struct ic_freeze){0});

    for (int groups = 1; groups <= 2; groups++) {
        struct result some = step((struct ic_freeze){groups, false});

        for (int i = 0; i < graph.param_count; i++) {
            const struct ic_array *array = &graph.params[i];

            CHECK(!untouched(array, all.grads));
            if (array->group < groups && array->role != IC_NORM)
                CHECK(untouched(array, some.grads));
            else
                check_same(array, some.grads, all.grads, true);
        }
        for (int i = 0; i < graph.state_count; i++)
            check_same(&graph.states[i], some.states, all.states, true);
        free_result(&some);
    }
    free_result(&all);
}

static bool in_head(const struct ic_array *array)
{
    return strncmp(array->name, "1.", 2) == 0 || strncmp(array->name, "fc.", 3) == 0;
}

/* With the whole body frozen, neither its gradients nor its statistics change. */
static void norms_frozen(void)
{
    float *before = download(ic_net_states(net), graph.state_floats);
    struct result some = step((struct ic_freeze){2, true});

    for (int i = 0; i < graph.param_count; i++)
        CHECK(untouched(&graph.params[i], some.grads) != in_head(&graph.params[i]));
    for (int i = 0; i < graph.state_count; i++)
        check_same(&graph.states[i], some.states, before, !in_head(&graph.states[i]));
    free_result(&some);
    free(before);
}

/* The mean loss with the parameters moved along an array's gradient. */
static double loss_at(struct ic_freeze freeze, const struct ic_array *array,
                      const float *params, const float *grads, double distance)
{
    float *moved = check_alloc(graph.param_floats, sizeof *moved);
    struct result result;
    double sum = 0;

    memcpy(moved, params, graph.param_floats * sizeof *moved);
    for (size_t i = array->offset; i < array->offset + array->count; i++)
        moved[i] = (float)(moved[i] + distance * grads[i]);
    backend->upload(device, ic_net_params(net), moved,
                    graph.param_floats * sizeof *moved);
    result = step(freeze);
    for (int i = 0; i < BATCH; i++)
        sum += result.losses[i];
    free_result(&result);
    free(moved);
    return sum / BATCH;
}

/* With a part of the body frozen, the loss has the slope of the gradient of an array
 * that learns above it. The three arrays include both convolutions that read the frozen
 * layers' output. */
static void slopes_above_frozen_layers(void)
{
    static const char *const names[] = {"layer3.0.conv1.weight",
                                        "layer3.0.downsample.0.weight", "fc.weight"};
    const struct ic_freeze freeze = {1, true};
    struct result some = step(freeze);
    float *params = download(ic_net_params(net), graph.param_floats);

    for (int i = 0; i < graph.param_count; i++) {
        const struct ic_array *array = &graph.params[i];
        double norm = 0, slope;
        const double distance = 3e-4;

        CHECK(untouched(array, some.grads) == (array->group < 1));
        if (strcmp(array->name, names[0]) != 0 && strcmp(array->name, names[1]) != 0 &&
            strcmp(array->name, names[2]) != 0)
            continue;
        for (size_t k = array->offset; k < array->offset + array->count; k++)
            norm += (double)some.grads[k] * some.grads[k];
        norm = sqrt(norm);
        slope = (loss_at(freeze, array, params, some.grads, distance / norm) -
                 loss_at(freeze, array, params, some.grads, -distance / norm)) /
                (2 * distance);
        if (!(fabs(slope - norm) <= 0.02 * norm))
            CHECK_FAIL("%s: slope %.6g, gradient's norm %.6g", array->name, slope,
                       norm);
    }
    backend->upload(device, ic_net_params(net), params,
                    graph.param_floats * sizeof *params);
    free(params);
    free_result(&some);
}

/* Equal bit for bit, in training and in evaluation, for the whole batch and for its
 * end. */
static void features_replace_pictures(void)
{
    const struct ic_freeze freeze = {2, true};
    struct result pictures = step(freeze), features;
    const size_t floats = ic_net_feature_bytes(net) / sizeof(float);
    float *values = check_alloc(BATCH * floats, sizeof *values);
    float logits[2][BATCH * CLASSES];

    ic_net_input_floats(net, pixels, BATCH);
    ic_net_features(net, values);
    ic_net_input_features(net, values, BATCH);
    features = pass();
    CHECK(memcmp(features.losses, pictures.losses, sizeof pictures.losses) == 0);
    for (int i = 0; i < graph.param_count; i++)
        check_same(&graph.params[i], features.grads, pictures.grads, true);
    for (int i = 0; i < graph.state_count; i++)
        check_same(&graph.states[i], features.states, pictures.states, true);

    for (int first = 0; first < BATCH; first += BATCH - 1) {
        const int count = BATCH - first;

        ic_net_input_floats(net, pixels + first * (PIXELS / BATCH), count);
        ic_net_forward(net, false);
        ic_net_logits(net, logits[0]);
        ic_net_input_features(net, values + (size_t)first * floats, count);
        ic_net_forward(net, false);
        ic_net_logits(net, logits[1]);
        CHECK(memcmp(logits[0], logits[1], (size_t)(count * CLASSES) * sizeof(float)) ==
              0);
    }
    free(values);
    free_result(&pictures), free_result(&features);
}

/* The features are the pool's output of a frozen body, else the picture. */
static void feature_sizes(size_t pooled)
{
    ic_net_freeze(net, (struct ic_freeze){2, true});
    CHECK_INT(ic_net_feature_bytes(net) / sizeof(float), pooled);
    ic_net_freeze(net, (struct ic_freeze){1, true}); /* 5 x 5 pixels of layer2 */
    CHECK_INT(ic_net_feature_bytes(net) / sizeof(float), 5 * 5 * 128);
    ic_net_freeze(net, (struct ic_freeze){0, true});
    CHECK_INT(ic_net_feature_bytes(net) / sizeof(float), SIZE * SIZE * 3);
}

/* A linear layer with a bias in a frozen group: neither its weight nor its bias learns,
 * but the batch norm below it does. */
static void open_biased(void)
{
    const struct ic_plan_options options = {.batch = BATCH, .training = true};
    int x;

    ic_graph_init(&graph, SIZE, SIZE, 3, IC_CONV_DIRECT);
    x = ic_batchnorm(&graph, "a", 0, IC_NO_RESIDUAL, false);
    x = ic_avgpool(&graph, "b", x);
    x = ic_linear(&graph, "c", x, 5);
    graph.group = 2;
    ic_linear(&graph, "d", x, CLASSES);
    CHECK_OK(ic_graph_finish(&graph, &error));
    if (ic_net_open(&graph, backend, device, &options, &net, &error) != IC_OK ||
        ic_init_weights(net, 11, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
}

static void biases_frozen(void)
{
    struct result some;

    open_biased();
    some = step((struct ic_freeze){2, false});
    for (int i = 0; i < graph.param_count; i++)
        CHECK(untouched(&graph.params[i], some.grads) ==
              (graph.params[i].name[0] == 'c'));
    free_result(&some);
    close_net();
}

/* The op also computes the gradient of a bias where the bias alone learns. */
static void bias_alone(void)
{
    static const float dy[BATCH][5] = {{1, 2, 3, 4, 5}, {1}, {0, 1}, {0, 0, 1}};
    static const float expected[5] = {2, 3, 4, 4, 5};
    struct ic_call call = {.backend = backend, .device = device, .batch = BATCH};
    void *memory;
    float found[5];

    open_biased();
    call.node = &graph.nodes[3];
    call.in[0] = graph.nodes[2].out;
    CHECK_OK(backend->alloc(device, sizeof dy, &memory, &error));
    backend->upload(device, memory, dy, sizeof dy);
    call.dy = memory;
    call.x[0] = memory; /* no kernel reads it */
    call.dparams[1] = ic_net_grads(net);
    call.node->op->backward_weight(&call);
    backend->download(device, found, call.dparams[1], sizeof found);
    CHECK(memcmp(found, expected, sizeof found) == 0);
    backend->release(device, memory);
    close_net();
}

/* Packed, a block holds the learning arrays one after the other. Unpacked, it is as
 * before except that the frozen arrays are zero. */
static void packed(struct ic_freeze freeze)
{
    const size_t floats = graph.param_floats;
    float *block = check_alloc(floats, sizeof *block);
    size_t at = 0, count;
    int wrong = 0;

    for (size_t i = 0; i < floats; i++)
        block[i] = (float)(i + 1);
    count = ic_gradients_pack(&graph, freeze, block);
    for (int i = 0; i < graph.param_count; i++) {
        const struct ic_array *array = &graph.params[i];

        for (size_t k = 0; k < array->count && !ic_array_frozen(array, freeze); k++)
            wrong += block[at++] != (float)(array->offset + k + 1);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(count, at);
    for (size_t i = at; i < floats; i++)
        block[i] = marker;
    ic_gradients_unpack(&graph, freeze, block);
    for (int i = 0; i < graph.param_count; i++) {
        const struct ic_array *array = &graph.params[i];
        const bool frozen = ic_array_frozen(array, freeze);

        for (size_t k = 0; k < array->count; k++) {
            wrong += block[array->offset + k] !=
                     (frozen ? 0 : (float)(array->offset + k + 1));
            block[array->offset + k] = 0;
        }
    }
    for (size_t i = 0; i < floats; i++)
        wrong += block[i] != 0; /* between arrays, too */
    CHECK_INT(wrong, 0);
    free(block);
}

int main(void)
{
    static const char *const heads[] = {"plain", "fastai"};
    const struct ic_device_options options = {.threads = 2};

    if (ic_backend_find("cpu", &backend, &error) != IC_OK ||
        backend->open(&options, &device, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 99;
    }
    for (int i = 0; i < 2; i++) {
        open_net(heads[i]);
        weights_frozen();
        norms_frozen();
        for (int groups = 0; groups <= IC_GROUP_HEAD; groups++) {
            packed((struct ic_freeze){.groups = groups});
            packed((struct ic_freeze){.groups = groups, .norms = true});
        }
        if (i == 0) /* fastai's norms over four rows curve too much for differences */
            slopes_above_frozen_layers();
        features_replace_pictures();
        feature_sizes(i == 0 ? 512 : 1024);
        close_net();
    }
    biases_frozen();
    bias_alone();
    backend->close(device);
    return check_result();
}
