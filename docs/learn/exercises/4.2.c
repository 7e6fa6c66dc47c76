/* SPDX-License-Identifier: MIT */
/*
 * Exercise 4.2: the taps of a phase, in one direction.
 *
 * The forward pass lets output o read input pixel o * stride + k - pad through tap k,
 * 0 <= k < kernel. The phase `remainder` has the input pixels
 * remainder, remainder + stride, remainder + 2 * stride, ... below `size`. Set p.pixels
 * and so on, and return p:
 *
 *   pixels  how many there are
 *   taps    how many taps reach them; it may be 0, and then `last` and `start` are 0
 *   last    the highest of these taps
 *   start   the output that the phase's first pixel meets through `last`; it may be
 *           negative: with kernel 3, stride 1 and pad 1 it is -1
 */
struct phase {
    int pixels, taps, last, start;
};

static struct phase phase_of(int size, int kernel, int stride, int pad, int remainder)
{
    struct phase p = {0, 0, 0, 0};

    /* Yours. Which taps k have (remainder + pad - k) divisible by the stride? */
    return p;
}
