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
    /* Yours: the seven loops of exercise 1.2, in another order. */
}
