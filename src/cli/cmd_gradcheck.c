/* SPDX-License-Identifier: MIT */
/*
 * im2cat gradcheck: the gradients of a network against central differences of its loss,
 * array by array, on the reference device. graph/gradcheck.h says how.
 */
#include <math.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/one_batch.h"
#include "graph/gradcheck.h"

struct gradcheck_options {
    struct ic_one_batch_options on;
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
              .fallback = "1e-5", .min = 0, .max = 1,
              .help =
                  "largest difference that passes, relative to the array's gradient"),
    IC_OPTION_SEED(struct gradcheck_options, on.seed, .fallback = "42",
                   .help = "random seed of weights, pictures and of the choice"),
    {0}};

/* What all arrays amount to. */
struct totals {
    int judged, wrong, kinks;
    struct ic_gradcheck_row worst; /* of those with a wrong weight */
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
    if (row->wrong > 0 &&
        (totals->worst.array == NULL ||
         !(row->largest / row->size <= totals->worst.largest / totals->worst.size)))
        totals->worst = *row;
}

static ic_status judge(const struct totals *totals, struct ic_error *error)
{
    if (totals->wrong > 0)
        return ic_fail(error, IC_ERR_NUMERIC,
                       "%d of %d gradients are wrong, most in %s, where one is off by "
                       "%.2g",
                       totals->wrong, totals->judged, totals->worst.array->name,
                       totals->worst.largest);
    if (totals->judged == 0)
        return ic_fail(error, IC_ERR_NUMERIC,
                       "no gradient could be judged, since each step crosses a kink: "
                       "take a smaller --step");
    return IC_OK;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct gradcheck_options *const asked = options->values;
    const struct ic_compute compute = {
        .device = "reference", .conv = "auto", .precision = "fp32"};
    const struct ic_plan_options plan = {
        .batch = asked->on.batch, .training = true, .keep_all = true};
    const struct ic_gradcheck_options check = {.samples = asked->samples,
                                               .step = asked->step,
                                               .tolerance = asked->tolerance,
                                               .seed = asked->on.seed};
    struct totals totals = {0};
    struct ic_one_batch one;
    ic_status status = ic_one_batch_open(&one, &asked->on, "resnet18", 64, options,
                                         &compute, &plan, error);

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
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_gradcheck = {
    .name = "gradcheck",
    .summary = "checks gradients against differences of the loss",
    .operands = "",
    .text =
        "Sends one batch through a network on the reference device, and compares the\n"
        "gradient of some weights of each array with (L(w + h) - L(w - h)) / 2h. "
        "Prints\n"
        "for each array the root mean square of its gradient and the largest\n"
        "difference; a * marks an array with a wrong gradient. A weight whose step\n"
        "turns a ReLU or a max pool is beside a kink, where the formula does not "
        "hold;\n"
        "it is counted, not judged. The exit status is 1 if a gradient is wrong.\n",
    .options = table,
    .values_size = sizeof(struct gradcheck_options),
    .run = run,
};
