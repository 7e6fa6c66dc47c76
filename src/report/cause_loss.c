/* SPDX-License-Identifier: MIT */
/*
 * Causes in the loss and its gradient: another label smoothing, or a sum over the batch
 * where the mean is meant. See cause.h.
 */
#include <math.h>
#include <stdlib.h>

#include "report/cause.h"

/* The logits of the batch, and their softmax. */
struct outcome {
    struct ic_values logits, labels;
    size_t n, classes;
    double *probability; /* n, classes */
};

static bool open_outcome(struct ic_case *c, struct outcome *outcome)
{
    struct ic_sizes s;

    if (!ic_cause_values(c, "logits", &outcome->logits) ||
        !ic_cause_values(c, "labels", &outcome->labels))
        return false;
    s = ic_values_sizes(&outcome->logits);
    outcome->n = s.n;
    outcome->classes = s.c;
    if (outcome->logits.count != s.n * s.c || outcome->labels.count != s.n)
        return false;
    for (size_t n = 0; n < s.n; n++)
        if (!(outcome->labels.v[n] >= 0 && outcome->labels.v[n] < (float)s.c))
            return false;
    outcome->probability =
        ic_arena_alloc(&c->arena, outcome->logits.count, sizeof(double));
    c->no_memory |= outcome->probability == NULL;
    for (size_t n = 0; !c->no_memory && n < s.n; n++) {
        const float *z = outcome->logits.v + n * s.c;
        float largest = z[0];
        double sum = 0;

        for (size_t k = 0; k < s.c; k++)
            largest = fmaxf(largest, z[k]);
        for (size_t k = 0; k < s.c; k++)
            sum += exp((double)z[k] - largest);
        for (size_t k = 0; k < s.c; k++)
            outcome->probability[n * s.c + k] = exp((double)z[k] - largest) / sum;
    }
    return !c->no_memory;
}

/* The loss of picture n for hard labels, and the mean of the losses of all classes,
 * into which label smoothing turns a part of it. */
static void losses_of(const struct outcome *outcome, size_t n, double *hard,
                      double *spread)
{
    const double *p = outcome->probability + n * outcome->classes;

    *hard = -log(p[(size_t)outcome->labels.v[n]]);
    *spread = 0;
    for (size_t k = 0; k < outcome->classes; k++)
        *spread -= log(p[k]) / (double)outcome->classes;
}

/* Value i of the tensor for hard labels, and for a target that is spread evenly. */
static void ends_of(const struct ic_case *c, const struct outcome *outcome, size_t i,
                    double *hard, double *spread)
{
    const size_t n = i / outcome->classes;
    double p;

    if (c->at->stage == IC_STAGE_LOSSES) {
        losses_of(outcome, i, hard, spread);
        return;
    }
    p = outcome->probability[i];
    *hard = (p - (i % outcome->classes == (size_t)outcome->labels.v[n])) /
            (double)outcome->n;
    *spread = (p - 1. / (double)outcome->classes) / (double)outcome->n;
}

/* Both the losses and the gradient of the logits are linear in the smoothing. */
bool ic_cause_smoothing(struct ic_case *c)
{
    struct outcome outcome;
    double product = 0, square = 0, expected, hard, spread, smoothing;
    float *made;

    if ((c->at->stage == IC_STAGE_GRADIENT && c->at->node != c->nodes->count - 1) ||
        !c->same_shape || !open_outcome(c, &outcome) ||
        !ic_cause_number(c, "label-smoothing", &expected) ||
        c->a.count !=
            (c->at->stage == IC_STAGE_LOSSES ? outcome.n : outcome.n * outcome.classes))
        return false;
    made = ic_cause_floats(c, c->a.count);
    if (made == NULL)
        return false;
    for (size_t i = 0; i < c->a.count; i++) {
        ends_of(c, &outcome, i, &hard, &spread);
        product += (spread - hard) * (c->a.v[i] - hard);
        square += (spread - hard) * (spread - hard);
    }
    smoothing = square > 0 ? product / square : -1;
    for (size_t i = 0; i < c->a.count; i++) {
        ends_of(c, &outcome, i, &hard, &spread);
        made[i] = (float)(hard + smoothing * (spread - hard));
    }
    return smoothing > -1e-6 && smoothing <= 1 && fabs(smoothing - expected) > 1e-5 &&
           c->a.count > 1 && ic_cause_agrees(c, made) &&
           ic_cause_say(c, "%s has a label smoothing of %.3g", c->s,
                        fabs(smoothing) < 1e-5 ? 0 : smoothing);
}

/* Whether the subject's loss is the mean of the reference's losses. */
static bool is_mean(struct ic_case *c)
{
    struct ic_values losses;
    double sum = 0;
    float mean;

    if (c->at->stage != IC_STAGE_LOSS || !ic_cause_values(c, "losses", &losses))
        return false;
    for (size_t i = 0; i < losses.count; i++)
        sum += losses.v[i];
    mean = (float)(sum / (double)losses.count);
    return ic_cause_agrees(c, &mean);
}

bool ic_cause_sum(struct ic_case *c)
{
    struct ic_values labels;
    float *made = ic_cause_floats(c, c->a.count);

    if (!c->same_shape || made == NULL || !ic_cause_values(c, "labels", &labels) ||
        labels.count < 2 || is_mean(c))
        return false;
    for (int divided = 0; divided < 2; divided++) {
        const double batch = (double)labels.count, factor = divided ? 1 / batch : batch;

        for (size_t i = 0; i < c->a.count; i++)
            made[i] = (float)(factor * c->b.v[i]);
        if (ic_cause_agrees(c, made))
            return ic_cause_say(c,
                                divided ? "%s divides by the %zu pictures of the batch "
                                          "twice"
                                        : "%s takes the sum over the %zu pictures of "
                                          "the batch, not the mean",
                                c->s, labels.count);
    }
    return false;
}
