/* SPDX-License-Identifier: MIT */
/*
 * The reference backend's kernels besides convolution and batch norm (kernels.c), and
 * its table.
 */
#include <assert.h>

#include "backend/reference/loops.h"
#include "backend/reference/reference.h"

/* --- elementwise ------------------------------------------------------------------ */

static void fill(struct ic_device *device, float *x, float value, size_t count)
{
    ic_loops_fill(count, ic_reference_values(x), value);
    ic_reference_finish(x, count);
}

static void normalize(struct ic_device *device, void *x, const uint8_t *rgb,
                      const float mean[3], const float std[3], size_t pixels,
                      enum ic_type type)
{
    assert(type == IC_TYPE_FP32);
    ic_loops_normalize(1, pixels, ic_reference_values(x), (const void *)rgb, NULL, NULL,
                       mean, std);
    ic_reference_finish(x, 3 * pixels);
}

static void normalize_mixed(struct ic_device *device, void *x, const uint8_t *rgb,
                            const uint8_t *other, const float *share,
                            const float mean[3], const float std[3], int batch,
                            size_t pixels, enum ic_type type)
{
    assert(type == IC_TYPE_FP32);
    ic_loops_normalize(batch, pixels, ic_reference_values(x), (const void *)rgb,
                       (const void *)other, ic_reference_values(share), mean, std);
    ic_reference_finish(x, (size_t)batch * pixels * 3);
}

static double sum_squares(struct ic_device *device, const float *x, size_t count)
{
    return ic_loops_sum_squares(count, ic_reference_values(x));
}

static void add(struct ic_device *device, float *sum, const float *x, size_t count)
{
    ic_loops_add(count, ic_reference_values(sum), ic_reference_values(x));
    ic_reference_finish(sum, count);
}

static void average(struct ic_device *device, float *mean, const float *x, float share,
                    size_t count)
{
    ic_loops_average(count, ic_reference_values(mean), ic_reference_values(x), share);
    ic_reference_finish(mean, count);
}

/* --- pools ------------------------------------------------------------------------ */

static void maxpool_forward(struct ic_device *device, void *y, uint8_t *place,
                            const void *x, const struct ic_pool *p)
{
    assert(p->type == IC_TYPE_FP32);
    ic_loops_maxpool_forward(p, ic_reference_values(y), (void *)place,
                             ic_reference_values(x));
    ic_reference_finish(
        y, ic_reference_elements(p->batch, p->out_height, p->out_width, p->channels));
}

static void maxpool_backward(struct ic_device *device, void *dx, const void *dy,
                             const uint8_t *place, const struct ic_pool *p,
                             bool accumulate)
{
    ic_loops_maxpool_backward(p, ic_reference_values(dx), ic_reference_values(dy),
                              (const void *)place, accumulate);
    ic_reference_finish(
        dx, ic_reference_elements(p->batch, p->in_height, p->in_width, p->channels));
}

static void avgpool_forward(struct ic_device *device, float *y, const void *x,
                            const struct ic_globalpool *g)
{
    ic_loops_avgpool_forward(g, ic_reference_values(y), ic_reference_values(x));
    ic_reference_finish(y, ic_reference_elements(g->batch, g->channels, 1, 1));
}

static void avgpool_backward(struct ic_device *device, void *dx, const float *dy,
                             const struct ic_globalpool *g, bool accumulate)
{
    ic_loops_avgpool_backward(g, ic_reference_values(dx), ic_reference_values(dy),
                              accumulate);
    ic_reference_finish(dx, ic_reference_elements(g->batch, g->pixels, g->channels, 1));
}

static void concatpool_forward(struct ic_device *device, float *y, int32_t *place,
                               const void *x, const struct ic_globalpool *g)
{
    ic_loops_concatpool_forward(g, ic_reference_values(y), (void *)place,
                                ic_reference_values(x));
    ic_reference_finish(y, ic_reference_elements(g->batch, 2, g->channels, 1));
}

static void concatpool_backward(struct ic_device *device, void *dx, const float *dy,
                                const int32_t *place, const struct ic_globalpool *g,
                                bool accumulate)
{
    ic_loops_concatpool_backward(g, ic_reference_values(dx), ic_reference_values(dy),
                                 (const void *)place, accumulate);
    ic_reference_finish(dx, ic_reference_elements(g->batch, g->pixels, g->channels, 1));
}

/* --- ReLU, dropout, linear and loss ----------------------------------------------- */

static void relu_forward(struct ic_device *device, float *y, const float *x,
                         size_t count)
{
    ic_loops_relu_forward(count, ic_reference_values(y), ic_reference_values(x));
    ic_reference_finish(y, count);
}

static void relu_backward(struct ic_device *device, float *dx, const float *dy,
                          const float *y, size_t count, bool accumulate)
{
    ic_loops_relu_backward(count, ic_reference_values(dx), ic_reference_values(dy),
                           ic_reference_values(y), accumulate);
    ic_reference_finish(dx, count);
}

static void dropout(struct ic_device *device, float *y, const float *x,
                    const struct ic_dropout *d, bool accumulate)
{
    ic_loops_dropout(d, ic_reference_values(y), ic_reference_values(x), accumulate);
    ic_reference_finish(y, d->count);
}

static size_t linear_workspace(struct ic_device *device, const struct ic_linear *l,
                               bool training)
{
    return 0;
}

static void linear_forward(struct ic_device *device, float *y, const float *x,
                           const float *weight, const float *bias, void *workspace,
                           const struct ic_linear *l)
{
    ic_loops_linear_forward(l, ic_reference_values(y), ic_reference_values(x),
                            ic_reference_values(weight), ic_reference_values(bias));
    ic_reference_finish(y, ic_reference_elements(l->batch, l->out_features, 1, 1));
}

