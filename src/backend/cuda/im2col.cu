/*
 * Convolution by im2col. With X the matrix of windows (windows.h), a row an output
 * pixel, and W the weights, a row an output channel:
 *
 *   forward          y = X W^T
 *   data gradient    dX = dy W, and dx sums the places where X has a pixel
 *   weight gradient  dW = dy^T X
 *
 * The pictures are taken in groups whose matrix fits the workspace: large enough for a
 * product that keeps the GPU busy, and not k^2 times the activations. The workspace
 * holds that matrix, and behind it the operands of the group's dy.
 */
#include "backend/cuda/conv.h"
#include "backend/cuda/operand.h"
#include "backend/cuda/windows.h"

/* Elements of a group's matrix, unless one picture has more. The tests, whose pictures
 * are small, make groups by a smaller one. */
#ifndef IC_CUDA_MATRIX_FLOATS
#define IC_CUDA_MATRIX_FLOATS ((size_t)1 << 26)
#endif

/* Pictures of a group, at least one and at most the batch. */
static size_t group_of(const struct ic_conv *conv)
{
    const size_t picture = ic_cuda_windows_points(conv) * ic_cuda_windows_length(conv);
    const size_t fit = IC_CUDA_MATRIX_FLOATS / picture;

    return fit < 1 ? 1 : ic_cuda_min(fit, (size_t)conv->batch);
}

/* Bytes of a group's matrix: of operands, or of floats where it is a product. It is
 * nothing where a picture is its own matrix and stays as it is. */
static size_t matrix_bytes(struct ic_device *device, const struct ic_conv *conv,
                           enum ic_cuda_pass pass)
{
    const bool product = pass == IC_CUDA_BACKWARD_INPUT;
    const size_t element = product ? sizeof(float) : ic_cuda_operand_bytes(device);

    if (ic_cuda_windows_plain(conv) && (product || !ic_cuda_operand_copies(device)))
        return 0;
    return group_of(conv) * ic_cuda_windows_points(conv) *
           ic_cuda_windows_length(conv) * element;
}

size_t ic_cuda_im2col_workspace(struct ic_device *device, const struct ic_conv *conv,
                                enum ic_cuda_pass pass)
{
    const size_t outputs =
        group_of(conv) * ic_cuda_windows_points(conv) * (size_t)conv->out_channels;

    return ic_cuda_with(
        matrix_bytes(device, conv, pass),
        pass == IC_CUDA_FORWARD ? 0 : ic_cuda_operand_room(device, outputs));
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

    g.pictures = ic_cuda_min(group_of(conv), (size_t)conv->batch - first);
    g.x = first * pixels * (size_t)conv->in_channels;
    g.y = first * points * (size_t)conv->out_channels;
    g.rows = g.pictures * points;
    return g;
}

/* The group's windows of x as operands, gathered where x itself is not that. */
static const void *windows_of(struct ic_device *device, const struct group *g,
                              const float *x, void *workspace,
                              const struct ic_conv *conv)
{
    if (matrix_bytes(device, conv, IC_CUDA_FORWARD) == 0)
        return x + g->x;
    ic_cuda_windows_gather(device, workspace, x + g->x, conv, g->pictures);
    return workspace;
}

/* The group's operands of dy, behind the matrix. */
static const void *gradient_of(struct ic_device *device, const struct group *g,
                               const float *dy, void *workspace,
                               const struct ic_conv *conv, enum ic_cuda_pass pass)
{
    void *const room = ic_cuda_behind(workspace, matrix_bytes(device, conv, pass));

    return ic_cuda_operand(device, room, dy + g->y,
                           g->rows * (size_t)conv->out_channels);
}

void ic_cuda_im2col_forward(struct ic_device *device, float *y, const float *x,
                            const void *weight, void *workspace,
                            const struct ic_conv *conv)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const void *const windows = windows_of(device, &g, x, workspace, conv);

        ic_cuda_gemm(device, y + g.y, outs, ic_cuda_matrix(windows, length, false),
                     ic_cuda_matrix(weight, length, true), g.rows, outs, length, false);
    }
}

void ic_cuda_im2col_backward_input(struct ic_device *device, float *dx, const float *dy,
                                   const void *weight, void *workspace,
                                   const struct ic_conv *conv, bool accumulate)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;
    const bool plain = ic_cuda_windows_plain(conv);

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const void *const gradient =
            gradient_of(device, &g, dy, workspace, conv, IC_CUDA_BACKWARD_INPUT);
        float *const windows = plain ? dx + g.x : (float *)workspace;

        ic_cuda_gemm(device, windows, length, ic_cuda_matrix(gradient, outs, false),
                     ic_cuda_matrix(weight, length, false), g.rows, length, outs,
                     plain && accumulate);
        if (!plain)
            ic_cuda_windows_sum(device, dx + g.x, windows, conv, g.pictures,
                                accumulate);
    }
}

void ic_cuda_im2col_backward_weight(struct ic_device *device, float *dweight,
                                    const float *dy, const float *x, void *workspace,
                                    const struct ic_conv *conv, bool accumulate)
{
    const size_t length = ic_cuda_windows_length(conv),
                 outs = (size_t)conv->out_channels;

    for (size_t n = 0; n < (size_t)conv->batch; n += group_of(conv)) {
        const struct group g = group_at(conv, n);
        const void *const windows = windows_of(device, &g, x, workspace, conv);
        const void *const gradient =
            gradient_of(device, &g, dy, workspace, conv, IC_CUDA_BACKWARD_WEIGHT);

        ic_cuda_gemm(device, dweight, length, ic_cuda_matrix(gradient, outs, true),
                     ic_cuda_matrix(windows, length, false), outs, length, g.rows,
                     accumulate || n > 0);
    }
}
