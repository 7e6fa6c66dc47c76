/* SPDX-License-Identifier: MIT */
/*
 * Convolution with the batch norm after it folded in (Jacob et al., "Quantization and
 * training of neural networks for efficient integer-arithmetic-only inference", CVPR
 * 2018, section 3.2). For an out channel
 *
 *   bn(conv(x)) = (conv(x) - mean) s + bias      s = weight / sqrt(var + epsilon)
 *               = conv'(x) + (bias - mean s)     conv' with the channel's taps times s
 *
 * `folded` holds the new bias of all channels, their s, and the taps as the algorithm
 * reads them. The bias, the residual and ReLU are the algorithm's epilogue.
 */
#include <math.h>

#include "backend/bf16.h"
#include "backend/cpu/conv.h"
#include "base/size.h"

static size_t row_bytes(const struct ic_conv *conv)
{
    return ic_size_align((size_t)conv->out_channels * sizeof(float), IC_ALIGNMENT);
}

size_t ic_cpu_conv2d_folded_bytes(struct ic_device *device, const struct ic_conv *conv)
{
    (void)device;
    return 2 * row_bytes(conv) + ic_cpu_conv_of(conv)->packed_bytes(conv);
}

/* As in conv.c, a smaller batch may need more. */
size_t ic_cpu_conv2d_folded_workspace(struct ic_device *device,
                                      const struct ic_conv *conv)
{
    const struct ic_cpu_conv *const algorithm = ic_cpu_conv_of(conv);
    struct ic_conv smaller = *conv;
    size_t most = 0;

    for (smaller.batch = 1; smaller.batch <= conv->batch; smaller.batch++) {
        const size_t bytes = algorithm->packed_workspace(device, &smaller);

        most = bytes > most ? bytes : most;
    }
    return most;
}

void ic_cpu_conv2d_fold(struct ic_device *device, void *folded, const float *weight,
                        const struct ic_running_norm *norm, const struct ic_conv *conv)
{
    float *const bias = folded;
    float *const scale = (float *)((char *)folded + row_bytes(conv));
    float *const packed = (float *)((char *)folded + 2 * row_bytes(conv));

    for (size_t c = 0; c < (size_t)conv->out_channels; c++) {
        const double variance = (double)norm->var[c] + norm->epsilon;
        const double s = norm->weight[c] / sqrt(variance);

        scale[c] = (float)s;
        bias[c] = (float)(norm->bias[c] - norm->mean[c] * s);
    }
    ic_cpu_conv_of(conv)->pack_scaled(device, packed, weight, scale, conv);
}

void ic_cpu_conv2d_forward_folded(struct ic_device *device, void *y, const void *x,
                                  const void *residual, const void *folded,
                                  void *workspace, const struct ic_conv *conv,
                                  bool relu)
{
    const char *const memory = folded;
    const float *const packed = (const float *)(memory + 2 * row_bytes(conv));
    const struct ic_epilogue epilogue = {
        .bias = folded, .residual = residual, .relu = relu};

    ic_cpu_conv_of(conv)->forward_packed(device, y, x, packed, &epilogue, workspace,
                                         conv);
}
