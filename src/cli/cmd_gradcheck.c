/* SPDX-License-Identifier: MIT */
/*
 * im2cat gradcheck: the gradients of a network against central differences of its loss,
 * array by array. The differences are taken on the reference device; the gradients are
 * its own, or another device's. graph/gradcheck.h says how.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/one_batch.h"
#include "graph/gradcheck.h"

struct gradcheck_options {
    struct ic_one_batch_options on;
    struct ic_compute compute;
    int samples;
    double step, tolerance;
};

static const struct ic_option table[] = {
    IC_ONE_BATCH_OPTIONS(struct gradcheck_options, on, "resnet18", "64"),
    IC_OPTION_BATCH_AT_A_TIME(struct gradcheck_options, on.batch, "1"),
    IC_OPTION(struct gradcheck_options, "samples", samples, .value = "N",
              .fallback = "2", .min = 1, .max = 1e6,
              .help = "weights of each array, drawn by chance"),
    IC_OPTION(struct gradcheck_options, "step", step, .value = "H", .fallback = "1e-6",
              .min = 1e-12, .max = 1,
              .help = "how far a weight is moved to each side, times its size where "
                      "that is above 1"),
    IC_OPTION(struct gradcheck_options, "tolerance", tolerance, .value = "X",
              .fallback = "0", .min = 0, .max = 1,
              .help = "largest difference that passes, relative to the array's "
                      "gradient; 0: 1e-5, and 1e-2 of a device that rounds to floats"),
    IC_OPTION(struct gradcheck_options, "device", compute.device,
              .choices = ic_backend_names, .fallback = "reference",
              .help = "device whose gradients are checked"),
    IC_OPTION_CONV(struct gradcheck_options, compute),
    IC_OPTION_THREADS(struct gradcheck_options, compute),
    IC_OPTION_SEED(struct gradcheck_options, on.seed, .fallback = "42",
                   .help = "random seed of weights, pictures and of the choice"),
    {0}};

/* What all arrays amount to. */
struct totals {
    int judged, wrong, kinks;
    struct ic_gradcheck_row
        first; /* with a wrong weight, on the way back from the loss */
};

static void print_row(void *data, const struct ic_gradcheck_row *row)
{
    struct totals *const totals = data;

    printf("%-36s %8.2g %10.2g %8d %6d%s\n", row->array->name, row->size, row->largest,
           row->judged, row->kinks, row->wrong > 0 ? " *" : "");
    fflush(stdout);
    totals->judged += row->judged;
    totals->kinks += row->kinks;
    totals->wrong += row->wrong;
    if (row->wrong > 0)
        totals->first = *row;
}

static ic_status judge(const struct totals *totals, struct ic_error *error)
{
    if (totals->wrong > 0)
        return ic_fail(
            error, IC_ERR_NUMERIC,
            "%d of %d gradients are wrong; on the way back from the loss the "
            "first are in %s, where one is off by %.2g",
            totals->wrong, totals->judged, totals->first.array->name,
            totals->first.largest);
    if (totals->judged == 0)
        return ic_fail(error, IC_ERR_NUMERIC,
                       "no gradient could be judged, since each step crosses a kink: "
                       "take a smaller --step");
    return IC_OK;
}

/* The gradients of the network's parameters as doubles, freed by the caller. */
static ic_status download_gradients(struct ic_net *net, double **ret,
                                    struct ic_error *error)
{
    const size_t count = ic_net_graph(net)->param_floats;
    float *const floats = calloc(count, sizeof *floats);
    ic_status status;

    *ret = calloc(count, sizeof **ret);
    if (floats == NULL || *ret == NULL) {
        free(floats);
        return ic_fail_memory(error, "gradients", count * sizeof **ret);
    }
    ic_net_backend(net)->download(ic_net_device(net), floats, ic_net_grads(net),
                                  count * sizeof *floats);
    status = ic_net_backend(net)->sync(ic_net_device(net), error);
    for (size_t i = 0; i < count; i++)
        (*ret)[i] = floats[i];
    free(floats);
    return status;
}

/* Computes the gradients on the device asked for, from the weights and pictures that
 * the reference takes, too. The caller frees them. */
static ic_status compute_gradients(const struct gradcheck_options *asked,
                                   const struct ic_options *options,
                                   const struct ic_plan_options *plan, double **ret,
                                   struct ic_error *error)
{
    struct ic_compute compute = asked->compute;
    struct ic_one_batch one;
    ic_status status;

    compute.precision = "fp32"; /* bf16 is another function, with other gradients */
    status = ic_one_batch_open(&one, &asked->on, "resnet18", 64, options, &compute,
                               plan, error);

    if (status == IC_OK) {
        ic_net_forward(one.engine.net, true);
        ic_net_loss(one.engine.net, one.labels, 0, true, NULL);
        ic_net_backward(one.engine.net);
        status = download_gradients(one.engine.net, ret, error);
    }
    ic_one_batch_close(&one);
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct gradcheck_options *const asked = options->values;
    const bool own = strcmp(asked->compute.device, "reference") == 0;
    const struct ic_compute reference = {.device = "reference",
                                         .conv = own ? asked->compute.conv : "auto",
                                         .precision = "fp32"};
    const struct ic_plan_options plan = {
        .batch = asked->on.batch, .training = true, .keep_all = true};
    const double usual = own ? 1e-5 : 1e-2;
    struct ic_gradcheck_options check = {
        .samples = asked->samples,
        .step = asked->step,
        .tolerance = asked->tolerance > 0 ? asked->tolerance : usual,
        .seed = asked->on.seed};
    struct totals totals = {0};
    double *gradients = NULL;
    struct ic_one_batch one = {0};
    ic_status status = IC_OK;

    if (!own)
        status = compute_gradients(asked, options, &plan, &gradients, error);
    check.gradients = gradients;
    if (status == IC_OK)
        status = ic_one_batch_open(&one, &asked->on, "resnet18", 64, options,
                                   &reference, &plan, error);
    if (status == IC_OK) {
        printf("%-36s %8s %10s %8s %6s\n", "array", "gradient", "difference", "judged",
               "kinks");
        status =
            ic_gradcheck(one.engine.net, one.labels, &check, print_row, &totals, error);
    }
    if (status == IC_OK)
        printf("%d gradients judged, %d wrong; %d weights beside a kink\n",
               totals.judged, totals.wrong, totals.kinks);
    if (status == IC_OK)
        status = judge(&totals, error);
    ic_one_batch_close(&one);
    free(gradients);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_gradcheck = {
    .name = "gradcheck",
    .summary = "checks gradients against differences of the loss",
    .operands = "",
    .text =
        "Sends one batch through a network, and compares the gradient of some weights "
        "of each array with (L(w + h) - L(w - h)) / 2h, which the reference device "
        "takes in double precision. Prints for each array the root mean square of its "
        "gradient and the largest difference; a * marks an array with a wrong "
        "gradient. An error goes on to all layers below it, so the end names the first "
        "array on the way back from the loss. A weight whose step turns a ReLU or a "
        "max pool is beside a kink, where the formula does not hold; it is counted, "
        "not judged. The exit status is 1 if a gradient is wrong.\n",
    .options = table,
    .values_size = sizeof(struct gradcheck_options),
    .run = run,
};
