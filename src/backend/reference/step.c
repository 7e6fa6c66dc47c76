/* SPDX-License-Identifier: MIT */
/*
 * What a step does besides the layers: pictures become numbers, logits a loss, and
 * gradients move the parameters.
 */
#include <assert.h>
#include <math.h>

#include "backend/reference/reference.h"

/* --- pictures --------------------------------------------------------------------- */

/* (byte / 255 - mean) / std, of the channel c */
static double number_of(uint8_t byte, int c, const float mean[3], const float std[3])
{
    return (byte / 255.0 - mean[c]) / std[c];
}

void ic_reference_normalize(struct ic_device *device, void *x_, const uint8_t *rgb,
                            const float mean[3], const float std[3], size_t pixels,
                            enum ic_type type)
{
    double *const x = ic_reference_values(x_);

    assert(type == IC_TYPE_FP32);
    for (size_t i = 0; i < 3 * pixels; i++)
        x[i] = number_of(rgb[i], (int)(i % 3), mean, std);
    ic_reference_round(x_, 3 * pixels);
}

/* x[n] = share[n] picture[n] + (1 - share[n]) other[n] (Zhang et al., "mixup: beyond
 * empirical risk minimization", ICLR 2018) */
void ic_reference_normalize_mixed(struct ic_device *device, void *x_,
                                  const uint8_t *rgb, const uint8_t *other,
                                  const float *share_, const float mean[3],
                                  const float std[3], int batch, size_t pixels,
                                  enum ic_type type)
{
    double *const x = ic_reference_values(x_);
    const double *const share = ic_reference_values(share_);
    const size_t count = (size_t)batch * pixels * 3;

    assert(type == IC_TYPE_FP32);
    for (size_t i = 0; i < count; i++) {
        const double s = share[i / (3 * pixels)];
        const int c = (int)(i % 3);

        x[i] = s * number_of(rgb[i], c, mean, std) +
               (1 - s) * number_of(other[i], c, mean, std);
    }
    ic_reference_round(x_, count);
}

/* --- arrays as a whole ------------------------------------------------------------ */

void ic_reference_fill(struct ic_device *device, float *x_, float value, size_t count)
{
    double *const x = ic_reference_values(x_);

    for (size_t i = 0; i < count; i++)
        x[i] = value;
    ic_reference_round(x_, count);
}

double ic_reference_sum_squares(struct ic_device *device, const float *x_, size_t count)
{
    const double *const x = ic_reference_values(x_);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += x[i] * x[i];
    return sum;
}

void ic_reference_add(struct ic_device *device, float *sum_, const float *x_,
                      size_t count)
{
    double *const sum = ic_reference_values(sum_);
    const double *const x = ic_reference_values(x_);

    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
    ic_reference_round(sum_, count);
}

/* mean += share (x - mean) (Polyak and Juditsky, "Acceleration of stochastic
 * approximation by averaging", 1992; here the exponential form) */
void ic_reference_average(struct ic_device *device, float *mean_, const float *x_,
                          float share, size_t count)
{
    double *const mean = ic_reference_values(mean_);
    const double *const x = ic_reference_values(x_);

    for (size_t i = 0; i < count; i++)
        mean[i] += share * (x[i] - mean[i]);
    ic_reference_round(mean_, count);
}

/* --- cross-entropy ---------------------------------------------------------------- *
 *
 * With p = softmax(z), p[j] = exp(z[j]) / sum over k of exp(z[k]), and the smoothed
 * target t[j] = (1 - e) [j = label] + e / classes (Szegedy et al., "Rethinking the
 * Inception architecture", CVPR 2016, section 7):
 *
 *   loss = -sum over j of t[j] log p[j]      dloss/dz[j] = p[j] - t[j]
 *
 * (Goodfellow, Bengio, Courville, "Deep Learning", 2016, section 6.2.2.3). A mixed
 * picture has two labels, and each label's loss counts by its share and its weight. */

/* The largest z: exp(z - max) cannot overflow, and log p[j] = (z[j] - max) - log_sum.
 */
static double max_of(const double *z, int classes)
{
    double max = z[0];

    for (int k = 1; k < classes; k++)
        max = z[k] > max ? z[k] : max;
    return max;
}

/* log(sum over k of exp(z[k] - max)) */
static double log_sum_of(const double *z, double max, int classes)
{
    double sum = 0;

    for (int k = 0; k < classes; k++)
        sum += exp(z[k] - max);
    return log(sum);
}

