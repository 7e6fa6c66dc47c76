/* SPDX-License-Identifier: MIT */
/*
 * im2cat compare: compares two safetensors files, tensor by tensor. `dump` wrote them
 * on two machines or with two algorithms, or PyTorch wrote one.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "format/safetensors.h"

struct compare_options {
    double tolerance;
    bool quiet;
};

static const struct ic_option table[] = {
    IC_OPTION(struct compare_options, "tolerance", tolerance, .value = "X",
              .fallback = "1e-4", .min = 0, .max = 1,
              .help = "largest relative difference that passes"),
    IC_OPTION(struct compare_options, "quiet", quiet,
              .help = "prints only the tensors that differ by more than the tolerance"),
    {0}};

struct difference {
    double relative; /* ||a - b|| / ||b||, infinite where undefined */
    double largest;  /* of the elements' differences */
};

static bool same_shape(const struct ic_tensor *a, const struct ic_tensor *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

static struct difference measure(const float *a, const float *b, size_t count)
{
    struct difference result = {0, 0};
    double squares = 0, size = 0;

    for (size_t i = 0; i < count; i++) {
        const double d = fabs((double)a[i] - b[i]);
        if (!isfinite(d))
            return (struct difference){INFINITY, INFINITY};
        squares += d * d;
        size += (double)b[i] * b[i];
        result.largest = fmax(result.largest, d);
    }
    if (squares > 0)
        result.relative = size > 0 ? sqrt(squares / size) : INFINITY;
    return result;
}

/* Compares two tensors. Whole numbers are equal or infinitely different. */
static ic_status compare_tensors(const struct ic_tensor *a, const struct ic_tensor *b,
                                 struct difference *ret_difference,
                                 struct ic_error *error)
{
    float *numbers = malloc((2 * a->count + 1) * sizeof *numbers);

    *ret_difference = (struct difference){INFINITY, INFINITY};
    if (numbers == NULL)
        return ic_fail_memory(error, a->name, 2 * a->count * sizeof *numbers);
    if (ic_tensor_to_float(numbers, a) && ic_tensor_to_float(numbers + a->count, b))
        *ret_difference = measure(numbers, numbers + a->count, a->count);
    else if (a->dtype == b->dtype && memcmp(a->data, b->data, a->size) == 0)
        *ret_difference = (struct difference){0, 0};
    free(numbers);
    return IC_OK;
}

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

static ic_status compare_one(const struct compare_options *options,
                             const struct ic_tensor *a, const struct ic_tensor *b,
                             const char *absent, struct tally *tally,
                             struct ic_error *error)
{
    struct difference difference = {INFINITY, INFINITY};
    char shape[32], other[32];
    bool beyond;

    print_shape(shape, sizeof shape, a);
    if (b == NULL || !same_shape(a, b)) {
        print_shape(other, sizeof other, b != NULL ? b : a);
        begin_row(tally, a->name, shape);
        printf("%s%s\n", b == NULL ? absent : "against ", b == NULL ? "" : other);
        beyond = true;
    } else {
        const ic_status status = compare_tensors(a, b, &difference, error);
        if (status != IC_OK)
            return status;
        beyond = !(difference.relative <= options->tolerance);
        if (beyond || !options->quiet) {
            begin_row(tally, a->name, shape);
            printf("%10.3g %10.3g%s\n", difference.relative, difference.largest,
                   beyond ? " *" : "");
        }
    }
    tally->compared++;
    tally->beyond += beyond;
    if (beyond && difference.relative > tally->worst_relative) {
        tally->worst_relative = difference.relative;
        ic_text_show(tally->worst, sizeof tally->worst, a->name, strlen(a->name));
    }
    return IC_OK;
}

/* Compares every tensor in `a` with `b`, then names what only `b` has. */
static ic_status compare_files(const struct compare_options *options,
                               const struct ic_safetensors *a,
                               const struct ic_safetensors *b, struct tally *tally,
                               struct ic_error *error)
{
    for (size_t i = 0; i < ic_safetensors_count(a); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(a, i);
        const ic_status status =
            compare_one(options, tensor, ic_safetensors_find(b, tensor->name),
                        "only in A", tally, error);
        if (status != IC_OK)
            return status;
    }
    for (size_t i = 0; i < ic_safetensors_count(b); i++) {
        const struct ic_tensor *tensor = ic_safetensors_at(b, i);
        if (ic_safetensors_find(a, tensor->name) == NULL)
            compare_one(options, tensor, NULL, "only in B", tally, error);
    }
    return IC_OK;
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
    .text = "Prints for each tensor the relative difference ||a - b|| / ||b|| and the "
            "largest difference of two elements. The exit status is 1 if a relative "
            "difference exceeds the tolerance (marked by a *), or if a tensor is in "
            "only one of the files or has another shape.\n",
    .options = table,
    .values_size = sizeof(struct compare_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
