/* SPDX-License-Identifier: MIT */
/*
 * Causes in a convolution: it is computed again, from the reference's input and
 * weights, with another stride, padding, dilation or order of its kernels. See cause.h.
 */
#include <string.h>

#include "report/cause.h"

/* What lies outside of the picture. */
enum edge { EDGE_ZERO, EDGE_REFLECT, EDGE_REPLICATE, EDGE_CIRCULAR };

/* How a convolution may depart from the node: what is 0 is as in the node. */
struct variant {
    int stride; /* instead of the node's */
    int pad;    /* more rows and columns before the picture than in the node */
    int dilation;
    enum edge edge;
    bool flip, transpose, unpadded;
    const char *what;
};

static const struct variant variants[] = {
    {.stride = 1, .what = "has stride 1"},
    {.stride = 2, .what = "has stride 2"},
    {.pad = -1,
     .what = "pads one row and column less before the picture, as TensorFlow's SAME "
             "does for stride 2"},
    {.pad = 1, .what = "pads one row and column more before the picture"},
    {.unpadded = true, .what = "does not pad"},
    {.dilation = 2, .what = "has dilation 2, with the same padding"},
    {.dilation = 2, .pad = 1, .what = "has dilation 2, with a padding larger by 1"},
    {.dilation = 2, .pad = 3, .what = "has dilation 2, with a padding larger by 3"},
    {.edge = EDGE_REFLECT, .what = "pads with the mirrored picture instead of zeros"},
    {.edge = EDGE_REPLICATE, .what = "pads with the border instead of zeros"},
    {.edge = EDGE_CIRCULAR, .what = "pads with the opposite side instead of zeros"},
    {.flip = true, .what = "turns its kernels by 180 degrees"},
    {.transpose = true, .what = "exchanges rows and columns of its kernels"},
};

/* One convolution at work. */
struct work {
    struct ic_sizes x, w, y;
    const float *input, *weight;
    int stride, pad, dilation;
    enum edge edge;
    bool flip, transpose;
};

/* The place along an axis of `size`, or -1 where the value is zero. */
static long place(enum edge edge, long i, long size)
{
    if (i >= 0 && i < size)
        return i;
    switch (edge) {
    case EDGE_REFLECT:
        i = i < 0 ? -i : 2 * size - 2 - i;
        break;
    case EDGE_REPLICATE:
        return i < 0 ? 0 : size - 1;
    case EDGE_CIRCULAR:
        i = (i + size) % size;
        break;
    default:
        return -1;
    }
    return i >= 0 && i < size ? i : -1;
}

/* The place of the kernel's value at row and column. */
static size_t tap_of(const struct work *k, size_t row, size_t column)
{
    if (k->flip) {
        row = k->w.h - 1 - row;
        column = k->w.w - 1 - column;
    }
    return k->transpose ? column * k->w.w + row : row * k->w.w + column;
}

/* y += the products of one tap of one pair of channels. */
static void add_tap(const struct work *k, const float *x, double weight, size_t row,
                    size_t column, double *y)
{
    for (size_t i = 0; i < k->y.h; i++) {
        const long v =
            place(k->edge, (long)i * k->stride + (long)row * k->dilation - k->pad,
                  (long)k->x.h);

        for (size_t j = 0; j < k->y.w && v >= 0; j++) {
            const long u = place(
                k->edge, (long)j * k->stride + (long)column * k->dilation - k->pad,
                (long)k->x.w);

            if (u >= 0)
                y[i * k->y.w + j] += weight * x[(size_t)v * k->x.w + (size_t)u];
        }
    }
}

/* y[n, o] = sum over the input's channels and the kernel's taps. */
static void convolve(const struct work *k, size_t pictures, double *sums, float *y)
{
    const size_t area = k->y.h * k->y.w, taps = k->w.h * k->w.w;

    for (size_t n = 0; n < pictures; n++)
        for (size_t o = 0; o < k->y.c; o++) {
            memset(sums, 0, area * sizeof *sums);
            for (size_t i = 0; i < k->x.c; i++) {
                const float *x = k->input + (n * k->x.c + i) * k->x.h * k->x.w;
                const float *w = k->weight + (o * k->x.c + i) * taps;

                for (size_t tap = 0; tap < taps; tap++)
                    add_tap(k, x, w[tap_of(k, tap / k->w.w, tap % k->w.w)],
                            tap / k->w.w, tap % k->w.w, sums);
            }
            for (size_t i = 0; i < area; i++)
                y[(n * k->y.c + o) * area + i] = (float)sums[i];
        }
}

/* Whether the variant gives the subject's values. */
static bool explains(struct ic_case *c, const struct variant *variant, struct work *k,
                     double *sums, float *made)
{
    const size_t picture = k->y.c * k->y.h * k->y.w;

    k->stride = variant->stride > 0 ? variant->stride : c->node->stride;
    k->pad = variant->unpadded ? 0 : c->node->pad + variant->pad;
    k->dilation = variant->dilation > 0 ? variant->dilation : 1;
    k->edge = variant->edge;
    k->flip = variant->flip;
    k->transpose = variant->transpose;
    convolve(k, 1, sums, made);
    if (ic_difference_of(c->a.v, made, picture).relative > 1e-2)
        return false; /* the first picture already refutes it */
    convolve(k, k->y.n, sums, made);
    return ic_cause_agrees(c, made);
}

bool ic_cause_convolution(struct ic_case *c)
{
    struct ic_values x, w;
    struct work k = {.y = ic_values_sizes(&c->a)};
    double *sums;
    float *made;

    if (c->node->op != IC_NODE_CONV2D || c->a.rank != 4 || !ic_cause_input(c, 0, &x) ||
        !ic_cause_values(c, c->node->params[0], &w))
        return false;
    k.x = ic_values_sizes(&x);
    k.w = ic_values_sizes(&w);
    if (k.y.n != k.x.n || k.w.n != k.y.c || k.w.c != k.x.c || k.w.h != k.w.w)
        return false;
    k.input = x.v;
    k.weight = w.v;
    made = ic_cause_floats(c, c->a.count);
    sums = ic_arena_alloc(&c->arena, k.y.h * k.y.w, sizeof *sums);
    c->no_memory |= sums == NULL;
    if (c->no_memory || explains(c, &(struct variant){0}, &k, sums, made))
        return false;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (explains(c, &variants[i], &k, sums, made))
            return ic_cause_say(c, "%s %s", c->s, variants[i].what);
    return false;
}
