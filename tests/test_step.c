/* SPDX-License-Identifier: MIT */
/*
 * A step that divides its batch into micro-batches, mixes its pictures and clips its
 * gradients, against steps without these.
 */
#include "backend/registry.h"
#include "base/random.h"
#include "check.h"
#include "graph/ops.h"
#include "model/init.h"
#include "train/numeric.h"
#include "train/step.h"

enum { BATCH = 7, SIZE = 9, PICTURE = 3 * SIZE * SIZE, CLASSES = 3 };

static struct ic_error error;
static const struct ic_backend *backend;

static uint8_t rgb[BATCH * PICTURE];
static int32_t labels[BATCH];
static uint32_t indices[BATCH];
static const struct ic_batch batch = {
    .rgb = rgb, .labels = labels, .samples = indices, .count = BATCH, .own = BATCH};
static struct ic_sample samples[] = {{.name = "images/a.jpg"}};
static const struct ic_dataset dataset = {.samples = samples, .count = 1};
static const struct ic_model model = {
    .size = SIZE, .mean = {0.5f, 0.4f, 0.3f}, .std = {0.2f, 0.25f, 0.3f}};

static void draw_batch(void)
{
    struct ic_random random;

    ic_random_init(&random, 5, IC_RANDOM_BENCH, 0, 0);
    for (int i = 0; i < BATCH * PICTURE; i++)
        rgb[i] = (uint8_t)ic_random_below(&random, 256);
    for (int i = 0; i < BATCH; i++)
        labels[i] = i % CLASSES;
}

/* Every kind of layer that has parameters: with batch norm, or with dropout. */
static void build(struct ic_graph *graph, bool norm)
{
    int x;

    ic_graph_init(graph, SIZE, SIZE, 3, IC_CONV_AUTO);
    x = ic_conv2d(graph, "one", 0, 6, 3, 1, 1);
    x = norm ? ic_batchnorm(graph, "two", x, IC_NO_RESIDUAL, true)
             : ic_relu(graph, "two", x);
    x = ic_dropout(graph, "three", x, norm ? 0 : 0.25);
    x = ic_conv2d(graph, "four", x, 5, 3, 2, 1);
    x = ic_avgpool(graph, "pool", x);
    x = ic_linear(graph, "five", x, 7);
    x = ic_dropout(graph, "six", x, norm ? 0 : 0.5);
    ic_linear(graph, "seven", x, CLASSES);
    CHECK_OK(ic_graph_finish(graph, &error));
}

/* A class that counts for nothing, and one that counts more. */
static const float class_weights[CLASSES] = {0.5f, 0, 2.25f};

/* A network after one step with these options. */
struct run {
    bool norm;       /* batch norm */
    bool sharp;      /* labels are not smoothed */
    int micro_batch; /* pictures in the plan */
    int threads;
    double clip_norm, mixup, cutmix; /* as in the job */
    const float *class_weights;      /* NULL: all 1 */
    double lr;                       /* of SGD without momentum */

    struct ic_graph graph;
    struct ic_device *device;
    struct ic_net *net;
    size_t floats, state_floats;
    float *before, *params, *grads, *states; /* host copies */
    double loss;
};

static float *download(const struct run *run, const float *block, size_t floats)
{
    float *host = check_alloc(floats, sizeof *host);

    backend->download(run->device, host, block, floats * sizeof *host);
    return host;
}

static void open_run(struct run *run)
{
    const struct ic_device_options device_options = {.threads = run->threads};
    const struct ic_plan_options options = {.batch = run->micro_batch,
                                            .step = BATCH,
                                            .training = true,
                                            .mixing = run->mixup > 0 || run->cutmix > 0,
                                            .weighted = run->class_weights != NULL,
                                            .slots = 1};

    CHECK_OK(backend->open(&device_options, &run->device, &error));
    build(&run->graph, run->norm);
    CHECK_OK(
        ic_net_open(&run->graph, backend, run->device, &options, &run->net, &error));
    if (run->net == NULL)
        exit(99);
    CHECK_OK(ic_init_weights(run->net, 11, &error));
    run->floats = run->graph.param_floats;
    run->state_floats = run->graph.state_floats;
    run->before = download(run, ic_net_params(run->net), run->floats);
}

static void close_run(struct run *run)
{
    free(run->before), free(run->params), free(run->grads), free(run->states);
    ic_net_close(run->net);
    ic_graph_free(&run->graph);
    backend->close(run->device);
}

