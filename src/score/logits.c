/* SPDX-License-Identifier: MIT */
/*
 * Softmax and cross-entropy on the host. See logits.h.
 */
#include "score/logits.h"

#include <math.h>

int ic_argmax(const float *logits, int classes)
{
    int best = 0;

    for (int c = 1; c < classes; c++)
        if (logits[c] > logits[best])
            best = c;
    return best;
}

/* sum of exp(logit - largest), so that no exponential exceeds 1. */
static double exponential_sum(const float *logits, int classes, double largest)
{
    double sum = 0;

    for (int c = 0; c < classes; c++)
        sum += exp(logits[c] - largest);
    return sum;
}

void ic_softmax(double *probabilities, const float *logits, int classes)
{
    const double largest = logits[ic_argmax(logits, classes)];
    const double sum = exponential_sum(logits, classes, largest);

    for (int c = 0; c < classes; c++)
        probabilities[c] = exp(logits[c] - largest) / sum;
}

double ic_cross_entropy_of(const float *logits, int classes, int label)
{
    const double largest = logits[ic_argmax(logits, classes)];

    return largest + log(exponential_sum(logits, classes, largest)) - logits[label];
}
