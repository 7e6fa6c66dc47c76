/* SPDX-License-Identifier: MIT */
/*
 * The one-cycle policy. See schedule.h.
 */
#include "train/schedule.h"

#include <assert.h>
#include <math.h>

/* fastai's defaults for every learner: high, low, high. */
static const double momentum_start = 0.95, momentum_turn = 0.85, momentum_end = 0.95;

struct ic_phase ic_phase_one_cycle(int epochs, double lr)
{
    struct ic_phase phase = {
        .name = "one-cycle",
        .epochs = epochs,
        .pct_start = 0.25,
        .div = 25,
        .div_final = 1e5,
    };

    for (int group = 0; group < IC_GROUPS; group++)
        phase.lr[group] = lr;
    return phase;
}

struct ic_recipe ic_recipe_one_cycle(int epochs, double lr)
{
    return (struct ic_recipe){.phases = {ic_phase_one_cycle(epochs, lr)}, .count = 1};
}

/* The defaults of fine_tune: lr_mult 100, pct_start 0.3, div 5 for the second phase. */
struct ic_recipe ic_recipe_fine_tune(int freeze_epochs, int epochs, double lr,
                                     bool freeze_norms)
{
    struct ic_phase frozen = ic_phase_one_cycle(freeze_epochs, lr);
    struct ic_phase unfrozen = ic_phase_one_cycle(epochs, lr / 2);
    struct ic_recipe recipe = {.count = 0};

    frozen.name = "frozen";
    frozen.freeze = (struct ic_freeze){IC_GROUP_HEAD, freeze_norms};
    frozen.lr[IC_GROUP_LOW] = frozen.lr[IC_GROUP_HIGH] = lr / 10;
    frozen.pct_start = 0.99;

    unfrozen.name = "unfrozen";
    unfrozen.lr[IC_GROUP_LOW] = lr / 2 / 100;
    unfrozen.lr[IC_GROUP_HIGH] = lr / 2 / 10; /* the geometric middle */
    unfrozen.pct_start = 0.3;
    unfrozen.div = 5;

    if (freeze_epochs > 0)
        recipe.phases[recipe.count++] = frozen;
    if (epochs > 0)
        recipe.phases[recipe.count++] = unfrozen;
    return recipe;
}

int ic_recipe_epochs(const struct ic_recipe *recipe)
{
    int epochs = 0;

    for (int i = 0; i < recipe->count; i++)
        epochs += recipe->phases[i].epochs;
    return epochs;
}

int ic_recipe_phase_at(const struct ic_recipe *recipe, int64_t epoch,
                       int64_t *ret_first)
{
    int phase = 0;

    *ret_first = 0;
    while (phase + 1 < recipe->count &&
           epoch >= *ret_first + recipe->phases[phase].epochs)
        *ret_first += recipe->phases[phase++].epochs;
    return phase;
}

/* Half a cosine wave from `from` (part = 0) to `to` (part = 1). */
static double cosine(double from, double to, double part)
{
    const double pi = 3.14159265358979323846;

    return from + (1 + cos(pi * (1 - part))) * (to - from) / 2;
}

/* From start to turn during the first pct of the phase, then from turn to end. */
static double two_cosines(double start, double turn, double end, double pct,
                          double position)
{
    if (position < pct)
        return cosine(start, turn, position / pct);
    return cosine(turn, end, (position - pct) / (1 - pct));
}

struct ic_rates ic_phase_rates(const struct ic_phase *phase, double position)
{
    const double pct = phase->pct_start;
    struct ic_rates rates;

    assert(pct > 0 && pct < 1 && position >= 0 && position <= 1);
    for (int group = 0; group < IC_GROUPS; group++) {
        const double lr = phase->lr[group];

        rates.lr[group] =
            two_cosines(lr / phase->div, lr, lr / phase->div_final, pct, position);
    }
    rates.momentum =
        two_cosines(momentum_start, momentum_turn, momentum_end, pct, position);
    return rates;
}