/* Opens the network and takes the step. */
static struct run take_step(struct run run)
{
    const struct ic_rates rates = {.lr = {run.lr, run.lr, run.lr}};
    float losses[BATCH];
    struct ic_optimizer optimizer;
    struct ic_mixup mixup = {0};
    const struct ic_mixup_options mixing = {.alpha =
                                                run.cutmix > 0 ? run.cutmix : run.mixup,
                                            .cutmix = run.cutmix > 0,
                                            .batch = BATCH,
                                            .micro = run.micro_batch,
                                            .size = model.size};
    struct ic_stepper stepper = {.optimizer = &optimizer,
                                 .model = &model,
                                 .dataset = &dataset,
                                 .seed = 9,
                                 .label_smoothing = run.sharp ? 0 : 0.1f,
                                 .clip_norm = run.clip_norm,
                                 .losses = losses};

    if (mixing.alpha > 0) {
        CHECK_OK(ic_mixup_open(&mixup, &mixing, &error));
        stepper.mixup = &mixup;
    }
    open_run(&run);
    stepper.net = run.net;
    if (run.class_weights != NULL)
        ic_net_weigh_classes(run.net, run.class_weights);
    CHECK_OK(ic_optimizer_open(&optimizer, &run.graph, IC_OPTIMIZER_SGD, 0,
                               (struct ic_freeze){0}, &error));
    CHECK_OK(ic_step(&stepper, &batch, 4, &rates, &run.loss, NULL, &error));
    run.params = download(&run, ic_net_params(run.net), run.floats);
    run.grads = download(&run, ic_net_grads(run.net), run.floats);
    run.states = download(&run, ic_net_states(run.net), run.state_floats);
    ic_optimizer_close(&optimizer);
    ic_mixup_close(&mixup);
    return run;
}

static double relative(const float *found, const float *expected, size_t count)
{
    double *exact = check_alloc(count, sizeof *exact);
    double difference;

    for (size_t i = 0; i < count; i++)
        exact[i] = expected[i];
    difference = check_relative_norm(found, exact, count);
    free(exact);
    return difference;
}

/* --- micro-batches ---------------------------------------------------------------- */

static struct run with_micro_batch(struct run run, int micro)
{
    run.micro_batch = micro;
    run.threads = 2;
    return take_step(run);
}

/* Without batch norm, micro-batches of any size give the loss and gradient of the whole
 * batch, also with dropout and the options of `run`. */
static void micro_batches_are_the_whole(struct run options)
{
    struct run whole = with_micro_batch(options, BATCH);

    for (int micro = 1; micro < BATCH; micro++) {
        struct run run = with_micro_batch(options, micro);

        CHECK_NEAR(run.loss, whole.loss, 1e-6 * whole.loss);
        if (!(relative(run.grads, whole.grads, whole.floats) <= 2e-6))
            CHECK_FAIL("micro-batches of %d: gradients off by %g", micro,
                       relative(run.grads, whole.grads, whole.floats));
        CHECK(ic_net_plan(run.net)->total_bytes < ic_net_plan(whole.net)->total_bytes);
        close_run(&run);
    }
    close_run(&whole);
}

/* Smoothed labels, mixup and CutMix each give another loss than the batch as it is.
 * Weights of 1 change no bit, and weights of 2 double the loss and the gradients. */
static void options_change_the_loss(void)
{
    const float twos[CLASSES] = {2, 2, 2}, ones[CLASSES] = {1, 1, 1};
    struct run plain = with_micro_batch((struct run){0}, 3);
    struct run sharp = with_micro_batch((struct run){.sharp = true}, 3);
    struct run mixup = with_micro_batch((struct run){.mixup = 0.4}, 3);
    struct run cutmix = with_micro_batch((struct run){.cutmix = 1}, 3);
    struct run one = with_micro_batch((struct run){.class_weights = ones}, 3);
    struct run two = with_micro_batch((struct run){.class_weights = twos}, 3);

    CHECK(sharp.loss != plain.loss);
    CHECK(relative(sharp.grads, plain.grads, plain.floats) > 1e-3);
    CHECK(fabs(mixup.loss - plain.loss) > 1e-3 * plain.loss);
    CHECK(fabs(cutmix.loss - plain.loss) > 1e-3 * plain.loss);
    CHECK(fabs(cutmix.loss - mixup.loss) > 1e-3 * plain.loss);
    CHECK(one.loss == plain.loss);
    CHECK(memcmp(one.grads, plain.grads, plain.floats * sizeof *one.grads) == 0);
    CHECK_NEAR(two.loss, 2 * plain.loss, 1e-6 * plain.loss);
    for (size_t i = 0; i < plain.floats; i++)
        two.grads[i] /= 2;
    CHECK(relative(two.grads, plain.grads, plain.floats) <= 1e-6);
    close_run(&plain);
    close_run(&sharp);
    close_run(&mixup);
    close_run(&cutmix);
    close_run(&one);
    close_run(&two);
}

