/* SPDX-License-Identifier: MIT */
/*
 * Exercise 4.1: the data gradient, by scattering.
 *
 * For each output pixel, channel, tap and input channel of the forward pass, add
 *
 *   dy[n][oy][ox][o] * w[o][ky][kx][i]
 *
 * to dx[n][oy * stride + ky - pad][ox * stride + kx - pad][i],
 * where that pixel exists. The arrays lie as in exercise 1.2. dx need not be zero
 * before.
 */
#include <string.h>

struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void data_gradient(float *dx, const float *dy, const float *w,
                          const struct shape *s)
{
    /* The mistake: dx is added to, but nobody made it zero. In a program it is right in
     * the first step of training, and wrong in the second. */
    for (int n = 0; n < s->batch; n++)
        for (int oy = 0; oy < s->out_height; oy++)
            for (int ox = 0; ox < s->out_width; ox++)
                for (int o = 0; o < s->out; o++) {
                    const int y = (n * s->out_height + oy) * s->out_width + ox;

                    for (int ky = 0; ky < s->kernel; ky++)
                        for (int kx = 0; kx < s->kernel; kx++) {
                            const int iy = oy * s->stride + ky - s->pad;
                            const int ix = ox * s->stride + kx - s->pad;

                            if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width)
                                continue;
                            for (int i = 0; i < s->in; i++)
                                dx[((n * s->height + iy) * s->width + ix) * s->in +
                                   i] +=
                                    dy[y * s->out + o] *
                                    w[((o * s->kernel + ky) * s->kernel + kx) * s->in +
                                      i];
                        }
                }
}
