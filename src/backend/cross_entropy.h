/* SPDX-License-Identifier: MIT */
/*
 * Cross-entropy of the softmax, in double, one picture at a time:
 *
 *   loss      = T log(sum_j exp(z_j)) - sum_j t_j z_j,
 *   dlogits_j = (T exp(z_j) / sum exp - t_j) / whole,
 *
 * with the targets t and their sum T, which is 1 without class weights. Both are linear
 * in the targets, so a mixed loss is the loss of mixed targets. The largest logit is
 * subtracted first, which changes neither result and keeps exp from overflowing.
 */
#ifndef IC_BACKEND_CROSS_ENTROPY_H
#define IC_BACKEND_CROSS_ENTROPY_H

#include <assert.h>
#include <math.h>

#include "backend/shapes.h"
#include "base/everywhere.h"

/* The arguments of the backend's entry cross_entropy. */
struct ic_losses {
    float *loss, *dlogits;
    const float *logits;
    const int32_t *labels, *other_labels; /* these and share: NULL when not mixed */
    const float *share;
    const float *class_weight; /* NULL: all 1 */
    struct ic_cross_entropy shape;
};

IC_EVERYWHERE void ic_losses_picture(const struct ic_losses *ce, size_t index)
{
    const int classes = ce->shape.classes;
    const double smoothing = ce->shape.smoothing;
    const float *const logits = ce->logits + index * (size_t)classes;
    const int32_t label = ce->labels[index];
    const int32_t other = ce->share != NULL ? ce->other_labels[index] : label;
    double own = other != label ? ce->share[index] : 1; /* the labels' parts of t */
    double mixed = 1 - own;
    double mass = 1; /* T */
    double largest = logits[0], sum = 0, mean = 0, aim, log_sum;

    assert(label >= 0 && label < classes && other >= 0 && other < classes);
    if (ce->class_weight != NULL) {
        own *= ce->class_weight[label];
        mixed *= ce->class_weight[other];
        mass = own + mixed;
    }
    for (int j = 1; j < classes; j++)
        largest = logits[j] > largest ? logits[j] : largest;
    for (int j = 0; j < classes; j++) {
        sum += exp(logits[j] - largest);
        mean += (logits[j] - largest) / classes;
    }
    log_sum = log(sum);
    aim = own * (logits[label] - largest);
    if (other != label)
        aim += mixed * (logits[other] - largest);
    ce->loss[index] =
        (float)(mass * log_sum - (1 - smoothing) * aim - smoothing * mass * mean);
    if (ce->dlogits == NULL)
        return;
    for (int j = 0; j < classes; j++) {
        const double hit = (j == label ? own : 0) + (j == other ? mixed : 0);
        const double target = (1 - smoothing) * hit + smoothing * mass / classes;
        const double probability = exp(logits[j] - largest - log_sum);

        ce->dlogits[index * (size_t)classes + (size_t)j] =
            (float)((mass * probability - target) / ce->shape.whole);
    }
}

#endif
