/* SPDX-License-Identifier: MIT */
/*
 * Numbers that are no longer finite are found wherever they are, and the layer in which
 * they began is named.
 */
#include <float.h>

#include "backend/registry.h"
#include "check.h"
#include "graph/ops.h"
#include "train/numeric.h"

static struct ic_error error;
static const struct ic_backend *backend;
static struct ic_device *device;
static struct ic_graph graph;
static struct ic_net *net;

static struct ic_sample samples[] = {
    {.name = "images/a.jpg"}, {.name = "images/b.jpg"}, {.name = "images/c.jpg"}};
static const struct ic_dataset dataset = {.samples = samples, .count = 3};
static uint32_t indices[] = {2, 0, 1};
static const struct ic_batch batch = {.samples = indices, .count = 3};

static void open_net(void)
{
    const struct ic_plan_options options = {.batch = 1, .training = true, .slots = 1};
    int x;

    ic_graph_init(&graph, 4, 4, 3, IC_CONV_AUTO);
    x = ic_conv2d(&graph, "one", 0, 5, 3, 1, 1);
    x = ic_batchnorm(&graph, "two", x, IC_NO_RESIDUAL, true);
    x = ic_conv2d(&graph, "three", x, 5, 3, 1, 1);
    x = ic_batchnorm(&graph, "four", x, IC_NO_RESIDUAL, true);
    x = ic_avgpool(&graph, "pool", x);
    ic_linear(&graph, "five", x, 2);
    if (ic_graph_finish(&graph, &error) != IC_OK ||
        ic_net_open(&graph, backend, device, &options, &net, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(99);
    }
}

static const struct ic_array *find(const struct ic_array *arrays, int count,
                                   const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(arrays[i].name, name) == 0)
            return &arrays[i];
    fprintf(stderr, "no array %s\n", name);
    exit(99);
}

/* Sets the last element of an array; 0 restores it. */
static void set(float *block, const char *name, float value)
{
    const bool state = block == ic_net_states(net);
    const struct ic_array *array =
        find(state ? graph.states : graph.params,
             state ? graph.state_count : graph.param_count, name);

    backend->upload(device, block + array->offset + array->count - 1, &value,
                    sizeof value);
}

static ic_status check(double loss)
{
    return ic_numeric_check_step(net, loss, ic_numeric_gradient_norm(net), 17, 0.25,
                                 &dataset, &batch, &error);
}

/* In the backward pass, the last layer is the first to fail. */
static void gradients(void)
{
    float *grads = ic_net_grads(net);

    CHECK_OK(check(0.5));
    set(grads, "three.weight", FLT_MAX); /* finite: the sum must not overflow */
    set(grads, "one.weight", -FLT_MAX);
    CHECK_OK(check(0.5));
    set(grads, "one.weight", NAN);
    CHECK_FAILS(check(0.5), IC_ERR_NUMERIC,
                "the gradient of step 17 is not finite, first in one.weight, at "
                "learning rate 0.25; pictures: images/c.jpg, images/a.jpg, "
                "images/b.jpg");
    set(grads, "four.bias", INFINITY);
    set(grads, "three.weight", -INFINITY);
    CHECK_FAILS(check(0.5), IC_ERR_NUMERIC, "first in four.bias,");
    set(grads, "one.weight", 0);
    set(grads, "four.bias", 0);
    set(grads, "three.weight", 0);
    CHECK_OK(check(0.5));
}

/* Stale gradients of frozen weights are ignored. */
static void frozen(void)
{
    set(ic_net_grads(net), "one.weight", NAN);
    set(ic_net_grads(net), "five.bias", 4);
    CHECK(isnan(ic_numeric_gradient_norm(net)));
    ic_net_freeze(net, (struct ic_freeze){1, false});
    set(ic_net_grads(net), "two.bias", 3);
    set(ic_net_grads(net), "five.bias", 4);
    CHECK_NEAR(ic_numeric_gradient_norm(net), 5, 1e-15);
    CHECK_OK(check(0.5));
    ic_net_freeze(net, (struct ic_freeze){0, false});
    CHECK_NEAR(ic_numeric_gradient_norm(net), 0, 0);
}

/* In the forward pass, the running statistics show which layer's input was not finite.
 */
static void losses(void)
{
    float *params = ic_net_params(net), *states = ic_net_states(net);

    CHECK_FAILS(check(NAN), IC_ERR_NUMERIC,
                "the loss of step 17 is not finite, first in five,");
    set(states, "four.running_var", INFINITY);
    CHECK_FAILS(check(INFINITY), IC_ERR_NUMERIC, "first in four.running_var");
    set(states, "two.running_mean", NAN);
    CHECK_FAILS(check(-INFINITY), IC_ERR_NUMERIC, "first in two.running_mean");
    set(params, "three.weight", NAN);
    CHECK_FAILS(check(NAN), IC_ERR_NUMERIC, "first in three.weight");
    set(params, "three.weight", 0);
    set(states, "two.running_mean", 0);
    set(states, "four.running_var", 0);
    CHECK_OK(check(0));
}

static void weights(void)
{
    CHECK_OK(ic_numeric_check_weights(net, &error));
    set(ic_net_slot(net, 0), "five.bias", NAN);
    CHECK_FAILS(ic_numeric_check_weights(net, &error), IC_ERR_NUMERIC,
                "the optimiser's averages of five.bias are not finite");
    set(ic_net_states(net), "four.running_var", INFINITY);
    CHECK_FAILS(ic_numeric_check_weights(net, &error), IC_ERR_NUMERIC,
                "the running statistics of four.running_var are not finite");
    set(ic_net_params(net), "three.weight", -INFINITY);
    CHECK_FAILS(ic_numeric_check_weights(net, &error), IC_ERR_NUMERIC,
                "the weights of three.weight are not finite");
}

/* As many names as fit, in every size of text. */
static void pictures(void)
{
    const char *const whole = "images/c.jpg, images/a.jpg, images/b.jpg";
    char text[200];

    for (size_t size = 40; size <= sizeof text; size++) {
        ic_numeric_name_pictures(text, size, &dataset, &batch);
        CHECK(strlen(text) < size);
        CHECK(strncmp(text, whole, 12) == 0);
        if (strcmp(text, whole) != 0)
            CHECK(strcmp(text, "images/c.jpg, and 2 more") == 0 ||
                  strcmp(text, "images/c.jpg, images/a.jpg, and 1 more") == 0);
    }
    CHECK_STRING(text, whole);
    ic_numeric_name_pictures(text, 30, &dataset, &batch);
    CHECK_STRING(text, "and 3 more");
}

int main(void)
{
    const struct ic_device_options options = {.threads = 2};

    if (ic_backend_find("cpu", &backend, &error) != IC_OK ||
        backend->open(&options, &device, &error) != IC_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 99;
    }
    open_net();
    gradients();
    frozen();
    losses();
    weights();
    pictures();
    ic_net_close(net);
    ic_graph_free(&graph);
    backend->close(device);
    return check_result();
}
