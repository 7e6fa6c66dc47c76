/* SPDX-License-Identifier: MIT */
/*
 * Cases of the conformance set: what a step of training does besides the layers. Bytes
 * become numbers, logits a loss, and gradients move the parameters.
 */
#include <math.h>
#include <string.h>

#include "backend/reference/loops.h"
#include "cli/conformance.h"
#include "train/optimizer.h"
#include "train/schedule.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- pictures --------------------------------------------------------------------- */

/* (byte / 255 - mean) / std; the bytes are whole numbers in the file. */
static ic_status normalize(struct ic_conformance_case *c, struct ic_error *error)
{
    enum { PIXELS = 3 * 4 };
    static const float mean[3] = {0.5f, 0.4375f, 0.40625f},
                       std[3] = {0.25f, 0.25f, 0.5f};
    const ic_conformance_shape shape = {1, 3, 4, 3};
    uint8_t rgb[PIXELS][3];
    double *bytes, *means, *stds, *y;

    ic_conformance_begin(c, "normalize", "normalize");
    bytes = ic_conformance_array(c, "in.x", shape);
    means = ic_conformance_array(c, "param.mean", (const ic_conformance_shape){3});
    stds = ic_conformance_array(c, "param.std", (const ic_conformance_shape){3});
    y = ic_conformance_array(c, "out.y", shape);
    if (ic_conformance_ready(c)) {
        for (int i = 0; i < PIXELS; i++)
            for (int k = 0; k < 3; k++)
                bytes[3 * i + k] = rgb[i][k] =
                    (uint8_t)ic_random_below(&c->random, 256);
        for (int k = 0; k < 3; k++) {
            means[k] = mean[k];
            stds[k] = std[k];
        }
        ic_loops_normalize(1, PIXELS, (void *)y, (void *)rgb, NULL, NULL, mean, std);
    }
    return ic_conformance_end(c, error);
}

/* --- loss ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    float smoothing;
    bool mixed, weighted;
} losses[] = {
    {"cross-entropy", 0, false, false},
    {"cross-entropy-smoothed", 0.125f, false, false},
    {"cross-entropy-mixed", 0.125f, true, false},
    {"cross-entropy-weighted", 0, false, true},
};

static ic_status cross_entropy(struct ic_conformance_case *c, size_t i,
                               struct ic_error *error)
{
    enum { BATCH = 4, CLASSES = 6 };
    const struct ic_cross_entropy s = {.batch = BATCH,
                                       .classes = CLASSES,
                                       .smoothing = losses[i].smoothing,
                                       .whole = BATCH};
    const ic_conformance_shape matrix = {BATCH, CLASSES}, per_picture = {BATCH};
    double *logits, *share = NULL, *weight = NULL, *loss, *dlogits;
    int32_t *labels, *others = NULL;

    ic_conformance_begin(c, losses[i].name, "cross-entropy");
    ic_conformance_real(c, "smoothing", s.smoothing);
    logits = ic_conformance_draw(c, "in.logits", matrix);
    labels = ic_conformance_labels(c, "in.labels", BATCH, CLASSES);
    if (losses[i].mixed) {
        others = ic_conformance_labels(c, "in.other_labels", BATCH, CLASSES);
        share = ic_conformance_draw(c, "in.share", per_picture);
    }
    if (losses[i].weighted)
        weight = ic_conformance_draw(c, "param.class_weight",
                                     (const ic_conformance_shape){CLASSES});
    loss = ic_conformance_array(c, "out.losses", per_picture);
    dlogits = ic_conformance_array(c, "grad.logits", matrix);
    if (ic_conformance_ready(c)) {
        for (int k = 0; k < BATCH * CLASSES; k++)
            logits[k] *= 8;
        for (int n = 0; n < BATCH && share != NULL; n++)
            share[n] = (share[n] + 1) / 2;
        for (int k = 0; k < CLASSES && weight != NULL; k++)
            weight[k] += 1.5;
        ic_loops_cross_entropy(&s, loss, (void *)dlogits, (void *)logits, labels,
                               others, share, weight);
    }
    return ic_conformance_end(c, error);
}

/* --- optimisers ------------------------------------------------------------------- */

enum { PARAMETERS = 17 };

static const ic_conformance_shape block = {PARAMETERS};

/* A case of an optimiser: its block before and after the step, and the rate and the
 * decay of the block as its numbers. */
static struct ic_update_span begin_step(struct ic_conformance_case *c, const char *name,
                                        const char *op, double **ret_p,
                                        double **ret_new)
{
    const struct ic_update_span span = {
        .count = PARAMETERS, .rate = 0x1p-5f, .weight_decay = 0x1p-4f};

    ic_conformance_begin(c, name, op);
    ic_conformance_real(c, "rate", span.rate);
    ic_conformance_real(c, "weight_decay", span.weight_decay);
    *ret_p = ic_conformance_draw(c, "in.parameters", block);
    *ret_new = ic_conformance_array(c, "out.parameters", block);
    return span;
}

static ic_status sgd(struct ic_conformance_case *c, struct ic_error *error)
{
    const struct ic_sgd how = {.momentum = 0.875f, .factor = 0.5f};
    double *p, *m, *g, *new_p, *new_m;
    struct ic_update_span span = begin_step(c, "sgd", "sgd", &p, &new_p);

    ic_conformance_real(c, "momentum", how.momentum);
    ic_conformance_real(c, "factor", how.factor);
    m = ic_conformance_draw(c, "in.velocity", block);
    g = ic_conformance_draw(c, "in.gradient", block);
    new_m = ic_conformance_array(c, "out.velocity", block);
    if (ic_conformance_ready(c)) {
        memcpy(new_p, p, PARAMETERS * sizeof *p);
        memcpy(new_m, m, PARAMETERS * sizeof *m);
        ic_loops_sgd_step(&span, &how, new_p, new_m, g);
    }
    return ic_conformance_end(c, error);
}

