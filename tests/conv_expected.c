/* SPDX-License-Identifier: MIT */
/*
 * Remembers operands and results as they are: passes over operands with other bits are
 * computed anew, so that no test can be given the results of another.
 */
#include "conv_expected.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "reference.h"

struct entry {
    struct ic_conv conv;
    float *x, *weight, *dy;
    double *y, *dx, *dweight;
};

static struct entry entries[64];
static size_t count;

static void *allocate(size_t numbers, size_t size)
{
    void *const memory = calloc(numbers, size);

    if (memory == NULL) {
        fprintf(stderr, "no memory for expected values\n");
        exit(99);
    }
    return memory;
}

static float *copy(const float *from, size_t numbers)
{
    return memcpy(allocate(numbers, sizeof *from), from, numbers * sizeof *from);
}

static bool same_floats(const float *a, const float *b, size_t numbers)
{
    return memcmp(a, b, numbers * sizeof *a) == 0;
}

static bool same_shape(const struct ic_conv *a, const struct ic_conv *b)
{
    return a->batch == b->batch && a->in_height == b->in_height &&
           a->in_width == b->in_width && a->in_channels == b->in_channels &&
           a->out_channels == b->out_channels && a->kernel == b->kernel &&
           a->stride == b->stride && a->pad == b->pad;
}

struct conv_expected conv_expected(const struct ic_conv *v, const float *x,
                                   const float *weight, const float *dy)
{
    const struct conv_sizes n = conv_sizes_of(v);
    struct entry *e = entries;

    while (e < entries + count &&
           !(same_shape(&e->conv, v) && same_floats(e->x, x, n.x) &&
             same_floats(e->weight, weight, n.weight) && same_floats(e->dy, dy, n.y)))
        e++;
    if (e == entries + count) {
        if (count == sizeof entries / sizeof *entries) {
            conv_expected_forget();
            e = entries;
        }
        *e = (struct entry){.conv = *v,
                            .x = copy(x, n.x),
                            .weight = copy(weight, n.weight),
                            .dy = copy(dy, n.y),
                            .y = allocate(n.y, sizeof *e->y),
                            .dx = allocate(n.x, sizeof *e->dx),
                            .dweight = allocate(n.weight, sizeof *e->dweight)};
        count++;
        reference_conv_forward(e->y, x, weight, v);
        reference_conv_backward_input(e->dx, dy, weight, v);
        reference_conv_backward_weight(e->dweight, dy, x, v);
    }
    return (struct conv_expected){e->y, e->dx, e->dweight};
}

void conv_expected_forget(void)
{
    while (count > 0) {
        struct entry *const e = &entries[--count];

        free(e->x);
        free(e->weight);
        free(e->dy);
        free(e->y);
        free(e->dx);
        free(e->dweight);
    }
}
