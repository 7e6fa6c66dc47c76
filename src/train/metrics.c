/*
 * Smoothed loss, the best validation, softmax and cross-entropy on the host. See
 * metrics.h.
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
