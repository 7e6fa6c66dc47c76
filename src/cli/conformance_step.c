/* SPDX-License-Identifier: MIT */
/*
 * The last case of the conformance set: one training step of a ResNet-18, from pictures
 * to updated weights, on the reference device.
 *
 * Its eleven million weights are not in the file. They follow from a formula
 * (weight_of) of whole numbers, which every language has, and the expected arrays are
 * samples: of each array at most 64 elements, evenly spaced, in the file's order.
 */
#include <math.h>
#include <string.h>

#include "backend/reference/loops.h"
#include "backend/reference/reference.h"
#include "cli/conformance.h"
#include "model/engine.h"
#include "train/optimizer.h"

enum { BATCH = 2, SIDE = 64, CLASSES = 5, SAMPLES = 64 };

static const double RATE = 0.0625, DECAY = 0.125, MOMENTUM = 0.875, SMOOTHING = 0.125;

/* --- the weights ------------------------------------------------------------------ */

/* Element i, in the file's order, of array `number`: center + bound (h / 2^19 - 1),
 * where h is 20 bits of a hash of both: floats have these numbers exactly. */
static double weight_of(uint32_t number, uint32_t i, double center, double bound)
{
    uint32_t h = i * 0x9e3779b1u + (number + 1) * 0x85ebca77u;

    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    h ^= h >> 15;
    return center + bound * ((h >> 12) / 524288.0 - 1);
}

/* Matrices and kernels: the largest power of two whose square is at most 3 / fan_in,
 * for about the variance 1 / fan_in. Scales and variances are about 1, all else about
 * 0. */
static void range_of(const struct ic_array *array, double *center, double *bound)
{
    const size_t fan_in = array->count / (size_t)array->dims[0];

    *center = array->init == IC_INIT_ONE ? 1 : 0;
    *bound = 0.125;
    if (array->role == IC_WEIGHT)
        for (*bound = 1; *bound * *bound * (double)fan_in > 3;)
            *bound /= 2;
}

/* The place in memory (OHWI) of element i in the file's order (OIHW). */
static size_t place_of(const struct ic_array *array, size_t i)
{
    const size_t channels = (size_t)array->dims[3];
    const size_t pixels = (size_t)array->dims[1] * (size_t)array->dims[2];

    if (array->rank < 4)
        return i;
    return (i / (pixels * channels) * pixels + i % pixels) * channels +
           i / pixels % channels;
}

/* --- arrays of the net ------------------------------------------------------------ */

/* Fills an array of the device by the formula, and adds what the formula needs to the
 * list. */
static void fill(json_t *list, float *memory, const struct ic_array *array, int number)
{
    static const int order[2][4] = {{0, 1, 2, 3}, {0, 3, 1, 2}};
    double *const values = ic_reference_values(memory);
    json_t *const shape = json_array();
    double center, bound;

    range_of(array, &center, &bound);
    for (size_t i = 0; i < array->count; i++)
        values[place_of(array, i)] =
            weight_of((uint32_t)number, (uint32_t)i, center, bound);
    ic_reference_finish(memory, array->count);
    for (int i = 0; i < array->rank; i++)
        json_array_append_new(shape,
                              json_integer(array->dims[order[array->rank == 4][i]]));
    json_array_append_new(list, json_pack("{s:s, s:i, s:o, s:f, s:f, s:b}", "name",
                                          array->name, "number", number, "shape", shape,
                                          "center", center, "bound", bound, "decays",
                                          array->role == IC_WEIGHT));
}

/* Adds at most SAMPLES elements of an array of the device. */
static void sample(struct ic_conformance_case *c, const char *kind, const float *memory,
                   const struct ic_array *array)
{
    const size_t count = array->count < SAMPLES ? array->count : SAMPLES;
    const double *const values = ic_reference_values(memory);
    const char *const name = ic_arena_format(&c->arena, "%s.%s", kind, array->name);
    double *const samples = ic_conformance_array(
        c, name != NULL ? name : kind, (const ic_conformance_shape){(int)count});

    for (size_t k = 0; samples != NULL && k < count; k++)
        samples[k] = values[place_of(array, k * array->count / count)];
}

/* --- the step --------------------------------------------------------------------- */

static void begin(struct ic_conformance_case *c, struct ic_net *net)
{
    const struct ic_graph *const graph = ic_net_graph(net);
    json_t *const parameters = json_array(), *const statistics = json_array();

    ic_conformance_begin(c, "resnet18-step", "resnet18-step");
    ic_conformance_real(c, "rate", RATE);
    ic_conformance_real(c, "weight_decay", DECAY);
    ic_conformance_real(c, "momentum", MOMENTUM);
    ic_conformance_real(c, "smoothing", SMOOTHING);
    ic_conformance_real(c, "batchnorm_momentum", IC_STATE_MOMENTUM);
    ic_conformance_real(c, "batchnorm_epsilon", 1e-5f);
    ic_conformance_integer(c, "classes", CLASSES);
    for (int i = 0; i < graph->param_count; i++)
        fill(parameters, ic_net_params(net) + graph->params[i].offset,
             &graph->params[i], i);
    for (int i = 0; i < graph->state_count; i++)
        fill(statistics, ic_net_states(net) + graph->states[i].offset,
             &graph->states[i], graph->param_count + i);
    ic_conformance_set(c, "parameters", parameters);
    ic_conformance_set(c, "statistics", statistics);
}

