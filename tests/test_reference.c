/* SPDX-License-Identifier: MIT */
/*
 * The reference device against PyTorch in float64: two steps of ResNet-18 with SGD, to
 * twelve digits. The golden comes from scripts/golden-reference.py. Then what is the
 * device's own: its memory, and the options that it refuses. Its kernels alone are
 * tested with those of the other devices (kit.h).
 */
#include "backend/reference/reference.h"
#include "backend/registry.h"
#include "check.h"
#include "formula.h"
#include "golden_network.h"
#include "train/optimizer.h"

enum { CLASSES = 5, BATCH = 2, SIZE = 40, STEPS = 2, LOGITS = BATCH * CLASSES };

static const double tolerance = 1e-12;

static struct ic_error error;

/* --- the network against PyTorch -------------------------------------------------- */

struct run {
    struct golden_file golden;
    struct ic_model model;
    struct ic_engine engine;
    struct golden_network network;
};

static void judge(const char *what, const char *name, double found)
{
    printf("%s %s off by %.2g\n", what, name, found);
    if (!(found <= tolerance))
        CHECK_FAIL("%s %s is off by %.3g, more than %.0e", what, name, found,
                   tolerance);
}

/* Runs the batch of a step forward and, when training, backward. */
static void pass(struct run *run, int step, bool training)
{
    static float pixels[BATCH * SIZE * SIZE * 3];
    struct ic_net *const net = run->engine.net;
    int32_t labels[BATCH];

    formula_pictures(pixels, step, BATCH, SIZE);
    formula_labels(labels, step, BATCH, CLASSES);
    ic_net_input_floats(net, pixels, BATCH);
    ic_net_forward(net, training);
    ic_net_loss(net, labels, 0, training, NULL);
    if (training)
        ic_net_backward(net);
}

static const double *logits_of(const struct run *run)
{
    return ic_reference_values(
        ic_net_output(run->engine.net, run->engine.graph.count - 1));
}

static double difference(const double *found, const double *expected, int count)
{
    double squares = 0, size = 0;

    for (int i = 0; i < count; i++) {
        squares += pow(found[i] - expected[i], 2);
        size += expected[i] * expected[i];
    }
    return sqrt(squares / size);
}

static void check_logits(struct run *run, const char *name)
{
    judge("logits", name,
          difference(logits_of(run), golden_need(&run->golden, "logits", name, LOGITS),
                     LOGITS));
}

/* The cross-entropy of the logits, from its definition. */
static void check_loss(struct run *run, int step)
{
    const double *const expected = golden_need(&run->golden, "losses", "sgd", STEPS);
    const double *const logits = logits_of(run);
    int32_t labels[BATCH];
    double loss = 0;

    formula_labels(labels, step, BATCH, CLASSES);
    for (int n = 0; n < BATCH; n++) {
        double sum = 0;

        for (int j = 0; j < CLASSES; j++)
            sum += exp(logits[n * CLASSES + j] - logits[n * CLASSES + labels[n]]);
        loss += log(sum) / BATCH;
    }
    judge("loss of step", step == 0 ? "0" : "1",
          fabs(loss - expected[step]) / expected[step]);
}

/* The golden vector of tensor i, which lies in `block`. Doubles are two floats each,
 * the rounded number and what is missing, since files' layouts are of floats. */
static void vector_of(double vector[GOLDEN_VECTOR], struct run *run, size_t i,
                      const float *block)
{
    const struct golden_network *const network = &run->network;
    const struct ic_array *const array = network->names[i].array;
    const double *const values = ic_reference_values(block + array->offset);
    double squares = 0;

    memset(vector, 0, GOLDEN_VECTOR * sizeof *vector);
    for (int part = 0; part < 2; part++) {
        double products[8];

        for (size_t k = 0; k < array->count; k++) {
            const float rounded = (float)values[k];

            network->scratch[k] = part == 0 ? rounded : (float)(values[k] - rounded);
        }
        ic_weights_to_file_layout(network->vector, network->scratch, array);
        formula_project(products, network->vector, (unsigned)i, array->count);
        for (int d = 0; d < 8; d++)
            vector[3 + d] += products[d];
        vector[1] += network->vector[0];
        vector[2] += network->vector[array->count - 1];
    }
    for (size_t k = 0; k < array->count; k++)
        squares += values[k] * values[k];
    vector[0] = sqrt(squares);
}

