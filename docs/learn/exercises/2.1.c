/* SPDX-License-Identifier: MIT */
/*
 * Exercise 2.1: a row of a window, as one copy.
 *
 * `line` is a row of a picture: `width` pixels of `channels` floats each, side by side.
 * The window's row has `columns` pixels, from pixel `x` of the line on. x may be
 * negative, and the row may reach beyond the end of the line, or lie entirely outside.
 * Write the columns * channels floats of the row to `out`, zeros for the pixels outside.
 * Use one memset on each side and one memcpy between them, and no loop over pixels.
 * Both count bytes, 4 per float: memset(to, 0, bytes), memcpy(to, from, bytes).
 */
#include <string.h>

static void gather_row(float *out, const float *line, int width, int channels, int x,
                       int columns)
{
    /* Yours: find the columns first .. end - 1 of the window that are inside of the
     * line. */
}
