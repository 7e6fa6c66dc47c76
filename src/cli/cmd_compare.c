/* SPDX-License-Identifier: MIT */
/*
 * im2cat compare: compares two safetensors files, tensor by tensor, and says where two
 * dumps part (report/departure.h). `dump` wrote them on two machines or with two
 * algorithms, or another engine wrote one.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "report/departure.h"
#include "report/difference.h"

struct compare_options {
    double tolerance;
    bool common;
    bool quiet;
};

static const struct ic_option table[] = {
    IC_OPTION(struct compare_options, "tolerance", tolerance, .value = "X",
              .fallback = "1e-4", .min = 0, .max = 1,
              .help = "largest relative difference that passes"),
    IC_OPTION(struct compare_options, "common", common,
              .help = "compares only the tensors that both files have"),
    IC_OPTION(struct compare_options, "quiet", quiet,
              .help = "prints only the tensors that differ by more than the tolerance"),
    {0}};

/* "4x64x112x112" */
static void print_shape(char *out, size_t size, const struct ic_tensor *tensor)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < tensor->rank && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%lld", i ? "x" : "",
                                 (long long)tensor->shape[i]);
}

/* The results so far. */
struct tally {
    size_t compared, beyond;
    char worst[64];
    double worst_relative;
    bool header; /* the header is printed */
};

/* Prints the first columns of a row, below the header if it is the first row. */
static void begin_row(struct tally *tally, const char *name, const char *shape)
{
    char shown[400]; /* names in foreign files may be anything */

    if (!tally->header)
        printf("%-36s %-16s %10s %10s\n", "tensor", "shape", "relative", "largest");
    tally->header = true;
    printf("%-36s %-16s ", ic_text_show(shown, sizeof shown, name, strlen(name)),
           shape);
}

static void count(struct tally *tally, const struct ic_tensor *tensor, bool beyond,
                  double relative)
{
    tally->compared++;
    tally->beyond += beyond;
    if (beyond && relative > tally->worst_relative) {
        tally->worst_relative = relative;
        ic_text_show(tally->worst, sizeof tally->worst, tensor->name,
                     strlen(tensor->name));
    }
}

/* A tensor that one of the files lacks. */
static void note_absence(const struct compare_options *options,
                         const struct ic_tensor *tensor, const char *where,
                         struct tally *tally)
{
    char shape[32];

    if (options->common)
        return;
    print_shape(shape, sizeof shape, tensor);
    begin_row(tally, tensor->name, shape);
    printf("%s\n", where);
    count(tally, tensor, true, INFINITY);
}

static ic_status compare_one(const struct compare_options *options,
                             const struct ic_tensor *a, const struct ic_tensor *b,
                             const struct ic_safetensors *file, struct tally *tally,
                             struct ic_error *error)
{
    struct ic_difference difference;
    char shape[32], other[32];
    const ic_status status = ic_difference_of_tensors(&difference, a, b, file, error);
    const bool beyond = !(difference.relative <= options->tolerance);

    if (status != IC_OK)
        return status;
    count(tally, a, beyond, difference.relative);
    if (!beyond && options->quiet)
        return IC_OK;
    print_shape(shape, sizeof shape, a);
    print_shape(other, sizeof other, b);
    begin_row(tally, a->name, shape);
    if (ic_difference_same_shape(a, b))
        printf("%10.3g %10.3g%s\n", difference.relative, difference.largest,
               beyond ? " *" : "");
    else
        printf("against %s\n", other);
    return IC_OK;
}

/* Compares every tensor in `a` with `b`, then names what only `b` has. */
static ic_status compare_files(const struct compare_options *options,
                               const struct ic_safetensors *a,
                               const struct ic_safetensors *b, struct tally *tally,
                               struct ic_error *error)
{
    ic_status status = IC_OK;

    for (size_t i = 0; i < ic_safetensors_count(a) && status == IC_OK; i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(a, i);
        const struct ic_tensor *other = ic_safetensors_find(b, tensor->name);

        if (other == NULL)
            note_absence(options, tensor, "only in A", tally);
        else
            status = compare_one(options, tensor, other, b, tally, error);
    }
    for (size_t i = 0; i < ic_safetensors_count(b) && status == IC_OK; i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(b, i);
        if (ic_safetensors_find(a, tensor->name) == NULL)
            note_absence(options, tensor, "only in B", tally);
    }
    return status;
}

/* Says where two dumps part. */
static ic_status print_departure(const struct compare_options *options,
                                 const char *const *paths,
                                 const struct ic_safetensors *a,
                                 const struct ic_safetensors *b, struct ic_error *error)
{
    struct ic_departure departure;
    const ic_status status =
        ic_departure_find(&departure, a, b, paths, options->tolerance, error);

    if (status != IC_OK || !departure.found)
        return status;
    printf("The first tensor that departs, in the order of computation, is %s%s%s.\n",
           departure.name,
           departure.cause[0] != '\0' ? ": "
                                      : "; its values prove none of the causes that "
                                        "compare knows",
           departure.cause);
    return status;
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct compare_options *asked = options->values;
    const char *const *paths = options->operands;
    struct ic_safetensors *a = NULL, *b = NULL;
    struct tally tally = {.worst_relative = -1};
    ic_status status;

    status = ic_safetensors_open(paths[0], &a, error);
    if (status == IC_OK)
        status = ic_safetensors_open(paths[1], &b, error);
    if (status == IC_OK)
        status = compare_files(asked, a, b, &tally, error);
    if (status == IC_OK && tally.beyond > 0)
        status = print_departure(asked, paths, a, b, error);
    if (status == IC_OK && tally.compared == 0)
        status =
            ic_fail(error, IC_ERR_USAGE, "%s and %s have no tensor of the same name",
                    paths[0], paths[1]);
    if (status == IC_OK && tally.beyond > 0)
        status = ic_fail(error, IC_ERR_USAGE,
                         "%s and %s differ by more than %g in %zu of %zu tensors, most "
                         "in %s",
                         paths[0], paths[1], asked->tolerance, tally.beyond,
                         tally.compared, tally.worst);
    else if (status == IC_OK)
        printf("%zu tensors, none differs by more than %g\n", tally.compared,
               asked->tolerance);
    ic_safetensors_close(b);
    ic_safetensors_close(a);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_compare = {
    .name = "compare",
    .summary = "compares two safetensors files, tensor by tensor",
    .operands = "A B",
    .text =
        "Prints for each tensor the relative difference ||a - b|| / ||b|| and the "
        "largest difference of two elements; for weights and statistics that a step "
        "updated, the difference is relative to their change. For two dumps, a last "
        "sentence names the first tensor in the order of computation that departs, "
        "and the cause where the numbers prove it (docs/check-an-engine.md). The "
        "exit status is 1 if a relative difference exceeds the tolerance (marked by "
        "a *), or if a tensor is in only one of the files or has another shape, "
        "except for axes of size 1.\n",
    .options = table,
    .values_size = sizeof(struct compare_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