/* The worst of all parameters or of all states, relative to the tensor's norm. */
static void check_arrays(struct run *run, const char *key, bool states,
                         const float *block)
{
    const struct ic_weight_name *const names = run->network.names;
    double worst = -1;
    size_t at = 0;

    for (size_t i = 0; i < run->network.name_count; i++) {
        const double *expected;
        double found[GOLDEN_VECTOR], off = 0;

        if (names[i].array == NULL || names[i].is_state != states)
            continue;
        expected = golden_need(&run->golden, key, names[i].name, GOLDEN_VECTOR);
        vector_of(found, run, i, block);
        for (int k = 0; k < GOLDEN_VECTOR; k++)
            off = fmax(off, fabs(found[k] - expected[k]) / expected[0]);
        if (!(off <= worst)) {
            worst = off;
            at = i;
        }
    }
    judge(key, names[at].name, worst);
}

static void test_network(void)
{
    const struct ic_engine_options options = {
        .compute = {.device = "reference",
                    .conv = "auto",
                    .precision = "fp32",
                    .threads = 1},
        .plan = {.batch = BATCH, .training = true, .slots = 2},
    };
    const double lr = 0x1p-12;
    const struct ic_rates rates = {.lr = {lr / 4, lr / 2, lr}, .momentum = 0.875};
    struct run run = {.golden = golden_read("resnet18-double.txt")};
    struct ic_optimizer sgd;
    struct ic_net *net;

    golden_network_open(&run.network, &run.engine, &run.model, &options, "resnet18",
                        "plain", CLASSES, SIZE);
    net = run.engine.net;
    golden_network_set(&run.network, formula_weights);
    CHECK_OK(ic_optimizer_open(&sgd, &run.engine.graph, IC_OPTIMIZER_SGD, 0.5,
                               (struct ic_freeze){0}, &error));
    pass(&run, 0, false);
    check_logits(&run, "eval");
    for (int step = 0; step < STEPS; step++) {
        pass(&run, step, true);
        check_loss(&run, step);
        if (step == 0) {
            check_logits(&run, "train");
            check_arrays(&run, "gradient", false, ic_net_grads(net));
        }
        ic_optimizer_step(&sgd, net, &rates, 1);
    }
    check_arrays(&run, "parameter", false, ic_net_params(net));
    check_arrays(&run, "statistics", true, ic_net_states(net));
    ic_optimizer_close(&sgd);
    golden_network_close(&run.network);
    ic_engine_close(&run.engine);
    ic_model_free(&run.model);
    free(run.golden.entries);
}

/* --- the device ------------------------------------------------------------------- */

/* Doubles stay between kernels, whichever device handle runs them; what leaves the
 * device is rounded. */
static void test_memory(void)
{
    enum { COUNT = 5 };
    const struct ic_backend *const b = &ic_reference_backend;
    const struct ic_device_options options = {.threads = 1};
    const float third = 1.0f / 3;
    struct ic_device *one, *other;
    float *memory, *x, back[COUNT];
    const double *values;

    CHECK_OK(b->open(&options, &one, &error));
    CHECK_OK(b->open(&options, &other, &error));
    CHECK_OK(b->alloc(one, 2 * COUNT * sizeof *memory, (void **)&memory, &error));
    x = memory + COUNT;
    b->fill(one, memory, 0, COUNT);
    b->fill(other, x, 1, COUNT);
    b->average(other, memory, x, third, COUNT);
    b->average(one, memory, x, third, COUNT);
    values = ic_reference_values(memory);
    CHECK(ic_reference_values(x) == values + COUNT);
    CHECK(ic_reference_values(NULL) == NULL);
    b->download(one, back, memory, sizeof back);
    for (int i = 0; i < COUNT; i++) {
        CHECK_NEAR(values[i], third + third * (1 - (double)third), 1e-15);
        CHECK(back[i] == (float)values[i] && values[i] != back[i]);
    }
    b->upload(other, memory + 1, back + 1, sizeof *back);
    CHECK(values[0] != back[0] && values[1] == back[1] && values[2] != back[2]);
    b->release(other, memory);
    b->close(one);
    b->close(other);
    b->close(NULL);
}

static void test_refusals(void)
{
    const struct ic_backend *backend;
    struct ic_device_options options = {.threads = 1, .precision = IC_PRECISION_BF16};
    struct ic_device *device = NULL;

    CHECK_OK(ic_backend_find("reference", &backend, &error));
    CHECK(backend == &ic_reference_backend);
    CHECK_FAILS(backend->open(&options, &device, &error), IC_ERR_USAGE,
                "the device reference computes in double precision: leave out "
                "--precision bf16");
    CHECK(device == NULL);
    options.precision = IC_PRECISION_TF32;
    CHECK_FAILS(backend->open(&options, &device, &error), IC_ERR_USAGE,
                "--precision tf32");
    CHECK_FAILS(
        ic_backend_check_conv(backend, IC_CONV_WINOGRAD, &error), IC_ERR_USAGE,
        "the device reference has no convolution by winograd (it has: auto, direct)");
}

int main(void)
{
    test_memory();
    test_refusals();
    test_network();
    return check_result();
}
