/* SPDX-License-Identifier: MIT */
/*
 * Exercise 1.2: the convolution itself.
 *
 *   y[n][oy][ox][o] = sum over ky, kx, i of
 *       x[n][oy * stride + ky - pad][ox * stride + kx - pad][i] * w[o][ky][kx][i]
 *
 * where pixels outside of x are zero. All arrays are rows of numbers, the last index
 * the fastest: x is batch x height x width x in (NHWC), w is out x kernel x kernel x in
 * (OHWI), y is batch x out_height x out_width x out. y need not be zero before.
 */
struct shape {
    int batch, height, width, in;   /* of x */
    int out_height, out_width, out; /* of y */
    int kernel, stride, pad;
};

static void convolve(float *y, const float *x, const float *w, const struct shape *s)
{
    /* Yours: seven loops. Write the place of an element as nested products:
     * x[((n * height + iy) * width + ix) * in + i]. */
}
