/* SPDX-License-Identifier: MIT */
/*
 * Measures of the difference of two tensors. See difference.h.
 */
#include "report/difference.h"

#include <math.h>
#include <string.h>

#include "report/values.h"

struct ic_difference ic_difference_of(const float *a, const float *b, size_t count)
{
    struct ic_difference result = {0, 0};
    double squares = 0, size = 0;

    for (size_t i = 0; i < count; i++) {
        const double d = fabs((double)a[i] - b[i]);
        if (!isfinite(d))
            return (struct ic_difference){INFINITY, INFINITY};
        squares += d * d;
        size += (double)b[i] * b[i];
        result.largest = fmax(result.largest, d);
    }
    if (squares > 0)
        result.relative = size > 0 ? sqrt(squares / size) : INFINITY;
    return result;
}

struct ic_difference ic_difference_of_moves(const float *a, const float *b,
                                            const float *before, size_t count)
{
    struct ic_difference result = ic_difference_of(a, b, count);
    double squares = 0, size = 0, moves = 0, apart;

    for (size_t i = 0; i < count && isfinite(result.relative); i++) {
        const double d = (double)a[i] - b[i], move = (double)b[i] - before[i];

        squares += d * d;
        size += (double)b[i] * b[i];
        moves += move * move;
    }
    apart = sqrt(squares) - 0x1p-23 * sqrt(size);
    if (!isfinite(result.relative))
        return result;
    result.relative = apart <= 0 ? 0 : moves > 0 ? apart / sqrt(moves) : INFINITY;
    return result;
}

/* The first axis from `axis` on whose size is not 1, or the rank. */
static int skip_ones(const struct ic_tensor *tensor, int axis)
{
    while (axis < tensor->rank && tensor->shape[axis] == 1)
        axis++;
    return axis;
}

bool ic_difference_same_shape(const struct ic_tensor *a, const struct ic_tensor *b)
{
    int i = skip_ones(a, 0), j = skip_ones(b, 0);

    while (i < a->rank && j < b->rank && a->shape[i] == b->shape[j]) {
        i = skip_ones(a, i + 1);
        j = skip_ones(b, j + 1);
    }
    return i == a->rank && j == b->rank;
}

const struct ic_tensor *ic_difference_before(const struct ic_safetensors *file,
                                             const struct ic_tensor *tensor)
{
    static const char updated[] = "updated.";
    const struct ic_tensor *before = NULL;

    if (strncmp(tensor->name, updated, sizeof updated - 1) == 0)
        before = ic_safetensors_find(file, tensor->name + sizeof updated - 1);
    return before != NULL && ic_difference_same_shape(before, tensor) ? before : NULL;
}

static bool counts(const struct ic_tensor *tensor)
{
    return tensor->dtype == IC_I32 || tensor->dtype == IC_I64;
}

static ic_status measure(struct ic_difference *difference, const struct ic_tensor *a,
                         const struct ic_tensor *b, const struct ic_tensor *before,
                         struct ic_arena *arena, struct ic_error *error)
{
    struct ic_values of_a, of_b, of_before;
    ic_status status = ic_values_read(&of_a, a, arena, error);

    if (status == IC_OK)
        status = ic_values_read(&of_b, b, arena, error);
    if (status == IC_OK && before != NULL)
        status = ic_values_read(&of_before, before, arena, error);
    if (status != IC_OK)
        return status;
    *difference = before != NULL
                      ? ic_difference_of_moves(of_a.v, of_b.v, of_before.v, of_a.count)
                      : ic_difference_of(of_a.v, of_b.v, of_a.count);
    if (difference->relative > 0 && (counts(a) || counts(b)))
        *difference = (struct ic_difference){INFINITY, INFINITY};
    return IC_OK;
}

ic_status ic_difference_of_tensors(struct ic_difference *difference,
                                   const struct ic_tensor *a, const struct ic_tensor *b,
                                   const struct ic_safetensors *reference,
                                   struct ic_error *error)
{
    struct ic_arena arena = {0};
    ic_status status;

    *difference = (struct ic_difference){INFINITY, INFINITY};
    if (!ic_difference_same_shape(a, b))
        return IC_OK;
    if (counts(a) && a->dtype == b->dtype) {
        if (memcmp(a->data, b->data, a->size) == 0)
            *difference = (struct ic_difference){0, 0};
        return IC_OK;
    }
    status =
        measure(difference, a, b, ic_difference_before(reference, b), &arena, error);
    ic_arena_free(&arena);
    return status;
}