/* With batch norm, a loop over batches that knows nothing of steps gives the expected
 * values: its gradients are weighted by their pictures and added up in double. */
static void micro_batches_with_batch_norm(void)
{
    const int micro = 3;
    struct run run = {.norm = true, .micro_batch = micro, .threads = 1}, found;
    double *sum, loss = 0;
    float *states;

    open_run(&run);
    sum = check_alloc(run.floats, sizeof *sum);
    for (int first = 0; first < BATCH; first += micro) {
        const int count = BATCH - first < micro ? BATCH - first : micro;
        float losses[BATCH], *grads;

        ic_net_input(run.net, rgb + first * PICTURE, count, model.mean, model.std);
        ic_net_forward(run.net, true);
        ic_net_loss(run.net, labels + first, 0.1f, true, losses);
        ic_net_backward(run.net);
        grads = download(&run, ic_net_grads(run.net), run.floats);
        for (size_t i = 0; i < run.floats; i++)
            sum[i] += (double)grads[i] * count / BATCH;
        for (int i = 0; i < count; i++)
            loss += losses[i] / (double)BATCH;
        free(grads);
    }
    states = download(&run, ic_net_states(run.net), run.state_floats);
    found = take_step((struct run){.norm = true, .micro_batch = micro, .threads = 1});
    CHECK_NEAR(found.loss, loss, 1e-6 * loss);
    CHECK(check_relative_norm(found.grads, sum, run.floats) <= 2e-6);
    CHECK(memcmp(found.states, states, run.state_floats * sizeof *states) == 0);
    free(sum), free(states);
    close_run(&run);
    close_run(&found);
}

/* --- clipping --------------------------------------------------------------------- */

static double norm_of(const float *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * values[i];
    return sqrt(sum);
}

/* SGD with a rate of 1 and no momentum moves the weights by the norm of the gradient
 * that it used. */
static double distance(const struct run *run)
{
    double sum = 0;

    for (size_t i = 0; i < run->floats; i++)
        sum += pow((double)run->params[i] - run->before[i], 2);
    return sqrt(sum);
}

static void clips(void)
{
    struct run free_run =
        take_step((struct run){.norm = true, .micro_batch = 3, .threads = 2, .lr = 1});
    const double norm = norm_of(free_run.grads, free_run.floats);
    const double limits[] = {norm / 3, norm * 0.99, norm * 1.01};

    CHECK_NEAR(distance(&free_run), norm, 1e-5 * norm);
    for (int i = 0; i < 3; i++) {
        struct run run = take_step((struct run){.norm = true,
                                                .micro_batch = 3,
                                                .threads = 2,
                                                .lr = 1,
                                                .clip_norm = limits[i]});

        CHECK_NEAR(distance(&run), fmin(limits[i], norm), 1e-5 * norm);
        close_run(&run);
    }
    close_run(&free_run);
    CHECK_NEAR(ic_optimizer_clip(3, 1.5), 1.5 / 3.000001, 1e-15);
    CHECK_NEAR(ic_optimizer_clip(0, 1.5), 1, 0);
    CHECK_NEAR(ic_optimizer_clip(3, 0), 1, 0);
}

/* --- bits ------------------------------------------------------------------------- */

/* All options together, with any number of threads. */
static void same_bits(bool norm)
{
    const struct run one = {.norm = norm,
                            .micro_batch = 3,
                            .threads = 1,
                            .clip_norm = 0.01,
                            .mixup = 0.4,
                            .lr = 0.5};

    for (int threads = 2; threads <= 4; threads++) {
        struct run other = one, a = take_step(one), b;

        other.threads = threads;
        b = take_step(other);
        CHECK(memcmp(a.params, b.params, a.floats * sizeof(float)) == 0);
        CHECK(memcmp(a.states, b.states, a.state_floats * sizeof(float)) == 0);
        CHECK(memcmp(a.params, a.before, a.floats * sizeof(float)) != 0);
        close_run(&a);
        close_run(&b);
    }
}

int main(void)
{
    if (ic_backend_find("cpu", &backend, &error) != IC_OK)
        return 99;
    draw_batch();
    micro_batches_are_the_whole((struct run){0});
    micro_batches_are_the_whole((struct run){.mixup = 0.4});
    micro_batches_are_the_whole((struct run){.cutmix = 1});
    micro_batches_are_the_whole(
        (struct run){.mixup = 0.4, .class_weights = class_weights});
    options_change_the_loss();
    micro_batches_with_batch_norm();
    clips();
    same_bits(true);
    same_bits(false);
    return check_result();
}