void ic_reference_cross_entropy(struct ic_device *device, float *loss_, float *dlogits_,
                                const float *logits_, const int32_t *labels,
                                const int32_t *other_labels, const float *share_,
                                const float *class_weight_,
                                const struct ic_cross_entropy *shape)
{
    const int classes = shape->classes;
    double *const loss = ic_reference_values(loss_);
    double(*const dlogits)[classes] = ic_reference_values(dlogits_);
    const double(*const logits)[classes] = ic_reference_values(logits_);
    const double *const share = ic_reference_values(share_);
    const double *const class_weight = ic_reference_values(class_weight_);
    const double e = shape->smoothing;

    for (int n = 0; n < shape->batch; n++) {
        const int label = labels[n], other = share != NULL ? other_labels[n] : label;
        const double s = share != NULL ? share[n] : 1;
        const double a = s * (class_weight != NULL ? class_weight[label] : 1);
        const double b = (1 - s) * (class_weight != NULL ? class_weight[other] : 1);
        const double *const z = logits[n];
        const double max = max_of(z, classes), log_sum = log_sum_of(z, max, classes);

        assert(label >= 0 && label < classes && other >= 0 && other < classes);
        loss[n] = 0;
        for (int j = 0; j < classes; j++) {
            const double log_p = z[j] - max - log_sum;
            const double t = a * ((1 - e) * (j == label) + e / classes) +
                             b * ((1 - e) * (j == other) + e / classes);

            if (t != 0) /* 0 log 0 is 0 */
                loss[n] -= t * log_p;
            if (dlogits != NULL)
                dlogits[n][j] = ((a + b) * exp(log_p) - t) / shape->whole;
        }
    }
    ic_reference_round(loss_, (size_t)shape->batch);
    ic_reference_round(dlogits_,
                       dlogits != NULL ? (size_t)shape->batch * (size_t)classes : 0);
}

/* --- optimisers ------------------------------------------------------------------- */

/* p -= rate decay p, then, with g = factor dL/dp,
 * m = beta1 m + (1 - beta1) g      v = beta2 v + (1 - beta2) g^2
 * p -= rate (m / correction1) / (sqrt(v / correction2) + epsilon)
 * (Kingma and Ba, "Adam", ICLR 2015, algorithm 1; Loshchilov and Hutter, "Decoupled
 * weight decay regularization", ICLR 2019, algorithm 2) */
void ic_reference_adam_step(struct ic_device *device, float *parameters, float *mean,
                            float *square, const float *grads,
                            const struct ic_update_span *spans, size_t span_count,
                            const struct ic_adam *adam)
{
    double *const p = ic_reference_values(parameters);
    double *const m = ic_reference_values(mean);
    double *const v = ic_reference_values(square);
    const double *const gradient = ic_reference_values(grads);
    const double beta1 = adam->beta1, beta2 = adam->beta2;

    for (const struct ic_update_span *span = spans; span < spans + span_count; span++) {
        const double rate = span->rate, decay = span->weight_decay;

        for (size_t i = span->offset; i < span->offset + span->count; i++) {
            const double g = adam->factor * gradient[i];

            p[i] -= rate * decay * p[i];
            m[i] = beta1 * m[i] + (1 - beta1) * g;
            v[i] = beta2 * v[i] + (1 - beta2) * g * g;
            p[i] -= rate * (m[i] / adam->correction1) /
                    (sqrt(v[i] / adam->correction2) + adam->epsilon);
        }
        ic_reference_round(parameters + span->offset, span->count);
        ic_reference_round(mean + span->offset, span->count);
        ic_reference_round(square + span->offset, span->count);
    }
}

/* p -= rate decay p      m = momentum m + g      p -= rate m
 * (Sutskever et al., "On the importance of initialization and momentum in deep
 * learning", ICML 2013, section 2, in PyTorch's form) */
void ic_reference_sgd_step(struct ic_device *device, float *parameters, float *velocity,
                           const float *grads, const struct ic_update_span *spans,
                           size_t span_count, const struct ic_sgd *sgd)
{
    double *const p = ic_reference_values(parameters);
    double *const m = ic_reference_values(velocity);
    const double *const gradient = ic_reference_values(grads);

    for (const struct ic_update_span *span = spans; span < spans + span_count; span++) {
        const double rate = span->rate, decay = span->weight_decay;

        for (size_t i = span->offset; i < span->offset + span->count; i++) {
            p[i] -= rate * decay * p[i];
            m[i] = sgd->momentum * m[i] + sgd->factor * gradient[i];
            p[i] -= rate * m[i];
        }
        ic_reference_round(parameters + span->offset, span->count);
        ic_reference_round(velocity + span->offset, span->count);
    }
}
