/* SPDX-License-Identifier: MIT */
/*
 * The curve of a learning-rate range test (Smith 2017, "Cyclical Learning Rates for
 * Training Neural Networks"), in fastai's form: the rates that the test takes, when it
 * ends, and the rate that its curve suggests ("valley").
 *
 * Step i of n takes the rate 1e-7 * (10 / 1e-7)^(i / n). The test ends where the
 * smoothed loss is more than 4 times its lowest value so far.
 */
#ifndef IC_TRAIN_LR_CURVE_H
#define IC_TRAIN_LR_CURVE_H

#include <stdbool.h>

#include "base/error.h"
#include "train/metrics.h"

/* Fewer steps leave nothing to judge. With more, the quadratic search for the valley
 * takes seconds. */
#define IC_LR_STEPS_MIN 6
#define IC_LR_STEPS_MAX 10000

/* The number of last points that are not judged: there the loss may have left the
 * valley. */
#define IC_LR_LAST_POINTS 5

/* One step. The loss is that of the weights before the step changes them. */
struct ic_lr_point {
    double lr, loss, smooth_loss; /* the last point's may be infinite */
};

enum ic_lr_end {
    IC_LR_GOES_ON,
    IC_LR_ALL_STEPS,
    IC_LR_DIVERGED,  /* the last point is above 4 times the best */
    IC_LR_NOT_FINITE /* after the last point the loss is not a number */
};

struct ic_lr_curve {
    struct ic_lr_point *points; /* room for `steps`; owned */
    int count, steps;
    enum ic_lr_end end;
    struct ic_smooth_loss smooth;
    double best_loss; /* the lowest smoothed one */
    int suggested;    /* index of a point; see ic_lr_curve_suggest */
    int fall;         /* points of the valley that it lies in */
};

#define IC_LR_FALL_MIN 3 /* a shorter valley suggests nothing */

/* An empty curve of a test of `steps` steps, within the limits above. */
ic_status ic_lr_curve_open(struct ic_lr_curve *curve, int steps,
                           struct ic_error *error);
void ic_lr_curve_free(struct ic_lr_curve *curve); /* all zero is fine */

/* The rate of the next step. */
double ic_lr_curve_rate(const struct ic_lr_curve *curve);

/* Adds the loss of the step that ic_lr_curve_rate gave the rate for. A loss that is not
 * a number (NAN) adds no point: it ends the test. */
void ic_lr_curve_add(struct ic_lr_curve *curve, double loss);

/* Fills `suggested` and `fall` of a curve that has ended. It looks at the points after
 * the first tenth of the steps and before the last ones (steps whose loss is not a
 * number are counted among these). When no point is left: IC_ERR_NUMERIC.
 *
 * The valley is the longest subsequence of points, neighbours or not, each lower than
 * the one before; of several equally long ones, the one that ends first. The suggestion
 * lies half of their number before its end. A loss that never falls gives the first
 * point and a fall of 1: then the suggestion means nothing. */
ic_status ic_lr_curve_suggest(struct ic_lr_curve *curve, struct ic_error *error);

#endif
