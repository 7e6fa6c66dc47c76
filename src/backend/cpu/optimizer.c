/* SPDX-License-Identifier: MIT */
/*
 * Adam and SGD, in one parallel loop over all spans: the work is the list of spans,
 * each cut into parts of PART elements, and a task finds its part by walking the list.
 *
 * Sources: Kingma and Ba, "Adam", ICLR 2015; Loshchilov and Hutter, "Decoupled weight
 * decay regularization", ICLR 2019; the exact forms are in shapes.h.
 */
#include <math.h>

#include "backend/cpu/cpu.h"

enum { PART = 1 << 14 };

struct spans {
    const struct ic_update_span *list;
    size_t count;
};

struct part {
    size_t first, count;
    float rate;  /* learning rate */
    float decay; /* factor on the parameters */
};

static size_t parts_of(struct spans spans)
{
    size_t parts = 0;

    for (size_t i = 0; i < spans.count; i++)
        parts += ic_parts(spans.list[i].count, PART);
    return parts;
}

static struct part find_part(struct spans spans, size_t index)
{
    const struct ic_update_span *span = spans.list;
    struct part part;

    while (index >= ic_parts(span->count, PART)) {
        index -= ic_parts(span->count, PART);
        span++;
    }
    part.first = span->offset + index * PART;
    part.count = ic_min(PART, span->count - index * PART);
    part.rate = span->rate;
    part.decay = 1 - span->rate * span->weight_decay;
    return part;
}

/* --- Adam ------------------------------------------------------------------------- */

struct adam {
    float *parameters, *mean, *square;
    const float *grads;
    struct spans spans;
    struct ic_adam adam;
};

static IC_TARGET_CLONES void adam_part(const void *args, size_t index, int thread)
{
    const struct adam *const a = args;
    const struct part part = find_part(a->spans, index);
    const float beta1 = (float)a->adam.beta1, rest1 = (float)(1 - a->adam.beta1);
    const float beta2 = (float)a->adam.beta2, rest2 = (float)(1 - a->adam.beta2);
    const float epsilon = a->adam.epsilon, factor = a->adam.factor;
    const float rate = part.rate / a->adam.correction1;
    const float root = 1 / sqrtf(a->adam.correction2);
    float *restrict const p = a->parameters + part.first;
    float *restrict const m = a->mean + part.first;
    float *restrict const v = a->square + part.first;
    const float *restrict const g = a->grads + part.first;

    for (size_t i = 0; i < part.count; i++) {
        const float gradient = factor * g[i];

        m[i] = beta1 * m[i] + rest1 * gradient;
        v[i] = beta2 * v[i] + rest2 * gradient * gradient;
        p[i] = p[i] * part.decay - rate * m[i] / (sqrtf(v[i]) * root + epsilon);
    }
}

void ic_cpu_adam_step(struct ic_device *device, float *parameters, float *mean,
                      float *square, const float *grads,
                      const struct ic_update_span *spans, size_t span_count,
                      const struct ic_adam *adam)
{
    const struct adam a = {parameters, mean, square, grads, {spans, span_count}, *adam};

    ic_cpu_run(device, parts_of(a.spans), adam_part, &a);
}

/* --- SGD -------------------------------------------------------------------------- */

struct sgd {
    float *parameters, *velocity;
    const float *grads;
    struct spans spans;
    struct ic_sgd sgd;
};

static IC_TARGET_CLONES void sgd_part(const void *args, size_t index, int thread)
{
    const struct sgd *const s = args;
    const struct part part = find_part(s->spans, index);
    const float momentum = s->sgd.momentum, factor = s->sgd.factor;
    float *restrict const p = s->parameters + part.first;
    float *restrict const v = s->velocity + part.first;
    const float *restrict const g = s->grads + part.first;

    for (size_t i = 0; i < part.count; i++) {
        v[i] = momentum * v[i] + factor * g[i];
        p[i] = p[i] * part.decay - part.rate * v[i];
    }
}

void ic_cpu_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                     const float *grads, const struct ic_update_span *spans,
                     size_t span_count, const struct ic_sgd *sgd)
{
    const struct sgd s = {parameters, velocity, grads, {spans, span_count}, *sgd};

    ic_cpu_run(device, parts_of(s.spans), sgd_part, &s);
}