static void linear_backward_input(struct ic_device *device, float *dx, const float *dy,
                                  const float *weight, void *workspace,
                                  const struct ic_linear *l, bool accumulate)
{
    ic_loops_linear_backward_input(l, ic_reference_values(dx), ic_reference_values(dy),
                                   ic_reference_values(weight), accumulate);
    ic_reference_finish(dx, ic_reference_elements(l->batch, l->in_features, 1, 1));
}

static void linear_backward_weight(struct ic_device *device, float *dweight,
                                   float *dbias, const float *dy, const float *x,
                                   void *workspace, const struct ic_linear *l)
{
    ic_loops_linear_backward_weight(l, ic_reference_values(dweight),
                                    ic_reference_values(dbias), ic_reference_values(dy),
                                    ic_reference_values(x));
    ic_reference_finish(dweight,
                        ic_reference_elements(l->out_features, l->in_features, 1, 1));
    ic_reference_finish(dbias, (size_t)l->out_features);
}

static void cross_entropy(struct ic_device *device, float *loss, float *dlogits,
                          const float *logits, const int32_t *labels,
                          const int32_t *other_labels, const float *share,
                          const float *class_weight, const struct ic_cross_entropy *s)
{
    ic_loops_cross_entropy(s, ic_reference_values(loss), ic_reference_values(dlogits),
                           ic_reference_values(logits), labels, other_labels,
                           ic_reference_values(share),
                           ic_reference_values(class_weight));
    ic_reference_finish(loss, (size_t)s->batch);
    ic_reference_finish(dlogits, ic_reference_elements(s->batch, s->classes, 1, 1));
}

/* --- optimisers ------------------------------------------------------------------- */

static void adam_step(struct ic_device *device, float *parameters, float *mean,
                      float *square, const float *grads,
                      const struct ic_update_span *spans, size_t span_count,
                      const struct ic_adam *adam)
{
    for (const struct ic_update_span *span = spans; span < spans + span_count; span++) {
        ic_loops_adam_step(span, adam, ic_reference_values(parameters),
                           ic_reference_values(mean), ic_reference_values(square),
                           ic_reference_values(grads));
        ic_reference_finish(parameters + span->offset, span->count);
        ic_reference_finish(mean + span->offset, span->count);
        ic_reference_finish(square + span->offset, span->count);
    }
}

static void sgd_step(struct ic_device *device, float *parameters, float *velocity,
                     const float *grads, const struct ic_update_span *spans,
                     size_t span_count, const struct ic_sgd *sgd)
{
    for (const struct ic_update_span *span = spans; span < spans + span_count; span++) {
        ic_loops_sgd_step(span, sgd, ic_reference_values(parameters),
                          ic_reference_values(velocity), ic_reference_values(grads));
        ic_reference_finish(parameters + span->offset, span->count);
        ic_reference_finish(velocity + span->offset, span->count);
    }
}

/* --- the table -------------------------------------------------------------------- */

const struct ic_backend ic_reference_backend = {
    .name = "reference",

    .open = ic_reference_open,
    .close = ic_reference_close,
    .describe = ic_reference_describe,
    .arithmetic = ic_reference_describe,

    .host_memory = true,
    .download_rounds = true,
    .memory_limit = ic_reference_memory_limit,
    .alloc = ic_reference_alloc,
    .release = ic_reference_release,
    .upload = ic_reference_upload,
    .download = ic_reference_download,
    .sync = ic_reference_sync,
    .watch = ic_reference_watch,

    .fill = fill,
    .normalize = normalize,
    .normalize_mixed = normalize_mixed,
    .sum_squares = sum_squares,
    .add = add,
    .average = average,

    .conv2d_has = ic_reference_conv2d_has,
    .conv2d_lacks = "",
    .conv2d_algorithm = ic_reference_conv2d_algorithm,
    .conv2d_workspace = ic_reference_conv2d_workspace,
    .conv2d_forward = ic_reference_conv2d_forward,
    .conv2d_backward_input = ic_reference_conv2d_backward_input,
    .conv2d_backward_weight = ic_reference_conv2d_backward_weight,

    .conv2d_folded_bytes = ic_reference_conv2d_folded_bytes,
    .conv2d_folded_workspace = ic_reference_conv2d_folded_workspace,
    .conv2d_fold = ic_reference_conv2d_fold,
    .conv2d_forward_folded = ic_reference_conv2d_forward_folded,

    .batchnorm_workspace = ic_reference_batchnorm_workspace,
    .batchnorm_forward_train = ic_reference_batchnorm_forward_train,
    .batchnorm_move = ic_reference_batchnorm_move,
    .batchnorm_recompute = ic_reference_batchnorm_recompute,
    .batchnorm_forward_eval = ic_reference_batchnorm_forward_eval,
    .batchnorm_backward = ic_reference_batchnorm_backward,

    .maxpool_forward = maxpool_forward,
    .maxpool_backward = maxpool_backward,
    .avgpool_forward = avgpool_forward,
    .avgpool_backward = avgpool_backward,

    .concatpool_forward = concatpool_forward,
    .concatpool_backward = concatpool_backward,

    .relu_forward = relu_forward,
    .relu_backward = relu_backward,
    .dropout = dropout,

    .linear_workspace = linear_workspace,
    .linear_forward = linear_forward,
    .linear_backward_input = linear_backward_input,
    .linear_backward_weight = linear_backward_weight,
    .cross_entropy = cross_entropy,

    .adam_step = adam_step,
    .sgd_step = sgd_step,
};
