/* SPDX-License-Identifier: MIT */
/*
 * A network whose body is bf16, on each backend that has that type. Its gradients are
 * near those in fp32, its plan takes half the bytes, its head is fp32. Neither sharing
 * memory, nor recomputing outputs, nor an evaluation plan changes a bit.
 */
#include "backend/bf16.h"
#include "base/random.h"
#include "check.h"
#include "graph/net.h"
#include "graph/ops.h"
#include "kit.h"
#include "model/arch.h"
#include "model/init.h"

enum { BATCH = 3, SIZE = 40, CLASSES = 5, PIXELS = SIZE * SIZE };

static struct ic_error error;

/* Shallow, with the features of a residual network: a gradient from three consumers, a
 * stride, a max pool. */
static void build_small(struct ic_graph *graph)
{
    int x, shortcut;

    x = ic_conv2d(graph, "stem", 0, 16, 3, 2, 1);
    x = ic_batchnorm(graph, "bn0", x, IC_NO_RESIDUAL, true);
    x = shortcut = ic_maxpool(graph, "pool", x, 3, 2, 1);
    x = ic_conv2d(graph, "a.conv1", x, 24, 3, 2, 1);
    x = ic_batchnorm(graph, "a.bn1", x, IC_NO_RESIDUAL, true);
    x = ic_conv2d(graph, "a.conv2", x, 24, 3, 1, 1);
    shortcut = ic_conv2d(graph, "a.down", shortcut, 24, 1, 2, 0);
    shortcut = ic_batchnorm(graph, "a.bn3", shortcut, IC_NO_RESIDUAL, false);
    x = ic_batchnorm(graph, "a.bn2", x, shortcut, true);
    x = ic_avgpool(graph, "mean", x);
    ic_linear(graph, "fc", x, CLASSES);
}

static void build_resnet(struct ic_graph *graph)
{
    ic_arch_build(graph, "resnet18", "fastai", CLASSES);
}

/* The results of a network for one batch. */
struct results {
    float *grads, *states, logits[BATCH * CLASSES];
    size_t floats, state_floats, activation_bytes;
};

struct setting {
    void (*build)(struct ic_graph *graph);
    enum ic_type type;
    bool training, keep_all;
};

static void set_pictures(struct kit *kit, struct ic_net *net)
{
    static const float mean[3] = {0.5f, 0.5f, 0.5f}, std[3] = {0.25f, 0.25f, 0.25f};
    uint8_t *const rgb = kit_host(kit, BATCH * PIXELS, 3);
    struct ic_random random;

    ic_random_init(&random, 7, IC_RANDOM_BENCH, 0, 1);
    for (size_t i = 0; i < BATCH * PIXELS * 3; i++)
        rgb[i] = (uint8_t)(128 + 40 * ic_random_normal(&random));
    ic_net_input(net, rgb, BATCH, mean, std);
}

static float *download(struct kit *kit, const float *block, size_t count)
{
    float *const host = kit_host(kit, count, sizeof *host);

    kit->backend->download(kit->device, host, block, count * sizeof *host);
    return host;
}

/* Every output with more than one pixel belongs to the body. */
static void check_types(const struct ic_graph *graph, enum ic_type type)
{
    for (int i = 0; i < graph->count; i++) {
        const struct ic_node *const node = &graph->nodes[i];
        const bool head = node->out.height * node->out.width == 1;

        CHECK_INT(node->type, head ? IC_TYPE_FP32 : type);
    }
}

static struct results run(struct kit *kit, const struct setting *s)
{
    static const int32_t labels[BATCH] = {0, 3, 1};
    const struct ic_plan_options options = {
        .batch = BATCH, .training = s->training, .keep_all = s->keep_all};
    struct results r = {0};
    struct ic_graph graph;
    struct ic_net *net;
    float losses[BATCH];

