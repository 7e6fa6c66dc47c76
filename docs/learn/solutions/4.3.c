/* SPDX-License-Identifier: MIT */
/*
 * Exercise 4.3: the data gradient, by gathering: for each input pixel the sum of all
 * that reaches it,
 *
 *   dx[n][iy][ix][i] = sum over o, ky, kx of dy[n][oy][ox][o] * w[o][ky][kx][i]
 *       with oy * stride + ky - pad = iy and ox * stride + kx - pad = ix.
 *
 * Write each element of dx once. Visit only the taps of the pixel's phase, every
 * stride-th of the kernel, and only outputs that exist.
 */
struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void data_gradient(float *dx, const float *dy, const float *w,
                          const struct shape *s)
{
    for (int n = 0; n < s->batch; n++)
        for (int iy = 0; iy < s->height; iy++)
            for (int ix = 0; ix < s->width; ix++)
                for (int i = 0; i < s->in; i++) {
                    float sum = 0;

                    for (int ky = (iy + s->pad) % s->stride; ky < s->kernel;
                         ky += s->stride)
                        for (int kx = (ix + s->pad) % s->stride; kx < s->kernel;
                             kx += s->stride) {
                            const int down = iy + s->pad - ky,
                                      across = ix + s->pad - kx;
                            const int oy = down / s->stride, ox = across / s->stride;

                            if (down < 0 || oy >= s->out_height || across < 0 ||
                                ox >= s->out_width)
                                continue;
                            for (int o = 0; o < s->out; o++)
                                sum +=
                                    dy[((n * s->out_height + oy) * s->out_width + ox) *
                                           s->out +
                                       o] *
                                    w[((o * s->kernel + ky) * s->kernel + kx) * s->in +
                                      i];
                        }
                    dx[((n * s->height + iy) * s->width + ix) * s->in + i] = sum;
                }
}
