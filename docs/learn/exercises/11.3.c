/* SPDX-License-Identifier: MIT */
/*
 * Exercise 11.3: weights as panels.
 *
 * w has `out` rows of `length` numbers. Write panels of PANEL rows each: number k of
 * row panel * PANEL + j goes to
 *
 *   panels[(panel * length + k) * PANEL + j]
 *
 * so that the inner loop reads a panel from its beginning to its end. The last panel is
 * filled up with zeros. There are ceil(out / PANEL) panels.
 */
enum { PANEL = 8 };

static void pack(float *panels, const float *w, int out, int length)
{
    /* Yours. */
}
