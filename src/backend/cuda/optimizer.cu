/* SPDX-License-Identifier: MIT */
/*
 * Adam and SGD, in one launch for all parameters: the spans travel as arguments of the
 * kernel, and each thread, one per parameter, finds its span by bisection.
 *
 * Sources: Kingma and Ba, "Adam", ICLR 2015; Loshchilov and Hutter, "Decoupled weight
 * decay regularization", ICLR 2019; the exact forms are in backend/shapes.h.
 */
#include <math.h>

#include "backend/cuda/cuda.h"

/* As many spans as fit the 4 KiB that arguments may always take; ResNet-34 has 76.
 * Further spans get launches of their own. */
enum { SPANS = 112 };

struct spans {
    size_t count;
    size_t start[SPANS + 1]; /* first thread of each span; then the number of threads */
    size_t offset[SPANS];
    float rate[SPANS], decay[SPANS]; /* learning rate; factor on the parameters */
};

static struct spans take_spans(const struct ic_update_span *list, size_t count)
{
    struct spans s;

    s.count = ic_min(count, SPANS);
    s.start[0] = 0;
    for (size_t i = 0; i < s.count; i++) {
        s.start[i + 1] = s.start[i] + list[i].count;
        s.offset[i] = list[i].offset;
        s.rate[i] = list[i].rate;
        s.decay[i] = 1 - list[i].rate * list[i].weight_decay;
    }
    return s;
}

/* The span of thread i. */
IC_EVERYWHERE size_t find_span(const struct spans *s, size_t i)
{
    size_t low = 0, high = s->count; /* start[low] <= i < start[high] */

    while (high - low > 1) {
        const size_t middle = (low + high) / 2;

        if (s->start[middle] <= i)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* --- Adam ------------------------------------------------------------------------- */

struct adam {
    float *parameters, *mean, *square;
    const float *grads;
    float beta1, rest1, beta2, rest2; /* rest = 1 - beta, rounded once */
    float epsilon, factor;
    float correction1, root; /* root: 1 / sqrt(correction2) */
    struct spans spans;
};

IC_EVERYWHERE void adam_parameter(const struct adam *a, size_t i)
{
    const size_t span = find_span(&a->spans, i);
    const size_t at = a->spans.offset[span] + (i - a->spans.start[span]);
    const float rate = a->spans.rate[span] / a->correction1;
    const float g = a->factor * a->grads[at];
    const float m = a->beta1 * a->mean[at] + a->rest1 * g;
    const float v = a->beta2 * a->square[at] + a->rest2 * g * g;

    a->mean[at] = m;
    a->square[at] = v;
    a->parameters[at] = a->parameters[at] * a->spans.decay[span] -
                        rate * m / (sqrtf(v) * a->root + a->epsilon);
}

IC_KERNEL(adam_parameter, struct adam)

void ic_cuda_adam_step(struct ic_device *device, float *parameters, float *mean,
                       float *square, const float *grads,
                       const struct ic_update_span *spans, size_t span_count,
                       const struct ic_adam *adam)
{
    struct adam a = {.parameters = parameters,
                     .mean = mean,
                     .square = square,
                     .grads = grads,
                     .beta1 = (float)adam->beta1,
                     .rest1 = (float)(1 - adam->beta1),
                     .beta2 = (float)adam->beta2,
                     .rest2 = (float)(1 - adam->beta2),
                     .epsilon = adam->epsilon,
                     .factor = adam->factor,
                     .correction1 = adam->correction1,
                     .root = 1 / sqrtf(adam->correction2)};

    for (size_t first = 0; first < span_count; first += SPANS) {
        a.spans = take_spans(spans + first, span_count - first);
        adam_parameter_each(device, a.spans.start[a.spans.count], &a);
    }
}

/* --- SGD -------------------------------------------------------------------------- */

struct sgd {
    float *parameters, *velocity;
    const float *grads;
    struct ic_sgd sgd;
    struct spans spans;
};

IC_EVERYWHERE void sgd_parameter(const struct sgd *s, size_t i)
{
    const size_t span = find_span(&s->spans, i);
    const size_t at = s->spans.offset[span] + (i - s->spans.start[span]);
    const float v = s->sgd.momentum * s->velocity[at] + s->sgd.factor * s->grads[at];

    s->velocity[at] = v;
    s->parameters[at] =
        s->parameters[at] * s->spans.decay[span] - s->spans.rate[span] * v;
}

IC_KERNEL(sgd_parameter, struct sgd)

void ic_cuda_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                      const float *grads, const struct ic_update_span *spans,
                      size_t span_count, const struct ic_sgd *sgd)
{
    struct sgd s = {
        .parameters = parameters, .velocity = velocity, .grads = grads, .sgd = *sgd};

    for (size_t first = 0; first < span_count; first += SPANS) {
        s.spans = take_spans(spans + first, span_count - first);
        sgd_parameter_each(device, s.spans.start[s.spans.count], &s);
    }
}
