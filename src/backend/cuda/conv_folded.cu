/*
 * Convolution with the batch norm behind it folded in (Jacob et al., "Quantization and
 * training of neural networks for efficient integer-arithmetic-only inference", CVPR
 * 2018, section 3.2): the norm's scale of a channel goes into its weights, what it adds
 * into a bias. `folded` holds the bias of all channels, then the weights.
 */
#include <math.h>

#include "backend/cuda/cuda.h"
#include "backend/cuda/windows.h"

/* --- folding ---------------------------------------------------------------------- */

struct fold {
    float *bias, *scaled;
    const float *weight;
    struct ic_running_norm norm;
    size_t length; /* of a channel's weights */
};

IC_EVERYWHERE double scale_of(const struct fold *f, size_t channel)
{
    const double variance = (double)f->norm.var[channel] + f->norm.epsilon;

    return f->norm.weight[channel] / sqrt(variance);
}

/* A thread is a channel. */
IC_EVERYWHERE void fold_bias(const struct fold *f, size_t c)
{
    f->bias[c] = (float)(f->norm.bias[c] - f->norm.mean[c] * scale_of(f, c));
}

IC_KERNEL(fold_bias, struct fold)

/* A thread is a weight. */
IC_EVERYWHERE void fold_weight(const struct fold *f, size_t i)
{
    f->scaled[i] = f->weight[i] * (float)scale_of(f, i / f->length);
}

IC_KERNEL(fold_weight, struct fold)

size_t ic_cuda_conv2d_folded_bytes(struct ic_device *device, const struct ic_conv *conv)
{
    (void)device;
    return (size_t)conv->out_channels * (1 + ic_cuda_windows_length(conv)) *
           sizeof(float);
}

size_t ic_cuda_conv2d_folded_workspace(struct ic_device *device,
                                       const struct ic_conv *conv)
{
    return ic_cuda_conv2d_workspace(device, conv, false);
}

void ic_cuda_conv2d_fold(struct ic_device *device, void *folded, const float *weight,
                         const struct ic_running_norm *norm, const struct ic_conv *conv)
{
    const size_t channels = (size_t)conv->out_channels;
    const struct fold f = {.bias = (float *)folded,
                           .scaled = (float *)folded + channels,
                           .weight = weight,
                           .norm = *norm,
                           .length = ic_cuda_windows_length(conv)};

    fold_bias_each(device, channels, &f);
    fold_weight_each(device, channels * f.length, &f);
}

/* --- the forward pass ------------------------------------------------------------- */

struct epilogue {
    float *y;
    const float *bias, *residual; /* residual may be NULL */
    size_t channels;
    bool relu;
};

/* A thread is an element. */
IC_EVERYWHERE void finish_element(const struct epilogue *e, size_t i)
{
    float v = e->y[i] + e->bias[i % e->channels];

    if (e->residual != NULL)
        v += e->residual[i];
    e->y[i] = e->relu ? ic_cuda_rectify(v) : v;
}

IC_KERNEL(finish_element, struct epilogue)

void ic_cuda_conv2d_forward_folded(struct ic_device *device, float *y, const float *x,
                                   const float *residual, const void *folded,
                                   void *workspace, const struct ic_conv *conv,
                                   bool relu)
{
    const size_t channels = (size_t)conv->out_channels;
    const float *const bias = (const float *)folded;
    const struct epilogue e = {y, bias, residual, channels, relu};

    ic_cuda_conv2d_forward(device, y, x, bias + channels, workspace, conv);
    finish_element_each(
        device, (size_t)conv->batch * ic_cuda_windows_points(conv) * channels, &e);
}
