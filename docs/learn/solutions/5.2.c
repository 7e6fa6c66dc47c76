/* SPDX-License-Identifier: MIT */
/*
 * Exercise 5.2: which windows cover a pixel.
 *
 * Window o covers the pixels o * stride - pad .. o * stride - pad + kernel - 1; there
 * are windows 0 .. outputs - 1. Those that cover pixel i are first .. end - 1. Compute
 * both, with no loop. Where no window covers i, end must not be larger than first.
 */
struct range {
    int first, end;
};

static struct range windows_over(int i, int outputs, int kernel, int stride, int pad)
{
    struct range r = {0, 0};

    const int after =
        i + pad - kernel; /* a window that begins here ends just before i */
    const int last = (i + pad) / stride;

    r.first = after < 0 ? 0 : after / stride + 1;
    r.end = last < outputs ? last + 1 : outputs;
    return r;
}
