/* SPDX-License-Identifier: MIT */
/*
 * The curve of a learning-rate range test. See lr_curve.h; find_lr.c takes the steps.
 */
#include "train/lr_curve.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double lowest_rate = 1e-7, highest_rate = 10;
static const double divergence = 4; /* times the best loss */

ic_status ic_lr_curve_open(struct ic_lr_curve *curve, int steps, struct ic_error *error)
{
    assert(steps >= IC_LR_STEPS_MIN && steps <= IC_LR_STEPS_MAX);
    *curve = (struct ic_lr_curve){.steps = steps, .best_loss = INFINITY};
    curve->points = calloc((size_t)steps, sizeof *curve->points);
    if (curve->points == NULL)
        return ic_fail_memory(error, "the curve of the range test",
                              (size_t)steps * sizeof *curve->points);
    return IC_OK;
}

void ic_lr_curve_free(struct ic_lr_curve *curve)
{
    free(curve->points);
    *curve = (struct ic_lr_curve){0};
}

double ic_lr_curve_rate(const struct ic_lr_curve *curve)
{
    return lowest_rate *
           pow(highest_rate / lowest_rate, (double)curve->count / curve->steps);
}

void ic_lr_curve_add(struct ic_lr_curve *curve, double loss)
{
    struct ic_lr_point *point = &curve->points[curve->count];

    assert(curve->end == IC_LR_GOES_ON && curve->count < curve->steps);
    if (isnan(loss)) {
        curve->end = IC_LR_NOT_FINITE;
        return;
    }
    ic_smooth_loss_add(&curve->smooth, loss);
    point->lr = ic_lr_curve_rate(curve);
    point->loss = loss;
    point->smooth_loss = ic_smooth_loss_value(&curve->smooth);
    curve->count++;
    if (point->smooth_loss < curve->best_loss)
        curve->best_loss = point->smooth_loss;
    if (point->smooth_loss > divergence * curve->best_loss)
        curve->end = IC_LR_DIVERGED;
    else if (curve->count == curve->steps)
        curve->end = IC_LR_ALL_STEPS;
}

/* --- the suggestion ------------------------------------------------------------ */

/* The index of the point half-way down the longest falling subsequence; *ret_fall is
 * its length. falls[i] (room for `count`) becomes the length of the longest falling
 * subsequence that ends in point i: the longest among earlier, higher points, plus one.
 */
static int find_valley(const struct ic_lr_point *points, int count, int *falls,
                       int *ret_fall)
{
    int end = 0, begin, index;

    for (int i = 0; i < count; i++) {
        falls[i] = 1;
        for (int j = 0; j < i; j++)
            if (points[i].smooth_loss < points[j].smooth_loss && falls[i] <= falls[j])
                falls[i] = falls[j] + 1;
        if (falls[i] > falls[end])
            end = i;
    }
    *ret_fall = falls[end];

    /* As fastai: for a fall of n points that ends at point e, the point e - n + n / 3 +
     * n / 6, with each division rounded down. It is half-way down if the points of the
     * fall are neighbours, and may be -1 for a fall of at most 2 points. Python's lists
     * take -1 as the last point; this code takes the first. */
    begin = end - falls[end];
    index = begin + falls[end] / 3 + falls[end] / 6;
    return index > 0 ? index : 0;
}

ic_status ic_lr_curve_suggest(struct ic_lr_curve *curve, struct ic_error *error)
{
    const int first = curve->steps / 10;
    const int before_last = curve->steps - IC_LR_LAST_POINTS;
    int count = curve->count - IC_LR_LAST_POINTS, *falls;

    assert(curve->end != IC_LR_GOES_ON);
    if (curve->end == IC_LR_NOT_FINITE) /* the steps that are missing are the last */
        count = curve->count < before_last ? curve->count : before_last;
    count -= first;
    if (count <= 0)
        return ic_fail(error, IC_ERR_NUMERIC,
                       "the range test ended after %d of %d steps, too early to "
                       "suggest a learning rate",
                       curve->count, curve->steps);
    falls = calloc((size_t)count, sizeof *falls);
    if (falls == NULL)
        return ic_fail_memory(error, "the search for the valley",
                              (size_t)count * sizeof *falls);
    curve->suggested =
        first + find_valley(curve->points + first, count, falls, &curve->fall);
    free(falls);
    return IC_OK;
}
