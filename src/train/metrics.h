/* SPDX-License-Identifier: MIT */
/*
 * Figures of training for people: the smoothed loss and the best validation. All are
 * doubles on the host.
 */
#ifndef IC_TRAIN_METRICS_H
#define IC_TRAIN_METRICS_H

#include <stdbool.h>
#include <stdint.h>

/* fastai's training loss: an exponential average of the batches' losses with beta 0.98,
 * divided by 1 - beta^count so that the first losses have full weight. All zero is
 * empty. */
struct ic_smooth_loss {
    double average; /* before the division */
    int64_t count;
};

void ic_smooth_loss_add(struct ic_smooth_loss *smooth, double loss);
double ic_smooth_loss_value(const struct ic_smooth_loss *smooth); /* 0 when empty */

/* The best validation so far: fewer errors are better; with equally many, the smaller
 * loss. */
struct ic_best {
    double error_rate, loss;
};

struct ic_best ic_best_none(void); /* any validation is better */

/* Takes a validation if it is better; returns whether it was. */
bool ic_best_take(struct ic_best *best, double error_rate, double loss);

#endif
