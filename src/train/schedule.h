/* SPDX-License-Identifier: MIT */
/*
 * The learning rate and the momentum of each step.
 *
 * A recipe is a sequence of phases. One-cycle from scratch is one phase; fine-tuning is
 * two, the first with the lower parameter groups frozen. Within a phase the one-cycle
 * policy holds (Smith 2018, "A disciplined approach to neural network
 * hyper-parameters", in fastai's form with cosines): the learning rate goes lr / div ->
 * lr -> lr / div_final, the momentum 0.95 -> 0.85 -> 0.95, and both turn when pct_start
 * of the steps is done.
 */
#ifndef IC_TRAIN_SCHEDULE_H
#define IC_TRAIN_SCHEDULE_H

#include <stdint.h>

#include "graph/graph.h"
#include "model/arch.h"

struct ic_phase {
    const char *name; /* as in metrics.csv */
    int epochs;
    double lr[IC_GROUPS]; /* the peak, for each parameter group */
    struct ic_freeze freeze;
    double pct_start, div, div_final;
};

#define IC_PHASES 2

/* Phases, one after the other. */
struct ic_recipe {
    struct ic_phase phases[IC_PHASES];
    int count;
};

/* The rates of one step. */
struct ic_rates {
    double lr[IC_GROUPS];
    double momentum;
};

/* The phase of fastai's fit_one_cycle(epochs, lr): pct_start 0.25, div 25, div_final
 * 1e5, nothing frozen. */
struct ic_phase ic_phase_one_cycle(int epochs, double lr);

/* One phase over all layers. */
struct ic_recipe ic_recipe_one_cycle(int epochs, double lr);

/* fastai's fine_tune(epochs, base_lr = lr, freeze_epochs). First "frozen": the groups
 * below the head are frozen, while their batch norm learns at lr / 10 unless
 * `freeze_norms`. Then "unfrozen": half the rate for the head, down to a hundredth of
 * that by equal factors for the lower groups. Phases of 0 epochs are left out. */
struct ic_recipe ic_recipe_fine_tune(int freeze_epochs, int epochs, double lr,
                                     bool freeze_norms);

int ic_recipe_epochs(const struct ic_recipe *recipe);

/* The number of the phase that `epoch` of the whole run belongs to (the last phase for
 * the epoch after the end), and the first epoch of that phase. */
int ic_recipe_phase_at(const struct ic_recipe *recipe, int64_t epoch,
                       int64_t *ret_first);

/* The rates at `position` of the phase, from 0 to 1. Step i of n, counted from 0, is at
 * position i / n: rates are set before the step. */
struct ic_rates ic_phase_rates(const struct ic_phase *phase, double position);

#endif
