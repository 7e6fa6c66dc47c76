/* SPDX-License-Identifier: MIT */
/*
 * im2cat toy-pets: draws the embedded data set.
 */
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "data/toy/pets.h"

static const struct ic_option table[] = {
    IC_OPTION(struct ic_toy_options, "count", count, .value = "N", .fallback = "1000",
              .min = 1, .max = IC_TOY_MAX_COUNT,
              .help = "number of pictures, cats and dogs in turn"),
    IC_OPTION(struct ic_toy_options, "size", size, .value = "N", .fallback = "128",
              .min = IC_TOY_MIN_SIZE, .max = IC_TOY_MAX_SIZE,
              .help = "approximate longer side of a picture, in pixels"),
    IC_OPTION_SEED(struct ic_toy_options, seed, .fallback = "42",
                   .help = "random seed; the same seed draws the same pictures"),
    {0}};

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct ic_toy_options *toy = options->values;
    const char *folder = options->operands[0];

    if (ic_toy_pets_write(folder, toy, error) != IC_OK)
        return IC_EXIT_FAILED;
    printf("%s: %d pictures of cats and dogs\n", folder, toy->count);
    return IC_EXIT_DONE;
}

const struct ic_command ic_cmd_toy_pets = {
    .name = "toy-pets",
    .summary = "draws a small data set of cats and dogs",
    .operands = "DIR",
    .text = "Draws cats and dogs into DIR, in the layout of the Oxford-IIIT Pet data "
            "set, so that every command can be tried without a download. DIR must be "
            "empty or not exist.\n",
    .options = table,
    .values_size = sizeof(struct ic_toy_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
