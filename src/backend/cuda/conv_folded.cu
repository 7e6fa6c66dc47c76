/* SPDX-License-Identifier: MIT */
/*
 * Convolution with the batch norm after it folded in (Jacob et al., "Quantization and
 * training of neural networks for efficient integer-arithmetic-only inference", CVPR
 * 2018, section 3.2): the norm's scale of a channel goes into its weights, its shift
 * into a bias. `folded` holds the bias of all channels, then the weights as operands.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cuda/conv.h"

/* --- folding ---------------------------------------------------------------------- */

struct fold {
    float *bias;
    void *scaled;
    const float *weight;
    struct ic_running_norm norm;
    size_t length;     /* of a channel's weights */
    enum ic_type type; /* of `scaled` */
};

IC_EVERYWHERE double scale_of(const struct fold *f, size_t channel)
{
    const double variance = (double)f->norm.var[channel] + f->norm.epsilon;

    return f->norm.weight[channel] / sqrt(variance);
}

/* One thread per channel. */
IC_EVERYWHERE void fold_bias(const struct fold *f, size_t c)
{
    f->bias[c] = (float)(f->norm.bias[c] - f->norm.mean[c] * scale_of(f, c));
}

IC_KERNEL(fold_bias, struct fold)

/* One thread per weight. */
IC_EVERYWHERE void fold_weight(const struct fold *f, size_t i)
{
    ic_store(f->scaled, i, f->weight[i] * (float)scale_of(f, i / f->length), f->type);
}

IC_KERNEL(fold_weight, struct fold)

static size_t bias_bytes(const struct ic_conv *conv)
{
    return (size_t)conv->out_channels * sizeof(float);
}

size_t ic_cuda_conv2d_folded_bytes(struct ic_device *device, const struct ic_conv *conv)
{
    (void)device;
    return ic_cuda_with(bias_bytes(conv),
                        ic_cuda_conv2d_weights(conv) * ic_type_bytes(conv->type));
}

size_t ic_cuda_conv2d_folded_workspace(struct ic_device *device,
                                       const struct ic_conv *conv)
{
    return ic_cuda_conv2d_packed_workspace(device, conv);
}

void ic_cuda_conv2d_fold(struct ic_device *device, void *folded, const float *weight,
                         const struct ic_running_norm *norm, const struct ic_conv *conv)
{
    const size_t channels = (size_t)conv->out_channels;
    const size_t weights = ic_cuda_conv2d_weights(conv);
    const struct fold f = {.bias = (float *)folded,
                           .scaled = ic_cuda_behind(folded, bias_bytes(conv)),
                           .weight = weight,
                           .norm = *norm,
                           .length = weights / channels,
                           .type = conv->type};

    fold_bias_each(device, channels, &f);
    fold_weight_each(device, weights, &f);
}

/* --- the forward pass ------------------------------------------------------------- */

struct epilogue {
    void *y;
    const float *bias;
    const void *residual; /* may be NULL */
    size_t channels;
    enum ic_type type; /* of y and residual */
    bool relu;
};

/* One thread per element; in bf16 the product and the result are rounded. */
IC_EVERYWHERE void finish_element(const struct epilogue *e, size_t i)
{
    float v = ic_load(e->y, i, e->type) + e->bias[i % e->channels];

    if (e->residual != NULL)
        v += ic_load(e->residual, i, e->type);
    ic_store(e->y, i, e->relu ? ic_cuda_rectify(v) : v, e->type);
}

IC_KERNEL(finish_element, struct epilogue)

void ic_cuda_conv2d_forward_folded(struct ic_device *device, void *y, const void *x,
                                   const void *residual, const void *folded,
                                   void *workspace, const struct ic_conv *conv,
                                   bool relu)
{
    const size_t channels = (size_t)conv->out_channels;
    const struct epilogue e = {
        y, (const float *)folded, residual, channels, conv->type, relu};
    const void *const weight = (const char *)folded + ic_cuda_align(bias_bytes(conv));

    ic_cuda_conv2d_forward_packed(device, y, x, weight, workspace, conv);
    finish_element_each(device,
                        (size_t)conv->batch * (size_t)conv->out_height *
                            (size_t)conv->out_width * channels,
                        &e);
}
