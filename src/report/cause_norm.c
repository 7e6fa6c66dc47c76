/* SPDX-License-Identifier: MIT */
/*
 * Causes in a batch norm: it is computed again, from the reference's input, weights and
 * running statistics, with another epsilon, other statistics, or without one of its
 * parts. See cause.h.
 */
#include <math.h>
#include <string.h>

#include "report/cause.h"

/* What may be different; 0 or false: as in the node. */
struct variant {
    double epsilon; /* less than 0: none */
    bool other_statistics, unbiased;
    bool no_scale, no_shift, no_residual, relu_first;
    const char *what;
};

static const struct variant variants[] = {
    {.epsilon = 1e-3, .what = "has epsilon 1e-3"},
    {.epsilon = 1e-5, .what = "has epsilon 1e-5"},
    {.epsilon = 1e-4, .what = "has epsilon 1e-4"},
    {.epsilon = 1e-2, .what = "has epsilon 1e-2"},
    {.epsilon = 1e-1, .what = "has epsilon 0.1"},
    {.epsilon = 2e-5, .what = "has epsilon 2e-5"},
    {.epsilon = 1e-6, .what = "has epsilon 1e-6"},
    {.epsilon = 1e-8, .what = "has epsilon 1e-8"},
    {.epsilon = -1, .what = "adds no epsilon"},
    {.other_statistics = true, .what = NULL},
    {.unbiased = true, .what = "divides by the unbiased variance of the batch"},
    {.no_scale = true, .what = "does not multiply by the weight"},
    {.no_shift = true, .what = "does not add the bias"},
    {.no_residual = true, .what = "does not add the shortcut"},
    {.relu_first = true, .what = "applies the ReLU before it adds the shortcut"},
};

/* All that a batch norm takes. */
struct norm {
    struct ic_values x, weight, bias, mean, var, residual;
    bool adds;     /* has a residual */
    bool training; /* the batch's statistics */
    struct ic_sizes size;
};

static bool open_norm(struct ic_case *c, struct norm *norm)
{
    const struct ic_listed_node *node = c->node;
    const char *mode = ic_cause_word(c, "mode");

    *norm = (struct norm){.adds = node->input_count == 2};
    if (node->op != IC_NODE_BATCHNORM || node->param_count != 2 ||
        node->state_count != 2 || mode == NULL || !c->same_shape ||
        !ic_cause_input(c, 0, &norm->x) ||
        !ic_cause_values(c, node->params[0], &norm->weight) ||
        !ic_cause_values(c, node->params[1], &norm->bias) ||
        !ic_cause_values(c, node->states[0], &norm->mean) ||
        !ic_cause_values(c, node->states[1], &norm->var))
        return false;
    if (norm->adds &&
        (!ic_cause_input(c, 1, &norm->residual) || norm->residual.count != c->a.count))
        return false;
    norm->training = strcmp(mode, "train") == 0;
    norm->size = ic_values_sizes(&norm->x);
    return norm->x.count == c->a.count && norm->weight.count == norm->size.c &&
           norm->bias.count == norm->size.c && norm->mean.count == norm->size.c &&
           norm->var.count == norm->size.c;
}

/* The mean and the biased variance of a channel of the batch. */
static void measure(const struct norm *norm, size_t channel, double *mean, double *var)
{
    const struct ic_sizes s = norm->size;
    const size_t area = s.h * s.w;
    double sum = 0, squares = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t n = 0; n < s.n; n++)
            for (size_t i = 0; i < area; i++) {
                const double x = norm->x.v[(n * s.c + channel) * area + i];

                if (pass == 0)
                    sum += x;
                else
                    squares += (x - *mean) * (x - *mean);
                if (pass == 0)
                    *mean = sum / (double)(s.n * area);
            }
    *var = squares / (double)(s.n * area);
}

static float finish(const struct ic_case *c, const struct norm *norm,
                    const struct variant *variant, size_t i, double y)
{
    const bool relu = c->node->relu;
    const double shortcut =
        norm->adds && !variant->no_residual ? norm->residual.v[i] : 0;

    if (variant->relu_first && relu)
        return (float)(fmax(y, 0) + shortcut);
    y += shortcut;
    return (float)(relu ? fmax(y, 0) : y);
}

static void apply(const struct ic_case *c, const struct norm *norm,
                  const struct variant *variant, float *made)
{
    const struct ic_sizes s = norm->size;
    const size_t area = s.h * s.w, count = s.n * area;
    const double epsilon = variant->epsilon < 0   ? 0
                           : variant->epsilon > 0 ? variant->epsilon
                                                  : c->node->epsilon;

    for (size_t k = 0; k < s.c; k++) {
        double mean = norm->mean.v[k], var = norm->var.v[k], scale, shift;

        if (norm->training != variant->other_statistics)
            measure(norm, k, &mean, &var);
        if (variant->unbiased && count > 1)
            var *= (double)count / (double)(count - 1);
        scale = (variant->no_scale ? 1 : norm->weight.v[k]) / sqrt(var + epsilon);
        shift = variant->no_shift ? 0 : norm->bias.v[k];
        for (size_t n = 0; n < s.n; n++)
            for (size_t p = 0; p < area; p++) {
                const size_t i = (n * s.c + k) * area + p;

                made[i] =
                    finish(c, norm, variant, i, (norm->x.v[i] - mean) * scale + shift);
            }
    }
}

bool ic_cause_norm(struct ic_case *c)
{
    struct norm norm;
    float *made;

    if (!open_norm(c, &norm))
        return false;
    made = ic_cause_floats(c, c->a.count);
    if (made == NULL)
        return false;
    apply(c, &norm, &(struct variant){0}, made);
    if (ic_cause_agrees(c, made))
        return false;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        const struct variant *variant = &variants[i];

        if (variant->unbiased && !norm.training)
            continue;
        apply(c, &norm, variant, made);
        if (!ic_cause_agrees(c, made))
            continue;
        if (variant->other_statistics)
            return ic_cause_say(
                c, "%s normalises by %s", c->s,
                norm.training ? "the running statistics, not by the batch's"
                              : "the batch's statistics, not by the running ones");
        return ic_cause_say(c, "%s %s", c->s, variant->what);
    }
    return false;
}
