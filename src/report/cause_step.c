/* SPDX-License-Identifier: MIT */
/*
 * Causes in a step of the optimiser: it is computed again, from the reference's weights
 * and gradients, with one of its rules changed. The state of the optimiser is zero
 * before the step. See cause.h.
 */
#include <math.h>
#include <string.h>

#include "report/cause.h"

/* The settings of the step. */
struct step {
    bool adam;
    double lr, momentum, decay, beta2, epsilon;
    bool decays; /* this array: a weight, neither a bias nor of a batch norm */
    struct ic_values before, gradient;
};

static bool open_step(struct ic_case *c, struct step *step)
{
    const char *optimizer = ic_cause_word(c, "optimizer");
    const char *gradient = ic_arena_format(&c->arena, "%s.grad", c->at->array);

    c->no_memory |= gradient == NULL;
    if (optimizer == NULL || !c->same_shape || !ic_cause_number(c, "lr", &step->lr) ||
        !ic_cause_number(c, "momentum", &step->momentum) ||
        !ic_cause_number(c, "weight-decay", &step->decay) ||
        !ic_cause_number(c, "beta2", &step->beta2) ||
        !ic_cause_number(c, "optimizer-epsilon", &step->epsilon) ||
        !ic_cause_values(c, c->at->array, &step->before) ||
        !ic_cause_values(c, gradient, &step->gradient))
        return false;
    step->adam = strcmp(optimizer, "adam") == 0;
    step->decays =
        c->node->op != IC_NODE_BATCHNORM && c->at->array == c->node->params[0];
    return step->before.count == c->a.count && step->gradient.count == c->a.count;
}

/* --- the updated weights ---------------------------------------------------------- */

/* What may be different in the step. */
struct variant {
    bool for_adam, for_sgd; /* the optimisers that it can happen to */
    bool decay_all, no_decay, coupled, unscaled_decay, nesterov, uncorrected, inside;
    double epsilon;
    double sign;
    const char *what;
};

static const struct variant variants[] = {
    {true, true, .what = NULL}, /* no mistake */
    {true, true, .no_decay = true, .what = "does not apply the weight decay"},
    {true, true, .decay_all = true,
     .what = "applies the weight decay to biases and batch norms, too"},
    {true, true, .coupled = true,
     .what = "adds the weight decay to the gradient (L2), not to the step"},
    {true, true, .unscaled_decay = true,
     .what = "does not multiply the weight decay by the learning rate"},
    {false, true, .nesterov = true, .what = "takes Nesterov's momentum"},
    {true, false, .epsilon = 1e-8, .what = "has Adam's epsilon 1e-8"},
    {true, false, .epsilon = 1e-7, .what = "has Adam's epsilon 1e-7"},
    {true, false, .inside = true, .what = "adds Adam's epsilon inside the root"},
    {true, false, .uncorrected = true, .what = "does not correct Adam's bias"},
    {true, true, .sign = -1, .what = "goes up the gradient"},
};

static double updated(const struct step *step, const struct variant *variant, size_t i)
{
    const double p = step->before.v[i], lr = step->lr;
    const bool decays = (step->decays || variant->decay_all) && !variant->no_decay;
    const double decay = decays ? step->decay : 0;
    const double g = step->gradient.v[i] + (variant->coupled ? decay * p : 0);
    const double own = variant->coupled          ? 0
                       : variant->unscaled_decay ? decay * p
                                                 : lr * decay * p;
    const double epsilon = variant->epsilon > 0 ? variant->epsilon : step->epsilon;
    double move = g;

    if (step->adam) {
        const double mean = variant->uncorrected ? (1 - step->momentum) * g : g;
        const double square = variant->uncorrected ? (1 - step->beta2) * g * g : g * g;

        move = variant->inside ? mean / sqrt(square + epsilon)
                               : mean / (sqrt(square) + epsilon);
    } else if (variant->nesterov) {
        move = (1 + step->momentum) * g;
    }
    return p - own - lr * move * (variant->sign < 0 ? -1 : 1);
}

bool ic_cause_update(struct ic_case *c)
{
    struct step step;
    float *made = ic_cause_floats(c, c->a.count);

    if (made == NULL || !open_step(c, &step) || c->a.count < 2)
        return false;
    if (ic_difference_of(c->a.v, step.before.v, c->a.count).relative == 0)
        return ic_cause_say(c, "%s does not update this parameter", c->s);
    for (size_t k = 0; k < sizeof variants / sizeof *variants; k++) {
        const struct variant *variant = &variants[k];

        if (step.adam ? !variant->for_adam : !variant->for_sgd)
            continue;
        for (size_t i = 0; i < c->a.count; i++)
            made[i] = (float)updated(&step, variant, i);
        if (ic_cause_agrees(c, made))
            return variant->what != NULL &&
                   ic_cause_say(c, "%s %s", c->s, variant->what);
    }
    return false;
}

/* The subject's move is that of the reference times a factor. */
bool ic_cause_rate(struct ic_case *c)
{
    double product = 0, square = 0, factor, lr;
    float *made = ic_cause_floats(c, c->a.count);

    if (made == NULL || c->before == NULL || c->a.count < 2)
        return false;
    for (size_t i = 0; i < c->a.count; i++) {
        const double move = (double)c->b.v[i] - c->before[i];

        product += move * ((double)c->a.v[i] - c->before[i]);
        square += move * move;
    }
    factor = square > 0 ? product / square : 0;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = (float)(c->before[i] + factor * ((double)c->b.v[i] - c->before[i]));
    if (!ic_cause_agrees(c, made))
        return false;
    if (!ic_cause_number(c, "lr", &lr))
        return ic_cause_say(c, "%s moves %.4g times as far", c->s, factor);
    return ic_cause_say(
        c,
        "%s moves %.4g times as far, as with the learning rate %.4g for "
        "%.4g",
        c->s, factor, factor * lr, lr);
}

/* --- the optimiser's state -------------------------------------------------------- */

bool ic_cause_state(struct ic_case *c)
{
    const bool square = strncmp(c->at->name, "optimizer.square.", 17) == 0;
    double product = 0, power = 0, expected, share;
    float *made = ic_cause_floats(c, c->a.count);
    struct step step;

    if (made == NULL || !open_step(c, &step) || c->a.count < 3)
        return false;
    expected = !step.adam ? 1 : 1 - (square ? step.beta2 : step.momentum);
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = step.gradient.v[i] + (float)step.decay * step.before.v[i];
    if (!step.adam && step.decay > 0 && ic_cause_agrees(c, made))
        return ic_cause_say(c,
                            "%s adds the weight decay to the gradient (L2), not to "
                            "the step%s",
                            c->s,
                            step.decays ? "" : ", and to biases and batch norms, too");
    for (size_t i = 0; i < c->a.count; i++) {
        const double g = step.gradient.v[i], x = square ? g * g : g;

        product += x * c->a.v[i];
        power += x * x;
        made[i] = (float)x;
    }
    share = power > 0 ? product / power : 0;
    for (size_t i = 0; i < c->a.count; i++)
        made[i] = (float)(share * made[i]);
    if (!ic_cause_agrees(c, made) || fabs(share - expected) < 1e-5 * expected)
        return false;
    if (step.adam)
        return ic_cause_say(c, "%s has beta%d = %.6g", c->s, square ? 2 : 1, 1 - share);
    return ic_cause_say(c, "%s adds %.4g times the gradient to the velocity", c->s,
                        share);
}
