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
    for (int panel = 0; panel * PANEL < out; panel++)
        for (int k = 0; k < length; k++)
            for (int j = 0; j < PANEL; j++) {
                const int row = panel * PANEL + j;

                /* The mistake: the rows that do not exist are left as they were. Their
                 * sums are thrown away; but a NaN that lies there by chance slows many
                 * processors down, and the results differ from run to run in whatever
                 * reads them. */
                if (row < out)
                    panels[(panel * length + k) * PANEL + j] = w[row * length + k];
            }
}
