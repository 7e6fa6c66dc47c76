/* SPDX-License-Identifier: MIT */
/*
 * Exercise 4.2: the taps of a phase, in one direction.
 *
 * The forward pass lets output o read input pixel o * stride + k - pad through tap k,
 * 0 <= k < kernel. The phase `remainder` has the input pixels remainder, remainder +
 * stride,
 * ... below `size`. Fill in:
 *
 *   pixels  how many there are
 *   taps    how many taps reach them; it may be 0, and then `last` and `start` are 0
 *   last    the highest of these taps
 *   start   the output that the phase's first pixel meets through `last`; it may be
 * negative
 */
struct phase {
    int pixels, taps, last, start;
};

static struct phase phase_of(int size, int kernel, int stride, int pad, int remainder)
{
    struct phase p = {0, 0, 0, 0};

    /* The mistake: the padding is forgotten where the lowest tap is chosen. Without
     * padding, or with a padding that the stride divides, it is right. */
    const int lowest = remainder % stride;

    p.pixels = (size - remainder + stride - 1) / stride;
    if (lowest >= kernel)
        return p;
    p.taps = (kernel - 1 - lowest) / stride + 1;
    p.last = lowest + (p.taps - 1) * stride;
    p.start = (remainder + pad - p.last) / stride;
    return p;
}
