/* SPDX-License-Identifier: MIT */
/*
 * Exercise 2.1: a row of a window, as one copy.
 *
 * `line` is a row of a picture: `width` pixels of `channels` floats each, side by side.
 * The window's row has `columns` pixels, from pixel `x` of the line on. x may be
 * negative, and the row may reach beyond the end of the line, or lie outside of it
 * wholly. Write the columns * channels floats of the row to `out`, zeros for the pixels
 * outside. Use memset and memcpy, once each side and once for the middle, and no loop
 * over pixels.
 */
#include <string.h>

static void gather_row(float *out, const float *line, int width, int channels, int x,
                       int columns)
{
    int first = x < 0 ? -x : 0;
    int end = width - x < columns ? width - x : columns;

    if (first > columns)
        first = columns;
    if (end < first)
        end = first;
    /* The mistake: columns are counted in pixels, but memory in floats. It is right
     * with one channel, where most people try it. */
    memset(out, 0, sizeof *out * (size_t)first);
    if (end > first)
        memcpy(out + first, line + x + first, sizeof *out * (size_t)(end - first));
    memset(out + end, 0, sizeof *out * (size_t)(columns - end));
}
