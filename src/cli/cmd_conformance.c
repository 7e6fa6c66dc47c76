/* SPDX-License-Identifier: MIT */
/*
 * im2cat conformance: writes the conformance set; see conformance.h.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/conformance.h"

static const struct ic_option table[] = {{0}};

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const char *const folder = options->operands[0];
    int cases;

    if (ic_conformance_write(folder, &cases, error) != IC_OK)
        return IC_EXIT_FAILED;
    printf("%s: %d cases\n", folder, cases);
    return IC_EXIT_DONE;
}

const struct ic_command ic_cmd_conformance = {
    .name = "conformance",
    .summary = "writes inputs and expected numbers, to test any engine with",
    .operands = "DIR",
    .text =
        "Writes small inputs, weights and the expected numbers of each op and of one "
        "training step to DIR, in double precision: safetensors files, a list of "
        "them (index.json) and a README.md that describes them. An engine in any "
        "language can be tested with them, without im2cat. DIR must be empty or not "
        "exist.\n",
    .options = table,
    .values_size = 1,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
