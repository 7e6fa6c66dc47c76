/* SPDX-License-Identifier: MIT */
/*
 * Exercise 3.1: the weight gradient.
 *
 *   dw[o][ky][kx][i] = sum over n, oy, ox of
 *       dy[n][oy][ox][o] * x[n][oy * stride + ky - pad][ox * stride + kx - pad][i]
 *
 * where pixels outside of x are zero. The arrays lie as in exercise 1.2. dw need not be
 * zero before.
 */
struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void weight_gradient(float *dw, const float *dy, const float *x,
                            const struct shape *s)
{
    for (int o = 0; o < s->out; o++)
        for (int ky = 0; ky < s->kernel; ky++)
            for (int kx = 0; kx < s->kernel; kx++)
                for (int i = 0; i < s->in; i++) {
                    float sum = 0;

                    for (int n = 0; n < s->batch; n++)
                        for (int oy = 0; oy < s->out_height; oy++)
                            for (int ox = 0; ox < s->out_width; ox++) {
                                const int iy = oy * s->stride + ky - s->pad;
                                const int ix = ox * s->stride + kx - s->pad;

                                if (iy < 0 || iy >= s->height || ix < 0 ||
                                    ix >= s->width)
                                    continue;
                                sum +=
                                    dy[((n * s->out_height + oy) * s->out_width + ox) *
                                           s->out +
                                       o] *
                                    x[((n * s->height + iy) * s->width + ix) * s->in +
                                      i];
                            }
                    dw[((o * s->kernel + ky) * s->kernel + kx) * s->in + i] = sum;
                }
}
