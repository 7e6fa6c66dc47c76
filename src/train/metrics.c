/* SPDX-License-Identifier: MIT */
/*
 * The smoothed loss and the best validation. See metrics.h.
 */
#include "train/metrics.h"

#include <math.h>

static const double beta = 0.98;

void ic_smooth_loss_add(struct ic_smooth_loss *smooth, double loss)
{
    smooth->average = beta * smooth->average + (1 - beta) * loss;
    smooth->count++;
}

double ic_smooth_loss_value(const struct ic_smooth_loss *smooth)
{
    if (smooth->count == 0)
        return 0;
    return smooth->average / (1 - pow(beta, (double)smooth->count));
}

struct ic_best ic_best_none(void)
{
    return (struct ic_best){.error_rate = INFINITY, .loss = INFINITY};
}

bool ic_best_take(struct ic_best *best, double error_rate, double loss)
{
    if (error_rate > best->error_rate ||
        (error_rate == best->error_rate && loss >= best->loss))
        return false;
    *best = (struct ic_best){.error_rate = error_rate, .loss = loss};
    return true;
}
