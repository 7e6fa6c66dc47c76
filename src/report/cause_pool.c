/* SPDX-License-Identifier: MIT */
/*
 * Causes in a pool: it is computed again, from the reference's input, as an average
 * instead of a maximum, with other windows, or with its halves exchanged. See cause.h.
 */
#include <math.h>

#include "report/cause.h"

/* What a window gives. */
enum pool { POOL_MAX, POOL_MEAN, POOL_MEAN_OF_WINDOW };

static const struct {
    enum pool pool;
    int pad; /* added to the node's */
    int kernel;
    const char *what;
} variants[] = {
    {POOL_MAX, 0, 0, NULL}, /* no mistake */
    {POOL_MAX, -1, 0, "does not pad before the picture"},
    {POOL_MAX, 0, -1, "has windows smaller by 1"},
    {POOL_MAX, -1, -1, "has windows smaller by 1 and does not pad"},
    {POOL_MEAN, 0, 0, "takes averages instead of maxima"},
    {POOL_MEAN_OF_WINDOW, 0, 0, "takes averages, the padding's zeros included"},
    {POOL_MEAN, -1, 0, "takes averages and does not pad before the picture"},
};

struct window {
    enum pool pool;
    int kernel, stride, pad;
};

/* The value of a window whose first row and column are given; parts outside of the
 * picture do not count. */
static float pool_window(const float *x, struct ic_sizes s, const struct window *window,
                         long top, long left)
{
    double largest = -INFINITY, sum = 0;
    int count = 0;

    for (long y = top; y < top + window->kernel; y++)
        for (long u = left; u < left + window->kernel; u++) {
            if (y < 0 || u < 0 || y >= (long)s.h || u >= (long)s.w)
                continue;
            largest = fmax(largest, x[(size_t)y * s.w + (size_t)u]);
            sum += x[(size_t)y * s.w + (size_t)u];
            count++;
        }
    if (window->pool == POOL_MAX)
        return (float)largest;
    if (window->pool == POOL_MEAN)
        return (float)(sum / count);
    return (float)(sum / (window->kernel * window->kernel));
}

static void pool(const struct window *window, const struct ic_values *x,
                 struct ic_sizes y, float *made)
{
    const struct ic_sizes s = ic_values_sizes(x);

    for (size_t plane = 0; plane < y.n * y.c; plane++)
        for (size_t i = 0; i < y.h; i++)
            for (size_t j = 0; j < y.w; j++)
                made[(plane * y.h + i) * y.w + j] =
                    pool_window(x->v + plane * s.h * s.w, s, window,
                                (long)i * window->stride - window->pad,
                                (long)j * window->stride - window->pad);
}

static bool explain_max_pool(struct ic_case *c, const struct ic_values *x, float *made)
{
    const struct ic_sizes y = ic_values_sizes(&c->a), s = ic_values_sizes(x);

    if (c->a.rank != 4 || y.n != s.n || y.c != s.c)
        return false;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        const struct window window = {variants[i].pool,
                                      c->node->kernel + variants[i].kernel,
                                      c->node->stride, c->node->pad + variants[i].pad};

        if (window.kernel < 1 || window.pad < 0)
            continue;
        pool(&window, x, y, made);
        if (ic_cause_agrees(c, made))
            return variants[i].what != NULL &&
                   ic_cause_say(c, "%s %s", c->s, variants[i].what);
    }
    return false;
}

/* A global pool of the other kind. */
static bool explain_global_pool(struct ic_case *c, const struct ic_values *x,
                                float *made)
{
    const struct ic_sizes s = ic_values_sizes(x), one = {s.n, s.c, 1, 1};
    const struct window window = {POOL_MAX, (int)(s.h > s.w ? s.h : s.w), 1, 0};

    if (c->a.count != s.n * s.c)
        return false;
    pool(&window, x, one, made);
    return ic_cause_agrees(c, made) &&
           ic_cause_say(c, "%s takes maxima instead of averages", c->s);
}

/* The pool of fastai's head gives maxima, then means. */
static bool explain_concat_pool(struct ic_case *c, float *made)
{
    const struct ic_sizes s = ic_values_sizes(&c->b);

    if (!c->same_shape || c->b.rank != 2)
        return false;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = c->b.v[i / s.c * s.c + (i + s.c / 2) % s.c];
    return ic_cause_agrees(c, made) &&
           ic_cause_say(c, "%s has the averages before the maxima", c->s);
}

bool ic_cause_pooling(struct ic_case *c)
{
    const enum ic_node_op op = c->node->op;
    struct ic_values x;
    float *made;

    if ((op != IC_NODE_MAXPOOL && op != IC_NODE_AVGPOOL && op != IC_NODE_CONCATPOOL) ||
        !ic_cause_input(c, 0, &x))
        return false;
    made = ic_cause_floats(c, c->a.count);
    if (made == NULL)
        return false;
    if (op == IC_NODE_MAXPOOL)
        return explain_max_pool(c, &x, made);
    if (op == IC_NODE_AVGPOOL)
        return explain_global_pool(c, &x, made);
    return explain_concat_pool(c, made);
}
