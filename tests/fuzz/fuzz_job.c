/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes job files, on a table with an option of every type.
 */
#include <math.h>
#include <string.h>

#include "cli/options.h"
#include "fuzz.h"

struct values {
    bool quiet;
    int batch;
    int64_t steps;
    uint64_t seed;
    double lr;
    const char *kind, *data, *job;
};

static const char *const kinds[] = {"cat", "dog", NULL};

static const struct ic_option table[] = {
    IC_OPTION(struct values, "data", data, .value = "DIR"),
    IC_OPTION(struct values, "kind", kind, .choices = kinds, .fallback = "dog"),
    IC_OPTION(struct values, "batch", batch, .fallback = "64", .min = 1, .max = 65536),
    IC_OPTION(struct values, "steps", steps, .min = -5, .max = 1e12),
    IC_OPTION(struct values, "seed", seed, .min = 0, .max = 4294967295),
    IC_OPTION(struct values, "lr", lr, .fallback = "2e-3", .above_min = true,
              .max = 10),
    IC_OPTION(struct values, "quiet", quiet),
    IC_OPTION(struct values, "job", job, .command_line_only = true),
    {0}};

void fuzz_seeds(void)
{
    static const char good[] =
        "\xef\xbb\xbf# a job\r\n\n data = pets # here\nkind=cat\n"
        "batch = 16\nsteps = -3\nseed = 42\nlr = 2e-3\n"
        "quiet = yes\n",
                      quoted[] = "data = \"a \\\"b\\\\ # c\"\nquiet=no\nlr=10",
                      bad[] =
                          "data = \"a\njob = x\nbatch = 1\nbatch = 2\nbacth = 3\n=\n";

    fuzz_seed(good, sizeof good - 1);
    fuzz_seed(quoted, sizeof quoted - 1);
    fuzz_seed(bad, sizeof bad - 1);
}

static void check_values(const struct values *values)
{
    fuzz_check(values->batch >= 1 && values->batch <= 65536);
    fuzz_check(values->steps >= -5 && values->steps <= 1000000000000);
    fuzz_check(values->seed <= 4294967295);
    fuzz_check(values->lr > 0 && values->lr <= 10);
    fuzz_check(strcmp(values->kind, "cat") == 0 || strcmp(values->kind, "dog") == 0);
    fuzz_check(values->job == NULL);
    if (values->data != NULL)
        fuzz_read(values->data, strlen(values->data));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct values values = {0};
    struct ic_options options;
    struct ic_error error = {.message = ""};

    fuzz_check(ic_options_parse(&options, "draw", table, &values, 0, NULL, &error) ==
               IC_OK);
    if (ic_options_read_job(&options, table, fuzz_file(bytes, size), &error) == IC_OK)
        check_values(&values);
    else
        fuzz_check_refusal(&error);
    ic_options_free(&options);
    return 0;
}
