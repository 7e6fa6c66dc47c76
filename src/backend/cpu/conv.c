/* SPDX-License-Identifier: MIT */
/*
 * Convolution: chooses the algorithm, by a rule on the shape, and calls it. A new
 * algorithm is one file, one line in the table below, and its part of the rule.
 */
#include "backend/cpu/conv.h"

#include "backend/cpu/winograd.h"

static const struct ic_cpu_conv *const algorithms[IC_CONV_ALGORITHMS] = {
    [IC_CONV_IM2COL] = &ic_cpu_im2col,
    [IC_CONV_DIRECT] = &ic_cpu_direct,
    [IC_CONV_WINOGRAD] = &ic_cpu_winograd,
    [IC_CONV_AMX] = &ic_cpu_amx,
};

bool ic_cpu_conv2d_has(enum ic_conv_algorithm algorithm)
{
    return algorithm == IC_CONV_AUTO || algorithms[algorithm] != NULL;
}

/* The rule behind `auto`: whether Winograd is quicker than direct convolution, with
 * weights that are packed beforehand or not. A part of each tile that hangs over the
 * edge is computed in vain: at 7 x 7 pixels a quarter of all, at 2 x 2 three quarters.
 * With few tiles the transform of the weights takes longer than the products; with few
 * channels the transform of the pictures does. */
static bool winograd_pays(const struct ic_conv *conv, bool packed)
{
    enum { LEAST_TILES = 32, LEAST_TILES_PACKED = 16, LEAST_CHANNELS = 32 };
    const struct ic_correlation c = ic_correlation_forward(conv, NULL, NULL);
    const struct ic_winograd_tiles tiles = ic_winograd_tiles(&c);
    const size_t pixels = ic_correlation_points(&c);
    const size_t least = packed ? LEAST_TILES_PACKED : LEAST_TILES;

    return ic_winograd_applies(conv) && tiles.count >= least &&
           conv->in_channels >= LEAST_CHANNELS &&
           conv->out_channels >= LEAST_CHANNELS &&
           2 * pixels >= tiles.count * IC_WINOGRAD_TILE * IC_WINOGRAD_TILE;
}

enum ic_conv_algorithm ic_cpu_conv2d_algorithm(const struct ic_conv *conv, bool folded)
{
    switch (conv->algorithm) {
    case IC_CONV_AUTO: /* tiles multiply 16 times as fast as vectors of fp32 */
        if (conv->type == IC_TYPE_BF16 && ic_amx_processor() != NULL)
            return IC_CONV_AMX;
        return winograd_pays(conv, folded) ? IC_CONV_WINOGRAD : IC_CONV_DIRECT;
    case IC_CONV_AMX:
        return conv->type == IC_TYPE_BF16 ? IC_CONV_AMX : IC_CONV_DIRECT;
    case IC_CONV_WINOGRAD:
        return ic_winograd_applies(conv) ? IC_CONV_WINOGRAD : IC_CONV_DIRECT;
    default:
        return conv->algorithm;
    }
}

const struct ic_cpu_conv *ic_cpu_conv_of(const struct ic_conv *conv)
{
    return algorithms[ic_cpu_conv2d_algorithm(conv, false)];
}

/* The work is cut into even parts, so a smaller batch may have larger parts, and it may
 * take another algorithm. The last batch of an evaluation is smaller than the planned
 * one. Trying every batch is cheap beside the rest of a plan: 1.3 s for the 17 plans of
 * a bisection from a batch of 65536 (plan_check.c). */
size_t ic_cpu_conv2d_workspace(struct ic_device *device, const struct ic_conv *conv,
                               bool training)
{
    struct ic_conv smaller = *conv;
    size_t most = 0;

    for (smaller.batch = 1; smaller.batch <= conv->batch; smaller.batch++) {
        const size_t bytes =
            ic_cpu_conv_of(&smaller)->workspace(device, &smaller, training);

        most = bytes > most ? bytes : most;
    }
    return most;
}

void ic_cpu_conv2d_forward(struct ic_device *device, void *y, const void *x,
                           const float *weight, void *workspace,
                           const struct ic_conv *conv)
{
    ic_cpu_conv_of(conv)->forward(device, y, x, weight, workspace, conv);
}

void ic_cpu_conv2d_backward_input(struct ic_device *device, void *dx, const void *dy,
                                  const float *weight, void *workspace,
                                  const struct ic_conv *conv, bool accumulate)
{
    ic_cpu_conv_of(conv)->backward_input(device, dx, dy, weight, workspace, conv,
                                         accumulate);
}

void ic_cpu_conv2d_backward_weight(struct ic_device *device, float *dweight,
                                   const void *dy, const void *x, void *workspace,
                                   const struct ic_conv *conv)
{
    ic_cpu_conv_of(conv)->backward_weight(device, dweight, dy, x, workspace, conv);
}
