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
    /* Yours. The lowest tap of row iy is (iy + pad) % stride. */
}
