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
    IC_COMPUTE_OPTIONS(struct dump_options, compute),
    {0}};

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct dump_options *asked = options->values;
    const bool training = strcmp(asked->mode, "train") == 0;
    const struct ic_plan_options plan = {
        .batch = asked->on.batch, .training = training, .keep_all = true};
    struct ic_one_batch one;
    ic_status status = ic_one_batch_open(&one, &asked->on, "resnet34", 224, options,
                                         &asked->compute, &plan, error);

    if (status == IC_OK) {
        ic_net_forward(one.engine.net, training);
        status = ic_dump_write(options->operands[0], one.engine.net, one.labels,
                               one.count, training, error);
    }
    ic_one_batch_close(&one);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_dump = {
    .name = "dump",
    .summary = "writes all tensors that a batch computes to a safetensors file",
    .operands = "OUT",
    .text = "Sends one batch through a network and writes its input, every activation "
            "and gradient, the running statistics and the loss to OUT, named and laid "
            "out as in PyTorch. Use compare to compare two such files.\n",
    .options = table,
    .values_size = sizeof(struct dump_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
