/* SPDX-License-Identifier: MIT */
/*
 * The check of gradients: right gradients of every op pass, a planted error in each
 * backward kernel is found, and found in arrays below that kernel alone; weights beside
 * a kink are counted.
 */
#include "backend/reference/reference.h"
#include "base/random.h"
#include "check.h"
#include "graph/gradcheck.h"
#include "graph/ops.h"
#include "model/init.h"

enum {
    SIDE = 7,
    BATCH = 3,
    CLASSES = 3,
    PIXELS = BATCH * SIDE * SIDE * 3,
    FLOATS = 1000
};

static struct ic_error error;

/* --- planted errors: each result is off by a thousandth --------------------------- */

/* The reference's table with one entry of another. */
static struct ic_backend planted;

static void spoil(void *array, size_t count)
{
    double *const values = ic_reference_values(array);

    for (size_t i = 0; array != NULL && i < count; i++)
        values[i] *= 1.001;
}

static void conv2d_input(struct ic_device *device, void *dx, const void *dy,
                         const float *weight, void *workspace,
                         const struct ic_conv *conv, bool accumulate)
{
    ic_reference_backend.conv2d_backward_input(device, dx, dy, weight, workspace, conv,
                                               accumulate);
    spoil(dx, (size_t)(conv->batch * conv->in_height * conv->in_width) *
                  (size_t)conv->in_channels);
}

static void conv2d_weight(struct ic_device *device, float *dweight, const void *dy,
                          const void *x, void *workspace, const struct ic_conv *conv)
{
    ic_reference_backend.conv2d_backward_weight(device, dweight, dy, x, workspace,
                                                conv);
    spoil(dweight, (size_t)(conv->out_channels * conv->kernel * conv->kernel) *
                       (size_t)conv->in_channels);
}

static void batchnorm(struct ic_device *device, void *dx, void *dresidual,
                      float *dweight, float *dbias, const void *dy, const void *x,
                      const void *y, const float *weight, const float *bias,
                      const float *saved_mean, const float *saved_invstd,
                      void *workspace, const struct ic_batchnorm *bn, bool add_residual)
{
    ic_reference_backend.batchnorm_backward(device, dx, dresidual, dweight, dbias, dy,
                                            x, y, weight, bias, saved_mean,
                                            saved_invstd, workspace, bn, add_residual);
    spoil(dweight, (size_t)bn->channels);
}

static void maxpool(struct ic_device *device, void *dx, const void *dy,
                    const uint8_t *place, const struct ic_pool *pool, bool accumulate)
{
    ic_reference_backend.maxpool_backward(device, dx, dy, place, pool, accumulate);
    spoil(dx, (size_t)(pool->batch * pool->in_height * pool->in_width) *
                  (size_t)pool->channels);
}

static void concatpool(struct ic_device *device, void *dx, const float *dy,
                       const int32_t *place, const struct ic_globalpool *pool,
                       bool accumulate)
{
    ic_reference_backend.concatpool_backward(device, dx, dy, place, pool, accumulate);
    spoil(dx, (size_t)(pool->batch * pool->pixels) * (size_t)pool->channels);
}

static void linear_weight(struct ic_device *device, float *dweight, float *dbias,
                          const float *dy, const float *x, void *workspace,
                          const struct ic_linear *linear)
{
    ic_reference_backend.linear_backward_weight(device, dweight, dbias, dy, x,
                                                workspace, linear);
    spoil(dbias, (size_t)linear->out_features);
}

static void linear_input(struct ic_device *device, float *dx, const float *dy,
                         const float *weight, void *workspace,
                         const struct ic_linear *linear, bool accumulate)
{
    ic_reference_backend.linear_backward_input(device, dx, dy, weight, workspace,
                                               linear, accumulate);
    spoil(dx, (size_t)(linear->batch * linear->in_features));
}

/* A ReLU that lets every gradient pass. */
static void relu(struct ic_device *device, float *dx, const float *dy, const float *y,
                 size_t count, bool accumulate)
{
    ic_reference_backend.fill(device, dx, 0, accumulate || dx == dy ? 0 : count);
    ic_reference_backend.add(device, dx, dy, dx == dy ? 0 : count);
}

static void cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                          const float *logits, const int32_t *labels,
                          const int32_t *other_labels, const float *share,
                          const float *class_weight,
                          const struct ic_cross_entropy *shape)
{
    ic_reference_backend.cross_entropy(device, loss, dlogits, logits, labels,
                                       other_labels, share, class_weight, shape);
    spoil(dlogits, (size_t)(shape->batch * shape->classes));
}

/* --- the network, with every op --------------------------------------------------- */

static void build(struct ic_graph *graph)
{
    int x, shortcut;

    ic_graph_init(graph, SIDE, SIDE, 3, IC_CONV_AUTO);
    x = ic_conv2d(graph, "stem", 0, 4, 3, 1, 1);
    x = ic_batchnorm(graph, "bn1", x, IC_NO_RESIDUAL, true);
    x = shortcut = ic_maxpool(graph, "maxpool", x, 3, 2, 1);
    x = ic_conv2d(graph, "conv", x, 4, 3, 1, 1);
    x = ic_batchnorm(graph, "bn2", x, shortcut, true);
    x = ic_concatpool(graph, "pool", x);
    x = ic_dropout(graph, "drop", x, 0.25);
    x = ic_linear_unbiased(graph, "fc1", x, 6);
    x = ic_relu(graph, "relu", x);
    ic_linear(graph, "fc2", x, CLASSES);
    CHECK_OK(ic_graph_finish(graph, &error));
    CHECK(graph->param_floats <= FLOATS);
}

