/* SPDX-License-Identifier: MIT */
/*
 * Exercise 5.1: max pooling in one direction, forward.
 *
 * Window o begins at pixel o * stride - pad and has `kernel` pixels; those outside of x
 * do not take part. y[o] is the largest value of the window, and place[o] the cell of
 * the window (0 .. kernel - 1) that has it: the first, where several are equal. Each
 * window has a pixel. (Minus infinity is -INFINITY in C, with math.h included.)
 */
static void pool(float *y, int *place, const float *x, int size, int outputs,
                 int kernel, int stride, int pad)
{
    /* Yours. With which value does the search begin? */
}
