/* SPDX-License-Identifier: MIT */
/*
 * Exercise 1.2: the convolution itself.
 *
 *   y[n][oy][ox][o] = sum over ky, kx, i of
 *       x[n][oy * stride + ky - pad][ox * stride + kx - pad][i] * w[o][ky][kx][i]
 *
 * where pixels outside of x are zero. All arrays are rows of numbers, the last index
 * the fastest: x is batch x height x width x in (NHWC), w is out x kernel x kernel x in
 * (OHWI), y is batch x out_height x out_width x out.
 */
struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void convolve(float *y, const float *x, const float *w, const struct shape *s)
{
    for (int n = 0; n < s->batch; n++)
        for (int oy = 0; oy < s->out_height; oy++)
            for (int ox = 0; ox < s->out_width; ox++)
                for (int o = 0; o < s->out; o++) {
                    float sum = 0;

                    for (int ky = 0; ky < s->kernel; ky++)
                        for (int kx = 0; kx < s->kernel; kx++) {
                            /* The mistake: the kernel is turned round. That is what
                             * mathematicians call a convolution; every framework
                             * computes the correlation. Symmetric kernels do not show
                             * it. */
                            const int iy = oy * s->stride + s->kernel - 1 - ky - s->pad;
                            const int ix = ox * s->stride + s->kernel - 1 - kx - s->pad;

                            if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width)
                                continue;
                            for (int i = 0; i < s->in; i++)
                                sum +=
                                    x[((n * s->height + iy) * s->width + ix) * s->in +
                                      i] *
                                    w[((o * s->kernel + ky) * s->kernel + kx) * s->in +
                                      i];
                        }
                    y[((n * s->out_height + oy) * s->out_width + ox) * s->out + o] =
                        sum;
                }
}
