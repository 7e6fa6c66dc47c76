/* SPDX-License-Identifier: MIT */
/*
 * Convolution by im2col. With X the matrix of windows (windows.h), one row per output
 * pixel, and W the weights, one row per output channel:
 *
 *   forward          y = X W^T
 *   data gradient    dX = dy W, and dx sums the places where X has a pixel
 *   weight gradient  dW = dy^T X
 *
 * The pictures are taken in groups whose matrix fits the workspace: large enough for a
 * product that keeps the GPU busy, and not k^2 times the activations. X has the type of
 * x; dX is fp32, so that dx is rounded once.
 */
#include "backend/bf16.h"
#include "backend/cuda/conv.h"
#include "backend/cuda/windows.h"

/* Elements of a group's matrix, unless one picture has more. The tests, whose pictures
 * are small, set a smaller number to get several groups. */
#ifndef IC_CUDA_MATRIX_FLOATS
#define IC_CUDA_MATRIX_FLOATS ((size_t)1 << 26)
#endif

/* Pictures of a group, at least one and at most the batch. */
static size_t group_of(const struct ic_conv *conv)
{
    const size_t picture = ic_cuda_windows_points(conv) * ic_cuda_windows_length(conv);
    const size_t fit = IC_CUDA_MATRIX_FLOATS / picture;

    return fit < 1 ? 1 : ic_min(fit, (size_t)conv->batch);
}

/* Bytes of a group's matrix; 0 where the picture itself is the matrix. */
size_t ic_cuda_im2col_workspace(struct ic_device *device, const struct ic_conv *conv,
                                enum ic_cuda_pass pass)
{
    const size_t element =
        pass == IC_CUDA_BACKWARD_INPUT ? sizeof(float) : ic_type_bytes(conv->type);

    (void)device;
    if (ic_cuda_windows_plain(conv))
        return 0;
    return group_of(conv) * ic_cuda_windows_points(conv) *
           ic_cuda_windows_length(conv) * element;
}

/* A group of pictures at its place in the arrays. */
struct group {
    size_t pictures;
    size_t x, y; /* where its pictures begin */
    size_t rows; /* its windows */
};

static struct group group_at(const struct ic_conv *conv, size_t first)
{
    const size_t points = ic_cuda_windows_points(conv);
    const size_t pixels = (size_t)conv->in_height * (size_t)conv->in_width;
    struct group g;

    g.pictures = ic_min(group_of(conv), (size_t)conv->batch - first);
    g.x = first * pixels * (size_t)conv->in_channels;
    g.y = first * points * (size_t)conv->out_channels;
    g.rows = g.pictures * points;
    return g;
}

/* The group's windows of x, gathered where x itself is not that matrix. */
static const void *windows_of(struct ic_device *device, const struct group *g,
                              const void *x, void *workspace,
                              const struct ic_conv *conv)
{
    const void *const pictures = ic_const_element(x, g->x, conv->type);

    if (ic_cuda_windows_plain(conv))
        return pictures;
    ic_cuda_windows_gather(device, workspace, pictures, conv, g->pictures);
    return workspace;
}

void ic_cuda_im2col_forward(struct ic_device *device, void *y, const void *x,
                            const void *weight, void *workspace,
                            const struct ic_conv *conv)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const struct ic_cuda_product p = {g.rows,     outs,       length,
                                          conv->type, conv->type, false};

        ic_cuda_gemm(
            device, ic_element(y, g.y, conv->type), outs,
            ic_cuda_matrix(windows_of(device, &g, x, workspace, conv), length, false),
            ic_cuda_matrix(weight, length, true), &p);
    }
}

void ic_cuda_im2col_backward_input(struct ic_device *device, void *dx, const void *dy,
                                   const void *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;
    const bool plain = ic_cuda_windows_plain(conv);

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const struct ic_cuda_product p = {g.rows,
                                          length,
                                          outs,
                                          conv->type,
                                          plain ? conv->type : IC_TYPE_FP32,
                                          plain && accumulate};
        void *const pictures = ic_element(dx, g.x, conv->type);

        ic_cuda_gemm(device, plain ? pictures : workspace, length,
                     ic_cuda_matrix(ic_const_element(dy, g.y, conv->type), outs, false),
                     ic_cuda_matrix(weight, length, false), &p);
        if (!plain)
            ic_cuda_windows_sum(device, pictures, (const float *)workspace, conv,
                                g.pictures, accumulate);
    }
}

void ic_cuda_im2col_backward_weight(struct ic_device *device, float *dweight,
                                    const void *dy, const void *x, void *workspace,
                                    const struct ic_conv *conv)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const struct ic_cuda_product p = {outs,       length,       g.rows,
                                          conv->type, IC_TYPE_FP32, n > 0};

        ic_cuda_gemm(
            device, dweight, length,
            ic_cuda_matrix(ic_const_element(dy, g.y, conv->type), outs, true),
            ic_cuda_matrix(windows_of(device, &g, x, workspace, conv), length, false),
            &p);
    }
}
