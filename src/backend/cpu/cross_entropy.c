/*
 * Cross-entropy of the softmax. In double, a picture at a time:
 *
 *   loss      = log(sum_j exp(z_j)) - sum_j t_j z_j,
 *   dlogits_j = (exp(z_j) / sum exp - t_j) / batch,
 *
 * with the targets t summing to 1. The largest logit is taken off first, which changes
 * neither and keeps exp from overflowing.
 */
#include <assert.h>
#include <math.h>

#include "backend/cpu/cpu.h"

struct cross_entropy {
    float *loss, *dlogits;
    const float *logits;
    const int32_t *labels;
    struct ic_cross_entropy shape;
};

static void picture(const void *args, size_t index, int thread)
{
    const struct cross_entropy *const ce = args;
    const int classes = ce->shape.classes;
    const double smoothing = ce->shape.smoothing;
    const float *const logits = ce->logits + index * (size_t)classes;
    const int32_t label = ce->labels[index];
    double largest = logits[0], sum = 0, mean = 0, log_sum;

    assert(label >= 0 && label < classes);
    for (int j = 1; j < classes; j++)
        largest = logits[j] > largest ? logits[j] : largest;
    for (int j = 0; j < classes; j++) {
        sum += exp(logits[j] - largest);
        mean += (logits[j] - largest) / classes;
    }
    log_sum = log(sum);
    ce->loss[index] = (float)(log_sum - (1 - smoothing) * (logits[label] - largest) -
                              smoothing * mean);
    if (ce->dlogits == NULL)
        return;
    for (int j = 0; j < classes; j++) {
        const double target = (j == label ? 1 - smoothing : 0) + smoothing / classes;
        const double share = exp(logits[j] - largest - log_sum);

        ce->dlogits[index * (size_t)classes + (size_t)j] =
            (float)((share - target) / ce->shape.batch);
    }
}

void ic_cpu_cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                          const float *logits, const int32_t *labels,
                          const struct ic_cross_entropy *shape)
{
    const struct cross_entropy ce = {loss, dlogits, logits, labels, *shape};

    ic_cpu_run(device, (size_t)shape->batch, picture, &ce);
}
