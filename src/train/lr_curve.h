/* SPDX-License-Identifier: MIT */
/*
 * The curve of a learning-rate range test (Smith 2017, "Cyclical Learning Rates for
 * Training Neural Networks"), in fastai's form: the rates that the test takes, when it
 * ends, and what rate its curve suggests ("valley").
 *
 * Step i of n takes the rate 1e-7 * (10 / 1e-7)^(i / n). The test ends where the
 * smoothed loss is more than 4 times its lowest value so far.
 */
#ifndef IC_TRAIN_LR_CURVE_H
#define IC_TRAIN_LR_CURVE_H

#include <stdbool.h>

#include "base/error.h"
#include "train/metrics.h"

/* Fewer steps leave nothing to judge; with more the search for the valley, which is
 * quadratic, takes seconds. */
#define IC_LR_STEPS_MIN 6
#define IC_LR_STEPS_MAX 10000

/* So many of the last points are not judged: the loss may have left the valley. */
#define IC_LR_LAST_POINTS 5

/* One step. The loss is that of the weights before the step moves them. */
struct ic_lr_point {
    double lr, loss, smooth_loss; /* the last point's may be infinite */
};

enum ic_lr_end {
    IC_LR_GOES_ON,
    IC_LR_ALL_STEPS,
    IC_LR_DIVERGED,  /* the last point is above 4 times the best */
    IC_LR_NOT_FINITE /* behind the last point the loss is no number */
};

struct ic_lr_curve {
    struct ic_lr_point *points; /* room for `steps`; owned */
    int count, steps;
    enum ic_lr_end end;
    struct ic_smooth_loss smooth;
    double best_loss; /* the lowest smoothed one */
    int suggested;    /* index of a point; see ic_lr_curve_suggest */
    int fall;         /* points of the valley that it stands in */
};

#define IC_LR_FALL_MIN 3 /* a shorter valley suggests nothing */

/* An empty curve of a test of so many steps, within the limits above. */
ic_status ic_lr_curve_open(struct ic_lr_curve *curve, int steps,
                           struct ic_error *error);
void ic_lr_curve_free(struct ic_lr_curve *curve); /* all zero is fine */

/* The rate of the next step. */
double ic_lr_curve_rate(const struct ic_lr_curve *curve);

/* Adds the loss of that step. A loss that is no number (NAN) becomes no point: it ends
 * the test. */
void ic_lr_curve_add(struct ic_lr_curve *curve, double loss);

/* Fills `suggested` and `fall` of a curve that has ended. Of all points it looks at
 * those after the first tenth of the steps and before the last ones (steps whose loss
 * is no number are counted with them). When no point is left: IC_ERR_NUMERIC.
 *
 * The valley is the longest choice of points, neighbours or not, of which each lies
 * below the one before; of several, that which ends first. The suggestion lies half of
 * their number before its end. A loss that never falls gives the first point, and a
 * fall of 1: then the suggestion means nothing. */
ic_status ic_lr_curve_suggest(struct ic_lr_curve *curve, struct ic_error *error);

#endif