/* The rows of all arrays, which outlive their graph. */
struct found {
    struct named {
        char name[32];
        size_t count; /* weights of the array */
        struct ic_gradcheck_row row;
    } rows[16];
    int count;
};

static void keep(void *data, const struct ic_gradcheck_row *row)
{
    struct found *const found = data;
    struct named *const named = &found->rows[found->count++];

    named->row = *row;
    named->count = row->array->count;
    snprintf(named->name, sizeof named->name, "%s", row->array->name);
}

static const double *given; /* gradients to judge; NULL: the net's own */

/* Checks every weight with the table `planted`. `flat` sets the scale of bn1 to 0, so
 * that all of its ReLUs are at their kink. */
static struct found check(bool flat)
{
    static const int32_t labels[BATCH] = {2, 0, 1};
    const struct ic_plan_options plan = {
        .batch = BATCH, .training = true, .keep_all = true};
    const struct ic_gradcheck_options options = {.samples = 1000,
                                                 .step = 1e-6,
                                                 .tolerance = 1e-5,
                                                 .seed = 3,
                                                 .gradients = given};
    const struct ic_device_options device_options = {.threads = 1};
    float pixels[PIXELS];
    struct found found = {.count = 0};
    struct ic_random random;
    struct ic_graph graph;
    struct ic_device *device;
    struct ic_net *net;

    build(&graph);
    CHECK_OK(planted.open(&device_options, &device, &error));
    CHECK_OK(ic_net_open(&graph, &planted, device, &plan, &net, &error));
    CHECK_OK(ic_init_weights(net, 11, &error));
    ic_net_set_random(net, 5, 1);
    ic_random_init(&random, 7, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)ic_random_normal(&random);
    for (int p = 0; p < graph.param_count && flat; p++)
        if (strcmp(graph.params[p].name, "bn1.weight") == 0)
            planted.fill(device, ic_net_params(net) + graph.params[p].offset, 0,
                         graph.params[p].count);
    ic_net_input_floats(net, pixels, BATCH);
    CHECK_OK(ic_gradcheck(net, labels, &options, keep, &found, &error));
    ic_net_close(net);
    planted.close(device);
    ic_graph_free(&graph);
    return found;
}

static const struct ic_gradcheck_row *row_of(const struct found *found,
                                             const char *name)
{
    static const struct ic_gradcheck_row none = {.judged = -1};

    for (int i = 0; i < found->count; i++)
        if (strcmp(found->rows[i].name, name) == 0)
            return &found->rows[i].row;
    CHECK_FAIL("there is no row %s", name);
    return &none;
}

/* Gradients that come from elsewhere are judged in place of the reference's. */
static void test_given(void)
{
    double gradients[FLOATS] = {0};
    struct found found;

    planted = ic_reference_backend;
    given = gradients;
    found = check(false);
    given = NULL;
    for (int i = 0; i < found.count; i++)
        CHECK(found.rows[i].row.size == 0 && found.rows[i].row.wrong > 0);
}

static void test_right(void)
{
    struct found found;

    planted = ic_reference_backend;
    found = check(false);
    CHECK_INT(found.count, 9);
    for (int i = 0; i < found.count; i++) {
        const struct ic_gradcheck_row *const row = &found.rows[i].row;

        CHECK_INT(row->wrong, 0);
        CHECK(row->judged > 0 && row->judged + row->kinks == (int)found.rows[i].count);
        CHECK(row->largest < 1e-7 && row->size > 1e-6);
    }
}

/* The planted entry makes the array `wrong` wrong, and leaves `right`, which lies above
 * or beside it. */
static void test_planted(const char *wrong, const char *right)
{
    const struct found found = check(false);

    if (row_of(&found, wrong)->wrong == 0)
        CHECK_FAIL("an error in %s is not found", wrong);
    if (right != NULL && row_of(&found, right)->wrong != 0)
        CHECK_FAIL("an error below %s is found there", right);
    planted = ic_reference_backend;
}

static void test_errors(void)
{
    planted.conv2d_backward_weight = conv2d_weight;
    test_planted("conv.weight", "bn2.weight");
    planted.conv2d_backward_input = conv2d_input;
    test_planted("stem.weight", "conv.weight");
    planted.batchnorm_backward = batchnorm;
    test_planted("bn2.weight", "bn2.bias");
    planted.maxpool_backward = maxpool;
    test_planted("bn1.bias", "conv.weight");
    planted.concatpool_backward = concatpool;
    test_planted("bn2.bias", "fc1.weight");
    planted.linear_backward_weight = linear_weight;
    test_planted("fc2.bias", "fc2.weight");
    planted.linear_backward_input = linear_input;
    test_planted("fc1.weight", "fc2.weight");
    planted.relu_backward = relu;
    test_planted("fc1.weight", "fc2.weight");
    planted.cross_entropy = cross_entropy;
    test_planted("fc2.bias", NULL);
}

/* Moving the bias of a ReLU that gets 0 everywhere turns it, whatever the step. */
static void test_kinks(void)
{
    const struct found found = check(true);

    CHECK_INT(row_of(&found, "bn1.bias")->kinks, 4);
    CHECK_INT(row_of(&found, "bn1.bias")->judged, 0);
    CHECK_INT(row_of(&found, "fc2.bias")->judged, CLASSES);
    CHECK_INT(row_of(&found, "fc2.bias")->wrong, 0);
}

int main(void)
{
    test_right();
    test_given();
    test_errors();
    test_kinks();
    return check_result();
}
