/*
 * Convolution by im2col, for its two files: im2col.c (forward and data gradient) and
 * im2col_weight.c (weight gradient).
 */
#ifndef IC_BACKEND_CPU_IM2COL_H
#define IC_BACKEND_CPU_IM2COL_H

#include "backend/cpu/conv.h"
#include "backend/cpu/windows.h"
#include "base/size.h"

/* Parts of a workspace begin at multiples of this many floats. */
enum { IC_IM2COL_ALIGN = 64 };

/* `count` floats, rounded up so that the next part is aligned too. */
static inline size_t ic_im2col_part(size_t count)
{
    return ic_size_align(count, IC_IM2COL_ALIGN);
}

/* The windows of x that the forward pass multiplies by the weights. */
static inline struct ic_windows ic_im2col_windows(const struct ic_conv *conv,
                                                  const float *x)
{
    return (struct ic_windows){.source = x,
                               .height = conv->in_height,
                               .width = conv->in_width,
                               .channels = conv->in_channels,
                               .grid_height = conv->out_height,
                               .grid_width = conv->out_width,
                               .step = conv->stride,
                               .top = -conv->pad,
                               .left = -conv->pad,
                               .rows = conv->kernel,
                               .columns = conv->kernel};
}

/* The weight gradient and its workspace in floats. */
size_t ic_im2col_weight_workspace(const struct ic_device *device,
                                  const struct ic_conv *conv);
void ic_im2col_backward_weight(struct ic_device *device, float *dweight,
                               const float *dy, const float *x, void *workspace,
                               const struct ic_conv *conv, bool accumulate);

#endif
