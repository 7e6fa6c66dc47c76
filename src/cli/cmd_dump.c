/* SPDX-License-Identifier: MIT */
/*
 * im2cat dump: runs one batch through a network and writes everything that it computes
 * there to a safetensors file, for a look at a layer, for a class, or for `compare`
 * against another machine, algorithm or program. dump_file.h lists the contents of the
 * file.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/dump_file.h"
#include "cli/one_batch.h"

struct dump_options {
    struct ic_one_batch_options on;
    struct ic_compute compute;
    const char *mode;
    double label_smoothing;
    bool takes_step;
    struct ic_dump_step step;
};

static const char *const modes[] = {"train", "eval", NULL};

static const struct ic_option table[] = {
    IC_ONE_BATCH_OPTIONS(struct dump_options, on, "resnet34", "224"),
    IC_OPTION(struct dump_options, "mode", mode, .choices = modes, .fallback = "train",
              .help = "train: batch statistics and gradients; eval: the forward pass "
                      "with running statistics"),
    IC_OPTION_BATCH_AT_A_TIME(struct dump_options, on.batch, "4"),
    IC_OPTION_SEED(struct dump_options, on.seed, .fallback = "42",
                   .help = "random seed of weights and pictures"),
    IC_OPTION_LABEL_SMOOTHING(struct dump_options, label_smoothing),
    IC_COMPUTE_OPTIONS(struct dump_options, compute),
    IC_OPTION(struct dump_options, "step", takes_step, .group = "one optimizer step",
              .help = "takes one step after the backward pass, and writes the "
                      "optimizer's state and the updated weights, too"),
    IC_OPTION_OPTIMIZER(struct dump_options, step.optimizer),
    IC_OPTION_LR(struct dump_options, step.lr, .help = "learning rate of all layers"),
    IC_OPTION(struct dump_options, "momentum", step.momentum, .value = "X",
              .fallback = "0.9", .min = 0, .max = 1, .below_max = true,
              .help = "momentum; for Adam, beta1"),
    IC_OPTION_WEIGHT_DECAY(struct dump_options, step.weight_decay),
    {0}};

/* What --step and the options of the step need. */
static ic_status check(const struct ic_options *options, struct ic_error *error)
{
    static const char *const of_step[] = {"optimizer", "lr", "momentum",
                                          "weight-decay"};
    const struct dump_options *asked = options->values;

    if (asked->takes_step && strcmp(asked->mode, "train") != 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "--step needs the gradients of --mode train");
    for (size_t i = 0; i < sizeof of_step / sizeof *of_step && !asked->takes_step; i++)
        if (ic_options_source(options, of_step[i]) != IC_FROM_FALLBACK)
            return ic_fail(error, IC_ERR_USAGE, "--%s applies only to --step",
                           of_step[i]);
    return IC_OK;
}

/* The number of slots of the step's optimiser; 0 without a step. */
static int slots(const struct dump_options *asked)
{
    enum ic_optimizer_kind kind;
    struct ic_error error;

    if (!asked->takes_step ||
        ic_optimizer_find(asked->step.optimizer, &kind, &error) != IC_OK)
        return 0;
    return ic_optimizer_slots(kind);
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct dump_options *asked = options->values;
    const bool training = strcmp(asked->mode, "train") == 0;
    const struct ic_plan_options plan = {.batch = asked->on.batch,
                                         .training = training,
                                         .keep_all = true,
                                         .slots = slots(asked)};
    struct ic_one_batch one = {0};
    const struct ic_dump dump = {.one = &one,
                                 .compute = &asked->compute,
                                 .seed = asked->on.seed,
                                 .training = training,
                                 .label_smoothing = asked->label_smoothing,
                                 .step = asked->takes_step ? &asked->step : NULL};
    ic_status status = check(options, error);

    if (status == IC_OK)
        status = ic_one_batch_open(&one, &asked->on, "resnet34", 224, options,
                                   &asked->compute, &plan, error);
    if (status == IC_OK)
        status = ic_dump_write(options->operands[0], &dump, error);
    ic_one_batch_close(&one);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_dump = {
    .name = "dump",
    .summary = "writes all tensors that a batch computes to a safetensors file",
    .operands = "OUT",
    .text =
        "Sends one batch through a network and writes its pixels, input and labels, "
        "the weights, every activation and gradient, the running statistics and the "
        "loss to OUT, named and laid out as in PyTorch. The metadata of OUT says how "
        "they were computed. Use compare to compare two such files; "
        "docs/check-an-engine.md explains every name.\n",
    .options = table,
    .values_size = sizeof(struct dump_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