/* Step `step`, with betas whose powers are exact. */
static ic_status adam(struct ic_conformance_case *c, const char *name, int step,
                      struct ic_error *error)
{
    struct ic_adam how = {
        .beta1 = 0.875, .beta2 = 0.75, .epsilon = 0x1p-17f, .factor = 1};
    double *p, *m, *v, *g, *new_p, *new_m, *new_v, power1 = 1, power2 = 1;
    struct ic_update_span span = begin_step(c, name, "adam", &p, &new_p);

    for (int i = 0; i < step; i++) {
        power1 *= how.beta1;
        power2 *= how.beta2;
    }
    how.correction1 = (float)(1 - power1);
    how.correction2 = (float)(1 - power2);
    ic_conformance_real(c, "beta1", how.beta1);
    ic_conformance_real(c, "beta2", how.beta2);
    ic_conformance_real(c, "epsilon", how.epsilon);
    ic_conformance_real(c, "factor", how.factor);
    ic_conformance_integer(c, "step", step);
    m = ic_conformance_draw(c, "in.mean", block);
    v = ic_conformance_draw(c, "in.square", block);
    g = ic_conformance_draw(c, "in.gradient", block);
    new_m = ic_conformance_array(c, "out.mean", block);
    new_v = ic_conformance_array(c, "out.square", block);
    if (ic_conformance_ready(c)) {
        for (int i = 0; i < PARAMETERS; i++) {
            m[i] = step == 1 ? 0 : m[i];
            v[i] = step == 1 ? 0 : (v[i] + 1) / 2; /* not below 0 */
        }
        memcpy(new_p, p, PARAMETERS * sizeof *p);
        memcpy(new_m, m, PARAMETERS * sizeof *m);
        memcpy(new_v, v, PARAMETERS * sizeof *v);
        ic_loops_adam_step(&span, &how, new_p, new_m, new_v, g);
    }
    return ic_conformance_end(c, error);
}

/* The factor that clips a gradient, and the average that follows the weights. */
static ic_status clip(struct ic_conformance_case *c, struct ic_error *error)
{
    const double most = 1.5;
    double *g, *factor;

    ic_conformance_begin(c, "clip", "clip");
    ic_conformance_real(c, "most", most);
    g = ic_conformance_draw(c, "in.gradient", block);
    factor = ic_conformance_array(c, "out.factor", (const ic_conformance_shape){1});
    if (ic_conformance_ready(c))
        factor[0] = ic_optimizer_clip(sqrt(ic_loops_sum_squares(PARAMETERS, g)), most);
    return ic_conformance_end(c, error);
}

static ic_status average(struct ic_conformance_case *c, struct ic_error *error)
{
    const double share = 0.125;
    double *mean, *x, *y;

    ic_conformance_begin(c, "average", "average");
    ic_conformance_real(c, "share", share);
    mean = ic_conformance_draw(c, "in.mean", block);
    x = ic_conformance_draw(c, "in.x", block);
    y = ic_conformance_array(c, "out.mean", block);
    if (ic_conformance_ready(c)) {
        memcpy(y, mean, PARAMETERS * sizeof *mean);
        ic_loops_average(PARAMETERS, y, x, share);
    }
    return ic_conformance_end(c, error);
}

/* --- one-cycle -------------------------------------------------------------------- */

/* The rate and the momentum before each of the steps of a phase. */
static ic_status one_cycle(struct ic_conformance_case *c, struct ic_error *error)
{
    enum { STEPS = 21 };
    const struct ic_phase phase = ic_phase_one_cycle(1, 0.25);
    const ic_conformance_shape shape = {STEPS};
    double *rate, *momentum;

    ic_conformance_begin(c, "one-cycle", "one-cycle");
    ic_conformance_real(c, "rate", phase.lr[0]);
    ic_conformance_real(c, "div", phase.div);
    ic_conformance_real(c, "div_final", phase.div_final);
    ic_conformance_real(c, "pct_start", phase.pct_start);
    ic_conformance_real(c, "momentum_ends", ic_phase_rates(&phase, 0).momentum);
    ic_conformance_real(c, "momentum_turn",
                        ic_phase_rates(&phase, phase.pct_start).momentum);
    ic_conformance_integer(c, "steps", STEPS);
    rate = ic_conformance_array(c, "out.rate", shape);
    momentum = ic_conformance_array(c, "out.momentum", shape);
    for (int i = 0; ic_conformance_ready(c) && i < STEPS; i++) {
        const struct ic_rates rates = ic_phase_rates(&phase, (double)i / STEPS);

        rate[i] = rates.lr[0];
        momentum[i] = rates.momentum;
    }
    return ic_conformance_end(c, error);
}

ic_status ic_conformance_training(struct ic_conformance_case *c, struct ic_error *error)
{
    ic_status status = normalize(c, error);

    for (size_t i = 0; status == IC_OK && i < COUNT(losses); i++)
        status = cross_entropy(c, i, error);
    if (status == IC_OK)
        status = sgd(c, error);
    if (status == IC_OK)
        status = adam(c, "adam-step1", 1, error);
    if (status == IC_OK)
        status = adam(c, "adam-step3", 3, error);
    if (status == IC_OK)
        status = clip(c, error);
    if (status == IC_OK)
        status = average(c, error);
    if (status == IC_OK)
        status = one_cycle(c, error);
    return status;
}