    ic_graph_init(&graph, SIZE, SIZE, 3, IC_CONV_AUTO);
    ic_graph_set_type(&graph, s->type);
    s->build(&graph);
    CHECK_OK(ic_graph_finish(&graph, &error));
    if (ic_net_open(&graph, kit->backend, kit->device, &options, &net, &error) !=
        IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
    check_types(&graph, s->type);
    CHECK_OK(ic_init_weights(net, 11, &error));
    set_pictures(kit, net);
    r.activation_bytes = ic_net_plan(net)->activation_bytes;
    ic_net_forward(net, false);
    ic_net_logits(net, r.logits);
    if (s->training) {
        set_pictures(kit, net);
        ic_net_forward(net, true);
        ic_net_loss(net, labels, 0.1f, true, losses);
        ic_net_backward(net);
        r.floats = graph.param_floats;
        r.state_floats = graph.state_floats;
        r.grads = download(kit, ic_net_grads(net), r.floats);
        r.states = download(kit, ic_net_states(net), r.state_floats);
    }
    CHECK_OK(kit->backend->sync(kit->device, &error));
    ic_net_close(net);
    ic_graph_free(&graph);
    return r;
}

/* The cosine of two arrays, by which gradients are compared. */
static double cosine(const float *a, const float *b, size_t count)
{
    return kit_dot(a, b, count) / sqrt(kit_dot(a, a, count) * kit_dot(b, b, count));
}

/* A shallow net, because in a deep one with random weights ReLUs flip and gradients
 * turn. */
static void test_gradients(struct kit *kit)
{
    const struct setting fp32 = {build_small, IC_TYPE_FP32, true, false};
    const struct setting bf16 = {build_small, IC_TYPE_BF16, true, false};
    const struct results a = run(kit, &fp32), b = run(kit, &bf16);
    const double near = cosine(a.grads, b.grads, a.floats);
    const double states = cosine(a.states, b.states, a.state_floats);

    CHECK(near > 0.99 && near < 0.9999999);
    CHECK(states > 0.9999);
    for (int i = 0; i < BATCH * CLASSES; i++)
        CHECK_NEAR(b.logits[i], a.logits[i], 0.05);
}

/* The bytes of everything that a training plan shares: activations, gradients,
 * workspace. */
static size_t plan_bytes(struct kit *kit, enum ic_type type)
{
    const struct ic_plan_options options = {.batch = 16, .training = true};
    struct ic_graph graph;
    struct ic_plan plan;
    size_t bytes;

    ic_graph_init(&graph, 224, 224, 3, IC_CONV_AUTO);
    ic_graph_set_type(&graph, type);
    ic_arch_build(&graph, "resnet34", "plain", 1000);
    CHECK_OK(ic_graph_finish(&graph, &error));
    CHECK_OK(ic_plan_make(&graph, kit->backend, kit->device, &options, &plan, &error));
    bytes = plan.activation_bytes;
    ic_plan_free(&plan);
    ic_graph_free(&graph);
    return bytes;
}

/* About half, since a workspace may be fp32. */
static void test_memory(struct kit *kit)
{
    const double share =
        (double)plan_bytes(kit, IC_TYPE_BF16) / (double)plan_bytes(kit, IC_TYPE_FP32);

    CHECK(share > 0.45 && share < 0.6);
}

static void check_bits(const char *what, const float *a, const float *b, size_t count)
{
    if (memcmp(a, b, count * sizeof *a) != 0)
        CHECK_FAIL("%s differ", what);
}

/* With one buffer per node, or with shared buffers and recomputed outputs. */
static void test_plans(struct kit *kit)
{
    const struct setting apart = {build_resnet, kit->type, true, true};
    const struct setting shared = {build_resnet, kit->type, true, false};
    const struct setting eval = {build_resnet, kit->type, false, false};
    const struct results a = run(kit, &apart), b = run(kit, &shared);
    const struct results c = run(kit, &eval);

    check_bits("gradients", a.grads, b.grads, a.floats);
    check_bits("states", a.states, b.states, a.state_floats);
    check_bits("logits", a.logits, b.logits, BATCH * CLASSES);
    check_bits("an evaluation's logits", a.logits, c.logits, BATCH * CLASSES);
    CHECK(b.activation_bytes < a.activation_bytes);
}

static void test_net(struct kit *kit, void *data)
{
    if (kit->type != IC_TYPE_BF16)
        return;
    test_gradients(kit);
    test_plans(kit);
    test_memory(kit);
}

int main(void)
{
    kit_types(2, test_net, NULL);
    return check_result() | kit_result();
}
