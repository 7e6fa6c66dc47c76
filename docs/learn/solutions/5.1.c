/* SPDX-License-Identifier: MIT */
/*
 * Exercise 5.1: max pooling in one direction, forward.
 *
 * Window o begins at pixel o * stride - pad and has `kernel` pixels; those outside of x
 * do not take part. y[o] is the largest value of the window, and place[o] the cell of
 * the window (0 .. kernel - 1) that has it: the first, where several are equal. Each
 * window has a pixel.
 */
static void pool(float *y, int *place, const float *x, int size, int outputs,
                 int kernel, int stride, int pad)
{
    for (int o = 0; o < outputs; o++) {
        int winner = -1;

        for (int cell = 0; cell < kernel; cell++) {
            const int i = o * stride - pad + cell;

            if (i >= 0 && i < size && (winner < 0 || x[i] > y[o])) {
                winner = cell;
                y[o] = x[i];
            }
        }
        place[o] = winner;
    }
}