/* Sends the batch through the net and back, and keeps logits, losses and gradients. */
static void forward_and_back(struct ic_conformance_case *c, struct ic_net *net)
{
    const struct ic_graph *const graph = ic_net_graph(net);
    const struct ic_cross_entropy shape = {.batch = BATCH,
                                           .classes = CLASSES,
                                           .smoothing = (float)SMOOTHING,
                                           .whole = BATCH};
    const double *const x = ic_conformance_draw(
        c, "in.x", (const ic_conformance_shape){BATCH, SIDE, SIDE, 3});
    const int32_t *const labels = ic_conformance_labels(c, "in.labels", BATCH, CLASSES);
    double *const logits = ic_conformance_array(
        c, "out.logits", (const ic_conformance_shape){BATCH, CLASSES});
    double *const losses =
        ic_conformance_array(c, "out.losses", (const ic_conformance_shape){BATCH});
    double *const norms = ic_conformance_array(
        c, "grad.norms", (const ic_conformance_shape){graph->param_count});
    float *const pixels =
        ic_arena_alloc(&c->arena, (size_t)BATCH * SIDE * SIDE * 3, sizeof *pixels);

    c->failed = c->failed || pixels == NULL;
    if (!ic_conformance_ready(c))
        return;
    for (int i = 0; i < BATCH * SIDE * SIDE * 3; i++)
        pixels[i] = (float)x[i];
    ic_net_input_floats(net, pixels, BATCH);
    ic_net_forward(net, true);
    memcpy(logits, ic_reference_values(ic_net_output(net, graph->count - 1)),
           BATCH * CLASSES * sizeof *logits);
    ic_loops_cross_entropy(&shape, losses, NULL, (void *)logits, labels, NULL, NULL,
                           NULL);
    ic_net_loss(net, labels, (float)SMOOTHING, true, NULL);
    ic_net_backward(net);
    for (int i = 0; i < graph->param_count; i++) {
        const struct ic_array *const array = &graph->params[i];
        const float *const gradient = ic_net_grads(net) + array->offset;

        norms[i] =
            sqrt(ic_loops_sum_squares(array->count, ic_reference_values(gradient)));
        sample(c, "grad", gradient, array);
    }
}

/* Updates the weights, and keeps them and the running statistics. */
static void update(struct ic_conformance_case *c, struct ic_net *net)
{
    const struct ic_graph *const graph = ic_net_graph(net);
    const struct ic_rates rates = {.lr = {RATE, RATE, RATE}, .momentum = MOMENTUM};
    struct ic_optimizer optimizer;
    struct ic_error error;

    if (ic_optimizer_open(&optimizer, graph, IC_OPTIMIZER_SGD, DECAY,
                          (struct ic_freeze){0}, &error) != IC_OK) {
        c->failed = true; /* only memory can be missing */
        return;
    }
    ic_optimizer_step(&optimizer, net, &rates, 1);
    ic_optimizer_close(&optimizer);
    for (int i = 0; i < graph->param_count; i++)
        sample(c, "out", ic_net_params(net) + graph->params[i].offset,
               &graph->params[i]);
    for (int i = 0; i < graph->state_count; i++)
        sample(c, "out", ic_net_states(net) + graph->states[i].offset,
               &graph->states[i]);
}

ic_status ic_conformance_step(struct ic_conformance_case *c, struct ic_error *error)
{
    const struct ic_engine_options options = {
        .compute = {.device = "reference", .conv = "auto", .precision = "fp32"},
        .plan = {.batch = BATCH,
                 .training = true,
                 .keep_all = true,
                 .slots = ic_optimizer_slots(IC_OPTIMIZER_SGD)}};
    struct ic_model model = {0};
    struct ic_engine engine = {0};
    ic_status status = ic_model_init(&model, "resnet18", "plain", NULL, CLASSES,
                                     "folder", SIDE, IC_FIT_CROP, error);

    if (status == IC_OK)
        status = ic_engine_open(&engine, &model, &options, error);
    if (status == IC_OK) {
        begin(c, engine.net);
        forward_and_back(c, engine.net);
        update(c, engine.net);
        status = ic_conformance_end(c, error);
    }
    ic_engine_close(&engine);
    ic_model_free(&model);
    return status;
}
