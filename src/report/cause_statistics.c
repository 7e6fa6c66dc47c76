/* SPDX-License-Identifier: MIT */
/*
 * Causes in the update of running statistics: r + m (s - r), with another momentum m,
 * or with the biased variance s of the batch. See cause.h.
 */
#include <math.h>

#include "report/cause.h"

/* s of each channel: its mean, or its variance. */
static bool measure(struct ic_case *c, bool variance, bool unbiased, float *made)
{
    struct ic_values x;
    struct ic_sizes s;
    size_t area, count;

    if (!ic_cause_input(c, 0, &x))
        return false;
    s = ic_values_sizes(&x);
    area = s.h * s.w;
    count = s.n * area;
    if (s.c != c->a.count || count < 2)
        return false;
    for (size_t k = 0; k < s.c; k++) {
        double mean = 0, squares = 0;

        for (size_t i = 0; i < count; i++)
            mean += x.v[(i / area * s.c + k) * area + i % area] / (double)count;
        for (size_t i = 0; i < count; i++) {
            const double d = x.v[(i / area * s.c + k) * area + i % area] - mean;

            squares += d * d;
        }
        made[k] = (float)(variance ? squares / (double)(count - unbiased) : mean);
    }
    return true;
}

/* The m that explains the subject best: a - r = m (s - r). */
static double fit(const struct ic_case *c, const float *statistics)
{
    double product = 0, square = 0;

    for (size_t i = 0; i < c->a.count; i++) {
        const double step = (double)statistics[i] - c->before[i];

        product += step * ((double)c->a.v[i] - c->before[i]);
        square += step * step;
    }
    return square > 0 ? product / square : 0;
}

static bool agrees(struct ic_case *c, const float *statistics, double momentum,
                   float *made)
{
    for (size_t i = 0; i < c->a.count; i++)
        made[i] =
            (float)(c->before[i] + momentum * ((double)statistics[i] - c->before[i]));
    return ic_cause_agrees(c, made);
}

/* The first clause of a cause, about the variance. */
static const char *variance_clause(bool variance, bool unbiased)
{
    if (!variance || unbiased)
        return "";
    return " and takes the biased variance";
}

bool ic_cause_statistics(struct ic_case *c)
{
    const double expected = c->node->momentum;
    const bool variance = c->at->array == c->node->states[1];
    float *statistics = ic_cause_floats(c, c->a.count),
          *made = ic_cause_floats(c, c->a.count);

    if (made == NULL || statistics == NULL || c->before == NULL || c->a.count < 3)
        return false;
    if (ic_difference_of(c->a.v, c->before, c->a.count).relative == 0)
        return ic_cause_say(c, "%s does not update the running statistics", c->s);
    if (measure(c, variance, true, statistics) && agrees(c, statistics, expected, made))
        return false;
    if (variance && measure(c, true, false, statistics) &&
        agrees(c, statistics, expected, made))
        return ic_cause_say(
            c, "%s updates the running variance with the biased variance", c->s);
    for (int unbiased = 1; unbiased >= 0; unbiased--) {
        double momentum;

        if ((!variance && !unbiased) || !measure(c, variance, unbiased, statistics))
            continue;
        momentum = fit(c, statistics);
        if (agrees(c, statistics, momentum, made))
            return ic_cause_say(c, "%s has the momentum %.4g of running statistics%s%s",
                                c->s, momentum, variance_clause(variance, unbiased),
                                fabs(momentum + expected - 1) < 1e-3
                                    ? ", where 1 minus it is meant"
                                    : "");
    }
    return false;
}
